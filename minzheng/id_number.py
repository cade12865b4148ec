"""The citizen identity number (GB 11643-1999): checks, parts and the old 15-digit form. Polars in, Polars out.

Nothing here repairs a number: it says whether a text is one, why not, and what it tells. Numbers of the full form are judged
by arithmetic on their characters, whole columns at once.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.uint16)
CHECK_CHARACTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)
PLACEHOLDER = (
    r"^(?:无|暂无|没有|不详|未知|未办|未办理|未上户|待补|待办|[/\\*?-]+|—+|NULL|NONE|N/?A|"
    r"0{4,}|1{6,}|2{6,}|3{6,}|4{6,}|5{6,}|6{6,}|7{6,}|8{6,}|9{6,}|123456[0-9]*[0-9X]?)$"
)
# Blanks and marks that nobody sees; not those that turn the order of what is shown (U+202D, U+202E).
INVISIBLE = r"\s\u00ad\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u2069\ufeff"
# Documents of people without a mainland number, by the form of the number (facts from the issuing rules, from memory).
OTHER_DOCUMENTS = {
    "hm_permit": r"^[HM][0-9]{8}(?:[0-9]{2})?$",
    "tw_permit": r"^(?:[0-9]{8}|[0-9]{10}(?:\([A-Z]\))?)$",
    "foreign_pr": r"^[A-Z]{3}[0-9]{12}$",
    "passport": r"^(?:[A-Z]{1,2}[0-9]{7,9}|1[45][0-9]{7})$",
}


def normalise(series: pl.Series) -> pl.Series:
    """Ids as they are compared: half width, upper case, without blanks, invisible characters and a leading apostrophe."""
    text = series.cast(pl.String).rechunk()
    if text.str.contains(r"[^0-9X]").any():
        text = (
            text.str.normalize("NFKC").str.replace_all(f"[{INVISIBLE}'’`]", "").str.to_uppercase()
        )
    return text.replace("", None)


def check_characters(digits: pl.Series) -> np.ndarray:
    """The 18th character (as a byte) of each number whose first 17 characters, all digits, are given without nulls.

    All texts have the same length, 17 or 18. The weighted sums stay under 2**24, so that single precision is exact.
    """
    if not len(digits):
        return np.empty(0, dtype=np.uint8)
    characters = np.frombuffer(digits.str.join("").item().encode("ascii"), dtype=np.uint8).reshape(
        len(digits), -1
    )
    total = (characters[:, :17].astype(np.float32) @ WEIGHTS.astype(np.float32)).astype(np.uint16)
    return CHECK_CHARACTERS[(total - 48 * WEIGHTS.sum(dtype=np.uint16)) % 11]


def convert_15_digit(digits: pl.Series) -> pl.Series:
    """The 18-digit form of old 15-digit numbers (all digits, no nulls): the century 19 and the check character are added."""
    long = digits.str.slice(0, 6) + "19" + digits.str.slice(6)
    return long + pl.Series(list(check_characters(long).tobytes().decode("ascii")), dtype=pl.String)


def check_id_number(series: pl.Series) -> pl.DataFrame:
    """Say of each text whether it is an identity number.

    Returns `valid` (bool) and `reason` (null, or `id_missing`, `id_placeholder`, `id_length`, `id_format`,
    `id_checksum`, `id_birth_invalid`, `id_type` for a document of another kind). A well-formed 15-digit number is valid.
    """
    return _parsed(series, _FOUND)


def id_number_parts(series: pl.Series) -> pl.DataFrame:
    """What each number tells.

    Returns `id_no` (normalised, 18 digits where 15 were given), `valid`, `reason` (as `check_id_number`),
    `birth_date` (null unless a real day since 1900), `sex` (M or F by the 17th digit), `region` (first 6 digits),
    `converted` (15 digits were given) and `id_type` (`mainland`, `hmt_residence`, `hm_permit`, `tw_permit`,
    `passport`, `foreign_pr`).
    """
    return _parsed(series, _PARTS)


_FOUND = ("valid", "reason")
_PARTS = ("id_no", "valid", "reason", "birth_date", "sex", "region", "converted", "id_type")
_BLOCK = 1 << 16  # numbers at a time: their characters stay near the processor
_REASONS = pl.Series([None, "id_placeholder", "id_checksum", "id_birth_invalid"])
_KINDS = pl.Series(["mainland", "hmt_residence", "foreign_pr"])
_SEXES = pl.Series(["F", "M"])


def _parsed(series: pl.Series, wanted: Sequence[str]) -> pl.DataFrame:
    """The wanted columns: of numbers of the full form by arithmetic on their characters, of all other texts one by one."""
    if len(series) > _BLOCK:
        starts = range(0, len(series), _BLOCK)
        return pl.concat([_parsed(series.slice(start, _BLOCK), wanted) for start in starts])
    text = series.cast(pl.String).rechunk().alias("id_no")
    characters = _characters(text)
    if characters is not None:
        return _of_numbers(text, characters, wanted)
    text = normalise(text)
    old = text.str.contains(r"^[0-9]{15}$").fill_null(False) & ~text.str.contains(
        PLACEHOLDER
    ).fill_null(False)
    if old.any():
        text = text.scatter(old.arg_true(), convert_15_digit(text.filter(old)))
    formed = text.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(False)
    others, numbers = _of_others(text.filter(~formed)), text.filter(formed)
    characters = _characters(numbers)
    if characters is not None:
        others = pl.concat([others, _of_numbers(numbers, characters, others.columns)])
    order = np.argsort(
        np.concatenate([(~formed).arg_true().to_numpy(), formed.arg_true().to_numpy()])
    )
    return others[order].with_columns(old.alias("converted")).select(*wanted)


def _characters(text: pl.Series) -> np.ndarray | None:
    """The characters of numbers of the full form, one row a place, one column a number; None unless all are of that form."""
    if not len(text) or text.null_count() or not (text.str.len_bytes() == 18).all():
        return None
    array = text.to_arrow(compat_level=pl.CompatLevel.oldest())
    start = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset]
    whole = np.frombuffer(array.buffers()[2], dtype=np.uint8, offset=start, count=18 * len(text))
    characters = np.ascontiguousarray(whole.reshape(-1, 18).T)
    body, last = characters[:17], characters[17]
    digits = body.min() >= ord("0") and body.max() <= ord("9")
    return characters if digits and ((last - ord("0") < 10) | (last == ord("X"))).all() else None


def _of_numbers(text: pl.Series, characters: np.ndarray, wanted: Iterable[str]) -> pl.DataFrame:
    """What numbers of the full form tell, as far as it is wanted."""
    days, real = _days(characters)
    code = np.where(_wrong_check(characters), 2, np.where(real, 0, 3)).astype(np.uint8)
    code[_placeholders(characters)] = 1
    tell = {
        "id_no": lambda: text,
        "valid": lambda: pl.Series(code == 0),
        "reason": lambda: _words(code, _REASONS),
        "birth_date": lambda: pl.Series(np.where(real, days.astype("datetime64[D]"), _NO_DAY)),
        "sex": lambda: _words(characters[16] & 1, _SEXES),
        "region": lambda: text.str.slice(0, 6),
        "converted": lambda: pl.Series([False]).new_from_index(0, len(text)),
        "id_type": lambda: _words(_kinds(characters), _KINDS),
    }
    return pl.DataFrame({name: tell[name]() for name in wanted})


def _words(codes: np.ndarray, words: pl.Series) -> pl.Series:
    return words[pl.Series(codes.astype(np.uint32))]


def _wrong_check(characters: np.ndarray) -> np.ndarray:
    """Where the 18th character is not the one that the others ask for; sums of 16 bits are exact."""
    total = sum(place * weight for place, weight in zip(characters[:17], WEIGHTS, strict=True))
    return CHECK_CHARACTERS[(total - 48 * WEIGHTS.sum(dtype=np.uint16)) % 11] != characters[17]


def _number(characters: np.ndarray) -> np.ndarray:
    """The numbers that rows of up to four digits spell."""
    powers = [1000, 100, 10, 1][-len(characters) :]
    total = sum(row * np.uint16(power) for row, power in zip(characters, powers, strict=True))
    return total - np.uint16(48 * sum(powers) % 65536)


def _days(characters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The birth dates as days since 1970, and where there is such a day since 1900."""
    year, month, day = (
        _number(characters[part]) for part in (slice(6, 10), slice(10, 12), slice(12, 14))
    )
    leap = _LEAP[year]
    real = (year >= 1900) & (day >= 1) & (day <= _LENGTHS[leap, month])
    return _NEW_YEAR[year] + _BEFORE[leap, month] + day.astype(np.int32) - 1, real


