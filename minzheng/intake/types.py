"""Text to types, column by column. Explicit forms only: what has two readings or none is a fault, never a guess."""

import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.intake.dates import read_date, read_month
from minzheng.intake.grid import Kind
from minzheng.intake.numbers import read_decimal, read_int, read_year, read_yuan
from minzheng.intake.typed import Masks, Typed
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


def typed(
    column: Column, text: pl.Series, kind: pl.Series | None, *, blank_allowed: bool = False
) -> Typed:
    """One column by its contract: blanks, error cells, then the type's own forms."""
    result = READERS.get(column.type, read_text)(column, text, kind)
    if kind is not None and kind.max() is not None and kind.max() >= Kind.ERROR:
        for code, wanted in (("cell_error", Kind.ERROR), ("formula_no_value", Kind.NO_VALUE)):
            mask = kind == wanted
            if mask.any():
                (result.flags if column.name == "remark" else result.faults).append((code, mask))
                text = text.set(mask, "")
    if column.required and not blank_allowed and text.null_count():
        result.faults.append(("blank_required", text.is_null()))
    return result
