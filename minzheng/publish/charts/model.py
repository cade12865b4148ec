"""Chart models: what a picture shows, apart from how it is drawn. `svg` draws them natively, `figures` with Plotly.

A title is a message only where a tested rule gives one; else it names the indicator. No message rests on a difference
smaller than twice the rounding unit or one per cent of the way from base to target.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from minzheng.contracts.plans import time_gone
from minzheng.contracts.report import report_plan, words
from minzheng.months import month_zh
from minzheng.publish.cells import BREAK_ZH, Cell, Published
from minzheng.publish.numbers import numeral_zh, printed, rounded
from minzheng.publish.report.progress_text import LAGGING, PlanLine, office, pictured

TITLE_LENGTH = 20  # characters, Chinese; longer messages give way to the neutral title


@dataclass(frozen=True)
class Chart:
    """What every chart has: id, two-part title, source line, alternative text."""

    id: str
    title: str
    subtitle: str
    source: str
    alt: str


@dataclass(frozen=True)
class Bar:
    """One indicator of the progress chart."""

    indicator_id: str
    label: str
    share: float  # of the way from base to target; may be below 0 or above 1
    status: str
    base: str
    now: str
    target: str


@dataclass(frozen=True)
class ProgressChart(Chart):
    """Bars from base to target with the share of time elapsed."""

    bars: tuple[Bar, ...] = ()
    elapsed: float | None = None


@dataclass(frozen=True)
class Point:
    """One month of a series; `value` is None where there is none, `state` says why, `mark` is P, E or U.

    `low`, `high`: where what is open could lead an incomplete value (U); its point is drawn open, with a band between them.
    """

    month: str
    value: float | None
    state: str = "value"
    mark: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TrendChart(Chart):
    """One series with the plan's straight line and a projection band."""

    points: tuple[Point, ...] = ()
    unit: str = ""
    decimals: int = 0
    plan: tuple[tuple[str, float], ...] = ()
    projection: tuple[float, float, float] | None = None  # value, low, high at the end of the plan
    breaks: tuple[tuple[str, str], ...] = ()  # month and what changed: no line leads across
    goal: str = "目标"  # 底线 or 上限 where the base had passed it: then the plan's line is level

    @property
    def goal_text(self) -> str:
        """What the end of the plan's line is: `2025年目标 55.0%`, `2025年底线 55.0%`."""
        month, value = self.plan[-1]
        return f"{month[:4]}年{self.goal} {printed(value, self.decimals)}{self.unit}"


@dataclass(frozen=True)
class TownshipsChart(Chart):
    """One panel a township on a shared scale, the others in grey behind."""

    panels: tuple[tuple[str, tuple[Point, ...]], ...] = ()
    unit: str = ""
    decimals: int = 0
    target: float | None = field(default=None)
    breaks: tuple[tuple[str, str], ...] = ()  # as in a trend; told in the subtitle


def charts(published: Published) -> list[ProgressChart | TrendChart | TownshipsChart]:
    """The pictures of a release: progress, a trend for each plan indicator and those the report names, townships compared."""
    made: list[ProgressChart | TrendChart | TownshipsChart] = []
    if pictured(published.plan_lines):
        made.append(progress_chart(published))
    plan = [line.indicator_id for line in published.plan_lines]
    wanted = sorted({*plan, *report_plan().trends} & set(published.indicators))
    for code in wanted:
        if any(point.value is not None for point in series(published, code, published.county)):
            made.append(trend_chart(published, code))
        if any(published.cell(code, area).state != "absent" for area in published.townships):
            made.append(townships_chart(published, code))
    return made


def source_line(published: Published) -> str:
    """Source, cut-off and revision at the foot."""
    release = published.frames.observations["release"].drop_nulls().unique().to_list()
    version = f"；{release[0].rpartition('-')[2]}版" if len(release) == 1 else ""
    return f"数据来源：{office(published)}；统计截至{month_zh(published.month)}末{version}。"


def progress_chart(published: Published) -> ProgressChart:
    """The page-one chart: every judged plan indicator, sorted by the way gone."""
    rows = pictured(published.plan_lines)
    every = published.plan_lines
    behind = sum(row.verdict.status_path in LAGGING for row in every)
    title = (
        f"{len(every)}项规划指标中，{behind}项进度滞后"
        if behind
        else f"{len(every)}项规划指标均未滞后"
    )
    bars = tuple(
        Bar(
            row.indicator_id,
            f"{row.name_zh}（{row.unit}）",
            row.advance,
            row.verdict.status_path,
            row.baseline_text or "",
            row.cell.text,
            row.target_text + row.star,
        )
        for row in rows
    )
    told = "，".join(f"{bar.label}进度{printed(bar.share * 100, 1)}%" for bar in bars)
    return ProgressChart(
        "progress",
        title,
        f"{published.names[published.county]}规划指标从基数到目标的进度，截至{month_zh(published.month)}",
        source_line(published),
        told,
        bars,
        time_gone(published.month),
    )


