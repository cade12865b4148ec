"""Pictures for the Word report: the charts' SVG as PNG, by Typst; needs a Chinese face on the machine, but no browser."""

from collections.abc import Mapping
from functools import cache, lru_cache

from minzheng.publish.glyphs import drawable, fonts

CHINESE_FACES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
    "SimHei",
)
PIXELS_PER_INCH = 300


@cache
def families() -> frozenset[str]:
    """The font families that Typst finds on this machine."""
    return frozenset(fonts().families())


def chinese_face() -> str | None:
    """The first Chinese face found, None where a picture or a pdf would be full of boxes."""
    return next((face for face in CHINESE_FACES if face in families()), None)


def png_pictures(drawings: Mapping[str, str], wanted: list[str]) -> dict[str, bytes]:
    """PNG of the wanted charts; empty without a Chinese face."""
    if chinese_face() is None:
        return {}
    return {chart: _png(drawings[chart]) for chart in wanted if chart in drawings}


@lru_cache(maxsize=4)
def _png(drawing: str) -> bytes:
    """The drawing as PNG; editions share it."""
    import typst

    return typst.compile(
        _page(drawing).encode(), font_paths=fonts(), format="png", ppi=PIXELS_PER_INCH
    )


def _page(drawing: str) -> str:
    """The page of a chart; where a character had to be drawn as its code, a line below says so."""
    drawing, told = drawable(drawing)
    text = drawing.replace("\\", "\\\\").replace('"', '\\"')
    page = f'#set page(width: 156mm, height: auto, margin: 0pt)\n#image(bytes("{text}"), format: "svg", width: 156mm)'
    return page + (f'\n#text(font: "{chinese_face()}", size: 9pt, "{told}")' if told else "")
