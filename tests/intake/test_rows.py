"""What stands around the data, what is data whatever it looks like, and the containers both come in: in every form of file."""

import io
import re
import unicodedata
import zipfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.intake.read import read_file
from minzheng.intake.returns import reasons
from minzheng.intake.row_kinds import is_filled
from minzheng.intake.settings import settings as settings_of_intake
from minzheng.intake.types import READERS, _known, typed
from tests.conftest import read_drawing
from tests.intake.old_workbook import Writer, old_workbook
from tests.intake.roster import with_part, xlsx_bytes
from tests.intake.sheets import FORMS, Shown, as_csv, as_file, as_xls, as_xlsx, lines_of, rows_of
from tests.place import AREA

NAMES = ["dibao_roll", "pwd_roll", "tekun_roll", "payment_ledger"]


def read(form: str, lines: list[list], merges=()):
    """The reading of lines in a form."""
    (reading,) = read_file(f"a.{form}", as_file(form, lines, merges), "2024-03")
    return reading


def line(width: int, cells: dict[int, object]) -> list:
    """A line with these cells; a negative place counts from the end."""
    made: list = [None] * width
    for place, cell in cells.items():
        made[place] = cell
    return made


AROUND = """
    what            | cells                                                | counted as
    a total         | 0 合　计, 4 12户, 5 12人                                 | total
    a subtotal      | 0 小计, 3 6户, 4 6人, 5 6                               | total
    a total below   | 2 本页小计, 4 6                                        | total
    a place's total | 2 泉吉乡小计, 4 6户                                      | total
    a total counted | 0 合计6人, 5 1815                                     | total
    a counted total | 2 合计：6户, 4 1,815.00元                               | total
    a total in yuan | 1 合计（元）, 5 1815                                     | total
    signatures      | 0 主管领导（签字）：, 4 经办人（签字）：虚构甲, 9 报出日期：2024年3月26日 | footer
    seals           | 0 乡镇人民政府（盖章）, 4 民政专干：虚构乙, 5 电话：0970-0000000    | footer
    names beside    | 0 审核人：, 1 虚构丙, 4 填报人：, 5 虚构丁                      | footer
    a date line     | 0 填报日期：, 2 2024年3月26日                               | footer
    a note          | 0 注：以上数据截至月底                                      | footer
    a village       | 0 日芒村                                              | note
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("what", "cells", "kind"), read_drawing(AROUND)[1], ids=lambda text: str(text)
)
def test_rows_around_the_data_are_counted_by_what_they_are(form, name, what, cells, kind):
    lines = lines_of(name, rows_of(name, 6))
    placed = dict(cell.split(" ", 1) for cell in cells.split(", "))
    extra = line(len(lines[1]), {int(place): text for place, text in placed.items()})
    reading = read(form, [*lines[:5], extra, *lines[5:], extra])
    assert (reading.refused, reading.accepted, reading.quarantined) == ([], 6, 0)
    assert reading.around == {"header": 1, "title": 1, kind: 2}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "payment_ledger", "care_facility"])
@pytest.mark.parametrize(
    "heading", ["{1}（必填）", "*{1}", "{0}.{1}", "（{0}）{1}", "{0}、{1}[选填]"]
)
def test_a_heading_may_say_its_number_and_whether_it_must_be_filled(form, name, heading):
    lines = lines_of(name, rows_of(name, 3))
    lines[1] = [heading.format(number, text) for number, text in enumerate(lines[1], 1)]
    reading = read(form, lines)
    assert (reading.refused, reading.accepted, reading.quarantined) == ([], 3, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "numbers",
    [
        lambda width: ["甲", "乙", "丙", "丁", *map(str, range(1, width - 3))],
        lambda width: [*range(1, width + 1)],
        lambda width: [f"({number})" for number in range(1, width + 1)],
        lambda width: [chr(65 + place) for place in range(width)],
    ],
)
def test_a_row_that_numbers_the_columns_is_no_data(form, name, numbers):
    lines = lines_of(name, rows_of(name, 3))
    reading = read(form, [*lines[:2], numbers(len(lines[1])), *lines[2:]])
    assert (reading.accepted, reading.quarantined, reading.around) == (
        3,
        0,
        {"column_numbers": 1, "header": 1, "title": 1},
    )


ALIASES = {"身份证号": "身份证号码", "行政区划代码": "区划代码", "月保障金额": "月保障金额（元）"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_a_header_printed_again_is_no_data_under_whatever_names_its_columns_have(form, name):
    lines = lines_of(name, rows_of(name, 6))
    header = [ALIASES.get(cell, cell) for cell in lines[1]]
    reading = read(form, [lines[0], header, *lines[2:5], header, *lines[5:], header])
    assert (reading.accepted, reading.quarantined, reading.around) == (
        6,
        0,
        {"header": 3, "title": 1},
    )
    mixed = read(form, [lines[0], header, *lines[2:5], lines[1], *lines[5:]])
    assert (mixed.accepted, mixed.quarantined, mixed.around) == (6, 0, {"header": 2, "title": 1})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("tekun_roll", "基本生活费", "照料护理费"),
        ("pwd_roll", "困难残疾人生活补贴", "重度残疾人护理补贴"),
        ("payment_ledger", "应发金额", "实发金额"),
        ("care_facility", "床位数", "护理型床位数"),
    ],
)
def test_a_block_with_its_columns_in_another_order_is_read_by_its_own_header(
    form, name, one, other
):
    rows = [
        row | {one: 900 + number, other: 100 + number}
        for number, row in enumerate(rows_of(name, 6))
    ]
    lines, columns = (
        lines_of(name, rows),
        {column.header: column.name for column in dataset(name).columns},
    )
    a, b = lines[1].index(one), lines[1].index(other)
    second = [list(row) for row in [lines[1], *lines[5:]]]
    for row in second:
        row[a], row[b] = row[b], row[a]
    reading = read(form, [*lines[:5], line(len(lines[1]), {0: "日芒村"}), *second])
    found = reading.rows.select(columns[one], columns[other]).cast(float).rows()
    assert found == [(900 + number, 100 + number) for number in range(6)]
    assert reading.around == {"header": 2, "note": 1, "title": 1}


def test_a_block_whose_header_lacks_a_required_column_or_is_another_tables_refuses_the_file():
    lines = lines_of("dibao_roll", rows_of("dibao_roll", 6))
    short = [row[:-1] for row in [lines[1], *lines[5:]]]
    assert read("csv", [*lines[:5], *short]).refused == ["column_missing:状态"]
    other = lines_of("tekun_roll", rows_of("tekun_roll", 2))
    assert read("csv", [*lines[:5], *other[1:]]).refused == ["multiple_datasets"]


EXAMPLES = [
    "示例",
    "样例",
    "（示例）",
    "填写示范",
    "例",
    "示例，填报时请删除",
    "样例：请勿删除本行",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "tekun_roll"])
@pytest.mark.parametrize("mark", EXAMPLES)
@pytest.mark.parametrize("where", ["序号", "备注"])
def test_a_row_marked_as_an_example_is_left_out_and_told(form, name, mark, where):
    rows = [row | {where: str(number)} for number, row in enumerate(rows_of(name, 4))]
    rows[0][where] = mark
    reading = read(form, lines_of(name, rows, extra=["序号"] if where == "序号" else []))
    assert (reading.accepted, reading.around.get("example"), "example_rows" in reading.flags) == (
        3,
        1,
        True,
    )


@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "tekun_roll"])
@pytest.mark.parametrize("person", ["示例才让", "小计", "合计", "例布", "甲"])
def test_a_person_is_data_whatever_the_name(name, person):
    rows = rows_of(name, 3)
    rows[1]["姓名"] = person
    assert read("csv", lines_of(name, rows)).accepted == 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "tekun_roll"])
@pytest.mark.parametrize("lost", ["统计月份", "行政区划代码", "身份证号", "状态"])
def test_a_persons_row_with_holes_is_quarantined_and_never_taken_for_a_note(form, name, lost):
    rows = [row | {"备注": "说明：迁入"} for row in rows_of(name, 3)]
    rows[1][lost] = None
    reading = read(form, lines_of(name, rows))
    kept = 3 if lost == "身份证号" else 2
    assert (reading.accepted, reading.quarantined, reading.around) == (
        kept,
        3 - kept,
        {"header": 1, "title": 1},
    )


def test_a_record_of_a_million_characters_is_quarantined_and_not_dropped():
    lines = lines_of("dibao_roll", rows_of("dibao_roll", 3))
    reading = read("csv", [*lines, line(len(lines[1]), {0: "长" * 1_000_000})])
    assert (reading.accepted, reading.quarantined, reading.reasons) == (3, 1, ["field_too_long"])


@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "community_care"])
def test_a_visible_sheet_with_rows_like_the_tables_that_is_not_read_is_named(name):
    lines = lines_of(name, rows_of(name, 6))
    content = xlsx_bytes(
        {"一": lines[:5], "说明": [["填表说明", "每月报送", "一份"]], "续表": lines[5:]}
    )
    (reading,) = read_file("a.xlsx", content, "2024-03")
    assert (reading.accepted, reading.reasons, reading.unread) == (
        3,
        ["sheet_unread:续表"],
        ["sheet_unread:续表"],
    )


def test_rows_like_the_tables_above_its_header_make_a_file_partly_accepted(county):
    lines = lines_of("dibao_roll", rows_of("dibao_roll", 6))
    file = county.sends("a.csv", as_csv([lines[0], *lines[2:5], lines[1], *lines[5:]]))
    assert (file.verdict, file.rows_accepted, file.reasons) == (
        "accept_partial",
        3,
        ["sheet_unread:"],
    )


MERGED = [
    ("dibao_roll", ["户编号", "户口性质", "救助类别", "保障人口数", "银行账号", "起始年月", "状态"])
]
MERGED += [
    ("lowinc_register", ["户编号", "纳入日期"]),
    ("pwd_roll", ["银行账号", "起始年月", "状态", "行政区划代码", "村(社区)"]),
]


@pytest.mark.parametrize("form", ["xlsx", "xls"])
@pytest.mark.parametrize(("name", "headers"), MERGED)
def test_cells_merged_over_a_household_hold_for_each_member(form, name, headers):
    rows = rows_of(name, 6, villages=1)
    lines = lines_of(name, rows)
    merges = []
    for header in headers:
        place = lines[1].index(header)
        for first in (2, 5):
            lines[first + 1][place] = lines[first + 2][place] = None
            merges.append((first, place, first + 2, place))
    reading = read(form, lines, merges)
    assert (reading.accepted, reading.reasons, reading.flags) == (6, [], ["merged_cells"])
    for header in headers:
        column = next(column for column in dataset(name).columns if column.header == header)
        assert is_filled(column)
        values = reading.rows[column.name].to_list()
        assert (values[:3], values[3:]) == ([values[0]] * 3, [values[3]] * 3)


@pytest.mark.parametrize("form", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("dibao_roll", "月保障金额"),
        ("tekun_roll", "基本生活费"),
        ("dibao_roll", "姓名"),
        ("pwd_roll", "身份证号"),
    ],
)
def test_an_amount_or_a_person_merged_over_rows_is_never_repeated(form, name, header):
    lines = lines_of(name, rows_of(name, 3))
    place = lines[1].index(header)
    lines[3][place] = lines[4][place] = None
    reading = read(form, lines, [(2, place, 4, place)])
    alone = (
        3 if header == "身份证号" else 1
    )  # who has a name, a birth date and no number is a person of their own
    assert (reading.accepted, "merged_cells" in reading.flags) == (alone, True)


PARTS = {
    "another case": lambda name: name.replace("worksheets/sheet1.xml", "worksheets/Sheet1.XML"),
    "percent-encoded": lambda name: name.replace(
        "worksheets/sheet1.xml", "worksheets/%E8%A1%A8%201.xml"
    ),
    "backslashes": lambda name: name.replace("/", "\\") if name.startswith("xl/") else name,
}
TARGETS = {
    "as it is": b"worksheets/sheet1.xml",
    "absolute": b"/xl/worksheets/sheet1.xml",
    "encoded": b"worksheets/sheet%31.xml",
    "dotted": b"../xl/./worksheets/sheet1.xml",
}


@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "community_care"])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("part", ["another case", "backslashes", "as it is"])
def test_parts_of_a_package_are_found_as_its_conventions_say(name, target, part):
    rows = rows_of(name, 4)
    content = with_part(
        as_xlsx(lines_of(name, rows)),
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(b"worksheets/sheet1.xml", TARGETS[target]),
    )
    content = with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="4"', b'<row r="4" hidden="1"'),
    )
    (reading,) = read_file("a.xlsx", renamed(content, PARTS.get(part, str)), "2024-03")
    assert (reading.refused, reading.accepted, reading.flags) == ([], 4, ["hidden_rows"])


def test_a_part_whose_target_is_percent_encoded_is_found():
    content = with_part(
        as_xlsx(lines_of("dibao_roll", rows_of("dibao_roll", 4))),
        "xl/_rels/workbook.xml.rels",
        lambda xml: xml.replace(b"worksheets/sheet1.xml", b"worksheets/%E8%A1%A8%201.xml"),
    )
    (reading,) = read_file(
        "a.xlsx", renamed(content, lambda name: name.replace("sheet1.xml", "表 1.xml")), "2024-03"
    )
    assert (reading.refused, reading.accepted) == ([], 4)


def test_a_workbook_that_does_not_lie_where_it_usually_does_is_found_by_its_package():
    content = as_xlsx(lines_of("dibao_roll", rows_of("dibao_roll", 4)))
    content = with_part(
        content, "_rels/.rels", lambda xml: xml.replace(b"xl/workbook.xml", b"/book/main.xml")
    )
    content = with_part(
        content,
        "[Content_Types].xml",
        lambda xml: xml.replace(b"/xl/workbook.xml", b"/book/main.xml"),
    )
    content = with_part(
        content, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b'Target="', b'Target="/xl/')
    )
    moved = {
        "xl/workbook.xml": "book/main.xml",
        "xl/_rels/workbook.xml.rels": "book/_rels/main.xml.rels",
    }
    (reading,) = read_file(
        "a.xlsx", renamed(content, lambda name: moved.get(name, name)), "2024-03"
    )
    assert (reading.refused, reading.accepted) == ([], 4)


def renamed(content: bytes, rename) -> bytes:
    """A package with its entries renamed."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w") as new:
        for name in old.namelist():
            new.writestr(rename(name), old.read(name))
    return sink.getvalue()


