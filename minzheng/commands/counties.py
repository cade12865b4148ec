"""Compute a month of a home of several counties: what holds them, each of them, their townships; compared and ranked."""

from pathlib import Path

import click

from minzheng.commands import ANY_PATH, home_option, month_option
from minzheng.contracts.regions import county, regions
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.publish.aggregation import Prefecture
from minzheng.publish.counties import counties
from minzheng.warehouse import stale
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
from quality.gate import compute_months


@click.command()
@month_option(required=True)
@click.option("--to", required=True, type=ANY_PATH, help="The folder to write, a new one.")
@home_option
def command(month: str, to: Path, home: Home) -> None:
    """Compute a month from the files of several counties: the prefecture, its counties and townships, compared and ranked.

    A person on two counties' rolls is one person of the prefecture; who moves between counties is neither new nor gone there.
    A folder for each county holds its own rows only.

    Example: minzheng counties --month 2024-03 --to 2024-03
    """
    of = Prefecture.of(county(), regions())
    if to.exists():
        raise MinzhengError(f"{to} exists already", f"{to} 已存在，请另写一个目录")
    with open_warehouse(home) as connection:
        stale.refuse_unreported(connection, [month])
        months = stale.months_to_run(connection, month, month)
        build_register(connection, months)
        compute_months(connection, months)
        stale.mark_computed(connection, months)
        whole = counties(connection, month, of)
    whole.write(to)
    for code in of.counties:
        whole.own(code).write(to / code)
    for code, name in of.counties.items():
        click.echo(f"{name}：{_owed(whole.tables['completeness'], code)}")
    click.echo(f"{month} {of.name}：{len(of.counties)}个县：{to}")


def _owed(completeness, county: str) -> str:
    """How many of the files that a county's offices owe have come."""
    due = completeness.filter(completeness["township_code"].str.starts_with(county), expected=True)
    came = due.filter(due["state"] != "missing")
    return f"应报{due.height}份，已报{came.height}份，按时{due.filter(state='on_time').height}份"
