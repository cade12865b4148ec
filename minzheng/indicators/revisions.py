"""Revisions: which cells differ between two readings of the figures, and the reason class of each (docs/data.md).

The classes are late, error, definition, boundary and back-pay. What came in between decides among them: from the
warehouse (`arrivals`), or, where only two releases are at hand, from the inputs their manifests name (`named_arrivals`).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import duckdb
import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.regions import county, region_names
from minzheng.contracts.report import words
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.months import add_months

CELL = ("indicator_id", "ref_area", "time_period", *DIMENSIONS)
REFERENCE = ("policy_param", "region", "population", "cpi_series")
"""Datasets whose files speak for months other than their own."""

ARRIVED = {
    "dataset": pl.String,
    "month": pl.String,
    "township_code": pl.String,
    "first": pl.Boolean,
    "decided_late": pl.Boolean,
}
"""What came in, one row a place covered: `first` = no earlier file covered it; `decided_late` = standards decided after
their validity began (back-pay); a null place may be any."""


def arrivals(connection: duckdb.DuckDBPyConnection, since: dt.date, until: dt.date) -> pl.DataFrame:
    """Accepted files received after the day `since` up to the end of the day `until` (Asia/Shanghai), as `ARRIVED`."""
    midnight = [
        dt.datetime.combine(day + dt.timedelta(days=1), dt.time()) for day in (since, until)
    ]
    rows = connection.execute(
        "select intake_no from raw.file where received_at >= $since and received_at < $until",
        dict(zip(("since", "until"), midnight, strict=True)),
    ).fetchall()
    return _arrived(connection, [number for (number,) in rows])


def arrivals_beyond(connection: duckdb.DuckDBPyConnection, known: Collection[str]) -> pl.DataFrame:
    """Accepted files whose SHA-256 is not among `known` (the inputs of an earlier release), as `ARRIVED`."""
    rows = connection.execute("select intake_no, sha256 from raw.file").fetchall()
    known = set(known)
    return _arrived(connection, [number for number, sha256 in rows if sha256 not in known])


def named_arrivals(old: Iterable[Mapping], new: Iterable[Mapping]) -> pl.DataFrame:
    """As `arrivals`, from the inputs that two manifests name: place unknown, standards of a later month are late ones."""
    known = {entry["sha256"] for entry in old}
    before = {(entry["dataset"], entry["month"]) for entry in old}
    rows = [
        (
            entry["dataset"],
            entry["month"],
            None,
            (entry["dataset"], entry["month"]) not in before,
            None,
        )
        for entry in new
        if entry["sha256"] not in known
    ]
    return pl.DataFrame(rows, schema=ARRIVED, orient="row").unique().sort("dataset", "month")


def since_release(
    connection: duckdb.DuckDBPyConnection,
    released: pl.DataFrame,
    inputs: Iterable[Mapping],
    observations: pl.DataFrame,
) -> pl.DataFrame:
    """The changed cells of `observations` against an earlier release, with reasons from the files that came in since.

    `released`: its observations; `inputs`: what its manifest names (`sha256` of each).
    """
    came = arrivals_beyond(connection, [entry["sha256"] for entry in inputs])
    return changed_cells(released, observations, came)


def _arrived(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> pl.DataFrame:
    rows = connection.sql(
        """
        with covered as (
            select intake_no, dataset, month, unnest(string_split(township_codes, ',')) as township_code
            from raw.file
            where verdict in (select unnest($accepted))
        ),
        ordered as (
            select *, row_number() over (partition by dataset, month, township_code order by intake_no) = 1 as first
            from covered
        ),
        decided as (select distinct intake_no from raw.policy_param where decided_on > valid_from)
        select dataset, month, township_code, bool_or(first) as first, bool_or(decided.intake_no is not null) as decided_late
        from ordered
        left join decided using (intake_no)
        where intake_no in (select unnest($numbers))
        group by dataset, month, township_code
        order by dataset, month, township_code
        """,
        params={"accepted": list(ACCEPTED), "numbers": numbers},
    ).pl()
    return rows.cast(ARRIVED)


def changed_cells(
    old: pl.DataFrame, new: pl.DataFrame, arrived: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Cells whose value or status differs between two observation frames, for the months both hold, with the reason.

    `definition`: the definition version differs. `back-pay`: a standard decided late came in and the cell reads
    standards. `boundary`: a region file came in and the cell reads regions, or the cell exists on one side only.
    `late`: the cell was missing or provisional, or a first file of what it reads came in. Else `error`: a corrected file.
    Without `arrived` the cells alone tell. A withheld cell has status C; a provisional value that stood is no change.
    Columns: the cell, old_value, new_value, old_status, new_status, reason; sorted.
    """
    months = set(old["time_period"]) & set(new["time_period"])
    names = [*CELL, "obs_value", "definition_version"]
    left, right = (
        frame.filter(pl.col("time_period").is_in(months)).select(
            *names,
            pl.when(pl.col("conf_status") == "C")
            .then(pl.lit("C"))
            .otherwise("obs_status")
            .alias("told"),
        )
        for frame in (old, new)
    )
    both = left.join(right, on=list(CELL), how="full", suffix="_new", coalesce=True)
    settled = [pl.col(name).replace("P", "A") for name in ("told", "told_new")]
    differs = [
        pl.col("obs_value").ne_missing(pl.col("obs_value_new")),
        settled[0].ne_missing(settled[1]),
    ]
    changed = both.filter(pl.any_horizontal(differs)).sort(CELL)
    came = [] if arrived is None else arrived.to_dicts()
    seen: dict[tuple, set[str]] = {}
    reasons = [_reason(row, came, seen) for row in changed.iter_rows(named=True)]
    return changed.select(
        *CELL,
        old_value="obs_value",
        new_value="obs_value_new",
        old_status="told",
        new_status="told_new",
        reason=pl.Series(reasons, dtype=pl.String),
    )


