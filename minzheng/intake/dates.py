"""Days and months: written year first, or as a workbook's date or serial number; what has two readings is never guessed."""

import datetime as dt
import re
from itertools import product

import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.id_number import INVISIBLE
from minzheng.intake.grid import Kind
from minzheng.intake.typed import (
    Typed,
    by_word,
    different,
    fault,
    half_width,
    half_width_text,
    not_read,
)

_DATE = (
    r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2})(?:[0-9]{6})?)"
    r"(?:[ T]*(?:上午|下午)?(?:[01]?[0-9]|2[0-4])[:时点][0-5]?[0-9]分?(?::?[0-5]?[0-9](?:\.[0-9]+)?秒?)?)?$"
)
_PLAIN = (
    r"^(?:19[0-9]{2}|20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$"  # a quick look before the careful one
)
_MONTH = re.compile(
    r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})月?(?:份|[-/.]0?1|0?1日)?|([0-9]{2})(?:01)?)$"
)

_UNSEEN = f"[{INVISIBLE.replace(chr(92) + 's', '')}]"
_LOST_ENDS = {".1", "．1", "．１", ".１"}
_LOST_ZERO = re.compile(r"^([0-9]{4})\.1$")  # January, or October whose zero a number cell lost
_YEAR = re.compile(r"^[0-9]{4}(?:\.0)?$")  # no serial number of a day in 1905


def read_date(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Dates written year first; a serial number only from a workbook's number cell; the rest is `odd` for the caller."""
    if text.null_count() == len(text):
        return Typed(pl.Series(column.name, [None] * len(text), dtype=pl.Date))
    if kind is None and text.str.contains(_PLAIN).all():
        value = text.str.to_date("%Y-%m-%d", strict=False)
        if value.null_count() == text.null_count():
            return Typed(value)
    folded = text if text.str.contains(r"^[!-~]*$").all() else _without_blanks(text)
    parts = folded.str.extract_groups(_DATE).struct.unnest()
    year, month, day = (
        parts["1"],
        parts["2"].fill_null(parts["4"]),
        parts["3"].fill_null(parts["5"]),
    )
    value = (year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)).str.to_date(
        "%Y-%m-%d", strict=False
    )
    if kind is not None:
        serial = (
            (kind == Kind.NUMBER)
            & folded.str.contains(r"^[0-9]{4,5}(?:\.[0-9]+)?$").fill_null(False)
            & value.is_null()
        )
        if serial.any():
            days = folded.set(~serial, None).cast(pl.Float64).floor().cast(pl.Int32)
            value = value.fill_null(
                (days - 25569)
                .cast(pl.Date)
                .set(~((days > 59) & (days < 73051)).fill_null(False), None)
            )
    value = value.set(((value.dt.year() < 1900) | (value.dt.year() > 2100)).fill_null(False), None)
    result = Typed(value.alias(column.name))
    unread = not_read(text, value)
    if unread.any():
        readings = {word: odd_date(word) for word in folded.filter(unread).unique().to_list()}
        single = {word: dates[0] for word, dates in readings.items() if len(dates) == 1}
        if single:
            value = value.fill_null(
                folded.replace_strict(single, default=None, return_dtype=pl.Date)
            )
            result.value = value.alias(column.name)
        several = [word for word, dates in readings.items() if len(dates) > 1]
        fault(result, "date_ambiguous", folded.is_in(several).fill_null(False))
        fault(
            result,
            "date_format",
            unread & value.is_null() & ~folded.is_in(several).fill_null(False),
        )
        result.also["text"] = folded.set(~unread, None)
    return result


def _without_blanks(text: pl.Series) -> pl.Series:
    """In half width, without invisible characters and without blanks, but those between digits: `3-1 10:00` is no 11th."""
    plain = text.str.normalize("NFKC").str.replace_all(_UNSEEN, "")
    return plain.str.replace_all(r"\s*([-/.:年月日午时点分秒])\s*", "$1").str.strip_chars()


_SHORT = re.compile(
    r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})$|^([0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日?$|^'?([0-9]{2})-([0-9]{1,2})-([0-9]{1,2})$"
)


def odd_date(word: str) -> list[dt.date]:
    """Every day that a date written in another order, or with two digits of the year, may mean; empty for none."""
    match = _SHORT.match(word)
    if not match:
        return []
    first, second, last, *short = match.groups()
    orders: list[tuple[str, str, str]] = []
    if first:
        years = [last] if len(last) == 4 else [f"19{last}", f"20{last}"]
        orders = [
            (year, *pair) for year, pair in product(years, [(first, second), (second, first)])
        ]
        if len(last) == 2 and len(first) == 2:
            orders += [(f"{century}{first}", second, last) for century in ("19", "20")]
    else:
        year, month, day = short[:3] if short[0] else short[3:]
        orders = [(f"{century}{year}", month, day) for century in ("19", "20")]
    days = set()
    for year, month, day in orders:
        try:
            days.add(dt.date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return sorted(days)


def read_month(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Months as YYYY-MM from `2024-03`, `202403`, `2024年3月`, `2024.3`, a first day, a date cell or its serial number.

    A column holds few different ones: each is read once. `2024.1` has two readings (`lost_zeros`) and is a fault.
    """
    folded = half_width(text)
    months = {word: _month_of(word) for word in different(folded) - {None}}
    odd = [word for word, month in months.items() if month is None and not _YEAR.match(word)]
    if odd:
        serials = pl.Series([word.removesuffix(".0") for word in odd], dtype=pl.String)
        days = read_date(
            column, serials, pl.Series([Kind.NUMBER] * len(odd), dtype=pl.UInt8)
        ).value.to_list()
        months |= {word: day and f"{day:%Y-%m}" for word, day in zip(odd, days, strict=True)}
    value = by_word(folded, months.get).alias(column.name)
    lost = lost_zeros(text, kind)
    result = fault(Typed(value.set(lost, None)), "month_ambiguous", lost)
    return fault(result, "month_format", not_read(text, value) & ~lost)


def may_have_lost_zeros(text: pl.Series) -> bool:
    """Whether some month may be written `2024.1`: a quick look. Then its reading depends on the column's other cells."""
    return any(cell and cell[-2:] in _LOST_ENDS for cell in different(text))


def lost_zeros(text: pl.Series, kind: pl.Series | None) -> pl.Series:
    """Where a month is written `2024.1`: January, or October without its zero.

    Text of a column that also holds `2024.10` kept its zeros, and is January; a number never did.
    """
    if not may_have_lost_zeros(text):
        return pl.Series([False]).new_from_index(0, len(text))
    folded = half_width(text)
    lost = folded.str.contains(_LOST_ZERO.pattern).fill_null(False)
    if not lost.any():
        return lost
    typed = pl.repeat(True, len(text), eager=True) if kind is None else kind == Kind.TEXT
    kept = (folded.str.contains(r"^[0-9]{4}\.10$").fill_null(False) & typed).any()
    return lost & ~typed if kept else lost


def readings(word: str) -> set[str]:
    """The two months that `2024.1` may mean."""
    year = _LOST_ZERO.match(half_width_text(word))[1]
    return {f"{year}-01", f"{year}-10"}


def _month_of(word: str) -> str | None:
    match = _MONTH.match(word)
    month = f"{match[1]}-{match[2] or match[3]:0>2}" if match else ""
    return month if "01" <= month[5:] <= "12" and "1900" <= month[:4] <= "2099" else None
