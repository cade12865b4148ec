"""An evaluation as a release of its own: a draft written whole, frozen on approval, revised, never overwritten."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.calendar import report_date
from minzheng.contracts.editions import edition
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.progress.evaluation import EVALUATION
from minzheng.publish.charts.model import progress_chart
from minzheng.publish.charts.svg import draw
from minzheng.publish.evaluation.document import build_document, trend_charts
from minzheng.publish.evaluation.frozen import folder_name, frozen
from minzheng.publish.evaluation.model import CHANGED, EDITION, TRUST, Evaluation, frame
from minzheng.publish.evaluation.page import write_page
from minzheng.publish.evaluation.workbook import write_workbook
from minzheng.publish.plan_line import pictured
from minzheng.publish.release.files import write_csv, write_parquet
from minzheng.publish.release.folder import lock, staged
from minzheng.publish.release.frozen import head, note_frozen
from minzheng.publish.release.manifest import (
    InputHash,
    Manifest,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from minzheng.publish.release.writing import NO_FACE, versions
from minzheng.publish.report.docx import write_docx
from minzheng.publish.report.pdf import write_pdf
from minzheng.publish.report.pictures import png_pictures


def write_evaluation(
    folder: Path,
    one: Evaluation,
    *,
    inputs: Sequence[InputHash] = (),
    plans: Mapping[str, str] | None = None,
    key: Ed25519PrivateKey | None = None,
    date: dt.date | None = None,
    gate: Callable[[Path], None] | None = None,
) -> Manifest:
    """Write the draft into `folder`, replacing what was there, and return its manifest.

    The same evaluation, inputs and date give the same bytes. `gate` looks at the finished files and raises where they
    must not leave; then nothing is left of them.
    """
    with staged(folder) as work:
        unmade = write_products(work, one, date or report_date(one.month))
        content = {
            "release": one.release,
            "edition": EDITION,
            "title": one.title,
            "plan": one.plan.plan,
            "kind": "mid_term" if one.mid_term else "final",
            "month": one.month,
            "state": "draft",
            "approval": None,
            "previous": one.previous,
            "lacking": list(one.lacking),
            "content_sha256": content_hash(one),
            "inputs": sorted(map(asdict, inputs), key=lambda entry: tuple(entry.values())),
            "versions": versions(plans or {}),
            "unmade": unmade,
        }
        manifest = write_manifest(work, content, key or signing_key())
        if gate:
            gate(work)
        return manifest


def write_products(work: Path, one: Evaluation, date: dt.date) -> dict[str, str]:
    """Every file but the manifest; returns what could not be made here, with the reason."""
    released = one.published.frames
    tables = {
        "evaluation": frame(one.items, EVALUATION),
        "progress": released.progress.filter(plan_id=one.plan.plan),
        "targets": released.targets.filter(plan_id=one.plan.plan),
        "trust": frame(one.trust, TRUST),
        "changes": frame(one.changed, CHANGED),
    }
    for name, table in tables.items():
        write_csv(table, work / f"{name}.csv")
        write_parquet(table, work / f"{name}.parquet")
    charts = [progress_chart(one.published)] if pictured(one.published.plan_lines) else []
    report = build_document(one, date)
    marked = [
        replace(chart, source=f"{chart.source}{report.marking}。")
        for chart in [*charts, *trend_charts(one)]
    ]
    drawings = {chart.id: draw(chart) for chart in marked}
    (work / "charts").mkdir()
    for name, drawing in drawings.items():
        (work / "charts" / f"{name}.svg").write_text(drawing, encoding="utf-8")
    write_docx(report, work / "report.docx", png_pictures(drawings, list(drawings)))
    made = write_pdf(report, work / "report.pdf", drawings, date)
    write_workbook(one, work / "tables.xlsx", report.marking)
    write_page(one, report, drawings, work / "site")
    return {} if made else {"report.pdf": NO_FACE}


def content_hash(one: Evaluation) -> str:
    """A hash of what the evaluation says, whatever its revision is called and whatever releases tell the same."""
    digest = hashlib.sha256()
    said = frame(one.items, EVALUATION).drop("evidence")
    progress = one.published.frames.progress.filter(plan_id=one.plan.plan)
    for table in (said, progress, frame(one.trust, TRUST)):
        digest.update(table.write_csv().encode())
    digest.update("\n".join(one.lacking).encode())
    return digest.hexdigest()


def freeze_evaluation(
    home: Home,
    plan_id: str,
    mid_term: bool,
    approved_by: str,
    approved_at: dt.datetime,
    key: Ed25519PrivateKey | None = None,
) -> Path:
    """Freeze the draft as the next revision and return its folder.

    Refuses a draft that is missing, damaged, named after a revision already frozen, or that says nothing new.
    """
    name, before = folder_name(plan_id, mid_term), frozen(home, plan_id, mid_term)
    manifest = approvable(home.drafts / name, name, before)
    target = home.published / name / f"r{len(before) + 1}"
    approval = {"by": approved_by, "at": approved_at.isoformat(timespec="seconds")}
    with staged(target) as work:
        shutil.copytree(home.drafts / name, work, dirs_exist_ok=True)
        content = manifest.content | {
            "state": "released",
            "approval": approval,
            "trail": head(home),
        }
        write_manifest(work, content, key or signing_key())
        lock(work, closed=edition(EDITION).closed)
    note_frozen(home, target)
    return target


def approvable(draft: Path, name: str, before: Sequence[Path]) -> Manifest:
    """The draft's manifest, or why it cannot be frozen."""
    if not draft.is_dir():
        raise MinzhengError(
            f"no draft {name}: run `minzheng evaluate` without --approved-by first",
            "没有评估草稿：请先生成草稿再批准",
        )
    if faults := verify(draft):
        raise MinzhengError(
            f"the draft {name} is damaged: {faults[0]}", f"评估草稿已被改动：{faults[0]}"
        )
    manifest = read_manifest(draft)
    if (
        before
        and read_manifest(before[-1]).content["content_sha256"]
        == manifest.content["content_sha256"]
    ):
        raise MinzhengError(
            f"nothing has changed since {read_manifest(before[-1]).release}",
            "与上一版评估相比没有变化，不再发布",
        )
    expected = f"{name}-r{len(before) + 1}"
    if manifest.release != expected:
        raise MinzhengError(
            f"the draft is named {manifest.release}, the next is {expected}: evaluate again",
            f"评估草稿的版本为 {manifest.release}，应为 {expected}：请重新生成",
        )
    return manifest
