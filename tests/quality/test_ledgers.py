"""The ledgers: stock and flow, roll against money, and who sent what when."""

import datetime as dt

import duckdb
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from minzheng.contracts.calendar import calendar, expected_files
from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import townships_at
from minzheng.warehouse.connection import create_tables, set_months
from quality.gate import evaluate
from quality.ledgers import write_ledgers
from quality.outcomes import build_basis
from simulation.example import draw_county
from tests.conftest import sent_by_the_county
from tests.place import AREA

MONTHS = ["2024-01", "2024-02"]
TOWNSHIP = f"{AREA}100"


@pytest.fixture
def county(warehouse):
    draw_county(warehouse, MONTHS, persons=12)
    return warehouse


def ledgers(connection):
    """The ledgers of the months as `evaluate` writes them, without the rules beside them, which take three times as long."""
    set_months(connection, MONTHS)
    build_basis(connection)
    write_ledgers(connection)


def flow(connection, township=TOWNSHIP):
    found = connection.execute(
        "select * from quality.stock_flow where programme = 'dibao_roll' and month = '2024-02' and township_code = ?",
        [township],
    )
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchall()[0], strict=True))


ROLL = "update register.dibao_roll set"
PERSON = f"where month = '2024-02' and person_key = '{TOWNSHIP}-5'"


@pytest.mark.parametrize(
    ("statement", "column", "closing"),
    [
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '收入超标' {PERSON}",
            "exit_income",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '死亡' {PERSON}",
            "exit_death",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '迁出' {PERSON}",
            "exit_moved",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '核查不符' {PERSON}",
            "exit_verification",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '自愿退出' {PERSON}",
            "exit_voluntary",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '合并' {PERSON}",
            "exit_merged",
            11,
        ),
        (
            f"{ROLL} active = false, status = '停保', stop_reason = '其他' {PERSON}",
            "exit_other",
            11,
        ),
        (f"{ROLL} active = false, status = '停保' {PERSON}", "exit_unknown", 11),
        (f"delete from register.dibao_roll {PERSON}", "unexplained_out", 11),
        (f"{ROLL} township_code = '{AREA}101' {PERSON}", "moved_out", 11),
        (
            f"delete from register.dibao_roll where month = '2024-01' and person_key = '{TOWNSHIP}-5'",
            "unexplained_in",
            12,
        ),
    ],
)
def test_every_way_off_and_onto_the_roll_has_its_column(county, statement, column, closing):
    county.execute(statement)
    ledgers(county)
    row = flow(county)
    assert (row[column], row["closing"]) == (1, closing)


@pytest.mark.parametrize(("status", "column"), [("新增", "new"), ("恢复", "restored")])
def test_a_person_who_comes_in_says_how(county, status, column):
    county.execute(
        f"delete from register.dibao_roll where month = '2024-01' and person_key = '{TOWNSHIP}-5'"
    )
    county.execute(f"{ROLL} status = '{status}' {PERSON}")
    ledgers(county)
    assert flow(county)[column] == 1
    assert county.execute("select count(*) from quality.stock_flow_gap").fetchall() == [(0,)]


def test_a_move_is_no_entry_and_no_exit(county):
    county.execute(f"{ROLL} township_code = '{AREA}101', status = '新增' {PERSON}")
    ledgers(county)
    assert (flow(county)["moved_out"], flow(county)["exit_moved"]) == (1, 0)
    assert (flow(county, f"{AREA}101")["moved_in"], flow(county, f"{AREA}101")["new"]) == (1, 0)


def test_without_the_month_before_there_is_no_opening(county):
    ledgers(county)
    openings = county.execute(
        "select distinct opening from quality.stock_flow where month = '2024-01'"
    ).fetchall()
    assert openings == [(None,)]


FLOWS = "new + restored + moved_in + unexplained_in"
EXITS = (
    "moved_out + exit_income + exit_death + exit_moved + exit_verification + exit_voluntary + exit_merged + exit_other"
    " + exit_unknown + unexplained_out"
)


