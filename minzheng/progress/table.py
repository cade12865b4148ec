"""The `progress` table: every row of a plan, for the county and its townships, judged by three methods side by side."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields, replace
from functools import cached_property
from itertools import product
from typing import get_args

import polars as pl

from minzheng.contracts.editions import CODE_LENGTH
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.plans import Baseline, Plan, PlanRow, Target, period_month
from minzheng.months import add_months
from minzheng.progress.cagr import Status, assess_progress
from minzheng.progress.path import (
    Gap,
    Goal,
    PathStatus,
    completion,
    goal_of,
    month_number,
    nearest_edge,
    path_status,
    path_value,
    remaining_gap,
)
from minzheng.progress.projection import Projection, project, projection_status
from minzheng.progress.stability import achieved_but_worsening, flip_risk, status_stable_since

_DTYPES = {float: pl.Float64, bool: pl.Boolean, int: pl.Int64, dt.date: pl.Date}


def schema_of(row: type) -> dict[str, pl.DataType]:
    """The columns of a frame whose rows are of that dataclass; words are text."""
    kinds = {field.name: get_args(field.type)[:1] or (field.type,) for field in fields(row)}
    return {name: _DTYPES.get(kind, pl.String) for name, (kind,) in kinds.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row of the progress table: a plan row (or task) in an area, as of a month. Null where nothing can be told."""

    indicator_id: str
    ref_area: str
    plan_id: str
    nature: str
    baseline_period: str | None = None
    baseline_value: float | None = None
    target_period: str | None = None
    target_value: float | None = None
    target_source: str | None = None
    target_verified: bool | None = None
    path_value: float | None = None
    obs_value: float | None = None
    completion: float | None = None
    status_path: str | None = None
    status_cagr: str | None = None
    status_projection: str | None = None
    projected_value: float | None = None
    projected_low: float | None = None
    projected_high: float | None = None
    flip_risk: float | None = None
    achieved_but_worsening: bool | None = None
    gap_value: float | None = None
    gap_per_month: float | None = None
    status_stable_since: str | None = None


PROGRESS_SCHEMA = schema_of(Verdict)
KEY = ("indicator_id", "ref_area", "plan_id")
CLASSES = (
    "status_path",
    "status_cagr",
    "status_projection",
    "achieved_but_worsening",
    "status_stable_since",
)
"""Columns that class a value, and may hang on what is open."""
NOTES_SCHEMA = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "gap_unit": pl.String,
    "note": pl.String,
}
Bases = Mapping[tuple[str, str], Baseline]
"""Indicator and area to the base that a plan takes over from the one it follows."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One month's total: the value, and the two parts of a rate."""

    value: float
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Classes:
    """What the three methods say of one value."""

    path: Status | None
    cagr: Status | None
    projection: Status | None


def progress_table(
    observations: pl.DataFrame,
    plan: Plan,
    month: str,
    bases: Bases | None = None,
    known_on: dt.date | None = None,
) -> pl.DataFrame:
    """The `progress` table as of a month: one row per plan row and area, columns of `PROGRESS_SCHEMA`.

    `observations` are those a release publishes (`time_period`; the warehouse's `month` is understood
    too); of them the totals of the county and its townships up to `month` count, and none after the
    plan's last: a plan that has ended is judged by its last month. A value that is missing, not
    applicable or suppressed counts as not observed. The county has a row for every plan row, a township
    for every indicator observed there. `completion` is a ratio. Without a target `status_cagr` holds the
    trend class of the published method and the other verdicts are null. `gap_value` is in the unit
    `progress_notes` names: people, beds or yuan where a rate can tell. `bases`: what the plan takes over
    from the one before where it states no base of its own. `known_on`: with the targets decided up to
    that day only. A class is told only where every value within the
    bounds of the month gives it: else it is null.
    """
    found = tracks(observations, plan, month, bases, known_on)
    return verdict_frame(track.verdict() for track in found)


