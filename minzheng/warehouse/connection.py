"""The DuckDB warehouse: opening it safely, making its tables, replacing months in one transaction.

SQL lives in `sql/<layer>/<table>.sql`. A model is one `select`; it reads the months to compute from `work.month` and its
result replaces those months of `<layer>.<table>`. Models hold no identifiers from data and take bound parameters only.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset_names, register_columns
from minzheng.contracts.observations import stored_columns
from minzheng.contracts.paths import SQL
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.settings import settings
from minzheng.custody.version import claim, refuse_newer
from minzheng.custody.writer import PATIENCE, writing
from minzheng.errors import MinzhengError, of_the_machine
from minzheng.months import add_months, month_end, month_start
from minzheng.warehouse.breaking_off import told_when_it_breaks_off

LOADING = {
    "threads": 1,
    "memory": "128MB",
}  # for a load however large the file; several threads would write each row twice
DAMAGE = re.compile("corrupt|could not read enough bytes|deserialize|checksum", re.IGNORECASE)
GROUP = Path("/sys/fs/cgroup/memory.max")
LAYERS = ("raw", "open", "register", "quality", "lead", "indicator", "publication", "work")


class UnusableWarehouse(MinzhengError):
    """The warehouse is damaged or another version's: it can be made anew from vault and ledger."""


