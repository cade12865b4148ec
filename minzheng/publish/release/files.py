"""Plain data files of a release: CSV for Excel (BOM) and Parquet, each with the same bytes for the same frame."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import polars as pl

BOM = "\ufeff"
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]."


def write_csv(frame: pl.DataFrame, path: Path, bom: bool = True) -> None:
    """UTF-8 CSV with LF; with a byte order mark, so that Excel reads Chinese; null is an empty field.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); numbers stay.
    """
    text = neutral(frame).write_csv(line_terminator="\n", null_value="")
    path.write_text((BOM if bom else "") + text, encoding="utf-8", newline="")


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text that begins like a formula and is longer than the sign itself."""
    risky = pl.col(pl.String).str.contains(FORMULA)
    return frame.with_columns(
        pl.when(risky).then("'" + pl.col(pl.String)).otherwise(pl.col(pl.String)).name.keep()
    )


def write_parquet(frame: pl.DataFrame, path: Path, about: Mapping[str, str] | None = None) -> None:
    """Parquet with fixed settings: zstd level 9, statistics, one row group a million rows; `about` is its metadata."""
    told = dict(about) if about else None
    frame.write_parquet(
        path,
        compression="zstd",
        compression_level=9,
        statistics=True,
        row_group_size=1_000_000,
        metadata=told,
    )


def as_named(frame: pl.DataFrame, path: Path) -> Callable[[Path], None]:
    """How a person's file is written: as CSV under a name that ends in .csv, else as Parquet."""
    return partial(write_csv if path.suffix.lower() == ".csv" else write_parquet, frame)
