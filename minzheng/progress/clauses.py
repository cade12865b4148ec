"""From any sentence of a plan's text to what measures it and where that stands.

`clauses.csv` in the plan's folder cuts the text (`text.txt`) into fragments (`minzheng.contracts.plans.Clause`): of the county's
outline sections three and four, 248 of them. The tasks behind them, and what the offices report, are `minzheng.progress.tasks`.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.plans import Clause, Plan
from minzheng.contracts.report import words
from minzheng.progress.table import Verdict, schema_of, verdicts
from minzheng.progress.tasks import TaskStand, task_stands

KIND_ZH = {"I": "指标", "S": "制度或系统", "IS": "指标和制度", "N": "不可计量的表述", "H": "标题"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A fragment and one thing that measures it, with where that stands; `item_kind`: indicator, task or none."""

    clause_id: str
    section: str
    kind: str
    text: str
    item_kind: str
    item_id: str | None = None
    time_period: str | None = None
    obs_value: float | None = None
    obs_status: str | None = None
    target_value: float | None = None
    status_path: str | None = None
    status_cagr: str | None = None
    gap_value: float | None = None
    state: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest total of an indicator in the county, or its status where it was never observed."""

    time_period: str
    obs_value: float | None
    obs_status: str | None
    conf_status: str | None = None


TRACE_SCHEMA = schema_of(Traced)


def clause_trace(
    plans: Iterable[Plan], observations: pl.DataFrame, progress: pl.DataFrame, tasks: pl.DataFrame
) -> pl.DataFrame:
    """Fragment, kind, what measures it, where that stands: one row per fragment and item, columns of `TRACE_SCHEMA`.

    A fragment with several indicators and tasks has a row for each, one with none has one row (`item_kind` none). The
    county's newest observed total counts, up to the plan's end, withheld or not, with its period; an indicator never
    observed keeps its newest status. `state` says it in Chinese. `progress` is the table of the same release; an
    indicator without a plan row shows its value only. `tasks` as `minzheng.progress.tasks.task_table` gives them.
    """
    judged = verdicts(progress)
    stands = task_stands(tasks)
    traced = [_trace(plan, observations, judged, stands) for plan in plans]
    rows = [astuple(row) for row in sum(traced, [])]
    return pl.DataFrame(rows, schema=TRACE_SCHEMA, orient="row")


def _trace(
    plan: Plan, observations: pl.DataFrame, judged: list[Verdict], stands: list[TaskStand]
) -> list[Traced]:
    """The rows of one plan's text."""
    newest = newest_totals(observations, plan)
    here = [one for one in judged if (one.plan_id, one.ref_area) == (plan.plan, plan.area)]
    by_indicator = {one.indicator_id: one for one in here}
    behind: dict[str, list[TaskStand]] = {}
    for stand in stands:
        for clause_id in stand.clauses.split(","):
            behind.setdefault(clause_id, []).append(stand)
    rows: list[Traced] = []
    for clause in plan.clauses:
        rows += [
            _indicator(clause, code, newest.get(code), by_indicator.get(code))
            for code in clause.indicators
        ]
        rows += [_task(clause, stand) for stand in behind.get(clause.clause_id, [])]
        if not clause.indicators and clause.clause_id not in behind:
            rows.append(Traced(**_head(clause), item_kind="none", state=KIND_ZH[clause.kind]))
    return rows


def newest_totals(observations: pl.DataFrame, plan: Plan) -> dict[str, Newest]:
    """Per indicator the county's newest total up to the plan's end that was observed, also where it is withheld, else
    its newest row."""
    period = (
        "month"
        if "month" in observations.columns and "time_period" not in observations.columns
        else "time_period"
    )
    totals = [pl.col(name) == "_T" for name in DIMENSIONS if name in observations.columns]
    kept = observations.rename({period: "time_period"}).filter(
        pl.col("ref_area") == plan.area, pl.col("time_period") <= plan.last, *totals
    )
    observed = pl.col("obs_value").is_not_null()
    if "conf_status" in kept.columns:
        observed |= pl.col("conf_status") == "C"
    columns = [
        name
        for name in ("time_period", "obs_value", "obs_status", "conf_status")
        if name in kept.columns
    ]
    ordered = kept.sort(observed, "time_period").select("indicator_id", *columns)
    return {code: Newest(*cells) for code, *cells in ordered.iter_rows()}


def _head(clause: Clause) -> dict[str, str]:
    return {
        "clause_id": clause.clause_id,
        "section": clause.section,
        "kind": clause.kind,
        "text": clause.text,
    }


def _indicator(clause: Clause, code: str, newest: Newest | None, judged: Verdict | None) -> Traced:
    return Traced(
        **_head(clause),
        item_kind="indicator",
        item_id=code,
        time_period=newest.time_period if newest else None,
        obs_value=newest.obs_value if newest else None,
        obs_status=newest.obs_status if newest else None,
        target_value=judged.target_value if judged else None,
        status_path=judged.status_path if judged else None,
        status_cagr=judged.status_cagr if judged else None,
        gap_value=judged.gap_value if judged else None,
        state=_state_zh(newest, judged),
    )


def _task(clause: Clause, stand: TaskStand) -> Traced:
    return Traced(**_head(clause), item_kind="task", item_id=stand.task_id, state=stand.state_zh)


def _state_zh(newest: Newest | None, judged: Verdict | None) -> str:
    """A few words for where an indicator stands; those of the report."""

    if newest is None:
        return "尚无数据"
    if newest.obs_value is None:
        if newest.conf_status == "C":
            return "数值过小,不予公布"
        return "不适用" if newest.obs_status == "L" else "缺报"
    if judged and judged.status_path:
        return words().status(judged.status_path)
    if judged and judged.target_value is None and judged.status_cagr:
        return f"未定目标,趋势{words().trends[judged.status_cagr].zh}"
    return "已有数据,不作判断"
