"""The Dagster instance of a home: its settings file, and nothing of a person in its event log."""

import os

import dagster as dg

from minzheng.home import Home
from pipelines.scrubbing import keep_private

SETTINGS = """\
# Written by minzheng when the home was made; edit freely, it is not overwritten.
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


def prepare(home: Home) -> None:
    """Make DAGSTER_HOME with its settings and point this process at it."""
    home.create()
    settings = home.dagster / "dagster.yaml"
    if not settings.is_file():
        settings.write_text(SETTINGS, encoding="utf-8")
        settings.chmod(0o600)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["MINZHENG_HOME"] = str(home.path)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    keep_private()


def instance(home: Home) -> dg.DagsterInstance:
    """The instance whose history the UI shows."""
    prepare(home)
    return dg.DagsterInstance.get()


def tidy(home: Home) -> list[str]:
    """What `minzheng run` and `minzheng ui` do first: end ghost runs (their ids are returned), prune the history."""
    from pipelines.ghosts import reap
    from pipelines.history import prune

    with instance(home) as found:
        ended = reap(found)
        prune(found)
    return ended
