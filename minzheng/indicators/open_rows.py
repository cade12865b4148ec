"""What open rows could add to each figure: the models of the indicators, told once more from the rows in quarantine alone.

Open is a quarantined row of a file in force, and a facility or site that was there and has no row. A unit says what its own
readable cells say, else what its last accepted row said; a code, a flag or a date that cannot be read is read every way it can be.
A model of cases then counts things that only open rows know; a model of sums is told with each open unit for an area of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import duckdb

from minzheng.contracts.datasets import Column, codes, dataset, register_columns
from minzheng.contracts.indicators import OpenRows, registry
from minzheng.warehouse.connection import SQL, model

RELAYED = ("15_facility", "17_low_income", "18_paid")
"""Shared models that hand rows of one dataset on to others."""

AGES = (10, 16, 18, 40, 65, 75, 85, 95, 100)
"""One of each age group that an indicator tells apart: who has no readable id number may be of any."""

ENDS = ("closed_on", "left_on", "valid_to")
"""Dates that end something: left out, or not to be read, it has not ended."""


def gather_open_parts(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary table `open_part`: what each open unit would add, by indicator, month, area and cell.

    Needs what `indicators` gathers: shared tables, `indicator_case` and `indicator_fact`. Leaves them as they were.
    """
    connection.execute(model("indicator/open/empty_part"))
    for name in _read_by_content():
        if _make_rows(connection, name):
            _count_cases(connection, name)
            _sum_facts(connection, name)
        if "household_key" in {column.name for column in register_columns(name)}:
            _count_homeless(connection, name)


def _read_by_content() -> list[str]:
    """The datasets whose open rows count by what they say."""
    return sorted(set().union(*(part.datasets for part in _open_parts() if part.by_content)))


def _open_parts() -> Iterator[OpenRows]:
    """What the indicators say of open rows."""
    return chain.from_iterable(each.open_rows for each in registry().values())


def _make_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """The temporary table `open_rows`: the open units of a dataset, one row for each way to read one; returns how many.

    `of_one_person`: one of the rows that differ in sex and age alone, of which no sum knows.
    """
    contract = dataset(name)
    unit = " || '/' || ".join(contract.unit_columns)
    text = model("indicator/open/rows").replace("row_unit", f"({unit})")
    query = re.sub(r"\b(open|register)\.dataset\b", rf"\1.{name}", text)
    joins, shown, words = _readings(name)
    once = [
        f"coalesce({key}_way.word = ${key}[1], true)" for key in ("sex", "age") if key in words
    ] or ["true"]
    connection.execute(
        f"create or replace temp table read_together as {query}",
        {"dataset": name, "stays": contract.kind == "facility"},
    )
    connection.execute(
        f"""create or replace temp table open_rows as
            select told.* replace ({", ".join(shown)}), told.township_code as home_code, {" and ".join(once)} as of_one_person,
                left(told.township_code, 6) || '/' || row_number() over () as area_code
            from read_together as told {" ".join(joins)}""",
        words,
    )
    return connection.execute("select count(*) from open_rows").fetchall()[0][0]


def _parameters_of(name: str) -> dict[str, str]:
    """The dataset, and in what its open units are counted."""
    return {"dataset": name, "counted_in": "家" if dataset(name).kind == "facility" else "行"}


def _readings(name: str) -> tuple[list[str], list[str], dict]:
    """Joins, columns and parameters that read each blank cell every way it can be read."""
    joins, shown, words = [], [], {}
    for column in register_columns(name):
        source = dataset(name).column(column.source or "")
        if column.name == "active":
            shown.append("coalesce(told.active, true) as active")
        elif column.name == "status":
            shown.append("coalesce(told.status, '在保') as status")
        elif source is not None and source.type == "date" and column.name not in ENDS:
            shown.append(f"{_date(source)} as {column.name}")
        elif ways := _ways(column.name, source):
            joins.append(
                f"join (select unnest(${column.name}) as word) as {column.name}_way "
                f"on (told.{column.name} is null) = ({column.name}_way.word is not null)"
            )
            shown.append(f"coalesce(told.{column.name}, {column.name}_way.word) as {column.name}")
            words[column.name] = [*ways, None]
    return joins, shown, words


def _ways(name: str, source: Column | None) -> list:
    """What a cell that must be filled in can hold; nothing for amounts, names and texts."""
    if name == "sex":
        return ["F", "M"]
    if name == "age":
        return list(AGES)
    if source is None or not source.required:
        return []
    return (
        [True, False]
        if source.type == "flag"
        else list(codes(source.codes))
        if source.codes
        else []
    )


