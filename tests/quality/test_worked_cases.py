"""Policy staff's worked cases come out as they say; a wrong line is named, and so is every fault of the workbook."""

import dataclasses
import io

import openpyxl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.errors import MinzhengError
from quality.worked_cases import WORKBOOK, check, read_cases, workbook


@pytest.fixture(scope="module")
def cases():
    return read_cases(WORKBOOK)


def by_day(cases):
    """A case in five: each is computed with all indicators and rules."""
    return cases[::5]


@pytest.mark.parametrize("chosen", [by_day, pytest.param(list, marks=pytest.mark.nightly)])
def test_the_shipped_cases_come_out_as_they_say(cases, chosen):
    answers = check(chosen(cases))
    assert [answer.zh for answer in answers if not answer.right] == []
    assert len(cases) >= 40
    assert all(case.basis for case in cases)


def test_every_line_turned_round_is_named(cases):
    """The check can fail: what was wanted is turned into its opposite."""
    chosen = [case for case in cases if case.number in ("1", "15", "45")]
    turned = []
    for case in chosen:
        due = [
            dataclasses.replace(one, wanted={"有": "无", "无": "有"}.get(one.wanted, "12345"))
            for one in case.due
        ]
        turned.append(dataclasses.replace(case, due=due))
    answers = check(turned)
    assert not [answer for answer in answers if answer.right]
    assert "“甲” LB01：应为 无，实为 有" in answers[0].zh


def test_a_written_workbook_reads_back_as_the_same_cases(cases, tmp_path):
    path = tmp_path / "again.xlsx"
    path.write_bytes(workbook(cases[:5]))
    told = [
        (case.number, case.title, [(line.person, line.facts) for line in case.known])
        for case in cases[:5]
    ]
    again = [
        (case.number, case.title, [(line.person, line.facts) for line in case.known])
        for case in read_cases(path)
    ]
    assert again == told


def book(given, due, listed=(("1", "一人户", "社会救助法", "2024-03"),)):
    """A workbook of cases with these lines."""
    found = openpyxl.load_workbook(io.BytesIO(workbook()))
    for sheet, rows in (("案例", listed), ("已知", given), ("应得", due)):
        for row in rows:
            found[sheet].append(row)
    return found


@pytest.mark.parametrize(
    ("given", "due", "told"),
    [
        ([("1", "甲", "低保册", "", "")], [], "“已知”第2行：没有“低保册”这种表"),
        ([("1", "甲", "城乡低保花名册", "", "收入=3")], [], "“已知”第2行：“收入=3”应写作“列=值”"),
        ([("1", "甲", "城乡低保花名册", "", "状态=在")], [("1", "甲", "D06", "有")], "“已知”第2行：状态：用词或代码不在代码表中"),
        ([("2", "甲", "城乡低保花名册", "", "")], [], "“已知”第2行：“案例”表中没有 2"),
        ([], [("1", "甲", "XX01", "有")], "“应得”第2行：没有代码为 XX01 的"),
        ([], [("1", "甲", "LB01", "5")], "“应得”第2行：应为 有、无、未判断"),
        ([], [("1", "", "inst_beds", "多")], "“应得”第2行：应为 缺报、不适用或数值"),
        ([("1", "甲", "城乡低保花名册", "", "")], [], "案例 1 在“应得”中没有一行"),
    ],
)  # fmt: skip
def test_a_fault_of_the_workbook_is_named_with_sheet_and_row(given, due, told, tmp_path):
    path = tmp_path / "cases.xlsx"
    book(given, due).save(path)
    with pytest.raises(MinzhengError) as error:
        check(read_cases(path))
    assert told in error.value.zh


def test_the_command_ends_with_status_one_when_a_case_comes_out_otherwise(tmp_path):
    path = tmp_path / "cases.xlsx"
    assert CliRunner().invoke(cli, ["cases", "template", "--to", str(path)]).exit_code == 0
    book(
        [("1", "甲", "城乡低保花名册", "", "救助类别=农村低保")],
        [("1", "", "dibao_rural_persons", "2")],
    ).save(path)
    told = CliRunner().invoke(cli, ["cases", "check", str(path)])
    assert told.exit_code == 1
    assert "应为 2，实为 1" in told.output
    assert "相符0，不符1" in told.output
