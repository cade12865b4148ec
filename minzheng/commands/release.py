"""Freeze the draft of a month as its next revision."""

import datetime as dt
from zoneinfo import ZoneInfo

import click

from minzheng.commands import home_option, month_option
from minzheng.duties.trail import witnessed
from minzheng.errors import MinzhengError, WrongCall
from minzheng.home import Home


@click.command()
@home_option
@month_option(required=True)
@click.option("--approved-by", "approved_by", required=True, metavar="NAME", help="Who approves the release.")
@click.option("--prepared-by", metavar="NAME", help="Who prepared it (填报人); kept in the manifest.")
@click.option("--reviewed-by", metavar="NAME", help="Who reviewed it (审核人); kept in the manifest.")
@witnessed("release", "month", "approved_by", "prepared_by", "reviewed_by")
def command(
    home: Home, month: str, approved_by: str, prepared_by: str | None = None, reviewed_by: str | None = None
) -> None:
    """Freeze every edition of a month's draft; a release is never changed, corrections make the next revision.

    The public edition is made first. Where it cannot be, the others are released all the same, and a line says so; once it
    can, releasing the month again adds it.

    Rule X08 asks for three names before a month is issued; who is not named here signs on paper, and a line says so.

    Example: minzheng release --month 2024-03 --approved-by 示例局长
    """
    from minzheng.commands.edition import say_how_long
    from minzheng.draft import release
    from minzheng.warehouse import open_warehouse
    from quality.printed import unsigned

    if not approved_by.strip():
        raise WrongCall("--approved-by needs a name", "--approved-by 需填写批准人姓名")
    signed = {"填报人": prepared_by, "审核人": reviewed_by, "负责人": approved_by}
    open_roles = unsigned(signed).filter("broken")["role"].to_list()
    others = {"prepared_by": prepared_by, "reviewed_by": reviewed_by}
    signatures = {name: who.strip() for name, who in others.items() if (who or "").strip()}
    now = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
    with open_warehouse(home) as connection:
        if (home.drafts / month).is_dir():
            say_how_long(home, month)
        folder, fault = release(home, connection, month, approved_by.strip(), now, signatures)
    click.echo(f"released: {folder}")
    if open_roles:
        click.echo(f"民政:印发前请{'、'.join(open_roles)}签字(规则 X08)", err=True)
    if fault:
        raise MinzhengError(
            f"{folder} was released without the public edition: {fault}", f"{folder} 已发布，但没有公开版：{fault.zh}"
        )
