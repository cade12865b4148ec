"""What changed for a receiver since the last time they were sent something: cell by cell, with the class of reason."""

from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.regions import region_names
from minzheng.contracts.report import words
from minzheng.indicators.revisions import changed_cells, named_arrivals
from minzheng.months import month_zh
from minzheng.publish.numbers import printed
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.writing import released_frame
from minzheng.publish.tables.sheets import HEADER_ROW, Sheets
from minzheng.publish.tables.workbook import CREATED

COLUMNS = {
    "指标": 34,
    "地区": 14,
    "月份": 10,
    "分组": 20,
    "上次报送": 13,
    "本次报送": 13,
    "原因": 13,
}
"""Columns of the sheet and their widths in digits."""
STATUS_ZH = {"M": "缺报", "L": "不适用", "C": "未公开", "U": "待补"}
NAMED = 20
"""Changes that a letter names one by one."""


def changes(old: Path, new: Path) -> pl.DataFrame:
    """The cells that differ between two packages for the months both hold, as text in `COLUMNS`."""
    frames = [released_frame(folder, "observations") for folder in (old, new)]
    inputs = [read_manifest(folder).content.get("inputs", []) for folder in (old, new)]
    changed = changed_cells(*frames, named_arrivals(*inputs))
    rows = [_row(row) for row in changed.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    indicator = registry().get(row["indicator_id"])
    name, decimals = (
        (indicator.names.zh, indicator.decimals) if indicator else (row["indicator_id"], 2)
    )
    parts = [row[dimension] for dimension in DIMENSIONS if row[dimension] != "_T"]
    values = [
        _side(row[f"{side}_value"], row[f"{side}_status"], decimals) for side in ("old", "new")
    ]
    area, reason = (
        region_names().get(row["ref_area"], row["ref_area"]),
        words().reason(row["reason"]),
    )
    return name, area, row["time_period"], "、".join(parts) or "合计", *values, reason


def _side(value: float | None, status: str | None, decimals: int) -> str:
    if value is None:
        return STATUS_ZH.get(status or "", "无")
    return printed(value, decimals) + ("（不完整）" if status == "U" else "")


def summary(changed: pl.DataFrame, before: str) -> str:
    """One sentence: how many cells changed since the release `before`, by reason."""
    month, _, revision = before.rpartition("-r")
    against = f"与上次报送（{month_zh(month)}第{revision}版）相比"
    if changed.is_empty():
        return f"{against}，此前各月数据没有变化。"
    counts = changed["原因"].value_counts().sort("count", "原因", descending=[True, False])
    told = "、".join(f"{reason}{count}项" for reason, count in counts.iter_rows())
    return f"{against}，此前各月数据有{changed.height}项变化：{told}。"


def lines(changed: pl.DataFrame) -> list[str]:
    """The changes a letter names, one line each, and how many more the sheet holds."""
    told = [
        f"{name}（{area}，{month_zh(month)}{'' if group == '合计' else '，' + group}）：{old}→{new}（{reason}）"
        for name, area, month, group, old, new, reason in changed.head(NAMED).iter_rows()
    ]
    more = changed.height - len(told)
    return told + ([f"另有{more}项，见 changes.xlsx。"] if more else [])


def write_changes(changed: pl.DataFrame, title: str, words_of_sender: str, path: Path) -> None:
    """The sheet 变化说明; the same changes give the same bytes."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "变化说明", "created": CREATED})
        sheets = Sheets(book)
        sheet = sheets.sheet(
            "变化说明", "变化说明", title + words_of_sender, list(COLUMNS.items()), 1
        )
        for at, row in enumerate(changed.iter_rows(), HEADER_ROW + 1):
            sheets.row(sheet, at, row)
