"""A typed column with its faults and flags, and text in half width: what the readers of all types share."""

import re
import unicodedata
from dataclasses import dataclass, field

import polars as pl

from minzheng.id_number import INVISIBLE

Masks = list[tuple[str, pl.Series]]
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


def not_read(text: pl.Series, value: pl.Series) -> pl.Series:
    """Where a cell holds something that gave no value."""
    return text.is_not_null() & value.is_null()


def fault(result: Typed, code: str, mask: pl.Series) -> Typed:
    """The result with one more fault, where there is any."""
    if mask.any():
        result.faults.append((code, mask))
    return result
