"""A typed column with its faults and flags, and text in half width: what the readers of all types share."""

import re
import unicodedata
from collections.abc import Callable, Sized
from dataclasses import dataclass, field

import polars as pl

from minzheng.id_number import INVISIBLE

Masks = list[tuple[str, pl.Series]]
FEW = 3000
_BLANKS = re.compile(f"[{INVISIBLE}]")


@dataclass
class Typed:
    """A typed column; `faults` quarantine the row, `flags` go with it. Masks hold no nulls."""

    value: pl.Series
    faults: Masks = field(default_factory=list)
    flags: Masks = field(default_factory=list)
    also: dict[str, pl.Series] = field(default_factory=dict)


def half_width(text: pl.Series) -> pl.Series:
    """Full-width letters, digits and signs as half-width, without blanks inside; cheap where there is nothing to do."""
    if text.str.contains(r"[^!-~\p{Han}]").any():
        return text.str.normalize("NFKC").str.replace_all(f"[{INVISIBLE}]", "")
    return text


def half_width_text(cell: str) -> str:
    """`half_width` of one text."""
    return (
        cell
        if cell.isascii() and " " not in cell
        else _BLANKS.sub("", unicodedata.normalize("NFKC", cell))
    )


def none_of(series: pl.Series) -> pl.Series:
    """A mask that holds nowhere, as long as a series."""
    return pl.Series([False]).new_from_index(0, len(series))


def certain(mask: pl.Series) -> pl.Series:
    """A mask in which unknown is false; cheap where nothing is unknown."""
    return mask.fill_null(False) if mask.null_count() else mask


def blank(series: pl.Series) -> pl.Series:
    """Where a series is null; cheap where it is nowhere."""
    return series.is_null() if series.null_count() else none_of(series)


def not_read(text: pl.Series, value: pl.Series) -> pl.Series:
    """Where a cell holds something that gave no value."""
    return blank(value) & ~blank(text)


def is_long(column: Sized) -> bool:
    """Whether a column has so many cells that setting up an expression is quicker than a plain loop."""
    return len(column) >= FEW


def different(texts: pl.Series) -> set:
    """The different texts of a column, null as one of them."""
    return set((texts.unique() if is_long(texts) else texts).to_list())


def different_pairs(one: pl.Series, other: pl.Series) -> set[tuple]:
    """The different pairs of two columns' texts."""
    if is_long(one):
        return set(pl.DataFrame([one, other]).unique().rows())
    return set(zip(one.to_list(), other.to_list(), strict=True))


def coded(texts: pl.Series) -> tuple[list[str], pl.Series]:
    """The different texts of a long column, and of each cell the place of its own; null stays null."""
    words = texts.drop_nulls().unique()
    return words.to_list(), texts.cast(pl.Enum(words)).to_physical()


def by_word(texts: pl.Series, said: Callable[[str], object], dtype: type = pl.String) -> pl.Series:
    """What is said of each text, of equal ones once; null stays null."""
    if is_long(texts):
        words, places = coded(texts)
        return pl.Series(texts.name, list(map(said, words)), dtype=dtype)[places]
    cells = texts.to_list()
    words = {cell: said(cell) for cell in set(cells) if cell is not None}
    return pl.Series(texts.name, [words.get(cell) for cell in cells], dtype=dtype)


def holding(texts: pl.Series, holds: Callable[[str], bool]) -> pl.Series:
    """Where `holds` is true of a text; each different one is asked once, null is false."""
    found = [text for text in different(texts) - {None} if holds(text)]
    return certain(texts.is_in(found)) if found else none_of(texts)


def fault(result: Typed, code: str, mask: pl.Series) -> Typed:
    """The result with one more fault, where there is any."""
    if mask.any():
        result.faults.append((code, mask))
    return result
