# ruff: noqa: E501
"""Plans as data: what a folder may not say, what the plans of the county say, which months they concern."""

import datetime as dt
import re
import shutil

import pytest
import yaml

from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import (
    PLANS,
    amended_in,
    plan,
    plan_for,
    plan_ids,
    plan_of,
    plans_for,
    read_plan,
)
from minzheng.errors import MinzhengError
from tests.place import AREA

COUNT = {
    "indicator": "canteen_count",
    "nature": "county_direction",
    "direction": "up",
    "measure": "stock",
    "unit": "个",
}
TARGET = {"period": "2025", "value": 10, "source": "示例", "verified": True}
AMENDED = TARGET | {
    "value": 12,
    "decided": {"document": "示例〔2023〕8号", "date": "2023-06-10"},
    "valid_from": "2023-07",
}


def row(*targets, **more):
    return COUNT | {"targets": list(targets)} | more


def content(*rows, **changes):
    head = {
        "plan": "145",
        "title": {"zh": "示例", "en": "Example"},
        "short": {"zh": "“示例”", "en": "example"},
        "first": "2021-01",
        "last": "2025-12",
        "area": AREA,
    }
    return head | {"owner": "示例民政局", "rows": list(rows)} | changes


SHARED = {f"{AREA}100": 6, f"{AREA}101": 3}


def assert_in_each_language(error):
    """One line each: no two English words stand together in the Chinese one, and no Chinese sentence in the English one."""
    assert "\n" not in str(error) + error.zh
    assert not re.search(r"[A-Za-z]{2,} [a-z]{2,}", re.sub("“.*?”", "", error.zh))
    assert not re.search(r"[，：（]|有误", str(error))


