"""Vintages: figures as they were known on a day, what changed between two of them and why, and how long months still move.

Three readings of a cell: as reported then (the frozen release), as known on a day (`as_known`, recounted from the files
received by then) and as known now (the warehouse). The warehouse itself is never touched.
"""

import datetime as dt
from collections.abc import Mapping

import duckdb
import polars as pl

from minzheng.contracts import dataset_names
from minzheng.registry import DIMENSIONS, county, registry
from minzheng.warehouse import create_tables

CELL = ("indicator_id", "ref_area", "time_period", *DIMENSIONS)
REASON_ZH = {
    "late": "迟报补报",
    "error": "差错更正",
    "definition": "口径调整",
    "boundary": "区划变动",
    "back-pay": "标准补定",
}
MIN_HISTORY = 6
"""Months a lag must have been seen for before anything is said about it."""


def as_known(connection: duckdb.DuckDBPyConnection, on: dt.date, first: str, last: str) -> pl.DataFrame:
    """The unsuppressed observations of the months `first`..`last` from the files received by the end of the day `on`.

    Recounted in memory with today's definitions: register, leads, indicators, as a run would. All months loaded by then
    are built, because histories and standards reach back. Columns as `minzheng.indicators.observations`.
    """
    from minzheng import indicators, leads
    from minzheng.months import months_between
    from minzheng.register import build_register, loaded_months

    months = months_between(first, last)
    with duckdb.connect() as scratch:
        create_tables(scratch)
        _copy_raw(connection, scratch, on)
        build_register(scratch, sorted({*loaded_months(scratch), *months}), known_on=on)
        leads.compute(scratch, months)
        indicators.compute(scratch, months)
        return indicators.observations(scratch, first, last)


def _copy_raw(connection: duckdb.DuckDBPyConnection, scratch: duckdb.DuckDBPyConnection, on: dt.date) -> None:
    """What the intake wrote by the end of a day, and what townships had answered by then, into another database."""
    until = dt.datetime.combine(on + dt.timedelta(days=1), dt.time())
    known = "intake_no in (select intake_no from raw.file where received_at < $until)"
    for table in ("raw.file", "raw.quarantine", *(f"raw.{name}" for name in dataset_names())):
        rows = connection.sql(f"select * from {table} where {known}", params={"until": until}).pl()
        scratch.register("rows", rows)
        scratch.execute(f"insert into {table} by name select * from rows")
        scratch.unregister("rows")
    answers = connection.sql("select * from lead.outcome where recorded_at < $until", params={"until": until}).pl()
    scratch.register("rows", answers)
    scratch.execute("insert into lead.outcome by name select * from rows")
    scratch.unregister("rows")


def arrivals(connection: duckdb.DuckDBPyConnection, since: dt.date, until: dt.date) -> pl.DataFrame:
    """Accepted files received after the day `since` up to the end of the day `until`, one row per place they cover.

    Columns: dataset, month, township_code, first (no earlier file covered the place), decided_late (a file of standards
    with a decision after its validity began, which means back-pay).
    """
    days = {
        "since": dt.datetime.combine(since + dt.timedelta(days=1), dt.time()),
        "until": dt.datetime.combine(until + dt.timedelta(days=1), dt.time()),
    }
    return connection.sql(
        """
        with covered as (
            select intake_no, dataset, month, unnest(string_split(township_codes, ',')) as township_code, received_at
            from raw.file
            where verdict in ('accept', 'accept_partial', 'supersede')
        ),
        ordered as (
            select *, row_number() over (partition by dataset, month, township_code order by intake_no) = 1 as first
            from covered
        ),
        decided as (select distinct intake_no from raw.policy_param where decided_on > valid_from)
        select dataset, month, township_code, bool_or(first) as first, bool_or(decided.intake_no is not null) as decided_late
        from ordered
        left join decided using (intake_no)
        where received_at >= $since and received_at < $until
        group by dataset, month, township_code
        order by dataset, month, township_code
        """,
        params=days,
    ).pl()


def changed_cells(old: pl.DataFrame, new: pl.DataFrame, arrived: pl.DataFrame) -> pl.DataFrame:
    """Cells whose value or status differs between two observation frames, with the reason class of each.

    `definition`: the definition version differs. `back-pay`: a standard decided late came in and the cell reads
    standards. `boundary`: a region file came in and the cell reads regions, or the cell exists on one side only.
    `late`: the cell was missing or provisional, or a first file of what it reads came in. Else `error`: a corrected file.
    Columns: the cell, old_value, new_value, old_status, new_status, reason; sorted.
    """
    months = set(old["time_period"]) & set(new["time_period"])
    names = [*CELL, "obs_value", "obs_status", "definition_version"]
    left, right = (frame.filter(pl.col("time_period").is_in(months)).select(names) for frame in (old, new))
    both = left.join(right, on=list(CELL), how="full", suffix="_new", coalesce=True)
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in ("obs_value", "obs_status")]
    changed = both.filter(pl.any_horizontal(differs)).sort(CELL)
    seen: dict[tuple, set[str]] = {}
    came = arrived.to_dicts()
    reasons = [_reason(row, came, seen) for row in changed.iter_rows(named=True)]
    return changed.select(
        *CELL,
        old_value="obs_value",
        new_value="obs_value_new",
        old_status="obs_status",
        new_status="obs_status_new",
        reason=pl.Series(reasons, dtype=pl.String),
    )


