# ruff: noqa: E501
"""Plans as data: what the schema refuses, and what the plans of the county say."""

import pytest
import yaml

from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import plan, plan_for, plan_ids, read_plan
from minzheng.errors import MinzhengError

COUNT = {
    "indicator": "canteen_count",
    "nature": "county_direction",
    "direction": "up",
    "measure": "stock",
    "unit": "个",
}
TARGET = {"period": "2025", "value": 10, "source": "示例", "verified": True}


def text(*rows, **changes):
    head = {
        "plan": "145",
        "title": {"zh": "示例", "en": "Example"},
        "first": "2021-01",
        "last": "2025-12",
        "area": "632224",
    }
    return yaml.safe_dump(
        head | {"owner": "示例民政局", "rows": list(rows)} | changes, allow_unicode=True
    )


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (COUNT | {"colour": "red"}, "Extra inputs are not permitted"),
        (COUNT | {"target": TARGET | {"townships": {"632224100": 6, "632224101": 3}}}, "townships add up to 9, not to the county's 10"),
        (COUNT | {"target": TARGET | {"townships": {"632221100": 10}}}, "a township outside 632224"),
        (COUNT | {"measure": "rate", "target": TARGET | {"townships": {"632224100": 10}}}, "only counts and sums"),
        (COUNT | {"target": TARGET | {"each_township": True, "townships": {"632224100": 10}}}, "only counts and sums"),
        (COUNT | {"target": {"period": "2025", "value": 10}}, "Field required"),
        (COUNT | {"target": TARGET | {"period": "2031"}}, "outside 2021-01..2025-12"),
        (COUNT | {"target": TARGET | {"period": "end of 2025"}}, "not a year or month"),
        (COUNT | {"milestones": [{"period": "2023", "value": 5}]}, "milestones without a target"),
        (COUNT | {"target": TARGET, "milestones": [{"period": "2025", "value": 5}]}, "not in order before the target"),
        (COUNT | {"target": TARGET, "milestones": [{"period": "2024", "value": 5}, {"period": "2023", "value": 4}]}, "not in order"),
        (COUNT | {"direction": "neutral", "target": TARGET}, "a target needs a direction"),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_hold_together_is_refused_in_one_line(row, complaint):
    with pytest.raises(MinzhengError, match=complaint) as raised:
        read_plan(text(row))
    assert "\n" not in str(raised.value)


def test_a_row_twice_and_broken_yaml_are_refused():
    with pytest.raises(MinzhengError, match="rows appear twice: canteen_count"):
        read_plan(text(COUNT, COUNT))
    with pytest.raises(MinzhengError, match="plan:"):
        read_plan("rows: [")


def test_shares_that_add_up_are_accepted():
    shares = {"632224100": 0.1, "632224101": 0.2, "632224200": 9.7}
    assert (
        read_plan(text(COUNT | {"target": TARGET | {"townships": shares}})).rows[0].target.townships
        == shares
    )


def test_the_plan_of_a_month():
    assert [plan_for(month).plan for month in ("2021-01", "2025-12", "2026-01", "2030-12")] == [
        "145",
        "145",
        "155",
        "155",
    ]
    assert plan_for("2020-12") is None
    with pytest.raises(MinzhengError, match="no plan 999"):
        plan("999")


def test_every_number_has_a_source_and_the_binding_five_are_there():
    for plan_id in plan_ids():
        for row in plan(plan_id).rows:
            assert all(len(part.source) > 3 for part in (row.baseline, row.target) if part)
    binding = {
        row.indicator: row.target.value
        for row in plan("145").rows
        if row.nature == "binding_national"
    }
    assert binding == {
        "pwd_living_coverage": 100, "pwd_care_coverage": 100, "vagrant_return_rate": 100,
        "burial_facility_coverage": 100, "nursing_bed_share": 55,
    }  # fmt: skip


@pytest.mark.parametrize(
    "indicator",
    ["dibao_std_growth_urban", "minor_station_coverage", "beds_total", "tekun_minor_16_17"],
)
def test_what_no_source_states_has_no_target(indicator):
    assert plan("145").row(indicator).target is None
    assert plan("145").row(indicator).note


def test_plans_and_registry_tell_the_same_story():
    for plan_id in plan_ids():
        for row in plan(plan_id).rows:
            path = CONTRACTS / "indicators" / f"{row.indicator}.yaml"
            registered = yaml.safe_load(path.read_text(encoding="utf-8"))
            for name in ("direction", "measure", "unit"):
                assert getattr(row, name) == registered[name], (row.indicator, name)
            assert plan_id != "145" or row.nature == registered["nature"], row.indicator
