"""A delivery in a process of its own that may be killed at any write of the ledger; its imports are done once, not per test."""

import multiprocessing
import os
import signal
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recalling import notify
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.sending import order
from tests.delivery.conftest import MONTH, NINE

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload([__name__])


def ordering(package: Package) -> None:
    order([package], at=NINE)


def notifying(package: Package) -> None:
    notify(package, really=True, at=NINE)


def started(home: Home, key_file: str, at: int | None = None, after: bool = False, job=ordering):
    """A process that orders the month (or does another job); it kills itself before (or after) the ledger's write number `at`."""
    process = SERVER.Process(target=deliver, args=(str(home.path), key_file, at, after, job))
    process.start()
    return process


def deliver(path: str, key_file: str, at: int | None, after: bool, job) -> None:
    os.environ["MINZHENG_KEY_FILE"] = key_file
    home, write, count = Home(Path(path)), Ledger.record_all, 0

    def counted(ledger, events):
        nonlocal count
        count += 1
        if count == at and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        write(ledger, events)
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    Ledger.record_all = counted
    job(package_of(home, MONTH, allow_list(home).recipients[0]))
    os._exit(0)
