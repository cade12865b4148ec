"""The published tables as a DuckDB file that notebooks open read-only; same tables, same bytes.

DuckDB leaves the unused tail of a block uninitialised, so two files of the same rows differ in a few hundred bytes and one
block checksum. A process of its own with zero-filled allocations (jemalloc's `zero`), one thread and a fresh file makes
them equal. Storage version 1.0.0 is what DuckDB 1.x and 2.x both open.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from minzheng.errors import MinzhengError

STORAGE = "v1.0.0"
ZERO_FILLED = {
    "DUCKDB_JE_MALLOC_CONF": "zero:true",
    "MALLOC_PERTURB_": "255",
    "PYTHONHASHSEED": "0",
}


def write_snapshot(tables: Mapping[str, pl.DataFrame], path: Path) -> None:
    """Write `tables` to a new DuckDB file at `path`, read-only; the months of a large table stay in their order."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for name, frame in tables.items():
            frame.write_parquet(Path(folder) / f"{name}.parquet", compression="uncompressed")
        command = [sys.executable, "-m", "minzheng.publish.release.snapshot", folder, str(path)]
        done = subprocess.run(
            command, env={**os.environ, **ZERO_FILLED}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise MinzhengError(
            f"cannot write {path.name}: {done.stderr.strip()[-200:]}", f"无法写出 {path.name}"
        )


def load_tables(folder: Path, path: Path) -> None:
    """Load every Parquet file of `folder` as a table of a new DuckDB file (what the process of its own does)."""
    import duckdb

    path.unlink(missing_ok=True)
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        connection.execute(f"attach {_quoted(path)} as snapshot (storage_version '{STORAGE}')")
        for source in sorted(folder.glob("*.parquet")):
            connection.execute(
                f'create table snapshot."{source.stem}" as select * from read_parquet($source)',
                {"source": str(source)},
            )
        connection.execute("checkpoint snapshot")
        connection.execute("detach snapshot")
    finally:
        connection.close()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    load_tables(Path(sys.argv[1]), Path(sys.argv[2]))
