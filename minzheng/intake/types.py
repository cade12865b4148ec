"""Text to types, column by column. Explicit forms only: what has two readings or none is a fault, never a guess."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from minzheng.contracts import Code, Column, codes
from minzheng.intake.grid import Kind

Masks = list[tuple[str, pl.Series]]
MARKS = {"…": "below", "...": "below", "……": "below", "-": "none", "—": "none", "－": "none", "–": "none", "——": "none"}
_YES, _NO = ["是", "有", "Y", "YES", "TRUE", "1", "√"], ["否", "无", "N", "NO", "FALSE", "0", "×"]
FLAG_WORDS = {form: True for word in _YES for form in (word, word.lower())} | {
    form: False for word in _NO for form in (word, word.lower())
}
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")
_TIER = re.compile(r"^(.+?)[(（]?([ABC])[类档]?[)）]?$")
_DATE = r"^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]?0?0:00(?::00(?:\.0+)?)?)?$"
_MONTH = r"^(\d{4})(?:[-/.年](\d{1,2})月?(?:份|[-/.]0?1|0?1日)?|(\d{2})(?:01)?)$"
_NUMBER = r"^[¥￥]?([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?$"


@dataclass
class Typed:
    """A typed column; `faults` quarantine the row, `flags` go with it. Masks hold no nulls."""

    value: pl.Series
    faults: Masks = field(default_factory=list)
    flags: Masks = field(default_factory=list)
    also: dict[str, pl.Series] = field(default_factory=dict)


def typed(column: Column, text: pl.Series, kind: pl.Series | None, *, blank_allowed: bool = False) -> Typed:
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


def half_width(text: pl.Series) -> pl.Series:
    """Full-width letters, digits and signs as half-width, without blanks inside; cheap where there is nothing to do."""
    if text.str.contains(r"[^!-~\p{Han}]").any():
        return text.str.normalize("NFKC").str.replace_all(r"[\s\u200b-\u200f\u2060\ufeff]", "")
    return text


def _unread(text: pl.Series, value: pl.Series) -> pl.Series:
    return text.is_not_null() & value.is_null()


def _fault(result: Typed, code: str, mask: pl.Series) -> Typed:
    if mask.any():
        result.faults.append((code, mask))
    return result


def read_text(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Free text as it was typed; a long number kept as a number has lost digits."""
    result = Typed(text)
    if kind is not None and column.name in (
        "bank_account",
        "household_no",
        "card_no",
        "grant_no",
        "application_no",
        "payment_no",
    ):
        lost = (kind == Kind.NUMBER) & (text.str.len_chars() > 15).fill_null(False)
        if lost.any() and column.name == "bank_account":
            result.flags.append(("account_precision_lost", lost))
            result.value = text.set(lost, None)
        else:
            _fault(result, "precision_lost", lost)
    return result


