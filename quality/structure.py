"""What a register table must look like whatever it says: counts of rows that break its contract, by month.

Derived from the dataset's contract, so that a new column brings its checks with it: types of the columns, required cells,
words of the code lists, ranges of numbers, keys, and the conservation of rows (in the register as many as the coverage says).
Every count is one aggregate of one scan; no value leaves the database.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import duckdb

from minzheng.contracts.datasets import dataset_names, register_columns
from minzheng.contracts.suites import conditions, key_columns, warnings
from minzheng.warehouse.connection import model


class Count(NamedTuple):
    """How many rows of a dataset's month break a check; `checked` 0 means that the month has none."""

    suite: str
    check: str
    month: str
    checked: int
    failed: int


def count_all(connection: duckdb.DuckDBPyConnection) -> list[Count]:
    """Counts of every check of every register table for the months in `work.month`."""
    return list(chain.from_iterable(_count(connection, name) for name in dataset_names()))


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
