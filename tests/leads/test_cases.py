"""Cases keep their identity over months, missing lists and corrections; the machine closes nothing by itself."""

import datetime as dt

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from minzheng.leads.cases import rebuild_cases
from minzheng.leads.matching import compute, match
from minzheng.leads.outcomes import Answer, record
from minzheng.leads.rules import rule
from minzheng.warehouse.connection import set_months
from tests.leads.conftest import County, empty_warehouse
from tests.place import AREA

MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04", "2024-05")


def on_both_rolls(county, *months, person="p"):
    for month in months:
        county.rows("dibao_roll", f"person_key | month\n {person} | {month}")
        county.rows("tekun_roll", f"person_key | month\n {person} | {month}")


def story(county):
    """Month to state of the one CF01 case, from its first month on."""
    rows = county.connection.execute(
        "select month, state, case_id from lead.case_month where rule_id = 'CF01' order by month"
    ).fetchall()
    assert len({case_id for _, _, case_id in rows}) <= 1
    return {month: state for month, state, _ in rows}


def the_case(county, month=None):
    cursor = county.connection.execute(
        "select * from lead.case_month where rule_id = 'CF01' "
        "and month = coalesce(?, (select max(month) from lead.case_month))",
        [month],
    )
    names = [column[0] for column in cursor.description]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def answer(county, code, month, day, seen=0):
    case_id = the_case(county, month)["case_id"]
    return record(
        county.connection, [Answer(1, case_id, month, code, dt.date.fromisoformat(day), seen)]
    )


def test_a_case_is_open_while_the_condition_holds_then_disappears_then_is_reopened(county):
    county.covered(*MONTHS)
    on_both_rolls(county, "2024-02", "2024-03", "2024-05")
    compute(county.connection, MONTHS)
    assert story(county) == {
        "2024-02": "open",
        "2024-03": "open",
        "2024-04": "disappeared",
        "2024-05": "reopened",
    }
    assert the_case(county, "2024-04")["reason"] == "condition_ended"


@pytest.mark.parametrize("missing", ["dibao_roll", "tekun_roll"])
def test_a_missing_list_closes_nothing(county, missing):
    county.covered("2024-01", "2024-03")
    county.covered("2024-02", without=[missing])
    on_both_rolls(county, "2024-01", "2024-03")
    compute(county.connection, MONTHS[:3])
    assert story(county) == {"2024-01": "open", "2024-02": "open", "2024-03": "open"}
    assert the_case(county, "2024-02")["last_evaluated"] == "2024-01"


def test_a_list_of_half_its_rows_closes_nothing(county):
    county.covered("2024-01")
    county.covered("2024-02", without=["tekun_roll"])
    half = f"insert into register.coverage values ('tekun_roll', '2024-02', '{AREA}100', 1, '2024-03-05', '', ?, 0)"
    county.connection.execute(half, [50])
    on_both_rolls(county, "2024-01")
    compute(county.connection, MONTHS[:2])
    assert story(county) == {"2024-01": "open", "2024-02": "open"}
    more = "update register.coverage set rows_accepted = 60 where dataset = 'tekun_roll' and month = '2024-02'"
    county.connection.execute(more)
    compute(county.connection, ["2024-02"])
    assert story(county) == {"2024-01": "open", "2024-02": "disappeared"}


def test_a_list_that_lacks_the_township_closes_nothing(county):
    county.covered("2024-01")
    county.covered("2024-02", without=["tekun_roll"])
    county.connection.execute(
        f"insert into register.coverage values ('tekun_roll', '2024-02', '{AREA}200', 1, '2024-03-05', '', 100, 0)"
    )
    on_both_rolls(county, "2024-01")
    compute(county.connection, MONTHS[:2])
    assert story(county) == {"2024-01": "open", "2024-02": "open"}


def test_the_due_date_follows_from_the_day_the_lists_were_first_there(county):
    county.covered("2024-03", without=["tekun_roll"], received="2024-04-03 10:00:00")
    county.connection.execute(
        f"insert into register.coverage values ('tekun_roll', '2024-03', '{AREA}200', 1, '2024-04-09 23:59:00', '', 1, 0)"
    )
    on_both_rolls(county, "2024-03")
    compute(county.connection, ["2024-03"])
    case = the_case(county)
    assert (case["opened_on"], case["due_on"]) == (dt.date(2024, 4, 9), dt.date(2024, 4, 19))


def test_a_correction_moves_the_opening_but_not_the_identity(county):
    county.covered(*MONTHS)
    on_both_rolls(county, *MONTHS)
    compute(county.connection, MONTHS)
    before = the_case(county)
    county.connection.execute("delete from register.tekun_roll where month <= '2024-02'")
    compute(county.connection, MONTHS)
    after = the_case(county)
    assert (before["opened_month"], after["opened_month"]) == ("2024-01", "2024-03")
    assert after["case_id"] == before["case_id"]


