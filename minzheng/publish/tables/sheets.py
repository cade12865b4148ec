"""The sheets of tables.xlsx: all look and print alike (title in A1, unit note in A2, header in row 4, frozen panes)."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from minzheng.publish.cell import BREAK, BREAK_ZH, Cell

HEADER_ROW = 3
LINE_HEIGHT = 13  # points, for 10 point text
INDENT = 1.5  # digits: the indent and the cell's own margins
RULE = {"left": 6, "left_color": "#000000"}
"""The double upright line to the left of the first cell of a new definition."""
STATUS_ZH = {
    "value": "",
    "missing": "缺报",
    "suppressed": "不予公布",
    "not_applicable": "不适用",
    "absent": "",
}


@dataclass(frozen=True)
class Rounded:
    """A number as printed in the report, with its decimals."""

    text: str
    decimals: int


A4, A3 = 9, 8
MOST_ON_A4 = 220
"""Characters in a row that still can be read on landscape A4; wider sheets are printed on A3."""


@dataclass(frozen=True)
class Share:
    """A share that Excel shows as a percentage."""

    value: float


Entry = str | int | float | Cell | Rounded | Share | None
"""What a cell of a table takes; None and a `Cell` without a value leave it empty."""


class Sheets:
    """Adds sheets that look and print alike."""

    def __init__(self, book, marking: str = ""):
        self.book, self.marking = book, marking
        self.base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        head = {
            **self.base,
            "bold": True,
            "align": "center",
            "bottom": 1,
            "top": 1,
            "bg_color": "#F2F2F2",
        }
        self.line = {**self.base, "bottom": 4, "bottom_color": "#B0B0B0"}
        self.plain = book.add_format(self.line)
        self.wrapped = book.add_format({**self.line, "text_wrap": True, "indent": 1})
        self.note = book.add_format(self.base)
        self.title = book.add_format({**self.base, "font_name": "黑体", "font_size": 14})
        self.head = book.add_format({**head, "text_wrap": True})
        self.month = book.add_format({**head, "num_format": "yyyy-mm"})
        self.share = book.add_format({**self.line, "num_format": "0.0%"})
        self.numbers: dict[tuple[int, bool], object] = {}
        self.first = book.add_format({**self.line, **RULE})
        self.widths: list[float] = []

    def number(self, decimals: int, begins: bool = False):
        """The format of a number with that many decimals, thousands grouped; with ‡ and a rule where a definition begins."""
        if (decimals, begins) not in self.numbers:
            pattern = (
                "#,##0"
                + ("." + "0" * decimals if decimals else "")
                + (f'"{BREAK}"' if begins else "")
            )
            told = {**self.line, "num_format": pattern} | (RULE if begins else {})
            self.numbers[decimals, begins] = self.book.add_format(told)
        return self.numbers[decimals, begins]

    def sheet(
        self,
        name: str,
        title: str,
        note: str,
        columns: Sequence[tuple[str | dt.datetime, float]],
        freeze: int,
    ):
        """A sheet of `columns` (heading, or a month as a date; width) with `freeze` of them frozen, fit to a page's width."""
        sheet, self.widths = self.book.add_worksheet(name), [width for _, width in columns]
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, note, self.note)
        sheet.set_row(0, 24)
        sheet.set_row(HEADER_ROW, 30)
        for column, (heading, width) in enumerate(columns):
            if isinstance(heading, str):
                sheet.write_string(HEADER_ROW, column, heading, self.head)
            else:
                sheet.write_datetime(HEADER_ROW, column, heading, self.month)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(HEADER_ROW + 1, freeze)
        sheet.set_landscape()
        sheet.set_paper(A3 if sum(self.widths) > MOST_ON_A4 else A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        if self.marking:
            sheet.set_header(f"&R{self.marking}")
        sheet.set_footer("&C— &P —")
        return sheet

    def row(self, sheet, at: int, entries: Sequence[Entry]) -> None:
        """Write a row of the newest sheet: texts as text, numbers as numbers at their printed digits, as high as it needs."""
        lines = max(
            lines_of(entry, width) for entry, width in zip(entries, self.widths, strict=True)
        )
        if lines > 1:
            sheet.set_row(at, LINE_HEIGHT * lines + 2)
        for column, entry in enumerate(entries):
            match entry:
                case str():
                    sheet.write_string(at, column, entry, self.wrapped)
                case Rounded():
                    sheet.write_number(at, column, float(entry.text), self.number(entry.decimals))
                case Share():
                    sheet.write_number(at, column, entry.value, self.share)
                case Cell() if entry.state == "value":
                    sheet.write_number(
                        at,
                        column,
                        float(entry.printed),
                        self.number(entry.decimals, bool(entry.begins)),
                    )
                case Cell() if entry.begins:
                    sheet.write_blank(at, column, None, self.first)
                case int() | float():
                    sheet.write_number(at, column, entry, self.plain)
                case _:
                    sheet.write_blank(at, column, None, self.plain)


def lines_of(entry: Entry, width: float) -> int:
    """How many lines a text takes in a column of `width` digits: a Chinese character is two, less the indent."""
    if not isinstance(entry, str):
        return 1
    digits = sum(2 if ord(char) > 0x2E7F else 1 for char in entry)
    return max(1, math.ceil(digits / max(width - INDENT, 1)))


def status_text(cell: Cell) -> str:
    """Why there is no value, or E/P in words, and whether a definition begins; empty for a normal one."""
    return "；".join(told for told in (_kind(cell), BREAK_ZH.get(cell.begins)) if told)


def _kind(cell: Cell) -> str:
    if cell.lacks:
        return cell.lacks
    return (
        {"E": "推算", "P": "初步数"}.get(cell.obs_status, "")
        if cell.state == "value"
        else STATUS_ZH[cell.state]
    )


def status_months(cells: Sequence[Cell]) -> str:
    """The months of a series that are not normal, run by run, then where definitions begin.

    `2024-03至2024-05缺报；2024-12不予公布；2024-07起口径调整`.
    """
    runs: list[list[str]] = []
    before = ""
    for cell in cells:
        told, month = _kind(cell), cell.reference.time_period
        if told and told == before:
            runs[-1][1] = month
        elif told:
            runs.append([month, month, told])
        before = told
    told = [(first if first == last else f"{first}至{last}") + kind for first, last, kind in runs]
    return "；".join(
        told + [f"{c.reference.time_period}起{BREAK_ZH[c.begins]}" for c in cells if c.begins]
    )