@pytest.mark.parametrize(
    ("drawn", "complaint"),
    [
        (COUNT | {"colour": "red"}, "Extra inputs are not permitted"),
        ({name: value for name, value in COUNT.items() if name != "unit"}, "unit: Field required"),
        ({name: value for name, value in COUNT.items() if name != "indicator"}, "indicator: Field required"),
        (row(TARGET | {"townships": SHARED}), r"townships add up to 9, not to the county's 10 \(unallocated would be 1\)"),
        (row(TARGET | {"townships": {"632221100": 10}}), f"a township outside {AREA}"),
        (row(TARGET | {"townships": {f"{AREA}100": 10}}, measure="rate"), "only counts and sums"),
        (row(TARGET | {"each_township": True, "townships": {f"{AREA}100": 10}}), "only counts and sums"),
        (row({"period": "2025", "value": 10}), "source: Field required"),
        (row(TARGET | {"period": "2031"}), "outside 2021-01..2025-12"),
        (row(TARGET | {"period": "end of 2025"}), "not a year or month"),
        (row(TARGET | {"milestones": [{"period": "2025", "value": 5}]}), "not in order before the target"),
        (row(TARGET | {"milestones": [{"period": "2024", "value": 5}, {"period": "2023", "value": 4}]}), "not in order"),
        (row(TARGET | {"milestones": [{"period": "2024", "value": 11}]}), "the milestone of 2024 passes the target of 10"),
        (row(TARGET | {"milestones": [{"period": "2024", "value": 9}]}, direction="down"), "the milestone of 2024 passes the target"),
        (row(TARGET, direction="neutral"), "a target needs a direction"),
        (row(TARGET | {"upper": 12}), "an upper edge needs a band"),
        (row(TARGET | {"upper": 9}, direction="band"), "an upper edge needs a band and lies above"),
        (row(TARGET, TARGET), "an amendment needs decided and valid_from"),
        (row(AMENDED, AMENDED | {"decided": {"document": "示例〔2023〕2号", "date": "2023-06-09"}}), "示例〔2023〕2号 is dated before what it amends"),
        (row(AMENDED, AMENDED | {"valid_from": "2023-06"}), "is dated before what it amends"),
        (row(TARGET, AMENDED | {"valid_from": "2026-01"}), "outside 2021-01..2025-12"),
        (COUNT | {"direction": "sideways"}, "rows.canteen_count.direction: Input should be 'up'"),
        (COUNT | {"limit": "many"}, "rows.canteen_count.limit: Input should be a valid number"),
        (row(AMENDED | {"decided": {"document": "示例", "date": "then"}}), "targets.1.decided.date: Input should be a valid date"),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_hold_together_is_refused_in_one_line(drawn, complaint):
    with pytest.raises(MinzhengError, match=complaint) as raised:
        plan_of(content(drawn))
    assert_in_each_language(raised.value)


def test_a_fault_names_its_row_and_what_is_missing_in_both_languages():
    bare = row({"period": "2025", "value": 10}) | {"indicator": "canteen_count"}
    with pytest.raises(MinzhengError) as raised:
        plan_of(content(bare), "145")
    assert str(raised.value) == "145: rows.canteen_count.targets.1.source: Field required"
    assert raised.value.zh == "规划文件 145 有误：rows.canteen_count.targets.1.source：必须填写"


def test_a_row_twice_is_refused():
    with pytest.raises(MinzhengError, match="rows appear twice: canteen_count"):
        plan_of(content(COUNT, COUNT))


def test_shares_that_add_up_or_say_by_how_much_not_are_accepted():
    shares = {f"{AREA}100": 0.1, f"{AREA}101": 0.2, f"{AREA}200": 9.7}
    assert (
        plan_of(content(row(TARGET | {"townships": shares}))).rows[0].targets[0].townships == shares
    )
    told = (
        plan_of(content(row(TARGET | {"townships": SHARED, "unallocated": 1}))).rows[0].targets[0]
    )
    assert (told.value_for(f"{AREA}101", AREA), told.value_for(f"{AREA}200", AREA)) == (
        3,
        None,
    )


def test_an_amendment_counts_from_its_month_and_the_day_it_was_known():
    drawn = plan_of(content(row(TARGET, AMENDED))).rows[0]
    asked = [
        ("2023-06", None),
        ("2023-07", None),
        ("2023-07", "2023-06-09"),
        ("2023-07", "2023-06-10"),
    ]
    known = [
        drawn.target_in(month, day and dt.date.fromisoformat(day)).value for month, day in asked
    ]
    assert known == [10, 12, 10, 12]


def test_three_days_know_three_targets():
    again = AMENDED | {
        "value": 15,
        "decided": {"document": "示例〔2024〕3号", "date": "2024-02-01"},
        "valid_from": "2024-01",
    }
    drawn = plan_of(content(row(TARGET, AMENDED, again))).rows[0]
    days = (dt.date(2023, 1, 1), dt.date(2023, 12, 31), dt.date(2025, 1, 1))
    assert [drawn.target_in("2025-12", day).value for day in days] == [10, 12, 15]


def test_a_report_names_an_amendment_in_its_first_month_or_until_it_was_decided():
    late = AMENDED | {"valid_from": "2023-04"}
    drawn = plan_of(
        content(
            row(TARGET, AMENDED), COUNT | {"indicator": "beds_total", "targets": [TARGET, late]}
        )
    )
    named = {
        month: [found[0].indicator for found in amended_in(drawn, month)]
        for month in ("2023-03", "2023-04", "2023-06", "2023-07", "2023-08")
    }
    assert named == {
        "2023-03": [],
        "2023-04": ["beds_total"],
        "2023-06": ["beds_total"],
        "2023-07": ["canteen_count"],
        "2023-08": [],
    }


def test_the_plans_of_a_month():
    assert [plan_for(month).plan for month in ("2021-01", "2025-12", "2026-01", "2030-12")] == [
        "145",
        "145",
        "155",
        "155",
    ]
    assert plan_for("2020-12") is None
    with pytest.raises(MinzhengError, match="no plan 999"):
        plan("999")


@pytest.mark.parametrize(
    ("month", "closed", "plans"),
    [
        ("2020-12", {}, []),
        ("2025-12", {}, ["145"]),
        ("2026-01", {}, ["145", "155"]),
        ("2027-06", {}, ["145", "155"]),
        ("2026-02", {"145": "2026-02"}, ["145", "155"]),
        ("2026-03", {"145": "2026-02"}, ["155"]),
        ("2024-05", {"145": "2026-02"}, ["145"]),
    ],
)
def test_a_plan_is_told_until_its_evaluation_is_approved(month, closed, plans):
    assert [one.plan for one in plans_for(month, closed)] == plans


@pytest.fixture
def folder(tmp_path):
    """A copy of both plans, to be spoiled."""
    for plan_id in ("145", "155"):
        shutil.copytree(PLANS / plan_id, tmp_path / plan_id)
    return tmp_path / "155"


def spoil(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("rows.yaml", "- indicator: nursing_bed_share", "- indicator: nursing_bed_shares", "155: no indicator nursing_bed_shares"),
        ("rows.yaml", 'unit: "元/人·月"', 'unit: "元/人·年"', "155: dibao_std_urban: unit 元/人·年, but the indicator is in 元/人·月"),
        ("rows.yaml", "- indicator", "- [indicator", "155/rows.yaml, line 3: this is not YAML"),
        ("crosswalk.csv", "edge_persons,edge_persons", "edge_people,edge_persons", "155: crosswalk: edge_people is no row of 145"),
        ("crosswalk.csv", "edge_persons,edge_persons", "edge_persons,edge_people", "155: crosswalk: edge_people is no row of 155"),
        ("crosswalk.csv", "dibao_coverage,dibao_coverage,continued", "dibao_std_urban,dibao_std_urban,continued", "crosswalk: dibao_coverage of 145 is not in it"),
        ("crosswalk.csv", "dibao_coverage,dibao_coverage,continued", "dibao_coverage,,continued", "155/crosswalk.csv: .*continued does not go with"),
        ("crosswalk.csv", "continued", "kept", "155/crosswalk.csv: kind: Input should be"),
        ("plan.yaml", 'plan: "155"', 'plan: "156"', "155: its plan.yaml is of 156"),
        ("plan.yaml", 'follows: "145"', 'follows: "144"', "no plan 144"),
    ],
)  # fmt: skip
def test_a_folder_that_is_out_of_order_is_refused_with_its_file_in_one_line(
    folder, file, old, new, complaint
):
    spoil(folder / file, old, new)
    with pytest.raises(MinzhengError, match=complaint) as raised:
        read_plan(folder)
    assert_in_each_language(raised.value)


def test_a_task_must_be_asked_for_by_a_clause_that_is_there(folder):
    spoil(folder.parent / "145" / "tasks.yaml", "GC145-3.1.1-s2-f1", "GC145-9.9.9-s2-f1")
    with pytest.raises(MinzhengError, match="145: SYS-POLICY-STABLE: no clause GC145-9.9.9-s2-f1"):
        read_plan(folder.parent / "145")


def test_a_file_that_is_not_utf8_is_named(folder):
    (folder / "crosswalk.csv").write_bytes("口径".encode("gb18030"))
    with pytest.raises(MinzhengError, match="155/crosswalk.csv: not UTF-8"):
        read_plan(folder)


def test_every_number_has_a_source_and_the_binding_five_are_there():
    for plan_id in plan_ids():
        for one in plan(plan_id).rows:
            assert all(len(part.source) > 3 for part in (one.baseline, *one.targets) if part)
    binding = {
        one.indicator: one.target_in("2025-12").value
        for one in plan("145").rows
        if one.nature == "binding_national"
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
    assert plan("145").row(indicator).targets == []
    assert plan("145").row(indicator).note


def test_plans_and_registry_tell_the_same_story():
    for plan_id in plan_ids():
        for one in plan(plan_id).rows:
            path = CONTRACTS / "indicators" / f"{one.indicator}.yaml"
            registered = yaml.safe_load(path.read_text(encoding="utf-8"))
            for name in ("direction", "measure", "unit"):
                assert getattr(one, name) == registered[name], (one.indicator, name)
            assert plan_id != "145" or one.nature == registered["nature"], one.indicator


def test_no_task_of_one_plan_bears_the_id_of_anothers():
    ids = [task.id for plan_id in plan_ids() for task in plan(plan_id).tasks]
    assert len(ids) == len(set(ids))


def test_every_row_of_the_plan_before_has_an_heir_or_a_reason():
    crossings = plan("155").crosswalk
    assert {one.before for one in crossings} == {one.indicator for one in plan("145").rows}
    assert [(one.before, one.kind) for one in crossings if one.kind != "continued"] == [
        ("edge_households", "redefined"),
        ("edge_persons", "redefined"),
        ("marriage_township_offices", "dropped"),
    ]
