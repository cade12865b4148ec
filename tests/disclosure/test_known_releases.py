"""Whoever attacks a correction of an old month has the releases of later months too."""

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.custody.home import Home
from minzheng.publish.release.manifest import write_manifest
from minzheng.publish.release.published import History

FROZEN = """
release      approved
2024-01/r1   2024-02-18T09:00:00+08:00
2024-02/r1   2024-03-18T09:00:00+08:00
2024-01/r2   2024-04-02T09:00:00+08:00
2024-03/r1   2024-04-18T01:00:00+00:00
"""


@pytest.fixture
def home(tmp_path):
    """A home with the releases of `FROZEN`, each with its own name for its one observation."""
    made, key = Home(tmp_path / "home").create(), Ed25519PrivateKey.generate()
    for line in FROZEN.strip().splitlines()[1:]:
        name, at = line.split()
        folder = made.published / name / "public"
        folder.mkdir(parents=True)
        pl.DataFrame({"release": [name]}).write_parquet(folder / "observations.parquet")
        told = {"release": name.replace("/", "-"), "edition": "public"}
        write_manifest(folder, told | {"approval": {"by": "示例局长", "at": at}}, key)
    return made


def names(frames):
    return [frame["release"].item() for frame in frames]


def test_every_release_is_known_in_the_order_of_approval(home):
    assert names(History.of(home).released("public")) == [
        "2024-01/r1",
        "2024-02/r1",
        "2024-01/r2",
        "2024-03/r1",
    ]


def test_readers_of_the_public_edition_have_no_other(home):
    (home.published / "2024-02" / "r1" / "public").rename(
        home.published / "2024-02" / "r1" / "bureau"
    )
    assert names(History.of(home).released("public")) == ["2024-01/r1", "2024-01/r2", "2024-03/r1"]


def test_a_release_is_compared_with_the_last_of_its_month_or_before(home):
    history = History.of(home)
    last = [history.last(month) for month in ("2023-12", "2024-01", "2024-02", "2024-09")]
    assert [one and one.name for one in last] == [None, "2024-01-r2", "2024-02-r1", "2024-03-r1"]


def test_a_month_was_first_told_by_its_first_release(home):
    first = History.of(home).first()
    assert {month: frame["release"].item() for month, frame in first.items()} == {
        "2024-01": "2024-01/r1", "2024-02": "2024-02/r1", "2024-03": "2024-03/r1",
    }  # fmt: skip
