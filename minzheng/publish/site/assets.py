"""The site's shared files: style, script, Plotly as the installed package ships it, and the house template for it."""

import json
import shutil
from pathlib import Path

from minzheng.contracts.report import colours
from minzheng.publish.charts.figures import template

ASSETS = Path(__file__).parent / "assets"


def write_assets(folder: Path) -> None:
    """Write style, script, Plotly and its template; Plotly once for all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(ASSETS.iterdir()):
        shutil.copyfile(source, folder / source.name)
    write_style(folder)
    shutil.copyfile(plotly_script(), folder / "plotly.min.js")
    (folder / "template.js").write_text(
        f"window.houseTemplate = {template_json()};\n"
        f"window.houseColours = {colours().model_dump_json()};\n",
        encoding="utf-8",
    )


def write_style(folder: Path) -> None:
    """Write the pages' style with the colours of the charts."""
    style = (ASSETS / "site.css").read_text(encoding="utf-8")
    (folder / "site.css").write_text(colours_css() + style, encoding="utf-8")


def colours_css() -> str:
    """The colours of the charts as the style's own words."""
    house = colours()
    named = {name.replace("_", "-"): value for name, value in house if name not in ("mute", "line")}
    told = named | {"gone": house.mute, "mark": house.line}
    return ":root { " + " ".join(f"--{name}: {value};" for name, value in told.items()) + " }\n"


def plotly_script() -> Path:
    """The script inside the installed Plotly package."""
    import plotly

    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def template_json() -> str:
    """The one template of site, notebooks and pictures, as JSON."""

    return json.dumps(template(), ensure_ascii=False, sort_keys=True)
