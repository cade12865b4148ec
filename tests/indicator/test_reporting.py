"""Quality of the month's extracts, bounds by quarantined rows, and laws that hold for every indicator."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.contracts.indicators import Indicator, breaks, registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import townships
from minzheng.indicators.models import OBSERVATIONS, compute, observations
from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA

ROLL = f"""
month   | township_code | person_key | scheme | status | active | intake_no
2024-03 | {AREA}100     | a          | 城市低保 | 在保     | true   | 7
2024-03 | {AREA}100     | b          | 城市低保 | 在保     | true   | 7
2024-03 | {AREA}101     | c          | 城市低保 | 在保     | true   | 8
2024-03 | {AREA}100     | d          | 城市低保 | 停保     | false  | 7
"""
QUARANTINE = f"""
intake_no | dataset    | month   | township_code | sheet | row_no | rule_id
7         | dibao_roll | 2024-03 | {AREA}100     | 1     | 5      | K01
7         | dibao_roll | 2024-03 | {AREA}100     | 1     | 5      | K04
7         | dibao_roll | 2024-03 |               | 1     | 6      | K01
7         | dibao_roll | 2024-03 | {AREA}101     | 1     | 9      | K01
6         | dibao_roll | 2024-03 | {AREA}100     | 1     | 5      | K01
"""


@pytest.fixture
def partly_replaced(given, in_force):
    """A county file whose second township sent again; a row with an unknown township is still open."""
    given("register.dibao_roll", ROLL)
    given("raw.quarantine", QUARANTINE)
    in_force(
        "dibao_roll",
        "2024-03",
        places=[code for code in townships() if code != HARGAI],
        intake_no=7,
    )
    in_force("dibao_roll", "2024-03", places=[HARGAI], intake_no=8)


def test_error_rows_of_the_files_in_force(partly_replaced, cells):
    find = cells("2024-03")
    got = [find("dq_error_rows", place) for place in (AREA, SHALIUHE, HARGAI)]
    assert [(cell["numerator"], cell["denominator"]) for cell in got] == [(2, 6), (1, 4), (0, 1)]
    assert find("dq_error_rows", category="dibao_roll")["numerator"] == 2
    assert find("dq_error_rows", category="tekun_roll")["obs_status"] == "M"
    assert find("dq_error_rows", f"{AREA}200")["obs_status"] == "L"
    assert find("dq_error_rows", category="death_list")["obs_status"] == "M"
    with pytest.raises(KeyError):
        find("dq_error_rows", SHALIUHE, category="death_list")


def test_bounds_say_what_open_rows_could_change(partly_replaced, cells):
    find = cells("2024-03")
    persons = find("dibao_urban_persons")
    assert (persons["obs_value"], persons["lower_bound"], persons["upper_bound"]) == (3, 3, 5)
    assert find("dibao_urban_persons", HARGAI)["upper_bound"] == 2, (
        "the row of unknown place could be here"
    )
    exits = find("dibao_exit", SHALIUHE)
    assert (exits["lower_bound"], exits["obs_value"], exits["upper_bound"]) == (0, 1, 3)
    assert find("tekun_urban_persons")["upper_bound"] is None


def test_bounds_equal_the_value_when_nothing_is_open(given, in_force, cells):
    given("register.dibao_roll", ROLL)
    in_force("dibao_roll", "2024-03")
    cell = cells("2024-03")("dibao_urban_persons")
    assert cell["lower_bound"] == cell["obs_value"] == cell["upper_bound"] == 3


def test_on_time_is_before_the_end_of_the_cut_off_day(given, in_force, cells):
    in_force("dibao_roll", "2024-03", received_at="2024-04-15 23:59:59")
    in_force("tekun_roll", "2024-03", places=[SHALIUHE], received_at="2024-04-16 00:00:00")
    in_force("comprehensive_return", "2024-03", places=[AREA], received_at="2024-04-01 08:00:00")
    find = cells("2024-03")
    got = [find("dq_on_time", place) for place in (AREA, SHALIUHE)]
    assert [(cell["numerator"], cell["denominator"]) for cell in got] == [(5, 65), (1, 13)]
    given(
        "register.policy_param",
        "month | param_code | value | valid_from\n2024-01 | report_cutoff_day | 14 | 2020-01-01",
    )
    assert values(cells("2024-03"), "dq_on_time") == [0]


def test_all_indicators_appear_in_published_columns_and_a_reason_stands_by_each_gap(warehouse):
    compute(warehouse, ["2024-03"])
    rows = observations(warehouse, "2024-03", "2024-03")
    assert rows.columns == list(OBSERVATIONS)
    assert rows["indicator_id"].n_unique() == 175
    assert rows["release"].dtype == pl.String
    missing = rows.filter(pl.col("obs_status") == "M")
    assert missing["note"].str.len_chars().min() > 0
    assert missing.select(pl.col("obs_value", "numerator", "denominator").is_null().all()).row(
        0
    ) == (True, True, True)


PERSON = st.tuples(
    st.sampled_from(["2024-01", "2024-02", "2024-03"]),
    st.sampled_from(list(townships())),
    st.sampled_from("abcdef"),
    st.sampled_from(["城市低保", "农村低保"]),
    st.sampled_from(["在保", "新增", "恢复", "停保"]),
    st.integers(0, 99),
    st.sampled_from("MF"),
)
FILED = st.sets(
    st.tuples(
        st.sampled_from(["2024-01", "2024-02", "2024-03"]), st.sampled_from(list(townships()))
    )
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=st.lists(PERSON, max_size=30, unique_by=lambda row: row[:3]), unfiled=FILED)
def test_months_one_by_one_equal_all_at_once_and_the_county_is_at_most_the_sum(
    warehouse, people, unfiled
):
    months = ["2024-01", "2024-02", "2024-03"]
    for table in ("register.dibao_roll", "register.coverage", "indicator.observation"):
        warehouse.execute(f"delete from {table}")
    for row in [person for person in people if person[:2] not in unfiled]:
        warehouse.execute(
            "insert into register.dibao_roll (month, township_code, person_key, scheme, status, age, sex, active) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, row[4] != "停保"],
        )
    for month in months:
        for place in townships():
            if (month, place) not in unfiled:
                warehouse.execute(
                    "insert into register.coverage values ('dibao_roll', ?, ?, 1, null, '', 0, 0)",
                    [month, place],
                )
    compute(warehouse, months)
    at_once = observations(warehouse, "2024-01", "2024-03")
    warehouse.execute("delete from indicator.observation")
    for month in ("2024-02", "2024-03", "2024-01"):
        compute(warehouse, [month])
    assert observations(warehouse, "2024-01", "2024-03").equals(at_once)
    persons = at_once.filter(pl.col("indicator_id") == "dibao_urban_persons")
    for cell in persons.filter(pl.col("ref_area") == AREA, pl.col("obs_status") == "A").iter_rows(
        named=True
    ):
        same = [
            pl.col(name) == cell[name] for name in ("time_period", "sex", "age_group", "category")
        ]
        places = persons.filter(*same, pl.col("ref_area") != AREA)["obs_value"]
        assert max(places) <= cell["obs_value"] <= sum(places)


def test_the_registry_holds_every_indicator_of_the_plan_and_refuses_unknown_keys():
    assert sum(each.tier == "core" for each in registry().values()) == 73
    assert {path.stem for path in (CONTRACTS / "indicators").glob("*.yaml")} == set(registry())
    known = next(iter(registry().values())).model_dump()
    with pytest.raises(ValueError, match="surprise"):
        Indicator.model_validate(known | {"surprise": 1})
    versions = [
        known["versions"][0] | {"valid_to": "2022-01"},
        known["versions"][0] | {"valid_from": "2023-01"},
    ]
    with pytest.raises(ValueError, match="does not begin"):
        Indicator.model_validate(known | {"versions": versions})


def test_a_changed_definition_is_marked_in_its_first_month_only(given, in_force, cells):
    in_force("tekun_roll", "2021-06", "2021-07", "2021-08")
    find = cells("2021-06", "2021-07", "2021-08")
    got = [find("tekun_minor_16_17", month=f"2021-0{n}") for n in (6, 7, 8)]
    assert [cell["definition_version"] for cell in got] == ["2016", "2021", "2021"]
    assert [cell["note"][:4] for cell in got] == ["", "口径调整", ""]
    assert ("tekun_minor_16_17", "2021-07") in {
        (code, month) for code, month, _ in breaks("2021-01", "2021-12")
    }
