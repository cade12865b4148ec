"""Workbooks: every sheet as rows of raw cells (.xlsx by calamine, .xls by xlrd), with what the readers keep silent about."""

import io
import zipfile
from collections.abc import Iterator
from itertools import chain

import python_calamine

from minzheng.intake.gate import entries, inflate
from minzheng.intake.grid import Grid, Merges
from minzheng.intake.large_sheet import outline_of, read_large_sheet
from minzheng.intake.marks import has_stray_data, overlay, scan, trim
from minzheng.intake.old_workbook import read_xls
from minzheng.intake.package import Book, Package
from minzheng.intake.settings import Refused, settings


def read_xlsx(content: bytes) -> list[Grid]:
    """Every worksheet of an .xlsx, in order; hidden ones are told, not dropped here."""
    return list(chain.from_iterable(sheets_of_xlsx(content)))


def sheets_of_xlsx(content: bytes) -> Iterator[Iterator[Grid]]:
    """Every worksheet of an .xlsx, in order; a large one comes in blocks of rows."""
    package = Package(content)
    if len(package.sheets) > settings().limits.sheets:
        raise Refused("sheet_dimensions")
    facts, usual = package.book(), package.in_usual_form()
    if usual is not content:
        content, package = usual, Package(usual)
    paths = package.sheets
    sizes = {entry.filename: entry.file_size for entry in entries(content)}
    book = None
    for name, visible in _worksheets(
        content, max((sizes.get(path, 0) for path in paths.values()), default=0)
    ):
        path = paths.get(name, "")
        if sizes.get(path, 0) > settings().limits.sheet_bytes:
            yield read_large_sheet(content, name, path, visible, facts)
        else:
            book = book or _open(io.BytesIO(content))
            yield iter([_xlsx_sheet(content, book, name, visible, path, facts)])


def _worksheets(content: bytes, largest: int) -> list[tuple[str, bool]]:
    """The names of the worksheets and whether each is visible."""
    book = _open(
        io.BytesIO(content) if largest <= settings().limits.sheet_bytes else outline_of(content)
    )
    worksheet, visible = (
        python_calamine.SheetTypeEnum.WorkSheet,
        python_calamine.SheetVisibleEnum.Visible,
    )
    return [
        (entry.name, entry.visible == visible)
        for entry in book.sheets_metadata
        if entry.typ == worksheet
    ]


def _open(file: io.BytesIO) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError:
        raise Refused("encrypted") from None
    except (
        Exception
    ):  # calamine's own errors and whatever its binding raises: the file cannot be opened
        raise Refused("file_corrupt") from None


def _xlsx_sheet(
    content: bytes,
    book: python_calamine.CalamineWorkbook,
    name: str,
    visible: bool,
    path: str,
    facts: Book,
) -> Grid:
    xml = inflate(content, path) if path else b""
    marks = scan(xml, facts)
    if marks.far:
        book = _trimmed_book(content, path, xml)
    try:
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges if b"mergeCell" in xml else None
    except Exception:  # as above
        raise Refused("file_corrupt") from None
    unread = marks.far and has_stray_data(xml)
    grid = Grid(name, rows, visible=visible, flags=["far_cells"] * marks.far, unread=unread)
    overlay(grid, marks)
    Merges(merged or []).fill(grid)
    return grid


def _trimmed_book(content: bytes, path: str, xml: bytes) -> python_calamine.CalamineWorkbook:
    """The workbook with one sheet's far cells taken out: the reader would lay out every cell up to them."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as trimmed:
        for entry in entries(content):
            trimmed.writestr(
                entry.filename,
                trim(xml) if entry.filename == path else inflate(content, entry.filename),
            )
    sink.seek(0)
    return python_calamine.CalamineWorkbook.from_filelike(sink)


def sheets_of_xls(content: bytes) -> Iterator[Iterator[Grid]]:
    """Every worksheet of an old .xls, whole: it holds 65,536 rows at most."""
    return (iter([grid]) for grid in read_xls(content))
