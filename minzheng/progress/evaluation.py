"""The evaluation of a plan: every row, task and fragment of its text with a verdict, or why none can be given.

A final evaluation judges by the plan's last month, a mid-term one by the month asked for. What is judged and how:

| what                    | by                                            | verdicts                                 |
|-------------------------|-----------------------------------------------|------------------------------------------|
| row with a target       | the value against the target                  | reached_early, reached, not_reached      |
| ... base past it        | whether it was kept (floor, cap)              | kept, lost                               |
| ... band                | its two edges                                 | within, outside                          |
| ... mid-term            | the linear path, until the target is met      | reached_early, on_course, behind, receding |
| row without a target    | the trend class of the published method       | improved, steady, worsened               |
| task                    | what its office reported                      | done, under_way, not_started             |
| fragment of the text    | the verdicts of what measures it              | carried_out, partly, not_carried_out     |

`reached_early`: met without a break for the last twelve months or longer. A target that lies between the bounds of a value
gives no verdict: what is open decides it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.plans import Clause, Plan
from minzheng.months import add_months, month_zh
from minzheng.progress.cagr import Status
from minzheng.progress.path import Goal
from minzheng.progress.table import Bases, Track, schema_of, tracks
from minzheng.progress.tasks import TaskStand

Outcome = Literal[
    "reached_early", "reached", "not_reached", "kept", "lost", "within", "outside",
    "on_course", "behind", "receding", "improved", "steady", "worsened",
    "done", "under_way", "not_started", "carried_out", "partly", "not_carried_out",
]  # fmt: skip
Method = Literal["path", "floor", "cap", "band", "trend", "monitor", "report", "items", "none"]
MET: tuple[Outcome, ...] = (
    "reached_early", "reached", "kept", "within", "on_course", "improved", "done", "carried_out",
)  # fmt: skip
PARTLY: tuple[Outcome, ...] = ("steady", "under_way", "partly", "behind")
EARLY_MONTHS = 12
"""How long a target must have been met without a break to count as reached early."""
KEEPING: dict[Goal, tuple[Outcome, Outcome]] = {
    "floor": ("kept", "lost"),
    "cap": ("kept", "lost"),
    "band": ("within", "outside"),
}
ON_THE_WAY: dict[Status | None, Outcome | None] = {
    "substantial_progress": "on_course",
    "moderate_progress": "behind",
    "limited_progress": "behind",
    "deterioration": "receding",
    None: None,
}
TRENDS: dict[Status | None, Outcome | None] = {
    "substantial_progress": "improved",
    "moderate_progress": "improved",
    "limited_progress": "steady",
    "deterioration": "worsened",
    None: None,
}
TASK_OUTCOMES: dict[str, Outcome] = {
    "done": "done",
    "under_way": "under_way",
    "not_started": "not_started",
}
NOT_MEASURABLE = {"N": "不可计量的表述,不作评价", "H": "标题,不作评价"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A row, a task or a fragment of a plan: figures, method, verdict and evidence, or the reason why there is none."""

    item_kind: Literal["row", "task", "clause"]
    item_id: str
    name_zh: str
    nature: str | None = None
    unit_measure: str | None = None
    decimals: int | None = None
    baseline_period: str | None = None
    baseline_value: float | None = None
    target_period: str | None = None
    target_value: float | None = None
    target_upper: float | None = None
    target_source: str | None = None
    target_verified: bool | None = None
    final_period: str | None = None
    final_value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    method: Method
    verdict: Outcome | None = None
    since: str | None = None  # first month of the unbroken run in which the target was met
    gap_value: float | None = None
    gap_unit: str | None = None
    breaks: str | None = None
    evidence: str | None = None
    reason: str | None = None
    note: str | None = None


EVALUATION = schema_of(Evaluated)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the observations say of the county's total of an indicator in the month judged by."""

    obs_status: str | None
    conf_status: str | None
    lower: float | None
    upper: float | None
    note: str


