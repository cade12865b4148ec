"""Words to codes: code lists with their synonyms, yes and no, codes of places, free text."""

import re
from functools import cache

import polars as pl

from minzheng.contracts.datasets import KEY_NAME, Code, Column, codes
from minzheng.intake.grid import Kind
from minzheng.intake.typed import Typed, by_word, fault, half_width, half_width_text, not_read

_YES = ["是", "有", "1", "√", "Y", "y", "YES", "yes", "TRUE", "true"]
_NO = ["否", "无", "0", "×", "N", "n", "NO", "no", "FALSE", "false"]
FLAG_WORDS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
NUMBERS = {*KEY_NAME, "facility_code", "site_code"} - {"person_id_no"}
NO_NUMBER = r"^(?:[/\\\-—–_.*?#0、]+|无|暂无|没有|未知|不详|未办|待补|空|NULL|NONE|N/?A)$"
_ODD_NUMBER = (
    r"^.{0,5}$|[eEｅＥ][+＋0-9０-９]|^[^1-9A-Za-z１-９]+$"  # a quick look before the careful one
)
SCIENTIFIC = r"^(?:[0-9](?:[.,][0-9]+)?E\+?|[0-9]+[.,][0-9]+E\+?|[0-9]+E\+)[0-9]+$"
RUNNING = r"^[0-9]{1,5}$"
_TIER = re.compile(r"^(.+?)[(（]?([ABC])[类档]?[)）]?$")


def read_text(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Free text as it was typed. Of numbers that identify: digits that were lost, and words that stand for none (`_numbered`)."""
    return _numbered(column, text, kind) if column.name in NUMBERS else Typed(text)


def _numbered(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """A number of an account, household, card, payment, facility: its own text, or none.

    A long number kept as a number, or written with a power of ten, has lost digits; a placeholder (/, -, 无, 0) is no number.
    An account or a household without a usable one is null and told; another required number quarantines its row. A running
    number of a household (1, 2, 3) is told, for it counts inside its village only.
    """
    result = Typed(text)
    if kind is None and not text.str.contains(_ODD_NUMBER).any():
        return result
    folded = half_width(text).str.to_uppercase()
    lost = folded.str.contains(SCIENTIFIC).fill_null(False)
    if kind is not None:
        lost = lost | ((kind == Kind.NUMBER) & (text.str.len_chars() > 15).fill_null(False))
    empty = folded.str.contains(NO_NUMBER).fill_null(False)
    told = {"bank_account": "account", "household_no": "household"}.get(column.name)
    result.value = text.set(lost | empty, None)
    if told == "account":
        result.flags.append(("account_precision_lost", lost))
    else:
        fault(result, "precision_lost", lost)
    if told:
        result.flags.append((f"{told}_placeholder", empty))
    elif column.required:
        fault(result, "key_placeholder", empty)
    if told == "household":
        result.flags.append(
            ("household_running", folded.str.contains(RUNNING).fill_null(False) & ~empty)
        )
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
    unknown = not_read(text, value)
    if unknown.any() and column.codes == "dibao_scheme":
        unknown = _read_tiers(result, folded, words, unknown)
    if not unknown.any():
        return result
    if column.unknown_code == "quarantine":
        return fault(result, "code_unknown", unknown)
    result.value = result.value.set(unknown, "未知")
    result.flags.append(("code_unknown", unknown))
    return result


def _looked_up(text: pl.Series, words: dict, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """A column in half width, and its values by a list of words (null for a word outside it); each distinct text once."""
    folded = by_word(text, half_width_text)
    return folded, by_word(folded, words.get, dtype)


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


def _read_tiers(
    result: Typed, folded: pl.Series, words: dict[str, str], unknown: pl.Series
) -> pl.Series:
    """`农村低保A类` is 农村低保 with tier A."""
    tiers: dict[str, str] = {}
    bases: dict[str, str] = {}
    for word in folded.filter(unknown).unique().to_list():
        match = _TIER.match(word)
        if match and match[1] in words:
            bases[word], tiers[word] = words[match[1]], match[2]
    if bases:
        result.value = folded.replace_strict(words | bases, default=None, return_dtype=pl.String)
        result.also["tier"] = folded.replace_strict(tiers, default=None, return_dtype=pl.String)
    return not_read(folded, result.value)


def read_flag(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Yes and no by their usual words."""
    _, value = _looked_up(text, FLAG_WORDS, pl.Boolean)
    result = Typed(value)
    if value.null_count() == text.null_count():
        return result
    unread = not_read(text, value)
    if unread.any() and not column.required:
        result.flags.append(("code_unknown", unread))
        return result
    return fault(result, "flag_format", unread)


def read_place_code(column: Column, text: pl.Series, kind: pl.Series | None) -> Typed:
    """Digits of a place or function code; the list decides later which exist."""
    form = {"code12": r"^[0-9]{12}$", "code9": r"^[0-9]{6}(?:[0-9]{3})?$", "code7": r"^[0-9]{7}$"}[
        column.type
    ]
    folded = half_width(text)
    wrong = ~folded.str.contains(form).fill_null(True)
    return fault(Typed(folded.set(wrong, None)), "code_format", wrong)
