"""What looks like an identity in a text: id numbers in every form, bank accounts, names of the people on the rolls.

Texts are looked at many at once: one pass of a linear automaton finds the few places that could be a number, another all
names; only those places are then judged.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

import polars as pl

from minzheng.contracts.regions import regions
from minzheng.id_number import check_id_number

_PLACE = (
    r"[0-9A-Za-z.]*"
    r"(?:[0-9]{14}|[0-9][eE]\+?17|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{6}[ -][0-9]{8}[ -][0-9]{3})"
    r"[0-9A-Za-z -]*"
)
_BIRTH = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ALONE, _END = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
_ID18 = re.compile(
    rf"{_ALONE}([1-8]\d{{5}})([ -]?)((?:19|20)\d{{2}}{_BIRTH})\2(\d{{3}}[\dXx]){_END}"
)
_ID15 = re.compile(rf"{_ALONE}[1-8]\d{{5}}\d{{2}}{_BIRTH}\d{{3}}{_END}")
_FLOAT_ID = re.compile(rf"{_ALONE}[1-8]\.\d{{9,16}}[eE]\+?17(?![0-9])")
_ACCOUNT = re.compile(rf"{_ALONE}(?:6\d|4|5)\d{{14,17}}{_END}")
_GROUPED_ACCOUNT = re.compile(
    rf"{_ALONE}[456]\d{{3}}([ -])\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{1,3}})?{_END}"
)


def identities(texts: Sequence[str], names: Collection[str]) -> Iterator[tuple[int, str, int]]:
    """(place of the text in `texts`, kind, count) of everything that looks like an identity; never the value."""
    series = pl.Series(texts, dtype=pl.String)
    found = series.str.extract_all(_PLACE)
    for place in found.list.len().gt(0).arg_true():
        yield from (
            (place, kind, count) for kind, count in _numbers("\n".join(found[place])) if count
        )
    if names:
        met = series.str.extract_many(sorted(names)).list.len()
        yield from ((place, "name", met[place]) for place in met.gt(0).arg_true())


def _numbers(text: str) -> Iterator[tuple[str, int]]:
    numbers = [region + born + rest for region, _, born, rest in _ID18.findall(text)]
    accounts = _ACCOUNT.findall(text) + [
        re.sub("[ -]", "", match[0]) for match in _GROUPED_ACCOUNT.finditer(text)
    ]
    if numbers:
        yield "id_number", check_id_number(pl.Series(numbers))["valid"].sum()
    yield "id_number_15", len(_ID15.findall(text))
    yield "id_number_float", len(_FLOAT_ID.findall(text))
    yield (
        "bank_account",
        sum(_luhn(number) for number in accounts if not _codes_of_places().fullmatch(number)),
    )


@cache
def _codes_of_places() -> re.Pattern[str]:
    """Region codes one after the other, as neighbouring cells touch in a database file, are no account."""
    codes = sorted((region.code for region in regions()), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(codes)}){{2,}}")


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0
