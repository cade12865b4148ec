"""Text files: strict decoding (UTF-8, UTF-16, GB18030 as of 2022), then records with their number of cells checked.

A file is looked through once for what it is, then read block by block, so that its size costs no memory.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np
import polars as pl

from minzheng.intake.grid import Columns, Grid
from minzheng.intake.packed import BLOCK, BlockReader, Packed, blocks_of
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
_PUA = re.compile(r"[\ue000-\uf8ff]")
_OF_RECORD = re.compile(
    r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{12}|(?:19|20)[0-9]{2}[-/.]?[01]?[0-9])(?![0-9])"
)
DELIMITERS = (",", "\t", ";", "|")
LONGEST = 1 << 24  # characters of a line or a cell; beyond is no table
csv.field_size_limit(LONGEST)


@dataclass
class Text:
    """A text file that was looked through: how it is encoded and what its cells may need."""

    content: bytes | Packed
    encoding: str
    start: str
    flags: list[str] = field(default_factory=list)
    quoted: bool = False
    wrapped: bool = False

    def blocks(self) -> Iterator[str]:
        """The text from its beginning."""
        stream = io.BufferedReader(BlockReader(blocks_of(self.content)), BLOCK)
        reader = io.TextIOWrapper(stream, encoding=self.encoding, errors="strict", newline=None)
        while text := reader.read(BLOCK):
            yield text.translate(PUA_2022) if "pua_character" in self.flags else text

    def lines(self) -> Iterator[str]:
        """The lines with their ends, every end as a line feed."""
        rest = ""
        for number, block in enumerate(self.blocks()):
            text = rest + (block.lstrip("\ufeff") if number == 0 else block)
            lines = text.split("\n")
            rest = lines.pop()
            if len(rest) > LONGEST:
                raise Refused("csv_structure")
            yield from (line + "\n" for line in lines)
        if rest:
            yield rest

    def pieces(self, count: int) -> Iterator[bytes]:
        """The text in UTF-8, in pieces of so many lines, every end as a line feed."""
        rest = b""
        for number, block in enumerate(self.blocks()):
            rest += (block.lstrip("\ufeff") if number == 0 else block).encode()
            ends = (
                np.flatnonzero(np.frombuffer(rest, np.uint8) == ord("\n"))[count - 1 :: count] + 1
            )
            yield from (rest[slice(*bounds)] for bounds in pairwise([0, *ends]))
            rest = rest[ends[-1] :] if len(ends) else rest
            if len(rest) > LONGEST and len(rest[rest.rfind(b"\n") :].decode()) > LONGEST:
                raise Refused("csv_structure")
        if rest:
            yield rest


def look_through(content: bytes | Packed) -> Text:
    """What a text file is; never a replacement character, never a guess between two encodings."""
    encoding = _encoding(content)
    if encoding != "utf-8":
        return _look(content, encoding)
    try:
        return _look(content, encoding)
    except Refused as refused:
        if refused.codes != ["encoding_invalid"]:
            raise
    if _has_utf8_part(content):
        raise Refused("encoding_mixed")
    return _look(content, "gb18030")


def decode(content: bytes) -> tuple[str, list[str]]:
    """The text of a small file and its flags."""
    text = look_through(content)
    return "".join(text.blocks()), text.flags


def _encoding(content: bytes | Packed) -> str:
    """The encoding that the first bytes speak for: a mark, or every other byte zero; else UTF-8 until shown otherwise."""
    sample = content.head[:4096] if isinstance(content, Packed) else content[:4096]
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Refused("encoding_invalid")
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if sample.count(0) > len(sample) // 8:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _look(content: bytes | Packed, encoding: str) -> Text:
    """Decode the whole file once, strictly."""
    found, decoder = Text(content, encoding, ""), codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in itertools.chain(blocks_of(content), [b""]):
            if b"\x00" in block and not encoding.startswith("utf-16"):
                raise Refused("nul_byte")
            text = decoder.decode(block, final=not block)
            if "\x00" in text:
                raise Refused("nul_byte")
            if encoding == "gb18030" and "pua_character" not in found.flags and _PUA.search(text):
                found.flags.append("pua_character")
            found.start = found.start or text[:200_000]
            found.quoted |= '"' in text
            found.wrapped |= '="' in text
    except UnicodeDecodeError:
        raise Refused("encoding_invalid") from None
    return found


def _has_utf8_part(content: bytes | Packed) -> bool:
    """Whether some line that is not plain ASCII is UTF-8 with at least three characters of CJK or Tibetan."""
    rest = b""
    for block in itertools.chain(blocks_of(content), [b"\n"]):
        lines = (rest + block).splitlines(keepends=True)
        rest = lines.pop() if lines and not lines[-1].endswith((b"\n", b"\r")) else b""
        if len(rest) > 4 * LONGEST:
            raise Refused("csv_structure")
        if any(not line.isascii() and _is_wide_utf8(line) for line in lines):
            return True
    return False


def _is_wide_utf8(line: bytes) -> bool:
    try:
        return sum(ord(character) > 0x7FF for character in line.decode("utf-8")) >= 3
    except UnicodeDecodeError:
        return False


def _delimiter(text: str) -> tuple[str, int]:
    """The delimiter that the widest of the first lines shows, a comma when none does, and how many that line has."""
    lines = text[:200_000].splitlines()[: settings().limits.header_search_rows]
    counts = {mark: max((line.count(mark) for line in lines), default=0) for mark in DELIMITERS}
    widest = max(counts, key=counts.get)
    return widest if counts[widest] else ",", counts[widest]


def read_text(content: bytes | Packed) -> Iterator[Grid]:
    """The records of a text file, a block at a time. Refuses quotes that do not match and cells that swallowed others."""
    text = look_through(content)
    (delimiter, count), limits = _delimiter(text.start), settings().limits
    start = 0
    for rows in _whole_rows(text, delimiter) if text.quoted else _plain_rows(text, delimiter):
        if start + len(rows) > limits.csv_rows:
            raise Refused("sheet_dimensions")
        if text.quoted and _swallowed(rows, delimiter, count):
            raise Refused("csv_structure")
        if text.wrapped:
            rows = [[_unwrapped(cell) for cell in row] for row in rows]
        yield Grid("", rows, exact=True, flags=list(text.flags), start=start)
        start += len(rows)


def _whole_rows(text: Text, delimiter: str) -> Iterator[list[list[str]]]:
    """The records of a text in which some cell is quoted and may go over several lines, a block at a time."""
    reader = csv.reader(text.lines(), delimiter=delimiter, strict=True)
    while rows := _records(reader, settings().limits.block_rows):
        yield rows


def _plain_rows(text: Text, delimiter: str) -> Iterator[list[list[str]] | Columns]:
    """The records of a text without quotes, each a line: the first block, which holds the header, as rows, others by column."""
    for number, piece in enumerate(text.pieces(settings().limits.block_rows)):
        columns = _columns(piece, delimiter) if number else None
        yield columns or list(csv.reader(io.StringIO(piece.decode()), delimiter=delimiter))


def _columns(piece: bytes, delimiter: str) -> Columns | None:
    """Lines by column; None where they have not as many cells each."""
    lines = piece.count(b"\n") + (not piece.endswith(b"\n"))
    width = piece.partition(b"\n")[0].count(delimiter.encode()) + 1
    if piece.count(delimiter.encode()) != (width - 1) * lines or len(piece) > LONGEST:
        return None
    try:
        frame = pl.read_csv(
            piece,
            has_header=False,
            separator=delimiter,
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except pl.exceptions.ComputeError:  # a line has more cells than the first
        return None
    return Columns(frame) if frame.shape == (lines, width) else None


def _records(reader: Iterator[list[str]], count: int) -> list[list[str]]:
    try:
        return list(itertools.islice(reader, count))
    except csv.Error:
        raise Refused("csv_structure") from None


def _swallowed(rows: list[list[str]], delimiter: str, count: int) -> bool:
    """Whether a quoted cell holds what another record is made of: an unbalanced quote ate whole records.

    From a quote in one record to one in a later record stand at least as many delimiters as a record has, and its numbers; a
    remark with line breaks and commas has neither.
    """
    long = (cell for cell in chain.from_iterable(rows) if "\n" in cell)
    return any(cell.count(delimiter) >= max(count, 3) and _OF_RECORD.search(cell) for cell in long)


def _unwrapped(cell: str) -> str:
    """`="0123…"`, the idiom that keeps numbers text in Excel, without its wrapping."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 3 else cell
