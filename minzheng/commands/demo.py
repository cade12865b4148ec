"""The main job on a fresh machine: a simulated county, its months, a published release, and where to look."""

import sys
import time
from pathlib import Path

import click

from minzheng.commands import month_option, new_home_option
from minzheng.commands.run import run
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.delivery.approvers import admit, approvers, unlocked
from minzheng.delivery.review import approve, current, submit
from minzheng.delivery.sending import fill_outbox, now, rehearse
from minzheng.delivery.standing import OVER, standing
from minzheng.errors import MinzhengError
from minzheng.months import add_months
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.public import release
from minzheng.publish.release.published import main_of
from minzheng.publish.report.filled import write_filled
from quality.report import public_checks
from simulation import simulate, simulated

MONTHS = 36
AUTHOR, APPROVER = "演示填报人", "演示批准人"
PASSPHRASE = "演示批准人的口令，只供演示"
"""Printed, so that nobody is locked out of the demo's home; worth nothing in any other."""
BY_HAND = {
    "red_head": True,
    "issuer": "演示签发人",
    "contact": "演示经办人",
    "telephone": "0970-0000000",
    "imprint": True,
    "copies_to": "",
    "unit_head": "演示局长",
    "statistics_head": "演示统计负责人",
    "compiler": "演示填报人",
    "next_steps": {
        "社会救助股": "对监测预警线索逐人核查，应保尽保、应退尽退。",
        "养老服务股": "推进护理型床位改造，按月核对特殊困难老年人探访记录。",
    },
}
"""What the office of the fictitious county filled in: the demo's report needs a signature and nothing else."""


@click.command()
@new_home_option
@month_option("--first", help="First month; default: 36 months that end with the last.")
@month_option("--last", help="Last month; default: the last full month.")
@click.option("--seed", default=7, show_default=True, help="Seed of the simulated county.")
def command(home: Home, first: str | None, last: str | None, seed: int) -> None:
    """Simulate 36 months of a county up to the last full one, compute them and publish the last one.

    Example: minzheng demo
    """
    demo(home, *months_shown(first, last), seed)


def months_shown(first: str | None = None, last: str | None = None) -> tuple[str, str]:
    """First and last month of the demo: 36 that end with the last full month, unless others are named."""
    last = last or add_months(f"{now():%Y-%m}", -1)
    return first or add_months(last, 1 - MONTHS), last


def demo(home: Home, first: str, last: str, seed: int) -> None:
    """Run the whole job in `home`, up to an outbox that could be sent; refuses the home of an office."""

    refuse_an_offices_home(home.create())
    began = time.monotonic()
    click.echo(f"1/3 simulating a county, {first}..{last}")
    simulate(home.landing, first, last, seed, scale="county", faults="usual")
    write_filled(home, last, BY_HAND | {"document_number": f"演示〔{now():%Y}〕1号"})
    click.echo("2/3 receiving, checking and computing")
    run(home, first, last, tolerate_refused=True)
    click.echo("3/3 publishing")
    draft = read_manifest(main_of(home.drafts / last)).content
    taken_on = [each["indicator_id"] for each in draft["open_headlines"]]
    sign_off(home, last)
    folder, fault = release(home, last, APPROVER, now(), public_checks, accept_open=taken_on)
    packages = fill_outbox(home, last)
    click.echo(where_to_look(home, folder, packages[0].shelf, time.monotonic() - began))
    for line in rehearse(packages):
        click.echo(f"  {line.zh}")
    click.echo(how_it_is_sent(last))
    if fault:
        raise fault


def refuse_an_offices_home(home: Home) -> None:
    """`MinzhengError` where anything but a demo's files came in, recipients are named, or others than its approver approve.

    The passphrase of the demo's approver is no secret: nobody real may be sent what they approve.
    """
    with Ledger(home) as ledger:
        used = any((*home.landing.iterdir(), ledger.received(), home.recipients.is_file()))
    others = approvers(home)
    if (used and not simulated(home.landing)) or (others and APPROVER not in others):
        raise MinzhengError(
            f"{home.path} holds files that no simulation wrote, recipients or approvers of its own: give the demo another home with --home",
            f"{home.path} 中有非演示文件，或已填写收件单位、登记批准人：请用 --home 另指定一个目录",
        )


def sign_off(home: Home, month: str) -> None:
    """The fictitious author submits the month, the fictitious approver approves it; what has left is left alone."""
    if all(standing(package)[1] in OVER for package in current(home, month)):
        return
    if APPROVER not in approvers(home):
        admit(home, APPROVER, PASSPHRASE)
    submit(home, month, AUTHOR)
    approve(home, month, APPROVER, unlocked(home, APPROVER, PASSPHRASE), now())


def how_it_is_sent(month: str) -> str:
    """The last words about the outbox: who approved here, and the steps of a real month."""
    return f"""
以上为预演，未发出任何内容 · a dry run: nothing was sent。填报人、批准人均为虚构；“{APPROVER}”的口令是“{PASSPHRASE}”，只在本演示目录有效。
真实月份在自己的目录（minzheng init）里依次办理 · how a real month goes, in a home of your own:
  minzheng approvers add 批准人                          批准人本人登记，口令自设，只须一次
  minzheng report fill --month {month}                   填写文号、签发人、联系人
  minzheng submit --month {month} --prepared-by 填报人   送审，打印送审单
  minzheng approve --month {month} --by 批准人           批准人核对后输入口令
  minzheng release --month {month} --approved-by 批准人  发布
  minzheng deliver --month {month} --really              按 delivery.toml 发邮件或送前置机；办公系统由人上传
  minzheng acknowledge --month {month} --channel oa --ref 回执号   登记对方回执"""


def where_to_look(home: Home, folder: Path, outbox: Path, seconds: float) -> str:
    """The last words of the demo, in both languages."""
    at = "" if home.path == Path("home").resolve() else f" --home {home.path}"
    return f"""
完成,用时{seconds:.0f}秒。全县人员均为虚构,请看 · Done; the county is fictitious, look at
  规划网页 planners' pages   {folder}/bureau/site/index.html
  月度报告 monthly report    {folder}/prefecture/report.docx (report.pdf)
  附表     its tables        {folder}/prefecture/tables.xlsx
  全部指标 all figures       {folder}/bureau/observations.csv
  公开版   public edition    {folder}/public/site/index.html
  待报送   the outbox        {outbox}   (送审单.docx, 核对清单.docx)
  控制室   the control room  {sys.argv[0]} ui{at}   (打开它打印的地址 open the address it prints)
"""
