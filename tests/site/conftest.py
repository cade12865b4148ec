"""The site of the fictitious county, written once a session; one with hostile and rare names besides."""

import os
from pathlib import Path

import pytest

from minzheng.publish.site import write_site
from tests.site.county import MONTH, TOWNSHIPS, frames

HOSTILE = "<img src=x onerror=window.pwned=1>'\"&"
RARE = "གངས་ཚ་𠮷囍乡"
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def county_frames():
    return frames()


def written(home, given):
    """The site of a draft under `home`, beside three earlier releases and a later one."""
    folder = home / "drafts" / MONTH
    for revision in ("2024-02/r1", "2024-02/r2", "2024-03/r1", "2024-04/r1"):
        release = folder.parents[1] / "published" / revision
        release.mkdir(parents=True)
        (release / "manifest.json").write_text("{}")
    folder.mkdir(parents=True)
    write_site(folder, MONTH, given)
    return folder / "site"


@pytest.fixture(scope="session")
def site(tmp_path_factory, county_frames):
    return written(tmp_path_factory.mktemp("home"), county_frames)


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_site(folder, MONTH, frames(names={TOWNSHIPS[0]: HOSTILE, TOWNSHIPS[1]: RARE}))
    return folder / "site"


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()
