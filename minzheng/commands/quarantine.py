"""List the quarantined rows of a month: file, sheet, row, column, rule, township, masked value."""

import json

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.intake.returns import open_items
from minzheng.months import month_zh
from minzheng.warehouse.connection import open_warehouse


@click.command()
@month_option(required=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for programs.")
@click.option(
    "--all", "everything", is_flag=True, help="Also rows of files that later ones replaced."
)
@home_option
@witnessed("look at quarantine", "month")
def command(month: str, as_json: bool, everything: bool, home: Home) -> None:
    """List the quarantined rows of a month: file, sheet, row, column, rule, township, masked value.

    Example: minzheng quarantine --month 2024-03 --json
    """

    with open_warehouse(home) as connection:
        items = open_items(connection, month, everything=everything)
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
        return
    if not items:
        click.echo(f"{month}: no quarantined rows {month_zh(month)}没有隔离的行")
    for item in items:
        place = f"{item['file']} {item['sheet'] or ''} 第{item['row']}行 {item['column'] or ''}"
        click.echo(f"{place}：{item['sentence']}（{item['rule']}）")