def _reason(row: Mapping, came: list[dict], seen: dict[tuple, set[str]]) -> str:
    """The class of one changed cell; what came in for an indicator, area and month is looked up once."""
    if row["obs_status"] is None or row["obs_status_new"] is None:
        return "boundary"
    if row["definition_version"] != row["definition_version_new"]:
        return "definition"
    key = (row["indicator_id"], row["ref_area"][:9], row["time_period"])
    marks = seen.get(key) or seen.setdefault(key, _marks(*key, came))
    return next(
        (
            reason
            for reason, met in (
                ("back-pay", "back-pay" in marks),
                ("late", row["obs_status"] in ("M", "P")),
                ("boundary", "boundary" in marks),
                ("late", "first" in marks),
            )
            if met
        ),
        "error",
    )


def _marks(indicator_id: str, area: str, month: str, came: list[dict]) -> set[str]:
    """What the arrived files say about the cells of one indicator, area and month."""
    indicator = registry()[indicator_id]
    reads = {part.dataset for part in [*indicator.inputs, *indicator.columns]}
    reads |= {"comprehensive_return"} if indicator.items else set()
    reads |= {"policy_param"} if indicator.parameters else set()
    marks = set()
    for file in came:
        reference = file["dataset"] in ("policy_param", "region", "population", "cpi_series")
        here = area == county() or file["township_code"] in (area, county())
        if file["dataset"] not in reads or not here or not (reference or file["month"] <= month):
            continue
        if file["dataset"] == "policy_param" and file["decided_late"]:
            marks.add("back-pay")
        if file["dataset"] == "region":
            marks.add("boundary")
        marks.add("first" if file["first"] else "again")
    return marks


def delay_triangle(vintages: pl.DataFrame) -> pl.DataFrame:
    """How each cell's value grew from vintage to vintage.

    `vintages`: the cell's columns, `vintage` (YYYY-MM, the month in which the figure stood) and `obs_value`. The result
    adds `lag` (months from the cell's month to the vintage) and `final` (the newest vintage's value); rows without a value
    are left out.
    """
    index = [
        pl.col(name).str.slice(0, 4).cast(pl.Int32) * 12 + pl.col(name).str.slice(5).cast(pl.Int32) for name in _WHEN
    ]
    return (
        vintages.filter(pl.col("obs_value").is_not_null())
        .with_columns(lag=index[0] - index[1])
        .filter(pl.col("lag") >= 0)
        .with_columns(final=pl.col("obs_value").sort_by("vintage").last().over(CELL))
        .sort(*CELL, "lag")
    )


_WHEN = ("vintage", "time_period")


def usual_change(triangle: pl.DataFrame, coverage: float = 0.8) -> pl.DataFrame:
    """How much a value of an indicator still changes after `lag` months, by history.

    One row per indicator and lag: `seen` (months of history), `low` and `high`: the central `coverage` of final / value - 1.
    A value of zero says nothing about ratios and is left out; with fewer than MIN_HISTORY months low and high are null.
    """
    tail = (1 - coverage) / 2
    moved = pl.col("final") / pl.col("obs_value") - 1
    newest = pl.col("lag") < pl.col("lag").max().over(CELL)
    return (
        triangle.filter(pl.col("obs_value") != 0, newest)
        .group_by("indicator_id", "lag")
        .agg(seen=pl.col("time_period").n_unique(), low=moved.quantile(tail), high=moved.quantile(1 - tail))
        .with_columns(pl.when(pl.col("seen") >= MIN_HISTORY).then(pl.col("low", "high")))
        .sort("indicator_id", "lag")
    )


def provisional(
    observations: pl.DataFrame, usual: pl.DataFrame, vintage: str, tolerance: float = 0.005
) -> pl.DataFrame:
    """Mark normal cells as provisional (P) whose indicator, at their age in `vintage`, usually still changes.

    "Usually changes": the interval of `usual_change` passes `tolerance` (a share) on either side. Adds `likely_low` and
    `likely_high`, the interval of the final value; null where there is too little history.
    """
    now = int(vintage[:4]) * 12 + int(vintage[5:])
    period = pl.col("time_period")
    age = now - period.str.slice(0, 4).cast(pl.Int32) * 12 - period.str.slice(5).cast(pl.Int32)
    joined = observations.with_columns(lag=age).join(
        usual.select("indicator_id", pl.col("lag").cast(pl.Int32), "low", "high"),
        on=["indicator_id", "lag"],
        how="left",
    )
    moving = (pl.col("obs_status") == "A") & ((pl.col("low") < -tolerance) | (pl.col("high") > tolerance)).fill_null(
        False
    )
    return joined.with_columns(
        obs_status=pl.when(moving).then(pl.lit("P")).otherwise("obs_status"),
        likely_low=pl.col("obs_value") * (1 + pl.col("low")),
        likely_high=pl.col("obs_value") * (1 + pl.col("high")),
    ).drop("lag", "low", "high")
