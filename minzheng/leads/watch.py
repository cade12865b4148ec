"""What the outline asks to be watched beside the rules: small models that give counts by township and month.

`watch(connection, "price_link_payment", months)`; the names are the files of `sql/lead/watch/`, their first line says
what a row is. Only counts and sums come out.
"""

from collections.abc import Sequence
from functools import cache

import duckdb
import polars as pl

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS, SQL
from minzheng.contracts.regions import home_area
from minzheng.warehouse.connection import model, set_months, temporary_table


class Watched(Strict):
    """What one model is called, on which lists it rests, and how the bureau reads its columns."""

    zh: str
    lists: list[str]
    columns: dict[str, str]


class Payee(Strict):
    """A group due the price subsidy from one index month to another (None: without end)."""

    group: str
    first: str
    last: str | None


@cache
def titles() -> dict[str, Watched]:
    """The models of `contracts/watched.yaml`."""
    content = read_yaml(CONTRACTS / "watched.yaml")
    return {name: Watched.model_validate(entry) for name, entry in content.items()}


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
    _declare_payees(connection)
    query = text(name)
    offered = {"price_index": home_area().price_index}
    bound = {name: value for name, value in offered.items() if f"${name}" in query}
    return connection.sql(f"select * from ({query}) as counted order by all", params=bound).pl()


def _declare_payees(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary table `price_link_payee`, which the payment model reads."""
    content = read_yaml(CONTRACTS / "price_link_payees.yaml")
    payees = [Payee.model_validate(entry) for entry in content]
    columns = dict.fromkeys(("class", "first_month", "last_month"), "varchar")
    rows = [(payee.group, payee.first, payee.last) for payee in payees]
    temporary_table(connection, "price_link_payee", columns, rows)


def text(name: str) -> str:
    """The model's text; a model that builds on another names it in braces."""
    query = model(f"lead/watch/{name}")
    for other in watched():
        query = (
            query.replace("{" + other + "}", model(f"lead/watch/{other}"))
            if "{" + other + "}" in query
            else query
        )
    return query
