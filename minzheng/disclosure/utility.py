"""What an edition is of use for: cells shown by level and indicator, beside what plainer ways would show."""

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.disclosure.linking import counted
from minzheng.disclosure.panel import panel
from minzheng.disclosure.releasing import KEY
from minzheng.disclosure.reporting import next_smallest
from minzheng.disclosure.rules import rules

UTILITY = {
    "level": pl.String,  # county, county_breakdown, township, township_breakdown, village
    "indicator_id": pl.String,
    "cells": pl.Int64,  # of the edition's cells those with a figure
    "shown": pl.Int64,
    "plain": pl.Int64,  # shown by the plain rule: small counts withheld, then in each sum the smallest other cell
    "before": pl.Int64,  # shown by an earlier release of the same months; null where there is none
}


def utility(
    whole: pl.DataFrame, released: pl.DataFrame, threshold: int, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """A row a level and indicator (`UTILITY`).

    `whole`: the observations of the edition's cells, nothing withheld; `released`: the same cells as it shows them; `before`: the
    observations of an earlier release.
    """
    hidden = plainly_withheld(whole, threshold)
    told = released.filter(pl.col("conf_status") == "F").select(*KEY, shown=pl.lit(True))
    cells = (
        whole.with_row_index("row")
        .filter(pl.any_horizontal(pl.col("obs_value", "numerator").is_not_null()))
        .with_columns(plain=~pl.col("row").is_in(list(hidden)), level=_level())
        .join(told, on=KEY, how="left")
    )
    if before is None:
        cells = cells.with_columns(before=pl.lit(None, dtype=pl.Boolean))
    else:
        earlier = before.filter(pl.col("conf_status") == "F", pl.col("obs_value").is_not_null())
        cells = cells.join(earlier.select(*KEY, before=pl.lit(True)), on=KEY, how="left")
        cells = cells.with_columns(pl.col("before").fill_null(False))
    counts = [pl.col(name).fill_null(False).sum().alias(name) for name in ("shown", "plain")]
    earlier = pl.when(pl.col("before").is_not_null().any()).then(pl.col("before").sum())
    grouped = cells.group_by("level", "indicator_id").agg(
        pl.len().alias("cells"), *counts, before=earlier
    )
    return grouped.select(pl.col(name).cast(kind) for name, kind in UTILITY.items()).sort(
        "level", "indicator_id"
    )


def plainly_withheld(whole: pl.DataFrame, threshold: int) -> set[int]:
    """The rows that go by hand: counts below the threshold, then in each sum that lacks one cell its smallest other."""
    months = panel(whole, registry(), rules())
    people = set(
        counted(whole.with_columns(conf_status=pl.lit("F")), registry(), rules())["row"].to_list()
    )
    hidden: set[int] = set()
    for month, now in months.months.items():
        tied = [
            tie
            for tie in months.sums[month]
            if {count.month for count in tie.terms} == {month} and not tie.told
        ]
        small = {row for count, row in now.row.items() if 0 < now.value[count] < threshold}
        hidden |= small | next_smallest(now, tied, small)
    return hidden & people


def summary(table: pl.DataFrame) -> pl.DataFrame:
    """The table by level alone, with the share shown."""
    sums = table.group_by("level").agg(pl.col("cells", "shown", "plain").sum(), _total("before"))
    return sums.with_columns(share=pl.col("shown") / pl.col("cells")).sort("level")


def _total(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def _level() -> pl.Expr:
    length = pl.col("ref_area").str.len_chars()
    place = pl.when(length == 6).then(pl.lit("county")).when(length == 9).then(pl.lit("township"))
    total = pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS)
    place = place.otherwise(pl.lit("village"))
    return pl.when(total).then(place).otherwise(place + "_breakdown")
