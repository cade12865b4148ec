"""Parallel runs: one indicator under two definitions, parameters, sources or boundaries; ordinary runs stay as pinned."""

import polars as pl
import pytest

from minzheng.commands.definitions import totals
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import townships
from minzheng.errors import MinzhengError, WrongCall
from minzheng.indicators import models
from minzheng.indicators.models import compute, observations
from minzheng.indicators.parallel_runs import (
    around,
    indicator_of,
    parallel,
    read_moves,
    reading,
    version_of,
)
from tests.indicator.conftest import HARGAI, SHALIUHE, TOTAL
from tests.place import AREA

MARCH = "2024-03"
MINORS = f"""
month   | township_code | person_key | area | age | active
2024-03 | {AREA}100     | a          | 农村 | 15  | true
2024-03 | {AREA}100     | b          | 农村 | 16  | true
2024-03 | {AREA}100     | c          | 农村 | 17  | true
2024-03 | {AREA}100     | d          | 农村 | 17  | false
"""
CHILDREN = f"""
month   | township_code | person_key | child_class      | care_form | active
2024-03 | {AREA}100     | a          | 孤儿             | 集中养育  | true
2024-03 | {AREA}100     | b          | 事实无人抚养儿童 | 社会散居  | true
2024-03 | {AREA}101     | c          | 事实无人抚养儿童 |           | true
"""
EDGE = f"""
month   | township_code | region_code  | person_key | household_key | lowinc_class | income_per_head_year | entered_on
2024-03 | {AREA}100     | {AREA}100200 | a          | h1            | 低保边缘     | 7400                 | 2023-01-01
2024-03 | {AREA}100     | {AREA}100200 | b          | h1            | 低保边缘     | 7500                 | 2023-01-01
2024-03 | {AREA}100     | {AREA}100001 | c          | h2            | 低保边缘     | 11000                | 2023-01-01
2024-03 | {AREA}100     | {AREA}100200 | d          | h3            | 申请未通过   | 8000                 | 2023-01-01
2024-03 | {AREA}100     | {AREA}100200 | e          | h4            | 防返贫监测   | 5000                 | 2023-01-01
2024-03 | {AREA}100     | {AREA}100200 | f          | h5            | 低保边缘     |                      | 2023-01-01
"""
PLACES = f"""
month   | region_code  | region_level | region_kind | valid_from
2024-01 | {AREA}100200 | 村社         | 村委会      | 2020-01-01
2024-01 | {AREA}100001 | 村社         | 居委会      | 2020-01-01
"""
STANDARDS = """
month   | param_code      | value | valid_from
2024-01 | dibao_std_rural | 5000  | 2024-01-01
2024-01 | dibao_std_urban | 640   | 2024-01-01
2024-01 | price_link_cpi  | 3.5   | 2024-01-01
2024-01 | price_link_food | 6     | 2024-01-01
"""


def side_by_side(warehouse, code, old, new, area=AREA, months=(MARCH,), moves=None, **broken):
    frame = parallel(warehouse, code, list(months), old, new, moves)
    asked = {"ref_area": area, "time_period": months[-1]} | TOTAL | broken
    (row,) = [
        r
        for r in frame.iter_rows(named=True)
        if all(r[name] == value for name, value in asked.items())
    ]
    return row["old_value"], row["new_value"], row["difference"]


def test_minors_are_counted_under_the_age_of_either_definition(warehouse, given, in_force):
    given("register.tekun_roll", MINORS)
    in_force("tekun_roll", MARCH)
    old, new = (
        reading("tekun_minor_16_17", version) for version in around("tekun_minor_16_17", MARCH)
    )
    assert side_by_side(warehouse, "tekun_minor_16_17", old, new) == (0, 2, 2)
    seventeen = reading(
        "tekun_minor_16_17", version_of("tekun_minor_16_17", "2021"), {"tekun_minor_age": 17}
    )
    assert side_by_side(warehouse, "tekun_minor_16_17", old, seventeen) == (0, 1, 1)
    assert not warehouse.execute("select 1 from indicator.observation").fetchall(), (
        "nothing stored is touched"
    )


def test_the_split_of_orphans_is_seen_in_every_cell(warehouse, given, in_force):
    given("register.child_roll", CHILDREN)
    in_force("child_roll", MARCH)
    old, new = (reading("orphan_total", version) for version in around("orphan_total", MARCH))
    assert side_by_side(warehouse, "orphan_total", old, new) == (3, 1, -2)
    assert side_by_side(warehouse, "orphan_total", old, new, category="CARE_SOCIAL") == (1, 0, -1)
    assert side_by_side(warehouse, "orphan_total", old, new, HARGAI) == (1, 0, -1)


