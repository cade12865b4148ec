"""A data sheet taken apart: title, header, data rows as columns of text with raw kinds, and the rows that are no data."""

from dataclasses import dataclass, field

import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.intake.grid import Cell, Grid, Kind, Merged, cell_kind, cell_text
from minzheng.intake.header import (
    FOOTER_FIRST,
    Header,
    check_header,
    find_header,
    header_text,
    is_footer,
    is_total,
)
from minzheng.intake.settings import settings

BLANK = " \t\r\n\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff"
EXAMPLE_MARKS = {"示例", "样例", "填写示范"}
FEW = 3000  # rows below which a plain loop is quicker than setting up an expression
MERGE_FILLED = {"statistical_month", "township_name", "village_name", "region_code", "household_no"}
IDENTIFYING = {
    "person_id_no",
    "person_name",
    "grant_no",
    "application_no",
    "payment_no",
    "card_no",
    "facility_code",
}
IDENTIFYING |= {
    "facility_name",
    "site_code",
    "site_name",
    "item_code",
    "item_name",
    "param_code",
    "population_source",
}
IDENTIFYING |= {"region_name", "region_level", "place", "hit_kind"}


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
    not_data: int
    flags: list[str] = field(default_factory=list)
    place: int = 1  # of the sheet in its workbook

    @property
    def height(self) -> int:
        """Data rows."""
        return len(self.row_no)


def take_apart(grid: Grid, header: Header | None = None) -> Table | None:
    """The table of a sheet, None when it holds none; `Refused` when its header breaks a file-level rule.

    `header` is given for a block of rows further down in the same sheet.
    """
    if header is None:
        header = find_header(grid)
        if header is None:
            return None
        check_header(header)
        header.width = len(grid.rows[header.last])
        header.least = sum(cell_text(cell).strip(BLANK) != "" for cell in grid.rows[header.last])
    else:
        header = header.below()
    above = [row for row in grid.rows[: header.first] if any(cell != "" for cell in row)]
    before = [
        " ".join(text for text in map(_title_text, row) if text.strip(BLANK)) for row in above
    ]
    rows, numbers, totals, others = _sort_rows(grid, header)
    flags = list(grid.flags) + (["extra_columns"] if header.extra else [])
    of_data = {number - 1 for number in numbers}
    flags += ["hidden_rows"] * bool(grid.hidden_rows & of_data) + ["struck_rows"] * bool(
        grid.struck_rows & of_data
    )
    structure = _structure(grid, header, rows)
    width = max([*(position + 1 for position in header.places.values()), 1])
    padded = [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]
    columns = list(zip(*padded, strict=False)) if padded else [()] * width
    text, kind = {}, {}
    for name, position in header.places.items():
        text[name], kinds = text_column(header.dataset.column(name), columns[position])
        if kinds is not None:
            kind[name] = kinds
    if any(type(cell) is Merged for row in rows for cell in row) if not grid.exact else False:
        flags.append("merged_cells")
    not_data = (
        len([line for line in before if line])
        + header.last
        - header.first
        + 1
        + len(totals)
        + others
    )
    row_no = pl.Series("row_no", numbers, dtype=pl.Int32)
    return Table(header, grid.sheet, before, row_no, text, kind, structure, totals, not_data, flags)


def _title_text(cell: Cell) -> str:
    """A cell above the header as text; the number 2024.1 may have lost a zero and names no month."""
    return "" if isinstance(cell, float) and not cell.is_integer() else cell_text(cell)


