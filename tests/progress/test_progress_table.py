# ruff: noqa: E501
"""The progress table of a plan: three verdicts side by side, first observed baselines, no made-up target."""

import polars as pl
import pytest
import yaml

from minzheng.contracts.plans import plan_of
from minzheng.months import months_between
from minzheng.progress.table import PROGRESS_SCHEMA, progress_notes, progress_table
from tests.place import AREA

PLAN = """
plan: "145"
title: {zh: 示例规划, en: Example plan}
short: {zh: 示例, en: example}
first: "2021-01"
last: "2025-12"
area: "{AREA}"
owner: 示例民政局
rows:
  - {indicator: nursing_bed_share, nature: binding_national, direction: up, measure: rate, unit: "%", gap_unit: 张, limit: 100,
     baseline: {period: "2020", value: 40, source: 示例, verified: true},
     targets: [{period: "2025", value: 55, source: 国家规划, verified: true}]}
  - {indicator: canteen_count, nature: county_direction, direction: up, measure: stock, unit: 个,
     targets: [{period: "2025", value: 10, source: 县里分解, verified: false, townships: {"{AREA}100": 6, "{AREA}101": 4}}]}
  - {indicator: missed_candidates, nature: county_direction, direction: down, measure: stock, unit: 人,
     targets: [{period: "2025", value: 0, source: 县规划, verified: true, each_township: true}]}
  - {indicator: edge_persons, nature: county_direction, direction: up, measure: stock, unit: 人}
  - {indicator: canteen_meals, nature: county_direction, direction: up, measure: ytd, unit: 人次}
  - {indicator: dibao_coverage, nature: county_direction, direction: neutral, measure: rate, unit: "%"}
""".replace("{AREA}", AREA)


@pytest.fixture
def plan():
    return plan_of(yaml.safe_load(PLAN))


def cell(table, indicator, area=AREA):
    return table.row(
        by_predicate=(pl.col("indicator_id") == indicator) & (pl.col("ref_area") == area),
        named=True,
    )


def monthly(indicator, first, last, value, area=AREA):
    """Rows of an observation table, one a month; `value` is a function of the month's number from 0."""
    lines = ["indicator_id | ref_area | time_period | obs_value"]
    lines += [
        f"{indicator} | {area} | {m} | {value(k)}"
        for k, m in enumerate(months_between(first, last))
    ]
    return "\n".join(lines)


def test_the_columns_are_those_of_the_contract(plan, observations):
    table = progress_table(
        observations(monthly("edge_persons", "2024-01", "2024-03", lambda k: 5)), plan, "2024-03"
    )
    assert table.columns == (
        [
            "indicator_id",
            "ref_area",
            "plan_id",
            "nature",
            "baseline_period",
            "baseline_value",
            "target_period",
        ]
        + [
            "target_value",
            "target_source",
            "target_verified",
            "path_value",
            "obs_value",
            "completion",
            "status_path",
        ]
        + [
            "status_cagr",
            "status_projection",
            "projected_value",
            "projected_low",
            "projected_high",
            "flip_risk",
        ]
        + ["achieved_but_worsening", "gap_value", "gap_per_month", "status_stable_since"]
    )
    assert dict(table.schema) == PROGRESS_SCHEMA
    assert table.filter(pl.col("ref_area") == AREA).height == 6


def test_a_row_with_target_and_sourced_baseline(plan, observations):
    table = progress_table(
        observations(f"""
        | indicator_id      | ref_area  | time_period | obs_value | numerator | denominator |
        | nursing_bed_share | {AREA}    | 2022-12     | 45        | 90        | 200         |
        | nursing_bed_share | {AREA}    | 2023-06     | 46        | 92        | 200         |
        | nursing_bed_share | {AREA}100 | 2023-06     | 50        | 50        | 100         |
        """),
        plan,
        "2023-06",
    )
    row = cell(table, "nursing_bed_share")
    assert (
        row["baseline_period"],
        row["baseline_value"],
        row["target_period"],
        row["target_value"],
    ) == (
        "2020",
        40,
        "2025",
        55,
    )
    assert row["path_value"] == pytest.approx(47.5)
    assert row["completion"] == pytest.approx(46 / 55)
    assert row["status_path"] == "moderate_progress"  # 6 of 7.5 points: 0.8
    assert (
        row["status_cagr"] == "moderate_progress"
    )  # ((46/40)^(1/2.5)-1) / ((55/40)^(1/5)-1) = 0.874
    assert (row["status_projection"], row["projected_value"], row["flip_risk"]) == (
        None,
        None,
        None,
    )
    assert (row["gap_value"], row["gap_per_month"]) == (18, 18 / 30)  # 110 of 200 beds are due
    assert row["status_stable_since"] == "2022-12"  # 5 of 6 points: 0.83


