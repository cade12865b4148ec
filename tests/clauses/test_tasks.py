"""Tasks that no number measures: what the offices report of them, as of a month, and as rows of progress."""

import datetime as dt
import os
import subprocess
import sys

import polars as pl
import pytest
import yaml

from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.plans import PLANS, plan, plan_of
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.indicators.models import OBSERVATIONS
from minzheng.progress.table import PROGRESS_SCHEMA
from minzheng.progress.tasks import (
    TASKS,
    add_report,
    counts_zh,
    read_reports,
    reports,
    task_progress,
    task_table,
)
from minzheng.publish.evaluation.frozen import concerned
from minzheng.publish.release.draft import plan_versions, progress
from tests.place import AREA, AREA_NAME

HEAD = "任务编号,状态,日期,依据,填报单位\n"
REPORTED = (
    HEAD
    + f"""SYS-AUDIT,推进中,2024-03-01,,{AREA_NAME}民政局
SYS-AUDIT,已完成,2024-05-06,刚民〔2024〕12号,{AREA_NAME}民政局
SYS-DOC-1,未启动,2024/4/9,,示例民政局
SYS-AUDIT,推进中,2024-05-06,"刚民〔2024〕12号,修订中",{AREA_NAME}民政局
"""
)


def table(month, text=REPORTED):
    return task_table([plan("145")], read_reports(text), month)


def state(found, task):
    return found.row(by_predicate=pl.col("task_id") == task, named=True)


@pytest.mark.parametrize(
    ("month", "task", "expected"),
    [
        ("2024-02", "SYS-AUDIT", ("not_reported", None, None, None)),
        ("2024-04", "SYS-AUDIT", ("under_way", dt.date(2024, 3, 1), None, f"{AREA_NAME}民政局")),
        (
            "2024-05",
            "SYS-AUDIT",
            ("under_way", dt.date(2024, 5, 6), "刚民〔2024〕12号,修订中", f"{AREA_NAME}民政局"),
        ),
        ("2024-04", "SYS-DOC-1", ("not_started", dt.date(2024, 4, 9), None, "示例民政局")),
        ("2024-05", "SYS-DOC-2", ("not_reported", None, None, None)),
    ],
)
def test_a_month_knows_the_newest_report_up_to_its_end_and_of_a_day_the_later_line(
    month, task, expected
):
    assert (
        tuple(
            state(table(month), task)[name] for name in ("state", "date", "evidence", "reported_by")
        )
        == expected
    )


def test_every_task_of_the_plan_has_a_row_in_every_month():
    assert table("2021-01")["task_id"].to_list() == [task.id for task in plan("145").tasks]
    assert dict(table("2024-05").schema) == TASKS
    assert counts_zh(table("2024-05")) == "推进中1项、未启动1项、未填报21项"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("任务,状态\n", "headings must be"),
        (
            HEAD + f"SYS-AUDIT,已完成,2024-05-06,,{AREA_NAME}民政局\n",
            "line 2: .*done without evidence",
        ),
        (
            HEAD + f"SYS-AUDIT,差不多,2024-05-06,,{AREA_NAME}民政局\n",
            "line 2: 状态: Input should be",
        ),
        (HEAD + f"SYS-AUDIT,推进中,,,{AREA_NAME}民政局\n", "line 2: 日期: "),
        (HEAD + f"SYS-AUDIT,推进中,2024-02-30,,{AREA_NAME}民政局\n", "line 2: 日期: "),
        (HEAD + "SYS-AUDIT,推进中,2024-02-01,,\n", "line 2: 填报单位: "),
        (
            HEAD + "SYS-AUDIT,推进中,2024-02-01,,甲\nSYS-X,推进中,2024-02-01,,甲\n",
            "line 3: no task SYS-X",
        ),
        (HEAD + "SYS-AUDIT,推进中,2024-02-01,,甲,乙\n", "line 2: more cells"),
    ],
)
def test_a_report_out_of_order_is_refused_with_its_line(text, complaint):
    with pytest.raises(MinzhengError, match=complaint) as raised:
        read_reports(text)
    assert "\n" not in str(raised.value)
    assert raised.value.zh != str(raised.value)


