"""A month that goes on from the month before gives the same cases as a rebuilding of all months from nothing."""

import datetime as dt

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from minzheng.leads.cases import outcome_codes, rebuild_cases
from minzheng.leads.outcomes import Answer, record
from tests.leads.conftest import TOWNSHIP, empty_warehouse

MONTHS = tuple(f"2024-{number:02}" for number in range(1, 9))
PEOPLE = ("p", "q")

in_month = st.tuples(
    st.sampled_from(MONTHS),
    st.sets(st.sampled_from(PEOPLE)),
    st.sampled_from(["not judged", "judged", "complete", "complete", "complete"]),
)
in_answer = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(MONTHS),
    st.sampled_from(sorted(outcome_codes())),
    st.integers(0, 100),
)


def read_month(connection, month, people, judged):
    """Put a month's leads and judgement in place of what was there, as matching does, and bring the cases up to date."""
    for table in ("lead.lead", "lead.evaluated", "register.coverage"):
        connection.execute(f"delete from {table} where month = ?", [month])
    connection.execute(
        "insert into register.coverage values ('dibao_roll', ?, ?, 1, '2024-04-05', '', 100, 0)",
        [month, TOWNSHIP["A"]],
    )
    if judged != "not judged":
        opened = dt.date.fromisoformat(f"{month}-28")
        connection.execute(
            "insert into lead.evaluated values ('CF01', ?, ?, ?, ?, 0)",
            [month, TOWNSHIP["A"], opened, judged == "complete"],
        )
        for person in sorted(people):
            connection.execute(
                "insert into lead.lead values ('CF01', ?, ?, ?, null)",
                [month, person, TOWNSHIP["A"]],
            )
    rebuild_cases(connection, [month])


def answer(connection, person, month, code, day):
    """Record an answer to the month's list, where the person's case is on it."""
    query = "select case_id from lead.case_month where person_key = ? and month = ?"
    found = connection.execute(query, [person, month]).fetchall()
    decided = dt.date.fromisoformat(f"{month}-05") + dt.timedelta(day)
    for (case_id,) in found:
        record(connection, [Answer(1, case_id, month, code, decided, seen=1000)])


def all_cases(connection):
    return connection.execute("select * from lead.case_month order by all").fetchall()


def assert_same_as_from_nothing(connection):
    """Compare `lead.case_month` with what a rebuilding of all months at once gives."""
    stepwise = all_cases(connection)
    months = [
        month
        for (month,) in connection.execute(
            "select distinct month from register.coverage"
        ).fetchall()
    ]
    connection.execute("delete from lead.case_month")
    rebuild_cases(connection, months)
    assert stepwise == all_cases(connection)


def clear(connection):
    for table in (
        "lead.lead",
        "lead.evaluated",
        "lead.outcome",
        "lead.case_month",
        "register.coverage",
    ):
        connection.execute(f"delete from {table}")


@pytest.fixture(scope="module")
def warehouse():
    connection = empty_warehouse()
    yield connection
    connection.close()


@for_any(story=st.lists(st.one_of(in_month, in_month, in_answer), min_size=2, max_size=12))
@settings(max_examples=15, deadline=None)
def test_cases_brought_forward_step_by_step_equal_cases_rebuilt_from_nothing(warehouse, story):
    clear(warehouse)
    read_month(warehouse, "2024-02", PEOPLE, "complete")
    for event in story:
        (answer if event[0] in PEOPLE else read_month)(warehouse, *event)
    assert_same_as_from_nothing(warehouse)


def test_a_closing_that_did_not_last_is_not_resumed_twice_when_a_later_month_is_added(warehouse):
    clear(warehouse)
    for month in MONTHS[:4]:
        read_month(warehouse, month, {"p"}, "complete")
    answer(warehouse, "p", "2024-01", "corrected", 3)
    for month in MONTHS[4:]:
        read_month(warehouse, month, {"p"}, "complete")
    opened = warehouse.execute(
        "select distinct opened_month from lead.case_month order by 1"
    ).fetchall()
    assert opened == [("2024-01",), ("2024-02",)]
    assert_same_as_from_nothing(warehouse)


def test_an_answered_case_that_a_correction_took_away_stays_withdrawn_in_the_months_added_later(
    warehouse,
):
    clear(warehouse)
    read_month(warehouse, "2024-01", {"p"}, "complete")
    answer(warehouse, "p", "2024-01", "data_error", 3)
    read_month(warehouse, "2024-01", set(), "complete")
    for month in MONTHS[1:3]:
        read_month(warehouse, month, set(), "complete")
    assert warehouse.execute(
        "select reason, month from lead.case_month order by month"
    ).fetchall() == [("withdrawn", month) for month in MONTHS[:3]]
    assert_same_as_from_nothing(warehouse)
