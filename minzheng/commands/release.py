"""Freeze the draft of a month as its next revision."""

import datetime as dt
from zoneinfo import ZoneInfo

import click

from minzheng.commands import home_option, month_option
from minzheng.duties.trail import witnessed
from minzheng.errors import WrongCall
from minzheng.home import Home


@click.command()
@home_option
@month_option(required=True)
@click.option("--approved-by", "approved_by", required=True, metavar="NAME", help="Who approves the release.")
@witnessed("release", "month", "approved_by")
def command(home: Home, month: str, approved_by: str) -> None:
    """Freeze the draft of a month; a release is never changed, corrections make the next revision.

    Example: minzheng release --month 2024-03 --approved-by 示例局长
    """
    from minzheng.publish.release import freeze

    if not approved_by.strip():
        raise WrongCall("--approved-by needs a name", "--approved-by 需填写批准人姓名")
    folder = freeze(home, month, approved_by.strip(), dt.datetime.now(ZoneInfo("Asia/Shanghai")))
    click.echo(f"released: {folder}")
