"""Plotly figures of the chart models, with the one template of site and notebooks. Plotly is imported when called."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from minzheng.contracts.report import colours, words
from minzheng.months import months_between
from minzheng.publish.cells import SIGNS
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
    Point,
    ProgressChart,
    TownshipsChart,
    TrendChart,
    nice_ticks,
)
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
GAP_WORDS = {state: sign for state, sign in SIGNS.items() if sign}


@cache
def template() -> go.layout.Template:
    """The house template: fonts, greys, no legend, y from zero, titles at the left."""
    import plotly.graph_objects as go

    axis = {
        "showline": False,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": LINE,
        "tickfont": {"size": 12},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONTS, "size": 13, "color": TEXT},
            "colorway": COLOURS,
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "showlegend": False,
            "title": {
                "x": 0.015,
                "xref": "container",
                "xanchor": "left",
                "yref": "container",
                "y": 0.96,
                "font": {"size": 17},
            },
            "xaxis": {**axis, "showgrid": False},
            "yaxis": {**axis, "gridcolor": GRID, "rangemode": "tozero", "ticks": ""},
            "hoverlabel": {"font": {"family": FONTS}},
            "separators": ".",
        }
    )


def figure(chart: Chart) -> go.Figure:
    """The Plotly figure of a chart model; the same numbers, titles and marks as the native drawing."""
    if isinstance(chart, ProgressChart):
        return progress_figure(chart)
    return trend_figure(chart) if isinstance(chart, TrendChart) else townships_figure(chart)


def _figure(chart: Chart, left: float, right: float, height: int) -> go.Figure:
    import plotly.graph_objects as go

    made = go.Figure()
    made.update_layout(
        template=template(),
        title={
            "text": f"<b>{chart.title}</b>",
            "subtitle": {"text": chart.subtitle, "font": {"size": 12.5, "color": MUTE}},
        },
        margin={"l": left, "r": right, "t": 104, "b": 74},
        height=height,
        meta={"alt": chart.alt},
    )
    made.add_annotation(
        text=chart.source, x=0, xref="paper", xanchor="left", y=0, yref="paper", yanchor="top", yshift=-44, xshift=12 - left,
        showarrow=False, font={"size": 11, "color": MUTE},
    )  # fmt: skip
    return made


def progress_figure(chart: ProgressChart) -> go.Figure:
    """Bars from base to target; a symbol a class, its word in the hover text and the legend."""
    labels = [bar.label for bar in chart.bars]
    told = [f"{bar.base or '无基数'} → <b>{bar.now}</b> → {bar.target}" for bar in chart.bars]
    margin = max(text_width(label, 13) for label in labels) + 16
    made = _figure(
        chart, margin, max(text_width(text, 9) for text in told) + 24, 190 + 27 * len(labels)
    )
    top = min(1.25, max([1.0, *(bar.share for bar in chart.bars)]))
    _ways(made, chart, top)
    _classes(made, chart, top)
    for label, text in zip(labels, told, strict=True):
        made.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=14,
            y=label,
            text=text,
            showarrow=False,
            font={"size": 12},
        )
    if chart.elapsed is not None:
        made.add_vline(x=chart.elapsed, line={"color": TEXT, "width": 1.4, "dash": "dot"},
                       annotation={"text": f"时间进度 {printed(chart.elapsed * 100, 1)}%", "yshift": 12, "xanchor": "center"})  # fmt: skip
    legend = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "yref": "paper"}
    made.update_layout(barmode="overlay", showlegend=True, legend=legend)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    made.update_xaxes(
        range=[-0.01, top + 0.02], tickvals=ticks, ticktext=[f"{tick:.0%}" for tick in ticks]
    )
    made.update_yaxes(autorange="reversed", showgrid=False)
    return made


def _ways(made: go.Figure, chart: ProgressChart, top: float) -> None:
    """Each bar's whole way in grey, and on it the way gone in the colour of its class."""
    classes, bars = words().statuses, chart.bars
    gone = [min(max(bar.share, 0.0), top) for bar in bars]
    for ways, colour in (
        ([1.0] * len(bars), GRID),
        (gone, [classes[bar.status].fill for bar in bars]),
    ):
        made.add_bar(
            y=[bar.label for bar in bars], x=ways, orientation="h", width=0.24, marker_color=colour, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip


def _classes(made: go.Figure, chart: ProgressChart, top: float) -> None:
    """A symbol at the end of each way gone; a legend entry a class."""
    for code, word in words().statuses.items():
        bars = [bar for bar in chart.bars if bar.status == code]
        if bars:
            edge = {"color": "white", "width": 1}
            made.add_scatter(
                y=[bar.label for bar in bars],
                x=[min(max(bar.share, 0.0), top) for bar in bars],
                mode="markers",
                name=word.zh,
                showlegend=True,
                marker={
                    "symbol": SYMBOLS[word.shape],
                    "size": 13,
                    "color": word.fill,
                    "line": edge,
                },
                customdata=[[printed(bar.share * 100, 1), word.zh] for bar in bars],
                hovertemplate="%{y}<br>进度 %{customdata[0]}%，%{customdata[1]}<extra></extra>",
            )


def trend_figure(chart: TrendChart) -> go.Figure:
    """The series with the plan's dashed line and the projection band; gaps stay gaps and are named."""
    made = _figure(chart, 64, 150, 420)
    _series(made, _cut(chart.points, chart.breaks), BLUE, 2.4, chart.unit, chart.decimals)
    for month, word in chart.breaks:
        made.add_vline(x=month, line={"color": MUTE, "width": 1, "dash": "dot"})
        made.add_annotation(
            x=month,
            y=1,
            yref="paper",
            text=word,
            showarrow=False,
            xanchor="left",
            font={"color": MUTE, "size": 11},
        )
    if chart.plan:
        made.add_scatter(x=[m for m, _ in chart.plan], y=[v for _, v in chart.plan], mode="lines",
                         line={"color": LINE, "width": 1.6, "dash": "dash"}, hoverinfo="skip")  # fmt: skip
        made.add_annotation(
            x=chart.plan[1][0],
            y=chart.plan[1][1],
            text=chart.goal_text,
            showarrow=False,
            xanchor="right",
            yshift=12,
            font={"color": MUTE},
        )
    last = next((p for p in reversed(chart.points) if p.value is not None), None)
    if last:
        mark = f"<sup>{last.mark}</sup>" if last.mark else ""
        text = f"<b>实际 {printed(last.value, chart.decimals)}{chart.unit}{mark}</b>"
        made.add_annotation(
            x=last.month, y=last.value, text=text, showarrow=False, yshift=-16, font={"color": BLUE}
        )
    if last and chart.projection and chart.plan:
        _projection(made, chart, last)
    _name_gaps(made, chart.points)
    months = months_between(
        min(chart.points[0].month, *(m for m, _ in chart.plan or ((chart.points[0].month, 0),))),
        chart.points[-1].month,
    )
    made.update_xaxes(
        type="date",
        tickformat="%Y年" if len(months) > 18 else "%Y年%-m月",
        dtick="M12" if len(months) > 18 else "M3",
    )
    return made


def _cut(points: Sequence[Point], breaks: Sequence[tuple[str, str]]) -> list[Point]:
    """The points with an empty one before each break, so that no line leads across."""
    new = {month for month, _ in breaks}
    return [
        one
        for point in points
        for one in ([Point(point.month, None)] if point.month in new else []) + [point]
    ]


def _series(
    made: go.Figure,
    points: Sequence[Point],
    colour: str,
    width: float,
    unit: str,
    decimals: int,
    **where,
) -> None:
    incomplete = [p for p in points if p.mark == "U"]
    if incomplete:
        made.add_scatter(
            x=[p.month for p in incomplete],
            y=[p.value for p in incomplete],
            mode="markers",
            marker={"size": 9, "color": colour, "symbol": "circle-open"},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [0 if p.high is None else p.high - p.value for p in incomplete],
                "arrayminus": [0 if p.low is None else p.value - p.low for p in incomplete],
                "thickness": 5,
                "width": 0,
                "color": "rgba(0,114,178,0.3)",
            },
            hoverinfo="skip",
            **where,
        )
    made.add_scatter(
        x=[p.month for p in points],
        y=[p.value for p in points],
        mode="lines+markers",
        marker={"size": 3, "color": colour},
        line={"color": colour, "width": width, "shape": "linear"},
        connectgaps=False,
        hovertemplate=f"%{{x|%Y年%-m月}}：%{{y:.{decimals}f}}{unit}<extra></extra>",
        **where,
    )


