"""The sentences of the report: rules from published cells to Chinese text, each number bound to its cell.

Comparisons (docs/sources.md 6.2): 环比 = this month / last month - 1, 同比 = this month / same month last year - 1;
year-to-date rows are never compared with the month before. A difference is taken between numbers as printed, so that a
reader who subtracts gets the same. Nothing here says why a number moved: people write that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, product
from typing import Literal

from minzheng.publish.cell import Cell, Reference
from minzheng.publish.cells import Published
from minzheng.publish.numbers import POINTS, printed, rounded

Comparison = Literal["mom", "yoy"]
SMALL_BASE = 50  # below this a percentage says too much: the difference is given in the unit
BEFORE = {"mom": "上月", "yoy": "上年同月"}
UNMOVED = ("持平", "待更正后才能确定")


@dataclass(frozen=True)
class Span:
    """A piece of text; a number carries the cells it comes from (the first is its own, others what it is compared with)."""

    text: str
    references: tuple[Reference, ...] = ()


def plain(spans: Sequence[Span]) -> str:
    """The text of the spans."""
    return "".join(span.text for span in spans)


def number(cell: Cell) -> Span:
    """The cell's value as printed."""
    return Span(cell.printed, (cell.reference,))


def unit_after(unit: str) -> str:
    """The unit as written behind a number in a sentence; a plain number has none."""
    return "" if unit in ("是/否", "") else unit


def level(
    cell: Cell, name: str, period: str = "", reported: tuple[int, int] | None = None
) -> list[Span]:
    """How things stand: `城市低保人数512人`, or why there is no number.

    `reported` (townships that have reported, townships) is told with a missing county cell, never a partial sum.
    """
    head = period + name
    lacks = f"（{cell.lacks}）" if cell.lacks else ""
    if cell.state == "value":
        tail = unit_after(cell.unit) + {"E": "（E）", "P": "（P）"}.get(cell.obs_status, "") + lacks
        return [Span(head), number(cell), Span(tail)]
    if cell.state == "missing":
        told = f"（已报{reported[0]}/{reported[1]}）" if reported and reported[1] else ""
        return [Span(f"{head}缺报{told}", (cell.reference,))]
    words = {
        "suppressed": "不予公布（＊）",
        "not_applicable": "本期无适用对象，不计算",
        "absent": "未列入本期",
    }
    told = "待更正后计算" + lacks if lacks else words[cell.state]
    return [Span(f"{head}{told}", (cell.reference,))]


def change(
    now: Cell, before: Cell, against: Comparison, measure: str, year_to_date: bool
) -> list[Span]:
    """What changed against the month before (`mom`) or the same month last year (`yoy`); empty when nothing can be said."""
    if (
        now.state != "value"
        or now.unit == "是/否"
        or before.state == "absent"
        or (against == "mom" and year_to_date)
    ):
        return []
    word = BEFORE[against]
    references = (now.reference, before.reference)
    if before.state != "value":
        told = {
            "missing": f"{word}缺报，不作比较",
            "suppressed": f"{word}数不予公布",
            "not_applicable": f"{word}无适用对象",
        }
        return [Span(told[before.state], references)]
    if kind := now.break_since(before):
        told = {
            "definition": "口径有调整",
            "population": "人口口径有变化",
            "plan": "规划口径有调整",
        }[kind]
        return [Span(f"{told}，与{word}不可比", references)]
    told = [moved(*ends, against, measure) for ends in product(now.ends, before.ends)]
    if told and len({plain(spans) for spans in told}) == 1:
        return moved(now, before, against, measure)
    return between(told) or [Span(f"与{word}相比的增减待更正后才能确定", references)]


def moved(now: Cell, before: Cell, against: Comparison, measure: str) -> list[Span]:
    """What changed between two values: a head, the amount, its unit (of a growth in the amount); one span where nothing did."""
    word = BEFORE[against]
    if now.printed == before.printed:
        return [Span(f"与{word}持平", (now.reference, before.reference))]
    if against == "yoy" and measure not in ("rate", "standard") and before.value >= SMALL_BASE:
        return growth(now, before)
    return difference(now, before, word, measure)


def between(readings: Sequence[list[Span]]) -> list[Span]:
    """`比上月增加12—16人`: what holds within the bounds, where all changes go one way; else nothing."""
    if (
        len({(spans[0].text, *(unit.text for unit in spans[2:])) for spans in readings}) != 1
        or len(readings[0]) == 1
    ):
        return []
    head, amount, *unit = readings[0]
    least, most = (
        end((spans[1].text.rstrip("%") for spans in readings), key=Decimal) for end in (min, max)
    )
    return [
        head,
        Span(f"{least}—{most}{'%' * amount.text.endswith('%')}", amount.references),
        *unit,
    ]


