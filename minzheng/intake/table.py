"""A data sheet taken apart: title, header, data rows as columns of text with raw kinds, and the rows that are no data."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.intake.grid import Cell, Columns, Grid, Merged, cell_kind, cell_text
from minzheng.intake.header import Header, check_header, find_header, header_at, header_text
from minzheng.intake.places import county
from minzheng.intake.row_kinds import (
    BLANK,
    is_filled,
    is_plain,
    kind_of,
    looks_like_data,
    looks_like_header,
    perhaps_odd,
)
from minzheng.intake.settings import Refused, settings
from minzheng.intake.typed import is_long

LAST_LINES = (65_536, 1_048_576)  # of an .xls and of an .xlsx: what stands there may have been cut


@dataclass(frozen=True)
class Total:
    """A row of sums: how many data rows of its block stand before it, its number, and its cells by column."""

    after: int
    row_no: int
    cells: dict[str, str]


@dataclass
class Table:
    """The data rows of one sheet. `text[column]` is trimmed text, null where blank; `kind` only where a cell was no text."""

    header: Header
    sheet: str
    before: list[str]
    row_no: pl.Series
    text: dict[str, pl.Series]
    kind: dict[str, pl.Series]
    structure: pl.Series  # reason code of rows that broke the structure, else null
    totals: list[Total]
    not_data: Counter[str]  # rows around the data, by what they are
    flags: list[str] = field(default_factory=list)
    place: int = 1  # of the sheet in its workbook
    unread: bool = False  # rows like the table's stand above its header

    @property
    def height(self) -> int:
        """Data rows."""
        return len(self.row_no)


def take_apart(grid: Grid, header: Header | None = None) -> Iterator[Table]:
    """The tables of a sheet, one below the other, none when it holds none; `Refused` when a header breaks a file-level rule.

    `header` is given for a block of rows further down in the same sheet. A header that is printed again with its columns in
    another order begins a table of its own.
    """
    if header is None:
        header = find_header(grid)
        if header is None:
            return
        _measure(header, grid)
        above = [row for row in grid.rows[: header.first] if any(cell != "" for cell in row)]
    else:
        header, above = header.below(), []
    unread = [row for row in above if looks_like_data(row, county()[0])]
    before = [
        " ".join(text for text in map(_title_text, row) if text.strip(BLANK))
        for row in above
        if row not in unread
    ]
    while True:
        if isinstance(grid.rows, Columns) and grid.exact and grid.rows.frame.width != header.width:
            grid.rows = grid.rows[:]
        found = _Rows()
        following = _sort_rows(grid, header, found)
        table = _table(grid, header, found, before)
        table.unread = bool(unread) or grid.unread
        yield table
        if following is None:
            return
        header, before, unread = following, [], []
        _measure(header, grid)


def _measure(header: Header, grid: Grid) -> None:
    check_header(header)
    header.width = len(grid.rows[header.last])
    header.least = sum(cell_text(cell).strip(BLANK) != "" for cell in grid.rows[header.last])


def _table(grid: Grid, header: Header, below: "_Rows", before: list[str]) -> Table:
    """The table of the rows that were found below a header."""
    if isinstance(grid.rows, Columns):
        rows, (text, kind) = [], _by_column(grid.rows, header, below.places)
    else:
        rows = [grid.rows[place] for place in below.places.tolist()]
        text, kind = _cells(rows, header)
    flags = (
        list(grid.flags)
        + (["extra_columns"] if header.extra else [])
        + ["example_rows"] * bool(below.others["example"])
    )
    numbers = grid.start + below.places + 1
    for marked, flag in ((grid.hidden_rows, "hidden_rows"), (grid.struck_rows, "struck_rows")):
        flags += [flag] * (bool(marked) and not marked.isdisjoint((numbers - 1).tolist()))
    last = numbers[-1] if len(numbers) else 0
    flags += ["sheet_full"] * (last in LAST_LINES and not grid.exact)
    if not grid.exact and any(type(cell) is Merged for cell in chain.from_iterable(rows)):
        flags.append("merged_cells")
    others = below.others + Counter(
        title=sum(map(bool, before)), header=header.last - header.first + 1, total=len(below.totals)
    )
    row_no = pl.Series("row_no", numbers.astype(np.int32))
    structure = _structure(grid, header, rows, len(row_no), text)
    return Table(
        header, grid.sheet, before, row_no, text, kind, structure, below.totals, +others, flags
    )


def _cells(rows: list, header: Header) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Text and kind of the header's columns in these rows."""
    width = max([*header.places.values(), 0]) + 1
    padded = [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]
    columns = list(zip(*padded, strict=False)) if padded else [()] * width
    text, kind = {}, {}
    for name, position in header.places.items():
        text[name], kinds = text_column(header.dataset.column(name), columns[position])
        if kinds is not None:
            kind[name] = kinds
    return text, kind


