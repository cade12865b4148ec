"""A folder written whole or not at all: staged beside its place, on the disk before it takes it, locked once frozen."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` that takes its place when all is written and on disk; nothing is left of a failure."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield work
        sync_tree(work)
        if folder.exists():
            aside = work.with_name(work.name + "-old")
            folder.rename(aside)
            work.rename(folder)
            shutil.rmtree(aside)
        else:
            work.rename(folder)
        sync(folder.parent)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below to the disk."""
    for path in sorted(folder.rglob("*")):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(folder: Path, *, closed: bool = False) -> None:
    """Make files 0444 and folders 0555: what is released is not written to again; a `closed` folder keeps others out."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o700 if closed else 0o555)