def _month(period: str) -> str:
    return period if len(period) == 7 else f"{period[:4]}-12"


def series(published: Published, indicator_id: str, area: str, **breakdown: str) -> list[Point]:
    """The months of one cell up to the release's, at most sixty; gaps stay gaps with their reason."""
    return [
        point(published.running(indicator_id, area, month, **breakdown))
        for month in published.months
    ]


def segments(points: Sequence[Point], breaks: Iterable[tuple[str, str]] = ()) -> list[list[Point]]:
    """The series cut at months without a value and before months in which its definition changes."""
    cut: list[list[Point]] = [[]]
    new = {month for month, _ in breaks}
    for point in points:
        if point.value is None or point.month in new:
            cut.append([])
        if point.value is not None:
            cut[-1].append(point)
    return [segment for segment in cut if segment]


def point(cell: Cell) -> Point:
    """The cell as a point of a series."""
    mark = cell.obs_status if cell.obs_status in ("P", "E", "U") and cell.state == "value" else ""
    bounds = (cell.lower, cell.upper) if mark == "U" else (None, None)
    return Point(cell.reference.time_period, cell.value, cell.state, mark, *bounds)


def drawn(point: Point) -> list[float]:
    """The heights at which something of a point is drawn."""
    return [value for value in (point.value, point.low, point.high) if value is not None]


def trend_chart(published: Published, indicator_id: str) -> TrendChart:
    """The county's months with the plan's line (base to target, straight) and the projection."""
    meta = published.indicators[indicator_id]
    points = tuple(series(published, indicator_id, published.county))
    row = line_of(published.plan_lines, indicator_id)
    unit, decimals, name = meta["unit_measure"], meta["decimals"], meta["name_zh"]
    plan, goal = plan_path(row), GOALS.get(row.goal if row else None, "目标")
    projection = projected(row)
    level = f"{plan[1][0][:4]}年{goal}" if plan else ""
    way = "的水平" if goal != "目标" else "的直线"
    note = (
        f"，虚线为{'' if goal != '目标' else f'{plan[0][0][:4]}年基数到'}{level}{way}"
        if plan
        else ""
    )
    last = next((p for p in reversed(points) if p.value is not None), None)
    lacks = published.cell(indicator_id, month=last.month).lacks if last else ""
    lacks = f"（{lacks}）" if lacks else ""
    shown = (
        f"{month_zh(last.month)}{name}为{printed(last.value, decimals)}{unit}{lacks}。"
        if last
        else ""
    )
    return TrendChart(
        f"trend-{indicator_id}",
        trend_title(name, unit, decimals, row, plan),
        f"{name}（{unit}），{month_zh(points[0].month)}—{month_zh(points[-1].month)}{note}",
        source_line(published),
        shown,
        points,
        unit,
        decimals,
        plan,
        projection,
        tuple((month, BREAK_ZH[kind]) for month, kind in published.breaks(indicator_id)),
        goal,
    )


GOALS = {"floor": "底线", "cap": "上限"}


def line_of(lines: Sequence[PlanLine], indicator_id: str) -> PlanLine | None:
    """The line of an indicator, or None."""
    return next((line for line in lines if line.indicator_id == indicator_id), None)


def plan_path(row: PlanLine | None) -> tuple[tuple[str, float], ...]:
    """From base to target, straight; level at a floor or cap, which the base had passed already; empty without either,
    or where the first month observed comes after the target's date."""
    if row is None or row.verdict.baseline_value is None:
        return ()
    begin, end = _month(row.verdict.baseline_period), _month(row.verdict.target_period)
    target = row.verdict.target_value
    start = target if row.goal in GOALS else row.verdict.baseline_value
    return ((begin, start), (end, target)) if begin <= end else ()


def projected(row: PlanLine | None) -> tuple[float, float, float] | None:
    """Value, low and high expected at the end of the plan."""
    facts = row.verdict if row else None
    numbers = (
        (facts.projected_value, facts.projected_low, facts.projected_high) if facts else (None,)
    )
    return None if None in numbers else numbers


