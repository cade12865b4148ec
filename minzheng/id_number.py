"""The citizen identity number (GB 11643-1999): checks, parts and the old 15-digit form. Polars in, Polars out.

Nothing here repairs a number: it says whether a text is one, why not, and what it tells.
"""

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

    Returns `valid` (bool) and `reason` (null, or `id_missing`, `id_placeholder`, `id_length`, `id_format`, `id_checksum`,
    `id_birth_invalid`, `id_type` for a document of another kind). A well-formed 15-digit number is valid.
    """
    return _told(series).select("valid", "reason").collect()


def id_number_parts(series: pl.Series) -> pl.DataFrame:
    """What each number tells.

    Returns `id_no` (normalised, 18 digits where 15 were given), `valid`, `reason` (as `check_id_number`), `birth_date`
    (null unless a real day since 1900), `sex` (M or F by the 17th digit), `region` (first 6 digits), `converted`
    (15 digits were given) and `id_type` (`mainland`, `hmt_residence`, `hm_permit`, `tw_permit`, `passport`, `foreign_pr`).
    """
    return _told(series).collect()


def _told(series: pl.Series) -> pl.LazyFrame:
    """What `id_number_parts` returns, to be computed as far as it is asked for."""
    text = normalise(series).alias("id_no")
    if not len(text):
        text = pl.Series("id_no", [], dtype=pl.String)
    old = text.str.contains(r"^[0-9]{15}$").fill_null(False) & ~text.str.contains(
        PLACEHOLDER
    ).fill_null(False)
    if old.any():
        text = text.scatter(old.arg_true(), convert_15_digit(text.filter(old)))
    formed = text.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(False)
    wrong_check = np.zeros(len(text), dtype=bool)
    candidates = text.filter(formed)
    if len(candidates):
        given = np.frombuffer(
            candidates.str.join("").item().encode("ascii"), dtype=np.uint8
        ).reshape(-1, 18)[:, 17]
        wrong_check[formed.to_numpy()] = check_characters(candidates) != given
    frame = pl.LazyFrame(
        {"id_no": text, "converted": old, "formed": formed, "wrong_check": pl.Series(wrong_check)}
    )
    return frame.select(
        "id_no", "converted", "formed", "wrong_check", *_parts(bool(formed.all()))
    ).select(
        "id_no",
        (pl.col("reason").is_null()).alias("valid"),
        "reason",
        "birth_date",
        "sex",
        "region",
        "converted",
        "id_type",
    )


def _parts(all_formed: bool) -> list[pl.Expr]:
    """The expressions that read a formed number and say what is wrong with one; other documents only where not all are formed."""
    number, formed = pl.col("id_no"), pl.col("formed")
    birth = pl.when(formed).then(number.str.slice(6, 8)).str.to_date("%Y%m%d", strict=False)
    birth = pl.when(birth >= pl.date(1900, 1, 1)).then(birth)
    odd = number.str.slice(16, 1).is_in(["1", "3", "5", "7", "9"])
    forms = {} if all_formed else OTHER_DOCUMENTS
    other = pl.coalesce(
        pl.lit(None, dtype=pl.String),
        *(pl.when(number.str.contains(form)).then(pl.lit(kind)) for kind, form in forms.items()),
    )
    kind = (
        pl.when(formed & number.str.contains(r"^8[123]0000"))
        .then(pl.lit("hmt_residence"))
        .when(formed & number.str.starts_with("9"))
        .then(pl.lit("foreign_pr"))
        .when(formed)
        .then(pl.lit("mainland"))
        .otherwise(other)
    )
    reason = (
        pl.when(number.is_null())
        .then(pl.lit("id_missing"))
        .when(number.str.contains(PLACEHOLDER))
        .then(pl.lit("id_placeholder"))
        .when(formed & pl.col("wrong_check"))
        .then(pl.lit("id_checksum"))
        .when(formed & birth.is_null())
        .then(pl.lit("id_birth_invalid"))
        .when(formed)
        .then(None)
        .when(other.is_not_null())
        .then(pl.lit("id_type"))
        .when(number.str.contains(r"^[0-9]+X?$"))
        .then(pl.lit("id_length"))
        .otherwise(pl.lit("id_format"))
    )
    return [
        birth.alias("birth_date"),
        pl.when(formed).then(pl.when(odd).then(pl.lit("M")).otherwise(pl.lit("F"))).alias("sex"),
        pl.when(formed).then(number.str.slice(0, 6)).alias("region"),
        kind.alias("id_type"),
        reason.alias("reason"),
    ]
