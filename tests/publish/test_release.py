"""The release folder: whole or nothing, the same bytes, frozen once, tampering named."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.cli import cli
from minzheng.custody.egress import scan
from minzheng.custody.home import Home
from minzheng.disclosure.frames import SCHEMAS
from minzheng.errors import MinzhengError
from minzheng.indicators.revisions import changed_cells, revision_lines
from minzheng.publish.release import writing as module
from minzheng.publish.release.frozen import point_latest
from minzheng.publish.release.manifest import (
    RAW,
    SIGNATURE,
    key_id_of,
    new_key,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from minzheng.publish.release.writing import freeze, prepared
from tests.patching import everywhere
from tests.place import AREA, AREA_NAME
from tests.publish.conftest import write_release

NOON = dt.datetime(2024, 4, 15, 12, tzinfo=dt.UTC)
FILES = {
    "observations.parquet", "observations.csv", "progress.parquet", "progress.csv", "quality.parquet", "quality.csv",
    "revisions.csv", "report.docx", "tables.xlsx", "datapackage.json", "observations.sdmx.csv", "snapshot.duckdb",
    "forms/YZH01.xlsx", "forms/JZH01.xlsx", "charts/progress.svg", "data/movement.csv", "data/sources.parquet", "data/files.csv",
}  # fmt: skip
AGAIN = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("fixtures", {conftest!r})
fixtures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fixtures)
import polars as pl
areas = pl.DataFrame({{"code": list(fixtures.AREAS), "name_zh": list(fixtures.AREAS.values())}})
parts = [fixtures.observations(), fixtures.progress(), fixtures.quality(), fixtures.leads(), fixtures.indicators(), areas]
shuffled = [frame.sample(fraction=1, shuffle=True, seed=3) for frame in parts]
inputs = [fixtures.InputHash("dibao.csv", "ab" * 32, "dibao_roll", fixtures.MONTH)]
fixtures.write_release(Path(sys.argv[1]), fixtures.MONTH, fixtures.ReleaseFrames(*shuffled), key=fixtures.SIGNER, inputs=inputs)
"""


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def home(tmp_path, release, month):
    """A home with the draft of the month."""
    home = Home(tmp_path).create()
    shutil.copytree(release, home.drafts / month / "bureau")
    yield home
    for path in [home.published, *home.published.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def test_a_release_holds_every_promised_file(release):
    assert set(contents(release)) >= FILES | {"manifest.json", "manifest.sig"}
    assert verify(release) == []


def test_another_folder_zone_locale_hash_seed_and_row_order_give_the_same_bytes(release, tmp_path):
    code = AGAIN.format(conftest=str(Path(__file__).with_name("conftest.py")))
    where = tmp_path / "另 一个" / "文件夹"
    env = {
        **os.environ,
        "TZ": "America/Chicago",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "99",
        "PYTHONUTF8": "1",
    }
    subprocess.run([sys.executable, "-c", code, str(where)], check=True, env=env)
    ours, theirs = contents(release), contents(where)
    assert ours.keys() == theirs.keys()
    signed = {
        "manifest.json",
        "manifest.sig",
    }  # they hash the source tree, which a colleague may be editing
    assert [name for name in ours if ours[name] != theirs[name] and name not in signed] == []
    mine, other = (read_manifest(folder).content for folder in (release, where))
    for content in (mine, other):
        content["versions"] = {
            name: value
            for name, value in content["versions"].items()
            if not name.endswith("_sha256")
        }
    assert mine == other


def test_the_manifest_tells_inputs_versions_checks_and_what_could_not_be_made(release):
    manifest = read_manifest(release)
    assert manifest.content["inputs"] == [
        {"name": "dibao.csv", "sha256": "ab" * 32, "dataset": "dibao_roll", "month": "2024-03"}
    ]
    assert manifest.content["checks"]["failed_rules"] == ["F05"]
    assert set(manifest.files["report.docx"]) >= {"bytes", "sha256", "sm3"}
    assert manifest.content["versions"]["minzheng"]
    assert ("report.pdf" in manifest.files) != ("report.pdf" in manifest.content["unmade"])
    raw = (release / "manifest.json").read_text(encoding="utf-8")
    assert raw == json.dumps(manifest.content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def test_without_a_chinese_face_the_release_is_made_and_says_what_is_lacking(
    frames, month, signer, tmp_path
):
    with everywhere("minzheng.publish.report.pictures.chinese_face", return_value=None):
        manifest = write_release(tmp_path / month, month, frames, "prefecture", key=signer)
    assert "未生成" in manifest.content["unmade"]["report.pdf"]
    assert not (tmp_path / month / "report.pdf").exists()
    assert verify(tmp_path / month) == []


def test_a_failure_leaves_the_old_draft_and_nothing_else(frames, month, signer, home, monkeypatch):
    before = contents(home.drafts)
    monkeypatch.setattr(
        module, "write_tables", lambda *_: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        write_release(home.drafts / month / "bureau", month, frames, key=signer)
    assert contents(home.drafts) == before
    assert [path.name for path in (home.drafts / month).iterdir()] == ["bureau"]


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda f: (f / "observations.csv").write_bytes(b"x"), "tampered: observations.csv"),
        (lambda f: (f / "tables.xlsx").unlink(), "missing: tables.xlsx"),
        (lambda f: (f / "charts" / "more.svg").write_text("x"), "extra: charts/more.svg"),
        (lambda f: (f / SIGNATURE).unlink(), "missing: manifest.sig"),
        (
            lambda f: (f / "manifest.json").write_text(
                (f / "manifest.json").read_text().replace("draft", "faked")
            ),
            "tampered: manifest.json (the signature does not match)",
        ),
    ],
)
def test_verify_names_what_was_tampered_with(home, month, harm, fault):
    harm(home.drafts / month / "bureau")
    assert verify(home.drafts / month / "bureau") == [fault]
    result = CliRunner().invoke(cli, ["verify", str(home.drafts / month / "bureau")])
    assert f"bureau: {fault}" in result.output
    assert isinstance(result.exception, MinzhengError)


