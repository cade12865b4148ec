"""Failures that a person must hear of, runs whose machine died, and the history kept and pruned."""

import contextlib
import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys

import dagster as dg
import pytest
from dagster._core.events import AssetObservationData, EngineEventData

from assets.partitions import RANGE_END, RANGE_START, asked_tag
from minzheng.errors import MinzhengError
from minzheng.operations.alerts import open_alerts
from pipelines import automation
from pipelines.definitions import defs
from pipelines.ghosts import reap
from pipelines.history import History, prune

SUCCESS, FAILURE, STARTED = (
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.STARTED,
)


def failure_of(instance, resource, tags):
    """What `tell_failure` is given when a run of job `receive` failed."""
    run = instance.create_run_for_job(defs.resolve_job_def("receive"), status=FAILURE, tags=tags)
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_FAILURE.value, "receive", message="failed")
    return run, dg.build_run_status_sensor_context(
        sensor_name="tell_failure",
        dagster_instance=instance,
        dagster_run=run,
        dagster_event=event,
        resources={"home": resource},
    )


def test_a_run_that_failed_by_hand_has_told_whoever_started_it_and_opens_no_alert(
    home, instance, resource
):
    automation.tell_failure(failure_of(instance, resource, {})[1].for_run_failure())
    assert open_alerts(home) == []


def test_an_automatic_run_that_failed_opens_an_alert_and_the_next_success_closes_it(
    home, instance, resource
):
    run, context = failure_of(instance, resource, {"dagster/sensor_name": "landing_folder"})
    automation.tell_failure(context.for_run_failure())
    told = json.loads((home.path / "alerts.json").read_text(encoding="utf-8"))["open"]
    assert [one["key"] for one in told] == ["run-receive"]
    assert run.run_id[:8] in told[0]["zh"]
    automation.tell_recovery(context)
    assert open_alerts(home) == []


def test_the_alert_says_why_in_the_step_s_own_words(home, instance, resource):
    from pipelines.runs import execute

    with pytest.raises(MinzhengError):
        execute(home, "draft", months=["2024-03"])
    run = instance.get_runs(dg.RunsFilter(job_name="draft"))[0]
    instance.add_run_tags(run.run_id, {"dagster/sensor_name": "stale_months"})
    context = dg.build_run_status_sensor_context(
        sensor_name="tell_failure",
        dagster_instance=instance,
        dagster_run=instance.get_run_by_id(run.run_id),
        dagster_event=dg.DagsterEvent(
            dg.DagsterEventType.RUN_FAILURE.value, "draft", message="failed"
        ),
        resources={"home": resource},
    )
    automation.tell_failure(context.for_run_failure())
    (alert,) = open_alerts(home)
    assert alert.zh.splitlines()[:2] == [
        "运行失败:draft(2024-03)",
        "2024-03 至 2024-03 没有可用的报送文件,未作计算",
    ]


@pytest.mark.parametrize(
    ("succeeded", "months", "left"),
    [
        ("recompute", ["2024-01", "2024-03"], ["run-draft-2024-02"]),
        (
            "recompute",
            ["2024-02", "2024-03"],
            ["run-recompute-2024-01-2024-03", "run-draft-2024-02"],
        ),
        ("month", ["2023-12", "2024-03"], []),
        ("draft", ["2024-02", "2024-02"], ["run-recompute-2024-01-2024-03"]),
        ("receive", [], ["run-recompute-2024-01-2024-03", "run-draft-2024-02"]),
    ],
)
def test_a_success_closes_the_failures_it_makes_good_of_the_months_it_covers(
    home, instance, resource, succeeded, months, left
):
    from minzheng.operations.alerts import raise_alert

    raise_alert(
        home,
        "run-recompute-2024-01-2024-03",
        "failed",
        "运行失败",
        "failed",
        ["2024-01", "2024-03"],
    )
    raise_alert(home, "run-draft-2024-02", "failed", "运行失败", "failed", ["2024-02"])
    tags = {RANGE_START: months[0], RANGE_END: months[1]} if months else {}
    run = instance.create_run_for_job(defs.resolve_job_def(succeeded), status=SUCCESS, tags=tags)
    context = dg.build_run_status_sensor_context(
        sensor_name="tell_recovery",
        dagster_instance=instance,
        dagster_run=run,
        dagster_event=dg.DagsterEvent(
            dg.DagsterEventType.RUN_SUCCESS.value, succeeded, message="done"
        ),
        resources={"home": resource},
    )
    automation.tell_recovery(context)
    assert [alert.key for alert in open_alerts(home)] == left


