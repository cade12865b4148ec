"""A month that judges only whom it must gives what a month gives that judges everybody, whatever came before."""

import random

import pytest

from minzheng.contracts.datasets import dataset
from minzheng.contracts.paths import SQL
from minzheng.leads import changed, matching
from minzheng.leads.matching import compute
from minzheng.leads.rules import rules
from minzheng.months import add_months, months_between
from minzheng.warehouse.connection import model
from tests.leads.conftest import MONTH, County, empty_warehouse

# One row a line: what a person may have on a list. The days lie where windows of 30 days, 6, 12 and 24 months begin or end.
ROWS = """
dibao_roll: scheme=农村低保
dibao_roll: scheme=农村低保, monthly_amount=300
dibao_roll: scheme=城市低保, monthly_amount=900, income_per_head_year=9000
dibao_roll: scheme=农村低保, income_per_head_year=9000, grace_until=2024-05
dibao_roll: scheme=农村低保, income_per_head_year=9000, reviewed_on=2024-03-20
dibao_roll: scheme=农村低保, review_due_on=2024-03-15
dibao_roll: scheme=农村低保, status=停保
dibao_roll: scheme=农村低保, status=停保, stop_reason=死亡
tekun_roll: basic_amount=1080
tekun_roll: basic_amount=1080, town=B
tekun_roll: status=停保
child_roll: child_class=孤儿
pwd_roll: living_amount=100
pwd_roll: care_amount=100
elder_roll: subsidy_kind=高龄补贴, age=69
elder_roll: subsidy_kind=高龄补贴, age=101, alive_checked_on=2024-04-05
elder_roll: subsidy_kind=高龄补贴, age=80, town=B
payment_ledger: scheme=农村低保, payment_kind=基本, amount_paid=300, paid_on=2024-03-10
payment_ledger: scheme=特困基本生活, payment_kind=基本, amount_paid=1080, paid_on=2024-03-10
pwd_card: disability_level=1, valid_until=2024-05-30, long_care_need=true, card_key=a
pwd_card: disability_level=3, valid_until=2024-04-15, card_key=b
pwd_card: disability_level=1, valid_until=2023-01-01, injury_nursing_fee=true, card_key=c
lowinc_register: lowinc_class=低保边缘, entered_on=2024-01-01
lowinc_register: lowinc_class=刚性支出困难, entered_on=2024-04-20
lowinc_register: lowinc_class=低保边缘, entered_on=2023-01-01, left_on=2024-04-10
monitored_household: risk_removed=false
medical_burden: own_payment_ytd=20000
application: decision=不予, decided_on=2023-04-15
application: decision=不予, decided_on=2022-04-15
asset_hit: hit_kind=车辆, hit_value=1, checked_on=2023-10-10
asset_hit: hit_kind=存款, hit_value=60000, checked_on=2024-02-01
death_list: died_on=2024-04-10
temp_aid: amount=4000, cause=重病, granted_on=2024-03-05
temp_aid: amount=100, cause=重病, granted_on=2023-05-05
"""
PARAMETERS = {
    "dibao_std_urban": 700, "dibao_std_rural": 6000, "medical_alert_multiple": 3, "asset_deposit_limit": 50000,
    "asset_hit_months": 6, "temp_aid_cap_multiple": 5,
}  # fmt: skip
KINDS = tuple(
    (name, dict(part.split("=") for part in values.split(", ")))
    for name, values in (line.split(": ") for line in ROWS.strip().splitlines())
)
EVENTS = {"application", "asset_hit", "death_list", "temp_aid"}
COMPUTED = (
    "lead.lead",
    "lead.evaluated",
    "lead.unsure",
    "lead.lowinc_person",
    "lead.lowinc_movement",
    "lead.case_month",
)


class Judging:
    """A warehouse whose months are judged one after the other, with what it remembers or without."""

    def __init__(self, *, forgetful=False):
        self.county, self.forgetful, self.files = County(empty_warehouse()), forgetful, 0
        self.connection = self.county.connection

    def receives(self, month, rows, parameters=(), without=()):
        """Put the rows (person, kind) in place of the month's, as a corrected file does, and judge the month.

        `without`: lists that did not come.
        """
        self.files += 1
        for name in {name for name, _ in KINDS} | {"policy_param", "coverage"}:
            self.connection.execute(
                f"delete from register.{name} where month = $month", {"month": month}
            )
        self.county.covered(month, without=without)
        for code, value in {**PARAMETERS, **dict(parameters)}.items():
            self.county.parameter(code, value, "2020-01-01", month=month)
        for person, (name, values) in rows:
            cells = {"person_key": person, "month": month, "intake_no": self.files} | values
            if not dataset(name).has_township:
                cells.pop("town", None)
            self.county.rows(
                name, f"{' | '.join(cells)}\n{' | '.join(str(value) for value in cells.values())}"
            )
        if self.forgetful:
            self.connection.execute("delete from lead.cleared")
        compute(self.connection, [month])

    def receives_the_same(self, month, as_in):
        """Every list of who is on comes again in another file, the same row for row; lists of events come empty."""
        self.files += 1
        for name in {name for name, _ in KINDS} - EVENTS | {"coverage"}:
            on = " and active" if name in ("dibao_roll", "tekun_roll") else ""
            self.connection.execute(
                f"insert into register.{name} select * replace ($month as month, $file as intake_no) "
                f"from register.{name} where month = $as_in{on}",
                {"month": month, "file": self.files, "as_in": as_in},
            )
        compute(self.connection, [month])

    def found(self):
        return {
            table: self.connection.execute(f"select * from {table} order by all").fetchall()
            for table in COMPUTED
        }


