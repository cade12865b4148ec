"""Who is on which roll in which month: boolean tables of people by month, with one column before the first month."""

import numpy as np

from simulation import parameters
from simulation.cast import GROUPS, NEVER, Cast

REASONS = np.array(["收入超标", "核查不符", "自愿退出", "合并", "其他", None], dtype=object)
REASON_SHARES = [0.55, 0.17, 0.12, 0.04, 0.06, 0.06]


def _while_household(cast: Cast, household_there: np.ndarray) -> np.ndarray:
    """A household's months for each member: from the birth, and to the death month or as long as the stop comes late."""
    months = np.arange(-1, cast.span)
    last = np.where(cast.death_t == NEVER, NEVER, cast.death_t + cast.stop_lag)
    return (
        household_there[cast.household]
        & (months >= cast.birth_t[:, None])
        & (months <= last[:, None])
    )


def _household_months(cast: Cast) -> np.ndarray:
    """Months of every household between its first and its first-no-more month."""
    months = np.arange(-1, cast.span)
    return (months >= cast.h_start[:, None]) & (months < cast.h_end[:, None])


def fate(cast: Cast) -> None:
    """Decide what a dibao household's end is: leaving (with a reason), coming back, moving, or stop-and-rebuild.

    Sets in `cast.extra`: `moved_t`, `rebuilt_t`, `back_t` (NEVER when not), `reason`, `second_place`.
    """
    county, random, count = parameters.county(), cast.random, len(cast.h_group)
    draw = random.random(count)
    ends = (cast.h_group == GROUPS.index("dibao")) & (cast.h_end >= 0) & (cast.h_end < cast.span)
    moves = ends & (draw < county["move_share"])
    rebuilt = ends & ~moves & (draw < county["move_share"] + county["rebuild_share"])
    returns = ends & ~moves & ~rebuilt & (random.random(count) < county["return_share"])
    extra = cast.extra
    extra["moved_t"] = np.where(moves, cast.h_end, NEVER)
    extra["rebuilt_t"] = np.where(rebuilt, cast.h_end, NEVER)
    extra["back_t"] = np.where(returns, cast.h_end + random.integers(2, 11, count), NEVER)
    extra["reason"] = random.choice(REASONS, count, p=REASON_SHARES)
    cast.h_end = np.where(moves | rebuilt, NEVER, cast.h_end)
    other = (np.arange(count) + 1 + random.integers(0, count - 1, count)) % count
    away = cast.h_township[other] != cast.h_township
    extra["moved_t"] = np.where(away, extra["moved_t"], NEVER)
    extra["second_place"] = other


def tables(cast: Cast) -> dict[str, np.ndarray]:
    """`dibao`, `single` (单人保), `lowinc`, `watched` (退出两年内), `tekun`, `child`, `card`, `elder`: people by month."""
    fate(cast)
    random, months = cast.random, np.arange(-1, cast.span)
    household = _household_months(cast)
    household |= months >= cast.extra["back_t"][:, None]
    everyone = _while_household(cast, household)
    severe = cast.people["disability_level"].is_in(["1", "2"]).fill_null(False).to_numpy()
    edge = cast.group("edge")
    alone = edge & severe & (random.random(len(edge)) < 0.85)
    delay = random.integers(0, 4, len(edge)) * (cast.h_start[cast.household] >= 0)
    single = everyone & alone[:, None] & (months >= (cast.h_start[cast.household] + delay)[:, None])
    dibao = (everyone & cast.group("dibao")[:, None]) | single
    left = cast.h_end[cast.household]
    kept = cast.group("dibao") & (
        random.random(len(left)) >= parameters.county()["unwatched_exit_share"]
    )
    living = months <= cast.death_t[:, None]
    watched = (
        kept[:, None]
        & (months >= left[:, None])
        & (months < left[:, None] + 24)
        & ~everyone
        & living
    )
    watched &= months >= cast.birth_t[:, None]
    listed = np.isin(
        cast.h_group[cast.household],
        [GROUPS.index(name) for name in ("edge", "rigid", "monitored", "rejected")],
    )
    found = {
        "dibao": dibao,
        "single": single,
        "lowinc": everyone & listed[:, None],
        "watched": watched,
    }
    for name in ("tekun", "child", "elder"):
        found[name] = everyone & cast.group(name)[:, None]
    ages = np.stack([cast.ages(np.arange(len(left)), t) for t in range(-1, cast.span)], axis=1)
    found["ages"] = ages
    found["child"] &= ages < 18
    early = np.where(random.random(len(left)) < 0.004, 1, 0)[:, None]
    found["elder"] = (
        everyone & (cast.group("elder") | dibao.any(axis=1))[:, None] & (ages + early >= 70)
    )
    carded = cast.people["disability_level"].is_not_null().to_numpy()
    found["card"] = carded[:, None] & (ages >= 3) & (months <= cast.death_t[:, None] + 1)
    return found


def status(present: np.ndarray, t: int) -> np.ndarray:
    """在保, 新增, 恢复, 停保 or None for every person in month `t`."""
    now, before = present[:, t + 1], present[:, t]
    ever = present[:, : t + 1].any(axis=1)
    words = np.full(len(now), None, dtype=object)
    words[now & before] = "在保"
    words[now & ~before & ~ever] = "新增"
    words[now & ~before & ever] = "恢复"
    words[before & ~now] = "停保"
    return words