OLD = {
    "texts in cells": {},
    "texts over CONTINUE records": {"writer": Writer(shared=True)},
    "Excel 95": {"writer": Writer(biff=5)},
    "a stream named twice": {"doubled": True},
}


@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "community_care"])
@pytest.mark.parametrize("kind", OLD)
def test_old_workbooks_of_every_kind_that_office_programs_open_are_read(name, kind):
    rows = rows_of(name, 60)
    options = OLD[kind] | (
        {"writer": Writer(**{"biff": 5} if "95" in kind else {"shared": "CONTINUE" in kind})}
    )
    content = old_workbook({"花名册": lines_of(name, rows)}, **options)
    (reading,) = read_file("a.xls", content, "2024-03")
    (plain,) = read_file("a.csv", as_csv(lines_of(name, rows)), "2024-03")
    assert (reading.refused, reading.accepted, reading.content) == ([], 60, plain.content)


def test_an_old_workbook_that_nothing_can_read_is_refused_with_a_true_reason():
    content = as_xls(lines_of("dibao_roll", rows_of("dibao_roll", 3)))
    (reading,) = read_file("a.xls", content[:600] + bytes(len(content) - 600), None)
    assert reading.refused in (["xls_unread"], ["format_unsupported"])
    assert "可能" in reasons()["xls_unread"].zh


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "lowinc_register", "tekun_roll"])
@pytest.mark.parametrize(
    "remark", ["新增,农合报销,\n见附件", '引号"里"的话', "一,二,三,四,五\n六,七", "\n"]
)
def test_remarks_with_line_breaks_commas_and_quotes_swallow_nothing(form, name, remark):
    rows = [row | {"备注": remark} for row in rows_of(name, 3)]
    reading = read(form, lines_of(name, rows))
    assert (reading.refused, reading.accepted, reading.quarantined) == ([], 3, 0)


