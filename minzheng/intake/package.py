"""The parts of an .xlsx as the Open Packaging Conventions name them: without case, percent-encoded, by relationships.

ECMA-376 part 2, 6.2.2 (names of parts are equal without case) and 6.5 (relationships, absolute or relative). What Excel, WPS
and LibreOffice open is put into the one form that the reader of cells knows.
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from minzheng.intake.gate import entries, inflate
from minzheng.intake.number_format import BUILT_IN, sections_of
from minzheng.intake.settings import Refused

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
AS_IT_IS = (0, 49)  # General and text among the formats
NEEDED = ("styles", "sharedStrings", "worksheet")
_RECALCULATES = re.compile(rb"<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad\s*=\s*[\"'](?:1|true)")
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True)
class Book:
    """What the whole workbook says of its cells: by style, codes of formats under which a person sees another number, and the
    styles that strike through; whether saved results of formulas are to be computed anew before anybody sees them.
    """

    codes: dict[int, str] = field(default_factory=dict)
    struck: frozenset[int] = frozenset()
    recalculates: bool = False
    general: frozenset[int] = frozenset()  # styles under which a number is seen as it is


@dataclass(frozen=True)
class Part:
    """A part that the workbook points at: its relationship's id and kind, where it says it is, and its entry, if there is one."""

    id: str
    kind: str
    target: str
    entry: str | None


class Package:
    """An .xlsx whose parts are found as the conventions say; `file_corrupt` where the workbook's own part is none."""

    def __init__(self, content: bytes):
        self._content = content
        self._entries = {_folded(entry.filename): entry.filename for entry in entries(content)}
        self._workbook = self._found_workbook()
        folder, name = posixpath.split(_plain(self._workbook))
        self._book_xml = inflate(content, self._workbook)
        self._relations = self._entries.get(_folded(f"{folder}/_rels/{name}.rels"))
        relations = self._parsed(inflate(content, self._relations or RELATIONS))
        self.parts = [self._part(element, folder) for element in relations]

    def _found_workbook(self) -> str:
        """The entry of the workbook: the usual one, else what the package's own relationships point at."""
        usual = self._entries.get(WORKBOOK)
        if usual or "_rels/.rels" not in self._entries:
            return usual or WORKBOOK
        targets = [
            element.get("Target", "")
            for element in self._parsed(inflate(self._content, self._entries["_rels/.rels"]))
            if element.get("Type", "").endswith("/officeDocument")
        ]
        found = [self._entries.get(_folded(unquote(target).lstrip("/"))) for target in targets]
        return next((entry for entry in found if entry), WORKBOOK)

    @staticmethod
    def _parsed(content: bytes) -> ElementTree.Element:
        try:
            if b"<!DOCTYPE" in content[:1024] or b"<!ENTITY" in content[:1024]:
                raise Refused("file_corrupt")
            return ElementTree.fromstring(content)
        except (ElementTree.ParseError, ValueError, LookupError):
            raise Refused("file_corrupt") from None

    def _part(self, element: ElementTree.Element, folder: str) -> Part:
        target, kind = element.get("Target", ""), element.get("Type", "").rsplit("/", 1)[-1]
        path = unquote(target).replace("\\", "/")
        path = (
            path.lstrip("/")
            if path.startswith("/")
            else posixpath.normpath(posixpath.join(folder, path))
        )
        return Part(element.get("Id", ""), kind, target, self._entries.get(_folded(path)))

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Each sheet's name with the entry of its XML in the package as it came."""
        entry_of = {part.id: part.entry for part in self.parts}
        found = {}
        for element in self._parsed(self._book_xml).iter():
            if _local(element.tag) == "sheet":
                relation = next(
                    (value for key, value in element.attrib.items() if _local(key) == "id"), ""
                )
                if entry_of.get(relation):
                    found[element.get("name", "")] = entry_of[relation]
        return found

    def book(self) -> Book:
        """What the styles and the workbook's own part say."""
        styles = next(
            (part.entry for part in self.parts if part.kind == "styles" and part.entry), None
        )
        told = styles_of(self._parsed(inflate(self._content, styles))) if styles else {}
        return Book(recalculates=bool(_RECALCULATES.search(self._book_xml)), **told)

    def in_usual_form(self) -> bytes:
        """The package with the names that the reader looks for; as it came, where it has them already."""
        wanted = {self._workbook: WORKBOOK, self._relations or RELATIONS: RELATIONS}
        counted = {kind: 0 for kind in NEEDED}
        for part in self.parts:
            if part.kind in NEEDED and part.entry:
                counted[part.kind] += 1
                wanted.setdefault(part.entry, _usual(part.kind, counted[part.kind]))
        needed = [part for part in self.parts if part.kind in NEEDED and part.entry]
        usual = all(
            part.entry in (f"xl/{part.target}", part.target.removeprefix("/")) for part in needed
        )
        if usual and self._workbook == WORKBOOK and self._relations == RELATIONS:
            return self._content
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as package:
            for entry, name in wanted.items():
                if name != RELATIONS:
                    package.writestr(name, inflate(self._content, entry))
            inner = [
                (part.id, part.kind, wanted[part.entry])
                for part in self.parts
                if part.entry in wanted
            ]
            package.writestr(
                RELATIONS,
                _relationships(
                    [(id_, kind, name.removeprefix("xl/")) for id_, kind, name in inner]
                ),
            )
            package.writestr("_rels/.rels", _relationships([("rId1", "officeDocument", WORKBOOK)]))
        return sink.getvalue()


def _relationships(parts: list[tuple[str, str, str]]) -> str:
    """A part of relationships: ids, kinds and targets."""
    lines = [
        f"<Relationship Id={quoteattr(id_)} Type={quoteattr(_KIND + kind)} Target={quoteattr(target)}/>"
        for id_, kind, target in parts
    ]
    return f'<Relationships xmlns="{_REL}">{"".join(lines)}</Relationships>'


def _usual(kind: str, count: int) -> str:
    return f"xl/worksheets/sheet{count}.xml" if kind == "worksheet" else f"xl/{kind}.xml"


def _plain(name: str) -> str:
    return name.replace("\\", "/")


def _folded(name: str) -> str:
    """A part's name as it is compared."""
    return unquote(_plain(name)).casefold()


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def styles_of(root: ElementTree.Element) -> dict[str, dict[int, str] | frozenset[int]]:
    """By the numbers that cells point at: the codes to be applied, what strikes through, what shows a number as it is."""
    parts = {_local(element.tag): element for element in root}
    codes = BUILT_IN | {
        _number(element.get("numFmtId")): element.get("formatCode", "")
        for element in parts.get("numFmts", ())
    }
    fonts = [any(_strikes(child) for child in font) for font in parts.get("fonts", ())]
    shapes = [
        (_number(shape.get("numFmtId")), _number(shape.get("fontId")))
        for shape in parts.get("cellXfs", ())
    ]
    found = {
        place: codes[number]
        for place, (number, _) in enumerate(shapes)
        if sections_of(codes.get(number, ""))
    }
    struck = {place for place, (_, font) in enumerate(shapes) if font < len(fonts) and fonts[font]}
    general = {place for place, (number, _) in enumerate(shapes) if number in AS_IT_IS}
    return {"codes": found, "struck": frozenset(struck), "general": frozenset(general)}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _strikes(element: ElementTree.Element) -> bool:
    return _local(element.tag) == "strike" and element.get("val", "1") in ("1", "true", "on")
