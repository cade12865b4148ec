"""Receiving: the intake over the landing folder, and what it did in numbers that name nobody."""

import dataclasses
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from minzheng.contracts.verdicts import ACCEPTED, VERDICTS
from minzheng.custody.home import Home
from minzheng.custody.vault import keys_of
from minzheng.intake import take_in
from minzheng.intake.report import problems


@dataclass(frozen=True)
class Counts:
    """What the files of one dataset and month brought."""

    files: int
    rows_accepted: int
    rows_quarantined: int
    amount: Decimal | None


@dataclass(frozen=True)
class Received:
    """The outcome of one look at the landing folder."""

    files: dict[str, int]
    changed: list[tuple[str, str]]
    summary_zh: str
    summary_en: str
    problems: list[tuple[str, str]]

    def to_json(self) -> dict:
        """The report as plain JSON; file names and reasons only."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, body: dict) -> "Received":
        """The report that `to_json` told."""
        pairs = {name: [tuple(pair) for pair in body[name]] for name in ("changed", "problems")}
        return cls(**{**body, **pairs})

    def totals(self) -> dict[str, int]:
        """Files by verdict, with Chinese labels for the UI."""
        return {
            VERDICTS.get(verdict, verdict): count for verdict, count in sorted(self.files.items())
        }

    def tables(self, connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, Counts]]:
        """(dataset, month, counts) of every table month that changed."""
        rows = connection.execute(
            """
            select dataset, month, count(*), sum(rows_accepted), sum(rows_quarantined), sum(amount_accepted)
            from raw.file
            where verdict in (select unnest($accepted))
            group by dataset, month
            """,
            {"accepted": list(ACCEPTED)},
        ).fetchall()
        changed = set(self.changed)
        return [
            (name, month, Counts(*counts))
            for name, month, *counts in sorted(rows, key=lambda row: row[:2])
            if (name, month) in changed
        ]


def receive(
    home: Home, connection: duckdb.DuckDBPyConnection, landing: Path | None = None
) -> Received:
    """Take in everything in the landing folder; see `minzheng.intake.take_in` for what each verdict means."""

    report = take_in(home, connection, keys_of(home), landing)
    english, chinese = report.summary
    verdicts = dict(Counter(file.verdict for file in report.files))
    return Received(verdicts, sorted(report.changed), chinese, english, problems(report))
