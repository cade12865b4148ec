"""Charts as SVG text, drawn without a browser: the same model gives the same bytes."""

from collections.abc import Callable, Sequence
from itertools import chain

from minzheng.contracts.report import words
from minzheng.months import months_between
from minzheng.publish.cells import SIGNS
from minzheng.publish.charts.canvas import (
    BEHIND,
    BLUE,
    GRID,
    LINE,
    MUTE,
    ORANGE,
    TEXT,
    Canvas,
    plain_number,
    text_width,
)
from minzheng.publish.charts.model import (
    Chart,
    Point,
    ProgressChart,
    TownshipsChart,
    TrendChart,
    drawn,
    nice_ticks,
    segments,
)
from minzheng.publish.numbers import printed

WIDTH = 760
SMALLEST = 10.5  # no text below this, at the width it is printed in
PRINT_WIDTH = 590  # 156 mm, the text block of the report, at 96 dots an inch: what is drawn is what is printed


def draw(chart: Chart) -> str:
    """The chart as an SVG document."""
    if isinstance(chart, ProgressChart):
        return draw_progress(chart)
    return draw_trend(chart) if isinstance(chart, TrendChart) else draw_townships(chart)


def _headed(chart: Chart, height: float, width: float = WIDTH) -> Canvas:
    canvas = Canvas(width, height, chart.title, chart.alt)
    canvas.text(16, 28, chart.title, 17, bold=True)
    canvas.text(
        16,
        50,
        chart.subtitle,
        min(12.5, 12.5 * (width - 32) / max(text_width(chart.subtitle, 12.5), 1)),
        MUTE,
    )
    canvas.text(16, height - 12, chart.source, 11, MUTE)
    return canvas


def draw_progress(chart: ProgressChart) -> str:
    """Bars with the three numbers at the right, the legend in order of the classes, the share of time as a dotted line."""
    row, top = 21, 116
    bottom = top + row * len(chart.bars)
    canvas = _headed(chart, bottom + 74, PRINT_WIDTH)
    left = min(236.0, max(text_width(bar.label, 12) for bar in chart.bars) + 20)
    numbers = max(text_width(f"{bar.base} → {bar.now} → {bar.target}", 11) for bar in chart.bars)
    right = PRINT_WIDTH - numbers - 26
    scale = (
        max(1.0, *(bar.share for bar in chart.bars))
        if max(bar.share for bar in chart.bars) <= 1.25
        else 1.25
    )
    x_of = lambda share: left + (right - left) * min(max(share, 0.0), scale) / scale  # noqa: E731
    draw_legend(canvas, {bar.status for bar in chart.bars}, 16, 78)
    canvas.text(right + 16, top - 8, "基数 → 当前 → 目标", 11, MUTE)
    for position, bar in enumerate(chart.bars):
        draw_bar(
            canvas, bar, top + row * position + row / 2, (left, x_of(1.0), x_of(bar.share), right)
        )
    for tick in (0, 0.25, 0.5, 0.75, 1.0):
        canvas.line(x_of(tick), bottom + 4, x_of(tick), bottom + 9, LINE)
        canvas.text(x_of(tick), bottom + 24, f"{tick * 100:g}%", 11, TEXT, "middle")
    if chart.elapsed is not None:
        canvas.line(x_of(chart.elapsed), top - 2, x_of(chart.elapsed), bottom + 4, TEXT, 1.4, "3 3")
        canvas.text(
            x_of(chart.elapsed),
            top - 8,
            f"时间进度 {printed(chart.elapsed * 100, 1)}%",
            11,
            TEXT,
            "middle",
        )
    canvas.text((left + right) / 2, bottom + 42, "从基数到目标的进度", 11, MUTE, "middle")
    return canvas.done()


def draw_legend(canvas: Canvas, statuses: set[str], left: float, y: float) -> None:
    """Symbols and words of the classes that occur."""
    x = left + 6
    for code, word in words().statuses.items():
        if code in statuses:
            canvas.mark(x, y - 4, word.shape, word.fill)
            canvas.text(x + 14, y, word.zh, 12.5)
            x += 40 + text_width(word.zh, 12.5)


def draw_bar(canvas: Canvas, bar, y: float, x: tuple[float, float, float, float]) -> None:
    """Track, bar, symbol, label and numbers of one indicator; what lies outside the track says so in numbers."""
    left, goal, now, right = x
    word = words().statuses[bar.status]
    canvas.add("rect", x=left, y=y - 3, width=goal - left, height=6, fill=GRID)
    canvas.add("rect", x=left, y=y - 3, width=max(now - left, 0.0), height=6, fill=word.fill)
    canvas.mark(now, y, word.shape, word.fill)
    size = max(SMALLEST, min(12.0, 12.0 * (left - 16) / text_width(bar.label, 12)))
    canvas.text(left - 10, y + 4, bar.label, size, anchor="end")
    x_text = right + 16
    for part, bold in (
        (bar.base or "无基数", False),
        (" → ", False),
        (bar.now, True),
        (" → ", False),
        (bar.target, False),
    ):
        canvas.text(x_text, y + 4, part.strip() or part, 11, TEXT, bold=bold)
        x_text += text_width(part, 11) + (1.5 if bold else 0)


