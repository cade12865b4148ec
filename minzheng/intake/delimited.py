"""Text files: strict decoding (UTF-8, UTF-16, GB18030 as of 2022), then records with their number of cells checked."""

import csv
import io
import re

from minzheng.intake.grid import Grid
from minzheng.intake.settings import Refused, settings

# GB 18030-2022 moved these code points out of the private use area (Ken Lunde's list; 18 characters and six more).
PUA_2022 = str.maketrans(
    dict(
        zip(
            "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
            "︐︒︑︓︔︕︖︗︘︙龴龵龶龷龸龹龺龻",
            strict=True,
        )
    )
)
DELIMITERS = (",", "\t", ";", "|")
LARGE = 4_000_000
csv.field_size_limit(1 << 27)


def decode(content: bytes) -> tuple[str, list[str]]:
    """The text of a file and its flags; never a replacement character, never a guess between two encodings."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(content, "utf-16"), []
    if content.startswith(b"\xef\xbb\xbf"):
        return _decoded(content, "utf-8-sig"), []
    sample = content[:4096]
    if sample.count(0) > len(sample) // 8:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        return _decoded(content, "utf-16-le" if odd > even else "utf-16-be"), []
    if b"\x00" in content:
        raise Refused("nul_byte")
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _decode_gb18030(content, error.start)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("encoding_invalid") from None
    if "\x00" in text:
        raise Refused("nul_byte")
    return text


def _decode_gb18030(content: bytes, utf8_until: int) -> tuple[str, list[str]]:
    """GB18030, refused when a part of the file is UTF-8: those bytes decode to something else without an error."""
    if _has_utf8_part(content):
        raise Refused("encoding_mixed")
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        raise Refused("encoding_invalid") from None
    if re.search(r"[\ue000-\uf8ff]", text):
        return text.translate(PUA_2022), ["pua_character"]
    return text, []


def _has_utf8_part(content: bytes) -> bool:
    """Whether some line that is not plain ASCII is UTF-8 with at least three characters of CJK or Tibetan."""
    for line in content.splitlines():
        if line.isascii():
            continue
        try:
            wide = [character for character in line.decode("utf-8") if ord(character) > 0x7FF]
        except UnicodeDecodeError:
            continue
        if len(wide) >= 3:
            return True
    return False


def _delimiter(text: str) -> str:
    """The delimiter that the widest of the first lines shows; a comma when none does."""
    lines = text[:200_000].splitlines()[: settings().limits.header_search_rows]
    counts = {mark: max((line.count(mark) for line in lines), default=0) for mark in DELIMITERS}
    return max(counts, key=counts.get) if any(counts.values()) else ","


def read_text(content: bytes) -> Grid:
    """The records of a text file. Refuses quotes that do not match and cells that swallowed other records."""
    text, flags = decode(content)
    text = text.lstrip("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(text)
    try:
        rows = _records(text, delimiter)
    except csv.Error:
        raise Refused("csv_structure") from None
    if len(rows) > settings().limits.csv_rows:
        raise Refused("sheet_dimensions")
    if '"' in text and _swallowed(rows, delimiter):
        raise Refused("csv_structure")
    if '="' in text or '=""' in text:
        rows = [[_unwrapped(cell) for cell in row] for row in rows]
    return Grid("", rows, exact=True, flags=flags)


def _records(text: str, delimiter: str) -> list[list[str]]:
    """All records; of a large file each distinct text is kept once, as most cells repeat."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    if len(text) < LARGE:
        return list(reader)
    kept: dict[str, str] = {}
    return [[kept.setdefault(cell, cell) for cell in row] for row in reader]


def _swallowed(rows: list[list[str]], delimiter: str) -> bool:
    """Whether a quoted cell holds line breaks and many delimiters: an unbalanced quote ate whole records."""
    return any("\n" in cell and cell.count(delimiter) >= 3 for row in rows for cell in row)


def _unwrapped(cell: str) -> str:
    """`="632224…"`, the idiom that keeps numbers text in Excel, without its wrapping."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 3 else cell
