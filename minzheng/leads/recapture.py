"""How many there are in all, estimated from two ways of finding them (capture-recapture).

Chapman (1951): N = (n1+1)(n2+1)/(m+1) - 1 for n1 and n2 found and m found by both; variance (n1+1)(n2+1)(n1-m)(n2-m) /
((m+1)^2 (m+2)), Seber (1970). Interval of 95 % on the logarithm of those not found, f = N - found: found + f/c to found + f c
with c = exp(1.96 sqrt(ln(1 + var/f^2))), Chao (1987), so that it never falls below what was found. With m under 7 the
estimate is biased (Robson and Regier 1964) and none is given. It assumes that the two ways find independently and that
nobody comes or goes between; `contracts/recapture.yaml` says for which pairs that can be claimed.
"""

import math
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from typing import Literal

import duckdb

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS

SMALLEST_OVERLAP = 7
NORMAL_95 = 1.959964


class Pair(Strict):
    """Two ways of finding the same kind of person, and whether an estimate from them means anything."""

    first: str
    second: str
    applies: bool
    bound: bool
    why: str


@cache
def pairs() -> tuple[Pair, ...]:
    """The pairs of `contracts/recapture.yaml`."""
    content = read_yaml(CONTRACTS / "recapture.yaml")
    return tuple(Pair.model_validate(entry) for entry in content)


@dataclass(frozen=True)
class Recapture:
    """What two ways found, and Chapman's estimate of all there are with its standard error."""

    first: int
    second: int
    both: int
    estimate: float
    standard_error: float

    @property
    def observed(self) -> int:
        """How many the two ways found together."""
        return self.first + self.second - self.both

    @property
    def recall(self) -> float:
        """Share found, of the estimate."""
        return self.observed / self.estimate if self.estimate else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of 95 % around the estimate; a point when nobody is missing."""
        missing = self.estimate - self.observed
        if missing <= 0 or not self.standard_error:
            return self.estimate, self.estimate
        factor = math.exp(NORMAL_95 * math.sqrt(math.log1p((self.standard_error / missing) ** 2)))
        return self.observed + missing / factor, self.observed + missing * factor


def chapman(first: int, second: int, both: int) -> Recapture:
    """Chapman's estimate from counts; ValueError for counts that cannot be."""
    if min(first, second, both) < 0 or both > min(first, second):
        raise ValueError("both cannot be more than either, none can be negative")
    estimate = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both)
    return Recapture(
        first, second, both, estimate, math.sqrt(spread / ((both + 1) ** 2 * (both + 2)))
    )


def judge(
    pair: Pair, first: Set[str], second: Set[str]
) -> Recapture | Literal["不独立", "重合太少"]:
    """The estimate for a pair from the persons each way found, or why there is none."""
    if not pair.applies:
        return "不独立"
    result = chapman(len(first), len(second), len(first & second))
    return result if result.both >= SMALLEST_OVERLAP else "重合太少"


def recaptures(
    connection: duckdb.DuckDBPyConnection, month: str
) -> list[tuple[Pair, Recapture | str]]:
    """Every pair with its estimate, or why there is none.

    A rule found the persons of its leads in the twelve months up to `month`; a source of the death lists those whose death
    in these months it told.
    """
    rows = connection.execute(
        """
        select rule_id as way, person_key from lead.lead
        where month <= $month and month > strftime(cast($month || '-01' as date) - to_months(12), '%Y-%m')
        union
        select list_source, person_key from register.death_list
        where month <= $month and strftime(died_on, '%Y-%m') <= $month
            and strftime(died_on, '%Y-%m') > strftime(cast($month || '-01' as date) - to_months(12), '%Y-%m')
        """,
        {"month": month},
    ).fetchall()
    found: dict[str, set[str]] = {}
    for way, person in rows:
        found.setdefault(way, set()).add(person)
    return [
        (pair, judge(pair, found.get(pair.first, set()), found.get(pair.second, set())))
        for pair in pairs()
    ]