def test_a_township_without_a_share_of_the_target_gets_a_trend_only(plan, observations):
    drawing = monthly("nursing_bed_share", "2022-06", "2023-06", lambda k: 50 + k, f"{AREA}100")
    row = cell(
        progress_table(observations(drawing), plan, "2023-06"), "nursing_bed_share", f"{AREA}100"
    )
    assert (
        row["target_value"],
        row["path_value"],
        row["status_path"],
        row["completion"],
        row["gap_value"],
    ) == (None,) * 5
    assert (row["baseline_period"], row["status_cagr"]) == ("2022-06", "substantial_progress")
    assert row["status_stable_since"] == "2023-06"  # the published method asks for a whole year


def test_township_shares_and_targets_due_in_every_township(plan, observations):
    table = progress_table(
        observations(f"""
        | indicator_id      | ref_area  | time_period | obs_value |
        | canteen_count     | {AREA}100 | 2022-12     | 0         |
        | canteen_count     | {AREA}100 | 2024-06     | 4         |
        | missed_candidates | {AREA}101 | 2023-12     | 8         |
        | missed_candidates | {AREA}101 | 2024-06     | 0         |
        """),
        plan,
        "2024-06",
    )
    canteens = cell(table, "canteen_count", f"{AREA}100")
    assert (canteens["target_value"], canteens["gap_value"], canteens["path_value"]) == (6, 2, 3)
    assert cell(table, "missed_candidates", f"{AREA}101")["status_path"] == "target_achieved"
    assert cell(table, "missed_candidates")["obs_value"] is None


def test_three_methods_may_disagree_and_all_are_shown(plan, observations):
    drawing = monthly("canteen_count", "2021-01", "2024-06", lambda k: 1 + max(0, k - 30) * 0.5)
    row = cell(progress_table(observations(drawing), plan, "2024-06"), "canteen_count")
    assert row["status_path"] == "moderate_progress"  # 5.5 of 6.25
    assert row["status_cagr"] == "substantial_progress"  # (6.5^(12/41)-1) / (10^(12/59)-1) = 0.97
    assert row["status_projection"] == "limited_progress"  # the long flat years weigh on the line
    assert row["projected_low"] < row["projected_value"] < row["projected_high"]


def test_what_restarts_in_january_is_compared_with_the_same_month_only(plan, observations):
    drawing = monthly(
        "canteen_meals",
        "2023-01",
        "2024-03",
        lambda k: 100 * (k % 12 + 1) * (1.2 if k >= 12 else 1),
    )
    row = cell(progress_table(observations(drawing), plan, "2024-03"), "canteen_meals")
    assert (row["baseline_period"], row["baseline_value"]) == ("2023-03", 300)
    assert row["status_cagr"] == "substantial_progress"
    assert row["flip_risk"] is None


def test_a_missing_month_has_no_verdict(plan, observations):
    drawing = (
        monthly("edge_persons", "2023-01", "2024-03", lambda k: 50 + k)
        + f"\n| edge_persons | {AREA} | 2024-04 | |"
    )
    row = cell(progress_table(observations(drawing), plan, "2024-04"), "edge_persons")
    assert (row["obs_value"], row["status_cagr"], row["status_stable_since"], row["flip_risk"]) == (
        None,
    ) * 4
    assert row["baseline_value"] == 50


def test_a_neutral_row_has_no_verdict(plan, observations):
    drawing = monthly("dibao_coverage", "2022-01", "2024-03", lambda k: 5 + k / 10)
    row = cell(progress_table(observations(drawing), plan, "2024-03"), "dibao_coverage")
    assert row["obs_value"] == pytest.approx(7.6)
    assert [row[name] for name in PROGRESS_SCHEMA if name.startswith("status")] == [None] * 4


