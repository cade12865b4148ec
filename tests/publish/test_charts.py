"""Charts: the rules that can be tested, for the native drawing and for Plotly alike."""

import re
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from minzheng.contracts.report import words
from minzheng.months import add_months
from minzheng.publish.cells import Published
from minzheng.publish.charts.canvas import BLUE, text_width, wrapped
from minzheng.publish.charts.figures import figure
from minzheng.publish.charts.model import (
    Point,
    Series,
    TownshipsChart,
    TrendChart,
    charts,
    nice_ticks,
    progress_chart,
    scale_ticks,
    segments,
    telling_difference,
    townships_chart,
    trend_chart,
)
from minzheng.publish.charts.svg import PHONE, draw
from tests.place import AREA, AREA_NAME

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made(published):
    return {chart.id: chart for chart in charts(published)}


def texts(drawing):
    return [element.text for element in etree.fromstring(drawing.encode()).iter(f"{SVG}text")]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_drawing_is_xml_with_a_title_a_description_and_no_link(made):
    for chart in made.values():
        root = etree.fromstring(draw(chart).encode())
        assert root.find(f"{SVG}title").text == chart.title
        assert root.find(f"{SVG}desc").text
        assert not re.findall(r"https?://(?!www.w3.org/2000/svg)", draw(chart))


def test_titles_are_short_and_every_chart_has_its_source_and_revision(made):
    for chart in made.values():
        assert len(chart.title) <= 26
        assert "2024年3月" in chart.subtitle
        assert chart.source.endswith("第1版。")


def test_text_is_dark_enough_on_white(made):
    inks = {
        fill
        for chart in made.values()
        for fill in re.findall(r'<text[^>]* fill="(#\w+)"', draw(chart))
    }
    inks |= {word.ink for word in words().statuses.values()}
    assert min(1.05 / (luminance(ink) + 0.05) for ink in inks) >= 4.5


def test_no_status_is_told_by_colour_alone():
    statuses = words().statuses.values()
    assert len({word.shape for word in statuses}) == len({word.zh for word in statuses}) == 5


def test_text_is_never_smaller_than_print_can_show(made):
    sizes = {
        float(size)
        for chart in made.values()
        for size in re.findall(r'font-size="([\d.]+)"', draw(chart))
    }
    assert min(sizes) >= 10.5


def test_the_report_s_picture_is_drawn_at_the_size_it_is_printed_in(made):
    root = etree.fromstring(draw(made["progress"]).encode())
    assert float(root.get("width")) == pytest.approx(
        156 / 25.4 * 96, abs=1
    )  # the text block, at 96 dots an inch


def test_labels_stand_at_the_data_and_only_symbols_have_a_legend(made):
    for name, chart in made.items():
        lines = [one for one in figure(chart).data if one.showlegend and one.visible is not None]
        assert all(one.visible == "legendonly" for one in lines), name  # a reader asks for them
        assert bool(figure(chart).layout.showlegend) == (name == "progress" or bool(lines))
    words_shown = [
        text
        for text in texts(draw(made["progress"]))
        if text in {word.zh for word in words().statuses.values()}
    ]
    classes = [word.zh for word in words().statuses.values()]
    assert words_shown == [word for word in classes if word in words_shown]


def test_lines_have_one_axis_which_says_where_it_leaves_zero_and_nothing_is_smoothed(made):
    for chart in made.values():
        drawn = figure(chart)
        assert {trace.type for trace in drawn.data} <= {"bar", "scatter"}
        assert {
            getattr(trace.line, "shape", None) for trace in drawn.data if trace.type == "scatter"
        } <= {
            None,
            "linear",
        }
        assert not [axis for axis in drawn.select_yaxes() if axis.overlaying]
        if isinstance(chart, TrendChart | TownshipsChart):
            told = texts(draw(chart))
            assert (chart.ticks[0] > 0) == ("纵轴不从零开始" in told)
            assert {tuple(axis.range) for axis in drawn.select_yaxes()} == {
                (chart.ticks[0], chart.ticks[-1])
            }


def test_text_is_level_in_faces_that_every_desk_has_and_at_most_six_panels_stand_in_a_row(made):
    for chart in made.values():
        drawing = draw(chart)
        assert "rotate" not in drawing
        assert (
            'font-family="Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC'
            in drawing
        )
        if isinstance(chart, TownshipsChart):
            columns = {axis.domain for axis in figure(chart).select_xaxes()}
            assert len(columns) <= 6


@pytest.mark.parametrize("wide", [None, PHONE])
def test_nothing_is_drawn_outside_the_picture(made, wide):
    for chart in made.values():
        root = etree.fromstring(draw(chart, wide).encode())
        width, height = float(root.get("width")), float(root.get("height"))
        for text in root.iter(f"{SVG}text"):
            long = text_width(text.text, float(text.get("font-size")))
            before = {"start": 0, "middle": long / 2, "end": long}[text.get("text-anchor")]
            assert float(text.get("x")) - before >= 0, text.text
            assert float(text.get("x")) - before + long <= width, text.text
        for element in root.iter(f"{SVG}text", f"{SVG}circle", f"{SVG}rect"):
            x = float(element.get("x") or element.get("cx") or 0)
            y = float(element.get("y") or element.get("cy") or 0)
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_the_progress_chart_is_sorted_and_shows_the_three_numbers(made):
    chart = made["progress"]
    shares = [bar.share for bar in chart.bars]
    assert shares == sorted(shares, reverse=True)
    shown = texts(draw(chart))
    for bar in chart.bars:
        assert {bar.label, bar.now} <= set(shown)
    assert chart.elapsed == pytest.approx(39 / 60)
    assert chart.title == "9项规划指标中，4项进度滞后"


