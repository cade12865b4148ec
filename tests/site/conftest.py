"""The site of the fictitious county, written once a session; one with hostile and rare names besides."""

import pytest

from minzheng.contracts.datasets import Bilingual
from minzheng.contracts.editions import edition
from minzheng.custody.home import Home
from minzheng.publish.release.published import revisions
from minzheng.publish.site import write_site
from minzheng.publish.site.archive import Earlier, earlier_releases
from tests.site.county import MONTH, TOWNSHIPS, frames

HOSTILE = "<img src=x onerror=window.pwned=1>'\"&"
EVALUATION = Earlier(
    "2025-12", 1, "evaluation-145/r1", Bilingual(zh="“十四五”规划总结评估", en="final evaluation")
)
RARE = "གངས་ཚ་𠮷囍乡"


@pytest.fixture(scope="session")
def county_frames():
    return frames()


def written(home, given):
    """The site of a draft under `home`, beside three earlier releases, the first of them of 0.1.0, and a later one."""
    folder = home / "drafts" / MONTH / "bureau"
    for release in ("2024-02/r1", "2024-02/r2/bureau", "2024-03/r1/bureau", "2024-04/r1/bureau"):
        (home / "published" / release / "site").mkdir(parents=True)
        (home / "published" / release / "manifest.json").write_text(
            '{"release": "' + release.replace("/", "-") + '", "files": {}}'
        )
    folder.mkdir(parents=True)
    write_site(
        folder,
        MONTH,
        given,
        edition("bureau"),
        [*earlier_releases(revisions(Home(home)), "bureau", MONTH), EVALUATION],
    )
    return folder / "site"


@pytest.fixture(scope="session")
def site(tmp_path_factory, county_frames):
    return written(tmp_path_factory.mktemp("home"), county_frames)


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_site(
        folder, MONTH, frames(names={TOWNSHIPS[0]: HOSTILE, TOWNSHIPS[1]: RARE}), edition("bureau")
    )
    return folder / "site"
