"""The main job, from the landing folder to a frozen release, as a county would run it."""

import datetime as dt
import hashlib
import json
import re
import shutil
from pathlib import Path

import docx
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.commands.run import run
from minzheng.contracts.indicators import registry
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.intake.completeness import missing, owing
from minzheng.intake.report import status
from minzheng.publish.analyst.handle import Warehouse
from minzheng.publish.overview import overview_text, percent
from minzheng.publish.release.draft import current_observations
from minzheng.publish.release.frozen import faults
from minzheng.publish.release.manifest import read_manifest, verify
from minzheng.publish.release.public import release
from minzheng.publish.release.published import revisions
from minzheng.publish.release.writing import freeze
from minzheng.publish.report.ministry_form import fill
from minzheng.warehouse.connection import open_warehouse
from quality.report import public_checks
from simulation import simulate
from tests.place import AREA
from tests.publish.digests import FIRST, LAST, SEED, digests, known
from tests.publish.texts import holding

CELL = ["indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category"]
FACTS = ["numerator", "denominator", "obs_value", "obs_status"]
WHEN = dt.datetime(2024, 3, 18, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    """Two months of a fictitious county's extracts, and the right figures beside them."""
    folder = tmp_path_factory.mktemp("extracts")
    simulate(folder, FIRST, LAST, SEED, progress=False)
    return folder


@pytest.fixture(scope="module")
def county(tmp_path_factory, extracts):
    """A home that has run both months."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINZHENG_KEY_FILE", str(tmp_path_factory.mktemp("keys") / "key.json"))
        home = Home(tmp_path_factory.mktemp("county") / "home")
        run(home, FIRST, LAST, extracts)
        yield home


def figures(home: Home) -> pl.DataFrame:
    with open_warehouse(home) as connection:
        return current_observations(home, connection)


def values(observations: pl.DataFrame) -> pl.DataFrame:
    return observations.select(*CELL, "obs_value").sort(CELL)


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_figure_is_what_an_independent_recount_says(county, extracts):
    right = pl.read_parquet(extracts / "truth" / "observations.parquet")
    ours = figures(county)
    joined = right.join(ours, on=CELL, how="left", suffix="_ours", nulls_equal=True)
    near = [
        pl.col(name).eq_missing(pl.col(f"{name}_ours"))
        | ((pl.col(name) - pl.col(f"{name}_ours")).abs() <= 1e-9 * pl.col(name).abs()).fill_null(
            False
        )
        for name in FACTS[:3]
    ]
    wrong = joined.filter(
        ~pl.all_horizontal(*near, pl.col("obs_status").eq_missing(pl.col("obs_status_ours")))
    )
    assert right.height > 3000
    assert wrong.select(*CELL, *FACTS, *(f"{name}_ours" for name in FACTS)).rows() == []


def test_the_drafts_hold_what_they_held_but_for_changes_with_a_name(county):
    """What was meant is named by `python -m tests.publish.digests "why"`."""
    now, before = digests(county.drafts / LAST), known()
    assert {file: digest for file, (digest, _) in before.items()} == now
    assert all(why.strip() for _, why in before.values())


def test_no_figure_is_withheld_from_the_bureau_and_the_prefecture(county):
    """Every file of both editions, containers and pages of the PDF included."""
    assert [path.name for path in sorted((county.drafts / LAST).iterdir())] == [
        "bureau",
        "prefecture",
    ]
    assert holding(county.drafts / LAST, "＊", "不予公布") == []
    whole, shown = (
        figures(county),
        pl.read_parquet(county.drafts / LAST / "bureau/observations.parquet"),
    )
    assert values(shown).equals(values(whole))
    assert set(shown["conf_status"]) == {"F"}


def test_the_prefecture_gets_county_and_townships_with_the_forms_breakdowns_and_no_village(county):
    whole, shown = (
        figures(county),
        pl.read_parquet(county.drafts / LAST / "prefecture/observations.parquet"),
    )
    assert {len(area) for area in shown["ref_area"]} == {6, 9}
    totals = [pl.col(name) == "_T" for name in CELL[3:]]
    above = whole.filter(pl.col("ref_area").str.len_chars() < 12)
    assert values(shown.filter(*totals)).equals(values(above.filter(*totals)))
    broken = shown.filter(~pl.all_horizontal(totals)).select("indicator_id", "category").unique()
    asked = {
        ("inst_count", "K_WELFARE"),
        ("orphan_total", "CARE_INST"),
        ("orphan_std", "CARE_SOCIAL"),
    }
    assert asked <= set(broken.iter_rows())
    assert broken.height == 7
    folder = county.drafts / LAST / "prefecture"
    assert {path.name for path in folder.iterdir()} == {
        "observations.parquet", "observations.csv", "progress.parquet", "progress.csv", "revisions.csv", "data",
        "report.docx", "report.pdf", "tables.xlsx", "forms", "manifest.json", "manifest.sig",
    }  # fmt: skip
    assert folder.stat().st_mode & 0o777 == 0o700
    assert read_manifest(folder).content["edition"] == "prefecture"


def test_the_return_to_the_prefecture_is_complete(county):
    """Every row of the form that an indicator feeds has its number, unless the county has none."""
    draft = county.drafts / LAST / "prefecture"
    with Warehouse(draft) as release:
        rows = fill(release.published_of(LAST), "YZH01")
    fed = [
        row
        for row in rows
        if row.row.indicator and registry()[row.row.indicator].unavailable is None
    ]
    assert [row.row.name for row in fed if row.now is None or isinstance(row.now, str)] == []
    assert len(fed) > 15


@pytest.mark.nightly
def test_a_second_run_changes_no_byte_of_the_draft(county, extracts):
    before = hashes(county.drafts / LAST)
    run(county, LAST, LAST, extracts)
    assert hashes(county.drafts / LAST) == before
    assert {
        f"bureau/{name}"
        for name in ("observations.csv", "report.docx", "site/index.html", "snapshot.duckdb")
    } <= set(before)


@pytest.mark.nightly
def test_a_fault_of_the_public_edition_stops_no_other_and_the_month_gets_it_later(
    county, tmp_path, monkeypatch
):
    home = Home(tmp_path / "home")
    shutil.copytree(county.path, home.path)
    with monkeypatch.context() as patch:
        patch.setattr(
            "minzheng.publish.release.public.shown",
            lambda *_: (_ for _ in ()).throw(RuntimeError("虚构卓玛")),
        )
        folder, fault = release(home, LAST, "示例批准人", WHEN, public_checks)
    assert str(fault) == "the public edition could not be made: RuntimeError"
    assert sorted(path.name for path in folder.iterdir()) == ["bureau", "prefecture"]
    announced = []
    again, fault = release(
        home, LAST, "示例批准人", WHEN, public_checks, lambda: announced.append(1)
    )
    assert (again, fault) == (folder, None)
    with pytest.raises(MinzhengError, match="nothing has changed"):
        release(home, LAST, "示例批准人", WHEN, public_checks, lambda: announced.append(2))
    assert announced == [1]
    assert list(faults(home)) == []
    assert [verify(folder / name) for name in ("bureau", "prefecture", "public")] == [[], [], []]
    shown = pl.read_parquet(folder / "public" / "observations.parquet")
    assert set(shown["conf_status"]) == {"F", "C"}
    assert holding(folder / "public", "＊") != []
    assert holding(folder / "public", "监测预警线索", "养老机构月报.") == []
    outcomes = read_manifest(folder / "public").content["checks"]["outcomes"]
    assert outcomes.get("fail", 0) == 0
    for path in home.published.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def test_a_release_is_frozen_verified_and_survives_a_failing_step(county, extracts, monkeypatch):
    folder = freeze(county, LAST, "示例批准人", WHEN) / "bureau"
    assert verify(folder) == []
    assert pl.read_csv(folder / "data" / "clauses.csv")["clause_id"].n_unique() == 248
    before = hashes(folder)
    monkeypatch.setattr(
        "minzheng.indicators.models.compute",
        lambda *_: (_ for _ in ()).throw(RuntimeError("planted")),
    )
    with pytest.raises(Exception, match="RuntimeError|planted|failed"):
        run(county, LAST, LAST, extracts)
    assert hashes(folder) == before
    assert (county.published / "latest").resolve() == folder.parent.resolve()
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


def test_a_corrected_file_makes_the_next_revision_and_touches_no_byte_of_the_old_one(
    county, extracts, tmp_path
):
    held = revisions(county, LAST)
    first = held[0].folder if held else freeze(county, LAST, "示例批准人", WHEN)
    before, stamps = hashes(first), {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    corrected = tmp_path / "landing" / FIRST / "更正.csv"
    corrected.parent.mkdir(parents=True)
    (list_,) = (extracts / FIRST).glob("*残疾人两项补贴花名册*.csv")
    lines = list_.read_bytes().split(b"\n")
    corrected.write_bytes(b"\n".join([*lines[:20], *lines[26:]]))
    run(county, LAST, LAST, corrected.parents[1])
    second = freeze(county, LAST, "示例批准人", WHEN + dt.timedelta(days=9))
    assert second.name == "r2"
    assert [verify(one / name) for one in (first, second) for name in ("bureau", "prefecture")] == [
        []
    ] * 4
    assert hashes(first) == before, (
        "the old revision is byte-identical after draft, approval and release"
    )
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == stamps
    old, new = (
        pl.read_parquet(folder / "bureau/observations.parquet").drop("release")
        for folder in (first, second)
    )
    told = pl.read_csv(second / "bureau/revisions.csv", schema_overrides={"ref_area": pl.String})
    both = old.join(new, on=CELL, how="full", suffix="_new", coalesce=True)
    differs = [
        pl.col(name).ne_missing(pl.col(f"{name}_new"))
        for name in ("obs_value", "obs_status", "conf_status")
    ]
    assert (
        told.select(CELL)
        .sort(CELL)
        .equals(both.filter(pl.any_horizontal(differs)).select(CELL).sort(CELL))
    )
    total = pl.col("ref_area") == AREA, *(pl.col(name) == "_T" for name in CELL[3:])
    county_cells = told.filter(*total, pl.col("indicator_id").str.starts_with("pwd_"))
    assert {(row["time_period"], row["reason"]) for row in county_cells.iter_rows(named=True)} == {
        (FIRST, "error")
    }


def test_dagster_remembers_each_month_of_each_table(county):
    from pipelines.instance import instance

    kept = instance(county)
    for key in (["register", "dibao_roll"], ["indicator", "elder_care"], ["raw", "dibao_roll"]):
        from dagster import AssetKey

        assert {FIRST, LAST} <= kept.get_materialized_partitions(AssetKey(key))


ABSENT, ABSENT_ZH = f"{AREA}201", "泉吉乡"


@pytest.fixture(scope="module")
def lame(tmp_path_factory, extracts, county) -> tuple[Home, MinzhengError]:
    """A home that ran a month without care facilities, without one township's roll of elders and with a broken file."""
    folder = tmp_path_factory.mktemp("lame")
    shutil.copytree(extracts / FIRST, folder / "landing" / FIRST)
    for path in (folder / "landing" / FIRST).iterdir():
        if (
            "养老机构月报" in path.name
            or "老年人补贴花名册" in path.name
            and ABSENT_ZH in path.name
        ):
            path.unlink()
    (folder / "landing" / FIRST / "某表.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    home = Home(folder / "home")
    with pytest.raises(MinzhengError) as fault:
        run(home, FIRST, FIRST, folder / "landing")
    return home, fault.value


def test_a_missing_dataset_is_missing_never_zero_and_a_broken_file_stops_no_other(lame):
    home, fault = lame
    assert fault.status == 1
    total = figures(home).filter(
        (pl.col("ref_area") == AREA) & pl.all_horizontal(pl.col(name) == "_T" for name in CELL[3:])
    )
    told = {
        row["indicator_id"]: (row["obs_status"], row["obs_value"])
        for row in total.iter_rows(named=True)
    }
    assert told["inst_beds"] == ("M", None)
    assert told["nursing_bed_share"] == ("M", None)
    assert told["dibao_rural_persons"][0] == "A"
    files = {file["name"]: file for file in status(home)["files"]}
    assert files[f"{FIRST}/某表.xlsx"]["verdict"] == "reject_file"
    assert json.dumps(status(home))


def test_a_township_without_its_roll_is_named_in_everything_that_rests_on_it(lame):
    """Figures, quality, report, workbook, pages and the control room: by name, never as zero, never as a partial sum."""
    home, _ = lame
    draft, name = home.drafts / FIRST / "bureau", ABSENT_ZH
    cells = pl.read_parquet(draft / "observations.parquet").filter(
        indicator_id="old_age_allowance", time_period=FIRST
    )
    for area in (AREA, ABSENT):
        own = cells.filter(ref_area=area)
        assert set(own["obs_status"]) == {"M"}
        assert own["numerator"].null_count() == own["lower_bound"].null_count() == own.height
    assert name in cells.filter(ref_area=AREA)["note"][0]
    arrival = pl.read_parquet(draft / "quality.parquet").filter(
        dataset="elder_roll", rule_id="completeness"
    )
    assert dict(arrival.select("township_code", "state").iter_rows())[ABSENT] == "missing"
    judged = pl.read_parquet(draft / "quality.parquet").filter(rule_id="E01", township_code=ABSENT)
    assert set(judged["state"]) == {"not_evaluated"}
    paragraphs = [one.text for one in docx.Document(str(draft / "report.docx")).paragraphs]
    assert any(
        "未报送的有" in text and name in text and "老年人补贴花名册" in text for text in paragraphs
    )
    pages = {path: (draft / "site" / path).read_text(encoding="utf-8") for path in (
        "index.html", "indicator/old_age_allowance.html", f"quality/{ABSENT}.html", "quality/index.html", f"township/{ABSENT}.html",
    )}  # fmt: skip
    assert all(name in page for page in pages.values())
    assert f"未报:{name}" in pages["indicator/old_age_allowance.html"]
    rows = list(
        openpyxl.load_workbook(draft / "tables.xlsx")["表2 分乡镇"].iter_rows(values_only=True)
    )
    head = next(list(row) for row in rows if name in row)
    own = next(row for row in rows if row[head.index("指标代码")] == "elder_assess_rate")
    assert (own[head.index(name)], own[head.index(name) + 1], own[head.index("已报乡镇")]) == (
        None,
        "缺报",
        "4/5",
    )
    assert name in owing(missing(home, FIRST, WHEN.date()))


def test_every_place_tells_the_same_counts(lame):
    """Report, pages, manifest, control room and command line of one home; files are missing and rules have failed."""
    from dagster import AssetKey

    from pipelines.instance import instance

    home, _ = lame
    draft = home.drafts / FIRST / "bureau"
    report = "".join(one.text for one in docx.Document(str(draft / "report.docx")).paragraphs)
    first, quality = (
        re.sub(r"<[^>]+>", "", (draft / "site" / path).read_text(encoding="utf-8"))
        for path in ("index.html", "quality/index.html")
    )
    chart = (draft / "charts" / "progress.svg").read_text(encoding="utf-8")
    counted = read_manifest(draft).content["counts"]
    due, came, late = (counted[f"files_{name}"] for name in ("due", "came", "late"))
    errors, warned = (counted[f"rules_failed_{name}"] for name in ("error", "warn"))
    gone, plans = percent(counted["time_gone"]), counted["plan_indicators"]
    assert due - came == 6
    assert errors + warned > 0
    assert f"应报{due}份，已报{came}份" in report
    assert f"应报{due}份，已报{came}份" in first
    assert f"提示性问题{warned}条，差错性问题{errors}条" in report
    assert f"{errors + warned} ✕ 未通过" in quality
    assert (f"有{errors}条差错性规则未通过" in first) == (errors > 0)
    for text in (report, first, chart):
        assert re.findall(r"(\d+)项规划指标", text)[0] == str(plans)
    for text in (first, chart):
        assert gone in text
    (materialized,) = (
        instance(home).fetch_materializations(AssetKey(["publication", "draft"]), limit=1).records
    )
    assert materialized.asset_materialization.metadata["一览"].value == overview_text(counted)
    line = CliRunner().invoke(cli, ["status", "--home", str(home.path)]).output
    assert overview_text(counted) in line
    assert f"2024年1月：应报{due}份，已报{came}份，其中迟报{late}份" in line
    (month,) = status(home)["months"]
    lacking = pl.read_parquet(draft / "quality.parquet").filter(state="missing")
    assert {(name, code) for name, codes in month["missing"].items() for code in codes} == set(
        lacking.select("dataset", "township_code").iter_rows()
    )


def test_an_empty_landing_folder_and_a_month_without_files_say_so(county, extracts, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MinzhengError, match="empty"):
        run(Home(tmp_path / "home"), FIRST, FIRST, tmp_path / "empty")
    with pytest.raises(MinzhengError, match="no accepted file"):
        run(county, "2023-05", "2023-05", extracts)
