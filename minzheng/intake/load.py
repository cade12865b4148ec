"""Writing what was decided into the warehouse: one transaction for a batch of files, and again the same result."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import duckdb
import polars as pl

from minzheng.intake.account import check_account
from minzheng.warehouse.connection import insert, tables_of, transaction

MANY = 20_000
QUARANTINE = {
    "intake_no": pl.Int64,
    "dataset": pl.String,
    "month": pl.String,
    "township_code": pl.String,
    "sheet": pl.String,
}
QUARANTINE |= {
    "row_no": pl.Int32,
    "column_name": pl.String,
    "rule_id": pl.String,
    "masked_value": pl.String,
    "sentence": pl.String,
}


@dataclass
class Batch:
    """What a transaction will write. `rows` are series of frames by dataset, made while they are written.

    `opened`: the quarantined rows of a dataset as far as they can be read.
    """

    files: list[dict] = field(default_factory=list)
    rows: dict[str, list[Iterable[pl.DataFrame]]] = field(default_factory=dict)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    opened: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew after a part was written."""
        self.files, self.rows, self.quarantine, self.replaced = [], {}, [], []
        self.opened = {}


def write(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Write a batch in one transaction; rows of `replaced` intake numbers go first.

    The account of every file is checked in the tables before anything is committed.
    """
    with transaction(connection):
        forget(connection, batch.replaced)
        for name, series in batch.rows.items():
            for frame in _gathered(itertools.chain.from_iterable(series)):
                insert(connection, f"raw.{name}", frame)
        for name, frames in batch.opened.items():
            for frame in _gathered(frames):
                insert(connection, f"open.{name}", frame)
        for frame in _gathered(batch.quarantine):
            insert(connection, "raw.quarantine", frame.select(*QUARANTINE))
        if batch.files:
            insert(
                connection,
                "raw.file",
                pl.DataFrame([_file_row(facts) for facts in batch.files], schema=FILE),
            )
        check_account(connection, batch)


def _gathered(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames of one shape put together to some ten thousand rows, so that neither many small nor one large one is written."""
    waiting, rows = [], 0
    for frame in frames:
        waiting.append(frame)
        rows += frame.height
        if rows >= MANY:
            yield pl.concat(waiting)
            waiting, rows = [], 0
    if rows:
        yield pl.concat(waiting)


FILE = {
    "intake_no": pl.Int64,
    "name": pl.String,
    "sha256": pl.String,
    "dataset": pl.String,
    "month": pl.String,
    "scope": pl.String,
    "township_codes": pl.String,
    "verdict": pl.String,
    "rows_accepted": pl.Int64,
    "rows_quarantined": pl.Int64,
    "rows_not_data": pl.Int64,
    "amount_accepted": pl.Decimal(18, 2),
    "absent_columns": pl.String,
    "reasons": pl.String,
    "flags": pl.String,
    "received_at": pl.Datetime("us"),
}


def _file_row(facts: dict) -> dict:
    """A verdict's facts as a row of `raw.file`."""
    row = {name: facts.get(name) for name in FILE}
    for name, key in (
        ("township_codes", "townships"),
        ("absent_columns", "absent"),
        ("reasons", "reasons"),
        ("flags", "flags"),
    ):
        row[name] = ",".join(facts.get(key) or []) or None
    row["received_at"] = dt.datetime.fromisoformat(facts["received_at"]).replace(tzinfo=None)
    row["amount_accepted"] = (
        pl.Series([facts.get("amount_accepted")], dtype=pl.String).cast(pl.Decimal(18, 2)).item()
    )
    return row


def forget(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    """Take out what was written of these files, inside the caller's transaction."""
    if not numbers:
        return
    for table in ("raw.file", "raw.quarantine", *tables_of("raw", "open")):
        connection.execute(
            f"delete from {table} where list_contains($numbers, intake_no)", {"numbers": numbers}
        )


def written(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """The hash of each file that the warehouse knows, by intake number."""
    return dict(connection.execute("select intake_no, sha256 from raw.file").fetchall())