def verdict_frame(verdicts: Iterable[Verdict]) -> pl.DataFrame:
    """Verdicts as the `progress` table, ordered by its key."""
    rows = [astuple(verdict) for verdict in verdicts]
    return pl.DataFrame(rows, schema=PROGRESS_SCHEMA, orient="row").sort(KEY)


def verdicts(progress: pl.DataFrame) -> list[Verdict]:
    """The rows of a `progress` table, in its order."""
    return [Verdict(**row) for row in progress.iter_rows(named=True)]


def progress_notes(
    observations: pl.DataFrame, plan: Plan, month: str, bases: Bases | None = None
) -> pl.DataFrame:
    """For every row of `progress_table` the unit of its gap and, in Chinese, where base and target come from."""
    rows = [
        (track.plan_row.indicator, track.area, track.gap.unit, track.note())
        for track in tracks(observations, plan, month, bases)
    ]
    return pl.DataFrame(rows, schema=NOTES_SCHEMA, orient="row").sort("indicator_id", "ref_area")


def tracks(
    observations: pl.DataFrame,
    plan: Plan,
    month: str,
    bases: Bases | None = None,
    known_on: dt.date | None = None,
) -> Iterator["Track"]:
    """Every plan row in every area that has it, up to a month."""
    month = plan.as_of(month)
    series = observed_totals(observations, plan, month)
    opened = open_ends(observations, plan, month)
    for key in _hollow(observations, plan, month):
        opened.setdefault(key, {})[month] = (None,)
    for row in plan.rows:
        areas = {area for indicator, area in series if indicator == row.indicator} | {plan.area}
        for area in sorted(areas):
            key = (row.indicator, area)
            base, ends = (bases or {}).get(key), opened.get(key, {})
            yield Track(plan, row, area, month, series.get(key, {}), base, known_on, ends)


def open_ends(
    observations: pl.DataFrame, plan: Plan, month: str
) -> dict[tuple[str, str], dict[str, tuple[float | None, ...]]]:
    """Where what is open could lead the values of each month; None stands for an end that nobody can tell."""
    kept = _totals(observations, plan, month)
    if "lower_bound" not in kept.columns:
        return {}
    moving = (pl.col("lower_bound") != pl.col("upper_bound")).fill_null(False)
    unknown = (pl.col("obs_status") == "U") & (
        pl.col("lower_bound").is_null() | pl.col("upper_bound").is_null()
    )
    kept = kept.filter(pl.col("obs_value").is_not_null(), moving | unknown)
    columns = ("indicator_id", "ref_area", "time_period", "lower_bound", "upper_bound")
    found: dict[tuple[str, str], dict[str, tuple[float | None, ...]]] = {}
    for indicator, area, period, *ends in kept.select(columns).iter_rows():
        found.setdefault((indicator, area), {})[period] = tuple(ends)
    return found


def _hollow(observations: pl.DataFrame, plan: Plan, month: str) -> list[tuple[str, str]]:
    """Zeros of the county beside townships none of which has reported: nothing can be said of them."""
    kept = _totals(observations, plan, month)
    if "obs_status" not in kept.columns:
        return {}
    here = kept.filter(pl.col("time_period") == month)
    county = pl.col("ref_area") == plan.area
    heard = (
        here.filter(~county)
        .group_by("indicator_id")
        .agg((pl.col("obs_status") != "M").any().alias("heard"))
    )
    zero = here.filter(county, pl.col("obs_value") == 0).join(
        heard.filter(~pl.col("heard")), on="indicator_id"
    )
    return [(code, plan.area) for code in zero["indicator_id"]]


def _totals(observations: pl.DataFrame, plan: Plan, month: str) -> pl.DataFrame:
    """The totals of county and townships that the plan asks for, from the month before it to `month`."""
    if "month" in observations.columns and "time_period" not in observations.columns:
        observations = observations.rename({"month": "time_period"})
    area = pl.col("ref_area")
    township = area.str.starts_with(plan.area) & (area.str.len_chars() == CODE_LENGTH["township"])
    return observations.filter(
        (area == plan.area) | township,
        pl.col("indicator_id").is_in([row.indicator for row in plan.rows]),
        pl.col("time_period").is_between(pl.lit(plan.base_month), pl.lit(month)),
        *[pl.col(name) == "_T" for name in DIMENSIONS if name in observations.columns],
    )


