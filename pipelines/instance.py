"""The Dagster instance of a home: its settings file, and nothing of a person in its event log."""

import contextlib
import hashlib
import os
import sqlite3
from functools import lru_cache
from pathlib import Path

import dagster as dg

from assets.scrubbing import keep_private
from minzheng.custody.home import Home
from minzheng.custody.ledger import set_aside
from minzheng.custody.vault import write_synced
from pipelines.ghosts import reap
from pipelines.history import prune

SETTINGS = """\
# Written by minzheng, and kept up to date by it until you change a byte; then it is yours.
event_log_storage:        # Dagster's own log with connections kept open
  module: pipelines.history
  class: History
  config:
    base_dir:
      env: DAGSTER_HOME
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    default_limit: 1      # one writer for DuckDB
    granularity: op
compute_logs:             # what a step prints is not kept: it could name a person
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_monitoring:
  enabled: true
  max_runtime_seconds: 7200
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 90
      success: 90
"""

EARLIER = {
    "47e0bf8850c120082234b36feef379aee022a59fc3e9afa0bf1fc6fdd697aa21",
    "44ef54a1425143a1738f01765b80f2e9737ad61dafece562eb5768f26c7d6e93",
}
"""SHA-256 of the settings that earlier versions wrote. A change of SETTINGS adds the digest of what it was before."""


def prepare(home: Home) -> None:
    """Make DAGSTER_HOME with its settings and point this process at it."""
    home.create()
    bring_up_to_date(home)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["MINZHENG_HOME"] = str(home.path)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    os.environ.setdefault(
        "DAGSTER_EVENT_BATCH_SIZE", "500"
    )  # events that come together are written together
    keep_private()


def bring_up_to_date(home: Home) -> bool:
    """Write the settings where they are missing or still an earlier version's; False when somebody edited them.

    Edited settings are left alone, and what this version would have written is laid beside them as `dagster.yaml.new`.
    """
    settings, beside = home.dagster / "dagster.yaml", home.dagster / "dagster.yaml.new"
    found = settings.read_bytes() if settings.is_file() else None
    if found == SETTINGS.encode():
        beside.unlink(missing_ok=True)
        return True
    if found is None or hashlib.sha256(found).hexdigest() in EARLIER:
        write_synced(settings, SETTINGS.encode())
        return True
    if not beside.is_file() or beside.read_bytes() != SETTINGS.encode():
        write_synced(beside, SETTINGS.encode())
    return False


def instance(home: Home) -> dg.DagsterInstance:
    """The instance whose history the UI shows; one a process and home, since opening it reads every migration of its tables."""
    prepare(home)
    return _opened(home.dagster)


@lru_cache(maxsize=1)
def _opened(_: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.get()


def set_damaged_aside(home: Home) -> list[Path]:
    """Rename each database of the run history that cannot be read; Dagster makes a new one. Returns where they lie.

    Nothing that counts is in it: what was taken in, computed and released is in ledger, warehouse and releases.
    """
    damaged = [path for path in sorted(home.dagster.rglob("*.db")) if not _readable(path)]
    return [set_aside(path, ("-wal", "-shm")) for path in damaged]


def _readable(path: Path) -> bool:
    if (
        path.stat().st_size % 512
    ):  # pages are whole; of a cut first one SQLite makes an empty database
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("pragma quick_check(1)").fetchone() == ("ok",)
    except (
        sqlite3.OperationalError
    ) as error:  # locked by who is using it, or a disk that fails: not for us to judge
        return error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    except sqlite3.DatabaseError:
        return False


def tidy(home: Home) -> list[str]:
    """What `minzheng run` and `minzheng ui` do first: end ghost runs (their ids are returned), prune the history."""

    found = instance(home)
    ended = reap(found)
    prune(found)
    return ended
