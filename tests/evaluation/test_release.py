"""An evaluation is a release of its own: written whole, frozen, revised when late returns come, verifiable."""

import datetime as dt
import shutil
import stat
import zipfile

import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.contracts.calendar import report_date
from minzheng.contracts.plans import plan
from minzheng.custody.home import Home
from minzheng.custody.writer import remove_tree
from minzheng.errors import MinzhengError
from minzheng.operations.invariants import release_faults
from minzheng.progress.table import progress_table, verdicts
from minzheng.publish.evaluation import writing
from minzheng.publish.evaluation.document import build_document
from minzheng.publish.evaluation.frozen import bases_of, concerned, final, frozen
from minzheng.publish.evaluation.gathering import judged_month, lacking, read_items
from minzheng.publish.evaluation.writing import freeze_evaluation, write_evaluation
from minzheng.publish.release.frozen import EVALUATIONS, faults, folders, settle
from minzheng.publish.release.manifest import read_manifest, verify
from minzheng.publish.report.pictures import chinese_face
from minzheng.publish.site.archive import evaluations
from tests.evaluation.conftest import SIGNER, arrivals, evaluation
from tests.place import AREA, AREA_NAME
from tests.site.county import TOWNSHIPS

LATE_ROW = (pl.col("indicator_id") == "nursing_bed_share") & (pl.col("ref_area") == AREA)
DECEMBER = LATE_ROW & (pl.col("time_period") == "2025-12")
APPROVED = dt.datetime(2026, 2, 20, 9, tzinfo=dt.UTC)
NAME = "evaluation-145"


def without_december(observations):
    """The county's nursing beds of the last month have not come."""
    gone = [
        pl.when(DECEMBER).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("obs_value", "numerator", "denominator", "lower_bound", "upper_bound")
    ]
    return observations.with_columns(
        *gone, obs_status=pl.when(DECEMBER).then(pl.lit("M")).otherwise("obs_status")
    )


def draft(home, one):
    write_evaluation(home.drafts / NAME, one, key=SIGNER)


def approve(home):
    return freeze_evaluation(home, "145", False, "示例局长", APPROVED, key=SIGNER)


@pytest.fixture(scope="module")
def revised(tmp_path_factory):
    """A home whose first evaluation lacked December's beds, and whose second has them."""
    home = Home(tmp_path_factory.mktemp("home")).create()
    draft(home, evaluation(without_december, lacking=[TOWNSHIPS[0]]))
    first = approve(home)
    bytes_then = {path.name: path.read_bytes() for path in first.iterdir() if path.is_file()}
    open_then = [one.plan for one in concerned(home, "2026-06")]
    draft(home, evaluation(before=frozen(home, "145")))
    return home, first, approve(home), bytes_then, open_then


def test_the_folder_holds_document_tables_page_and_data_and_verifies(revised):
    _, _, second, _, _ = revised
    made = {path.relative_to(second).as_posix() for path in second.rglob("*") if path.is_file()}
    wanted = {
        "report.docx",
        "tables.xlsx",
        "site/index.html",
        "manifest.json",
        "manifest.sig",
        "charts/progress.svg",
    }
    wanted |= {f"{name}.{ending}" for name in ("evaluation", "progress", "targets", "trust", "changes") for ending in ("csv", "parquet")}  # fmt: skip
    wanted |= {"report.pdf"} if chinese_face() else set()
    assert wanted <= made
    assert verify(second) == []
    assert_marked(second)
    assert not any(path.stat().st_mode & stat.S_IWUSR for path in second.rglob("*"))
    manifest = read_manifest(second).content
    assert (manifest["release"], manifest["previous"], manifest["kind"]) == (
        "evaluation-145-r2",
        "evaluation-145-r1",
        "final",
    )
    assert manifest["approval"] == {"by": "示例局长", "at": "2026-02-20T09:00:00+00:00"}


def assert_marked(folder):
    """Whose it is stands on every page of document, workbook, page and picture, and in the workbook's properties."""
    parts = {
        "report.docx": ("word/header1.xml", "word/header4.xml"),
        "tables.xlsx": (
            "docProps/core.xml",
            "xl/worksheets/sheet1.xml",
            "xl/worksheets/sheet5.xml",
        ),
    }
    for name, members in parts.items():
        with zipfile.ZipFile(folder / name) as packed:
            assert [m for m in members if "内部资料" not in packed.read(m).decode()] == []
            if name == "tables.xlsx":  # twenty columns cannot be read on A4
                assert 'paperSize="8"' in packed.read("xl/worksheets/sheet1.xml").decode()
    for path in (folder / "site" / "index.html", folder / "charts" / "progress.svg"):
        assert "内部资料" in path.read_text(encoding="utf-8")