def test_a_quote_that_eats_records_still_refuses_the_file():
    text = as_csv(
        lines_of("dibao_roll", [row | {"备注": ""} for row in rows_of("dibao_roll", 6)])
    ).decode("utf-8-sig")
    lines = text.splitlines()
    lines[2] = lines[2].replace("虚构", '"虚构', 1)
    lines[4] = lines[4].replace(",在保,", ',在保",', 1)
    (reading,) = read_file("a.csv", "\r\n".join(lines).encode(), "2024-03")
    assert reading.refused == ["csv_structure"]


@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "community_care"])
def test_struck_rows_are_told(name):
    from openpyxl.styles import Font

    from tests.intake.roster import changed

    def strike(book):
        for cell in book.active[4]:
            cell.font = Font(strike=True)

    (reading,) = read_file(
        "a.xlsx", changed(as_xlsx(lines_of(name, rows_of(name, 3))), strike), "2024-03"
    )
    assert (reading.accepted, reading.flags) == (3, ["struck_rows"])


def test_a_row_at_a_sheets_last_line_is_told_and_one_far_below_the_table_makes_the_file_partly_accepted(
    county,
):
    lines = lines_of("dibao_roll", rows_of("dibao_roll", 3))
    old = old_workbook({"花名册": [*lines[:4], *[[]] * (65_536 - 5), lines[4]]})
    (reading,) = read_file("a.xls", old, "2024-03")
    assert (reading.accepted, reading.flags) == (3, ["sheet_full"])
    content = with_part(
        as_xlsx(lines), "xl/worksheets/sheet1.xml", lambda xml: _moved(xml, 5, 1_048_576)
    )
    file = county.sends("2024-03/a.xlsx", content)
    assert (file.verdict, file.rows_accepted, file.reasons) == (
        "accept_partial",
        2,
        ["sheet_unread:花名册"],
    )


