"""An evaluation gathered: the frames of the plan's last month, the evidence behind its figures, how far to trust them."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.contracts.editions import edition
from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.contracts.plans import Plan, plan, plan_ids
from minzheng.custody.home import Home
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.disclosure.showing import shown
from minzheng.errors import MinzhengError
from minzheng.intake.places import sender_name
from minzheng.months import add_months, month_zh, months_between
from minzheng.progress.evaluation import Evaluated, evaluate
from minzheng.progress.table import Bases
from minzheng.progress.tasks import TaskStand, reports, task_stands, task_table
from minzheng.publish.cell import BREAK_ZH
from minzheng.publish.cells import Published
from minzheng.publish.evaluation.frozen import bases_of, folder_name, frozen
from minzheng.publish.evaluation.model import EDITION, Evaluation, TrustYear, changes
from minzheng.publish.release.draft import whole_frames
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import History, revisions
from minzheng.publish.release.quality import quality_table
from minzheng.publish.release.writing import released_frame

IN_TIME = ("on_time", "after_due")
MID_TERM_MONTHS = 30
"""A mid-term evaluation judges by this month of the plan unless another is named: half of five years."""
LATELY = 12
"""Months in which a place must have sent a return once for its absence in the last month to count as lacking."""


def judged_month(one: Plan, mid_term: bool, month: str | None) -> str:
    """The month that an evaluation judges by; `MinzhengError` for one outside of the plan."""
    middle = add_months(one.first, MID_TERM_MONTHS - 1)
    chosen = month or (middle if mid_term else one.last)
    if not one.first <= chosen <= one.last or (month and not mid_term):
        raise MinzhengError(
            f"{chosen} is no month to evaluate {one.plan} by: a final evaluation takes {one.last}, a mid-term one a "
            f"month of {one.first}..{one.last}",
            f"{month_zh(chosen)}不能作为评估月份：总结评估按{month_zh(one.last)}，中期评估按规划期内的月份",
        )
    return chosen


def gather(
    home: Home, connection: duckdb.DuckDBPyConnection, one: Plan, month: str, mid_term: bool
) -> Evaluation:
    """The evaluation of a plan as of a month of it, from the warehouse as it stands.

    `MinzhengError` where that month was never computed.
    """
    computed = "select 1 from indicator.observation where month = $month limit 1"
    if not connection.execute(computed, {"month": month}).fetchall():
        raise MinzhengError(
            f"{month} has no figures yet: run `minzheng run --month {month}` first",
            f"{month_zh(month)}还没有数据，请先运行该月",
        )
    whole = whole_frames(home, connection, month, History.of(home))
    drawn = shown(whole, edition(EDITION))
    stands = task_stands(task_table([one], reports(home), month))
    arrivals = returns(connection, months_between(one.first, month))
    return assemble(
        drawn,
        one,
        month,
        stands,
        arrivals,
        mid_term=mid_term,
        bases=bases_of(home, [one]).get(one.plan),
        told_by=released_by(home, drawn.observations, month),
        revised_cells=revised(home, one, month),
        before=frozen(home, one.plan, mid_term),
    )


def assemble(
    drawn: ReleaseFrames,
    one: Plan,
    month: str,
    stands: Sequence[TaskStand],
    arrivals: pl.DataFrame,
    *,
    mid_term: bool = False,
    bases: Bases | None = None,
    told_by: Mapping[str, str] | None = None,
    revised_cells: Mapping[str, int] | None = None,
    before: Sequence[Path] = (),
) -> Evaluation:
    """The evaluation from the frames of a release of `month`, the tasks' stands and how the returns came.

    `told_by`: by indicator the release that tells its figure; `before`: the evaluations frozen so far.
    """
    release = f"{folder_name(one.plan, mid_term)}-r{len(before) + 1}"
    named = drawn.observations.with_columns(pl.lit(release).alias("release"))
    frames = replace(drawn, observations=named).shaped()
    published = Published(frames, month)
    items = evaluate(
        one,
        frames.observations,
        stands,
        month,
        mid_term=mid_term,
        bases=bases,
        breaks=breaks(published),
        evidence=evidence(frames, month, told_by or {}),
    )
    return Evaluation(
        plan=one,
        month=month,
        mid_term=mid_term,
        release=release,
        items=tuple(items),
        published=published,
        trust=trust(arrivals, revised_cells or {}),
        lacking=lacking(arrivals, month),
        successor=next(
            (plan(other) for other in plan_ids() if plan(other).follows == one.plan), None
        ),
        previous=read_manifest(before[-1]).release if before else None,
        changed=changes(read_items(before[-1]), items) if before else (),
    )


def read_items(folder: Path) -> list[Evaluated]:
    """The items of a frozen evaluation."""
    rows = pl.read_parquet(folder / "evaluation.parquet")
    return [Evaluated(**row) for row in rows.iter_rows(named=True)]


def breaks(published: Published) -> dict[str, str]:
    """Where the definition of an indicator changed: `2026年7月起口径调整`."""
    found = {code: published.breaks(code) for code in published.indicators}
    return {
        code: "、".join(f"{month_zh(month)}起{BREAK_ZH[kind]}" for month, kind in told)
        for code, told in found.items()
        if told
    }


def evidence(frames: ReleaseFrames, month: str, told_by: Mapping[str, str]) -> dict[str, str]:
    """By indicator the release that tells its county figure as it is now, and the returns it was counted from."""
    in_force = Counter(frames.files.filter(pl.col("month") == month)["dataset"])
    found = {}
    for code, indicator in registry().items():
        names = dict.fromkeys(need.dataset for need in indicator.inputs if in_force[need.dataset])
        files = sum(in_force[name] for name in names)
        titles = "、".join(dataset(name).title.zh for name in names)
        counted = f"依据{titles}{files}份" if files else ""
        released = f"{told_by[code]}已发布" if code in told_by else "尚未发布"
        found[code] = "，".join(part for part in (released, counted) if part)
    return found


def released_by(home: Home, observations: pl.DataFrame, month: str) -> dict[str, str]:
    """By indicator the first release of the month that showed the county's total as it is now."""
    now = _totals(observations, month)
    found: dict[str, str] = {}
    for folder in (one.main for one in revisions(home, month)):
        shown = _totals(released_frame(folder, "observations"), month)
        name = read_manifest(folder).release
        same = {
            code for code, value in shown.items() if value is not None and value == now.get(code)
        }
        found |= dict.fromkeys(same - found.keys(), name)
    return found


