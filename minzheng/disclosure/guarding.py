"""The guard before a release: whether what is about to be shown gives a withheld count away, and what to withhold if so.

Months are guarded one after another. The attacker sees every shown cell of a month and is told the month before
outright, also what it withholds; sums hold exactly as in the true tables (a person on two rolls is known). A small count
is safe when moves of its month's withheld cells prove it `threshold` wide. What is given away is closed coarsely: the
county breakdown that bounds it goes whole, or the smallest total beside it; headline figures stay. Not looked at: what
a later month tells of an earlier one, and that year-to-date counts do not fall; `attack` covers both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from minzheng.disclosure.deciding import HEADLINE, sort_ties
from minzheng.disclosure.following import followers
from minzheng.disclosure.linking import Count, Tables, Tie, counted, tables, ties
from minzheng.disclosure.proving import Proofs
from minzheng.disclosure.releasing import SHOWN, TAKEN, seen_before
from minzheng.disclosure.rules import Profile, rules
from minzheng.disclosure.rules import profile as named_profile
from minzheng.disclosure.system import Rows, components, lone_people

WINDOW = 2
ROUNDS = 40
FLOWS = ("dibao_new", "dibao_exit")
"""Closed for each other, never for them the stocks they lead from and to (the relations of contracts/disclosure.yaml)."""


@dataclass
class Guard:
    """What the guard found. `hidden`: rows to withhold, those given included; `closed`: rows it added; `open`: counts
    given away that nothing left to withhold protects (an earlier release shows what bounds them)."""

    hidden: set[int]
    closed: set[int] = field(default_factory=set)
    open: list[Count] = field(default_factory=list)


@dataclass
class Window:
    """The month being guarded and those before it, oldest first, with the ties of the month and of those before."""

    months: list[Tables] = field(default_factory=list)
    tied: list[list[Tie]] = field(default_factory=list)
    judged: dict[tuple, set[Count]] = field(default_factory=dict)

    def take_in(self, now: Tables, tied: list[Tie]) -> None:
        """Add a month and drop the one that is too old."""
        self.months, self.tied = [*self.months, now][-WINDOW:], [*self.tied, tied][-WINDOW:]


def guard(
    observations: pl.DataFrame,
    hidden: Collection[int],
    registry: Mapping,
    profile: str | Profile = "prefecture",
    *,
    public: Collection[int] = (),
    settled: Collection[str] = (),
) -> Guard:
    """Withhold more rows until no withheld count of people is given away.

    `observations`: the unsuppressed observations, all months. `hidden`: numbers of the rows withheld so far. `public`:
    rows that an earlier release shows, which cannot be taken back. `settled`: months not judged again, as an earlier
    release was; they count as knowledge. Returns a `Guard`; the same input gives the same result.
    """
    profile, table_rules = named_profile(profile), rules()
    frame = counted(observations.with_columns(conf_status=pl.lit("F")), registry, table_rules)
    found, window = Guard(set(hidden)), Window()
    for (month,), rows in frame.sort("time_period", maintain_order=True).group_by("time_period", maintain_order=True):
        now = tables(rows, table_rules)
        before = window.months[-1] if window.months else None
        window.take_in(now, list(ties(now, before, table_rules, frozenset())))
        if month not in settled:
            _close_month(window, found, profile, set(public))
    found.open.sort()
    return found


def guarded(
    released: pl.DataFrame,
    observations: pl.DataFrame,
    registry: Mapping,
    profile: str | Profile,
    previous: Sequence[pl.DataFrame] = (),
    *,
    newest: int | None = None,
) -> pl.DataFrame:
    """The release with what the guard closes withheld too, and the amounts and medians that go with it.

    `observations`: the unsuppressed observations in the order of `released`. Months that earlier releases have whole
    and as they are now are not judged again; of the others only the `newest` last are, or all where it is None.
    """
    profile = named_profile(profile)
    seen = seen_before(observations, previous).with_columns(observations["time_period"])
    fresh = seen.filter(~(pl.col("published") | pl.col("withheld")))["time_period"].unique()
    months = sorted(seen["time_period"].unique())
    judged = set(fresh) & set(months if newest is None else months[-newest:])
    settled = set(months) - judged
    public = set(seen.filter(pl.col("published") & ~pl.col("withheld"))["row"].to_list())
    numbered = released.with_row_index("row")
    hidden = set(numbered.filter(pl.col("conf_status") == "C")["row"].to_list())
    found = guard(observations, hidden, registry, profile, public=public, settled=settled)
    closed = found.closed | (
        followers(observations, found.closed, rules(), profile) - hidden if found.closed else set()
    )
    empty = pl.all_horizontal(pl.col(SHOWN).is_null())
    goes = pl.col("row").is_in(sorted(closed)) & ~empty
    taken = [pl.when(goes).then(None).otherwise(pl.col(name)).alias(name) for name in TAKEN]
    status = pl.when(goes).then(pl.lit("C")).otherwise(pl.col("conf_status")).alias("conf_status")
    return numbered.with_columns(*taken, status).select(released.columns)


def _close_month(window: Window, found: Guard, profile: Profile, public: set[int]) -> None:
    """Withhold rows of the newest month until nothing is given away, or nothing is left that would help."""
    holes: set[Count] = set()
    for _ in range(ROUNDS):
        holes = given_away(window, found.hidden, profile.threshold)
        more: set[int] = set()
        for count in sorted(holes):
            more |= _bounding(count, window, found.hidden | public | more, HEADLINE * profile.threshold)
        if not more:
            break
        found.hidden |= more
        found.closed |= more
    found.open += holes


def given_away(window: Window, hidden: Collection[int], threshold: int) -> set[Count]:
    """The withheld small counts of the newest month that the shown cells give away."""
    return _holes(window, window.months[-1], hidden, threshold)


def _holes(window: Window, free: Tables, hidden: Collection[int], threshold: int) -> set[Count]:
    """The counts given away to somebody told everything but the withheld counts of the month `free`."""
    truth: dict[Count, int] = {}
    for month in window.months:
        truth |= month.value
    unknown = _unknown(free, hidden)
    tied = [tie for tie in window.tied[-1] if all(count in truth for count in tie.terms)]
    identities, remainders, inequalities = sort_ties(
        [tie for tie in tied if not unknown.isdisjoint(tie.terms)], truth, threshold
    )
    constants = {count: value for count, value in truth.items() if count not in unknown}
    people = lone_people([count for count in unknown if truth[count] == 1], [*identities, *inequalities])
    holes: set[Count] = set()
    for rows in components(unknown, constants, identities, inequalities, remainders):
        small = any(0 < truth[count] < threshold for count in rows.names)
        if small and len(rows.matrix):
            holes |= _holes_of(rows, truth, threshold, people, window.judged)
    return holes


def _unknown(month: Tables, hidden: Collection[int]) -> set[Count]:
    """The month's withheld counts; a rest is never printed, and known where both its parts are."""
    counts = {count for count, row in month.row.items() if row in hidden}
    rests = (count for count in month.value if count.part == "r")
    return counts | {c for c in rests if not counts.isdisjoint({c._replace(part="n"), c._replace(part="d")})}