def draw_trend(chart: TrendChart) -> str:
    """The series with direct labels; gaps named; plan line dashed; projection as a band at the end."""
    height, top, bottom, left, right = 400, 78, 338, 66, WIDTH - 130
    canvas = _headed(chart, height)
    first = min([chart.points[0].month, *(month for month, _ in chart.plan[:1])])
    last = max([chart.points[-1].month, *(month for month, _ in chart.plan[1:])])
    months = months_between(first, last)
    values = [v for p in chart.points for v in drawn(p)] + [value for _, value in chart.plan]
    values += list(chart.projection or ())
    ticks = nice_ticks(min(values), max(values))
    x_of = lambda month: left + (right - left) * months.index(month) / max(len(months) - 1, 1)  # noqa: E731
    y_of = lambda value: bottom - (bottom - top) * (value - ticks[0]) / (ticks[-1] - ticks[0])  # noqa: E731
    for tick in ticks:
        canvas.line(left, y_of(tick), right, y_of(tick), GRID)
        canvas.text(left - 8, y_of(tick) + 4, f"{tick:g}", 12, anchor="end")
    draw_months(canvas, months, x_of, bottom)
    if chart.plan:
        canvas.path([(x_of(month), y_of(value)) for month, value in chart.plan], LINE, 1.6, "9 7")
        goal_y = clear_of(y_of(chart.plan[1][1]), chart, y_of)
        canvas.text(right, goal_y, chart.goal_text, 12.5, MUTE, "end")
    for month, word in chart.breaks:
        canvas.line(x_of(month), top, x_of(month), bottom, MUTE, dash="2 4")
        canvas.text(x_of(month) + 4, top + 10, word, 11, MUTE)
    for segment in segments(chart.points, chart.breaks):
        canvas.path([(x_of(p.month), y_of(p.value)) for p in segment], BLUE, 2.4)
    draw_bands(canvas, chart.points, x_of, y_of)
    name_gaps(canvas, chart.points, x_of, bottom - 8)
    label_end(canvas, chart, months, x_of, y_of)
    return canvas.done()


def clear_of(goal: float, chart: TrendChart, y_of: Callable[[float], float]) -> float:
    """Where the goal's words stand, above or below its line: where the last value's words (24 under it) are farther."""
    last = next((point.value for point in reversed(chart.points) if point.value is not None), None)
    words = goal - 99 if last is None else y_of(last) + 24
    near = abs(words - (goal - 9)) < 16
    return max((goal - 9, goal + 18), key=lambda place: abs(place - words)) if near else goal - 9


def draw_bands(canvas: Canvas, points: Sequence[Point], x_of, y_of) -> None:
    """Incomplete months: a band from the lowest to the highest value, and the point open."""
    for point in points:
        if point.mark != "U":
            continue
        x = x_of(point.month)
        if point.low is not None:
            ends = {"y1": y_of(point.low), "y2": y_of(point.high)}
            canvas.add("line", x1=x, x2=x, **ends, stroke=BLUE, stroke_width=5, stroke_opacity=0.3)
        canvas.add(
            "circle", cx=x, cy=y_of(point.value), r=4, fill="#FFFFFF", stroke=BLUE, stroke_width=2
        )


