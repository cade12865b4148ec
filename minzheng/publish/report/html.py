"""The blocks of a document as HTML, for the pages of a report and of an evaluation."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from minzheng.publish.report.blocks import (
    Addressee,
    Attachment,
    Block,
    Figure,
    Heading,
    Note,
    Paragraph,
    Signature,
    Table,
    Title,
)
from minzheng.publish.report.sentences import Span, plain

Drawn = Callable[[Sequence[Span]], Markup]


def as_text(spans: Sequence[Span]) -> Markup:
    """The spans without links."""
    return escape(plain(spans))


def html(
    block: Block, linked: Drawn = as_text, drawings: Mapping[str, str] | None = None
) -> Markup:
    """One block; `linked` draws its spans, `drawings` holds its pictures. What belongs to paper only is left out."""
    match block:
        case Title():
            return Markup("<h1>{}</h1>").format("".join(block.lines))
        case Heading():
            return Markup("<{0}>{1}</{0}>").format(Markup(f"h{block.level + 1}"), block.text)
        case Addressee():
            return Markup("<p>{}</p>").format(block.text)
        case Paragraph():
            style = Markup(' class="open"') if block.open else ""
            return Markup("<p{}>{}</p>").format(style, linked(block.spans))
        case Note():
            return Markup('<p class="mute">{}</p>').format(block.text)
        case Attachment():
            return Markup("<h2>{} {}</h2>").format(block.mark, block.title)
        case Signature():
            return Markup("<p>{}<br>{}</p>").format(block.office, block.date)
        case Figure():
            # Our own drawing, its texts escaped by the canvas.
            picture = Markup((drawings or {}).get(block.chart, ""))
            return Markup('<figure class="chart">{}<figcaption>{}</figcaption></figure>').format(
                picture, block.caption
            )
        case Table():
            return _table(block, linked)
    return Markup("")


def _table(block: Table, linked: Drawn) -> Markup:
    """A table that scrolls by itself; numbers stand at the right."""
    heads = (Markup('<th scope="col">{}</th>').format(one.heading) for one in block.columns)
    kinds = [' class="n"' if column.align == "right" else "" for column in block.columns]
    lines = []
    for row in block.rows:
        cells = (f"<td{kind}>{linked((span,))}</td>" for kind, span in zip(kinds, row, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="附表"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(Markup("").join(heads), Markup("".join(lines)))
