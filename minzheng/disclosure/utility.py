"""What an edition is of use for: cells shown by level and indicator, beside what plainer ways would show."""

import polars as pl

from minzheng.contracts.editions import CODE_LENGTH, Protection
from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.disclosure.linking import counted
from minzheng.disclosure.panel import panel
from minzheng.disclosure.releasing import KEY
from minzheng.disclosure.reporting import next_smallest
from minzheng.disclosure.rules import profile, rules
from minzheng.disclosure.showing import of_the_tier

UTILITY = {
    "level": pl.String,  # county_always (shown), county_sensitive, county_other, township: totals; …_breakdown
    "indicator_id": pl.String,
    "cells": pl.Int64,  # of the edition's cells those with a figure
    "shown": pl.Int64,
    "plain": pl.Int64,  # shown by the plain rule: small counts withheld, then in each sum the smallest other cell
    "before": pl.Int64,  # shown by the edition's last release of the same months; null where there is none
}
FIGURE = pl.any_horizontal(pl.col("obs_value", "numerator").is_not_null())
"""A cell with a figure: a rate of nobody has its two counts and no value."""


def utility(
    whole: pl.DataFrame,
    released: pl.DataFrame,
    protection: Protection,
    before: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """A row a level and indicator (`UTILITY`).

    `whole`: the observations of the edition's cells, nothing withheld; `released`: the same cells as it shows them; `before`: the
    observations of an earlier release.
    """
    hidden = plainly_withheld(whole, profile(protection.profile).threshold)
    told = released.filter(pl.col("conf_status") == "F").select(*KEY, shown=pl.lit(True))
    cells = (
        whole.with_row_index("row")
        .filter(FIGURE)
        .with_columns(plain=~pl.col("row").is_in(list(hidden)), level=_level(protection))
        .join(told, on=KEY, how="left")
    )
    if before is None:
        cells = cells.with_columns(before=pl.lit(None, dtype=pl.Boolean))
    else:
        earlier = before.filter(pl.col("conf_status") == "F", FIGURE)
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
            if {count.month for count in tie.terms} == {month} and not tie.published
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


def _level(protection: Protection) -> pl.Expr:
    county = pl.col("ref_area").str.len_chars() == CODE_LENGTH["county"]
    code = pl.col("indicator_id")
    kind = pl.when(code.is_in(protection.but)).then(pl.lit("county_sensitive"))
    kind = kind.when(code.is_in(of_the_tier(protection))).then(pl.lit("county_always"))
    total = (
        pl.when(county).then(kind.otherwise(pl.lit("county_other"))).otherwise(pl.lit("township"))
    )
    broken = pl.when(county).then(pl.lit("county")).otherwise(pl.lit("township")) + "_breakdown"
    return (
        pl.when(pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS))
        .then(total)
        .otherwise(broken)
    )


MEASURE = (
    "The measure of the edition is `county_other`: county totals neither always shown nor sensitive. Sensitive ones count few "
    "persons (suspects, single children), and who are few are withheld whatever the way: the plain rule, which protects too "
    "little, shows no more of them than its column says."
)


def page(table: pl.DataFrame, month: str) -> str:
    """The table as a page of Markdown: the levels, then every indicator of which something is withheld."""
    head = "| {} | cells | shown | share | plain rule | last release |\n|---|---|---|---|---|---|"
    line = "| {0} | {cells} | {shown} | {share:.1%} | {plain} | {last} |"
    levels = [
        line.format(row["level"], **_words(row)) for row in summary(table).iter_rows(named=True)
    ]
    lacking = table.filter(pl.col("shown") < pl.col("cells"))
    lacking = lacking.with_columns(share=pl.col("shown") / pl.col("cells"))
    cells = [
        line.format(f"{row['level']}: {registry()[row['indicator_id']].names.zh}", **_words(row))
        for row in lacking.iter_rows(named=True)
    ]
    return "\n".join(
        [
            "# What the public edition shows",
            "",
            f"Made by `minzheng edition public --month {month} --utility docs/utility.md`: cells with a figure in {month} and "
            "the months before, and how many of them readers see. The plain rule withholds counts of 1 to 7 and then, in each sum "
            "that lacks one cell, its smallest other; it is not safe. Levels: `minzheng/disclosure/utility.py`; what is always "
            "shown and what is sensitive: `contracts/editions.yaml`.",
            "",
            MEASURE,
            "",
            head.format("level"),
            *levels,
            "",
            "Every indicator of which something is withheld:",
            "",
            head.format("level: indicator"),
            *cells,
            "",
        ]
    )


def _words(row: dict) -> dict:
    last = "" if row["before"] is None else row["before"]
    return {**{name: row[name] for name in ("cells", "shown", "share", "plain")}, "last": last}
