"""Show the month's calendar: extracts, checks, report, delivery, and who is late."""

import datetime as dt

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.delivery.schedule import milestones
from minzheng.months import month_zh


@click.command()
@home_option
@month_option(required=True)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of this day; else today.")
def command(home: Home, month: str, on: dt.datetime | None) -> None:
    """List what is due for a month from the first extract to the delivery, with what is late and whom to ask.

    Example: minzheng calendar --month 2024-03
    """
    today = (on or dt.datetime.now(SHANGHAI)).date()
    click.echo(f"{month_zh(month)}报送日历")
    for one in milestones(home, month):
        click.echo(one.line(today))
