"""What open rows leave uncertain: bounds by their own numbers, else by the unit's last accepted ones, and the status U."""

import re

import pytest

from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA

HOMES = f"""
month   | intake_no | row_no | township_code | facility_code | facility_kind | bed_count | nursing_bed_count | resident_count | caregiver_count | certified_caregiver_count | trained_person_times | recreation_standard_met | opened_on
2024-02 | 1         | 2      | {AREA}100     | f1            | 社会福利院         | 256       | 100               | 120            | 10              | 5                         | 1                    | true                    | 2020-01-01
2024-02 | 1         | 3      | {AREA}101     | f2            | 特困供养机构        | 76        | 40                | 60             | 8               | 2                         | 1                    | true                    | 2020-01-01
2024-03 | 2         | 2      | {AREA}100     | f1            | 社会福利院         | 256       | 100               | 120            | 10              | 5                         | 1                    | true                    | 2020-01-01
"""  # fmt: skip
TYPO = f"""
month   | intake_no | row_no | sheet | township_code | facility_code | facility_kind | bed_count | nursing_bed_count | resident_count | caregiver_count | certified_caregiver_count | trained_person_times | recreation_standard_met | opened_on
2024-03 | 2         | 3      |       | {AREA}101     | f2            | 特困供养机构        | 76        |                   | 60             | 8               | 2                         | 1                    | true                    | 2020-01-01
"""  # fmt: skip
FAULT = f"""
intake_no | dataset       | month   | township_code | row_no | column_name       | rule_id
2         | care_facility | 2024-03 | {AREA}101     | 3      | nursing_bed_count | beds_exceeded
"""


def told(cell: dict) -> tuple:
    """Value, bounds and status of a cell, rounded as a reader would."""
    numbers = (cell["obs_value"], cell["lower_bound"], cell["upper_bound"])
    return (
        *(None if number is None else round(number, 2) for number in numbers),
        cell["obs_status"],
    )


@pytest.fixture
def homes(given, in_force):
    """Two homes last month, one of them this month."""
    given("register.care_facility", HOMES)
    in_force("care_facility", "2024-01", "2024-02")
    in_force("care_facility", "2024-03", intake_no=2)


@pytest.fixture
def typo(given, homes):
    """The other home's row says 81 nursing beds of 76."""
    given("open.care_facility", TYPO)
    given("raw.quarantine", FAULT)


def test_a_typo_leaves_the_figure_between_without_and_with_the_home(typo, cells):
    find = cells("2024-03")
    assert told(find("inst_beds")) == (256, 256, 332, "U")
    assert told(find("inst_beds", HARGAI)) == (0, 0, 76, "U"), "never a bare zero"
    assert told(find("inst_beds", category="K_TEKUN")) == (0, 0, 76, "U")
    assert told(find("inst_beds", category="K_WELFARE")) == (256, 256, 256, "A")
    assert told(find("nursing_beds")) == (100, 100, 140, "U"), (
        "the number that cannot be right is last month's"
    )
    assert told(find("nursing_bed_share")) == (39.06, 39.06, 42.17, "U"), (
        "a home is in both parts or in none"
    )
    assert told(find("bed_occupancy")) == (46.88, 46.88, 54.22, "U")
    assert told(find("inst_count")) == (1, 1, 2, "A"), "one home is not more than two"
    assert told(find("inst_beds", SHALIUHE)) == (256, 256, 256, "A")


def test_a_share_of_nothing_but_an_open_home_says_what_it_may_be(typo, cells):
    cell = cells("2024-03")("nursing_bed_share", HARGAI)
    assert told(cell) == (None, 52.63, 52.63, "L")


def test_a_home_that_is_not_on_the_list_any_more_counts_with_its_last_numbers(homes, cells):
    find = cells("2024-03")
    assert told(find("inst_beds")) == (256, 256, 332, "U")
    assert told(find("inst_beds", HARGAI)) == (0, 0, 76, "U")


