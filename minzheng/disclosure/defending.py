"""The defender: the cheapest pattern of withheld cells that stands up to every attacker, for one component.

Attack, cut, solve again: the master integer program picks a pattern, the attackers look for an interval that is too
narrow, and each one found forbids all patterns that leave it so. What remains when no attacker succeeds is a cheapest
pattern. Components above `EXACT` cells, and those that do not come to an end, are closed one cell at a time (`closing`): as
safe, no longer proved cheapest.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from minzheng.disclosure.auditing import is_safe
from minzheng.disclosure.closing import Closing
from minzheng.disclosure.cuts import Cut, cheapest_move, extreme, reach, width_cut
from minzheng.disclosure.moves import Moves
from minzheng.disclosure.system import Rows

EXACT = 120
ROUNDS = 40
NODES = 5000


@dataclass
class Defence:
    """One component: the true table, what must be withheld, what each cell costs, and what was found.

    `people`: for each lone person their cells; they attack the others.
    """

    rows: Rows
    truth: np.ndarray
    must: np.ndarray
    cost: np.ndarray
    threshold: int
    people: list[list[int]]
    hidden: np.ndarray = field(init=False)
    optimal: bool = True
    lost: set[int] = field(
        default_factory=set
    )  # cells that no pattern protects, as too much is known

    def __post_init__(self) -> None:
        self.moves = Moves(self.rows, self.truth)
        self.small = (self.truth > 0) & (self.truth < self.threshold)
        self.cuts: list[Cut] = []
        self.judged: dict[tuple[int, bytes], float] = {}
        self.beside = [sorted(self.rows.around([cell])) for cell in range(len(self.truth))]

    def solve(self) -> "Defence":
        """Find the pattern; `hidden` is a mask over `rows.names`."""
        self.hidden = self.must.copy()
        if len(self.truth) > EXACT or not self._solve_exactly():
            self.optimal = False
            self._build_up()
        return self

    def _solve_exactly(self) -> bool:
        self.cuts = self._row_cuts()
        for _ in range(ROUNDS):
            self.hidden = self._master()
            cuts = self._attack()
            if not cuts:
                return True
            self.cuts += cuts
        return False

    def _build_up(self) -> None:
        """What `closing` withholds; a cell that it cannot protect is lost."""
        place = {name: j for j, name in enumerate(self.rows.names)}
        closing = Closing(
            self.rows,
            dict(zip(self.rows.names, self.truth.tolist(), strict=True)),
            place,
            np.flatnonzero(self.must).tolist(),
            self.threshold,
            lambda name: bool(self.small[place[name]]),
            lambda name: float(self.cost[place[name]]),
        )
        closing.close(lambda _: True)
        self.hidden = closing.withheld
        self.lost |= {place[name] for name in closing.open}

    def _targets(self, person: list[int]) -> Iterator[tuple[int, np.ndarray]]:
        """The withheld cells an attacker may learn of, each with its part: the unknown cells it hangs together with.

        Everyone looks at every withheld cell, a lone person at the small ones that hang together with their own.
        """
        whole = self._parts(self.hidden)
        near = {whole[cell] for cell in person}
        free = self.hidden.copy()
        free[person] = False
        parts = self._parts(free) if person else whole
        for cell in np.flatnonzero(free & self.small if person else free):
            if not person or whole[cell] in near:
                yield int(cell), parts == parts[cell]

    def _parts(self, free: np.ndarray) -> np.ndarray:
        """The number of the part each free cell is in, -1 for the others."""
        number, part = np.full(len(free), -1), 0
        for start in np.flatnonzero(free):
            if number[start] >= 0:
                continue
            number[start], reached = part, [int(start)]
            while reached:
                for other in self.beside[reached.pop()]:
                    if free[other] and number[other] < 0:
                        number[other] = part
                        reached.append(other)
            part += 1
        return number

    def _row_cuts(self) -> list[Cut]:
        """What every safe pattern meets, sum by sum: no cell is alone, and others can take up a small cell's width.

        In a sum a small cell p may fall to zero, which any other cell takes up; for the rest of its width cells on the
        same side must be able to fall, or one on the other side be withheld. The same holds without the cells of a
        lone person, who knows them.
        """
        cuts = []
        for i in np.flatnonzero(self.rows.low == self.rows.high):
            row = self.rows.matrix[i]
            cells = np.flatnonzero(row)
            for cell in cells if len(cells) > 1 else ():
                alone = (row != 0).astype(float)
                alone[cell] = -1
                cuts.append(Cut(alone, 0))
                rise = self.threshold - int(self.truth[cell])
                if not (
                    self.must[cell]
                    and self.small[cell]
                    and rise > 0
                    and (np.abs(row[cells]) == 1).all()
                ):
                    continue
                room = np.where(
                    row == row[cell], np.minimum(self.truth, rise), np.where(row != 0, rise, 0)
                ).astype(float)
                room[cell] = 0
                for person in ([], *self.people):
                    if cell not in person and (not person or room[person].any()):
                        left = room.copy()
                        left[person] = 0
                        cuts.append(Cut(left, rise))
        return [cut for cut in cuts if not self._impossible(cut)]

    def _master(self) -> np.ndarray:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        bounds = Bounds(self.must.astype(float), 1)
        matrix = csr_array(
            np.array([cut.coefficients for cut in self.cuts]).reshape(-1, len(self.truth))
        )
        rows = (
            [LinearConstraint(matrix, [cut.least for cut in self.cuts], np.inf)]
            if self.cuts
            else []
        )
        options = {"mip_rel_gap": 0.0, "node_limit": NODES}
        found = milp(
            self.cost,
            integrality=np.ones(len(self.cost)),
            bounds=bounds,
            constraints=rows,
            options=options,
        )
        self.optimal = self.optimal and found.status == 0
        return cover(self.cuts, self.cost, self.must) if found.x is None else found.x > 0.5

    def _attack(self) -> list[Cut]:
        """The cuts that this pattern breaks: first what everyone sees, then what the only person of a cell sees."""
        for whole in (False, True):
            for people in ([[]], self.people):
                if people is self.people:
                    self._move_around_lone_people()
                broken = list(chain.from_iterable(self._attack_as(one, whole) for one in people))
                if broken:
                    return broken
        return []

    def _attack_as(self, person: list[int], whole: bool) -> Iterator[Cut]:
        """The cuts broken by one who knows the cells in which `person` is alone."""
        for cell, known in self._targets(person):
            cut = self._attack_cell(cell, known, person, whole)
            if cut is not None:
                yield cut

    def _move_around_lone_people(self) -> None:
        """One program a small cell for a move that leaves lone people alone: it answers all of them at once."""
        lone = np.zeros(len(self.truth), dtype=bool)
        lone[list(chain.from_iterable(self.people))] = True
        price = np.where(lone, 50.0, 1.0)
        for cell in np.flatnonzero(self.hidden & self.small):
            around = self.hidden & ~lone
            around[cell] = True
            if not self._wide(int(cell), around):
                move = cheapest_move(
                    self.rows, self.truth, self.hidden, price, int(cell), self.threshold
                )
                if move is not None:
                    self.moves.add(move)

    def _attack_cell(
        self, cell: int, part: np.ndarray, person: list[int], whole: bool
    ) -> Cut | None:
        """The cut that forbids what lets everyone, or the lone `person`, see `cell` too well; None where nothing does."""
        seen = self._seen(cell, part, whole)
        if seen is None or math.isnan(seen):
            return None
        if seen < self.threshold - 1e-6:
            down = extreme(self.rows, self.truth, part, cell, -1, self.threshold)
            up = extreme(self.rows, self.truth, part, cell, 1, self.threshold)
            cut = width_cut(up, down, cell, self.threshold, bool(self.must[cell]), person)
        else:
            cut = self._something_more(cell)
        if self._impossible(cut):
            self.lost.add(cell)
            return None
        return cut

    def _seen(self, cell: int, part: np.ndarray, whole: bool = True) -> float | None:
        """None where the attacker who knows all but `part` cannot tell `cell`; else the width they come to.

        Without `whole` fractions are believed, which is quick; with it whole numbers decide where they were not found.
        """
        if cell in self.lost:
            return None
        key = (cell, part.tobytes())
        if key not in self.judged:
            self.judged[key] = (
                math.inf if self._wide(cell, part) or self._search(cell, part) else math.nan
            )
            if self.judged[key] != math.inf:
                self.judged[key] = self._judge(cell, part, False)
        if whole and math.isnan(self.judged[key]):
            self.judged[key] = self._judge(cell, part, True)
        return None if self.judged[key] == math.inf else self.judged[key]

    def _judge(self, cell: int, part: np.ndarray, whole: bool) -> float:
        """The width seen where too narrow, infinity where proved wide enough or harmless, nan where not yet proved."""
        down, up = (round(self._reach(cell, part, sign, whole), 6) for sign in (-1, 1))
        harmless = is_safe(self.truth[cell] - down, self.truth[cell] + up, self.threshold)
        if self._wide(cell, part) or (harmless and not self.small[cell]):
            return math.inf
        if up + down < self.threshold:
            return self.threshold if whole else up + down
        return math.inf if whole else math.nan

    def _reach(self, cell: int, part: np.ndarray, sign: int, whole: bool) -> float:
        move = reach(self.rows, self.truth, part, cell, sign, self.threshold, whole=whole)
        self.moves.add(move)
        return abs(float(move[cell]))

    def _impossible(self, cut: Cut) -> bool:
        return (
            cut.coefficients[self.must].sum() + cut.coefficients[~self.must].clip(0).sum()
            < cut.least
        )

    def system(self, free: np.ndarray) -> Rows:
        """What remains unknown to someone who sees every cell but those marked in `free`."""
        constant = self.rows.matrix[:, ~free] @ self.truth[~free]
        names = tuple(name for name, kept in zip(self.rows.names, free, strict=True) if kept)
        return Rows(
            names, self.rows.matrix[:, free], self.rows.low - constant, self.rows.high - constant
        )

    def _something_more(self, cell: int) -> Cut:
        """Whole numbers tell more than fractions here: some cell that is not yet withheld has to be."""
        coefficients = (~self.hidden).astype(float)
        if self.must[cell]:
            return Cut(coefficients, 1)
        coefficients[cell] = -1
        return Cut(coefficients, 0)

    def _wide(self, cell: int, free: np.ndarray) -> bool:
        return self.moves.width(cell, free) >= self.threshold

    def _search(self, cell: int, free: np.ndarray) -> bool:
        """Moves that prove the width: all the way up, or down to zero and the rest up; first around lone people."""
        around = frozenset(chain.from_iterable(self.people)) - {cell}
        fall = min(int(self.truth[cell]), self.threshold)
        for avoid in (around, frozenset()):
            if self.moves.search(free, cell, self.threshold, avoid):
                return True
            if fall and self.moves.search(free, cell, -fall, avoid):
                self.moves.search(free, cell, self.threshold - fall, avoid)
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
