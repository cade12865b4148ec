"""Templates: what is filled in as its notes say is accepted whole, and each documented mistake gets the documented answer."""

import datetime as dt
import io

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import get_column_letter

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.filling import example, form, words, wrong
from minzheng.errors import MinzhengError
from minzheng.intake.settings import reasons
from minzheng.intake.template import (
    EXAMPLE_ROW,
    FIRST_ROW,
    HEAD_ROW,
    LISTS,
    MARK,
    find_dataset,
    guide_rows,
    template,
    title,
    tolerated,
)
from simulation import ledgers
from simulation.county import records
from simulation.forms import Style, render
from tests.place import AREA, AREA_NAME

MONTH = "2024-03"
NUMBERS = ("yuan", "int", "percent", "decimal", "year")


@pytest.fixture(scope="session")
def true_records():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledgers, "VOUCHERS_FROM", MONTH)
        return records(MONTH, MONTH, 7, "county", None, ["care_voucher"])


def clerks_rows(name, frame, count):
    """The first rows of a dataset in the words of the template's lists."""
    rows = render(frame.head(count), Style(name, MONTH, AREA_NAME, "xlsx")).drop("uid")
    contract = dataset(name)
    labels = {"disability_level": {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}}
    for column in contract.columns:
        if column.codes and column.name in labels:
            rows = rows.with_columns(pl.col(column.name).replace(labels[column.name]))
    return rows.rows(named=True)


def typed(column, value):
    """A value as a spreadsheet keeps it when a clerk types it into a cell of the template's format."""
    if value is None or isinstance(value, int):
        return value
    if column.type in NUMBERS:
        try:
            return float(value)
        except ValueError:
            return value
    if column.type == "date":
        try:
            return dt.datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - a cell knows no zone
        except ValueError:
            return value
    return value


def filled(content, name, rows):
    """The template with rows written below the example, as its only other change."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, contract = book.worksheets[0], dataset(name)
    places = {cell.value: cell.column for cell in sheet[HEAD_ROW + 1]}
    for step, row in enumerate(rows):
        sheet.cell(FIRST_ROW + 1 + step, 1, step + 1)
        for column in contract.columns:
            value = typed(column, row[column.name])
            if value is not None and value != "":
                sheet.cell(FIRST_ROW + 1 + step, places[column.header], value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize("name", dataset_names())
def test_a_template_filled_by_the_simulator_is_accepted_without_the_example_row(
    county, true_records, name
):
    rows = clerks_rows(name, true_records[name], 30)
    told = county.sends(
        f"{MONTH}/{title(dataset(name))}.xlsx", filled(template(dataset(name), MONTH), name, rows)
    )
    assert (told.dataset, told.month, told.verdict) == (name, MONTH, "accept"), told.reasons
    assert told.rows_accepted == len(rows)
    assert not {"extra_columns", "hidden_sheet", "merged_cells"} & set(told.flags)


def example_row(contract):
    """The example as a real row: without the remark, by which alone the intake would leave it out."""
    columns = [column for column in contract.columns if column.name != "remark"]
    return {"remark": None} | {column.name: example(contract, column) or None for column in columns}


@pytest.mark.parametrize("name", dataset_names())
def test_the_example_row_taken_for_a_real_one_would_be_accepted(county, name):
    contract = dataset(name)
    row = example_row(contract)
    told = county.sends(f"{MONTH}/x.xlsx", filled(template(contract, MONTH), name, [row]))
    assert (told.verdict, told.rows_accepted) == ("accept", 1), told.reasons


@pytest.mark.parametrize("name", dataset_names())
def test_a_template_that_nobody_filled_brings_nothing_in(county, name):
    told = county.sends(f"{MONTH}/x.xlsx", template(dataset(name), MONTH))
    assert told.rows_accepted == 0
    assert "no_rows" in told.flags or told.verdict == "reject_file"


def mistakes():
    """Every documented mistake by the first dataset that has it: the same column is read alike in all."""
    columns = [(name, column) for name in dataset_names() for column in dataset(name).columns]
    found = {}
    for name, column in columns:
        for code in wrong(dataset(name), column):
            found.setdefault(
                (column.name, column.type, column.required, code), (name, column.name, code)
            )
    return list(found.values())


SHORT = ("care_facility", "comprehensive_return", "temp_aid")
"""Facilities, items and grants; the others' mistakes are made at night."""


