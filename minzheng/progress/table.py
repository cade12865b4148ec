"""The `progress` table: every row of a plan, for the county and its townships, judged by three methods side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from minzheng.contracts.plans import Plan, PlanRow, period_month
from minzheng.months import add_months
from minzheng.progress.cagr import Status, assess_progress
from minzheng.progress.path import (
    PathStatus,
    completion,
    month_number,
    path_status,
    path_value,
    remaining_gap,
)
from minzheng.progress.projection import Projection, project, projection_status
from minzheng.progress.stability import achieved_but_worsening, flip_risk, status_stable_since

PROGRESS_SCHEMA = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "plan_id": pl.String,
    "nature": pl.String,
    "baseline_period": pl.String,
    "baseline_value": pl.Float64,
    "target_period": pl.String,
    "target_value": pl.Float64,
    "target_source": pl.String,
    "target_verified": pl.Boolean,
    "path_value": pl.Float64,
    "obs_value": pl.Float64,
    "completion": pl.Float64,
    "status_path": pl.String,
    "status_cagr": pl.String,
    "status_projection": pl.String,
    "projected_value": pl.Float64,
    "projected_low": pl.Float64,
    "projected_high": pl.Float64,
    "flip_risk": pl.Float64,
    "achieved_but_worsening": pl.Boolean,
    "gap_value": pl.Float64,
    "gap_per_month": pl.Float64,
    "status_stable_since": pl.String,
}
NOTES_SCHEMA = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "gap_unit": pl.String,
    "note": pl.String,
}
TOTALS = ("residence", "sex", "age_group", "category")
Cell = tuple[float, float | None, float | None]  # value, numerator, denominator


def progress_table(observations: pl.DataFrame, plan: Plan, month: str) -> pl.DataFrame:
    """The `progress` table as of a month: one row per plan row and area, columns of `PROGRESS_SCHEMA`.

    `observations` are those a release publishes (`time_period`; the warehouse's `month` is understood too); of them the
    totals of the county and its townships up to `month` count. A value that is missing, not applicable or suppressed
    counts as not observed. The county has a row for every plan row, a township for every indicator observed there.
    `completion` is a ratio. Without a target `status_cagr` holds the trend class of the published method and the other
    verdicts are null. `gap_value` is in the unit `progress_notes` names: people, beds or yuan where a rate can tell.
    """
    rows = [track.row() for track in _tracks(observations, plan, month)]
    return pl.DataFrame(rows, schema=PROGRESS_SCHEMA, orient="row").sort("indicator_id", "ref_area")


def progress_notes(observations: pl.DataFrame, plan: Plan, month: str) -> pl.DataFrame:
    """For every row of `progress_table` the unit of its gap and, in Chinese, where baseline and target come from."""
    rows = [
        (t.plan_row.indicator, t.area, t.gap.unit, t.note())
        for t in _tracks(observations, plan, month)
    ]
    return pl.DataFrame(rows, schema=NOTES_SCHEMA, orient="row").sort("indicator_id", "ref_area")


def _tracks(observations: pl.DataFrame, plan: Plan, month: str) -> Iterator["_Track"]:
    series = _series(observations, plan, month)
    for row in plan.rows:
        areas = sorted(
            {area for indicator, area in series if indicator == row.indicator} | {plan.area}
        )
        for area in areas:
            yield _Track(plan, row, area, month, series.get((row.indicator, area), {}))


def _series(
    observations: pl.DataFrame, plan: Plan, month: str
) -> dict[tuple[str, str], dict[str, Cell]]:
    """Observed totals of county and townships, from the month before the plan to `month`, in order."""
    if "month" in observations.columns and "time_period" not in observations.columns:
        observations = observations.rename({"month": "time_period"})
    area = pl.col("ref_area")
    township = area.str.starts_with(plan.area) & (area.str.len_chars() == 9)
    kept = observations.filter(
        (area == plan.area) | township,
        pl.col("indicator_id").is_in([row.indicator for row in plan.rows]),
        pl.col("time_period").is_between(pl.lit(add_months(plan.first, -1)), pl.lit(month)),
        *[pl.col(name) == "_T" for name in TOTALS if name in observations.columns],
    )
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    columns = ("indicator_id", "ref_area", "time_period", "obs_value", "numerator", "denominator")
    for indicator, place, period, value, numerator, denominator in (
        kept.select(columns).sort("time_period").iter_rows()
    ):
        cells = found.setdefault((indicator, place), {})
        if value is not None:
            cells[period] = (value, numerator, denominator)
    return found


@dataclass
class _Track:
    """One plan row in one area, up to a month."""

    plan: Plan
    plan_row: PlanRow
    area: str
    month: str
    observed: dict[str, Cell]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """What compares: all months, or the same month of each year for what restarts in January or has a season."""
        if not self.plan_row.within_year:
            return self.observed
        return {
            period: cell for period, cell in self.observed.items() if period[5:] == self.month[5:]
        }

    @cached_property
    def sign(self) -> int | None:
        return self.plan_row.sign

    @cached_property
    def target(self) -> float | None:
        return self.plan_row.target_value(self.area, self.plan.area)

    @cached_property
    def target_month(self) -> str | None:
        return None if self.target is None else period_month(self.plan_row.target.period)

    @cached_property
    def baseline(self) -> tuple[str | None, float | None]:
        """Period and value: the sourced one of the county, else the month before the plan, else the first observed."""
        stated = self.plan_row.baseline
        if stated and self.area == self.plan.area:
            return stated.period, stated.value
        first = next(iter(self.cells), None)
        return first, self.cells[first][0] if first else None

    @cached_property
    def current(self) -> Cell | None:
        return self.observed.get(self.month)

    @property
    def value(self) -> float | None:
        return self.current[0] if self.current else None

    def due(self, month: str) -> float | None:
        """What the path expects in a month; a township follows the county's milestones where its target is the same."""
        period, base = self.baseline
        if period is None or self.target is None:
            return None
        same = self.target == self.plan_row.target.value
        stones = (
            [(period_month(stone.period), stone.value) for stone in self.plan_row.milestones]
            if same
            else []
        )
        return path_value(month, period_month(period), base, self.target_month, self.target, stones)

    def path(self, month: str, value: float | None) -> PathStatus:
        """The class by the linear path, as of a month; at the base month itself only a met target is a verdict."""
        period, base = self.baseline
        started = period is not None and month > period_month(period)
        return path_status(
            base if started else None, value, self.due(month), self.target, self.sign
        )

    def growth(self, month: str, value: float | None) -> Status | None:
        """The class by the published growth method, as of a month; years are months over 12."""
        period, base = self.baseline
        if period is None:
            return None
        return assess_progress(
            base,
            month_number(period_month(period)) / 12,
            value,
            month_number(month) / 12,
            target=self.target,
            target_year=month_number(self.target_month) / 12 if self.target_month else None,
            direction=self.sign,
            limit=self.plan_row.limit,
        ).status

    def judge(self, month: str, value: float | None) -> Status | None:
        """The class whose stability is told: by the path with a target, by the trend without."""
        return self.growth(month, value) if self.target is None else self.path(month, value).status

    @cached_property
    def projection(self) -> Projection | None:
        if self.target is None or self.value is None:
            return None
        times = [month_number(period) for period in self.cells]
        values = [cell[0] for cell in self.cells.values()]
        highest = self.plan_row.limit if self.plan_row.limit and self.sign == 1 else None
        return project(times, values, month_number(self.target_month), lowest=0.0, highest=highest)

    @cached_property
    def gap(self):
        value, numerator, denominator = self.current or (None, None, None)
        left = (
            month_number(self.target_month) - month_number(self.month) if self.target_month else 0
        )
        unit, gap_unit = self.plan_row.unit, self.plan_row.gap_unit
        return remaining_gap(
            value, self.target, self.sign or 1, unit=unit, months_left=left,
            numerator=numerator, denominator=denominator, gap_unit=gap_unit,
        )  # fmt: skip

    def row(self) -> tuple[Any, ...]:
        """The cells of `PROGRESS_SCHEMA`, in order."""
        row, target = self.plan_row, self.plan_row.target if self.target is not None else None
        facts = (row.indicator, self.area, self.plan.plan, row.nature, *self.baseline)
        due = (
            (target.period, self.target, target.source, target.verified) if target else (None,) * 4
        )
        if self.sign is None:
            return (*facts, *due, None, self.value, *(None,) * 12)
        expected = self.due(self.month)
        return (*facts, *due, expected, self.value, *self._verdicts())

    def _verdicts(self) -> tuple[Any, ...]:
        """Completion to `status_stable_since`, for a row with a direction."""
        base = self.baseline[1]
        heading = self.projection
        lines = (heading.value, heading.low, heading.high) if heading else (None,) * 3
        statuses = [self.judge(period, cell[0]) for period, cell in self.cells.items()]
        judged = self.value is not None
        return (
            completion(self.value, self.target, self.sign),
            self.path(self.month, self.value).status,
            self.growth(self.month, self.value),
            projection_status(base, self.value, lines[0], self.target, self.sign),
            *lines,
            self._flip_risk() if judged else None,
            achieved_but_worsening(base, self.value, self.target, self.sign),
            self.gap.value,
            self.gap.per_month,
            status_stable_since(list(self.cells), statuses) if judged else None,
        )

    def _flip_risk(self) -> float | None:
        following = add_months(self.month, 1)
        if self.plan_row.within_year or self.judge(self.month, self.value) is None:
            return None
        return flip_risk(
            [cell[0] for cell in self.cells.values()], lambda value: self.judge(following, value)
        )

    def note(self) -> str:
        """Where baseline and target come from, in Chinese."""
        stated, parts = self.plan_row.baseline, []
        if stated and self.area == self.plan.area:
            parts.append(f"基期依据:{stated.source}" + ("" if stated.verified else "(未核实)"))
        elif self.baseline[0]:
            parts.append(f"无来源可查的基期,以首次观测值({self.baseline[0]})为起点")
        else:
            parts.append("尚无观测值")
        if self.plan_row.target is None:
            parts.append("无来源可查的目标值,只判断趋势" if self.sign else "无目标值,仅作监测")
        elif self.target is None:
            parts.append("目标值只对全县,本乡镇只判断趋势")
        elif not self.plan_row.target.verified:
            parts.append("目标值出处未核实")
        return ";".join(parts)