def difference(now: Cell, before: Cell, word: str, measure: str) -> list[Span]:
    """The difference of two printed numbers in their unit; percentages differ by percentage points."""
    gap = rounded(now.value, now.decimals) - rounded(before.value, now.decimals)
    up, down = {"rate": ("提高", "下降"), "standard": ("提高", "降低")}.get(
        measure, ("增加", "减少")
    )
    unit = (
        POINTS
        if now.unit == "%"
        else unit_after(now.unit).split("/")[0]
        if measure == "standard"
        else unit_after(now.unit)
    )
    text = printed(abs(gap), now.decimals)
    return [
        Span(f"比{word}{up if gap > 0 else down}"),
        Span(text, (now.reference, before.reference)),
        Span(unit),
    ]


def growth(now: Cell, before: Cell) -> list[Span]:
    """Growth in per cent to one decimal; 基本持平 when it rounds to nothing."""
    rate = rounded((Decimal(repr(now.value)) / Decimal(repr(before.value)) - 1) * 100, 1)
    references = (now.reference, before.reference)
    if rate == 0:
        return [Span("与上年同月基本持平", references)]
    return [Span("同比增长" if rate > 0 else "同比下降"), Span(f"{abs(rate)}%", references)]


def indicator_parts(
    published: Published,
    cell: Cell,
    name: str,
    comparisons: Sequence[Comparison],
    year_to_date: bool,
) -> tuple[list[Span], list[Span]]:
    """Level and changes of one indicator, each change after a comma; where it is missing, its name and that it is."""
    meta = published.indicators.get(cell.reference.indicator_id, {})
    measure = meta.get("measure") or "stock"
    last = int(cell.reference.time_period[5:])
    period = "" if not year_to_date else "1月" if last == 1 else f"1—{last}月"
    spans = level(cell, name, period, published.reported(cell.reference.indicator_id))
    if cell.state == "missing":
        told = spans[0].text.removeprefix(period + name)
        return [Span(period + name)], [Span(told, spans[0].references)]
    return spans, compared(published, cell, comparisons, measure, year_to_date)


def compared(
    published: Published,
    cell: Cell,
    comparisons: Sequence[Comparison],
    measure: str,
    year_to_date: bool,
) -> list[Span]:
    """The comparisons behind the level, each after a comma; two that are both 持平 become one clause."""
    before = [
        published.month_ago(cell) if against == "mom" else published.year_ago(cell)
        for against in comparisons
    ]
    clauses = [
        change(cell, other, against, measure, year_to_date)
        for against, other in zip(comparisons, before, strict=True)
    ]
    if len(clauses) == 2 and [plain(clause) for clause in clauses] == [
        f"与{BEFORE[name]}持平" for name in comparisons
    ]:
        together = (cell.reference, *(other.reference for other in before))
        return [
            Span("，"),
            Span(f"与{'、'.join(BEFORE[name] for name in comparisons)}均持平", together),
        ]
    return list(chain.from_iterable((Span("，"), *clause) for clause in clauses if clause))


def gathered(parts: Sequence[tuple[list[Span], list[Span]]]) -> list[list[Span]]:
    """Sentences from levels and what is said behind each; what says the same of several is said once, where the first stands.

    `孤儿数13人、事实无人抚养儿童数20人，均与上月持平`; changes are told one by one.
    """
    alike: dict[str, list[tuple[list[Span], list[Span]]]] = {}
    for number, (head, tail) in enumerate(parts):
        text = plain(tail)
        alone = not text.endswith(UNMOVED) and not text.startswith("缺报")
        same = f"{number}" if alone else text
        alike.setdefault(same, []).append((head, tail))
    return [_once(members) for members in alike.values()]


def _once(members: Sequence[tuple[list[Span], list[Span]]]) -> list[Span]:
    heads, tails = zip(*members, strict=True)
    if len(members) == 1:
        return heads[0] + tails[0]
    text, references = plain(tails[0]), references_of(chain.from_iterable(tails))
    every = "" if "均" in text or text.startswith("，与上月相比") else "均"
    comma = "，" if text.startswith("，") else ""
    return [
        *join(heads, "、", ""),
        Span(comma + every + text.removeprefix("，"), tuple(references)),
    ]


def references_of(spans: Iterable[Span]) -> list[Reference]:
    """The cells behind spans."""
    return list(chain.from_iterable(span.references for span in spans))


def join(sentences: Sequence[Sequence[Span]], separator: str = "；", end: str = "。") -> list[Span]:
    """Several sentences as one, closed by a full stop."""
    spans: list[Span] = []
    for position, sentence in enumerate(sentences):
        spans += [Span(separator)] if position else []
        spans += sentence
    return [*spans, Span(end)] if spans else []


def listing(names: Sequence[str], limit: int = 6) -> str:
    """Names joined by 、; more than `limit` are counted: `甲、乙等8项`."""
    return (
        "、".join(names) if len(names) <= limit else "、".join(names[:limit]) + f"等{len(names)}项"
    )