def test_a_list_of_tasks_refuses_unknown_keys():
    task = "{id: X, system: X, kind: system, title: {zh: 示例, en: Example}, asks: 示例, clauses: [], office: 甲, colour: red}"
    head = read_yaml(PLANS / "145" / "plan.yaml") | {"rows": read_yaml(PLANS / "145" / "rows.yaml")}
    with pytest.raises(MinzhengError, match="tasks.X.colour: Extra inputs are not permitted"):
        plan_of(head | {"tasks": yaml.safe_load(f"[{task}]")})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_saved_by_a_spreadsheet_is_read_and_added_to_in_its_own_encoding(tmp_path, encoding):
    home = Home(tmp_path)
    home.tasks.parent.mkdir()
    home.tasks.write_bytes(REPORTED.rstrip("\n").encode(encoding))
    add_report(home, "SYS-DOC-2", "推进中", dt.date(2024, 6, 1))
    assert (
        home.tasks.read_bytes()
        .decode(encoding)
        .endswith(f'修订中",{AREA_NAME}民政局\nSYS-DOC-2,推进中,2024-06-01,,{AREA_NAME}民政局\n')
    )
    assert [report.task for report in reports(home)] == [
        "SYS-AUDIT",
        "SYS-AUDIT",
        "SYS-DOC-1",
        "SYS-AUDIT",
        "SYS-DOC-2",
    ]


def test_a_refused_report_leaves_the_file_as_it_was(tmp_path):
    home = Home(tmp_path)
    assert reports(home) == ()
    with pytest.raises(MinzhengError, match="done without evidence"):
        add_report(home, "SYS-AUDIT", "已完成", dt.date(2024, 5, 6))
    assert not home.tasks.exists()


def test_tasks_are_rows_of_progress_and_what_was_reported_is_among_what_a_release_was_judged_by(
    tmp_path,
):
    home = Home(tmp_path)
    before = plan_versions(home, "2024-05")
    add_report(home, "SYS-AUDIT", "已完成", dt.date(2024, 5, 6), "刚民〔2024〕12号")
    known = task_table([plan("145")], reports(home), "2024-05")
    rows = progress(pl.DataFrame(schema=OBSERVATIONS), known, [plan("145")], "2024-05")
    assert dict(rows.schema) == PROGRESS_SCHEMA
    tasks = rows.filter(pl.col("nature") == "task")
    assert (tasks.height, rows.height) == (23, 23 + len(plan("145").rows))
    done = tasks.row(by_predicate=pl.col("indicator_id") == "SYS-AUDIT", named=True)
    assert {name: value for name, value in done.items() if value is not None} == {
        "indicator_id": "SYS-AUDIT", "ref_area": AREA, "plan_id": "145", "nature": "task", "target_period": "2025",
        "target_source": "GC145-3.1.3-s3-f1 GC145-3.1.6-s1-f2", "target_verified": True, "status_path": "target_achieved",
        "status_stable_since": "2024-05",
    }  # fmt: skip
    assert tasks["status_path"].null_count() == 22
    assert set(plan_versions(home, "2024-05")) - set(before) == {"tasks"}


@pytest.mark.parametrize(
    ("month", "plans"), [("2020-12", set()), ("2025-12", {"145"}), ("2026-01", {"145", "155"})]
)
def test_progress_is_told_of_every_plan_that_the_month_concerns(tmp_path, month, plans):
    home = Home(tmp_path)
    rows = progress(pl.DataFrame(schema=OBSERVATIONS), table(month), concerned(home, month), month)
    assert set(rows["plan_id"]) == plans == set(plan_versions(home, month))


def test_another_plans_tasks_are_not_its_rows():
    assert task_progress(table("2026-01"), plan("155")).is_empty()


def test_a_task_that_a_law_asks_for_names_its_article():
    told = task_progress(task_table([plan("155")], (), "2026-07"), plan("155"))
    sources = dict(told.select("indicator_id", "target_source").iter_rows())
    assert sources["LAW-SPOT-CHECK"] == "社会救助法第四十六条"
    assert all("法第" in source or "待核实" in source for source in sources.values())


def test_an_officer_reports_and_lists_on_the_command_line(tmp_path):
    Home(tmp_path).create()

    def call(*words):
        environment = {**os.environ, "MINZHENG_HOME": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", "from minzheng.cli import main; main()", "tasks", *words],
            capture_output=True,
            text=True,
            env=environment,
        )

    told = call(
        "report",
        "SYS-DOC-4",
        "--state",
        "已完成",
        "--date",
        "2024-05-06",
        "--evidence",
        "刚民〔2024〕12号",
    )
    assert told.returncode == 0, told.stderr
    listed = call("list", "--month", "2024-05").stdout
    assert (
        f"SYS-DOC-4 社会组织登记管理信息系统 {AREA_NAME}民政局 已完成(2024-05-06,刚民〔2024〕12号)\n"
        in listed
    )
    refused = call("report", "SYS-X", "--state", "推进中", "--date", "2024-05-06")
    assert (
        refused.returncode,
        "没有任务 SYS-X" in refused.stderr,
        "Traceback" in refused.stderr,
    ) == (1, True, False)
