"""tables.xlsx: real numbers, text codes, frozen panes, page fit, nothing that could run."""

import datetime as dt
import re
import zipfile
from dataclasses import replace

import openpyxl
import polars as pl
import pytest

from minzheng.publish.cell import Cell, Reference
from minzheng.publish.cells import Published
from minzheng.publish.tables.sheets import status_months
from minzheng.publish.tables.workbook import write_tables
from tests.place import AREA

SHEETS = ["说明", "表1 规划进展", "表2 分乡镇", "表3 月度序列", "元数据", "修订记录"]


@pytest.fixture(scope="module")
def book(release):
    return openpyxl.load_workbook(release / "tables.xlsx")


def test_one_table_a_sheet_with_title_note_and_frozen_head(book):
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A1"].value
        assert sheet["A2"].value
        assert sheet.freeze_panes.endswith("5")
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$4:$4"
        assert not sheet.merged_cells.ranges


def test_numbers_are_numbers_codes_are_text_and_months_are_dates(book):
    head, *rows = book["表3 月度序列"].iter_rows(min_row=4, values_only=True)
    assert head[:2] == ("指标", "单位")
    assert all(isinstance(month, dt.datetime) for month in head[2:-2])
    assert len(rows) > 30
    for row in rows:
        assert isinstance(row[-1], str)
        assert all(value is None or isinstance(value, int | float) for value in row[2:-2])


def test_a_series_says_which_months_have_no_value_and_why(book, frames, month):
    rows = {row[-1]: row for row in book["表3 月度序列"].iter_rows(min_row=5, values_only=True)}
    assert rows["elder_assess_rate"][-3:-1] == (None, f"{month}缺报")
    assert (
        rows["dibao_urban_households"][-2] is None
        or "缺报" not in rows["dibao_urban_households"][-2]
    )


def test_a_change_of_definition_is_a_mark_at_its_cell_and_told_beside_it(
    broken_frames, month, tmp_path
):
    write_tables(Published(broken_frames, month), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    marked = {}
    for sheet in book:
        for row in sheet.iter_rows(min_row=5):
            signs = [
                cell
                for cell in row
                if "‡" in cell.number_format or cell.border.left.style == "double"
            ]
            marked |= {(sheet.title, row[-1].value, cell.column): cell for cell in signs}
    heads = {
        at: told
        for at, told in enumerate(
            next(book["表3 月度序列"].iter_rows(min_row=4, max_row=4, values_only=True)), 1
        )
    }
    series = {(code, f"{heads[at]:%Y-%m}") for sheet, code, at in marked if sheet == "表3 月度序列"}
    assert series == {
        ("inst_beds", "2023-10"),
        ("dibao_urban_persons", month),
        ("elder_assess_rate", month),
    }
    assert {code for sheet, code, _ in marked if sheet == "表2 分乡镇"} == {
        "dibao_urban_persons",
        "elder_assess_rate",
    }
    assert [code for sheet, code, _ in marked if sheet == "表1 规划进展"] == ["elder_assess_rate"]
    for (_, code, _), cell in marked.items():
        assert cell.border.left.style == "double"
        assert (
            (cell.value is not None)
            == ("‡" in cell.number_format)
            == isinstance(cell.value, int | float)
        ), code
    told = {row[-1]: row for row in book["表3 月度序列"].iter_rows(min_row=5, values_only=True)}
    assert told["inst_beds"][-2] == "2023-10起口径调整"
    assert told["elder_assess_rate"][-2] == f"{month}缺报；{month}起口径调整"
    towns = {row[-1]: row for row in book["表2 分乡镇"].iter_rows(min_row=5, values_only=True)}
    assert (towns["elder_assess_rate"][3], towns["dibao_urban_persons"][3]) == (
        "缺报；口径调整",
        "口径调整",
    )
    legend = dict(book["说明"].iter_rows(min_row=5, max_col=2, values_only=True))
    assert "双竖线" in legend["断点"]
    assert "‡" in legend["断点"]
    assert "“‡”" in book["表3 月度序列"]["A2"].value


def test_without_a_change_of_definition_nothing_is_marked(book):
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=5) for cell in row]
    assert not [cell for cell in cells if "‡" in cell.number_format or cell.border.left.style]


SERIES = [
    ("", ""),
    ("2 . .", ""),
    (". M M", "2024-02至2024-03缺报"),
    ("M . C", "2024-01缺报；2024-03不予公布"),
    ("M C C", "2024-01缺报；2024-02至2024-03不予公布"),
    ("E E .", "2024-01至2024-02推算"),
]


@pytest.mark.parametrize(("drawn", "told"), SERIES)
def test_runs_of_months_without_a_value_are_told_once(drawn, told):
    states = {"M": "missing", "C": "suppressed"}
    cells = [
        Cell(
            Reference("x", AREA, f"2024-0{at}"),
            states.get(sign, "value"),
            obs_status=sign if sign == "E" else "A",
        )
        for at, sign in enumerate(drawn.split(), 1)
    ]
    assert status_months(cells) == told


def test_a_cell_without_a_value_is_empty_and_its_status_says_why(book):
    rows = {row[-1]: row for row in book["表2 分乡镇"].iter_rows(min_row=5, values_only=True)}
    row = rows["elder_assess_rate"]
    assert (row[2], row[3], row[-2]) == (None, "缺报", "4/5")
    assert row[-4:-2] == (None, "缺报")


def test_values_equal_the_published_cells_at_their_digits(book, frames, month):
    values = dict(
        frames.observations.filter(
            (pl.col("time_period") == month)
            & (pl.col("ref_area") == AREA)
            & (pl.col("category") == "_T")
        )
        .select("indicator_id", "obs_value")
        .iter_rows()
    )
    decimals = dict(frames.indicators.select("indicator_id", "decimals").iter_rows())
    rows = [
        row
        for row in book["表2 分乡镇"].iter_rows(min_row=5, values_only=True)
        if row[2] is not None
    ]
    assert len(rows) > 10
    for row in rows:
        assert abs(row[2] - values[row[-1]]) <= 0.5 * 10 ** -decimals[row[-1]] + 1e-9


def test_shares_alone_are_excel_percentages(book):
    sheet = book["表1 规划进展"]
    formats = {
        sheet.cell(4, column).value: sheet.cell(5, column).number_format for column in range(1, 18)
    }
    assert [name for name, told in formats.items() if "%" in told] == ["完成率", "进度"]


def test_there_is_one_native_chart_with_a_description(release):
    with zipfile.ZipFile(release / "tables.xlsx") as archive:
        names = archive.namelist()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert [name for name in names if name.startswith("xl/charts/")] == ["xl/charts/chart1.xml"]
    assert 'descr="条形图' in drawing


def test_the_chart_shows_only_rows_with_a_way_gone(release, book):
    with zipfile.ZipFile(release / "tables.xlsx") as archive:
        last = int(
            re.findall(r"\$M\$5:\$M\$(\d+)", archive.read("xl/charts/chart1.xml").decode())[0]
        )
    ways = [
        row[12] for row in book["表1 规划进展"].iter_rows(min_row=5, values_only=True) if row[0]
    ]
    assert None in ways
    assert last - 4 == sum(way is not None for way in ways)


def test_text_is_never_a_formula(frames, month, tmp_path):
    named = frames.indicators.with_columns(name_zh=pl.lit("=1+1"), definition_zh=pl.lit("@cmd"))
    write_tables(Published(replace(frames, indicators=named), month), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book["元数据"]["A5"].value == "=1+1"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
