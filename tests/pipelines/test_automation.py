"""Days of the control room, tick by tick: new files, downtime, stopped months, lateness, failures, ghosts."""

import datetime as dt
import hashlib
import itertools
import json
import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.storage.tags import RUN_KEY_TAG
from dagster._utils.schedules import schedule_execution_time_iterator

from minzheng import state
from minzheng.alerts import open_alerts
from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import add_months
from pipelines import acts, automation
from pipelines.definitions import defs
from pipelines.ghosts import reap
from pipelines.history import History, prune
from pipelines.partitions import RANGE_END, RANGE_START
from pipelines.resources import HomeResource

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = "publication__draft_return_complete"
SUCCESS, FAILURE, STARTED = (
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.STARTED,
)


def tick(sensor, instance, resource, cursor=None):
    """What a sensor asks for (run requests), what it says instead, and its cursor."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"home": resource}, definitions=defs)
    told = sensor.evaluate_tick(context)
    return told.run_requests, told.skip_message, told.cursor


def ran(instance, request, job, status):
    """Note a run as the daemon would have, with its end."""
    return instance.create_run_for_job(
        defs.resolve_job_def(job), status=status, tags={**request.tags, RUN_KEY_TAG: request.run_key}
    )


def load_month(connection, month, sha256="a", dataset="dibao_roll", number=None):
    number = number or connection.execute("select count(*) + 1 from raw.file").fetchall()[0][0]
    connection.execute(
        "insert into raw.file (intake_no, name, sha256, dataset, month, verdict, rows_accepted, rows_quarantined, rows_not_data)"
        " values (?, ?, ?, ?, ?, 'accept', 1, 0, 0)",
        [number, f"{month}.csv", sha256, dataset, month],
    )


# --- the landing folder -------------------------------------------------------------------------------------------------


def test_an_empty_landing_folder_starts_nothing(instance, resource):
    requests, told, _ = tick(automation.landing_folder, instance, resource)
    assert not requests
    assert told == "没有未收的文件"


def test_new_files_start_one_intake_however_often_it_is_looked(home, instance, resource):
    (home.landing / "a.csv").write_text("1")
    first, _, _ = tick(automation.landing_folder, instance, resource)
    again, _, _ = tick(automation.landing_folder, instance, resource)
    assert [one.run_key for one in first] == [one.run_key for one in again]
    ran(instance, first[0], "receive", STARTED)
    assert not tick(automation.landing_folder, instance, resource)[0]


def test_a_failed_intake_is_tried_three_times_and_no_more(home, instance, resource):
    (home.landing / "a.csv").write_text("1")
    keys = []
    for _ in range(5):
        requests, _, _ = tick(automation.landing_folder, instance, resource)
        keys += [one.run_key for one in requests]
        for one in requests:
            ran(instance, one, "receive", FAILURE)
    assert len(keys) == len(set(keys)) == 3


def test_one_unreadable_file_stops_no_other(home, instance, resource, monkeypatch):
    (home.landing / "good.csv").write_text("1")
    bad = home.landing / "bad.csv"
    bad.write_text("2")
    real = type(bad).open

    def refuse(path, *args, **kwargs):
        if path.name == "bad.csv":
            raise PermissionError("no")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(type(bad), "open", refuse)
    assert len(tick(automation.landing_folder, instance, resource)[0]) == 1
    assert automation.waiting_files(home.landing, set())["bad.csv"] is None


def test_a_file_sent_again_under_the_same_name_and_content_starts_nothing(home, instance, resource):
    from minzheng.ledger import Ledger

    path = home.landing / "a.csv"
    path.write_text("1")
    body = {"path": "a.csv", "size": 1, "mtime_ns": 5, "folder": None, "received_at": "2024-01-01T00:00:00+08:00"}
    with Ledger(home) as ledger:
        ledger.record("received", body, intake_no=1, sha256=hashlib.sha256(b"1").hexdigest())
    assert not tick(automation.landing_folder, instance, resource)[0]
    path.write_text("2")
    assert len(tick(automation.landing_folder, instance, resource)[0]) == 1


def test_a_missing_landing_folder_is_an_alarm_and_not_an_empty_one(home, instance, resource):
    elsewhere = HomeResource(str(home.path), str(home.path / "share"))
    requests, told, _ = tick(automation.landing_folder, instance, elsewhere)
    assert not requests
    assert told.startswith("收件目录不存在")
    assert [alert.key for alert in open_alerts(home)] == ["landing"]
    tick(automation.landing_folder, instance, resource)
    assert open_alerts(home) == []


# --- months that wait ---------------------------------------------------------------------------------------------------


def test_seven_months_that_waited_through_a_downtime_are_computed_in_order_and_once(instance, resource):
    months = [add_months("2023-06", step) for step in range(7)]
    with resource.warehouse() as connection:
        for month in reversed(months):
            load_month(connection, month, sha256=month)
    requests, _, cursor = tick(automation.stale_months, instance, resource)
    assert [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in requests] == [("2023-06", "2023-12")]
    run = ran(instance, requests[0], "recompute", STARTED)
    assert not tick(automation.stale_months, instance, resource, cursor)[0]
    with resource.warehouse() as connection:
        state.mark_computed(connection, months)
    instance.delete_run(run.run_id)
    requests, told, _ = tick(automation.stale_months, instance, resource, cursor)
    assert not requests
    assert told == "各月结果都是最新的"


def test_a_gap_between_waiting_months_makes_two_runs_the_earlier_first(instance, resource):
    with resource.warehouse() as connection:
        for month in ("2023-05", "2023-01", "2023-02"):
            load_month(connection, month, sha256=month)
    requests, _, _ = tick(automation.stale_months, instance, resource)
    assert [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in requests] == [
        ("2023-01", "2023-02"),
        ("2023-05", "2023-05"),
    ]


def test_a_stopped_month_waits_for_another_file_and_lets_the_others_go_on(instance, resource):
    with resource.warehouse() as connection:
        for month in ("2023-01", "2023-02", "2023-03"):
            load_month(connection, month, sha256=month)
        state.mark_stopped(connection, ["2023-01", "2023-02", "2023-03"], ["2023-02"])
        assert state.waiting_months(connection) == ["2023-01", "2023-03"]
        load_month(connection, "2023-02", sha256="corrected")
        assert state.waiting_months(connection) == ["2023-01", "2023-02", "2023-03"]


def test_a_late_file_makes_its_month_and_later_ones_stale_and_no_earlier_one(instance, resource):
    months = ["2023-01", "2023-02", "2023-03"]
    with resource.warehouse() as connection:
        for month in months:
            load_month(connection, month, sha256=month)
        state.mark_computed(connection, months)
        assert state.waiting_months(connection) == []
        load_month(connection, "2023-02", sha256="late")
        assert state.waiting_months(connection) == ["2023-02", "2023-03"]


@pytest.mark.parametrize(
    ("stopped", "drafted", "waiting"),
    [
        ([], {"2023-01": "same", "2023-02": "same"}, []),
        ([], {"2023-01": "older", "2023-02": "older"}, ["2023-02"]),
        (["2023-01"], {"2023-01": "same", "2023-02": "same"}, ["2023-01"]),
        (["2023-01"], {"2023-01": "", "2023-02": "same"}, []),
        ([], {"2023-01": "", "2023-02": "same"}, ["2023-01"]),
        (["2023-03"], {}, []),
    ],
    ids=["fresh", "figures moved", "stopped since", "taken away", "free again", "never drafted"],
)
def test_drafts_that_no_longer_stand_are_written_again_or_taken_away(resource, instance, stopped, drafted, waiting):
    with resource.warehouse() as connection:
        for month in ("2023-01", "2023-02"):
            load_month(connection, month, sha256=month)
        state.mark_computed(connection, ["2023-01", "2023-02"])
        same = state.computed(connection)
        for month, mark in drafted.items():
            told = same[month] if mark == "same" else mark
            connection.execute("insert into work.drafted values (?, ?)", [month, told])
        for month in stopped:
            connection.execute("insert into work.blocked values (?, 'identities', 'C01')", [month])
        assert state.waiting_drafts(connection) == waiting
    requests, _, _ = tick(automation.stale_months, instance, resource)
    assert [(one.job_name, one.tags[RANGE_START]) for one in requests] == [("draft", month) for month in waiting]


def test_the_draft_of_a_month_is_asked_for_under_another_key_than_its_computing(resource, instance):
    with resource.warehouse() as connection:
        load_month(connection, "2023-01")
    (computing,), _, _ = tick(automation.stale_months, instance, resource)
    with resource.warehouse() as connection:
        state.mark_computed(connection, ["2023-01"])
        connection.execute("insert into work.drafted values ('2023-01', 'older')")
    (drafting,), _, _ = tick(automation.stale_months, instance, resource)
    assert (computing.job_name, drafting.job_name) == ("recompute", "draft")
    assert computing.run_key != drafting.run_key


def test_nothing_is_asked_of_the_warehouse_while_it_has_not_changed(instance, resource):
    with resource.warehouse():
        pass
    _, told, cursor = tick(automation.stale_months, instance, resource)
    assert told == "各月结果都是最新的"
    assert tick(automation.stale_months, instance, resource, cursor)[1] == "数据仓库没有变化"


# --- days ---------------------------------------------------------------------------------------------------------------


def days_of(schedule, first: dt.datetime, days: int) -> list[dt.datetime]:
    """The ticks of a schedule within so many days, in Beijing time."""
    ticks = schedule_execution_time_iterator(first.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    until = first + dt.timedelta(days=days)
    return [at.astimezone(SHANGHAI) for at in itertools.takewhile(lambda at: at < until, ticks)]


def at_time(schedule, at, resource):
    """What a schedule's tick of `at` says."""
    context = dg.build_schedule_context(
        scheduled_execution_time=at, resources={"home": resource}, repository_def=defs.get_repository_def()
    )
    return schedule.evaluate_tick(context)


