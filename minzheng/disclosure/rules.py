"""The rules of disclosure control as data: profiles, and what everybody knows about how figures add up."""

from functools import cache
from typing import Literal

from pydantic import Field, field_validator

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.errors import WrongCall


class Profile(Strict):
    """Who receives the figures, and what they may see.

    Counts 1 to threshold - 1 are withheld. `rounding`: published counts go to the nearest multiple. `zeros`: whether
    a zero may be published. `uniform_groups`: whether a rate of 0 % or 100 % is published and reported, or withheld.
    """

    title: Bilingual
    threshold: int = Field(ge=2)
    rounding: int | None = None
    zeros: Literal["publish", "withhold"]
    uniform_groups: Literal["report", "withhold"]
    reason: Bilingual
    source: str


class Weights(Strict):
    """What a withheld cell costs by level; `total` multiplies for cells without a breakdown, `headline` for large ones."""

    county: float
    township: float
    village: float
    total: float
    headline: float


class SumRule(Strict):
    """A sum over indicators that is zero, or at most zero; `approximate`: only nearly, not used where far off.

    `unless`: a cell through which other sums tell the same; where a frame holds it, this one is not used.
    """

    sum: dict[str, int]
    at_most: bool = False
    approximate: bool = False
    unless: str | None = None


class Rules(Strict):
    """The whole of `contracts/disclosure.yaml`."""

    profiles: dict[str, Profile]
    weights: Weights
    partitions: list[Literal["sex", "age_group", "residence"]]
    categories: dict[str, list[list[str]]]
    sparse: list[str]
    public_denominators: list[str]
    amounts: list[str]
    uncounted: list[str]
    parts: list[str]
    sizes: dict[str, list[str]]
    follows: dict[str, str]
    follows_area: dict[str, str]
    medians: dict[str, str]
    relations: list[SumRule]

    @field_validator("relations")
    @classmethod
    def _readable(cls, relations: list[SumRule]) -> list[SumRule]:
        for relation in relations:
            for term in (*relation.sum, *([relation.unless] if relation.unless else [])):
                read_term(term)
        return relations


class Term(Strict):
    """One term of a sum: numerator (n), denominator (d) or rest (r) of one cell, this month or (`before`) last month."""

    indicator: str
    part: Literal["n", "d", "r"]
    dimension: str
    code: str
    before: bool


def read_term(text: str) -> Term:
    """Read `[before:]indicator[.d|.r][@dimension=code]`; no cell means the total."""
    before, text = text.startswith("before:"), text.removeprefix("before:")
    name, _, cell = text.partition("@")
    dimension, _, code = cell.partition("=")
    indicator, _, part = name.partition(".")
    return Term(
        indicator=indicator,
        part=part or "n",
        dimension=dimension or "_T",
        code=code or "_T",
        before=before,
    )


@cache
def rules() -> Rules:
    """The rules in force, read once."""
    return Rules.model_validate(read_yaml(CONTRACTS / "disclosure.yaml"))


def profile(name: str | Profile) -> Profile:
    """The profile of that name; `WrongCall` lists the names for an unknown one."""
    if isinstance(name, Profile):
        return name
    known = rules().profiles
    if name not in known:
        raise WrongCall(
            f"unknown disclosure profile {name}: {', '.join(known)}", f"没有这个披露方案:{name}"
        )
    return known[name]
