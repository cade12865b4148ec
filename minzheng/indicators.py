"""Indicators: from the register to observations, all cells of all months at once.

The registry says which cells exist and what they need; `sql/indicator/case/` holds what is counted (one row a person,
household or application), `sql/indicator/fact/` what is summed or looked up. Both are found by name, so a new indicator
touches its own files only. Ratio, status, unit and definition version are settled here once for all (_G01, _G08, _G09).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from minzheng.contracts import dataset, dataset_names
from minzheng.leads.cases import states as case_states
from minzheng.registry import DIMENSIONS, Indicator, Version, county, regions, registry
from minzheng.unresolved import effect_rows, list_rows
from minzheng.warehouse import SQL, model, replace_months, set_months

OBSERVATIONS = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "time_period": pl.String,
    "freq": pl.String,
    "residence": pl.String,
    "sex": pl.String,
    "age_group": pl.String,
    "category": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "obs_value": pl.Float64,
    "decimals": pl.Int32,
    "unit_measure": pl.String,
    "obs_status": pl.String,
    "conf_status": pl.String,
    "lower_bound": pl.Float64,
    "upper_bound": pl.Float64,
    "definition_version": pl.String,
    "release": pl.String,
    "note": pl.String,
}
"""The columns of observations, in the contract's order."""

POPULATION_SOURCES = ("常住", "普查", "户籍")
"""The sources of population figures, the preferred first (_G12)."""


@dataclass(frozen=True)
class Reading:
    """What a parallel run reads otherwise: definitions by indicator, parameters, the sources of population figures."""

    versions: Mapping[str, Version] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    population_sources: Sequence[str] = POPULATION_SOURCES

    @property
    def settings(self) -> dict[str, float]:
        """Every parameter that is set instead of read."""
        fixed: dict[str, float] = {}
        for version in self.versions.values():
            fixed |= version.sets
        return fixed | dict(self.parameters)


ORDINARY = Reading()


def compute(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> int:
    """Compute every indicator of `months` and replace them in `indicator.observation`, in one transaction.

    Returns the rows written. Reads `register.*`, `lead.lead` and `raw.quarantine`; sets `work.month`. A month without
    data gives its cells with status M.
    """
    _gather(connection, months, ORDINARY)
    return replace_months(connection, "indicator.observation", model("indicator/observation"))


def compute_apart(connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading) -> pl.DataFrame:
    """The observations of `months` under another reading, as `observations` gives them; nothing stored is touched."""
    _gather(connection, months, reading)
    return _shaped(connection.sql(model("indicator/observation")).pl())


def _gather(connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading) -> None:
    """Everything that is counted, summed or looked up for `months`, in temporary tables."""
    gather_cases(connection, months, reading)
    _make(connection, "indicator_fact", model("indicator/counted"))
    _make(connection, "struck_count", model("indicator/struck_count"))
    for path in _models("fact"):
        connection.execute(f"insert into indicator_fact by name {model(f'indicator/fact/{path.stem}')}")


def gather_cases(connection: duckdb.DuckDBPyConnection, months: Sequence[str], reading: Reading = ORDINARY) -> None:
    """Fill the temporary table `indicator_case`: one row per thing that counts in `months`; sets `work.month`."""
    set_months(connection, months)
    _describe(connection, reading)
    connection.execute((SQL / "indicator" / "macros.sql").read_text(encoding="utf-8"))
    for path in _models("shared"):
        _make(connection, path.stem.split("_", 1)[1], model(f"indicator/shared/{path.stem}"))
    _make(connection, "indicator_case", model("indicator/empty_case"))
    for path in _models("case"):
        connection.execute(f"insert into indicator_case by name {model(f'indicator/case/{path.stem}')}")
    for code, version in _counted_otherwise(reading):
        _count_by(connection, code, version)


def _counted_otherwise(reading: Reading) -> list[tuple[str, Version]]:
    """Definitions with a model of their own that hold in this reading: those asked for, and those that no contract pins."""
    ordinary = [
        (code, version)
        for code, each in registry().items()
        for version in each.versions
        if version.counted_by and not version.pinned and code not in reading.versions
    ]
    asked = [
        (code, version.model_copy(update={"valid_from": "0000-00", "valid_to": None}))
        for code, version in reading.versions.items()
        if version.counted_by
    ]
    return ordinary + asked


def _count_by(connection: duckdb.DuckDBPyConnection, code: str, version: Version) -> None:
    """Count an indicator by a definition's own model in the months of that definition."""
    months = {"code": code, "first": version.valid_from, "end": version.valid_to or "9999-99"}
    connection.execute(
        "delete from indicator_case where indicator_id = $code and month >= $first and month < $end", months
    )
    connection.execute(
        f"""insert into indicator_case by name
            select * from ({model(f"indicator/version/{version.counted_by}")}) as counted
            where indicator_id = $code and month >= $first and month < $end""",
        months,
    )


def observations(connection: duckdb.DuckDBPyConnection, first: str, last: str) -> pl.DataFrame:
    """The unsuppressed observations of the months from `first` to `last`, columns and order as published, sorted."""
    rows = connection.sql(
        "select * from indicator.observation where month between $first and $last",
        params={"first": first, "last": last},
    ).pl()
    return _shaped(rows)


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.rename({"month": "time_period"})
        .with_columns(release=pl.lit(None, dtype=pl.String))
        .select(*OBSERVATIONS)
        .sort("indicator_id", "time_period", "ref_area", *DIMENSIONS)
    )


