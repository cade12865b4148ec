"""A sheet as it was read: rows of cells with their raw types, nothing interpreted yet."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import polars as pl

from minzheng.intake.number_format import shown


class Kind(IntEnum):
    """What a cell was before it became text."""

    TEXT = 0
    NUMBER = 1
    DATE = 2
    BOOLEAN = 3
    ERROR = 4
    NO_VALUE = 5


@dataclass(frozen=True)
class Fault:
    """A cell without a usable value: an error value, or a formula whose result was not saved."""

    kind: Kind


@dataclass(frozen=True)
class Merged:
    """What stands in a row under a vertically merged cell: nothing of its own; `cell` is that of the merge's first row."""

    cell: "str | float | int | bool | dt.date | dt.datetime"


ERROR = Fault(Kind.ERROR)
NO_VALUE = Fault(Kind.NO_VALUE)
Cell = str | float | int | bool | dt.date | dt.datetime | Fault | Merged


class Columns(Sequence):
    """Rows of one width that lie by column, as text, in `frame`; a row is laid out only when it is asked for.

    `numbers`: by the place of a column, where its cells are numbers.
    """

    def __init__(self, frame: pl.DataFrame, numbers: dict[int, pl.Series] | None = None):
        self.frame, self.numbers = frame, numbers or {}

    def __len__(self) -> int:
        return self.frame.height

    def __getitem__(self, place: int | slice) -> list:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        row = list(self.frame.row(place))
        for column, marks in self.numbers.items():
            row[column] = float(row[column]) if marks[place] else row[column]
        return row

    def __iter__(self) -> Iterator[list]:
        return map(self.__getitem__, range(len(self)))

    def lacking(self) -> pl.Series:
        """A column that the rows do not have."""
        return pl.Series([""]).new_from_index(0, len(self))


@dataclass
class Grid:
    """One sheet, or a block of it. `rows[i]` is the row the clerk sees as number `start + i + 1`.

    `exact` means that every row states its own width (CSV), so that a row of another width is a fault, not a blank tail.
    """

    sheet: str
    rows: list[list[Cell]] | Columns
    start: int = 0
    visible: bool = True
    exact: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    struck_rows: set[int] = field(default_factory=set)
    flags: list[str] = field(default_factory=list)
    unread: bool = False  # rows far below the others were left out


def cell_text(value: Cell) -> str:
    """A cell as text: whole numbers without a point, dates as ISO, faults as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, dt.datetime):
        return (
            value.date().isoformat()
            if value.time() == dt.time()
            else value.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if isinstance(value, Fault | Merged) or value is None else str(value)


def cell_kind(value: Cell) -> Kind:
    """What the cell was."""
    if isinstance(value, str):
        return Kind.TEXT
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, dt.date | dt.datetime):
        return Kind.DATE
    return value.kind if isinstance(value, Fault) else Kind.TEXT


def show(grid: Grid, row: int, column: int, code: str) -> None:
    """Replace a number by its text under a format, where a person sees another number; row from 0 of the grid."""
    value = grid.rows[row][column]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    seen = shown(value, code)
    if seen:
        grid.rows[row][column], hidden = seen
        if hidden and "shown_rounded" not in grid.flags:
            grid.flags.append("shown_rounded")


Ranges = list[tuple[tuple[int, int], tuple[int, int]]]


@dataclass
class Merges:
    """The merged cells of a sheet, from 0. A block of the sheet may hold the middle of one whose text stood in an earlier block."""

    ranges: Ranges = field(default_factory=list)
    _cells: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def fill(self, grid: Grid) -> None:
        """Mark every further row of a vertical merge with the cell of its first; who reads the column decides what that means."""
        end = grid.start + len(grid.rows)
        for (top, left), (bottom, right) in self.ranges:
            if bottom <= top or left != right or bottom < grid.start or top >= end:
                continue
            if top >= grid.start:
                row = grid.rows[top - grid.start]
                if left < len(row) and row[left] != "" and not isinstance(row[left], Fault):
                    self._cells[top, left] = row[left]
            if (top, left) not in self._cells:
                continue
            for row in grid.rows[max(top + 1 - grid.start, 0) : bottom + 1 - grid.start]:
                if left < len(row) and row[left] == "":
                    row[left] = Merged(self._cells[top, left])
