"""Townships and villages as the contracts list them: codes, official names, spellings."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain

from minzheng.contracts import regions
from minzheng.contracts.calendar import calendar
from minzheng.contracts.regions import Place
from minzheng.intake.settings import aliases
from minzheng.intake.verdict import State
from minzheng.months import month_end, month_start

_TOWNSHIP_SUFFIX = re.compile(r"(镇|\S{1,3}族乡|乡|街道|街道办事处)$")
_SUFFIX = re.compile(
    r"(社区居民委员会|居民委员会|村民委员会|牧民委员会|村委会|牧委会|居委会|社区|村|牧)$"
)


def county() -> tuple[str, str]:
    """Code and name of the home's area: a county, or a prefecture of several (`regions.counties`)."""
    code = regions.county()
    return code, regions.region_names()[code]


_received: list[Place] = []


def receive_places(places: Iterable[Sequence]) -> None:
    """What region files that were received tell beside the list of the contracts; it holds until the next call."""
    wanted = [tuple(place) for place in places]
    if wanted != _received:
        _received[:] = wanted
        for known in (
            known_townships,
            township_names,
            townships_at,
            village_codes,
            village_names,
            ended,
        ):
            known.cache_clear()


def is_news(place: Place) -> bool:
    """Whether a row tells more than the contracts' list: a place that it lacks, that ends, or that began after the first month."""
    code, _, _, begin, stop = place
    began = f"{month_start(calendar().first_month)}"
    return code not in listed_codes() or bool(stop) or (begin or "") > began


def places_told(state: State, verdicts: dict[int, dict]) -> list[Place]:
    """What the region files in force tell of places; of a code and first day the row of the last month's last file."""
    filed = chain.from_iterable(
        state.filed.get(("region", code), {}).items() for code in regions.counties()
    )
    rows: dict[tuple, Place] = {}
    for _, number in sorted({(month, max(numbers)) for month, numbers in filed}):
        rows |= {(row[0], row[3]): tuple(row) for row in verdicts[number].get("places") or []}
    return sorted(rows.values(), key=str)


@cache
def townships() -> dict[str, str]:
    """Township codes with their official names, in the order of the list; the alias file may add one."""
    listed = regions.townships()
    return listed | {
        code: names[0] for code, names in aliases()["townships"].items() if code not in listed
    }


@cache
def known_townships() -> dict[str, str]:
    """`townships` and those that a region file adds, for whatever time."""
    added = {code: name for code, name, *_ in _received if len(code) == 9}
    added |= {code[:9]: "" for code, *_ in _received if len(code) == 12 and code[:9] not in added}
    return townships() | {code: name for code, name in added.items() if code not in townships()}


@cache
def townships_at(month: str) -> dict[str, str]:
    """The townships in force at the month's end (`regions.townships_at`), and those that the alias file adds."""
    added = {code: name for code, name in townships().items() if code not in regions.townships()}
    return regions.townships_at(month, _received) | added


@cache
def ended(month: str) -> frozenset[str]:
    """Codes of townships and villages that region files end by the month's end, and that no row keeps."""
    end = f"{month_end(month)}"
    dated: dict[str, bool] = {}
    for code, _, _, _, stop in _received:
        dated[code] = dated.get(code, True) and bool(stop) and stop <= end
    return frozenset(code for code, gone in dated.items() if gone)


@cache
def township_names() -> dict[str, str]:
    """Every spelling of a township, as compared, with its code."""
    names = {}
    for code, spellings in aliases()["townships"].items():
        names |= dict.fromkeys(map(place_name, spellings), code)
    official = {place_name(name): code for code, name in known_townships().items() if name}
    shortened = {_TOWNSHIP_SUFFIX.sub("", name): code for name, code in official.items()}
    return {name: code for name, code in shortened.items() if len(name) > 1} | names | official


@cache
def village_codes(month: str) -> frozenset[str]:
    """Every 12-digit code valid at the month's end: the villages, and each township with the village unknown (…000).

    A village ends with its township, unless region files keep it.
    """
    end = f"{month_end(month)}"
    valid = [
        code
        for code, _, _, begin, stop in _received
        if (begin or "") <= end and (not stop or stop > end)
    ]
    whole = {code if len(code) == 12 else f"{code}000" for code in valid}
    listed = {*regions.regions_of("village"), *aliases()["villages"]}
    listed |= {f"{code}000" for code in townships()}
    gone = ended(month)
    return frozenset(whole | {code for code in listed if not gone & {code, code[:9]}})


@cache
def village_names() -> frozenset[tuple[str, str]]:
    """Pairs of code and spelling (without its suffix) that belong together."""
    pairs = {
        *regions.regions_of("village").items(),
        *((code, name) for code, name, *_ in _received if len(code) == 12),
    }
    for code, names in aliases()["villages"].items():
        pairs.update((code, name) for name in names)
    return frozenset((code, bare_village(name)) for code, name in pairs)


@cache
def listed_codes() -> frozenset[str]:
    """Every code of the contracts' own list."""
    return frozenset(regions.region_names())


@cache
def place_words() -> frozenset[str]:
    """Every word by which the contracts name the county's places, with and without the words for their kind."""
    spelled = chain(*aliases()["townships"].values(), *aliases()["villages"].values())
    named = set(regions.region_names().values()) | set(spelled)
    words = named.union(
        map(bare_village, named),
        (_SUFFIX.sub("", name) for name in named),
        (_TOWNSHIP_SUFFIX.sub("", name) for name in named),
    )
    return frozenset(word for word in words if len(word) > 1)


def sender_name(code: str) -> str:
    """Who sends, as lists for the home's own eyes say it: a township, the county's bureau, or which of several counties."""
    others = regions.counties() if len(regions.counties()) > 1 else {}
    return (known_townships() | others).get(code, "县级") or code


def place_name(text: str) -> str:
    """A place's name as it is compared: without blanks and the names of province, prefecture and county before it."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return _before_place().sub("", text)


@cache
def _before_place() -> re.Pattern[str]:
    """The names of what a place lies in, as they stand before its own; each but the county's may be left out."""
    above = [f"(?:{'|'.join(names)})?" for names in regions.names_above()]
    return re.compile("^" + "".join(above) + f"(?:{'|'.join(regions.counties().values())})")


@lru_cache(4096)
def bare_village(text: str) -> str:
    """A village's name without the words for its kind."""
    text, before = place_name(text), None
    while text != before and len(text) > 2:
        before, text = text, _SUFFIX.sub("", text) or text
    return text


def townships_named(text: str) -> list[str]:
    """The codes of the townships whose official name or spelling with 镇 or 乡 appears in a title."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return sorted(
        {code for name, code in township_names().items() if name[-1] in "镇乡" and name in text}
    )


def townships_spelt(text: str) -> list[str]:
    """The codes of the townships of which any spelling, also one without 镇 or 乡, appears in a title."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return sorted({code for name, code in township_names().items() if name in text})
