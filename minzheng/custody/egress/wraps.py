"""What a reader can get out of bytes: containers opened, text in every encoding it may have, escapes and base64 undone."""

import base64
import binascii
import contextlib
import gzip
import html
import io
import re
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import polars as pl

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{32,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")
_LONG = b"x" * 32
_MARKED = bytes(ord("x") if re.match(rb"[A-Za-z0-9+/_-]", bytes([n])) else 0 for n in range(256))
"""Every byte that base64 may hold as `x`: where 32 stand together is found at once, by an expression in a quarter of the gate's time."""
_HEX = re.compile(rb"[0-9A-Fa-f\r\n]+")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENTITY = re.compile("&#(?!3[49];)")
"""A sign told by its number; quotes are told so on every page, and hide nothing."""
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_PERCENTS = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SOFT = re.compile(rb"=[0-9A-F]{2}=[0-9A-F]{2}=")
_WIDE = "".join(map(chr, range(0xFF10, 0xFF1A)))
_DEFLATED = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_COMPRESSED_TEXT = re.compile(rb"(?:zTXt|iTXt)(.*?)\0", re.DOTALL)
_KNOWN = {
    b"PK\x03\x04": "zip",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
    b"\x89PNG": "png",
    b"\x1f\x8b\x08": "gzip",
}
_DEEPEST = 4
_LARGE = 1e13
"""Smaller numbers in a table are no id number."""


class Piece(NamedTuple):
    """A text, and where it was; None stands for what lies deeper than we look."""

    where: str
    text: str | None


def pieces(content: bytes, where: str, path: Path | None = None, depth: int = 0) -> Iterator[Piece]:
    """Every text in the content, in whatever it is wrapped. A DuckDB file is opened at `path`."""
    if depth > _DEEPEST:
        yield Piece(where, None)
        return
    kind = next((kind for mark, kind in _KNOWN.items() if content.startswith(mark)), "")
    kind = "duckdb" if content[8:12] == b"DUCK" else kind
    for text in _texts(content, binary=bool(kind)) if not _opened(kind, path) else ():
        yield Piece(where, text)
    for name, inner in _inside(content, kind, path):
        yield from pieces(inner, f"{where}!{name}", depth=depth + 1)
    for inner in _encoded(content) if not kind else ():
        yield from pieces(inner, f"{where}!base64", depth=depth + 2)


def _texts(content: bytes, *, binary: bool) -> Iterator[str]:
    """The content as text in each way a reader could take it; what is right UTF-8 without NUL is nothing else."""
    try:
        text, certain = content.decode(), b"\0" not in content
    except UnicodeDecodeError:
        text, certain = content.decode(errors="ignore"), binary
    yield from _without_escapes(text)
    codes = (
        []
        if certain
        else ["gb18030"]
        if b"\0" not in content
        else ["gb18030", "utf-16-le", "utf-16-be"]
    )
    for code in codes:
        yield from _without_escapes(content.decode(code, errors="ignore"))


def _without_escapes(text: str) -> Iterator[str]:
    yield text
    if "\\u" in text:
        units = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        yield units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    if _ENTITY.search(text):
        yield html.unescape(text)
    if _PERCENT.search(text):
        yield _PERCENTS.sub(lambda match: urllib.parse.unquote(match[0]), text)
    if not text.isascii() and any(digit in text for digit in _WIDE):
        yield unicodedata.normalize("NFKC", text)


def _opened(kind: str, path: Path | None) -> bool:
    """Whether every value of a table file is read: its bytes, where compressed values touch, say nothing more."""
    return kind == "parquet" or kind == "duckdb" and path is not None


def _inside(content: bytes, kind: str, path: Path | None) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of what a container holds."""
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif kind == "gzip":
        yield "gzip", gzip.decompress(content)
    elif kind == "parquet":
        yield "", _cells(pl.read_parquet(io.BytesIO(content)))
        yield "metadata", str(pl.read_parquet_metadata(io.BytesIO(content))).encode()
    elif kind == "duckdb" and path is not None:
        yield from _tables(path)
    elif kind == "pdf":
        streams = map(_inflated, _DEFLATED.findall(content))
        yield from (("stream", inner) for inner in chain.from_iterable(streams))
    elif kind == "png":
        for match in _COMPRESSED_TEXT.finditer(content):
            for skip in (1, 2):
                text = _inflated(content[match.end() + skip :])
                yield from (("text", inner) for inner in text)
    elif _SOFT.search(content):
        yield "quoted", binascii.a2b_qp(content)


def _inflated(content: bytes) -> Iterator[bytes]:
    with contextlib.suppress(zlib.error):
        yield zlib.decompressobj().decompress(content)


def _encoded(content: bytes) -> Iterator[bytes]:
    for found in set(_runs(content)):
        if not _HEX.fullmatch(found):  # else a digest
            run = re.sub(rb"[\r\n=]", b"", found).replace(b"-", b"+").replace(b"_", b"/")
            for start in range(4):  # what stands before may look like base64 too
                whole = run[start : start + (len(run) - start) // 4 * 4]
                rest = run[start + len(whole) :]
                yield base64.b64decode(whole + (rest + b"==")[:4] if len(rest) > 1 else whole)


def _runs(content: bytes) -> Iterator[bytes]:
    """What `_BASE64` finds in the content."""
    marked, at = content.translate(_MARKED), 0
    while (at := marked.find(_LONG, at)) >= 0:
        found = _BASE64.match(content, at)[0]
        yield found
        at += len(found)


def _tables(path: Path) -> Iterator[tuple[str, bytes]]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        for schema, table in tables:
            yield (
                f"{schema}.{table}",
                _cells(connection.sql(f'select * from "{schema}"."{table}"').pl()),
            )


def _cells(frame: pl.DataFrame) -> bytes:
    """What the cells of a frame hold as lines of text: each text once, numbers large enough to be an id number."""
    told = list(frame.columns)
    for column in frame:
        if column.dtype.is_numeric():
            told += map(str, column.filter(column.abs() >= _LARGE).unique().to_list())
        elif not (column.dtype.is_temporal() or column.dtype in (pl.Boolean, pl.Null)):
            kept = column.unique() if column.dtype == pl.String else column
            told += (
                one.decode(errors="ignore") if isinstance(one, bytes) else str(one)
                for one in kept.drop_nulls()
            )
    return "\n".join(told).encode()
