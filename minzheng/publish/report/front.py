"""What the prefecture's reader looks at first: one table on the first page, and trends beside the progress figure."""

from minzheng.contracts.report import report_plan
from minzheng.months import month_zh
from minzheng.publish.cell import Cell
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import (
    ProgressChart,
    TrendChart,
    line_of,
    progress_chart,
    series,
    trend_chart,
)
from minzheng.publish.plan_line import pictured
from minzheng.publish.report.blocks import Column, Figure, Table
from minzheng.publish.report.sentences import Span

WIDTHS = {"指标": 60, "本月": 20, "上月": 20, "上年同月": 20, "目标": 20, "评价": 16}


def headline_table(published: Published) -> Table:
    """The main indicators: this month, last month, a year ago, target and class; blank where there is none."""
    first, *figures, last = WIDTHS.items()
    columns = (
        Column(*first, "left"),
        *(Column(*one) for one in figures),
        Column(*last, "center"),
    )
    shown = [code for code in report_plan().headline if published.cell(code).state != "absent"]
    return Table(columns, tuple(headline_row(published, code) for code in shown))


def headline_row(published: Published, code: str) -> tuple[Span, ...]:
    """One indicator's row; every number keeps its cell."""
    now, meta = published.cell(code), published.indicators.get(code, {})
    unit, line = meta.get("unit_measure"), line_of(published.plan_lines, code)
    name = (meta.get("name_zh") or code) + (f"（{unit}）" if unit else "")
    before = (published.month_ago(now), published.year_ago(now))
    target = Span(line.target_text + line.star if line else "")
    judged = Span(line.word if line else "")
    return Span(name), number(now), *(number(cell) for cell in before), target, judged


def number(cell: Cell) -> Span:
    """A cell as a table prints it; nothing for one that the release does not hold."""
    return Span("" if cell.state == "absent" else cell.text, (cell.reference,))


def report_charts(published: Published) -> list[ProgressChart | TrendChart]:
    """What the report draws: the progress of the plan, and the trends that its plan names and the release can draw."""
    shown = [code for code in report_plan().report_trends if code in published.indicators]
    drawn = [code for code in shown if has_values(published, code)]
    progress = [progress_chart(published)] if pictured(published.plan_lines) else []
    return [*progress, *(trend_chart(published, code) for code in drawn)]


def has_values(published: Published, code: str) -> bool:
    """Whether the county's series has a value at all."""
    return any(point.value is not None for point in series(published, code, published.county))


def trend_figures(published: Published) -> list[Figure]:
    """The trends, numbered after the progress figure."""
    made = report_charts(published)
    return [
        Figure(chart.id, f"图{at} {chart.title}（截至{month_zh(published.month)}）", chart.alt)
        for at, chart in enumerate(made, 1)
        if isinstance(chart, TrendChart)
    ]
