"""Write the observations as they stand now: suppressed, or unsuppressed for the bureau."""

from pathlib import Path

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.egress import refuse_content
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import write_synced
from minzheng.publish.release.draft import current_observations
from minzheng.warehouse.connection import open_warehouse


@click.command()
@home_option
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="The Parquet file to write.",
)
@click.option("--restricted", is_flag=True, help="Without suppression, for the bureau only.")
@click.option(
    "--profile",
    type=click.Choice(["prefecture", "public", "strict"]),
    default="prefecture",
    show_default=True,
    help="For whom: what is withheld and rounded.",
)
@month_option("--first", help="First month.")
@month_option("--last", help="Last month.")
@witnessed("look at unsuppressed observations", "path", "first", "last", when="restricted")
def command(
    home: Home, path: Path, restricted: bool, profile: str, first: str | None, last: str | None
) -> None:
    """Write all indicator values to a Parquet file.

    Example: minzheng observations --to figures.parquet --first 2024-01 --last 2024-06
    """
    import io

    with open_warehouse(home) as connection:
        frame = current_observations(
            home, connection, first, last, restricted=restricted, profile=profile
        )
    content = io.BytesIO()
    frame.write_parquet(content)
    refuse_content(content.getvalue(), path.name)
    write_synced(path, content.getvalue())
    click.echo(f"{frame.height} observations written to {path}")
