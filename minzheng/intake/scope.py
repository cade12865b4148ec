"""What a file speaks for: its month (rows, title, folder) and its townships (_G02)."""

import datetime as dt
import re
import unicodedata

from minzheng.contracts.calendar import calendar
from minzheng.contracts.datasets import Dataset
from minzheng.contracts.regions import counties, county, other_counties, region_names
from minzheng.custody.ledger import SHANGHAI
from minzheng.intake.dates import readings
from minzheng.intake.places import (
    known_townships,
    townships_at,
    townships_named,
    townships_spelt,
)
from minzheng.intake.settings import Refused

_CHINESE = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_TITLE_MONTH = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})(?:年|[-./])(0?[1-9]|1[0-2])(?![0-9])(?:月(?![0-9]{1,2}日))?(?![-./][0-9])"
)
_COMPACT_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(?![0-9])")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:年[0-9]{1,2}月[0-9]{1,2}日|[-./][0-9]{1,2}[-./][0-9]{1,2})")
_CHINESE_YEAR = re.compile(r"([〇零○一二三四五六七八九]{4})年")
_CHINESE_MONTH = re.compile(r"(?<=[年至到—–~-])(十[一二]?|[一二三四五六七八九])月")
_YEAR = r"((?:19|20)[0-9]{2})(?:年度?|[-./])?"
_SPAN = re.compile(rf"{_YEAR}(0?[1-9]|1[0-2])月?份?[至到—–―~-]+(?:{_YEAR})?(0?[1-9]|1[0-2])月")
_QUARTER = re.compile(rf"{_YEAR}(?:第?([一二三四1-4])季度|([上下])半年|全年|年度)")


def month_named(text: str) -> str | None:
    """The month that a title or name gives, days left out of account; None when it gives none, several or a span of them."""
    text = _normal(text)
    if span_named(text):
        return None
    text = _DAY.sub("", text)
    months = {
        f"{year}-{int(number):02d}"
        for year, number in _TITLE_MONTH.findall(text) + _COMPACT_MONTH.findall(text)
    }
    return months.pop() if len(months) == 1 else None


def span_named(text: str) -> tuple[str, str] | None:
    """The first and last month of the span that a title gives (1月至3月, 1-3月, 一季度, 上半年); None when it gives none."""
    text = _normal(text)
    match = _SPAN.search(text)
    if match:
        year, first, last_year, last = match.groups()
        return f"{year}-{int(first):02d}", f"{last_year or year}-{int(last):02d}"
    match = _QUARTER.search(text)
    if not match:
        return None
    quarter = int(match[2].translate(_CHINESE)) if match[2] else 0
    first, last = (
        (3 * quarter - 2, 3 * quarter)
        if quarter
        else {"上": (1, 6), "下": (7, 12)}.get(match[3], (1, 12))
    )
    return f"{match[1]}-{first:02d}", f"{match[1]}-{last:02d}"