def test_the_return_is_asked_after_on_the_first_and_from_the_tenth_to_the_fifteenth():
    ticks = days_of(automation.due_date, dt.datetime(2024, 3, 31, 12, tzinfo=SHANGHAI), 30)
    assert [(at.month, at.day, at.hour) for at in ticks] == [(4, day, 9) for day in (1, 10, 11, 12, 13, 14, 15)]


@pytest.mark.parametrize(
    ("at", "month"), [((2024, 4, 10), "2024-03"), ((2024, 1, 10), "2023-12"), ((2024, 3, 1), "2024-02")]
)
def test_a_tick_asks_after_the_month_before_as_of_its_own_day(resource, at, month):
    request = at_time(automation.due_date, dt.datetime(*at, 9, tzinfo=SHANGHAI), resource).run_requests[0]
    asked = request.run_config["ops"][ASKED]["config"]
    assert asked == {"month": month, "on": dt.date(*at).isoformat()}


def test_a_month_end_at_midnight_in_beijing_is_still_the_day_of_beijing(resource):
    utc = dt.datetime(2024, 3, 31, 16, 30, tzinfo=dt.UTC)  # 00:30 on 1 April in Beijing
    request = at_time(automation.due_date, utc, resource).run_requests[0]
    assert request.run_config["ops"][ASKED]["config"]["month"] == "2024-03"


