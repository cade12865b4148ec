"""Searching bytes for planted persons in every form in which bytes can hide text."""

import base64
import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

_DEFLATED = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_RUN = re.compile(rb"[0-9]{14,}X?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")


def forms(word: str) -> set[bytes]:
    """A word as bytes: encodings, JSON, HTML and URL escapes, and base64 at each of three offsets."""
    found = {word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    if not word.isascii():
        escaped = word.encode("unicode_escape")
        found |= {escaped, escaped.replace(b"\\u", b"\\\\u"), "".join(f"&#{ord(one)};" for one in word).encode()}
        found |= {"".join(f"%{byte:02X}" for byte in word.encode()).encode(), repr(word.encode())[2:-1].encode()}
    for plain in (word.encode(), word.encode("gb18030"), word.encode("utf-16-le")):
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + plain)
            found.add(coded[(0, 2, 3)[shift] : len(coded) - 4])
    return {form for form in found if len(form) >= 4}


def unwrapped(content: bytes, path: Path | None = None, depth: int = 0) -> Iterator[bytes]:
    """The content and what it contains: archive members, deflated streams, base64, and tables of Parquet and DuckDB."""
    yield content
    if depth > 3:
        return
    inner: list[bytes] = []
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner += [archive.read(name) for name in archive.namelist()]
    if content[:4] == b"%PDF":
        for stream in _DEFLATED.findall(content):
            try:
                inner.append(zlib.decompress(stream))
            except zlib.error:
                continue
    if content[:2] in (b"\x1f\x8b", b"x\x9c", b"x\xda"):
        with contextlib.suppress(zlib.error):
            inner.append(zlib.decompress(content, 47))
    if content[:4] == b"PAR1":
        inner.append(pl.read_parquet(io.BytesIO(content)).write_json().encode())
    if path is not None and content[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            query = "select table_schema, table_name from information_schema.tables"
            for schema, table in connection.execute(query).fetchall():
                inner.append(connection.sql(f'select * from "{schema}"."{table}"').pl().write_json().encode())
    if depth < 2:
        inner += [
            base64.b64decode(found + b"==")
            for found in set(_BASE64.findall(content))
            if len(found.rstrip(b"=")) % 4 != 1
        ]
    for one in inner:
        yield from unwrapped(one, depth=depth + 1)


def traces(folder: Path, words: set[str], numbers: set[str] = frozenset()) -> list[str]:
    """Where a word was found under the folder: path and which word (by its place in the sorted list).

    `numbers` may be many: each run of digits is looked up, in one-byte and two-byte texts.
    """
    patterns = {form: number for number, word in enumerate(sorted(words)) for form in forms(word)}
    pattern = re.compile(b"|".join(re.escape(form) for form in sorted(patterns, key=len, reverse=True)))
    sought = {number.encode() for number in numbers}
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        parts = [str(path.relative_to(folder)).encode(), *unwrapped(path.read_bytes(), path)]
        hits = {f"word {patterns[hit]}" for part in parts for hit in pattern.findall(part)}
        runs = {run for part in parts for text in (part, part.replace(b"\0", b"")) for run in _RUN.findall(text)}
        hits |= (
            {"number"}
            if sought
            and any(
                run[at : at + size] in sought
                for run in runs
                for size in {len(one) for one in sought}
                for at in range(len(run) - size + 1)
            )
            else set()
        )
        found += [f"{path.relative_to(folder)}: {hit}" for hit in sorted(hits)]
    return found