@pytest.mark.parametrize("sliced", [False, True])
@pytest.mark.parametrize("name", ["dibao_roll", "elder_roll", "care_facility"])
def test_a_row_far_below_is_told_of_a_sheet_read_whole_and_of_one_read_in_slices(
    name, sliced, monkeypatch
):
    limits = {"block_rows": 3, "sheet_bytes": 1, "slice_bytes": 3000} if sliced else {}
    for limit, value in limits.items():
        monkeypatch.setitem(settings_of_intake().limits.__dict__, limit, value)
    content = with_part(
        as_xlsx(lines_of(name, rows_of(name, 6))),
        "xl/worksheets/sheet1.xml",
        lambda xml: _moved(xml, 8, 1_048_576),
    )
    (reading,) = read_file("a.xlsx", content, "2024-03")
    assert (reading.accepted, reading.unread, "far_cells" in reading.flags) == (
        5,
        ["sheet_unread:花名册"],
        True,
    )


def _moved(xml: bytes, row: int, to: int) -> bytes:
    import re

    xml = xml.replace(b'<row r="%d"' % row, b'<row r="%d"' % to)
    return re.sub(rb'r="([A-Z]+)%d"' % row, rb'r="\g<1>%d"' % to, xml)


CELLS = st.sampled_from(
    [
        "",
        "",
        "小计",
        "合计",
        "12户",
        "24人",
        "日芒村",
        "审核人：",
        "虚构甲",
        "甲",
        "1",
        "2",
        "3",
        "示例",
        "注：无",
        "300",
        "2024-03",
        "#",
        "/",
    ]
)


