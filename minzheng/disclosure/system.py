"""Linked tables as one linear system: counts are the columns, what everybody knows about them are the rows.

A table is a list of identities (county - township 1 - ... = 0), further knowledge a list of inequalities
(households - persons <= 0). Withheld counts are unknowns; published ones are constants. The system falls apart into
components that share no unknown, and each is attacked by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from minzheng.errors import MinzhengError

Relation = Mapping[str, int]
Relations = (
    Mapping[str, int] | Mapping[str, Sequence[str]] | Iterable[Relation | tuple[str, Sequence[str]]]
)


@dataclass(frozen=True)
class Rows:
    """Linear knowledge `low <= matrix @ x <= high` about the counts `names` (matrix: rows x names, integers)."""

    names: tuple[str, ...]
    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @cached_property
    def neighbours(self) -> list[list[tuple[int, int]]]:
        """For each row its columns and coefficients."""
        return [[(int(j), int(row[j])) for j in np.flatnonzero(row)] for row in self.matrix]

    @cached_property
    def rows_of(self) -> list[list[tuple[int, int]]]:
        """For each column its rows and coefficients."""
        return [
            [(int(i), int(column[i])) for i in np.flatnonzero(column)] for column in self.matrix.T
        ]

    def around(self, columns: Iterable[int]) -> set[int]:
        """The columns that share a row with one of these, themselves among them."""
        rows = {i for i, _ in chain.from_iterable(self.rows_of[j] for j in columns)}
        return {j for j, _ in chain.from_iterable(self.neighbours[i] for i in rows)}


def read_relations(relations: Relations) -> list[dict[str, int]]:
    """Relations in their one internal form: a list of name -> coefficient.

    Accepted: one mapping name -> coefficient; a list of such mappings; pairs (total, parts); a mapping total -> parts.
    Repeated names in a pair add up. `MinzhengError` for anything else and for a coefficient that is not a whole number.
    """
    if isinstance(relations, Mapping):
        numeric = all(isinstance(value, (int, float, np.number)) for value in relations.values())
        relations = ([relations] if relations else []) if numeric else list(relations.items())
    return [_read_relation(relation) for relation in relations]


def _read_relation(relation: object) -> dict[str, int]:
    if isinstance(relation, Mapping):
        pairs = list(relation.items())
    elif (
        isinstance(relation, (tuple, list))
        and len(relation) == 2
        and not isinstance(relation[1], str)
    ):
        pairs = [(relation[0], 1), *((part, -1) for part in relation[1])]
    else:
        raise MinzhengError(
            "an identity is a mapping of cell to coefficient whose sum is zero, or a pair (total, parts)",
            "恒等式应写成“单元格→系数”(合计为零),或(合计,分项)",
        )
    summed: dict[str, int] = {}
    for name, coefficient in pairs:
        if coefficient != int(coefficient):
            raise MinzhengError(
                "coefficients of identities are whole numbers", "恒等式的系数应为整数"
            )
        summed[name] = summed.get(name, 0) + int(coefficient)
    return {name: coefficient for name, coefficient in summed.items() if coefficient}


def read_counts(cells: Mapping[str, float | None]) -> dict[str, int | None]:
    """The cells as whole numbers from 0; None stays None. `MinzhengError` for anything else, without its value."""
    counts: dict[str, int | None] = {}
    for name, value in cells.items():
        if value is not None and (value != value or value < 0 or value != int(value)):
            raise MinzhengError(f"cell {name} is not a count", f"单元格{name}不是非负整数")
        counts[name] = None if value is None else int(value)
    return counts


def check_names(relations: Iterable[Relation], cells: Mapping[str, object]) -> None:
    """Every cell that a relation names is there; `MinzhengError` names the first that is not."""
    for relation in relations:
        for name in relation:
            if name not in cells:
                raise MinzhengError(
                    f"an identity names an unknown cell: {name}", f"恒等式中的单元格不存在:{name}"
                )


def components(
    unknown: Iterable[str],
    constants: Mapping[str, int],
    identities: Sequence[Relation],
    inequalities: Sequence[Relation] = (),
    remainders: Sequence[int] | None = None,
) -> list[Rows]:
    """The systems left for the `unknown` cells when `constants` are public, one per connected part, in order of name.

    `remainders[k]` is what identity k sums to where that is not zero (a person counted in two townships).
    `MinzhengError` when the public cells contradict an identity.
    """
    unknown = set(unknown)
    rows = [
        (relation, 0 if remainders is None else remainders[k], True)
        for k, relation in enumerate(identities)
    ]
    rows += [(relation, 0, False) for relation in inequalities]
    leader = {name: name for name in unknown}
    kept: list[tuple[dict[str, int], float, float]] = []
    for relation, total, exact in rows:
        free = {name: value for name, value in relation.items() if name in unknown}
        rest = total - sum(
            value * constants[name] for name, value in relation.items() if name not in unknown
        )
        if not free:
            if rest < 0 or (exact and rest):
                raise MinzhengError(
                    "the published cells contradict an identity", "已公布的单元格与恒等式矛盾"
                )
            continue
        kept.append((free, rest if exact else -np.inf, rest))
        names = iter(free)
        first = _leader(leader, next(names))
        for name in names:
            leader[_leader(leader, name)] = first
    return _assemble(unknown, leader, kept)


def lone_people(alone: Iterable[str], relations: Iterable[Relation]) -> list[frozenset[str]]:
    """The cells of one person each, grouped by person, in order of name.

    Where a total of one has a part of one (the one orphan of the county is the one of a township), both are the same
    person, who knows all of these cells and learns nothing new from them.
    """
    leader = {name: name for name in sorted(alone)}
    for relation in relations:
        for sign in (1, -1):
            single = [name for name, value in relation.items() if value * sign > 0]
            if len(single) == 1 and single[0] in leader:
                for name in relation:
                    if name in leader:
                        leader[_leader(leader, name)] = _leader(leader, single[0])
    people: dict[str, set[str]] = {}
    for name in leader:
        people.setdefault(_leader(leader, name), set()).add(name)
    return sorted(map(frozenset, people.values()), key=min)


def _leader(leader: dict[str, str], name: str) -> str:
    while leader[name] != name:
        leader[name] = leader[leader[name]]
        name = leader[name]
    return name


def _assemble(
    unknown: set[str], leader: dict[str, str], equations: list[tuple[dict[str, int], float, float]]
) -> list[Rows]:
    members: dict[str, list[str]] = {}
    for name in sorted(unknown):
        members.setdefault(_leader(leader, name), []).append(name)
    relations: dict[str, dict[tuple, None]] = {}
    for free, low, high in equations:
        row = (tuple(sorted(free.items())), low, high)
        relations.setdefault(_leader(leader, next(iter(free))), {})[row] = None
    parts = []
    for head, names in members.items():
        place = {name: j for j, name in enumerate(names)}
        own = list(relations.get(head, {}))
        matrix = np.zeros((len(own), len(names)))
        for i, (free, _, _) in enumerate(own):
            for name, value in free:
                matrix[i, place[name]] = value
        low = np.array([low for _, low, _ in own], dtype=float)
        high = np.array([high for _, _, high in own], dtype=float)
        parts.append(Rows(tuple(names), matrix, low, high))
    return sorted(parts, key=lambda part: part.names[0])
