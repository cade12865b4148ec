"""Freeze the draft of a month as its next revision."""

import datetime as dt

import click

from minzheng.commands import home_option, month_option
from minzheng.commands.edition import say_how_long
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.trail import witnessed
from minzheng.delivery.review import refuse_unapproved
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.headlines import calls
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.public import release
from minzheng.publish.release.published import main_of
from minzheng.warehouse.connection import open_warehouse
from quality.printed import unsigned
from quality.report import public_checks


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
@click.option(
    "--accept-open",
    "accept_open",
    multiple=True,
    metavar="CODE …",
    help="Incomplete headline figures to accept.",
)
@click.argument("codes", nargs=-1, metavar="")
@witnessed("release", "month", "approved_by", "prepared_by", "reviewed_by", "accept_open", "codes")
def command(
    home: Home,
    month: str,
    approved_by: str,
    prepared_by: str | None = None,
    reviewed_by: str | None = None,
    accept_open: tuple[str, ...] = (),
    codes: tuple[str, ...] = (),
) -> None:
    """Freeze every edition of a month's draft; a release is never changed, corrections make the next revision.

    The public edition is made first. Where it cannot be, the others are released all the same, and a line says so; once it
    can, releasing the month again adds it.

    A headline figure that rows in quarantine could move is released only when the approver names it: --accept-open CODE …
    Rule X08 asks for three names before a month is issued; who is not named here signs on paper, and a line says so.

    Example: minzheng release --month 2024-03 --approved-by 示例局长
    """

    if not approved_by.strip():
        raise WrongCall("--approved-by needs a name", "--approved-by 需填写批准人姓名")
    signed = {"填报人": prepared_by, "审核人": reviewed_by, "负责人": approved_by}
    open_roles = unsigned(signed).filter("broken")["role"].to_list()
    others = {"prepared_by": prepared_by, "reviewed_by": reviewed_by}
    signatures = {name: who.strip() for name, who in others.items() if (who or "").strip()}
    if codes and not accept_open:
        raise WrongCall(f"unexpected {codes[0]!r}", f"多余的参数:{codes[0]}")
    _tell_open(home, month)
    proven = refuse_unapproved(home, month, approved_by)
    now = dt.datetime.now(SHANGHAI)
    folder, fault = release(
        home,
        month,
        approved_by.strip(),
        now,
        public_checks,
        lambda: say_how_long(home, month),
        signatures=signatures,
        accept_open=(*accept_open, *codes),
    )
    click.echo(f"released: {folder}")
    if not proven:
        told = "没有登记批准人，报送前须 minzheng approvers add、submit、approve"
        click.echo(f"minzheng: approved by a typed name only\n民政:{told}", err=True)
    if open_roles:
        click.echo(f"民政:印发前请{'、'.join(open_roles)}签字(规则 X08)", err=True)
    if fault:
        raise MinzhengError(
            f"{folder} was released without the public edition: {fault}",
            f"{folder} 已发布，但没有公开版：{fault.zh}",
        ) from fault


def _tell_open(home: Home, month: str) -> None:
    """The draft's incomplete headline figures with their bounds, and whom to call about each."""

    draft = home.drafts / month
    told = read_manifest(main_of(draft)).content if draft.is_dir() else {}
    headlines = told.get("open_headlines", [])
    if not headlines:
        return
    with open_warehouse(home) as connection:
        found = [(each, calls(connection, month, each)) for each in headlines]
    for each, places in found:
        click.echo(
            f"{each['indicator_id']} {each['name']} {each['obs_value']:g}：{each['lacks']}",
            err=True,
        )
        for place in places or ["名单中缺少原有机构：请核实是否停业或漏报"]:
            click.echo(f"  请联系 {place}", err=True)
