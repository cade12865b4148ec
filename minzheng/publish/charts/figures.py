"""What Plotly is told of the chart models: one JSON that pages plot and notebooks open; Plotly itself only for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from minzheng.contracts.report import colours, words
from minzheng.publish.charts.canvas import (
    BEHIND,
    BLUE,
    FONTS,
    GRID,
    LINE,
    MUTE,
    ORANGE,
    TEXT,
    text_width,
)
from minzheng.publish.charts.model import (
    Chart,
    LineChart,
    Point,
    ProgressChart,
    Series,
    TownshipsChart,
    TrendChart,
)
from minzheng.publish.charts.svg import MOST_PANELS, numbers
from minzheng.publish.numbers import printed

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOLS = {
    "diamond": "diamond",
    "circle": "circle",
    "triangle": "triangle-up",
    "square": "square",
    "cross": "x",
}
COLOURS = [BLUE, ORANGE, colours().good, colours().warn, MUTE]
Spec = dict[str, Any]
"""A part of Plotly's JSON, whose keys are Plotly's."""


def template() -> Spec:
    """The house template: fonts, greys, no legend, titles at the left."""
    axis = {
        "showline": False,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": LINE,
        "tickfont": {"size": 12},
    }
    title = {"x": 0.015, "xref": "container", "xanchor": "left", "yref": "container", "y": 0.96}
    return {
        "layout": {
            "font": {"family": FONTS, "size": 13, "color": TEXT},
            "colorway": COLOURS,
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "showlegend": False,
            "title": {**title, "font": {"size": 17}},
            "xaxis": {**axis, "showgrid": False},
            "yaxis": {**axis, "gridcolor": GRID, "ticks": ""},
            "hoverlabel": {"font": {"family": FONTS}},
            "separators": ".",
        }
    }


def figure(chart: Chart) -> go.Figure:
    """The chart for a notebook: what the page plots, in the house template."""
    import plotly.graph_objects as go

    return go.Figure(spec(chart)).update_layout(template=template())


def spec(chart: Chart) -> Spec:
    """Plotly's `data` and `layout` of a chart model; the same numbers, titles and marks as the native drawing."""
    if isinstance(chart, ProgressChart):
        return progress_spec(chart)
    return trend_spec(chart) if isinstance(chart, TrendChart) else townships_spec(chart)


def text(words: str) -> str:
    """A name as Plotly's text, which reads some markup."""
    return escape(words, quote=False)


def _note(words: str, x: Any, y: Any, **more: Any) -> Spec:
    return {"text": words, "x": x, "y": y, "showarrow": False, **more}


def _layout(chart: Chart, left: float, right: float, height: int) -> Spec:
    source = _note(
        text(chart.source), 0, 0, xref="paper", xanchor="left", yref="paper", yanchor="top", yshift=-44, xshift=12 - left,
        font={"size": 11, "color": MUTE},
    )  # fmt: skip
    subtitle = {"text": text(chart.subtitle), "font": {"size": 12.5, "color": MUTE}}
    return {
        "title": {"text": f"<b>{text(chart.title)}</b>", "subtitle": subtitle},
        "margin": {"l": left, "r": right, "t": 104, "b": 74},
        "height": height,
        "meta": {"alt": chart.alt},
        "annotations": [source],
        "shapes": [],
    }


