"""What a register table must look like whatever it says: counts of rows that break its contract, by month.

Derived from the dataset's contract, so that a new column brings its checks with it: types of the columns, required cells,
words of the code lists, ranges of numbers, keys, and the conservation of rows (in the register as many as the coverage says).
Every count is one aggregate of one scan; no value leaves the database.
"""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from minzheng.contracts.datasets import (
    KEY_NAME,
    NOT_KEPT,
    Column,
    Dataset,
    codes,
    dataset,
    dataset_names,
    register_columns,
)
from minzheng.warehouse.connection import model
from quality.ranges import ranges_of


class Count(NamedTuple):
    """How many rows of a dataset's month break a check; `checked` 0 means that the month has none."""

    suite: str
    check: str
    month: str
    checked: int
    failed: int


def _kept(contract: Dataset) -> Iterator[tuple[Column, str]]:
    names = {column.name for column in register_columns(contract.dataset)}
    for column in contract.columns:
        name = KEY_NAME.get(column.name, column.name)
        if column.name not in NOT_KEPT and name in names:
            yield column, name


def header_of(name: str, kept: str) -> str:
    """The Chinese heading of a register column."""
    return next(column.header for column, own in _kept(dataset(name)) if own == kept)


def conditions(name: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The broken-row condition of each row check of a dataset, and the lists its parameters bind."""
    contract = dataset(name)
    found: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    if contract.has_township:
        found["township"] = "township_code is null or length(township_code) not in (6, 9)"
    for column, kept in _kept(contract):
        if column.required and column.name not in ("month_value", "index_month"):
            found[f"{kept}:required"] = f'"{kept}" is null'
        if column.codes:
            lists[f"codes_{kept}"] = [
                *codes(column.codes),
                *(["未知"] if column.unknown_code == "warn" else []),
            ]
            found[f"{kept}:codes"] = (
                f'"{kept}" is not null and not list_contains($codes_{kept}, "{kept}")'
            )
    for limit in ranges_of(name):
        if limit.severity == "error":
            found[f"{limit.column}:range"] = limit.condition
    return found, lists


def warnings(name: str) -> dict[str, str]:
    """The broken-row condition of each range that only warns."""
    return {
        f"{limit.column}:range": limit.condition
        for limit in ranges_of(name)
        if limit.severity == "warn"
    }


def key_columns(name: str) -> list[str]:
    """The columns that are unique together in `register.<name>`.

    A roll may hold a person's exit beside an active row (stop-and-rebuild, D19), and one person in two townships (D13).
    """
    contract = dataset(name)
    kept = {column.name for column in register_columns(name)}
    key = [KEY_NAME.get(column, column) for column in contract.key if column != "statistical_month"]
    extra = [
        column for column in ("township_code", "active") if column in kept and column not in key
    ]
    return ["month", *(column for column in [*key, *extra] if column in kept)]


def checks(name: str) -> list[str]:
    """The names of the blocking checks of a register table."""
    return [*conditions(name)[0], "columns", "key", "conservation"]


def count_all(connection: duckdb.DuckDBPyConnection) -> list[Count]:
    """Counts of every check of every register table for the months in `work.month`."""
    return [count for name in dataset_names() for count in _count(connection, name)]


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Count]:
    broken, lists = conditions(name)
    broken |= {f"warn/{check}": condition for check, condition in warnings(name).items()}
    sums = ", ".join(f"count(*) filter (where {condition})" for condition in broken.values())
    query = (
        model("quality/structure")
        .replace("broken_counts", sums)
        .replace("register.dataset", f"register.{name}")
    )
    rows = connection.execute(query, lists).fetchall()
    for month, seen, *failed in rows:
        yield from (
            Count(name, check, month, seen, count)
            for check, count in zip(broken, failed, strict=True)
        )
    seen = {month: count for month, count, *_ in rows}
    yield from (Count(name, "key", *row) for row in _keys(connection, name))
    yield from (Count(name, "conservation", *row) for row in _conserved(connection, name))
    mistyped = _mistyped(connection, name)
    yield from (Count(name, "columns", month, count, mistyped) for month, count in seen.items())


def _keys(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    query = model("quality/key").replace("key_columns", ", ".join(key_columns(name)))
    return connection.execute(query.replace("register.dataset", f"register.{name}")).fetchall()


def _conserved(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    query = model("quality/conservation").replace("register.dataset", f"register.{name}")
    return connection.execute(query, {"dataset": name}).fetchall()


def _mistyped(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    query = "select column_name, data_type from information_schema.columns where table_schema = 'register' and table_name = $name"
    found = set(connection.execute(query, {"name": name}).fetchall())
    return len({(column.name, column.type) for column in register_columns(name)} ^ found)
