"""What an intake tells: a verdict per file, the months that changed; and a file on its way through it."""

import datetime as dt
from dataclasses import dataclass, field

from minzheng.contracts.verdicts import ACCEPTED
from minzheng.intake.sandbox import Content


@dataclass(frozen=True)
class FileVerdict:
    """What was decided of one file."""

    intake_no: int
    name: str
    verdict: str
    dataset: str | None
    month: str | None
    reasons: list[str]
    flags: list[str]
    rows_accepted: int
    rows_quarantined: int
    replaces: list[int] = field(default_factory=list)


@dataclass
class IntakeReport:
    """What an intake did: a verdict per new file, and the months of datasets whose rows in force changed.

    `clock`: what the machine's clock says, where that cannot be.
    """

    files: list[FileVerdict] = field(default_factory=list)
    changed: set[tuple[str, str]] = field(default_factory=set)
    unstable: list[str] = field(default_factory=list)
    clock: str | None = None

    def count(self, *verdicts: str) -> int:
        """How many files got one of these verdicts."""
        return sum(file.verdict in verdicts for file in self.files)

    @property
    def refused(self) -> list[FileVerdict]:
        """The files that were refused or are held: somebody must act."""
        return [file for file in self.files if file.verdict in ("reject_file", "hold")]

    @property
    def summary(self) -> tuple[str, str]:
        """One English and one Chinese line."""
        rows = sum(file.rows_accepted for file in self.files if file.verdict in ACCEPTED)
        bad = sum(file.rows_quarantined for file in self.files if file.verdict in ACCEPTED)
        counts = [self.count(*ACCEPTED), *map(self.count, ("reject_file", "hold", "duplicate"))]
        numbers = (len(self.files), *counts)
        english = "{} new files: {} accepted, {} refused, {} held, {} duplicates".format(*numbers)
        chinese = "新收文件{}个:接收{}个,退回{}个,待确认{}个,重复{}个".format(*numbers)
        return (
            f"{english}; {rows} rows accepted, {bad} quarantined",
            f"{chinese};接收{rows}行,隔离{bad}行",
        )


@dataclass
class Item:
    """A file on its way. `content` gives a large one block by block; it is let go when the file was read."""

    intake_no: int
    name: str
    sha256: str
    content: Content
    folder: str | None
    received_at: dt.datetime
    flags: list[str] = field(default_factory=list)
    fault: str | None = None
