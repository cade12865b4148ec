"""Say what has arrived, what is missing, late, refused or quarantined, and which months are released."""

import json
from pathlib import Path

import click

from minzheng.commands import csv_option, home_option, month_option
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.intake.report import status
from minzheng.intake.status_lines import lines, table
from minzheng.months import month_zh
from minzheng.operations.alerts import open_alerts
from minzheng.publish.overview import overview_text
from minzheng.publish.release.manifest import read_manifest


@click.command()
@month_option(help="Only this month.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@csv_option()
@home_option
def command(month: str | None, as_json: bool, path: Path | None, home: Home) -> None:
    """Say what has arrived, what is missing, late, refused or quarantined, and which months are released.

    Example: minzheng status --month 2024-03 --json
    """

    if not home.path.is_dir():
        raise MinzhengError(
            f"there is no home at {home.path}: name it with --home or MINZHENG_HOME",
            f"{home.path} 不存在:请用 --home 或 MINZHENG_HOME 指明",
        )
    facts = status(home, month)
    if path:
        from minzheng.publish.release.files import write_csv  # Polars

        write_csv(table(facts), path)
    for each in facts["months"]:
        draft = home.drafts / each["month"] / "bureau"
        each["counts"] = read_manifest(draft).content.get("counts") if draft.is_dir() else None
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    reminders = [f"提醒（{alert.since[:10]}起）：{alert.zh}" for alert in open_alerts(home)]
    drafted = [
        f"{month_zh(each['month'])}草稿：{overview_text(each['counts'])}"
        for each in facts["months"]
        if each["counts"]
    ]
    click.echo("\n".join([*reminders, *lines(facts), *drafted]))
