"""Why a figure changed: parts that add up."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from minzheng.errors import MinzhengError
from minzheng.indicators.models import compute, observations
from minzheng.indicators.movement import (
    FAMILIES,
    PARTS,
    Figure,
    Flows,
    decompose,
    movement,
    movements,
)
from tests.indicator.conftest import HARGAI, SHALIUHE
from tests.indicator.test_dibao import population_of
from tests.place import AREA

ROLL = f"""
month   | township_code | person_key | scheme | status | active
2024-02 | {AREA}100     | stays      | 农村低保 | 在保     | true
2024-02 | {AREA}100     | mover      | 农村低保 | 在保     | true
2024-02 | {AREA}100     | gone       | 农村低保 | 在保     | true
2024-02 | {AREA}100     | switcher   | 城市低保 | 在保     | true
2024-03 | {AREA}100     | stays      | 农村低保 | 在保     | true
2024-03 | {AREA}101     | mover      | 农村低保 | 新增     | true
2024-03 | {AREA}100     | gone       | 农村低保 | 停保     | false
2024-03 | {AREA}100     | switcher   | 农村低保 | 在保     | true
2024-03 | {AREA}100     | fresh      | 农村低保 | 新增     | true
"""


@pytest.fixture
def two_months(warehouse, given, in_force):
    given("register.dibao_roll", ROLL)
    in_force("dibao_roll", "2024-02", "2024-03")
    compute(warehouse, ["2024-02", "2024-03"])
    return warehouse


def parts(frame: pl.DataFrame, area: str) -> dict:
    return frame.filter(pl.col("ref_area") == area).row(0, named=True)


def test_a_move_between_townships_or_schemes_is_neither_new_nor_gone(two_months):
    told = movement(two_months, "dibao_rural_persons", "2024-03")
    county, shaliuhe, hargai = (parts(told, area) for area in (AREA, SHALIUHE, HARGAI))
    names = ("previous_value", "new", "gone", "moved_in", "moved_out", "value")
    assert [county[name] for name in names] == [3, 1, -1, 1, 0, 4]
    assert [shaliuhe[name] for name in names] == [3, 1, -1, 1, -1, 3]
    assert [hargai[name] for name in names] == [0, 0, 0, 1, 0, 1]


def test_what_was_published_differently_is_a_revision_or_a_definition(two_months):
    first = observations(two_months, "2024-02", "2024-02").with_columns(
        numerator=pl.col("numerator") + 2, obs_value=pl.col("obs_value") + 2
    )
    county = parts(movement(two_months, "dibao_rural_persons", "2024-03", first), AREA)
    assert (county["previous_value"], county["revision"], county["definition"]) == (5, -2, 0)
    assert county["previous_value"] + sum(county[name] for name in PARTS) == county["value"]
    older = first.with_columns(definition_version=pl.lit("older"))
    county = parts(movement(two_months, "dibao_rural_persons", "2024-03", older), AREA)
    assert (county["revision"], county["definition"]) == (0, -2)


def test_a_rate_moves_with_its_denominator(warehouse, given, in_force):
    given("register.dibao_roll", ROLL.replace("2024-02", "2023-12").replace("2024-03", "2024-01"))
    given(
        "register.population",
        population_of(2023, "常住", 100) + population_of(2024, "常住", 200, heading=False),
    )
    in_force("dibao_roll", "2023-12", "2024-01")
    compute(warehouse, ["2023-12", "2024-01"])
    county = parts(movement(warehouse, "dibao_coverage", "2024-01"), AREA)
    assert county["new"] == pytest.approx(0.2)
    assert county["denominator"] == pytest.approx(4 / 1000 * 100 - 4 / 500 * 100)
    assert county["previous_value"] + sum(county[name] for name in PARTS) == pytest.approx(
        county["value"], abs=1e-12
    )


def test_a_missing_month_has_no_parts_and_a_figure_without_persons_no_movement(
    warehouse, two_months, given, in_force
):
    row = parts(movement(two_months, "dibao_rural_persons", "2024-02"), AREA)
    assert (row["new"], row["value"], row["reason"]) == (None, 3, "missing")
    given(
        "register.care_facility",
        f"month | township_code | bed_count | opened_on\n2024-03 | {AREA}100 | 60 | 2020-01-01",
    )
    in_force("care_facility", "2024-02", "2024-03")
    compute(warehouse, ["2024-02", "2024-03"])
    with pytest.raises(MinzhengError, match="counts no persons"):
        movement(warehouse, "inst_beds", "2024-03")


counts = st.integers(0, 10_000)


@for_all(
    counts,
    counts,
    counts,
    counts,
    counts,
    st.integers(1, 50_000),
    st.integers(1, 50_000),
    counts,
    st.sampled_from([1, 100]),
)
def test_the_parts_add_up_exactly(
    stay, new, gone, came, left, earlier, later, published, multiplier
):
    before = Figure(stay + gone + left, earlier, "1")
    now = Figure(stay + new + came, later, "1")
    first = Figure(published, earlier, "1")
    told = decompose(
        before, now, Flows(new, gone, came, left), published=first, multiplier=multiplier
    )
    times = Fraction(multiplier)
    assert sum(told.values()) == now.value(times) - first.value(times)


def test_flows_that_lead_elsewhere_are_refused():
    with pytest.raises(ValueError, match="do not lead"):
        decompose(Figure(3), Figure(5), Flows(new=1))


def test_every_headline_adds_up_and_children_move_between_classes(warehouse, given, in_force):
    given(
        "register.child_roll",
        f"""
        month   | township_code | person_key | child_class      | care_form | active
        2024-02 | {AREA}100     | a          | 孤儿             | 社会散居  | true
        2024-02 | {AREA}100     | b          | 事实无人抚养儿童 |           | true
        2024-03 | {AREA}101     | a          | 孤儿             | 集中养育  | true
        2024-03 | {AREA}100     | b          | 孤儿             | 社会散居  | true
        2024-03 | {AREA}100     | c          | 孤儿             | 社会散居  | true
        """,
    )
    in_force("child_roll", "2024-02", "2024-03")
    compute(warehouse, ["2024-02", "2024-03"])
    told = {
        row["indicator_id"]: row
        for row in movements(warehouse, "2024-03")
        .filter(pl.col("ref_area") == AREA)
        .iter_rows(named=True)
    }
    assert set(told) == {code for family in FAMILIES for code in family}
    names = ("previous_value", "new", "gone", "moved_in", "moved_out", "value")
    assert [told["orphan_total"][name] for name in names] == [1, 1, 0, 1, 0, 3]
    assert [told["fact_orphan_total"][name] for name in names] == [1, 0, 0, 0, -1, 0]
    assert [told["orphan_institution"][name] for name in names] == [0, 0, 0, 1, 0, 1]
    assert [told["orphan_social"][name] for name in names] == [1, 2, 0, 0, -1, 2]
    for row in told.values():
        assert (
            row["value"] is None
            or row["previous_value"] + sum(row[name] for name in PARTS) == row["value"]
        )
