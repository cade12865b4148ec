"""Other tables that look the same: whole-number moves of the withheld cells that leave everything published as it is.

A move that takes a cell up by five proves that an attacker cannot tell its value from one five higher. Moves are looked
for by repairing one broken sum after another, which ends after a few steps in tables of sums; every move found is
checked in whole numbers, so that a proof never rests on a solver's tolerance.
"""

import numpy as np

from minzheng.disclosure.system import Rows

STEPS = 4  # broken sums repaired before a search gives up and the linear program takes over


class Moves:
    """The moves found so far from the true table `truth` of one component, as rows of `pool`."""

    def __init__(self, rows: Rows, truth: np.ndarray):
        self.rows, self.truth = rows, truth
        activity = rows.matrix @ truth
        self.room_down = activity - rows.low
        self.room_up = rows.high - activity
        self.size = 1
        self.store = np.zeros((64, len(truth)), dtype=np.int64)
        self.changed = np.zeros(
            (64, len(truth)), dtype=np.float32
        )  # where a move is not zero; floats multiply fast

    def add(self, move: np.ndarray) -> bool:
        """Take a move into the pool when it is whole, keeps every relation and makes no count negative."""
        whole = np.rint(move).astype(np.int64)
        change = self.rows.matrix @ whole
        fits = (change <= self.room_up).all() and (-change <= self.room_down).all()
        if not fits or (self.truth + whole < 0).any() or np.abs(whole - move).max(initial=0) > 1e-6:
            return False
        if self.size == len(self.store):
            self.store = np.vstack([self.store, np.zeros_like(self.store)])
            self.changed = np.vstack([self.changed, np.zeros_like(self.changed)])
        self.store[self.size], self.changed[self.size] = whole, whole != 0
        self.size += 1
        return True

    @property
    def pool(self) -> np.ndarray:
        """All moves found, one a row; the first is no move at all."""
        return self.store[: self.size]

    def width(self, cell: int, free: np.ndarray) -> int:
        """How far apart two values of `cell` are that moves of `free` cells alone lead to."""
        usable = self.changed[: self.size] @ (~free).astype(np.float32) == 0
        reached = self.pool[usable, cell]
        return int(reached.max() - reached.min())

    def search(
        self, hidden: np.ndarray, cell: int, amount: int, avoid: frozenset[int] = frozenset()
    ) -> bool:
        """Look for a move that changes `cell` by exactly `amount`; True when one was found and added."""
        if self.truth[cell] + amount < 0:
            return False
        self._steps = STEPS
        move = self._repair({cell: amount}, self._broken({}, cell, amount), hidden, avoid)
        if move is None:
            return False
        vector = np.zeros(len(self.truth))
        vector[list(move)] = list(move.values())
        return self.add(vector)

    def _broken(self, broken: dict[int, int], cell: int, amount: int) -> dict[int, int]:
        after = dict(broken)
        for row, coefficient in self.rows.rows_of[cell]:
            after[row] = after.get(row, 0) + coefficient * amount
        return after

    def _excess(self, broken: dict[int, int]) -> list[tuple[int, float]]:
        """The relations that do not hold, with what has to be taken away from their sums."""
        found = []
        for row, change in broken.items():
            if change > self.room_up[row]:
                found.append((row, change - self.room_up[row]))
            elif -change > self.room_down[row]:
                found.append((row, change + self.room_down[row]))
        return found

    def _repair(
        self, move: dict, broken: dict, hidden: np.ndarray, avoid: frozenset[int]
    ) -> dict | None:
        excess = self._excess(broken)
        if not excess:
            return move
        if self._steps <= 0:
            return None
        self._steps -= 1
        options = min(
            (self._options(row, by, move, broken, hidden, avoid) for row, by in excess), key=len
        )
        for _, _, cell, amount, after in sorted(options, key=lambda option: option[:3])[:4]:
            found = self._repair({**move, cell: amount}, after, hidden, avoid)
            if found is not None:
                return found
        return None

    def _options(
        self,
        row: int,
        by: float,
        move: dict,
        broken: dict,
        hidden: np.ndarray,
        avoid: frozenset[int],
    ) -> list:
        """Cells that could mend the row: fewest relations left broken first, then the largest count."""
        options = []
        for cell, coefficient in self.rows.neighbours[row]:
            amount = -by / coefficient
            if cell in move or cell in avoid or not hidden[cell] or amount != int(amount):
                continue
            amount = max(
                amount, -float(self.truth[cell])
            )  # what one cell cannot take up, another will
            if amount:
                after = self._broken(broken, cell, int(amount))
                options.append(
                    (len(self._excess(after)), -int(self.truth[cell]), cell, int(amount), after)
                )
        return options
