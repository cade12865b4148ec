"""What lies in the landing folder: regular files in order of arrival, read whole and only when nobody is writing them."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from minzheng.errors import MinzhengError
from minzheng.intake.scope import folder_month
from minzheng.ledger import SHANGHAI

TRUTH = ".minzheng-truth"


@dataclass(frozen=True)
class Arrival:
    """A file found: its path under the landing folder, size, modification time (ns), and the month its folder names."""

    path: Path
    name: str
    size: int
    mtime_ns: int
    folder: str | None
    regular: bool

    def received_at(self, now: dt.datetime) -> dt.datetime:
        """When it was received: its modification time unless that is later than the intake (_G19), in Asia/Shanghai."""
        changed = dt.datetime.fromtimestamp(self.mtime_ns // 1_000_000_000, SHANGHAI)
        return min(changed, now.astimezone(SHANGHAI))


def is_lock(name: str) -> bool:
    """Whether an office program keeps this file as a sign that another is open."""
    base = name.rsplit("/", 1)[-1]
    return base.startswith("~$") or (base.startswith(".~lock.") and base.endswith("#"))


def arrivals(landing: Path) -> list[Arrival]:
    """Every file under the folder in order of modification time, then path; `MinzhengError` when there is no folder."""
    if not landing.is_dir():
        raise MinzhengError(f"no landing folder at {landing}", f"找不到收件文件夹 {landing}")
    found: list[Arrival] = []
    try:
        _walk(landing, landing, found)
    except OSError as error:
        raise MinzhengError(
            f"the landing folder cannot be read: {error.strerror}", f"收件文件夹无法读取:{error.strerror}"
        ) from None
    return sorted(found, key=lambda arrival: (arrival.mtime_ns, arrival.name))


def _walk(folder: Path, landing: Path, found: list[Arrival]) -> None:
    if (folder / TRUTH).exists():
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            _walk(path, landing, found)
            continue
        if path.name in (".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini") or path.name.endswith(".part"):
            continue
        facts = path.lstat()
        relative = path.relative_to(landing)
        month = folder_month([landing.name, *relative.parts[:-1]])
        found.append(
            Arrival(
                path,
                relative.as_posix(),
                facts.st_size,
                facts.st_mtime_ns,
                month,
                path.is_file() and not path.is_symlink(),
            )
        )


def read_stable(arrival: Arrival) -> tuple[bytes, str] | None:
    """A file's bytes and SHA-256; None when it changed while it was read, or is gone: the next intake takes it."""
    try:
        content = arrival.path.read_bytes()
        facts = arrival.path.stat()
    except OSError:
        return None
    if (facts.st_size, facts.st_mtime_ns) != (arrival.size, arrival.mtime_ns) or len(content) != facts.st_size:
        return None
    return content, hashlib.sha256(content).hexdigest()
