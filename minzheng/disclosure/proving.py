"""Proofs that withheld counts cannot be told: other tables that look the same, found for many cells at once.

Programs with random objectives drive all cells of a system apart; each solution is a whole table that agrees with
everything shown. What they leave open is settled one cell at a time by the widest move there is.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np

from minzheng.disclosure.auditing import is_safe
from minzheng.disclosure.cuts import reach
from minzheng.disclosure.system import Rows

PASSES = 8
NODES = 20


class Proofs:
    """Tables found for one system, as differences from the true one.

    `guarded`: cells that nobody may tell, nor a lone person; others may be told where that does not make them small.
    `people`: the cells of each lone person, who knows them. `anyway(cell, known)`: how wide the cell is to who knows the
    cells `known` and nothing else that could be withheld; no release can leave it wider.
    """

    def __init__(
        self,
        rows: Rows,
        truth: np.ndarray,
        threshold: int,
        guarded: np.ndarray,
        people: Sequence[Sequence[int]],
        anyway: Callable[[int, np.ndarray], float],
    ):
        self.anyway = anyway
        self.rows, self.truth, self.threshold, self.people = rows, truth, threshold, people
        self.guarded = guarded
        self.random = np.random.default_rng(1)
        self.activity = rows.matrix @ truth
        self.moves = np.zeros((1, len(truth)))

    def offer(self, moves: Iterable[np.ndarray]) -> None:
        """Take in tables that others say look the same; each is checked here."""
        for move in moves:
            self._add(move)

    def given_away(self, judged: np.ndarray) -> list[int]:
        """The `judged` cells that everybody sees too well; where there are none, those that a lone person does."""
        nobody = np.zeros(len(self.truth), dtype=bool)
        could_be_small = judged & (self.guarded | (self.truth < 2 * self.threshold - 1))
        self._drive_apart(nobody, could_be_small)
        found = {
            int(j)
            for j in np.flatnonzero(self._narrow(nobody) & could_be_small)
            if self._disclosed(j, nobody)
        }
        if found:
            return sorted(found)
        small = judged & self.guarded
        if self.people:
            self._avoid_people(small)
        for person in self.people:
            known = self._mask([person])
            narrow = self._narrow(known) & small & ~known
            found |= {
                int(j)
                for j in np.flatnonzero(narrow)
                if int(j) not in found and self._disclosed(j, known)
            }
        return sorted(found)

    def _avoid_people(self, wanted: np.ndarray) -> None:
        """Tables that leave lone people alone: all of them, then halves, each person in every other one."""
        self._drive_apart(self._mask(self.people), wanted)
        for _ in range(PASSES if len(self.people) > 1 else 0):
            half = [person for person in self.people if self.random.random() < 0.5]
            self._drive_apart(self._mask(half), wanted, passes=2)

    def _mask(self, people: Sequence[Sequence[int]]) -> np.ndarray:
        known = np.zeros(len(self.truth), dtype=bool)
        known[list(chain.from_iterable(people))] = True
        return known

    def _narrow(self, known: np.ndarray) -> np.ndarray:
        """The cells that no two tables agreeing with what is `known` show far apart."""
        usable = ~(self.moves[:, known] != 0).any(axis=1)
        reached = self.moves[usable]
        return reached.max(axis=0) - reached.min(axis=0) < self.threshold

    def _drive_apart(self, known: np.ndarray, wanted: np.ndarray, passes: int = PASSES) -> None:
        for _ in range(passes):
            left = self._narrow(known) & wanted & ~known
            if not left.any():
                return
            weights = np.where(left, self.random.choice([-1.0, 1.0], len(left)), 0)
            for sign in (1, -1):
                self._add(self._extreme(sign * weights, known))

    def _extreme(self, weights: np.ndarray, known: np.ndarray) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        low, high = -self.truth.astype(float), np.full(len(weights), 2.0 * self.threshold)
        low[known] = high[known] = 0
        held = LinearConstraint(
            csr_array(self.rows.matrix),
            self.rows.low - self.activity,
            self.rows.high - self.activity,
        )
        options = {"mip_rel_gap": 0.3, "node_limit": NODES}
        whole = np.ones(len(weights))
        return milp(
            -weights,
            integrality=whole,
            bounds=Bounds(low, high),
            constraints=[held],
            options=options,
        ).x

    def _add(self, move: np.ndarray | None) -> None:
        """Keep a table only when it is whole and agrees with everything, exactly."""
        if move is None:
            return
        whole = np.rint(move)
        change = self.activity + self.rows.matrix @ whole
        if (
            (change >= self.rows.low).all()
            and (change <= self.rows.high).all()
            and (self.truth + whole >= 0).all()
        ):
            self.moves = np.vstack([self.moves, whole])

    def _disclosed(self, cell: int, known: np.ndarray) -> bool:
        """Whether the widest moves leave `cell` too narrow: fractions first, whole numbers where those are wide.

        What no two tables prove apart in the end counts as told, also where the solver gave up.
        """
        if not self._narrow(known)[cell]:
            return False
        for whole in (False, True):
            moves = [
                reach(self.rows, self.truth, ~known, cell, s, self.threshold, whole=whole)
                for s in (-1, 1)
            ]
            for move in moves:
                self._add(move)
            down, up = (abs(float(move[cell])) for move in moves)
            low, high = (
                np.ceil(self.truth[cell] - down - 1e-6),
                np.floor(self.truth[cell] + up + 1e-6),
            )
            if high - low < self.threshold:
                if not self.guarded[cell] and is_safe(low, high, self.threshold):
                    return False
                if high - low < self.anyway(cell, known):
                    return True
                if whole:
                    return False
            elif not self._narrow(known)[cell]:
                return False
        return True
