"""What lies in the landing folder: regular files in order of arrival, read whole and only when nobody is writing them."""

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from minzheng.custody.ledger import SHANGHAI
from minzheng.errors import MinzhengError
from minzheng.intake.gate import OLE
from minzheng.intake.packed import BLOCK
from minzheng.intake.scope import folder_month
from minzheng.intake.settings import settings

TRUTH = ".minzheng-truth"
CLUTTER = {".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Arrival:
    """A file found: its path, its name under the landing folder, size, modification time (ns), and the month its folder names.

    `fault` is the reason code when it is no regular file or cannot be looked at; `recoded` when its name was no UTF-8.
    """

    path: Path
    name: str
    size: int
    mtime_ns: int
    folder: str | None
    fault: str | None = None
    recoded: bool = False

    def received_at(self, now: dt.datetime) -> dt.datetime:
        """When it was received: its modification time unless that is later than the intake (_G19), in Asia/Shanghai."""
        now = now.astimezone(SHANGHAI)
        try:
            return min(dt.datetime.fromtimestamp(self.mtime_ns // 1_000_000_000, SHANGHAI), now)
        except (ValueError, OverflowError):  # a clock gone astray
            return now


def is_lock(name: str) -> bool:
    """Whether an office program keeps this file as a sign that another is open."""
    base = name.rsplit("/", 1)[-1]
    return base.startswith("~$") or (base.startswith(".~lock.") and base.endswith("#"))


def arrivals(landing: Path) -> list[Arrival]:
    """Every file under the folder in order of modification time, then path; `MinzhengError` when there is no folder."""
    if not landing.is_dir():
        raise MinzhengError(f"no landing folder at {landing}", f"找不到收件文件夹 {landing}")
    try:
        found = list(_walk(landing))
    except OSError as error:
        raise MinzhengError(
            f"the landing folder cannot be read: {error.strerror}",
            f"收件文件夹无法读取:{error.strerror}",
        ) from None
    return sorted(found, key=lambda arrival: (arrival.mtime_ns, arrival.name))


def _walk(landing: Path) -> Iterator[Arrival]:
    """Every file below; a folder that cannot be read is told like a file, and stops no other."""
    waiting = [landing]
    while waiting:
        folder = waiting.pop()
        try:
            paths = sorted(folder.iterdir())
            if (folder / TRUTH).exists():
                continue
        except OSError:
            if folder == landing:
                raise
            yield _arrival(landing, folder, "file_unreadable")
            continue
        for path in paths:
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
            elif path.name not in CLUTTER:
                yield _arrival(
                    landing, path, None if path.is_file() and not path.is_symlink() else "file_type"
                )


def _arrival(landing: Path, path: Path, fault: str | None) -> Arrival:
    relative = path.relative_to(landing)
    try:
        facts = path.lstat()
        size, changed = (0 if fault else facts.st_size), facts.st_mtime_ns
    except OSError:
        size, changed, fault = 0, 0, "file_unreadable"
    name, recoded = readable_name(relative.as_posix())
    return Arrival(
        path,
        name,
        size,
        changed,
        folder_month([landing.name, *relative.parts[:-1]]),
        fault,
        recoded,
    )


def readable_name(name: str) -> tuple[str, bool]:
    """A name as text, and whether its bytes were no UTF-8: those of an old system are GB18030, others are shown by number."""
    try:
        name.encode("utf-8")
        return name, False
    except UnicodeEncodeError:
        pass
    try:
        return os.fsencode(name).decode("gb18030"), True
    except UnicodeDecodeError:
        return os.fsencode(name).decode("ascii", "backslashreplace"), True


def is_seen(
    arrival: Arrival, seen: Collection[tuple[str, int, int]], noted: Callable[[str], str]
) -> bool:
    """Whether a file was received: by its name, else by what the ledger noted of it, its size and modification time."""
    facts = (arrival.size, arrival.mtime_ns)
    return (arrival.name, *facts) in seen or (noted(arrival.name), *facts) in seen


def read_stable(arrival: Arrival) -> tuple[bytes | None, str] | None:
    """A file's bytes and SHA-256; None when it changed while it was read, or is gone: the next intake takes it.

    The bytes of a large text are not kept: it is read again when it is archived. `PermissionError` when it may not be read.
    """
    limits, digest = settings().limits, hashlib.sha256()
    try:
        with arrival.path.open("rb") as file:
            head = file.read(limits.small_bytes + 1)
            packed = head.startswith((b"PK", OLE)) and arrival.size <= limits.workbook_bytes
            content = head + file.read(limits.workbook_bytes) if packed else head
            digest.update(content)
            size = len(content)
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
            facts = os.fstat(file.fileno())
            there = arrival.path.stat()
    except PermissionError:
        raise
    except OSError:
        return None
    if {(f.st_size, f.st_mtime_ns) for f in (facts, there)} != {
        (arrival.size, arrival.mtime_ns)
    } or size != arrival.size:
        return None
    return (content if packed or size <= limits.small_bytes else None), digest.hexdigest()


def blocks_with(path: Path, sha256: str) -> Iterator[bytes]:
    """A file's bytes block by block; `Changed` at the end when they are not those of the hash."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                yield block
    except OSError:
        raise Changed from None
    if digest.hexdigest() != sha256:
        raise Changed


class Changed(Exception):
    """A file is no longer what it was when it was received."""
