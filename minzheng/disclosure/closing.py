"""Closing what is given away: for each withheld count other tables that look the same, withholding what they need.

The linear program of Kelly, Golden and Assad (Networks 22, 1992), one withheld count at a time: the cheapest move of the
count by the width the profile asks, in which withheld cells move for next to nothing and each further cell has its price.
Every move is kept as a proof, in whole numbers, and serves all other counts that it moves far enough; cells that no proof
needs in the end are shown again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

import numpy as np

from minzheng.disclosure.auditing import is_safe
from minzheng.disclosure.cuts import reach
from minzheng.disclosure.linking import Count
from minzheng.disclosure.system import Rows, lone_people

WITHHELD, LONE = 1e-3, 0.3
"""Prices of a withheld cell: next to nothing, and more for the only person of a cell, who would know the move."""
NEAR = 150
"""A move is looked for among this many counts around first, none of them dear, and among all where there is none."""
DEAR = 50
"""What a headline costs at least: other counts of the neighbourhood and far ones are tried before."""


class Closing:
    """One system and the cells (observations, by row number) withheld in it, grown by `close`.

    `guarded(count)`: whether a count needs protection from everybody, also from the only person of another cell; other
    withheld counts need it as far as they could be small. `price(count)`: what it costs to withhold one more. `settle`: a
    count that cells nobody can withhold keep from the threshold gets as wide as they allow, instead of being lost.
    """

    def __init__(
        self,
        rows: Rows,
        truth: Mapping[Count, int],
        row: Mapping[Count, int],
        hidden: Collection[int],
        threshold: int,
        guarded: Callable[[Count], bool],
        price: Callable[[Count], float],
        *,
        settle: bool = False,
    ):
        self.rows, self.threshold, self.settle = rows, threshold, settle
        self.reachable: dict[
            tuple[int, tuple[int, ...]], int
        ] = {}  # by cell and what is known, where below the threshold
        self.truth = np.array([truth[count] for count in rows.names], dtype=np.int64)
        self.row = np.array([row[count] for count in rows.names])
        self.withheld = np.isin(self.row, list(hidden))
        self.given = self.withheld.copy()
        self.guarded = np.array([guarded(count) for count in rows.names])
        self.price = np.array([price(count) for count in rows.names])
        self.activity = self.matrix @ self.truth
        self.place = {count: j for j, count in enumerate(rows.names)}
        self.lost: set[tuple[int, tuple[int, ...]]] = set()
        self.harmless: set[int] = set()  # cannot be small whatever else is shown
        self.moves = np.zeros((1, len(self.truth)), dtype=np.int64)

    @cached_property
    def matrix(self):
        """The sums, sparse by columns."""
        from scipy.sparse import csc_array

        return csc_array(self.rows.matrix)

    @cached_property
    def _people(self) -> list[np.ndarray]:
        """For each only person of withheld cells a mask of what they know."""
        alone = [self.rows.names[j] for j in np.flatnonzero(self.withheld & (self.truth == 1))]
        relations = [
            {self.rows.names[j]: value for j, value in row} for row in self.rows.neighbours
        ]
        groups = lone_people(alone, relations)
        masks = np.zeros((len(groups), len(self.truth)), dtype=bool)
        for mask, person in zip(masks, groups, strict=True):
            mask[[self.place[count] for count in person]] = True
        return list(masks)

    def close(self, judged: Callable[[Count], bool]) -> None:
        """Withhold cells until nothing `judged` is given away but what nothing left to withhold protects (`lost`)."""
        looked_at = np.array([judged(count) for count in self.rows.names])
        for known, cells in self._attackers(looked_at):
            for cell in cells:
                self._protect(cell, known)
        self._spare(looked_at)

    @property
    def added(self) -> set[int]:
        """The rows withheld beyond those given."""
        return set(self.row[self.withheld & ~self.given].tolist())

    @property
    def proofs(self) -> list[dict[Count, int]]:
        """The moves found that use withheld cells only, as changes of counts."""
        kept = self.moves[~(self.moves[:, ~self.withheld] != 0).any(axis=1)]
        return [{self.rows.names[j]: int(move[j]) for j in np.flatnonzero(move)} for move in kept]

    @property
    def open(self) -> list[Count]:
        """The counts that stay given away."""
        return sorted({self.rows.names[cell] for cell, _ in self.lost})

    def _attackers(self, looked_at: np.ndarray) -> Iterator[tuple[np.ndarray, list[int]]]:
        """Who looks at what, everybody first, again and again until nobody sees anything too well."""
        found = True
        while found:
            found = False
            for known in (np.zeros(len(self.truth), dtype=bool), *self._people):
                narrow = self._open(looked_at, known)
                if narrow:
                    found = True
                    yield (
                        known,
                        sorted(
                            narrow,
                            key=lambda cell: (not self.guarded[cell], self.truth[cell], cell),
                        ),
                    )

    def _disclosed(self, looked_at: np.ndarray, known: np.ndarray) -> list[int]:
        """The cells that no two proofs show far enough apart to whoever knows the cells `known`.

        A count of two thresholds cannot be narrow and small.
        """
        least = self.guarded | ((self.truth < 2 * self.threshold - 1) & (not known.any()))
        wanted = np.flatnonzero(looked_at & self.withheld & ~known & least)
        if not len(wanted):
            return []
        reached = self.moves[~(self.moves[:, known | ~self.withheld] != 0).any(axis=1)][:, wanted]
        who, width = _key(known), reached.max(axis=0) - reached.min(axis=0)
        asked = np.array(
            [self.reachable.get((cell, who), self.threshold) for cell in wanted.tolist()]
        )
        return [cell for cell in wanted[width < asked].tolist() if cell not in self.harmless]

    def _protect(self, cell: int, known: np.ndarray) -> None:
        """Withhold what the cheapest moves of `cell` need."""
        only = np.zeros(len(self.truth), dtype=bool)
        only[cell] = True
        if not self._disclosed(only, known):
            return
        moves = self._apart(cell, ~known)
        for move in moves:
            self._withhold(move)
        if moves:
            return
        if not self.guarded[cell] and self._cannot_be_small(cell):
            self.harmless.add(cell)
        elif not (self.settle and self._settled(cell, known)):
            self.lost.add((cell, _key(known)))

    def _settled(self, cell: int, known: np.ndarray) -> bool:
        """Whether `cell` can be put apart at all, less far than the threshold; then it is, and no more is asked of it."""
        ends = [round(abs(float(self._reach(cell, ~known, sign)[cell]))) for sign in (-1, 1)]
        up = min(ends[1], self.threshold)
        down = min(ends[0], self.threshold - up)
        moves = [self._cheapest(cell, amount, ~known) for amount in (up, -down) if amount]
        if not moves or any(move is None for move in moves):
            return False
        self.reachable[cell, _key(known)] = up + down
        for move in moves:
            self._withhold(move)
        return True

    def _reach(self, cell: int, free: np.ndarray, sign: int) -> np.ndarray:

        return reach(self.rows, self.truth, free, cell, sign, self.threshold, whole=True)

    def _apart(self, cell: int, free: np.ndarray) -> list[np.ndarray]:
        """The cheapest moves of `free` cells that put `cell` the threshold apart: up, or down to zero and up by the rest."""
        fall = min(int(self.truth[cell]), self.threshold)
        for amounts in ((self.threshold,), (-fall, self.threshold - fall)):
            moves = [self._cheapest(cell, amount, free) for amount in amounts if amount]
            if all(move is not None for move in moves):
                return moves
        return []

    def _withhold(self, move: np.ndarray) -> None:
        more = np.isin(self.row, self.row[np.flatnonzero(move)]) & ~self.withheld
        if more.any():
            self.withheld = self.withheld | more
            self.__dict__.pop("_people", None)
        self.moves = np.vstack([self.moves, move])

    def _cheapest(self, cell: int, amount: int, free: np.ndarray) -> np.ndarray | None:
        """The move of `cell` by `amount` that withholds least, in whole numbers; None if there is none."""
        near = self._near(cell)
        near = near[self.withheld[near] | (self.price[near] < DEAR) | (near == cell)]
        for columns in (near, np.arange(len(self.truth))):
            for whole in (False, True):
                move = self._solve(columns[free[columns]], cell, amount, whole)
                if move is None:
                    break
                if self._agrees(move):
                    return np.rint(move).astype(np.int64)
            if len(columns) == len(self.truth):
                return None
        return None

    def _solve(self, columns: np.ndarray, cell: int, amount: int, whole: bool) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import hstack

        part = self.matrix[:, columns].tocsr()
        touched = np.flatnonzero(np.diff(part.indptr))
        part, activity = part[touched], self.activity[touched]
        price = np.where(self.withheld, np.where(self.truth == 1, LONE, WITHHELD), self.price)[
            columns
        ]
        own, size = int(np.flatnonzero(columns == cell)[0]), len(columns)
        least, most = (
            np.zeros(2 * size),
            np.concatenate([np.full(size, np.inf), self.truth[columns].astype(float)]),
        )
        rising, falling = own, size + own
        most[rising], most[falling] = max(amount, 0), max(-amount, 0)
        least[rising if amount > 0 else falling] = abs(amount)
        held = LinearConstraint(
            hstack([part, -part], format="csr"),
            self.rows.low[touched] - activity,
            self.rows.high[touched] - activity,
        )
        found = milp(
            np.concatenate([price, price]),
            integrality=np.full(2 * size, int(whole)),
            bounds=Bounds(least, most),
            constraints=[held] if len(touched) else [],
            options={"presolve": whole, "mip_rel_gap": 0.05},
        )
        if found.x is None:
            return None
        move = np.zeros(len(self.truth))
        move[columns] = found.x[:size] - found.x[size:]
        return move

    def _near(self, cell: int) -> np.ndarray:
        """The counts around `cell`, tie by tie, until they are enough."""
        reached, edge = {cell}, [cell]
        while edge and len(reached) < NEAR:
            edge = sorted(self.rows.around(edge) - reached)
            reached.update(edge)
        return np.array(sorted(reached))

    def _cannot_be_small(self, cell: int) -> bool:
        """Whether fractions already say so, or that the cell is nothing."""

        ends = [
            reach(self.rows, self.truth, self.withheld, cell, s, self.threshold)[cell]
            for s in (-1, 1)
        ]
        low, high = (float(self.truth[cell] + end) for end in ends)
        return is_safe(np.ceil(low - 1e-6), np.floor(high + 1e-6), self.threshold)

    def _spare(self, looked_at: np.ndarray) -> None:
        """Show again, the dearest first, what was withheld and no proof needs."""
        dearest: dict[int, float] = {}
        for cell in np.flatnonzero(self.withheld & ~self.given):
            dearest[self.row[cell]] = max(dearest.get(self.row[cell], 0), self.price[cell])
        for row in sorted(dearest, key=lambda row: (-dearest[row], row)):
            before, people = self.withheld, self._people
            self.withheld = before & (self.row != row)
            nobody = np.zeros(len(self.truth), dtype=bool)
            if any(self._open(looked_at, known) for known in (nobody, *people)):
                self.withheld = before
            else:
                self.__dict__.pop("_people", None)

    def _open(self, looked_at: np.ndarray, known: np.ndarray) -> list[int]:
        """What whoever knows the cells `known` is told, and need not be."""
        return [
            cell
            for cell in self._disclosed(looked_at, known)
            if (cell, _key(known)) not in self.lost
        ]

    def _agrees(self, move: np.ndarray) -> bool:
        """Whether a move is whole, keeps every sum and makes no count negative."""
        whole = np.rint(move)
        after = self.activity + self.matrix @ whole
        within = (after >= self.rows.low).all() and (after <= self.rows.high).all()
        return bool(
            within
            and (self.truth + whole >= 0).all()
            and np.abs(move - whole).max(initial=0) < 1e-6
        )


def _key(known: np.ndarray) -> tuple[int, ...]:
    return tuple(np.flatnonzero(known).tolist())
