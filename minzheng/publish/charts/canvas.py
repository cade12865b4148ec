"""A canvas that collects SVG elements, with the house's faces and colours; the same calls give the same bytes."""

import re
from collections.abc import Sequence
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from minzheng.contracts.report import colours

FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
_HOUSE = colours()
TEXT, MUTE, LINE, GRID, BEHIND = _HOUSE.text, _HOUSE.mute, _HOUSE.line, _HOUSE.grid, _HOUSE.behind
BLUE, ORANGE = _HOUSE.value, _HOUSE.bad
FIELDS = "\0"
HALO = ' stroke="#FFFFFF" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
PART = re.compile(r"[\u2e80-\u9fff][，。；：、）—]*|[^\s\u2e80-\u9fff]+\s*|\s")
"""What a line is not broken inside of: a Chinese character with its mark, a number, a word."""


def text_width(text: str, size: float) -> float:
    """About how wide the text is: a CJK character is one em, others somewhat more than half."""
    return _ems(text) * size


@lru_cache(maxsize=4096)
def _ems(text: str) -> float:
    return sum(1.0 if ord(char) > 0x2E7F or char in "—“”…→" else 0.56 for char in text)


@lru_cache(maxsize=4096)
def wrapped(text: str, size: float, room: float) -> tuple[str, ...]:
    """The text in lines that fit; a break falls between Chinese characters or at a blank, never inside a number or word."""
    if text_width(text, size) <= room:
        return (text,)
    lines = [""]
    for part in PART.findall(text):
        if lines[-1] and text_width(lines[-1] + part.rstrip(), size) > room:
            lines.append("")
        lines[-1] += part
    return tuple(line.strip() for line in lines)


class Canvas:
    """Collects SVG elements; coordinates are printed to a tenth of a unit."""

    def __init__(self, width: float, height: float, title: str, description: str):
        self.width, self.height = width, height
        self.fields: list[str] = []
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
            f' role="img" font-family="{FONTS}"{FIELDS}>',
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
            f'<rect width="{width:g}" height="{height:g}" fill="#FFFFFF"/>',
        ]

    def add(self, tag: str, **attributes: object) -> None:
        """Add an element; `_` in names becomes `-`."""
        told = "".join(
            f" {name.replace('_', '-')}="
            + (quoteattr(value) if isinstance(value, str) else f'"{plain_number(value)}"')
            for name, value in attributes.items()
        )
        self.parts.append(f"<{tag}{told}/>")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 12,
        fill: str = TEXT,
        anchor: str = "start",
        bold: bool = False,
        href: str | None = None,
        over: bool = False,
    ):
        """Add text with its baseline at y, as a link where it leads somewhere; with a white rim where it lies over lines."""
        weight = ' font-weight="700"' if bold else ""
        weight += HALO if over else ""
        before, after = (f"<a href={quoteattr(href)}>", "</a>") if href else ("", "")
        self.parts.append(
            f'{before}<text x="{plain_number(x)}" y="{plain_number(y)}" font-size="{plain_number(size)}" fill="{fill}" text-anchor="{anchor}"{weight}>'
            f"{escape(text)}</text>{after}"
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str,
        width: float = 1,
        dash: str | None = None,
    ) -> None:
        """Add a straight line."""
        more = {"stroke_dasharray": dash} if dash else {}
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **more)

    def path(
        self,
        points: Sequence[tuple[float, float]],
        stroke: str,
        width: float,
        dash: str | None = None,
    ) -> None:
        """Add a line through points; a single point becomes a dot."""
        if len(points) == 1:
            self.add("circle", cx=points[0][0], cy=points[0][1], r=width, fill=stroke)
            return
        drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        more = {"stroke_dasharray": dash} if dash else {}
        self.add(
            "path",
            d=drawn,
            fill="none",
            stroke=stroke,
            stroke_width=width,
            stroke_linejoin="round",
            **more,
        )

    def mark(self, x: float, y: float, shape: str, fill: str, radius: float = 6) -> None:
        """Add a status symbol with a white rim."""
        r = radius
        outlines = {
            "diamond": [(0, -r - 1), (r + 1, 0), (0, r + 1), (-r - 1, 0)],
            "triangle": [(0, -r), (r, r - 1), (-r, r - 1)],
            "square": [(1 - r, 1 - r), (r - 1, 1 - r), (r - 1, r - 1), (1 - r, r - 1)],
            "cross": [(-r, -r + 2), (-r + 2, -r), (0, -2), (r - 2, -r), (r, -r + 2), (2, 0), (r, r - 2), (r - 2, r), (0, 2),
                      (2 - r, r), (-r, r - 2), (-2, 0)],
        }  # fmt: skip
        if shape == "circle":
            self.add("circle", cx=x, cy=y, r=r, fill=fill, stroke="#FFFFFF", stroke_width=1.2)
        else:
            points = " ".join(
                f"{plain_number(x + dx)},{plain_number(y + dy)}" for dx, dy in outlines[shape]
            )
            self.add("polygon", points=points, fill=fill, stroke="#FFFFFF", stroke_width=1.2)

    def field(self, left: float, right: float, top: float, bottom: float) -> None:
        """Say where the months of a line stand, so that a page can tell the one under the pointer."""
        self.fields.append(",".join(f"{edge:.0f}" for edge in (left, right, top, bottom)))

    def done(self) -> str:
        """The SVG document."""
        told = f' data-fields="{" ".join(self.fields)}"' if self.fields else ""
        return "\n".join([self.parts[0].replace(FIELDS, told), *self.parts[1:], "</svg>", ""])


def plain_number(value: object) -> str:
    """A coordinate to a tenth of a unit; other values as they are."""
    if isinstance(value, float):
        return f"{round(value, 1) + 0.0:g}"
    return str(value)
