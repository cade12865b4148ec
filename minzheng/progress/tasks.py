"""The tasks of a plan that no number measures: systems to build, documents to issue, and what the offices report of them.

What each task asks, and of whom, is `tasks.yaml` in the plan's folder. How far it has come is `tasks.csv` in the home, one
line a report, never overwritten: the newest report dated up to a month's end tells the state of that month.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import chain
from typing import Any, Literal

import polars as pl
from pydantic import ValidationError, model_validator

from minzheng.contracts.datasets import Strict
from minzheng.contracts.faults import Place, first_fault
from minzheng.contracts.plans import Plan, Task, plan, plan_ids
from minzheng.custody.home import Home
from minzheng.custody.vault import write_synced
from minzheng.errors import Fault, MinzhengError
from minzheng.months import month_end
from minzheng.progress.table import Bases, Verdict, progress_table, schema_of, verdict_frame

TaskState = Literal["not_started", "under_way", "done"]
STATE_ZH = {
    "not_reported": "未填报",
    "not_started": "未启动",
    "under_way": "推进中",
    "done": "已完成",
}
REPORT_HEADINGS = {
    "任务编号": "task",
    "状态": "state",
    "日期": "date",
    "依据": "evidence",
    "填报单位": "office",
}
TOO_WIDE = Fault("more cells than headings", "单元格多于表头")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStand:
    """Where a task stands as of a month; `partners` and `clauses` are comma-separated."""

    task_id: str
    plan_id: str
    kind: str  # system or document
    title_zh: str
    title_en: str
    asks_zh: str
    office: str
    partners: str
    clauses: str
    state: str  # not_reported, not_started, under_way, done
    date: dt.date | None
    evidence: str | None
    reported_by: str | None

    @property
    def state_zh(self) -> str:
        """As a planner reads it: 已完成(2024-05-06,刚民〔2024〕12号)."""
        facts = ",".join(str(part) for part in (self.date, self.evidence) if part)
        return STATE_ZH[self.state] + (f"({facts})" if facts else "")


TASKS = schema_of(TaskStand)


class Report(Strict):
    """What an office reported of a task: its state on a day, on what evidence (a document's number, a system's name)."""

    task: str
    state: TaskState
    date: dt.date
    evidence: str | None = None
    office: str

    @model_validator(mode="after")
    def _is_evidenced(self) -> "Report":
        if self.state == "done" and not self.evidence:
            raise Fault("done without evidence", "已完成的须写明依据")
        return self


def known_tasks() -> dict[str, Task]:
    """The tasks of all the county's plans by id, for the office reports a task without naming its plan."""
    every = chain.from_iterable(plan(plan_id).tasks for plan_id in plan_ids())
    return {task.id: task for task in every}


def read_reports(text: str) -> tuple[Report, ...]:
    """Reports from CSV text with the headings of `REPORT_HEADINGS`, in the order of the lines.

    `MinzhengError` names the line: other headings, an unknown task or state, no date, done without evidence.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if list(reader.fieldnames or ()) != list(REPORT_HEADINGS):
        told = ",".join(REPORT_HEADINGS)
        raise MinzhengError(f"tasks.csv: the headings must be {told}", f"tasks.csv:表头应为 {told}")
    return tuple(_report(reader.line_num, row) for row in reader)


def _report(line: int, row: dict[str | None, Any]) -> Report:
    states = {word: code for code, word in STATE_ZH.items()}
    given = {
        name: (row[heading] or "").strip() or None for heading, name in REPORT_HEADINGS.items()
    }
    given["state"] = states.get(given["state"], given["state"])
    given["date"] = re.sub(r"^(\d{4})/(\d\d?)/(\d\d?)$", _dashed, given["date"] or "") or None
    fault = _fault(given["task"]) if None not in row else TOO_WIDE
    try:
        report = Report.model_validate(given)
    except ValidationError as error:
        fault = fault or first_fault(error, _heading)
    if fault:
        raise MinzhengError(
            f"tasks.csv line {line}: {fault}", f"tasks.csv 第{line}行有误：{fault.zh}"
        )
    return report


def _fault(task: str | None) -> Fault | None:
    if task in known_tasks():
        return None
    return Fault(f"no task {task or ''}", f"没有任务 {task or ''}")


def _heading(loc: Place) -> str:
    """A cell by its column's heading, as the file has it."""
    headings = {name: heading for heading, name in REPORT_HEADINGS.items()}
    return headings.get(loc[0], str(loc[0]))


def _dashed(day: re.Match) -> str:
    """A day as Excel writes it, 2024/5/6, with dashes."""
    return "{}-{:0>2}-{:0>2}".format(*day.groups())


