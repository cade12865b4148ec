"""Judging right: floors, caps, bands, natural limits, plans that have ended, bases taken over, targets with a history."""

import datetime as dt

import pytest
import yaml

from minzheng.commands.as_known import targets_then
from minzheng.contracts.plans import Baseline, plan_of
from minzheng.months import months_between
from minzheng.progress.path import goal_of
from minzheng.progress.table import progress_notes, progress_table, tracks, verdicts
from minzheng.progress.targets import dues, rewritten
from tests.place import AREA

HEAD = """
plan: "145"
title: {zh: 示例规划, en: Example plan}
short: {zh: 示例, en: example}
first: "2021-01"
last: "2025-12"
area: "{AREA}"
owner: 示例民政局
rows:
""".replace("{AREA}", AREA)
FLOOR = """
- {indicator: nursing_bed_share, nature: binding_national, direction: up, measure: rate, unit: "%", limit: 100,
   baseline: {period: "2020", value: BASE, source: 示例, verified: true},
   targets: [{period: "2025", value: 55, source: 国家规划, verified: true}]}
"""
CAP = """
- {indicator: missed_candidates, nature: county_direction, direction: down, measure: stock, unit: 人,
   baseline: {period: "2020", value: BASE, source: 示例, verified: true},
   targets: [{period: "2025", value: 5, source: 示例, verified: true}]}
"""
BAND = """
- {indicator: tekun_std_ratio, nature: monitor, direction: band, measure: rate, unit: 倍,
   baseline: {period: "2020", value: BASE, source: 示例, verified: true},
   targets: [{period: "2025", value: 1.3, upper: 1.5, source: 示例, verified: true}]}
"""
TREND = """
- {indicator: child_director_coverage, nature: monitor, direction: meet, measure: rate, unit: "%", limit: 100,
   baseline: {period: "2020", value: BASE, source: 示例, verified: true}}
"""
FEWER = """
- {indicator: alert_open, nature: monitor, direction: down, measure: stock, unit: 件,
   baseline: {period: "2020", value: BASE, source: 示例, verified: true}}
"""


def the_plan(row, base):
    return plan_of(yaml.safe_load(HEAD + row.replace("BASE", str(base))))


def drawing(row, first, last, values):
    indicator = row.split("indicator: ")[1].replace(",", " ").split()[0]
    months = months_between(first, last)
    values = values if isinstance(values, list) else [values] * len(months)
    lines = ["indicator_id | ref_area | time_period | obs_value"]
    return "\n".join(
        lines + [f"{indicator} | {AREA} | {m} | {v}" for m, v in zip(months, values, strict=True)]
    )


@pytest.mark.parametrize(
    ("base", "target", "direction", "upper", "goal"),
    [
        (54.9, 55, 1, None, "path"),
        (55, 55, 1, None, "floor"),
        (3, 3, -1, None, "cap"),
        (3.1, 3, -1, None, "path"),
        (1.0, 1.3, 1, 1.5, "band"),
        (None, 55, 1, None, "path"),
        (60, None, 1, None, None),
        (60, 55, None, None, None),
    ],
)
def test_as_what_a_target_is_judged(base, target, direction, upper, goal):
    assert goal_of(base, target, direction, upper) == goal


# row, base, value in 2023-12: path, due by then, gap
CASES = [
    (FLOOR, 60, 58, "target_achieved", 55, 0),
    (FLOOR, 60, 54, "deterioration", 55, 1),
    (FLOOR, 55, 55, "target_achieved", 55, 0),
    (FLOOR, 40, 49, "substantial_progress", 49, 6),
    (CAP, 3, 5, "target_achieved", 5, 0),
    (CAP, 3, 6, "deterioration", 5, 1),
    (CAP, 15, 9, "substantial_progress", 9, 4),
    (BAND, 1.4, 1.5, "target_achieved", 1.3, 0),
    (BAND, 1.4, 1.6, "deterioration", 1.5, 0.1),
    (BAND, 1.4, 1.2, "deterioration", 1.3, 0.1),
    (BAND, 2.0, 1.7, "substantial_progress", 1.7, 0.2),
    (BAND, 2.0, 1.9, "limited_progress", 1.7, 0.4),
    (BAND, 1.0, 1.18, "substantial_progress", 1.18, 0.12),
]


