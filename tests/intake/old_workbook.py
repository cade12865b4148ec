"""Old workbooks (.xls, BIFF8 in an OLE container) made by code, record by record: nothing on a build machine writes them."""

import struct

CELL = str | float | int | tuple | None
SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def record(kind: int, body: bytes = b"") -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, width: str = "<H") -> bytes:
    return struct.pack(width, len(text)) + b"\x01" + text.encode("utf-16-le")


def old_workbook(
    sheets: dict[str, list[list[CELL]]],
    merges=(),
    *,
    hidden: set[int] = frozenset(),
    doubled: bool = False,
) -> bytes:
    """Sheets of cells as an .xls: text, numbers, or (value, number format, formula) with value None for one without a result.

    `hidden` are rows from 0. `doubled`: the container's directory names the workbook's stream a second time.
    """
    formats = sorted(
        {
            cell[1]
            for lines in sheets.values()
            for line in lines
            for cell in line
            if isinstance(cell, tuple)
        }
    )
    numbers = {text: 164 + place for place, text in enumerate(formats)}
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + record(
        0x0042, struct.pack("<H", 1200)
    )
    head += b"".join(
        record(
            0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial"
        )
        for _ in range(5)
    )
    head += b"".join(
        record(0x041E, struct.pack("<H", number) + _text(text)) for text, number in numbers.items()
    )
    kinds = [0, *numbers.values()]
    head += b"".join(
        record(0x00E0, struct.pack("<HHHBBBB", 0, kind, 0, 0x20, 0, 0, 0) + b"\0" * 10)
        for kind in kinds
    )
    bodies = [
        _sheet(lines, {text: place + 1 for place, text in enumerate(formats)}, merges, hidden)
        for lines in sheets.values()
    ]
    bound = [len(name) * 2 + 8 + 4 for name in sheets]
    place, lists = len(head) + sum(bound) + 4, b""
    for name, body in zip(sheets, bodies, strict=True):
        lists += record(0x0085, struct.pack("<IBB", place, 0, 0) + _text(name, "<B"))
        place += len(body)
    return container(head + lists + record(0x000A) + b"".join(bodies), doubled=doubled)


def _sheet(lines: list[list[CELL]], shapes: dict[str, int], merges, hidden: set[int]) -> bytes:
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, lines), default=0)
    body += record(0x0200, struct.pack("<IIHHH", 0, len(lines), 0, width, 0))
    for number in sorted(hidden):
        body += record(0x0208, struct.pack("<HHHHHHI", number, 0, width, 255, 0, 0, 0x00000120))
    body += b"".join(
        _cell(number, place, cell, shapes)
        for number, line in enumerate(lines)
        for place, cell in enumerate(line)
    )
    if merges:
        ranges = b"".join(
            struct.pack("<HHHH", first, last, left, right) for first, left, last, right in merges
        )
        body += record(0x00E5, struct.pack("<H", len(merges)) + ranges)
    return body + record(0x000A)


def _cell(number: int, place: int, cell: CELL, shapes: dict[str, int]) -> bytes:
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
        return record(0x0204, at + _text(cell)) if cell else b""
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