def _date(source: Column) -> str:
    """A date that was written and cannot be read is the month's last day; one that may be left out stays out."""
    name, last = source.name, "last_day(cast(told.month || '-01' as date))"
    if source.required:
        return f"coalesce(told.{name}, {last})"
    return f"""coalesce(told.{name}, if(exists (
        select 1 from raw.quarantine as fault where fault.intake_no = told.intake_no and fault.column_name = '{name}'
            and fault.sheet is not distinct from told.sheet and fault.row_no = told.row_no
    ), {last}, null))"""


def _count_cases(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Things that only the open rows of a dataset know, by the models of cases."""
    connection.execute(
        "create or replace temp view told_open as select * exclude (home_code, area_code) from open_rows"
    )
    with _relayed(connection, name):
        _tell_cases(connection, name)
    told = f"insert into open_part by name {model('indicator/open/case_part')}"
    connection.execute(told, _parameters_of(name) | {"retold": False})
    if any(part.retold and name in part.datasets for part in _open_parts()):
        _retell_cases(connection, name)
        connection.execute(told, _parameters_of(name) | {"retold": True})


def _count_homeless(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Households that only rows without a usable household number know: each may be one of its own, or one that is counted."""
    connection.execute(
        f"""create or replace temp view told_open as
            select * replace ('?' || concat_ws('/', intake_no, sheet, row_no) as household_key)
            from register.{name} where household_key is null"""
    )
    if connection.execute("select count(*) from told_open").fetchall()[0][0]:
        _tell_cases(connection, name)
        told = {"dataset": name, "counted_in": "行户编号", "retold": False}
        connection.execute(
            f"insert into open_part by name {model('indicator/open/case_part')}", told
        )


def _retell_cases(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """All cases, with the open rows beside those in force."""
    connection.execute(
        f"""create or replace temp view told_open as select * from register.{name}
            union all by name select * exclude (home_code, area_code, of_one_person, open_unit, reading) from open_rows"""
    )
    _tell_cases(connection, name)


def _tell_cases(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The table `open_case` of what the models of cases count in `told_open`."""
    connection.execute(f"create or replace temp table open_case as {model('indicator/empty_case')}")
    for text in _models("case", name):
        connection.execute(f"insert into open_case by name {text}")


def _sum_facts(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """What each open unit adds to sums, by the models of sums over areas that are one unit each."""
    connection.execute(
        "create or replace temp view told_open as "
        "select * exclude (home_code, area_code) replace (area_code as township_code) from open_rows where of_one_person"
    )
    connection.execute(model("indicator/empty_fact").replace("indicator_fact", "open_fact"))
    connection.execute("alter table area_of rename to real_area_of")
    connection.execute(
        "create temp table area_of as select area_code as township_code, area_code as ref_area from open_rows"
    )
    with _relayed(connection, name):
        for text in _models("fact", name):
            connection.execute(f"insert into open_fact by name {text}")
    connection.execute(
        f"insert into open_part by name {model('indicator/open/fact_part')}", _parameters_of(name)
    )
    connection.execute("drop table area_of")
    connection.execute("alter table real_area_of rename to area_of")


@contextmanager
def _relayed(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[None]:
    """The shared models that hand on rows of a dataset hand on its open rows meanwhile."""
    relays = [path for path in RELAYED if f"register.{name}" in model(f"indicator/shared/{path}")]
    for path in relays:
        table = path.split("_", 1)[1]
        connection.execute(f"alter table {table} rename to kept_{table}")
        connection.execute(
            f"create temp table {table} as {_from_open_rows(f'indicator/shared/{path}', name)}"
        )
    yield
    for path in relays:
        table = path.split("_", 1)[1]
        connection.execute(f"drop table {table}")
        connection.execute(f"alter table kept_{table} rename to {table}")


def _models(kind: str, name: str) -> list[str]:
    """The models of a kind that read a dataset, or a shared model that hands it on, told from its open rows."""
    relays = [
        path.split("_", 1)[1]
        for path in RELAYED
        if f"register.{name}" in model(f"indicator/shared/{path}")
    ]
    words = re.compile(
        rf"register\.{name}\b" + "".join(rf"|\b(?:from|join) {table}\b" for table in relays)
    )
    paths = sorted((SQL / "indicator" / kind).glob("*.sql"))
    return [
        _from_open_rows(f"indicator/{kind}/{path.stem}", name)
        for path in paths
        if words.search(path.read_text("utf-8"))
    ]


def _from_open_rows(path: str, name: str) -> str:
    return re.sub(rf"\bregister\.{name}\b", "told_open", model(path))
