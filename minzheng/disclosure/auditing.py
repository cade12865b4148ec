"""The auditor: what someone who sees the published cells, and knows how they add up, learns about the withheld ones.

For each withheld cell the lowest and highest value it can take in any table of non-negative whole numbers that agrees
with everything public: two integer programs a cell, solved by HiGHS. Published method: Fischetti and Salazar,
"Solving the Cell Suppression Problem on Tabular Data with Linear Constraints", Management Science 47 (2001).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from minzheng.disclosure.system import (
    Relations,
    Rows,
    check_names,
    components,
    lone_people,
    read_counts,
    read_relations,
)
from minzheng.errors import MinzhengError


@dataclass(frozen=True)
class Feasible:
    """What can be said about one withheld cell: its lowest and highest value (`math.inf`: no upper limit).

    `exact`: both are equal, the cell is not withheld at all. `safe`: it cannot be small, or the interval is at least
    `threshold` wide, for an outsider and for each insider.
    """

    low: int
    high: float
    exact: bool
    safe: bool


class Audit(dict[str, Feasible]):
    """Name of withheld cell -> `Feasible`; `shown` are small counts (1 to threshold - 1) that were published."""

    shown: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Nothing small is published and every withheld cell is safe."""
        return not self.shown and all(cell.safe for cell in self.values())

    @property
    def unsafe(self) -> list[str]:
        """Names of the cells that fail, in order."""
        return sorted([*self.shown, *(name for name, cell in self.items() if not cell.safe)])


def is_safe(low: float, high: float, threshold: int) -> bool:
    """The rule for an interval: it holds no small count (1 to threshold - 1), or it is at least `threshold` wide."""
    return low >= threshold or high <= 0 or high - low >= threshold


def interval(rows: Rows, column: int) -> tuple[int, float]:
    """The lowest and highest whole number that cell `column` can take; `MinzhengError` where no table agrees."""
    objective = np.zeros(len(rows.names))
    objective[column] = 1
    low = _solve(rows, objective)
    high = math.inf if _unbounded(rows, column) else -_solve(rows, -objective)
    return round(low), high if math.isinf(high) else round(high)


def _solve(rows: Rows, objective: np.ndarray) -> float:
    from scipy.optimize import LinearConstraint, milp

    constraints = [LinearConstraint(rows.matrix, rows.low, rows.high)] if len(rows.matrix) else []
    options = {"mip_rel_gap": 0.0}
    solution = milp(
        objective, integrality=np.ones(len(objective)), constraints=constraints, options=options
    )
    if solution.status != 0:
        raise MinzhengError(
            "no table of whole numbers agrees with the published cells", "已公布的单元格互相矛盾"
        )
    return solution.fun


def _unbounded(rows: Rows, column: int) -> bool:
    """Whether the cell grows along some ray of the feasible set (whole numbers have the same rays)."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    if not len(rows.matrix):
        return True
    objective = np.zeros(len(rows.names))
    objective[column] = -1
    low = np.where(np.isfinite(rows.low), 0, -np.inf)
    solution = milp(
        objective, bounds=Bounds(0, 1), constraints=[LinearConstraint(rows.matrix, low, 0)]
    )
    return solution.fun < -1e-6


def seen_by(rows: Rows, person: frozenset[str]) -> Rows:
    """The system of someone who knows that they are the only one in these cells."""
    own = np.array([name in person for name in rows.names])
    known = rows.matrix[:, own].sum(axis=1)
    names = tuple(name for name in rows.names if name not in person)
    return Rows(names, rows.matrix[:, ~own], rows.low - known, rows.high - known)


def audit(
    cells: Mapping[str, float | None],
    identities: Relations,
    *,
    threshold: int,
    inequalities: Relations = (),
    insiders: Iterable[str] = (),
) -> Audit:
    """What an attacker learns about each withheld cell.

    `cells`: name -> published count, or None where withheld. `identities`: linear sums that are zero, as a list of
    name -> coefficient (`{"county": 1, "t1": -1, "t2": -1}`) or of pairs (total, parts). `inequalities`: sums that are
    at most zero, in the same form. Counts 1 to threshold - 1 are small. `insiders`: withheld cells of one person, who
    knows their own 1; each is tried as a further attacker, and lowers `safe`, never `low` and `high`.

    Returns an `Audit`, every interval exact over whole numbers. `MinzhengError` for cells that contradict each other.
    """
    counts, equal, at_most = (
        read_counts(cells),
        read_relations(identities),
        read_relations(inequalities),
    )
    check_names([*equal, *at_most], counts)
    public = {name: value for name, value in counts.items() if value is not None}
    unknown = [name for name, value in counts.items() if value is None]
    found: dict[str, Feasible] = {}
    people = lone_people(set(insiders) & set(unknown), [*equal, *at_most])
    for rows in components(unknown, public, equal, at_most):
        found |= _audit_component(
            rows, threshold, [person for person in people if person & set(rows.names)]
        )
    result = Audit({name: found[name] for name in unknown})
    result.shown = tuple(sorted(name for name, value in public.items() if 0 < value < threshold))
    return result


def _audit_component(
    rows: Rows, threshold: int, people: list[frozenset[str]]
) -> dict[str, Feasible]:
    intervals = {name: interval(rows, j) for j, name in enumerate(rows.names)}
    safe = {name: is_safe(low, high, threshold) for name, (low, high) in intervals.items()}
    for person in people:
        seen = seen_by(rows, person)
        for j, name in enumerate(seen.names):
            safe[name] = safe[name] and is_safe(*interval(seen, j), threshold)
    return {
        name: Feasible(low, high, low == high, safe[name])
        for name, (low, high) in intervals.items()
    }
