"""The conventions _C1-_C5 that hold for every rule, and the rules as data."""

import pydantic
import pytest

from minzheng.contracts.datasets import dataset
from minzheng.leads.matching import compute, evaluate
from minzheng.leads.rules import NOT_NEEDED, Rule, rules
from minzheng.warehouse.connection import set_months


def twice_on_dibao(county, month="2024-03"):
    county.rows("dibao_roll", f"person_key | town | month\n p | A | {month}\n p | B | {month}")


def test_a_township_without_the_first_list_gives_no_lead(county):
    county.covered("2024-03", townships="A")
    county.covered("2024-03", townships="B", without=["dibao_roll"])
    twice_on_dibao(county)
    assert county.leads("CF02") == {("p", "A")}


def test_a_township_without_another_list_still_gives_leads(county):
    county.covered("2024-03", townships="A")
    county.covered("2024-03", townships="B", without=["elder_roll"])
    twice_on_dibao(county)
    assert county.leads("CF02") == {("p", "A"), ("p", "B")}


@pytest.mark.parametrize("missing", sorted({name for rule in rules() for name in rule.datasets}))
def test_a_rule_is_judged_only_when_every_list_it_needs_has_a_file(county, missing):
    set_months(county.connection, ["2024-03"])
    county.covered("2024-03", without=[missing])
    county.covered("2024-02")
    evaluate(county.connection, rules())
    query = "select rule_id from lead.evaluated group by rule_id having count(*) = 2"
    judged = {rule_id for (rule_id,) in county.connection.execute(query).fetchall()}
    resting_on_it = {rule.rule_id for rule in rules() if missing in rule.datasets}
    assert judged & resting_on_it == (resting_on_it if missing in NOT_NEEDED else set())
    assert judged - resting_on_it


def test_a_county_list_covers_every_township(county):
    county.covered("2024-03")
    county.parameter("asset_hit_months", 6)
    county.rows(
        "asset_hit", "person_key | hit_kind | hit_value | checked_on\n p | 车辆 | 1 | 2024-03-05"
    )
    county.rows("dibao_roll", "person_key | town\n p | B")
    assert county.leads("CB01") == {("p", "B")}


def test_of_several_parameters_the_latest_validity_then_the_latest_decision_then_the_latest_file_holds(
    county,
):
    county.covered("2024-03")
    county.parameter("dibao_std_urban", 700, valid_from="2024-01-01")
    county.parameter("dibao_std_urban", 500, valid_from="2023-01-01", intake_no=8)
    county.parameter(
        "dibao_std_urban",
        600,
        valid_from="2024-01-01",
        intake_no=7,
        month="2024-06",
        decided_on="2024-06-20",
    )
    county.parameter("dibao_std_urban", 100, valid_from="2024-04-01", intake_no=9)
    county.parameter(
        "dibao_std_urban", 90, valid_from="2024-02-01", valid_to="2024-03-31", intake_no=9
    )
    county.parameter("dibao_std_urban", 80, valid_from="2024-02-15", band="1-2级")
    county.rows(
        "dibao_roll",
        "person_key | scheme | monthly_amount\n p | 城市低保 | 601\n q | 城市低保 | 600",
    )
    assert county.leads("CZ03") == {("p", "A")}


def test_a_parameter_holds_on_the_last_day_before_its_end(county):
    county.covered("2024-03")
    county.parameter("dibao_std_urban", 600, valid_from="2024-03-31", valid_to="2024-04-01")
    county.rows("dibao_roll", "person_key | scheme | monthly_amount\n p | 城市低保 | 601")
    assert county.leads("CZ03") == {("p", "A")}


def test_evidence_tells_where_to_look_and_nothing_else(county):
    county.covered("2024-03")
    county.rows("dibao_roll", "person_key | sheet | intake_no | row_no\n p | 沙柳河 | 7 | 12")
    county.rows("tekun_roll", "person_key | intake_no | row_no\n p | 8 | 5")
    county.leads("CF01")
    evidence = county.connection.execute(
        "select evidence from lead.lead where rule_id = 'CF01'"
    ).fetchall()
    assert evidence == [("dibao_roll:7:沙柳河:12;tekun_roll:8::5",)]


def test_computing_again_replaces_and_several_months_equal_one_by_one(county):
    county.covered("2024-02", "2024-03")
    twice_on_dibao(county, "2024-02")
    twice_on_dibao(county, "2024-03")
    read = "select * from lead.lead order by all"
    compute(county.connection, ["2024-02", "2024-03"])
    together = county.connection.execute(read).fetchall()
    compute(county.connection, ["2024-02"])
    compute(county.connection, ["2024-03"])
    assert len(together) == 4
    assert county.connection.execute(read).fetchall() == together


def test_the_rules_are_the_27_of_the_contract_and_name_columns_that_exist():
    assert sum(not rule.optional for rule in rules()) == 27
    for rule in rules():
        for name, columns in rule.evidence.items():
            own = {column.name for column in dataset(name).columns}
            assert own.issuperset(columns), (rule.rule_id, name)


def test_a_rule_file_with_an_unknown_key_is_refused():
    known = rules()[0].model_dump()
    with pytest.raises(pydantic.ValidationError):
        Rule.model_validate(known | {"colour": "red"})
