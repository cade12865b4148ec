"""The report as PDF/A-2b and PDF/UA-1 by Typst, with the text of the Word report; needs a Chinese face on the machine."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from minzheng.errors import MinzhengError
from minzheng.publish.glyphs import drawable, fonts
from minzheng.publish.report import blocks as b
from minzheng.publish.report.blocks import Report, attachment_lines
from minzheng.publish.report.pictures import chinese_face, families
from minzheng.publish.report.sentences import plain

STANDARDS = ["a-2b", "ua-1"]
# For each official face what to take where it is not installed, best first; the last ones cover Tibetan and rare characters.
FACES = {
    "body": (
        "FangSong_GB2312",
        "仿宋_GB2312",
        "FangSong",
        "Zhuque Fangsong (technical preview)",
        "FandolFang R",
    ),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "LXGW WenKai", "FandolKai", "AR PL UKai CN"),
    "hei": ("SimHei", "黑体", "FandolHei", "Noto Sans CJK SC", "Source Han Sans SC"),
    "title": (
        "FZXiaoBiaoSong-B05S",
        "方正小标宋简体",
        "STZhongsong",
        "Noto Serif CJK SC",
        "Source Han Serif SC",
    ),
    "song": ("SimSun", "宋体", "Noto Serif CJK SC", "Source Han Serif SC"),
}
LATIN = ("Times New Roman", "Liberation Serif", "Libertinus Serif")
LAST = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
)
TIBETAN = ("Noto Serif Tibetan", "Microsoft Himalaya", "Jomolhari", "Kailasa")

PREAMBLE = """
#set document(title: {title}, author: {office}, keywords: {marking}, date: datetime(year: {year}, month: {month}, day: {day}))
#let body = {body}
#let kai = {kai}
#let hei = {hei}
#let title-face = {title_face}
#let song = {song}
#set text(font: body, size: 16pt, lang: "zh", region: "cn", top-edge: 0.8em, bottom-edge: -0.2em, hyphenate: false)
#set par(leading: 12.95pt, spacing: 12.95pt, justify: true, first-line-indent: (amount: 2em, all: true))
#set block(spacing: 12.95pt)
#let number = context {{
  set text(font: song, size: 14pt)
  set par(first-line-indent: 0em)
  let page = counter(page).get().first()
  align(if calc.odd(page) {{ right }} else {{ left }}, pad(x: 14pt)[— #page —])
}}
#let turned = pdf.artifact(kind: "page", place(top + left, dx: 22mm, dy: 28mm, rotate(90deg, reflow: true, block(width: 156mm, height: 6mm, number))))
#let marked = align(right, text(font: song, size: 10.5pt, {marking}))
#let upright = (flipped: false, margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), footer: number, foreground: none)
#set page(paper: "a4", header: marked, footer-descent: 7mm, ..upright)
#show heading: it => block(it.body)
#show heading.where(level: 1): set text(font: hei, size: 16pt, weight: "regular")
#show heading.where(level: 2): set text(font: kai, size: 16pt, weight: "regular")
#show heading: set block(above: 12.95pt, below: 12.95pt, sticky: true)
#show figure.caption: set text(font: song, size: 10.5pt)
#show figure: set block(breakable: false)
#let indented(content) = par(content)
#let flush(content) = par(first-line-indent: 0em, content)
#let title-line(lines) = {{
  set par(leading: 10pt, first-line-indent: 0em, justify: false)
  align(center, text(font: title-face, size: 22pt, weight: "bold", lines.join(linebreak())))
}}
"""


def write_pdf(report: Report, path: Path, drawings: Mapping[str, str], date: dt.date) -> bool:
    """Write `report` to `path`; False, with nothing written, where no Chinese face is at hand. `drawings`: chart id to SVG.

    A character that no font has is drawn as its code; a note at the end says so.
    """
    import typst

    if chinese_face() is None:
        return False
    source, told = drawable(typst_source(report, drawings, date))
    source += "\n" + _block(b.Note(told), {}) if told else ""
    moment = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
    try:
        content = typst.compile(
            source.encode(),
            font_paths=fonts(),
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=int(moment.timestamp()),
        )
    except typst.TypstError as error:
        raise MinzhengError(
            f"report.pdf cannot be made: {error.message}", "report.pdf 无法生成"
        ) from None
    path.write_bytes(content)
    return True


def typst_source(report: Report, drawings: Mapping[str, str], date: dt.date) -> str:
    """The Typst source of the report; every text is a string literal, so that no text is ever markup."""
    office = next((block.office for block in report.blocks if isinstance(block, b.Signature)), "")
    parts = [_preamble(report.title, office, date, report.marking)]
    last = kept_together(report.blocks)
    for position, block in enumerate(report.blocks):
        parts += ["#block(breakable: false, width: 100%)["] if position == last.start else []
        parts.append(_block(block, drawings))
        parts += ["]"] if position + 1 == last.stop else []
    return "\n".join(parts)


def kept_together(blocks: Sequence[b.Block]) -> range:
    """From the last open place, or the closing line, to the signature: no page holds a signature alone (GB/T 9704-2012, 7.3.5)."""
    signed = next((at for at, block in enumerate(blocks) if isinstance(block, b.Signature)), -1)
    left_open = [at for at, one in enumerate(blocks) if isinstance(one, b.Paragraph) and one.open]
    opened = max(left_open, default=signed - 1)
    return range(max(opened - 1, 0), signed + 1)


def literal(text: str) -> str:
    """A Typst string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def faces(role: str) -> str:
    """The faces of a role that this machine has, as a Typst array: Latin first, Chinese, then Tibetan and what is left."""
    latin = () if role in ("title", "hei") else LATIN
    has = families()
    named = [face for face in (*latin, *FACES[role], *LAST, *TIBETAN) if face in has]
    return "(" + "".join(literal(face) + ", " for face in dict.fromkeys(named)) + ")"


