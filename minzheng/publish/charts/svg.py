"""Charts as SVG text, drawn without a browser: the same model gives the same bytes, at the width it is wanted in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from minzheng.contracts.report import words
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
    wrapped,
)
from minzheng.publish.charts.model import (
    Bar,
    Chart,
    LineChart,
    Point,
    ProgressChart,
    Series,
    TownshipsChart,
    TrendChart,
    segments,
)
from minzheng.publish.language import Language
from minzheng.publish.numbers import printed

WIDTH = 760
PHONE = 358  # what a screen of 390 leaves between its margins
ROOMY = 500  # from here on words stand beside a drawing; below, above it
SMALLEST = 10.5  # no text below this, at the width it is printed in
PRINT_WIDTH = 590  # 156 mm, the text block of the report, at 96 dots an inch: what is drawn is what is printed
MOST_PANELS = 6  # in a row
Link = Callable[[str], str]


def draw(chart: Chart, width: float | None = None, link: Link | None = None) -> str:
    """The chart as an SVG document; `link` gives the address behind an indicator's name in the chart of progress."""
    if isinstance(chart, ProgressChart):
        return draw_progress(chart, width or PRINT_WIDTH, link)
    if isinstance(chart, TrendChart):
        return draw_trend(chart, width or WIDTH)
    return draw_townships(chart, width or WIDTH)


def _headed(chart: Chart, width: float, body: float) -> tuple[Canvas, float]:
    """A canvas with title, subtitle and source around a body of that height, and where the body begins."""
    big, small = (17, 12.5) if width >= ROOMY else (15, 11.5)
    title = wrapped(chart.title, big, width - 32)
    subtitle = wrapped(chart.subtitle, small, width - 32)
    source = wrapped(chart.source, 11, width - 32)
    middle = 6 + (big + 5) * len(title)
    top = middle + (small + 5) * len(subtitle) + 6
    height = top + body + 16 * len(source) + 6
    canvas = Canvas(width, height, chart.title, chart.alt)
    for lines, start, size, colour in (
        (title, big + 11, big, TEXT),
        (subtitle, middle + small + 5, small, MUTE),
        (source, top + body + 11, 11, MUTE),
    ):
        for at, line in enumerate(lines):
            canvas.text(16, start + (size + 5) * at, line, size, colour, bold=size == big)
    return canvas, top


def draw_progress(
    chart: ProgressChart, width: float = PRINT_WIDTH, link: Link | None = None
) -> str:
    """Bars with the three numbers, the legend in order of the classes, the share of time as a dotted line."""
    say, roomy = chart.say, width >= ROOMY
    row = 21 if roomy else 38
    legend = list(_legend({bar.status for bar in chart.bars}, say, width - 32))
    head = 22 * len(legend) + 34
    canvas, start = _headed(chart, width, head + row * len(chart.bars) + 52)
    top, bottom = start + head, start + head + row * len(chart.bars)
    shares = [bar.share for bar in chart.bars]
    labels = max(text_width(bar.label, 12) for bar in chart.bars) + 20
    left = min(width * 0.4, labels) if roomy else 16
    right = width - max(text_width(numbers(bar, say), 11) for bar in chart.bars) - 26
    scale = max([1.0, *shares]) if max(shares) <= 1.25 else 1.25
    x_of = lambda share: left + (right - left) * min(max(share, 0.0), scale) / scale  # noqa: E731
    for at, entries in enumerate(legend):
        for x, code in entries:
            word = words().statuses[code]
            canvas.mark(x, start + 8 + 22 * at, word.shape, word.fill)
            canvas.text(x + 14, start + 12 + 22 * at, say.word(word), 12.5)
    order = say.t("基数 → 当前 → 目标", "base → now → target")
    canvas.text(width - 10, top - 8, order, 11, MUTE, "end")
    for position, bar in enumerate(chart.bars):
        y = top + row * position + (row / 2 if roomy else row - 9)
        draw_bar(canvas, bar, y, (left, x_of(1.0), x_of(bar.share), right), say, link)
    wide = x_of(1.0) - x_of(0.0) > 4 * text_width("100%", 11) + 24
    for tick in (0, 0.25, 0.5, 0.75, 1.0) if wide else (0, 1.0):
        canvas.line(x_of(tick), bottom + 4, x_of(tick), bottom + 9, LINE)
        canvas.text(x_of(tick), bottom + 24, f"{tick * 100:g}%", 11, TEXT, "middle")
    if chart.elapsed is not None:
        x, gone = x_of(chart.elapsed), f"{printed(chart.elapsed * 100, 1)}%"
        rows = [(top - 2, bottom + 4)] if roomy else _beside(top, bottom, row)
        for above, below in rows:
            canvas.line(x, above, x, below, TEXT, 1.4, "3 3")
        gone = say.t(f"时间进度 {gone}", f"time gone {gone}")
        canvas.text(x, top - 8, gone, 11, TEXT, "middle" if roomy else "end")
    way = say.t("从基数到目标的进度", "way gone from base to target")
    canvas.text((left + right) / 2, bottom + 42, way, 11, MUTE, "middle")
    return canvas.done()


