"""Chart models: what a picture shows, apart from how it is drawn. `svg` draws them natively, `figures` says them to Plotly.

Paper, pages and notebooks show these models and no others, so that they cannot differ.

A title is a message only where a tested rule gives one; else it names the indicator. No message rests on a difference
smaller than twice the rounding unit or one per cent of the way from base to target.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from minzheng.contracts.plans import GOAL_ZH, Goal, time_gone
from minzheng.contracts.report import report_plan
from minzheng.months import months_between
from minzheng.publish.cell import Cell
from minzheng.publish.cells import Published, office
from minzheng.publish.language import BREAKS, CHINESE, Language
from minzheng.publish.numbers import numeral_zh, printed, rounded
from minzheng.publish.plan_line import LAGGING, PlanLine, pictured

TITLE_LENGTH = 20  # characters, Chinese; longer messages give way to the neutral title


@dataclass(frozen=True)
class Chart:
    """What every chart has: id, two-part title, source line, alternative text, and the language it speaks."""

    id: str
    title: str
    subtitle: str
    source: str
    alt: str
    say: Language = field(default=CHINESE, kw_only=True)


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
class Series:
    """A named row of months."""

    name: str
    points: tuple[Point, ...]

    @property
    def last(self) -> Point | None:
        """The newest month with a value."""
        return next((point for point in reversed(self.points) if point.value is not None), None)


@dataclass(frozen=True)
class LineChart(Chart):
    """What charts of months share: unit, decimals, and where no line leads across."""

    unit: str = ""
    decimals: int = 0
    breaks: tuple[tuple[str, str], ...] = ()  # month and what changed: no line leads across

    def reading(self, point: Point) -> str:
        """A month in words: `47.6%`, `256张（可能为240—332）`, `缺报`."""
        return reading(self.say, point, self.unit, self.decimals)


@dataclass(frozen=True)
class TrendChart(LineChart):
    """One series with the plan's straight line and a projection band; `others` are the townships', for who asks for them."""

    own: Series = Series("", ())
    others: tuple[Series, ...] = ()
    plan: tuple[tuple[str, float], ...] = ()
    projection: tuple[float, float, float] | None = None  # value, low, high at the end of the plan
    goal: Goal | None = (
        None  # of a floor or cap, which the base had passed, the plan's line is level
    )

    @property
    def points(self) -> tuple[Point, ...]:
        """The months of its series."""
        return self.own.points

    @property
    def months(self) -> list[str]:
        """From the first month or the plan's base to the last month or the plan's end."""
        ends = [month for month, _ in self.plan]
        first, last = self.points[0].month, self.points[-1].month
        return months_between(min([first, *ends]), max([last, *ends]))

    @property
    def ticks(self) -> list[float]:
        """The scale that fits all that is drawn."""
        lines = [value for _, value in self.plan] + list(self.projection or ())
        return scale_ticks([*chain.from_iterable(map(drawn, self.points)), *lines])

    @property
    def goal_text(self) -> str:
        """What the end of the plan's line is: `2025年目标 55.0%`, `2025年底线 55.0%`."""
        month, value = self.plan[-1]
        word = goal_word(self.say, self.goal)
        shown = self.say.with_unit(printed(value, self.decimals), self.unit)
        return self.say.t(f"{month[:4]}年{word} {shown}", f"{word} of {month[:4]}: {shown}")


@dataclass(frozen=True)
class TownshipsChart(LineChart):
    """One panel a township on a shared scale, the others in grey behind."""

    panels: tuple[Series, ...] = ()
    target: float | None = None

    @property
    def months(self) -> list[str]:
        """The months of every panel."""
        return [point.month for point in self.panels[0].points]

    @property
    def ticks(self) -> list[float]:
        """One scale that fits all townships and the target."""
        points = chain.from_iterable(panel.points for panel in self.panels)
        values = list(chain.from_iterable(map(drawn, points)))
        return scale_ticks(values + ([] if self.target is None else [self.target]), 4)


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


