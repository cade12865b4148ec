"""The main job on a fresh machine: a simulated county, its months, a published release, and where to look."""

import sys
import time
from pathlib import Path

import click

from minzheng.commands import month_option, new_home_option
from minzheng.commands.run import run
from minzheng.custody.home import Home
from minzheng.delivery.review import submit
from minzheng.delivery.sending import fill_outbox, now, rehearse
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
    """Run the whole job in `home`; refuses a landing folder that holds other files than a demo's."""

    home.create()
    if any(home.landing.iterdir()) and not simulated(home.landing):
        raise MinzhengError(
            f"{home.landing} holds files that no simulation wrote: give the demo a home of its own with --home",
            f"{home.landing} 中有非演示文件:请用 --home 另指定一个目录",
        )
    began = time.monotonic()
    click.echo(f"1/3 simulating a county, {first}..{last}")
    simulate(home.landing, first, last, seed, scale="county", faults="usual")
    write_filled(home, last, BY_HAND | {"document_number": f"演示〔{now():%Y}〕1号"})
    click.echo("2/3 receiving, checking and computing")
    run(home, first, last, tolerate_refused=True)
    click.echo("3/3 publishing")
    draft = read_manifest(main_of(home.drafts / last)).content
    taken_on = [each["indicator_id"] for each in draft["open_headlines"]]
    folder, fault = release(home, last, APPROVER, now(), public_checks, accept_open=taken_on)
    submit(home, last, AUTHOR)
    packages = fill_outbox(home, last)
    click.echo(where_to_look(home, folder, packages[0].shelf, time.monotonic() - began))
    for line in rehearse(packages):
        click.echo(f"  {line.zh}")
    if fault:
        raise fault


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
  待报送   the outbox        {outbox}   (送审单.docx；未发出任何内容 nothing was sent)
  控制室   the control room  {sys.argv[0]} ui{at}   (打开它打印的地址 open the address it prints)
"""
