"""The gate before a release: whether what it shows, with every earlier release and month, gives a withheld count away.

The attacker has all tables of all months and revisions, knows how they add up, that counts are whole and not negative,
and may be the only person of a withheld cell. A count is safe when other tables that look the same put it `threshold`
apart; those are found anew here, whatever the release was protected by.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from minzheng.disclosure.cuts import reach
from minzheng.disclosure.deciding import at_stake, small
from minzheng.disclosure.linking import Count, counted
from minzheng.disclosure.panel import Panel, Scope, panel
from minzheng.disclosure.proving import Proofs
from minzheng.disclosure.recalling import Recall, digest
from minzheng.disclosure.releasing import KEY, follow, seen_before
from minzheng.disclosure.rounding import rounded
from minzheng.disclosure.rules import Profile, rules
from minzheng.disclosure.rules import profile as named_profile
from minzheng.disclosure.system import Rows, lone_people
from minzheng.errors import MinzhengError


@dataclass
class Attack:
    """What an attacker learns: `disclosed` are withheld counts given away, `shown` small counts that are published.

    `withheld`: how many counts were attacked. `beside`: rows that could be withheld for the sake of what is given away.
    """

    disclosed: set[Count] = field(default_factory=set)
    shown: set[Count] = field(default_factory=set)
    withheld: int = 0
    beside: set[int] = field(default_factory=set)

    @property
    def unsafe(self) -> list[Count]:
        """The counts that the release gives away."""
        return sorted(self.disclosed | self.shown)

    @property
    def safe(self) -> bool:
        """Whether nothing is given away."""
        return not self.unsafe

    def check(self) -> None:
        """`MinzhengError` names the first counts given away, without their values."""
        if self.unsafe:
            names = ", ".join(str(count) for count in self.unsafe[:3])
            raise MinzhengError(
                f"the release gives away {len(self.unsafe)} withheld counts: {names}",
                f"拟发布的数据可推算出{len(self.unsafe)}个已隐去的单元格,不得发布",
            )


def attack(
    released: pl.DataFrame,
    restricted: pl.DataFrame,
    registry: Mapping,
    profile: str | Profile = "prefecture",
    previous: Sequence[pl.DataFrame] = (),
    *,
    always: Collection[int] = (),
    proofs: Iterable[Mapping[Count, int]] = (),
    recall: Path | None = None,
) -> Attack:
    """Attack a release as somebody who has it, and every earlier one, in front of them.

    What the rows `always` shown (row numbers of `released`) and earlier releases tell by themselves is not held against it.
    `released`, `previous`: observations as published, oldest first. `restricted`: the same cells unsuppressed. `proofs`: changes
    of counts that are said to leave everything shown as it is, which saves looking for them; each is checked, and none is
    needed. `recall`: a file that keeps judgements between runs. A rounded release is attacked as if it were not, which tells more.
    """
    profile, kept, found = named_profile(profile), Recall(recall), Attack()
    truth = released.select(KEY).join(restricted, on=KEY, how="left", maintain_order="left")
    counts = counted(truth, registry, rules())
    seen = seen_before(rounded(truth, counts, profile, registry, always), previous)
    public = set(seen.filter(pl.col("published"))["row"].to_list()).union(always)
    months = panel(truth, registry, rules(), previous, public)
    exact = follow(months, always)
    hidden = set(
        released.with_row_index("row").filter(pl.col("conf_status") == "C")["row"].to_list()
    )
    few = {count for count in months.row if small(months.truth, profile, count)}
    shown = {
        count for count in few if months.row[count] not in hidden or months.row[count] in public
    }
    found.shown = {count for count in shown if months.row[count] not in exact}
    unknown = {count for count, row in months.row.items() if row in hidden}
    found.withheld = len(unknown)
    offered = _by_count(proofs)
    for month in months.months:
        for scope, rows in at_stake(months, month, unknown, hidden, profile.threshold):
            values = np.array([months.truth[count] for count in rows.names], dtype=np.int64)
            judged = np.array([count.month in scope.judged for count in rows.names])
            anyway = Anyway(months, scope, rows, profile.threshold)
            key = digest(rows, values, judged, "attack", profile.model_dump_json(), anyway.digest)
            told = kept.find(key)
            if told is None:
                guarded = np.array([count in few for count in rows.names])
                told = [_disclosed(rows, values, judged, guarded, profile, offered, anyway)]
                kept.keep(key, *told)
            found.disclosed |= told[0]
    kept.write()
    found.beside = months.beside(found.unsafe) | {months.row[count] for count in found.shown}
    return found


class Anyway:
    """How wide a count is to somebody to whom everything is withheld that can be: no release can leave it wider."""

    def __init__(self, months: Panel, scope: Scope, rows: Rows, threshold: int):
        self.months, self.scope, self.names, self.threshold = months, scope, rows.names, threshold
        fixed = scope.loose & months.fixed
        self.digest = hashlib.sha256(repr(sorted(fixed)).encode()).hexdigest()

    @cached_property
    def _system_of(self) -> dict[Count, Rows]:
        system = {}
        for rows in self.months.systems(self.scope, self.months.truth.keys(), self.threshold):
            system |= dict.fromkeys(rows.names, rows)
        return system

    def __call__(self, cell: int, known: np.ndarray) -> float:
        """The width of a column of the system attacked, at most the threshold; `known`: columns that the attacker knows."""
        count, told = self.names[cell], {self.names[j] for j in np.flatnonzero(known)}
        rows = self._system_of[count]
        truth = np.array([self.months.truth[other] for other in rows.names], dtype=np.int64)
        free = np.array([other not in told for other in rows.names])
        place = rows.names.index(count)
        moves = [
            reach(rows, truth, free, place, sign, self.threshold, whole=True) for sign in (-1, 1)
        ]
        return min(self.threshold, sum(round(abs(float(move[place]))) for move in moves))


def _disclosed(
    rows: Rows,
    truth: np.ndarray,
    judged: np.ndarray,
    guarded: np.ndarray,
    profile: Profile,
    offered: Mapping[Count, list[Mapping[Count, int]]],
    anyway: Anyway,
) -> set[Count]:
    place = {count: j for j, count in enumerate(rows.names)}
    relations = [{rows.names[j]: value for j, value in row} for row in rows.neighbours]
    alone = [rows.names[j] for j in np.flatnonzero(truth == 1)]
    people = [sorted(place[count] for count in person) for person in lone_people(alone, relations)]
    proofs = Proofs(rows, truth, profile.threshold, guarded, people, anyway)
    proofs.offer(_moves(rows, offered))
    return {rows.names[j] for j in proofs.given_away(judged)}


def _by_count(proofs: Iterable[Mapping[Count, int]]) -> dict[Count, list[Mapping[Count, int]]]:
    """The changes in which each count takes part."""
    found = defaultdict(list)
    for move in proofs:
        for count in move:
            found[count].append(move)
    return found


def _moves(rows: Rows, offered: Mapping[Count, list[Mapping[Count, int]]]) -> Iterator[np.ndarray]:
    """The changes offered that touch the system, each as far as it does, once."""
    place = {count: j for j, count in enumerate(rows.names)}
    seen = set()
    for count in rows.names:
        for change in offered.get(count, ()):
            if id(change) not in seen:
                seen.add(id(change))
                move = np.zeros(len(rows.names))
                for other, value in change.items():
                    if other in place:
                        move[place[other]] = value
                yield move