def test_a_late_row_changes_its_cells_and_the_revision_names_them(revised):
    _, first, second, bytes_then, _ = revised
    old, new = (
        {(one.item_kind, one.item_id): one for one in read_items(folder)}
        for folder in (first, second)
    )
    differs = {key for key in new if old[key] != new[key]}
    rows = {item for kind, item in differs if kind == "row"}
    assert rows == {"nursing_bed_share"}
    assert {kind for kind, _ in differs} == {"row", "clause"}
    clauses = {
        one.clause_id for one in plan("145").clauses if "nursing_bed_share" in one.indicators
    }
    assert {item for kind, item in differs if kind == "clause"} <= clauses
    told = pl.read_parquet(second / "changes.parquet").filter(item_kind="row").row(0, named=True)
    assert (told["item_id"], told["old_value"], told["old_verdict"]) == (
        "nursing_bed_share",
        None,
        None,
    )
    assert (round(told["new_value"], 2), told["new_verdict"]) == (47.62, "not_reached")
    page = (second / "site" / "index.html").read_text(encoding="utf-8")
    assert "本版与第1版相比，1项指标的数据或结论有变化：养老机构护理型床位占比" in page
    assert {
        path.name: path.read_bytes() for path in first.iterdir() if path.is_file()
    } == bytes_then


def test_an_evaluation_that_lacks_returns_is_marked_and_closes_nothing(revised):
    home, first, second, _, open_then = revised
    assert read_manifest(first).content["lacking"] == ["老年人能力综合评估台账(沙柳河镇)"]
    page = (first / "site" / "index.html").read_text(encoding="utf-8")
    assert (
        "本报告为初步评估：2025年12月的老年人能力综合评估台账（沙柳河镇）尚未报送，补报后修订。"
        in page
    )
    assert open_then == ["145", "155"]
    assert final(home, "145") == second
    closed = {
        month: [one.plan for one in concerned(home, month)]
        for month in ("2026-01", "2026-02", "2026-03")
    }
    assert closed == {"2026-01": ["145", "155"], "2026-02": ["145", "155"], "2026-03": ["155"]}


def test_the_next_plan_starts_from_the_frozen_final_values_and_cites_them(revised):
    home, _, second, _, _ = revised
    bases = bases_of(home, [plan("155")])["155"]
    base = bases["nursing_bed_share", AREA]
    assert (base.period, round(base.value, 2)) == ("2025-12", 47.62)
    assert base.source == "“十四五”规划总结评估(evaluation-145-r2)"
    assert ("edge_persons", AREA) not in bases  # its definition is another in the new plan
    assert not {code for code, _ in bases if plan("155").row(code).within_year}
    january = pl.read_parquet(second / "progress.parquet").clear()
    frame = pl.DataFrame(
        [("nursing_bed_share", AREA, "2026-01", 50.0, None, None)],
        schema={"indicator_id": pl.String, "ref_area": pl.String, "time_period": pl.String, "obs_value": pl.Float64,
                "numerator": pl.Float64, "denominator": pl.Float64},
        orient="row",
    )  # fmt: skip
    assert january.is_empty()
    told = {
        one.indicator_id: one
        for one in verdicts(progress_table(frame, plan("155"), "2026-01", bases))
    }
    assert round(told["nursing_bed_share"].baseline_value, 2) == 47.62


def test_a_draft_is_refused_that_is_missing_changed_or_says_nothing_new(
    revised, tmp_path, monkeypatch
):
    """What decides is the manifest and its hashes: instead of every product the draft has one table."""
    home = revised[0]
    with pytest.raises(MinzhengError, match="no draft evaluation-145"):
        approve(Home(tmp_path))
    monkeypatch.setattr(writing, "write_products", one_table)
    draft(home, evaluation(before=frozen(home, "145")))
    with pytest.raises(MinzhengError, match="nothing has changed since evaluation-145-r2"):
        approve(home)
    (home.drafts / NAME / "evaluation.csv").write_text("changed")
    with pytest.raises(MinzhengError, match="damaged: tampered: evaluation.csv"):
        approve(home)


def one_table(work, *_):
    (work / "evaluation.csv").write_text("written", encoding="utf-8")
    return {}


@pytest.mark.nightly
def test_the_same_evaluation_gives_the_same_bytes(revised, tmp_path, evaluated):
    for name in ("a", "b"):
        write_evaluation(tmp_path / name, evaluated, key=SIGNER)
    first, second = (read_manifest(tmp_path / name).files for name in ("a", "b"))
    assert first == second