def draw_months(canvas: Canvas, months: list[str], x_of, bottom: float) -> None:
    """A tick and the year at each January; months as well when the series is short."""
    if len(months) <= 18:
        for month in months[:: max(1, -(-len(months) // 6))]:
            canvas.line(x_of(month), bottom, x_of(month), bottom + 5, LINE)
            told = (
                f"{month[:4]}年{int(month[5:])}月"
                if month.endswith("-01") or month == months[0]
                else f"{int(month[5:])}月"
            )
            canvas.text(x_of(month), bottom + 21, told, 11.5, TEXT, "middle")
        return
    for month in months:
        if month.endswith("-01"):
            canvas.line(x_of(month), bottom, x_of(month), bottom + 5, LINE)
            canvas.text(x_of(month), bottom + 21, f"{month[:4]}年", 12, TEXT, "middle")


def name_gaps(canvas: Canvas, points: Sequence[Point], x_of, y: float) -> None:
    """The word of each run of months without a value: never interpolated."""
    before = None
    for point in points:
        if point.state != before and SIGNS.get(point.state):
            canvas.text(x_of(point.month), y, SIGNS[point.state], 11, ORANGE, "middle")
        before = point.state


def label_end(canvas: Canvas, chart: TrendChart, months: list[str], x_of, y_of) -> None:
    """The last value, and the projection at the end of the plan."""
    last = next((p for p in reversed(chart.points) if p.value is not None), None)
    if last is None:
        return
    x, y = x_of(last.month), y_of(last.value)
    if chart.projection and months[-1] > last.month:
        value, low, high = chart.projection
        end = x_of(months[-1])
        corners = " ".join(
            f"{plain_number(a)},{plain_number(b)}"
            for a, b in ((x, y), (end, y_of(high)), (end, y_of(low)))
        )
        canvas.add("polygon", points=corners, fill=BLUE, fill_opacity="0.2")
        canvas.path([(x, y), (end, y_of(value))], BLUE, 2.2, "3 4")
        shown = [printed(number, chart.decimals) for number in (value, low, high)]
        canvas.text(end + 8, y_of(value) - 4, "期末预计", 11.5, BLUE)
        canvas.text(end + 8, y_of(value) + 11, f"{shown[0]}（{shown[1]}–{shown[2]}）", 11.5, BLUE)
    if last.mark != "U":
        canvas.mark(x, y, "circle", BLUE, 5)
    mark = f"（{last.mark}）" if last.mark in ("P", "E") else ""
    if last.mark == "U":
        ends = [printed(end, chart.decimals) for end in (last.low, last.high) if end is not None]
        mark = f"（可能为{'—'.join(ends)}）" if ends else "（待更正）"
    anchor = "end" if x > 120 else "start"
    canvas.text(
        x - 2,
        y + 24,
        f"实际 {printed(last.value, chart.decimals)}{chart.unit}{mark}",
        13,
        BLUE,
        anchor,
        bold=True,
    )


def draw_townships(chart: TownshipsChart) -> str:
    """Panels side by side on one scale; a township that has not reported is named."""
    height, top, bottom, left, gap = 300, 92, 244, 54, 14
    canvas = _headed(chart, height)
    count = len(chart.panels)
    wide = (WIDTH - left - 16 - gap * (count - 1)) / count
    values = [
        value
        for p in chain.from_iterable(points for _, points in chart.panels)
        for value in drawn(p)
    ]
    ticks = nice_ticks(
        min(values, default=0.0), max([*values, chart.target or 0.0], default=1.0), 4
    )
    y_of = lambda value: bottom - (bottom - top) * (value - ticks[0]) / (ticks[-1] - ticks[0])  # noqa: E731
    months = [p.month for p in chart.panels[0][1]]
    for position, (name, points) in enumerate(chart.panels):
        start = left + position * (wide + gap)

        def x_of(month: str, start: float = start) -> float:
            return start + (wide - 8) * months.index(month) / max(len(months) - 1, 1)

        for tick in ticks:
            canvas.line(start, y_of(tick), start + wide, y_of(tick), GRID)
            if position == 0:
                canvas.text(
                    left - 6,
                    y_of(tick) + 4,
                    f"{tick:g}" + ("%" if chart.unit == "%" else ""),
                    11,
                    anchor="end",
                )
        if chart.target is not None:
            canvas.line(
                start, y_of(chart.target), start + wide, y_of(chart.target), LINE, 1.6, "8 6"
            )
        canvas.text(start + wide / 2, top - 12, name, 12.5, TEXT, "middle")
        for other, behind in chart.panels:
            if other != name:
                for segment in segments(behind, chart.breaks):
                    canvas.path([(x_of(p.month), y_of(p.value)) for p in segment], BEHIND, 1)
        for month, _ in chart.breaks:
            canvas.line(x_of(month), top, x_of(month), bottom, MUTE, 1, "2 3")
        for segment in segments(points, chart.breaks):
            canvas.path([(x_of(p.month), y_of(p.value)) for p in segment], BLUE, 2.2)
        draw_bands(canvas, points, x_of, y_of)
        label_panel(canvas, chart, points, x_of, y_of)
        canvas.text(start, bottom + 18, _short(months[0]), 11)
        canvas.text(start + wide, bottom + 18, _short(months[-1]), 11, anchor="end")
    return canvas.done()


def _short(month: str) -> str:
    return f"{month[:4]}.{int(month[5:])}"


def label_panel(canvas: Canvas, chart: TownshipsChart, points: Sequence[Point], x_of, y_of) -> None:
    """The last value above the line's end, or why the last month has none."""
    known = [p for p in points if p.value is not None]
    unit = "%" if chart.unit == "%" else ""
    if known:
        last = known[-1]
        colour = BLUE if last is points[-1] else ORANGE
        y = max(
            y_of(last.value) - 8,
            y_of(chart.target) + 16
            if chart.target and abs(y_of(chart.target) - y_of(last.value)) < 14
            else 0,
        )
        canvas.text(
            x_of(last.month),
            y,
            printed(last.value, chart.decimals) + unit,
            12,
            colour,
            "end",
            bold=True,
        )
    if points[-1].state in ("missing", "suppressed"):
        told = "缺报" if points[-1].state == "missing" else "不予公布"
        y = y_of(known[-1].value) + 18 if known else y_of(0) - 10
        canvas.text(
            x_of(points[-1].month), y, f"{int(points[-1].month[5:])}月{told}", 11, ORANGE, "end"
        )
