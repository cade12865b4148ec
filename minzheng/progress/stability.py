"""How far a verdict can be relied on: since when it holds, how easily the next month turns it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from statistics import NormalDist, pstdev

FEWEST = 6  # monthly changes; with fewer there is no verdict
LOOK_BACK = 12
DRAWS = 100


def status_stable_since(newest_first: Iterable[tuple[str, str | None]]) -> str | None:
    """The first month of the unbroken run of the newest class; a month without a verdict breaks it.

    `newest_first`: months with their classes, asked for only as far back as the run goes.
    """
    judged = iter(newest_first)
    since, newest = next(judged, (None, None))
    if newest is None:
        return None
    for month, status in judged:
        if status != newest:
            break
        since = month
    return since


def flip_risk(values: Sequence[float], judge: Callable[[float], str | None]) -> float | None:
    """How likely next month's class differs from what `judge` says of the newest value, between 0 and 1.

    Next month's value is taken as normal around the newest one, with the population deviation of the last 12 changes;
    100 equally likely values are judged. None with fewer than 6 changes.
    """
    changes = [later - earlier for earlier, later in zip(values, values[1:], strict=False)][
        -LOOK_BACK:
    ]
    if len(changes) < FEWEST:
        return None
    newest, deviation = values[-1], pstdev(changes)
    status = judge(newest)
    if deviation == 0:
        return 0.0
    return sum(judge(newest + deviation * draw) != status for draw in _draws()) / DRAWS


@cache
def _draws() -> tuple[float, ...]:
    """Equally likely values of the standard normal distribution."""
    return tuple(NormalDist().inv_cdf((k + 0.5) / DRAWS) for k in range(DRAWS))


def achieved_but_worsening(
    base: float | None, current: float | None, target: float | None, direction: int
) -> bool | None:
    """Whether the target is met while the value is worse than at the start; None when it cannot be told."""
    if base is None or current is None or target is None:
        return None
    return direction * (current - target) >= 0 and direction * (current - base) < 0
