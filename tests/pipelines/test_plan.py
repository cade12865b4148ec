"""The pages of the plans' progress: the month at a glance, every row of a plan, every indicator with the words it is found by."""

import polars as pl
import pytest

from assets.partitions import THAT_EXIST
from assets.plan import INLINE, PAGES, PlanPages, by_month, page_indicators
from minzheng.contracts.plans import plan, plan_ids
from minzheng.contracts.regions import county, townships
from minzheng.progress.table import progress_table, verdicts
from pipelines.webserver.chinese import search_words
from tests.place import AREA_NAME

MONTH = "2026-03"
COLUMNS = ["indicator_id", "ref_area", "time_period", "obs_value", "obs_status", "lower_bound", "upper_bound"]  # fmt: skip


def row(code, month, value, area=None, status="A", low=None, high=None):
    return (code, area or county(), month, value, status, low, high)


@pytest.fixture(scope="module")
def told():
    rows = [
        row("nursing_bed_share", "2026-01", 60.0),
        row("nursing_bed_share", "2026-02", 61.0),
        row("nursing_bed_share", MONTH, 60.5, status="U", low=60.0, high=62.0),
        row("payment_ontime_rate", "2026-01", 100.0),
        row("payment_ontime_rate", MONTH, 90.0),
        row("inst_beds", MONTH, 332.0),
        row("dibao_coverage", MONTH, None, status="M"),
        *(row("payment_ontime_rate", "2026-01", 100.0, area) for area in townships()),
        *(row("payment_ontime_rate", MONTH, 80.0 + place, area) for place, area in enumerate(townships())),
    ]  # fmt: skip
    observed = pl.DataFrame(
        rows, schema=COLUMNS, orient="row", infer_schema_length=None
    ).with_columns(
        [pl.lit("_T").alias(name) for name in ("residence", "sex", "age_group", "category")]
        + [pl.lit(None, pl.Float64).alias(name) for name in ("numerator", "denominator")]
    )
    current = plan("155")
    judged = verdicts(progress_table(observed, current, MONTH))
    return PlanPages(MONTH, [current], judged, by_month(observed), observed)


def text(facts):
    return {name: getattr(fact, "value", fact) for name, fact in facts.items()}


def test_the_first_page_tells_beds_coverage_the_plan_and_which_township_is_behind(told):
    shown = text(told.first_page())
    assert f"[养老机构床位数 332张](inst_beds?{THAT_EXIST}&partition=2026-03)" in shown["养老床位"]
    assert "低保覆盖率(保障面) 缺报" in shown["覆盖面"]
    assert "跌破底线" in text(dict(told.pages())[key("payment_ontime_rate")])["“十五五”进展"]
    assert shown["“十五五”规划进展"].startswith(
        f"[{AREA_NAME}“十五五”民政事业指标(待规划印发)](plan_155?"
    )
    assert "倒退1项" in shown["“十五五”规划进展"]
    assert "| 泉吉乡 | 1项 | 救助资金按月足额发放率 |" in shown["哪个乡镇落后"]


def key(code):
    return next(page.key for page in PAGES if page.key.path[-1] == code)


def test_a_plans_page_has_a_line_for_every_row_with_value_target_class_trend_and_what_is_open(told):
    shown = text(dict(told.pages())[key("plan_155")])
    lines = "\n".join(str(fact) for fact in shown.values()).splitlines()
    named = {line.split(" | ")[0].removeprefix("| ") for line in lines}
    assert {name for code, name in names() if code in codes("155")} <= named
    (beds,) = [line for line in lines if line.startswith("| 养老机构护理型床位占比")]
    assert beds == "| 养老机构护理型床位占比 | 60.50% | 73.00 | 暂不评价 | ↑0.50 | 60.00—62.00 |"
    assert all(len(str(fact)) < INLINE + 100 for fact in shown.values())


def names():
    return [(one.code, one.names.zh) for one in page_indicators()]


def codes(plan_id):
    return {one.indicator for one in plan(plan_id).rows}


def test_an_indicators_page_has_value_unit_townships_and_what_it_is_judged_by(told):
    shown = text(dict(told.pages())[key("nursing_bed_share")])
    assert (shown["单位"], shown["全县"], shown["养老机构护理型床位占比(%)"]) == (
        "%",
        "60.50%",
        60.5,
    )
    assert shown["未定"] == "60.00—62.00"
    assert shown["“十五五”进展"] == "暂不评价(目标73.00%,2030)"
    assert "site/indicator/nursing_bed_share.html" in shown["网页"]
    assert "| 泉吉乡 | 83.0" in text(dict(told.pages())[key("payment_ontime_rate")])["分乡镇"]


@pytest.mark.parametrize("plan_id", plan_ids())
def test_every_indicator_of_a_plan_has_a_page_found_by_name_code_synonym_and_initials(plan_id):
    pages = {page.key.path[-1]: page.description for page in PAGES}
    for code, name in names():
        assert pages[code].startswith(name), code
        called, words = search_words()[code]
        assert called == name
        assert code in words
    assert codes(plan_id) <= set(pages)
    assert "五保" in pages["tekun_basic_std"]
    assert "ylcw" in search_words()["inst_beds"][1]