def _projection(made: go.Figure, chart: TrendChart, last: Point) -> None:
    value, low, high = chart.projection
    end = chart.plan[1][0]
    made.add_scatter(x=[last.month, end, end], y=[last.value, high, low], fill="toself", mode="lines",
                     line={"width": 0}, fillcolor="rgba(0,114,178,0.2)", hoverinfo="skip")  # fmt: skip
    made.add_scatter(
        x=[last.month, end],
        y=[last.value, value],
        mode="lines",
        line={"color": BLUE, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )
    shown = [printed(number, chart.decimals) for number in (value, low, high)]
    made.add_annotation(x=end, y=value, text=f"期末预计<br>{shown[0]}（{shown[1]}–{shown[2]}）", showarrow=False, xanchor="left",
                        align="left", xshift=8, font={"color": BLUE, "size": 12})  # fmt: skip


def _name_gaps(made: go.Figure, points: Sequence[Point], **where) -> None:
    before = None
    for point in points:
        if point.state != before and point.state in GAP_WORDS:
            made.add_annotation(x=point.month, y=0, yshift=10, text=GAP_WORDS[point.state], showarrow=False,
                                font={"color": ORANGE, "size": 11}, **where)  # fmt: skip
        before = point.state


def townships_figure(chart: TownshipsChart) -> go.Figure:
    """Panels on a shared scale, at most six a row, the other townships in grey behind."""
    from plotly.subplots import make_subplots

    columns = min(6, len(chart.panels))
    rows = -(-len(chart.panels) // columns)
    panels = make_subplots(
        rows,
        columns,
        shared_yaxes="all",
        subplot_titles=[name for name, _ in chart.panels],
        horizontal_spacing=0.02,
    )
    made = _figure(chart, 56, 24, 120 + 220 * rows)
    panels.update_layout(
        {
            name: value
            for name, value in made.layout.to_plotly_json().items()
            if name != "annotations"
        }
    )
    values = [p.value for _, points in chart.panels for p in points if p.value is not None]
    ticks = nice_ticks(
        min(values, default=0.0), max([*values, chart.target or 0.0], default=1.0), 4
    )
    lines = {name: _cut(points, chart.breaks) for name, points in chart.panels}
    for position, (name, points) in enumerate(chart.panels):
        where = {"row": position // columns + 1, "col": position % columns + 1}
        for other, behind in lines.items():
            if other != name:
                panels.add_scatter(x=[p.month for p in behind], y=[p.value for p in behind], mode="lines",
                                   line={"color": BEHIND, "width": 1}, hoverinfo="skip", **where)  # fmt: skip
        _series(panels, lines[name], BLUE, 2.2, chart.unit, chart.decimals, **where)
        for month, _ in chart.breaks:
            panels.add_vline(x=month, line={"color": MUTE, "width": 1, "dash": "dot"}, **where)
        _panel_label(panels, points, chart, where)
        if chart.target is not None:
            panels.add_scatter(x=[points[0].month, points[-1].month], y=[chart.target] * 2, mode="lines",
                               line={"color": LINE, "width": 1.6, "dash": "dash"}, hoverinfo="skip", **where)  # fmt: skip
    panels.update_annotations(font={"family": FONTS, "size": 13})
    panels.add_annotation(made.layout.annotations[0])
    panels.update_xaxes(type="date", tickformat="%Y", nticks=3)
    panels.update_yaxes(
        range=[ticks[0], ticks[-1]], tickvals=ticks, ticksuffix="%" if chart.unit == "%" else ""
    )
    return panels


def _panel_label(
    made: go.Figure, points: Sequence[Point], chart: TownshipsChart, where: dict
) -> None:
    known = [p for p in points if p.value is not None]
    unit = "%" if chart.unit == "%" else ""
    late = points[-1].state in ("missing", "suppressed")
    told = (
        f"<br>{int(points[-1].month[5:])}月{'缺报' if points[-1].state == 'missing' else '不予公布'}"
        if late
        else ""
    )
    if known or told:
        at = known[-1] if known else points[-1]
        value = f"<b>{printed(at.value, chart.decimals)}{unit}</b>" if known else ""
        made.add_annotation(x=at.month, y=at.value or 0, text=value + told, showarrow=False, xanchor="right", yshift=16 + 6 * late,
                            font={"color": ORANGE if late else BLUE, "size": 12}, **where)  # fmt: skip
