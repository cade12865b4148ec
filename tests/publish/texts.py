"""The text that a reader of a file sees: members of containers, pages of a PDF, rows of tables."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
from pypdf import PdfReader


def texts(path: Path) -> Iterator[str]:
    """Each part of a file as text; nothing of what is not text (fonts, pictures)."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        yield pl.read_parquet(path).write_csv()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (name,) in connection.execute("show tables").fetchall():
                yield connection.sql(f'select * from "{name}"').pl().write_csv()
    elif path.suffix == ".pdf":
        yield "\n".join(page.extract_text() for page in PdfReader(path).pages)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name).decode(errors="ignore") for name in archive.namelist())
    else:
        yield content.decode(errors="ignore")


def holding(folder: Path, *words: str) -> list[tuple[str, str]]:
    """Every file below a folder that holds one of the words, with it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [found for path in files for found in _held(path, folder, words)]


def _held(path: Path, folder: Path, words: tuple[str, ...]) -> list[tuple[str, str]]:
    told = "".join(texts(path))
    return [(path.relative_to(folder).as_posix(), word) for word in words if word in told]
