"""The report to the prefecture as a page: the same blocks, every number a link to where it comes from."""

from collections.abc import Sequence
from functools import partial

from markupsafe import Markup, escape

from minzheng.publish.report.blocks import Block, Heading, Note, Paragraph, Table
from minzheng.publish.report.building import build_report
from minzheng.publish.report.html import html
from minzheng.publish.report.sentences import Span
from minzheng.publish.site.book import Book


def report_page(book: Book) -> dict[str, list[Markup]]:
    """The blocks with text, as HTML; built once for both languages, for the report is Chinese."""
    if not hasattr(book, "report"):
        blocks = build_report(book.frames, book.month).blocks
        book.report = [html(block, partial(linked, book)) for block in blocks if is_shown(block)]
    return {"blocks": book.report}


def is_shown(block: Block) -> bool:
    """Whether a block says something that is filled in; the page has its own title, figures and signature."""
    return isinstance(block, Heading | Note | Table) or (
        isinstance(block, Paragraph) and not block.open
    )


def linked(book: Book, spans: Sequence[Span]) -> Markup:
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
