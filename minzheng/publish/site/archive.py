"""Earlier releases that the pages of an edition point at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from minzheng.contracts.datasets import Bilingual
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import Revision


@dataclass(frozen=True)
class Earlier:
    """A frozen release with pages, of a month or, where it has a title, of a plan's evaluation by that month.

    `folder` is where its pages lie below `published/`.
    """

    month: str
    revision: int
    folder: str
    title: Bilingual | None = None

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


def evaluations(folders: Sequence[Path], edition: str) -> list[Earlier]:
    """The frozen evaluations of plans that readers of an edition may read, newest first."""
    found = [(folder, read_manifest(folder).content) for folder in folders]
    return [
        Earlier(
            told["month"],
            int(folder.name[1:]),
            f"{folder.parent.name}/{folder.name}",
            Bilingual(
                zh=told["title"],
                en=f"{told['kind'].replace('_', '-')} evaluation of plan {told['plan']}",
            ),
        )
        for folder, told in reversed(found)
        if told["edition"] == edition
    ]