def _placeholders(characters: np.ndarray) -> np.ndarray:
    """The places of numbers of one digit only, and of those that count from one."""
    first = characters[:6]
    likely = np.flatnonzero((first[1:] == first[0]).all(axis=0) | (first == _COUNTED).all(axis=0))
    alike = (characters[1:, likely] == characters[0, likely]).all(axis=0)
    return likely[alike | (characters[0, likely] != characters[1, likely])]


def _kinds(characters: np.ndarray) -> np.ndarray:
    """0 for a number of the mainland, 1 for a resident of Hong Kong, Macao or Taiwan, 2 for a foreigner."""
    first, second = characters[:2]
    kind = (first == ord("9")).astype(np.uint8) * 2
    if (first == ord("8")).any():
        zeros = (characters[2:6] == ord("0")).all(axis=0)
        kind[(first == ord("8")) & (second >= ord("1")) & (second <= ord("3")) & zeros] = 1
    return kind


def _calendar() -> tuple[np.ndarray, ...]:
    """By year: whether it is a leap year, its first day since 1970. By leap year and month: days before it, days in it."""
    years = np.arange(10_000)
    leap = ((years % 4 == 0) & (years % 100 != 0) | (years % 400 == 0)).astype(np.uint8)
    length = np.zeros((2, 100), dtype=np.uint16)
    length[:, 1:13] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    length[1, 2] = 29
    before = length.cumsum(axis=1, dtype=np.int32) - length
    first = np.concatenate([[0], np.cumsum(365 + leap[:-1].astype(np.int64))])
    return leap, (first - first[1970]).astype(np.int32), before, length