def test_simulated_files_are_not_asked_after(home, resource):
    (home.landing / "truth").mkdir()
    (home.landing / "truth" / ".minzheng-truth").touch()
    told = at_time(automation.due_date, dt.datetime(2024, 4, 10, 9, tzinfo=SHANGHAI), resource)
    assert told.run_requests == []
    assert told.skip_message == "收件目录是模拟数据,不催报"


def test_the_draft_after_the_cut_off_is_of_the_month_before_when_anything_came_for_it(home, resource, accepted):
    schedule = automation.draft_after_cut_off
    at = dt.datetime(2024, 4, 16, 8, tzinfo=SHANGHAI)
    assert days_of(schedule, at - dt.timedelta(days=10), 20) == [at]
    assert at_time(schedule, at, resource).skip_message == "2024年3月没有可用的报送文件"
    accepted(home, "2024-03")
    assert [one.partition_key for one in at_time(schedule, at, resource).run_requests] == ["2024-03"]


def test_a_clerk_away_from_the_25th_of_february_to_the_20th_of_march_finds_every_day_asked_and_the_draft_due(resource):
    away = dt.datetime(2024, 2, 25, tzinfo=SHANGHAI)
    asked = [
        at_time(automation.due_date, at, resource).run_requests[0].run_config["ops"][ASKED]["config"]
        for at in days_of(automation.due_date, away, 24)
    ]
    assert [(one["month"], one["on"][-2:]) for one in asked] == [
        ("2024-02", day) for day in ("01", "10", "11", "12", "13", "14", "15")
    ]
    assert [at.day for at in days_of(automation.draft_after_cut_off, away, 24)] == [16]


