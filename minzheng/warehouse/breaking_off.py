"""One line where DuckDB would abort the process.

In 1.5 a commit whose sync fails, on a disk that the kernel has made read-only, cuts its log back; where that fails too, it throws
where nothing may be thrown, and C++ ends the process (duckdb/duckdb#22860, mended in 2.0). Nothing can be raised from there, so the
last word of C++ before the end is ours. What the process leaves is what a kill leaves: the next run bears it.
"""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import _duckdb

from minzheng.errors import MinzhengError, in_both_languages, of_the_machine

HANDLER = ctypes.CFUNCTYPE(None)


@contextlib.contextmanager
def told_when_it_breaks_off(warehouse: Path) -> Iterator[None]:
    """Within this block, what C++ cannot catch while it writes `warehouse` ends the process with a line and exit status."""

    def tell() -> None:
        error = _why(warehouse)
        os.write(2, in_both_languages(error).encode())
        os._exit(error.status)

    set_terminate = ctypes.CDLL(_duckdb.__file__)["_ZSt13set_terminatePFvvE"]
    set_terminate.argtypes, set_terminate.restype = [ctypes.c_void_p], ctypes.c_void_p
    ours = HANDLER(tell)
    before = set_terminate(ctypes.cast(ours, ctypes.c_void_p))
    try:
        yield
    finally:
        set_terminate(before)


def _why(warehouse: Path) -> MinzhengError:
    """What the disk says when it is asked once more: the exception in C++ cannot be read from here."""
    try:
        with warehouse.open("r+b") as file:
            os.fsync(file)
    except OSError as error:
        if known := of_the_machine(error):
            return known
    return MinzhengError(
        "the database could not write and broke off: see that the disk has room and can be written, then run again",
        "数据仓库写入失败,已中断:请检查磁盘空间和读写状态,再重新运行",
    )