def test_a_missing_month_is_a_gap_with_its_word_and_never_a_line(published):
    frames = published.frames
    gap = (
        (pl.col("indicator_id") == "inst_beds")
        & (pl.col("ref_area") == AREA)
        & (pl.col("time_period") == "2023-07")
    )
    holed = frames.observations.with_columns(
        pl.when(gap).then(None).otherwise("obs_value").alias("obs_value"),
        pl.when(gap).then(pl.lit("M")).otherwise("obs_status").alias("obs_status"),
    )
    chart = trend_chart(
        Published(replace(frames, observations=holed), published.month), "inst_beds"
    )
    drawing = draw(chart)
    lines = [
        p
        for p in etree.fromstring(drawing.encode()).iter(f"{SVG}path")
        if p.get("stroke") == "#0072B2"
    ]
    assert len(lines) == 2
    assert "缺报" in texts(drawing)
    trace = figure(chart).data[0]
    assert trace.connectgaps is False
    assert trace.y[6] is None


# states of 24 months | the words drawn for a phone
CROWDED = [
    ("..M.....................", ["缺报"]),
    ("..M.......M.............", ["缺报", "缺报"]),
    ("..MC....................", ["缺报"]),
    ("..MMMM..................", ["缺报"]),
    ("..M.....C...............", ["缺报", "＊"]),
    (".........N..............", ["—"]),
]


@pytest.mark.parametrize(("drawn", "shown"), CROWDED)
def test_words_of_gaps_that_stand_close_give_way(made, drawn, shown):
    states = {"M": "missing", "C": "suppressed", "N": "not_applicable", ".": "value"}
    points = tuple(
        Point(add_months("2022-01", at), 5.0 if state == "." else None, states[state])
        for at, state in enumerate(drawn)
    )
    chart = replace(
        made["trend-inst_beds"], own=Series(AREA_NAME, points), plan=(), projection=None, breaks=()
    )
    assert [text for text in texts(draw(chart, PHONE)) if text in ("缺报", "＊", "—")] == shown


@pytest.mark.parametrize(
    ("values", "from_zero"),
    [([0.0, 3.0], True), ([50.0, 100.0], True), ([95.0, 96.0], False), ([-2.0, -1.9], True)],
)
def test_a_scale_leaves_zero_only_where_all_values_lie_close_together(values, from_zero):
    ticks = scale_ticks(values)
    assert ticks[0] <= min(values) <= max(values) <= ticks[-1]
    assert (ticks[0] <= 0) == from_zero


def test_a_line_too_long_is_broken_between_characters_and_never_inside_a_number():
    assert wrapped("养老机构护理型床位占比（%），2021年4月—2024年3月", 10, 120) == (
        "养老机构护理型床位占比",
        "（%），2021年4月—2024",
        "年3月",
    )


def test_a_township_that_has_not_reported_is_named_in_title_and_panel(made):
    chart = made["townships-elder_assess_rate"]
    assert chart.title == "四个乡镇都未达到90.0%目标，吉尔孟乡3月缺报"
    assert "3月缺报" in texts(draw(chart))
    assert "3月缺报" in str(figure(chart).layout.annotations)


def test_small_differences_carry_no_headline(published):
    near = published.frames.progress.with_columns(path_value=pl.col("obs_value") + 0.1)
    far = published.frames.progress.with_columns(path_value=pl.col("obs_value") + 3.0)
    titles = [
        trend_chart(
            Published(replace(published.frames, progress=rows), published.month),
            "nursing_bed_share",
        ).title
        for rows in (near, far)
    ]
    assert titles == [
        "养老机构护理型床位占比与计划路径基本一致",
        "养老机构护理型床位占比低于计划路径",
    ]
    assert telling_difference(31.0, 55.0, 1) == pytest.approx(0.24)
    assert telling_difference(0, 1000, 0) == 10


def test_the_plan_line_is_straight_from_base_to_target_and_labelled(made):
    chart = made["trend-nursing_bed_share"]
    assert chart.plan == (("2020-12", 31.0), ("2025-12", 55.0))
    assert "2025年目标 55.0%" in texts(draw(chart))
    assert "直线" in chart.subtitle


def test_a_county_that_begins_after_the_target_s_date_has_no_line_of_the_plan(published):
    late = published.frames.progress.with_columns(baseline_period=pl.lit("2026-01"))
    there = Published(replace(published.frames, progress=late), published.month)
    chart = trend_chart(there, "nursing_bed_share")
    assert chart.plan == ()
    assert "2025年目标 55.0%" not in texts(draw(chart))