@pytest.mark.parametrize(
    "name",
    [
        name if name in SHORT else pytest.param(name, marks=pytest.mark.nightly)
        for name in dataset_names()
    ],
)
def test_every_mistake_the_guide_documents_gets_the_answer_it_documents(county, true_records, name):
    """One file for each mistake: three right rows and one that is wrong in one cell."""
    contract = dataset(name)
    right = {one.name: example(contract, one) for one in contract.columns}
    rows = clerks_rows(name, true_records[name], 6)
    good = [row for row in rows if any(row[key] != right[key] for key in contract.key)][:3]
    base = template(contract, MONTH)
    own = [(column, code) for owner, column, code in mistakes() if owner == name]
    for step, (column, code) in enumerate(own):
        bad = example_row(contract)
        bad[column] = wrong(contract, contract.column(column))[code]
        told = county.sends(f"{MONTH}/{step}.xlsx", filled(base, name, [*good, bad]))
        level = (
            "flag"
            if code == "code_unknown" and tolerated(contract.column(column))
            else reasons()[code].level
        )
        heard = told.flags if level == "flag" else told.reasons
        assert code in heard, (column, code, told.verdict, told.reasons, told.flags)
        assert told.rows_quarantined == (level == "row"), (column, code, told.reasons)


def test_long_numbers_are_kept_as_text_and_words_are_picked_from_lists():
    book = openpyxl.load_workbook(io.BytesIO(template(dataset("dibao_roll"), MONTH, f"{AREA}201")))
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[HEAD_ROW + 1]}
    below = {
        heading: sheet.column_dimensions[get_column_letter(place)]
        for heading, place in places.items()
    }
    assert below["身份证号"].number_format == below["银行账号"].number_format == "@"
    assert sheet.cell(EXAMPLE_ROW + 1, places["行政区划代码"]).value.startswith(f"{AREA}201")
    rules = {
        next(iter(rule.sqref.ranges)).min_col: rule
        for rule in sheet.data_validations.dataValidation
    }
    assert rules[places["状态"]].type == "list"
    assert LISTS in rules[places["状态"]].formula1
    assert rules[places["月保障金额"]].type == "decimal"
    assert rules[places["出生日期"]].type == "date"
    assert sheet["A1"].value == f"{AREA_NAME}泉吉乡2024年3月城乡低保花名册"
    assert sheet.cell(EXAMPLE_ROW + 1, 1).value == MARK


def test_a_township_s_comprehensive_return_already_holds_every_item():
    book = openpyxl.load_workbook(
        io.BytesIO(template(dataset("comprehensive_return"), MONTH, f"{AREA}201"))
    )
    items = [
        row[3].value for row in book.worksheets[0].iter_rows(min_row=FIRST_ROW + 1) if row[3].value
    ]
    assert len(items) == len(set(items)) == 78


def test_a_dataset_is_found_by_its_chinese_title_and_a_misspelt_one_has_its_nearest_named():
    assert find_dataset("城乡低保花名册").dataset == "dibao_roll"
    with pytest.raises(MinzhengError, match="did you mean dibao_roll"):
        find_dataset("dibao_rol")
    with pytest.raises(MinzhengError, match="no township of the county"):
        template(dataset("dibao_roll"), MONTH, f"{AREA}999")


def test_the_guide_says_of_every_column_its_meaning_its_form_and_what_happens_when_it_is_wrong():
    for name in dataset_names():
        for column, row in zip(dataset(name).columns, guide_rows(dataset(name)), strict=True):
            assert row[2] != column.header, (name, column.name)
            assert form(dataset(name), column)
            assert example(dataset(name), column) or not column.required, (name, column.name)
            if words(dataset(name), column) and column.name not in (
                "village_name",
                "item_code",
                "unit",
            ):
                assert example(dataset(name), column) in ["", *words(dataset(name), column)], (
                    name,
                    column.name,
                )