def _reason(row: Mapping, came: list[dict], seen: dict[tuple, set[str]]) -> str:
    """The class of one changed cell; what came in for an indicator, area and month is looked up once."""
    if row["told"] is None or row["told_new"] is None:
        return "boundary"
    if row["definition_version"] != row["definition_version_new"]:
        return "definition"
    key = (row["indicator_id"], row["ref_area"][:9], row["time_period"])
    if key not in seen:
        seen[key] = _marks(*key, came)
    marks = seen[key]
    if "back-pay" in marks:
        return "back-pay"
    if row["told"] in ("M", "P"):
        return "late"
    if "boundary" in marks:
        return "boundary"
    return "late" if "first" in marks else "error"


def _marks(indicator_id: str, area: str, month: str, came: list[dict]) -> set[str]:
    """What the arrived files say about the cells of one indicator, area and month."""
    indicator = registry().get(indicator_id)
    if indicator is None:
        return set()
    reads = {part.dataset for part in [*indicator.inputs, *indicator.columns]}
    reads |= {"comprehensive_return"} if indicator.items else set()
    reads |= {"policy_param"} if indicator.parameters else set()
    marks = set()
    for file in came:
        here = area == county() or file["township_code"] in (area, county(), None)
        if (
            file["dataset"] not in reads
            or not here
            or not (file["dataset"] in REFERENCE or file["month"] <= month)
        ):
            continue
        late = file["month"] > month if file["decided_late"] is None else file["decided_late"]
        if file["dataset"] == "policy_param" and late:
            marks.add("back-pay")
        elif file["dataset"] == "region":
            marks.add("boundary")
        elif file["first"] and (file["dataset"] != "policy_param" or file["month"] <= month):
            marks.add("first")
    return marks


def revision_lines(changed: pl.DataFrame) -> list[str]:
    """One line a changed cell: where, what it was, what it is, why; codes with their Chinese names."""
    return [
        f"{named(row['indicator_id'], row['ref_area'])} {row['time_period']}{_breakdown(row)}: "
        f"{_side(row, 'old')} -> {_side(row, 'new')} ({row['reason']} {words().reason(row['reason'])})"
        for row in changed.iter_rows(named=True)
    ]


def named(code: str, area: str) -> str:
    """An indicator and an area, each code with its Chinese name behind it."""
    known, places = registry().get(code), region_names()
    return f"{code} {known.names.zh if known else ''} {area} {places.get(area, '')}"


def _breakdown(row: dict) -> str:
    parts = [f"{name}={row[name]}" for name in DIMENSIONS if row[name] != "_T"]
    return "".join(f" {part}" for part in parts)


def _side(row: dict, side: str) -> str:
    value, status = row[f"{side}_value"], row[f"{side}_status"]
    return "none" if status is None else status if value is None else f"{value:.10g}"


def with_revision_rate(
    observations: pl.DataFrame, first_releases: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """`observations` with `dq_revision_rate` filled where last month was released before.

    `observations`: unsuppressed, in the contract's columns. `first_releases`: month -> observations of its first release.
    Of the cells of last month that its first release showed, the share whose value or status is another now. Cells it
    withheld are left out on both sides; a month whose last month has no release stays M.
    """
    rates = [
        (add_months(month, 1), *_revised(observations, frame, month))
        for month, frame in first_releases.items()
    ]
    counted = pl.DataFrame(
        [row for row in rates if row[2]],
        schema={"time_period": pl.String, "n": pl.Float64, "d": pl.Float64},
        orient="row",
    )
    here = (pl.col("indicator_id") == "dq_revision_rate") & pl.col("d").is_not_null()
    values = {
        "numerator": pl.col("n"),
        "denominator": pl.col("d"),
        "obs_value": pl.col("n") / pl.col("d") * 100,
        "obs_status": pl.lit("A"),
        "note": pl.lit(""),
    }
    return (
        observations.join(counted, on="time_period", how="left", maintain_order="left")
        .with_columns(
            pl.when(here).then(value).otherwise(name).alias(name) for name, value in values.items()
        )
        .drop("n", "d")
    )


def _revised(observations: pl.DataFrame, released: pl.DataFrame, month: str) -> tuple[float, float]:
    """Cells of a month that its first release showed and that are another now, and all it showed.

    The rate itself is no cell of the comparison: it would count its own coming into being.
    """
    asked = (pl.col("time_period") == month) & (pl.col("indicator_id") != "dq_revision_rate")
    shown = released.filter(asked & (pl.col("conf_status") == "F"))
    now = observations.filter(asked).join(shown.select(CELL), on=list(CELL), how="semi")
    changed = changed_cells(shown, now.with_columns(conf_status=pl.lit("F")))
    return float(changed.height), float(shown.height)
