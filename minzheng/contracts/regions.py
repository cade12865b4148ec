"""The home's area and its regions as the contracts list them, in force while no region file says more.

`county.yaml` names the area, the lists `regions/*.csv` what lies above and below it (`minzheng init` gives a home its own).
Codes are those of the statistical division codes, shortened to their level: province 2 digits, prefecture 4, county 6,
township 9, village 12.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS, OWN, read_list
from minzheng.errors import MinzhengError
from minzheng.months import month_end

LEVELS = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
"""The level of a region by the length of its code."""


class County(Strict):
    """The area whose figures these are; `spellings`: everyday names of what it lies in, by code (四位代码: [某州]).

    `price_index` names the place of the price series by which the price linkage starts.
    """

    region: str
    spellings: dict[str, list[str]] = {}
    price_index: str


class Region(Strict):
    """A row of the list: `level` is province, prefecture, county, township or village; `kind` 镇, 乡, 村委会, 居委会."""

    code: str
    name: str
    level: str
    parent: str
    kind: str | None


def short(code: str) -> str:
    """A code without the zeros that fill it up to six or twelve digits: 632200 is 6322."""
    for whole in LEVELS:
        if len(code) in (6, 12) and not code[whole:].strip("0"):
            return code[:whole]
    return code


@cache
def home_area() -> County:
    """What `county.yaml` says."""
    return County.model_validate(read_yaml(CONTRACTS / "county.yaml"))


def county() -> str:
    """The code of the home's area: a county's six digits, or the four of a prefecture, which has several counties."""
    return short(home_area().region)


def _rows(folder: Path) -> Iterator[Region]:
    for path in sorted((folder / "regions").glob("*.csv")):
        for row in read_list(path):
            yield Region(
                code=row["code"],
                name=row["name_zh"],
                level=row["level"],
                parent=row["parent_code"],
                kind=row["kind"] or None,
            )


def around(code: str, own: Iterable[Region]) -> tuple[Region, ...]:
    """An area with what lies above and below it, in the order of the list.

    `own`: a list of its own, which takes the place of ours. `MinzhengError` for an area in no list.
    """
    given = {region.code: region for region in own}
    ours = {region.code: region for region in _rows(CONTRACTS)}
    rows = {name: one for name, one in ours.items() if not given or not name.startswith(code)}
    rows |= given
    if code not in rows:
        raise MinzhengError(
            f"region {code} stands in no list of regions: give its list, `minzheng init --region {code} --list FILE`",
            f"行政区划清单中没有 {code}：请用 minzheng init --region {code} --list 文件 给出该地的行政区划",
        )
    kept, above = set(), rows.get(code)
    while above:
        kept.add(above.code)
        above = rows.get(above.parent)
    below = {code}
    for region in sorted(rows.values(), key=lambda region: len(region.code)):
        if region.parent in below:
            below.add(region.code)
    return tuple(region for region in rows.values() if region.code in kept | below)


@cache
def other_counties() -> frozenset[str]:
    """The names of the counties of our lists that are none of the home's."""
    listed = {region.name for region in _rows(CONTRACTS) if region.level == "county"}
    return frozenset(listed - {region.name for region in regions()})


@cache
def regions() -> tuple[Region, ...]:
    """Every region of the home's area and what it lies in, from the province down to the villages."""
    return around(county(), _rows(OWN))


@cache
def region_names() -> dict[str, str]:
    """Every code of the list to its name."""
    return {region.code: region.name for region in regions()}


@cache
def regions_of(level: str) -> dict[str, str]:
    """The regions of a level, code to name, in the order of the list."""
    return {region.code: region.name for region in regions() if region.level == level}


def counties() -> dict[str, str]:
    """The counties of the home's area, code to name: a county's home has one, its own."""
    return regions_of("county")


def townships() -> dict[str, str]:
    """The townships of all its counties, code to name."""
    return regions_of("township")


def county_of(code: str) -> str | None:
    """The county in which a county, township or village lies; None for what lies above."""
    return code[:6] if len(code) >= 6 else None


def office(code: str) -> str:
    """The name of the civil affairs bureau of a region."""
    return f"{region_names()[code]}民政局"


def superior() -> str:
    """The code of what the home's area lies in."""
    return next(region.parent for region in regions() if region.code == county())


Place = tuple[str, str, str, str | None, str | None]
"""A row of a region file: code, name, kind of place, and its validity: valid from, valid to."""


def townships_at(month: str, places: Iterable[Place] = ()) -> dict[str, str]:
    """The townships in force at the month's end, code to name: those of the list, and what region files say of them (`places`).

    A township that region files date is there only while a row says so; one of which only villages are told, named by its
    code, while one of them is. The row told last of a code and first day holds.
    """
    end, listed = f"{month_end(month)}", townships()
    rows = {(code, begin): (name, stop) for code, name, _, begin, stop in places}
    named = {code: name for (code, _), (name, _) in rows.items() if len(code) == 9}
    there: dict[str, bool] = {}
    for (code, begin), (_, stop) in rows.items():
        if len(code) == 9 or code[:9] not in named | listed:
            holds = (begin or "") <= end and (not stop or stop > end)
            there[code[:9]] = there.get(code[:9], False) or holds
    known = dict.fromkeys(there) | named | listed
    return {code: name or code for code, name in known.items() if there.get(code, True)}


def names_above() -> list[list[str]]:
    """What the counties lie in, the larger first: each with its official and its everyday names."""
    above = regions_of("province") | regions_of("prefecture")
    return [[name, *home_area().spellings.get(code, [])] for code, name in above.items()]
