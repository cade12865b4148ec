"""The report to the prefecture as a page: the same blocks, every number a link to where it comes from."""

from markupsafe import Markup, escape

from minzheng.publish.report.blocks import Block, Heading, Note, Paragraph, Table
from minzheng.publish.report.building import build_report
from minzheng.publish.report.sentences import Span
from minzheng.publish.site.book import Book


def report_page(book: Book) -> dict[str, list[Markup]]:
    """The blocks with text, as HTML; built once for both languages, for the report is Chinese."""
    if not hasattr(book, "report"):
        report = build_report(book.frames, book.month)
        book.report = [html for block in report.blocks if (html := drawn(book, block))]
    return {"blocks": book.report}


def drawn(book: Book, block: Block) -> Markup | None:
    """A heading, paragraph, table or note; None for what belongs to the paper only (title, figure, signature)."""
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            return Markup("<{0}>{1}</{0}>").format(Markup(tag), block.text)
        case Paragraph() if not block.open:
            return Markup("<p>{}</p>").format(linked(book, block.spans))
        case Note():
            return Markup('<p class="mute">{}</p>').format(block.text)
        case Table():
            heads = Markup("").join(
                Markup('<th scope="col">{}</th>').format(one.heading) for one in block.columns
            )
            rows = Markup("").join(row_of(book, block, row) for row in block.rows)
            told = Markup(
                '<div class="scroll" role="region" tabindex="0" aria-label="附表"><table><thead><tr>{}</tr></thead>'
            )
            return (told + Markup("<tbody>{}</tbody></table></div>")).format(heads, rows)
    return None


def row_of(book: Book, table: Table, row: tuple[Span, ...]) -> Markup:
    """A line of a table; numbers stand at the right."""
    kinds = [Markup(' class="n"') if column.align == "right" else "" for column in table.columns]
    cells = [
        Markup("<td{}>{}</td>").format(kind, linked(book, (span,)))
        for kind, span in zip(kinds, row, strict=True)
    ]
    return Markup("<tr>{}</tr>\n").format(Markup("").join(cells))


def linked(book: Book, spans: tuple[Span, ...]) -> Markup:
    """The text; a span that comes from cells links to the page of the first, at its month."""
    return Markup("").join(link(book, span) for span in spans)


def link(book: Book, span: Span) -> Markup:
    """One span."""
    if (
        not span.references
        or not span.text
        or span.references[0].indicator_id not in book.indicators
    ):
        return escape(span.text)
    cell = span.references[0]
    return Markup('<a href="indicator/{}.html#m{}">{}</a>').format(
        cell.indicator_id, cell.time_period, span.text
    )
