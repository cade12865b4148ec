"""The gate before any parser: what a file is by its bytes, and whether it may be opened at all.

Nothing here trusts a name: the suffix is only compared with the content. Sizes are judged before anything is inflated.
"""

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from minzheng.intake.packed import BLOCK, Packed
from minzheng.intake.settings import Refused, settings

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SUFFIXES = {"xlsx": {"xlsx"}, "xls": {"xls"}, "csv": {"csv", "txt", "tsv"}, "zip": {"zip"}}
OTHER_MAGIC = (
    b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8",
)  # fmt: skip
OTHER_MAGIC += (b"MZ\x90\x00", b"\x7fELF", b"PAR1", b"SQLite format 3")
_OVERRIDE = re.compile(rb"<(?:\w+:)?Override\b[^>]*spreadsheetml\.sheet\.main\+xml[^>]*>")
MACRO_PARTS = ("vbaproject.bin", "macrosheets/")


@dataclass(frozen=True)
class Source:
    """One thing to read: a workbook or a text, with its bytes. `name` is the member's name inside an archive, else empty.

    `refused` holds the reasons when this member of an archive cannot be read, while others can.
    """

    kind: str
    content: bytes | Packed
    name: str = ""
    flags: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def sniff(content: bytes) -> str:
    """`xlsx`, `xls`, `csv` or `zip` by content; `Refused` for what is none of these."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise Refused("file_empty" if not content.strip(b"\xef\xbb\xbf \t\r\n") else "nul_byte")
    if content.startswith(b"PK"):
        return _sniff_zip(content)
    if content.startswith(OLE):
        return _sniff_ole(content)
    if content.startswith(OTHER_MAGIC):
        raise Refused("format_unsupported")
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if (
        head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style"))
        or b"<table" in head
    ):
        raise Refused("format_html")
    if head.startswith((b"{", b"[{")):
        raise Refused("format_unsupported")
    if head.startswith((b"<?xml", b"<workbook")):
        raise Refused("format_html" if b"<html" in head else "format_unsupported")
    return "csv"


def _sniff_zip(content: bytes) -> str:
    names = {
        entry.filename.replace("\\", "/").lower(): entry.filename for entry in entries(content)
    }
    if any(part in name for name, part in product(names, MACRO_PARTS)):
        raise Refused("macro_enabled")
    if "xl/workbook.xml" in names or _names_a_workbook(content, names):
        return "xlsx"
    if "[content_types].xml" in names or "mimetype" in names:
        raise Refused("format_unsupported")
    return "zip"


def _names_a_workbook(content: bytes, names: dict[str, str]) -> bool:
    """Whether a package's list of types has a workbook that is there, wherever it lies. `names` are the entries by lower case."""
    try:
        types = (
            inflate(content, names["[content_types].xml"])
            if "[content_types].xml" in names
            else b""
        )
    except Refused:
        return False
    parts = [re.search(rb'PartName="/?([^"]+)"', tag) for tag in _OVERRIDE.findall(types)]
    return any(part and part[1].decode("utf-8", "replace").lower() in names for part in parts)


def _sniff_ole(content: bytes) -> str:
    """An OLE file is an old workbook, an encrypted new one, or something else; told by the names in its directory."""
    if (
        "EncryptedPackage".encode("utf-16-le") in content
        or "EncryptionInfo".encode("utf-16-le") in content
    ):
        raise Refused("encrypted")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise Refused("macro_enabled")
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return "xls"
    raise Refused("format_unsupported")


def entries(content: bytes) -> list[zipfile.ZipInfo]:
    """The members of an archive; `file_corrupt` when it cannot be listed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        OSError,
        EOFError,
        UnicodeDecodeError,
        OverflowError,
    ):
        raise Refused("file_corrupt") from None


def check_entries(members: list[zipfile.ZipInfo], *, workbook: bool) -> None:
    """Refuse archives whose members are too many, too large, links, archives, encrypted, or lie outside."""
    limits = settings().limits
    if len(members) > (limits.workbook_entries if workbook else limits.entries):
        raise Refused("zip_entry_count")
    for member in members:
        mode = member.external_attr >> 16
        if _leaves(member.filename):
            raise Refused("zip_path")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused("zip_entry_type")
        if member.flag_bits & 0x1:
            raise Refused("encrypted")
        if member.file_size > limits.ratio_from_bytes and member.file_size > limits.ratio * max(
            member.compress_size, 1
        ):
            raise Refused("zip_ratio")
    if len({member.filename for member in members}) < len(members):
        raise Refused("zip_path")
    if sum(member.file_size for member in members) > (
        limits.inflated_bytes if workbook else limits.archive_inflated_bytes
    ):
        raise Refused("zip_size")


def _leaves(name: str) -> bool:
    path = name.replace("\\", "/")
    return (
        path.startswith("/")
        or ".." in path.split("/")
        or re.match(r"[A-Za-z]:", path) is not None
        or "\x00" in name
    )


def inflate(content: bytes, name: str) -> bytes:
    """One member's bytes, never more than the archive declares; `file_corrupt` for a wrong checksum."""
    return b"".join(inflate_blocks(content, name))


