"""Outliers in a plain series: z-score, modified z-score, min-max, a seasonal look-back. They warn, they never decide.

z-score:           z = (x - mean) / s, s the population deviation (divisor n, not n - 1).
modified z-score:  M = 0.6745 * (x - median) / MAD, MAD the median of |x - median| (Iglewicz and Hoaglin 1993). Where
                   MAD is zero (half the values or more are equal) M = (x - median) / (1.253314 * mean of |x - median|),
                   as is usual then; where that is zero too, nothing varies and nothing is an outlier.
min-max:           x below `lower` or above `upper`; the score is the distance beyond the bound.

A value is an outlier when |score| exceeds the threshold, usually 3. With the values themselves as baseline |z| is at
most sqrt(n - 1): ten values never exceed 3. Missing values (None, NaN) are passed over and keep their index.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from statistics import fmean, median, pstdev
from typing import Literal, get_args

from minzheng.errors import WrongCall
from minzheng.months import add_months

Method = Literal["z_score", "modified_z_score", "min_max"]
FEWEST = 5  # values the mean or median rests on; with fewer there is no verdict
TO_SIGMA = 0.6745
MEAN_TO_SIGMA = 1.253314


@dataclass(frozen=True)
class Outlier:
    """One outlying value: where it is, how far out, against which mean or median, deviation and bounds."""

    index: int
    value: float
    score: float
    mean: float | None
    median: float | None
    deviation: float | None
    lower: float | None
    upper: float | None


class Outliers(list[Outlier]):
    """The outliers found, in order. `judged` is False where too few values allow no verdict, which is not "none"."""

    def __init__(
        self, outlying: Iterable[Outlier] = (), *, judged: bool = True, reason: str = ""
    ) -> None:
        super().__init__(outlying)
        self.judged = judged
        self.reason = reason


def outliers(
    values: Iterable[float | None],
    method: Method,
    threshold: float = 3.0,
    lower: float | None = None,
    upper: float | None = None,
    baseline: Iterable[float | None] | None = None,
) -> Outliers:
    """The outliers among `values` by `method`; the formulae stand in this module's docstring.

    `baseline` are the values mean or median and deviation come from, when others than those judged. `lower` and
    `upper` are the bounds of `min_max` (one of them is enough) and are not used otherwise. With fewer than 5 baseline
    values the result is empty and its `judged` is False. Raises `WrongCall` for an unknown method, a threshold that is
    not positive or bounds that are missing or crossed.
    """
    if method not in get_args(Method):
        known = ", ".join(get_args(Method))
        raise WrongCall(f"unknown method {method!r}: one of {known}", f"未知的离群值方法:{method}")
    if not threshold > 0:
        raise WrongCall(f"the threshold is positive, not {threshold!r}", "阈值应大于 0")
    kept = [
        (index, number) for index, number in enumerate(map(_number, values)) if number is not None
    ]
    if method == "min_max":
        return _beyond(kept, lower, upper)
    numbers = (
        [n for n in map(_number, baseline) if n is not None]
        if baseline is not None
        else [n for _, n in kept]
    )
    if len(numbers) < FEWEST:
        return Outliers(judged=False, reason=f"{len(numbers)} values, {FEWEST} are needed")
    return _scored(kept, method, threshold, numbers)


def seasonal_outliers(
    series: Mapping[str, float | None], threshold: float = 3.0, *, years: int = 5, window: int = 1
) -> dict[str, Outliers]:
    """For every month (`YYYY-MM` to value) what a look back at the same season says, by modified z-score.

    The baseline of a month are the values of the same calendar month, and `window` months either side, in the `years`
    years before. A month without 5 such values is not judged. Values only, no trend: a series that grows steadily is
    better looked at as change on the year before.
    """
    return {
        month: outliers(
            [value],
            "modified_z_score",
            threshold,
            baseline=_same_season(series, month, years, window),
        )
        for month, value in series.items()
    }


def _same_season(
    series: Mapping[str, float | None], month: str, years: int, window: int
) -> list[float | None]:
    return [
        series.get(add_months(month, -12 * year + step))
        for year, step in product(range(1, years + 1), range(-window, window + 1))
    ]


def _number(value: float | None) -> float | None:
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None


def _scored(
    points: list[tuple[int, float]], method: Method, threshold: float, numbers: list[float]
) -> Outliers:
    """Outliers by distance from mean or median in units of the deviation."""
    mean = fmean(numbers) if method == "z_score" else None
    middle = median(numbers) if method == "modified_z_score" else None
    centre = mean if mean is not None else middle
    deviation = pstdev(numbers) if mean is not None else _robust_deviation(numbers, centre)
    if deviation == 0:
        return Outliers(reason="no variation: nothing can be told apart")
    bounds = (centre - threshold * deviation, centre + threshold * deviation)
    scores = [(index, value, (value - centre) / deviation) for index, value in points]
    return Outliers(
        Outlier(index, value, score, mean, middle, deviation, *bounds)
        for index, value, score in scores
        if abs(score) > threshold
    )


def _robust_deviation(numbers: list[float], centre: float) -> float:
    """MAD / 0.6745, or 1.253314 times the mean absolute deviation where MAD is zero."""
    distances = [abs(number - centre) for number in numbers]
    return median(distances) / TO_SIGMA or MEAN_TO_SIGMA * fmean(distances)


def _beyond(points: list[tuple[int, float]], lower: float | None, upper: float | None) -> Outliers:
    if lower is None and upper is None:
        raise WrongCall("min_max needs a lower or an upper bound", "上下限法至少要给出一个界限")
    if lower is not None and upper is not None and lower > upper:
        raise WrongCall("the lower bound lies above the upper bound", "下限不能高于上限")
    outlying = []
    for index, value in points:
        under = lower is not None and value < lower
        if under or (upper is not None and value > upper):
            outlying.append(
                Outlier(
                    index,
                    value,
                    value - (lower if under else upper),
                    None,
                    None,
                    None,
                    lower,
                    upper,
                )
            )
    return Outliers(outlying)