def test_only_totals_count_and_later_months_do_not(plan, observations):
    frame = observations(f"""
        | indicator_id | ref_area     | time_period | obs_value | sex |
        | edge_persons | {AREA}       | 2024-01     | 10        | _T  |
        | edge_persons | {AREA}       | 2024-02     | 12        | _T  |
        | edge_persons | {AREA}       | 2024-01     | 4         | F   |
        | edge_persons | {AREA}       | 2024-03     | 99        | _T  |
        | edge_persons | {AREA}100201 | 2024-01     | 3         | _T  |
        | edge_persons | 632221       | 2024-01     | 7         | _T  |
        """)
    table = progress_table(frame, plan, "2024-02")
    assert table.filter(pl.col("indicator_id") == "edge_persons").height == 1
    assert cell(table, "edge_persons")["obs_value"] == 12
    warehouse = frame.rename({"time_period": "month"})
    assert progress_table(warehouse, plan, "2024-02").equals(table)


def test_the_notes_say_in_chinese_where_numbers_come_from(plan, observations):
    drawing = monthly("nursing_bed_share", "2024-01", "2024-02", lambda k: 50)
    drawing += f"\ncanteen_count | {AREA} | 2024-01 | 2\ncanteen_count | {AREA}101 | 2024-01 | 2"
    notes = progress_notes(observations(drawing), plan, "2024-02")
    assert cell(notes, "nursing_bed_share")["note"] == "基期依据:示例"
    assert cell(notes, "nursing_bed_share")["gap_unit"] == "%"  # no numerator observed
    assert (
        cell(notes, "canteen_count")["note"]
        == "无来源可查的基期,以首次观测值(2024-01)为起点;目标值出处未核实"
    )
    assert cell(notes, "edge_persons")["note"] == "尚无观测值;无来源可查的目标值,只判断趋势"


def test_in_the_month_of_the_baseline_only_a_met_target_is_a_verdict(plan, observations):
    drawing = monthly("canteen_count", "2024-01", "2024-01", lambda k: 3)
    assert (
        cell(progress_table(observations(drawing), plan, "2024-01"), "canteen_count")["status_path"]
        is None
    )
    drawing = monthly("canteen_count", "2024-01", "2024-01", lambda k: 11)
    row = cell(progress_table(observations(drawing), plan, "2024-01"), "canteen_count")
    assert (row["status_path"], row["gap_value"]) == ("target_achieved", 0)


def test_the_month_before_the_plan_is_the_baseline_where_it_is_observed(plan, observations):
    drawing = monthly("edge_persons", "2020-11", "2021-02", lambda k: 10 + k)
    row = cell(progress_table(observations(drawing), plan, "2021-02"), "edge_persons")
    assert (row["baseline_period"], row["baseline_value"]) == ("2020-12", 11)


@pytest.mark.parametrize(
    ("indicator", "value", "end"),
    [("nursing_bed_share", lambda k: 42 + 2 * k, 100), ("missed_candidates", lambda k: 9 - k, 0)],
)
def test_a_projection_keeps_inside_what_is_possible(plan, observations, indicator, value, end):
    drawing = monthly(indicator, "2023-01", "2023-08", value)
    assert (
        cell(progress_table(observations(drawing), plan, "2023-08"), indicator)["projected_value"]
        == end
    )


def test_milestones_of_the_county_do_not_bind_a_township_with_its_own_share(observations):
    text = PLAN.replace(
        'targets: [{period: "2025", value: 10,',
        'targets: [{period: "2025", value: 10, milestones: [{period: "2023", value: 9}],',
    )
    drawing = f"""
    | indicator_id  | ref_area  | time_period | obs_value |
    | canteen_count | {AREA}    | 2021-12     | 2         |
    | canteen_count | {AREA}    | 2023-12     | 5         |
    | canteen_count | {AREA}100 | 2021-12     | 2         |
    | canteen_count | {AREA}100 | 2023-12     | 5         |
    """
    table = progress_table(observations(drawing), plan_of(yaml.safe_load(text)), "2023-12")
    assert cell(table, "canteen_count")["path_value"] == 9
    assert cell(table, "canteen_count", f"{AREA}100")["path_value"] == 4