def read_code(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """A word of a code list by its synonyms; `scheme` may carry a tier, `status` a reason."""
    if not column.codes:
        return Typed(half_width(text))
    words, reasons = _words(column.codes)
    folded, value = _looked_up(text, words, pl.String)
    result = Typed(value)
    if reasons:
        result.also["reason"] = folded.replace_strict(reasons, default=None, return_dtype=pl.String)
    if value.null_count() == text.null_count():
        return result
    unknown = _unread(text, value)
    if unknown.any() and column.codes == "dibao_scheme":
        unknown = _read_tiers(result, folded, words, unknown)
    if not unknown.any():
        return result
    if column.unknown_code == "quarantine":
        return _fault(result, "code_unknown", unknown)
    result.value = result.value.set(unknown, "未知")
    result.flags.append(("code_unknown", unknown))
    return result


def _looked_up(text: pl.Series, words: dict, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """A column in half width, and its values by a list of words (null for a word outside it); each distinct text once."""
    cells = text.to_list()
    folded = {cell: half_width_text(cell) for cell in set(cells) if cell is not None}
    found = {cell: words.get(word) for cell, word in folded.items()}
    value = pl.Series(text.name, [found.get(cell) for cell in cells], dtype=dtype)
    return pl.Series(text.name, [folded.get(cell) for cell in cells], dtype=pl.String), value


def half_width_text(cell: str) -> str:
    """`half_width` of one text."""
    return cell if cell.isascii() and " " not in cell else _BLANKS.sub("", unicodedata.normalize("NFKC", cell))


@cache
def _words(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Every word of a code list with its canonical code, and the words that also give a reason."""
    words: dict[str, str] = {}
    reasons: dict[str, str] = {}
    entries: dict[str, Code] = codes(name)
    for code, entry in entries.items():
        for word in (*entry.synonyms, *entry.with_reason, *([entry.label] if entry.label else [])):
            words.setdefault(word, code)
        reasons |= entry.with_reason
    words |= {code: code for code in entries}
    return words, reasons


def _read_tiers(result: Typed, folded: pl.Series, words: dict[str, str], unknown: pl.Series) -> pl.Series:
    """`农村低保A类` is 农村低保 with tier A."""
    tiers: dict[str, str] = {}
    bases: dict[str, str] = {}
    for word in folded.filter(unknown).unique().to_list():
        found = _TIER.match(word)
        if found and found[1] in words:
            bases[word], tiers[word] = words[found[1]], found[2]
    if bases:
        result.value = folded.replace_strict(words | bases, default=None, return_dtype=pl.String)
        result.also["tier"] = folded.replace_strict(tiers, default=None, return_dtype=pl.String)
    return _unread(folded, result.value)


def read_date(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Dates written year first; a serial number only from a workbook's number cell; the rest is `odd` for the caller."""
    if text.null_count() == len(text):
        return Typed(pl.Series(column.name, [None] * len(text), dtype=pl.Date))
    folded = half_width(text) if not text.str.contains(r"^[ -~]*$").all() else text
    parts = folded.str.extract_groups(_DATE).struct.unnest()
    year, month, day = parts["1"], parts["2"].fill_null(parts["4"]), parts["3"].fill_null(parts["5"])
    value = (year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
    if kind is not None:
        serial = (kind == Kind.NUMBER) & folded.str.contains(r"^\d{4,5}(?:\.\d+)?$").fill_null(False) & value.is_null()
        if serial.any():
            days = folded.set(~serial, None).cast(pl.Float64).floor().cast(pl.Int32)
            value = value.fill_null(
                (days - 25569).cast(pl.Date).set(~((days > 59) & (days < 73051)).fill_null(False), None)
            )
    value = value.set(((value.dt.year() < 1900) | (value.dt.year() > 2100)).fill_null(False), None)
    result = Typed(value.alias(column.name))
    unread = _unread(text, value)
    if unread.any():
        readings = {word: odd_date(word) for word in folded.filter(unread).unique().to_list()}
        single = {word: dates[0] for word, dates in readings.items() if len(dates) == 1}
        if single:
            value = value.fill_null(folded.replace_strict(single, default=None, return_dtype=pl.Date))
            result.value = value.alias(column.name)
        several = [word for word, dates in readings.items() if len(dates) > 1]
        _fault(result, "date_ambiguous", folded.is_in(several).fill_null(False))
        _fault(result, "date_format", unread & value.is_null() & ~folded.is_in(several).fill_null(False))
        result.also["text"] = folded
    return result


_SHORT = re.compile(
    r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$|^(\d{2})年(\d{1,2})月(\d{1,2})日?$|^'?(\d{2})-(\d{1,2})-(\d{1,2})$"
)


def odd_date(word: str) -> list[dt.date]:
    """Every day that a date written in another order, or with two digits of the year, may mean; empty for none."""
    found = _SHORT.match(word)
    if not found:
        return []
    first, second, last, *short = found.groups()
    orders: list[tuple[str, str, str]] = []
    if first:
        years = [last] if len(last) == 4 else [f"19{last}", f"20{last}"]
        orders = [(year, *pair) for year in years for pair in ((first, second), (second, first))]
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
    """Months as YYYY-MM from `2024-03`, `202403`, `2024年3月`, `2024.3`, a first day, a date cell or its serial number."""
    folded = half_width(text)
    parts = folded.str.extract_groups(_MONTH).struct.unnest()
    value = (parts["1"] + "-" + parts["2"].fill_null(parts["3"]).str.zfill(2)).alias(column.name)
    unread = _unread(text, value)
    if unread.any():
        days = read_date(
            column, folded.str.replace(r"^(\d{5})\.0$", "$1"), pl.Series([Kind.NUMBER] * len(text), dtype=pl.UInt8)
        )
        value = value.fill_null(days.value.dt.strftime("%Y-%m"))
    number = value.str.slice(5, 2).cast(pl.Int8, strict=False)
    year = value.str.slice(0, 4).cast(pl.Int16, strict=False)
    value = value.set(~(number.is_between(1, 12) & year.is_between(1900, 2099)).fill_null(False), None)
    if kind is not None:  # the number 2024.1 is January or October
        value = value.set(((kind == Kind.NUMBER) & folded.str.contains(r"^\d{4}\.1$").fill_null(False)), None)
    return _fault(Typed(value), "month_format", _unread(text, value))


def _decimal(text: pl.Series, kind: pl.Series | None) -> pl.Series:
    """Numbers in plain or grouped form as Decimal(38,10); null for anything else. Float dust of number cells is cut."""
    if kind is not None and (kind == Kind.NUMBER).any():
        numbers = text.cast(pl.Float64, strict=False)
        whole = (numbers.round(6) if (numbers.abs() < 1e9).any() else numbers).cast(pl.Decimal(38, 10), strict=False)
        plain = text.cast(pl.Decimal(38, 10), strict=False) if not text.str.contains("[eE]").any() else whole
        return pl.select(
            pl.when(kind == Kind.NUMBER)
            .then(pl.when(text.str.len_chars() > 13).then(whole).otherwise(plain))
            .otherwise(_decimal(text, None))
        ).to_series()
    good = text.str.contains(r"^-?\d{1,15}(?:\.\d{1,10})?$")
    if good.all() or text.null_count() == len(text):
        return text.cast(pl.Decimal(38, 10))
    parts = text.str.extract_groups(_NUMBER).struct.unnest()
    plain = (
        parts["1"].str.replace("+", "", literal=True) + parts["2"].str.replace_all(",", "") + parts["3"].fill_null("")
    )
    return plain.set((plain.str.len_chars() > 26).fill_null(False), None).cast(pl.Decimal(38, 10), strict=False)


def read_yuan(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Money in yuan, exact to the fen; more decimals are rounded half up and said."""
    folded = half_width(text)
    if folded.str.contains("元").any():
        folded = folded.str.replace(r"元(?:/月)?$" if column.name == "monthly_amount" else r"元$", "").str.strip_suffix(
            "元整"
        )
    exact = _decimal(folded, kind)
    if len(text) == text.null_count():
        return Typed(pl.Series(column.name, [None] * len(text), dtype=pl.Decimal(18, 2)))
    value = exact.round(2, mode="half_away_from_zero").cast(pl.Decimal(18, 2), strict=False)
    result = _fault(Typed(value.alias(column.name)), "amount_format", _unread(text, value))
    rounded = ((exact - value.cast(pl.Decimal(38, 10))).cast(pl.Float64).abs() > 1e-6).fill_null(False)
    if rounded.any():
        result.flags.append(("amount_rounded", rounded))
    return result


def read_int(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Whole numbers; a fraction is a fault."""
    exact = _decimal(half_width(text), kind)
    value = exact.cast(pl.Float64).cast(pl.Int64, strict=False)
    value = value.set((exact.cast(pl.Float64) != value.cast(pl.Float64)).fill_null(False), None)
    return _fault(Typed(value.alias(column.name)), "number_format", _unread(text, value))


def read_decimal(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Numbers with decimals; a percent sign is dropped; marks (-, …) of statistical tables are kept beside the value."""
    folded = half_width(text) if not text.is_in(list(MARKS)).any() else text.str.strip_chars(" ")
    if column.type == "percent":
        folded = folded.str.strip_suffix("%")
    marks = text.replace_strict(MARKS, default=None, return_dtype=pl.String)
    value = (
        _decimal(folded.set(marks.is_not_null(), None), kind).cast(pl.Decimal(18, 4), strict=False).alias(column.name)
    )
    mark = marks.fill_null(
        pl.select(pl.when(value.is_not_null()).then(pl.lit("number")).otherwise(pl.lit("blank"))).to_series()
    )
    result = Typed(value, also={"mark": mark})
    allowed = (
        marks.is_not_null()
        if column.name in ("month_value", "year_to_date_value")
        else pl.repeat(False, len(text), eager=True)
    )
    return _fault(result, "number_format", _unread(text, value) & ~allowed)


def read_flag(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Yes and no by their usual words."""
    _, value = _looked_up(text, FLAG_WORDS, pl.Boolean)
    result = Typed(value)
    if value.null_count() == text.null_count():
        return result
    unread = _unread(text, value)
    if unread.any() and not column.required:
        result.flags.append(("code_unknown", unread))
        return result
    return _fault(result, "flag_format", unread)


def read_place_code(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Digits of a place or function code; the list decides later which exist."""
    form = {"code12": r"^\d{12}$", "code9": r"^\d{6}(?:\d{3})?$", "code7": r"^\d{7}$"}[column.type]
    folded = half_width(text)
    wrong = ~folded.str.contains(form).fill_null(True)
    return _fault(Typed(folded.set(wrong, None)), "code_format", wrong)


def read_year(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """A year of four digits."""
    value = half_width(text).str.strip_suffix("年").cast(pl.Int32, strict=False)
    value = value.set(((value < 1900) | (value > 2100)).fill_null(False), None)
    return _fault(Typed(value.alias(column.name)), "number_format", _unread(text, value))


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
