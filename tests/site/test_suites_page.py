"""The page that explains the checks: all that Great Expectations is asked, nothing it found in a row, reached from quality."""

import lxml.html
import pytest

from minzheng.contracts.datasets import dataset_names
from minzheng.contracts.quality_rules import rules
from minzheng.contracts.suites import check_title, every_suite, ranges_of


@pytest.fixture(scope="module")
def page(site):
    return lxml.html.parse(str(site / "quality" / "suites.html")).getroot()


def words(element):
    return " ".join(element.text_content().split())


def test_every_check_of_every_suite_is_there_once(page):
    suites = every_suite().values()
    subjects = [one for one in suites if one.dataset is None]
    assert [len(table.xpath("tbody/tr")) for table in page.iter("table")] == [
        len(one.checks) for one in subjects
    ]
    listed = [
        [words(li) for li in details.xpath("ul/li")] for details in page.xpath("//main//details")
    ]
    tables = [one for one in suites if one.dataset]
    assert listed == [[check_title(one, check) for check in one.checks] for one in tables]


def test_every_rule_says_what_it_demands_and_every_limit_why_it_is_that_number(page, site):
    told = words(page)
    for rule in rules().values():
        assert f"{rule.id} {rule.title}" in told
        assert rule.sentence in told
        assert all(f"{limit.value:g}：{limit.reason_zh}" in told for limit in rule.thresholds)
    assert all(limit.title in told for name in dataset_names() for limit in ranges_of(name))
    english = words(lxml.html.parse(str(site / "en" / "quality" / "suites.html")).getroot())
    assert all(limit.reason in english for rule in rules().values() for limit in rule.thresholds)


def test_the_outcome_of_the_month_stands_beside_the_rule(page):
    rows = {
        words(row.xpath("th")[0]).split()[0]: words(row.xpath("td")[-1])
        for row in page.xpath("//tbody/tr")
    }
    assert rows["K01"].endswith("通过")
    assert rows["F05"].endswith("未通过")
    assert rows["D12"] == ""


def test_planners_reach_it_from_the_pages_of_quality(site):
    for name in ("index.html", "rules.html"):
        assert 'quality/suites.html"' in (site / "quality" / name).read_text(encoding="utf-8")
