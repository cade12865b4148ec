"""The run history: written quickly, kept, and pruned without losing the state of any month.

Dagster's SQLite log opens two databases anew for every event and waits for the disk each time: 80 ms an event, 300 events
a month. Here connections stay open and SQLite syncs at checkpoints only (WAL with synchronous = NORMAL: a power cut may
lose the last events, never damage the file). What must survive a power cut is in the ledger, not here.
"""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from pipelines.partitions import months_of

KEPT_DAYS = 90
KEPT_RUNS = 3
"""A finished run older than KEPT_DAYS goes when KEPT_RUNS newer successful runs of its job cover each of its months."""

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class History(SqliteEventLogStorage):
    """Dagster's event log in the same files, with connections that stay open: the index, and the run last asked for."""

    def __init__(self, base_dir: str, inst_data=None):
        self._engines: dict[str, Engine] = {}
        super().__init__(str(Path(base_dir) / "history" / "runs"), inst_data)

    @classmethod
    def from_config_value(cls, inst_data, config_value) -> "History":
        """The history under DAGSTER_HOME, where Dagster's own log would be."""
        return cls(inst_data=inst_data, **config_value)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            for old in set(self._engines) - {INDEX_SHARD_NAME}:
                self._engines.pop(old).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": 30, "check_same_thread": False},
            )
            event.listen(engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal"))
            self._initdb(engine)
            self._engines[shard] = engine
        return self._engines[shard]

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Write an event down; `MinzhengError` when it holds an id number or account, for planners read the history too."""
        from minzheng.egress import refuse_content

        refuse_content(dg.serialize_value(event).encode(), "run history")
        super().store_event(event)

    def forget(self, run_id: str) -> None:
        """Take away the files of a run whose events were deleted."""
        with self._db_lock:
            if run_id in self._engines:
                self._engines.pop(run_id).dispose()
            for path in Path(self._base_dir).glob(f"{run_id}.db*"):
                path.unlink()

    def dispose(self) -> None:
        """Close what is open."""
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
            newer.update((run.job_name, month) for month in months)
    return found


def _brought_files(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run without months of its own tells when months of tables arrived: that is told nowhere else in the UI."""
    if months_of(run):
        return False
    told = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    return any(record.partition_key for record in told)


def prune(instance: dg.DagsterInstance, now: dt.datetime | None = None) -> int:
    """Delete superfluous runs with their files; returns how many."""
    runs = superfluous(instance, now or dt.datetime.now(dt.UTC))
    for run_id in runs:
        instance.delete_run(run_id)
        if isinstance(instance.event_log_storage, History):
            instance.event_log_storage.forget(run_id)
    return len(runs)
