"""Charts as part of the page: lines in an SVG that stretches with the page, words as text of constant size above it.

So one drawing serves a desk, a phone and paper, needs no script, and is read by nothing but eyes: each is an image with
its alternative text, and its numbers stand in the table below it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from markupsafe import Markup, escape

from minzheng.contracts.plans import Goal, period_month
from minzheng.months import months_between
from minzheng.progress.table import Verdict
from minzheng.publish.charts.model import GOALS, nice_ticks
from minzheng.publish.site.book import Book, Reading
from minzheng.publish.site.language import BREAKS, Language

PLOT = 1000  # units across and down of every drawing, stretched to the page
ROOM = 0.17  # share of the width that a word takes in a panel or on a phone
NEAR = 0.075  # labels closer than this share of the height are moved apart


@dataclass
class Plot:
    """A stretched drawing with words at places told in shares of its width and height."""

    months: list[str]
    ticks: list[float]
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @cached_property
    def place(self) -> dict[str, int]:
        """Each month's place in the row of months."""
        return {month: place for place, month in enumerate(self.months)}

    def x(self, month: str) -> float:
        """Where a month stands, 0 to 1."""
        return self.place[month] / max(len(self.months) - 1, 1)

    def y(self, value: float) -> float:
        """How far below the top a value stands, 0 to 1."""
        return 1 - (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])

    def path(self, points: Iterable[tuple[str, float]], style: str) -> None:
        """A line through points; one point alone is a dot."""
        self.lines.append(f'<path class="{style}" d="{self.route(points)}"/>')

    def route(self, points: Iterable[tuple[str, float]]) -> str:
        """The way through points, as a path says it."""
        places = [
            (round(self.x(month) * PLOT), round(self.y(value) * PLOT)) for month, value in points
        ]
        steps = [f"{x - x0} {y - y0}" for (x0, y0), (x, y) in pairwise(places)]
        return f"M{places[0][0]} {places[0][1]}" + ("l" + " ".join(steps) if steps else "h0")

    def series(self, readings: Sequence[Reading], breaks: Iterable[tuple[str, str]] = ()) -> str:
        """A way for each unbroken run of months with a value: a gap stays a gap, and no line leads across a break."""
        run: list[tuple[str, float]] = []
        routes, begins = [], {month for month, _ in breaks}
        for one in [*readings, None]:
            if run and one is not None and one.month in begins:
                routes.append(self.route(run))
                run = []
            if one is not None and one.state == "value" and one.month in self.place:
                run.append((one.month, one.value))
            elif run:
                routes.append(self.route(run))
                run = []
        return "".join(routes)

    def say(self, x: float, y: float, style: str, text: str) -> None:
        """Words at a place."""
        self.words.append(
            f'<span class="{style}" style="left:{x * 100:.2f}%;top:{y * 100:.2f}%">{escape(text)}</span>'
        )

    def drawn(self, alt: str, style: str) -> Markup:
        """The drawing; everything in it is one image to a screen reader."""
        return Markup(
            '<div class="plot {}" role="img" aria-label="{}"><svg viewBox="0 0 {} {}" preserveAspectRatio="none"'
            ' aria-hidden="true" focusable="false">{}</svg>{}</div>'
        ).format(style, alt, PLOT, PLOT, Markup("".join(self.lines)), Markup("".join(self.words)))


def trend(book: Book, say: Language, code: str) -> Markup | None:
    """The county's months with plan line, projection, breaks and gaps; None without any value."""
    readings = book.series(code, book.county)
    known = [one for one in readings if one.state == "value"]
    if not known:
        return None
    row = book.progress.get((code, book.county))
    line, heading = plan_line(book, row), projection(row)
    start = min([known[0].month if not line else readings[0].month, *(month for month, _ in line)])
    months = months_between(
        max(start, book.months[0]), max([book.month, *(month for month, _ in line)])
    )
    shown = [(month, value) for month, value in clipped(line, months[0])]
    values = [one.value for one in known] + [value for _, value in shown] + list(heading or ())
    plot = Plot(months, scale_ticks(values))
    scale(plot, say)
    if shown:
        plot.path(shown, "plan")
    breaks = book.breaks(code, book.county)
    plot.lines.append(f'<path class="own" d="{plot.series(readings, breaks)}"/>')
    mark_breaks(plot, say, breaks)
    name_gaps(plot, say, readings)
    goal = book.goal(row) if row else None
    label_ends(plot, book, say, code, known, shown, heading, goal_word(say, goal))
    return plot.drawn(
        trend_text(book, say, code, known, row), "trend" + (" labelled" if shown or heading else "")
    )


def scale_ticks(values: Sequence[float], count: int = 5) -> list[float]:
    """Ticks from zero; where all values lie in the top quarter of that, from just below the lowest (the page says so)."""
    low, high = min(values), max(values)
    if low <= 0 or high - low > high / 4:
        return nice_ticks(low, high, count)
    margin = max((high - low) * 0.15, high * 0.005)
    span = nice_ticks(0.0, high - low + margin, count)
    step = span[1] - span[0]
    first, last = math.floor((low - margin) / step), math.ceil(high / step - 1e-9)
    return [round(place * step, 10) for place in range(max(first, 0), max(last, first + 1) + 1)]


