"""What open items could still change: the figures of the report whose lowest and highest value differ as printed."""

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.report import report_plan
from minzheng.publish.cells import TOTAL, Published
from minzheng.publish.numbers import printed
from minzheng.publish.report.sentences import listing, unit_after

MOST = 6
"""More figures than these are left to the pages of the indicators."""


def open_items_text(published: Published) -> str:
    """`待核定事项的影响：……城市低保人数在509人至519人之间。`: the widest ranges first; nothing where nothing is open.

    The ranges are those of the release, drawn in steps of persons, so that a sentence tells nobody how many are under a finding.
    """
    found = moved(published)
    if not found:
        return ""
    ranges = [f"{name}在{low}{unit}至{high}{unit}之间" for name, low, high, unit, _ in found[:MOST]]
    more = f"（共{len(found)}项有变动余地，其余见各指标网页）" if len(found) > MOST else ""
    text = f"待核定事项的影响：待更正的行、校验发现和未办结线索逐项按两种可能核定，{listing(ranges)}{more}。"
    turned = [name for name, *_, turns in found if turns]
    return text + (
        f"其中{listing(turned)}的区间跨过目标值，是否达标待核定后才能确定。" if turned else ""
    )


def moved(published: Published) -> list[tuple[str, str, str, str, bool]]:
    """Name, lowest and highest as printed, unit, whether the target lies between, widest first by share of the value."""
    targets = {line.indicator_id: line.verdict.target_value for line in published.plan_lines}
    codes = {item.indicator for item in report_plan().items()}
    rows = published.frames.observations.filter(
        pl.col("indicator_id").is_in(codes | set(targets)),
        pl.col("ref_area") == published.county,
        pl.col("time_period") == published.month,
        pl.col("conf_status") == "F",
        pl.col("lower_bound").is_not_null() & pl.col("upper_bound").is_not_null(),
        *(pl.col(name) == TOTAL for name in DIMENSIONS),
    ).with_columns(
        width=(pl.col("upper_bound") - pl.col("lower_bound")) / pl.col("obs_value").abs().clip(1.0)
    )
    found = []
    for row in rows.sort("width", "indicator_id", descending=[True, False]).iter_rows(named=True):
        code, decimals = row["indicator_id"], row["decimals"] or 0
        low, high = printed(row["lower_bound"], decimals), printed(row["upper_bound"], decimals)
        target = targets.get(code)
        turns = target is not None and row["lower_bound"] < target <= row["upper_bound"]
        if low != high and code in published.indicators:
            unit = unit_after(row["unit_measure"])
            found.append((published.indicators[code]["name_zh"], low, high, unit, turns))
    return found
