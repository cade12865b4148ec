"""What runs by state, tick by tick: new files, downtime, waiting and stopped months, drafts that no longer stand."""

import datetime as dt
import hashlib
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.storage.tags import RUN_KEY_TAG

from assets.partitions import RANGE_END, RANGE_START
from assets.resources import HomeResource
from minzheng.errors import WrongCall
from minzheng.months import add_months
from minzheng.operations.alerts import open_alerts
from minzheng.warehouse import stale
from pipelines import automation
from pipelines.definitions import defs
from tests.place import AREA, AREA_SHORT

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = "publication__draft_return_complete"
SUCCESS, FAILURE, STARTED = (
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.STARTED,
)


def tick(sensor, instance, resource, cursor=None):
    """What a sensor asks for (run requests), what it says instead, and its cursor."""
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"home": resource}, definitions=defs
    )
    told = sensor.evaluate_tick(context)
    return told.run_requests, told.skip_message, told.cursor


def ran(instance, request, job, status):
    """Note a run as the daemon would have, with its end."""
    return instance.create_run_for_job(
        defs.resolve_job_def(job),
        status=status,
        tags={**request.tags, RUN_KEY_TAG: request.run_key},
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
    assert automation.waiting_files(home.landing, set(), str)["bad.csv"] is None


def test_a_file_sent_again_under_the_same_name_and_content_starts_nothing(home, instance, resource):
    from minzheng.custody.ledger import Ledger

    path = home.landing / "a.csv"
    path.write_text("1")
    body = {
        "path": "a.csv",
        "size": 1,
        "mtime_ns": 5,
        "folder": None,
        "received_at": "2024-01-01T00:00:00+08:00",
    }
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


def test_seven_months_that_waited_through_a_downtime_are_computed_in_order_and_once(
    instance, resource
):
    months = [add_months("2023-06", step) for step in range(7)]
    with resource.warehouse() as connection:
        for month in reversed(months):
            load_month(connection, month, sha256=month)
    requests, _, cursor = tick(automation.stale_months, instance, resource)
    assert [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in requests] == [
        ("2023-06", "2023-12")
    ]
    run = ran(instance, requests[0], "recompute", STARTED)
    assert not tick(automation.stale_months, instance, resource, cursor)[0]
    with resource.warehouse() as connection:
        stale.mark_computed(connection, months)
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


def test_a_home_of_several_counties_takes_files_in_and_computes_nothing(
    home, instance, resource, monkeypatch
):
    from pipelines.runs import execute

    for module in (stale, automation):
        monkeypatch.setattr(module, "counties", lambda: {"632221": "门源", AREA: AREA_SHORT})
    with resource.warehouse() as connection:
        load_month(connection, "2023-01")
    requests, said, _ = tick(automation.stale_months, instance, resource)
    assert not requests
    assert said == automation.GATHERS
    day = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=dt.datetime(2023, 2, 16, 0, tzinfo=dt.UTC),
        resources={"home": resource},
    )
    assert automation.draft_after_cut_off(day).skip_message == automation.GATHERS
    with pytest.raises(WrongCall, match="several counties"):
        execute(home, "recompute", months=["2023-01"])


def test_a_stopped_month_waits_for_another_file_and_lets_the_others_go_on(instance, resource):
    with resource.warehouse() as connection:
        for month in ("2023-01", "2023-02", "2023-03"):
            load_month(connection, month, sha256=month)
        stale.mark_stopped(connection, ["2023-01", "2023-02", "2023-03"], ["2023-02"])
        assert stale.waiting_months(connection) == ["2023-01", "2023-03"]
        load_month(connection, "2023-02", sha256="corrected")
        assert stale.waiting_months(connection) == ["2023-01", "2023-02", "2023-03"]


def test_a_late_file_makes_its_month_and_later_ones_stale_and_no_earlier_one(instance, resource):
    months = ["2023-01", "2023-02", "2023-03"]
    with resource.warehouse() as connection:
        for month in months:
            load_month(connection, month, sha256=month)
        stale.mark_computed(connection, months)
        assert stale.waiting_months(connection) == []
        load_month(connection, "2023-02", sha256="late")
        assert stale.waiting_months(connection) == ["2023-02", "2023-03"]


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
def test_drafts_that_no_longer_stand_are_written_again_or_taken_away(
    resource, instance, stopped, drafted, waiting
):
    with resource.warehouse() as connection:
        for month in ("2023-01", "2023-02"):
            load_month(connection, month, sha256=month)
        stale.mark_computed(connection, ["2023-01", "2023-02"])
        same = stale.computed(connection)
        for month, mark in drafted.items():
            told = same[month] if mark == "same" else mark
            connection.execute("insert into work.drafted values (?, ?)", [month, told])
        for month in stopped:
            connection.execute("insert into work.blocked values (?, 'identities', 'C01')", [month])
        assert stale.waiting_drafts(connection) == waiting
    requests, _, _ = tick(automation.stale_months, instance, resource)
    assert [(one.job_name, one.tags[RANGE_START]) for one in requests] == [
        ("draft", month) for month in waiting
    ]


def test_the_draft_of_a_month_is_asked_for_under_another_key_than_its_computing(resource, instance):
    with resource.warehouse() as connection:
        load_month(connection, "2023-01")
    (computing,), _, _ = tick(automation.stale_months, instance, resource)
    with resource.warehouse() as connection:
        stale.mark_computed(connection, ["2023-01"])
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
