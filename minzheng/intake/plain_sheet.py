"""A slice of a plain sheet as columns, without a cell laid out: its bytes are looked at as arrays.

Plain is a slice of whole rows, one behind the other, whose cells are shared strings and numbers and whose every byte is told of
here. Anything else (formulas, hidden rows, dates, inline and rich text, entities) is none of this room's: `None`, and the
slice is read cell by cell.
"""

import re

import numpy as np
import polars as pl

from minzheng.intake.grid import Columns, cell_text
from minzheng.intake.number_format import shown
from minzheng.intake.package import Book
from minzheng.intake.settings import settings

_ATTRIBUTE = rb' [A-Za-z:0-9]+="[ !#-%\'-;=?-~]*"'
_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"((?:%b)*)>' % _ATTRIBUTE)
_NAME = re.compile(rb" ([A-Za-z:0-9]+)=")
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_FORMAT = re.compile(r"[0#?,.%;()_ -]*")  # no letter that a reader might take for a date
_ITEM = r'^<si><t(?:>([^<&\r\s](?:[^<&\r]*[^<&\r\s])?)| xml:space="preserve">([^<&\r]*))</t>$'
_HEAD = re.compile(
    rb"""(?:<\?xml version=["']1.0["'](?: encoding=["']utf-8["'])?(?: standalone=["']yes["'])? ?\?>\s*)?"""
    rb"<sst(?:%b)*>" % _ATTRIBUTE,
    re.IGNORECASE,
)
_ESCAPE = r"_x[0-9A-Fa-f]{4}_"
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?"/>')
_STRING, _NUMERIC = (int.from_bytes(b' t="%b">' % kind, "little") for kind in (b"s", b"n"))
_STYLED = int.from_bytes(b' s="', "little")
_CELL = int.from_bytes(b'<c r="', "little")
_ROW_END = int.from_bytes(b"</row>", "little")


def plain_strings(part) -> pl.Series | None:
    """The shared strings of a workbook, given in blocks, null where one is more than plain text; last of all a blank."""
    parts, rest, count = [], b"", 0
    for block in part:
        rest += block
        if b"<!" in rest:
            return None
        *items, rest = rest.split(b"</si>")
        if not count and items:
            head, mark, first = items[0].partition(b"<si>")
            if not _HEAD.fullmatch(head):
                return None
            items[0] = mark + first
        count += len(items)
        parts.append(_texts(items))
        odd = parts[-1].is_null().arg_true().to_list()
        if any(items[place].count(b"<si") != 1 for place in odd):
            return None
    return None if b"<si" in rest else pl.concat([*parts, pl.Series([""])]).rechunk()