# What stands beside each kind of row: three rows in which no rule finds anything, and one that a refusal explains.
BESIDE = [
    ("dibao_roll", {"scheme": "农村低保"}),
    ("pwd_roll", {"care_amount": "100"}),
    ("elder_roll", {"subsidy_kind": "高龄补贴", "age": "80"}),
    ("medical_burden", {"own_payment_ytd": "20000"}),
]


def everyone_with_everything():
    """Each kind of row alone, and each beside one of `BESIDE`."""
    alone = [(f"p{place}", kind) for place, kind in enumerate(KINDS)]
    beside = [
        (f"p{place}-{other}", kind)
        for place in range(len(KINDS))
        for other, companion in enumerate(BESIDE)
        for kind in (KINDS[place], companion)
    ]
    return alone + beside


def test_when_nothing_but_time_passes_each_month_finds_what_all_at_once_find():
    months = months_between("2024-03", "2024-07") + ["2025-04", "2025-05", "2026-03", "2026-04"]
    judging = Judging()
    judging.receives(months[0], everyone_with_everything())
    for month in months[1:]:
        judging.receives_the_same(month, months[0])
    stepwise = judging.found()
    compute(judging.connection, months)
    assert stepwise == judging.found()
    assert len({rule_id for rule_id, *_ in stepwise["lead.lead"]}) > 20, (
        "the rows put nearly every rule to the test"
    )


PARAMETERS_LATER = ({}, {}, {}, {"dibao_std_rural": 9600}, {"asset_hit_months": 12})


def a_story(chance, changes):
    """Changes one after the other: the month after the first, the rows that come new, the parameters from then on."""
    return [
        (
            chance.randint(0, 5),
            [(chance.choice("pqr"), chance.choice(KINDS)) for _ in range(chance.randint(0, 6))],
            chance.choice(PARAMETERS_LATER),
        )
        for _ in range(changes)
    ]


def assert_the_same_with_and_without_memory(story):
    """Every change replaces some of a month's rows: mostly they stay as they were in the month before."""
    one, other, rows = Judging(), Judging(forgetful=True), []
    for step, parameters in ((0, {}), (1, {})):
        for judging in (one, other):
            judging.receives(add_months(MONTH, step), rows, parameters)
    for step, new, parameters in story:
        rows = [*rows[-12:], *new] if step % 2 else [*rows[len(new) :], *new]
        for judging in (one, other):
            judging.receives(add_months(MONTH, step), rows, parameters)
        assert one.found() == other.found()


def test_any_months_and_corrections_give_the_same_with_and_without_memory():
    assert_the_same_with_and_without_memory(a_story(random.Random(2), 4))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3, 63))
def test_many_months_and_corrections_give_the_same_with_and_without_memory(seed):
    chance = random.Random(seed)
    assert_the_same_with_and_without_memory(a_story(chance, chance.randint(3, 12)))


def test_only_new_changed_and_found_persons_are_judged_again():
    judging = Judging()
    harmless, found = (dataset_row("lowinc_register"), dataset_row("elder_roll"))
    judging.receives(
        "2024-03", [("same", harmless), ("changed", harmless), ("found", found), ("gone", harmless)]
    )
    seen = []
    find = matching.find
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            matching,
            "find",
            lambda connection, chosen: (seen.extend(judged(connection)), find(connection, chosen)),
        )
        judging.receives(
            "2024-04", [("same", harmless), ("changed", found), ("found", found), ("new", harmless)]
        )
    assert sorted(seen) == ["changed", "found", "new"]


def test_who_is_not_on_a_list_that_comes_a_month_late_is_found_once_it_is_there():
    """Nothing about the person changes: without the list no rule could say that they are missing from it."""
    rows = [("p", dataset_row("pwd_card")), ("p", dataset_row("dibao_roll"))]
    judging = Judging()
    judging.receives("2024-03", rows, without=["pwd_roll"])
    assert leads(judging) == []
    judging.receives("2024-04", rows)
    assert leads(judging) == [("YX01", "2024-04", "p"), ("YX02", "2024-04", "p")]


def leads(judging):
    query = "select rule_id, month, person_key from lead.lead where rule_id like 'YX%' order by all"
    return judging.connection.execute(query).fetchall()


def judged(connection):
    query = "select person_key from lowinc_now union select person_key from active_elder"
    return [person for (person,) in connection.execute(query).fetchall()]


def dataset_row(name):
    return next(kind for kind in KINDS if kind[0] == name)


def test_a_run_that_was_stopped_leaves_nothing_to_rely_on(monkeypatch):
    judging = Judging()
    judging.receives("2024-03", everyone_with_everything()[:20])
    monkeypatch.setattr(matching, "find", stop)
    with pytest.raises(KeyboardInterrupt):
        compute(judging.connection, ["2024-03"])
    assert judging.connection.execute("select count(*) from lead.cleared").fetchall() == [(0,)]


def stop(*_):
    raise KeyboardInterrupt


def test_rules_see_no_day_and_no_register_only_what_a_condition_makes_of_them():
    """Else the same rows might give another answer in another month."""
    for name in (
        [rule.model for rule in rules()]
        + [f"lead/_{name}" for name in matching.COMBINED]
        + ["lead/lowinc_person"]
    ):
        text = model(name)
        assert not [
            word
            for word in ("register.", "raw.", "work.month", "_on", "month_end")
            if word in text.replace("string_agg", "")
        ], name
    assert {path.stem[1:] for path in (SQL / "lead").glob("_*.sql")} == {
        "covered",
        *matching.SHARED,
    }
    assert not set(changed.FACTS) & {*matching.COMBINED, "threshold"}