def inflate_blocks(content: bytes, name: str) -> Iterator[bytes]:
    """One member's bytes in blocks; `file_corrupt` for a wrong checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(name) as member:
            while block := member.read(BLOCK):
                yield block
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        OSError,
        EOFError,
        KeyError,
        RuntimeError,
    ):
        raise Refused("file_corrupt") from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma", "_lzma", "bz2"):
            raise Refused("file_corrupt") from None
        raise


def real_name(member: zipfile.ZipInfo) -> tuple[str, bool]:
    """A member's name as it was meant, and whether it had to be recoded: old tools write GBK without saying so."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename, False
    try:
        return member.filename.encode("cp437").decode("gb18030"), True
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename, True


def open_file(name: str, content: bytes | Packed) -> Iterator[Source]:
    """What is to be read in a file, one after the other: itself, or the members of a `.zip`; `Refused` with the reason otherwise."""
    content = _whole(content)
    kind = sniff(content.head if isinstance(content, Packed) else content)
    if kind == "zip":
        yield from _open_archive(content)
        return
    if kind == "xlsx":
        check_entries(entries(content), workbook=True)
    yield Source(kind, content, "", _suffix_flags(name, kind))


def _whole(content: bytes | Packed) -> bytes | Packed:
    """A packed file whose kind must be read as a whole, unpacked; a text stays packed."""
    head = content.head if isinstance(content, Packed) else content[:8]
    if not head.startswith((b"PK", OLE)):
        return content
    size = content.size if isinstance(content, Packed) else len(content)
    if size > settings().limits.workbook_bytes:
        raise Refused("file_too_large")
    return b"".join(content.blocks()) if isinstance(content, Packed) else content


def _suffix_flags(name: str, kind: str) -> list[str]:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return [] if suffix in SUFFIXES[kind] or not suffix.isalnum() else ["extension_mismatch"]


def members(content: bytes) -> list[tuple[zipfile.ZipInfo, str, bool]]:
    """The files of an archive in their order, each with its name and whether that was recoded; no folders, no clutter."""
    named = [(member, *real_name(member)) for member in entries(content) if not member.is_dir()]
    return [(member, name, recoded) for member, name, recoded in named if not _is_clutter(name)]


def _open_archive(content: bytes) -> Iterator[Source]:
    check_entries(entries(content), workbook=False)
    wanted = members(content)
    if not wanted:
        raise Refused("file_empty")
    if any(_is_archive(content, member) for member, *_ in wanted):
        raise Refused("zip_entry_type")
    for member, name, recoded in wanted:
        flags = ["filename_recoded"] * recoded
        try:
            source = _member(content, member, name, flags)
        except Refused as refused:
            if len(wanted) == 1:
                raise
            source = Source("", b"", name, flags, refused.codes)
        yield source


def _is_clutter(name: str) -> bool:
    """Whether a member is what systems and office programs leave behind."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith((".", "~$"))


def _is_archive(content: bytes, member: zipfile.ZipInfo) -> bool:
    """Whether a member is an archive itself (and no workbook)."""
    blocks = inflate_blocks(content, member.filename)
    if not next(blocks, b"").startswith(b"PK"):
        return False
    try:
        return sniff(inflate(content, member.filename)) == "zip"
    except Refused:
        return False


def _member(content: bytes, member: zipfile.ZipInfo, name: str, flags: list[str]) -> Source:
    """One member: a large text stays packed, a workbook is held to the limits of its own."""
    blocks = inflate_blocks(content, member.filename)
    inner = _whole(
        Packed(blocks) if member.file_size > settings().limits.small_bytes else b"".join(blocks)
    )
    kind = sniff(inner.head if isinstance(inner, Packed) else inner)
    if kind == "xlsx":
        check_entries(entries(inner), workbook=True)
    return Source(kind, inner, name, [*flags, *_suffix_flags(name.rsplit("/", 1)[-1], kind)])
