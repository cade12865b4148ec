"""Makes `contracts/report/template.docx`: page, styles and page numbers of GB/T 9704-2012, for office staff to edit.

Run `python -m minzheng.publish.report.docx_template` after a change here; a test compares the styles it promises.
"""

import io

from minzheng.contracts.paths import CONTRACTS
from minzheng.publish.report.wordxml import normalised, tag

TEMPLATE = CONTRACTS / "report" / "template.docx"
TABLE_PITCH = (
    230  # 11.5 pt: faces differ in their natural pitch, a table must fit its page with all of them
)
LINE_PITCH = 579  # twentieths of a point: 28.95 pt, 225 mm / 22 lines
BODY, KAI, HEI, TITLE, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"
# style: face, size in half points, first-line indent in characters, alignment, extra paragraph properties
STYLES = {
    "Normal": (BODY, 32, 2, "both", ""),
    "MZ Addressee": (BODY, 32, 0, "left", ""),
    "Title": (TITLE, 44, 0, "center", "free"),
    "Heading 1": (HEI, 32, 2, "left", "next"),
    "Heading 2": (KAI, 32, 2, "left", "next"),
    "MZ Caption": (SONG, 21, 0, "center", "free"),
    "MZ Picture": (SONG, 21, 0, "center", "free next single"),
    "MZ Note": (SONG, 18, 0, "left", "free single"),
    "MZ Table Head": (SONG, 19, 0, "center", "free tight next"),
    "MZ Table Left": (SONG, 19, 0, "left", "free tight"),
    "MZ Table Center": (SONG, 19, 0, "center", "free tight"),
    "MZ Table Right": (SONG, 19, 0, "right", "free tight"),
    "MZ Attachment First": (BODY, 32, 2, "left", "next"),
    "MZ Attachment Next": (BODY, 32, 0, "left", "next hang"),
    "MZ Office": (BODY, 32, 0, "right", "office"),
    "MZ Date": (BODY, 32, 0, "right", "date"),
    "MZ Attachment Mark": (HEI, 32, 0, "left", ""),
    "MZ Attachment Title": (TITLE, 36, 0, "center", "free"),
    "MZ Page Odd": (SONG, 28, 0, "right", "free single outside"),
    "MZ Page Even": (SONG, 28, 0, "left", "free single outside"),
}
INDENTS = {
    "hang": ("left", 500),
    "office": ("right", 440),
    "date": ("right", 400),
    "outside": ("both", 100),
}


def build_template() -> bytes:
    """The template's bytes; always the same."""
    import docx
    from docx.shared import Mm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)
    for name, rules in STYLES.items():
        set_style(document, name, *rules)
    add_table_style(document)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, style in (
        (section.footer, "MZ Page Odd"),
        (section.even_page_footer, "MZ Page Even"),
    ):
        footer.is_linked_to_previous = False
        number_field(footer.paragraphs[0], style)
    grid = section._sectPr.find(tag("docGrid"))
    grid = _child(section._sectPr, "docGrid") if grid is None else grid
    grid.set(tag("type"), "lines")
    grid.set(tag("linePitch"), str(LINE_PITCH))
    buffer = io.BytesIO()
    document.save(buffer)
    return normalised(buffer.getvalue())


def set_style(
    document, name: str, face: str, size: int, indent: int, align: str, extra: str
) -> None:
    """Write a paragraph style from nothing: faces for Latin and Chinese, size, exact pitch, indents."""
    from docx.enum.style import WD_STYLE_TYPE

    known = {style.name for style in document.styles}
    style = (
        document.styles[name]
        if name in known
        else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    if name != "Normal":
        style.base_style = document.styles["Normal"]
    element, rules = style.element, extra.split()
    for old in ("pPr", "rPr"):
        for part in element.findall(tag(old)):
            element.remove(part)
    paragraph, run = _child(element, "pPr"), _child(element, "rPr")
    _child(paragraph, "keepNext", val="1" if "next" in rules else "0")
    _child(paragraph, "widowControl", val="0")
    _child(paragraph, "snapToGrid", val="0" if "free" in rules else "1")
    _child(paragraph, "spacing", before="0", after="0", **_pitch(size, rules))
    _child(paragraph, "ind", **indents(indent, size, rules))
    _child(paragraph, "jc", val=align)
    if name.startswith("Heading"):
        _child(paragraph, "outlineLvl", val=str(int(name[-1]) - 1))
    latin = (
        face if face == TITLE else "Times New Roman"
    )  # digits of a title in a thin Latin face look broken
    _child(run, "rFonts", ascii=latin, hAnsi=latin, eastAsia=face, cs="Times New Roman")
    _child(run, "b", val="0")
    _child(run, "color", val="000000")
    if size == 32:
        _child(run, "spacing", val="-4")
    _child(run, "kern", val="0")
    _child(run, "sz", val=str(size))
    _child(run, "szCs", val=str(size))
    _child(run, "lang", val="en-US", eastAsia="zh-CN")


def _pitch(size: int, rules: list[str]) -> dict[str, str]:
    if "single" in rules:
        return {"line": "240", "lineRule": "auto"}
    exact = (
        TABLE_PITCH
        if "tight" in rules
        else LINE_PITCH
        if size <= 32
        else 640
        if size >= 44
        else 600
    )
    return {"line": str(exact), "lineRule": "exact"}


def indents(first: int, size: int, rules: list[str]) -> dict[str, str]:
    """Indents in characters and in twips: Word reads the former, others the latter."""
    told = {"firstLineChars": str(first * 100), "firstLine": str(first * size * 10)}
    for rule, (side, hundredths) in INDENTS.items():
        for one in ("left", "right") if side == "both" else (side,):
            if rule in rules:
                told |= {f"{one}Chars": str(hundredths), one: str(hundredths * size // 10)}
    return told


def add_table_style(document) -> None:
    """Thin lines all round, cell margins of 40 twips."""
    from docx.enum.style import WD_STYLE_TYPE

    style = document.styles.add_style("MZ Table", WD_STYLE_TYPE.TABLE)
    properties = _child(style.element, "tblPr")
    borders = _child(properties, "tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _child(borders, side, val="single", sz="4", space="0", color="000000")
    margins = _child(properties, "tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        _child(margins, side, w="40", type="dxa")


def number_field(paragraph, style: str) -> None:
    """`— 1 —` in the footer."""
    paragraph.style = style
    paragraph.add_run("— ")
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        if kind:
            _child(run._r, "fldChar", fldCharType=kind)
        else:
            _child(run._r, "instrText").text = "PAGE"
    paragraph.add_run(" —")


def _child(parent, name: str, **attributes: str):
    from docx.oxml import OxmlElement

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(tag(key), value)
    parent.append(element)
    return element


if __name__ == "__main__":
    TEMPLATE.write_bytes(build_template())
