"""The calendar from extracts to delivery, reminders to townships, and a missed delivery that reaches a person."""

import datetime as dt

import pytest
from click.testing import CliRunner

from minzheng.commands import remind
from minzheng.custody.ledger import Ledger
from minzheng.delivery import schedule
from minzheng.delivery.approvers import unlocked
from minzheng.delivery.review import approve, submit
from minzheng.delivery.schedule import milestones, reminders, tell_missed
from minzheng.delivery.sending import acknowledge
from minzheng.intake.completeness import Missing
from minzheng.operations.alerts import open_alerts, raise_alert
from tests.delivery.conftest import APPROVER, AUTHOR, MONTH, NINE, PASSPHRASE
from tests.place import AREA

OA = '[[recipient]]\nname = "州民政局"\nedition = "prefecture"\nchannel = "oa"\n'


@pytest.fixture
def owed(monkeypatch):
    """What townships still owe, as `minzheng.intake.completeness.missing` tells it."""
    lacking = [
        Missing("dibao_roll", [f"{AREA}100", f"{AREA}201"], dt.date(2024, 4, 5)),
        Missing("pwd_card", [f"{AREA}201"], dt.date(2024, 4, 10)),
    ]
    monkeypatch.setattr(schedule, "missing", lambda *_: lacking)
    monkeypatch.setattr(schedule, "first_month_reported", lambda _: MONTH)
    return lacking


def lines(home, day):
    return [one.line(dt.date(2024, 4, day)) for one in milestones(home, MONTH)]


def test_the_calendar_says_what_is_done_late_or_still_open_and_who_is_asked(
    home, draft, freeze, approver, recipients, owed
):
    recipients(OA)
    told = lines(home, 16)
    assert told[0].startswith("04-05  乡镇和部门报表收齐：已逾期（泉吉乡(")
    assert told[1:] == [
        "04-15  核验通过，生成草稿：已逾期（数据员）",
        "04-18  月报送审并批准：未完成（州民政局）",
        "04-20  月报送达：未完成（州民政局草稿）",
    ]
    owed.clear()
    draft()
    submit(home, MONTH, AUTHOR)
    (package,) = approve(home, MONTH, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE)
    assert lines(home, 21)[-2:] == [
        "04-18  月报送审并批准：已完成",
        "04-20  月报送达：已逾期（州民政局已批准）",
    ]
    freeze()
    acknowledge(package, "回函", AUTHOR)
    assert [line.rpartition("：")[2] for line in lines(home, 21)] == ["已完成"] * 4


def test_a_home_that_nobody_reported_to_has_not_got_every_report(home):
    assert lines(home, 6)[0] == "04-05  乡镇和部门报表收齐：已逾期（尚未收到任何报表）"


def test_months_before_the_first_one_reported_are_not_called_complete(home, owed, monkeypatch):
    monkeypatch.setattr(schedule, "first_month_reported", lambda _: "2024-04")
    assert lines(home, 6)[0] == "04-05  乡镇和部门报表收齐：不作要求（本机自2024年4月起收件）"


def test_a_month_that_a_check_stopped_is_not_drafted(home, draft):
    draft()
    raise_alert(home, f"stopped-{MONTH}", "blocked", "核验未通过", "stopped", [MONTH])
    assert "未完成" in lines(home, 14)[1]


def test_each_township_is_reminded_of_its_own_reports_and_nobody_is_named(home, owed):
    texts = reminders(home, MONTH, dt.date(2024, 4, 6))
    assert set(texts) == {f"{AREA}100", f"{AREA}201"}
    assert texts[f"{AREA}201"].startswith("泉吉乡：2024年3月以下报表尚未收到，请按时报送：")
    assert "（04月05日前，已逾期）" in texts[f"{AREA}201"]
    assert "（04月10日前）" in texts[f"{AREA}201"]
    assert "04月10日" not in texts[f"{AREA}100"]


@pytest.mark.parametrize(("day", "missed"), [(20, []), (21, [MONTH])])
def test_a_delivery_that_was_missed_reaches_a_person_the_day_after_it_was_due(
    home, draft, recipients, owed, day, missed
):
    recipients(OA)
    draft("2024-02")
    found = tell_missed(home, dt.date(2024, 4, day))
    assert [month for month in found if month == MONTH] == missed
    keys = {alert.key for alert in open_alerts(home)}
    assert (f"delivery-missed-{MONTH}" in keys) == bool(missed)


def test_the_alert_goes_when_the_month_has_arrived_and_the_pages_say_so_meanwhile(
    home, draft, freeze, approver, recipients, owed
):
    recipients(OA)
    tell_missed(home, dt.date(2024, 4, 21))
    assert "2024年3月月报尚未送达上级。" in (home.published / "status.js").read_text(
        encoding="utf-8"
    )
    draft()
    submit(home, MONTH, AUTHOR)
    (package,) = approve(home, MONTH, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE)
    freeze()
    acknowledge(package, "回函", AUTHOR)
    tell_missed(home, dt.date(2024, 4, 21))
    assert f"delivery-missed-{MONTH}" not in {alert.key for alert in open_alerts(home)}


def test_a_home_that_sends_to_nobody_misses_nothing(home, owed):
    assert tell_missed(home, dt.date(2024, 4, 21)) == []
    with Ledger(home) as ledger:
        assert list(ledger.events()) == []


@pytest.mark.parametrize(
    ("began", "line"),
    [(None, "尚未收到任何报表"), ("2024-04", "自2024年4月起收件"), (MONTH, "各乡镇报表已收齐")],
)
def test_a_call_that_reminds_nobody_says_why(home, owed, monkeypatch, began, line):
    owed.clear()
    monkeypatch.setattr(remind, "first_month_reported", lambda _: began)
    result = CliRunner().invoke(remind.command, ["--home", str(home.path), "--month", MONTH])
    assert result.exit_code == 0, result.output
    assert line in result.output
