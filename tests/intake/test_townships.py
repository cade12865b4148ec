"""Townships that come, merge and change their codes: who owes a list, which codes hold, and where a row of an old code goes."""

import datetime as dt

import pytest

from minzheng.contracts.calendar import expected_places
from minzheng.contracts.regions import townships, townships_at
from minzheng.delivery.schedule import reminders
from minzheng.intake import status_lines
from minzheng.intake.completeness import missing
from minzheng.warehouse.connection import set_months
from minzheng.warehouse.places import townships_of
from minzheng.warehouse.register import build_register
from quality.ledgers import expect_files
from tests.intake.roster import csv_bytes, csv_text, people
from tests.place import AREA, AREA_NAME

OLD, NEW = f"{AREA}201", f"{AREA}103"
MONTH, LATER = "2024-03", dt.date(2024, 5, 1)
OLD_ROW = [OLD, "泉吉乡", "乡镇", AREA, "乡", "2000-01-01", "2024-03-01"]
NEW_ROW = [NEW, "虚构泉吉镇", "乡镇", AREA, "镇", "2024-03-01", ""]
VILLAGE = [f"{NEW}204", "切吉村委会", "村社", NEW, "村委会", "2024-03-01", ""]


def regions(*rows: list[str], month: str = MONTH) -> bytes:
    head = ["区划代码", "名称", "级别", "上级代码", "城乡属性", "生效日期", "失效日期"]
    title = f"{AREA_NAME}{month[:4]}年{int(month[5:])}月行政区划"
    return csv_text([[title], head, *rows]).encode()


def renamed(rows: list[dict]) -> list[dict]:
    """The rows of the township that changed its code, with the new one."""
    told = {"行政区划代码": f"{NEW}204", "乡镇": "虚构泉吉镇"}
    return [row | told if row["乡镇"] == "泉吉乡" else row for row in rows]


SPANS = """
the list alone                   |                                      | old
ended                            | old                                  |
ended before the first day       | old new                              | new
a village of no listed township  | village                              | old new
the row told last holds          | old open                             | old
closed and opened again          | old again                            | old
"""
ROWS = {
    "old": (OLD, "泉吉乡", "乡镇", "2000-01-01", "2024-03-01"),
    "open": (OLD, "泉吉乡", "乡镇", "2000-01-01", None),
    "again": (OLD, "泉吉乡", "乡镇", "2024-03-15", None),
    "new": (NEW, "虚构泉吉镇", "乡镇", "2024-03-01", None),
    "village": (f"{NEW}204", "切吉村委会", "村社", "2024-03-01", None),
}


@pytest.mark.parametrize("line", SPANS.strip().splitlines(), ids=lambda line: line.split("|")[0])
def test_a_township_is_there_at_the_end_of_a_month_while_one_of_its_rows_says_so(line):
    told = [ROWS[name] for name in line.split("|")[1].split()]
    there = {"old": OLD, "new": NEW}
    wanted = {there[name] for name in line.split("|")[2].split()}
    others = townships().keys() - {OLD}
    assert townships_at(MONTH, told).keys() - others == wanted
    before = townships_at("2024-02", told).keys() - others
    assert before == {OLD}, "a month before nothing has changed"


def test_a_township_that_ended_owes_nothing_and_one_that_came_owes_its_lists(county):
    own = [row for row in people() if row["乡镇"] == "沙柳河镇"]
    county.sends("沙柳河镇.csv", csv_bytes(own))
    county.sends("区划.csv", regions(OLD_ROW, NEW_ROW))
    owed = {one.dataset: one.places for one in missing(county.home, MONTH, LATER)}
    there = sorted(townships().keys() - {OLD} | {NEW})
    assert owed["tekun_roll"] == there
    assert owed["dibao_roll"] == [code for code in there if code != f"{AREA}100"]
    (month,) = county.status(MONTH)["months"]
    assert month["missing"]["tekun_roll"] == there
    assert month["due"] == sum(map(len, expected_places(townships()).values()))
    (line,) = (one for one in status_lines.lines(county.status(MONTH)) if "未报 城乡低保" in one)
    assert "虚构泉吉镇" in line
    assert reminders(county.home, MONTH, LATER).keys() == {*there}
    (before,) = county.status("2024-02")["months"]
    assert before["missing"]["tekun_roll"] == sorted(townships())


