"""Searching bytes for planted persons in every form in which bytes can hide text."""

import base64
import contextlib
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow

_DEFLATED = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_RUN = re.compile(rb"[0-9]{14,}X?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")


def dresses(word: str) -> dict[str, set[bytes]]:
    """A word as bytes in each way that bytes can tell it, by the name of the way."""
    utf8, units = word.encode(), word.encode("utf-16-be")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    told = {code: {word.encode(code)} for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    told["json"] = {
        mark + mark.join(b"%04x" % code for code in codes) for mark in (b"\\u", b"\\\\u")
    }
    told["html"] = {
        "".join(form % ord(one) for one in word).encode() for form in ("&#%d;", "&#x%x;")
    }
    told["url"] = {b"".join(b"%%%02x" % byte for byte in utf8)}
    told["quoted-printable"] = {b"".join(b"=%02x" % byte for byte in utf8)}
    told["repr"] = {repr(utf8)[2:-1].encode(), b"".join(b"\\x%02x" % byte for byte in utf8)}
    told["hex"] = {
        utf8.hex().encode(),
        word.encode("gb18030").hex().encode(),
        word.encode("utf-16-le").hex().encode(),
    }
    for shift in range(3):
        coded = {
            base64.b64encode(b"\0" * shift + plain)
            for code in list(told)[:4]
            for plain in told[code]
        }
        told[f"base64 at {shift}"] = {one[(0, 2, 3)[shift] : len(one) - 4] for one in coded}
    return told


_EITHER_CASE = ("json", "html", "url", "quoted-printable", "repr", "hex")


def forms(word: str) -> set[bytes]:
    """Every dress of a word that is long enough to be no accident."""
    found = set()
    for way, told in dresses(word).items():
        found |= told
        if way in _EITHER_CASE:
            found |= {re.sub(rb"[0-9a-f]{2,}", lambda run: run[0].upper(), one) for one in told}
    return {form for form in found if len(form) >= 6}


def unwrapped(content: bytes, path: Path | None = None, depth: int = 0) -> Iterator[bytes]:
    """The content and what it contains: archive members, deflated streams, base64, and tables of Parquet and DuckDB."""
    yield content
    if depth > 3:
        return
    inner = [*_packed(content), *_stored(content, path), *(_encoded(content) if depth < 2 else ())]
    for one in inner:
        yield from unwrapped(one, depth=depth + 1)


def _packed(content: bytes) -> list[bytes]:
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
    if content[:4] == b"\x28\xb5\x2f\xfd":
        inner.append(pyarrow.input_stream(io.BytesIO(content), compression="zstd").read())
    return inner


def _stored(content: bytes, path: Path | None) -> list[bytes]:
    inner: list[bytes] = []
    if path is not None and content[:16] == b"SQLite format 3\0":
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            inner += [
                line.encode() for line in connection.iterdump()
            ]  # a text may lie on several pages
    if content[:4] == b"PAR1":
        inner.append(pl.read_parquet(io.BytesIO(content)).write_json().encode())
    if path is not None and content[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            query = "select table_schema, table_name from information_schema.tables"
            for schema, table in connection.execute(query).fetchall():
                inner.append(
                    connection.sql(f'select * from "{schema}"."{table}"').pl().write_json().encode()
                )
    return inner


def _encoded(content: bytes) -> list[bytes]:
    runs = (re.sub(rb"[\r\n=]", b"", run) for run in set(_BASE64.findall(content)))
    return [base64.b64decode(run + b"==") for run in runs if len(run) % 4 != 1]


def traces(folder: Path, words: set[str], numbers: set[str] = frozenset()) -> list[str]:
    """Where a word was found under the folder: path and which word (by its place in the sorted list).

    `numbers` may be many: each run of digits is looked up, in one-byte and two-byte texts.
    """
    patterns = {form: number for number, word in enumerate(sorted(words)) for form in forms(word)}
    pattern = re.compile(
        b"|".join(re.escape(form) for form in sorted(patterns, key=len, reverse=True))
    )
    sought = {number.encode() for number in numbers}
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        parts = [str(path.relative_to(folder)).encode(), *unwrapped(path.read_bytes(), path)]
        hits = {f"word {patterns[hit]}" for part in parts for hit in pattern.findall(part)}
        runs = {
            run
            for part in parts
            for text in (part, part.replace(b"\0", b""))
            for run in _RUN.findall(text)
        }
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