def _models(kind: str) -> list:
    return sorted((SQL / "indicator" / kind).glob("*.sql"))


def _make(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    connection.execute(f"create or replace temp table {name} as {select}")


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[tuple]) -> None:
    """A temporary table of a few thousand rows, given in columns as lists."""
    lists = dict(zip(columns, zip(*rows, strict=True) if rows else ([] for _ in columns), strict=True))
    fields = ", ".join(f"unnest(cast(${column} as {kind}[])) as {column}" for column, kind in columns.items())
    values = {column: list(column_values) for column, column_values in lists.items()}
    connection.execute(f"create or replace temp table {name} as select {fields}", values)


def _describe(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """What the registry and the contracts say, as temporary tables that the models join."""
    known = list(registry().values())
    _table(connection, "parameter_set", {"param_code": "varchar", "value": "double"}, list(reading.settings.items()))
    _table(
        connection,
        "population_preference",
        {"population_source": "varchar", "preference": "integer"},
        [(source, number) for number, source in enumerate(reading.population_sources, 1)],
    )
    text = dict.fromkeys
    _table(connection, "area", text(("ref_area", "level", "name"), "varchar"), _areas())
    _table(connection, "contract_village", text(("ref_area", "township_code"), "varchar"), _villages())
    _table(
        connection,
        "dataset_title",
        text(("dataset", "title"), "varchar"),
        [(n, dataset(n).title.zh) for n in dataset_names()],
    )
    extracts = [(n,) for n in dataset_names() if dataset(n).kind in ("roll", "ledger", "facility", "aggregate")]
    _table(connection, "monthly_extract", {"dataset": "varchar"}, extracts)
    _table(
        connection,
        "indicator",
        {
            "indicator_id": "varchar", "multiplier": "double", "decimals": "integer", "unit_measure": "varchar",
            "has_denominator": "boolean", "empty": "varchar", "effect": "varchar", "unavailable": "varchar",
        },
        [_facts_of(each) for each in known],
    )  # fmt: skip
    _table(
        connection,
        "cell",
        text(("indicator_id", "level", *DIMENSIONS, "needs_dataset", "needs_column"), "varchar"),
        [row for each in known for row in _cells_of(each)],
    )
    columns = [
        (each.code, need.dataset, need.column, _window(each, need.dataset)) for each in known for need in each.columns
    ]
    _table(
        connection, "required_column", text(("indicator_id", "dataset", "column_name", "reading"), "varchar"), columns
    )
    needs = [(each.code, part.dataset, part.window) for each in known for part in each.inputs if part.window != "read"]
    _table(connection, "requirement", text(("indicator_id", "dataset", "reading"), "varchar"), needs)
    _table(
        connection,
        "required_parameter",
        text(("indicator_id", "param_code"), "varchar"),
        [(each.code, code) for each in known for code in each.parameters],
    )
    _table(
        connection,
        "item",
        text(("indicator_id", "item_code", "part", "kind", "reported_by"), "varchar"),
        [(each.code, item.code, item.part, item.kind, item.reporter) for each in known for item in each.items],
    )
    opened = [(e.code, name, e.open_rows.window) for e in known if e.open_rows for name in e.open_rows.datasets]
    _table(connection, "open_input", text(("indicator_id", "dataset", "reading"), "varchar"), opened)
    _table(
        connection,
        "definition",
        text(("indicator_id", "version", "valid_from", "valid_to", "sentence"), "varchar"),
        [row for each in known for row in _definitions_of(each, reading.versions.get(each.code))],
    )
    _describe_unresolved(connection)


def _describe_unresolved(connection: duckdb.DuckDBPyConnection) -> None:
    """What an unresolved finding could change, and which states of a case are open."""
    columns = {"rule_id": "varchar", "effect": "varchar", "target": "varchar", "one_stays": "boolean"}
    _table(connection, "finding_effect", columns, effect_rows())
    columns = {"list": "varchar", "part": "varchar", "indicator_id": "varchar", "shared": "boolean"}
    _table(connection, "list_count", columns, list_rows())
    pending = [(name,) for name, state in case_states().items() if state.pending]
    _table(connection, "open_state", {"state": "varchar"}, pending)


def _window(each: Indicator, name: str) -> str:
    """The months of whose files an indicator needs a column: the year so far, or the month alone."""
    yearly = any(part.dataset == name and part.window == "year_to_date" for part in each.inputs)
    return "year_to_date" if yearly else "month"


def _definitions_of(each: Indicator, asked: Version | None) -> list[tuple]:
    """Version, first month, month it ends and sentence of each definition; the first also holds for all earlier months."""
    if asked:
        return [(each.code, asked.version, "0000-00", "9999-12", asked.sentence.zh)]
    first = each.versions[0]
    return [
        (each.code, v.version, "0000-00" if v is first else v.valid_from, v.valid_to or "9999-12", v.sentence.zh)
        for v in each.versions
    ]


def _areas() -> list[tuple]:
    return [(r.code, r.level, r.name) for r in regions() if r.level in ("county", "township")]


def _villages() -> list[tuple]:
    return [(r.code, r.parent) for r in regions() if r.level == "village" and r.parent.startswith(county())]


def _facts_of(each: Indicator) -> tuple:
    effect = each.open_rows.effect if each.open_rows else None
    unavailable = each.unavailable.zh if each.unavailable else None
    decided = each.denominator is not None
    return (each.code, each.multiplier, each.decimals, each.unit, decided, each.empty, effect, unavailable)


def _cells_of(each: Indicator) -> list[tuple]:
    """Cells by level: counties and townships have all, villages the total only (_G06); optional columns as needed."""
    rows = []
    for level in each.areas:
        for cell in each.cells():
            broken = next((name for name in DIMENSIONS if cell[name] != "_T"), None)
            if broken and (
                level == "village" or level != "county" and cell[broken] in each.breakdowns[broken].county_only
            ):
                continue
            need = each.breakdowns[broken].needs if broken else None
            place = (need.dataset, need.column) if need else (None, None)
            rows.append((each.code, level, *(cell[name] for name in DIMENSIONS), *place))
    return rows
