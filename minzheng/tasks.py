"""The tasks of a plan that no number measures: systems to build, documents to issue, and what the offices report of them.

What each task asks, and of whom, is `contracts/tasks.yaml`. How far it has come is `tasks.csv` in the home, one line a
report, never overwritten: the newest report dated up to a month's end tells the state of that month.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

import polars as pl
import yaml
from pydantic import ValidationError, model_validator

from minzheng.contracts import CONTRACTS, Bilingual, Strict
from minzheng.errors import MinzhengError
from minzheng.home import Home
from minzheng.months import month_end
from minzheng.plans import Plan, plan_for
from minzheng.progress.table import PROGRESS_SCHEMA, progress_table

TaskState = Literal["not_started", "under_way", "done"]
STATE_ZH = {"not_reported": "未填报", "not_started": "未启动", "under_way": "推进中", "done": "已完成"}
REPORT_HEADINGS = {"任务编号": "task", "状态": "state", "日期": "date", "依据": "evidence", "填报单位": "office"}
TASKS = {
    "task_id": pl.String,
    "plan_id": pl.String,
    "kind": pl.String,  # system or document
    "title_zh": pl.String,
    "title_en": pl.String,
    "asks_zh": pl.String,
    "office": pl.String,
    "partners": pl.String,  # comma-separated
    "clauses": pl.String,  # comma-separated
    "state": pl.String,  # not_reported, not_started, under_way, done
    "date": pl.Date,
    "evidence": pl.String,
    "reported_by": pl.String,
}


class Task(Strict):
    """A system to build or a document to issue, and the office that answers for it."""

    id: str
    system: str
    kind: Literal["system", "document"]
    title: Bilingual
    asks: str
    clauses: list[str]
    office: str
    partners: list[str] = []


class TaskList(Strict):
    """The tasks of a plan."""

    plan: str
    tasks: list[Task]


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
            raise ValueError("done without evidence (已完成须写明依据)")
        return self


def read_tasks(text: str) -> TaskList:
    """Tasks from YAML text; `MinzhengError` names what is wrong."""
    try:
        return TaskList.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        fault = _first_fault(error)
    except yaml.YAMLError as error:
        fault = str(error).split("\n")[0]
    raise MinzhengError(f"tasks: {fault}", f"任务清单有误:{fault}")


@cache
def task_list() -> TaskList:
    """The tasks of `contracts/tasks.yaml`."""
    return read_tasks((CONTRACTS / "tasks.yaml").read_text(encoding="utf-8"))


def read_reports(text: str) -> tuple[Report, ...]:
    """Reports from CSV text with the headings of `REPORT_HEADINGS`, in the order of the lines.

    `MinzhengError` names the line: other headings, an unknown task or state, no date, done without evidence.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if list(reader.fieldnames or ()) != list(REPORT_HEADINGS):
        told = ",".join(REPORT_HEADINGS)
        raise MinzhengError(f"tasks.csv: the headings must be {told}", f"tasks.csv:表头应为 {told}")
    return tuple(_report(reader.line_num, row) for row in reader)


def _report(line: int, row: dict) -> Report:
    states = {word: code for code, word in STATE_ZH.items()}
    given = {name: (row[heading] or "").strip() or None for heading, name in REPORT_HEADINGS.items()}
    given["state"] = states.get(given["state"], given["state"])
    given["date"] = re.sub(r"^(\d{4})/(\d\d?)/(\d\d?)$", _dashed, given["date"] or "") or None
    fault = _fault(given["task"]) if None not in row else "more cells than headings (单元格多于表头)"
    try:
        report = Report.model_validate(given)
    except ValidationError as error:
        fault = fault or _first_fault(error)
    if fault:
        raise MinzhengError(f"tasks.csv line {line}: {fault}", f"tasks.csv 第{line}行有误:{fault}")
    return report


def _fault(task: str | None) -> str:
    known = {one.id for one in task_list().tasks}
    return "" if task in known else f"no task {task or ''} (没有这项任务)"


def _dashed(day: re.Match) -> str:
    """A day as Excel writes it, 2024/5/6, with dashes."""
    return "{}-{:0>2}-{:0>2}".format(*day.groups())


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    return ": ".join(part for part in (".".join(map(str, first["loc"])), first["msg"]) if part)


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
    raise MinzhengError("tasks.csv is neither UTF-8 nor GB18030", "tasks.csv 的编码既非 UTF-8 也非 GB18030")


