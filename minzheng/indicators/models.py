"""Indicators: from the register to observations, all cells of all months at once.

The registry says which cells exist and what they need; `sql/indicator/case/` holds what is counted (one row a person,
household or application), `sql/indicator/fact/` what is summed or looked up. Both are found by name, so a new indicator
touches its own files only. Ratio, status, unit and definition version are settled here once for all (_G01, _G08, _G09).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, Version, registry
from minzheng.contracts.observations import observation_columns
from minzheng.contracts.paths import SQL
from minzheng.indicators.contract_tables import describe
from minzheng.indicators.open_rows import gather_open_parts
from minzheng.indicators.reading import ORDINARY, Reading
from minzheng.warehouse.connection import model, replace_months, set_months

_TYPES = {"varchar": pl.String, "double": pl.Float64, "integer": pl.Int32}
OBSERVATIONS = {
    name: _TYPES[one.type] for name, one in observation_columns().items() if one.published
}
"""The columns of observations as published, in the contract's order."""

ORDER = ("indicator_id", "time_period", "ref_area", *DIMENSIONS)
"""What the rows of observations are sorted by."""


def compute(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> int:
    """Compute every indicator of `months` and replace them in `indicator.observation`, in one transaction.

    Returns the rows written. Reads `register.*`, `lead.lead` and `raw.quarantine`; sets `work.month`. A month without
    data gives its cells with status M.
    """
    _gather(connection, months, ORDINARY)
    return replace_months(connection, "indicator.observation", model("indicator/observation"))


def compute_apart(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading
) -> pl.DataFrame:
    """The observations of `months` under another reading, as `observations` gives them; nothing stored is touched."""
    _gather(connection, months, reading)
    return _shaped(connection.sql(model("indicator/observation")).pl())


def _gather(connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading) -> None:
    """Everything that is counted, summed or looked up for `months`, in temporary tables."""
    gather_cases(connection, months, reading)
    connection.execute(model("indicator/empty_fact"))
    for name in ("counted", *(f"fact/{path.stem}" for path in _models("fact"))):
        connection.execute(f"insert into indicator_fact by name {model(f'indicator/{name}')}")
    _make(connection, "struck_count", model("indicator/struck_count"))
    gather_open_parts(connection)


def gather_cases(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading = ORDINARY
) -> None:
    """Fill the temporary table `indicator_case`: one row per thing that counts in `months`; sets `work.month`."""
    set_months(connection, months)
    describe(connection, list(registry().values()), reading)
    connection.execute((SQL / "indicator" / "macros.sql").read_text(encoding="utf-8"))
    for path in _models("shared"):
        _make(connection, path.stem.split("_", 1)[1], model(f"indicator/shared/{path.stem}"))
    _make(connection, "indicator_case", model("indicator/empty_case"))
    for path in _models("case"):
        connection.execute(
            f"insert into indicator_case by name {model(f'indicator/case/{path.stem}')}"
        )
    for code, version in _counted_otherwise(reading):
        _count_by(connection, code, version)


def _counted_otherwise(reading: Reading) -> list[tuple[str, Version]]:
    """Definitions with a model of their own that hold in this reading: those asked for, and those that no contract pins."""
    held = []
    for code, each in registry().items():
        versions = [] if code in reading.versions else each.versions
        held += [(code, one) for one in versions if one.counted_by and not one.pinned]
    asked = [
        (code, version.model_copy(update={"valid_from": "0000-00", "valid_to": None}))
        for code, version in reading.versions.items()
        if version.counted_by
    ]
    return held + asked


def _count_by(connection: duckdb.DuckDBPyConnection, code: str, version: Version) -> None:
    """Count an indicator by a definition's own model in the months of that definition."""
    months = {"code": code, "first": version.valid_from, "end": version.valid_to or "9999-99"}
    connection.execute(
        "delete from indicator_case where indicator_id = $code and month >= $first and month < $end",
        months,
    )
    connection.execute(
        f"""insert into indicator_case by name
            select * from ({model(f"indicator/version/{version.counted_by}")}) as counted
            where indicator_id = $code and month >= $first and month < $end""",
        months,
    )


def observations(
    connection: duckdb.DuckDBPyConnection, first: str, last: str, *, findings: bool = False
) -> pl.DataFrame:
    """The unsuppressed observations of the months from `first` to `last`, columns and order as published, sorted.

    Their bounds are where open rows could lead; with `findings`, where unresolved findings and open leads could lead as well.
    """
    rows = connection.sql(
        "select * from indicator.observation where month between $first and $last",
        params={"first": first, "last": last},
    ).pl()
    if findings:
        rows = rows.with_columns(lower_bound="lowest", upper_bound="highest")
    return _shaped(rows)


def totals(connection: duckdb.DuckDBPyConnection, last: str) -> pl.DataFrame:
    """Of the observations up to a month the totals of county and townships, as `observations` gives them."""
    whole = " and ".join(f"{name} = '_T'" for name in DIMENSIONS)
    query = f"select * from indicator.observation where month <= $last and length(ref_area) <= 9 and {whole}"
    return _shaped(connection.sql(query, params={"last": last}).pl())


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.rename({"month": "time_period"})
        .with_columns(release=pl.lit(None, dtype=pl.String))
        .select(*OBSERVATIONS)
        .sort(ORDER)
    )


def _models(kind: str) -> list:
    return sorted((SQL / "indicator" / kind).glob("*.sql"))


def _make(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    connection.execute(f"create or replace temp table {name} as {select}")
