"""Cases of the lead desk as indicators."""

from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA


def test_cases_pending_decided_in_time_and_days_to_the_first_payment(given, cells):
    given("lead.evaluated", f"rule_id | month | township_code\nLB01 | 2024-03 | {AREA}100")
    given(
        "lead.case_month",
        f"""
        case_id | rule_id | month   | person_key | township_code | opened_on  | due_on     | state        | decided_on
        1       | LB01    | 2024-03 | a          | {AREA}100     | 2024-03-01 | 2024-03-11 | closed       | 2024-03-11
        2       | LB02    | 2024-03 | b          | {AREA}100     | 2024-02-15 | 2024-03-01 | acknowledged |
        3       | SW01    | 2024-03 | c          | {AREA}101     | 2024-03-30 | 2024-04-04 | open         |
        4       | CF01    | 2024-03 | d          | {AREA}101     | 2024-03-01 | 2024-03-11 | disappeared  |
        5       | CF02    | 2024-03 | e          | {AREA}101     | 2024-03-01 | 2024-03-11 | closed       | 2024-03-12
        """,
    )
    given(
        "register.payment_ledger",
        f"""
        month   | township_code | person_key | amount_paid | paid_on
        2024-02 | {AREA}100     | a          | 500         | 2024-02-10
        2024-03 | {AREA}100     | a          | 500         | 2024-03-21
        2024-02 | {AREA}100     | b          | 500         | 2024-02-20
        2024-03 | {AREA}100     | b          | 500         | 2024-03-20
        2024-03 | {AREA}100     | e          | 500         | 2024-03-20
        """,
    )
    find = cells("2024-03")
    assert values(find, "alert_open", (AREA, SHALIUHE, HARGAI)) == [2, 1, 1]
    closed = find("alert_closed_rate")
    assert (closed["numerator"], closed["denominator"]) == (1, 3)
    assert values(find, "missed_resolved_rate") == [50]
    assert values(find, "alert_to_aid_days") == [20], (
        "what was paid before, or first paid in an earlier month, is no first aid"
    )
    assert find("alert_to_aid_days", HARGAI)["obs_status"] == "L"


def test_cases_are_missing_while_no_rule_was_judged(cells):
    find = cells("2024-03")
    names = ("alert_open", "alert_closed_rate", "alert_to_aid_days", "missed_resolved_rate")
    assert [find(name)["obs_status"] for name in names] == ["M"] * 4
