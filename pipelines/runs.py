"""Running jobs in this process, with their history in the UI: what `minzheng intake` and `minzheng run` do."""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._core.errors import DagsterAssetCheckFailedError

from assets.partitions import RANGE_END, RANGE_START, asked_tag
from assets.resources import HomeResource
from assets.scrubbing import StepFault
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.intake.receive import Received
from minzheng.months import contiguous
from minzheng.waiting import Waiting
from minzheng.warehouse.connection import open_warehouse
from pipelines.instance import instance

JOB_ZH = {"receive": "接收文件", "recompute": "计算各月", "draft": "编制草稿"}


@dataclass
class RunReport:
    """What a run did: months computed, months a check stopped (with the rules that did)."""

    months: list[str] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)


def execute(
    home: Home,
    job: str,
    landing: Path | None = None,
    months: Sequence[str] = (),
    ops: dict | None = None,
    asked: Sequence[str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job here and now; a foreseeable fault of a step comes back as itself.

    `ops`: what its steps are told; `asked`: of the months those that somebody named, all unless said otherwise.
    """
    from pipelines.definitions import defs

    logging.getLogger("alembic").setLevel(logging.ERROR)
    tags = {RANGE_START: months[0], RANGE_END: months[-1]} if months else {}
    tags |= {} if asked is None else asked_tag(asked)
    config = {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "ops": {name: {"config": told} for name, told in (ops or {}).items()},
    }
    known = defs.resolve_job_def(job)
    with progress_of(job, len(known.nodes)), own_words():
        return known.execute_in_process(
            instance=instance(home),
            run_config=config,
            tags=tags,
            resources={"home": HomeResource(str(home.path), str(landing or ""))},
            raise_on_error=True,
        )


@contextlib.contextmanager
def own_words() -> Iterator[None]:
    """Let a step's fault come back as the `MinzhengError` it was."""
    try:
        yield
    except StepFault as error:
        raise error.fault from None


@contextlib.contextmanager
def progress_of(job: str, steps: int) -> Iterator[None]:
    """Tell how far a job is and at what; steps tell it through the logger `minzheng.step` when they begin."""
    logger = logging.getLogger("minzheng.step")
    with Waiting(JOB_ZH.get(job, job), f"job {job}, steps", steps) as waiting:

        class Tell(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                waiting.step(1 if waiting.now else 0, record.getMessage())

        handler = Tell()
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)


def receive_files(home: Home, landing: Path | None = None) -> Received:
    """Run job `receive`: everything in the landing folder gets its verdict, and what is accepted is loaded."""
    result = execute(home, "receive", landing)
    told = result.asset_materializations_for_node("raw__file")
    report = (
        next(one for one in told if one.asset_key.path == ["raw", "file"]).metadata["结果"].value
    )
    return Received.from_json(report)


def run_months(
    home: Home, months: Sequence[str], draft_of: str, asked: Sequence[str] | None = None
) -> RunReport:
    """Compute the months, each unbroken range in one Dagster run, then the draft of `draft_of`.

    `asked`: those that somebody named; the others are computed as far as what reaches them changed.
    A month that a blocking check stops is left as it was; the others go on without it.
    """
    report = RunReport()
    waiting = contiguous(months)
    while waiting:
        batch = waiting.pop(0)
        try:
            execute(home, "recompute", months=batch, asked=asked)
            report.months += batch
        except DagsterAssetCheckFailedError:
            blocked = _blocked(home, batch)
            if not blocked:
                raise MinzhengError(
                    f"a blocking check failed for {batch[0]}..{batch[-1]}: see the Dagster UI"
                ) from None
            report.blocked |= blocked
            waiting = contiguous([month for month in batch if month not in blocked]) + waiting
    try:
        execute(home, "draft", months=[draft_of])
    except MinzhengError:
        if draft_of not in report.blocked:
            raise  # a stopped month's draft turns red in the UI, and `blocked` says why
    return report


def _blocked(home: Home, months: Sequence[str]) -> dict[str, str]:
    with open_warehouse(home) as connection:
        rows = connection.execute(
            "select month, string_agg(distinct rule_ids, '、' order by rule_ids) from work.blocked where month in (select unnest($months)) group by month",
            {"months": list(months)},
        ).fetchall()
    return dict(rows)
