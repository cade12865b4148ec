"""The bytes of a file that is too large to lie in memory as they are: kept compressed, read block by block, as often as needed."""

import io
from collections.abc import Iterable, Iterator

import pyarrow as pa

from minzheng.intake.settings import Refused, settings

BLOCK = 1 << 20


class Packed:
    """Compressed blocks of one file. `head` is its beginning, `size` its length; `file_too_large` when it hardly compresses."""

    def __init__(self, blocks: Iterable[bytes]):
        self._blocks: list[tuple[bytes, int]] = []  # with their lengths
        codec = pa.Codec("zstd", 1)
        self.head, self.size, packed = b"", 0, 0
        for block in blocks:
            self.head = self.head or bytes(block[: 1 << 16])
            self.size += len(block)
            self._blocks.append((codec.compress(block, asbytes=True), len(block)))
            packed += len(self._blocks[-1][0])
            if self.size > settings().limits.file_bytes or packed > settings().limits.packed_bytes:
                raise Refused("file_too_large")

    def blocks(self) -> Iterator[bytes]:
        """The bytes, in blocks of about 1 MiB."""
        for block, size in self._blocks:
            yield pa.decompress(block, size, "zstd", asbytes=True)


def blocks_of(content: "bytes | Packed") -> Iterator[bytes]:
    """The blocks of a file, whichever way it is held."""
    if isinstance(content, Packed):
        yield from content.blocks()
        return
    for start in range(0, len(content), BLOCK):
        yield content[start : start + BLOCK]


class BlockReader(io.RawIOBase):
    """Blocks as a file that is read once from the beginning."""

    def __init__(self, blocks: Iterator[bytes]):
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer) -> int:
        """The next bytes; 0 at the end."""
        while not self._rest:
            self._rest = next(self._blocks, None)
            if self._rest is None:
                self._rest = b""
                return 0
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