def _normal(text: str) -> str:
    """Half width, without blanks, months and years in digits."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    text = _CHINESE_YEAR.sub(lambda match: f"{match[1].translate(_CHINESE)}年", text)
    return _CHINESE_MONTH.sub(lambda match: f"{_chinese_number(match[1])}月", text)


def _chinese_number(text: str) -> int:
    if text.startswith("十"):
        return 10 + (int(text[1].translate(_CHINESE)) if len(text) > 1 else 0)
    return int(text.translate(_CHINESE))


def folder_month(parts: list[str]) -> str | None:
    """The month of the nearest landing folder whose name is one (`2024-03`, `202403`, `2024年3月`)."""
    for part in reversed(parts):
        if re.fullmatch(r"(?:19|20)[0-9]{2}(?:年|[-./_])?[0-9]{1,2}月?", part):
            return month_named(part.replace("_", "-"))
    return None


def decide_month(
    rows: set[str], unsure: set[str], titles: list[str], folder: str | None, name: str
) -> str:
    """The month of a file: what the rows say, checked against title and folder; `Refused` for a contradiction.

    `unsure` are months of two readings as the rows write them (`2024.1`): what else is said decides. The file's name is free
    and may lie: it is heard only when neither title nor folder says anything.
    """
    title = next((month for month in map(month_named, titles) if month), None)
    heard = {month for month in (title, folder) if month} or {month_named(name)} - {None}
    for word in unsure:
        settled = readings(word) & (rows or heard)
        if not settled:
            raise Refused(
                "period_mixed" if rows else "period_mismatch" if heard else "period_ambiguous"
            )
        rows = rows | settled
    if len(rows) > 1:
        raise Refused("period_mixed")
    said = [month for month in (*rows, title, folder) if month]
    if not said:
        raise Refused("period_unknown")
    if len(set(said)) > 1 or any(
        not first <= said[0] <= last for first, last in filter(None, map(span_named, titles))
    ):
        raise Refused("period_mismatch")
    if rows and not title and not folder and month_named(name) not in (None, said[0]):
        raise Refused("period_mismatch")
    if said[0] < calendar().first_month:
        raise Refused(f"period_too_early:{calendar().first_month}")
    if said[0] > f"{dt.datetime.now(SHANGHAI):%Y-%m}":
        raise Refused("period_future")
    return said[0]


def month_by_words(titles: list[str], folder: str | None, name: str) -> str | None:
    """The month that title, folder or name give, in this order."""
    return next(
        (month for month in [*map(month_named, titles), folder, month_named(name)] if month), None
    )


def townships_of_titles(contract: Dataset, titles: list[str]) -> list[str]:
    """The townships that a file covers by its titles; empty where they name none, or where the rows alone decide."""
    if not contract.has_township or contract.dataset == "comprehensive_return":
        return []
    return sorted(set().union(*map(townships_named, titles)))


def speaks_for(rows: set[str], said: list[str]) -> list[str]:
    """The counties that a file speaks for: those of its rows, else those that titles and names say; none where nothing tells.

    A county's home has but one; a prefecture's own name speaks for all its counties.
    """
    listed = counties()
    if len(listed) == 1:
        return [*listed]
    of_rows = {code[:6] for code in rows} & listed.keys()
    named = next(filter(None, map(_counties_in, said)), ())
    all_of_them = listed if region_names()[county()] in " ".join(said) else ()
    return sorted(of_rows or named or all_of_them)


def _counties_in(text: str) -> set[str]:
    """The counties of the home whose name or code stands in a title or in the name of a file or folder."""
    return {code for code, name in counties().items() if name in text or code in text}


def decide_townships(
    contract: Dataset, titles: list[str], rows: set[str], said: list[str], month: str
) -> tuple[str, list[str]]:
    """`county` or `township`, and the codes a file covers (_G02, _G14 for the comprehensive return).

    `said`: all titles and names; where nothing says whose it is, it covers every county, once somebody confirms it.
    A short name in a title (某县某地2024年3月) counts while no row lies elsewhere. The rows of a single township are that
    township's, whatever the title says: read as the county's, they would replace the other townships' rows by nothing.
    """
    senders = speaks_for(rows, said) or [*counties()]
    if not contract.has_township:
        return "county", senders
    if contract.dataset == "comprehensive_return":
        return ("county" if len(rows) > 1 else "township"), sorted(rows)
    named = townships_of_titles(contract, titles)
    if named:
        if rows and not rows & set(named):
            raise Refused("area_mismatch")
        return "township", named
    short = set().union(*map(townships_spelt, titles))
    if short and rows <= short:
        return "township", sorted(short)
    if len(rows) == 1:
        return "township", sorted(rows)
    own = [code for code in townships_at(month) if code[:6] in senders]
    return "county", [*own, *sorted(rows - {*own} - counties().keys())]


def named_otherwise(
    contract: Dataset, titles: list[str], name: str, covered: set[str]
) -> str | None:
    """The reason to hold a file whose name (its own, else its folders') or short-named title says another township or county.

    `covered` are the townships that its rows fill. A title with an official name is judged row by row instead. Of another
    county's file nothing but the name tells where its rows name no township.
    """
    words = " ".join([*titles, name])
    own = {place[:6] for place in covered} & counties().keys() or {*counties()}
    others = [one for one in sorted(other_counties()) if one in words]
    apart = set()
    for said in map(_counties_in, (" ".join(titles), name)):
        apart |= set() if said & own else said
    if apart or others and not _counties_in(words) & own:
        return f"area_named_otherwise:{'、'.join(others + _named(apart))} {'、'.join(_named(own))}"
    if not contract.has_township:
        return None
    short = [] if townships_of_titles(contract, titles) else titles
    for words in ([" ".join(short)], name.split("/")[::-1]):
        said = next((set(codes) for codes in map(townships_spelt, words) if codes), covered)
        if covered - said:
            return f"area_named_otherwise:{_places(said)} {_places(covered - said)}"
    return None


def _named(codes: set[str]) -> list[str]:
    return [counties()[code] for code in sorted(codes)]


def _places(codes: set[str]) -> str:
    return "、".join({**counties(), **known_townships()}[code] for code in sorted(codes))
