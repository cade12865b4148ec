"""Freeze the draft of a month as its next revision."""

import datetime as dt
from zoneinfo import ZoneInfo

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.review import refuse_unapproved
from minzheng.errors import WrongCall
from minzheng.publish.release.writing import freeze
from quality.printed import unsigned


@click.command()
@home_option
@month_option(required=True)
@click.option(
    "--approved-by", "approved_by", required=True, metavar="NAME", help="Who approves the release."
)
@click.option(
    "--prepared-by", metavar="NAME", help="Who prepared it (填报人); kept in the manifest."
)
@click.option(
    "--reviewed-by", metavar="NAME", help="Who reviewed it (审核人); kept in the manifest."
)
@witnessed("release", "month", "approved_by", "prepared_by", "reviewed_by")
def command(
    home: Home,
    month: str,
    approved_by: str,
    prepared_by: str | None = None,
    reviewed_by: str | None = None,
) -> None:
    """Freeze the draft of a month; a release is never changed, corrections make the next revision.

    Rule X08 asks for three names before a month is issued; who is not named here signs on paper, and a line says so.

    Example: minzheng release --month 2024-03 --approved-by 示例局长
    """

    if not approved_by.strip():
        raise WrongCall("--approved-by needs a name", "--approved-by 需填写批准人姓名")
    signed = {"填报人": prepared_by, "审核人": reviewed_by, "负责人": approved_by}
    open_roles = unsigned(signed).filter("broken")["role"].to_list()
    others = {"prepared_by": prepared_by, "reviewed_by": reviewed_by}
    signatures = {name: who.strip() for name, who in others.items() if (who or "").strip()}
    proven = refuse_unapproved(home, month, approved_by)
    folder = freeze(
        home,
        month,
        approved_by.strip(),
        dt.datetime.now(ZoneInfo("Asia/Shanghai")),
        signatures=signatures,
    )
    click.echo(f"released: {folder}")
    if not proven:
        told = "没有登记批准人，报送前须 minzheng approvers add、submit、approve"
        click.echo(f"minzheng: approved by a typed name only\n民政:{told}", err=True)
    if open_roles:
        click.echo(f"民政:印发前请{'、'.join(open_roles)}签字(规则 X08)", err=True)
