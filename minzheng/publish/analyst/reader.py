"""What the release and the register have in common for analysts: queries on a connection that can do nothing else."""

from typing import Any, Self

import duckdb
import polars as pl

from minzheng.errors import MinzhengError


class BadQuery(MinzhengError):
    """The query cannot be run: it is wrong, writes, or reaches outside."""


class Reader:
    """Read-only tables. Use as a context manager, or call `close`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened."""
        self._connection.close()

    def sql(self, query: str, **parameters: Any) -> pl.DataFrame:
        """The rows of a query; `$name` binds a parameter. `BadQuery` where it is wrong, writes, or reaches outside."""
        try:
            relation = self._connection.sql(query, params=parameters or None)
            return pl.DataFrame() if relation is None else relation.pl()
        except duckdb.Error as error:
            told = str(error).split("\n")[0]
            raise BadQuery(f"cannot run the query: {told}", f"查询无法执行：{told}") from None


def quoted(name: str) -> str:
    """The name of a table as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'
