"""Frozen releases found again: all of a home, or the one of a month, a revision or a day."""

import datetime as dt
import re
from pathlib import Path

import polars as pl

from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.publish.release.manifest import read_manifest

_VINTAGE = re.compile(r"(\d{4}-\d{2})(?:/r(\d+)|-r(\d+))?")


class UnknownVintage(MinzhengError):
    """No release of that month, revision or day."""


def releases(home: Home) -> list[Path]:
    """The frozen releases of a home, by month and revision."""
    found = [path.parent for path in home.published.glob("[0-9]*-[0-9]*/r[0-9]*/snapshot.duckdb")]
    found = [path for path in found if path.name[1:].isdigit()]
    return sorted(found, key=lambda path: (path.parent.name, int(path.name[1:])))


def find_release(home: Home, vintage: str | dt.date) -> Path:
    """The folder of a vintage; see `minzheng.open`."""
    there = releases(home)
    if not there:
        raise UnknownVintage(
            f"no release in {home.published} yet: run `minzheng release` first",
            "还没有正式发布的版本",
        )
    day = _day(vintage)
    if day is not None:
        chosen = [path for path in there if (approved := approved_on(path)) and approved <= day]
    elif vintage == "latest":
        chosen = there
    else:
        match = _VINTAGE.fullmatch(vintage)
        revision = match and (match[2] or match[3])
        chosen = [
            path
            for path in there
            if match and path.parent.name == match[1] and revision in (None, path.name[1:])
        ]
    if chosen:
        return chosen[-1]
    names = ", ".join(f"{path.parent.name}/{path.name}" for path in there[-6:])
    raise UnknownVintage(
        f"no release {vintage}; the newest are {names}", f"没有版本 {vintage}；最近的版本有 {names}"
    )


def _day(vintage: str | dt.date) -> dt.date | None:
    if isinstance(vintage, dt.datetime):
        return vintage.date()
    if isinstance(vintage, dt.date):
        return vintage
    try:
        return dt.date.fromisoformat(vintage) if len(vintage) == 10 else None
    except ValueError:
        return None


def approved_at(release: Path) -> dt.datetime | None:
    """When a release was approved, by its manifest; None for a draft."""
    approval = read_manifest(release).content.get("approval")
    return dt.datetime.fromisoformat(approval["at"]) if approval else None


def approved_on(release: Path) -> dt.date | None:
    """The day a release was approved; None for a draft."""
    at = approved_at(release)
    return at.date() if at else None


def first_releases(home: Home) -> dict[str, pl.DataFrame]:
    """The observations of each month's first release."""
    first = {path.parent.name: path for path in reversed(releases(home))}
    return {
        month: pl.read_parquet(path / "observations.parquet")
        for month, path in sorted(first.items())
    }


def released_before(home: Home, month: str) -> list[pl.DataFrame]:
    """The observations of every frozen release up to and including `month`, by month and revision."""
    return [
        pl.read_parquet(path / "observations.parquet")
        for path in releases(home)
        if path.parent.name <= month
    ]


def released(home: Home) -> list[pl.DataFrame]:
    """The observations of every frozen release of whatever month, in the order of their approval: an attacker has them all."""
    return [
        pl.read_parquet(path / "observations.parquet")
        for path in sorted(releases(home), key=approved_at)
    ]
