"""Frozen evaluations found again: which plans they closed, and the bases that the next plan takes over."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from minzheng.contracts.plans import Baseline, Plan, plans_for
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.progress.table import Bases, verdicts
from minzheng.publish.release.frozen import changed, folders, recorded
from minzheng.publish.release.manifest import read_manifest

TAKEN_OVER = ("continued",)
"""What a row of the plan before must have become for its final value to be the base of the new one."""


def folder_name(plan_id: str, mid_term: bool = False) -> str:
    """Under `drafts/` and `published/`: evaluation-145, evaluation-145-mid."""
    return f"evaluation-{plan_id}" + ("-mid" if mid_term else "")


def frozen(home: Home, plan_id: str, mid_term: bool = False) -> list[Path]:
    """The frozen evaluations of a plan, first to last."""
    return folders(home, folder_name(plan_id, mid_term))


def final(home: Home, plan_id: str) -> Path | None:
    """The newest frozen evaluation of a plan that lacked nothing; None while there is none."""
    return next(reversed(_whole(home, plan_id)), None)


def _whole(home: Home, plan_id: str) -> list[Path]:
    """The frozen evaluations that lacked nothing, first to last, each as it was when it was frozen.

    `MinzhengError` where one is not: it would close a plan, or give the next one its bases.
    """
    there = frozen(home, plan_id)
    known = recorded(home) if there else {}
    for folder in there:
        for english, chinese in changed(folder, known):
            raise MinzhengError(
                f"{english}: put it back from its backup", f"{chinese}：请从备份放回"
            )
    return [folder for folder in there if not read_manifest(folder).content["lacking"]]


def concerned(home: Home, month: str) -> tuple[Plan, ...]:
    """The plans that a month concerns: those it lies in, and those that ended before it and are not closed yet."""
    begun = plans_for(month)
    closed = {one.plan: month_of for one in begun if (month_of := _closed_in(home, one.plan))}
    return plans_for(month, closed)


def _closed_in(home: Home, plan_id: str) -> str | None:
    """The month in which the first evaluation that lacked nothing was approved."""
    whole = _whole(home, plan_id)
    if not whole:
        return None
    approved = dt.datetime.fromisoformat(read_manifest(whole[0]).content["approval"]["at"])
    return f"{approved:%Y-%m}"


def bases_of(home: Home, plans: Sequence[Plan]) -> dict[str, Bases]:
    """Plan id to the final values of the plan before, which its rows start from: those that continue, of stocks and rates.

    Sums that restart in January and flows with a season compare with the same month only, so none is taken over.
    """
    return {one.plan: bases for one in plans if (bases := _taken_over(home, one))}


def _taken_over(home: Home, plan: Plan) -> Bases:
    evaluation = final(home, plan.follows) if plan.follows else None
    if evaluation is None:
        return {}
    manifest = read_manifest(evaluation)
    month, source = manifest.content["month"], f"{manifest.content['title']}({manifest.release})"
    heirs = {one.before: one.after for one in plan.crosswalk if one.kind in TAKEN_OVER}
    rows = {row.indicator: row for row in plan.rows if not row.within_year}
    ended = verdicts(pl.read_parquet(evaluation / "progress.parquet"))
    return {
        (heirs[one.indicator_id], one.ref_area): Baseline(
            period=month, value=one.obs_value, source=source, verified=True
        )
        for one in ended
        if one.obs_value is not None and heirs.get(one.indicator_id) in rows
    }
