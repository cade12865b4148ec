"""The county and its regions as the contracts list them, in force while no region file says more.

`contracts/county.yaml` names the county, `contracts/regions/<code>.csv` its province, prefecture, townships and villages.
"""

import csv
from functools import cache

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS


class County(Strict):
    """The county whose figures these are; `spellings`: everyday names of what it lies in, by code (6322: 海北州)."""

    region: str
    spellings: dict[str, list[str]] = {}


class Region(Strict):
    """A row of the list: `level` is province, prefecture, county, township or village; `kind` 镇, 乡, 村委会, 社区."""

    code: str
    name: str
    level: str
    parent: str
    kind: str | None


@cache
def _county() -> County:
    return County.model_validate(read_yaml(CONTRACTS / "county.yaml"))


def county() -> str:
    """The county's six-digit code."""
    return _county().region


@cache
def regions() -> tuple[Region, ...]:
    """Every row of the county's list, from the province down to the villages."""
    with (CONTRACTS / "regions" / f"{county()}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Region(
                code=row["code"],
                name=row["name_zh"],
                level=row["level"],
                parent=row["parent_code"],
                kind=row["kind"] or None,
            )
            for row in csv.DictReader(file)
        )


@cache
def region_names() -> dict[str, str]:
    """Every code of the list to its name."""
    return {region.code: region.name for region in regions()}


def regions_of(level: str) -> dict[str, str]:
    """The regions of a level, code to name, in the order of the list."""
    return {region.code: region.name for region in regions() if region.level == level}


def townships() -> dict[str, str]:
    """The county's townships, code to name."""
    return regions_of("township")


def names_above() -> list[list[str]]:
    """What the county lies in, the larger first: each with its official and its everyday names."""
    above = regions_of("province") | regions_of("prefecture")
    return [[name, *_county().spellings.get(code, [])] for code, name in above.items()]
