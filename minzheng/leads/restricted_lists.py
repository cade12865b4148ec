"""The sealed lists of a month for the townships: leads to look into, rows to mend. Only the bureau's key opens them."""

from collections.abc import Iterable, Sequence

import duckdb

from minzheng.custody.home import Home
from minzheng.custody.vault import keys_of
from minzheng.intake.returns import export_lists
from minzheng.leads.files import seal_workbooks


def seal_lists(
    home: Home, connection: duckdb.DuckDBPyConnection, months: Sequence[str]
) -> dict[str, int]:
    """Write both kinds of list into `restricted/<month>/` for each month; returns how many lie there now.

    Lists of a township that has nothing open any more are taken away, so that nobody works through an old one.
    """

    keys, sealed = keys_of(home), {}
    for month in months:
        leads = seal_workbooks(home, keys, connection, month)
        for old in set((home.restricted / month).glob("*线索核查表.xlsx.sealed")) - set(leads):
            old.unlink()
        sealed[month] = len(leads) + len(export_lists(home, keys, connection, month))
    return sealed


def unsealed(home: Home, months: Iterable[str]) -> list[str]:
    """The months of which no list lies there: never sealed, or taken away since."""
    return [month for month in months if not any((home.restricted / month).glob("*.sealed"))]
