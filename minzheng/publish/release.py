"""A release folder: written whole or not at all, frozen on approval, never overwritten.

A draft carries the name of the revision it would become, so that what is approved is byte for byte what was looked at:
freezing copies the files and only the manifest says more (who approved, when).
"""

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts import CONTRACTS
from minzheng.editions import Edition, editions
from minzheng.errors import MinzhengError
from minzheng.home import Home
from minzheng.months import month_zh
from minzheng.publish.cells import Published
from minzheng.publish.charts import charts, progress_chart
from minzheng.publish.docx import write_docx
from minzheng.publish.exchange import write_datapackage, write_frames, write_sdmx_csv
from minzheng.publish.folder import lock, staged, sync
from minzheng.publish.found import Revision, revisions
from minzheng.publish.frames import SCHEMAS, ReleaseFrames, shape
from minzheng.publish.manifest import InputHash, Manifest, read_manifest, signing_key, verify, write_manifest
from minzheng.publish.ministry_form import forms_due, write_form
from minzheng.publish.pdf import write_pdf
from minzheng.publish.pictures import chinese_face, png_pictures
from minzheng.publish.progress_text import judged
from minzheng.publish.report import build_report, report_date
from minzheng.publish.site import write_site
from minzheng.publish.site.archive import Earlier
from minzheng.publish.snapshot import write_snapshot
from minzheng.publish.svg import draw
from minzheng.publish.tables import write_tables
from minzheng.revisions import changed_cells, named_arrivals

LIBRARIES = ("duckdb", "plotly", "polars", "python-docx", "typst", "xlsxwriter")
NO_FACE = "report.pdf 和报告中的图未生成：本机没有中文字体"


def write_release(folder: Path, month: str, frames: ReleaseFrames, edition: str = "bureau", **told: Any) -> Manifest:
    """Write an edition of `month` into `folder` (replacing a draft there), whole or not at all; see `fill_edition`."""
    with staged(folder) as work:
        return fill_edition(work, month, frames, editions()[edition], **told)


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
) -> Manifest:
    """Write an edition of `month` into the empty `folder` and return its manifest.

    `frames` are those it shows; `revision` is its number, else the one after `previous` (the last release of this edition,
    of this or an earlier month; revisions are counted against it). `blocking` names the checks that failed and forbid a
    release. `date` is 成文日期, else the cut-off day of the next month. `earlier`: the releases its pages point at. The
    same arguments give the same bytes. `gate` looks at the finished files and raises where they must not leave.
    """
    release = f"{month}-r{revision or next_revision(month, previous)}"
    frames = prepared(frames, release, previous, inputs)
    date = date or report_date(month)
    unmade = write_products(folder, month, frames, release, date, edition, earlier)
    content = {
        "release": release,
        "edition": edition.name,
        "month": month,
        "state": "draft",
        "approval": None,
        "previous": read_manifest(previous).release if previous else None,
        "content_sha256": content_hash(frames),
        "inputs": sorted(({"name": i.name, "sha256": i.sha256, "dataset": i.dataset, "month": i.month} for i in inputs),
                         key=lambda entry: (entry["month"], entry["dataset"], entry["name"], entry["sha256"])),
        "versions": versions(plans or {}),
        "checks": {**check_outcomes(frames.quality, month), "blocking": sorted(blocking)},
        "unmade": unmade,
    }  # fmt: skip
    manifest = write_manifest(folder, content, key or signing_key())
    if gate:
        gate(folder)
    return manifest


