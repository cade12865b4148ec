"""The egress gate: nothing that leaves may hold an identity, whatever it is hidden in.

Files are opened (`wraps`: docx, xlsx, zip, gzip, Parquet, DuckDB, PDF streams, every encoding, JSON, HTML, URL and mail
escapes, base64) and their texts looked through (`kinds`: citizen identity numbers of 18 digits with a right check digit,
15 digits with a date, floats and =\"...\" forms; bank accounts; names of the people on the rolls). Hits say where and what
kind, never the value. The text of a PDF is drawn glyph by glyph and cannot be read so; its twin report.docx is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from minzheng.custody.egress.kinds import identities
from minzheng.custody.egress.wraps import Piece, pieces
from minzheng.errors import MinzhengError

__all__ = ["Hit", "refuse_content", "refuse_identities", "scan", "scan_folder"]

_AT_ONCE = 1 << 23
"""Characters looked through at once."""


@dataclass(frozen=True)
class Hit:
    """One kind of identity found in one place, and how often."""

    where: str
    kind: str
    count: int


def scan(
    content: bytes, where: str, names: Collection[str] = (), *, path: Path | None = None
) -> list[Hit]:
    """Every kind of identity in `content`, in whatever it is wrapped. `names` are full names of the people on the rolls."""
    return _hits(pieces(content, where, path), names)


def scan_folder(folder: Path, names: Collection[str] = ()) -> list[Hit]:
    """The hits of every file under `folder`, in the order of their paths; file names are scanned too."""
    return _hits(_folder_pieces(folder), names)


def _folder_pieces(folder: Path) -> Iterable[Piece]:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        where = path.relative_to(folder).as_posix()
        yield from pieces(where.encode(), f"{where} (name)")
        yield from pieces(path.read_bytes(), where, path)


def _hits(scanned: Iterable[Piece], names: Collection[str]) -> list[Hit]:
    """Hits by place and kind; a text that can be read in several ways counts once."""
    counts: dict[tuple[str, str], int] = {}
    for batch in _batches(scanned):
        for piece in batch:
            if piece.text is None:
                counts[piece.where, "nested_too_deep"] = 1
        known = [piece for piece in batch if piece.text is not None]
        for place, kind, count in identities([piece.text for piece in known], names):
            at = known[place].where, kind
            counts[at] = max(counts.get(at, 0), count)
    return [Hit(where, kind, count) for (where, kind), count in counts.items()]


def _batches(scanned: Iterable[Piece]) -> Iterable[list[Piece]]:
    batch, size = [], 0
    for piece in scanned:
        batch.append(piece)
        size += len(piece.text or "")
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    yield batch


def refuse_identities(folder: Path, names: Collection[str] = ()) -> None:
    """Pass silently, or `MinzhengError` that names the files and kinds found."""
    _refuse(scan_folder(folder, names))


def refuse_content(content: bytes, where: str, names: Collection[str] = ()) -> None:
    """`refuse_identities` for what is not written yet."""
    _refuse(scan(content, where, names))


def _refuse(hits: list[Hit]) -> None:
    if hits:
        told = "; ".join(f"{hit.where}: {hit.kind} x{hit.count}" for hit in hits[:10])
        raise MinzhengError(
            f"refused to let this out, identities found: {told}",
            f"拒绝输出,发现可识别个人的信息:{told}",
        )