AMOUNTS = st.sampled_from(
    [
        Shown(486000, "#,##0,", "486"),
        Shown(486.5, "#,##0.00", "486.50"),
        Shown(0.5, "0%", "50%"),
        Shown(12345, '0!.0,"万"', "1.2万"),
        Shown(1215, "_ ¥* #,##0.00_ ", "1215.00"),
        "￥1,234.00",
        "1.2万",
        "50%",
        "１２３",
        "300元",
        "",
    ]
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.sampled_from(["dibao_roll", "pwd_roll", "tekun_roll", "payment_ledger", "community_care"]),
    st.sampled_from(FORMS),
    st.lists(
        st.tuples(
            st.integers(2, 7), st.dictionaries(st.integers(0, 8), CELLS, min_size=1, max_size=6)
        ),
        max_size=5,
    ),
    st.integers(0, 3),
    st.dictionaries(st.integers(0, 4), AMOUNTS, max_size=3),
)
def test_every_row_is_accepted_quarantined_or_counted_and_every_accepted_number_is_what_the_sheet_shows(
    name, form, strays, repeated, amounts
):
    """Any rows between those of a table: nothing vanishes, nothing is made up."""
    rows = rows_of(name, 5)
    first = next((c.header for c in dataset(name).columns if c.type == "yuan" and c.required), None)
    for number, amount in amounts.items() if first else ():
        rows[number][first] = amount
    lines = lines_of(name, rows)
    header, made = lines[1], [*lines]
    for at, cells in strays:
        made.insert(at, line(len(header), cells))
    for number in range(repeated):
        made.insert(4 + 2 * number, header)
    reading = read(form, made)
    if reading.refused:
        return
    visible = sum(any(cell not in (None, "") for cell in row) for row in made)
    assert reading.accepted + reading.quarantined + reading.not_data == visible
    assert sum(reading.around.values()) == reading.not_data
    money = [
        column
        for column in dataset(name).columns
        if column.type in ("yuan", "int") and column.header in header
    ]
    for column in money:
        shown = [seen(row[column.header]) for row in rows]
        kept = [float(value) for value in reading.rows[column.name].to_list() if value is not None]
        assert all(value in shown for value in kept)
    numbers = reading.rows["row_no"].to_list()
    for number, value in zip(
        numbers, reading.rows[money[0].name].to_list() if money else [], strict=False
    ):
        assert value is None or float(value) == seen(
            made[number - 1][header.index(money[0].header)]
        )