def source_line(published: Published, say: Language = CHINESE) -> str:
    """Source, cut-off and revision at the foot."""
    version = published.release.rpartition("-r")[2]
    until = say.month(published.month)
    zh, en = (f"；第{version}版", f"; revision {version}") if version else ("", "")
    return say.t(
        f"数据来源：{office(published)}；统计截至{until}末{zh}。",
        f"Source: ledgers of the townships and the county bureau, as of the end of {until}{en}.",
    )


def progress_headline(say: Language, statuses: Sequence[str | None]) -> str:
    """How many plan indicators lag, in one line; each stands with the code of its class, None where it is not judged."""
    total, judged = len(statuses), sum(status is not None for status in statuses)
    behind = sum(status in LAGGING for status in statuses)
    if not total:
        return say.t("本期没有带目标值的规划指标", "No indicator with a target this month")
    if not judged:
        return say.t(
            f"{total}项规划指标均暂不评价", f"None of {total} plan indicators is judged yet"
        )
    if behind:
        return say.t(
            f"{total}项规划指标中，{behind}项进度滞后", f"{behind} of {total} plan indicators lag"
        )
    return say.t(
        f"{total}项规划指标中，已评价的{judged}项均未滞后",
        f"Of {total} plan indicators, none of the {judged} judged lags",
    )


def progress_chart(published: Published, say: Language = CHINESE) -> ProgressChart:
    """The page-one chart: every judged plan indicator, sorted by the way gone."""
    rows = pictured(published.plan_lines)
    every = published.plan_lines
    title = progress_headline(say, [row.verdict.status_path for row in every])
    bars = tuple(
        Bar(
            row.indicator_id,
            labelled(say, name_of(published, say, row.indicator_id), row.unit),
            row.advance,
            row.verdict.status_path,
            row.baseline_text or "",
            row.cell.text,
            row.target_text + row.star,
        )
        for row in rows
    )
    told = say.t("，", ", ").join(
        f"{bar.label}{say.t('进度', ': ')}{printed(bar.share * 100, 1)}%" for bar in bars
    )
    area, month = published.names[published.county], say.month(published.month)
    return ProgressChart(
        "progress",
        title,
        say.t(
            f"{area}规划指标从基数到目标的进度，截至{month}",
            f"The way from base to target, {area}, {month}",
        ),
        source_line(published, say),
        told,
        bars,
        time_gone(published.month),
        say=say,
    )


def name_of(published: Published, say: Language, indicator_id: str) -> str:
    """The indicator's name in the language."""
    meta = published.indicators.get(indicator_id, {})
    zh = meta.get("name_zh") or indicator_id
    return say.t(zh, meta.get("name_en") or zh)


def labelled(say: Language, name: str, unit: str | None) -> str:
    """The name with its unit in brackets."""
    return say.t(f"{name}（{unit}）", f"{name} ({say.unit(unit)})") if unit else name


def _month(period: str) -> str:
    return period if len(period) == 7 else f"{period[:4]}-12"


def series(published: Published, indicator_id: str, area: str) -> list[Point]:
    """The months of a total up to the release's, at most sixty; gaps stay gaps with their reason."""
    return [point(cell) for cell in published.series(indicator_id, area)]


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


