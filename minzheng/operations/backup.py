"""Backups: a consistent copy of a home whose every byte is sealed, so that without the key it is of no use to anyone.

The copy is made while nothing else writes: it holds the single-writer lock of the warehouse, under which alone files are
taken in. Files that are sealed already are copied as they are, the others are sealed in pieces. The sealed manifest lists
every file with its hash, so that a missing, added or exchanged one shows. The landing folder is left out: what arrived
there lies sealed in the vault.
"""

import hashlib
import json
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import MAGIC, Keys
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import note
from minzheng.custody.writer import remove_tree
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import open_warehouse

PIECE = 16 << 20
ZONES = (
    "vault", "ledger", "warehouse", "restricted", "drafts", "published", "outbox", "report",
    "tasks", "dagster",
)  # fmt: skip
SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Entry:
    """A file of a backup: where it goes, its mode, the hash of what is stored, or the target of a link."""

    path: str
    mode: int
    sha256: str = ""
    sealed: bool = False
    link: str = ""


def back_up(home: Home, keys: Keys, to: Path, at: str) -> Path:
    """Write the backup named by the moment `at` into folder `to`; returns its folder, whole or not there at all."""
    vault.check_key(home, keys)
    target = to / f"minzheng-{at}"
    if target.exists():
        raise MinzhengError(f"{target} exists already", f"{target} 已存在")
    if to.resolve().is_relative_to(home.path):
        raise MinzhengError("a backup must not lie in the home", "备份不得放在本目录之内")
    own = hashlib.sha256(str(home.path).encode()).hexdigest()[:8]
    work = to / f".minzheng-{own}-{at}.part"
    with open_warehouse(home) as connection:  # nobody else writes, nor makes a backup of this home
        for left in to.glob(f".minzheng-{own}-*.part"):
            remove_tree(left)
        work.mkdir(parents=True, mode=0o700)
        try:
            connection.execute("checkpoint")
            entries = [_store(home, keys, path, work, at) for path in _files(home)]
            told = {"format": 1, "at": at, "key_id": keys.key_id, "check": keys.check_value}
            manifest = json.dumps([asdict(entry) for entry in entries], ensure_ascii=False).encode()
            vault.write_synced(work / "MANIFEST", keys.seal(manifest, f"backup/{at}/MANIFEST"))
            vault.write_synced(work / "BACKUP.json", json.dumps(told).encode())
            _keep_out_others(work)
            work.rename(target)
        except BaseException:
            remove_tree(work)
            raise
    note(home, "backup", at=at, files=len(entries))
    return target


