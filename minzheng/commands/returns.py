"""Make and open the lists that tell each township what to mend."""

from pathlib import Path

import click

from minzheng.commands import NEW_FILE, home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import check_key, keys_of, write_synced
from minzheng.intake.returns import export_lists, open_list, owner_name
from minzheng.warehouse.connection import open_warehouse


@click.group()
def command() -> None:
    """Make and open the lists that tell each township what to mend.

    Example: minzheng returns export --month 2024-03
    """


@command.command()
@month_option(required=True)
@home_option
@witnessed("seal return lists", "month")
def export(month: str, home: Home) -> None:
    """Seal one workbook per township with open items under restricted/MONTH/.

    Example: minzheng returns export --month 2024-03
    """

    keys = keys_of(home)
    check_key(home, keys)
    with open_warehouse(home) as connection:
        paths = export_lists(home, keys, connection, month)
    for code, path in paths.items():
        click.echo(f"{owner_name(code)}：{path}")
    if not paths:
        click.echo("no open items 没有待改正的内容")


@command.command(name="open")
@month_option(required=True)
@click.option("--township", required=True, help="The township's code, the county's for the bureau.")
@click.option("--to", required=True, type=NEW_FILE, help="The workbook to write.")
@home_option
@witnessed("open return list", "month", "township")
def open_(month: str, township: str, to: Path, home: Home) -> None:
    """Open a sealed return list for sending to its township; who opens it is written into the trail first.

    Example: minzheng returns open --month 2024-03 --township CODE --to list.xlsx
    """

    keys = keys_of(home)
    check_key(home, keys)
    write_synced(to, open_list(home, keys, month, township))
    click.echo(f"written 已写出：{to}")