def trend_title(name: str, unit: str, decimals: int, row: PlanLine | None, plan: Sequence) -> str:
    """`…低于计划路径` when the gap to the path is worth a headline; else the neutral title."""
    if not row or not plan or row.cell.state != "value" or row.verdict.path_value is None:
        return name
    against = GOALS.get(row.goal, "计划路径")
    least = telling_difference(plan[0][1], plan[1][1], decimals)
    gaps = [cell.value - row.verdict.path_value for cell in row.cell.ends]
    told = {
        f"与{against}基本一致"
        if abs(gap) < least
        else f"高于{against}"
        if gap > 0
        else f"低于{against}"
        for gap in gaps
    }
    message = name + told.pop() if len(told) == 1 else name
    return message if len(message) <= TITLE_LENGTH + 9 else name


def telling_difference(base: float, target: float, decimals: int) -> float:
    """The smallest difference that may carry a headline: max(2 rounding units, 1 % of the way from base to target)."""
    return max(2 * 10**-decimals, abs(target - base) / 100)


def townships_chart(published: Published, indicator_id: str) -> TownshipsChart:
    """The townships in code order."""
    meta = published.indicators[indicator_id]
    row = line_of(published.plan_lines, indicator_id)
    target = row.verdict.target_value if row else None
    panels = tuple(
        (published.names[code], tuple(series(published, indicator_id, code)))
        for code in published.townships
    )
    unit, decimals, name = meta["unit_measure"], meta["decimals"], meta["name_zh"]
    first, last = panels[0][1][0].month, panels[0][1][-1].month
    dashed = f"，虚线为目标{row.target_text}{unit}" if row else ""
    breaks = tuple((month, BREAK_ZH[kind]) for month, kind in published.breaks(indicator_id))
    dashed += "".join(f"；{month_zh(month)}起{word}" for month, word in breaks)
    told = "，".join(f"{area}{latest_text(points, decimals, unit)}" for area, points in panels)
    return TownshipsChart(
        f"townships-{indicator_id}",
        townships_title(name, unit, panels, row),
        f"{name}，{month_zh(first)}—{month_zh(last)}；蓝线为本乡镇，灰线为其他乡镇{dashed}",
        source_line(published),
        told,
        panels,
        unit,
        decimals,
        target,
        breaks,
    )


def latest_text(points: Sequence[Point], decimals: int, unit: str) -> str:
    """The last month of a series in words."""
    last = points[-1]
    if last.value is not None:
        told = [printed(end, decimals) for end in (last.low, last.high) if end is not None]
        return f"{printed(last.value, decimals)}{unit}" + (
            f"（可能为{'—'.join(told)}）" if told else ""
        )
    return {"missing": "缺报", "suppressed": "不予公布", "not_applicable": "不适用"}.get(
        last.state, "无数据"
    )


def townships_title(name: str, unit: str, panels: Sequence, row: PlanLine | None) -> str:
    """How many townships have met the target and who has not reported; neutral without a target."""
    late = [area for area, points in panels if points[-1].state == "missing"]
    missing = (
        f"，{late[0]}{int(panels[0][1][-1].month[5:])}月缺报"
        if len(late) == 1
        else f"，{len(late)}个乡镇缺报"
        if late
        else ""
    )
    if row is None or row.direction not in ("up", "meet", "down"):
        return f"分乡镇{name}{missing}"
    sign = -1 if row.direction == "down" else 1
    target = rounded(row.verdict.target_value, row.decimals)
    newest = [points[-1] for _, points in panels if points[-1].value is not None]
    values = [rounded(point.value, row.decimals) for point in newest]
    met = sum(sign * (value - target) >= 0 for value in values)
    hanging = any(_hangs(point, sign, target, row.decimals) for point in newest)
    goal = f"{row.target_text}{unit if unit == '%' else ''}目标"
    if not values or hanging:
        return f"分乡镇{name}{missing}"
    if met == len(values):
        return f"{numeral_zh(met)}个乡镇都达到{goal}{missing}"
    return (
        f"{numeral_zh(len(values))}个乡镇都未达到{goal}{missing}"
        if not met
        else f"{met}个乡镇达到{goal}{missing}"
    )


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round tick values from 0 (or below, for negative data) that cover `high`: steps of 1, 2, 2.5 or 5 times ten."""
    low, high = min(low, 0.0), max(high, 0.0)
    raw = (high - low or 1.0) / count
    power = 10.0 ** _exponent(raw)
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(position * step, 10) for position in range(first, max(last, first + 1) + 1)]


def _exponent(number: float) -> int:
    return int(f"{number:e}".partition("e")[2])


def status_word(code: str) -> str:
    """The Chinese word of a status."""
    return words().status(code)


def _hangs(point: Point, sign: int, target: Decimal, decimals: int) -> bool:
    """Whether what is open in an incomplete point decides if the target is met."""
    if point.mark != "U":
        return False
    if point.low is None:
        return True
    ends = (point.value, point.low, point.high)
    return len({sign * (rounded(end, decimals) - target) >= 0 for end in ends}) > 1