def test_a_home_that_is_open_in_two_months_may_add_to_the_year_in_both(given, in_force, cells):
    one = TYPO.splitlines()
    given("register.care_facility", re.sub(r"2024-02 \| 1 +\| 3 .*\n", "", HOMES))
    given("open.care_facility", f"{TYPO}{one[2].replace('2024-03 | 2 ', '2024-02 | 1 ')}\n")
    given(
        "raw.quarantine",
        f"{FAULT}{FAULT.splitlines()[2].replace('2024-03', '2024-02').replace('2  ', '1  ', 1)}\n",
    )
    in_force("care_facility", "2024-01", "2024-02")
    in_force("care_facility", "2024-03", intake_no=2)
    assert told(cells("2024-03")("caregiver_trained")) == (2, 2, 4, "A"), "two are few"


def test_a_home_that_closed_or_is_another_townships_list_is_not_missed(given, in_force, cells):
    given("register.care_facility", HOMES)
    given("register.care_facility", HOMES.splitlines()[1] + " | closed_on\n" + f"""
    2024-03 | 2 | 4 | {AREA}101 | f2 | 特困供养机构 | 76 | 40 | 60 | 8 | 2 | 1 | true | 2020-01-01 | 2024-03-10""")  # fmt: skip
    in_force("care_facility", "2024-01", "2024-02")
    in_force("care_facility", "2024-03", intake_no=2)
    assert told(cells("2024-03")("inst_beds")) == (256, 256, 256, "A")


def test_a_new_home_whose_beds_cannot_be_read_leaves_no_bound(given, homes, cells):
    given(
        "open.care_facility",
        TYPO.replace("f2   ", "f9   ").replace("| 76        |", "|           |"),
    )
    given("raw.quarantine", FAULT)
    cell = cells("2024-03")("inst_beds")
    assert told(cell) == (256, None, None, "U")


PAYMENTS = f"""
month   | intake_no | row_no | township_code | person_key | scheme | payment_kind | amount_due | amount_paid | due_on     | paid_on
2024-02 | 1         | 2      | {AREA}100     | a          | 农村低保 | 基本           | 700000     | 700000      | 2024-02-10 | 2024-02-05
2024-02 | 1         | 3      | {AREA}100     | b          | 农村低保 | 基本           | 300000     | 300000      | 2024-02-10 | 2024-02-05
2024-03 | 2         | 2      | {AREA}100     | a          | 农村低保 | 基本           | 700000     | 700000      | 2024-03-10 | 2024-03-05
"""


@pytest.mark.parametrize(
    ("amounts", "high"),
    [
        ("|            |             ", 200.0),
        ("| 310000     |             ", 200.0),
        ("|            | 250000      ", 195.0),
    ],
)
def test_a_payment_counts_with_its_own_amount_else_with_the_persons_last_one(
    given, in_force, cells, amounts, high
):
    given("register.payment_ledger", PAYMENTS)
    given(
        "open.payment_ledger",
        f"""
        month   | intake_no | row_no | township_code | person_key | scheme | payment_kind | amount_due | amount_paid | due_on | paid_on
        2024-03 | 2         | 3      | {AREA}100     | b          | 农村低保 | 基本           {amounts} | 2024-03-10 | 2024-03-05
        """,
    )
    given(
        "raw.quarantine",
        f"""
        intake_no | dataset        | month   | township_code | row_no | column_name | rule_id
        2         | payment_ledger | 2024-03 | {AREA}100     | 3      | amount_paid | amount_format
        """,
    )
    in_force("payment_ledger", "2024-01", "2024-02")
    in_force("payment_ledger", "2024-03", intake_no=2)
    find = cells("2024-03")
    assert told(find("dibao_spend_rural_ytd")) == (170, 170, high, "U")
    assert told(find("dibao_spend_urban_ytd")) == (0, 0, 0, "A")


