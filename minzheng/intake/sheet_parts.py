"""Which part of a workbook's archive holds a sheet: for those who change a workbook without losing what they do not know."""

import posixpath
from collections.abc import Mapping

from lxml import etree

from minzheng.errors import MinzhengError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sheet_part(parts: Mapping[str, bytes], name: str) -> str:
    """The archive's part of the sheet of that name."""
    book = etree.fromstring(parts["xl/workbook.xml"])
    if etree.QName(book).namespace != MAIN:
        raise MinzhengError(
            "the workbook is in the strict form of Open XML",
            "工作簿为“严格 Open XML”格式，请另存为普通的 .xlsx",
        )
    relations = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    for sheet in book.iter(f"{{{MAIN}}}sheet"):
        if sheet.get("name") == name:
            part = targets[sheet.get(f"{{{RELATION}}}id")]
            return (
                part.lstrip("/")
                if part.startswith("/")
                else posixpath.normpath(posixpath.join("xl", part))
            )
    raise MinzhengError(f"the workbook has no sheet {name}", f"工作簿中没有工作表 {name}")
