"""A release folder: written whole or not at all, frozen on approval, never overwritten.

A draft carries the name of the revision it would become, so that what is approved is byte for byte what was looked at:
freezing copies the files and only the manifest says more (who approved, when).
"""

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.paths import CONTRACTS, SQL
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.indicators.revisions import changed_cells, named_arrivals
from minzheng.months import month_zh
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import charts
from minzheng.publish.charts.svg import draw
from minzheng.publish.release.exchange import write_datapackage, write_frames, write_sdmx_csv
from minzheng.publish.release.folder import lock, staged
from minzheng.publish.release.frames import SCHEMAS, ReleaseFrames, shape
from minzheng.publish.release.frozen import head, note_frozen, point_latest, settle
from minzheng.publish.release.manifest import (
    InputHash,
    Manifest,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from minzheng.publish.release.snapshot import write_snapshot
from minzheng.publish.report.building import build_report, report_date
from minzheng.publish.report.docx import write_docx
from minzheng.publish.report.ministry_form import forms_due, write_form
from minzheng.publish.report.pdf import write_pdf
from minzheng.publish.report.pictures import chinese_face, png_pictures
from minzheng.publish.site import write_site
from minzheng.publish.tables.workbook import write_tables
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.stale import refuse_old_draft

LIBRARIES = ("duckdb", "plotly", "polars", "python-docx", "typst", "xlsxwriter")
NO_FACE = "report.pdf 和报告中的图未生成：本机没有中文字体"


def write_release(
    folder: Path,
    month: str,
    frames: ReleaseFrames,
    *,
    revision: int | None = None,
    inputs: Sequence[InputHash] = (),
    previous: Path | None = None,
    key: Ed25519PrivateKey | None = None,
    plans: Mapping[str, str] | None = None,
    blocking: Sequence[str] = (),
    date: dt.date | None = None,
    gate: Callable[[Path], None] | None = None,
) -> Manifest:
    """Write the release of `month` into `folder` (replacing a draft there) and return its manifest.

    `frames` are already suppressed; `revision` is its number, else the one after `previous` (the last release, of this or
    an earlier month; revisions are counted against it). `blocking` names the checks that failed and forbid a release.
    `date` is 成文日期, else the cut-off day of the next month. The same arguments give the same bytes. `gate` looks at the
    finished files and raises where they must not leave; then nothing is left of them.
    """
    release = f"{month}-r{revision or next_revision(month, previous)}"
    frames = prepared(frames, release, previous, inputs)
    date = date or report_date(month)
    with staged(folder) as work:
        unmade = write_products(work, month, frames, release, date)
        content = {
            "release": release,
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
        manifest = write_manifest(work, content, key or signing_key())
        if gate:
            gate(work)
        return manifest


def write_products(
    work: Path, month: str, frames: ReleaseFrames, release: str, date: dt.date
) -> dict[str, str]:
    """Every file of the release but the manifest; returns what could not be made here, with the reason."""
    write_frames(work, frames)
    write_sdmx_csv(work, frames)
    write_datapackage(work, frames, release, f"民政指标（{month_zh(month)}，{release}）")
    write_snapshot({name: getattr(frames, name) for name in SCHEMAS}, work / "snapshot.duckdb")
    published = Published(frames, month)
    write_tables(published, work / "tables.xlsx")
    (work / "forms").mkdir()
    for form in forms_due(month):
        write_form(published, form, work / "forms" / f"{form}.xlsx")
    drawings = {chart.id: draw(chart) for chart in charts(published)}
    (work / "charts").mkdir()
    for name, drawing in drawings.items():
        (work / "charts" / f"{name}.svg").write_text(drawing, encoding="utf-8")
    report = build_report(frames, month, date)
    write_docx(report, work / "report.docx", png_pictures(drawings, ["progress"]))
    made = write_pdf(report, work / "report.pdf", drawings, date)
    write_site(work, month, frames)
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


def content_hash(frames: ReleaseFrames) -> str:
    """A hash of what the release says, whatever its revision is called."""
    digest = hashlib.sha256()
    for name in SCHEMAS:
        if name not in (
            "revisions",
            "sources",
            "files",
        ):  # whence the figures came is not what they say
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
    package = Path(__file__).resolve().parents[2]
    return {
        "minzheng": version("minzheng"),
        "code_sha256": tree_hash(package, ("*.py", "*.html", "*.css", "*.js")),
        "sql_sha256": tree_hash(SQL, ("*.sql",)),
        "contracts_sha256": tree_hash(CONTRACTS, ("*.yaml", "*.csv", "*.docx")),
        "plans": dict(sorted(plans.items())),
        "libraries": {name: version(name) for name in LIBRARIES},
        "chinese_face": chinese_face(),
    }


def tree_hash(folder: Path, patterns: Sequence[str]) -> str:
    """One hash over the files of a tree, by relative path and content."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        digest.update(
            path.relative_to(folder).as_posix().encode()
            + b"\0"
            + hashlib.sha256(path.read_bytes()).digest()
        )
    return digest.hexdigest()


def revisions_of(home: Home, month: str) -> list[Path]:
    """The frozen releases of a month, first to last."""
    found = [path for path in (home.published / month).glob("r[0-9]*") if path.name[1:].isdigit()]
    return sorted(found, key=lambda path: int(path.name[1:]))


def last_release(home: Home, month: str) -> Path | None:
    """The release that one of `month` is compared with: the month's last, else the last of the newest earlier month."""
    months = sorted(
        (path.name for path in home.published.glob("[0-9]*-[0-9]*") if path.name <= month),
        reverse=True,
    )
    return next(
        (releases[-1] for candidate in months if (releases := revisions_of(home, candidate))), None
    )


def freeze(
    home: Home,
    month: str,
    approved_by: str,
    approved_at: dt.datetime,
    key: Ed25519PrivateKey | None = None,
    signatures: Mapping[str, str] | None = None,
) -> Path:
    """Freeze the draft of `month` as its next revision and return the folder.

    `signatures`: who prepared and reviewed it (`prepared_by`, `reviewed_by`), as far as they are named.

    Refuses a draft that is missing, damaged, blocked by checks, older than what was accepted since, named after a revision
    already released, or that says nothing new since the month's last release.
    """
    with open_warehouse(home) as connection:
        refuse_old_draft(connection, month)
        settle(home)
        draft, releases = home.drafts / month, revisions_of(home, month)
        manifest = releasable(draft, month, releases)
        target = home.published / month / f"r{len(releases) + 1}"
        approval = {
            "by": approved_by,
            "at": approved_at.isoformat(timespec="seconds"),
            **(signatures or {}),
        }
        content = {
            **manifest.content,
            "state": "released",
            "approval": approval,
            "trail": head(home),
        }
        if target.exists():
            raise MinzhengError(
                f"{target} exists already and is never overwritten", f"{target} 已存在，不得覆盖"
            )
        with staged(target) as work:
            shutil.copytree(draft, work, dirs_exist_ok=True)
            write_manifest(work, content, key or signing_key())
            lock(work)
        note_frozen(home, target)
        point_latest(home)
        return target


def releasable(draft: Path, month: str, releases: Sequence[Path]) -> Manifest:
    """The draft's manifest, or why it cannot be released."""
    if not draft.is_dir():
        raise MinzhengError(
            f"no draft of {month}: run `minzheng run --month {month}` first",
            f"没有{month_zh(month)}的草稿：请先运行",
        )
    faults = verify(draft)
    if faults:
        raise MinzhengError(
            f"the draft of {month} is damaged: {faults[0]}",
            f"{month_zh(month)}的草稿已被改动：{faults[0]}",
        )
    manifest = read_manifest(draft)
    blocking = manifest.content["checks"]["blocking"]
    if blocking:
        raise MinzhengError(
            f"the draft of {month} is blocked by {', '.join(blocking)}",
            f"{month_zh(month)}的草稿被校验阻断：{'、'.join(blocking)}",
        )
    if (
        releases
        and read_manifest(releases[-1]).content["content_sha256"]
        == manifest.content["content_sha256"]
    ):
        raise MinzhengError(
            f"nothing has changed since {read_manifest(releases[-1]).release}",
            "与上一版相比没有变化，不再发布",
        )
    expected = f"{month}-r{len(releases) + 1}"
    if manifest.release != expected:
        raise MinzhengError(
            f"the draft is named {manifest.release}, the next release is {expected}: run the month again",
            f"草稿的版本为 {manifest.release}，应为 {expected}：请重新运行该月",
        )
    return manifest


def released_frame(folder: Path, name: str) -> pl.DataFrame:
    """A published table of a release, in contract form."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise MinzhengError(
            f"no release in {folder}: {path.name} is missing",
            f"{folder} 不是发布目录：缺少 {path.name}",
        )
    return shape(name, pl.read_parquet(path))