def _totals(observations: pl.DataFrame, month: str) -> dict[str, float | None]:
    kept = observations.filter(
        pl.col("time_period") == month,
        pl.col("ref_area").str.len_chars() == 6,
        *(pl.col(name) == "_T" for name in DIMENSIONS),
    )
    return dict(kept.select("indicator_id", "obs_value").iter_rows())


def returns(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> pl.DataFrame:
    """Every return due in the months and how it came: month, dataset, township_code, state, quarantined rows."""

    due = (pl.col("kind") == "completeness") & (pl.col("state") != "not_expected")
    return (
        quality_table(connection, months)
        .filter(due)
        .select("month", "dataset", "township_code", "state", quarantined="failed")
    )


def trust(arrivals: pl.DataFrame, revised_cells: Mapping[str, int]) -> tuple[TrustYear, ...]:
    """Year by year how the returns came, how many rows are still in quarantine, how many cells were revised."""
    by_year = arrivals.group_by(pl.col("month").str.slice(0, 4).alias("year")).agg(
        due=pl.len(),
        in_time=pl.col("state").is_in(IN_TIME).sum(),
        late=(pl.col("state") == "late").sum(),
        missing=(pl.col("state") == "missing").sum(),
        quarantined=pl.col("quarantined").sum(),
    )
    rows = by_year.sort("year").iter_rows(named=True)
    return tuple(TrustYear(**row, revised=revised_cells.get(row["year"], 0)) for row in rows)


def revised(home: Home, one: Plan, month: str) -> Counter[str]:
    """By year how many cells of the plan's months the releases so far have revised."""
    found: Counter[str] = Counter()
    for folder in (one.main for one in revisions(home)):
        with (folder / "revisions.csv").open(encoding="utf-8-sig", newline="") as file:
            periods = [row["time_period"] for row in csv.DictReader(file)]
        found.update(period[:4] for period in periods if one.first <= period <= month)
    return found


def lacking(arrivals: pl.DataFrame, month: str) -> tuple[str, ...]:
    """The returns of the last month that have not come, by dataset, with the places that owe them.

    A place that did not send a return in the whole year before does not owe it: the figure has a reason of its own.
    """
    lately = add_months(month, -LATELY)
    came = arrivals.filter(pl.col("month") >= lately, pl.col("state") != "missing")
    known = set(came.select("dataset", "township_code").iter_rows())
    owed: dict[str, list[str]] = {}
    missing = arrivals.filter(pl.col("month") == month, pl.col("state") == "missing")
    for name, place in (
        missing.sort("dataset", "township_code").select("dataset", "township_code").iter_rows()
    ):
        if (name, place) in known:
            owed.setdefault(name, []).append(sender_name(place))
    return tuple(f"{dataset(name).title.zh}({'、'.join(places)})" for name, places in owed.items())