@pytest.mark.parametrize(("row", "base", "value", "status", "due", "gap"), CASES)
def test_a_base_past_the_target_makes_it_a_floor_or_a_cap_and_a_band_has_two_edges(
    observations, row, base, value, status, due, gap
):
    drawn = observations(drawing(row, "2023-12", "2023-12", value))
    (verdict,) = verdicts(progress_table(drawn, the_plan(row, base), "2023-12"))
    assert verdict.status_path == status
    assert verdict.path_value == pytest.approx(due)
    assert verdict.gap_value == pytest.approx(gap)


@pytest.mark.parametrize(
    ("row", "base", "value", "trend"),
    [
        (TREND, 100, 100, "substantial_progress"),  # at the natural limit no growth is asked
        (TREND, 100, 98, "deterioration"),
        (FEWER, 0, 0, "substantial_progress"),
        (FEWER, 0, 1, "deterioration"),
        (FEWER, 5, 5, "limited_progress"),
    ],
)
def test_at_its_natural_limit_staying_is_the_best_there_is(observations, row, base, value, trend):
    drawn = observations(drawing(row, "2023-12", "2023-12", value))
    (verdict,) = verdicts(progress_table(drawn, the_plan(row, base), "2023-12"))
    assert verdict.status_cagr == trend


def test_both_ends_of_the_bounds_can_be_judged(observations):
    drawn = observations(drawing(FLOOR, "2023-12", "2023-12", 49))
    (track,) = tracks(drawn, the_plan(FLOOR, 40), "2023-12")
    assert track.classes(49).path == track.verdict().status_path == "substantial_progress"
    assert [track.classes(value).path for value in (39, 41, 47, 60)] == [
        "deterioration",
        "limited_progress",
        "moderate_progress",
        "target_achieved",
    ]


def test_a_plan_that_has_ended_is_judged_by_its_last_month_late_returns_included(observations):
    values = [50 + k / 10 for k in range(24)]
    table = observations(drawing(FLOOR, "2025-01", "2026-12", values))
    (verdict,) = verdicts(progress_table(table, the_plan(FLOOR, 40), "2026-03"))
    assert (verdict.obs_value, verdict.status_path) == (51.1, "moderate_progress")
    assert verdict.path_value == 55
    late = observations(drawing(FLOOR, "2025-12", "2025-12", 55))
    (verdict,) = verdicts(progress_table(late, the_plan(FLOOR, 40), "2026-03"))
    assert verdict.status_path == "target_achieved"


def test_a_base_taken_over_is_cited_and_the_plans_own_comes_first(observations):
    drawn = observations(drawing(FLOOR, "2023-12", "2023-12", 60))
    taken = Baseline(period="2020-12", value=58, source="总结评估(145-r1)", verified=True)
    bases = {("nursing_bed_share", AREA): taken}
    own, none = the_plan(FLOOR, 40), the_plan(FLOOR.replace(BASELINE, ""), 40)
    values = [
        verdicts(progress_table(drawn, one, "2023-12", bases))[0].baseline_value
        for one in (own, none)
    ]
    assert values == [40, 58]
    assert progress_notes(drawn, none, "2023-12", bases)["note"][0] == "基期依据:总结评估(145-r1)"


BASELINE = """
   baseline: {period: "2020", value: BASE, source: 示例, verified: true},"""
HISTORY = """
- indicator: canteen_count
  nature: county_direction
  direction: up
  measure: stock
  unit: 个
  baseline: {period: "2020", value: 0, source: 示例, verified: true}
  targets:
    - period: "2025"
      value: 10
      source: 县规划
      verified: true
      milestones: [{period: "2022", value: 4}, {period: "2024", value: 8}]
      townships: {"{AREA}100": 6, "{AREA}101": 3}
      unallocated: 1
    - period: "2025"
      value: 20
      source: 县规划调整
      verified: true
      decided: {document: 示例〔2023〕8号, date: 2023-06-10}
      valid_from: "2023-07"
      milestones: [{period: "2024", value: 12}]
""".replace("{AREA}", AREA)