def progress_spec(chart: ProgressChart) -> Spec:
    """Bars from base to target; a symbol a class, its word in the hover text and the legend."""
    labels = [text(bar.label) for bar in chart.bars]
    told = [numbers(bar, chart.say) for bar in chart.bars]
    margin = max(text_width(label, 13) for label in labels) + 16
    aside = max(text_width(one, 9) for one in told) + 24
    layout = _layout(chart, margin, aside, 190 + 27 * len(labels))
    top = min(1.25, max([1.0, *(bar.share for bar in chart.bars)]))
    beside = {"xref": "x", "xanchor": "left", "xshift": 14, "font": {"size": 12}}
    layout["annotations"] += [
        _note(one, 1, label, **beside) for label, one in zip(labels, told, strict=True)
    ]
    if chart.elapsed is not None:
        gone = f"{printed(chart.elapsed * 100, 1)}%"
        layout["shapes"].append(_upright(chart.elapsed, TEXT, 1.4))
        told_gone = chart.say.t(f"时间进度 {gone}", f"time gone {gone}")
        layout["annotations"].append(_note(told_gone, chart.elapsed, 1, yref="paper", yshift=12))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    legend = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "yref": "paper"}
    layout |= {
        "barmode": "overlay",
        "showlegend": True,
        "legend": legend,
        "xaxis": {
            "range": [-0.01, top + 0.02],
            "tickvals": ticks,
            "ticktext": [f"{tick:.0%}" for tick in ticks],
        },
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    return {"data": [*_ways(chart, labels, top), *_classes(chart, top)], "layout": layout}


def _upright(x: Any, colour: str, width: float = 1, xref: str = "x", yref: str = "paper") -> Spec:
    line = {"color": colour, "width": width, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "xref": xref, "yref": yref, "line": line}  # fmt: skip


def _ways(chart: ProgressChart, labels: list[str], top: float) -> list[Spec]:
    """Each bar's whole way in grey, and on it the way gone in the colour of its class."""
    classes = words().statuses
    gone = [min(max(bar.share, 0.0), top) for bar in chart.bars]
    inks = [classes[bar.status].fill for bar in chart.bars]
    bar = {"type": "bar", "y": labels, "orientation": "h", "width": 0.24, "hoverinfo": "skip", "showlegend": False}  # fmt: skip
    ways = (([1.0] * len(labels), GRID), (gone, inks))
    return [{**bar, "x": way, "marker": {"color": colour}} for way, colour in ways]


def _classes(chart: ProgressChart, top: float) -> list[Spec]:
    """A symbol at the end of each way gone; a legend entry a class."""
    found = []
    for code, word in words().statuses.items():
        bars = [bar for bar in chart.bars if bar.status == code]
        name, edge = chart.say.word(word), {"color": "white", "width": 1}
        marker = {"symbol": SYMBOLS[word.shape], "size": 13, "color": word.fill, "line": edge}
        if bars:
            way = chart.say.t("进度 %{customdata}%", "%{customdata}% of the way")
            found.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "x": [min(max(bar.share, 0.0), top) for bar in bars],
                    "y": [text(bar.label) for bar in bars],
                    "marker": marker,
                    "showlegend": True,
                    "customdata": [printed(bar.share * 100, 1) for bar in bars],
                    "hovertemplate": f"%{{y}}<br>{way}<extra>{name}</extra>",
                }
            )
    return found


def trend_spec(chart: TrendChart) -> Spec:
    """The series with the plan's dashed line and the projection band; the townships' lines wait in the legend."""
    layout, last = _layout(chart, 64, 150, 420), chart.own.last
    data = _series(chart, chart.own, BLUE, 2.4)
    layout["shapes"] = [_upright(month, MUTE) for month, _ in chart.breaks]
    layout["annotations"] += [
        _note(word, month, 1, yref="paper", xanchor="left", font={"color": MUTE, "size": 11})
        for month, word in chart.breaks
    ]
    if chart.plan:
        data.append(_dashed(*zip(*chart.plan, strict=True)))
        goal = _note(chart.goal_text, *chart.plan[1], xanchor="right", yshift=12)
        layout["annotations"].append({**goal, "font": {"color": MUTE}})
    if last:
        told = f"<b>{chart.say.t('实际', 'now')} {chart.reading(last)}</b>"
        layout["annotations"].append(
            _note(told, last.month, last.value, yshift=-16, xanchor="right", font={"color": BLUE})
        )
    if last and chart.projection and chart.plan:
        lines, note = _projection(chart, last)
        data += lines
        layout["annotations"].append(note)
    layout["annotations"] += _gaps(chart)
    for one in chart.others:
        hidden = {"visible": "legendonly", "showlegend": True}
        data += [trace | hidden for trace in _series(chart, one, None, 1.6)[:1]]
    layout |= {"showlegend": bool(chart.others), "legend": {"orientation": "h", "y": -0.22}}
    layout["xaxis"] = _months(chart.say.chinese, len(chart.months) > 18)
    layout["yaxis"] = _scale(chart)
    return {"data": data, "layout": layout}


