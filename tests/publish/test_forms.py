"""The Ministry's form and a supplied workbook filled by a cell map."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from lxml import etree

from minzheng.cli import cli
from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.cells import Published
from minzheng.publish.report.cell_map import CellMap, fill_workbook, read_cell_map
from minzheng.publish.report.ministry_form import change, fill, form, forms_due, write_form
from tests.conftest import read_drawing
from tests.place import AREA, AREA_NAME, PREFECTURE_SPELT
from tests.publish.conftest import write_release


def row_of(published, name, indicator):
    return next(
        row
        for row in fill(published, name)
        if row.row.indicator == indicator and not row.row.breakdown
    )


def at_month(published, month):
    return Published(published.frames, month)


def test_the_monthly_form_shows_now_before_and_change(published):
    row = row_of(published, "YZH01", "inst_beds")
    assert (row.now, row.before, row.change) == (173.0, 172.0, 0.58)


def test_the_quarterly_form_looks_back_three_months(published):
    row = row_of(published, "JZH01", "inst_beds")
    assert (row.now, row.before, row.change) == (173.0, 170.0, 1.76)


def test_year_to_date_rows_have_no_change_across_january(published):
    january = row_of(at_month(published, "2024-01"), "YZH01", "civil_spend_ytd")
    assert january.before > january.now
    assert january.change is None
    assert row_of(published, "YZH01", "civil_spend_ytd").change is not None
    assert row_of(published, "JZH01", "civil_spend_ytd").change is None  # March against December
    stock = row_of(at_month(published, "2024-01"), "YZH01", "inst_beds")
    assert stock.change is not None


def test_no_change_over_a_new_definition_or_from_nothing(published):
    row = form("YZH01").rows[0]
    now = published.cell("civil_spend_ytd")
    assert change(now, replace(now, definition_version="0"), row) is None
    resident, census = (
        replace(now, note=f"人口口径:{source}(2023年)") for source in ("常住人口", "普查人口")
    )
    assert change(resident, census, row) is None
    assert change(resident, replace(resident, note="人口口径:常住人口(2022年)"), row) == 0.0
    assert change(now, replace(now, value=0.0), row) is None
    assert change(now, replace(now, state="missing", value=None), row) is None


def test_missing_is_blank_and_withheld_has_its_sign(published):
    hide = (pl.col("indicator_id") == "orphan_total") & (pl.col("ref_area") == AREA)
    observations = published.frames.observations.with_columns(
        pl.when(hide).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("obs_value", "numerator", "denominator", "lower_bound", "upper_bound")
    ).with_columns(pl.when(hide).then(pl.lit("C")).otherwise("conf_status").alias("conf_status"))
    hidden = Published(replace(published.frames, observations=observations), published.month)
    assert row_of(hidden, "YZH01", "orphan_total").now == "＊"
    assert row_of(hidden, "YZH01", "old_age_allowance").now == 1422.0
    assert row_of(hidden, "YZH01", "lottery_sales").now is None


def test_townships_are_counted_by_kind(published):
    counts = {
        row.row.township_kind: row.now for row in fill(published, "YZH01") if row.row.township_kind
    }
    assert counts == {"镇": 2.0, "乡": 3.0, "镇乡": 5.0}


def test_the_quarterly_form_is_due_at_a_quarter_s_end_only(published, tmp_path):
    assert forms_due("2024-03") == ["YZH01", "JZH01"]
    assert forms_due("2024-04") == ["YZH01"]
    with pytest.raises(MinzhengError, match="does not end a quarter"):
        write_form(at_month(published, "2024-02"), "JZH01", tmp_path / "j.xlsx")
    with pytest.raises(WrongCall, match="no form X"):
        form("X")


def test_the_form_s_workbook_has_the_head_of_the_ministry(release):
    sheet = openpyxl.load_workbook(release / "forms" / "YZH01.xlsx").active
    head = " ".join(str(cell.value) for row in sheet["A1:F7"] for cell in row if cell.value)
    for text in (
        "YZH01表",
        "制表机关：民政部",
        "国统制〔2023〕83号",
        f"地区编码：{AREA}000000",
        "报告期：2024年3月",
    ):
        assert text in head
    assert [cell.value for cell in sheet[8]] == ["甲", "丙", "乙", "1", "2", "3"]
    assert [cell.value for cell in sheet[9]][:4] == [
        "一、民政事业费累计支出*",
        "万元",
        "YZH011200000",
        810.4,
    ]


@pytest.fixture
def supplied(tmp_path):
    """A workbook of the prefecture: styles, a merged title, a formula, a picture-like extra part."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "上报表"
    sheet["A1"] = f"{PREFECTURE_SPELT}民政月报"
    sheet.merge_cells("A1:C1")
    for row, name in enumerate(("城市低保人数", "农村低保人数", "孤儿数"), 3):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2).number_format = "#,##0"
        sheet.cell(row, 2).font = openpyxl.styles.Font(bold=True, color="FF0000")
    sheet["B6"] = "=SUM(B3:B4)"
    book.create_sheet("填报说明")["A1"] = "不要改动"
    path = tmp_path / "州表.xlsx"
    book.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("customXml/item1.xml", "<州/>")
    return path


