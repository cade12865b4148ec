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
    known = [value for value in values if value is not None]
    low, span = min(known), (max(known) - min(known)) or 1
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    pen, path, end = "M", "", (0, 0)
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        end = (
            round(MARGIN + place * step),
            round(HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN)),
        )
        path += f"{pen}{end[0]} {end[1]}"
        pen = "L"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="3" fill="{BLUE}"/></svg>'
    )
