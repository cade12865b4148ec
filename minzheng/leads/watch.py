"""What the outline asks to be watched beside the rules: small models that give counts by township and month.

`watch(connection, "price_link_payment", months)`; the names are the files of `sql/lead/watch/`, their first line says
what a row is. Only counts and sums come out.
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng.warehouse import SQL, model, set_months


def watched() -> tuple[str, ...]:
    """The names of the models."""
    return tuple(sorted(path.stem for path in (SQL / "lead" / "watch").glob("*.sql")))


def watch(connection: duckdb.DuckDBPyConnection, name: str, months: Sequence[str]) -> pl.DataFrame:
    """The counts of one model for the months, ordered by month and township; KeyError for an unknown name.

    Sets `work.month`. Months and townships without a row have nothing to count, or no list: see `register.coverage`.
    """
    if name not in watched():
        raise KeyError(name)
    set_months(connection, months)
    return connection.sql(f"select * from ({text(name)}) as counted order by all").pl()


def text(name: str) -> str:
    """The model's text; a model that builds on another names it in braces."""
    query = model(f"lead/watch/{name}")
    for other in watched():
        query = query.replace("{" + other + "}", model(f"lead/watch/{other}")) if "{" + other + "}" in query else query
    return query
