"""Frames of one file, block by block: a single small one as it is, several as compressed Arrow streams."""

import io
from collections.abc import Callable, Iterator

import polars as pl


class Frames:
    """A sequence of frames that costs little memory however many rows it has."""

    def __init__(self, parts: "list[pl.DataFrame | bytes] | None" = None):
        self._parts: list[pl.DataFrame | bytes] = parts or []

    def add(self, frame: pl.DataFrame) -> None:
        """Put one more frame at the end; an empty one only when it is the first, to keep the columns."""
        if self._parts and not frame.height:
            return
        if self._parts and isinstance(self._parts[0], pl.DataFrame):
            self._parts[0] = to_stream(self._parts[0])
        self._parts.append(to_stream(frame) if self._parts else frame)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for part in self._parts:
            yield part if isinstance(part, pl.DataFrame) else from_stream(part)

    def drain(self) -> Iterator[bytes]:
        """The frames as streams; each is let go when the next is asked for."""
        while self._parts:
            part = self._parts.pop(0)
            yield part if isinstance(part, bytes) else to_stream(part, compressed=False)

    def changed(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> "Frames":
        """Every frame changed, one after the other; these frames are let go on the way."""
        made = Frames()
        for stream in self.drain():
            made.add(change(from_stream(stream)))
        return made

    def whole(self) -> pl.DataFrame:
        """All rows in one frame."""
        return pl.concat(self, how="diagonal") if self._parts else pl.DataFrame()


def to_stream(frame: pl.DataFrame, *, compressed: bool = True) -> bytes:
    """A frame as an Arrow stream."""
    sink = io.BytesIO()
    frame.write_ipc_stream(sink, compression="zstd" if compressed else "uncompressed")
    return sink.getvalue()


def from_stream(stream: bytes) -> pl.DataFrame:
    """The frame of an Arrow stream."""
    return pl.read_ipc_stream(io.BytesIO(stream))
