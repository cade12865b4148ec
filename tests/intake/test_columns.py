"""What is read by column is what is read cell by cell: rows, quarantine, reasons, digests, in every file."""

import random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from minzheng.intake import delimited, gate, large_sheet, typed, types
from minzheng.intake.grid import Columns
from minzheng.intake.read import read_file
from minzheng.intake.settings import settings
from minzheng.intake.workbook import sheets_of_xlsx
from tests.intake.cases import CASES
from tests.intake.roster import HEADERS, csv_bytes, people, table, with_part, xlsx_bytes
from tests.intake.sheets import FORMS, Shown, as_file, lines_of, rows_of
from tests.intake.test_fuzz import SLOW, cells, mutated, mutated_inside, seeds

NAMES = [name for name, (file, _) in CASES.items() if file.endswith(("csv", "xlsx"))]
LIMITS = {"block_rows": 4, "sheet_bytes": 1, "slice_bytes": 1500}
SHORT = hypothesis(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def outcome(name: str, content: bytes) -> list:
    """All that is told of a file."""
    types._known.cache_clear()
    readings = read_file(name, content, None)
    frames = [
        [frame.rows() for frame in frames or ()] for one in readings for frames in one.frames()
    ]
    return [[one.facts() for one in readings], frames]


def in_small_blocks(patch: pytest.MonkeyPatch) -> None:
    """Blocks of a few rows, and no column too short to be read as one."""
    for limit, value in LIMITS.items():
        patch.setitem(settings().limits.__dict__, limit, value)
    patch.setattr(gate, "BLOCK", 1000)
    patch.setattr(typed, "FEW", 1)


def both_ways(name: str, content: bytes) -> tuple[list, list]:
    """What is told of a file by column and cell by cell, each in blocks of a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        in_small_blocks(patch)
        by_column = outcome(name, content)
        patch.setattr(typed, "FEW", 1 << 30)
        patch.setattr(delimited, "_columns", lambda *_: None)
        patch.setattr(large_sheet, "plain_rows", lambda *_: None)
        return by_column, outcome(name, content)


def is_read_alike(name: str, content: bytes) -> None:
    by_column, by_cell = both_ways(name, content)
    assert by_column == by_cell


@pytest.mark.parametrize("name", sorted({*NAMES} - SLOW))
def test_a_kind_of_bad_input_is_read_alike(name):
    file, make = CASES[name]
    is_read_alike(file, make())


NUMBERS = [
    1234,
    0.1 + 0.2,
    571.16,
    -5,
    12345678901234567,
    1e300,
    Shown(571.164, "0.00", "571.16"),
    Shown(571, "0.00_ ", "571.00"),
    Shown(1234.5, "#,##0.00", "1234.50"),
    Shown(45000, "yyyy-mm-dd", "2023-03-15"),
    Shown(3, '0"人"', "3人"),
    Shown(0.041, "0.0%", "4.1%"),
    Shown(7, "@", "7"),
    Shown(8, "[Red]0", "8"),
]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "xls"])
@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_a_number_in_any_column_is_read_alike(form, number):
    for header in ("月保障金额", "保障人口数", "身份证号", "户编号", "起始年月", "姓名"):
        rows = rows_of("dibao_roll", 9)
        rows[4][header] = number
        is_read_alike(f"a.{form}", as_file(form, lines_of("dibao_roll", rows)))


@SHORT
@given(
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(HEADERS), cells), max_size=8),
    st.booleans(),
)
def test_any_cells_are_read_alike(edits, workbook):
    rows = people()
    for number, name, cell in edits:
        rows[number][name] = cell
    is_read_alike("a.xlsx", xlsx_bytes(table(rows)) if workbook else csv_bytes(rows))


SHEET = "xl/worksheets/sheet1.xml"
EDITS = {
    "a row without its number": (b'<row r="9"', b"<row"),
    "a row with another number": (b'<row r="9"', b'<row r="8"'),
    "a row far below": (b'<row r="9"', b'<row r="90000"'),
    "a hidden row": (b'<row r="9"', b'<row r="9" hidden="1"'),
    "a cell of another row": (b'r="C9"', b'r="C8"'),
    "a cell whose column comes twice": (b'r="C9"', b'r="B9"'),
    "a number where a string follows": (b'<c r="C9"', b'<c r="C9"><v>7</v></c><c r="C9"'),
    "a cell before another": (b'r="C9"', b'r="A9"'),
    "a cell without a place": (b' r="C9"', b""),
    "a cell far right": (b'r="C9"', b'r="AAC9"'),
    "a cell in two letters": (b'r="P9"', b'r="AB9"'),
    "a digit that is none": (b'r="C9"', b'r="C:"'),
    "a cell of another kind": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="str"><v>'),
    "a cell with an error": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="e"><v>'),
    "a formula": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="s"><f>A1</f><v>'),
    "a style that is none": (b'<c r="C9" t="s"', b'<c r="C9" s="x" t="s"'),
    "a style of four digits": (b'<c r="C9" t="s"', b'<c r="C9" s="1234" t="s"'),
    "an attribute more": (b'<c r="C9" t="s"', b'<c r="C9" t="s" ph="1"'),
    "blanks between": (b'<c r="C9"', b'\n  <c r="C9"'),
    "a comment": (b'<c r="C9"', b'<!-- --><c r="C9"'),
    "a reference beyond the strings": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="s"><v>99'),
    "a reference with a sign": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="s"><v>-'),
    "a blank reference": (b'<c r="C9" t="s"><v>', b'<c r="C9" t="s"><v> '),
    "cells merged sideways": (
        b"</sheetData>",
        b'</sheetData><mergeCells count="1"><mergeCell ref="B9:C9"/></mergeCells>',
    ),
    "a hidden column": (
        b"<sheetData>",
        b'<cols><col min="3" max="3" hidden="1"/></cols><sheetData>',
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_unusual_sheet_is_read_alike(edit):
    content = as_file("xlsx", lines_of("dibao_roll", rows_of("dibao_roll", 14)))
    changed = with_part(content, SHEET, lambda xml: xml.replace(*edit))
    assert changed != content
    is_read_alike("a.xlsx", changed)


@pytest.mark.parametrize("first", range(3, 12, 2))
def test_a_cell_merged_over_rows_is_read_alike(first):
    rows = rows_of("dibao_roll", 14)
    for row in rows[first - 1 : first + 1]:
        row["乡镇"] = None
    lines = lines_of("dibao_roll", rows)
    is_read_alike("a.xlsx", as_file("xlsx", lines, [(first, 2, first + 2, 2)]))


STRINGS = {
    "an entity": "虚构&amp;甲",
    "an escape": "虚构_x000D_甲",
    "blanks not kept": " 虚构甲 ",
    "rich text": "</t><r><t>虚构</t></r><t>",
    "nothing": "",
    "an empty one before": "</t></si><si/><si><t>",
    "a comment": "<!-- 甲 -->",
}


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_an_unusual_string_is_read_alike(text):
    rows = rows_of("dibao_roll", 9)
    rows[5]["姓名"] = "换作别的"
    content = as_file("xlsx", lines_of("dibao_roll", rows))
    is_read_alike(
        "a.xlsx",
        with_part(
            content,
            "xl/sharedStrings.xml",
            lambda xml: xml.replace("换作别的".encode(), text.encode()),
        ),
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_plain_file_is_read_by_column(form, monkeypatch):
    """Else all that stands above would compare one way with itself."""
    in_small_blocks(monkeypatch)
    content = as_file(form, lines_of("dibao_roll", rows_of("dibao_roll", 20)))
    if form == "csv":
        grids = list(delimited.read_text(content))[1:]
    else:
        grids = [grid for sheet in sheets_of_xlsx(content) for grid in sheet]
    assert len(grids) > 3
    assert all(isinstance(grid.rows, Columns) for grid in grids)


def damaged_alike(numbers: range, seed: int) -> None:
    """Damage one file per number and read it both ways."""
    names = [name for name in seeds() if name in NAMES]
    for number in numbers:
        chance = random.Random(seed * 1_000_003 + number)
        name = chance.choice(names)
        damage = mutated if CASES[name][0].endswith("csv") else mutated_inside
        by_column, by_cell = both_ways(CASES[name][0], damage(CASES[name][1](), chance))
        assert by_column == by_cell, (name, seed, number)


def test_damaged_files_are_read_alike():
    damaged_alike(range(60), 12)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4))
def test_two_thousand_damaged_files_are_read_alike(part):
    damaged_alike(range(part * 500, (part + 1) * 500), 13)