@contextlib.contextmanager
def open_warehouse(
    home: Home,
    *,
    threads: int | None = None,
    memory: str | None = None,
    patience: float | None = None,
    mending: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one writing connection to the warehouse of `home`, tables made, under the home's lock.

    `MinzhengError` names who else holds it after `patience` seconds, and says when it is damaged, lost or older than the
    ledger; what loads what it lacks is `mending`. `memory` (such as `256MB`) bounds what it keeps; the rest goes to the home's
    work folder. What is not given, the home's settings say, else half of the machine. No file outside the home can be reached
    through it, no extension is loaded, and the configuration is locked.
    """
    home.create()
    config = {
        "temp_directory": str(home.work),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    refuse_newer(home)
    own = settings(home).warehouse
    if threads or own.threads:
        config["threads"] = threads or own.threads
    config["memory_limit"] = memory or own.memory or half_of_the_machine()
    with (
        writing(home, patience),
        _damage_named(home),
        told_when_it_breaks_off(home.warehouse),
        contextlib.closing(_connected(home, config, patience)) as connection,
    ):
        home.warehouse.chmod(0o600)
        connection.execute("pragma disable_checkpoint_on_shutdown")  # it aborts where it fails
        allowed = str(home.path).replace("'", "''")
        connection.execute(f"set allowed_directories = ['{allowed}']")
        connection.execute("set enable_external_access = false")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set lock_configuration = true")
        settle_tables(connection)
        claim(home)
        if not mending:
            _refuse_older(home, connection)
        yield connection
        connection.execute("checkpoint")


def _connected(home: Home, config: dict, patience: float | None) -> duckdb.DuckDBPyConnection:
    """DuckDB's connection. Who opened the file past the home's lock, such as a notebook, is waited for as well."""
    until = time.monotonic() + (PATIENCE if patience is None else patience)
    _begin(home.warehouse)
    while True:
        try:
            return duckdb.connect(str(home.warehouse), config=config)
        except duckdb.Error as error:
            if "Could not set lock" not in str(error):
                raise _damage(home, error) from None
            if time.monotonic() >= until:
                holder = re.search(r"PID (\d+)", str(error))
                who, wer = (
                    (f"process {holder[1]}", f"进程 {holder[1]}")
                    if holder
                    else ("another", "其他进程")
                )
                raise MinzhengError(
                    f"the warehouse is in use by {who}: close it, then run again",
                    f"数据仓库正被占用({wer}):请关闭后再运行",
                ) from None
            time.sleep(0.1)


def _begin(path: Path) -> None:
    """A warehouse that is not there yet: whole or not at all, whatever stops the machine while DuckDB writes its first pages."""
    if path.exists() or path.with_name(path.name + ".wal").exists():
        return
    fresh = path.with_name(f".{path.name}.part")
    duckdb.connect(str(fresh)).close()
    fresh.replace(path)


@contextlib.contextmanager
def _damage_named(home: Home) -> Iterator[None]:
    """Tell a page that turns out to be unreadable while the warehouse is at work as what it is."""
    try:
        yield
    except duckdb.Error as error:
        if DAMAGE.search(str(error)):
            raise _damage(home, error) from None
        raise


def _damage(home: Home, error: duckdb.Error) -> MinzhengError:
    return of_the_machine(error) or UnusableWarehouse(
        f"the warehouse {home.warehouse} is damaged: run `minzheng doctor --repair`, "
        "which makes it anew from vault and ledger",
        f"数据仓库 {home.warehouse} 已损坏:请运行 minzheng doctor --repair,按档案库和台账重建",
    )


def _refuse_older(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """`MinzhengError` when the ledger knows decided files that the warehouse does not: its figures would be those of before."""
    if not home.ledger.is_file():
        return
    with Ledger(home) as ledger:
        decided = ledger.decided()
    known = connection.execute("select intake_no from raw.file").fetchall()
    lacking = len(decided - {number for (number,) in known})
    if lacking:
        raise MinzhengError(
            f"the warehouse was lost or is older than the ledger: it lacks {lacking} files; "
            "run `minzheng doctor --repair`, which loads them from the vault, then `minzheng run`",
            f"数据仓库丢失或比台账旧,缺{lacking}个文件:请运行 minzheng doctor --repair 从档案库补入,再运行 minzheng run",
        )


def half_of_the_machine() -> str:
    """Half of the memory that the machine or its control group has, as DuckDB reads it: its own bound is four fifths."""
    return f"{_memory() >> 21}MiB"


def _memory() -> int:
    """Bytes of memory this process may use."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        told = GROUP.read_text(encoding="ascii").strip()
    except OSError:  # no control groups here
        return whole
    return min(whole, int(told)) if told.isdigit() else whole


def settle_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of this version; `MinzhengError`, before anything is written, when the warehouse is another version's."""
    definitions, wanted = _wanted()
    if _definitions(connection) == definitions:
        return
    found = _columns(connection)
    if other := sorted(
        table for table in found if table in wanted and found[table] != wanted[table]
    ):
        raise UnusableWarehouse(
            f"the warehouse was made by another version ({', '.join(other[:3])}): run `minzheng rebuild`, then `minzheng run`",
            f"数据仓库是其他版本建立的({'、'.join(other[:3])} 的列不同):请运行 minzheng rebuild,再运行 minzheng run",
        )
    if found.keys() != wanted.keys():
        create_tables(connection)


@cache
def _wanted() -> tuple[list[tuple[str, str]], dict[str, list[tuple[str, str]]]]:
    with duckdb.connect() as fresh:
        create_tables(fresh)
        return _definitions(fresh), _columns(fresh)


def _definitions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The statement behind each table: to compare them is a fifth of the work of comparing columns."""
    return connection.execute(
        "select schema_name, sql from duckdb_tables()"
        " where not internal and database_name = current_database() order by all"
    ).fetchall()


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list((column_name, data_type) order by column_index) from duckdb_columns()"
        " where not internal and database_name = current_database() and schema_name in (select unnest($layers)) group by 1",
        {"layers": list(LAYERS)},
    ).fetchall()
    return dict(rows)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every schema and table that is not there, all at once: those of datasets and of observations from the contracts, the others from `sql/tables/`."""
    with transaction(connection):
        for layer in LAYERS:
            connection.execute(f"create schema if not exists {layer}")
        for name in dataset_names():
            columns = ", ".join(
                f'"{column.name}" {column.type}' for column in register_columns(name)
            )
            for layer in ("raw", "open", "register"):
                connection.execute(f"create table if not exists {layer}.{name} ({columns})")
        columns = ", ".join(f"{name} {column.type}" for name, column in stored_columns().items())
        connection.execute(f"create table if not exists indicator.observation ({columns})")
        for path in sorted((SQL / "tables").glob("*.sql")):
            connection.execute(path.read_text(encoding="utf-8"))


def tables_of(*layers: str) -> list[str]:
    """The tables that every dataset has in these layers."""
    return [f"{layer}.{name}" for layer, name in product(layers, dataset_names())]


def set_months(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Fill `work.month` with the months that the next models compute."""
    connection.execute("delete from work.month")
    rows = [
        (m, month_start(m), month_end(m), add_months(m, -1), int(m[:4]), f"{m[:4]}-01")
        for m in sorted(set(months))
    ]
    if rows:
        connection.executemany("insert into work.month values (?, ?, ?, ?, ?, ?)", rows)


def model(name: str) -> str:
    """The text of `sql/<name>.sql`, for example `register/dibao_roll`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")


def insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """A frame's columns into those of the same names. Nothing is registered: a transaction keeps whatever had a name in it."""
    names = connection.table(table).columns
    connection.from_arrow(frame.select(names).to_arrow()).insert_into(table)


def temporary_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence],
) -> None:
    """A temporary table, in the place of one of that name: `columns` to their types, `rows` in the order of the columns."""
    rows = list(rows)
    lists = zip(*rows, strict=True) if rows else ((),) * len(columns)
    fields = ", ".join(
        f"unnest(cast(${one} as {kind}[])) as {one}" for one, kind in columns.items()
    )
    connection.execute(
        f"create or replace temp table {name} as select {fields}",
        {one: list(values) for one, values in zip(columns, lists, strict=True)},
    )


@contextlib.contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Everything inside is written, or nothing of it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # after a failed sync there is nothing left to undo
            connection.rollback()
        raise


def replace_months(
    connection: duckdb.DuckDBPyConnection, table: str, query: str, parameters: dict | None = None
) -> int:
    """Replace the months of `work.month` in `table` by the rows of `query`, in one transaction; returns the rows written."""
    with transaction(connection):
        connection.execute(f"delete from {table} where month in (select month from work.month)")
        connection.execute(f"insert into {table} by name {query}", parameters or {})
        return connection.execute(
            f"select count(*) from {table} where month in (select month from work.month)"
        ).fetchall()[0][0]
