"""Figures that are no counts but tell of them: amounts, medians, groups of all or none."""

import polars as pl

from minzheng.disclosure.linking import DIMENSIONS
from minzheng.disclosure.reporting import SuppressionReport
from minzheng.disclosure.rules import Profile, Rules, read_term

CELL = ["ref_area", "time_period", *DIMENSIONS]


def followers(
    observations: pl.DataFrame, hidden: set[int], rules: Rules, profile: Profile
) -> set[int]:
    """Rows withheld with the count behind them: amounts with their people, medians of too few cases.

    An amount over a public standard, or over a published mean, is a count (C22); a median of few is somebody's own.
    """
    cells = observations.with_row_index("row")
    found: set[int] = set()
    for follower, leader in rules.follows.items():
        found |= _with(cells, hidden, follower, leader, CELL)
    for follower, leader in rules.follows_area.items():
        found |= _with(cells, hidden, follower, leader, CELL[:2])
    for median, cases in rules.medians.items():
        found |= _of_few(cells, median, cases, profile.threshold)
    return found


def _with(
    cells: pl.DataFrame, hidden: set[int], follower: str, leader: str, on: list[str]
) -> set[int]:
    led = (
        cells.filter((pl.col("indicator_id") == leader) & pl.col("row").is_in(sorted(hidden)))
        .select(on)
        .unique()
    )
    return set(
        cells.filter(pl.col("indicator_id") == follower)
        .join(led, on=on, how="semi")["row"]
        .to_list()
    )


def _of_few(cells: pl.DataFrame, median: str, cases: str, threshold: int) -> set[int]:
    """Rows of a median whose month has fewer cases than the threshold, or an unknown number of them."""
    term = read_term(cases)
    column = "denominator" if term.part == "d" else "numerator"
    counts = cells.filter(pl.col("indicator_id") == term.indicator).select(
        *CELL, pl.col(column).alias("cases")
    )
    if (
        term.part == "n"
    ):  # year to date: the month's own cases are the difference to the month before
        place = ["ref_area", *DIMENSIONS]
        counts = counts.sort("time_period").with_columns(
            pl.when(pl.col("time_period").str.ends_with("-01"))
            .then(pl.col("cases"))
            .otherwise(pl.col("cases") - pl.col("cases").shift(1).over(place))
            .alias("cases")
        )
    judged = cells.filter(pl.col("indicator_id") == median).join(counts, on=CELL, how="left")
    return set(judged.filter(pl.col("cases").fill_null(0) < threshold)["row"].to_list())


def uniform_groups(counts: pl.DataFrame, profile: Profile, report: SuppressionReport) -> set[int]:
    """Rates of exactly 0 % or 100 % over people: everyone in the group is known to have it, or not (C27).

    They are listed in the report for a person to decide; the strict profile withholds them.
    """
    both = counts.filter(pl.col("counts_n") & pl.col("counts_d") & (pl.col("denominator") > 0))
    groups = both.filter(
        (pl.col("numerator") == 0) | (pl.col("numerator") == pl.col("denominator"))
    )
    report.uniform = groups.select("indicator_id", *CELL).rows()
    return set(groups["row"].to_list()) if profile.uniform_groups == "withhold" else set()
