"""The published progress method of Open SDG and Statistics Canada: growth observed against growth required.

Source: Open SDG, "Progress Measurement Methodology for the Sustainable Development Goals" (docs/progress-methodology),
and the components Statistics Canada publishes with it. The formulae with worked examples are in docs/methods.md.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from minzheng.errors import WrongCall

Status = Literal[
    "target_achieved",
    "substantial_progress",
    "moderate_progress",
    "limited_progress",
    "deterioration",
]

ZERO_STANDS_FOR = (
    0.001  # an exponential path cannot start or end at zero; the published replacement
)
WITH_TARGET = (0.95, 0.60, 0.0)  # observed over required growth
WITHOUT_TARGET = (0.015, 0.005, 0.0)  # growth per year
COMBINED = (2.5, 0.0, -2.5)  # mean score
LIMIT_EXPONENT = 4.44
SDG_TARGET_YEAR = 2030


@dataclass(frozen=True)
class Assessment:
    """`value` is R (with a target) or growth per year (without); `score` in -5..5; `note` says what is special."""

    value: float | None
    score: float | None
    status: Status | None
    note: str = ""


@dataclass(frozen=True)
class CombinedScore:
    """Mean score of several series and the class it falls in."""

    score: float | None
    status: Status | None


def assess_progress(
    base_value: float | None,
    base_year: float | None,
    current_value: float | None,
    current_year: float | None,
    *,
    target: float | None = None,
    target_year: float | None = None,
    direction: int = 1,
    limit: float | None = None,
) -> Assessment:
    """Judge one series by its compound annual growth (Open SDG's published method); years may be decimal.

    With a target, R = s * d * CAGR(base -> current) / |CAGR(base -> target)| against .95, .60, 0; without one
    s * d * CAGR against 1.5 %, 0.5 %, 0, the first two times C when a natural `limit` lies ahead. d is `direction`
    (-1: lower is better), s is -1 for a negative base. Without `target_year` the target is of 2030, as published.

    Outcomes: a met target is `target_achieved`, score 5, whatever the trend, also without a usable base. Base or target
    zero counts as 0.001; zero that stays zero is no growth. Base equal to target and no longer met is `deterioration`,
    score -5, no value. Values of opposite signs, a missing value or less than one year between base and current give no
    verdict (all None). `limit` is ignored with a target and when it does not lie ahead in the desired direction.
    Raises `WrongCall` for another direction.
    """
    if direction not in (1, -1):
        raise WrongCall(
            f"direction is 1 or -1, not {direction!r}", "方向只能是 1(越高越好)或 -1(越低越好)"
        )
    base_value, current_value, target, limit = map(
        _number, (base_value, current_value, target, limit)
    )
    achieved = (
        target is not None
        and current_value is not None
        and direction * (current_value - target) >= 0
    )
    growth, note = _observed_growth(base_value, base_year, current_value, current_year)
    if growth is not None:
        growth *= direction * (-1 if base_value < 0 else 1)
    if target is None:
        return _without_target(growth, note, _limit_factor(base_value, limit, direction))
    required, required_note = _required_growth(base_value, base_year, target, target_year)
    value = growth / abs(required) if growth is not None and required else None
    note = note or required_note
    if achieved:
        return Assessment(value, 5.0, "target_achieved", note)
    if value is None and growth is not None and required == 0:
        return Assessment(None, -5.0, "deterioration", "base equals target")
    if value is None:
        return Assessment(None, None, None, note)
    return Assessment(value, _score_with_target(value), classify(value, WITH_TARGET), note)


def combine_scores(
    scores: Iterable[float | Assessment | None], groups: Sequence[Hashable | None] | None = None
) -> CombinedScore:
    """The mean of scores, or of group means, and its class: from 2.5 substantial, from 0 moderate, from -2.5 limited.

    `groups` names the group of each score; None leaves a score on its own; a tuple is a path of nested groups, the
    outermost first. Scores that are None (not judged) are left out. `target_achieved` only where assessments are given
    and every one has met its target. No score at all gives None, None. Raises `WrongCall` for a score outside -5..5.
    """
    scores = list(scores)
    labels = [None] * len(scores) if groups is None else list(groups)
    if len(labels) != len(scores):
        raise WrongCall(f"{len(scores)} scores but {len(labels)} groups", "得分与分组的个数不一致")
    judged = [
        (_score_of(score), _path(label), score) for score, label in zip(scores, labels, strict=True)
    ]
    judged = [entry for entry in judged if entry[0] is not None]
    if not judged:
        return CombinedScore(None, None)
    mean = _nested_mean([(path, score) for score, path, _ in judged])
    met = all(
        isinstance(source, Assessment) and source.status == "target_achieved"
        for *_, source in judged
    )
    return CombinedScore(mean, "target_achieved" if met else classify(mean, COMBINED))


def _number(value: float | None) -> float | None:
    """A finite float, or None for what is missing."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def _growth(last: float, first: float, years: float) -> float:
    try:
        return (last / first) ** (1 / years) - 1
    except OverflowError:
        return math.inf


def _observed_growth(base, base_year, current, current_year) -> tuple[float | None, str]:
    """Growth per year from base to current, and why there is none."""
    if base is None or current is None or base_year is None or current_year is None:
        return None, "value missing"
    if current_year - base_year < 1:
        return None, "less than one year"
    note = "" if base else "zero base"
    base = base or ZERO_STANDS_FOR
    if note and not current:
        return 0.0, note
    if base * current < 0:
        return None, "opposite signs"
    return _growth(current, base, current_year - base_year), note


def _required_growth(base, base_year, target, target_year) -> tuple[float | None, str]:
    """Growth per year from base to target, and why there is none."""
    target_year = SDG_TARGET_YEAR if target_year is None else target_year
    if base is None or base_year is None:
        return None, "value missing"
    if target_year <= base_year:
        return None, "target year not after base year"
    note = "" if target else "zero target"
    base, target = base or ZERO_STANDS_FOR, target or ZERO_STANDS_FOR
    if base * target < 0:
        return None, "opposite signs"
    return _growth(target, base, target_year - base_year), note


def _limit_factor(base: float | None, limit: float | None, direction: int) -> float:
    """C in 0..1: how far the positive limits shrink near a natural limit that lies ahead; 1 without one, 0 at it."""
    if limit is None or base is None or direction * (limit - base) < 0:
        return 1.0
    if base == limit:
        return 0.0
    base, limit = abs(base), abs(limit)
    if base >= 2 * limit:
        return 1.0
    near = base if base <= limit else 2 * limit - base
    return 1 - (near / limit) ** LIMIT_EXPONENT


def _without_target(growth: float | None, note: str, factor: float) -> Assessment:
    if growth is None:
        return Assessment(None, None, None, note)
    high, medium, low = WITHOUT_TARGET
    status = classify(growth, (high * factor, medium * factor, low))
    return Assessment(growth, _score_without_target(growth, status, factor), status, note)


def _score_with_target(ratio: float) -> float:
    """Linear in two pieces: -0.6 -> -5, 0.6 -> 0, 1.3 -> 5 (published coefficients)."""
    score = 7.1429 * ratio - 4.2857 if ratio >= WITH_TARGET[1] else 4.1667 * ratio - 2.5
    return max(-5.0, min(score, 5.0))


def _score_without_target(growth: float, status: Status, factor: float) -> float:
    """Linear in four pieces: -2 % -> -5, 0 -> -2.5, 0.5 % -> 0, 1.5 % -> 2.5, 2 % -> 5; the positive ones times C."""
    if status == "deterioration":
        return max(125 * growth - 2.5, -5.0)
    if factor == 0:
        return 5.0
    scaled = growth / factor
    if status == "substantial_progress":
        return min(500 * scaled - 5, 5.0)
    return 250 * scaled - 1.25 if status == "moderate_progress" else 500 * scaled - 2.5


def classify(value: float, limits: tuple[float, float, float]) -> Status:
    """The class of a value by its three lower limits."""
    names: tuple[Status, ...] = ("substantial_progress", "moderate_progress", "limited_progress")
    return next(
        (name for name, limit in zip(names, limits, strict=True) if value >= limit), "deterioration"
    )


def _score_of(score: float | Assessment | None) -> float | None:
    number = _number(score.score if isinstance(score, Assessment) else score)
    if number is not None and not -5 <= number <= 5:
        raise WrongCall(f"a score lies in -5..5, not {number:g}", "得分应在 -5 到 5 之间")
    return number


def _path(label: Hashable | None) -> tuple:
    return () if label is None else label if isinstance(label, tuple) else (label,)


def _nested_mean(entries: list[tuple[tuple, float]]) -> float:
    """Mean of the scores that stand alone and of the means of the groups, each group counting once."""
    alone = [score for path, score in entries if not path]
    inner: dict[Hashable, list[tuple[tuple, float]]] = {}
    for path, score in entries:
        if path:
            inner.setdefault(path[0], []).append((path[1:], score))
    return fmean(alone + [_nested_mean(group) for group in inner.values()])
