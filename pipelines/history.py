"""The run history: written quickly, kept, and pruned without losing the state of any month.

Dagster's SQLite log opens two databases anew for every event and waits for the disk each time: 80 ms an event, 300 events
a month. Here connections stay open, what belongs together is one transaction, and SQLite syncs at checkpoints only (WAL
with synchronous = NORMAL: a power cut may lose the last events, never damage the file). What must survive a power cut is
in the ledger, not here.
"""

import contextlib
import datetime as dt
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetKeyTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool, StaticPool

from assets.partitions import asked_of, months_of
from minzheng.custody.egress import refuse_content

KEPT_DAYS = 90
KEPT_RUNS = 3
"""A finished run older than KEPT_DAYS goes when KEPT_RUNS newer successful runs of its job cover each of its months."""

SAID_OF_ASSETS = (
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_OBSERVATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
)
AT_ONCE = 500
"""How many events of a step wait for each other at most."""

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class History(SqliteEventLogStorage):
    """Dagster's event log in the same files, with connections that stay open: the index, and the run last asked for."""

    def __init__(self, base_dir: str, inst_data=None):
        self._engines: dict[str, Engine] = {}
        self._there: set[str] = set()
        self._writing = threading.local()
        self._waiting: list[dg.EventLogEntry] = []
        super().__init__(str(Path(base_dir) / "history" / "runs"), inst_data)

    @classmethod
    def from_config_value(cls, inst_data, config_value) -> "History":
        """The history under DAGSTER_HOME, where Dagster's own log would be."""
        return cls(inst_data=inst_data, **config_value)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard in (held := getattr(self._writing, "held", {})):
            yield held[shard]
            return
        self.catch_up()
        with self._db_lock, self._begun(shard) as connection:
            yield connection

    @contextlib.contextmanager
    def _begun(self, shard: str) -> Iterator[Connection]:
        with self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            for old in set(self._engines) - {INDEX_SHARD_NAME}:
                self._engines.pop(old).dispose()
            if shard != INDEX_SHARD_NAME:
                self._begin_as_copy(Path(self.path_for_shard(shard)))
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": 30, "check_same_thread": False},
            )
            event.listen(
                engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal")
            )
            self._initdb(engine)
            self._engines[shard] = engine
        return self._engines[shard]

    def _begin_as_copy(self, path: Path) -> None:
        """Begin a run's file as a copy of an empty one, made once: no tables to make, no migrations to read, a run."""
        empty = Path(self._base_dir).parent / f"empty-{dg.__version__}.db"
        if not empty.is_file():
            with tempfile.TemporaryDirectory(dir=empty.parent) as folder:
                made = Path(folder) / empty.name
                engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
                self._initdb(engine)
                made.replace(empty)
        if not path.exists():
            part = path.with_suffix(f".{os.getpid()}")
            shutil.copyfile(empty, part)
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(part, path)
            part.unlink()

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        """Make the tables; where they are, Dagster would only read its eighty migrations to compare their number."""
        with engine.connect() as connection:
            made = inspect(connection).has_table("alembic_version")
            stamped = (
                made and connection.execute(text("select version_num from alembic_version")).first()
            )
        if not stamped:
            super()._initdb(engine, for_index_shard)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked for every event, so one that is there is not looked for again."""
        if table_name not in self._there and super().has_table(table_name):
            self._there.add(table_name)
        return table_name in self._there

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        column = f"{AssetKeyTable.name}.{column_name}"
        if column not in self._there and super()._has_asset_key_col_on_connection(
            conn, column_name
        ):
            self._there.add(column)
        return column in self._there

    def _event_to_row(self, event: dg.EventLogEntry) -> dict:
        held = getattr(self._writing, "rows", {}).get(id(event))
        return super()._event_to_row(event) if held is None else held

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Write an event down; what a step tells of assets waits for its next other event, or for whoever reads the history.

        A step tells of hundreds of months and pages, and an event by itself costs 20 ms.
        """
        if self._waiting and self._waiting[0].run_id != event.run_id:
            self.catch_up()
        if event.run_id and event.dagster_event and event.dagster_event_type in SAID_OF_ASSETS:
            self._waiting.append(event)
            if len(self._waiting) >= AT_ONCE:
                self.catch_up()
        else:
            self.store_event_batch([event])

    def catch_up(self) -> None:
        """Write down what waits."""
        events, self._waiting = self._waiting, []
        if events:
            self._store(events)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Write events of one run down, all or none; `MinzhengError` when they hold an id number or account.

        Planners read the history too, so that what may not leave the bureau does not get into it.
        """
        self.catch_up()
        self._store(events)

    def _store(self, events: Sequence[dg.EventLogEntry]) -> None:
        rows = {id(one): super(History, self)._event_to_row(one) for one in events}
        refuse_content("\n".join(row["event"] for row in rows.values()).encode(), "run history")
        run_id = events[0].run_id
        with self._db_lock, self._begun(INDEX_SHARD_NAME) as index, self._begun(run_id) as own:
            self._writing.held, self._writing.rows = {INDEX_SHARD_NAME: index, run_id: own}, rows
            try:
                for one in events:
                    super().store_event(one)
            finally:
                self._writing.held, self._writing.rows = {}, {}

    def forget(self, run_id: str) -> None:
        """Take away the files of a run whose events were deleted."""
        with self._db_lock:
            if run_id in self._engines:
                self._engines.pop(run_id).dispose()
            for path in Path(self._base_dir).glob(f"{run_id}.db*"):
                path.unlink()

    def dispose(self) -> None:
        """Close what is open."""
        self.catch_up()
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


def superfluous(instance: dg.DagsterInstance, now: dt.datetime) -> list[str]:
    """Finished runs that are old, and whose months newer successful runs of the same job cover KEPT_RUNS times."""
    newer: Counter = Counter()
    found = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=FINISHED)):
        run, months = record.dagster_run, months_of(record.dagster_run) or ("",)
        covered = all(newer[run.job_name, month] >= KEPT_RUNS for month in months)
        old = (now - record.create_timestamp).days >= KEPT_DAYS
        if old and covered and not _brought_files(instance, run):
            found.append(run.run_id)
        elif run.status == dg.DagsterRunStatus.SUCCESS:
            done = {*asked_of(run), months[-1]}  # another month may have been left as it was
            newer.update((run.job_name, month) for month in done)
    return found


def _brought_files(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run without months of its own tells when months of tables arrived: that is told nowhere else in the UI."""
    if months_of(run):
        return False
    told = instance.get_records_for_run(
        run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
    ).records
    return any(record.partition_key for record in told)


def prune(instance: dg.DagsterInstance, now: dt.datetime | None = None) -> int:
    """Delete superfluous runs with their files; returns how many."""
    runs = superfluous(instance, now or dt.datetime.now(dt.UTC))
    for run_id in runs:
        instance.delete_run(run_id)
        if isinstance(instance.event_log_storage, History):
            instance.event_log_storage.forget(run_id)
    return len(runs)