def begun(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without months before the first that the release tells of."""
    first = next((at for at, one in enumerate(points) if one.state != "absent"), 0)
    return tuple(points[first:])


def trend_chart(published: Published, indicator_id: str, say: Language = CHINESE) -> TrendChart:
    """The county's months with the plan's line (base to target, straight) and the projection."""
    meta = published.indicators[indicator_id]
    own = Series(
        published.names[published.county],
        begun(series(published, indicator_id, published.county)),
    )
    row = line_of(published.plan_lines, indicator_id)
    unit, decimals = meta["unit_measure"] or "", meta["decimals"] or 0
    name, plan = name_of(published, say, indicator_id), plan_path(row)
    lacks = published.cell(indicator_id, month=own.last.month).lacks if own.last else ""
    alt = ""
    if own.last:
        month, value = say.month(own.last.month), printed(own.last.value, decimals)
        shown, lacks = say.with_unit(value, unit), f"（{lacks}）" if lacks and say.chinese else ""
        alt = say.t(f"{month}{name}为{shown}{lacks}。", f"{name}: {shown} in {month}.")
    span = say.t("—", " to ").join(say.month(own.points[at].month) for at in (0, -1))
    return TrendChart(
        f"trend-{indicator_id}",
        trend_title(say, name, decimals, row, plan),
        say.t(f"{labelled(say, name, unit)}，", f"{labelled(say, name, unit)}, ")
        + span
        + plan_note(say, plan, row),
        source_line(published, say),
        alt,
        unit,
        decimals,
        marked_breaks(published, say, indicator_id),
        own,
        others=tuple(one for one in township_series(published, indicator_id) if one.last),
        plan=plan,
        projection=projected(row),
        goal=row.goal if row else None,
        say=say,
    )


def plan_note(say: Language, plan: Sequence[tuple[str, float]], row: PlanLine | None) -> str:
    """What the dashed line is, behind the subtitle."""
    if not plan:
        return ""
    (first, _), (end, _) = plan
    level = say.t(f"{end[:4]}年", f"{end[:4]} ") + goal_word(say, row.goal)
    level += say.t("下沿", ", its lower edge") if row.goal == "band" else ""
    if row.goal in GOALS:
        return say.t(f"，虚线为{level}的水平", f"; dashed: the {level}")
    return say.t(
        f"，虚线为{first[:4]}年基数到{level}的直线",
        f"; dashed: straight from the base of {first[:4]} to the {level}",
    )


def township_series(published: Published, indicator_id: str) -> list[Series]:
    """The townships that the release tells of, in code order; all of them, without a value, where it tells of none."""
    found = [
        Series(published.names[area], tuple(series(published, indicator_id, area)))
        for area in published.townships
    ]
    known = [one for one in found if any(point.state != "absent" for point in one.points)] or found
    first = min((len(one.points) - len(begun(one.points)) for one in known), default=0)
    return [Series(one.name, one.points[first:]) for one in known]


def marked_breaks(
    published: Published, say: Language, indicator_id: str
) -> tuple[tuple[str, str], ...]:
    """The months in which an indicator's definition changes, with the word for it."""
    return tuple((month, say.t(*BREAKS[kind])) for month, kind in published.breaks(indicator_id))


GOALS = {goal: (GOAL_ZH[goal], goal) for goal in ("floor", "cap", "band")}
"""What is kept and not gone towards, in both languages: drawn level, a band at its lower edge."""


def goal_word(say: Language, goal: Goal | None) -> str:
    """What the end of the plan's line is called."""
    return say.t(*GOALS.get(goal, ("目标", "target")))


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


def trend_title(
    say: Language, name: str, decimals: int, row: PlanLine | None, plan: Sequence
) -> str:
    """`…低于计划路径` when the gap to the path is worth a headline; else the neutral title."""
    if not row or not plan or row.cell.state != "value" or row.verdict.path_value is None:
        return name
    if row.goal == "band":  # above its lower edge is inside: no news
        return name
    against = say.t(*GOALS.get(row.goal, ("计划路径", "planned path")))
    least = telling_difference(plan[0][1], plan[1][1], decimals)
    gaps = [cell.value - row.verdict.path_value for cell in row.cell.ends]
    told = {
        say.t(f"与{against}基本一致", f", close to the {against}")
        if abs(gap) < least
        else say.t(f"高于{against}", f", above the {against}")
        if gap > 0
        else say.t(f"低于{against}", f", below the {against}")
        for gap in gaps
    }
    message = name + told.pop() if len(told) == 1 else name
    return message if len(message) <= TITLE_LENGTH + 9 or not say.chinese else name


def telling_difference(base: float, target: float, decimals: int) -> float:
    """The smallest difference that may carry a headline: max(2 rounding units, 1 % of the way from base to target)."""
    return max(2 * 10**-decimals, abs(target - base) / 100)


def townships_chart(
    published: Published, indicator_id: str, say: Language = CHINESE
) -> TownshipsChart:
    """The townships in code order."""
    meta = published.indicators[indicator_id]
    row = line_of(published.plan_lines, indicator_id)
    panels = tuple(township_series(published, indicator_id))
    unit, decimals = meta["unit_measure"] or "", meta["decimals"] or 0
    name, breaks = (
        name_of(published, say, indicator_id),
        marked_breaks(published, say, indicator_id),
    )
    told = "".join(
        say.t(f"；{say.month(month)}起{word}", f"; from {say.month(month)}: {word}")
        for month, word in breaks
    )
    goal = say.with_unit(row.target_text, unit) if row else ""
    dashed = say.t(f"，虚线为目标{goal}", f"; dashed: the target of {goal}") if row else ""
    span = say.t("—", " to ").join(say.month(panels[0].points[at].month) for at in (0, -1))
    return TownshipsChart(
        f"townships-{indicator_id}",
        townships_title(say, name, unit, panels, row),
        say.t(
            f"{name}，{span}；蓝线为本乡镇，灰线为其他乡镇",
            f"{name}, {span}; blue: the township, grey: the others",
        )
        + dashed
        + told,
        source_line(published, say),
        say.t("，", ", ").join(
            f"{one.name}{say.t('', ': ')}{reading(say, one.points[-1], unit, decimals)}"
            for one in panels
        ),
        unit,
        decimals,
        breaks,
        panels,
        row.verdict.target_value if row else None,
        say=say,
    )


SAID = {
    "missing": ("缺报", "missing"),
    "suppressed": ("不予公布", "withheld"),
    "not_applicable": ("不适用", "not applicable"),
}


def reading(say: Language, point: Point, unit: str, decimals: int) -> str:
    """A month of a series in words: its value, how far an incomplete one may go, or why there is none."""
    if point.value is None:
        return say.t(*SAID.get(point.state, ("无数据", "no data")))
    ends = "—".join(printed(end, decimals) for end in (point.low, point.high) if end is not None)
    shown = say.with_unit(printed(point.value, decimals), unit)
    if point.mark == "U":
        may = say.t(f"可能为{ends}", f"may be {ends}") if ends else say.t("待更正", "open")
        return shown + say.t(f"（{may}）", f" ({may})")
    mark = f"（{point.mark}）" if say.chinese else f" ({point.mark})"
    return shown + (mark if point.mark else "")


def townships_title(
    say: Language, name: str, unit: str, panels: Sequence[Series], row: PlanLine | None
) -> str:
    """How many townships have met the target and who has not reported; neutral without a target."""
    if not say.chinese:
        return f"{name} by township"
    late = [one.name for one in panels if one.points[-1].state == "missing"]
    missing = (
        f"，{late[0]}{int(panels[0].points[-1].month[5:])}月缺报"
        if len(late) == 1
        else f"，{len(late)}个乡镇缺报"
        if late
        else ""
    )
    if row is None or row.direction not in ("up", "meet", "down"):
        return f"分乡镇{name}{missing}"
    sign = -1 if row.direction == "down" else 1
    target = rounded(row.verdict.target_value, row.decimals)
    newest = [one.points[-1] for one in panels if one.points[-1].value is not None]
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


def scale_ticks(values: Sequence[float], count: int = 5) -> list[float]:
    """Ticks from zero; where all values lie in the top quarter of that, from just below the lowest (the picture says so)."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low <= 0 or high - low > high / 4:
        return nice_ticks(low, high, count)
    margin = max((high - low) * 0.15, high * 0.005)
    span = nice_ticks(0.0, high - low + margin, count)
    step = span[1] - span[0]
    first, last = math.floor((low - margin) / step), math.ceil(high / step - 1e-9)
    return [round(place * step, 10) for place in range(max(first, 0), max(last, first + 1) + 1)]


def _exponent(number: float) -> int:
    return int(f"{number:e}".partition("e")[2])


def _hangs(point: Point, sign: int, target: Decimal, decimals: int) -> bool:
    """Whether what is open in an incomplete point decides if the target is met."""
    if point.mark != "U":
        return False
    if point.low is None:
        return True
    ends = (point.value, point.low, point.high)
    return len({sign * (rounded(end, decimals) - target) >= 0 for end in ends}) > 1
