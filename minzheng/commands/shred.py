"""Destroy originals and sealed lists that are past the time they must be kept; a dry run unless --really."""

import datetime as dt

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.operations.shredding import past_their_time, shred


@click.command()
@home_option
@month_option("--before", required=True, help="The first month that is kept.")
@click.option("--really", is_flag=True, help="Do it; without, only say what would be destroyed.")
def command(home: Home, before: str, really: bool) -> None:
    """Shred received files and sealed lists of months before --before; pseudonymous rows and figures stay.

    Example: minzheng shred --before 2022-01
    """

    what = past_their_time(home, before, dt.datetime.now(SHANGHAI).strftime("%Y-%m"))
    if really:
        shred(home, what, before)
    match = (
        "shredded 已销毁" if really else "would shred (dry run; --really does it) 将销毁(试运行)"
    )
    click.echo(f"{match}: {len(what.originals)} files in the vault, {len(what.lists)} sealed lists")
