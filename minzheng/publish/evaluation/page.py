"""The evaluation as one page that opens from a file share: the document's blocks, its pictures drawn in."""

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup, escape

from minzheng.contracts.editions import edition
from minzheng.months import month_zh
from minzheng.publish.evaluation.model import EDITION, Evaluation
from minzheng.publish.report.blocks import (
    Addressee,
    Attachment,
    Block,
    Figure,
    Heading,
    Note,
    Paragraph,
    Report,
    Signature,
    Table,
    Title,
)
from minzheng.publish.report.sentences import plain
from minzheng.publish.site import page_environment
from minzheng.publish.site.assets import ASSETS


def write_page(one: Evaluation, report: Report, drawings: Mapping[str, str], folder: Path) -> None:
    """Write `index.html` and its style into `folder`."""
    folder.mkdir()
    told = {
        "title": report.title,
        "release": one.release,
        "month": month_zh(one.month),
        "edition": edition(EDITION),
        "revision": one.revision,
        "blocks": [drawn(block, drawings) for block in report.blocks],
    }
    text = page_environment().get_template("evaluation.html").render(told)
    (folder / "index.html").write_text(text, encoding="utf-8", newline="\n")
    (folder / "site.css").write_bytes((ASSETS / "site.css").read_bytes())


def drawn(block: Block, drawings: Mapping[str, str]) -> Markup:
    """One block as HTML; what belongs to paper only (the list of attachments) is left out."""
    match block:
        case Title():
            return Markup("<h1>{}</h1>").format("".join(block.lines))
        case Heading():
            tag = Markup(f"h{block.level + 1}")
            return Markup("<{0}>{1}</{0}>").format(tag, block.text)
        case Addressee():
            return Markup("<p>{}</p>").format(block.text)
        case Paragraph():
            style = Markup(' class="open"') if block.open else ""
            return Markup("<p{}>{}</p>").format(style, plain(block.spans))
        case Note():
            return Markup('<p class="mute">{}</p>').format(block.text)
        case Attachment():
            return Markup("<h2>{} {}</h2>").format(block.mark, block.title)
        case Signature():
            return Markup("<p>{}<br>{}</p>").format(block.office, block.date)
        case Figure():
            picture = Markup(
                drawings.get(block.chart, "")
            )  # our own drawing, its texts escaped by the canvas
            return Markup('<figure class="chart">{}<figcaption>{}</figcaption></figure>').format(
                picture, block.caption
            )
        case Table():
            return table(block)
    return Markup("")


def table(block: Table) -> Markup:
    """A table that scrolls by itself; numbers stand at the right."""
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(one.heading) for one in block.columns
    )
    kinds = [' class="n"' if column.align == "right" else "" for column in block.columns]
    lines = []
    for row in block.rows:
        cells = [
            f"<td{kind}>{escape(span.text)}</td>" for kind, span in zip(kinds, row, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    label = escape(block.columns[0].heading)
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(label, heads, Markup("".join(lines)))