def plan_line(book: Book, row: Verdict | None) -> list[tuple[str, float]]:
    """Base and target of a progress row as months and values, level at a floor or cap; empty where either is unknown,
    or the first month observed comes after the target's date."""
    if not row or row.baseline_value is None or row.target_value is None:
        return []
    begin, end = period_month(row.baseline_period), period_month(row.target_period)
    start = row.target_value if book.goal(row) in GOALS else row.baseline_value
    return [(begin, start), (end, row.target_value)] if begin <= end else []


def goal_word(say: Language, goal: Goal | None) -> str:
    """What the end of the plan's line is called."""
    return say.t(GOALS.get(goal, "目标"), {"floor": "floor", "cap": "cap"}.get(goal, "target"))


def projection(row: Verdict | None) -> tuple[float, float, float] | None:
    """Projected value with its low and high at the target's month."""
    parts = (row.projected_value, row.projected_low, row.projected_high) if row else (None,)
    return None if None in parts else parts


def clipped(line: Sequence[tuple[str, float]], first: str) -> list[tuple[str, float]]:
    """The plan's straight line from `first` on."""
    if not line or line[0][0] >= first:
        return list(line)
    (base_month, base), (end_month, end) = line
    whole = len(months_between(base_month, end_month)) - 1
    gone = len(months_between(base_month, first)) - 1
    return [(first, base + (end - base) * gone / whole), (end_month, end)] if gone < whole else []


