"""A received file without one person: their rows emptied, every other byte and row number left as it was.

Text files lose the cells of the row, workbooks the cells and the texts only those cells used, archives are redacted member
by member. An old .xls cannot be edited in place and becomes an .xlsx with the same sheets. What cannot be rewritten and
holds the person is `None` to the caller, who destroys it whole.
"""

import csv
import html
import io
import re
import zipfile

from minzheng.custody.person import Person, Place
from minzheng.intake.delimited import _delimiter as delimiter_of
from minzheng.intake.gate import entries, inflate, real_name, sniff
from minzheng.intake.grid import Fault, Grid, cell_text
from minzheng.intake.old_workbook import read_xls
from minzheng.intake.settings import Refused
from minzheng.intake.sheet_parts import sheet_part

_ROW = re.compile(r"<((?:\w+:)?row)\b[^>]*?(?:/>|>.*?</\1>)", re.DOTALL)
_CELL = re.compile(r"<((?:\w+:)?c)\b([^>]*?)(?:/>|>(.*?)</\1>)", re.DOTALL)
_ITEM = re.compile(r"<((?:\w+:)?si)\b[^>]*?(?:/>|>(.*?)</\1>)", re.DOTALL)
_TEXT = re.compile(r"<((?:\w+:)?t)\b[^>]*?(?:/>|>(.*?)</\1>)", re.DOTALL)
_VALUE = re.compile(r"<((?:\w+:)?v)\b[^>]*?>(.*?)</\1>", re.DOTALL)
_SHEET = re.compile(r'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"')
_NUMBER = re.compile(r'\br="(\d+)"')
_COMMENT = re.compile(r"<((?:\w+:)?comment)\b.*?</\1>", re.DOTALL)
_MERGE = re.compile(r'mergeCell\b[^>]*?ref="([A-Z]+)(\d+):[A-Z]+(\d+)"')
_PLACE = re.compile(r'\br="([A-Z]+)(\d+)"')
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def redact(content: bytes, person: Person | Place) -> bytes | None:
    """The content without the person; the very same object when they are not in it, None when it cannot be rewritten."""
    try:
        kind = sniff(content)
    except Refused:
        return None if _holds(content, person) else content
    if kind == "csv":
        return _redact_text(content, person)
    if kind == "xls":
        return _redact_xls(content, person)
    return _redact_workbook(content, person) if kind == "xlsx" else _redact_archive(content, person)


def _holds(content: bytes, person: Person | Place) -> bool:
    """Whether the bytes of an unreadable file hold the number, in any encoding, members of an archive included."""
    if any(
        person.mentioned(content.decode(code, errors="ignore"))
        for code in ("utf-8", "utf-16-le", "utf-16-be")
    ):
        return True
    try:
        return content.startswith(b"PK") and any(
            person.mentioned(inflate(content, entry.filename).decode("utf-8", errors="ignore"))
            for entry in entries(content)
        )
    except Refused:
        return False


def _encoding(content: bytes) -> str | None:
    """The encoding a text file can be read and written back in without loss."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    first = marks.get(content[:2])
    if first is None and b"\0" in content[:4096]:
        even, odd = content[:4096:2].count(0), content[1:4096:2].count(0)
        first = "utf-16-le" if odd > even else "utf-16-be"
    for code in [first] if first else ["utf-8", "gb18030"]:
        try:
            if content.decode(code).encode(code) == content:
                return code
        except UnicodeError:
            continue
    return None


def _redact_text(content: bytes, person: Person | Place) -> bytes | None:
    code = _encoding(content)
    if code is None:
        return None if _holds(content, person) else content
    text = content.decode(code)
    if not person.suspected(text):
        return content
    (mark, _), lines = delimiter_of(text), _LINE.findall(text)
    kept, start = [], 0
    reader = csv.reader(iter(line for line in lines if line), delimiter=mark)
    try:
        for record in reader:
            physical, start = lines[start : reader.line_num], reader.line_num
            kept.append(_redact_record(record, physical, mark, person, len(kept) + 1))
    except csv.Error:
        return None
    redacted = "".join(kept)
    if redacted == text:
        return content
    return None if person.mentioned(redacted) else redacted.encode(code)


def _redact_record(
    record: list[str], physical: list[str], mark: str, person: Person | Place, row_no: int
) -> str:
    """A record as it stood; emptied when it is the person's, without the cells that only mention them otherwise."""
    cells = [cell[2:-1] if cell.startswith('="') else cell for cell in record]
    text, whole = "".join(physical), person.takes(cells, "", row_no)
    if not whole and not any(person.mentioned(cell) for cell in cells):
        return text
    end = text[len(text.rstrip("\r\n")) :]
    if whole:
        return mark * (len(cells) - 1) + end
    sink = io.StringIO()
    csv.writer(sink, delimiter=mark, lineterminator="").writerow(
        "" if person.mentioned(cell) else kept for cell, kept in zip(cells, record, strict=True)
    )
    return sink.getvalue() + end


def _redact_archive(content: bytes, person: Person | Place) -> bytes | None:
    sink, changed = io.BytesIO(), False
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries(content):
            inner = inflate(content, entry.filename)
            name = real_name(entry)[0]
            redacted = redact(inner, person.within(name))
            changed |= redacted is not inner
            archive.writestr(zipfile.ZipInfo(name, entry.date_time), redacted or b"")
    return sink.getvalue() if changed else content


