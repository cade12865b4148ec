"""The attack on a release: everything it shows, all tables and months together, against every cell it withholds.

Nothing of the defender is used but the list of sums that everybody knows: unknown cells, published constants, integer
programs. A sum that the published cells contradict (a person on two rolls) is only used as far as it can be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from minzheng.disclosure.auditing import Feasible, interval, is_safe, seen_by
from minzheng.disclosure.linking import Count, Tables, counted, tables, ties
from minzheng.disclosure.rules import Profile, rules
from minzheng.disclosure.rules import profile as named_profile
from minzheng.disclosure.system import Rows, components, lone_people
from minzheng.errors import MinzhengError


@dataclass
class Attack:
    """What an attacker learns from a release.

    `intervals`: withheld count -> what is left of it. `shown`: small counts that are published. `contradictory`:
    parts of the tables that no set of whole numbers fits as the sums stand, attacked with the weaker sums.
    """

    intervals: dict[Count, Feasible] = field(default_factory=dict)
    shown: list[Count] = field(default_factory=list)
    contradictory: int = 0

    @property
    def unsafe(self) -> list[Count]:
        """The counts that the release gives away."""
        return sorted([*self.shown, *(count for count, cell in self.intervals.items() if not cell.safe)])

    @property
    def safe(self) -> bool:
        """Whether nothing is given away."""
        return not self.unsafe

    def check(self) -> None:
        """The gate before a release: `MinzhengError` names the first cells given away, without their values."""
        if self.unsafe:
            names = ", ".join(str(count) for count in self.unsafe[:3])
            raise MinzhengError(
                f"the release gives away {len(self.unsafe)} withheld counts: {names}",
                f"拟发布的数据可推算出{len(self.unsafe)}个已隐去的单元格,不得发布",
            )


def attack(
    released: pl.DataFrame,
    registry: Mapping,
    profile: str | Profile = "prefecture",
    previous: Sequence[pl.DataFrame] = (),
    *,
    restricted: pl.DataFrame | None = None,
    months: Iterable[str] | None = None,
) -> Attack:
    """Attack a release as somebody who has it, and every earlier one, in front of them.

    `released`, `previous`: observations as published. `restricted`: the unsuppressed observations; with them the only
    person of each withheld cell attacks too. `months`: attack the cells of these months only (the others still count as
    knowledge); all without it. Rounded counts are
    taken as they stand: for a rounded release attack it before it is rounded, which tells more.
    """
    profile, table_rules = named_profile(profile), rules()
    everything = counted(_joined(released, previous), registry, table_rules)
    truth = {} if restricted is None else _truth(restricted, registry)
    cumulative = frozenset(code for code, indicator in registry.items() if indicator.measure == "ytd")
    wanted, found = set(months) if months is not None else None, Attack()
    known: dict[Count, int] = {}
    unknown: list[Count] = []
    sums: list = []
    before: Tables | None = None
    for (_,), rows in everything.sort("time_period", maintain_order=True).group_by("time_period", maintain_order=True):
        now = tables(rows, table_rules)
        _fill_rests(now)
        known |= {count: value for count, value in now.value.items() if value is not None}
        unknown += [count for count, value in now.value.items() if value is None]
        found.shown += [c for c, v in now.value.items() if v and v < profile.threshold and c.part != "r"]
        sums += ties(now, before, table_rules, cumulative)
        before = now
    found.shown = sorted(found.shown)
    for rows in _systems(unknown, known, sums, profile, found):
        if wanted is None or any(count.month in wanted for count in rows.names):
            people = [c for c in rows.names if truth.get(c) == 1]
            groups = lone_people(people, [tie.terms for tie in sums if not tie.terms.keys().isdisjoint(people)])
            found.intervals |= _attack_part(rows, profile.threshold, groups, truth)
    return found


def _joined(released: pl.DataFrame, previous: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The release, with what earlier ones showed put in where it now withholds."""
    key = ["indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category"]
    shown = ["numerator", "denominator", "obs_value"]
    current = released
    for frame in previous:
        earlier = frame.filter(pl.col("conf_status") == "F").select(*key, *shown)
        joined = current.join(earlier, on=key, how="left", suffix="_earlier", maintain_order="left")
        gives = (pl.col("conf_status") == "C") & pl.col("obs_value_earlier").is_not_null()
        current = joined.with_columns(
            *(pl.when(gives).then(pl.col(f"{c}_earlier")).otherwise(pl.col(c)).alias(c) for c in shown),
            pl.when(gives).then(pl.lit("F")).otherwise(pl.col("conf_status")).alias("conf_status"),
        ).select(released.columns)
    return current


