"""A release folder: written whole or not at all, frozen on approval, never overwritten.

A draft carries the name of the revision it would become, so that what is approved is byte for byte what was looked at:
freezing copies the files and only the manifest says more (who approved, when).
"""

import contextlib
import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.calendar import report_date
from minzheng.contracts.editions import Edition, editions
from minzheng.contracts.paths import CONTRACTS, OWN, SQL
from minzheng.custody.home import Home
from minzheng.disclosure.frames import SCHEMAS, ReleaseFrames, shape
from minzheng.errors import MinzhengError
from minzheng.indicators.revisions import changed_cells, named_arrivals
from minzheng.months import month_zh
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import charts
from minzheng.publish.charts.svg import draw
from minzheng.publish.headlines import open_headlines, refuse_unaccepted
from minzheng.publish.release.exchange import write_datapackage, write_frames, write_sdmx_csv
from minzheng.publish.release.folder import lock, staged
from minzheng.publish.release.frozen import head, note_frozen, point_latest, settle
from minzheng.publish.release.manifest import (
    InputHash,
    Manifest,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from minzheng.publish.release.published import Revision, revisions
from minzheng.publish.release.snapshot import write_snapshot
from minzheng.publish.report.building import report_of
from minzheng.publish.report.docx import write_docx
from minzheng.publish.report.filled import Filled, open_places
from minzheng.publish.report.front import report_charts
from minzheng.publish.report.ministry_form import blanks, forms_due, write_form
from minzheng.publish.report.pdf import write_pdf
from minzheng.publish.report.pictures import chinese_face, png_pictures
from minzheng.publish.site import write_site
from minzheng.publish.site.archive import Earlier
from minzheng.publish.standing import FAILED, counts, outcomes
from minzheng.publish.tables.workbook import write_tables
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.stale import refuse_old_draft

LIBRARIES = ("duckdb", "plotly", "polars", "python-docx", "typst", "xlsxwriter")
NO_FACE = "report.pdf 和报告中的图未生成：本机没有中文字体"


def fill_edition(
    folder: Path,
    month: str,
    frames: ReleaseFrames,
    edition: Edition,
    *,
    revision: int | None = None,
    inputs: Sequence[InputHash] = (),
    previous: Path | None = None,
    key: Ed25519PrivateKey | None = None,
    plans: Mapping[str, str] | None = None,
    blocking: Sequence[str] = (),
    date: dt.date | None = None,
    earlier: Sequence[Earlier] = (),
    gate: Callable[[Path], None] | None = None,
    own: Filled | None = None,
) -> Manifest:
    """Write an edition of `month` into the empty `folder` and return its manifest.

    `frames` are those it shows; `revision` is its number, else the one after `previous` (the last release of this edition,
    of this or an earlier month; revisions are counted against it). `blocking` names the checks that failed and forbid a
    release. `date` is 成文日期, else the cut-off day of the next month. `earlier`: the releases its pages point at. The
    same arguments give the same bytes. `gate` looks at the finished files and raises where they must not leave. `own`: what
    the office wrote by hand into the report; an edition without one has none.
    """
    release = f"{month}-r{revision or next_revision(month, previous)}"
    frames = prepared(frames, release, previous, inputs)
    date = date or report_date(month)
    own = own if "report" in edition.products else None
    published = Published(frames, month, edition.marking.zh)
    unmade = write_products(folder, published, release, date, edition, earlier, own)
    content = {
        "release": release,
        "edition": edition.name,
        "month": month,
        "state": "draft",
        "approval": None,
        "previous": read_manifest(previous).release if previous else None,
        "content_sha256": content_hash(frames, own),
        "inputs": sorted(({"name": i.name, "sha256": i.sha256, "dataset": i.dataset, "month": i.month} for i in inputs),
                         key=lambda entry: (entry["month"], entry["dataset"], entry["name"], entry["sha256"])),
        "versions": versions(plans or {}),
        "checks": {**check_outcomes(frames.quality, month), "blocking": sorted(blocking)},
        "counts": counts(published),
        "unmade": unmade,
        "open_headlines": open_headlines(published),
        "open": [place.zh for place in open_places(own)] if own else [],
        "blank": blank_items(published, own) if "forms" in edition.products else {},
    }  # fmt: skip
    manifest = write_manifest(folder, content, key or signing_key())
    if gate:
        gate(folder)
    return manifest


def blank_items(published: Published, own: Filled | None) -> dict[str, dict[str, str]]:
    """What each form due leaves blank and why: rows without a figure, and places in its foot without a name."""
    unsigned = {
        role: "未填姓名，待签" for role, name in (own or Filled()).signers.items() if not name
    }
    return {name: blanks(published, name) | unsigned for name in forms_due(published.month)}


def write_products(
    work: Path,
    published: Published,
    release: str,
    date: dt.date,
    edition: Edition,
    earlier: Sequence[Earlier] = (),
    own: Filled | None = None,
) -> dict[str, str]:
    """Every file of the edition but the manifest; returns what could not be made here, with the reason."""
    frames, month = published.frames, published.month
    write_frames(work, frames, edition)
    if "sdmx" in edition.products:
        write_sdmx_csv(work, frames)
    if "datapackage" in edition.products:
        title = f"民政指标（{month_zh(month)}，{release}，{edition.title.zh}）"
        write_datapackage(work, frames, edition, release, title)
    if "snapshot" in edition.products:
        write_snapshot(
            {name: getattr(frames, name) for name in edition.tables}, work / "snapshot.duckdb"
        )
    if "tables" in edition.products:
        write_tables(published, work / "tables.xlsx")
    if "forms" in edition.products:
        (work / "forms").mkdir()
        for form in forms_due(month):
            signers = own.signers if own else None
            write_form(published, form, work / "forms" / f"{form}.xlsx", signers)
    if "charts" in edition.products:
        (work / "charts").mkdir()
        for chart in charts(published):
            marked = replace(chart, source=f"{chart.source}{edition.marking.zh}。")
            (work / "charts" / f"{chart.id}.svg").write_text(draw(marked), encoding="utf-8")
    if "site" in edition.products:
        write_site(work, month, frames, edition, earlier)
    return write_report(work, published, date, own) if "report" in edition.products else {}


def write_report(
    work: Path, published: Published, date: dt.date, own: Filled | None = None
) -> dict[str, str]:
    """The report as report.docx and report.pdf; returns what could not be made here, with the reason."""
    report = report_of(published, date, own)
    report = replace(report, marking=published.marking)
    drawings = {chart.id: draw(chart) for chart in report_charts(published)}
    write_docx(report, work / "report.docx", png_pictures(drawings, list(drawings)))
    made = write_pdf(report, work / "report.pdf", drawings, date)
    return {} if made else {"report.pdf": NO_FACE}


def prepared(
    frames: ReleaseFrames, release: str, previous: Path | None, inputs: Sequence[InputHash] = ()
) -> ReleaseFrames:
    """The frames in contract form, named after the release, with the revisions since the last one.

    Where `frames` bring no revisions, their reasons come from the inputs that the last release did not know.
    """
    named = frames.observations.with_columns(pl.lit(release).alias("release"))
    shaped = replace(frames, observations=named).shaped()
    if shaped.revisions is not None:
        return shaped
    old, came = shaped.observations, None
    if previous:
        old = pl.read_parquet(previous / "observations.parquet")
        came = named_arrivals(
            read_manifest(previous).content["inputs"], [asdict(one) for one in inputs]
        )
    return replace(
        shaped, revisions=shape("revisions", changed_cells(old, shaped.observations, came))
    )


def next_revision(month: str, previous: Path | None) -> int:
    """1 for a month's first release, else one more than the last release of that month."""
    if previous is None:
        return 1
    last_month, _, last = read_manifest(previous).release.rpartition("-r")
    return int(last) + 1 if last_month == month else 1


def content_hash(frames: ReleaseFrames, own: Filled | None = None) -> str:
    """A hash of what the release says, whatever its revision is called; the office's own words count."""
    digest = hashlib.sha256()
    for name in SCHEMAS:
        if name not in (
            "revisions",
            "sources",
            "files",
        ):  # whence the figures came is not what they say
            frame = getattr(frames, name)
            digest.update(frame.drop("release", strict=False).write_csv().encode())
    if own and own != Filled():
        digest.update(own.model_dump_json().encode())
    return digest.hexdigest()


def check_outcomes(quality: pl.DataFrame, month: str) -> dict[str, Any]:
    """How many checks of the month passed, failed or could not be judged, and which rules failed."""
    rows = quality.filter(pl.col("time_period") == month)
    states = dict(rows.group_by("state").len().sort("state").iter_rows())
    failed = sorted(rule for rule, one in outcomes(rows).items() if one in FAILED)
    return {"outcomes": states, "failed_rules": failed}


def versions(plans: Mapping[str, str]) -> dict[str, Any]:
    """Versions of code, contracts, plans, libraries and the Chinese face used: what bytes depend on besides the inputs."""
    package = Path(__file__).resolve().parents[2]
    return {
        "minzheng": version("minzheng"),
        "code_sha256": tree_hash(package, ("*.py", "*.html", "*.css", "*.js")),
        "sql_sha256": tree_hash(SQL, ("*.sql",)),
        "contracts_sha256": tree_hash(CONTRACTS, ("*.yaml", "*.csv", "*.docx")),
        **({"home_contracts_sha256": tree_hash(OWN, ("*.*",))} if OWN.is_dir() else {}),
        "plans": dict(sorted(plans.items())),
        "libraries": {name: version(name) for name in LIBRARIES},
        "chinese_face": chinese_face(),
    }


def tree_hash(folder: Path, patterns: Sequence[str]) -> str:
    """One hash over the files of a tree, by relative path and content."""
    digest = hashlib.sha256()
    for path in sorted(set().union(*map(folder.rglob, patterns))):
        digest.update(
            path.relative_to(folder).as_posix().encode()
            + b"\0"
            + hashlib.sha256(path.read_bytes()).digest()
        )
    return digest.hexdigest()


def freeze(
    home: Home,
    month: str,
    approved_by: str,
    approved_at: dt.datetime,
    key: Ed25519PrivateKey | None = None,
    signatures: Mapping[str, str] | None = None,
    accept_open: Collection[str] = (),
) -> Path:
    """Freeze every edition of the draft of `month` as its next revision and return the folder.

    Where the last revision says the same already, the editions that it lacks are added to it. `signatures`: who prepared and
    reviewed it (`prepared_by`, `reviewed_by`), as far as they are named. `accept_open`: see `ready`.

    Refuses a draft that is not ready, named after another revision than the next, or that says nothing new.
    """
    with open_warehouse(home) as connection:
        manifests = ready(home, connection, month, accept_open, editions())
        released, key = revisions(home, month), key or signing_key()
        main = next(iter(manifests.values()))
        target = home.published / month / f"r{number_of(main, released)}"
        approval = {
            "by": approved_by,
            "at": approved_at.isoformat(timespec="seconds"),
            **(signatures or {}),
        }
        approval |= {"accepted_open": sorted(accept_open)} if accept_open else {}
        more = {"state": "released", "approval": approval, "trail": head(home)}
        new = unreleased(manifests, month, released)
        with _revision(target) as staging:
            for edition, manifest in new.items():
                with staging(edition.name) as work:
                    shutil.copytree(home.drafts / month / edition.name, work, dirs_exist_ok=True)
                    write_manifest(work, manifest.content | more, key)
                    lock(work, closed=edition.closed)
        note_frozen(home, target)
        point_latest(home)
        return target


@contextlib.contextmanager
def _revision(target: Path) -> Iterator[Callable[[str], AbstractContextManager[Path]]]:
    """Where editions of a revision are staged: in a new one, which comes whole or not at all, or one by one in one that is there."""
    if not target.exists():
        with staged(target) as work:
            yield lambda name: staged(work / name)
            work.chmod(0o555)
        return
    target.chmod(0o755)
    try:
        yield lambda name: staged(target / name)
    finally:
        target.chmod(0o555)


def ready(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    accept_open: Collection[str],
    wanted: Collection[str],
) -> dict[Edition, Manifest]:
    """The manifests of the `wanted` editions of a draft that may be released, the fullest first.

    Refuses a draft that is missing, damaged, blocked by checks or older than what was accepted since, or with an incomplete
    headline figure that is not among `accept_open`, those that the approver takes on.
    """
    refuse_old_draft(connection, month)
    settle(home)
    draft = home.drafts / month
    drafted = {name: draft / name for name in wanted if (draft / name).is_dir()}
    if not drafted:
        raise MinzhengError(
            f"no draft of {month}: run `minzheng run --month {month}` first",
            f"没有{month_zh(month)}的草稿：请先运行",
        )
    faults = list(chain.from_iterable(map(verify, drafted.values())))
    if faults:
        raise MinzhengError(
            f"the draft of {month} is damaged: {faults[0]}",
            f"{month_zh(month)}的草稿已被改动：{faults[0]}",
        )
    manifests = {editions()[name]: read_manifest(folder) for name, folder in drafted.items()}
    main = next(iter(manifests.values()))
    blocking = main.content["checks"]["blocking"]
    if blocking:
        raise MinzhengError(
            f"the draft of {month} is blocked by {', '.join(blocking)}",
            f"{month_zh(month)}的草稿被校验阻断：{'、'.join(blocking)}",
        )
    refuse_unaccepted(main.content.get("open_headlines", []), accept_open)
    return manifests


def number_of(main: Manifest, released: Sequence[Revision]) -> int:
    """The number of the revision that a draft belongs to: the last one's where that says the same already, else the next."""
    if not released:
        return 1
    last = released[-1]
    said = read_manifest(last.main).content["content_sha256"]
    return last.number + (said != main.content["content_sha256"])


def unreleased(
    manifests: Mapping[Edition, Manifest], month: str, released: Sequence[Revision]
) -> dict[Edition, Manifest]:
    """The editions of a draft that its revision lacks; refuses where it lacks none, or one is named after another revision."""
    number = number_of(next(iter(manifests.values())), released)
    frozen = released[-1].editions if released and released[-1].number == number else ()
    new = {one: manifest for one, manifest in manifests.items() if one.name not in frozen}
    expected = f"{month}-r{number}"
    if not new:
        raise MinzhengError(
            f"nothing has changed since {expected}", "与上一版相比没有变化，不再发布"
        )
    for manifest in new.values():
        if manifest.release != expected:
            raise MinzhengError(
                f"the draft is named {manifest.release}, the next release is {expected}: run the month again",
                f"草稿的版本为 {manifest.release}，应为 {expected}：请重新运行该月",
            )
    return new


def released_frame(folder: Path, name: str) -> pl.DataFrame:
    """A published table of a release, in contract form."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise MinzhengError(
            f"no release in {folder}: {path.name} is missing",
            f"{folder} 不是发布目录：缺少 {path.name}",
        )
    return shape(name, pl.read_parquet(path))
