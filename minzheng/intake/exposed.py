"""Identities where none belong: in free text, in the names of files and sheets. What holds one is never stored or shown."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product

import polars as pl

from minzheng.id_number import INVISIBLE, check_id_number
from minzheng.intake.settings import settings
from minzheng.intake.typed import different, holding

MASK = "***"
IN_TEXT, IN_CODE, IN_NAME = "identity_in_text", "identity_in_code", "identity_in_name"

_S = "[ ._-]?"
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_ID = rf"(?<!\d)[1-9]\d{{5}}(?:18|19|20)\d\d{_MONTH}{_DAY}\d{{3}}[\dXx]\d{{0,2}}"
_SPACED_ID = (
    rf"(?<!\d)[1-9]\d{{5}}{_S}(?:18|19|20)\d\d{_S}{_MONTH}{_S}{_DAY}{_S}\d{{3}}[\dXx](?!\d)"
)
_ID_15 = rf"(?<!\d)[1-9]\d{{7}}{_MONTH}{_DAY}\d{{3}}(?!\d)"
_ACCOUNT = r"(?<!\d)(?:\d{16,19}|\d{4}([ ._-])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?)(?!\d)"
_PHONE = r"(?<!\d)1[3-9]\d([ ._-]?)\d{4}\2\d{4}(?!\d)"
_POWER = r"(?<![\d.])[1-9]\.\d{8,16}[eE]\+?1[4-8](?!\d)"
_NUMBER = re.compile("|".join((_ACCOUNT, _PHONE, _ID, _SPACED_ID, _ID_15, _POWER)))
_TIME = re.compile(rf"(?:19|20)\d\d{_MONTH}{_DAY}(?:[01]\d|2[0-3])(?:[0-5]\d){{2}}\d{{0,3}}")
_MANY_DIGITS = re.compile(  # a quick look before the careful one
    r"\d(?:[ ._-]?\d){10}|[eE]\+?1[4-8]"
)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DOTS = re.compile(rf"[{INVISIBLE}·•‧．.・]+")
_WORD = re.compile(r"(?:[^\W\d_]|[\u0f18-\u0fbc])+")  # Tibetan vowels are no letters to Python
LONGEST = 15  # characters of a name


def holds_number(text: str) -> bool:
    """Whether a text holds an id number, an account or a telephone number of a person, in whatever width and grouping."""
    text = _half_width(text)
    return bool(_MANY_DIGITS.search(text)) and any(map(_is_number, _NUMBER.finditer(text)))


def without_numbers(text: str) -> str:
    """A text with `***` in place of such numbers."""
    if not holds_number(text):
        return text
    return _NUMBER.sub(lambda match: MASK if _is_number(match) else match[0], _half_width(text))


def _half_width(text: str) -> str:
    return re.sub(f"(?!\\s)[{INVISIBLE}]", "", unicodedata.normalize("NFKC", text))


def _is_number(match: re.Match) -> bool:
    """Not so a time that a system writes into a name, a credit code, or an area, a day and a serial number side by side."""
    text = re.sub("[ ._-]", "", match[0]).upper()
    if len(text) == 18 and text != match[0].upper():
        return bool(check_id_number(pl.Series([text]))["valid"].item())
    return len(text) < 15 or not (_TIME.fullmatch(text) or _is_credit_code(text))


def _is_credit_code(text: str) -> bool:
    """A unified social credit code by its check character (GB 32100-2015), unless it is a right id number as well."""
    if (
        len(text) != 18
        or set(text) - set(_CREDIT)
        or check_id_number(pl.Series([text]))["valid"].item()
    ):
        return False
    total = sum(_CREDIT.index(one) * pow(3, place, 31) for place, one in enumerate(text[:17]))
    return _CREDIT[-total % 31] == text[17]


def numbers_in(texts: pl.Series) -> pl.Series:
    """`holds_number` of each text."""
    return holding(texts, holds_number)


@cache
def _words_of(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, settings().free_text.kinds[kind])))


def is_kind(text: str, kind: str) -> bool:
    """Whether a text reads as what its column holds: an organisation or a document has a word that no person's name has."""
    return _words_of(kind).search(_half_width(text)) is not None


def plain_names(names: pl.Series) -> set[str]:
    """Names of persons as they are compared: without blanks and dots between their parts; ASCII ones and single letters left out."""
    plain = map(_plain_name, different(names) - {None})
    return {name for name in plain if 2 <= len(name) <= LONGEST and not name.isascii()}


@lru_cache(20_000)
def _plain_name(name: str) -> str:
    return _DOTS.sub("", unicodedata.normalize("NFKC", name))


def possible_names(text: str) -> set[str]:
    """What in a text could be somebody's name: each run of three or more letters, and whole words of two."""
    words = _WORD.findall(_DOTS.sub("", _half_width(text)))
    names = {word for word in words if len(word) == 2}
    for word, size in product(words, range(3, LONGEST + 1)):
        names.update(word[at : at + size] for at in range(len(word) - size + 1))
    return names


def without_names(text: str, names: Iterable[str]) -> str:
    """A text with `***` in place of these names, which may be written with blanks and dots between their letters."""
    for name in sorted(names, key=len, reverse=True):
        spaced = rf"[{INVISIBLE}·•‧．.・]*".join(map(re.escape, name))
        text = re.sub(spaced, MASK, unicodedata.normalize("NFKC", text))
    return text