def write_products(
    work: Path,
    month: str,
    frames: ReleaseFrames,
    release: str,
    date: dt.date,
    edition: Edition,
    earlier: Sequence[Earlier] = (),
) -> dict[str, str]:
    """Every file of the edition but the manifest; returns what could not be made here, with the reason."""
    write_frames(work, frames, edition)
    published = Published(frames, month, edition.marking.zh)
    if "sdmx" in edition.products:
        write_sdmx_csv(work, frames)
    if "datapackage" in edition.products:
        title = f"民政指标（{month_zh(month)}，{release}，{edition.title.zh}）"
        write_datapackage(work, frames, edition, release, title)
    if "snapshot" in edition.products:
        write_snapshot({name: getattr(frames, name) for name in edition.tables}, work / "snapshot.duckdb")
    if "tables" in edition.products:
        write_tables(published, work / "tables.xlsx")
    if "forms" in edition.products:
        (work / "forms").mkdir()
        for form in forms_due(month):
            write_form(published, form, work / "forms" / f"{form}.xlsx")
    if "charts" in edition.products:
        (work / "charts").mkdir()
        for chart in charts(published):
            marked = replace(chart, source=f"{chart.source}{edition.marking.zh}。")
            (work / "charts" / f"{chart.id}.svg").write_text(draw(marked), encoding="utf-8")
    if "site" in edition.products:
        write_site(work, month, frames, edition, earlier)
    return write_report(work, published, date) if "report" in edition.products else {}


def write_report(work: Path, published: Published, date: dt.date) -> dict[str, str]:
    """The report as report.docx and report.pdf; returns what could not be made here, with the reason."""
    report = replace(build_report(published.frames, published.month, date), marking=published.marking)
    drawings = {"progress": draw(progress_chart(published))} if judged(published) else {}
    write_docx(report, work / "report.docx", png_pictures(drawings, ["progress"]))
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
        came = named_arrivals(read_manifest(previous).content["inputs"], [asdict(one) for one in inputs])
    return replace(shaped, revisions=shape("revisions", changed_cells(old, shaped.observations, came)))


def next_revision(month: str, previous: Path | None) -> int:
    """1 for a month's first release, else one more than the last release of that month."""
    if previous is None:
        return 1
    last_month, _, last = read_manifest(previous).release.rpartition("-r")
    return int(last) + 1 if last_month == month else 1


def content_hash(frames: ReleaseFrames) -> str:
    """A hash of what the release says, whatever its revision is called."""
    digest = hashlib.sha256()
    for name in SCHEMAS:
        if name not in ("revisions", "sources", "files"):  # whence the figures came is not what they say
            frame = getattr(frames, name)
            digest.update(frame.drop("release", strict=False).write_csv().encode())
    return digest.hexdigest()


def check_outcomes(quality: pl.DataFrame, month: str) -> dict[str, Any]:
    """How many checks of the month passed, failed or could not be judged, and which failed."""
    rows = quality.filter(pl.col("time_period") == month)
    counts = dict(rows.group_by("state").len().sort("state").iter_rows())
    failed = sorted(set(rows.filter(pl.col("state") == "fail")["rule_id"]))
    return {"outcomes": counts, "failed_rules": failed}


def versions(plans: Mapping[str, str]) -> dict[str, Any]:
    """Versions of code, contracts, plans, libraries and the Chinese face used: what bytes depend on besides the inputs."""
    package = Path(__file__).resolve().parent.parent
    return {
        "minzheng": version("minzheng"),
        "code_sha256": tree_hash(package, ("*.py", "*.html", "*.css", "*.js")),
        "sql_sha256": tree_hash(package.parent / "sql", ("*.sql",)),
        "contracts_sha256": tree_hash(CONTRACTS, ("*.yaml", "*.csv", "*.docx")),
        "plans": dict(sorted(plans.items())),
        "libraries": {name: version(name) for name in LIBRARIES},
        "chinese_face": chinese_face(),
    }


