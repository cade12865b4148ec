"""The typed blocks of the report model; the docx and the pdf are two renderings of the same list."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from minzheng.publish.cell import Reference
from minzheng.publish.report.sentences import Span, plain

_COLUMN = re.compile(r"(.+) ([\d.]+)(?: (left|center))?")


@dataclass(frozen=True)
class RedHead:
    """版头 of an upward document: the office's name in red, document number at the left, 签发人 at the right, a red line."""

    office: str
    number: str
    issuer: str


@dataclass(frozen=True)
class Imprint:
    """版记: who gets copies, who printed it and when, between lines at the end."""

    copies_to: str
    office: str
    date: str


@dataclass(frozen=True)
class Title:
    """The title, already broken into lines at sense units."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Addressee:
    """主送机关, flush left with a full-width colon."""

    text: str


@dataclass(frozen=True)
class Heading:
    """Level 1 `一、` 黑体, level 2 `（一）` 楷体; the text holds its number."""

    level: Literal[1, 2]
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Body text, indented two characters; `open` marks what people fill in."""

    spans: tuple[Span, ...]
    open: bool = False


@dataclass(frozen=True)
class Figure:
    """A chart by its id; caption below, alternative text for those who do not see it."""

    chart: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Column:
    """A table column: heading, width as a share, alignment of its cells."""

    heading: str
    width: float
    align: Literal["left", "center", "right"] = "right"


@dataclass(frozen=True)
class Table:
    """A table on a page of its own orientation; cells are spans, so that numbers keep their references."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Span, ...], ...]


def columns(drawn: str) -> tuple[Column, ...]:
    """Columns as drawn: heading, width and, but for numbers, alignment: `指标 24 left | 单位 9 center | 基数 8`."""
    found = [_COLUMN.fullmatch(one) for one in drawn.split(" | ")]
    return tuple(Column(one[1], float(one[2]), one[3] or "right") for one in found)


def text_table(drawn: str, rows: Iterable[Sequence[str]]) -> Table:
    """A table of plain texts under `columns`."""
    return Table(columns(drawn), tuple(tuple(map(Span, row)) for row in rows))


def said(text: str) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph((Span(text),))


@dataclass(frozen=True)
class Note:
    """A note below a table."""

    text: str


@dataclass(frozen=True)
class AttachmentList:
    """附件说明: one blank line below the text."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """发文机关署名 above 成文日期."""

    office: str
    date: str


@dataclass(frozen=True)
class Attachment:
    """The head of an attachment on a new page: mark (附件1), title; landscape for wide tables."""

    mark: str
    title: str
    landscape: bool = False


Block = (
    RedHead
    | Imprint
    | Title
    | Addressee
    | Heading
    | Paragraph
    | Figure
    | Table
    | Note
    | AttachmentList
    | Signature
    | Attachment
)


@dataclass(frozen=True)
class Report:
    """The whole report; `marking` (内部资料, 报送件) stands at the head of every page."""

    title: str
    blocks: tuple[Block, ...]
    marking: str = ""

    def spans(self) -> Iterator[Span]:
        """Every span of every block, in order."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield from block.spans
            elif isinstance(block, Table):
                yield from chain.from_iterable(block.rows)

    def references(self) -> list[Reference]:
        """The cells that the numbers of the report come from, each once, in order of appearance."""
        every = chain.from_iterable(span.references for span in self.spans())
        return list(dict.fromkeys(every))

    def text(self) -> str:
        """The text of the report, one line a block or row, without figures."""
        return "\n".join(chain.from_iterable(map(block_lines, self.blocks)))


def attachment_lines(names: tuple[str, ...]) -> list[str]:
    """附件：1.… and the following names, without a stop at the end."""
    if len(names) == 1:
        return [f"附件：{names[0]}"]
    return [
        ("附件：" if number == 1 else "") + f"{number}.{name}"
        for number, name in enumerate(names, 1)
    ]


def block_lines(block: Block) -> list[str]:
    """The lines of one block, as both renderings print them."""
    match block:
        case RedHead():
            return [f"{block.office}文件", f"{block.number}\t签发人：{block.issuer}"]
        case Imprint():
            return _imprint_lines(block)
        case Title():
            return ["".join(block.lines)]
        case Addressee() | Heading() | Note():
            return [block.text]
        case Paragraph():
            return [plain(block.spans)]
        case Figure():
            return [block.caption]
        case Table():
            return _table_lines(block)
        case AttachmentList():
            return attachment_lines(block.names)
        case Signature(upper, lower) | Attachment(upper, lower):
            return [upper, lower]
    raise TypeError(block)


def _imprint_lines(block: Imprint) -> list[str]:
    copies = [f"抄送：{block.copies_to}。"] if block.copies_to else []
    return [*copies, f"{block.office}\t{block.date}印发"]


def _table_lines(table: Table) -> list[str]:
    rows = [[span.text for span in row] for row in table.rows]
    return ["\t".join(row) for row in [[column.heading for column in table.columns], *rows]]