@pytest.fixture(scope="module")
def tampered(revised, tmp_path_factory):
    """A copy of that home in whose second evaluation one byte was added to the table of progress."""
    home = Home(tmp_path_factory.mktemp("tampered") / "home")
    shutil.copytree(revised[0].path, home.path, symlinks=True)
    folder = home.published / NAME / "r2"
    assert list(faults(home)) == []
    table = folder / "progress.parquet"
    table.chmod(0o644)
    table.write_bytes(table.read_bytes() + b" ")
    return home, folder


def test_an_evaluation_that_was_changed_closes_no_plan_and_gives_no_base(tampered):
    home, _ = tampered
    for ask in (lambda: concerned(home, "2026-03"), lambda: bases_of(home, [plan("155")])):
        with pytest.raises(MinzhengError, match="evaluation-145/r2 is not what it was"):
            ask()


def test_check_up_verify_and_the_next_release_name_the_tampered_file(tampered):
    home, folder = tampered
    assert [english for english, _ in release_faults(home)] == [
        "release evaluation-145/r2 is not what it was (tampered: progress.parquet)"
    ]
    with pytest.raises(MinzhengError, match="tampered: progress.parquet.*nothing is released"):
        settle(home)
    told = CliRunner().invoke(cli, ["verify", str(folder)])
    assert (told.exit_code, told.output.split("\n")[0]) == (1, "bureau: tampered: progress.parquet")


def test_an_evaluation_whose_recording_was_interrupted_is_taken_over_and_a_lost_one_is_missed(
    revised, tmp_path
):
    home, _, second, _, _ = revised
    copy = Home(tmp_path / "copy").create()
    shutil.copytree(home.published, copy.published, dirs_exist_ok=True)
    settle(copy)
    assert list(faults(copy)) == []
    remove_tree(copy.published / NAME / second.name)
    assert [english for english, _ in faults(copy)] == ["release evaluation-145/r2 is not there"]


def test_the_archive_of_the_bureaus_pages_lists_it_and_no_other_edition_does(revised):
    home, _, second, _, _ = revised
    listed = evaluations(folders(home, EVALUATIONS), "bureau")
    told = [(one.title.zh, one.title.en, one.revision) for one in listed]
    assert told == [
        ("“十四五”规划总结评估", "final evaluation of plan 145", 2),
        ("“十四五”规划总结评估", "final evaluation of plan 145", 1),
    ]
    page = home.published / "2026-03" / "r1" / "bureau" / "site"
    assert (page / listed[0].path).resolve() == (second / "site" / "index.html").resolve()
    assert evaluations(folders(home, EVALUATIONS), "public") == []
    assert second.stat().st_mode & 0o777 == 0o700


def test_a_return_that_never_came_is_no_reason_to_wait_for_it():
    assert lacking(arrivals(TOWNSHIPS[1]), "2025-12") == ("老年人能力综合评估台账(哈尔盖镇)",)
    never = arrivals(TOWNSHIPS[1]).filter(
        ~((pl.col("dataset") == "elder_assess") & (pl.col("state") != "missing"))
    )
    assert lacking(never, "2025-12") == ()


@pytest.mark.parametrize(
    ("mid_term", "month", "chosen"),
    [(False, None, "2025-12"), (True, None, "2023-06"), (True, "2023-12", "2023-12")],
)
def test_which_month_an_evaluation_judges_by(mid_term, month, chosen):
    assert judged_month(plan("145"), mid_term, month) == chosen


@pytest.mark.parametrize(
    ("mid_term", "month"), [(False, "2025-11"), (True, "2026-01"), (True, "2020-12")]
)
def test_another_month_is_refused(mid_term, month):
    with pytest.raises(MinzhengError, match="is no month to evaluate 145 by"):
        judged_month(plan("145"), mid_term, month)


def test_the_document_tells_every_item_in_official_form(evaluated):
    text = build_document(evaluated, report_date(evaluated.month)).text()
    for part in ("一、总体评价", "规划共列入124项指标", "附件：1.规划指标评估表（124项）", "规划条款评估表（248条）",
                 "国家发展规划法", "本报告比照办理", "特此报告。", "（由业务科室填写：主要做法、可以推广的经验。）"):  # fmt: skip
        assert part in text, part
    assert all(clause.clause_id in text for clause in plan("145").clauses)
    assert f"社会组织登记管理信息系统（{AREA_NAME}民政局，2024年2月6日，刚民〔2024〕3号）" in text
    assert "None" not in text