def test_a_payment_of_an_unreadable_scheme_may_be_of_any(given, in_force, cells):
    given("register.payment_ledger", PAYMENTS)
    given(
        "open.payment_ledger",
        f"""
        month   | intake_no | row_no | township_code | person_key | payment_kind | amount_due | amount_paid | due_on | paid_on
        2024-03 | 2         | 3      | {AREA}100     | c          | 基本           | 100000 | 100000 | 2024-03-10 | 2024-03-05
        """,
    )
    given(
        "raw.quarantine",
        f"""
        intake_no | dataset        | month   | township_code | row_no | column_name | rule_id
        2         | payment_ledger | 2024-03 | {AREA}100     | 3      | scheme      | code_unknown
        """,
    )
    in_force("payment_ledger", "2024-01", "2024-02")
    in_force("payment_ledger", "2024-03", intake_no=2)
    find = cells("2024-03")
    assert told(find("dibao_spend_rural_ytd")) == (170, 170, 180, "U")
    assert told(find("dibao_spend_urban_ytd")) == (0, 0, 10, "U")
    assert told(find("civil_spend_ytd")) == (170, 170, 180, "U"), "once in the sum of all schemes"


def test_a_person_counts_where_the_readable_cells_say(given, in_force, cells):
    given(
        "register.dibao_roll",
        f"""
        month   | intake_no | row_no | township_code | person_key | household_key | scheme | status | active | sex | age | single_person_case
        2024-03 | 2         | 2      | {AREA}100     | a          | h1            | 城市低保 | 在保     | true   | F   | 30  | false
        2024-03 | 2         | 3      | {AREA}100     | b          | h2            | 农村低保 | 在保     | true   | F   | 30  | false
        """,
    )
    given(
        "open.dibao_roll",
        f"""
        month   | intake_no | row_no | township_code | person_key | household_key | scheme | status | active | sex | age | single_person_case
        2024-03 | 2         | 4      | {AREA}100     | c          | h1            | 城市低保 | 在保     | true   | M   | 70  | false
        2024-03 | 2         | 5      | {AREA}100     | a          | h1            | 城市低保 | 在保     | true   | F   | 30  | false
        2024-03 | 2         | 6      | {AREA}100     | d          | h3            | 城市低保 | 停保     | false  | M   | 70  | true
        2024-03 | 2         | 7      | {AREA}100     | e          | h4            | 农村低保 |        |        |     |     | false
        """,
    )
    rows = "\n".join(f"2 | dibao_roll | 2024-03 | {AREA}100 | {row} | x" for row in (4, 5, 6, 7))
    given(
        "raw.quarantine", f"intake_no | dataset | month | township_code | row_no | rule_id\n{rows}"
    )
    in_force("dibao_roll", "2024-03", intake_no=2)
    find = cells("2024-03")
    assert told(find("dibao_urban_persons"))[:3] == (1, 1, 2), (
        "c; a is counted, d has stopped, e is rural"
    )
    assert told(find("dibao_urban_persons", sex="M"))[:3] == (0, 0, 1)
    assert told(find("dibao_urban_persons", sex="F"))[:3] == (1, 1, 1)
    assert told(find("dibao_urban_households"))[:3] == (1, 1, 1), "h1 is counted"
    assert told(find("dibao_rural_persons"))[:3] == (1, 1, 2)
    assert told(find("dibao_rural_persons", sex="M"))[:3] == (0, 0, 1), "e may be of either sex"
    assert told(find("dibao_single_person"))[:3] == (0, 0, 0)
    assert values(find, "dibao_urban_persons", (AREA, SHALIUHE)) == [1, 1]


def test_days_lie_between_the_medians_with_the_open_rows_that_pull_one_way(given, in_force, cells):
    grants = """
        month   | intake_no | row_no | township_code | grant_key | applied_on | granted_on | cause | person_times | amount | local_hukou
        2024-03 | 2         | {0}2   | {AREA}100     | 1{0}      | 2024-03-01 | 2024-03-0{1} | 火灾    | 1            | 300    | true
        2024-03 | 2         | {0}3   | {AREA}100     | 2{0}      | 2024-03-01 | 2024-03-0{2} | 火灾    | 1            | 300    | true
        """.replace("{AREA}", AREA)
    given("register.temp_aid", grants.format(0, 3, 5))
    given("open.temp_aid", grants.format(1, 1, 9))
    given(
        "raw.quarantine",
        f"""
        intake_no | dataset  | month   | township_code | row_no | rule_id
        2         | temp_aid | 2024-03 | {AREA}100     | 12     | x
        2         | temp_aid | 2024-03 | {AREA}100     | 13     | x
        """,
    )
    in_force("temp_aid", "2024-01", "2024-02")
    in_force("temp_aid", "2024-03", intake_no=2)
    find = cells("2024-03")
    assert told(find("temp_aid_days")) == (3, 2, 4, "U")
    assert told(find("temp_aid_times")) == (2, 2, 4, "A")
    assert told(find("temp_aid_level")) == (300, 300, 300, "A")


