"""Writing a file so that it is there whole or not at all: temp file, sync, rename, sync of the folder."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_synced(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever stops the machine."""
    write_blocks_synced(path, [content])


def write_blocks_synced(path: Path, blocks: Iterable[bytes]) -> None:
    """`write_synced` for what comes in pieces; nothing is there when making them fails."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
