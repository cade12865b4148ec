"""What the bytes of an .xlsx sheet say that its reader does not: error cells, formulas, formats, hidden and struck rows, far cells.

A cheap byte scan decides whether the sheet must be walked element by element; most sheets are not.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from xml.etree import ElementTree

from minzheng.intake.grid import ERROR, NO_VALUE, Cell, Grid, show
from minzheng.intake.package import Book
from minzheng.intake.settings import Refused, settings

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr=["\'](\d+)')
_WIDE = re.compile(rb'\sr=["\']([A-Z]{2})\d')
_FAR = re.compile(rb'\sr=["\'][A-Z]{3,}\d')
_WHOLE_ROW = re.compile(
    rb'<(?:\w+:)?row\b[^>]*?\sr=["\'](\d+)["\'][^>]*?(?:/>|>.*?</(?:\w+:)?row>)', re.DOTALL
)
_FAR_CELL = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\sr=["\'][A-Z]{3,}\d+["\'][^>]*?(?:/>|>.*?</(?:\w+:)?c>)', re.DOTALL
)
QUOTES = (b'"', b"'")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^/>]*>")
LAST_NEAR = 701  # column ZZ; cells right of it are taken out before the sheet is laid out
GAP = 10_000
STRAYS = 3
_STYLED = re.compile(rb"<(?:\w+:)?c\s([^>]*\bs=[\"'](\d+)[\"'][^>]*)>")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_WALK = (b't="e"', b"t='e'", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b"hidden=")


@dataclass
class Marks:
    """Cells and rows (from 0) of one sheet that need a word; `far` when its extent is beyond any extract."""

    errors: set[tuple[int, int]] = field(default_factory=set)
    no_value: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: bool = False
    struck_rows: set[int] = field(default_factory=set)
    formats: list[tuple[int, int, str]] = field(default_factory=list)
    formulas: int = 0
    far: bool = False
    stray: bool = False  # a row like the table's stood far below it and was left out

    def style(self, row: int, column: int, number: int, book: Book) -> None:
        """Note what the style of a cell says."""
        if number in book.codes:
            self.formats.append((row, column, book.codes[number]))
        if number in book.struck:
            self.struck_rows.add(row)


def scan(xml: bytes, book: Book) -> Marks:
    """The marks of a sheet's XML; `sheet_dimensions` when laying it out would take more cells than any extract has."""
    if b"<!DOCTYPE" in xml[:1024] or b"<!ENTITY" in xml[:1024]:
        raise Refused("file_corrupt")
    limits = settings().limits
    rows = [int(number) for number in _ROW.findall(xml)]
    last = max(rows, default=xml.count(b"<row"))
    marks = _marks(xml, book)
    sparse = last > 4 * max(len(rows), xml.count(b"<row")) + GAP
    marks.far = bool(_FAR.search(xml)) or sparse or last > limits.rows
    if min(last, 4 * len(rows) + GAP) * _width(xml) > limits.cells:
        raise Refused("sheet_dimensions")
    return marks


def _width(xml: bytes) -> int:
    """The last column that a cell stands in, up to ZZ."""
    return (
        max((column_index(letters.decode()) for letters in set(_WIDE.findall(xml))), default=25) + 1
    )


def _marks(xml: bytes, book: Book, head: bytes = b"", tail: bytes = b"") -> Marks:
    """The marks of a sheet or, between its head and tail, of a slice."""
    used = {
        number
        for number in book.codes.keys() | book.struck
        if any(b"s=%b%d%b" % (q, number, q) in xml for q in QUOTES)
    }
    unplaced = bool(used) and any(
        not _REFERENCE.search(found[1]) for found in _STYLED.finditer(xml)
    )
    if unplaced or any(mark in part for part, mark in product((head, xml), _WALK)):
        return walk(head + xml + tail, book)
    marks = Marks()
    for found in _STYLED.finditer(xml) if used else ():
        if int(found[2]) in used and not found[1].endswith(b"/"):
            letters, number = _REFERENCE.search(found[1]).groups()
            marks.style(int(number) - 1, column_index(letters.decode()), int(found[2]), book)
    return marks


