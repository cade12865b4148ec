"""The closing year: both plans are told until the evaluation of the one that ended is approved; series cross over."""

import contextlib
import re

import polars as pl
import pytest

from minzheng.contracts.editions import edition
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import segments, trend_chart
from minzheng.publish.report.building import build_report
from minzheng.publish.site import write_site
from tests.patching import everywhere
from tests.place import AREA
from tests.site.county import frames

MONTH = "2026-02"


@pytest.fixture(scope="module")
def closing():
    return frames("2025-09", MONTH)


def test_progress_holds_every_row_of_both_plans(closing):
    county = closing.progress.filter(pl.col("ref_area") == AREA)
    rows = county.filter(pl.col("nature") != "task").group_by("plan_id").len()
    assert dict(rows.iter_rows()) == {"145": 124, "155": 123}
    told = county.filter(pl.col("nature") == "task").group_by("plan_id").len()
    assert dict(told.iter_rows()) == {"145": 23, "155": 12}


def test_the_plan_that_ended_is_judged_by_its_last_month(closing):
    value = closing.observations.filter(
        indicator_id="missed_candidates", ref_area=AREA, time_period="2025-12", sex="_T"
    )["obs_value"]
    both = closing.progress.filter(indicator_id="missed_candidates", ref_area=AREA)
    assert dict(both.select("plan_id", "obs_value").iter_rows())["145"] == value.item()


def test_the_report_shows_the_closing_plan_as_such(closing):
    text = build_report(closing, MONTH).text()
    assert "列入监测的4项规划指标中" in text
    assert (
        "“十四五”规划期已于2025年12月结束，总结评估尚未定稿，以下按2025年12月数据并计入其后补报的数据。列入监测的19项规划指标中"
        in text
    )
    assert "2.“十四五”规划指标收官表（截至2025年12月）" in text
    assert "项未达到目标的指标中" in text
    before = build_report(frames("2025-09", "2025-12"), "2025-12").text()
    assert "收官" not in before


def test_the_pages_show_both_plans(closing, tmp_path):
    write_site(tmp_path, MONTH, closing, edition("bureau"))
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "“十四五”规划收官情况" in home
    assert (
        len(re.findall(r"<tr data-find=\"[^\"]+\"><th scope=\"row\"><a href=\"indicator/", home))
        >= 4 + 19
    )
    clauses = (tmp_path / "site" / "clauses" / "index.html").read_text(encoding="utf-8")
    assert "SYS-AUDIT" in clauses
    assert "社会救助法第四十六条" in clauses


@pytest.fixture
def crosswalk():
    """`crosswalk(redefined={...}, predecessors={...})`: what the crosswalks of the plans say."""

    def say(redefined=(), before=()):
        for name, told in (("redefinitions", dict(redefined)), ("predecessors", dict(before))):
            stack.enter_context(everywhere(f"minzheng.contracts.plans.{name}", return_value=told))

    with contextlib.ExitStack() as stack:
        yield say


def test_a_line_runs_through_the_plans_and_breaks_where_the_definition_does(closing, crosswalk):
    crosswalk(redefined={"inst_beds": ("2026-01",)})
    published = Published(closing, MONTH)
    assert published.breaks("inst_beds") == [("2026-01", "plan")]
    chart = trend_chart(published, "inst_beds")
    assert chart.breaks == (("2026-01", "规划口径调整"),)
    assert [len(part) for part in segments(chart.points, chart.breaks)] == [4, 2]
    cells = [
        published.cell("inst_beds", month=month) for month in ("2025-12", "2026-01", "2026-02")
    ]
    assert (cells[1].break_since(cells[0]), cells[2].break_since(cells[1])) == ("plan", "")
    assert published.breaks("nursing_beds") == []


def test_a_row_that_goes_on_under_another_code_keeps_its_earlier_months(closing, crosswalk):
    newer = (pl.col("indicator_id") == "inst_beds") & (pl.col("time_period") < "2026-01")
    without = closing.observations.filter(~newer)
    published = Published(type(closing)(**{**closing.__dict__, "observations": without}), MONTH)
    crosswalk(before={"inst_beds": "nursing_beds"})
    values = [point.value for point in trend_chart(published, "inst_beds").points]
    assert values == [200.0] * 4 + [420.0] * 2
