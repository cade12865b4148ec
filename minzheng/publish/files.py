"""Plain data files of a release: CSV for Excel (BOM) and Parquet, each with the same bytes for the same frame."""

from pathlib import Path

import polars as pl

BOM = "\ufeff"


def write_csv(frame: pl.DataFrame, path: Path, bom: bool = True) -> None:
    """UTF-8 CSV with LF; with a byte order mark, so that Excel reads Chinese; null is an empty field."""
    text = frame.write_csv(line_terminator="\n", null_value="")
    path.write_text((BOM if bom else "") + text, encoding="utf-8", newline="")


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Parquet with fixed settings: zstd level 9, statistics, one row group a million rows."""
    frame.write_parquet(path, compression="zstd", compression_level=9, statistics=True, row_group_size=1_000_000)
