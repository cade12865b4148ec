"""Earlier releases that the pages of an edition point at."""

from collections.abc import Sequence
from dataclasses import dataclass

from minzheng.publish.found import Revision


@dataclass(frozen=True)
class Earlier:
    """A frozen release with pages; `folder` is where they lie below `published/`."""

    month: str
    revision: int
    folder: str

    @property
    def path(self) -> str:
        """Relative to `published/<month>/r<n>/<edition>/site/`."""
        return f"../../../../{self.folder}/site/index.html"


def earlier_releases(revisions: Sequence[Revision], edition: str, month: str) -> list[Earlier]:
    """Those of `month` and before, newest first, in the same edition, or as they were before there were any."""
    found = [(one, one.editions.get(edition, one.main)) for one in revisions if one.month <= month]
    return [
        Earlier(one.month, one.number, folder.relative_to(one.folder.parents[1]).as_posix())
        for one, folder in reversed(found)
        if (folder / "site").is_dir()
    ]