def tree_hash(folder: Path, patterns: Sequence[str]) -> str:
    """One hash over the files of a tree, by relative path and content."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def freeze(
    home: Home,
    month: str,
    approved_by: str,
    approved_at: dt.datetime,
    key: Ed25519PrivateKey | None = None,
    signatures: Mapping[str, str] | None = None,
) -> Path:
    """Freeze every edition of the draft of `month` as its next revision and return the folder.

    `signatures`: who prepared and reviewed it (`prepared_by`, `reviewed_by`), as far as they are named.

    Refuses a draft that is missing, damaged, blocked by checks, named after a revision already released, or that says
    nothing new since the month's last release.
    """
    draft, released = home.drafts / month, revisions(home, month)
    manifests, key = releasable(draft, month, released), key or signing_key()
    target = home.published / month / next(iter(manifests.values())).release.removeprefix(f"{month}-")
    approval = {"by": approved_by, "at": approved_at.isoformat(timespec="seconds"), **(signatures or {})}
    if target.exists():
        _complete(draft, target, manifests, approval, key)
        point_latest(home, target)
        return target
    with staged(target) as work:
        for edition, manifest in manifests.items():
            (work / edition.name).mkdir()
            _freeze_edition(draft / edition.name, work / edition.name, edition, manifest, approval, key)
        work.chmod(0o555)
    point_latest(home, target)
    return target


def _freeze_edition(
    draft: Path, folder: Path, edition: Edition, manifest: Manifest, approval: Mapping[str, str], key: Ed25519PrivateKey
) -> None:
    """Copy an edition of the draft into an empty folder, approved, signed and locked."""
    shutil.copytree(draft, folder, dirs_exist_ok=True)
    write_manifest(folder, {**manifest.content, "state": "released", "approval": approval}, key)
    lock(folder, closed=edition.closed)


def _complete(
    draft: Path,
    target: Path,
    manifests: Mapping[Edition, Manifest],
    approval: Mapping[str, str],
    key: Ed25519PrivateKey,
) -> None:
    """Add to a revision the editions that it lacks; what is frozen there is not touched."""
    target.chmod(0o755)
    try:
        for edition, manifest in manifests.items():
            if (target / edition.name).exists():
                raise MinzhengError(f"{target} exists already and is never overwritten", f"{target} 已存在，不得覆盖")
            with staged(target / edition.name) as work:
                _freeze_edition(draft / edition.name, work, edition, manifest, approval, key)
    finally:
        target.chmod(0o555)


def releasable(draft: Path, month: str, released: Sequence[Revision]) -> dict[Edition, Manifest]:
    """The manifests of the draft's editions, the fullest first, or why it cannot be released.

    Where the last revision says the same already, those of the editions that it lacks.
    """
    drafted = {one: draft / one.name for one in editions().values() if (draft / one.name).is_dir()}
    if not drafted:
        raise MinzhengError(
            f"no draft of {month}: run `minzheng run --month {month}` first", f"没有{month_zh(month)}的草稿：请先运行"
        )
    faults = [fault for folder in drafted.values() for fault in verify(folder)]
    if faults:
        raise MinzhengError(
            f"the draft of {month} is damaged: {faults[0]}", f"{month_zh(month)}的草稿已被改动：{faults[0]}"
        )
    manifests = {one: read_manifest(folder) for one, folder in drafted.items()}
    main = next(iter(manifests.values()))
    blocking = main.content["checks"]["blocking"]
    if blocking:
        raise MinzhengError(
            f"the draft of {month} is blocked by {', '.join(blocking)}",
            f"{month_zh(month)}的草稿被校验阻断：{'、'.join(blocking)}",
        )
    expected = f"{month}-r{released[-1].number + 1 if released else 1}"
    if released and read_manifest(released[-1].main).content["content_sha256"] == main.content["content_sha256"]:
        manifests = {one: told for one, told in manifests.items() if one.name not in released[-1].editions}
        expected = released[-1].name
    if not manifests:
        raise MinzhengError(f"nothing has changed since {released[-1].name}", "与上一版相比没有变化，不再发布")
    for manifest in manifests.values():
        if manifest.release != expected:
            raise MinzhengError(
                f"the draft is named {manifest.release}, the next release is {expected}: run the month again",
                f"草稿的版本为 {manifest.release}，应为 {expected}：请重新运行该月",
            )
    return manifests


def point_latest(home: Home, target: Path) -> None:
    """Let `published/latest` point at `target` unless it points at a later month; readers see the old or the new."""
    link = home.published / "latest"
    if link.is_symlink() and link.readlink().parts[0] > target.parent.name:
        return
    fresh = link.with_name(f".latest-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(home.published))
    fresh.replace(link)
    sync(home.published)


def released_frame(folder: Path, name: str) -> pl.DataFrame:
    """A published table of a release, in contract form."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise MinzhengError(
            f"no release in {folder}: {path.name} is missing", f"{folder} 不是发布目录：缺少 {path.name}"
        )
    return shape(name, pl.read_parquet(path))
