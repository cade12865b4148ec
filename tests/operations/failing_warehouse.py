"""Every call that a day of the warehouse makes to its disk, failing once in each way: told in a line, and no commit is lost.

`python -m tests.operations.failing_warehouse`, with the layer of `disk.c` loaded. Prints what was not so, and how many calls.
"""

import ctypes
import os
import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.errors import MinzhengError, of_the_machine
from minzheng.warehouse.connection import open_warehouse
from tests.operations.faults import BROKEN, FULL, HARMS, READ_ONLY

CLEAN, TOLD, UNTOLD = 0, 1, 3
COMMITS = 3


def day(home: Home, done: Path) -> None:
    """Some commits, each noted in `done` when it has returned, and the checkpoint at the end."""
    with open_warehouse(home) as connection:
        for number in range(COMMITS):
            connection.execute("insert into work.month (month) values (?)", [f"2024-0{number + 1}"])
            done.write_text(str(number + 1))


def disturbed(home: Home, done: Path, at: int, harm: int, calls: Path | None = None) -> int:
    """How a process ends that does a day's work, its `at`-th call to the disk harmed; `calls` are noted."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = UNTOLD
    try:
        ctypes.CDLL(None).arm(str(home.path).encode(), at, harm, calls and str(calls).encode())
        day(home, done)
        status = CLEAN
    except Exception as error:  # noqa: BLE001  DuckDB's own errors too
        status = TOLD if isinstance(error, MinzhengError) or of_the_machine(error) else UNTOLD
    finally:
        os._exit(status)


def kept(home: Home) -> int:
    """How many of the commits the warehouse holds when it is opened again."""
    with open_warehouse(home) as connection:
        return connection.execute("select count(*) from work.month").fetchall()[0][0]


def wrong(whole: Home, folder: Path, at: int, harm: int) -> list[str]:
    """What is not as it must be after one harmed call."""
    home, done = Home(folder / "home"), folder / "done"
    shutil.rmtree(home.path, ignore_errors=True)
    shutil.copytree(whole.path, home.path)
    done.write_text("0")
    status = disturbed(home, done, at, harm)
    noted, found = int(done.read_text()), kept(home)
    as_it_must_be = status in (CLEAN, TOLD) and noted <= found <= noted + 1
    told = f"call {at}, {HARMS[harm]}: ended with {status}, {noted} commits, {found} kept"
    return [] if as_it_must_be else [told]


def main() -> int:
    """Every call in every way; the exit status."""
    with tempfile.TemporaryDirectory(prefix="minzheng-warehouse-") as name:
        folder, whole, calls_list = Path(name), Home(Path(name) / "whole"), Path(name) / "calls"
        with open_warehouse(whole):
            pass
        undisturbed = Home(folder / "undisturbed")
        shutil.copytree(whole.path, undisturbed.path)
        disturbed(undisturbed, folder / "done", 0, 0, calls_list)
        calls = len(calls_list.read_text().splitlines())
        found = []
        for at, harm in product(range(1, calls + 1), (FULL, BROKEN, READ_ONLY)):
            found += wrong(whole, folder, at, harm)
    print("\n".join([*found, f"{calls} calls, {len(found)} violations"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