def scale(plot: Plot, say: Language) -> None:
    """Grid lines with their values, years or months below."""
    for tick in plot.ticks:
        plot.lines.append(f'<path class="grid" d="M0 {plot.y(tick) * PLOT:.0f}H{PLOT}"/>')
        plot.say(0, plot.y(tick), "tick", f"{tick:.10g}")
    if plot.ticks[0] > 0:
        plot.say(0, 0, "origin", say.t("纵轴不从零开始", "scale does not start at zero"))
    long = len(plot.months) > 18
    step = max(1, len(plot.months) // 4)
    for place, month in enumerate(plot.months):
        if month.endswith("-01") if long else place % step == 0:
            plot.lines.append(f'<path class="mark" d="M{plot.x(month) * PLOT:.0f} {PLOT}v14"/>')
            year = say.t(f"{month[:4]}年", month[:4])
            plot.say(plot.x(month), 1, "when", year if long else f"{month[:4]}.{int(month[5:])}")


def mark_breaks(plot: Plot, say: Language, breaks: Iterable[tuple[str, str]]) -> None:
    """A dotted line where the definition or the population source changes, never a silent jump."""
    for month, kind in breaks:
        if month in plot.months:
            plot.lines.append(f'<path class="break" d="M{plot.x(month) * PLOT:.0f} 0V{PLOT}"/>')
            plot.say(plot.x(month), 0, "broke", say.t(*BREAKS[kind]))


def name_gaps(plot: Plot, say: Language, readings: Sequence[Reading]) -> None:
    """The word of each run of months without a value; one close to the word before it gives way where there is no room."""
    told = {
        "missing": ("缺报", "missing"),
        "suppressed": ("＊", "＊"),
        "not_applicable": ("—", "—"),
    }
    before, taken = None, -1.0
    for one in readings:
        if one.state != before and one.state in told and one.month in plot.place:
            x = plot.x(one.month)
            near = x - taken < ROOM
            plot.say(x, 1, "gap near" if near else "gap", say.t(*told[one.state]))
            taken = taken if near else x
        before = one.state


def label_ends(
    plot: Plot,
    book: Book,
    say: Language,
    code: str,
    known: Sequence[Reading],
    line: Sequence[tuple[str, float]],
    heading: tuple[float, float, float] | None,
    word: str,
) -> None:
    """The last value at its place; target and projection at the right edge, kept apart."""
    last = known[-1]
    unit, decimals = book.indicators[code]["unit_measure"], last.decimals
    shown = say.with_unit(say.number(last.value, decimals), unit)
    at = say.t(f"{int(last.month[5:])}月 {shown}", f"{say.month(last.month)}: {shown}")
    side = " left" if plot.x(last.month) > 0.6 else " right"
    rising = known[-min(6, len(known))].value < last.value
    low = plot.y(last.value) > 0.86 or (rising and plot.y(last.value) > 0.12)
    plot.say(plot.x(last.month), plot.y(last.value), "dot", "")
    plot.say(plot.x(last.month), plot.y(last.value), f"now{side}{' above' if low else ''}", at)
    edges: list[tuple[float, str, str]] = []
    if line:
        goal = say.with_unit(say.number(line[-1][1], decimals), unit)
        edges.append((plot.y(line[-1][1]), "edge goal", f"{word} {goal}"))
    if heading and line and line[-1][0] > last.month:
        band(plot, last, line[-1][0], heading)
        value, low_value, high_value = (say.number(number, decimals) for number in heading)
        told = (
            f"预计 {value}（{low_value}–{high_value}）",
            f"projected {value} ({low_value}–{high_value})",
        )
        edges.append((plot.y(heading[0]), "edge ahead", say.t(*told)))
    for place, style, text in apart(edges):
        plot.say(1, place, style, text)


def band(plot: Plot, last: Reading, end: str, heading: tuple[float, float, float]) -> None:
    """The projection with its interval, as far as the scale reaches."""
    value, low, high = heading
    corners = [(last.month, last.value), (end, high), (end, low)]
    places = "L".join(
        f"{plot.x(month) * PLOT:.0f} {plot.y(number) * PLOT:.0f}" for month, number in corners
    )
    plot.lines.append(f'<path class="band" d="M{places}Z"/>')
    plot.path([(last.month, last.value), (end, value)], "ahead")


def apart(edges: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Labels moved so that none covers another, in their order from the top."""
    placed: list[tuple[float, str, str]] = []
    for place, style, text in sorted(edges):
        floor = placed[-1][0] + 2 * NEAR if placed else place
        placed.append((max(place, floor), style, text))
    return placed


def trend_text(
    book: Book, say: Language, code: str, known: Sequence[Reading], row: Verdict | None
) -> str:
    """The chart in a sentence."""
    meta = book.indicators[code]
    name, unit = say.t(meta["name_zh"], meta["name_en"] or code), meta["unit_measure"]
    first, last = known[0], known[-1]
    values = [say.with_unit(say.number(one.value, one.decimals), unit) for one in (first, last)]
    text = say.t(
        f"{name}：{say.month(first.month)}{values[0]}，{say.month(last.month)}{values[1]}",
        f"{name}: {values[0]} in {say.month(first.month)}, {values[1]} in {say.month(last.month)}",
    )
    if row and row.target_value is not None:
        goal = say.with_unit(say.number(row.target_value, last.decimals), unit)
        when = say.month(row.target_period)
        word = goal_word(say, book.goal(row))
        text += say.t(f"；{when}{word}{goal}", f"; {word} of {when}: {goal}")
    return text + say.t("。", ".")


def townships(book: Book, say: Language, code: str) -> list[tuple[str, Markup]]:
    """One small drawing a township on one scale, the others in grey behind; empty without township figures."""
    lines = {area: book.series(code, area) for area in book.townships if book.has(code, area)}
    values = [one.value for line in lines.values() for one in line if one.state == "value"]
    if not values:
        return []
    due = {area: row.target_value for area in lines if (row := book.progress.get((code, area)))}
    targets = [target for target in due.values() if target is not None]
    ticks, breaks = scale_ticks([*values, *targets], 3), book.breaks(code, book.county)
    told = [
        month
        for place, month in enumerate(book.months)
        if any(line[place].state != "absent" for line in lines.values())
    ]
    panels = []
    for area, line in lines.items():
        plot = Plot(months_between(told[0], told[-1]), ticks)
        panel(
            plot,
            say,
            [other for name, other in lines.items() if name != area],
            line,
            due.get(area),
            breaks,
        )
        panels.append(
            (book.names[area], plot.drawn(panel_text(book, say, area, line, code), "panel"))
        )
    return panels


def panel(
    plot: Plot, say: Language, others: Sequence[Sequence[Reading]], line: Sequence[Reading], target: float | None,
    breaks: Sequence[tuple[str, str]],
) -> None:  # fmt: skip
    """What one township's drawing shows."""
    for tick in (plot.ticks[0], plot.ticks[-1]):
        plot.lines.append(f'<path class="grid" d="M0 {plot.y(tick) * PLOT:.0f}H{PLOT}"/>')
        plot.say(0, plot.y(tick), "tick", f"{tick:.10g}")
    plot.lines.append(
        f'<path class="other" d="{"".join(plot.series(other, breaks) for other in others)}"/>'
    )
    if target is not None:
        plot.path([(plot.months[0], target), (plot.months[-1], target)], "plan")
    plot.lines.append(f'<path class="own" d="{plot.series(line, breaks)}"/>')
    known = [one for one in line if one.state == "value"]
    for month, style in ((plot.months[0], "when first"), (plot.months[-1], "when last")):
        plot.say(plot.x(month), 1, style, f"{month[:4]}.{int(month[5:])}")
    if known:
        plot.say(plot.x(known[-1].month), plot.y(known[-1].value), "dot", "")
    name_gaps(plot, say, line)


def panel_text(book: Book, say: Language, area: str, line: Sequence[Reading], code: str) -> str:
    """A township's drawing in a few words."""
    unit = book.indicators[code]["unit_measure"]
    known = [one for one in line if one.state == "value"]
    if not known:
        return f"{book.names[area]}" + say.t("：无可公布的数据", ": no figures to show")
    value = say.with_unit(say.number(known[-1].value, known[-1].decimals), unit)
    return f"{book.names[area]}{say.t('：', ': ')}{say.month(known[-1].month)} {value}"