def test_a_row_without_a_household_number_may_be_a_household_of_its_own_or_one_that_is_counted(
    given, in_force, cells
):
    rows = [
        f"2024-03 | 1 | {n} | {AREA}100 | {AREA}100204 | p{n} | {'h' if n < 3 else ''} | 农村低保 | true"
        for n in range(1, 7)
    ]
    head = "month | intake_no | row_no | township_code | region_code | person_key | household_key | scheme | active"
    given("register.dibao_roll", "\n".join([head, *rows]))
    in_force("dibao_roll", "2024-03")
    find = cells("2024-03")
    assert told(find("dibao_rural_households")) == (1, 1, 5, "U")
    assert find("dibao_rural_households")["note"] == "不含4行户编号待更正"
    assert told(find("dibao_rural_persons")) == (6, 6, 6, "A")


def test_a_row_adds_to_the_monitored_and_takes_from_a_class_only(given, in_force, cells):
    """Whoever is on two lists counts in the first: a row of one may take a person from the class of another, never from all."""
    given(
        "register.dibao_roll",
        f"""
        month   | intake_no | row_no | township_code | person_key | household_key | scheme | status | active
        2024-03 | 1         | 2      | {AREA}100     | a          | h1            | 农村低保 | 在保     | true
        """,
    )
    given(
        "open.tekun_roll",
        f"""
        month   | intake_no | row_no | township_code | person_key | active
        2024-03 | 2         | 4      | {AREA}100     | b          | true
        2024-03 | 2         | 5      | {AREA}100     | c          | false
        """,
    )
    rows = "\n".join(f"2 | tekun_roll | 2024-03 | {AREA}100 | {row} | x" for row in (4, 5))
    given(
        "raw.quarantine", f"intake_no | dataset | month | township_code | row_no | rule_id\n{rows}"
    )
    in_force("dibao_roll", "2024-03", intake_no=1)
    in_force("tekun_roll", "2024-03", intake_no=2)
    in_force("lowinc_register", "2024-03", intake_no=3)
    find = cells("2024-03")
    assert told(find("lowinc_monitored"))[:3] == (1, 1, 2), "c has stopped, nobody goes"
    assert told(find("lowinc_monitored", category="TEKUN"))[:3] == (0, 0, 1)
    assert told(find("lowinc_monitored", category="DIBAO"))[:3] == (1, 0, 1), "a may be on both"


@pytest.mark.parametrize(
    ("name", "missed", "overlaps"),
    [("tekun_roll", (1, 0, 1), (0, 0, 1)), ("monitored_household", (1, 1, 2), (0, 0, 0))],
)
def test_an_open_row_moves_a_count_of_leads_the_one_way_that_its_list_can(
    given, in_force, cells, name, missed, overlaps
):
    """Who is on a roll is not missed, and may draw what does not go together; who is on a list of other offices may be missed."""
    given(
        "lead.lead",
        f"""
        month   | rule_id | person_key | township_code
        2024-03 | LB02    | a          | {AREA}100
        """,
    )
    given(
        "raw.quarantine",
        f"""
        intake_no | dataset | month   | township_code | row_no | rule_id
        2         | {name}  | 2024-03 | {AREA}100     | 4      | x
        """,
    )
    given(
        "register.policy_param",
        """
        month   | param_code             | value | valid_from
        2024-01 | dibao_std_rural        | 5000  | 2020-01-01
        2024-01 | medical_alert_multiple | 1     | 2020-01-01
        """,
    )
    for each in ("dibao_roll", "tekun_roll", "lowinc_register", "child_roll", "application", "pwd_card", "pwd_roll",
                 "medical_burden", "monitored_household"):  # fmt: skip
        in_force(each, "2024-03", intake_no=2 if each == name else 1)
    find = cells("2024-03")
    assert told(find("missed_candidates"))[:3] == missed
    assert told(find("pwd_overlap_errors"))[:3] == overlaps
