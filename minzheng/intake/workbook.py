"""Workbooks: every sheet as rows of raw cells (.xlsx by calamine, .xls by xlrd), with what the readers keep silent about."""

import io
import os
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import python_calamine

from minzheng.intake.gate import entries, inflate
from minzheng.intake.grid import ERROR, Cell, Grid, Merges
from minzheng.intake.large_sheet import outline_of, read_large_sheet
from minzheng.intake.marks import overlay, scan, trim
from minzheng.intake.settings import Refused, settings


def read_xlsx(content: bytes) -> list[Grid]:
    """Every worksheet of an .xlsx, in order; hidden ones are told, not dropped here."""
    return [grid for sheet in sheets_of_xlsx(content) for grid in sheet]


def sheets_of_xlsx(content: bytes) -> Iterator[Iterator[Grid]]:
    """Every worksheet of an .xlsx, in order; a large one comes in blocks of rows."""
    paths = _sheet_paths(content)
    if len(paths) > settings().limits.sheets:
        raise Refused("sheet_dimensions")
    sizes = {entry.filename: entry.file_size for entry in entries(content)}
    book = None
    for name, visible in _worksheets(
        content, max((sizes.get(path, 0) for path in paths.values()), default=0)
    ):
        path = paths.get(name, "")
        if sizes.get(path, 0) > settings().limits.sheet_bytes:
            yield read_large_sheet(content, name, path, visible)
        else:
            book = book or _open(io.BytesIO(content))
            yield iter([_xlsx_sheet(content, book, name, visible, path)])


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
    content: bytes, book: python_calamine.CalamineWorkbook, name: str, visible: bool, path: str
) -> Grid:
    xml = inflate(content, path) if path else b""
    marks = scan(xml)
    if marks.far:
        book = _trimmed_book(content, path, xml)
    try:
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges if b"mergeCell" in xml else None
    except Exception:  # as above
        raise Refused("file_corrupt") from None
    grid = Grid(
        name, rows, visible=visible, hidden_rows=marks.hidden_rows, flags=["far_cells"] * marks.far
    )
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


def _sheet_paths(content: bytes) -> dict[str, str]:
    """Each sheet's name with the path of its XML inside the package."""
    try:
        book = ElementTree.fromstring(inflate(content, "xl/workbook.xml"))
        relations = ElementTree.fromstring(inflate(content, "xl/_rels/workbook.xml.rels"))
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Refused("file_corrupt") from None
    names = {entry.filename for entry in entries(content)}
    targets = {part.get("Id"): part.get("Target", "") for part in relations}
    paths = {}
    for element in book.iter():
        if element.tag.rsplit("}", 1)[-1] == "sheet":
            relation = next(
                (value for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == "id"),
                "",
            )
            target = targets.get(relation, "")
            path = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join("xl", target))
            )
            if path in names:
                paths[element.get("name", "")] = path
    return paths


def sheets_of_xls(content: bytes) -> Iterator[Iterator[Grid]]:
    """Every worksheet of an old .xls, whole: it holds 65,536 rows at most."""
    return (iter([grid]) for grid in read_xls(content))


def read_xls(content: bytes) -> list[Grid]:
    """Every worksheet of an old .xls, with error cells, hidden rows and merged cells."""
    import xlrd

    try:
        with Path(os.devnull).open("w") as nowhere:
            book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=nowhere)
        return [_xls_sheet(book, sheet) for sheet in book.sheets()]
    except xlrd.XLRDError as error:
        raise Refused("encrypted" if "encrypt" in str(error).lower() else "file_corrupt") from None
    except Exception:  # xlrd raises nearly anything on damaged records
        raise Refused("file_corrupt") from None


def _xls_sheet(book, sheet) -> Grid:
    import xlrd

    def cell(kind: int, value: object) -> Cell:
        if kind == xlrd.XL_CELL_DATE:
            try:
                return xlrd.xldate_as_datetime(value, book.datemode)
            except (ValueError, OverflowError):
                return float(value)
        if kind == xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        return ERROR if kind == xlrd.XL_CELL_ERROR else value

    rows = [
        [
            cell(kind, value)
            for kind, value in zip(sheet.row_types(index), sheet.row_values(index), strict=True)
        ]
        for index in range(sheet.nrows)
    ]
    hidden = {
        index for index, info in sheet.rowinfo_map.items() if info.hidden and index < sheet.nrows
    }
    grid = Grid(sheet.name, rows, visible=sheet.visibility == 0, hidden_rows=hidden)
    Merges(
        [((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in sheet.merged_cells]
    ).fill(grid)
    return grid
