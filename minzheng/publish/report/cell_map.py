"""Fills a workbook that the prefecture supplies by a cell map, and changes nothing else in it.

The cells are set in the sheet's XML inside the archive; every other part is copied byte for byte. Only where the workbook
holds formulas is it told to compute them anew when it is opened, so that no old total stands beside new numbers.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import yaml
from lxml import etree
from pydantic import model_validator

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.custody.egress import refuse_content
from minzheng.errors import MinzhengError
from minzheng.intake.contained import contained, handed_over
from minzheng.intake.number_format import value_behind
from minzheng.intake.package import styles_of
from minzheng.intake.sheet_parts import MAIN, sheet_part
from minzheng.months import add_months, month_zh
from minzheng.publish.cells import Published
from minzheng.publish.report.ministry_form import shown

FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
Values = Mapping[str, float | str | None]
ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class Target(Strict):
    """What goes into a cell: an indicator's cell (of an area, of this or an earlier month), or a text of the period."""

    indicator: str | None = None
    area: str | None = None
    breakdown: dict[str, str] = {}
    months_back: int = 0
    decimals: int | None = None
    text: Literal["month", "office"] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Target":
        if (self.indicator is None) == (self.text is None):
            raise ValueError("a cell takes an indicator or a text")
        return self


class SheetMap(Strict):
    """The cells of one sheet, by address."""

    sheet: str
    cells: dict[str, Target]


class CellMap(Strict):
    """A cell map: which workbook it is for, and its sheets."""

    title: str
    office: str = ""
    sheets: list[SheetMap]


def read_cell_map(path: Path) -> CellMap:
    """The map in a YAML file; `MinzhengError` says what is wrong with it."""
    try:
        return CellMap.model_validate(read_yaml(path))
    except (ValueError, yaml.YAMLError, OSError) as error:
        raise MinzhengError(
            f"cell map {path.name} cannot be used: {str(error).splitlines()[0]}",
            f"单元格对照表 {path.name} 无法使用",
        ) from None


def fill_workbook(source: Path, cell_map: CellMap, published: Published, target: Path) -> None:
    """Write `source` with the mapped cells filled to `target`; a missing cell is emptied, a withheld one says ＊."""
    content = handed_over(source, macros=True)
    values = [
        (
            sheet.sheet,
            {
                cell: value_of(published, told, cell_map.office)
                for cell, told in sheet.cells.items()
            },
        )
        for sheet in cell_map.sheets
    ]
    filled = contained(source.name, lambda: _filled(content, source.name, values))
    refuse_content(filled, target.name)
    target.write_bytes(filled)


def _filled(content: bytes, name: str, values: Sequence[tuple[str, Values]]) -> bytes:
    """The workbook with the cells of each sheet set."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
        try:
            changed = filled_parts(parts, values)
        except (KeyError, etree.XMLSyntaxError):
            raise MinzhengError(
                f"{name} is a damaged workbook or none",
                f"{name} 已损坏或不是工作簿，请重新另存为 .xlsx",
            ) from None
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as filled:
            for info in archive.infolist():
                filled.writestr(info, changed.get(info.filename, parts[info.filename]))
    return out.getvalue()


def filled_parts(
    parts: Mapping[str, bytes], values: Sequence[tuple[str, Values]]
) -> dict[str, bytes]:
    """The archive's parts that change: the mapped sheets and, where there are formulas, the workbook's settings."""
    changed: dict[str, bytes] = {}
    for sheet, told in values:
        name = sheet_part(parts, sheet)
        changed[name] = set_cells(changed.get(name, parts[name]), told, formats_of(parts))
    if any(
        FORMULA.search(data) for name, data in parts.items() if name.startswith("xl/worksheets/")
    ):
        changed["xl/workbook.xml"] = compute_on_load(parts["xl/workbook.xml"])
    return changed


def value_of(published: Published, target: Target, office: str) -> float | str | None:
    """The number, sign or text of a mapped cell."""
    if target.text:
        return month_zh(published.month) if target.text == "month" else office
    month = add_months(published.month, -target.months_back)
    cell = published.cell(target.indicator, target.area, month, **target.breakdown)
    if cell.state == "absent":
        raise MinzhengError(
            f"the edition has no cell {cell.reference.path}", f"该版别中没有 {cell.reference.path}"
        )
    return shown(cell, cell.decimals if target.decimals is None else target.decimals)


def formats_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The codes of number formats by the style that a cell points at."""
    styles = parts.get("xl/styles.xml")
    return (
        {
            str(place): code
            for place, code in styles_of(ElementTree.fromstring(styles))["codes"].items()
        }
        if styles
        else {}
    )


