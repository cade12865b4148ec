"""Amounts that no programme pays and counts of persons that cannot be: such cells move no sum."""

import pytest

from minzheng.contracts.datasets import dataset
from minzheng.intake.read import read_file
from tests.intake.roster import csv_bytes, csv_text, people
from tests.place import AREA, AREA_NAME

AMOUNT, PERSONS = "月保障金额", "保障人口数"


def told(rows: list[dict], standards=()) -> dict[int, str]:
    """Row as the clerk sees it to the rule that put it aside."""
    (reading,) = read_file("a.csv", csv_bytes(rows), "2024-03", (), standards)
    return dict(reading.quarantine.select("row_no", "rule_id").iter_rows())


def with_cell(header: str, value: str) -> list[dict]:
    """The roster whose first row has another value."""
    rows = people()
    rows[0][header] = value
    return rows


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("-1", "amount_range"),
        ("20000.01", "amount_range"),
        ("20000", None),
        ("0", None),
        ("1215000", "amount_range"),
    ],
)
def test_an_amount_without_a_standard_is_judged_by_the_contracts_limit(value, rule):
    assert told(with_cell(AMOUNT, value)).get(3) == rule


STANDARDS = [
    ("dibao_std_rural", None, "2023-01-01", None, "4800"),
    ("dibao_std_rural", None, "2024-04-01", None, "48000"),
    ("dibao_std_rural", None, "2020-01-01", "2022-12-31", "480000"),
    ("dibao_std_urban", None, "2023-01-01", None, "1"),
]


@pytest.mark.parametrize(("value", "rule"), [("8000", None), ("8000.01", "amount_range")])
def test_an_amount_is_at_most_twenty_times_the_standard_in_force_a_month(value, rule):
    assert told(with_cell(AMOUNT, value), STANDARDS).get(3) == rule


def test_zero_for_an_active_person_is_told_and_stays():
    (reading,) = read_file("a.csv", csv_bytes(with_cell(AMOUNT, "0")), "2024-03")
    assert (reading.accepted, "amount_zero" in reading.flags) == (12, True)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("-1", "persons_range"),
        ("2.5", "persons_range"),
        ("100", "persons_range"),
        ("99", None),
        ("两", "number_format"),
    ],
)
def test_a_household_has_a_whole_number_of_persons_up_to_99(value, rule):
    assert told(with_cell(PERSONS, value)).get(3) == rule


def test_ten_wrong_amounts_move_no_sum():
    rows = people()
    for row, value in zip(rows, ["-5", "99999999", "-0.01", "1e9", "20001"] * 2, strict=False):
        row[AMOUNT] = value
    (reading,) = read_file("a.csv", csv_bytes(rows), "2024-03")
    assert (reading.accepted, reading.amount) == (2, "1506.00")


PAID = {
    "统计月份": "2024-03", "发放编号": "P1", "行政区划代码": f"{AREA}100204", "发放项目": "农村低保", "资金类别": "基本",
    "姓名": "", "身份证号": "", "银行账号": "999900001", "应发金额": "500", "实发金额": "500", "应发日期": "2024-03-10",
    "发放日期": "2024-03-05", "功能科目": "2081902",
}  # fmt: skip


def payment(**changed: str) -> dict[int, str]:
    """A ledger of a good payment and one with other cells."""
    headers = {column.name: column.header for column in dataset("payment_ledger").columns}
    names = [column.header for column in dataset("payment_ledger").columns]
    given = {headers[name]: value for name, value in changed.items()}
    codes = dict(zip(names, [PAID.get(name, "") for name in names], strict=True))
    rows = [codes, codes | {headers["payment_no"]: "P2"} | given]
    lines = [
        [f"{AREA_NAME}2024年3月救助补贴资金发放台账"],
        names,
        *([row[name] for name in names] for row in rows),
    ]
    lines = [list(line) + [""] * (len(names) - len(line)) for line in lines]
    (reading,) = read_file("a.csv", csv_text(lines).encode(), "2024-03", (), STANDARDS)
    return (
        {}
        if reading.quarantine is None
        else dict(reading.quarantine.select("row_no", "rule_id").iter_rows())
    )


def test_a_payment_may_be_negative_as_a_recovery_alone_and_large_for_what_has_no_standard():
    assert payment(amount_paid="-500").get(4) == "amount_range"
    assert payment(amount_paid="-500", payment_kind="追回") == {}
    assert payment(amount_paid="8001").get(4) == "amount_range"
    assert payment(amount_paid="-8001", payment_kind="追回").get(4) == "amount_range"
    assert payment(amount_paid="800000", scheme="购买服务") == {}


def test_a_standard_that_comes_later_judges_what_was_accepted(county):
    county.sends("roll.csv", csv_bytes(with_cell(AMOUNT, "9000")))
    assert county.ask("select count(*) from raw.dibao_roll") == [(12,)]
    columns = [column.name for column in dataset("policy_param").columns]
    row = {
        "param_code": "dibao_std_rural",
        "value": "4800",
        "unit": "元/人·年",
        "valid_from": "2023-01-01",
    }
    row |= {"decided_on": "2022-12-01", "source": "虚构文件", "doc_no": "虚构〔2022〕1号"}
    headers = [column.header for column in dataset("policy_param").columns]
    county.arrives(
        "2024-03/参数.csv", csv_text([headers, [row.get(name, "") for name in columns]]).encode()
    )
    county.take_in()
    assert county.ask("select count(*) from raw.dibao_roll") == [(11,)]
    assert county.ask("select rule_id from raw.quarantine") == [("amount_range",)]