def _beside(top: float, bottom: float, row: float) -> list[tuple[float, float]]:
    """Where an upright line crosses the bars only, since words stand between them."""
    count = round((bottom - top) / row)
    return [(top + row * (at + 1) - 17, top + row * (at + 1) - 1) for at in range(count)]


def _legend(statuses: set[str], say: Language, room: float) -> Iterator[list[tuple[float, str]]]:
    """The classes that occur, each with its x, as many to a line as it has room for."""
    line, x = [], 22.0
    for code, word in words().statuses.items():
        if code not in statuses:
            continue
        needed = 40 + text_width(say.word(word), 12.5)
        if line and x + needed - 20 > room:
            yield line
            line, x = [], 22.0
        line.append((x, code))
        x += needed
    yield line


def numbers(bar: Bar, say: Language) -> str:
    """The three numbers of a bar: `31.0 → 47.6 → 55.0`."""
    return f"{bar.base or say.t('无基数', 'no base')} → {bar.now} → {bar.target}"


def draw_bar(
    canvas: Canvas,
    bar: Bar,
    y: float,
    x: tuple[float, float, float, float],
    say: Language,
    link: Link | None,
) -> None:
    """Track, bar, symbol, label and numbers of one indicator; what lies outside the track says so in numbers."""
    left, goal, now, right = x
    word, roomy = words().statuses[bar.status], canvas.width >= ROOMY
    canvas.add("rect", x=left, y=y - 3, width=goal - left, height=6, fill=GRID)
    canvas.add("rect", x=left, y=y - 3, width=max(now - left, 0.0), height=6, fill=word.fill)
    canvas.mark(now, y, word.shape, word.fill)
    room = left - 26 if roomy else canvas.width - 24
    size = max(SMALLEST, min(12.0, 12.0 * room / text_width(bar.label, 12)))
    href = link(bar.indicator_id) if link else None
    place = (left - 10, y + 4) if roomy else (left, y - 12)
    canvas.text(*place, bar.label, size, anchor="end" if roomy else "start", href=href)
    x_text, told = right + 16, numbers(bar, say).split(" → ")
    for part in (told[0], "→", told[1], "→", told[2]):
        bold = part is told[1]
        canvas.text(x_text, y + 4, part, 11, TEXT, bold=bold)
        x_text += text_width(f"{part} ", 11) + (1.5 if bold else 0)


