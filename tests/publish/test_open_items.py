"""What the report says of open items: the ranges that matter, widest first, and verdicts that hang on them."""

from dataclasses import replace

import polars as pl

from minzheng.publish.cells import Published
from minzheng.publish.report.building import build_report
from minzheng.publish.report.open_items import open_items_text
from tests.place import AREA


def with_bounds(frames, month, **bounds):
    """The frames with the county's bounds of some indicators in the newest month."""
    here = (pl.col("ref_area") == AREA) & (pl.col("time_period") == month)
    told = frames.observations
    for code, (low, high) in bounds.items():
        own = here & (pl.col("indicator_id") == code)
        told = told.with_columns(
            pl.when(own).then(pl.lit(low)).otherwise("lower_bound").alias("lower_bound"),
            pl.when(own).then(pl.lit(high)).otherwise("upper_bound").alias("upper_bound"),
        )
    return replace(frames, observations=told)


def test_nothing_is_said_while_nothing_is_open(frames, month):
    assert open_items_text(Published(frames, month)) == ""


def test_ranges_are_told_widest_first_and_a_verdict_that_hangs_on_them_is_named(frames, month):
    open_frames = with_bounds(
        frames,
        month,
        pwd_living_recipients=(605.0, 615.0),
        pwd_living_coverage=(90.0, 100.0),
        inst_beds=(173.0, 173.2),
    )
    told = open_items_text(Published(open_frames, month))
    assert told == (
        "待核定事项的影响：待更正的行、校验发现和未办结线索逐项按两种可能核定，困难残疾人生活补贴覆盖率在90.0%至100.0%之间、"
        "享受困难残疾人生活补贴人数在605人至615人之间。其中困难残疾人生活补贴覆盖率的区间跨过目标值，是否达标待核定后才能确定。"
    )
    spoken = [
        span.text
        for block in build_report(open_frames, month).blocks
        for span in getattr(block, "spans", ())
    ]
    assert told in spoken


def test_a_withheld_figure_is_not_told_by_its_range(frames, month):
    open_frames = with_bounds(frames, month, pwd_living_coverage=(90.0, 100.0))
    hidden = (
        pl.when(pl.col("indicator_id") == "pwd_living_coverage")
        .then(pl.lit("C"))
        .otherwise("conf_status")
    )
    open_frames = replace(
        open_frames, observations=open_frames.observations.with_columns(conf_status=hidden)
    )
    assert open_items_text(Published(open_frames, month)) == ""
