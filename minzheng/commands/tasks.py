"""The tasks of the plan that no number measures: list them, report how far they have come."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.progress.tasks import add_report, counts_zh, reports, task_stands, task_table
from minzheng.publish.evaluation.frozen import concerned

STATES = ("未启动", "推进中", "已完成")


@click.group()
def command() -> None:
    """Systems to build and documents to issue: what the outline asks, which office answers, what it reported.

    Example: minzheng tasks report SYS-DOC-4 --state 已完成 --date 2024-05-06 --evidence 刚民〔2024〕12号
    """


@command.command("list")
@home_option
@month_option(required=True, help="As of the end of this month.")
def list_tasks(home: Home, month: str) -> None:
    """One line a task: its code, title, office and state.

    Example: minzheng tasks list --month 2024-06
    """

    table = task_table(concerned(home, month), reports(home), month)
    for stand in task_stands(table):
        click.echo(f"{stand.task_id} {stand.title_zh} {stand.office} {stand.state_zh}")
    click.echo(counts_zh(table))


@command.command("report")
@home_option
@click.argument("task")
@click.option("--state", type=click.Choice(STATES), required=True, help="How far it has come.")
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day it came so far."
)
@click.option(
    "--evidence", default="", help="A document's number or a system's name; 已完成 needs one."
)
@click.option("--office", default="", help="Who reports; the office responsible when not given.")
@witnessed("report a task", "task", "state", "date")
def report(home: Home, task: str, state: str, date, evidence: str, office: str) -> None:
    """Add a report to tasks/tasks.csv of the home; earlier ones stay, the one with the latest date counts.

    The file may also be filled in by hand, in any spreadsheet: 任务编号,状态,日期,依据,填报单位.

    Example: minzheng tasks report SYS-MONITOR --state 推进中 --date 2024-03-01
    """

    add_report(home, task, state, date.date(), evidence, office)
    click.echo(f"{task} {state} {date.date()}")