@pytest.mark.parametrize(
    ("code", "registered", "counted"),
    [("edge_persons", 4, (0, 2, 4)), ("edge_households", 3, (0, 2, 3))],
)
def test_edge_families_are_counted_by_the_multiple(
    warehouse, given, in_force, code, registered, counted
):
    given("register.lowinc_register", EDGE)
    given("register.region", PLACES)
    given("register.policy_param", STANDARDS)
    in_force("lowinc_register", MARCH)
    usual, version = reading(code, version_of(code, "2026")), version_of(code, "2021")
    low, middle, high = (
        reading(code, version, {"edge_multiple": multiple}) for multiple in (1.4, 1.5, 1.7)
    )
    assert side_by_side(warehouse, code, low, middle)[:2] == counted[:2]
    assert side_by_side(warehouse, code, usual, high)[:2] == (registered, counted[2])


def test_the_usual_count_stays_as_the_contract_pins_it(warehouse, given, in_force):
    given("register.tekun_roll", MINORS.replace("2024-03", "2021-03"))
    given("register.child_roll", CHILDREN.replace("2024-03", "2019-03"))
    in_force("tekun_roll", "2021-03")
    in_force("child_roll", "2019-03")
    compute(warehouse, ["2019-03", "2021-03"])
    rows = observations(warehouse, "2019-03", "2021-03").to_dicts()
    found = {
        (r["indicator_id"], r["time_period"]): r
        for r in rows
        if r["ref_area"] == AREA and r["sex"] == r["category"] == "_T"
    }
    assert found["tekun_minor_16_17", "2021-03"]["obs_value"] == 2
    assert found["orphan_total", "2019-03"]["obs_value"] == 1


def test_a_definition_that_nothing_pins_counts_in_its_months(
    warehouse, given, in_force, monkeypatch
):
    usual = registry()["orphan_total"]
    free = usual.model_copy(
        update={
            "versions": [
                usual.versions[0].model_copy(update={"pinned": False}),
                *usual.versions[1:],
            ]
        }
    )
    monkeypatch.setattr(models, "registry", lambda: registry() | {"orphan_total": free})
    given(
        "register.child_roll",
        CHILDREN.replace("2024-03", "2019-12")
        + CHILDREN.split("\n", 2)[2].replace("2024-03", "2020-01"),
    )
    in_force("child_roll", "2019-12", "2020-01")
    compute(warehouse, ["2019-12", "2020-01"])
    total = [
        r
        for r in observations(warehouse, "2019-12", "2020-01").to_dicts()
        if r["indicator_id"] == "orphan_total"
    ]
    county = {
        r["time_period"]: r
        for r in total
        if r["ref_area"] == AREA and r["sex"] == r["category"] == "_T"
    }
    assert [county[month]["obs_value"] for month in ("2019-12", "2020-01")] == [3, 1]
    assert [county[month]["definition_version"] for month in ("2019-12", "2020-01")] == [
        "2016",
        "2020",
    ]
    assert county["2019-12"]["note"] == ""
    assert county["2020-01"]["note"].startswith("口径调整:"), (
        "a break is marked, never a silent jump"
    )


def test_the_linkage_is_judged_by_the_thresholds_of_either_definition(warehouse, given):
    given("register.policy_param", STANDARDS)
    given(
        "register.cpi_series",
        "month | index_month | place | cpi_yoy | food_yoy\n2024-03 | 2024-03 | 青海 | 3.2 | 1.0",
    )
    old, new = (
        reading("price_link_triggered", version_of("price_link_triggered", name))
        for name in ("2022", "2023")
    )
    assert side_by_side(warehouse, "price_link_triggered", old, new) == (1, 0, -1)


def test_the_source_of_population_figures_is_part_of_a_reading(warehouse, given, in_force):
    people = "month | year | township_code | population_source | population\n"
    for source, size in (("常住", 1000), ("户籍", 1100)):
        people += "".join(f"2024-01 | 2024 | {code} | {source} | {size}\n" for code in townships())
    given("register.population", people)
    in_force("population", "2024-01")
    version = version_of("pop_resident", "2021")
    sides = reading("pop_resident", version), reading("pop_resident", version, source="户籍")
    assert side_by_side(warehouse, "pop_resident", *sides) == (5000, 5500, 500)
    with pytest.raises(WrongCall, match="one of"):
        reading("pop_resident", version, source="别的")


