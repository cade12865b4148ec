"""The report as a Word document in the form of GB/T 9704-2012; official faces named with fall-backs, none embedded.

Page: A4, text block 156 x 225 mm, 22 lines of 28 characters; title 2号小标宋, body 3号仿宋, level 1 黑体, level 2 楷体; page
number 4号宋体 between dashes 7 mm below the text, outside (odd right, even left). Office staff may change the styles of
`contracts/report/template.docx`; the report takes them by name. Red head, document number, seal and the record of copies
and printing (版头, 版记) belong to the office system that registers the document, and are left to it.
"""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path

from minzheng.publish.report import blocks as b
from minzheng.publish.report.blocks import Report, attachment_lines
from minzheng.publish.report.docx_template import LINE_PITCH, TEMPLATE, number_field
from minzheng.publish.report.sentences import plain
from minzheng.publish.report.wordxml import normalised, tag, turned_box

FIXED_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
MM = 360 * 100  # English metric units
TEXT_WIDTH_MM, TEXT_HEIGHT_MM = 156, 225
IMPRINT_RULES = 12
"""Points that the rules of the 版记 and their distances take."""
WIDE_TEXT_MM = 225
NUMBER_BAND_MM = (
    20  # beside the text of a turned page; the number stands in its middle, 7 mm off the text
)
TWIPS_PER_MM = 1440 / 25.4
UNMADE = "（图未生成：本机没有中文字体）"


def write_docx(
    report: Report, path: Path, pictures: Mapping[str, bytes], template: Path = TEMPLATE
) -> None:
    """Write `report` to `path`; `pictures` maps chart ids to PNG bytes, a chart without one is marked 未生成."""
    import docx

    document = docx.Document(str(template))
    state = Rendering(document, pictures)
    for block in report.blocks:
        state.add(block)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = report.title, "", ""
    properties.created = properties.modified = FIXED_DATE
    properties.revision, properties.language = 1, "zh-CN"
    properties.category = report.marking
    for section in document.sections:
        mark_pages(section, report.marking)
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(normalised(buffer.getvalue()))


