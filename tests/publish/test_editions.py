"""The editions of a draft as files: each holds its own products and marking, none stands in another's place."""

import datetime as dt
import re
import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import docx
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfReader

from minzheng.cli import cli
from minzheng.contracts.editions import editions
from minzheng.custody.home import Home
from minzheng.disclosure.showing import shown
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.release.draft import indicator_names, judging
from minzheng.publish.release.frozen import faults, settle
from minzheng.publish.release.manifest import read_manifest, verify, write_manifest
from minzheng.publish.release.published import UnreadableEdition, find_revision, revisions
from minzheng.publish.release.writing import freeze
from tests.place import AREA
from tests.publish.conftest import SIGNER, write_release
from tests.publish.texts import holding, texts

NOON = dt.datetime(2024, 4, 15, 12, tzinfo=dt.UTC)
BETTER = dt.datetime(2024, 4, 16, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def drafts(frames, month, tmp_path_factory):
    """A draft with every edition, from the county's whole frames."""
    folder = tmp_path_factory.mktemp("editions") / "drafts" / month
    free = frames.observations.filter(pl.col("conf_status") == "F")
    whole = replace(frames, observations=free, indicators=indicator_names())
    judge = judging(Home(folder), month)
    for one in editions().values():
        told = shown(whole, one, judge)
        write_release(folder / one.name, month, told, one.name, key=SIGNER, revision=1)
    return folder


@pytest.fixture
def home(drafts, month, tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))
    home = Home(tmp_path / "home").create()
    shutil.copytree(drafts, home.drafts / month)
    yield home
    for path in [home.published, *home.published.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_edition_holds_its_products_and_tables_and_nothing_else(drafts):
    tops = {name: {path.split("/")[0] for path in files(drafts / name)} for name in editions()}
    both = {
        "manifest.json",
        "manifest.sig",
        "observations.csv",
        "observations.parquet",
        "progress.csv",
        "progress.parquet",
    }
    both |= {"revisions.csv", "data"}
    assert tops["prefecture"] == both | {"report.docx", "report.pdf", "tables.xlsx", "forms"}
    assert tops["public"] == both | {"charts", "site", "datapackage.json", "observations.sdmx.csv"}
    assert tops["bureau"] == tops["prefecture"] | tops["public"] | {
        "quality.csv",
        "quality.parquet",
        "snapshot.duckdb",
    }
    data = {
        name: {Path(path).stem for path in files(drafts / name) if path.startswith("data/")}
        for name in editions()
    }
    assert data["prefecture"] == data["public"] == {"indicators", "areas"}
    assert {"leads", "files", "movement"} <= data["bureau"]


def test_the_public_edition_says_nothing_of_leads_checks_or_files_and_stands_alone(drafts):
    assert holding(drafts / "public", "监测预警线索", "校验结果", "未通过的校验") == []
    site = drafts / "public" / "site"
    assert not (site / "quality").exists()
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#]+)', page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            assert target.is_file() or target.parent.name == "data", (
                page,
                link,
            )  # this county lacks most figures
            assert target.is_relative_to((drafts / "public").resolve()), (page, link)


def test_every_page_and_every_file_s_properties_bear_the_marking(drafts):
    for name, word in (("bureau", "内部资料"), ("prefecture", "报送件")):
        folder = drafts / name
        report = docx.Document(str(folder / "report.docx"))
        assert report.core_properties.category == word
        heads = [section.header.paragraphs[0].text for section in report.sections]
        assert (
            heads + [section.even_page_header.paragraphs[0].text for section in report.sections]
            == [word] * 4
        )
        pdf = PdfReader(folder / "report.pdf")
        assert all(word in page.extract_text() for page in pdf.pages)
        assert pdf.metadata["/Keywords"] == word
        for path in (folder / "tables.xlsx", folder / "forms" / "YZH01.xlsx"):
            book = openpyxl.load_workbook(path)
            assert book.properties.category == word
            assert {sheet.oddHeader.right.text for sheet in book} == {word}
    for name, word in (("bureau", "内部资料"), ("public", "公开")):
        pages = [
            path for path in (drafts / name / "site").rglob("*.html") if "en" not in path.parts
        ]
        assert all(
            f'<span class="marking">{word}</span>' in path.read_text(encoding="utf-8")
            for path in pages
        )
        assert all(
            word in "".join(texts(path)) for path in (drafts / name / "charts").glob("*.svg")
        )
    assert pl.read_parquet_metadata(drafts / "public" / "observations.parquet")["marking"] == "公开"


def test_one_approval_freezes_all_editions_each_signed_and_the_inner_ones_closed(home, month):
    folder = freeze(home, month, "示例局长", NOON, SIGNER)
    (revision,) = revisions(home)
    assert (revision.folder, list(revision.editions)) == (
        folder,
        ["bureau", "prefecture", "public"],
    )
    for name, path in revision.editions.items():
        assert verify(path) == []
        told = read_manifest(path).content
        assert (told["edition"], told["state"], told["approval"]["by"]) == (
            name,
            "released",
            "示例局长",
        )
        assert oct(path.stat().st_mode & 0o777) == ("0o555" if name == "public" else "0o700")
    told = CliRunner().invoke(cli, ["verify", str(folder)], catch_exceptions=False).output
    told_of = [name for name in editions() if f"{month}-r1 {name}: " in told]
    assert told_of == list(editions())