def _truth(restricted: pl.DataFrame, registry: Mapping) -> dict[Count, int]:
    frame = counted(restricted.with_columns(pl.lit("F").alias("conf_status")), registry, rules())
    return {count: value for count, value in tables(frame, rules()).value.items() if value is not None}


def _fill_rests(now: Tables) -> None:
    """A rest is never printed: it is known where both its parts are."""
    for count in [count for count in now.value if count.part == "r"]:
        n, d = (now.value.get(count._replace(part=part)) for part in "nd")
        now.value[count] = None if n is None or d is None else d - n


def _systems(unknown: list[Count], known: dict[Count, int], sums: list, profile: Profile, found: Attack) -> list[Rows]:
    """The parts to attack. Sums of published cells alone that do not hold are no knowledge; others are believed."""
    identities, inequalities = [], []
    hidden = set(unknown)
    for terms, at_most, _ in sums:
        if terms.keys().isdisjoint(hidden):
            continue
        (inequalities if at_most else identities).append(terms)
    parts = []
    for rows in components(hidden, known, identities, inequalities):
        fits = len(rows.matrix) == 0 or _fits(rows)
        found.contradictory += not fits
        parts += [rows] if fits else _weaker(rows)
    return parts


def _fits(rows: Rows) -> bool:
    try:
        interval(rows, 0)
    except MinzhengError:
        return False
    return True


def _weaker(rows: Rows) -> list[Rows]:
    """The part with every sum loosened by the least that lets some table fit, nothing when even that fails."""
    for slack in range(1, 50):
        looser = Rows(rows.names, rows.matrix, rows.low - slack, rows.high + slack)
        if _fits(looser):
            return [looser]
    return []


def _attack_part(rows: Rows, threshold: int, people: list[frozenset], truth: dict[Count, int]) -> dict[Count, Feasible]:
    intervals = _intervals(rows, rows.names, threshold)
    safe = {count: is_safe(low, high, threshold) for count, (low, high) in intervals.items()}
    for person in people:
        seen = seen_by(rows, person)
        small = [count for count in seen.names if safe[count] and 0 < truth.get(count, 0) < threshold]
        if small and _fits(seen):
            for count, (low, high) in _intervals(seen, small, threshold).items():
                safe[count] = is_safe(low, high, threshold)
    return {c: Feasible(low, high, low == high, safe[c]) for c, (low, high) in intervals.items()}


def _intervals(rows: Rows, wanted: Iterable[Count], threshold: int) -> dict[Count, tuple[float, float]]:
    """For each count what is left of it: exact where that is narrow, else as wide as whole tables at hand prove.

    Every integer program solved gives a table that agrees with the release; two that differ by the threshold in a
    count settle it without a program of its own.
    """
    wanted = list(wanted)
    place = {count: j for j, count in enumerate(rows.names)}
    columns = [place[count] for count in wanted]
    lows, highs = _seen_in(rows, _spread(rows, columns, threshold))
    found = {}
    for count, j in zip(wanted, columns, strict=True):
        if highs[j] - lows[j] < threshold:
            low, high = interval(rows, j)
        else:
            low, high = lows[j], highs[j]
        found[count] = (low, high)
    return found


def _spread(rows: Rows, columns: list[int], threshold: int) -> list[np.ndarray]:
    """Whole tables far apart in the counts at `columns`: one pair of programs after another, each for those not settled."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    held = [LinearConstraint(rows.matrix, rows.low, rows.high)] if len(rows.matrix) else []
    found: list[np.ndarray] = []
    ceiling = np.full(len(rows.names), np.inf)
    left = list(columns)
    while left:
        for sign in (1, -1):
            objective = np.zeros(len(rows.names))
            objective[left] = sign
            top = ceiling.copy()
            if sign < 0 and found:
                top[left] = np.maximum(found[-1][left] + threshold, 0)
            solution = milp(objective, integrality=np.ones(len(objective)), bounds=Bounds(0, top), constraints=held)
            if solution.status != 0:
                return found
            table = np.rint(solution.x)
            activity = rows.matrix @ table
            if (activity < rows.low - 1e-9).any() or (activity > rows.high + 1e-9).any():
                return found
            found.append(table)
        lows, highs = _seen_in(rows, found)
        rest = [j for j in left if highs[j] - lows[j] < threshold]
        left = rest if len(rest) < len(left) else rest[1:]
    return found


def _seen_in(rows: Rows, found: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    whole = np.array(found) if found else np.zeros((1, len(rows.names)))
    return whole.min(axis=0), whole.max(axis=0)
