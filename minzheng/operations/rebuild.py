"""The warehouse anew from vault and ledger: what a damaged or lost database costs is time."""

from pathlib import Path

import duckdb

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger, set_aside
from minzheng.custody.vault import check_key
from minzheng.intake import load
from minzheng.intake.take import open_intake
from minzheng.leads import answers, what_if
from minzheng.warehouse.connection import LOADING, open_warehouse


def rebuild(home: Home, keys: Keys) -> tuple[int, Path | None]:
    """Set the warehouse aside and write every decided file again; returns how many, and where the old one lies."""
    check_key(home, keys)
    aside = set_aside(home.warehouse, (".wal",))
    with (
        open_warehouse(home, mending=True, **LOADING) as connection,
        open_intake(home, connection, keys) as intake,
    ):
        intake.resume()
        bring_back_answers(home, keys, connection)
        return len(load.written(connection)), aside


def bring_back_answers(home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection) -> None:
    """Put into the warehouse what people answered and asked that only vault and ledger know: it follows them."""
    with Ledger(home) as ledger:
        answers.restore(home, keys, connection, ledger)
        what_if.restore(connection, ledger)
