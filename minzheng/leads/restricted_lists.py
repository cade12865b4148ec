"""The sealed lists of a month for the townships: leads to look into, rows to mend. Only the bureau's key opens them."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from minzheng.custody.home import Home
from minzheng.custody.vault import keys_of
from minzheng.intake.returns import export_lists
from minzheng.leads.files import seal_workbooks


def seal_lists(home: Home, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Write both kinds of list into `restricted/<month>/` for each month.

    Lists of a township that has nothing open any more are taken away, so that nobody works through an old one.
    """

    keys = keys_of(home)
    kept: dict[Path, pl.DataFrame] = {}  # leads of many months look back at the same lists
    for month in months:
        leads = seal_workbooks(home, keys, connection, month, kept)
        for old in set((home.restricted / month).glob("*线索核查表.xlsx.sealed")) - set(leads):
            old.unlink()
        export_lists(home, keys, connection, month)


def sealed(home: Home, month: str) -> list[Path]:
    """The month's lists that lie there; none where they were never sealed or are taken away since."""
    return list((home.restricted / month).glob("*.sealed"))
