"""How an incomplete figure is told: what it lacks and what it may be, and nothing that another value within its bounds would deny."""

from dataclasses import replace

import polars as pl
import pytest

from minzheng.publish.cells import Cell, Published, Reference
from minzheng.publish.charts.model import charts
from minzheng.publish.charts.svg import draw
from minzheng.publish.report.building import build_report
from minzheng.publish.report.ministry_form import FormRow
from minzheng.publish.report.ministry_form import change as form_change
from minzheng.publish.report.sentences import change, level, plain
from minzheng.publish.tables.sheets import status_text

COUNTY = "632224"
HERE = Reference("inst_beds", COUNTY, "2024-03")
BEFORE = Reference("inst_beds", COUNTY, "2024-02")
LACKS = "不含1家待更正"


def beds(
    value: float | None,
    lower=None,
    upper=None,
    note: str = LACKS,
    where: Reference = HERE,
    state="value",
) -> Cell:
    """A count of beds; with bounds it is incomplete."""
    status = "U" if note and state == "value" else "A" if state == "value" else "L"
    return Cell(where, state, value, 0, "张", status, "1", note, lower, upper)


def whole(value: float, where: Reference = BEFORE) -> Cell:
    """A complete count of beds."""
    return beds(value, value, value, "", where)


def test_a_level_says_what_it_lacks_and_may_be():
    assert (
        plain(level(beds(256, 256, 332), "养老机构床位数"))
        == "养老机构床位数256张（不含1家待更正，可能为256—332）"
    )
    assert plain(level(beds(0, 0, 76), "床位数")) == "床位数0张（不含1家待更正，可能为0—76）"
    assert (
        plain(level(beds(256, note=LACKS + ",数额无法判读"), "床位数"))
        == "床位数256张（不含1家待更正，数额无法判读）"
    )
    nothing = beds(None, 52, 52, state="not_applicable")
    assert plain(level(nothing, "占比")) == "占比待更正后计算（不含1家待更正，可能为52）"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (beds(256, 256, 332), whole(332), "与上月相比的增减待更正后才能确定"),
        (beds(256, 256, 332), whole(400), "比上月减少68—144张"),
        (beds(256, 256, 332), whole(200), "比上月增加56—132张"),
        (beds(256), whole(200), "与上月相比的增减待更正后才能确定"),
        (whole(300, HERE), beds(256, 256, 332, where=BEFORE), "与上月相比的增减待更正后才能确定"),
        (whole(332, HERE), whole(332), "与上月持平"),
        (whole(340, HERE), whole(332), "比上月增加8张"),
    ],
)
def test_a_change_is_told_only_where_every_value_within_the_bounds_tells_it(now, before, told):
    assert plain(change(now, before, "mom", "stock", False)) == told


def test_a_growth_is_told_as_far_as_it_holds():
    assert (
        plain(change(beds(256, 256, 332), whole(200), "yoy", "stock", False))
        == "同比增长28.0—66.0%"
    )
    assert "待更正" in plain(change(beds(256, 256, 332), whole(300), "yoy", "stock", False))


def test_tables_and_forms_never_show_it_bare():
    assert beds(0, 0, 76).text == "0（可能为0—76）"
    assert beds(5).text == "5（待更正）"
    assert status_text(beds(0, 0, 76)) == "不含1家待更正，可能为0—76"
    row = FormRow(name="床位", indicator="inst_beds")
    assert form_change(beds(256, 256, 332), whole(200), row) is None
    assert form_change(whole(250, HERE), whole(200), row) == 25.0


@pytest.fixture
def incomplete(frames, month):
    """The frames with the county's beds of the newest month incomplete: as printed down to none, up to ten times."""
    here = (
        (pl.col("ref_area") == COUNTY)
        & (pl.col("time_period") == month)
        & (pl.col("indicator_id") == "inst_beds")
    )
    told = {
        "obs_status": pl.lit("U"),
        "note": pl.lit(LACKS),
        "lower_bound": pl.lit(0.0),
        "upper_bound": pl.col("obs_value") * 10,
    }
    columns = [
        pl.when(here).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in told.items()
    ]
    return replace(frames, observations=frames.observations.with_columns(columns))


def test_the_report_tells_no_change_that_hangs_on_an_open_row(frames, incomplete, month):
    before, text = build_report(frames, month).text(), build_report(incomplete, month).text()
    assert "可能为" not in before.replace("“可能为”", "")
    cell = Published(incomplete, month).cell("inst_beds")
    assert (
        f"{cell.printed}张（不含1家待更正，可能为{cell.span}），与上月相比的增减待更正后才能确定"
        in text
    )


def test_a_chart_draws_an_incomplete_month_as_an_open_point_with_a_band(frames, incomplete, month):
    drawn = {chart.id: chart for chart in charts(Published(incomplete, month))}
    whole_month = {chart.id: chart for chart in charts(Published(frames, month))}
    picture = draw(drawn["trend-inst_beds"])
    assert "stroke-opacity" in picture
    assert "可能为0—" in picture
    assert "stroke-opacity" not in draw(whole_month["trend-inst_beds"])
    assert "可能为" in drawn["trend-inst_beds"].alt
