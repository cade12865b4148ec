"""The site's shared files: style, script, Plotly as the installed package ships it, and the house template for it."""

import json
import shutil
from pathlib import Path

from minzheng.publish.charts.figures import template

ASSETS = Path(__file__).parent / "assets"


def write_assets(folder: Path) -> None:
    """Write style, script, Plotly and its template; Plotly once for all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(ASSETS.iterdir()):
        shutil.copyfile(source, folder / source.name)
    shutil.copyfile(plotly_script(), folder / "plotly.min.js")
    (folder / "template.js").write_text(
        f"window.houseTemplate = {template_json()};\n", encoding="utf-8"
    )


def plotly_script() -> Path:
    """The script inside the installed Plotly package."""
    import plotly

    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def template_json() -> str:
    """The one template of site, notebooks and pictures, as JSON."""

    return json.dumps(template().to_plotly_json(), ensure_ascii=False, sort_keys=True)
