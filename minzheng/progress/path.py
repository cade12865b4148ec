"""The linear path to a target: what is due by now, how far along we are, what remains. Formulae: docs/methods.md."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from minzheng.contracts.plans import Goal
from minzheng.progress.cagr import WITH_TARGET, Status, classify

COUNTED = ("人", "张", "户", "个", "件", "人次", "次", "对", "具", "项", "村", "村(社区)", "乡镇")


def month_number(month: str) -> int:
    """Months since year 0, so that months can be subtracted."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


@dataclass(frozen=True)
class PathStatus:
    """`ratio`: change observed over change due; None where the class does not rest on it."""

    ratio: float | None
    status: Status | None


def goal_of(
    base: float | None, target: float | None, direction: int | None, upper: float | None = None
) -> Goal | None:
    """As what a target is judged: a way to go, or, where the base lies at or past it, something to keep.

    `floor`: kept while the value is not under it, `cap`: not over it; `band`: between two edges. None without a target or
    a direction.
    """
    if target is None or direction is None:
        return None
    if upper is not None:
        return "band"
    if base is None or direction * (base - target) < 0:
        return "path"
    return "floor" if direction > 0 else "cap"


def nearest_edge(
    value: float | None, target: float, upper: float | None, direction: int
) -> tuple[float, int]:
    """The edge of a band that a value is judged by, and which way is better there; without `upper` the target."""
    if upper is None or value is None or value <= upper:
        return target, direction
    return upper, -1


def path_value(
    month: str,
    base_month: str,
    base_value: float | None,
    target_month: str,
    target_value: float | None,
    milestones: Iterable[tuple[str, float]] = (),
) -> float | None:
    """What the plan expects in a month: straight lines from base through the milestones to the target.

    Before the base month the base, after the target month the target; None without base or target or when the target
    does not lie after the base. Milestones (month, value) not between the two are left out.
    """
    if base_value is None or target_value is None or base_month >= target_month:
        return None
    stones = [stone for stone in sorted(milestones) if base_month < stone[0] < target_month]
    points = [(base_month, base_value), *stones, (target_month, target_value)]
    if month <= base_month:
        return float(base_value)
    for (since, start), (until, end) in zip(points, points[1:], strict=False):
        if month <= until:
            share = (month_number(month) - month_number(since)) / (
                month_number(until) - month_number(since)
            )
            return start + (end - start) * share
    return float(target_value)


def path_status(
    base: float | None,
    current: float | None,
    due: float | None,
    target: float | None,
    direction: int,
) -> PathStatus:
    """Class of the change observed over the change due by now: from .95 substantial, .60 moderate, 0 limited.

    A met target is `target_achieved`. A base at or past the target that is no longer met is `deterioration`. Where the
    path asks for no change yet, keeping up is `substantial_progress` and falling behind `deterioration`. Anything
    missing gives no verdict.
    """
    if current is None or target is None:
        return PathStatus(None, None)
    if direction * (current - target) >= 0:
        return PathStatus(None, "target_achieved")
    if base is None or due is None:
        return PathStatus(None, None)
    if direction * (base - target) >= 0:
        return PathStatus(None, "deterioration")
    required, observed = direction * (due - base), direction * (current - base)
    if required <= 0:
        return PathStatus(None, "substantial_progress" if observed >= required else "deterioration")
    return PathStatus(observed / required, classify(observed / required, WITH_TARGET))


def completion(value: float | None, target: float | None, direction: int) -> float | None:
    """完成率 as a ratio: value over target, or target over value where lower is better (docs/sources.md 6.2).

    Where lower is better a value at or under the target is 1. None when a value is missing or negative, or for a target
    of zero that is not met: no ratio tells how far that is, the gap does.
    """
    if value is None or target is None or value < 0 or target < 0:
        return None
    if direction < 0:
        return 1.0 if value <= target else (target / value or None)
    return value / target if target else None


@dataclass(frozen=True)
class Gap:
    """What remains, in `unit`; 0 when the target is met; `per_month` None when no month is left."""

    value: float | None
    per_month: float | None
    unit: str


def remaining_gap(
    value: float | None,
    target: float | None,
    direction: int,
    *,
    unit: str,
    months_left: int,
    numerator: float | None = None,
    denominator: float | None = None,
    gap_unit: str | None = None,
) -> Gap:
    """People, beds or yuan still missing, and per month left.

    A percentage with its numerator and denominator falls short by target/100 * denominator - numerator, in `gap_unit`;
    anything else by target - value (value - target where lower is better), in `unit`. Counted units are rounded up.
    """
    if value is None or target is None:
        return Gap(None, None, gap_unit or unit)
    by_count = unit == "%" and gap_unit and numerator is not None and denominator is not None
    unit = gap_unit if by_count else unit
    gap = target / 100 * denominator - numerator if by_count else target - value
    gap = max(0.0, direction * gap)
    if unit in COUNTED:
        gap = float(math.ceil(gap - 1e-9))
    return Gap(gap, gap / months_left if months_left > 0 else None, unit)
