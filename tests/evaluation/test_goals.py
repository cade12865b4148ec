"""A floor, a cap, a band, a share at its natural limit and a share of two: each told on page, in report and in evaluation."""

import re

import polars as pl
import pytest

from minzheng.contracts.calendar import report_date
from minzheng.contracts.editions import edition
from minzheng.contracts.plans import plan
from minzheng.publish.evaluation.document import build_document, trend_charts
from minzheng.publish.evaluation.gathering import assemble
from minzheng.publish.language import CHINESE
from minzheng.publish.report.building import build_report
from minzheng.publish.site import page_environment
from minzheng.publish.site.book import Book
from minzheng.publish.site.pages import pages
from tests.evaluation.conftest import LAST, arrivals, stands, targets_of
from tests.place import AREA
from tests.site.county import frames

TOLD = {"source": "示例", "verified": True, "valid_from": "2021-02"}
DECIDED = {"decided": {"document": "示例〔2021〕1号", "date": "2021-01-20"}} | TOLD
LINES = {
    "nursing_bed_share": [{"period": "2025", "value": 55} | DECIDED],
    "alert_open": [{"period": "2025", "value": 10} | DECIDED],
    "tekun_std_ratio": [{"period": "2025", "value": 1.3, "upper": 1.5} | DECIDED],
}
BEFORE = {
    "nursing_bed_share": 60.0,
    "alert_open": 5.0,
    "tekun_std_ratio": 1.4,
    "onewindow_townships": 50.0,
}
NOW = {
    "nursing_bed_share": 54.0,
    "alert_open": 12.0,
    "tekun_std_ratio": 1.4,
    "onewindow_townships": 50.0,
}


def drawn(observations):
    """The county's values as `BEFORE`, in the last month as `NOW`; one of the two windows is there."""
    value = pl.col("obs_value")
    for code, first in BEFORE.items():
        here = (pl.col("indicator_id") == code) & (pl.col("ref_area") == AREA)
        told = pl.when(pl.col("time_period") == LAST).then(NOW[code]).otherwise(first)
        value = pl.when(here).then(told).otherwise(value)
    few = (pl.col("indicator_id") == "onewindow_townships") & (pl.col("ref_area") == AREA)
    return observations.with_columns(
        obs_value=value,
        lower_bound=value,
        upper_bound=value,
        numerator=pl.when(few).then(1.0).otherwise("numerator"),
        denominator=pl.when(few).then(2.0).otherwise("denominator"),
    )


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """By product the text in which each of the four must be told; the evaluation's charts besides."""
    with (
        pytest.MonkeyPatch.context() as patch,
        targets_of(tmp_path_factory.mktemp("goals"), patch, **LINES),
    ):
        shaped = frames("2024-10", LAST, change=drawn)
        one = assemble(shaped, plan("145"), LAST, stands(), arrivals())
        book = Book(shaped, LAST, edition=edition("bureau"))
        wanted = {f"indicator/{code}.html": code for code in NOW}
        page = {
            wanted[each.path]: re.sub(r"<[^>]+>", "", rendered(book, CHINESE, each))
            for each in pages(book, CHINESE)
            if each.path in wanted
        }
        yield {
            "page": page,
            "report": build_report(shaped, LAST).text(),
            "evaluation": build_document(one, report_date(one.month)).text(),
            "charts": {chart.id: chart for chart in trend_charts(one)},
        }


def rendered(book, say, page):
    context = {"book": book, "say": say, "page": page, **page.context()}
    return page_environment().get_template(page.template).render(context)


ON_PAGES = [
    ("nursing_bed_share", "虚线为2025年底线的水平"),
    ("nursing_bed_share", "跌破底线"),
    ("nursing_bed_share", "距2025年55.00%的底线还差"),
    ("alert_open", "虚线为2025年上限的水平"),
    ("alert_open", "突破上限"),
    ("alert_open", "比2025年10件的上限多 2件"),
    ("tekun_std_ratio", "在区间内"),
    ("tekun_std_ratio", "虚线为2025年区间下沿的水平"),
    ("tekun_std_ratio", "1.30—1.50倍的区间已无差距"),
    ("onewindow_townships", "2个中1个"),
]
IN_THE_REPORT = [
    "养老机构护理型床位占比（%）\t54.00\t60.00\t60.00\t55.00\t跌破底线",
    "养老机构护理型床位占比低于底线",
    "突破上限",
    "1.30—1.50",
    "在区间内",
    "（2个中1个）",
]
IN_THE_EVALUATION = [
    "底线55.00%，失守",
    "上限10件，失守，比目标多2件",
    "区间1.30—1.50倍，在区间内",
    "（2个中1个）",
]


@pytest.mark.parametrize(("code", "words"), ON_PAGES)
def test_the_page_of_an_indicator_tells_it(texts, code, words):
    assert words in texts["page"][code]


@pytest.mark.parametrize("words", IN_THE_REPORT)
def test_the_monthly_report_tells_it(texts, words):
    assert words in texts["report"]


@pytest.mark.parametrize("words", IN_THE_EVALUATION)
def test_the_evaluation_tells_it(texts, words):
    assert words in texts["evaluation"]


@pytest.mark.parametrize(
    ("code", "level"), [("nursing_bed_share", 55), ("alert_open", 10), ("tekun_std_ratio", 1.3)]
)
def test_what_is_to_be_kept_is_drawn_level(texts, code, level):
    chart = texts["charts"][f"trend-{code}"]
    assert {value for _, value in chart.plan} == {level}