def ask(home, month, on):
    from pipelines.runs import execute

    result = execute(home, "completeness", ops={ASKED: {"month": month, "on": on}})
    return result.get_asset_check_evaluations()[0]


def test_nothing_is_owed_before_the_first_month_that_anybody_reported(home, accepted):
    assert ask(home, "2024-03", "2024-04-10").description == "2024年3月:还没有收到任何文件,不核对"
    accepted(home, "2024-04")
    assert ask(home, "2024-03", "2024-04-10").description == "2024年3月:早于开始收件的月份(2024-04),不核对"
    assert open_alerts(home) == []
    assert ask(home, "2024-04", "2024-05-10").passed is False
    assert [alert.key for alert in open_alerts(home)] == ["late-2024-04"]


@pytest.mark.parametrize(("month", "on"), [("2024-13", ""), ("三月", ""), ("", "2024-02-30"), ("", "昨天")])
def test_a_question_about_no_month_or_no_day_is_a_wrong_call_in_chinese(month, on):
    with pytest.raises(WrongCall) as caught:
        acts.Question(month=month, on=on).checked()
    assert "写法不对" in caught.value.zh


def test_lateness_opens_one_alert_that_names_dataset_and_township_and_a_complete_return_closes_it(
    home, monkeypatch, accepted
):
    accepted(home, "2024-01")
    assert ask(home, "2024-03", "2024-04-05").passed is False
    assert ask(home, "2024-03", "2024-04-04").passed is True
    assert open_alerts(home) == []
    told = ask(home, "2024-03", "2024-04-10")
    assert told.passed is False
    assert "城乡低保花名册" in told.metadata["未报"].value
    assert [alert.key for alert in open_alerts(home)] == ["late-2024-03"]
    assert "沙柳河镇" in open_alerts(home)[0].zh
    assert "沙柳河镇(" in told.metadata["谁还没报"].value
    monkeypatch.setattr(acts, "missing", lambda *_: [])
    assert ask(home, "2024-03", "2024-04-11").passed is True
    assert open_alerts(home) == []


# --- failures, ghosts, history ------------------------------------------------------------------------------------------


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


def test_a_run_that_failed_by_hand_has_told_whoever_started_it_and_opens_no_alert(home, instance, resource):
    automation.tell_failure(failure_of(instance, resource, {})[1].for_run_failure())
    assert open_alerts(home) == []


def test_an_automatic_run_that_failed_opens_an_alert_and_the_next_success_closes_it(home, instance, resource):
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
        dagster_event=dg.DagsterEvent(dg.DagsterEventType.RUN_FAILURE.value, "draft", message="failed"),
        resources={"home": resource},
    )
    automation.tell_failure(context.for_run_failure())
    (alert,) = open_alerts(home)
    assert alert.zh.splitlines()[:2] == ["运行失败:draft(2024-03)", "2024-03 至 2024-03 没有可用的报送文件,未作计算"]


def started(instance, pid):
    run = instance.create_run_for_job(defs.resolve_job_def("receive"), status=STARTED)
    instance.report_engine_event("Started process for run", run, EngineEventData.in_process(pid))
    return run.run_id


def test_a_run_whose_process_is_gone_is_failed_at_the_next_start_and_a_living_one_is_left_alone(instance):
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


def test_pruning_keeps_what_tells_the_state_of_a_month_and_all_that_is_young(instance):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=100)

    def run(job, month=None, status=SUCCESS):
        tags = {RANGE_START: month, RANGE_END: month} if month else {}
        return instance.create_run_for_job(defs.resolve_job_def(job), status=status, tags=tags).run_id

    first = [run("recompute", "2023-01") for _ in range(5)]
    failed = run("recompute", "2023-02", FAILURE)
    only = run("recompute", "2023-02")
    assert prune(instance) == 0
    assert prune(instance, later) == 2
    left = {one.run_id for one in instance.get_runs()}
    assert left == {*first[2:], failed, only}
    assert prune(instance, later) == 0