def add_report(home: Home, task: str, state: str, date: dt.date, evidence: str = "", office: str = "") -> None:
    """Append a report to the home's `tasks.csv`, which must be in order; `state` in Chinese, as in `STATE_ZH`.

    Without `office` the office responsible reports. `MinzhengError` as `read_reports`; then nothing is written.
    """
    from minzheng.vault import write_synced

    office = office or next((known.office for known in task_list().tasks if known.id == task), "")
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([task, state, date, evidence, office])
    head = ",".join(REPORT_HEADINGS) + "\n"
    held, encoding = _held(home) if home.tasks.exists() else (head, "utf-8-sig")
    whole = held + ("" if held.endswith("\n") else "\n") + line.getvalue()
    read_reports(whole)
    write_synced(home.tasks, whole.encode(encoding))


def task_table(tasks: TaskList, reported: Iterable[Report], month: str) -> pl.DataFrame:
    """The tasks as of a month, columns of `TASKS`, in the plan's order.

    The report with the latest date up to the month's end counts, of equals the later line; without one the state is
    `not_reported` and date, evidence and reported_by are null.
    """
    newest: dict[str, Report] = {}
    for report in sorted(reported, key=lambda report: report.date):
        if report.date <= month_end(month):
            newest[report.task] = report
    rows = []
    for task in tasks.tasks:
        told = newest.get(task.id)
        what = (task.kind, task.title.zh, task.title.en, task.asks)
        whose = (task.office, ",".join(task.partners), ",".join(task.clauses))
        stand = (told.state, told.date, told.evidence, told.office) if told else ("not_reported", None, None, None)
        rows.append((task.id, tasks.plan, *what, *whose, *stand))
    return pl.DataFrame(rows, schema=TASKS, orient="row")


def state_zh(row: dict) -> str:
    """The state of a row of `task_table` as a planner reads it: 已完成(2024-05-06,刚民〔2024〕12号)."""
    facts = ",".join(str(part) for part in (row["date"], row["evidence"]) if part)
    return STATE_ZH[row["state"]] + (f"({facts})" if facts else "")


def task_progress(tasks: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The plan's tasks as rows of the progress table: nature `task`, no numbers; a task done is `target_achieved`.

    `tasks` as `task_table` gives them; those of another plan are left out. The published method judges what is yes or no
    by met or not met; what is not met has no class. `target_source` names the clauses, `status_stable_since` the month of
    the report.
    """
    rows = tasks.filter(pl.col("plan_id") == plan.plan)
    done = pl.col("state") == "done"
    told = rows.select(
        "plan_id",
        indicator_id="task_id",
        ref_area=pl.lit(plan.area),
        nature=pl.lit("task"),
        target_period=pl.lit(plan.last[:4]),
        target_source=pl.col("clauses").str.replace_all(",", " "),
        target_verified=pl.lit(True),
        status_path=pl.when(done).then(pl.lit("target_achieved")),
        status_stable_since=pl.when(done).then(pl.col("date").dt.strftime("%Y-%m")),
    )
    absent = [pl.lit(None).alias(name) for name in PROGRESS_SCHEMA if name not in told.columns]
    return told.with_columns(absent).select(*PROGRESS_SCHEMA).cast(PROGRESS_SCHEMA)


def counts_zh(tasks: pl.DataFrame) -> str:
    """How many tasks stand where, in one phrase: 已完成3项、推进中2项、未填报18项."""
    counted = dict(tasks.group_by("state").len().iter_rows())
    return "、".join(f"{STATE_ZH[state]}{counted[state]}项" for state in reversed(STATE_ZH) if state in counted)


def progress(observations: pl.DataFrame, tasks: pl.DataFrame, month: str) -> pl.DataFrame:
    """Every row of the plan in force in the month and its tasks; empty outside of any plan."""
    plan = plan_for(month)
    if plan is None:
        return pl.DataFrame(schema=PROGRESS_SCHEMA)
    return pl.concat([progress_table(observations, plan, month), task_progress(tasks, plan)])
