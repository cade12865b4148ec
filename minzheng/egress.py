"""The egress gate: nothing that leaves may hold an identity, whatever it is hidden in.

`scan` opens containers (docx, xlsx, zip, Parquet, DuckDB), decodes text in every encoding a file may have, undoes JSON,
HTML and URL escapes and base64, and looks for citizen identity numbers (18 digits with a right check digit, 15 digits with
a date, floats and =\"...\" forms), bank accounts (Luhn) and the names of the people on the rolls. Hits say where and what
kind, never the value.
"""

import base64
import binascii
import html
import io
import re
import urllib.parse
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from minzheng.errors import MinzhengError

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_ID18 = re.compile(
    r"(?<![0-9A-Za-z.])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_ID15 = re.compile(r"(?<![0-9A-Za-z.])[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])")
_FLOAT_ID = re.compile(r"(?<![0-9A-Za-z.])[1-8]\.\d{9,16}[eE]\+?17(?![0-9])")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z.])(?:62|6[0-9]|4|5)\d{14,17}(?![0-9A-Za-z])")
_HAN = re.compile(r"[\u3400-\u9fff·•]{2,}")
_TIBETAN = re.compile(r"[\u0f00-\u0fff]{2,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{32,}={0,2}")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_WORTH_A_LOOK = re.compile(r"\d{14}|\d[eE]\+?17")
"""Without this a text holds no number of the kinds looked for; one quick pass spares four slow ones."""
_DEEPEST = 4


@dataclass(frozen=True)
class Hit:
    """One kind of identity found in one place, and how often."""

    where: str
    kind: str
    count: int


def _checked(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17].upper()


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0


def _named(text: str, names: Collection[str], lengths: Collection[int]) -> int:
    runs = set(_HAN.findall(text)) | set(_TIBETAN.findall(text))
    return sum(
        any(run[start : start + length] in names for length in lengths for start in range(len(run) - length + 1))
        for run in runs
    )


def _kinds(text: str, names: Collection[str], lengths: Collection[int]) -> Iterator[tuple[str, int]]:
    if _WORTH_A_LOOK.search(text):
        yield "id_number", sum(map(_checked, _ID18.findall(text)))
        yield "id_number_15", len(_ID15.findall(text))
        yield "id_number_float", len(_FLOAT_ID.findall(text))
        yield "bank_account", sum(map(_luhn, _ACCOUNT.findall(text)))
    if names:
        yield "name", _named(text, names, lengths)


@lru_cache(maxsize=4)
def _lengths(names: frozenset[str]) -> tuple[int, ...]:
    return tuple(sorted({len(name) for name in names}))


def _texts(content: bytes) -> Iterator[str]:
    """The content as text in each way a reader could take it; what is right UTF-8 without NUL is nothing else."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        if encoding.startswith("utf-16") and b"\0" not in content[:4096]:
            continue
        text = content.decode(encoding, errors="ignore")
        yield text
        if "\\u" in text:
            yield _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        if "&#" in text:
            yield html.unescape(text)
        if _PERCENT.search(text):
            yield urllib.parse.unquote(text)
        if encoding == "utf-8" and b"\0" not in content and len(text.encode()) == len(content):
            break


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def _encoded(content: bytes) -> Iterator[bytes]:
    for found in set(_BASE64.findall(content)):
        if _HEX.fullmatch(found):
            continue  # a digest
        try:
            yield base64.b64decode(found + b"=" * (-len(found) % 4), validate=True)
        except binascii.Error:
            continue


def _cells(frame) -> bytes:
    """The text cells of a frame, each value once, a line each."""
    import polars as pl

    columns = [
        frame[name].unique().drop_nulls().to_list() for name, type_ in frame.schema.items() if type_ == pl.String
    ]
    whole = [frame[name].drop_nulls().to_list() for name, type_ in frame.schema.items() if type_.is_integer()]
    return "\n".join([*frame.columns, *(str(value) for column in columns + whole for value in set(column))]).encode()


def _table_texts(content: bytes, path: Path | None) -> Iterator[tuple[str, bytes]]:
    import duckdb
    import polars as pl

    if content[:4] == b"PAR1":
        yield "", _cells(pl.read_parquet(io.BytesIO(content)))
    elif path is not None and content[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
            for schema, table in tables:
                yield f"{schema}.{table}", _cells(connection.sql(f'select * from "{schema}"."{table}"').pl())


def scan(
    content: bytes, where: str, names: Collection[str] = (), *, path: Path | None = None, depth: int = 0
) -> list[Hit]:
    """Every kind of identity in `content`, in whatever it is wrapped. `names` are full names of the people on the rolls."""
    if depth > _DEEPEST:
        return [Hit(where, "nested_too_deep", 1)]
    names = frozenset(names)
    lengths = _lengths(names)
    hits: dict[str, int] = {}
    for text in _texts(content):
        for kind, count in _kinds(text, names, lengths):
            hits[kind] = max(hits.get(kind, 0), count)
    found = [Hit(where, kind, count) for kind, count in hits.items() if count]
    if content[:4] == b"PK\x03\x04":
        for name, member in _members(content):
            found += scan(member, f"{where}!{name}", names, depth=depth + 1)
    for name, text in _table_texts(content, path):
        found += scan(text, f"{where}!{name}", names, depth=depth + 1)
    for inner in _encoded(content) if depth < 2 else ():
        found += scan(inner, f"{where}!base64", names, depth=depth + 2)
    return found


def scan_folder(folder: Path, names: Collection[str] = ()) -> list[Hit]:
    """The hits of every file under `folder`, in the order of their paths; file names are scanned too."""
    found, names = [], frozenset(names)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        where = path.relative_to(folder).as_posix()
        found += scan(where.encode(), f"{where} (name)", names)
        found += scan(path.read_bytes(), where, names, path=path)
    return found


def refuse_identities(folder: Path, names: Collection[str] = ()) -> None:
    """Pass silently, or `MinzhengError` that names the files and kinds found."""
    hits = scan_folder(folder, names)
    if hits:
        told = "; ".join(f"{hit.where}: {hit.kind} x{hit.count}" for hit in hits[:10])
        raise MinzhengError(
            f"refused to let this out, identities found: {told}", f"拒绝输出,发现可识别个人的信息:{told}"
        )