CELLS = (
    """
title: {PREFECTURE_SPELT}民政月报
office: {AREA_NAME}民政局
sheets:
  - sheet: 上报表
    cells:
      B2: {text: month}
      B3: {indicator: dibao_urban_persons}
      C3: {indicator: dibao_urban_persons, months_back: 1}
      B4: {indicator: dibao_rural_persons, area: "{AREA}100"}
      B5: {indicator: orphan_total, area: "{AREA}202"}
      D9: {indicator: elder_assess_rate}
""".replace("{AREA}", AREA)
    .replace("{AREA_NAME}", AREA_NAME)
    .replace("{PREFECTURE_SPELT}", PREFECTURE_SPELT)
)


@pytest.fixture
def cell_map(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(CELLS, encoding="utf-8")
    return read_cell_map(path)


def test_a_supplied_workbook_is_filled_and_nothing_else_changes(
    supplied, cell_map, published, tmp_path
):
    target = tmp_path / "out.xlsx"
    fill_workbook(supplied, cell_map, published, target)
    before, after = openpyxl.load_workbook(supplied), openpyxl.load_workbook(target)
    filled = {"B2": "2024年3月", "B3": 512, "C3": 511, "B4": 770, "B5": "＊", "D9": None}
    for sheet in before:
        for row in after[sheet.title].iter_rows():
            for cell in row:
                old = sheet[cell.coordinate]
                mapped = sheet.title == "上报表" and cell.coordinate in filled
                assert cell.value == (filled[cell.coordinate] if mapped else old.value)
                assert (cell.number_format, cell.font.b, cell.font.color) == (
                    old.number_format,
                    old.font.b,
                    old.font.color,
                )
    with zipfile.ZipFile(supplied) as one, zipfile.ZipFile(target) as other:
        assert one.namelist() == other.namelist()
        differing = [name for name in one.namelist() if one.read(name) != other.read(name)]
    assert differing == ["xl/worksheets/sheet1.xml", "xl/workbook.xml"] or set(differing) == {
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
    }
    assert after.calculation.fullCalcOnLoad


@pytest.fixture
def elaborate(tmp_path):
    """A workbook with what offices put in: formats, merged cells, drop-downs, names, a comment, a chart, protection, macros."""
    path = tmp_path / "州表.xlsm"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("上报表")
        sheet.merge_range(
            "A1:D1",
            f"{PREFECTURE_SPELT}民政月报",
            book.add_format({"bold": True, "align": "center", "bg_color": "#FFF2CC"}),
        )
        sheet.write_row(
            "A3",
            ["城市低保人数", 0, 0, "=B3-C3"],
            book.add_format({"num_format": "#,##0", "border": 1}),
        )
        sheet.write_formula("D4", "=SUM(B3:B5)")
        sheet.data_validation("B3:B9", {"validate": "integer", "criteria": ">=", "value": 0})
        sheet.conditional_format("B3:B9", {"type": "data_bar"})
        sheet.write_comment("A3", "月末在册人数")
        sheet.set_column("A:A", 30)
        sheet.freeze_panes(2, 1)
        sheet.protect("secret", {"format_cells": True})
        sheet.print_area("A1:D9")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=上报表!$B$3:$B$5"})
        sheet.insert_chart("F2", chart)
        book.define_name("上月", "=上报表!$C$3:$C$5")
        book.add_worksheet("填报说明").write("A1", "不要改动")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", bytes(range(256)))
    return path


def without(sheet_xml, addresses):
    """The sheet's canonical XML without the cells at those addresses and without rows that hold nothing else."""
    root = etree.fromstring(sheet_xml)
    for cell in [one for one in root.iter("{*}c") if one.get("r") in addresses]:
        cell.getparent().remove(cell)
    for row in [one for one in root.iter("{*}row") if not len(one)]:
        row.getparent().remove(row)
    return etree.tostring(root, method="c14n")


def test_of_an_elaborate_workbook_only_the_mapped_cells_differ(
    elaborate, cell_map, published, tmp_path
):
    target = tmp_path / "out.xlsm"
    fill_workbook(elaborate, cell_map, published, target)
    with zipfile.ZipFile(elaborate) as one, zipfile.ZipFile(target) as other:
        assert [info.filename for info in one.infolist()] == [
            info.filename for info in other.infolist()
        ]
        differing = {name for name in one.namelist() if one.read(name) != other.read(name)}
        assert differing == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
        mapped = {"B2", "B3", "C3", "B4", "B5", "D9"}
        before, after = (
            without(book.read("xl/worksheets/sheet1.xml"), mapped) for book in (one, other)
        )
        assert before == after
        styles = [
            dict(re.findall(rb'<c r="(\w+)" s="(\d+)"', book.read("xl/worksheets/sheet1.xml")))
            for book in (one, other)
        ]
        assert styles[0].items() <= styles[1].items()
    assert openpyxl.load_workbook(target)["上报表"]["B3"].value == 512


def test_filling_twice_gives_the_same_bytes(supplied, cell_map, published, tmp_path):
    for name in ("a", "b"):
        fill_workbook(supplied, cell_map, published, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"B6": {"indicator": "inst_beds"}}, "cell B6 holds a formula"),
        ({"B1": {"indicator": "inst_beds"}}, "cell B1 lies inside a merged range"),
        ({"7B": {"indicator": "inst_beds"}}, "not a cell address: 7B"),
        ({"B3": {"indicator": "no_such"}}, f"the edition has no cell no_such/{AREA}/2024-03"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(supplied, published, tmp_path, cells, fault):
    wrong = CellMap.model_validate({"title": "x", "sheets": [{"sheet": "上报表", "cells": cells}]})
    with pytest.raises(MinzhengError, match=fault):
        fill_workbook(supplied, wrong, published, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_wrong_sheet_workbook_or_map_is_refused_in_one_line(
    supplied, cell_map, published, tmp_path
):
    wrong = CellMap.model_validate({"title": "x", "sheets": [{"sheet": "没有", "cells": {}}]})
    with pytest.raises(MinzhengError, match="the workbook has no sheet 没有"):
        fill_workbook(supplied, wrong, published, tmp_path / "out.xlsx")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(MinzhengError, match="not a format that is taken in"):
        fill_workbook(tmp_path / "old.xls", cell_map, published, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(MinzhengError, match="other.xlsx: not a format that is taken in"):
        fill_workbook(tmp_path / "other.xlsx", cell_map, published, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "strict.xlsx", "w") as archive:
        archive.writestr(
            "xl/workbook.xml", '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'
        )
    with pytest.raises(MinzhengError, match="strict form of Open XML"):
        fill_workbook(tmp_path / "strict.xlsx", cell_map, published, tmp_path / "out.xlsx")
    (tmp_path / "bad.yaml").write_text("title: x\nunknown: 1\nsheets: []\n", encoding="utf-8")
    with pytest.raises(MinzhengError, match="cell map bad.yaml cannot be used"):
        read_cell_map(tmp_path / "bad.yaml")


SEEN = """
    format    | kept
    General   | 512
    #,##0     | 512
    0.0%      | 5.12
    #,##0,    | 512000
    0"人"      | 512
"""


@pytest.mark.parametrize(("code", "kept"), read_drawing(SEEN)[1], ids=lambda text: str(text))
def test_a_cell_holds_what_its_format_shows_as_the_figure(
    supplied, published, tmp_path, code, kept
):
    book = openpyxl.load_workbook(supplied)
    book["上报表"]["B3"].number_format = code
    book.save(supplied)
    cells = CellMap.model_validate(
        {
            "title": "x",
            "sheets": [{"sheet": "上报表", "cells": {"B3": {"indicator": "dibao_urban_persons"}}}],
        }
    )
    fill_workbook(supplied, cells, published, tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["上报表"]["B3"].value == pytest.approx(
        float(kept)
    )


def test_a_cell_whose_format_shows_no_plain_number_is_refused_by_name(
    supplied, published, tmp_path
):
    book = openpyxl.load_workbook(supplied)
    book["上报表"]["B3"].number_format = '0!.0,"万"'
    book.save(supplied)
    cells = CellMap.model_validate(
        {
            "title": "x",
            "sheets": [{"sheet": "上报表", "cells": {"B3": {"indicator": "dibao_urban_persons"}}}],
        }
    )
    with pytest.raises(MinzhengError, match="cell B3 has the number format"):
        fill_workbook(supplied, cells, published, tmp_path / "out.xlsx")


def test_a_workbook_without_formulas_keeps_its_workbook_part(cell_map, published, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "上报表"
    buffer = io.BytesIO()
    book.save(buffer)
    (tmp_path / "p.xlsx").write_bytes(buffer.getvalue())
    fill_workbook(tmp_path / "p.xlsx", cell_map, published, tmp_path / "o.xlsx")
    with zipfile.ZipFile(tmp_path / "p.xlsx") as one, zipfile.ZipFile(tmp_path / "o.xlsx") as other:
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == [
            "xl/worksheets/sheet1.xml"
        ]
    assert openpyxl.load_workbook(tmp_path / "o.xlsx").active["B3"].value == 512


def supplied_by(path, sheet="上报表"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    book.active["A4"] = "城市低保人数"
    book.save(path)
    return path


def test_the_command_fills_a_copy_from_the_draft_or_says_in_one_line_why_not(
    frames, month, signer, tmp_path
):
    write_release(
        tmp_path / "drafts" / month / "prefecture", month, frames, "prefecture", key=signer
    )
    book, out = supplied_by(tmp_path / "in.xlsx"), tmp_path / "filled" / "out.xlsx"
    call = ["fill-form", "--home", str(tmp_path), "--month", month, "--workbook", str(book)]
    example = ["--map", str(CONTRACTS / "forms" / "example_map.yaml")]
    done = CliRunner().invoke(
        cli, [*call, *example, "--to", str(out), "--draft"], catch_exceptions=False
    )
    assert (done.exit_code, done.output) == (0, f"8 cells filled in {out}\n")
    sheet = openpyxl.load_workbook(out)["上报表"]
    assert [sheet[at].value for at in ("A4", "B1", "B2", "B4", "C4")] == [
        "城市低保人数", f"{AREA_NAME}民政局", "2024年3月", 512, 511,
    ]  # fmt: skip
    unreleased = CliRunner().invoke(cli, [*call, *example, "--to", str(out)])
    assert isinstance(unreleased.exception, MinzhengError)
    itself = CliRunner().invoke(cli, [*call, *example, "--to", str(book), "--draft"])
    assert "must not be the workbook itself" in str(itself.exception)


def test_the_example_map_names_indicators_that_there_are():
    example = read_cell_map(CONTRACTS / "forms" / "example_map.yaml")
    named = {
        cell.indicator
        for sheet in example.sheets
        for cell in sheet.cells.values()
        if cell.indicator
    }
    assert named <= set(registry())
