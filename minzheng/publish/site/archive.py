"""Earlier releases that the pages can point at: those frozen beside the folder that a release is written in."""

import re
from dataclasses import dataclass
from pathlib import Path

from minzheng.publish.release.manifest import MANIFEST

_MONTH = re.compile(r"\d{4}-\d{2}")
_REVISION = re.compile(r"r(\d+)")


@dataclass(frozen=True)
class Earlier:
    """A frozen release; `path` leads from a release's `site/` to its own."""

    month: str
    revision: int

    @property
    def path(self) -> str:
        """Relative to `published/<month>/r<n>/site/`."""
        return f"../../../{self.month}/r{self.revision}/site/index.html"


def earlier_releases(folder: Path, month: str) -> list[Earlier]:
    """The releases of `month` and before, newest first; empty where no `published/` is beside the drafts."""
    published = next(
        (base / "published" for base in folder.parents[1:2] if (base / "published").is_dir()), None
    )
    if published is None:
        return []
    found = [
        Earlier(one.parent.name, int(match[1]))
        for one in published.glob("*/r*")
        if (match := _REVISION.fullmatch(one.name))
        and _MONTH.fullmatch(one.parent.name)
        and one.parent.name <= month
        and (one / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda one: (one.month, one.revision), reverse=True)
