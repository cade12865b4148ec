"""The check-up of a home, and its repair from what the vault holds."""

from minzheng.custody import ledger
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.intake.take import open_intake
from minzheng.operations.invariants import Fault, faults
from minzheng.operations.rebuild import bring_back_answers, rebuild
from minzheng.publish.release import frozen
from minzheng.warehouse.connection import LOADING, UnusableWarehouse, open_warehouse


def examine(home: Home) -> list[Fault]:
    """What does not hold in the home, as (English, Chinese) lines; a record that cannot be opened is one of them."""
    try:
        with open_warehouse(home, mending=True) as connection:
            return faults(home, connection)
    except MinzhengError as error:
        return [(str(error), error.zh)]


def repair(home: Home, keys: Keys) -> list[Fault]:
    """Make anew what vault and ledger know; a line for each thing done. Nothing is deleted, what was damaged is set aside.

    `MinzhengError` says what cannot be made anew, and from where it must be put back.
    """
    done = [*_mend_ledger(home), *_mend_warehouse(home, keys)]
    frozen.settle(home)
    return done


def _mend_ledger(home: Home) -> list[Fault]:
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


def _mend_warehouse(home: Home, keys: Keys) -> list[Fault]:
    """Load what the warehouse lacks; where it cannot be opened, make it anew."""
    try:
        with open_warehouse(home, mending=True, **LOADING) as connection:
            before = _files(connection)
            with open_intake(home, connection, keys) as intake:
                intake.resume()
            bring_back_answers(home, keys, connection)
            loaded = _files(connection) - before
    except UnusableWarehouse:
        files, aside = rebuild(home, keys)
        return [
            (
                f"the warehouse was made anew with {files} files; the former one is {aside.name}; run the months again",
                f"数据仓库已重建,共{files}个文件;原库保留为 {aside.name};请重新运行各月",
            )
        ]
    if not loaded:
        return []
    return [
        (
            f"{loaded} files were loaded again from the vault; run the months again",
            f"已从档案库补入{loaded}个文件;请重新运行各月",
        )
    ]


def _files(connection) -> int:
    return connection.execute("select count(*) from raw.file").fetchall()[0][0]