@pytest.mark.parametrize("order", ["region first", "roll first"])
def test_a_county_list_covers_the_townships_of_its_month_also_one_without_a_row(county, order):
    rows = [row for row in people() if row["乡镇"] != "泉吉乡"]
    sent = [("区划.csv", regions(OLD_ROW, NEW_ROW)), ("全县.csv", csv_bytes(rows))]
    for name, content in sent if order == "region first" else sent[::-1]:
        county.sends(name, content)
    told = "select distinct township_code from register.coverage where dataset = 'dibao_roll'"
    build_register(county.warehouse, [MONTH])
    covered = {code for (code,) in county.ask(told)}
    assert covered == townships().keys() - {OLD} | {NEW}


@pytest.mark.parametrize("order", ["region first", "roll first"])
def test_rows_of_an_ended_township_go_back_to_be_corrected_and_count_once_the_new_code_stands(
    county, order
):
    sent = [("区划.csv", regions(OLD_ROW, NEW_ROW, VILLAGE)), ("全县.csv", csv_bytes(people()))]
    for name, content in sent if order == "region first" else sent[::-1]:
        county.sends(name, content)
    build_register(county.warehouse, [MONTH])
    count = "select count(*) from register.dibao_roll"
    faults = "select count(*), any_value(rule_id) from raw.quarantine"
    assert county.ask(count) + county.ask(faults) == [(10,), (2, "area_unknown")]
    county.sends("更正.csv", csv_bytes(renamed(people())))
    build_register(county.warehouse, [MONTH])
    new = f"select count(*) from register.dibao_roll where township_code = '{NEW}'"
    assert county.ask(count) + county.ask(new) == [(12,), (2,)]
    february = [row | {"统计月份": "2024-02"} for row in people()]
    title = f"{AREA_NAME}2024年2月农村低保花名册"
    assert county.sends("二月.csv", csv_bytes(february, title=title)).rows_accepted == 12


def test_an_ended_townships_own_file_is_refused_with_the_reason_and_stays(county):
    county.sends("区划.csv", regions(OLD_ROW, NEW_ROW))
    own = [row for row in people() if row["乡镇"] == "泉吉乡"]
    file = county.sends("泉吉乡.csv", csv_bytes(own))
    assert file.verdict == "reject_file"
    assert [reason.partition(":")[0] for reason in file.reasons] == [
        "nothing_usable",
        "area_unknown",
    ]
    assert (county.home.landing / "泉吉乡.csv").is_file()


def test_the_ledger_and_the_register_know_the_same_townships(county):
    county.sends("三月.csv", regions(OLD_ROW, NEW_ROW))
    april = [[*OLD_ROW[:6], ""], [NEW, "虚构泉吉镇", "乡镇", AREA, "镇", "2024-05-01", ""]]
    county.sends("四月.csv", regions(*april, month="2024-04"))
    months = ["2024-02", "2024-03", "2024-04", "2024-05"]
    build_register(county.warehouse, months)
    set_months(county.warehouse, months)
    county.warehouse.execute(
        "create temp table in_force_standard (month text, county_code text, param_code text, value double)"
    )
    expect_files(county.warehouse)
    due = "select distinct month, township_code from expected_file where dataset = 'tekun_roll'"
    owed = {month: [] for month in months}
    for month, code in sorted(county.ask(due)):
        owed[month].append(code)
    assert owed == {
        month: sorted(there) for month, there in townships_of(county.warehouse, months).items()
    }
    for month in months[1:]:
        told = {one.dataset: one.places for one in missing(county.home, month, dt.date(2025, 1, 1))}
        assert told["tekun_roll"] == owed[month], month
