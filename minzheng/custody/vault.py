"""The vault: every received file byte by byte under its hash, sealed; and beside it who is named in which row.

The only place with identities besides the restricted outputs. Writing is temp file, sync, rename, sync of the folder.
"""

import hmac
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import duckdb
import polars as pl

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys, default_key_file
from minzheng.custody.sealing import SIZE
from minzheng.custody.synced import write_blocks_synced, write_synced
from minzheng.errors import MinzhengError

IDENTITY = {
    "intake_no": pl.Int64,
    "sheet": pl.String,
    "row_no": pl.Int32,
    "person_key": pl.String,
    "person_id_no": pl.String,
    "person_name": pl.String,
    "township_code": pl.String,
}


def key_file_of(home: Home) -> Path:
    """Where the key lies; `MinzhengError` when that is inside the home, which would then open itself."""
    path = default_key_file().expanduser().resolve()
    if path.is_relative_to(home.path.resolve()):
        raise MinzhengError(
            f"the key must not lie in the home it seals: {path}",
            f"密钥不得放在它所保护的目录内:{path}",
        )
    return path


def check_key(home: Home, keys: Keys) -> None:
    """Stop before anything is written when the home was sealed with another key; a new home remembers this one."""
    key_file_of(home)
    home.create()
    path = home.vault / "KEY"
    if not path.is_file():
        if any(found.is_dir() for found in home.vault.iterdir()):  # something is sealed already
            raise MinzhengError(
                "the vault has lost its KEY file: restore it from its backup",
                "档案库缺少 KEY 文件:请从备份恢复",
            )
        content = {"key_id": keys.key_id, "check": keys.check_value}
        write_synced(path, json.dumps(content).encode("ascii"))
        return
    try:
        known = json.loads(path.read_text(encoding="ascii"))
        same = known["key_id"] == keys.key_id and hmac.compare_digest(
            known["check"], keys.check_value
        )
    except (ValueError, KeyError, TypeError):
        raise MinzhengError(
            "the vault's KEY file is damaged: restore it from its backup",
            "档案库的 KEY 文件已损坏:请从备份恢复",
        ) from None
    if not same and known.get("rotating_from"):
        raise MinzhengError(
            "a change of keys was interrupted: run `minzheng keys rotate` to finish it",
            "密钥更换中断:请再次运行 minzheng keys rotate",
        )
    if not same:
        raise MinzhengError(
            f"this home was sealed with key {known['key_id']}, not with {keys.key_id}: use the right key file",
            f"本目录使用的密钥是 {known['key_id']},不是 {keys.key_id}:请使用正确的密钥文件",
        )


def archived_path(home: Home, sha256: str) -> Path:
    """Where a received file lies sealed."""
    return home.vault / sha256[:2] / sha256


def archived(home: Home) -> set[str]:
    """The hash of every file that lies in the vault, or has a list beside where it lay."""
    return {path.name.split(".")[0] for path in home.vault.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")}


def archive(home: Home, keys: Keys, sha256: str, content: bytes) -> None:
    """Seal a received file under its hash; nothing is done when it is there."""
    path = archived_path(home, sha256)
    if not path.is_file():
        write_synced(path, keys.seal(content, sha256))


def archive_blocks(home: Home, keys: Keys, sha256: str, blocks: Iterable[bytes]) -> None:
    """`archive` for a file too large for memory."""
    path = archived_path(home, sha256)
    if not path.is_file():
        write_blocks_synced(path, keys.seal_blocks(blocks, sha256))


def original(home: Home, keys: Keys, sha256: str) -> bytes:
    """A received file's bytes; one clear error when it is missing, changed, or sealed with another key."""
    return b"".join(original_blocks(home, keys, sha256))


def original_blocks(home: Home, keys: Keys, sha256: str) -> Iterator[bytes]:
    """A received file's bytes block by block; errors as of `original`."""
    path = archived_path(home, sha256)
    if not path.is_file():
        raise MinzhengError(
            f"the vault lacks {sha256[:12]}: restore it from its backup",
            f"档案库缺少 {sha256[:12]}:请从备份恢复",
        )
    with path.open("rb") as file:
        yield from keys.unseal_blocks(file, sha256)


def intact(home: Home, keys: Keys, sha256: str) -> bool:
    """Whether a received file lies in the vault as it was sealed."""
    try:
        for _ in original_blocks(home, keys, sha256):
            pass
    except MinzhengError:
        return False
    return True


def _identity_path(home: Home, sha256: str, intake_no: int) -> Path:
    return home.vault / sha256[:2] / f"{sha256}.{intake_no}.identities"


class IdentityList:
    """Who is named in which accepted row of a file, gathered block by block and sealed beside it."""

    def __init__(self, home: Home, keys: Keys, sha256: str, intake_no: int):
        self._keys, self._path = keys, _identity_path(home, sha256, intake_no)
        self._sink, self._writer = io.BytesIO(), None

    def add(self, frame: pl.DataFrame) -> None:
        """One block of rows."""
        import pyarrow.parquet

        table = frame.select(pl.col(name).cast(dtype) for name, dtype in IDENTITY.items()).to_arrow(
            compat_level=pl.CompatLevel.oldest()
        )
        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(
                self._sink, table.schema, compression="zstd", write_statistics=False
            )
        self._writer.write_table(table)

    def seal(self) -> None:
        """Write the list; nothing when it names nobody."""
        if self._writer is not None:
            self._writer.close()
            self._sink.seek(0)
            blocks = iter(lambda: self._sink.read(SIZE), b"")
            write_blocks_synced(self._path, self._keys.seal_blocks(blocks, self._path.name))


def identities(
    home: Home,
    keys: Keys,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    datasets: Sequence[str],
    kept: dict[Path, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Who is named in the rows in force in `month`: dataset, intake_no, sheet, row_no, person_key, person_id_no, person_name, township_code.

    For restricted lists only. A file without persons adds no row. `kept`: the lists unsealed so far, for who asks of many months.
    """
    check_key(home, keys)
    kept = {} if kept is None else kept
    files = connection.execute(
        """select distinct coverage.dataset, file.intake_no, file.sha256
           from register.coverage join raw.file using (intake_no)
           where coverage.month = $month and list_contains($datasets, coverage.dataset) order by all""",
        {"month": month, "datasets": list(datasets)},
    ).fetchall()
    frames = [pl.DataFrame(schema={"dataset": pl.String, **IDENTITY})]
    for dataset, intake_no, sha256 in files:
        path = _identity_path(home, sha256, intake_no)
        if path.is_file():
            if path not in kept:
                kept[path] = pl.read_parquet(io.BytesIO(keys.unseal(path.read_bytes(), path.name)))
            frames.append(kept[path].select(pl.lit(dataset).alias("dataset"), *IDENTITY))
    return pl.concat(frames)


def keys_of(home: Home) -> Keys:
    """The keys of a home: those of the key file; for a new home without any key file, new ones, which is said on stderr."""
    path = key_file_of(home)
    if path.exists() or (home.vault / "KEY").exists():
        return Keys.load()
    keys = Keys.create()
    click.echo(f"minzheng: made key {keys.key_id} at {path}; keep a copy in a safe place", err=True)
    click.echo(f"民政：已生成密钥 {keys.key_id}（{path}），请另存备份", err=True)
    return keys