def reports(home: Home) -> tuple[Report, ...]:
    """The reports of the home's `tasks.csv`, in UTF-8 or as a Chinese Excel saves it; none while there is no such file."""
    return read_reports(_held(home)[0]) if home.tasks.exists() else ()


def _held(home: Home) -> tuple[str, str]:
    """The text of the home's `tasks.csv` and its encoding."""
    content = home.tasks.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise MinzhengError(
        "tasks.csv is neither UTF-8 nor GB18030", "tasks.csv 的编码既非 UTF-8 也非 GB18030"
    )


def add_report(
    home: Home, task: str, state: str, date: dt.date, evidence: str = "", office: str = ""
) -> None:
    """Append a report to the home's `tasks.csv`, which must be in order; `state` in Chinese, as in `STATE_ZH`.

    Without `office` the office responsible reports. `MinzhengError` as `read_reports`; then nothing is written.
    """

    known = known_tasks().get(task)
    office = office or (known.office if known else "")
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([task, state, date, evidence, office])
    head = ",".join(REPORT_HEADINGS) + "\n"
    held, encoding = _held(home) if home.tasks.exists() else (head, "utf-8-sig")
    whole = held + ("" if held.endswith("\n") else "\n") + line.getvalue()
    read_reports(whole)
    write_synced(home.tasks, whole.encode(encoding))


def task_table(plans: Iterable[Plan], reported: Iterable[Report], month: str) -> pl.DataFrame:
    """The tasks of the plans as of a month, columns of `TASKS`, in the plans' order.

    The report with the latest date up to the month's end counts, of equals the later line; of a plan that has ended, up
    to the plan's end. Without one the state is `not_reported` and date, evidence and reported_by are null.
    """
    in_order = sorted(reported, key=lambda report: report.date)
    stands = [list(_stands(one, in_order, one.as_of(month))) for one in plans]
    return pl.DataFrame([astuple(stand) for stand in sum(stands, [])], schema=TASKS, orient="row")


def _stands(one: Plan, reported: list[Report], month: str) -> Iterator[TaskStand]:
    newest = {report.task: report for report in reported if report.date <= month_end(month)}
    for task in one.tasks:
        report = newest.get(task.id)
        yield TaskStand(
            task_id=task.id,
            plan_id=one.plan,
            kind=task.kind,
            title_zh=task.title.zh,
            title_en=task.title.en,
            asks_zh=task.asks_zh,
            office=task.office,
            partners=",".join(task.partners),
            clauses=",".join(task.clauses),
            state=report.state if report else "not_reported",
            date=report.date if report else None,
            evidence=report.evidence if report else None,
            reported_by=report.office if report else None,
        )


def task_stands(tasks: pl.DataFrame) -> list[TaskStand]:
    """The rows of a `task_table`, in its order."""
    return [TaskStand(**row) for row in tasks.iter_rows(named=True)]


def task_progress(tasks: pl.DataFrame, of: Plan) -> pl.DataFrame:
    """The plan's tasks as rows of the progress table: nature `task`, no numbers; a task done is `target_achieved`.

    `tasks` as `task_table` gives them; those of another plan are left out. The published method judges what is yes or no
    by met or not met; what is not met has no class. `target_source` names the clauses (or the article) that ask for it,
    `status_stable_since` the month of the report.
    """
    sources = {task.id: task.source for task in of.tasks}
    stands = [stand for stand in task_stands(tasks) if stand.plan_id == of.plan]
    return verdict_frame(
        Verdict(
            indicator_id=stand.task_id,
            ref_area=of.area,
            plan_id=of.plan,
            nature="task",
            target_period=of.last[:4],
            target_source=sources.get(stand.task_id) or stand.clauses.replace(",", " "),
            target_verified=True,
            status_path="target_achieved" if stand.state == "done" else None,
            status_stable_since=f"{stand.date:%Y-%m}" if stand.state == "done" else None,
        )
        for stand in stands
    )


def counts_zh(tasks: pl.DataFrame) -> str:
    """How many tasks stand where, in one phrase: 已完成3项、推进中2项、未填报18项."""
    counted = dict(tasks.group_by("state").len().iter_rows())
    return "、".join(
        f"{STATE_ZH[state]}{counted[state]}项" for state in reversed(STATE_ZH) if state in counted
    )


def progress(
    observations: pl.DataFrame,
    tasks: pl.DataFrame,
    plans: Sequence[Plan],
    month: str,
    bases: Mapping[str, Bases] | None = None,
) -> pl.DataFrame:
    """Every row and task of the plans that the month concerns; `bases`: plan id to what it takes over."""

    taken = bases or {}
    rows = [progress_table(observations, plan, month, taken.get(plan.plan)) for plan in plans]
    return pl.concat([verdict_frame(()), *rows, *(task_progress(tasks, plan) for plan in plans)])
