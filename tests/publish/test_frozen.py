"""What was released is held against the ledger before it is used; what a kill cut short is finished by the next call."""

import datetime as dt
import os
import shutil
import subprocess
import sys

import polars as pl
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.writer import writing
from minzheng.errors import MinzhengError
from minzheng.publish.release import frozen
from minzheng.publish.release.manifest import read_manifest, verify, write_manifest
from minzheng.publish.release.writing import freeze
from minzheng.warehouse import stale
from minzheng.warehouse.connection import open_warehouse

NOON = dt.datetime(2024, 4, 15, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path, release, month, monkeypatch):
    """A home with the draft of the month."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))
    home = Home(tmp_path / "home").create()
    shutil.copytree(release, home.drafts / month / "bureau")
    yield home
    unlock(home)


@pytest.fixture
def released(home, month, signer):
    """The month's first release."""
    return freeze(home, month, "示例局长", NOON, signer)


def unlock(home) -> None:
    for path in [home.published, *home.published.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def moved_away(folder):
    folder.rename(folder.parent / "r1-old")


def moved_elsewhere(folder):
    folder.rename(folder.parents[2] / "r1")


def doubled(folder):
    path = folder / "bureau" / "observations.parquet"
    path.chmod(0o600)
    pl.read_parquet(path).with_columns(pl.col("obs_value") * 2).write_parquet(path)


def without_a_table(folder):
    (folder / "bureau" / "observations.parquet").unlink()


def signed_again(folder):
    """Another content, whole in itself, under a key of somebody's own."""
    doubled(folder)
    folder = folder / "bureau"
    for name in ("manifest.json", "manifest.sig"):
        (folder / name).chmod(0o600)
    write_manifest(folder, read_manifest(folder).content, Ed25519PrivateKey.generate())
    assert verify(folder) == []


@pytest.mark.parametrize(
    "harm", [moved_away, moved_elsewhere, doubled, without_a_table, signed_again, shutil.rmtree]
)
def test_a_release_that_is_not_as_it_was_stops_the_next_one(home, released, month, harm):
    unlock(home)
    harm(released)
    with pytest.raises(MinzhengError, match="release 2024-03/r1 .*put it back from its backup"):
        frozen.settle(home)
    with pytest.raises(MinzhengError, match="release 2024-03/r1 .*put it back from its backup"):
        freeze(home, month, "示例局长", NOON)
    assert not (home.published / month / "r2").exists()


@pytest.mark.parametrize("place", ["2024-03/r2", "2024-02/r1"])
def test_a_folder_that_was_put_there_is_no_release(home, released, place):
    unlock(home)
    shutil.copytree(released, home.published / place)
    with pytest.raises(MinzhengError, match=f"release {place} was not made here"):
        frozen.settle(home)


def test_a_release_signed_by_a_stranger_is_not_taken_over(home, released, month):
    unlock(home)
    fake = home.published / "2024-02" / "r1"
    shutil.copytree(released, fake)
    for path in fake.rglob("*"):
        path.chmod(0o700)
    content = {**read_manifest(fake / "bureau").content, "release": "2024-02-r1"}
    write_manifest(fake / "bureau", content, Ed25519PrivateKey.generate())
    with pytest.raises(MinzhengError, match="release 2024-02/r1 was not made here"):
        frozen.settle(home)


def test_every_byte_of_a_release_is_looked_at_by_the_check_up(home, released):
    unlock(home)
    assert list(frozen.faults(home)) == []
    (released / "bureau" / "report.docx").chmod(0o600)
    (released / "bureau" / "report.docx").write_bytes(b"x")
    ((english, chinese),) = frozen.faults(home)
    assert english == "release 2024-03/r1 is not what it was (tampered: report.docx)"
    assert chinese.startswith("发布2024-03/r1与发布时不同")


@pytest.mark.parametrize("stopped", ["note_frozen", "point_latest"])
def test_a_release_that_was_stopped_at_its_last_steps_is_finished_by_the_next_call(
    home, month, signer, monkeypatch, stopped
):
    with monkeypatch.context() as patch:
        patch.setattr(f"minzheng.publish.release.writing.{stopped}", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            freeze(home, month, "示例局长", NOON, signer)
    with pytest.raises(MinzhengError, match="nothing has changed since 2024-03-r1"):
        freeze(home, month, "示例局长", NOON, signer)
    assert (home.published / "latest").readlink().as_posix() == "2024-03/r1"
    assert list(frozen.recorded(home)) == ["2024-03/r1"]


def test_a_home_that_recorded_no_release_yet_takes_over_those_it_holds(home, released):
    home.ledger.unlink()
    home.journal.unlink()
    frozen.settle(home)
    assert list(frozen.recorded(home)) == ["2024-03/r1"]


def test_the_hidden_copy_of_a_killed_release_is_swept_by_the_next_writer(home, month):
    folder = home.published / month
    for place in (folder / ".r1-abc" / "site", home.drafts / ".2024-03-x"):
        place.mkdir(parents=True)
        (place / "page.html").write_text("x")
    (folder / ".r1-abc" / "site").chmod(0o555)
    (folder / ".r1-abc").chmod(0o555)
    (home.published / ".latest").symlink_to("2024-03/r1")
    with writing(home):
        pass
    assert [path.name for path in folder.iterdir()] == []
    assert [path.name for path in home.drafts.iterdir()] == [month]
    assert list(home.published.iterdir()) == [folder]


def test_the_trail_before_a_release_is_signed_into_it(home, month, signer):
    with Ledger(home) as ledger:
        ledger.record("act", {"who": "x", "what": "look", "about": {}})
        head = ledger.heads()[-1]
    folder = freeze(home, month, "示例局长", NOON, signer)
    assert read_manifest(folder / "bureau").content["trail"] == head


def fifo(folder):
    os.mkfifo(folder / "pipe")


HOSTILE = {
    "a link to a device": lambda f: (f / "charts" / "x.svg").symlink_to("/dev/zero"),
    "a link in place of a file": lambda f: (
        (f / "report.docx").unlink(),
        (f / "report.docx").symlink_to("/dev/zero"),
    ),
    "a pipe": fifo,
    "an empty folder": lambda f: (f / "more").mkdir(),
    "a link to a folder": lambda f: (f / "more").symlink_to("/etc"),
    "a name that rings": lambda f: (f / "\x1b[2Jx\a.csv").write_text("x"),
    "a manifest that is a pipe": lambda f: (
        (f / "manifest.json").unlink(),
        os.mkfifo(f / "manifest.json"),
    ),
    "a signature that is a device": lambda f: (
        (f / "manifest.sig").unlink(),
        (f / "manifest.sig").symlink_to("/dev/zero"),
    ),
    "a manifest of something else": lambda f: (f / "manifest.json").write_text(
        '{"files": {"a": 1}}'
    ),
}


@pytest.mark.parametrize("harm", HOSTILE.values(), ids=HOSTILE.keys())
def test_verify_neither_hangs_nor_follows_nor_prints_what_a_hostile_folder_holds(home, month, harm):
    harm(home.drafts / month / "bureau")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from minzheng.cli import main; main()",
            "verify",
            str(home.drafts / month / "bureau"),
        ],
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    told = (done.stdout + done.stderr).decode()
    assert "\x1b" not in told
    assert "internal error" not in told


def test_the_first_key_is_remembered_and_another_must_be_named(home, month, signer):
    draft = str(home.drafts / month / "bureau")
    first = CliRunner().invoke(cli, ["verify", draft])
    assert "is met for the first time" in first.output
    assert "is met for the first time" not in CliRunner().invoke(cli, ["verify", draft]).output
    write_manifest(
        home.drafts / month / "bureau",
        read_manifest(home.drafts / month / "bureau").content,
        Ed25519PrivateKey.generate(),
    )
    other = frozen.signer(read_manifest(home.drafts / month / "bureau"))
    refused = CliRunner().invoke(cli, ["verify", draft])
    assert f"say so with --key {other}" in str(refused.exception)
    assert CliRunner().invoke(cli, ["verify", draft, "--key", other]).exit_code == 0
    assert CliRunner().invoke(cli, ["verify", draft]).exit_code == 0


def test_a_key_that_did_not_sign_is_a_fault(home, month):
    told = CliRunner().invoke(
        cli, ["verify", str(home.drafts / month / "bureau"), "--key", "0" * 16]
    )
    assert "signed by another key" in told.output
    assert told.exit_code == 1


def accepted(home, number: int, month: str, sha256: str, dataset: str = "dibao_roll") -> None:
    with open_warehouse(home) as connection:
        connection.execute(
            "insert into raw.file (intake_no, name, sha256, dataset, month, verdict, rows_accepted)"
            " values (?, 'a.csv', ?, ?, ?, 'accept', 12)",
            [number, sha256, dataset, month],
        )


def drafted(home, month: str) -> None:
    with open_warehouse(home) as connection:
        stale.mark_computed(connection, [month])
        stale.mark_drafted(connection, month)


@pytest.mark.parametrize(
    ("came", "dataset"),
    [("2024-03", "dibao_roll"), ("2024-01", "dibao_roll"), ("2024-05", "policy_param")],
    ids=["a correction", "a correction of an earlier month", "a standard decided later"],
)
def test_a_draft_older_than_what_was_accepted_since_is_not_released(
    home, month, signer, came, dataset
):
    accepted(home, 1, month, "a" * 64)
    drafted(home, month)
    accepted(home, 2, came, "b" * 64, dataset)
    with pytest.raises(MinzhengError, match="draft of 2024-03 is older than the files accepted"):
        freeze(home, month, "示例局长", NOON, signer)
    drafted(home, month)
    assert freeze(home, month, "示例局长", NOON, signer).name == "r1"


def test_a_file_of_a_later_month_makes_no_draft_older(home, month, signer):
    accepted(home, 1, month, "a" * 64)
    drafted(home, month)
    accepted(home, 2, "2024-04", "b" * 64)
    assert freeze(home, month, "示例局长", NOON, signer).name == "r1"