def _redact_workbook(content: bytes, person: Person | Place) -> bytes | None:
    parts = {entry.filename: inflate(content, entry.filename) for entry in entries(content)}
    texts = {
        name: part.decode("utf-8")
        for name, part in parts.items()
        if name.endswith((".xml", ".vml", ".rels"))
    }
    shared = _shared_items(texts.get("xl/sharedStrings.xml", ""))
    fresh, gone, used = {}, set(), set()
    sheets = _sheets(parts) if isinstance(person, Place) else {}
    person = person.among(
        [name for part, name in sheets.items() if part.startswith("xl/worksheets/")]
    )
    for name, text in texts.items():
        if re.match(r"xl/worksheets/[^/]+\.xml$", name):
            fresh[name] = _redact_sheet(text, sheets.get(name, ""), shared, person, gone, used)
        elif name != "xl/sharedStrings.xml":
            fresh[name] = _redact_part(text, person)
    if shared:
        gone = (gone - used) | {
            number for number, item in enumerate(shared) if person.mentioned(item)
        }
        fresh["xl/sharedStrings.xml"] = (
            _without_items(texts["xl/sharedStrings.xml"], gone) if gone else None
        )
    changed = {
        name: text for name, text in fresh.items() if text is not None and text != texts[name]
    }
    if not changed:
        return content
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, changed[name].encode() if name in changed else part)
    return sink.getvalue()


def _sheets(parts: dict[str, bytes]) -> dict[str, str]:
    """Part to the sheet's name."""
    names = map(html.unescape, _SHEET.findall(parts["xl/workbook.xml"].decode("utf-8")))
    return {sheet_part(parts, name): name for name in names}


def _shared_items(xml: str) -> list[str]:
    return [_joined(match[2] or "") for match in _ITEM.finditer(xml)]


def _joined(xml: str) -> str:
    return html.unescape("".join(match[2] or "" for match in _TEXT.finditer(xml)))


def _without_items(xml: str, numbers: set[int]) -> str:
    count = iter(range(xml.count("si") + 1))

    def emptied(match: re.Match) -> str:
        prefix = match[1].removesuffix("si")
        return f"<{match[1]}><{prefix}t/></{match[1]}>" if next(count) in numbers else match[0]

    return _ITEM.sub(emptied, xml)


def _redact_sheet(
    xml: str, sheet: str, shared: list[str], person: Person | Place, gone: set[int], used: set[int]
) -> str:
    """The sheet's XML; `gone` and `used` gather which shared texts were taken out and which are still needed."""
    row_no = 0
    tall = {column + top for column, top, bottom in _MERGE.findall(xml) if top != bottom}

    def read(cell: re.Match) -> tuple[str, int | None]:
        value, kind = _VALUE.search(cell[3] or ""), re.search(r'\bt="(\w+)"', cell[2])
        if kind and kind[1] == "s" and value:
            return shared[int(value[2])], int(value[2])
        return html.unescape(value[2]) if value else _joined(cell[3] or ""), None

    def redact_row(row: re.Match) -> str:
        nonlocal row_no
        match = _NUMBER.search(row[0][: row[0].index(">")])
        row_no = int(match[1]) if match else row_no + 1
        cells = [(cell, *read(cell)) for cell in _CELL.finditer(row[0])]
        whole = person.takes([text for _, text, _ in cells], sheet, row_no)
        kept = row[0]
        for cell, text, number in cells:
            place = _PLACE.search(cell[2])
            take = (whole and not (place and place[1] + place[2] in tall)) or person.mentioned(text)
            kept = kept.replace(cell[0], "", 1) if take else kept
            (gone if take else used).update([] if number is None else [number])
        return kept

    return _ROW.sub(redact_row, xml)


def _redact_part(xml: str, person: Person | Place) -> str:
    """Any other part: comments that mention the person go, elsewhere the number is blotted out."""
    if not person.mentioned(html.unescape(xml)):
        return xml
    xml = _COMMENT.sub(lambda match: "" if person.mentioned(_joined(match[0])) else match[0], xml)
    for number in person.numbers:
        xml = re.sub(rf"(?<!\d){re.escape(number)}", "*" * len(number), xml, flags=re.IGNORECASE)
    return xml


def _redact_xls(content: bytes, person: Person | Place) -> bytes | None:
    try:
        grids = read_xls(content)
    except Refused:
        return None if _holds(content, person) else content
    person = person.among([grid.sheet for grid in grids])
    if not any(_names(grid, person) for grid in grids):
        return content
    return _redact_workbook(_as_xlsx(grids), person)


def _names(grid: Grid, person: Person | Place) -> bool:
    rows = enumerate(([*map(cell_text, row)] for row in grid.rows), 1)
    return any(
        person.takes(row, grid.sheet, number) or any(map(person.mentioned, row))
        for number, row in rows
    )


def _as_xlsx(grids: list) -> bytes:
    """Grids as a workbook with the same sheets, rows and types."""
    import datetime as dt

    import xlsxwriter

    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(sink, options)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    for grid in grids:
        sheet = book.add_worksheet(grid.sheet)
        for number, row in enumerate(grid.rows):
            for place, cell in enumerate(row):
                if isinstance(cell, Fault):
                    sheet.write_formula(number, place, "=NA()", None, "#N/A")
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(number, place, cell, date)
                elif isinstance(cell, str):
                    sheet.write_string(number, place, str(cell)) if cell else None
                else:
                    sheet.write(number, place, cell)
        for number in grid.hidden_rows:
            sheet.set_row(number, options={"hidden": True})
        if not grid.visible:
            sheet.hide()
    book.close()
    return sink.getvalue()