def mark_pages(section, marking: str) -> None:
    """The marking at the head of a section's pages, odd and even, at the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        paragraph.text, paragraph.alignment = marking, WD_ALIGN_PARAGRAPH.RIGHT


class Rendering:
    """Adds blocks to a document in order; knows the width of the section it is in."""

    def __init__(self, document, pictures: Mapping[str, bytes]):
        self.document, self.pictures = document, pictures
        self.wide = False
        self.style_ids = {style.name: style.style_id for style in document.styles}
        """Read once: python-docx reads all styles for each paragraph that is given one by its name."""

    def add(self, block: b.Block) -> None:
        """Add one block by its type."""
        adders: dict[type, Callable] = {
            b.RedHead: self.red_head,
            b.Imprint: self.imprint,
            b.Title: self.title,
            b.Addressee: lambda block: self.paragraph(block.text, "MZ Addressee"),
            b.Heading: lambda block: self.paragraph(block.text, f"Heading {block.level}"),
            b.Paragraph: self.body,
            b.Figure: self.figure,
            b.Table: self.table,
            b.Note: lambda block: self.paragraph(block.text, "MZ Note"),
            b.AttachmentList: self.attachment_list,
            b.Signature: self.signature,
            b.Attachment: self.attachment,
        }
        adders[type(block)](block)

    def paragraph(self, text: str, style: str):
        """A paragraph of that style."""
        paragraph = self.document.add_paragraph(text)
        paragraph._p.style = self.style_ids[style]
        return paragraph

    def red_head(self, block: b.RedHead) -> None:
        """The office's name in red, the line with number and 签发人, a red line below."""
        from docx.shared import RGBColor

        name, line = b.block_lines(block)
        self.paragraph("", "Title").add_run(name).font.color.rgb = RGBColor(255, 0, 0)
        self.paragraph("", "MZ Addressee")
        ruled(self.two_ends(line), "bottom", "FF0000", 12)
        self.paragraph("", "MZ Addressee")

    def imprint(self, block: b.Imprint) -> None:
        """At the foot of the last, even page, between thick lines, thin ones inside (GB/T 9704-2012, 7.4.1)."""
        from docx.shared import Emu, Mm, Pt

        add_last_page(self.document)
        self.wide = False
        above = self.paragraph("", "MZ Addressee").paragraph_format
        lines = [self.two_ends(line) for line in b.block_lines(block)]
        taken = Pt(LINE_PITCH / 20 * (len(lines) + 1) + IMPRINT_RULES)
        above.space_after = Emu(Mm(TEXT_HEIGHT_MM) - taken)
        for position, paragraph in enumerate(lines):
            ruled(paragraph, "top", "000000", 6 if position else 8)
        ruled(lines[-1], "bottom", "000000", 8)

    def two_ends(self, text: str):
        """A line whose parts stand at the left and, after a tab, at the right."""
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Mm

        paragraph = self.paragraph(text, "MZ Addressee")
        width = WIDE_TEXT_MM if self.wide else TEXT_WIDTH_MM
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)
        return paragraph

    def title(self, block: b.Title) -> None:
        """The title in its lines, then one blank line."""
        for line in block.lines:
            self.paragraph(line, "Title")
        self.paragraph("", "MZ Addressee")

    def body(self, block: b.Paragraph) -> None:
        """Body text; the last sentence keeps with the signature, so that no page holds a signature alone."""
        paragraph = self.document.add_paragraph()
        for span in block.spans:
            paragraph.add_run(span.text)
        paragraph.paragraph_format.keep_with_next = plain(block.spans) == "特此报告。" or None

    def figure(self, block: b.Figure) -> None:
        """The picture with alternative text, its caption below."""
        from docx.shared import Emu

        picture = self.pictures.get(block.chart)
        if picture is None:
            self.paragraph(UNMADE, "MZ Caption")
        else:
            paragraph = self.paragraph("", "MZ Picture")
            inline = (
                paragraph.add_run()
                .add_picture(io.BytesIO(picture), width=Emu(TEXT_WIDTH_MM * MM))
                ._inline
            )
            inline.docPr.set("descr", block.alt)
            inline.docPr.set("name", block.chart)
        self.paragraph(block.caption, "MZ Caption")

    def table(self, block: b.Table) -> None:
        """A table whose grid and cells both tell the widths; the head repeats, rows do not split."""
        table = self.document.add_table(rows=0, cols=len(block.columns))
        table.style = "MZ Table"
        whole = (WIDE_TEXT_MM if self.wide else TEXT_WIDTH_MM) * TWIPS_PER_MM
        share = whole / sum(column.width for column in block.columns)
        widths = [round(column.width * share) for column in block.columns]
        set_grid(table, widths)
        self.row(
            table,
            [column.heading for column in block.columns],
            widths,
            ["center"] * len(widths),
            head=True,
        )
        aligns = [column.align for column in block.columns]
        for row in block.rows[:1]:
            self.row(table, [span.text for span in row], widths, aligns)
        drawn = table._tbl.tr_lst[-1]
        for row in block.rows[1:]:
            alike = deepcopy(drawn)  # a fifth of the work of drawing each
            for run, span in zip(alike.iter(tag("r")), row, strict=True):
                run.text = span.text
            table._tbl.append(alike)

    def row(
        self, table, texts: list[str], widths: list[int], aligns: list[str], head: bool = False
    ) -> None:
        """One row of a table."""
        from docx.oxml import OxmlElement

        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text, width, align in zip(row.cells, texts, widths, aligns, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph._p.style = self.style_ids[f"MZ Table {'Head' if head else align.title()}"]
            paragraph.add_run(text)
            set_cell(cell, width)

    def attachment_list(self, block: b.AttachmentList) -> None:
        """附件说明 after one blank line; later names align with the first."""
        self.paragraph("", "MZ Addressee").paragraph_format.keep_with_next = True
        for position, line in enumerate(attachment_lines(block.names)):
            self.paragraph(line, "MZ Attachment First" if position == 0 else "MZ Attachment Next")

    def signature(self, block: b.Signature) -> None:
        """Two blank lines, the office centred on the date, the date four characters from the right."""
        for _ in range(2):
            self.paragraph("", "MZ Addressee").paragraph_format.keep_with_next = True
        self.paragraph(block.office, "MZ Office").paragraph_format.keep_with_next = True
        self.paragraph(block.date, "MZ Date")

    def attachment(self, block: b.Attachment) -> None:
        """A new page (a new section where the paper turns): mark flush left on line one, title on line three."""
        if block.landscape:
            add_landscape(self.document)
            self.wide = True
        mark = self.paragraph(block.mark, "MZ Attachment Mark")
        mark.paragraph_format.page_break_before = not block.landscape
        self.paragraph("", "MZ Addressee")
        self.paragraph(block.title, "MZ Attachment Title")


def ruled(paragraph, side: str, colour: str, eighths: int) -> None:
    """A line above or below a paragraph, `eighths` of a point thick."""
    from docx.oxml import OxmlElement

    properties, line = paragraph._p.get_or_add_pPr(), OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        line.set(tag(name), value)
    borders = properties.find(tag("pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.append(borders)
    borders.append(line)


def set_grid(table, widths: list[int]) -> None:
    """Write the column widths into `tblGrid` (LibreOffice obeys only these) and fix the layout."""
    from docx.oxml import OxmlElement

    for column, width in zip(table._tbl.tblGrid.findall(tag("gridCol")), widths, strict=True):
        column.set(tag("w"), str(width))
    layout = OxmlElement("w:tblLayout")
    layout.set(tag("type"), "fixed")
    properties = table._tbl.tblPr
    for old in properties.findall(tag("tblLayout")):
        properties.remove(old)
    properties.append(layout)
    properties.find(tag("tblW")).set(tag("type"), "dxa")
    properties.find(tag("tblW")).set(tag("w"), str(sum(widths)))


def set_cell(cell, width: int) -> None:
    """Width and vertical centring of a cell."""
    from docx.oxml import OxmlElement

    properties = cell._tc.get_or_add_tcPr()
    for old in properties.findall(tag("tcW")):
        properties.remove(old)
    for name, values in (
        ("w:tcW", {"w": str(width), "type": "dxa"}),
        ("w:vAlign", {"val": "center"}),
    ):
        element = OxmlElement(name)
        for key, value in values.items():
            element.set(tag(key), value)
        properties.append(element)


def add_last_page(document) -> None:
    """A further section in the form of the first, which begins on an even page."""
    from docx.enum.section import WD_SECTION

    first = deepcopy(document.sections[0]._sectPr)
    last = document.add_section(WD_SECTION.EVEN_PAGE)._sectPr
    last.getparent().replace(last, first)
    document.sections[-1].start_type = WD_SECTION.EVEN_PAGE


def add_landscape(document) -> None:
    """A landscape section after the text: the portrait page turned clockwise, so its head lies where the left edge was.

    The page number stays where it is on the sheet (GB/T 9704-2012, 7.7): below what was the foot, now at the left, upright
    when the sheet is turned back.
    """
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(28), Mm(26)
    section.left_margin, section.right_margin = Mm(35), Mm(37)
    section.footer_distance = Mm(14)
    for footer, style in (
        (section.footer, "MZ Page Odd"),
        (section.even_page_footer, "MZ Page Even"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = style
        number = footer.add_paragraph()
        number_field(number, style)
        box = turned_box(NUMBER_BAND_MM * MM, TEXT_WIDTH_MM * MM)
        box.find(f".//{tag('txbxContent')}").append(number._p)
        paragraph.add_run()._r.append(box)
