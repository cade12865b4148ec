"""Old workbooks (.xls, BIFF8 in an OLE container) made by code, record by record: nothing on a build machine writes them."""

import struct
from dataclasses import dataclass, field

CELL = str | float | int | tuple | None
SECTOR = 512
FULL = 8224  # bytes of a record
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def record(kind: int, body: bytes = b"") -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", kind, len(body)) + body


@dataclass
class Writer:
    """How texts are written: BIFF8 in each cell, BIFF8 in one list of strings that runs over CONTINUE records, or BIFF5 in GBK."""

    biff: int = 8
    shared: bool = False
    strings: list[str] = field(default_factory=list)

    def text(self, text: str, width: str = "<H") -> bytes:
        """A text with its length in front."""
        if self.biff == 5:
            return struct.pack(width, len(text.encode("gbk"))) + text.encode("gbk")
        return struct.pack(width, len(text)) + b"\x01" + text.encode("utf-16-le")

    def label(self, at: bytes, text: str) -> bytes:
        """A cell with a text."""
        if not self.shared:
            return record(0x0204, at + self.text(text))
        self.strings.append(text)
        return record(0x00FD, at + struct.pack("<I", len(self.strings) - 1))

    def begin(self, kind: int) -> bytes:
        """The record that begins the workbook's own part (5) or a sheet (16)."""
        if self.biff == 5:
            return record(0x0809, struct.pack("<HHHH", 0x0500, kind, 0x0DBB, 0x07CC))
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    def list_of_strings(self) -> bytes:
        """The strings, cut in the middle of a text wherever a record is full."""
        if not self.shared:
            return b""
        parts, body = [], struct.pack("<II", len(self.strings), len(self.strings))
        for text in self.strings:
            body += struct.pack("<HB", len(text), 1)
            for character in text:
                if len(body) + 2 > FULL:
                    parts.append(body)
                    body = b"\x01"  # a continued text says again how wide its characters are
                body += character.encode("utf-16-le")
            if len(body) + 3 > FULL:
                parts.append(body)
                body = b""
        parts.append(body)
        return b"".join(
            record(0x00FC if number == 0 else 0x003C, part) for number, part in enumerate(parts)
        )


def old_workbook(
    sheets: dict[str, list[list[CELL]]],
    merges=(),
    *,
    hidden: set[int] = frozenset(),
    struck: bool = False,
    doubled: bool = False,
    writer: Writer | None = None,
) -> bytes:
    """Sheets of cells as an .xls: text, numbers, or (value, number format, formula) with value None for one without a result.

    `hidden` are rows from 0. `struck`: formatted cells are struck through. `doubled`: the container's directory names the
    workbook's stream a second time.
    """
    writer = writer or Writer()
    cells = [cell for lines in sheets.values() for line in lines for cell in line]
    formats = sorted({cell[1] for cell in cells if isinstance(cell, tuple)})
    head = writer.begin(5) + record(0x0042, struct.pack("<H", 1200 if writer.biff == 8 else 936))
    for number in range(6):
        looks = (
            0x0008 if struck and number == 5 else 0
        )  # the fifth font is never written: its number is left out
        font = struct.pack("<HHHHHBBBB", 200, looks, 0x7FFF, 400, 0, 0, 0, 0, 0)
        head += record(0x0031, font + writer.text("Arial", "<B"))
    for place, text in enumerate(formats):
        head += record(
            0x041E,
            struct.pack("<H", 164 + place) + writer.text(text, "<H" if writer.biff == 8 else "<B"),
        )
    for kind, font in [(0, 0), *((164 + place, 6) for place in range(len(formats)))]:
        shape = struct.pack("<HHHBBBB", font, kind, 0, 0x20, 0, 0, 0)
        head += record(0x00E0, shape + b"\0" * (10 if writer.biff == 8 else 6))
    shapes = {text: place + 1 for place, text in enumerate(formats)}
    bodies = [_sheet(lines, shapes, merges, hidden, writer) for lines in sheets.values()]
    head += writer.list_of_strings()
    names = [writer.text(name, "<B") for name in sheets]
    place, lists = len(head) + sum(len(name) + 10 for name in names) + 4, b""
    for name, body in zip(names, bodies, strict=True):
        lists += record(0x0085, struct.pack("<IBB", place, 0, 0) + name)
        place += len(body)
    stream = head + lists + record(0x000A) + b"".join(bodies)
    return container(stream, "Workbook" if writer.biff == 8 else "Book", doubled=doubled)


def _sheet(
    lines: list[list[CELL]], shapes: dict[str, int], merges, hidden: set[int], writer: Writer
) -> bytes:
    body = writer.begin(16)
    width = max(map(len, lines), default=0)
    if writer.biff == 8:
        body += record(0x0200, struct.pack("<IIHHH", 0, len(lines), 0, width, 0))
    for number in sorted(hidden):
        body += record(0x0208, struct.pack("<HHHHHHI", number, 0, width, 255, 0, 0, 0x00000120))
    for number, line in enumerate(lines):
        body += b"".join(
            _cell(number, place, cell, shapes, writer) for place, cell in enumerate(line)
        )
    if merges:
        ranges = b"".join(
            struct.pack("<HHHH", first, last, left, right) for first, left, last, right in merges
        )
        body += record(0x00E5, struct.pack("<H", len(merges)) + ranges)
    return body + record(0x000A)


def _cell(number: int, place: int, cell: CELL, shapes: dict[str, int], writer: Writer) -> bytes:
    shape, formula = 0, ""
    if isinstance(cell, tuple):
        cell, shape, formula = cell[0], shapes[cell[1]], cell[2]
    at = struct.pack("<HHH", number, place, shape)
    if formula:
        result = (
            struct.pack("<d", cell) if isinstance(cell, int | float) else b"\x03\0\0\0\0\0\xff\xff"
        )
        tokens = b"\x1e" + struct.pack(
            "<H", 1
        )  # the constant 1: what the formula says does not matter here
        return record(0x0006, at + result + struct.pack("<HIH", 0, 0, len(tokens)) + tokens)
    if isinstance(cell, str):
        return writer.label(at, cell) if cell else b""
    return b"" if cell is None else record(0x0203, at + struct.pack("<d", cell))


def container(stream: bytes, name: str = "Workbook", *, doubled: bool = False) -> bytes:
    """A stream in an OLE container."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    sectors = len(stream) // SECTOR
    tables = 1
    while tables * 128 < sectors + tables + 1:
        tables += 1
    chain = [*range(1, sectors), END, END, *[FAT] * tables]
    chain += [FREE] * (tables * 128 - len(chain))
    first = sectors + 1
    entries = [_entry("Root Entry", 5, 1, END, 0), _entry(name, 2, FREE, 0, len(stream))]
    entries.append(
        _entry(name, 2, FREE, 0, len(stream)) if doubled else b"\0" * 68 + b"\xff" * 12 + b"\0" * 48
    )
    directory = b"".join(entries).ljust(SECTOR, b"\0")
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
    )
    head += struct.pack("<IIIIIIIII", 0, tables, sectors, 0, 4096, END, 0, END, 0)
    head += b"".join(struct.pack("<I", first + place) for place in range(tables)).ljust(
        436, b"\xff"
    )
    return head + stream + directory + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child) + b"\0" * 36
        + struct.pack("<III", start, size, 0)
    )  # fmt: skip