def _texts(items: list[bytes]) -> pl.Series:
    """The texts of plain elements, null for others."""
    try:
        xml = pl.Series(items, dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:  # no UTF-8
        return pl.Series([None] * len(items), dtype=pl.String)
    found = xml.str.extract_groups(_ITEM).struct.unnest()
    texts = found["1"].fill_null(found["2"])
    return texts.set(texts.str.contains(_ESCAPE).fill_null(False), None)


def vertical_merges(tail: bytes) -> list[tuple[int, int]] | None:
    """First and last rows of the merges that go down one column; None where a merge is written in an unknown way."""
    found = _MERGED.findall(tail)
    if len(found) != tail.count(b"mergeCell ") + tail.count(b"mergeCell\t"):
        return None
    return [
        (int(top), int(bottom))
        for left, top, right, bottom in found
        if bottom and left == right and bottom != top
    ]


def plain_rows(
    body: bytes, last: int, strings: pl.Series, book: Book
) -> tuple[Columns, list[str]] | None:
    """The rows of a slice, of which the first is the one below row `last`, and their flags; None where it is not plain."""
    found = _Tags(body)
    if not found.known() or not found.follow(last):
        return None
    columns, numeric = found.columns(), found.kinds()
    styles = found.styles()
    if columns is None or numeric is None or styles is None:
        return None
    rows, width = found.row_of_cell, int(columns.max(initial=0)) + 1
    same = rows[1:] == rows[:-1]
    if (columns[1:] <= columns[:-1])[same].any() or width * found.height > settings().limits.cells:
        return None
    filled = found.filled
    if np.isin(styles[filled], list(book.struck)).any():
        return None
    places = found.references(filled & ~numeric)
    if places is None or (places >= len(strings) - 1).any():
        return None
    laid = np.full((width, found.height), len(strings) - 1, np.uint32)
    laid[columns[filled & ~numeric], rows[filled & ~numeric]] = places
    series = [strings[line] for line in laid]
    if any(one.null_count() for one in series):
        return None
    return _with_numbers(found, series, columns, numeric & filled, styles, book)


def _with_numbers(tags: "_Tags", series: list[pl.Series], columns, numeric, styles, book: Book):
    """The columns with the numbers as a person sees them; `numbers` tells where a cell is one."""
    frame = pl.DataFrame([one.alias(f"{place}") for place, one in enumerate(series)])
    if not numeric.any():
        return Columns(frame), []
    words, numbers = tags.words(numeric), {}
    told = {
        pair: _shown(*pair, book) for pair in set(zip(words, styles[numeric].tolist(), strict=True))
    }
    if None in told.values():
        return None
    cells = [told[pair] for pair in zip(words, styles[numeric].tolist(), strict=True)]
    texts = np.array([text for text, *_ in cells], dtype=object)
    still = np.array([number for _, number, _ in cells])
    where, at = columns[numeric], tags.row_of_cell[numeric]
    for place in np.unique(where).tolist():
        here = where == place
        frame = frame.with_columns(
            frame.to_series(place).scatter(at[here], pl.Series(texts[here].tolist()))
        )
        mask = np.zeros(tags.height, bool)
        mask[at[here][still[here]]] = True
        if mask.any():
            numbers[place] = pl.Series(mask)
    return Columns(frame, numbers), ["shown_rounded"] * any(hidden for *_, hidden in told.values())


def _shown(word: str, style: int, book: Book) -> tuple[str, bool, bool] | None:
    """A number's text, whether it is a number still, and whether its format hides digits; None where another reader must say."""
    if not _NUMBER.fullmatch(word):
        return None
    value = float(word)
    if style < 0 or style in book.general:
        return cell_text(value), True, False
    code = book.codes.get(style)
    if code is None or not _FORMAT.fullmatch(code):
        return None
    seen = shown(value, code)
    return (seen[0], False, seen[1]) if seen else (cell_text(value), True, False)


def _is_seen(attributes: bytes) -> bool:
    """Whether the attributes of a row, each there once, hide nothing."""
    names = _NAME.findall(attributes)
    return len({*names, b"r", b"hidden"}) == len(names) + 2


class _Tags:
    """The tags of a slice: where each begins, and which are rows and cells."""

    def __init__(self, body: bytes):
        self.body, self.bytes = body, np.frombuffer(body + bytes(32), np.uint8)
        self._windows = np.ndarray((len(body) + 24,), "<u8", self.bytes, strides=(1,))
        at = np.flatnonzero(self.bytes == ord("<"))
        self.count, self.at = len(at), np.append(at, [len(body)] * 4)
        first, second = self.bytes[at + 1], self.bytes[at + 2]
        closes = first == ord("/")
        self._opens = np.flatnonzero(first == ord("r"))
        self._closes = np.flatnonzero(closes & (second == ord("r")))
        self.cells = np.flatnonzero(first == ord("c"))
        self.filled = np.append(first, 0)[self.cells + 1] == ord("v")
        self.height = len(self._opens)

    def _eight(self, at: np.ndarray, count: int) -> np.ndarray:
        """The first `count` of eight bytes at each place as one number."""
        return self._windows[at] & np.uint64(256**count - 1 if count < 8 else 2**64 - 1)

    def known(self) -> bool:
        """Whether the tags are rows of cells, each with one value or none, and nothing stands between them."""
        values = self.cells[self.filled] + 1
        count = 2 * self.height + len(self.cells) + 3 * len(values)
        if not self.height or count != self.count or len(self._closes) != self.height:
            return False
        if self.at[0] or self._opens[0] or (self._closes[:-1] + 1 != self._opens[1:]).any():
            return False
        begins, ends, closed = self.at[values], self.at[values + 1], self.at[values + 2]
        empty = self.at[self.cells[~self.filled] + 1]
        rows = self.at[self._closes]
        return bool(
            (self._eight(begins, 3) == int.from_bytes(b"<v>", "little")).all()
            and (self._eight(ends, 8) == int.from_bytes(b"</v></c>", "little")).all()
            and (closed == ends + 4).all()
            and (self.at[values + 3] == closed + 4).all()
            and (self._eight(empty - 2, 2) == int.from_bytes(b"/>", "little")).all()
            and (self._eight(rows, 6) == _ROW_END).all()
            and (self.at[self._closes + 1] == rows + 6).all()
            and (self._eight(self.at[self.cells], 6) == _CELL).all()
        )

    def follow(self, last: int) -> bool:
        """Whether the rows are those below row `last`, and all are seen."""
        bounds = zip(self.at[self._opens].tolist(), self.at[self._opens + 1].tolist(), strict=True)
        tags = [_ROW.fullmatch(self.body[begin:end]) for begin, end in bounds]
        if not all(tags) or not all(map(_is_seen, {tag[2] for tag in tags})):
            return False
        self.numbers = np.arange(last + 1, last + 1 + self.height)
        self.row_of_cell = np.searchsorted(self._opens, self.cells) - 1
        return [int(tag[1]) for tag in tags] == self.numbers.tolist()

    def columns(self) -> np.ndarray | None:
        """The column of each cell, from 0; None where a reference is not of its row or lies right of column ZZ."""
        begin = self.at[self.cells] + 6
        one, two = (self.bytes[begin + place].astype(np.int64) - 64 for place in (0, 1))
        wide = (two >= 1) & (two <= 26)
        length = np.char.str_len(self.numbers.astype(str))[self.row_of_cell]
        self._behind = begin + 1 + wide + length
        quoted = self.bytes[self._behind] == ord('"')
        same = self._number(begin + 1 + wide, length) == self.numbers[self.row_of_cell]
        good = (one >= 1) & (one <= 26) & same & quoted
        return np.where(wide, one * 26 + two, one) - 1 if good.all() else None

    def _number(self, at: np.ndarray, length: np.ndarray) -> np.ndarray:
        """The numbers that so many digits at these places spell, -1 where some byte is none."""
        value, good = np.zeros(len(at), np.int64), np.ones(len(at), bool)
        for place in range(int(length.max(initial=0))):
            here, digit = place < length, self.bytes[at + place].astype(np.int64) - 48
            good &= ~here | ((digit >= 0) & (digit <= 9))
            value = np.where(here, value * 10 + digit, value)
        return np.where(good, value, -1)

    def kinds(self) -> np.ndarray | None:
        """Which cells hold a number; the others point at a string."""
        end = self.at[self.cells + 1]
        kind = self._eight(end - 7, 7)
        self._told = (kind == _STRING) | (kind == _NUMERIC)
        closed = self.bytes[end - 1] == ord(">")
        return kind != _STRING if closed[self.filled].all() else None

    def styles(self) -> np.ndarray | None:
        """The style of each cell with a value, -1 for one without."""
        begin = self._behind + 1
        end = np.where(self._told, self.at[self.cells + 1] - 7, self.at[self.cells + 1] - 1)
        styles, length = np.full(len(begin), -1), end - begin
        length = np.where(self.filled, length, 0)
        styled = length > 0
        digits = length[styled] - 5
        if (length < 0).any() or ((digits < 1) | (digits > 4)).any():
            return None
        at, last = begin[styled], end[styled] - 1
        value = self._number(at + 4, digits)
        good = (self._eight(at, 4) == _STYLED) & (self.bytes[last] == ord('"')) & (value >= 0)
        styles[styled] = value
        return styles if good.all() else None

    def references(self, wanted: np.ndarray) -> np.ndarray | None:
        """The numbers that these cells hold, of up to nine digits."""
        begin, end = self.at[self.cells[wanted] + 1] + 3, self.at[self.cells[wanted] + 2]
        length = end - begin
        if ((length < 1) | (length > 9)).any():
            return None
        value = self._number(begin, length)
        return value if (value >= 0).all() else None

    def words(self, wanted: np.ndarray) -> list[str]:
        """What these cells hold, as written."""
        begin, end = self.at[self.cells[wanted] + 1] + 3, self.at[self.cells[wanted] + 2]
        bounds = zip(begin.tolist(), end.tolist(), strict=True)
        return [self.body[one:other].decode("latin-1") for one, other in bounds]
