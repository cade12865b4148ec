"""The evaluation as one page that opens from a file share: the document's blocks, its pictures drawn in."""

from collections.abc import Mapping
from pathlib import Path

from minzheng.contracts.editions import edition
from minzheng.months import month_zh
from minzheng.publish.evaluation.model import EDITION, Evaluation
from minzheng.publish.report.blocks import Report
from minzheng.publish.report.html import html
from minzheng.publish.site import page_environment
from minzheng.publish.site.assets import write_style


def write_page(one: Evaluation, report: Report, drawings: Mapping[str, str], folder: Path) -> None:
    """Write `index.html` and its style into `folder`."""
    folder.mkdir()
    told = {
        "title": report.title,
        "release": one.release,
        "month": month_zh(one.month),
        "edition": edition(EDITION),
        "revision": one.revision,
        "blocks": [html(block, drawings=drawings) for block in report.blocks],
    }
    text = page_environment().get_template("evaluation.html").render(told)
    (folder / "index.html").write_text(text, encoding="utf-8", newline="\n")
    write_style(folder)
