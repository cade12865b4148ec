"""Vintages: figures as they were known on a day, and how long months still move after they were first told.

Three readings of a cell: as reported then (the frozen release), as known on a day (`as_known`, recounted from the files
received by then) and as known now (the warehouse). The warehouse itself is never touched.
"""

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng import leads
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.indicators import models
from minzheng.indicators.revisions import CELL
from minzheng.months import months_between
from minzheng.warehouse.connection import create_tables, half_of_the_machine, insert, tables_of
from minzheng.warehouse.register import build_register, loaded_months

MIN_HISTORY = 6
"""Months a lag must have been seen for before anything is said about it."""


def as_known(
    connection: duckdb.DuckDBPyConnection, on: dt.date, first: str, last: str
) -> pl.DataFrame:
    """The unsuppressed observations of the months `first`..`last` from the files received by the end of the day `on`.

    Recounted in memory with today's definitions: register, leads, indicators, as a run would. All months loaded by then
    are built, because histories and standards reach back. Columns as `minzheng.indicators.models.observations`.
    """

    months = months_between(first, last)
    with duckdb.connect(config={"memory_limit": half_of_the_machine()}) as scratch:
        create_tables(scratch)
        _copy_raw(connection, scratch, on)
        build_register(scratch, sorted({*loaded_months(scratch), *months}), known_on=on)
        leads.compute(scratch, months)
        models.compute(scratch, months)
        return models.observations(scratch, first, last)


def known_months(
    connection: duckdb.DuckDBPyConnection, on: dt.date, last: str | None = None
) -> list[str]:
    """The months that had an accepted file by the end of a day, up to `last`."""
    until = dt.datetime.combine(on + dt.timedelta(days=1), dt.time())
    rows = connection.execute(
        "select distinct month from raw.file where verdict in (select unnest($accepted)) and received_at < $until "
        "and month is not null and ($last is null or month <= $last) order by month",
        {"accepted": list(ACCEPTED), "until": until, "last": last},
    ).fetchall()
    return [month for (month,) in rows]


def _copy_raw(
    connection: duckdb.DuckDBPyConnection, scratch: duckdb.DuckDBPyConnection, on: dt.date
) -> None:
    """What the intake wrote by the end of a day, and what townships had answered by then, into another database."""
    until = dt.datetime.combine(on + dt.timedelta(days=1), dt.time())
    known = "intake_no in (select intake_no from raw.file where received_at < $until)"
    for table in ("raw.file", "raw.quarantine", *tables_of("raw", "open")):
        rows = connection.sql(f"select * from {table} where {known}", params={"until": until}).pl()
        insert(scratch, table, rows)
    answers = connection.sql(
        "select * from lead.outcome where recorded_at < $until", params={"until": until}
    ).pl()
    insert(scratch, "lead.outcome", answers)


def delay_triangle(vintages: pl.DataFrame) -> pl.DataFrame:
    """How each cell's value grew from vintage to vintage.

    `vintages`: the cell's columns, `vintage` (YYYY-MM, the month in which the figure stood) and `obs_value`. The result
    adds `lag` (months from the cell's month to the vintage) and `final` (the newest vintage's value); rows without a value
    are left out.
    """
    index = [
        pl.col(name).str.slice(0, 4).cast(pl.Int32) * 12 + pl.col(name).str.slice(5).cast(pl.Int32)
        for name in _WHEN
    ]
    return (
        vintages.filter(pl.col("obs_value").is_not_null())
        .with_columns(lag=index[0] - index[1])
        .filter(pl.col("lag") >= 0)
        .with_columns(final=pl.col("obs_value").sort_by("vintage").last().over(CELL))
        .sort(*CELL, "lag")
    )


_WHEN = ("vintage", "time_period")