def test_the_words_of_goal_and_value_never_meet(published):
    drawn = trend_chart(published, "nursing_bed_share")
    for value in range(40, 80):
        points = tuple(replace(point, value=float(value)) for point in drawn.points)
        floor = replace(
            drawn,
            own=replace(drawn.own, points=points),
            plan=((points[0].month, 55.0), (points[-1].month, 55.0)),
        )
        root = etree.fromstring(draw(floor).encode())
        ys = {
            "".join(text.itertext()): float(text.get("y"))
            for text in root.iter("{http://www.w3.org/2000/svg}text")
        }
        (said,) = (y for text, y in ys.items() if text.startswith("实际"))
        assert abs(said - ys[floor.goal_text]) >= 13, value


def test_townships_share_one_scale_and_stand_in_code_order(made, published):
    chart = made["townships-nursing_bed_share"]
    assert [one.name for one in chart.panels] == [
        published.names[code] for code in published.townships
    ]
    ranges = {tuple(axis.range) for axis in figure(chart).select_yaxes()}
    assert len(ranges) == 1


def test_plotly_shows_the_same_numbers_with_one_template(made):
    for chart in made.values():
        drawn = figure(chart)
        assert drawn.layout.title.text == f"<b>{chart.title}</b>"
        assert drawn.layout.meta["alt"] == chart.alt
        assert drawn.layout.template.layout.font.family.startswith("Noto Sans CJK SC")
        if isinstance(chart, TrendChart):
            assert list(drawn.data[0].y) == [point.value for point in chart.points]
        if isinstance(chart, TownshipsChart):
            assert len({axis.matches for axis in drawn.select_yaxes()}) <= 2


def test_a_withheld_township_has_no_number_in_its_panel(published):
    chart = townships_chart(published, "orphan_total")
    (panel,) = (one for one in chart.panels if one.name == "吉尔孟乡")
    assert panel.points[-1].value is None
    assert "不予公布" in chart.alt


def test_an_indicator_of_the_county_alone_has_townships_without_values(published):
    chart = townships_chart(published, "civil_spend_ytd")
    assert [one.last for one in chart.panels] == [None] * len(published.townships)
    assert "无数据" in chart.alt
    assert draw(chart)
    assert figure(chart).data


def test_a_met_target_without_base_is_left_out_of_the_picture(published):
    assert "payment_ontime_rate" not in {bar.indicator_id for bar in progress_chart(published).bars}


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_ticks_are_even_and_cover_zero_and_the_data(one, other):
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    steps = {round(b - a, 6) for a, b in zip(ticks, ticks[1:], strict=False)}
    assert ticks[0] <= min(low, 0) + 1e-6 + 1e-8 * max(steps)
    assert ticks[-1] >= max(high, 0) - 1e-6 - 1e-8 * max(steps)
    assert len(ticks) <= 13
    assert max(steps) - min(steps) <= 1e-5 * max(1, abs(ticks[-1]))


def test_a_new_definition_is_a_mark_in_the_picture_and_no_line_leads_across(frames, published):
    here, later = pl.col("indicator_id") == "inst_beds", pl.col("time_period") >= "2023-10"
    version = pl.when(here & later).then(pl.lit("2023")).otherwise(pl.lit("2021"))
    source = pl.when(here & (pl.col("time_period") >= "2024-01")).then(
        pl.lit("人口口径:户籍人口(2023年)")
    )
    told = frames.observations.with_columns(
        definition_version=version, note=source.otherwise(pl.lit("人口口径:常住人口(2022年)"))
    )
    chart = trend_chart(Published(replace(frames, observations=told), published.month), "inst_beds")
    assert chart.breaks == (("2023-10", "口径调整"), ("2024-01", "人口口径变化"))
    assert [len(part) for part in segments(chart.points, chart.breaks)] == [
        len(chart.points) - 6,
        3,
        3,
    ]
    drawn = draw(chart)
    assert drawn.count("口径调整") == drawn.count("人口口径变化") == 1
    made = figure(chart)
    assert [value is None for value in made.data[0].y].count(True) == 2
    assert {"口径调整", "人口口径变化"} <= {note.text for note in made.layout.annotations}


def test_a_new_definition_cuts_the_lines_of_the_townships_and_is_told_below_the_title(
    broken_frames, published
):
    chart, whole = (
        townships_chart(one, "inst_beds")
        for one in (Published(broken_frames, published.month), published)
    )
    assert "；2023年10月起口径调整" in chart.subtitle
    assert "口径调整" not in whole.subtitle
    own, cut = (re.findall(f"<path [^>]*{BLUE}[^>]*>", draw(one)) for one in (whole, chart))
    assert len(cut) == len(own) + len(chart.panels)
    lines = [trace for trace in figure(chart).data if trace.mode == "lines+markers"]
    assert [[value is None for value in line.y].count(True) for line in lines] == [1] * len(
        chart.panels
    )
    assert sum(shape.line.dash == "dot" for shape in figure(chart).layout.shapes) == len(
        chart.panels
    )
