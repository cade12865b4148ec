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


def in_both_languages(error: MinzhengError) -> str:
    """The lines that a person reads of a foreseeable fault: one in English, and one in Chinese where it says more."""
    chinese = f"民政:{error.zh}\n" if error.zh != str(error) else ""
    return f"minzheng: {error}\n{chinese}"


class Fault(ValueError):
    """What is wrong with an entry of a data file: `str()` in English, `zh` in Chinese. Raised where a schema looks at it."""

    def __init__(self, message: str, zh: str):
        super().__init__(message)
        self.zh = zh


class WrongCall(MinzhengError):
    """The command was called wrongly: exit status 2."""

    status = 2


FAULTS_OF_THE_MACHINE = (
    (
        (errno.ENOSPC, errno.EDQUOT),
        r"No space left|disk is full",
        ("the disk is full: free some space, then run again", "磁盘已满:请腾出空间后重新运行"),
    ),
    (
        (errno.EROFS, errno.EACCES, errno.EPERM),
        r"readonly database|Read-only file system|Permission denied",
        (
            "no right to read or write{named}: check the owner and that the disk is not mounted read-only",
            "没有读写权限{named}:请检查目录属主,以及磁盘是否只读",
        ),
    ),
    (
        (errno.EIO,),
        r"disk I/O error|Input/output error|fsync failed|unable to open database file",
        (
            "the disk does not read or write{named}: have it looked at, then run again",
            "磁盘读写出错{named}:请检查磁盘,排除后重新运行",
        ),
    ),
    (
        (),
        r"database is locked",
        (
            "another program holds a database of this home: close what has it open, then run again",
            "另有程序占用着本数据目录的数据库:请关闭后重新运行",
        ),
    ),
    (
        (errno.EMFILE, errno.ENFILE, errno.ENOMEM),
        r"Too many open files|bad_alloc|[Oo]ut of [Mm]emory|Cannot allocate memory|MemoryError",
        (
            "too little memory or too few open files are allowed here: close other programs or raise the limit, then run again",
            "内存或可打开的文件数不足:请关闭其他程序或调高限额后重新运行",
        ),
    ),
)
"""Error numbers, what DuckDB and SQLite say of the same in their texts, and what we say; texts are read and not passed on."""


def of_the_machine(error: BaseException) -> MinzhengError | None:
    """A disk that is full, closed or broken, or too little memory, told as a fault of ours; None for any other error."""
    code, text = getattr(error, "errno", None), f"{type(error).__name__}: {error}"
    named = f" {error.filename}" if isinstance(error, OSError) and error.filename else ""
    for codes, words, (english, chinese) in FAULTS_OF_THE_MACHINE:
        if code in codes or re.search(words, text):
            return MinzhengError(english.format(named=named), chinese.format(named=named))
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