def evaluate(
    plan: Plan,
    observations: pl.DataFrame,
    stands: Iterable[TaskStand],
    month: str,
    *,
    mid_term: bool = False,
    bases: Bases | None = None,
    breaks: Mapping[str, str] | None = None,
    evidence: Mapping[str, str] | None = None,
) -> list[Evaluated]:
    """Every row, task and fragment of a plan as of `month` (at most its last), in the plan's order.

    `observations` as a release publishes them; `stands` as `task_stands` gives them. `breaks` and `evidence` say in
    Chinese where a definition changed and which release and files stand behind a figure, by indicator.
    """
    month = plan.as_of(month)
    seen = _seen(observations, plan, month)
    found = [
        _row(track, seen.get(track.plan_row.indicator), mid_term)
        for track in tracks(observations, plan, month, bases)
        if track.area == plan.area
    ]
    rows = [
        replace(
            one,
            breaks=(breaks or {}).get(one.item_id),
            evidence=(evidence or {}).get(one.item_id) if one.final_value is not None else None,
        )
        for one in found
    ]
    tasks = [_task(plan, stand) for stand in stands if stand.plan_id == plan.plan]
    judged = {one.item_id: one for one in [*rows, *tasks]}
    behind: dict[str, list[str]] = {}
    for task in plan.tasks:
        for clause_id in task.clauses:
            behind.setdefault(clause_id, []).append(task.id)
    clauses = [
        _clause(one, [*one.indicators, *behind.get(one.clause_id, [])], judged)
        for one in plan.clauses
    ]
    return [*rows, *tasks, *clauses]


def _seen(observations: pl.DataFrame, plan: Plan, month: str) -> dict[str, Seen]:
    """Per indicator the county's total of the month."""
    wanted = {
        "obs_status": "A",
        "conf_status": "F",
        "lower_bound": None,
        "upper_bound": None,
        "note": "",
    }
    cells = observations.filter(
        pl.col("ref_area") == plan.area,
        pl.col("time_period") == month,
        *[pl.col(name) == "_T" for name in DIMENSIONS if name in observations.columns],
    ).with_columns(
        pl.lit(value).alias(name)
        for name, value in wanted.items()
        if name not in observations.columns
    )
    rows = cells.select("indicator_id", *wanted).iter_rows()
    return {
        code: Seen(status, conf, low, high, note or "")
        for code, status, conf, low, high, note in rows
    }


def _row(track: Track, seen: Seen | None, mid_term: bool) -> Evaluated:
    """A row of the plan in the county."""
    known, target = registry()[track.plan_row.indicator], track.target
    period, base = track.baseline
    goal = track.goal
    method: Method = goal or ("trend" if track.sign else "monitor")
    facts = Evaluated(
        item_kind="row",
        item_id=track.plan_row.indicator,
        name_zh=known.names.zh,
        nature=track.plan_row.nature,
        unit_measure=track.plan_row.unit,
        decimals=known.decimals,
        baseline_period=period,
        baseline_value=base,
        target_period=target.period if target else None,
        target_value=track.target_value,
        target_upper=target.upper if target else None,
        target_source=target.source if target else None,
        target_verified=target.verified if target else None,
        final_period=track.month,
        final_value=track.value,
        numerator=track.current.numerator if track.current else None,
        denominator=track.current.denominator if track.current else None,
        method=method,
        note=track.note(),
    )
    if track.value is None:
        return replace(facts, reason=_why_no_value(track, seen))
    if track.sign is None:
        return replace(facts, reason="监测指标,规划未设方向和目标值,只列数值")
    if target is None:
        return _by_trend(facts, track)
    return _by_target(facts, track, seen, mid_term)


def _by_trend(facts: Evaluated, track: Track) -> Evaluated:
    """A row without a target: the class of its growth."""
    verdict = TRENDS[track.growth(track.month, track.value)]
    reason = None if verdict else "有观测值的时间不足一年,不能判断趋势"
    return replace(facts, verdict=verdict, reason=reason)


def _by_target(facts: Evaluated, track: Track, seen: Seen | None, mid_term: bool) -> Evaluated:
    """A row with a target: reached or not, kept or lost; mid-term by the path."""
    met = _met(track, track.month, track.value)
    ends = (
        {_met(track, track.month, end) for end in (seen.lower, seen.upper) if end is not None}
        if seen
        else set()
    )
    facts = replace(facts, gap_value=track.gap.value, gap_unit=track.gap.unit)
    if ends - {met}:
        low, high = (f"{end:.{facts.decimals or 0}f}" for end in (seen.lower, seen.upper))
        return replace(
            facts, reason=f"待核定事项可能使其在{low}至{high}之间,跨过目标值,核定后才能评价"
        )
    since = _met_since(track) if met else None
    early = since is not None and since <= add_months(track.month, -EARLY_MONTHS)
    if track.goal in KEEPING:
        verdict = KEEPING[track.goal][0 if met else 1]
    elif met:
        verdict = "reached_early" if early or mid_term else "reached"
    elif mid_term:
        verdict = ON_THE_WAY[track.path(track.month, track.value).status]
    else:
        verdict = "not_reached"
    reason = None if verdict else "没有基期值,不能判断进度"
    return replace(facts, verdict=verdict, since=since, reason=reason)


