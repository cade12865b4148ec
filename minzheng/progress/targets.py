"""Targets with their history: what was due when by whose decision, and what had come of it by then."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Literal

import polars as pl

from minzheng.contracts.plans import Dated, Plan, Target
from minzheng.progress.table import Bases, Track, schema_of, tracks

Outcome = Literal["reached", "missed", "not_due", "no_value", "superseded"]
OUTCOME_ZH = {
    "reached": "已达到",
    "missed": "未达到",
    "not_due": "未到期",
    "no_value": "当期无数据",
    "superseded": "已被调整",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a target line asks of an area by the end of a period: the target itself or a milestone on the way.

    `outcome`: reached or missed with the value of that month (`obs_value`); superseded where another line counts by then.
    """

    plan_id: str
    indicator_id: str
    ref_area: str
    target_line: int  # 1: as the plan set it; further ones are amendments
    due_kind: Literal["milestone", "target"]
    due_period: str
    due_value: float
    due_upper: float | None
    unit_measure: str
    document: str | None
    decided_on: dt.date | None
    valid_from: str
    target_source: str
    target_verified: bool
    obs_value: float | None
    outcome: Outcome


TARGETS = schema_of(Due)
KEY = ("plan_id", "indicator_id", "ref_area", "target_line", "due_period")


def dues(
    observations: pl.DataFrame, plan: Plan, month: str, bases: Bases | None = None
) -> list[Due]:
    """Every target and milestone of a plan that counts by a month or did before, judged by what was observed then.

    Arguments as for `progress_table`. Lines that begin to count after `month` are left out.
    """
    found = [list(_of_track(track)) for track in tracks(observations, plan, month, bases)]
    return sum(found, [])


def targets_table(
    observations: pl.DataFrame, plan: Plan, month: str, bases: Bases | None = None
) -> pl.DataFrame:
    """`dues` as a frame, columns of `TARGETS`."""
    rows = [astuple(due) for due in dues(observations, plan, month, bases)]
    return pl.DataFrame(rows, schema=TARGETS, orient="row").sort(KEY)


def _of_track(track: Track) -> Iterator[Due]:
    for number, line in enumerate(track.plan_row.targets, 1):
        value = line.value_for(track.area, track.plan.area)
        if value is None or (line.valid_from or track.plan.first) > track.month:
            continue
        for stone in line.stones_for(track.area, track.plan.area):
            yield _due(track, number, line, "milestone", stone, None)
        yield _due(
            track, number, line, "target", Dated(period=line.period, value=value), line.upper
        )


def _due(
    track: Track,
    number: int,
    line: Target,
    kind: Literal["milestone", "target"],
    stone: Dated,
    upper: float | None,
) -> Due:
    seen = track.observed.get(stone.month)
    value = seen.value if seen else None
    return Due(
        plan_id=track.plan.plan,
        indicator_id=track.plan_row.indicator,
        ref_area=track.area,
        target_line=number,
        due_kind=kind,
        due_period=stone.period,
        due_value=stone.value,
        due_upper=upper,
        unit_measure=track.plan_row.unit,
        document=line.decided.document if line.decided else None,
        decided_on=line.decided.date if line.decided else None,
        valid_from=line.valid_from or track.plan.first,
        target_source=line.source,
        target_verified=line.verified,
        obs_value=value,
        outcome=_outcome(track, line, stone, upper, value),
    )


def _outcome(
    track: Track, line: Target, stone: Dated, upper: float | None, value: float | None
) -> Outcome:
    """A milestone is judged by the line that counted in its month, an end value by the one that counts now.

    Where open rows could turn the outcome of this month's value, none is told.
    """
    if track.plan_row.target_in(min(stone.month, track.month)) is not line:
        return "superseded"
    if stone.month > track.month:
        return "not_due"
    if value is None:
        return "no_value"
    open_ends = track.ends if stone.month == track.month else ()
    if None in open_ends:
        return "no_value"
    met = {_met(track, stone, upper, one) for one in (value, *open_ends)}
    return "no_value" if len(met) > 1 else "reached" if met.pop() else "missed"


def _met(track: Track, stone: Dated, upper: float | None, value: float) -> bool:
    low_met = (track.sign or 1) * (value - stone.value) >= 0
    return low_met and (upper is None or value <= upper)


def rewritten(progress: pl.DataFrame, plan: Plan, month: str, known_on: dt.date) -> list[str]:
    """The indicators whose target a release of `month` told otherwise than the plan says it was known on that day.

    `progress` as released. A target is amended by one more line; a line that was told is never changed.
    """
    told = progress.filter(plan_id=plan.plan).select("indicator_id", "ref_area", "target_value")
    found = []
    for code, area, value in told.iter_rows():
        row = plan.row(code)
        line = row.target_in(plan.as_of(month), known_on) if row else None
        known = line.value_for(area, plan.area) if line else None
        if row and known != value:
            found.append(code)
    return sorted(set(found))
