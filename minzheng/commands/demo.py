"""The main job on a fresh machine: a simulated county, its months, a published release, and where to look."""

import datetime as dt
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from minzheng.commands import home_option, month_option
from minzheng.errors import MinzhengError
from minzheng.home import Home

APPROVER = "演示批准人"


@click.command()
@home_option
@month_option("--first", help="First month.")
@month_option("--last", help="Last month.")
@click.option("--seed", default=7, show_default=True, help="Seed of the simulated county.")
def command(home: Home, first: str | None, last: str | None, seed: int) -> None:
    """Simulate 36 months of a county, compute them and publish the last one.

    Example: minzheng demo
    """
    demo(home, first or "2022-01", last or "2024-12", seed)


def demo(home: Home, first: str, last: str, seed: int) -> None:
    """Run the whole job in `home`; refuses a landing folder that holds other files than a demo's."""
    from minzheng.commands.run import run
    from minzheng.draft import release
    from minzheng.simulate import simulate, simulated
    from minzheng.warehouse import open_warehouse

    home.create()
    if any(home.landing.iterdir()) and not simulated(home.landing):
        raise MinzhengError(
            f"{home.landing} holds files that no simulation wrote: give the demo a home of its own with --home",
            f"{home.landing} 中有非演示文件:请用 --home 另指定一个目录",
        )
    began = time.monotonic()
    click.echo(f"1/3 simulating a county, {first}..{last}")
    simulate(home.landing, first, last, seed, scale="county", faults="usual")
    click.echo("2/3 receiving, checking and computing")
    run(home, first, last, tolerate_refused=True)
    click.echo("3/3 publishing")
    with open_warehouse(home) as connection:
        folder, fault = release(home, connection, last, APPROVER, dt.datetime.now(ZoneInfo("Asia/Shanghai")))
    if fault:
        raise fault
    click.echo(where_to_look(home, folder, time.monotonic() - began))


def where_to_look(home: Home, folder: Path, seconds: float) -> str:
    """The last words of the demo, in both languages."""
    at = "" if home == Home.find() else f" --home {home.path}"
    return f"""
完成,用时{seconds:.0f}秒。全县人员均为虚构,请看 · Done; the county is fictitious, look at
  规划网页 planners' pages   {folder}/bureau/site/index.html
  月度报告 monthly report    {folder}/prefecture/report.docx (report.pdf)
  附表     its tables        {folder}/prefecture/tables.xlsx
  全部指标 all figures       {folder}/bureau/observations.csv
  公开版   public edition    {folder}/public/site/index.html
  控制室   the control room  .venv/bin/minzheng ui{at}   (打开它打印的地址 open the address it prints)
"""
