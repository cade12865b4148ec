"""Text to types, column by column. Explicit forms only: what has two readings or none is a fault, never a guess."""

from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter

import numpy as np
import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.intake.dates import may_have_lost_zeros, read_date, read_month
from minzheng.intake.grid import Kind
from minzheng.intake.numbers import read_decimal, read_int, read_year, read_yuan
from minzheng.intake.typed import Masks, Typed, coded, is_long
from minzheng.intake.words import read_code, read_flag, read_place_code, read_text

__all__ = ["Masks", "Typed", "typed"]


READERS = {
    "text": read_text,
    "code": read_code,
    "date": read_date,
    "month": read_month,
    "yuan": read_yuan,
    "int": read_int,
    "decimal": read_decimal,
    "percent": read_decimal,
    "flag": read_flag,
    "code12": read_place_code,
    "code9": read_place_code,
    "code7": read_place_code,
    "year": read_year,
}
REMEMBERED = 20_000  # different cells of a kind of column: some MB


def typed(
    column: Column, text: pl.Series, kind: pl.Series | None, *, blank_allowed: bool = False
) -> Typed:
    """One column by its contract: blanks, error cells, then the type's own forms."""
    reader = READERS.get(column.type, read_text)
    if reader is read_text or (column.type == "month" and may_have_lost_zeros(text)):
        result = reader(column, text, kind)
    else:
        result = _by_cell(column, text, kind)
    if kind is not None and kind.max() is not None and kind.max() >= Kind.ERROR:
        for code, wanted in (("cell_error", Kind.ERROR), ("formula_no_value", Kind.NO_VALUE)):
            mask = kind == wanted
            if mask.any():
                (result.flags if column.name == "remark" else result.faults).append((code, mask))
                text = text.set(mask, "")
    if column.required and not blank_allowed and text.null_count():
        result.faults.append(("blank_required", text.is_null()))
    return result


def _by_cell(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """A column read cell by cell, each different one once: what its reader says of a cell does not depend on the others."""
    numbers = None if kind is None else kind == Kind.NUMBER
    known = _known(column.type, column.name, column.codes, column.unknown_code, column.required)
    if not is_long(text):
        cells = text.to_list()
        if numbers is not None:
            pairs = zip(cells, numbers.to_list(), strict=True)
            cells = [(cell,) if number else cell for cell, number in pairs]
        return known.of(known.learn(column, cells))
    if text.n_unique() * 4 > len(text) or (numbers is not None and numbers.any()):
        return _ordered(READERS[column.type](column, text, kind))
    words, places = coded(text)
    return known.of(known.learn(column, [*words, None])[places.fill_null(len(words))])


def _ordered(read: Typed) -> Typed:
    """What a reader said of a whole column; of faults and flags those that some cell has, in the order of their codes."""
    faults, flags = (
        sorted([told for told in masks if told[1].any()], key=itemgetter(0))
        for masks in (read.faults, read.flags)
    )
    return Typed(read.value, faults, flags, read.also)


@cache
def _known(*_: object) -> "_Readings":
    """What was read so far of the columns that are read alike."""
    return _Readings()


@dataclass
class _Readings:
    """Different cells, a number of a workbook as a tuple of its text, with what a reader said of each."""

    places: dict[str | tuple[str] | None, int] = field(default_factory=dict)
    value: pl.Series | None = None
    also: dict[str, pl.Series] = field(default_factory=dict)
    faults: dict[str, np.ndarray] = field(default_factory=dict)
    flags: dict[str, np.ndarray] = field(default_factory=dict)

    def learn(self, column: Column, cells: list) -> np.ndarray:
        """Where each cell is told of. What was not met yet is read; when too much is known, all is forgotten first."""
        new = set(cells).difference(self.places)
        if new or self.value is None:
            self._read(column, cells, new)
        return np.fromiter(map(self.places.__getitem__, cells), np.uint32, len(cells))

    def _read(self, column: Column, cells: list, new: set) -> None:
        if len(self.places) + len(new) > REMEMBERED and self.places:
            self.__init__()
            new = set(cells)
        words, count = list(new), len(self.places)
        texts = [word[0] if type(word) is tuple else word for word in words]
        numbers = [Kind.NUMBER if type(word) is tuple else Kind.TEXT for word in words]
        kind = pl.Series(numbers, dtype=pl.UInt8) if any(numbers) else None
        read = READERS[column.type](column, pl.Series(column.name, texts, dtype=pl.String), kind)
        self.value = read.value if self.value is None else pl.concat([self.value, read.value])
        for name in {*self.also, *read.also}:
            parts = (self.also.get(name), count), (read.also.get(name), len(words))
            self.also[name] = pl.concat([_nulls(n) if s is None else s for s, n in parts])
        for masks, found in ((self.faults, read.faults), (self.flags, read.flags)):
            said = {code: mask.to_numpy() for code, mask in found}
            for code in {*masks, *said}:
                parts = (
                    masks.get(code, np.zeros(count, bool)),
                    said.get(code, np.zeros(len(words), bool)),
                )
                masks[code] = np.concatenate(parts)
        self.places.update(zip(words, range(count, count + len(words)), strict=True))

    def of(self, index: np.ndarray) -> Typed:
        """What was said of the cells in these places; of faults and flags those that some cell has."""
        places = pl.Series(index)
        faults, flags = (
            [
                (code, pl.Series(mask[index]))
                for code, mask in sorted(masks.items())
                if mask[index].any()
            ]
            for masks in (self.faults, self.flags)
        )
        also = {name: values[places] for name, values in self.also.items()}
        return Typed(self.value[places], faults, flags, also)


def _nulls(count: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)
