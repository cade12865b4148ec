"""What unresolved findings and open leads could change in who is counted (`contracts/unresolved.yaml`).

The effects become small tables that `sql/indicator/` joins; the bounds of an observation come from there.
"""

from functools import cache
from itertools import chain, product

from pydantic import model_validator

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import CONTRACTS


class Counted(Strict):
    """The indicators that count from a list, by part, and those that would change by an amount nobody can tell."""

    numerator: list[str] = []
    denominator: list[str] = []
    amounts: list[str] = []


class Effect(Strict):
    """What a finding of a rule does once it is confirmed, and why."""

    strikes: list[str] = []
    enters: list[str] = []
    unsettles: list[str] = []
    one_stays: bool = False
    reason: str


class Unresolved(Strict):
    """The whole of `contracts/unresolved.yaml`."""

    lists: dict[str, Counted]
    effects: dict[str, Effect]
    nothing: dict[str, str]

    @model_validator(mode="after")
    def _known(self) -> "Unresolved":
        named = chain.from_iterable([*one.strikes, *one.enters] for one in self.effects.values())
        if unknown := set(named) - set(self.lists):
            raise ValueError(f"unknown list {sorted(unknown)}")
        parts = [(*one.numerator, *one.denominator, *one.amounts) for one in self.lists.values()]
        told = chain(*parts, *(one.unsettles for one in self.effects.values()))
        if unknown := set(told) - set(registry()):
            raise ValueError(f"unknown indicator {sorted(unknown)}")
        if twice := set(self.effects) & set(self.nothing):
            raise ValueError(f"told twice {sorted(twice)}")
        return self


@cache
def unresolved() -> Unresolved:
    """The effects of all findings; a file with an unknown key, list or indicator does not load."""
    return Unresolved.model_validate(read_yaml(CONTRACTS / "unresolved.yaml"))


def effect_rows() -> list[tuple[str, str, str, bool]]:
    """Rule, effect (strikes, enters, unsettles), list or indicator, whether one row of the person stays."""
    rows = []
    kinds = ("strikes", "enters", "unsettles")
    for (rule, one), kind in product(unresolved().effects.items(), kinds):
        rows += [(rule, kind, name, one.one_stays) for name in getattr(one, kind)]
    return rows


def list_rows() -> list[tuple[str, str, str, bool]]:
    """List, part (numerator, denominator, amounts), indicator, whether both parts of the indicator count from the list."""
    rows = []
    parts = ("numerator", "denominator", "amounts")
    for (name, one), part in product(unresolved().lists.items(), parts):
        both = set(one.numerator).intersection(one.denominator)
        rows += [(name, part, code, code in both) for code in getattr(one, part)]
    return rows
