"""Numbers: money exact to the fen, whole numbers, decimals with the marks of statistical tables, years."""

import polars as pl

from minzheng.contracts.datasets import Column
from minzheng.intake.grid import Kind
from minzheng.intake.settings import settings
from minzheng.intake.typed import Typed, fault, half_width, not_read

MARKS = {
    "…": "below",
    "...": "below",
    "……": "below",
    "-": "none",
    "—": "none",
    "－": "none",
    "–": "none",
    "——": "none",
}
_NUMBER = r"^[¥￥]?([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?$"

_PLAIN = r"^-?[0-9]{1,15}(?:\.[0-9]{1,2})?$"  # a quick look before the careful one


def _folded(text: pl.Series) -> pl.Series:
    """In half width; null where blanks part digits otherwise than before thousands: `12 15` may be anything."""
    if not text.str.contains(r"[0-9０-９][\s\u00a0]+[0-9０-９]").any():
        return half_width(text)
    plain = text.str.normalize("NFKC")
    parted = plain.str.contains(r"[0-9]\s+[0-9]")
    grouped = plain.str.contains(r"^[^0-9]*[0-9]{1,3}(?:\s[0-9]{3})+(?:\.[0-9]+)?[^0-9]*$")
    return half_width(text).set((parted & ~grouped).fill_null(False), None)


def _decimal(text: pl.Series, kind: pl.Series | None) -> pl.Series:
    """Numbers in plain or grouped form as Decimal(38,10); null for anything else. Float dust of number cells is cut."""
    if kind is not None and (kind == Kind.NUMBER).any():
        numbers = text.cast(pl.Float64, strict=False)
        cut = pl.when(numbers.abs() < 1e9).then(numbers.round(6)).otherwise(numbers)
        long = (text.str.len_chars() > 13) | text.str.contains("[eE]")
        exact = text.set(long.fill_null(False), None).cast(pl.Decimal(38, 10), strict=False)
        return pl.select(
            pl.when(kind == Kind.NUMBER)
            .then(pl.when(long).then(cut.cast(pl.Decimal(38, 10), strict=False)).otherwise(exact))
            .otherwise(_decimal(text, None))
        ).to_series()
    good = text.str.contains(r"^-?[0-9]{1,15}(?:\.[0-9]{1,10})?$")
    if good.all() or text.null_count() == len(text):
        return text.cast(pl.Decimal(38, 10))
    parts = text.str.extract_groups(_NUMBER).struct.unnest()
    plain = (
        parts["1"].str.replace("+", "", literal=True)
        + parts["2"].str.replace_all(",", "")
        + parts["3"].fill_null("")
    )
    return plain.set((plain.str.len_chars() > 26).fill_null(False), None).cast(
        pl.Decimal(38, 10), strict=False
    )


def read_yuan(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Money in yuan, exact to the fen; more decimals are rounded half up and said."""
    if kind is None and text.str.contains(_PLAIN).all():
        return Typed(text.cast(pl.Decimal(18, 2)))
    folded = _folded(text)
    if folded.str.contains("元").any():
        folded = folded.str.replace(
            r"元(?:/月)?$" if column.name == "monthly_amount" else r"元$", ""
        ).str.strip_suffix("元整")
    folded = folded.str.replace(
        r"^\(([^()-]+)\)$", "-$1"
    )  # how accountants write what is taken back
    exact = _decimal(folded, kind)
    if len(text) == text.null_count():
        return Typed(pl.Series(column.name, [None] * len(text), dtype=pl.Decimal(18, 2)))
    value = exact.round(2, mode="half_away_from_zero").cast(pl.Decimal(18, 2), strict=False)
    result = fault(Typed(value.alias(column.name)), "amount_format", not_read(text, value))
    rounded = ((exact - value.cast(pl.Decimal(38, 10))).cast(pl.Float64).abs() > 1e-6).fill_null(
        False
    )
    if rounded.any():
        result.flags.append(("amount_rounded", rounded))
    return result


def read_int(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Whole numbers; a fraction is a fault, of persons one of their own."""
    exact = _decimal(_folded(text), kind)
    value = exact.cast(pl.Float64).cast(pl.Int64, strict=False)
    fraction = (exact.cast(pl.Float64) != value.cast(pl.Float64)).fill_null(False)
    value = value.set(fraction, None).alias(column.name)
    parted = fraction if column.name in settings().persons_ranges else fraction & False
    result = fault(Typed(value), "number_format", not_read(text, value) & ~parted)
    return fault(result, "persons_range", parted)


def read_decimal(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Numbers with decimals; a percent sign is dropped; marks (-, …) of statistical tables are kept beside the value."""
    folded = _folded(text)
    if column.type == "percent":
        folded = folded.str.strip_suffix("%")
    marks = text.replace_strict(MARKS, default=None, return_dtype=pl.String)
    value = (
        _decimal(folded.set(marks.is_not_null(), None), kind)
        .cast(pl.Decimal(18, 4), strict=False)
        .alias(column.name)
    )
    mark = marks.fill_null(
        pl.select(
            pl.when(value.is_not_null()).then(pl.lit("number")).otherwise(pl.lit("blank"))
        ).to_series()
    )
    result = Typed(value, also={"mark": mark})
    allowed = (
        marks.is_not_null()
        if column.name in ("month_value", "year_to_date_value")
        else pl.Series([False]).new_from_index(0, len(text))
    )
    return fault(result, "number_format", not_read(text, value) & ~allowed)


def read_year(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """A year of four digits."""
    value = half_width(text).str.strip_suffix("年").cast(pl.Int32, strict=False)
    value = value.set(((value < 1900) | (value > 2100)).fill_null(False), None)
    return fault(Typed(value.alias(column.name)), "number_format", not_read(text, value))
