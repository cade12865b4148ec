"""WordprocessingML details python-docx leaves to its user: schema order of children, alternative fonts, stable bytes."""

import io
import zipfile

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
EPOCH = (1980, 1, 1, 0, 0, 0)
THUMBNAIL = "docProps/thumbnail.jpeg"
FONT_TABLE = "word/fontTable.xml"

# Order of children by ECMA-376 part 1 (CT_PPr, CT_RPr, CT_TblPr, CT_TcPr, CT_TrPr, CT_SectPr), as far as used here.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "trPr": "cnfStyle divId gridBefore gridAfter wBefore wAfter cantSplit trHeight tblHeader tblCellSpacing jc hidden",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
}
ALTERNATIVE_FONTS = {
    "仿宋_GB2312": "仿宋",
    "楷体_GB2312": "楷体",
    "方正小标宋简体": "华文中宋",
    "黑体": "SimHei",
    "宋体": "SimSun",
    "Times New Roman": "Liberation Serif",
}


def tag(name: str) -> str:
    """The qualified name of a `w:` element or attribute."""
    return f"{{{W}}}{name}"


TURNED_BOX = """
<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:Choice Requires="wps"><w:drawing>
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">
<wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="leftMargin"><wp:align>right</wp:align></wp:positionH>
<wp:positionV relativeFrom="margin"><wp:align>top</wp:align></wp:positionV>
<wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>
<wp:docPr id="1" name="page number"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>
<wps:cNvSpPr txBox="1"/>
<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
<a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>
<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr vert="vert" wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/>
</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>
"""


def turned_box(width: int, height: int) -> etree._Element:
    """An empty text box without a frame at the left of the text block, its text turned clockwise (English metric units).

    Placed by alignment: LibreOffice draws the text of a box in a footer at the page's corner where an offset is given.
    """
    return etree.fromstring(
        TURNED_BOX.format(width=width, height=height).replace("\n", " ").strip()
    )


def sort_children(root: etree._Element) -> None:
    """Put the children of every property element into schema order; python-docx appends them as called."""
    for name, names in ORDER.items():
        rank = {tag(child): position for position, child in enumerate(names.split())}
        for element in root.iter(tag(name)):
            element[:] = sorted(element, key=lambda child: rank.get(child.tag, len(rank)))


def font_table() -> bytes:
    """fontTable.xml naming the official faces, each with the face to take where it is not installed; none embedded."""
    root = etree.Element(tag("fonts"), nsmap={"w": W})
    for name, alternative in ALTERNATIVE_FONTS.items():
        font = etree.SubElement(root, tag("font"), {tag("name"): name})
        etree.SubElement(font, tag("altName"), {tag("val"): alternative})
        etree.SubElement(font, tag("charset"), {tag("val"): "00" if name.isascii() else "86"})
        etree.SubElement(font, tag("family"), {tag("val"): "roman" if name.isascii() else "auto"})
        etree.SubElement(font, tag("pitch"), {tag("val"): "variable"})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def normalised(content: bytes) -> bytes:
    """The same document with sorted properties, alternative fonts, sorted entries and fixed dates: stable bytes."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in sorted(source.namelist()):
            if name == THUMBNAIL:
                continue
            data = font_table() if name == FONT_TABLE else source.read(name)
            if name == "_rels/.rels":
                data = _without_thumbnail(data)
            elif name.startswith("word/") and name.endswith(".xml") and name != FONT_TABLE:
                root = etree.fromstring(data)
                sort_children(root)
                data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o600 << 16,
            )
            out.writestr(info, data)
    return target.getvalue()


def _without_thumbnail(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for relation in list(root):
        if relation.get("Target") == THUMBNAIL:
            root.remove(relation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
