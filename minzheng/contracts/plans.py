"""Plans as data: one YAML file a plan under `contracts/plans/`, checked by a schema that refuses unknown keys.

A plan row names an indicator, how binding it is, which way is better, where it started and where it should be when.
A number appears only with its source; a row whose target nobody states has none and gets a trend class at most.
"""

import re
from functools import cache
from typing import Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from minzheng.contracts.datasets import Bilingual, Strict
from minzheng.contracts.paths import CONTRACTS
from minzheng.errors import MinzhengError

Nature = Literal["binding_national", "expected_national", "county_direction", "monitor"]
Direction = Literal["up", "down", "meet", "band", "neutral"]
Measure = Literal["stock", "flow", "ytd", "rate", "standard", "flag"]
ADDS_UP = ("stock", "flow", "ytd")
NATURE_ZH = {
    "binding_national": "约束性",
    "expected_national": "预期性",
    "county_direction": "县级方向(无数值)",
    "monitor": "监测",
}


def period_month(period: str) -> str:
    """The month a period ends in: a year ends in its December."""
    return f"{period}-12" if len(period) == 4 else period


class Dated(Strict):
    """A value at the end of a year (`2025`) or month (`2025-06`)."""

    period: str
    value: float

    @field_validator("period")
    @classmethod
    def _is_period(cls, period: str) -> str:
        if not re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2]))?", period):
            raise ValueError(f"not a year or month: {period!r}")
        return period


class Baseline(Dated):
    """Where a row started, with its source."""

    source: str
    verified: bool


class Target(Dated):
    """Where a row should be. `each_township`: the same is due in every township; `townships`: shares that add up."""

    source: str
    verified: bool
    each_township: bool = False
    townships: dict[str, float] = {}


class PlanRow(Strict):
    """One indicator of a plan; `gap_unit` is what is missing when a rate falls short (人, 张, 个)."""

    indicator: str
    nature: Nature
    direction: Direction
    measure: Measure
    unit: str
    gap_unit: str | None = None
    limit: float | None = None
    baseline: Baseline | None = None
    target: Target | None = None
    milestones: list[Dated] = []
    owner: str | None = None
    note: str | None = None

    @property
    def sign(self) -> int | None:
        """1: higher is better, -1: lower is better, None: neither. A band counts from its lower edge, the target."""
        return {"up": 1, "meet": 1, "down": -1, "band": 1 if self.target else None}.get(
            self.direction
        )

    @property
    def within_year(self) -> bool:
        """Whether only the same month of other years compares: counts that restart in January, flows with a season."""
        return self.measure in ("ytd", "flow")

    def target_value(self, area: str, county: str) -> float | None:
        """What is due in an area; None where the plan says nothing about it."""
        if self.target is None:
            return None
        if area == county or self.target.each_township:
            return self.target.value
        return self.target.townships.get(area)

    @model_validator(mode="after")
    def _holds_together(self) -> "PlanRow":
        if self.target is None:
            if self.milestones:
                raise ValueError(f"{self.indicator}: milestones without a target")
            return self
        if self.direction == "neutral":
            raise ValueError(f"{self.indicator}: a target needs a direction")
        self._check_milestones()
        self._check_townships()
        return self

    def _check_milestones(self) -> None:
        months = [period_month(stone.period) for stone in self.milestones]
        if months != sorted(set(months)) or any(
            month >= period_month(self.target.period) for month in months
        ):
            raise ValueError(f"{self.indicator}: milestones are not in order before the target")

    def _check_townships(self) -> None:
        shares = self.target.townships
        if not shares:
            return
        if self.target.each_township or self.measure not in ADDS_UP:
            raise ValueError(f"{self.indicator}: only counts and sums are shared out to townships")
        total, county = sum(shares.values()), self.target.value
        if abs(total - county) > 1e-9 * max(1.0, abs(county)):
            raise ValueError(
                f"{self.indicator}: townships add up to {total:g}, not to the county's {county:g}"
            )


class Plan(Strict):
    """A plan: its period `first`..`last` (months), the county it is for, its rows."""

    plan: str
    title: Bilingual
    first: str
    last: str
    area: str
    owner: str
    sources: list[str] = []
    rows: list[PlanRow] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> "Plan":
        names = [row.indicator for row in self.rows]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"rows appear twice: {', '.join(doubled)}")
        for row in self.rows:
            if row.target and not self.first <= period_month(row.target.period) <= self.last:
                raise ValueError(
                    f"{row.indicator}: target of {row.target.period} outside {self.first}..{self.last}"
                )
            if row.target and any(
                not (code.startswith(self.area) and len(code) == 9) for code in row.target.townships
            ):
                raise ValueError(f"{row.indicator}: a township outside {self.area}")
        return self

    def row(self, indicator: str) -> PlanRow | None:
        """The row of an indicator, or None."""
        return next((row for row in self.rows if row.indicator == indicator), None)


def read_plan(text: str, name: str = "plan") -> Plan:
    """A plan from YAML text; `MinzhengError` names what is wrong with it."""
    try:
        return Plan.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        fault = f"{'.'.join(map(str, first['loc'])) or 'plan'}: {first['msg']}"
    except yaml.YAMLError as error:
        fault = str(error).split("\n")[0]
    raise MinzhengError(f"{name}: {fault}", f"规划文件 {name} 有误:{fault}")


@cache
def plan(plan_id: str) -> Plan:
    """The plan of that id, for example 145; `MinzhengError` when there is none."""
    path = CONTRACTS / "plans" / f"{plan_id}.yaml"
    if not path.is_file():
        raise MinzhengError(f"no plan {plan_id}: {path.name} is not there", f"没有规划 {plan_id}")
    return read_plan(path.read_text(encoding="utf-8"), path.name)


@cache
def plan_ids() -> tuple[str, ...]:
    """All plan ids, in order."""
    return tuple(sorted(path.stem for path in (CONTRACTS / "plans").glob("*.yaml")))


def plan_for(month: str) -> Plan | None:
    """The plan whose period holds the month, None where there is none."""
    return next(
        (found for found in map(plan, plan_ids()) if found.first <= month <= found.last), None
    )
