"""What unresolved findings and open leads could change in who is counted (`contracts/unresolved.yaml`).

The effects become small tables that `sql/indicator/` joins; the bounds of an observation come from there.
"""

from functools import cache
from itertools import chain

from pydantic import model_validator

from minzheng.contracts import CONTRACTS, Strict, read_yaml
from minzheng.registry import registry


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
    return [
        (rule, kind, name, one.one_stays)
        for rule, one in unresolved().effects.items()
        for kind in ("strikes", "enters", "unsettles")
        for name in getattr(one, kind)
    ]


def list_rows() -> list[tuple[str, str, str, bool]]:
    """List, part (numerator, denominator, amounts), indicator, whether both parts of the indicator count from the list."""
    return [
        (name, part, code, code in one.numerator and code in one.denominator)
        for name, one in unresolved().lists.items()
        for part in ("numerator", "denominator", "amounts")
        for code in getattr(one, part)
    ]