def _holes_of(
    rows: Rows, truth: Mapping[Count, int], threshold: int, people: list[frozenset], judged: dict
) -> set[Count]:
    values = np.array([truth[count] for count in rows.names], dtype=np.int64)
    place = {count: i for i, count in enumerate(rows.names)}
    lone = [[place[count] for count in person if count in place] for person in people]
    lone = sorted(filter(None, lone))
    key = (rows.names, values.tobytes(), rows.matrix.tobytes(), rows.low.tobytes(), rows.high.tobytes(), repr(lone))
    if key not in judged:
        judged[key] = {rows.names[i] for i in Proofs(rows, values, threshold, lone).given_away()}
    return judged[key]


def _bounding(count: Count, window: Window, taken: Collection[int], ceiling: int) -> set[int]:
    """The rows of the newest month to withhold for a count: a breakdown or flow beside it, else the smallest total."""
    now, reached = window.months[-1], {count}
    for _ in range(2):
        reached |= {c for tie in window.tied[-1] if not reached.isdisjoint(tie.terms) for c in tie.terms}
        shown = [c for c in reached if c in now.row and now.row[c] not in taken and c not in now.given]
        if count.indicator in FLOWS:
            shown = [c for c in shown if c.indicator in FLOWS]
        shown = [c for c in shown if now.value[c] < ceiling or c.dimension not in ("_T", "residence")]
        if shown:
            own = [c for c in shown if c.indicator == count.indicator] or shown
            chosen = min(own, key=lambda c: (c.dimension == "_T", now.value[c], c))
            return {now.row[c] for c in now.row if _same_breakdown(c, chosen) and now.row[c] not in taken}
    return set()


def _same_breakdown(one: Count, other: Count) -> bool:
    return (one.indicator, one.area, one.dimension) == (other.indicator, other.area, other.dimension)