def _months(chinese: bool, long: bool) -> Spec:
    names = ("%Y年", "%Y年%-m月") if chinese else ("%Y", "%b %Y")
    return {"type": "date", "tickformat": names[not long], "dtick": "M12" if long else "M3"}


def _scale(chart: LineChart) -> Spec:
    ticks = chart.ticks
    unit = "%" if chart.unit == "%" else ""
    return {"range": [ticks[0], ticks[-1]], "tickvals": ticks, "ticktext": [f"{tick:.10g}{unit}" for tick in ticks]}  # fmt: skip


def _dashed(months: Sequence[str], values: Sequence[float]) -> Spec:
    line = {"color": LINE, "width": 1.6, "dash": "dash"}
    return {"type": "scatter", "mode": "lines", "x": list(months), "y": list(values), "line": line, "hoverinfo": "skip", "showlegend": False}  # fmt: skip


def _cut(chart: LineChart, points: Sequence[Point]) -> list[Point]:
    """The points with an empty one before each break, so that no line leads across."""
    new = {month for month, _ in chart.breaks}
    cut = []
    for point in points:
        cut += [Point(point.month, None), point] if point.month in new else [point]
    return cut


def _series(chart: LineChart, one: Series, colour: str | None, width: float) -> list[Spec]:
    """A line with its gaps; where months are incomplete, their open points with bands besides."""
    name, points = text(one.name), _cut(chart, one.points)
    ink = {"color": colour} if colour else {}
    month = chart.say.t("%{x|%Y年%-m月}：", "%{x|%b %Y}: ")
    unit = text(chart.say.with_unit("", chart.unit))
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [point.month for point in points],
        "y": [point.value for point in points],
        "marker": {"size": 3} | ink,
        "line": {"width": width, "shape": "linear"} | ink,
        "connectgaps": False,
        "hovertemplate": f"{month}%{{y:.{chart.decimals}f}}{unit}<extra>{name}</extra>",
    }
    half = [point for point in points if point.mark == "U"]
    return [line, _open(chart, half, colour)] if half else [line]


def _open(chart: LineChart, points: Sequence[Point], colour: str | None) -> Spec:
    """Incomplete months: open points, bands from the lowest to the highest value."""
    band = {
        "type": "data",
        "symmetric": False,
        "array": [0 if p.high is None else p.high - p.value for p in points],
        "arrayminus": [0 if p.low is None else p.value - p.low for p in points],
        "thickness": 5,
        "width": 0,
        "color": _pale(colour or BLUE, 0.3),
    }
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [p.month for p in points],
        "y": [p.value for p in points],
        "marker": {"size": 9, "color": colour, "symbol": "circle-open"},
        "error_y": band,
        "text": [text(chart.reading(p)) for p in points],
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def _pale(colour: str, share: float) -> str:
    """A colour of the house, through which the grid is seen."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _projection(chart: TrendChart, last: Point) -> tuple[list[Spec], Spec]:
    """The band and line to what is expected at the plan's end, and its words."""
    value, low, high = chart.projection
    end, say = chart.plan[1][0], chart.say
    plain = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    band = plain | {"x": [last.month, end, end], "y": [last.value, high, low], "fill": "toself",
                    "line": {"width": 0}, "fillcolor": _pale(BLUE, 0.2)}  # fmt: skip
    way = plain | {"x": [last.month, end], "y": [last.value, value], "line": {"color": BLUE, "width": 2, "dash": "dot"}}  # fmt: skip
    shown = [printed(number, chart.decimals) for number in (value, low, high)]
    told = say.t(
        f"期末预计<br>{shown[0]}（{shown[1]}–{shown[2]}）",
        f"projected<br>{shown[0]} ({shown[1]}–{shown[2]})",
    )
    ink = {"color": BLUE, "size": 12}
    return [band, way], _note(told, end, value, xanchor="left", align="left", xshift=8, font=ink)