def test_verify_passes_what_is_intact(home, month):
    result = CliRunner().invoke(cli, ["verify", str(home.drafts / month / "bureau")])
    assert (result.exit_code, "2024-03-r1" in result.output) == (0, True)


def test_freezing_keeps_every_byte_that_was_approved_and_locks_it(home, month, signer):
    approved = contents(home.drafts / month / "bureau")
    folder = freeze(home, month, "示例局长", NOON, signer)
    frozen = contents(folder / "bureau")
    assert folder == home.published / month / "r1"
    assert {name for name in frozen if frozen[name] != approved[name]} == {
        "manifest.json",
        "manifest.sig",
    }
    assert read_manifest(folder / "bureau").content["approval"] == {
        "by": "示例局长",
        "at": "2024-04-15T12:00:00+00:00",
    }
    assert verify(folder / "bureau") == []
    modes = {oct(path.stat().st_mode & 0o777) for path in folder.rglob("*") if path.is_file()}
    assert (modes, oct(folder.stat().st_mode & 0o777)) == ({"0o444"}, "0o555")
    assert oct((folder / "bureau").stat().st_mode & 0o777) == "0o700"
    assert (home.published / "latest").resolve() == folder


def test_a_draft_is_released_only_once(home, month, signer):
    freeze(home, month, "示例局长", NOON, signer)
    with pytest.raises(MinzhengError, match="nothing has changed since 2024-03-r1"):
        freeze(home, month, "示例局长", NOON, signer)
    assert [path.name for path in (home.published / month).iterdir()] == ["r1"]


def test_a_correction_makes_the_next_revision_and_lists_the_cells(home, frames, month, signer):
    first = freeze(home, month, "示例局长", NOON, signer)
    kept = contents(first)
    wrong = (
        (pl.col("indicator_id") == "dibao_new")
        & (pl.col("ref_area") == AREA)
        & (pl.col("time_period") == "2024-02")
    )
    better = frames.observations.with_columns(
        pl.when(wrong).then(18.0).otherwise("obs_value").alias("obs_value")
    )
    write_release(
        home.drafts / month / "bureau",
        month,
        replace(frames, observations=better),
        previous=first / "bureau",
        key=signer,
    )
    second = freeze(home, month, "示例局长", NOON, signer)
    assert second.name == "r2"
    assert contents(first) == kept
    revised = pl.read_csv(second / "bureau" / "revisions.csv")
    assert revised.select("indicator_id", "old_value", "new_value", "reason").row(0) == (
        "dibao_new",
        17.0,
        18.0,
        "error",
    )
    assert revised.height == 1
    result = CliRunner().invoke(cli, ["diff", str(first), str(second)])
    assert (
        f"dibao_new 当月新增低保人数 {AREA} {AREA_NAME} 2024-02: 17 -> 18 (error 差错更正)"
        in result.output
    )
    assert (home.published / "latest").resolve() == second