@dataclass
class Field:
    """Where months and values stand on a canvas: the frame of a trend or of one township's panel."""

    canvas: Canvas
    months: Sequence[str]
    ticks: Sequence[float]
    left: float
    right: float
    top: float
    bottom: float

    def __post_init__(self) -> None:
        self.canvas.field(self.left, self.right, self.top, self.bottom)

    @cached_property
    def place(self) -> dict[str, int]:
        """Each month's place in the row of months."""
        return {month: place for place, month in enumerate(self.months)}

    def x(self, month: str) -> float:
        """Where a month stands."""
        wide = self.right - self.left
        return self.left + wide * self.place[month] / max(len(self.months) - 1, 1)

    def y(self, value: float) -> float:
        """Where a value stands."""
        high = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.bottom - (self.bottom - self.top) * high

    def grid(self, chart: LineChart, values: bool = True) -> None:
        """Grid lines with their values; a scale that does not begin at zero says so."""
        unit = "%" if chart.unit == "%" else ""
        for tick in self.ticks:
            self.canvas.line(self.left, self.y(tick), self.right, self.y(tick), GRID)
            if values:
                told = f"{tick:.10g}{unit}"
                self.canvas.text(self.left - 8, self.y(tick) + 4, told, 11, TEXT, "end")
        for month, word in chart.breaks:
            if month in self.place:
                x = self.x(month)
                self.canvas.line(x, self.top, x, self.bottom, MUTE, dash="2 4")
                if isinstance(chart, TrendChart):
                    near = x > self.right - text_width(word, 11)
                    at = (x - 4, "end") if near else (x + 4, "start")
                    self.canvas.text(at[0], self.top + 10, word, 11, MUTE, at[1])

    def series(self, points: Sequence[Point], breaks: Sequence, colour: str, width: float) -> None:
        """A line for each unbroken run of months."""
        for segment in segments(points, breaks):
            self.canvas.path([(self.x(p.month), self.y(p.value)) for p in segment], colour, width)

    def bands(self, points: Sequence[Point]) -> None:
        """Incomplete months: a band from the lowest to the highest value, and the point open."""
        for point in points:
            if point.mark != "U":
                continue
            x = self.x(point.month)
            if point.low is not None:
                ends = {"y1": self.y(point.low), "y2": self.y(point.high)}
                band = {"stroke": BLUE, "stroke_width": 5, "stroke_opacity": 0.3}
                self.canvas.add("line", x1=x, x2=x, **ends, **band)
            at = {
                "cx": x,
                "cy": self.y(point.value),
                "r": 4 if self.right - self.left > 200 else 2.6,
            }
            self.canvas.add("circle", **at, fill="#FFFFFF", stroke=BLUE, stroke_width=2)

    def name_months(self, say: Language, few: int) -> None:
        """A tick and the year at each January; months when the series is short; as many as there is room for."""
        long = len(self.months) > 18
        shown = [m for m in self.months if m.endswith("-01")] if long else list(self.months)
        for month in shown[:: max(1, -(-len(shown) // few))]:
            x = self.x(month)
            told = say.t(f"{month[:4]}年", month[:4]) if long else f"{month[:4]}.{int(month[5:])}"
            self.canvas.line(x, self.bottom, x, self.bottom + 5, LINE)
            self.canvas.text(x, self.bottom + 21, told, 11.5, TEXT, "middle")


def draw_trend(chart: TrendChart, width: float = WIDTH) -> str:
    """The series with direct labels; gaps named; plan line dashed; projection as a band at the end."""
    roomy, say = width >= ROOMY, chart.say
    body, right = (330, width - 130) if roomy else (280, width - 24)
    canvas, top = _headed(chart, width, body)
    field = Field(canvas, chart.months, chart.ticks, 66 if roomy else 52, right, top + 26, top + body - 44)  # fmt: skip
    field.grid(chart)
    if chart.ticks[0] > 0:
        told = say.t("纵轴不从零开始", "scale does not start at zero")
        canvas.text(16, top + 10, told, SMALLEST, MUTE)
    field.name_months(say, 6 if roomy else 4)
    if chart.plan:
        canvas.path(
            [(field.x(month), field.y(value)) for month, value in chart.plan], LINE, 1.6, "9 7"
        )
        y = clear_of(field.y(chart.plan[1][1]), chart, field)
        canvas.text(right, y, chart.goal_text, 12.5, MUTE, "end")
    field.series(chart.points, chart.breaks, BLUE, 2.4)
    field.bands(chart.points)
    name_gaps(field, chart)
    label_end(field, chart)
    return canvas.done()


def clear_of(goal: float, chart: TrendChart, field: Field) -> float:
    """Where the goal's words stand, above or below its line: where the last value's words (24 under it) are farther."""
    last = chart.own.last
    told = goal - 99 if last is None else field.y(last.value) + 24
    near = abs(told - (goal - 9)) < 16
    return max((goal - 9, goal + 18), key=lambda place: abs(place - told)) if near else goal - 9


def name_gaps(field: Field, chart: TrendChart) -> None:
    """The word of each run of months without a value: never interpolated; one close to another gives way."""
    before, free = None, field.left - 99
    for point in chart.points:
        sign = "" if point.value is not None else chart.say.sign(point.state)
        x = field.x(point.month)
        if point.state != before and sign and x - text_width(sign, 11) / 2 > free:
            field.canvas.text(x, field.bottom - 8, sign, 11, ORANGE, "middle")
            free = x + text_width(sign, 11) / 2 + 4
        before = point.state


def label_end(field: Field, chart: TrendChart) -> None:
    """The last value, and the projection at the end of the plan."""
    last, say, canvas = chart.own.last, chart.say, field.canvas
    if last is None:
        return
    x, y = field.x(last.month), field.y(last.value)
    if chart.projection and chart.months[-1] > last.month:
        draw_projection(field, chart, (x, y))
    if last.mark != "U":
        canvas.mark(x, y, "circle", BLUE, 5)
    told = f"{say.t('实际', 'now')} {chart.reading(last)}"
    fits = x - text_width(told, 13) > field.left
    anchor = (x - 2, "end") if fits else (min(x, field.right - text_width(told, 13)), "start")
    canvas.text(max(anchor[0], 2), y + 24, told, 13, BLUE, anchor[1], bold=True, over=True)


def draw_projection(field: Field, chart: TrendChart, start: tuple[float, float]) -> None:
    """A band from the last value to what is expected at the end of the plan; its words beside it, or above the drawing."""
    value, low, high = chart.projection
    end, canvas, say = field.x(chart.months[-1]), field.canvas, chart.say
    corners = " ".join(
        f"{plain_number(a)},{plain_number(b)}"
        for a, b in (start, (end, field.y(high)), (end, field.y(low)))
    )
    canvas.add("polygon", points=corners, fill=BLUE, fill_opacity="0.2")
    canvas.path([start, (end, field.y(value))], BLUE, 2.2, "3 4")
    shown = [printed(number, chart.decimals) for number in (value, low, high)]
    told = (
        say.t("期末预计", "projected"),
        f"{shown[0]}{say.t('（', ' (')}{shown[1]}–{shown[2]}{say.t('）', ')')}",
    )
    if canvas.width >= ROOMY:
        canvas.text(end + 8, field.y(value) - 4, told[0], 11.5, BLUE)
        canvas.text(end + 8, field.y(value) + 11, told[1], 11.5, BLUE)
    else:
        canvas.text(canvas.width - 12, field.top - 14, " ".join(told), 11.5, BLUE, "end")


def draw_townships(chart: TownshipsChart, width: float = WIDTH) -> str:
    """Panels on one scale, at most six in a row; a township that has not reported is named."""
    count, gap, left = len(chart.panels), 14, 54
    columns = min(count, MOST_PANELS, max(2, int((width - left) // 138)))
    rows, high = -(-count // columns), 214 if columns > 2 else 166
    canvas, top = _headed(chart, width, high * rows + 8)
    wide = (width - left - 16 - gap * (columns - 1)) / columns
    ticks, months = chart.ticks, chart.months
    if ticks[0] > 0:
        told = chart.say.t("纵轴不从零开始", "scale does not start at zero")
        canvas.text(16, top + 8, told, SMALLEST, MUTE)
    for position, one in enumerate(chart.panels):
        row, column = divmod(position, columns)
        start, over = left + column * (wide + gap), top + row * high
        field = Field(canvas, months, ticks, start, start + wide, over + 40, over + high - 24)
        field.grid(chart, values=column == 0)
        if chart.target is not None:
            y = field.y(chart.target)
            canvas.line(start, y, start + wide, y, LINE, 1.6, "8 6")
        canvas.text(
            start + wide / 2, over + 26, one.name, fitted(one.name, 12.5, wide), TEXT, "middle"
        )
        if not position:
            define_lines(field, chart)
        for at, other in enumerate(chart.panels):
            if other is not one:
                away = {"x": start - left, "y": float(row * high)}
                canvas.add("use", href=f"#{line_id(chart, width, at)}", **away)
        field.series(one.points, chart.breaks, BLUE, 2.2)
        field.bands(one.points)
        label_panel(field, chart, one)
        canvas.text(start, field.bottom + 16, _short(months[0]), 11)
        canvas.text(start + wide, field.bottom + 16, _short(months[-1]), 11, anchor="end")
    return canvas.done()


def line_id(chart: Chart, width: float, at: int) -> str:
    """The name of a township's grey line in its drawing; a page may hold several drawings."""
    return f"{chart.id}-{width:g}-{at}"


def define_lines(field: Field, chart: TownshipsChart) -> None:
    """Every township's grey line, once, where the first panel has it; the panels show it at their place."""
    field.canvas.parts.append("<defs>")
    for at, one in enumerate(chart.panels):
        runs = [
            "L".join(f"{field.x(p.month):.0f} {field.y(p.value):.0f}" for p in segment)
            for segment in segments(one.points, chart.breaks)
        ]
        shape = "".join(f"M{run}{'' if 'L' in run else 'h0'}" for run in runs)
        look = {"fill": "none", "stroke": BEHIND, "stroke_linecap": "round"}
        field.canvas.add("path", id=line_id(chart, field.canvas.width, at), d=shape, **look)
    field.canvas.parts.append("</defs>")


def fitted(text: str, size: float, room: float) -> float:
    """The size at which a text has room, not below what print can show."""
    return max(SMALLEST, min(size, size * room / max(text_width(text, size), 1)))


def _short(month: str) -> str:
    return f"{month[:4]}.{int(month[5:])}"


def label_panel(field: Field, chart: TownshipsChart, one: Series) -> None:
    """The last value above the line's end, or why the last month has none."""
    last, newest = one.last, one.points[-1]
    if last:
        unit = "%" if chart.unit == "%" else ""
        y = field.y(last.value) - 8
        if chart.target is not None and abs(field.y(chart.target) - field.y(last.value)) < 14:
            y = max(y, field.y(chart.target) + 16)
        colour = BLUE if last is newest else ORANGE
        told, x = printed(last.value, chart.decimals) + unit, field.x(last.month)
        x = max(x, field.left + text_width(told, 12))
        field.canvas.text(x, max(y, field.top - 2), told, 12, colour, "end", bold=True, over=True)
    if newest.state in ("missing", "suppressed"):
        month = f"{int(newest.month[5:])}月" if chart.say.chinese else f"{_short(newest.month)} "
        y = min(field.y(last.value) + 18, field.bottom - 4) if last else field.bottom - 10
        field.canvas.text(field.right, y, month + chart.reading(newest), 11, ORANGE, "end")