def _keep_out_others(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def _files(home: Home) -> Iterator[Path]:
    yield from (path for path in (*home.path.glob("*.toml"), home.version) if path.is_file())
    for zone in ZONES:
        for path in sorted((home.path / zone).rglob("*")):
            passing = path.name.startswith(".") or path.name.endswith(
                (".wal", "-wal", "-shm", ".partial")
            )
            if path.is_symlink() or (path.is_file() and not passing):
                yield path


def _store(home: Home, keys: Keys, path: Path, work: Path, at: str) -> Entry:
    name = path.relative_to(home.path).as_posix()
    if path.is_symlink():
        return Entry(name, 0, link=str(path.readlink()))
    stored, mode = work / name, path.stat().st_mode & 0o777
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(MAGIC + keys.key_id.encode("ascii")):
        content = path.read_bytes()
        vault.write_synced(stored, content)
        return Entry(name, mode, hashlib.sha256(content).hexdigest())
    source = _database(path) if head == SQLITE else None
    return Entry(
        name, mode, _seal_pieces(keys, source or path, stored, f"backup/{at}/{name}"), sealed=True
    )


def _database(path: Path) -> bytes:
    """An SQLite database as of one moment, its write-ahead log included."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        return copy.serialize()


def _seal_pieces(keys: Keys, source: Path | bytes, stored: Path, name: str) -> str:
    """Seal a file in pieces, each bound to its place and to whether it is the last; returns the hash of what is stored."""
    stored.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with stored.open("xb") as sink:
        stored.chmod(0o600)
        for number, (piece, last) in enumerate(_pieces(source)):
            sealed = keys.seal(piece, f"{name}#{number}{'.' if last else ''}")
            for part in (struct.pack(">Q", len(sealed)), sealed):
                sink.write(part)
                digest.update(part)
    return digest.hexdigest()


def _pieces(source: Path | bytes) -> Iterator[tuple[bytes, bool]]:
    if isinstance(source, bytes):
        yield from (
            (source[at : at + PIECE], at + PIECE >= len(source))
            for at in range(0, max(len(source), 1), PIECE)
        )
        return
    with source.open("rb") as file:
        piece = file.read(PIECE)
        while True:
            following = file.read(PIECE)
            yield piece, not following
            if not following:
                return
            piece = following


def restore(home: Home, keys: Keys, source: Path) -> int:
    """Make a home of a backup; refuses a wrong key, a changed backup and a home that holds anything. Returns the files."""
    at, entries = _manifest(keys, source)
    if home.path.exists() and any(path.is_file() for path in home.path.rglob("*")):
        raise MinzhengError(
            f"{home.path} is not empty: restore into a new home",
            f"{home.path} 不为空:请恢复到新目录",
        )
    work = home.path.with_name(f".{home.path.name}.restoring")
    shutil.rmtree(work, ignore_errors=True)
    Home(work).create()
    for entry in entries:
        _bring_back(keys, source, work, entry, at)
    _keep_out_others(work)
    for folder in sorted(
        {(work / entry.path).parent for entry in entries if entry.mode == 0o444}, reverse=True
    ):
        folder.chmod(0o555)
    shutil.rmtree(home.path, ignore_errors=True)
    work.rename(home.path)
    vault.check_key(home, keys)
    with Ledger(home) as ledger:
        broken = ledger.check()
    if broken:
        raise MinzhengError(
            f"the ledger in the backup is broken at line {broken}",
            f"备份中的台账第 {broken} 条有误",
        )
    note(home, "restore", at=at, files=len(entries))
    return len(entries)


def _manifest(keys: Keys, source: Path) -> tuple[str, list[Entry]]:
    """The moment and the files of a backup, after a check that each is there as it was written and none was added."""
    try:
        told = json.loads((source / "BACKUP.json").read_text(encoding="utf-8"))
        at, key_id = told["at"], told["key_id"]
    except (OSError, ValueError, KeyError):
        raise MinzhengError(
            f"{source} is not a backup, or an unfinished one", f"{source} 不是完整的备份"
        ) from None
    if (key_id, told.get("check")) != (keys.key_id, keys.check_value):
        raise MinzhengError(
            f"this backup was sealed with key {key_id}, not with {keys.key_id}: name its key file in MINZHENG_KEY_FILE",
            f"该备份使用的密钥是 {key_id},不是 {keys.key_id}:请用 MINZHENG_KEY_FILE 指定其密钥文件",
        )
    sealed = source / "MANIFEST"
    content = keys.unseal(sealed.read_bytes() if sealed.is_file() else b"", f"backup/{at}/MANIFEST")
    entries = [Entry(**entry) for entry in json.loads(content)]
    found = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    wanted = {entry.path for entry in entries if not entry.link} | {"BACKUP.json", "MANIFEST"}
    if found != wanted:
        raise MinzhengError(
            f"{len(found ^ wanted)} files of the backup are missing or were added",
            "备份缺少文件或被添加文件",
        )
    return at, entries


def _bring_back(keys: Keys, source: Path, work: Path, entry: Entry, at: str) -> None:
    target = work / entry.path
    if not target.resolve().is_relative_to(work.resolve()):
        raise MinzhengError("the backup names a file outside the home", "备份中有目录之外的文件")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if entry.link:
        target.symlink_to(entry.link)
        return
    with (source / entry.path).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
            raise MinzhengError(
                f"{entry.path} in the backup was changed", f"备份中的 {entry.path} 已被改动"
            )
        file.seek(0)
        with target.open("xb") as sink:
            target.chmod(0o600)
            if not entry.sealed:
                shutil.copyfileobj(file, sink)
            for piece in _unsealed(keys, file, f"backup/{at}/{entry.path}") if entry.sealed else ():
                sink.write(piece)
    target.chmod(entry.mode)


def _unsealed(keys: Keys, file, name: str) -> Iterator[bytes]:
    head, number = file.read(8), 0
    while head:
        sealed, head = file.read(struct.unpack(">Q", head)[0]), file.read(8)
        yield keys.unseal(sealed, f"{name}#{number}{'' if head else '.'}")
        number += 1
