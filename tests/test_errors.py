"""What a machine does to us is told as what it is, whichever library found it out."""

import errno
import sqlite3

import duckdb
import pytest

from minzheng.errors import of_the_machine


class Panic(BaseException):
    """As a native library raises it."""


TOLD = [
    (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    (duckdb.IOException("IO Error: Could not write file: No space left on device"), "the disk is full"),
    (OSError(errno.EROFS, "Read-only file system", "/x/y"), "no right to read or write /x/y"),
    (duckdb.IOException("IO Error: Cannot open file: Permission denied"), "no right to read or write:"),
    (OSError(errno.EIO, "Input/output error", "/x/y"), "the disk does not read or write /x/y"),
    (duckdb.FatalException("FATAL Error: fsync failed!"), "the disk does not read or write:"),
    (OSError(errno.EMFILE, "Too many open files"), "too little memory or too few open files"),
    (duckdb.OutOfMemoryException("Out of Memory Error: could not allocate"), "too little memory"),
    (MemoryError(), "too little memory"),
    (sqlite3.OperationalError("database is locked"), "another program holds a database of this home"),
    (Panic("memory allocation of 8 bytes failed: Cannot allocate memory"), "too little memory"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "told"), TOLD)
def test_a_fault_of_the_machine_is_told_and_nothing_else_of_its_text(error, told):
    assert str(of_the_machine(error)).startswith(told)


@pytest.mark.parametrize(
    "error", [KeyError("虚构姓名"), ValueError("disk"), OSError(errno.ENOENT, "x")]
)
def test_any_other_error_is_no_fault_of_the_machine(error):
    assert of_the_machine(error) is None
