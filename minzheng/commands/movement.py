"""Show why the headline figures are not what they were the month before."""

from pathlib import Path

import click

from minzheng.commands import csv_option, home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.indicators.movement import PARTS, movements
from minzheng.indicators.revisions import named
from minzheng.publish.release.files import write_csv
from minzheng.warehouse.connection import open_warehouse

HEADINGS = ("上月", "新增", "退出", "转入", "转出", "分母变化", "口径调整", "修订", "本月")
REASON_ZH = {"missing": "缺数据"}


@click.command()
@home_option
@month_option(required=True)
@csv_option()
@witnessed("look at flows", "month", "path")
def command(home: Home, month: str, path: Path | None) -> None:
    """Decompose each headline's change into new, gone, moved, denominator, definition and revision; the parts add up.

    Example: minzheng movement --month 2024-03
    """

    with open_warehouse(home) as connection:
        moved = movements(connection, month)
    if path:
        write_csv(moved, path)
    for row in moved.iter_rows(named=True):
        told = REASON_ZH.get(row["reason"] or "")
        values = zip(
            HEADINGS, (row[name] for name in ("previous_value", *PARTS, "value")), strict=True
        )
        shown = told or " ".join(
            f"{name}{value:.10g}" for name, value in values if value or name in ("上月", "本月")
        )
        click.echo(f"{named(row['indicator_id'], row['ref_area'])} {shown}")