_LEAP, _NEW_YEAR, _BEFORE, _LENGTHS = _calendar()
_NO_DAY = np.datetime64("NaT", "D")
_COUNTED = np.frombuffer(b"123456", dtype=np.uint8).reshape(6, 1)


def _of_others(text: pl.Series) -> pl.DataFrame:
    """What texts tell that have not the form of a number, and why they are none."""
    forms = [
        pl.when(pl.col("id_no").str.contains(form)).then(pl.lit(kind))
        for kind, form in OTHER_DOCUMENTS.items()
    ]
    number, nothing = pl.col("id_no"), pl.lit(None, dtype=pl.String)
    reason = (
        pl.when(number.is_null())
        .then(pl.lit("id_missing"))
        .when(number.str.contains(PLACEHOLDER))
        .then(pl.lit("id_placeholder"))
        .when(pl.col("id_type").is_not_null())
        .then(pl.lit("id_type"))
        .when(number.str.contains(r"^[0-9]+X?$"))
        .then(pl.lit("id_length"))
        .otherwise(pl.lit("id_format"))
    )
    told = text.to_frame().with_columns(pl.coalesce(nothing, *forms).alias("id_type"))
    return told.select(
        "id_no",
        pl.lit(False).alias("valid"),
        reason.alias("reason"),
        pl.lit(None, dtype=pl.Date).alias("birth_date"),
        nothing.alias("sex"),
        nothing.alias("region"),
        pl.lit(False).alias("converted"),
        "id_type",
    )
