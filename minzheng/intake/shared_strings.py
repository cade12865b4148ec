"""The strings that the cells of a large workbook point at: kept compressed, given to each slice only as far as it points at them.

The reader would lay out all of them anew for every slice. So the references of a slice are numbered anew; where one could be
written in a way that is not seen here, the slice gets its own numbers and the whole table.
"""

import re
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise

from minzheng.intake.settings import Refused

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>.*?</(?:\w+:)?si\s*>)", re.DOTALL)
_SHARED = rb"<(?:\w+:)?c\b[^>]*?\st\s*=\s*[\"']s[\"'][^>]*"
_POINTING = re.compile(_SHARED + rb"(?<!/)>")
_REFERENCE = re.compile(rb"(" + _SHARED + rb"(?<!/)>\s*<(?:\w+:)?v\b[^>]*>)\s*(\d{1,9})\s*(?=<)")
_ENTITY_IN_TAG = re.compile(rb"<[^>]*&")
_EMPTY = b"<si><t/></si>"
TOGETHER = 2048  # strings compressed together
LONGEST = 1 << 24  # bytes of one string; beyond is no extract


class SharedStrings:
    """The strings of one workbook, read once."""

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
        """The elements one by one; what stands beside plain elements (`<!`) could hide an end, and is refused."""
        rest = b""
        for block in blocks:
            rest, last = rest + block, 0
            if b"<!" in rest or len(rest) > LONGEST:
                raise Refused("file_corrupt")
            for match in _ITEM.finditer(rest):
                self._head = self._head or rest[: match.start()]
                last = match.end()
                yield match[0]
            rest = rest[last:]

    def _pack(self, items: list[bytes]) -> None:
        self._count += len(items)
        ends = array("I", [0])
        for item in items:
            ends.append(ends[-1] + len(item))
        self._packed.append((zlib.compress(b"".join(items), 1), ends))

    def fitted(self, rows: bytes) -> tuple[bytes, bytes]:
        """A slice's XML with its references numbered anew, and the part of the package with the strings they point at."""
        numbers: dict[bytes, int] = {}

        def renumbered(match: re.Match) -> bytes:
            return b"%b%d" % (match[1], numbers.setdefault(match[2], len(numbers)))

        if not _ENTITY_IN_TAG.search(rows):
            changed, count = _REFERENCE.subn(renumbered, rows)
            wanted = [int(number) for number in numbers]
            if count == len(_POINTING.findall(rows)) and max(wanted, default=-1) < self._count:
                return changed, self._part(wanted)
        return rows, self._part(range(self._count))

    def _part(self, wanted: Iterable[int]) -> bytes:
        """The part with these strings, in this order."""
        found: dict[int, bytes] = {}
        order = list(wanted)
        by_group: dict[int, set[int]] = {}
        for number in order:
            by_group.setdefault(number // TOGETHER, set()).add(number % TOGETHER)
        for group, places in by_group.items():
            packed, ends = self._packed[group]
            text = zlib.decompress(packed)
            bounds = list(pairwise(ends))
            found |= {group * TOGETHER + place: text[slice(*bounds[place])] for place in places}
        return b"".join([self._head, *(found[number] for number in order), b"</sst>"])