def _preamble(title: str, office: str, date: dt.date, marking: str) -> str:
    return PREAMBLE.format(
        title=literal(title),
        office=literal(office),
        marking=literal(marking),
        year=date.year,
        month=date.month,
        day=date.day,
        body=faces("body"),
        kai=faces("kai"),
        hei=faces("hei"),
        title_face=faces("title"),
        song=faces("song"),
    )


def _block(block: b.Block, drawings: Mapping[str, str]) -> str:
    makers: dict[type, Callable] = {
        b.RedHead: _red_head,
        b.Imprint: _imprint,
        b.Title: lambda block: (
            f"#title-line(({', '.join(literal(line) for line in block.lines)},))\n#v(28.95pt)"
        ),
        b.Addressee: lambda block: f"#flush({literal(block.text)})",
        b.Heading: lambda block: f"#heading(level: {block.level}, h(2em) + {literal(block.text)})",
        b.Paragraph: lambda block: f"#indented({literal(plain(block.spans))})",
        b.Figure: lambda block: _figure(block, drawings),
        b.Table: _table,
        b.Note: lambda block: (
            f"#text(font: song, size: 9pt, par(first-line-indent: 0em, leading: 5pt, {literal(block.text)}))"
        ),
        b.AttachmentList: _attachment_list,
        b.Signature: _signature,
        b.Attachment: _attachment,
    }
    return makers[type(block)](block)


def _red_head(block: b.RedHead) -> str:
    name, line = b.block_lines(block)
    head = f'text(font: title-face, size: 22pt, weight: "bold", fill: red, {literal(name)})'
    return f"#align(center, {head})\n#v(28.95pt)\n{_two_ends(line)}\n#line(length: 100%, stroke: 1.5pt + red)\n#v(28.95pt)"


def _imprint(block: b.Imprint) -> str:
    """At the foot of the last, even page, between thick lines, thin ones inside (GB/T 9704-2012, 7.4.1)."""
    thick, thin = (f"#line(length: 100%, stroke: {wide}mm)\n" for wide in (0.35, 0.25))
    lines = thin.join(_two_ends(line) + "\n" for line in b.block_lines(block))
    inside = f"#set text(size: 14pt)\n{thick}{lines}{thick}"
    return f'#set page(..upright)\n#pagebreak(to: "even", weak: true)\n#v(1fr)\n#block(breakable: false)[\n{inside}]'


def _two_ends(text: str) -> str:
    left, _, right = text.partition("\t")
    return f"#flush({literal(left)} + h(1fr) + {literal(right)})"


def _figure(block: b.Figure, drawings: Mapping[str, str]) -> str:
    drawing = literal(drawings[block.chart])
    image = f'image(bytes({drawing}), format: "svg", width: 156mm, alt: {literal(block.alt)})'
    return f"#figure({image}, caption: figure.caption(position: bottom, {literal(block.caption)}), supplement: none, numbering: none)"


def _table(block: b.Table) -> str:
    widths = ", ".join(f"{column.width:g}fr" for column in block.columns)
    aligns = ", ".join(column.align + " + horizon" for column in block.columns)
    head = ", ".join(f"align(center, {literal(column.heading)})" for column in block.columns)
    cells = ", ".join(literal(span.text) for span in chain.from_iterable(block.rows))
    return (
        "#{\n  set text(font: song, size: 9.5pt)\n  set par(first-line-indent: 0em, leading: 2.4pt, justify: false)\n"
        f"  table(columns: ({widths}), align: ({aligns}), inset: (x: 2pt, y: 3pt), "
        "stroke: (x, y) => (top: if y == 0 { 1pt } else if y == 1 { 0.6pt } else { 0.3pt + gray }, bottom: 1pt),\n"
        f"    table.header({head}), {cells})\n}}"
    )


def _attachment_list(block: b.AttachmentList) -> str:
    first, *more = attachment_lines(block.names)
    lines = [f"#v(28.95pt)\n#indented({literal(first)})"]
    return "\n".join(lines + [f"#flush(h(5em) + {literal(line)})" for line in more])


def _signature(block: b.Signature) -> str:
    lines = [
        f"pad(right: {gap}, {literal(text)})"
        for gap, text in (("4.4em", block.office), ("4em", block.date))
    ]
    inside = "\n".join(lines)
    return f"#v(57.9pt)\n#block(breakable: false, width: 100%, {{\nset align(right)\n{inside}\n}})"


def _attachment(block: b.Attachment) -> str:
    turned = (
        "#set page(flipped: true, margin: (top: 28mm, bottom: 26mm, left: 35mm, right: 37mm), footer: none, foreground: turned)"
        if block.landscape
        else "#pagebreak()"
    )
    mark = f"#flush(text(font: hei, {literal(block.mark)}))"
    title = f'#align(center, text(font: title-face, size: 18pt, weight: "bold", {literal(block.title)}))'
    return f"{turned}\n{mark}\n#v(6pt)\n{title}\n#v(4pt)"