def scan_slice(
    head: bytes, body: bytes, tail: bytes, last: int, book: Book
) -> tuple[bytes, Marks, int]:
    """A slice of rows without far cells, its marks, and its last row (counted on from `last` where rows have no number)."""
    far = bool(_FAR.search(body))
    body = _FAR_CELL.sub(b"", body) if far else body
    numbers = [int(number) for number in _ROW.findall(body)]
    stray = False
    if numbers and max(numbers) > last + 4 * len(numbers) + GAP:
        stray = has_stray_data(body, last)
        body, far = trim(body, last), True
        numbers = [int(number) for number in _ROW.findall(body)]
    count = body.count(b"<row")
    if max(count, len(numbers)) * _width(body) > settings().limits.cells:
        raise Refused("sheet_dimensions")
    marks = _marks(body, book, head, tail)
    marks.far, marks.stray = far, stray
    return body, marks, max(numbers, default=last + count)


def overlay(grid: Grid, marks: Marks, base: int = 0) -> None:
    """Put what the marks say into a grid whose first row is row `base` of the marks."""
    for row, column, code in marks.formats:
        if 0 <= row - base < len(grid.rows) and column < len(grid.rows[row - base]):
            show(grid, row - base, column, code)
    for cells, fault in ((marks.errors, ERROR), (marks.no_value, NO_VALUE)):
        for row, column in cells:
            if column <= LAST_NEAR and 0 <= row - base < len(grid.rows):
                _put(grid.rows[row - base], column, fault)
    grid.hidden_rows |= {row - base + grid.start for row in marks.hidden_rows}
    grid.struck_rows |= {row - base + grid.start for row in marks.struck_rows}
    if marks.formulas:
        grid.flags.append("formula_cells")
    if marks.hidden_columns:
        grid.flags.append("hidden_columns")


def _put(cells: list[Cell], column: int, fault: Cell) -> None:
    cells += [""] * (column + 1 - len(cells))
    cells[column] = fault


def trim(xml: bytes, last: int = 0) -> bytes:
    """The sheet without cells right of column ZZ and without a stray row or two behind a wide gap; more of them refuse it."""
    xml, kept, place = _FAR_CELL.sub(b"", xml), [], 0
    strays = list(_stray_rows(xml, last))
    if len(strays) > STRAYS:
        raise Refused("sheet_dimensions")
    for found in strays:
        kept.append(xml[place : found.start()])
        place = found.end()
    return b"".join([*kept, xml[place:]])


def _stray_rows(xml: bytes, last: int = 0) -> Iterator[re.Match]:
    for match in _WHOLE_ROW.finditer(xml):
        if int(match[1]) > last + GAP:
            yield match
        else:
            last = int(match[1])


def has_stray_data(xml: bytes, last: int = 0) -> bool:
    """Whether a row behind a wide gap holds as many cells as a row of a table may."""
    return any(len(_VALUE.findall(found[0])) >= 3 for found in _stray_rows(xml, last))


def walk(xml: bytes, book: Book) -> Marks:
    """Every cell of the sheet in turn, by a streaming parser; positions that a writer left out are counted."""
    marks, row, column, style = Marks(), -1, -1, ""
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(xml), events=("start", "end")):
            name = element.tag.rsplit("}", 1)[-1]
            if event == "start" and name == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
                if element.get("hidden") in ("1", "true"):
                    marks.hidden_rows.add(row)
            elif event == "start" and name == "c":
                column = column_index(element.get("r")) if element.get("r") else column + 1
                style = element.get("s", "")
            elif event == "start" and name == "col":
                marks.hidden_columns |= element.get("hidden") in ("1", "true")
            elif event == "end" and name == "c":
                _mark_cell(marks, element, row, column, book)
                if style.isdigit() and len(element):
                    marks.style(row, column, int(style), book)
            elif event == "end" and name == "row":
                element.clear()
    except (
        ElementTree.ParseError,
        ValueError,
        LookupError,
    ):  # LookupError: an encoding that nobody knows
        raise Refused("file_corrupt") from None
    return marks


def _mark_cell(
    marks: Marks, element: ElementTree.Element, row: int, column: int, book: Book
) -> None:
    parts = {child.tag.rsplit("}", 1)[-1]: child for child in element}
    if element.get("t") == "e":
        marks.errors.add((row, column))
    if "f" in parts:
        marks.formulas += 1
        value = parts.get("v")
        if (value is None or not value.text) and "is" not in parts:
            marks.no_value.add((row, column))
        elif (
            book.recalculates
            and value is not None
            and element.get("t", "n") == "n"
            and _is_zero(value.text)
        ):
            marks.no_value.add(
                (row, column)
            )  # what a program saved that cannot compute; Excel shows another number


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


def column_index(reference: str) -> int:
    """The column of a reference such as `AB12`, from 0."""
    index = 0
    for character in reference:
        if not character.isalpha():
            break
        index = index * 26 + ord(character.upper()) - 64
    return index - 1
