"""A line as a picture in a line of Markdown: the Dagster UI shows Markdown inline only under 1,000 characters."""

import base64
from collections.abc import Sequence

from minzheng.publish.charts.canvas import BLUE

LONGEST = 900
"""Leaves room for the line of text before the picture."""
WIDTH, HEIGHT, MARGIN = 240, 48, 4


def sparkline(values: Sequence[float | None], title: str) -> str:
    """Markdown of an inline SVG of the last values, oldest first; None leaves a gap; "" when there is nothing to draw.

    The axis runs from the least to the greatest value, so the title should say both.
    """
    shown = list(values)
    while shown:
        known = [value for value in shown if value is not None]
        if len(known) < 2:
            return ""
        text = f"![{title}](data:image/svg+xml;base64,{base64.b64encode(_svg(shown).encode()).decode()})"
        if len(text) < LONGEST:
            return text
        shown = shown[1:]
    return ""


def _svg(values: Sequence[float | None]) -> str:
    path, end = route(values, WIDTH, HEIGHT, MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="3" fill="{BLUE}"/></svg>'
    )


def route(
    values: Sequence[float | None], width: int, height: int, margin: int
) -> tuple[str, tuple[int, int]]:
    """The line's path from the least value at the foot to the greatest at the top, and where it ends; a gap stays a gap."""
    known = [value for value in values if value is not None]
    low, span = min(known), (max(known) - min(known)) or 1
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    pen, path, end = "M", "", (0, 0)
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        down = round(height - margin - (value - low) / span * (height - 2 * margin))
        end = (round(margin + place * step), down)
        path += f"{pen}{end[0]} {end[1]}"
        pen = "L"
    return path, end