def test_an_edition_that_was_lacking_is_added_to_its_revision_and_the_others_stay(home, month):
    shutil.move(home.drafts / month / "public", home.path / "aside")
    folder = freeze(home, month, "示例局长", NOON, SIGNER)
    assert sorted(path.name for path in folder.iterdir()) == ["bureau", "prefecture"]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(MinzhengError, match="nothing has changed"):
        freeze(home, month, "示例局长", BETTER, SIGNER)
    shutil.move(home.path / "aside", home.drafts / month / "public")
    assert freeze(home, month, "示例局长", BETTER, SIGNER) == folder
    assert verify(folder / "public") == []
    assert {path: path.read_bytes() for path in before} == before
    assert oct(folder.stat().st_mode & 0o777) == "0o555"


def test_an_added_edition_is_taken_over_after_a_kill_and_a_stranger_s_is_not(
    home, month, monkeypatch
):
    public = home.drafts / month / "public"
    shutil.move(public, home.path / "aside")
    folder = freeze(home, month, "示例局长", NOON, SIGNER)
    folder.chmod(0o755)
    shutil.copytree(home.path / "aside", folder / "public")
    told = read_manifest(folder / "public").content
    write_manifest(folder / "public", told, Ed25519PrivateKey.generate())
    with pytest.raises(MinzhengError, match="lacks an edition, or has one too many"):
        settle(home)
    shutil.rmtree(folder / "public")
    shutil.move(home.path / "aside", public)
    with monkeypatch.context() as patch:
        name = "minzheng.publish.release.writing.note_frozen"
        patch.setattr(name, Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            freeze(home, month, "示例局长", BETTER, SIGNER)
    assert len(list(faults(home))) == 1
    settle(home)
    assert list(faults(home)) == []


def test_an_edition_in_another_one_s_place_is_found(home, month):
    folder = home.drafts / month
    shutil.rmtree(folder / "public")
    shutil.copytree(folder / "bureau", folder / "public")
    assert verify(folder / "public") == ["another edition: public holds bureau"]
    with pytest.raises(MinzhengError, match="another edition"):
        freeze(home, month, "示例局长", NOON, SIGNER)
    shutil.copy(folder / "bureau" / "report.docx", folder / "prefecture" / "report.docx")
    assert verify(folder / "prefecture") == ["tampered: report.docx"]
    assert not (home.published / month).exists()


def test_the_fullest_edition_the_account_may_read_is_opened_and_says_which(
    home, month, monkeypatch
):
    import minzheng

    freeze(home, month, "示例局长", NOON, SIGNER)
    for name in editions():
        with minzheng.open(home, edition=name) as release:
            assert (release.edition, release.month, release.release) == (name, month, f"{month}-r1")
            assert release.indicator("inst_beds").height > 10
    monkeypatch.setattr("os.access", lambda path, _: Path(path).name == "public")
    with minzheng.open(home) as release:
        assert release.edition == "public"
    with pytest.raises(UnreadableEdition, match="may not read the edition bureau") as fault:
        minzheng.open(home, edition="bureau")
    assert fault.value.zh == f"本账户无权读取 {month}-r1 的局内版"
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(UnreadableEdition, match="may read no edition"):
        minzheng.open(home)
    with pytest.raises(WrongCall, match="no edition 'press'"):
        minzheng.open(home, edition="press")


def test_a_release_of_before_there_were_editions_opens_and_verifies_as_what_it_was(
    home, month, drafts
):
    import minzheng

    old = home.published / "2024-02" / "r1"
    old.parent.mkdir()
    write_release(old, "2024-02", shown_before(drafts), key=SIGNER)
    manifest = read_manifest(old).content
    write_manifest(
        old, {name: told for name, told in manifest.items() if name != "edition"}, SIGNER
    )
    assert list(find_revision(home, "2024-02").editions) == ["prefecture"]
    with minzheng.open(home, vintage="2024-02") as release:
        assert (release.edition, release.release) == ("prefecture", "2024-02-r1")
    with pytest.raises(UnreadableEdition, match="has no edition bureau, only prefecture"):
        minzheng.open(home, vintage="2024-02", edition="bureau")
    assert CliRunner().invoke(cli, ["verify", str(old)], catch_exceptions=False).exit_code == 0


def shown_before(drafts):
    from minzheng.publish.release.exchange import read_frames

    whole = read_frames(drafts / "bureau")
    return replace(
        whole, observations=whole.observations.filter(pl.col("time_period") <= "2024-02")
    )


def test_a_template_that_asks_for_what_the_edition_lacks_is_refused_in_one_line(
    home, month, tmp_path
):
    from openpyxl import Workbook

    Workbook().save(tmp_path / "in.xlsx")
    (tmp_path / "map.yaml").write_text(
        f"title: 试表\nsheets:\n- sheet: Sheet\n  cells:\n    A1: {{indicator: inst_beds, area: '{AREA}100200'}}\n",
        encoding="utf-8",
    )
    call = [
        "fill-form",
        "--home",
        str(home.path),
        "--month",
        month,
        "--draft",
        "--map",
        str(tmp_path / "map.yaml"),
    ]
    call += ["--workbook", str(tmp_path / "in.xlsx"), "--to", str(tmp_path / "out.xlsx")]
    done = CliRunner().invoke(cli, call)
    assert isinstance(done.exception, MinzhengError)
    assert f"the edition has no cell inst_beds/{AREA}100200/{month}" in str(done.exception)
    assert not (tmp_path / "out.xlsx").exists()