def observed_totals(
    observations: pl.DataFrame, plan: Plan, month: str
) -> dict[tuple[str, str], dict[str, Observed]]:
    """By indicator and area the totals of county and townships, from the month before the plan to `month`."""
    kept = _totals(observations, plan, month)
    found: dict[tuple[str, str], dict[str, Observed]] = {}
    columns = ("indicator_id", "ref_area", "time_period", "obs_value", "numerator", "denominator")
    for indicator, place, period, value, *parts in (
        kept.select(columns).sort("time_period").iter_rows()
    ):
        months = found.setdefault((indicator, place), {})
        if value is not None:
            months[period] = Observed(value, *parts)
    return found


@dataclass(frozen=True)
class Track:
    """One plan row in one area, up to a month: what was observed, what is due, how a value is judged."""

    plan: Plan
    plan_row: PlanRow
    area: str
    month: str
    observed: dict[str, Observed]
    inherited: Baseline | None = None
    known_on: dt.date | None = None
    opened: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)

    @property
    def ends(self) -> tuple[float | None, ...]:
        """Where what is open could lead the month's value; None is an end that nobody can tell."""
        return self.opened.get(self.month, ())

    @cached_property
    def comparable(self) -> dict[str, Observed]:
        """What compares: all months, or the same month of each year for what restarts in January or has a season."""
        if not self.plan_row.within_year:
            return self.observed
        same = self.month[5:]
        return {period: one for period, one in self.observed.items() if period[5:] == same}

    @property
    def sign(self) -> int | None:
        """1: higher is better, -1: lower is better."""
        return self.plan_row.sign

    def target_in(self, month: str) -> Target | None:
        """The target that counts in a month; None where it says nothing about the area."""
        line = self.plan_row.target_in(month, self.known_on)
        return line if line and line.value_for(self.area, self.plan.area) is not None else None

    @cached_property
    def target(self) -> Target | None:
        """The target that counts now."""
        return self.target_in(self.month)

    @cached_property
    def target_value(self) -> float | None:
        """What is due in the area at the target's date."""
        return self._due_at_end(self.target)

    def _due_at_end(self, target: Target | None) -> float | None:
        return target.value_for(self.area, self.plan.area) if target else None

    @cached_property
    def baseline(self) -> tuple[str | None, float | None]:
        """Period and value: the county's sourced one, else the one taken over, else the first comparable month's."""
        given = self.given_base
        if given:
            return given.period, given.value
        first = next(iter(self.comparable), None)
        return first, self.comparable[first].value if first else None

    @property
    def given_base(self) -> Baseline | None:
        """The base that somebody states: the plan for the county, else the evaluation of the plan before."""
        stated = self.plan_row.baseline if self.area == self.plan.area else None
        return stated or self.inherited

    @cached_property
    def current(self) -> Observed | None:
        """The month's own total."""
        return self.observed.get(self.month)

    @property
    def value(self) -> float | None:
        """The month's value."""
        return self.current.value if self.current else None

    @cached_property
    def goal(self) -> Goal | None:
        """As what the target is judged."""
        upper = self.target.upper if self.target else None
        return goal_of(self.baseline[1], self.target_value, self.sign, upper)

    def edge(self, value: float | None, target: Target | None = None) -> tuple[float | None, int]:
        """What a value is judged by, the target or an edge of the band, and which way is better there."""
        target = target or self.target
        if target is None:
            return None, self.sign or 1
        return nearest_edge(value, self._due_at_end(target), target.upper, self.sign)

    def due(self, month: str, value: float | None = None) -> float | None:
        """What the target that counts in a month expects in it: on the way there, or what is to be kept."""
        target, (period, base) = self.target_in(month), self.baseline
        if target is None or period is None or self.sign is None:
            return None
        edge, direction = self.edge(value, target)
        if direction * (base - edge) >= 0:
            return edge
        stones = target.stones_for(self.area, self.plan.area)
        steps = [(stone.month, stone.value) for stone in stones]
        return path_value(month, period_month(period), base, target.month, edge, steps)

    def path(self, month: str, value: float | None) -> PathStatus:
        """The class by the linear path, as of a month; at the base month itself only a met target is a verdict."""
        period, base = self.baseline
        started = period is not None and month > period_month(period)
        edge, direction = self.edge(value, self.target_in(month))
        due = self.due(month, value)
        return path_status(base if started else None, value, due, edge, direction)

    def growth(self, month: str, value: float | None) -> Status | None:
        """The class by the published growth method, as of a month; years are months over 12."""
        period, base = self.baseline
        if period is None:
            return None
        target = self.target_in(month)
        edge, direction = self.edge(value, target)
        return assess_progress(
            base,
            month_number(period_month(period)) / 12,
            value,
            month_number(month) / 12,
            target=edge,
            target_year=month_number(target.month) / 12 if target else None,
            direction=direction,
            limit=self.plan_row.natural_limit,
        ).status

    def headline(self, month: str, value: float | None) -> Status | None:
        """The class whose stability is told: by the path with a target, by the trend without."""
        by_trend = self.target_in(month) is None
        return self.growth(month, value) if by_trend else self.path(month, value).status

    def classes(self, value: float | None) -> Classes:
        """What the three methods would say of a value of this month; so both ends of its bounds can be judged."""
        if self.sign is None:
            return Classes(None, None, None)
        edge, direction = self.edge(value)
        expected = self.projection.value if self.projection else None
        heading = projection_status(self.baseline[1], value, expected, edge, direction)
        return Classes(self.path(self.month, value).status, self.growth(self.month, value), heading)

    @cached_property
    def projection(self) -> Projection | None:
        """Where the series is heading at the target's date."""
        if self.target is None or self.value is None:
            return None
        times = [month_number(period) for period in self.comparable]
        values = [one.value for one in self.comparable.values()]
        limit = self.plan_row.limit
        highest = limit if limit and self.sign == 1 else None
        return project(times, values, month_number(self.target.month), lowest=0.0, highest=highest)

    @cached_property
    def gap(self) -> Gap:
        """What remains to the target, in people, beds or yuan where a rate can tell."""
        now = self.current
        left = month_number(self.target.month) - month_number(self.month) if self.target else 0
        edge, direction = self.edge(self.value)
        return remaining_gap(
            self.value,
            edge,
            direction,
            unit=self.plan_row.unit,
            months_left=left,
            numerator=now.numerator if now else None,
            denominator=now.denominator if now else None,
            gap_unit=self.plan_row.gap_unit,
        )

    def _agreed(self) -> dict[str, float | str | bool | None]:
        """`_judged` with each class only where it is the same however what is open is decided."""
        told = self._judged()
        worlds = [*self._worlds()]
        if None in self.ends or any(one.goal != self.goal for one in worlds):
            return told | dict.fromkeys(
                CLASSES
            )  # of a base that is open nobody knows if it was a floor
        others = [one._classed() for one in worlds]
        hanging = {
            name for name in CLASSES if any(other.get(name) != told[name] for other in others)
        }
        return told | dict.fromkeys(hanging)

    def _worlds(self) -> Iterator["Track"]:
        """The track with every open value at an end of its bounds, those of its first half (the base) and the later ones apart.

        What is judged rises with the later values and falls with the earlier ones, or the other way round: the base, growth,
        the slope of a projection. An earlier value of which nobody can tell an end is left out.
        """
        early = sorted(self.observed)[: len(self.observed) // 2]
        for late_end, early_end in product((0, -1), repeat=2) if self.opened else ():
            ends = dict.fromkeys(self.observed, late_end) | dict.fromkeys(early, early_end)
            seen = {
                period: replace(one, value=self.opened[period][ends[period]])
                if period in self.opened
                else one
                for period, one in self.observed.items()
            }
            known = {period: one for period, one in seen.items() if one.value is not None}
            yield replace(self, observed=known, opened={})

    def verdict(self) -> Verdict:
        """The row of the progress table."""
        target, (period, base) = self.target, self.baseline
        facts = {
            "indicator_id": self.plan_row.indicator,
            "ref_area": self.area,
            "plan_id": self.plan.plan,
            "nature": self.plan_row.nature,
            "baseline_period": period,
            "baseline_value": base,
            "target_period": target.period if target else None,
            "target_value": self.target_value,
            "target_source": cited(self.plan_row, target) if target else None,
            "target_verified": target.verified if target else None,
            "obs_value": self.value,
        }
        return Verdict(**facts) if self.sign is None else Verdict(**facts, **self._agreed())

    def _judged(self) -> dict[str, float | str | bool | None]:
        """What a row with a direction says beside its facts."""
        heading, (edge, direction) = self.projection, self.edge(self.value)
        return self._classed() | {
            "path_value": self.due(self.month, self.value),
            "completion": completion(self.value, edge, direction),
            "projected_value": heading.value if heading else None,
            "projected_low": heading.low if heading else None,
            "projected_high": heading.high if heading else None,
            "flip_risk": self._flip_risk() if self.value is not None else None,
            "gap_value": self.gap.value,
            "gap_per_month": self.gap.per_month,
        }

    def _classed(self) -> dict[str, str | bool | None]:
        """The `CLASSES` of the month's value."""
        base, classes, (edge, direction) = (
            self.baseline[1],
            self.classes(self.value),
            self.edge(self.value),
        )
        return {
            "status_path": classes.path,
            "status_cagr": classes.cagr,
            "status_projection": classes.projection,
            "achieved_but_worsening": achieved_but_worsening(base, self.value, edge, direction),
            "status_stable_since": self._stable_since() if self.value is not None else None,
        }

    def _stable_since(self) -> str | None:
        newest_first = reversed(self.comparable.items())
        return status_stable_since(
            (period, self.headline(period, one.value)) for period, one in newest_first
        )

    def _flip_risk(self) -> float | None:
        following = add_months(self.month, 1)
        if self.plan_row.within_year or self.headline(self.month, self.value) is None:
            return None
        values = [one.value for one in self.comparable.values()]
        return flip_risk(values, lambda value: self.headline(following, value))

    def note(self) -> str:
        """Where base and target come from, in Chinese."""
        return ";".join([self._base_note(), *self._target_notes()])

    def _base_note(self) -> str:
        given = self.given_base
        if given:
            return f"基期依据:{given.source}" + ("" if given.verified else "(未核实)")
        if self.baseline[0]:
            return f"无来源可查的基期,以首次观测值({self.baseline[0]})为起点"
        return "尚无观测值"

    def _target_notes(self) -> list[str]:
        target = self.target
        if not self.plan_row.targets:
            return ["无来源可查的目标值,只判断趋势" if self.sign else "无目标值,仅作监测"]
        if target is None:
            return ["目标值只对全县,本乡镇只判断趋势"]
        notes = [] if target.verified else ["目标值出处未核实"]
        earlier = self.plan_row.targets[: self.plan_row.targets.index(target)]
        if earlier:
            was, unit = earlier[-1].value, self.plan_row.unit
            notes.append(
                f"目标自{target.valid_from}起由{was:g}{unit}调整为{target.value:g}{unit}({target.decided.zh})"
            )
        if target.unallocated:
            notes.append(f"乡镇分解合计比全县目标少{target.unallocated:g}{self.plan_row.unit}")
        return notes


def cited(row: PlanRow, target: Target) -> str:
    """The source of a target; of an amendment also who decided it, when, and since when it counts."""
    if target is row.targets[0]:
        return target.source
    return f"{target.source}({target.decided.zh};{target.valid_from}起)"