def history(releases: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The values that first releases showed, for `delay_triangle`: the cell's columns, `vintage` and `obs_value`.

    `releases`: observations of frozen releases, oldest first, named `<month>-r<n>`; of one month's the first counts, for
    it is what readers were told then. Withheld cells are left out.
    """
    first: dict[str, pl.DataFrame] = {}
    for frame in releases:
        if frame.height:
            month, _, _ = frame["release"][0].rpartition("-r")
            first.setdefault(month, frame)
    told = [
        frame.filter(pl.col("conf_status") == "F").select(*CELL, "obs_value", vintage=pl.lit(month))
        for month, frame in first.items()
    ]
    empty = pl.DataFrame(
        schema={**dict.fromkeys(CELL, pl.String), "obs_value": pl.Float64, "vintage": pl.String}
    )
    return pl.concat([empty, *told], how="vertical")


def with_provisional(
    observations: pl.DataFrame, releases: Sequence[pl.DataFrame], month: str
) -> pl.DataFrame:
    """The observations of a release of `month` with P where their indicator, at their age, usually still changes.

    `observations`: in the contract's columns. `releases`: the observations of earlier frozen releases, oldest
    first. The note of a P cell gives the interval of the final value by history. With fewer than `MIN_HISTORY` months of
    history at an age nothing is marked. Values, and every cell that is not A or is withheld, stay as they are.
    """
    usual = usual_change(delay_triangle(history(releases)))
    marked = provisional(observations, usual, month)
    low, high = (_rounded(name) for name in ("likely_low", "likely_high"))
    between = (
        pl.when(low == high)
        .then(pl.format("为{}", low))
        .otherwise(pl.format("在{}至{}之间", low, high))
    )
    interval = pl.format("初步数,按历次发布的修订情况,终值约{}", between)
    note = (
        pl.when(pl.col("note") == "")
        .then(interval)
        .otherwise(pl.format("{};{}", pl.col("note"), interval))
    )
    now_provisional = (pl.col("obs_status") == "P") & pl.col("obs_value").is_not_null()
    return marked.with_columns(note=pl.when(now_provisional).then(note).otherwise("note")).select(
        observations.columns
    )


def _rounded(name: str) -> pl.Expr:
    """The text of a figure to the decimals it is shown with (0 to 4)."""
    text = pl.lit(None, dtype=pl.String)
    for places in range(5):
        number = pl.col(name).round(places)
        shown = number.cast(pl.Int64).cast(pl.String) if places == 0 else number.cast(pl.String)
        text = pl.when(pl.col("decimals") == places).then(shown).otherwise(text)
    return text


def _kin() -> dict[str, pl.Expr]:
    """What cells have in common that move alike: one township's late rows are more of the township than of the county."""
    return {
        "level": pl.col("ref_area").str.len_chars(),
        "total": pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS),
    }


def usual_change(triangle: pl.DataFrame, coverage: float = 0.8) -> pl.DataFrame:
    """How much a value of an indicator still changes after `lag` months, by history.

    One row per indicator, `level` of area (digits of its code), `total` (or a part of a breakdown) and lag: `seen` (months
    of history), `low` and `high`: the central `coverage` of final / value - 1 (linear quantiles). A value of zero says
    nothing about ratios and is left out; with fewer than MIN_HISTORY months low and high are null.
    """
    tail = (1 - coverage) / 2
    ends = (("low", tail), ("high", 1 - tail))
    moved = pl.col("final") / pl.col("obs_value") - 1
    newest = pl.col("lag") < pl.col("lag").max().over(CELL)
    return (
        triangle.filter(pl.col("obs_value") != 0, newest)
        .with_columns(**_kin())
        .group_by("indicator_id", *_kin(), "lag")
        .agg(
            pl.col("time_period").n_unique().alias("seen"),
            **{name: moved.quantile(at, "linear") for name, at in ends},
        )
        .with_columns(pl.when(pl.col("seen") >= MIN_HISTORY).then(pl.col("low", "high")))
        .sort("indicator_id", *_kin(), "lag")
    )


def provisional(
    observations: pl.DataFrame, usual: pl.DataFrame, vintage: str, tolerance: float = 0.005
) -> pl.DataFrame:
    """Mark normal cells as provisional (P) whose like (`usual_change`), at their age in `vintage`, usually still change.

    "Usually changes": the interval of `usual_change` passes `tolerance` (a share) on either side. Adds `likely_low` and
    `likely_high`, the interval of the final value; null where there is too little history.
    """
    now = int(vintage[:4]) * 12 + int(vintage[5:])
    period = pl.col("time_period")
    age = now - period.str.slice(0, 4).cast(pl.Int32) * 12 - period.str.slice(5).cast(pl.Int32)
    joined = observations.with_columns(**_kin(), lag=age).join(
        usual.select("indicator_id", *_kin(), pl.col("lag").cast(pl.Int32), "low", "high"),
        on=["indicator_id", *_kin(), "lag"],
        how="left",
        maintain_order="left",
    )
    normal = (pl.col("obs_status") == "A") & pl.col("obs_value").is_not_null()
    moving = normal & ((pl.col("low") < -tolerance) | (pl.col("high") > tolerance)).fill_null(False)
    return joined.with_columns(
        obs_status=pl.when(moving).then(pl.lit("P")).otherwise("obs_status"),
        likely_low=pl.col("obs_value") * (1 + pl.col("low")),
        likely_high=pl.col("obs_value") * (1 + pl.col("high")),
    ).drop(*_kin(), "lag", "low", "high")
