"""Where a series is heading: a straight line through its observations, with an interval. Formulae: docs/methods.md."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from minzheng.progress.cagr import WITH_TARGET, Status, classify

FEWEST = 6  # observations; with fewer there is no verdict
LEVEL = 0.90


@dataclass(frozen=True)
class Projection:
    """Value expected at the time asked for and the prediction interval around it."""

    value: float
    low: float
    high: float


def project(
    times: Sequence[float],
    values: Sequence[float],
    at: float,
    *,
    level: float = LEVEL,
    lowest: float | None = None,
    highest: float | None = None,
) -> Projection | None:
    """Least-squares line through (times, values), read at `at`, with a prediction interval of Student's t.

    Half width = t(n-2) * s * sqrt(1 + k * (1/n + (at - mean)^2 / Sxx)), s the residual deviation on n-2 degrees,
    k = (1 + r) / (1 - r) for the lag-one autocorrelation r of the residuals within 0..0.9: months that follow each
    other tell less than independent ones. `lowest` and `highest` are natural limits that cut all three numbers.
    None with fewer than 6 observations, at one time only, or when `at` is not after the last one.
    """
    count = len(values)
    if count < FEWEST or at <= max(times) or min(times) == max(times):
        return None
    slope, level_at_mean, middle, spread = _line(times, values)
    residuals = [
        value - level_at_mean - slope * (time - middle)
        for time, value in zip(times, values, strict=True)
    ]
    deviation = math.sqrt(sum(r * r for r in residuals) / (count - 2))
    inflation = _inflation(residuals)
    error = deviation * math.sqrt(1 + inflation * (1 / count + (at - middle) ** 2 / spread))
    half = _student_quantile(0.5 + level / 2, count - 2) * error
    expected = level_at_mean + slope * (at - middle)
    return Projection(
        *(_cut(number, lowest, highest) for number in (expected, expected - half, expected + half))
    )


def projection_status(
    base: float | None,
    current: float | None,
    projected: float | None,
    target: float | None,
    direction: int,
) -> Status | None:
    """Class of the change projected for the target date over the change required: .95, .60, 0.

    `target_achieved` only when it is met now and still met then; a target met now whose projection falls short of it is
    judged by the projection. A base at or past the target that the projection loses is `deterioration`.
    """
    if None in (base, current, projected, target):
        return None
    if direction * (projected - target) >= 0:
        return "target_achieved" if direction * (current - target) >= 0 else "substantial_progress"
    if direction * (base - target) >= 0:
        return "deterioration"
    return classify((projected - base) / (target - base), WITH_TARGET)


def _line(times: Sequence[float], values: Sequence[float]) -> tuple[float, float, float, float]:
    """Slope, value at the mean time, mean time, sum of squared time deviations."""
    middle, level = fmean(times), fmean(values)
    spread = sum((time - middle) ** 2 for time in times)
    slope = (
        sum((time - middle) * (value - level) for time, value in zip(times, values, strict=True))
        / spread
    )
    return slope, level, middle, spread


def _inflation(residuals: list[float]) -> float:
    total = sum(r * r for r in residuals)
    if total == 0:
        return 1.0
    lagged = (
        sum(first * second for first, second in zip(residuals, residuals[1:], strict=False)) / total
    )
    lagged = min(max(lagged, 0.0), 0.9)
    return (1 + lagged) / (1 - lagged)


def _student_quantile(probability: float, degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def _cut(number: float, lowest: float | None, highest: float | None) -> float:
    number = number if lowest is None else max(number, lowest)
    return number if highest is None else min(number, highest)
