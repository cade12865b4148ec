"""Parts and totals: an unknown word is a category of its own and never a second total."""

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.contracts.datasets import codes, dataset
from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.regions import townships
from minzheng.disclosure.rules import rules
from minzheng.indicators.models import compute, observations
from minzheng.warehouse.connection import model
from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA

MONTH = "2024-03"
PLACES = list(townships())
ROLLED = {"status": ["在保"], "active": [True], "sex": ["F", "M"], "age": [12, 40, 75]}
ASKED = {
    "care_facility": {"facility_kind": (), "bed_count": [100, 60], "nursing_bed_count": [40], "opened_on": ["2020-01-01"]},
    "temp_aid": {"cause": (), "local_hukou": [True, False], "person_times": [1, 2], "amount": [500]},
    "child_roll": ROLLED | {"child_class": (), "care_form": (), "monthly_amount": [0, 900]},
    "pwd_roll": ROLLED | {"disability_level": (), "disability_type": (), "living_amount": [0, 100], "care_amount": [0, 100]},
    "pwd_card": {"disability_level": (), "valid_until": ["2030-01-01"], "long_care_need": [True, False]},
    "dibao_roll": ROLLED | {"scheme": (), "disability_level": [None, *codes("disability_level")]},
    "tekun_roll": ROLLED | {"area": (), "support_form": (), "self_care_grade": ()},
    "elder_roll": ROLLED | {"subsidy_kind": (), "ability_grade": [None, *codes("ability_grade")]},
    "lowinc_register": {"lowinc_class": (), "entered_on": ["2024-01-01"], "sex": ["F"], "age": [12, 40, 75]},
    "application": {"matter": (), "channel": ()},
    "payment_ledger": {
        "scheme": (), "payment_kind": ["基本"], "amount_due": [9], "amount_paid": [9], "paid_on": ["2024-03-05"],
        "due_on": ["2024-03-10"],
    },
}  # fmt: skip
"""Rows drawn at random: columns and their values, or the column's own code list."""


def words(name: str, column: str, given: list) -> list:
    """What a column may hold: what is drawn, and 未知 where the intake writes it for a word outside the list."""
    known = dataset(name).column(column)
    listed = list(given) or list(codes(known.codes))
    return [*listed, "未知"] if known and known.unknown_code == "warn" else listed


def drawn_rows(name: str):
    """Rows of a dataset, each a place and one value a column."""
    columns = {
        column: st.sampled_from(words(name, column, given)) for column, given in ASKED[name].items()
    }
    return st.lists(
        st.fixed_dictionaries({"township_code": st.sampled_from(PLACES)} | columns), max_size=12
    )


def load(warehouse: duckdb.DuckDBPyConnection, name: str, rows: list[dict]) -> None:
    """Put rows in force for the month, each about a person, household and payment of its own."""
    warehouse.execute(f"delete from register.{name}")
    there = {
        column
        for (column,) in warehouse.execute(
            f"select column_name from (describe register.{name})"
        ).fetchall()
    }
    for number, row in enumerate(rows):
        keys = {
            key: f"{name}{number}"
            for key in ("person_key", "household_key", "card_key")
            if key in there
        }
        full = {"month": MONTH, **keys, **row}
        marks = ", ".join("?" for _ in full)
        warehouse.execute(
            f"insert into register.{name} ({', '.join(full)}) values ({marks})", list(full.values())
        )


def parted(observations: pl.DataFrame) -> list[tuple]:
    """Every total whose parts do not add up to it: indicator, area, dimension, part of the value, total, sum."""
    rows = {
        (row["indicator_id"], row["ref_area"], *(row[name] for name in DIMENSIONS)): row
        for row in observations.to_dicts()
    }
    wrong = []
    for code, each in registry().items():
        lists = [
            (name, list(part.codes))
            for name, part in each.breakdowns.items()
            if name in rules().partitions
        ]
        lists += [("category", listed) for listed in rules().categories.get(code, [])]
        for area in (AREA, *PLACES) if each.total else ():
            for name, listed in lists:
                places = {
                    code: tuple(code if one == name else "_T" for one in DIMENSIONS)
                    for code in ("_T", *listed)
                }
                cells = {
                    key: rows[code, area, *cell]
                    for key, cell in places.items()
                    if (code, area, *cell) in rows
                }
                whole = cells.pop("_T", None)
                if whole is None or whole["obs_status"] == "M":
                    continue
                assert cells.keys() >= set(listed) - set(each.breakdowns[name].unknown), (
                    code,
                    area,
                    name,
                )
                for part in ("numerator", "denominator"):
                    summed = sum(cell[part] or 0 for cell in cells.values())
                    if summed != (whole[part] or 0) and not _of_everybody(code, part):
                        wrong.append((code, area, name, part, whole[part], summed))
    return wrong


