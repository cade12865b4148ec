"""A check's page in the control room: what failed, about how often, where, since when, where the list is; never a person."""

import re

import duckdb
import pytest

from assets import checks
from minzheng.months import months_between
from minzheng.warehouse.connection import create_tables
from quality.gate import evaluate, validate
from quality.suites import SuiteResult
from simulation.example import draw_county
from tests.place import AREA

MONTHS = months_between("2023-12", "2024-02")
LAST = MONTHS[-1]


@pytest.fixture(scope="module")
def told():
    """By suite and severity the page after a run of all months, and after a run of the newest month alone."""
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS, persons=20)
    twice = "insert into register.tekun_roll by name select month, township_code, person_key, '农村' as area, '在保' as status, true as active, 99 as intake_no, '' as sheet, row_no from register.dibao_roll"
    connection.execute(
        f"{twice} where month = '{LAST}' and person_key in ('{AREA}100-5', '{AREA}100-7', '{AREA}101-5')"
    )
    connection.execute(f"{twice} where month = '2024-01' and township_code = '{AREA}101' limit 9")
    connection.execute(
        f"update register.care_facility set resident_count = 400 where month = '{LAST}' and township_code = '{AREA}100'"
    )
    evaluate(connection, MONTHS)
    pages = []
    for months in (MONTHS, MONTHS[-1:]):
        results = validate(connection, months)
        where, trends = (
            checks._townships_by_suite(connection, LAST),
            checks._trends(connection, LAST),
        )
        pages.append({
            (one.suite, one.severity): checks.page_of(
                one, [r for r in results if (r.suite, r.severity) == (one.suite, one.severity)],
                where.get((one.suite, one.severity), {}), trends.get((one.suite, one.severity), {}),
            )
            for one in checks.checks()
        })  # fmt: skip
    connection.close()
    return pages


def text(page, name):
    return page.metadata[name].value


def test_a_failed_suite_says_what_about_how_often_where_and_where_the_list_is(told):
    for pages in told:
        page = pages["rules_dibao", "error"]
        assert not page.passed
        assert "D12 低保与特困不重复(3处)" in text(page, "未通过的检查")
        assert text(page, "月份") == LAST
        assert re.match(r"沙柳河镇\(\d+项\)、哈尔盖镇\(", text(page, "涉及乡镇"))
        assert text(page, "沙柳河镇要改正的行").endswith(f"site/township/{AREA}100.html")
        assert "哈尔盖镇要改正的行" in page.metadata
        assert "生成退回清单" in text(page, "谁来办")


def test_the_trend_over_months_is_on_the_page_of_a_single_month_too(told):
    everything, alone = (pages["rules_dibao", "error"] for pages in told)
    assert text(everything, "近12个月问题数") == text(alone, "近12个月问题数")
    assert re.fullmatch(r"2023-12 0、2024-01 \d+、2024-02 \d+", text(alone, "近12个月问题数"))
    assert text(alone, "走势").startswith("最低0、最高")
    assert "data:image/svg" in text(alone, "走势")
    assert "2024-01 | D12 低保与特困不重复(9处)" in text(everything, "逐月结果")
    assert everything.description == "3个月中2个月未通过"
    assert alone.description.startswith("2024年2月:")


def test_counts_of_things_are_exact_and_of_rows_about_persons_rounded(told):
    page = told[1]["rules_facility", "error"]
    assert "F02 在院人数不超床位(1处)" in text(page, "未通过的检查")


def test_a_suite_that_holds_says_so(told):
    page = told[1]["dibao_roll", "error"]
    assert page.passed
    assert (text(page, "未通过的检查"), text(page, "涉及乡镇"), text(page, "问题数")) == (
        "无",
        "无",
        0,
    )


def test_no_page_names_a_person(told):
    for pages in told:
        for page in pages.values():
            words = (
                " ".join(str(value.value) for value in page.metadata.values()) + page.description
            )
            assert f"{AREA}100-5" not in words
            assert f"h-{AREA}" not in words


def test_a_township_that_only_a_region_file_knows_is_not_called_the_county():
    one = next(one for one in checks.checks() if one.suite == "rules_dibao")
    held = SuiteResult(one.suite, None, "error", LAST, False, 1, [("D12", 3)], "", False)
    page = checks.page_of(one, [held], {AREA: 2, f"{AREA}199": 1}, {})
    assert text(page, "涉及乡镇") == f"全县(2项)、{AREA}199(1项)"
