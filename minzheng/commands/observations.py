"""Write the observations as they stand now, as one edition's readers may see them."""

import io
from pathlib import Path

import click

from minzheng.commands import ANY_PATH, edition_option, home_option, month_option
from minzheng.custody.egress import refuse_content
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import write_synced
from minzheng.publish.release.draft import current_observations
from minzheng.warehouse.connection import open_warehouse


@click.command()
@home_option
@click.option("--to", "path", type=ANY_PATH, required=True, help="The file, .parquet or .csv.")
@edition_option()
@click.option("--restricted", is_flag=True, hidden=True, help="The old name of --edition bureau.")
@month_option("--first", help="First month.")
@month_option("--last", help="Last month.")
@witnessed("write observations", "edition", "path", "first", "last")
def command(
    home: Home, path: Path, edition: str, restricted: bool, first: str | None, last: str | None
) -> None:
    """Write all indicator values to a Parquet or CSV file.

    The edition of the public is protected anew, against readers of every earlier one: that takes minutes.

    Example: minzheng observations --to figures.parquet --first 2024-01 --last 2024-06
    """

    with open_warehouse(home) as connection:
        frame = current_observations(
            home, connection, first, last, "bureau" if restricted else edition
        )
    content = io.BytesIO()
    if path.suffix.lower() == ".csv":
        content.write("\ufeff".encode())
        frame.write_csv(content)
    else:
        frame.write_parquet(content)
    refuse_content(content.getvalue(), path.name)
    write_synced(path, content.getvalue())
    click.echo(
        f"{frame.height} observations written to {path}\n指标数据{frame.height}行已写入 {path}"
    )