def _of_everybody(code: str, part: str) -> bool:
    """Whether a cell has the denominator of the whole population."""
    return part == "denominator" and code in ("dibao_coverage",)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.fixed_dictionaries({name: drawn_rows(name) for name in ASKED}))
def test_the_parts_of_every_total_add_up_to_it_under_any_combination_of_unknown_words(
    warehouse, rows
):
    warehouse.execute("delete from register.coverage")
    for name, drawn in rows.items():
        load(warehouse, name, drawn)
        for year_month in ("2024-01", "2024-02", MONTH):
            warehouse.execute(
                "insert into register.coverage select ?, ?, unnest(?::varchar[]), 1, null, '', 0, 0",
                [name, year_month, PLACES],
            )
    compute(warehouse, [MONTH])
    assert not parted(observations(warehouse, MONTH, MONTH))


def test_a_home_of_an_unknown_kind_is_counted_once(given, in_force, cells):
    given(
        "register.care_facility",
        f"""
        month   | township_code | facility_code | facility_kind | bed_count | nursing_bed_count | opened_on
        2024-03 | {AREA}100     | f1            | 社会福利院         | 100       | 40                | 2020-01-01
        2024-03 | {AREA}100     | f2            | 未知            | 60        | 30                | 2020-01-01
        """,
    )
    in_force("care_facility", MONTH)
    find = cells(MONTH)
    assert values(find, "inst_beds", (AREA, SHALIUHE)) == [160, 160]
    assert values(find, "inst_count") == [2]
    kinds = [
        find("inst_beds", category=code)["obs_value"]
        for code in ("K_WELFARE", "K_TEKUN", "K_OTHER", "K_U")
    ]
    assert kinds == [100, 0, 0, 60]
    with pytest.raises(KeyError):
        find("inst_beds", HARGAI, category="K_U")


def test_the_codes_of_unknown_words_are_the_same_for_the_registry_and_for_disclosure_control():
    unknown = {
        code
        for each in registry().values()
        for part in each.breakdowns.values()
        for code in part.unknown
    }
    assert unknown == set(rules().sparse)
    assert all(
        part.codes.keys() >= set(part.unknown)
        for each in registry().values()
        for part in each.breakdowns.values()
    )


def test_grants_of_an_unknown_cause_are_counted_once(given, in_force, cells):
    given(
        "register.temp_aid",
        f"""
        month   | township_code | grant_key | applied_on | granted_on | cause | person_times | amount | local_hukou
        2024-03 | {AREA}100     | 1         | 2024-03-01 | 2024-03-02 | 火灾    | 1            | 300    | true
        2024-03 | {AREA}100     | 2         | 2024-03-01 | 2024-03-02 | 未知    | 1            | 600    | true
        2024-03 | {AREA}100     | 3         | 2024-03-01 | 2024-03-02 | 重病    | 1            | 900    | false
        """,
    )
    in_force("temp_aid", "2024-01", "2024-02", MONTH)
    find = cells(MONTH)
    assert values(find, "temp_aid_times") == [3]
    assert find("temp_aid_times", category="CAUSE_U")["obs_value"] == 1
    assert values(find, "temp_aid_level") == [600]
    assert find("temp_aid_level", category="CAUSE_U")["obs_value"] == 600


def test_a_model_that_gives_no_code_where_it_names_a_dimension_is_refused(warehouse):
    warehouse.execute(model("indicator/empty_fact"))
    warehouse.execute(
        "insert into indicator_fact by name select 'a' as indicator_id, '2024-03' as month, 'x' as ref_area"
    )
    assert warehouse.execute(
        "select category, residence, sex, age_group from indicator_fact"
    ).fetchall() == [("_T",) * 4]
    with pytest.raises(duckdb.ConstraintException, match="category"):
        warehouse.execute(
            "insert into indicator_fact by name "
            "select 'a' as indicator_id, '2024-03' as month, 'x' as ref_area, cast(null as varchar) as category"
        )


def test_the_error_rate_of_all_extracts_is_of_those_listed(given, in_force, cells):
    given(
        "register.dibao_roll",
        f"month | township_code | person_key\n2024-03 | {AREA}100 | a\n2024-03 | {AREA}100 | b",
    )
    given(
        "register.policy_param",
        "month | param_code | value | valid_from\n2024-03 | edge_multiple | 1.5 | 2020-01-01",
    )
    in_force("dibao_roll", MONTH)
    in_force("policy_param", MONTH)
    find = cells(MONTH)
    listed = registry()["dq_error_rows"].breakdowns["category"].codes
    parts = [find("dq_error_rows", category=code)["denominator"] or 0 for code in listed]
    assert len(listed) == 19
    assert find("dq_error_rows")["denominator"] == sum(parts) == 2
