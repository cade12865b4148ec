"""The warehouse without the ghosts of deleted rows: DuckDB keeps freed blocks in its file, so the file is written anew."""

import duckdb

from minzheng.custody.home import Home
from minzheng.warehouse.connection import open_warehouse


def compact(home: Home) -> None:
    """Write the warehouse into a fresh file and put it in place of the old; a kill leaves one of the two whole."""
    fresh = home.warehouse.with_name(f".{home.warehouse.name}.part")
    for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with open_warehouse(home) as connection:
        connection.execute("checkpoint")
        source = connection.execute("select current_database()").fetchall()[0][0]
        quoted = str(fresh).replace("'", "''")
        connection.execute(f"attach '{quoted}' as fresh")
        connection.execute(f'copy from database "{source}" to fresh')
        connection.execute("detach fresh")
    with duckdb.connect(str(fresh)) as check:
        check.execute("select 1").fetchall()
    fresh.chmod(0o600)
    fresh.replace(home.warehouse)