def test_each_month_is_judged_by_the_target_that_counted_in_it(observations):
    plan = the_plan(HISTORY, 0)
    drawn = observations(drawing(HISTORY, "2021-01", "2024-12", 6))
    before, after = (
        verdicts(progress_table(drawn, plan, month))[0] for month in ("2023-06", "2023-07")
    )
    assert (before.target_value, after.target_value) == (10, 20)
    assert before.path_value == pytest.approx(5)  # from 4 at the end of 2022 to 8 at that of 2024
    assert after.path_value == pytest.approx(12 * 31 / 48)
    assert (before.status_path, after.status_path) == ("substantial_progress", "moderate_progress")
    assert after.status_stable_since == "2023-07"
    assert after.target_source == "县规划调整(示例〔2023〕8号,2023年6月10日;2023-07起)"
    notes = progress_notes(drawn, plan, "2023-07")["note"].to_list()
    assert notes == ["基期依据:示例;目标自2023-07起由10个调整为20个(示例〔2023〕8号,2023年6月10日)"]
    earlier = progress_notes(drawn, plan, "2023-06")["note"].to_list()
    assert earlier == ["基期依据:示例;乡镇分解合计比全县目标少1个"]


def test_on_three_days_three_targets_are_known(observations):
    again = """
    - period: "2025"
      value: 25
      source: 再次调整
      verified: true
      decided: {document: 示例〔2024〕3号, date: 2024-02-01}
      valid_from: "2024-01"
"""
    plan = the_plan(HISTORY + again, 0)
    drawn = observations(drawing(HISTORY, "2021-01", "2024-12", 6))
    days = [dt.date(2023, 1, 1), dt.date(2023, 12, 31), dt.date(2025, 1, 1)]
    told = [verdicts(progress_table(drawn, plan, "2024-12", None, day))[0] for day in days]
    assert [one.target_value for one in told] == [10, 20, 25]
    assert [round(one.path_value, 2) for one in told] == [8, 12, 20]
    assert targets_then([plan], "2024-12", days[0]) == [
        "canteen_count target of 145: 10 个 by 2025 -> 25 个 by 2025 (示例〔2024〕3号)"
    ]
    assert targets_then([plan], "2024-12", days[2]) == []


def test_a_target_line_that_was_released_is_not_rewritten(observations):
    plan = the_plan(HISTORY, 0)
    drawn = observations(drawing(HISTORY, "2021-01", "2024-12", 6))
    told = progress_table(drawn, plan, "2023-06")
    amended, changed = (
        plan,
        the_plan(
            HISTORY.replace("value: 10\n", "value: 11\n").replace(
                "unallocated: 1", "unallocated: 2"
            ),
            0,
        ),
    )
    day = dt.date(2023, 7, 15)
    assert rewritten(told, amended, "2023-06", day) == []
    assert rewritten(told, changed, "2023-06", day) == ["canteen_count"]


def test_milestones_and_targets_are_judged_by_the_line_that_counted_by_then(observations):
    plan = the_plan(HISTORY, 0)
    drawn = observations(
        drawing(HISTORY, "2022-12", "2024-12", [4] * 12 + [9] * 13)
        + f"\ncanteen_count | {AREA}100 | 2024-12 | 7"
    )
    found = [
        (due.ref_area, due.target_line, due.due_period, due.due_value, due.outcome)
        for due in dues(drawn, plan, "2024-12")
    ]
    assert found == [
        (AREA, 1, "2022", 4, "reached"),
        (AREA, 1, "2024", 8, "superseded"),
        (AREA, 1, "2025", 10, "superseded"),
        (AREA, 2, "2024", 12, "missed"),
        (AREA, 2, "2025", 20, "not_due"),
        (f"{AREA}100", 1, "2025", 6, "superseded"),
    ]
    assert [due.target_line for due in dues(drawn, plan, "2023-06")] == [1, 1, 1]


def test_a_milestone_without_a_value_is_neither_reached_nor_missed(observations):
    drawn = observations(drawing(HISTORY, "2023-01", "2023-01", 4))
    outcomes = {due.due_period: due.outcome for due in dues(drawn, the_plan(HISTORY, 0), "2023-01")}
    assert outcomes == {"2022": "no_value", "2024": "not_due", "2025": "not_due"}
