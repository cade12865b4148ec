"""The evaluation as a workbook: one table a sheet, real numbers, ready to print."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from minzheng.contracts.plans import NATURE_ZH
from minzheng.months import month_zh
from minzheng.progress.clauses import KIND_ZH
from minzheng.progress.evaluation import Evaluated
from minzheng.progress.targets import OUTCOME_ZH
from minzheng.publish.cells import full_width
from minzheng.publish.evaluation.document import crosswalk_table, measures
from minzheng.publish.evaluation.model import (
    Evaluation,
    chinese,
    evaluation_words,
    figure_text,
    target_text,
    why,
)
from minzheng.publish.tables.sheets import HEADER_ROW, Entry, Rounded, Sheets

EVERY = 99
CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zones; a fixed date keeps the bytes stable


def write_workbook(one: Evaluation, path: Path, marking: str) -> None:
    """Write the workbook, each page marked; the same evaluation gives the same bytes."""
    import xlsxwriter  # heavy: only where a workbook is written

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        about = {"title": one.title, "company": one.plan.owner, "category": marking}
        book.set_properties({**about, "created": CREATED})
        sheets = Sheets(book, marking)
        _table(
            sheets,
            "指标",
            f"规划指标评估表（{one.title}）",
            one,
            ROWS,
            [_row(item) for item in one.of("row")],
        )
        _table(
            sheets, "任务", "规划任务评估表", one, TASKS, [_task(item) for item in one.of("task")]
        )
        _table(
            sheets,
            "条款",
            "规划条款评估表",
            one,
            CLAUSES,
            [_clause(one, item) for item in one.of("clause")],
        )
        _table(sheets, "目标沿革", "目标和年度目标", one, TARGETS, _targets(one))
        _table(
            sheets,
            "数据可信程度",
            "数据可信程度",
            one,
            TRUST,
            [_year(one, at) for at in range(len(one.trust))],
        )
        if one.successor:
            drawn = crosswalk_table(one)
            heads = [(column.heading, column.width) for column in drawn.columns]
            lines = [[span.text for span in row] for row in drawn.rows]
            _table(sheets, "衔接", "与下一规划的衔接", one, heads, lines)


def _table(
    sheets: Sheets,
    name: str,
    title: str,
    one: Evaluation,
    columns: Sequence[tuple[str, float]],
    rows: Sequence[Sequence[Entry]],
) -> None:
    sheet = sheets.sheet(
        name, title, f"第{one.revision}版，按{month_zh(one.month)}数据", columns, 1
    )
    for at, row in enumerate(rows, HEADER_ROW + 1):
        sheets.row(sheet, at, row)


ROWS = [
    ("指标", 26), ("性质", 9), ("单位", 9), ("基期", 8), ("基数", 9), ("目标期", 8), ("目标", 9),
    ("目标已核实", 8), ("期末", 8), ("期末值", 9), ("分子", 9), ("分母", 9), ("评价方法", 12), ("结论", 9),
    ("持续达到始于", 9), ("差距", 8), ("差距单位", 8), ("依据或原因", 40), ("基数和目标说明", 40), ("指标代码", 24),
]  # fmt: skip
TASKS = [
    ("任务", 30),
    ("要求", 50),
    ("结论", 10),
    ("依据或原因", 44),
    ("对应条款", 40),
    ("任务代码", 24),
]
CLAUSES = [("条款", 20), ("原文", 60), ("类别", 14), ("衡量事项", 40), ("结论", 11), ("说明", 44)]
TARGETS = [
    ("指标", 30), ("地区", 12), ("序号", 6), ("事项", 10), ("应达期", 9), ("应达值", 10), ("单位", 11), ("决定文件", 24),
    ("决定日期", 12), ("生效", 10), ("当期值", 10), ("结果", 12), ("出处", 60),
]  # fmt: skip
TRUST = [
    ("年份", 8),
    ("应报（份）", 11),
    ("按时（份）", 11),
    ("迟报（份）", 11),
    ("未报（份）", 11),
    ("未更正行", 11),
    ("修订（个）", 11),
]


def _figure(item: Evaluated, value: float | None) -> Entry:
    text = figure_text(item, value, unit=False)
    return Rounded(text, item.decimals or 0) if text and item.unit_measure != "是/否" else text


def _row(item: Evaluated) -> list[Entry]:
    word = evaluation_words()
    verified = "" if item.target_value is None else "是" if item.target_verified else "待核实"
    target = target_text(item, unit=False).rstrip("*")
    return [
        full_width(item.name_zh),
        NATURE_ZH[item.nature].partition("(")[0],
        item.unit_measure or "",
        item.baseline_period or "",
        _figure(item, item.baseline_value),
        item.target_period or "",
        target if item.target_upper is not None else _figure(item, item.target_value),
        verified,
        item.final_period or "",
        _figure(item, item.final_value),
        item.numerator,
        item.denominator,
        word.methods[item.method].zh,
        word.verdict(item.verdict),
        item.since or "",
        item.gap_value,
        item.gap_unit or "",
        why(item),
        chinese(item.note),
        item.item_id,
    ]


def _task(item: Evaluated) -> list[Entry]:
    verdict = evaluation_words().verdict(item.verdict)
    return [
        item.name_zh,
        chinese(item.note),
        verdict,
        why(item),
        item.target_source or "",
        item.item_id,
    ]


def _clause(one: Evaluation, item: Evaluated) -> list[Entry]:
    verdict = evaluation_words().verdict(item.verdict)
    return [
        item.item_id,
        item.name_zh,
        KIND_ZH[item.nature],
        measures(one, item, EVERY),
        verdict,
        why(item),
    ]


def _targets(one: Evaluation) -> list[list[Entry]]:
    names, places = one.published.indicators, one.published.names
    kinds = {"target": "规划目标", "milestone": "年度目标"}
    rows = one.published.frames.targets.filter(plan_id=one.plan.plan).iter_rows(named=True)
    return [
        [
            (names.get(row["indicator_id"]) or {}).get("name_zh") or row["indicator_id"],
            places.get(row["ref_area"], row["ref_area"]),
            row["target_line"],
            kinds[row["due_kind"]],
            row["due_period"],
            row["due_value"],
            row["unit_measure"],
            row["document"] or "",
            str(row["decided_on"] or ""),
            row["valid_from"],
            row["obs_value"],
            OUTCOME_ZH[row["outcome"]],
            full_width(row["target_source"]),
        ]
        for row in rows
    ]


def _year(one: Evaluation, at: int) -> list[Entry]:
    year = one.trust[at]
    return [
        year.year,
        year.due,
        year.in_time,
        year.late,
        year.missing,
        year.quarantined,
        year.revised,
    ]
