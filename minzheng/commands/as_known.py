"""Figures as they were known on a day, from the files received by then."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import click

from minzheng.commands import NEW_FILE, edition_option, home_option, month_option
from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.plans import Plan, plans_for
from minzheng.contracts.regions import county
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.publish.release.draft import as_known_observations, current_observations
from minzheng.publish.release.files import as_named
from minzheng.warehouse.connection import open_warehouse


@click.command("as-known")
@home_option
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day, YYYY-MM-DD.")
@click.option("--to", "path", type=NEW_FILE, help="The file to write, .parquet or .csv.")
@edition_option()
@click.option("--restricted", is_flag=True, hidden=True, help="The old name of --edition bureau.")
@month_option("--first", help="First month.")
@month_option("--last", help="Last month.")
@witnessed("recount observations", "on", "edition", "path", "first", "last")
def command(
    home: Home,
    on,
    path: Path | None,
    edition: str,
    restricted: bool,
    first: str | None,
    last: str | None,
) -> None:
    """Recount the figures from the files received by the end of a day; nothing stored is touched.

    Without --to the county's totals of the newest month are shown, beside what they are now.

    Example: minzheng as-known --on 2024-04-20
    """

    with open_warehouse(home) as connection:
        name = "bureau" if restricted else edition
        known = as_known_observations(home, connection, on.date(), first, last, name)
        if path is None:
            month = known["time_period"].max()
            counted = connection.execute(
                "select 1 from indicator.observation where month = ? limit 1", [month]
            )
            now = known.clear()
            if counted.fetchall():
                now = current_observations(home, connection, month, month, name)
    if path:
        as_named(known, path)(path)
        click.echo(f"{known.height} observations as known on {on.date()} written to {path}")
        return
    for line in [*beside(known, now), *targets_then(plans_for(month), month, on.date())]:
        click.echo(line)


def targets_then(plans: Iterable[Plan], month: str, on: dt.date) -> list[str]:
    """The targets of the month that a decision after the day changed: as known then, and as known now."""
    lines = []
    for one in plans:
        for row in one.rows:
            then, now = row.target_in(month, on), row.target_in(month)
            if then is not now:
                was = f"{then.value:g} {row.unit} by {then.period}" if then else "none"
                lines.append(
                    f"{row.indicator} target of {one.plan}: {was} -> "
                    f"{now.value:g} {row.unit} by {now.period} ({now.decided.document})"
                )
    return lines


def beside(known, now) -> list[str]:
    """The county's totals of the newest month as known then and as known now, one line an indicator."""
    import polars as pl

    month = known["time_period"].max()
    total = [pl.col(name) == "_T" for name in DIMENSIONS]
    here = [pl.col("ref_area") == county(), pl.col("time_period") == month, *total]
    later = {row["indicator_id"]: _figure(row) for row in now.filter(here).iter_rows(named=True)}
    lines = [f"{month} {county()}"]
    for row in known.filter(here).iter_rows(named=True):
        name = registry()[row["indicator_id"]].names.zh
        lines.append(
            f"{row['indicator_id']} {name}: {_figure(row)} -> {later.get(row['indicator_id'], 'not computed')}"
        )
    return lines


def _figure(row: dict) -> str:
    """A value with its unit, else the status letter."""
    if row["obs_value"] is None:
        return "C" if row["conf_status"] == "C" else row["obs_status"]
    return f"{row['obs_value']:.{row['decimals']}f} {row['unit_measure']}"