def _gaps(chart: TrendChart) -> list[Spec]:
    """The word of each run of months without a value, at the foot."""
    before, found = None, []
    for point in chart.points:
        sign = "" if point.value is not None else chart.say.sign(point.state)
        if point.state != before and sign:
            ink = {"color": ORANGE, "size": 11}
            found.append(_note(sign, point.month, 0, yref="paper", yshift=10, font=ink))
        before = point.state
    return found


def townships_spec(chart: TownshipsChart) -> Spec:
    """Panels on a shared scale, at most six a row, the other townships in grey behind."""
    columns = min(MOST_PANELS, len(chart.panels))
    rows = -(-len(chart.panels) // columns)
    layout, data = _layout(chart, 56, 24, 120 + 220 * rows), []
    for position, one in enumerate(chart.panels):
        row, column = divmod(position, columns)
        at = str(position + 1) if position else ""
        axes = {"xaxis": f"x{at}", "yaxis": f"y{at}"}
        wide, high = 1 / columns, 1 / rows
        down = 1 - high * row
        layout[f"xaxis{at}"] = {"type": "date", "tickformat": "%Y", "nticks": 3, "anchor": f"y{at}",
                                "domain": [wide * column, wide * (column + 0.92)]}  # fmt: skip
        layout[f"yaxis{at}"] = {**_scale(chart), "anchor": f"x{at}", "domain": [down - high * 0.72, down - high * 0.08],
                                "showticklabels": column == 0, **({"matches": "y"} if at else {})}  # fmt: skip
        for other in chart.panels:
            if other is not one:
                data.append(_behind(chart, other) | axes)
        data += [trace | axes for trace in _series(chart, one, BLUE, 2.2)]
        if chart.target is not None:
            ends = [one.points[0].month, one.points[-1].month]
            data.append(_dashed(ends, [chart.target] * 2) | axes)
        refs = {"xref": f"x{at}", "yref": f"y{at} domain"}
        layout["shapes"] += [_upright(month, MUTE, **refs) for month, _ in chart.breaks]
        layout["annotations"].append(
            _note(text(one.name), 0.5, 1, xref=f"x{at} domain", yref=f"y{at} domain", yanchor="bottom", font={"size": 13})
        )  # fmt: skip
        layout["annotations"] += _panel_label(chart, one, {"xref": f"x{at}", "yref": f"y{at}"})
    return {"data": data, "layout": layout}


def _behind(chart: LineChart, one: Series) -> Spec:
    points = _cut(chart, one.points)
    line = {"color": BEHIND, "width": 1}
    return {"type": "scatter", "mode": "lines", "x": [p.month for p in points], "y": [p.value for p in points],
            "line": line, "hoverinfo": "skip"}  # fmt: skip


def _panel_label(chart: TownshipsChart, one: Series, refs: Spec) -> list[Spec]:
    """The last value of a panel, and why the newest month has none."""
    last, newest = one.last, one.points[-1]
    unit = "%" if chart.unit == "%" else ""
    late = newest.state in ("missing", "suppressed")
    month = newest.month if not chart.say.chinese else f"{int(newest.month[5:])}月"
    told = f"<br>{month}{chart.say.t('', ' ')}{chart.reading(newest)}" if late else ""
    if not last and not told:
        return []
    at = last or newest
    value = f"<b>{printed(last.value, chart.decimals)}{unit}</b>" if last else ""
    ink = {"color": ORANGE if late else BLUE, "size": 12}
    return [_note(value + told, at.month, at.value or 0, xanchor="right", yshift=16 + 6 * late, font=ink, **refs)]  # fmt: skip
