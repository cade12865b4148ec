"""A sheet too large to be laid out whole: cut into slices of rows, each read as a small workbook of its own.

The reader keeps every cell of a sheet in memory. A slice carries the sheet's head and tail, so that it is the same sheet with
fewer rows; positions, merged cells and marks stay those of the whole.
"""

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import python_calamine

from minzheng.intake.gate import entries, inflate, inflate_blocks
from minzheng.intake.grid import Grid, Merges
from minzheng.intake.marks import overlay, scan_slice
from minzheng.intake.package import Book
from minzheng.intake.plain_sheet import plain_rows, plain_strings, vertical_merges
from minzheng.intake.settings import Refused, settings
from minzheng.intake.shared_strings import SharedStrings

_DATA = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*>")
_DATA_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_ROW_END = re.compile(rb"</(?:\w+:)?row\s*>|<(?:\w+:)?row\b[^>]*/>")
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr=["\']')
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_NEEDED = re.compile(r"^(\[content_types\]\.xml|_rels/\.rels|xl/(_rels/)?[^/]+)$", re.IGNORECASE)
ROW_END = b"</row>"
STRINGS = "xl/sharedstrings.xml"
LONGEST = 1 << 24  # bytes of head, tail or one row; beyond is no extract


@dataclass(frozen=True)
class Frame:
    """What stands before and after the rows of a sheet."""

    head: bytes
    tail: bytes


def outline_of(content: bytes) -> io.BytesIO:
    """The workbook without its sheets: names and visibility."""
    return _package(content, {})


def read_large_sheet(
    content: bytes, name: str, path: str, visible: bool, book: Book
) -> Iterator[Grid]:
    """The sheet in blocks of rows. A hidden one comes as its first block only: nothing of it is read."""
    frame, shared, strings = _frame(content, path), None, None
    merges, counted, last = Merges(), 0, 0
    plain = _Plain(content, name, path, frame, book)
    for body in _slices(content, path, frame):
        grid = plain.grid(name, body, last) if visible else None
        if grid is not None:
            counted, last = counted + len(grid.rows), last + len(grid.rows)
            yield grid
            continue
        if shared is None:
            shared, strings = _shared_parts(content), _strings(content)
        body, marks, last = scan_slice(frame.head, body, frame.tail, last, book)
        if last > settings().limits.rows:
            raise Refused("sheet_dimensions")
        numbered = _ROW_NUMBER.search(body) is not None
        needed, fitted = {}, body
        for part, table in strings.items():
            fitted, needed[part] = table.fitted(body)
        grid = _read_slice(shared | needed, name, path, frame.head + fitted + frame.tail, merges)
        if grid is None and marks.stray and counted:
            grid = Grid(name, [], start=last)
        if grid is not None:
            base, grid.unread = grid.start, marks.stray
            grid.start, grid.visible = base if numbered else counted + base, visible
            overlay(grid, marks, base)
            grid.flags += ["far_cells"] * marks.far
            merges.fill(grid)
            yield grid
        counted += len(_ROW.findall(body))
        if not visible:
            return


class _Plain:
    """Reads the plain slices of a sheet; nothing of one whose head hides something, or that cannot be read without its rows."""

    def __init__(self, content: bytes, name: str, path: str, frame: Frame, book: Book):
        self._book, self._strings = book, None
        self._merges = vertical_merges(frame.tail)
        names = [entry.filename for entry in entries(content) if entry.filename.lower() == STRINGS]
        if b"hidden=" in frame.head or self._merges is None or len(names) != 1:
            return
        with contextlib.suppress(Refused):  # for what, the careful reader says
            _read_slice(_shared_parts(content), name, path, frame.head + frame.tail, Merges())
            self._strings = plain_strings(inflate_blocks(content, *names))

    def grid(self, name: str, body: bytes, last: int) -> Grid | None:
        """The rows of a slice that begin below row `last`; None where it is not plain, or cells are merged over rows."""
        found = None if self._strings is None else plain_rows(body, last, self._strings, self._book)
        if found is None:
            return None
        rows, flags = found
        end = last + len(rows)
        merged = any(top <= end and bottom > last for top, bottom in self._merges)
        return (
            None if merged or end > settings().limits.rows else Grid(name, rows, last, flags=flags)
        )


def _read_slice(
    shared: dict[str, bytes], name: str, path: str, xml: bytes, merges: Merges
) -> Grid | None:
    """A slice's rows from its first used one; None when it holds no cell."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(_zipped(shared | {path: xml}))
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            return None
        if not merges.ranges and b"mergeCell" in xml:
            merges.ranges = sheet.merged_cell_ranges or []
        row, column = sheet.start
        return Grid(name, [[""] * column + cells for cells in sheet.to_python()], start=row)
    except Exception:  # calamine's own errors and whatever its binding raises
        raise Refused("file_corrupt") from None


def _frame(content: bytes, path: str) -> Frame:
    """Head and tail of a sheet, found in one pass; neither is held to be small by trust."""
    head, tail, rest = b"", None, b""
    for block in inflate_blocks(content, path):
        rest += block
        if not head:
            match = _DATA.search(rest)
            if match:
                head, rest = rest[: match.end()], rest[match.end() :]
            elif len(rest) > LONGEST:
                break
        if head and tail is None:
            match = _DATA_END.search(rest) if b"sheetData" in rest else None
            rest = rest[match.start() :] if match else rest[-64:]
            tail = b"" if match else None
        if tail is not None and len(rest) > LONGEST:
            break
    if (
        not head
        or tail is None
        or len(rest) > LONGEST
        or b"<!DOCTYPE" in head
        or b"<!ENTITY" in head
    ):
        raise Refused("file_corrupt")
    return Frame(head, rest)


def _slices(content: bytes, path: str, frame: Frame) -> Iterator[bytes]:
    """The rows in slices of whole rows."""
    rest, skip = b"", len(frame.head)
    for block in inflate_blocks(content, path):
        block, skip = block[skip:], max(skip - len(block), 0)
        rest += block
        if len(rest) < settings().limits.slice_bytes:
            continue
        cut = rest.rfind(ROW_END) + len(ROW_END)
        if cut < len(ROW_END):
            begin = max(len(rest) - LONGEST, 0)
            cut = max((match.end() for match in _ROW_END.finditer(rest, begin)), default=0)
        if not cut:
            raise Refused("file_corrupt")
        yield rest[:cut]
        rest = rest[cut:]
    match = _DATA_END.search(rest)
    if match and match.start():
        yield rest[: match.start()]


def _strings(content: bytes) -> dict[str, SharedStrings]:
    """The strings of the workbook, by the name of their part."""
    names = [entry.filename for entry in entries(content) if entry.filename.lower() == STRINGS]
    return {name: SharedStrings(inflate_blocks(content, name)) for name in names}


def _shared_parts(content: bytes) -> dict[str, bytes]:
    """Styles and lists of the workbook: what every slice needs beside the strings."""
    return {
        entry.filename: inflate(content, entry.filename)
        for entry in entries(content)
        if _NEEDED.match(entry.filename)
        and not entry.is_dir()
        and entry.filename.lower() != STRINGS
    }


def _package(content: bytes, parts: dict[str, bytes]) -> io.BytesIO:
    return _zipped(_shared_parts(content) | parts)


def _zipped(parts: dict[str, bytes]) -> io.BytesIO:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    sink.seek(0)
    return sink
