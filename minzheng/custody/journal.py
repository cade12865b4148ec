"""The ledger's journal: every event once more as a line of JSON in the vault, beside the files that the events tell of.

A line is written after the ledger has committed its event. A ledger that is behind the journal was therefore put back from
an older copy, or lost: it is refused, and made anew from the journal. A journal that is behind the ledger was stopped by a
power cut and is continued.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from minzheng.errors import MinzhengError

FIELDS = ("seq", "at", "kind", "intake_no", "sha256", "body", "chain")
Line = tuple[int, str, str, int | None, str | None, str, str]


class Journal:
    """The lines at `path`; use it as a context manager: until its end no other process reads or writes them."""

    def __init__(self, path: Path):
        self._path = path

    @contextmanager
    def held(self) -> Iterator["Journal"]:
        """The journal, locked; the file is made when it is not there."""
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as self._file:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            yield self

    def last(self) -> tuple[int, str] | None:
        """Number and chain of the last whole line; None when there is none. What follows it is cut off."""
        end, rest = self._file.seek(0, os.SEEK_END), b""
        start = end
        while start and rest.count(b"\n") < 2:
            start = max(0, start - (1 << 16))
            self._file.seek(start)
            rest = self._file.read(end - start)
        whole, newline, cut = rest.rpartition(b"\n")
        if cut:
            self._file.truncate(end - len(cut))
        if not newline:
            return None
        seq, *_, chain = self._parsed(whole.rpartition(b"\n")[2])
        return seq, chain

    def append(self, lines: Iterable[Line]) -> None:
        """Write lines after the last; they are on disk when this returns."""
        text = "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
        )
        if text:
            self._file.seek(0, os.SEEK_END)
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def lines(self) -> Iterator[Line]:
        """Every whole line, in order."""
        self._file.seek(0)
        for line in self._file:
            if line.endswith(b"\n"):
                yield self._parsed(line)

    def _parsed(self, line: bytes) -> Line:
        try:
            found = json.loads(line)
        except ValueError:
            found = ()
        if len(found) != len(FIELDS):
            raise MinzhengError(
                f"the ledger's journal {self._path} is damaged: restore it from its backup",
                f"台账副本 {self._path} 已损坏:请从备份恢复",
            )
        return tuple(found)
