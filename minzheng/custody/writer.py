"""One writer at a time: whoever changes a home holds its lock, which ends with its process however that ends.

The lock is the kernel's (flock) on a file that says who holds it. What a killed writer left half-written beside its place
is swept by the next one, before it begins: nobody else can be writing there.
"""

import contextlib
import datetime as dt
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.errors import MinzhengError

PATIENCE = 20.0  # seconds: a list is exported or a step written in less
LEFT_OVER = (
    ".VERSION.part", "vault/.KEY.part", "warehouse/.*.part*", "vault/??/.*.part", "drafts/.[0-9]*",
    "drafts/[0-9]*/.[a-z]*", "published/.latest*", "published/[0-9]*/.r[0-9]*",
    "published/[0-9]*/r[0-9]*/.[a-z]*", "restricted/*/.*.part", "restricted/*/*.partial",
    "work/*.tmp",
)  # fmt: skip
"""Under which names writers keep what is not whole yet; DuckDB's spilled rows are the last."""

_held: dict[tuple[int, Path], int] = {}


@contextlib.contextmanager
def writing(home: Home, patience: float | None = None) -> Iterator[None]:
    """Hold the home's lock; what one process nests is one hold.

    `MinzhengError` names the holder when the lock is not free within `patience` seconds (`PATIENCE`).
    """
    mine = (os.getpid(), home.path)
    with contextlib.ExitStack() as stack:
        if not _held.get(mine):
            lock = stack.enter_context(_opened(home))
            _take(lock, home, PATIENCE if patience is None else patience)
            _sweep(home)
        _held[mine] = _held.get(mine, 0) + 1
        try:
            yield
        finally:
            _held[mine] -= 1


def _opened(home: Home) -> BinaryIO:
    home.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(home.work / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b", 0)


def _take(lock: BinaryIO, home: Home, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= until:
                who = lock.read().decode(errors="replace").strip() or "another process"
                raise MinzhengError(
                    f"{home.path} is in use by {who}: wait for it to end, then run again",
                    f"{home.path} 正被占用({who}):请等它结束后再运行",
                ) from None
            time.sleep(0.1)
    now = dt.datetime.now(SHANGHAI).isoformat(sep=" ", timespec="seconds")
    lock.truncate(0)
    lock.write(f"{_name()} (process {os.getpid()}, since {now})\n".encode())


def _name() -> str:
    """How a person knows this process: the command with its subcommand; other words could name a person."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return " ".join([program, *(word for word in sys.argv[1:2] if word.isidentifier())])


def left_over(home: Home) -> list[Path]:
    """What a killed writer left; meaningful to who holds the lock."""
    return list(chain.from_iterable(sorted(home.path.glob(pattern)) for pattern in LEFT_OVER))


def _sweep(home: Home) -> None:
    for path in left_over(home):
        remove_tree(path)


def remove_tree(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it, though it may have been locked against writing."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for folder in [
        path,
        *(one for one in path.rglob("*") if one.is_dir() and not one.is_symlink()),
    ]:
        folder.chmod(0o700)
    shutil.rmtree(path)
