"""The warehouse anew from vault and ledger: what a damaged or lost database costs is time."""

from pathlib import Path

import duckdb

from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger, set_aside
from minzheng.custody.vault import check_key
from minzheng.custody.writer import writing
from minzheng.intake import load
from minzheng.intake.take import open_intake
from minzheng.leads import answers, what_if
from minzheng.warehouse.connection import LOADING, open_warehouse


class _Beside(Home):
    """The home with another warehouse beside its own."""

    @property
    def warehouse(self) -> Path:
        """The warehouse that is being made."""
        return super().warehouse.with_name("minzheng.duckdb.new")


def rebuild(home: Home, keys: Keys) -> tuple[int, Path | None]:
    """Write every decided file into a new warehouse, which takes the place of the old one when it is whole.

    Returns how many files, and where the old one lies. `MinzhengError` names the files that the vault cannot give back; then
    the warehouse is left as it is.
    """
    check_key(home, keys)
    beside = _Beside(home.path)
    with writing(home):
        for part in home.warehouse.parent.glob(beside.warehouse.name + "*"):
            part.unlink()
        with (
            open_warehouse(beside, mending=True, **LOADING) as connection,
            open_intake(home, connection, keys) as intake,
        ):
            accepted = [n for n, facts in intake.verdicts.items() if facts["verdict"] in ACCEPTED]
            intake.refuse_unreadable({intake.owner(n) for n in accepted} - intake.shredded)
            intake.resume()
            bring_back_answers(home, keys, connection)
            written = len(load.written(connection))
        aside = set_aside(home.warehouse, (".wal",))
        beside.warehouse.rename(home.warehouse)
    return written, aside


def bring_back_answers(home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection) -> None:
    """Put into the warehouse what people answered and asked that only vault and ledger know: it follows them."""
    with Ledger(home) as ledger:
        answers.restore(home, keys, connection, ledger)
        what_if.restore(connection, ledger)