def set_cells(
    data: bytes, values: Mapping[str, float | str | None], formats: Mapping[str, str]
) -> bytes:
    """The sheet's XML with those cells set; styles stay; a formula or the inside of a merged range is refused.

    A number is kept as its cell's format wants it, so that a person sees it: 65.5 under 0.0% as 0.655.
    """
    root = etree.fromstring(data)
    hidden = merged_inside(root)
    rows = root.find(f"{{{MAIN}}}sheetData")
    for address, value in values.items():
        if address in hidden:
            raise MinzhengError(
                f"cell {address} lies inside a merged range", f"单元格 {address} 在合并区域内部"
            )
        cell = cell_at(rows, address)
        if cell.find(f"{{{MAIN}}}f") is not None:
            raise MinzhengError(
                f"cell {address} holds a formula", f"单元格 {address} 含有公式，不能填写"
            )
        code = formats.get(cell.get("s", ""))
        if code and isinstance(value, int | float) and (kept := value_behind(value, code)) is None:
            raise MinzhengError(
                f"cell {address} has the number format {code}, under which {value} cannot be shown",
                f"单元格 {address} 的数字格式（{code}）无法显示 {value}，请改为常规格式",
            )
        set_value(cell, kept if code and isinstance(value, int | float) else value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def set_value(cell: etree._Element, value: float | str | None) -> None:
    """A number, an inline text or nothing; the style is left."""
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t").text = value
    elif value is not None:
        etree.SubElement(cell, f"{{{MAIN}}}v").text = f"{value:.15g}"


def column_number(letters: str) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def split_address(address: str) -> tuple[int, int]:
    """Row and column of an address such as C5."""
    match = ADDRESS.fullmatch(address)
    if not match:
        raise MinzhengError(f"not a cell address: {address}", f"不是单元格地址：{address}")
    return int(match[2]), column_number(match[1])


def cell_at(rows: etree._Element, address: str) -> etree._Element:
    """The cell element at the address, made in its place when the sheet does not hold it yet."""
    row_number, column = split_address(address)
    row = _placed(rows, "row", row_number, lambda element: int(element.get("r")), str(row_number))
    return _placed(row, "c", column, lambda element: split_address(element.get("r"))[1], address)


def _placed(
    parent: etree._Element, name: str, number: int, number_of, reference: str
) -> etree._Element:
    position = 0
    for position, element in enumerate(parent):  # noqa: B007 - the position is used after the loop
        if number_of(element) == number:
            return element
        if number_of(element) > number:
            break
    else:
        position = len(parent)
    made = etree.Element(f"{{{MAIN}}}{name}", r=reference)
    parent.insert(position, made)
    return made


def merged_inside(root: etree._Element) -> set[str]:
    """The addresses hidden inside merged ranges, all but each range's first cell."""
    hidden = set()
    for merged in root.iter(f"{{{MAIN}}}mergeCell"):
        first, _, last = merged.get("ref").partition(":")
        (top, left), (bottom, right) = split_address(first), split_address(last or first)
        cells = product(range(top, bottom + 1), range(left, right + 1))
        hidden |= {f"{_letters(column)}{row}" for row, column in cells} - {first}
    return hidden


def _letters(number: int) -> str:
    told = ""
    while number:
        number, rest = divmod(number - 1, 26)
        told = chr(65 + rest) + told
    return told


def compute_on_load(data: bytes) -> bytes:
    """workbook.xml that tells the program to compute all formulas when it opens the file."""
    root = etree.fromstring(data)
    settings = root.find(f"{{{MAIN}}}calcPr")
    if settings is None:
        settings = etree.Element(f"{{{MAIN}}}calcPr")
        before = [
            root.find(f"{{{MAIN}}}{name}")
            for name in ("definedNames", "externalReferences", "functionGroups", "sheets")
        ]
        next(element for element in before if element is not None).addnext(settings)
    settings.set("fullCalcOnLoad", "1")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
