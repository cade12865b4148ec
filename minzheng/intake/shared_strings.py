"""The strings that the cells of a large workbook point at: kept compressed, given to each slice only as far as it needs them.

The reader would lay out all of them anew for every slice. Strings that no cell of a slice points at are replaced by one filler,
so that the numbers stay; a filler that comes out of a cell shows that a reference was overlooked, and the file is refused.
"""

import re
import zlib
from collections.abc import Iterator

from minzheng.intake.settings import Refused

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>.*?</(?:\w+:)?si\s*>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*0*(\d{1,9})\s*<")
FILLER = "\U0010fffd"
_FILLER = f"<si><t>{FILLER}</t></si>".encode()
_EMPTY = b"<si><t/></si>"
TOGETHER = 2048  # strings compressed together
LONGEST = 1 << 24  # bytes of one string; beyond is no extract


class SharedStrings:
    """The strings of one workbook. `needed_by` gives the part of the package that a slice needs."""

    def __init__(self, blocks: Iterator[bytes]):
        self._head, self._packed, self._count = b"", [], 0
        waiting: list[bytes] = []
        for item in self._items(blocks):
            waiting.append(_EMPTY if item.endswith(b"/>") else item)
            if len(waiting) == TOGETHER:
                self._pack(waiting)
                waiting = []
        self._pack(waiting)

    def _items(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The elements one by one; what they hold beside plain elements (`<!`) could hide an end, and is refused."""
        rest = b""
        for block in blocks:
            rest, last = rest + block, 0
            if b"<!" in rest or len(rest) > LONGEST:
                raise Refused("file_corrupt")
            for found in _ITEM.finditer(rest):
                if not self._count and not last and not self._head:
                    self._head = rest[: found.start()]
                last = found.end()
                yield found[0]
            rest = rest[last:]

    def _pack(self, items: list[bytes]) -> None:
        self._count += len(items)
        self._packed.append(zlib.compress(b"".join(items), 1))

    def needed_by(self, slice_: bytes) -> bytes:
        """The part with the strings that some value in this XML of rows could point at, and fillers in place of others."""
        wanted = {number for number in map(int, set(_VALUE.findall(slice_))) if number < self._count}
        groups = {number // TOGETHER for number in wanted}
        parts = [self._head]
        for group in range(max(groups, default=-1) + 1):
            if group not in groups:
                parts.append(_FILLER * TOGETHER)
                continue
            items = _ITEM.findall(zlib.decompress(self._packed[group]))
            parts += [
                item if number in wanted else _FILLER for number, item in enumerate(items, start=group * TOGETHER)
            ]
        return b"".join([*parts, b"</sst>"])


def refuse_fillers(rows: list[list]) -> None:
    """`file_corrupt` when a filler stands in a cell: its reference was written in a way that was not seen."""
    if any(FILLER in row for row in rows):
        raise Refused("file_corrupt")
