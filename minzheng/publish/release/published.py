"""Frozen releases found again: the revisions of a home, the editions each holds, the one of a month, a revision or a day."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from minzheng.contracts.editions import edition, editions
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.publish.release.manifest import MANIFEST, read_manifest

_VINTAGE = re.compile(r"(\d{4}-\d{2})(?:/r(\d+)|-r(\d+))?")
BEFORE_EDITIONS = "prefecture"
"""What a release of 0.1.0 was: one folder without editions, withheld by the profile of the prefecture."""


class UnknownVintage(MinzhengError):
    """No release of that month, revision or day."""


class UnreadableEdition(MinzhengError):
    """The release has no such edition, or this account may not read it."""


@dataclass(frozen=True, order=True)
class Revision:
    """A frozen revision of a month; its folder holds a folder an edition."""

    month: str
    number: int
    folder: Path

    @property
    def name(self) -> str:
        """2024-03-r1."""
        return f"{self.month}-r{self.number}"

    @property
    def editions(self) -> dict[str, Path]:
        """The folders of its editions, the fullest first; a release of 0.1.0 is one of the prefecture's edition."""
        return held(self.folder)

    @property
    def main(self) -> Path:
        """The fullest edition, whose manifest speaks for the revision."""
        return main_of(self.folder)

    def edition(self, name: str | None = None) -> Path:
        """The folder of an edition, of the fullest that this account may read unless one is named."""
        mine = self.editions
        if name is None:
            found = next(
                (path for path in mine.values() if os.access(path, os.R_OK | os.X_OK)), None
            )
            if found is None:
                raise UnreadableEdition(
                    f"this account may read no edition of {self.name}",
                    f"本账户无权读取 {self.name} 的任何版别",
                )
            return found
        title = edition(name).title.zh
        if name not in mine:
            raise UnreadableEdition(
                f"{self.name} has no edition {name}, only {', '.join(mine)}",
                f"{self.name} 没有{title}，只有{'、'.join(edition(one).title.zh for one in mine)}",
            )
        if not os.access(mine[name], os.R_OK | os.X_OK):
            raise UnreadableEdition(
                f"this account may not read the edition {name} of {self.name}",
                f"本账户无权读取 {self.name} 的{title}",
            )
        return mine[name]


def main_of(folder: Path) -> Path:
    """The fullest edition of a draft or revision, whose manifest speaks for it."""
    return next(iter(held(folder).values()))


def held(folder: Path, only: str | None = None) -> dict[str, Path]:
    """The editions in a revision's folder (or of an edition's own) by name, the fullest first, or the one asked for.

    A folder without editions is one edition whatever it is called; without a manifest too, `read_manifest` says what it lacks.
    """
    found = {name: folder / name for name in editions() if (folder / name / MANIFEST).is_file()}
    if not found:
        found = {read_manifest(folder).content.get("edition", BEFORE_EDITIONS): folder}
    if only is None:
        return found
    if only not in found:
        names = "、".join(edition(name).title.zh for name in found)
        raise UnreadableEdition(
            f"{folder} has no edition {only}, only {', '.join(found)}",
            f"{folder} 没有{edition(only).title.zh}，只有{names}",
        )
    return {only: found[only]}


def revisions(home: Home, month: str = "*") -> list[Revision]:
    """The frozen revisions of a home, or of one month, by month and number."""
    found = [
        path for path in home.published.glob(f"{month}/r[0-9]*") if re.fullmatch(r"r\d+", path.name)
    ]
    made = [Revision(path.parent.name, int(path.name[1:]), path) for path in found]
    whole = [
        one
        for one in made
        if any(one.folder.glob(MANIFEST)) or any(one.folder.glob(f"*/{MANIFEST}"))
    ]
    return sorted(one for one in whole if re.fullmatch(r"\d{4}-\d{2}", one.month))


def find_revision(home: Home, vintage: str | dt.date) -> Revision:
    """The revision of a vintage; see `minzheng.open`."""
    there = revisions(home)
    if not there:
        raise UnknownVintage(
            f"no release in {home.published} yet: run `minzheng release` first",
            "还没有正式发布的版本",
        )
    day = _day(vintage)
    if day is not None:
        chosen = [
            one for one in there if (approved := approved_at(one.main)) and approved.date() <= day
        ]
    elif vintage == "latest":
        chosen = there
    else:
        match = _VINTAGE.fullmatch(vintage)
        number = match and (match[2] or match[3])
        chosen = [
            one
            for one in there
            if match and one.month == match[1] and number in (None, str(one.number))
        ]
    if chosen:
        return chosen[-1]
    names = ", ".join(f"{one.month}/r{one.number}" for one in there[-6:])
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


def approved_at(folder: Path) -> dt.datetime | None:
    """When an edition was approved, by its manifest; None for a draft."""
    approval = read_manifest(folder).content.get("approval")
    return dt.datetime.fromisoformat(approval["at"]) if approval else None


@dataclass(frozen=True)
class History:
    """The frozen revisions of a home as one piece of work reads them: each file once."""

    revisions: list[Revision]
    _read: dict[Path, pl.DataFrame] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, home: Home) -> "History":
        """All revisions of a home."""
        return cls(revisions(home))

    def observations(self, folder: Path) -> pl.DataFrame:
        """The observations of an edition's folder."""
        if folder not in self._read:
            self._read[folder] = pl.read_parquet(folder / "observations.parquet")
        return self._read[folder]

    def first(self, until: str = "9999-99") -> dict[str, pl.DataFrame]:
        """The fullest observations of each month's first release, up to a month."""
        first = {one.month: one for one in reversed(self.revisions) if one.month <= until}
        return {month: self.observations(one.main) for month, one in sorted(first.items())}

    def last(self, month: str, holding: str | None = None) -> Revision | None:
        """The one that a release of `month` is compared with: the month's last, else the last of the newest earlier month.

        `holding`: of those with that edition.
        """
        earlier = [
            one
            for one in self.revisions
            if one.month <= month and (holding is None or holding in one.editions)
        ]
        return earlier[-1] if earlier else None

    def released(self, name: str) -> Iterator[pl.DataFrame]:
        """The observations of every frozen edition of that name, in the order of their approval: its readers have them all."""
        held = [one.editions[name] for one in self.revisions if name in one.editions]
        yield from (self.observations(folder) for folder in sorted(held, key=approved_at))