def test_moved_villages_are_counted_where_they_would_lie(warehouse, given, in_force, tmp_path):
    given(
        "register.dibao_roll",
        f"""
        month   | township_code | region_code  | person_key | scheme   | status | active
        2024-03 | {AREA}100     | {AREA}100200 | a          | 农村低保 | 在保   | true
        2024-03 | {AREA}100     | {AREA}100201 | b          | 农村低保 | 在保   | true
        2024-03 | {AREA}101     | {AREA}101200 | c          | 农村低保 | 在保   | true
        """,
    )
    in_force("dibao_roll", MARCH)
    (tmp_path / "moves.csv").write_text(
        f"old_code,new_code\n{AREA}100200,{AREA}101209\n", encoding="utf-8"
    )
    moves = read_moves(tmp_path / "moves.csv")
    same = reading("dibao_rural_persons", indicator_of("dibao_rural_persons").versions[0])
    places = (AREA, SHALIUHE, HARGAI, f"{AREA}101209")
    found = [
        side_by_side(warehouse, "dibao_rural_persons", same, same, place, moves=moves)
        for place in places
    ]
    assert found == [(3, 3, 0), (2, 1, -1), (1, 2, 1), (None, 1, None)]


def test_a_parameter_that_nobody_knows_is_refused_and_names_those_there_are(warehouse):
    usual = reading("edge_persons", version_of("edge_persons", "2021"))
    with pytest.raises(WrongCall, match=r"no parameter 'edge_multipel': there are .*edge_multiple"):
        parallel(
            warehouse,
            "edge_persons",
            [MARCH],
            usual,
            reading("edge_persons", usual.versions["edge_persons"], {"edge_multipel": 2}),
        )


SIDES = [
    (("edge_persons", 418.0, 363.0, None, None), "418 -> 2026 363 (difference -55)"),
    (("edge_persons", 418.0, 415.0, None, None), "418 -> 2026 415 (difference -3)"),
    (("edge_persons", 3.0, 363.0, None, None), "3 -> 2026 363 (difference 360)"),
    (("edge_persons", None, 363.0, None, None), "M -> 2026 363 (difference none)"),
    (("dibao_coverage", 5.25, 5.0, 840.0, 840.0), "5.25 -> 2026 5 (difference -0.25)"),
    (("dibao_coverage", 5.25, 5.24, 840.0, 838.0), "5.25 -> 2026 5.24 (difference -0.01)"),
    (("dibao_std_urban", 3.0, 4.0, None, None), "3 -> 2026 4 (difference 1)"),
]  # fmt: skip


@pytest.mark.parametrize(("drawn", "line"), SIDES)
def test_the_command_tells_both_totals_and_the_difference(drawn, line):
    code, old, new, above, below = drawn
    row = TOTAL | {
        "indicator_id": code, "ref_area": AREA, "time_period": MARCH, "old_value": old, "new_value": new,
        "difference": None if None in (old, new) else new - old, "old_numerator": above, "new_numerator": below,
        "old_status": "M" if old is None else "A", "new_status": "A", "old_version": "2021", "new_version": "2026",
        "old_note": "缺少台账" if old is None else "", "new_note": "",
    }  # fmt: skip
    (told,) = totals(pl.DataFrame([row]))
    assert told == f"{MARCH} {code}: 2021 {line}" + (" 缺少台账" if old is None else "")


@pytest.mark.parametrize(
    "text",
    ["old,new\n", f"old_code,new_code\n{AREA}100200,{AREA}10\n", f"old_code,new_code\n{AREA}100200,632225101209\n",
     f"old_code,new_code\n{AREA}100200,{AREA}101209\n{AREA}100200,{AREA}101208\n"],
)  # fmt: skip
def test_boundaries_that_make_no_sense_are_refused(tmp_path, text):
    (tmp_path / "moves.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MinzhengError, match=r"moves\.csv"):
        read_moves(tmp_path / "moves.csv")


def test_the_definition_before_and_the_one_in_force():
    names = [
        tuple(v.version for v in around("price_link_triggered", month))
        for month in ("2021-05", "2022-08", "2024-01")
    ]
    assert names == [("2021", "2022"), ("2021", "2022"), ("2022", "2023")]
    assert [v.version for v in around("dibao_coverage", "2024-01")] == ["2021", "2021"]
    with pytest.raises(WrongCall, match="no definition"):
        version_of("dibao_coverage", "1900")
    with pytest.raises(WrongCall, match="no indicator"):
        around("no_such", "2024-01")
