"""Townships and villages as the contracts list them: codes, official names, spellings."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain

from minzheng.contracts import regions
from minzheng.intake.settings import aliases
from minzheng.months import month_end

_TOWNSHIP_SUFFIX = re.compile(r"(镇|\S{1,3}族乡|乡|街道|街道办事处)$")
_SUFFIX = re.compile(
    r"(社区居民委员会|居民委员会|村民委员会|牧民委员会|村委会|牧委会|居委会|社区|村|牧)$"
)


def county() -> tuple[str, str]:
    """Code and name of the home's area: a county, or a prefecture of several (`regions.counties`)."""
    code = regions.county()
    return code, regions.region_names()[code]


Place = tuple[
    str, str, str, str | None, str | None
]  # code, name, kind of place, valid from, valid to
_received: list[Place] = []


def receive_places(places: Iterable[Sequence]) -> None:
    """What region files that were received add to the list of the contracts; it holds until the next call."""
    wanted = [tuple(place) for place in places]
    if wanted != _received:
        _received[:] = wanted
        for known in (known_townships, township_names, village_codes, village_names):
            known.cache_clear()


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
    """Every 12-digit code valid at the month's end: the villages, and each township with the village unknown (…000)."""
    end = f"{month_end(month)}"
    valid = [
        code
        for code, _, _, begin, stop in _received
        if (begin or "") <= end and (not stop or stop > end)
    ]
    listed = set(regions.regions_of("village")) | set(aliases()["villages"])
    listed |= {code for code in valid if len(code) == 12} | {
        f"{code}000" for code in valid if len(code) == 9
    }
    return frozenset(listed | {f"{code}000" for code in townships()})


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
    return (townships() | others).get(code, "县级")


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
