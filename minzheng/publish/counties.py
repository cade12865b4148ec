"""A home's own counties side by side: the figures of what holds them, of each and of its townships; in order where bounds tell one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.disclosure.frames import SCHEMAS
from minzheng.indicators import models, movement
from minzheng.indicators.revisions import CELL
from minzheng.months import add_months
from minzheng.publish.aggregation import Prefecture, beside_townships, missing
from minzheng.publish.release.files import write_csv
from minzheng.publish.site.ranking import Standing, ranks

RANKED = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "obs_value": pl.Float64,
    "lower_bound": pl.Float64,
    "upper_bound": pl.Float64,
    "obs_status": pl.String,
    "rank": pl.Int64,  # 1 the best; null without a value, and where an interval overlaps another
}
AREA_OF = {
    "observations": "ref_area",
    "ranking": "ref_area",
    "missing": "ref_area",
    "contradictions": "ref_area",
    "movement": "ref_area",
    "completeness": "township_code",
    "checks": "township_code",
    "leads": "township_code",
}
"""The tables of a month, and the column of each that says whose a row is."""
COMPLETENESS = """
    select dataset, month, township_code, expected, due_on, cut_off_on, received_at, rows_accepted, rows_quarantined, state
    from quality.completeness where month = $month order by all
"""
CHECKS = """
    select rule_id, severity, month, township_code, checked, failed, state
    from quality.outcome where month = $month order by all
"""
LEADS = """
    select rule_id, month, township_code, count(*) as leads
    from lead.lead where month = $month group by all order by all
"""


@dataclass(frozen=True)
class Counties:
    """The tables of a month, by name (`AREA_OF`): of the prefecture, or a county's own rows."""

    month: str
    tables: Mapping[str, pl.DataFrame]

    def own(self, county: str) -> "Counties":
        """The rows of a county and its townships; of the order of the counties its own place."""
        kept = {
            name: table.filter(pl.col(AREA_OF[name]).str.starts_with(county))
            for name, table in self.tables.items()
        }
        return Counties(self.month, kept)

    def write(self, to: Path) -> None:
        """The tables as CSV. `to` is made, and new."""
        to.mkdir(parents=True)
        for name, table in self.tables.items():
            write_csv(table, to / f"{name}.csv")


def counties(connection: duckdb.DuckDBPyConnection, month: str, of: Prefecture) -> Counties:
    """What a computed month says of the prefecture, its counties and their townships.

    The movement is there where the month before is computed as well.
    """
    rows = models.observations(connection, "0000-00", month).select(*SCHEMAS["observations"])
    tables = {
        "observations": rows,
        "ranking": ranked(rows.filter(time_period=month), of),
        "missing": missing(rows, month, of),
        "contradictions": beside_townships(rows.filter(time_period=month), of),
    }
    if not rows.filter(time_period=add_months(month, -1)).is_empty():
        tables["movement"] = movement.movements(connection, month).rename(
            {"area": "ref_area"}, strict=False
        )
    for name, query in (("completeness", COMPLETENESS), ("checks", CHECKS), ("leads", LEADS)):
        tables[name] = connection.sql(query, params={"month": month}).pl()
    return Counties(month, tables)


def ranked(rows: pl.DataFrame, of: Prefecture) -> pl.DataFrame:
    """The counties by each indicator of which more or less is better (`RANKED`), each with its rank where bounds tell one."""
    totals = [pl.col(name) == "_T" for name in DIMENSIONS]
    here = rows.filter(*totals, pl.col("ref_area").is_in([*of.counties])).sort(CELL)
    found = []
    for (code,), cells in here.group_by("indicator_id", maintain_order=True):
        direction = registry()[code].direction
        if direction not in ("up", "down"):
            continue
        told = [_standing(row) for row in cells.iter_rows(named=True)]
        places = pl.Series("rank", ranks(told, direction == "down"), dtype=pl.Int64)
        found.append(cells.with_columns(places).select(*RANKED))
    return pl.concat([pl.DataFrame(schema=RANKED), *found])


def _standing(row: Mapping) -> Standing:
    """A county's value, and between what it lies: itself, where nothing open can move it so that a reader must know."""
    value = row["obs_value"]
    bounds = (
        (row["lower_bound"], row["upper_bound"]) if row["obs_status"] == "U" else (value, value)
    )
    low, high = (None, None) if None in bounds else bounds
    return Standing(row["ref_area"], value, low, high, "")
