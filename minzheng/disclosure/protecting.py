"""Which further cells to withhold, so that no small count can be told from what is published."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from minzheng.disclosure.auditing import Feasible, interval, is_safe, seen_by
from minzheng.disclosure.defending import Defence
from minzheng.disclosure.system import (
    Relation,
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
class Protection:
    """What to withhold. Iterating, `in` and `len` go over `further`, the cells beyond the small ones.

    `primary`: withheld because small, or because they were withheld before. `loss`: total cost of `further`. `optimal`: no
    cheaper pattern is safe. `shown`: small cells that are public already.
    """

    primary: frozenset[str]
    further: frozenset[str]
    loss: float
    optimal: bool
    shown: frozenset[str]
    defences: tuple[Defence, ...] = field(repr=False)

    @cached_property
    def proof(self) -> dict[str, Feasible]:
        """What an attacker learns of each withheld cell: two integer programs a cell, solved when asked for."""
        proof = {}
        for defence in self.defences:
            proof |= prove(defence)
        return proof

    @property
    def unprotected(self) -> frozenset[str]:
        """Small cells that are public already, or whose interval stays too narrow because of what is known."""
        return self.shown | {name for name, cell in self.proof.items() if not cell.safe}

    @property
    def withheld(self) -> frozenset[str]:
        """Every cell that must not be published."""
        return self.primary | self.further

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.further))

    def __contains__(self, name: object) -> bool:
        return name in self.further

    def __len__(self) -> int:
        return len(self.further)


def protect(
    cells: Mapping[str, float | None],
    identities: Relations,
    *,
    threshold: int,
    known: Mapping[str, float] | Collection[str] | None = None,
    inequalities: Relations = (),
    withheld: Collection[str] = (),
    costs: Mapping[str, float] | None = None,
) -> Protection:
    """Complementary suppression: the least further loss after which no attacker gets close to a small count.

    `cells`: name -> count; None: never published, nobody knows it. `identities`, `inequalities`: as for `audit`.
    Counts 1 to threshold - 1 are small and are withheld. `known`: cells (or name -> count) that are public already and
    cannot be withheld. `withheld`: cells not published whatever their size. `costs`: loss per cell withheld; without
    it one per cell, and among patterns with as many cells the smaller total count, then the name, decides.

    Every withheld cell that could be small gets an interval at least `threshold` wide over tables of non-negative whole
    numbers, and every small one also against the only person of any other cell, who knows that cell. Returns a
    `Protection`; the same input gives the same result. `MinzhengError` when the cells contradict the identities.
    """
    counts, equal, at_most = (
        read_counts(cells),
        read_relations(identities),
        read_relations(inequalities),
    )
    check_names([*equal, *at_most], counts)
    check_names([dict.fromkeys(withheld, 1)], counts)
    public = _public(counts, known)
    _check_sums(counts, equal, at_most)
    truth = _complete(counts, public, equal, at_most)
    small = {name for name, value in counts.items() if value is not None and 0 < value < threshold}
    primary = (
        small | set(withheld) | {name for name, value in counts.items() if value is None}
    ) - set(public)
    prices = _costs(truth, costs)
    people = lone_people([name for name in primary if truth[name] == 1], [*equal, *at_most])
    further, defences = set(), []
    for rows in components([name for name in counts if name not in public], public, equal, at_most):
        if primary.isdisjoint(rows.names):
            continue
        defence = defend(rows, truth, primary, prices, threshold, people)
        defences.append(defence)
        further |= {
            name for name, hidden in zip(rows.names, defence.hidden, strict=True) if hidden
        } - primary
    loss = sum(prices[name] for name in further) if costs else float(len(further))
    optimal, shown = all(defence.optimal for defence in defences), frozenset(small & set(public))
    return Protection(frozenset(primary), frozenset(further), loss, optimal, shown, tuple(defences))


def _public(
    counts: dict[str, int | None], known: Mapping[str, float] | Collection[str] | None
) -> dict[str, int]:
    if known is None:
        return {}
    values = known if isinstance(known, Mapping) else {name: counts.get(name) for name in known}
    check_names([dict.fromkeys(values, 1)], counts)
    public = read_counts(values)
    if any(value is None for value in public.values()):
        raise MinzhengError("a cell that is known has no count", "已公布的单元格缺少数值")
    return public


def _check_sums(
    counts: dict[str, int | None], equal: list[Relation], at_most: list[Relation]
) -> None:
    for relations, holds in (
        (equal, lambda total: total == 0),
        (at_most, lambda total: total <= 0),
    ):
        for relation in relations:
            values = [(counts[name], coefficient) for name, coefficient in relation.items()]
            if all(value is not None for value, _ in values) and not holds(
                sum(v * c for v, c in values)
            ):
                raise MinzhengError(
                    "the cells do not add up as the identities say", "单元格与恒等式不符"
                )


def _complete(
    counts: dict[str, int | None],
    public: dict[str, int],
    equal: list[Relation],
    at_most: list[Relation],
) -> dict[str, int]:
    """The counts, with any table that agrees put in for those nobody knows."""
    truth = {name: value for name, value in counts.items() if value is not None} | public
    missing = [name for name in counts if name not in truth]
    for rows in components(missing, truth, equal, at_most):
        truth |= dict(zip(rows.names, _any_table(rows), strict=True))
    return truth


def _any_table(rows: Rows) -> list[int]:
    from scipy.optimize import LinearConstraint, milp

    constraints = [LinearConstraint(rows.matrix, rows.low, rows.high)] if len(rows.matrix) else []
    solution = milp(
        np.ones(len(rows.names)), integrality=np.ones(len(rows.names)), constraints=constraints
    )
    if solution.status != 0:
        raise MinzhengError("no table of whole numbers agrees with the cells", "单元格互相矛盾")
    return [round(value) for value in solution.x]


def _costs(truth: dict[str, int], costs: Mapping[str, float] | None) -> dict[str, float]:
    whole = 1 + sum(truth.values())
    order = {name: rank for rank, name in enumerate(sorted(truth), start=1)}
    tie = 1e-3 / (len(order) + 1) ** 2
    return {
        name: (1 + 0.9 * value / whole if costs is None else float(costs.get(name, 1)))
        + tie * order[name]
        for name, value in truth.items()
    }


def defend(
    rows: Rows,
    truth: Mapping[str, int],
    primary: Collection[str],
    costs: Mapping[str, float],
    threshold: int,
    people: Collection[frozenset[str]],
) -> Defence:
    """Solve one component."""
    values = np.array([truth[name] for name in rows.names], dtype=np.int64)
    must = np.array([name in primary for name in rows.names])
    lone = [[i for i, name in enumerate(rows.names) if name in person] for person in people]
    price = np.array([costs[name] for name in rows.names])
    return Defence(rows, values, must, price, threshold, list(filter(None, lone))).solve()


def prove(defence: Defence) -> dict[str, Feasible]:
    """The exact interval of every withheld cell of a solved component, and whether it is safe from everyone."""
    system = defence.system(defence.hidden)
    intervals = {name: interval(system, j) for j, name in enumerate(system.names)}
    safe = {name: is_safe(low, high, defence.threshold) for name, (low, high) in intervals.items()}
    small = {defence.rows.names[i] for i in np.flatnonzero(defence.small)}
    for person in defence.people:
        seen = seen_by(system, frozenset(defence.rows.names[i] for i in person))
        for j, name in enumerate(seen.names):
            if name in small and safe[name]:
                safe[name] = is_safe(*interval(seen, j), defence.threshold)
    return {
        name: Feasible(low, high, low == high, safe[name])
        for name, (low, high) in intervals.items()
    }