@settings(max_examples=10, deadline=None)
@for_all(
    st.lists(
        st.tuples(
            st.sampled_from(MONTHS), st.integers(0, 7), st.sampled_from(["gone", "停保", "新增", "恢复", "moved"]),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_opening_and_flows_always_make_the_closing_and_closing_is_the_next_opening(changes):
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS, persons=8)
    for month, person, change in changes:
        where = f"where month = '{month}' and person_key = '{TOWNSHIP}-{person}'"
        if change == "gone":
            connection.execute(f"delete from register.dibao_roll {where}")
        elif change == "moved":
            connection.execute(f"{ROLL} township_code = '{AREA}101' {where}")
        else:
            connection.execute(f"{ROLL} status = '{change}', active = {change != '停保'} {where}")
    ledgers(connection)
    wrong = connection.execute(
        f"select * from quality.stock_flow where opening + {FLOWS} - ({EXITS}) <> closing"
    ).fetchall()
    torn = connection.execute(
        "select * from quality.stock_flow as now inner join quality.stock_flow as before"
        " on now.programme = before.programme and now.township_code = before.township_code"
        " and now.month = '2024-02' and before.month = '2024-01' where now.opening <> before.closing"
    ).fetchall()
    connection.close()
    assert (wrong, torn) == ([], [])


@pytest.mark.parametrize(
    ("kind", "amount", "klass"),
    [
        ("补发", 60, "arrears"),
        ("价格临时补贴", 20, "price_subsidy"),
        ("追回", -30, "recovery"),
        ("基本", 5, "unexplained"),
    ],
)
def test_money_beside_the_roll_is_classed(county, kind, amount, klass):
    county.execute(
        "insert into register.payment_ledger (month, township_code, payment_key, scheme, payment_kind, person_key, amount_due,"
        " amount_paid, paid_on) values ('2024-02', ?, 'x', '城市低保', ?, ?, 0, ?, date '2024-02-20')",
        [TOWNSHIP, kind, f"{TOWNSHIP}-2", amount],
    )
    ledgers(county)
    rows = county.execute(
        "select household_key, persons, standard_amount, difference, class from quality.money_reconciliation where class <> 'agree'"
    ).fetchall()
    assert rows == [(f"h-{TOWNSHIP}-1", 2, 1440, amount, klass)]


def test_everything_agrees_in_a_clean_month(county):
    evaluate(county, MONTHS)
    assert county.execute("select distinct class from quality.money_reconciliation").fetchall() == [
        ("agree",)
    ]


@pytest.mark.parametrize(
    ("received", "state"),
    [("2024-03-05 23:59", "on_time"), ("2024-03-06 00:00", "after_due"), ("2024-03-15 23:59", "after_due"), ("2024-03-16 00:00", "late")],
)  # fmt: skip
def test_the_calendar_tells_due_late_and_missing(county, received, state):
    county.execute(
        "update register.coverage set first_received_at = ? where dataset = 'dibao_roll' and month = '2024-02'"
        f" and township_code = '{TOWNSHIP}'",
        [received],
    )
    county.execute(
        f"delete from register.coverage where dataset = 'tekun_roll' and month = '2024-02' and township_code = '{AREA}101'"
    )
    ledgers(county)
    told = dict(
        county.execute(
            "select dataset || township_code, state from quality.completeness where month = '2024-02'"
        ).fetchall()
    )
    assert told["dibao_roll" + TOWNSHIP] == state
    assert told[f"tekun_roll{AREA}101"] == "missing"
    assert told[f"region{AREA}"] == "not_expected"


def test_a_cut_off_parameter_overrides_the_calendar(county):
    county.execute(
        "insert into register.policy_param (month, param_code, value, unit, valid_from, intake_no, row_no)"
        " values ('2024-01', 'report_cutoff_day', 20, '日', date '2020-01-01', 1, 99)"
    )
    sent_by_the_county(county, "register.policy_param")
    ledgers(county)
    assert county.execute(
        "select distinct cut_off_on from quality.completeness where month = '2024-02' and cut_off_on is not null"
    ).fetchall() == [(dt.date(2024, 3, 20),)]


def test_the_calendar_asks_thirteen_datasets_of_every_township_by_the_fifth():
    senders = [
        name
        for name, due in calendar().datasets.items()
        if due.sender == "townships" and due.due_day is None and not dataset(name).optional
    ]
    assert len(senders) == 13
    rows = expected_files({"2024-01": townships_at("2024-01")}, {})
    assert (
        ("dibao_roll", "2024-01", TOWNSHIP, True, dt.date(2024, 2, 5), dt.date(2024, 2, 15))
    ) in rows


def test_months_are_replaced_and_others_left_alone(county):
    evaluate(county, MONTHS)
    before = county.execute(
        "select * from quality.stock_flow where month = '2024-01' order by all"
    ).fetchall()
    set_months(county, ["2024-02"])
    evaluate(county, ["2024-02"])
    assert (
        county.execute(
            "select * from quality.stock_flow where month = '2024-01' order by all"
        ).fetchall()
        == before
    )


def test_an_indicator_names_the_dataset_that_keeps_it_from_being_complete(county):
    county.execute(
        f"delete from register.coverage where dataset = 'payment_ledger' and month = '2024-01' and township_code = '{AREA}101'"
    )
    ledgers(county)
    told = county.execute(
        "select township_code, needed, received, missing_datasets, complete from quality.indicator_input"
        f" where indicator_id = 'dibao_spend_urban_ytd' and month = '2024-02' and township_code in ('{AREA}', '{AREA}100', '{AREA}101')"
        " order by township_code"
    ).fetchall()
    assert told == [
        (AREA, 10, 9, "payment_ledger", False),
        (f"{AREA}100", 2, 2, None, True),
        (f"{AREA}101", 2, 1, "payment_ledger", False),
    ]
