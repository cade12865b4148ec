"""The townships in order, where their bounds tell one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minzheng.publish.language import Language
from minzheng.publish.site.book import Book


@dataclass(frozen=True)
class Standing:
    """An area's newest value with its bounds as the page says it; `low` and `high` are None where nobody can tell them."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    said: str


def standings(book: Book, say: Language, code: str, areas: Sequence[str]) -> list[Standing]:
    """The areas that the release has the indicator of, as they are given."""
    found = []
    for area in areas:
        cell = book.published.cell(code, area)
        if cell.state == "absent":
            continue
        bounds = (cell.lower, cell.upper) if cell.obs_status == "U" else (cell.value, cell.value)
        told = "" if cell.state == "value" else say.sign(cell.state)
        if cell.state == "value":
            mark = f"（可能为{cell.span}）" if cell.span and cell.obs_status == "U" else ""
            mark = mark if say.chinese else mark.replace("（可能为", " (may be ").replace("）", ")")
            told = say.with_unit(cell.printed, cell.unit) + mark
        low, high = (None, None) if None in bounds else bounds
        found.append(Standing(book.names[area], cell.value, low, high, told))
    return found


def ranks(standings: Sequence[Standing], down: bool) -> list[int | None]:
    """The rank of each, 1 the best (the least where `down`): one more than those surely better; equal values share it.

    None without a value, and where an interval overlaps another: then no order is known.
    """
    return [_rank(one, standings, down) for one in standings]


def _rank(one: Standing, standings: Sequence[Standing], down: bool) -> int | None:
    others = [other for other in standings if other is not one and other.value is not None]
    if one.low is None or any(other.low is None for other in others):
        return None
    if any(_unsure(one, other) for other in others):
        return None
    better = [other for other in others if (other.high < one.low if down else other.low > one.high)]
    return len(better) + 1


def _unsure(one: Standing, other: Standing) -> bool:
    """Whether two intervals overlap; two equal values that are sure do not."""
    same = one.low == one.high == other.low == other.high
    return not same and one.low <= other.high and other.low <= one.high


def ranking(book: Book, say: Language, code: str) -> list[list[Any]]:
    """The townships by value, the best first, each with its rank or None: name, words, rank."""
    down = book.indicators[code]["direction"] == "down"
    told = standings(book, say, code, book.townships)
    placed = list(zip(told, ranks(told, down), strict=True))

    def place(entry: tuple[Standing, int | None]) -> tuple[bool, float]:
        value = entry[0].value
        return (value is None, 0.0 if value is None else value if down else -value)

    return [[one.name, one.said, rank] for one, rank in sorted(placed, key=place)]
