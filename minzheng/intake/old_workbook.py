"""Old workbooks (.xls) by xlrd, with what it keeps silent about: formulas without a result, formats, hidden and struck rows."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import xlrd

from minzheng.intake.grid import ERROR, NO_VALUE, Cell, Grid, Merges, show
from minzheng.intake.number_format import sections_of
from minzheng.intake.settings import Refused

BOF, EOF, FORMULA = 0x0809, 0x000A, (0x0006, 0x0206, 0x0406)
EMPTY = b"\x03"  # a formula's result that is an empty text: what programs write that cannot compute
ON_LOADING = 0x03  # bits of a formula: always computed, computed when the workbook is opened


def read_xls(content: bytes) -> list[Grid]:
    """Every worksheet of an old .xls, whole: it holds 65,536 rows at most.

    What Excel, WPS and LibreOffice overlook in the container (a stream named twice, sectors used twice) is overlooked here as
    well. `encrypted`, or `xls_unread` where nothing helps.
    """
    for lenient in (False, True):
        try:
            book = _opened(content, lenient)
            return [_grid(book, place) for place in range(book.nsheets)]
        except Refused:
            raise
        except Exception as error:  # xlrd raises nearly anything on damaged records
            if isinstance(error, xlrd.XLRDError) and "encrypt" in str(error).lower():
                raise Refused("encrypted") from None
    raise Refused("xls_unread")


def _opened(content: bytes, lenient: bool) -> xlrd.Book:
    with Path(os.devnull).open("w") as nowhere:
        options = {
            "formatting_info": True,
            "on_demand": True,
            "ignore_workbook_corruption": lenient,
        }
        options["encoding_override"] = (
            "gb18030"  # texts of Excel 5 and 95, whatever code page they name
        )
        return xlrd.open_workbook(file_contents=content, logfile=nowhere, **options)


def _grid(book: xlrd.Book, place: int) -> Grid:
    with Path(os.devnull).open("w") as book.logfile:
        sheet = book.sheet_by_index(place)
    rows = [
        [
            _cell(book, kind, value)
            for kind, value in zip(sheet.row_types(index), sheet.row_values(index), strict=True)
        ]
        for index in range(sheet.nrows)
    ]
    hidden = {
        index for index, info in sheet.rowinfo_map.items() if info.hidden and index < sheet.nrows
    }
    grid = Grid(sheet.name, rows, visible=sheet.visibility == 0, hidden_rows=hidden)
    formulas = list(_formulas(book, place))
    grid.flags += ["formula_cells"] * bool(formulas)
    for row, column, usable in formulas:
        if not usable and row < len(rows) and column < len(rows[row]):
            rows[row][column] = NO_VALUE
    _apply_styles(book, sheet, grid)
    Merges(
        [((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in sheet.merged_cells]
    ).fill(grid)
    return grid


def _cell(book: xlrd.Book, kind: int, value: object) -> Cell:
    if kind == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(value, book.datemode)
        except (ValueError, OverflowError):
            return float(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return ERROR if kind == xlrd.XL_CELL_ERROR else value


def _apply_styles(book: xlrd.Book, sheet: xlrd.sheet.Sheet, grid: Grid) -> None:
    """Numbers as shown, and the rows that are struck through."""
    codes = {
        place: book.format_map[shape.format_key].format_str
        for place, shape in enumerate(book.xf_list)
    }
    codes = {place: code for place, code in codes.items() if sections_of(code)}
    fonts = book.font_list
    struck = {
        place for place, shape in enumerate(book.xf_list) if fonts[shape.font_index].struck_out
    }
    for row, cells in enumerate(grid.rows) if codes or struck else ():
        for column, cell in enumerate(cells):
            style = sheet.cell_xf_index(row, column) if cell != "" else None
            if style in codes:
                show(grid, row, column, codes[style])
            if style in struck:
                grid.struck_rows.add(row)


def _formulas(book: xlrd.Book, place: int) -> Iterator[tuple[int, int, bool]]:
    """Row and column of every formula of a sheet, and whether its saved result is one ([MS-XLS] 2.4.127, 2.5.133)."""
    at, depth, content = book._sh_abs_posn[place], 0, book.mem
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        body = content[at + 4 : at + 4 + size]
        depth += (kind == BOF) - (kind == EOF)
        if kind in FORMULA and depth == 1 and len(body) >= 16:
            row, column = struct.unpack_from("<HH", body)
            empty = body[12:14] == b"\xff\xff" and body[6:7] == EMPTY
            zero = body[6:14] == bytes(8) and struct.unpack_from("<H", body, 14)[0] & ON_LOADING
            yield row, column, not (empty or zero)
        at += 4 + size
        if kind == EOF and not depth:
            return