def _met(track: Track, month: str, value: float) -> bool:
    """Whether a value meets the target that counts in a month."""
    target = track.target_in(month)
    if target is None:
        return False
    edge, direction = track.edge(value, target)
    return direction * (value - edge) >= 0


def _met_since(track: Track) -> str:
    """The first month of the unbroken run in which the target was met; months without a value neither end nor begin it."""
    since = track.month
    for month, one in reversed(track.comparable.items()):
        if not _met(track, month, one.value):
            break
        since = month
    return since


def _why_no_value(track: Track, seen: Seen | None) -> str:
    """Why the month judged by has no value."""
    known, when = registry()[track.plan_row.indicator], month_zh(track.month)
    if seen is None:
        if not known.total:
            return "只按分组计算,没有全县合计数"
        return known.unavailable.zh if known.unavailable else "规划期内没有此项数据"
    if seen.conf_status == "C":
        return "涉及人数较少,不予公布"
    if seen.obs_status == "L":
        return f"{when}没有适用对象,不计算"
    last = next(reversed(track.observed), None)
    told = f"{track.observed[last].value:.{known.decimals}f}{known.unit}" if last else ""
    before = f";最近一次为{month_zh(last)}的{told}" if last else ""
    return f"{when}缺报{f'({seen.note})' if seen.note else ''}{before}"


def _task(plan: Plan, stand: TaskStand) -> Evaluated:
    """A task by what its office reported."""
    verdict = TASK_OUTCOMES.get(stand.state)
    day = f"{stand.date.year}年{stand.date.month}月{stand.date.day}日" if stand.date else None
    told = ",".join(part for part in (stand.reported_by, day, stand.evidence) if part)
    return Evaluated(
        item_kind="task",
        item_id=stand.task_id,
        name_zh=stand.title_zh,
        nature=stand.kind,
        target_period=plan.last[:4],
        target_source=stand.clauses.replace(",", " ") or None,
        method="report",
        verdict=verdict,
        since=f"{stand.date:%Y-%m}" if stand.date else None,
        evidence=told or None,
        reason=None if verdict else f"责任单位({stand.office})没有填报",
        note=stand.asks_zh,
    )


def _clause(clause: Clause, items: list[str], judged: Mapping[str, Evaluated]) -> Evaluated:
    """A fragment by the verdicts of what measures it."""
    facts = Evaluated(
        item_kind="clause",
        item_id=clause.clause_id,
        name_zh=clause.text,
        nature=clause.kind,
        method="items" if items else "none",
        evidence=" ".join(items) or None,
    )
    if not items:
        return replace(facts, reason=NOT_MEASURABLE.get(clause.kind, "没有衡量它的指标或任务"))
    known = [judged[item] for item in items if item in judged]
    verdicts = [one.verdict for one in known if one.verdict]
    if not verdicts:
        return replace(facts, reason=_why_no_verdict(known))
    open_items = len(items) - len(verdicts)
    note = f"{len(items)}项中{open_items}项没有结论" if open_items else None
    return replace(facts, verdict=_together(verdicts, open_items), note=note)


def _why_no_verdict(known: list[Evaluated]) -> str:
    reasons = [f"{one.name_zh}:{one.reason}" for one in known]
    more = f"等{len(reasons)}项" if len(reasons) > 2 else ""
    return (
        ("衡量它的指标和任务都没有结论:" + ";".join(reasons[:2]) + more)
        if reasons
        else "衡量它的指标不在规划中"
    )


def _together(verdicts: list[Outcome], open_items: int) -> Outcome:
    """Carried out where all are met and none is open; not where none is met even partly."""
    met = [one for one in verdicts if one in MET]
    if len(met) == len(verdicts) and not open_items:
        return "carried_out"
    return "partly" if met or any(one in PARTLY for one in verdicts) else "not_carried_out"
