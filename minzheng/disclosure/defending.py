"""The defender: the cheapest pattern of withheld cells that stands up to every attacker, for one component.

Attack, cut, solve again: the master integer program picks a pattern, the attackers look for an interval that is too
narrow, and each one found forbids all patterns that leave it so. What remains when no attacker succeeds is a cheapest
pattern. Above `LARGE` cells the master is a greedy cover of the same cuts: still safe, no longer proved cheapest.
"""

from dataclasses import dataclass, field

import numpy as np

from minzheng.disclosure.auditing import interval, is_safe
from minzheng.disclosure.cuts import Cut, extreme, width_cut
from minzheng.disclosure.moves import Moves
from minzheng.disclosure.system import Rows

LARGE = 400
ROUNDS = 200
NODES = 5000


@dataclass
class Defence:
    """One component: the true table, what must be withheld, what each cell costs, and what was found.

    `width`: how wide intervals have to be. `people`: for each lone person their cells; they attack the others.
    """

    rows: Rows
    truth: np.ndarray
    must: np.ndarray
    cost: np.ndarray
    threshold: int
    width: int
    people: list[list[int]]
    hint: np.ndarray | None = None
    hidden: np.ndarray = field(init=False)
    optimal: bool = True
    lost: set[int] = field(default_factory=set)  # cells that no pattern protects, as too much is known

    def __post_init__(self) -> None:
        self.moves = Moves(self.rows, self.truth)
        self.small = (self.truth > 0) & (self.truth < self.threshold)
        self.cuts: list[Cut] = []

    def solve(self) -> "Defence":
        """Find the pattern; `hidden` is a mask over `rows.names`."""
        self.hidden = self.must.copy() if self.hint is None else self.must | self.hint
        if self.hint is not None and not self._attack():
            return self
        self.cuts = self._row_cuts()
        for _ in range(ROUNDS):
            self.hidden = self._master()
            cuts = self._attack()
            if not cuts:
                return self
            self.cuts += cuts
        self.optimal, self.hidden = False, np.ones(len(self.truth), dtype=bool)
        self._attack()
        return self

    def _row_cuts(self) -> list[Cut]:
        """A withheld cell that is the only one of an identity is not withheld: someone else must be."""
        cuts = []
        for i in np.flatnonzero(self.rows.low == self.rows.high):
            row = self.rows.matrix[i] != 0
            for cell in np.flatnonzero(row):
                coefficients = row.astype(float)
                coefficients[cell] = -1
                if row.sum() > 1:
                    cuts.append(Cut(coefficients, 0))
        return cuts

    def _master(self) -> np.ndarray:
        if len(self.truth) > LARGE:
            self.optimal = False
            return cover(self.cuts, self.cost, self.must)
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        bounds = Bounds(self.must.astype(float), 1)
        matrix = csr_array(np.array([cut.coefficients for cut in self.cuts]).reshape(-1, len(self.truth)))
        rows = [LinearConstraint(matrix, [cut.least for cut in self.cuts], np.inf)] if self.cuts else []
        options = {"mip_rel_gap": 0.0, "node_limit": NODES}
        found = milp(self.cost, integrality=np.ones(len(self.cost)), bounds=bounds, constraints=rows, options=options)
        self.optimal = self.optimal and found.status == 0
        return cover(self.cuts, self.cost, self.must) if found.x is None else found.x > 0.5

    def _attack(self) -> list[Cut]:
        """The cuts that this pattern breaks: first what everyone sees, then what the only person of a cell sees."""
        cuts = [cut for cell in np.flatnonzero(self.hidden) if (cut := self._attack_cell(int(cell), [])) is not None]
        if cuts:
            return cuts
        small = [int(cell) for cell in np.flatnonzero(self.small & self.hidden)]
        pairs = [(cell, person) for person in self.people for cell in small if cell not in person]
        return [cut for cell, person in pairs if (cut := self._attack_cell(cell, person)) is not None]

    def _attack_cell(self, cell: int, person: list[int]) -> Cut | None:
        free = self.hidden.copy()
        free[person] = False
        if cell in self.lost or self._wide(cell, free) or self._search(cell, free):
            return None
        down = extreme(self.rows, self.truth, free, cell, -1, self.width)
        self.moves.add(down.move)
        if not self.small[cell] and self.truth[cell] - down.reach > self.threshold - 1 + 1e-6:
            return None
        up = extreme(self.rows, self.truth, free, cell, 1, self.width)
        self.moves.add(up.move)
        if self._wide(cell, free) or (self.truth[cell] == 0 and up.reach < 1e-6):
            return None
        if up.reach + down.reach < self.width - 1e-6:
            cut = width_cut(up, down, cell, self.width, bool(self.must[cell]), person)
        elif self._whole_numbers_safe(cell, free):
            return None
        else:
            cut = self._something_more(cell)
        if self._impossible(cut):
            self.lost.add(cell)
            return None
        return cut

    def _impossible(self, cut: Cut) -> bool:
        return cut.coefficients[self.must].sum() + cut.coefficients[~self.must].clip(0).sum() < cut.least

    def _whole_numbers_safe(self, cell: int, free: np.ndarray) -> bool:
        low, high = interval(self.system(free), int(free[:cell].sum()))
        return high - low >= self.width or (not self.small[cell] and is_safe(low, high, self.threshold))

    def system(self, free: np.ndarray) -> Rows:
        """What remains unknown to someone who sees every cell but those marked in `free`."""
        constant = self.rows.matrix[:, ~free] @ self.truth[~free]
        names = tuple(name for name, kept in zip(self.rows.names, free, strict=True) if kept)
        return Rows(names, self.rows.matrix[:, free], self.rows.low - constant, self.rows.high - constant)

    def _something_more(self, cell: int) -> Cut:
        """Whole numbers tell more than fractions here: some cell that is not yet withheld has to be."""
        coefficients = (~self.hidden).astype(float)
        if self.must[cell]:
            return Cut(coefficients, 1)
        coefficients[cell] = -1
        return Cut(coefficients, 0)

    def _wide(self, cell: int, free: np.ndarray) -> bool:
        moves = self.moves.usable(free)[:, cell]
        return moves.max() - moves.min() >= self.width

    def _search(self, cell: int, free: np.ndarray) -> bool:
        """Moves that prove the width: all the way up, or down to zero and the rest up; first around lone people."""
        around = frozenset(lone for person in self.people for lone in person) - {cell}
        fall = min(int(self.truth[cell]), self.width)
        for avoid in (around, frozenset()):
            if self.moves.search(free, cell, self.width, avoid):
                return True
            if fall and self.moves.search(free, cell, -fall, avoid):
                self.moves.search(free, cell, self.width - fall, avoid)
            if self._wide(cell, free):
                return True
        return False


def cover(cuts: list[Cut], cost: np.ndarray, must: np.ndarray) -> np.ndarray:
    """A pattern that meets every cut, chosen cell by cell by what it mends per cost (ties: first in order)."""
    hidden = must.copy()
    matrix = np.array([cut.coefficients for cut in cuts]).reshape(-1, len(cost))
    least = np.array([cut.least for cut in cuts])
    while True:
        missing = np.maximum(least - matrix @ hidden, 0)
        if missing.max(initial=0) <= 1e-6:
            return hidden
        gain = np.minimum(np.maximum(matrix, 0), missing[:, None]).sum(axis=0) / cost
        gain[hidden] = 0
        if gain.max() <= 0:
            return np.ones(len(cost), dtype=bool)
        hidden[int(gain.argmax())] = True