def _by_column(
    rows: Columns, header: Header, places: np.ndarray
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Text and kind of the header's columns in the rows in these places."""
    at = slice(None) if len(places) == len(rows) else places
    text, kind = {}, {}
    for name, position in header.places.items():
        there = position < rows.frame.width
        cells = rows.frame.to_series(position) if there else rows.lacking()
        text[name] = _trimmed(cells[at].alias(name))
        if position in rows.numbers and rows.numbers[position][at].any():
            kind[name] = rows.numbers[position][at].cast(pl.UInt8)
    return text, kind


@dataclass
class _Rows:
    """What stands below a header: the places of data rows, total rows by column, and how many of each other kind."""

    places: np.ndarray = field(default_factory=lambda: np.arange(0))
    totals: list[Total] = field(default_factory=list)
    others: Counter = field(default_factory=Counter)


def _title_text(cell: Cell) -> str:
    """A cell above the header as text; the number 2024.1 may have lost a zero and names no month."""
    return "" if isinstance(cell, float) and not cell.is_integer() else cell_text(cell)


def _sort_rows(grid: Grid, header: Header, below: _Rows) -> Header | None:
    """Sort the rows below a header; returns the next header where one stands there with its columns in another order."""
    first, end, out = header.last + 1, len(grid.rows), []
    by_column = isinstance(grid.rows, Columns)
    following, next_row = None, first
    for index in perhaps_odd(grid.rows, header) if by_column else range(first, end):
        row = grid.rows[index]
        if index < next_row or is_plain(row, header):
            continue
        kind = kind_of(row, header)
        if kind is None:
            following = _following(grid, index, header)
            if following is None:
                continue
            if following.places != header.places:
                end = index
                break
            next_row = following.last + 1
            below.others["header"] += next_row - index
            out += range(index, next_row)
            following = None
            continue
        if kind == "total":
            texts = [cell_text(cell).strip(BLANK) for cell in row]
            cells = {
                name: texts[place] for name, place in header.places.items() if place < len(texts)
            }
            below.totals.append(Total(index - first - len(out), grid.start + index + 1, cells))
        elif kind != "blank":
            below.others[kind] += 1
        out.append(index)
    below.places = np.setdiff1d(np.arange(first, end), out, assume_unique=True)
    return following


def _following(grid: Grid, index: int, header: Header) -> Header | None:
    """The header that stands in a row below another; `multiple_datasets` where it is one of another table."""
    if not looks_like_header([header_text(cell_text(cell)) for cell in grid.rows[index]], header):
        return None
    found = header_at(grid.rows, index)
    if found and found.dataset.dataset != header.dataset.dataset:
        raise Refused("multiple_datasets")
    return found


def _structure(
    grid: Grid, header: Header, rows: list, height: int, text: dict[str, pl.Series]
) -> pl.Series:
    """`column_count` for records of another width than the header, `field_too_long` for cells beyond any contract."""
    limit, width, least = settings().limits.field_characters, header.width, header.least
    long = [
        series.str.len_chars() > limit
        for series in text.values()
        if series.estimated_size() > limit and (series.str.len_bytes().max() or 0) > limit
    ]
    long = [mask.fill_null(False) for mask in long if mask.any()]
    codes: dict[int, str] = {}
    for mask in long:
        codes |= dict.fromkeys(mask.arg_true().to_list(), "field_too_long")
    for index, row in enumerate(rows) if grid.exact else ():
        if len(row) != width and (
            len(row) < least or any(cell.strip(BLANK) for cell in row[width:])
        ):
            codes[index] = "column_count"
    structure = pl.Series("structure", [None], dtype=pl.String).new_from_index(0, height)
    return structure.scatter([*codes], [*codes.values()]) if codes else structure


def text_column(column: Column, cells: tuple) -> tuple[pl.Series, pl.Series | None]:
    """A column as trimmed text (null where blank) and, where some cell was no text, what each cell was."""
    kinds = None
    if set(map(type, cells)) - {str}:
        filled = is_filled(column)
        cells = tuple(
            (cell.cell if filled else "") if type(cell) is Merged else cell for cell in cells
        )
        kinds = pl.Series(column.name, [cell_kind(cell) for cell in cells], dtype=pl.UInt8)
        cells = [cell_text(cell) for cell in cells]
    if not is_long(cells):
        return pl.Series(
            column.name, [cell.strip(BLANK) or None for cell in cells], dtype=pl.String
        ), kinds
    return _trimmed(pl.Series(column.name, cells, dtype=pl.String)), kinds


def _trimmed(cells: pl.Series) -> pl.Series:
    """Text without blanks around it, null where nothing is left."""
    text = cells.str.strip_chars(BLANK)
    return text.set(text == "", None)
