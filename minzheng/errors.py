"""Faults a user can foresee: one clear line, a Chinese one where a clerk reads it, and the exit status."""

import errno
import re
import traceback
import unicodedata
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


class MinzhengError(Exception):
    """A foreseeable fault. `str()` is one English line; `zh` the same for a clerk; `status` the exit status.

    The text may name files, months, datasets and rules; it never holds a value read from a person's row.
    """

    status = 1

    def __init__(self, message: str, zh: str | None = None):
        super().__init__(message)
        self.zh = zh or message


class WrongCall(MinzhengError):
    """The command was called wrongly: exit status 2."""

    status = 2


def of_the_machine(error: BaseException) -> MinzhengError | None:
    """A full disk or a folder that may not be written, told as a fault of ours; None for any other error.

    DuckDB and SQLite tell them in their texts, which are read here and not passed on.
    """
    code, text = getattr(error, "errno", None), str(error)
    if code in (errno.ENOSPC, errno.EDQUOT) or re.search(
        r"No space left|disk is full|database or disk is full", text
    ):
        return MinzhengError(
            "the disk is full: free some space, then run again", "磁盘已满:请腾出空间后重新运行"
        )
    if code in (errno.EROFS, errno.EACCES, errno.EPERM) or re.search(
        r"readonly database|Read-only file system|Permission denied", text
    ):
        named = f" {error.filename}" if isinstance(error, OSError) and error.filename else ""
        return MinzhengError(
            f"no right to read or write{named}: check the owner and that the disk is not mounted read-only",
            f"没有读写权限{named}:请检查目录属主,以及磁盘是否只读",
        )
    return None


def places(error: BaseException) -> str:
    """Where an error came from, file and line of our own code only, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if str(PROJECT) in frame.filename and "site-packages" not in frame.filename
    ]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in own[-4:])


def printable(name: str) -> str:
    """A file's name without control and direction characters, so that it cannot forge a line."""
    return "".join(
        c
        if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")
        else f"\\u{ord(c):04x}"
        for c in name
    )
