"""What the calendar asks, day by day: due dates, the draft after the cut-off, lateness, a clerk away."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from minzheng.errors import WrongCall
from minzheng.intake.completeness import Missing, missing, owing
from minzheng.operations.alerts import open_alerts
from pipelines import acts, automation
from pipelines.definitions import defs
from tests.place import AREA

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = "publication__draft_return_complete"


def days_of(schedule, first: dt.datetime, days: int) -> list[dt.datetime]:
    """The ticks of a schedule within so many days, in Beijing time."""
    ticks = schedule_execution_time_iterator(
        first.timestamp(), schedule.cron_schedule, schedule.execution_timezone
    )
    until = first + dt.timedelta(days=days)
    return [at.astimezone(SHANGHAI) for at in itertools.takewhile(lambda at: at < until, ticks)]


def at_time(schedule, at, resource):
    """What a schedule's tick of `at` says."""
    context = dg.build_schedule_context(
        scheduled_execution_time=at,
        resources={"home": resource},
        repository_def=defs.get_repository_def(),
    )
    return schedule.evaluate_tick(context)


def test_the_return_is_asked_after_on_the_first_and_from_the_tenth_to_the_fifteenth():
    ticks = days_of(automation.due_date, dt.datetime(2024, 3, 31, 12, tzinfo=SHANGHAI), 30)
    assert [(at.month, at.day, at.hour) for at in ticks] == [
        (4, day, 9) for day in (1, 10, 11, 12, 13, 14, 15)
    ]


@pytest.mark.parametrize(
    ("at", "month"),
    [((2024, 4, 10), "2024-03"), ((2024, 1, 10), "2023-12"), ((2024, 3, 1), "2024-02")],
)
def test_a_tick_asks_after_the_month_before_as_of_its_own_day(resource, at, month):
    request = at_time(
        automation.due_date, dt.datetime(*at, 9, tzinfo=SHANGHAI), resource
    ).run_requests[0]
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


def test_the_draft_after_the_cut_off_is_of_the_month_before_when_anything_came_for_it(
    home, resource, accepted
):
    schedule = automation.draft_after_cut_off
    at = dt.datetime(2024, 4, 16, 8, tzinfo=SHANGHAI)
    assert days_of(schedule, at - dt.timedelta(days=10), 20) == [at]
    assert at_time(schedule, at, resource).skip_message == "2024年3月没有可用的报送文件"
    accepted(home, "2024-03")
    assert [one.partition_key for one in at_time(schedule, at, resource).run_requests] == [
        "2024-03"
    ]


def test_a_clerk_away_from_the_25th_of_february_to_the_20th_of_march_finds_every_day_asked_and_the_draft_due(
    resource,
):
    away = dt.datetime(2024, 2, 25, tzinfo=SHANGHAI)
    asked = [
        at_time(automation.due_date, at, resource)
        .run_requests[0]
        .run_config["ops"][ASKED]["config"]
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
    assert (
        ask(home, "2024-03", "2024-04-10").description
        == "2024年3月:早于开始收件的月份(2024-04),不核对"
    )
    assert missing(home, "2024-03", dt.date(2024, 4, 10)) == []
    assert open_alerts(home) == []
    assert ask(home, "2024-04", "2024-05-10").passed is False
    assert [alert.key for alert in open_alerts(home)] == ["late-2024-04"]


@pytest.mark.parametrize(
    ("month", "on"), [("2024-13", ""), ("三月", ""), ("", "2024-02-30"), ("", "昨天")]
)
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


def test_who_owes_most_comes_first_and_few_kinds_of_data_are_named():
    rolls = ("dibao_roll", "pwd_roll", "elder_roll", "comprehensive_return")
    due = dt.date(2024, 4, 10)
    lacking = [
        Missing(name, [f"{AREA}100", *[f"{AREA}101"] * (name == rolls[3])], due) for name in rolls
    ]
    assert owing(lacking) == "沙柳河镇(4类);哈尔盖镇(民政综合月报表)"
    assert (
        owing(lacking[2:]) == "沙柳河镇(老年人补贴花名册、民政综合月报表);哈尔盖镇(民政综合月报表)"
    )
    assert owing([]) == ""