def seen(cell) -> float | None:
    """What a person reads in a cell as a number of yuan; None where it is none."""
    text = unicodedata.normalize("NFKC", cell.text if isinstance(cell, Shown) else str(cell))
    plain = text.replace(",", "").removeprefix("¥").removesuffix("元").strip()
    return float(plain) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", plain) else None


CELLS = f"""
    2024-03-05 | 2024-03-1 10:00 | 2024.3.5 | 05/03/2024 | 24-03-05 | 2024-02-30 | 20240305 | 2024年3月5日 | 45356 | 2024-03 | 2024.1 | 2024.10 | 202413
    12.50 | 12.505 | 1,234.5 | (80) | 80元 | -3 | +4 | 12 15 | 7.5 | 85% | … | 1e3 | 1.2345678901E+15 | 0 | 2024年 | 1901 | １２ | 1 234
    是 | 否 | 未知 | 农村 | 农村低保A类 | 在保 | 死亡 | 养护院 | Ｙ | {AREA}101001 | {AREA}10 | {AREA}1 | / | 九十
"""
COLUMNS = {
    (column.type, column.name, column.codes, column.unknown_code, column.required): column
    for name in dataset_names()
    for column in dataset(name).columns
    if READERS.get(column.type, READERS["text"]) is not READERS["text"]
}
BLANK = "blank_required"
WORDS = [cell.strip() for cell in re.split(r"[|\n]", CELLS) if cell.strip()]


def told_of(read) -> dict:
    """What a column's reading says of its cells, but what is said of their kind and of blanks alone."""
    named = {"faults": read.faults, "flags": read.flags}
    told = {
        what: [(code, mask.to_list()) for code, mask in masks if mask.any() and code != BLANK]
        for what, masks in named.items()
    }
    also = {name: values.to_list() for name, values in read.also.items() if values.count()}
    return told | also | {"value": read.value.to_list(), "type": read.value.dtype}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_column_read_cell_by_cell_says_what_its_reader_says_of_the_whole(data):
    """Whatever was read before, or nothing: each different cell is read once and then remembered."""
    column = data.draw(st.sampled_from([*COLUMNS.values()]))
    cells = data.draw(st.lists(st.sampled_from([None, *WORDS]), max_size=12))
    kinds = data.draw(
        st.none() | st.lists(st.sampled_from([0, 1]), min_size=len(cells), max_size=len(cells))
    )
    if data.draw(st.booleans(), "a new process"):
        _known.cache_clear()
    text = pl.Series(column.name, cells, dtype=pl.String)
    kind = None if kinds is None else pl.Series(kinds, dtype=pl.UInt8)
    whole = READERS[column.type](column, text, kind)
    assert told_of(typed(column, text, kind)) == told_of(whole)


def test_a_day_with_its_time_is_the_same_day_beside_dates_in_chinese():
    """Without its blank `1 10:00` would be the 11th."""
    text = pl.Series("granted_on", ["2024-03-1 10:00", "2024 年 3 月 5 日"])
    days = typed(dataset("temp_aid").column("granted_on"), text, None).value
    assert [f"{day}" for day in days] == ["2024-03-01", "2024-03-05"]


def test_a_number_in_full_width_is_the_same_beside_the_marks_of_statistical_tables():
    """Whichever of the two came first: what a cell says does not hang on those before it."""
    column = dataset("comprehensive_return").column("month_value")
    for cells in (["１２", "…"], ["１２"], ["1 234", "-"]):
        read = READERS[column.type](column, pl.Series(column.name, cells), None)
        assert (read.faults, read.value[0]) == ([], 1234 if "1" in cells[0] else 12)