def test_an_answer_acknowledges_or_closes_and_stays_when_the_condition_ends(county):
    county.covered(*MONTHS)
    on_both_rolls(county, "2024-01", "2024-02")
    compute(county.connection, MONTHS)
    answer(county, "in_progress", "2024-01", "2024-02-20")
    answer(county, "corrected", "2024-02", "2024-03-20", seen=1)
    states = ["acknowledged", "closed", "closed", "closed", "closed"]
    assert story(county) == dict(zip(MONTHS, states, strict=True))


def test_a_case_said_to_be_put_right_is_reopened_in_a_month_that_began_after_the_decision(county):
    county.covered(*MONTHS)
    on_both_rolls(county, *MONTHS)
    compute(county.connection, MONTHS)
    answer(county, "corrected", "2024-01", "2024-02-20")
    states = ["closed", "closed", "reopened", "reopened", "reopened"]
    assert story(county) == dict(zip(MONTHS, states, strict=True))
    assert the_case(county)["opened_month"] == "2024-03"


def test_the_month_in_which_a_decision_falls_never_reopens_its_case(county):
    county.covered(*MONTHS)
    on_both_rolls(county, *MONTHS)
    compute(county.connection, MONTHS)
    answer(county, "corrected", "2024-01", "2024-03-01")
    assert list(story(county).values()) == ["closed", "closed", "closed", "reopened", "reopened"]


def test_a_case_found_to_be_no_error_stays_closed_until_the_condition_ends_and_returns(county):
    county.covered(*MONTHS)
    on_both_rolls(county, "2024-01", "2024-02", "2024-03", "2024-05")
    compute(county.connection, MONTHS)
    answer(county, "justified", "2024-01", "2024-02-20")
    states = ["closed", "closed", "closed", "closed", "reopened"]
    assert story(county) == dict(zip(MONTHS, states, strict=True))


def test_an_answer_outlives_a_correction_that_takes_the_lead_away(county):
    county.covered("2024-01", "2024-02")
    on_both_rolls(county, "2024-01")
    compute(county.connection, MONTHS[:2])
    answer(county, "data_error", "2024-01", "2024-02-20")
    county.connection.execute("delete from register.tekun_roll")
    compute(county.connection, MONTHS[:2])
    assert story(county) == {"2024-01": "closed", "2024-02": "closed"}
    assert the_case(county)["reason"] == "withdrawn"


def test_two_answers_that_differ_are_a_conflict_and_the_same_twice_is_not(county):
    county.covered("2024-01")
    on_both_rolls(county, "2024-01")
    compute(county.connection, ["2024-01"])
    assert answer(county, "data_error", "2024-01", "2024-02-20").new == 1
    assert answer(county, "data_error", "2024-01", "2024-02-20").unchanged == 1
    refused = answer(county, "corrected", "2024-01", "2024-02-21")
    assert (refused.new, len(refused.conflicts)) == (0, 1)
    assert the_case(county)["outcome_code"] == "data_error"
    assert answer(county, "corrected", "2024-01", "2024-02-21", seen=1).new == 1
    assert the_case(county)["outcome_code"] == "corrected"


@for_any(
    held=st.lists(st.booleans(), min_size=5, max_size=5),
    there=st.lists(st.booleans(), min_size=5, max_size=5),
    order=st.permutations(MONTHS),
)
@settings(max_examples=4, deadline=None)
def test_the_story_does_not_depend_on_the_order_in_which_months_are_computed(held, there, order):
    county = County(empty_warehouse())
    for month, present in zip(MONTHS, there, strict=True):
        county.covered(month, without=[] if present else ["dibao_roll"])
    on_both_rolls(county, *(month for month, holds in zip(MONTHS, held, strict=True) if holds))
    compute_cf01(county, MONTHS)
    together = story(county)
    county.connection.execute(
        "delete from lead.lead; delete from lead.case_month; delete from lead.evaluated"
    )
    for month in order:
        compute_cf01(county, [month])
    assert story(county) == together
    county.connection.close()


def compute_cf01(county, months):
    set_months(county.connection, months)
    match(county.connection, [rule("CF01")])
    rebuild_cases(county.connection, months)


def test_a_delivery_without_a_file_changes_no_case(county):
    county.covered(*MONTHS)
    on_both_rolls(county, "2024-02")
    compute(county.connection, MONTHS)
    before = story(county)
    assert compute(county.connection, []) == 0
    assert story(county) == before