def test_latest_stays_at_the_newest_month(home, month, signer):
    freeze(home, month, "示例局长", NOON, signer)
    (home.published / "2024-01" / "r1").mkdir(parents=True)
    point_latest(home)
    assert (home.published / "latest").resolve().parent.name == month


def test_a_missing_draft_is_refused(tmp_path, signer):
    with pytest.raises(MinzhengError, match="no draft of 2024-03"):
        freeze(Home(tmp_path).create(), "2024-03", "示例局长", NOON, signer)


def test_a_draft_that_checks_block_is_refused(home, month, signer):
    content = read_manifest(home.drafts / month / "bureau").content
    write_manifest(
        home.drafts / month / "bureau", {**content, "checks": {"blocking": ["dibao_roll"]}}, signer
    )
    with pytest.raises(MinzhengError, match="blocked by dibao_roll"):
        freeze(home, month, "示例局长", NOON, signer)
    assert not (home.published / month).exists()


def test_what_blocks_is_in_the_manifest(release):
    assert read_manifest(release).content["checks"]["blocking"] == []


def test_a_draft_changed_by_hand_is_refused(home, month, signer):
    (home.drafts / month / "bureau" / "observations.csv").write_text("x")
    with pytest.raises(MinzhengError, match="damaged: tampered: observations.csv"):
        freeze(home, month, "示例局长", NOON, signer)


def test_a_withheld_cell_with_a_number_stops_the_release(frames, month, signer, tmp_path):
    leaking = frames.observations.with_columns(pl.lit("C").alias("conf_status"))
    with pytest.raises(MinzhengError, match="suppressed cells still carry a value"):
        write_release(tmp_path / month, month, replace(frames, observations=leaking), key=signer)
    assert list(tmp_path.iterdir()) == []


def test_the_snapshot_holds_the_published_tables(release, frames):
    with duckdb.connect(str(release / "snapshot.duckdb"), read_only=True) as connection:
        names = {row[0] for row in connection.execute("show tables").fetchall()}
        count = connection.execute(
            "select count(*), count(obs_value) from observations"
        ).fetchall()[0]
    assert names == set(SCHEMAS)
    assert count == (frames.observations.height, frames.observations["obs_value"].count())


def test_reasons_of_changed_cells_are_told_by_the_cells(frames, month):
    shaped = prepared(frames, "2024-03-r1", None).observations
    base = shaped.filter(
        pl.col("indicator_id").is_in(["elder_assess_rate", "inst_beds"])
        & (pl.col("ref_area") == AREA)
    )
    arrived = base.with_columns(
        pl.when(pl.col("obs_status") == "M").then(63.4).otherwise("obs_value").alias("obs_value"),
        obs_status=pl.lit("A"),
    )
    assert changed_cells(base, arrived)["reason"].to_list() == ["late"]
    redefined = base.with_columns(obs_value=pl.col("obs_value") + 1, definition_version=pl.lit("2"))
    assert set(changed_cells(base, redefined)["reason"]) == {"definition"}
    gone = changed_cells(
        base, base.filter(pl.col("indicator_id") == "inst_beds").vstack(base.clear())
    )
    assert set(gone["reason"]) == {"boundary"}
    assert revision_lines(gone)[-1].endswith("M -> none (boundary 区划调整)")
    assert changed_cells(base, base).is_empty()


def test_a_new_key_is_none_whose_id_could_pass_for_a_bank_account(monkeypatch):
    made = [Ed25519PrivateKey.from_private_bytes(one.to_bytes(32)) for one in (33884, 1)]
    ids = [key_id_of(one.public_key().public_bytes(*RAW)) for one in made]
    assert [len(scan(one.encode(), "manifest.json")) for one in ids] == [1, 0]
    monkeypatch.setattr(Ed25519PrivateKey, "generate", iter(made).__next__)
    assert new_key() is made[1]


def test_the_signing_key_is_made_once_and_kept_from_others(tmp_path):
    path = tmp_path / "keys" / "signing.pem"
    first = signing_key(path)
    assert signing_key(path).private_bytes_raw() == first.private_bytes_raw()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    path.chmod(0o644)
    with pytest.raises(MinzhengError, match="can be read by others"):
        signing_key(path)
    path.chmod(0o600)
    path.write_text("x")
    with pytest.raises(MinzhengError, match="damaged"):
        signing_key(path)