def _sort_rows(grid: Grid, header: Header) -> tuple[list, list[int], list[Total], int]:
    """Data rows with their numbers, total rows by column, and how many other rows below the header are no data."""
    keys = [header.places[name] for name in IDENTIFYING & header.places.keys()]
    month = header.places.get("statistical_month", header.places.get("index_month"))
    heading = header.places.get(header.dataset.columns[-1].name)
    rows, numbers, totals, others = [], [], [], 0
    for index in range(header.last + 1, len(grid.rows)):
        row = grid.rows[index]
        if _shows(row):
            others += 1
            continue
        full = keys and len(row) > max(keys) and all(row[key] != "" for key in keys)
        if full and not _signs(row) and not _repeats_header(row, header, heading):
            rows.append(row)
            numbers.append(grid.number(index))
            continue
        texts = [cell_text(cell).strip(BLANK) for cell in row]
        if not any(texts) and not any(cell_kind(cell) >= Kind.ERROR for cell in row):
            continue
        named = not _signs(row) and any(
            key < len(texts) and texts[key] and not is_total([texts[key]]) for key in keys
        )
        dated = month is not None and month < len(texts) and texts[month][:4].isdigit()
        if not named and is_total(texts):
            cells = {
                name: texts[place] for name, place in header.places.items() if place < len(texts)
            }
            totals.append(Total(len(rows), grid.number(index), cells))
        elif _repeats_header(row, header, heading) or (
            not dated and (is_footer(texts) or _is_note(texts, named))
        ):
            others += 1
        else:
            rows.append(row)
            numbers.append(grid.number(index))
    return rows, numbers, totals, others


def _shows(row: list) -> bool:
    """Whether a row only shows how to fill the form, by the mark in its first cell."""
    return isinstance(row[0], str) and row[0].strip(BLANK) in EXAMPLE_MARKS if row else False


def _signs(row: list) -> bool:
    """Whether a row begins as a signature line or a note does."""
    first = row[0] if row else ""
    return (
        isinstance(first, str)
        and len(first) > 1
        and first[0] in FOOTER_FIRST
        and is_footer([first])
    )


def _is_note(texts: list[str], named: bool) -> bool:
    """A line with one or two cells that names nobody and nothing, or with one long sentence."""
    filled = [text for text in texts if text]
    return (not named and len(filled) <= 2) or (len(filled) == 1 and len(texts) > 1)


def _repeats_header(row: list, header: Header, heading: int | None) -> bool:
    """Whether the header was printed again, as on every page."""
    places = list(header.places.items())[:3]
    if heading is not None and not (heading < len(row) and isinstance(row[heading], str)):
        return False
    return all(
        place < len(row)
        and isinstance(row[place], str)
        and header_text(row[place]) == _own(header, name)
        for name, place in places
    )


def _own(header: Header, name: str) -> str:
    return header_text(header.dataset.column(name).header)


def _structure(grid: Grid, header: Header, rows: list) -> pl.Series:
    """`column_count` for records of another width than the header, `field_too_long` for cells beyond any contract."""
    codes: list[str | None] = [None] * len(rows)
    if grid.exact:
        width, least, limit = header.width, header.least, settings().limits.field_characters
        for index, row in enumerate(rows):
            if len(row) != width and (
                len(row) < least or any(cell.strip(BLANK) for cell in row[width:])
            ):
                codes[index] = "column_count"
            elif any(len(cell) > limit for cell in row):
                codes[index] = "field_too_long"
    return pl.Series("structure", codes, dtype=pl.String)


def text_column(column: Column, cells: tuple) -> tuple[pl.Series, pl.Series | None]:
    """A column as trimmed text (null where blank) and, where some cell was no text, what each cell was."""
    kinds = None
    if set(map(type, cells)) - {str}:
        if column.name not in MERGE_FILLED:
            cells = tuple("" if type(cell) is Merged else cell for cell in cells)
        kinds = pl.Series(column.name, [cell_kind(cell) for cell in cells], dtype=pl.UInt8)
        cells = [cell_text(cell) for cell in cells]
    if len(cells) < FEW:
        return pl.Series(
            column.name, [cell.strip(BLANK) or None for cell in cells], dtype=pl.String
        ), kinds
    series = pl.Series(column.name, cells, dtype=pl.String).str.strip_chars(BLANK)
    return series.replace("", None), kinds
