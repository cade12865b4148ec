"""The check-up of a home, and its repair from what the vault holds."""

from minzheng.custody import ledger
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.operations.checkup import Fault, faults
from minzheng.warehouse.connection import open_warehouse


def examine(home: Home) -> list[Fault]:
    """What does not hold in the home, as (English, Chinese) lines; a record that cannot be opened is one of them."""
    try:
        with open_warehouse(home) as connection:
            return faults(home, connection)
    except MinzhengError as error:
        return [(str(error), error.zh)]


def repair(home: Home) -> list[Fault]:
    """Make anew what can be made anew; a line for each thing done. Nothing is deleted, the former file is set aside."""
    try:
        with Ledger(home):
            return []
    except MinzhengError:
        events, aside = ledger.restore(home)
    kept = f"; the former one is {aside.name}" if aside else ""
    kept_zh = f";原台账保留为 {aside.name}" if aside else ""
    return [
        (
            f"the ledger was made anew with {events} events{kept}",
            f"台账已按档案库重建,共{events}条{kept_zh}",
        )
    ]