def test_events_that_come_together_are_written_all_or_none(home, instance, monkeypatch):
    from tests.intake.roster import id_number

    run = instance.create_run_for_job(defs.resolve_job_def("receive"))
    before = len(instance.all_logs(run.run_id))

    def told(text):
        seen = dg.DagsterEvent(
            dg.DagsterEventType.ASSET_OBSERVATION.value,
            "receive",
            event_specific_data=AssetObservationData(
                dg.AssetObservation("a", metadata={"文件": text})
            ),
        )
        return dg.EventLogEntry(
            None, "debug", "", run.run_id, dt.datetime.now(dt.UTC).timestamp(), dagster_event=seen
        )

    number = next(one for n in range(900, 999) if (one := id_number("19560304", n)).isdigit())
    with pytest.raises(MinzhengError, match="run history: id_number"):
        instance.event_log_storage.store_event_batch([told("低保.csv"), told(number)])
    assert len(instance.all_logs(run.run_id)) == before
    assert instance.fetch_observations(dg.AssetKey("a"), limit=9).records == []
    with monkeypatch.context() as patch:
        places = iter(
            (History._store_asset_event,)
        )  # the second event finds no place: the disk is full
        patch.setattr(History, "_store_asset_event", lambda *given: next(places)(*given))
        with pytest.raises(StopIteration):
            instance.event_log_storage.store_event_batch([told("低保.csv"), told("养老.csv")])
    assert len(instance.all_logs(run.run_id)) == before
    assert instance.fetch_observations(dg.AssetKey("a"), limit=9).records == []
    instance.event_log_storage.store_event_batch([told("低保.csv"), told("养老.csv")])
    assert len(instance.all_logs(run.run_id)) == before + 2
    assert len(instance.fetch_observations(dg.AssetKey("a"), limit=9).records) == 2

    with dg.DagsterInstance.get() as other:  # as another process sees it
        for text in ("残疾.csv", "特困.csv"):
            instance.event_log_storage.store_event(told(text))
        assert len(other.all_logs(run.run_id)) == before + 2
        instance.report_engine_event("the step goes on", run)
        assert len(other.all_logs(run.run_id)) == before + 5
        instance.event_log_storage.store_event(told("高龄.csv"))
        assert len(instance.fetch_observations(dg.AssetKey("a"), limit=9).records) == 5


def started(instance, pid):
    run = instance.create_run_for_job(defs.resolve_job_def("receive"), status=STARTED)
    instance.report_engine_event("Started process for run", run, EngineEventData.in_process(pid))
    return run.run_id


def test_a_run_whose_process_is_gone_is_failed_at_the_next_start_and_a_living_one_is_left_alone(
    instance,
):
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    ghost, living = started(instance, child.pid), started(instance, os.getpid())
    assert reap(instance) == [ghost]
    assert instance.get_run_by_id(ghost).status == FAILURE
    assert instance.get_run_by_id(living).status == STARTED


def test_a_ghost_whose_number_went_to_a_later_process_is_still_a_ghost(instance, monkeypatch):
    from pipelines import ghosts

    ghost = started(instance, os.getpid())
    monkeypatch.setattr(ghosts, "started_at", lambda _: dt.datetime.now(dt.UTC).timestamp() + 3600)
    assert reap(instance) == [ghost]


def test_the_history_lies_where_dagster_looks_and_is_the_quick_one(home, instance):
    assert isinstance(instance.event_log_storage, History)
    instance.create_run_for_job(defs.resolve_job_def("receive"))
    assert (home.dagster / "history" / "runs" / "index.db").is_file()


def layout(path):
    """The tables and indexes of a database, its migration and its journal."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        made = file.execute(
            "select type, name, sql from sqlite_master order by type, name"
        ).fetchall()
        (version,) = file.execute("select version_num from alembic_version").fetchone()
        (journal,) = file.execute("pragma journal_mode").fetchone()
    return made, version, journal


def test_a_run_s_file_is_laid_out_as_dagster_itself_would(home, instance, tmp_path):
    from dagster._core.storage.event_log import SqliteEventLogStorage

    runs = [instance.create_run_for_job(defs.resolve_job_def("receive")).run_id for _ in range(2)]
    own = SqliteEventLogStorage(str(tmp_path / "own"))
    own.get_logs_for_run("some-run")
    for run_id in runs:
        assert layout(home.dagster / "history" / "runs" / f"{run_id}.db") == layout(
            tmp_path / "own" / "some-run.db"
        )
        assert len(instance.all_logs(run_id)) > 0
    assert {path.suffix for path in (home.dagster / "history" / "runs").iterdir()} <= {
        ".db",
        ".db-wal",
        ".db-shm",
    }


def test_pruning_keeps_what_tells_the_state_of_a_month_and_all_that_is_young(instance):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=100)

    def run(job, month=None, status=SUCCESS):
        tags = {RANGE_START: month, RANGE_END: month} if month else {}
        return instance.create_run_for_job(
            defs.resolve_job_def(job), status=status, tags=tags
        ).run_id

    first = [run("recompute", "2023-01") for _ in range(5)]
    failed = run("recompute", "2023-02", FAILURE)
    only = run("recompute", "2023-02")
    assert prune(instance) == 0
    assert prune(instance, later) == 2
    left = {one.run_id for one in instance.get_runs()}
    assert left == {*first[2:], failed, only}
    assert prune(instance, later) == 0


def test_a_run_that_may_have_left_a_month_as_it_was_does_not_let_what_told_it_go(instance):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=100)
    whole = {RANGE_START: "2023-01", RANGE_END: "2023-02"}
    runs = [
        instance.create_run_for_job(
            defs.resolve_job_def("recompute"), status=SUCCESS, tags=whole | asked
        ).run_id
        for asked in ({}, *[asked_tag([])] * 3)
    ]
    assert prune(instance, later) == 0
    assert {one.run_id for one in instance.get_runs()} == {*runs}
