"""The draft of a month: the frames of a release, gathered from the warehouse, protected, written, and scanned at the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import PLANS, Plan
from minzheng.contracts.regions import county, regions
from minzheng.custody.egress import refuse_identities
from minzheng.custody.home import Home
from minzheng.custody.vault import identities, keys_of
from minzheng.disclosure import apply, attack
from minzheng.disclosure.rules import profile as named_profile
from minzheng.indicators import models, revisions
from minzheng.indicators.comparison import is_year_to_date
from minzheng.indicators.models import ORDER
from minzheng.indicators.movement import movements, publishable
from minzheng.indicators.revisions import with_revision_rate
from minzheng.indicators.unresolved import widened
from minzheng.indicators.vintages import with_provisional
from minzheng.leads import publishing
from minzheng.months import add_months, months_between
from minzheng.progress.clauses import clause_trace
from minzheng.progress.table import Bases, progress_table, verdict_frame
from minzheng.progress.targets import TARGETS, targets_table
from minzheng.progress.tasks import reports, task_progress, task_table
from minzheng.publish.evaluation.frozen import bases_of, concerned
from minzheng.publish.release.frames import ReleaseFrames, withheld
from minzheng.publish.release.frozen import settle
from minzheng.publish.release.manifest import InputHash, read_manifest
from minzheng.publish.release.published import (
    approved_at,
    first_releases,
    released,
    released_before,
    releases,
)
from minzheng.publish.release.quality import quality_table
from minzheng.publish.release.writing import last_release, released_frame, tree_hash, write_release
from minzheng.publish.report.building import build_report
from minzheng.warehouse import lineage
from minzheng.warehouse.stale import ACCEPTED

PROFILE = "prefecture"
"""Who reads a release: the prefecture and the bureau's planners; the public profile is stricter (contracts/disclosure.yaml)."""


@dataclass(frozen=True)
class Draft:
    """What was written, and how much of it could not be shown."""

    folder: Path
    observations: int
    suppressed: int
    missing: int


def current_observations(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    first: str | None = None,
    last: str | None = None,
    *,
    restricted: bool = False,
    profile: str = PROFILE,
) -> pl.DataFrame:
    """The observations as they stand now, in the columns of docs/data.md; suppressed unless `restricted`."""
    first, last = first or "0000-00", last or "9999-99"
    if restricted:
        return _with_revisions(home, connection, first, last)
    everything = _with_revisions(home, connection, "0000-00", last)
    return protected(home, everything, profile).filter(pl.col("time_period") >= first)


def _with_revisions(
    home: Home, connection: duckdb.DuckDBPyConnection, first: str, last: str
) -> pl.DataFrame:
    """The observations of the warehouse, with the share of cells revised since a month was first released."""

    return with_revision_rate(models.observations(connection, first, last), first_releases(home))


def protected(home: Home, observations: pl.DataFrame, profile: str = PROFILE) -> pl.DataFrame:
    """The observations with every cell withheld that could single out a person, given all that was released so far.

    What was withheld is attacked at once; `MinzhengError` where that gives a count away, and then nothing leaves. Bounds are
    drawn so wide that they name no number of persons under a finding (`minzheng.indicators.unresolved.widened`). Releases are made for
    readers of `PROFILE`; those of another profile are taken not to have them.
    """

    kept = (
        home.warehouse.parent / "disclosure.json"
    )  # names of withheld cells, no values: saves solving months anew
    observations = widened(observations.sort(ORDER), named_profile(profile).threshold)
    previous = released(home) if profile == PROFILE else []
    shown, report = apply(observations, registry(), profile, previous, recall=kept)
    attack(
        shown, observations, registry(), profile, previous, proofs=report.proofs, recall=kept
    ).check()
    return shown


def write_draft(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> Draft:
    """Write `drafts/<month>` whole, replacing what was there; refuses to if any byte of it names a person."""

    settle(home)
    frames = with_report_judged(home, release_frames(home, connection, month), month)
    folder, names = home.drafts / month, roll_names(home, connection, month)
    write_release(
        folder,
        month,
        frames,
        inputs=inputs(connection, month),
        previous=last_release(home, month),
        plans=plan_versions(home, month),
        blocking=blocking(connection, month),
        gate=lambda written: refuse_identities(written, names),
    )
    counts = frames.observations
    return Draft(
        folder,
        counts.height,
        counts.filter(pl.col("conf_status") == "C").height,
        counts.filter(pl.col("obs_status") == "M").height,
    )


def with_report_judged(home: Home, frames, month: str):
    """The frames with the rules of the report judged on what would be printed from them."""
    from dataclasses import replace

    from quality.report import judge_report, with_report_rules

    shaped, previous = frames.shaped(), last_release(home, month)
    before = released_frame(previous, "observations") if previous else None
    outcomes = judge_report(shaped, build_report(shaped, month), month, before)
    return replace(frames, quality=with_report_rules(frames.quality, outcomes))


def roll_names(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> set[str]:
    """The names of everyone in the files in force for the month, for the gate to look for; never kept or shown."""

    frame = identities(home, keys_of(home), connection, month, dataset_names())
    return {name for name in frame["person_name"].drop_nulls().unique() if len(name) > 2}


def release_frames(home: Home, connection: duckdb.DuckDBPyConnection, month: str):
    """The frames of a release of `month`, with every earlier month computed so far."""

    observations = current_observations(home, connection, last=month)
    observations = with_provisional(observations, released_before(home, month), month)
    plans = concerned(home, month)
    tasks = task_table(plans, reports(home), month)
    bases = bases_of(home, plans)
    judged = withheld(progress(observations, tasks, plans, month, bases), observations)
    return ReleaseFrames(
        observations=observations,
        progress=judged,
        quality=public_quality(connection, month),
        **public_leads(connection, month, observations, released_levels(home)),
        indicators=indicator_names(),
        areas=area_names(connection, month),
        revisions=revised(home, connection, month, observations),
        movement=moved(home, connection, month, observations),
        sources=lineage.sources(),
        files=lineage.files(connection, "0000-00", month),
        tasks=tasks,
        clauses=clause_trace(plans, observations, judged, tasks),
        targets=targets(observations, plans, month, bases),
    )


def progress(
    observations: pl.DataFrame,
    tasks: pl.DataFrame,
    plans: Sequence[Plan],
    month: str,
    bases: Mapping[str, Bases] | None = None,
) -> pl.DataFrame:
    """Every row and task of the plans that the month concerns; `bases`: plan id to what it takes over."""

    taken = bases or {}
    rows = [progress_table(observations, plan, month, taken.get(plan.plan)) for plan in plans]
    return pl.concat([verdict_frame(()), *rows, *(task_progress(tasks, plan) for plan in plans)])


def targets(
    observations: pl.DataFrame, plans: Sequence[Plan], month: str, bases: Mapping[str, Bases]
) -> pl.DataFrame:
    """Every target and milestone of the plans that the month concerns, with what had come of it by its date."""

    rows = [targets_table(observations, plan, month, bases.get(plan.plan)) for plan in plans]
    return pl.concat([pl.DataFrame(schema=TARGETS), *rows])


def moved(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, observations: pl.DataFrame
):
    """Why the headlines changed since the month before, as first released where it was; None where that is not computed."""

    before = add_months(month, -1)
    if observations.filter(pl.col("time_period") == before).is_empty():
        return None
    return publishable(movements(connection, month, first_releases(home).get(before)), observations)


def revised(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, observations: pl.DataFrame
):
    """The cells that changed since the last release with their reasons; None where there is no release before."""

    previous = last_release(home, month)
    if previous is None:
        return None
    told = read_manifest(previous).content["inputs"]
    return revisions.since_release(
        connection, released_frame(previous, "observations"), told, observations
    )


def public_quality(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Completeness and every check's outcome of the month; counts only where no person stands behind a row.

    How many rows a check looked at is the size of a roll, which disclosure control may have withheld.
    """
    about_things = [
        name
        for name in dataset_names()
        if dataset(name).kind in ("facility", "aggregate", "reference")
    ]
    arrival, about = pl.col("kind") == "completeness", pl.col("dataset").is_in(about_things)
    lacking = (pl.col("state") == "missing").cast(pl.Int64)
    return (
        quality_table(connection, [month])
        .with_columns(
            time_period=pl.col("month"),
            dataset=pl.col("dataset").fill_null("_T"),
            rule_id=pl.when(arrival).then(pl.lit("completeness")).otherwise("subject"),
            checked=pl.when(arrival).then(1).when(about).then("checked"),
            failed=pl.when(arrival).then(lacking).when(about).then("failed"),
        )
        .drop("month")
    )


LEAD_MONTHS = 12
"""How many months the trend of the leads goes back."""


def released_levels(home: Home) -> list[pl.DataFrame]:
    """What the frozen releases told of the leads by level, in the order of their approval."""

    paths = [
        path / "data" / "lead_levels.parquet" for path in sorted(releases(home), key=approved_at)
    ]
    return [pl.read_parquet(path) for path in paths if path.is_file()]


def public_leads(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    observations: pl.DataFrame,
    released: Sequence[pl.DataFrame] = (),
) -> dict[str, pl.DataFrame]:
    """The frames about leads: by rule, by level with their trend, how good the rules are; small counts withheld.

    `observations`: those of the release, which tell some of the same counts. Earlier months are told as `released` told them (`minzheng.leads.publishing.trend`).
    """

    rules, levels = publishing.publishable(connection, month, county(), observations)
    earlier = months_between(add_months(month, 1 - LEAD_MONTHS), add_months(month, -1))
    known = {
        one for (one,) in connection.execute("select distinct month from lead.evaluated").fetchall()
    }
    shown = {one for frame in released for one in frame["month"]}
    trend = publishing.trend(
        connection, [one for one in earlier if one in known | shown], county(), released
    )
    return {
        "leads": rules,
        "lead_levels": pl.concat([levels, trend]),
        "lead_measures": publishing.publishable_measures(connection, month, county()),
    }


def indicator_names() -> pl.DataFrame:
    """Names, units and kinds of all indicators, as the report and the pages need them."""

    return pl.DataFrame(
        [
            {
                "indicator_id": one.code,
                "group": one.group,
                "name_zh": one.names.zh,
                "name_en": one.names.en,
                "unit_measure": one.unit,
                "decimals": one.decimals,
                "direction": one.direction,
                "measure": one.measure,
                "year_to_date": is_year_to_date(one),
                "nature": one.nature,
                "definition_zh": one.definition.zh,
            }
            for one in registry().values()
        ]
    )


def area_names(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Code and name of the county, its townships and villages; the newest region file's names before the contract's."""

    told = dict(
        connection.execute(
            "select region_code, region_name from register.region where length(region_code) >= 6 order by month, intake_no, row_no"
        ).fetchall()
    )
    names = {region.code: region.name for region in regions()} | told
    return pl.DataFrame(sorted(names.items()), schema=["code", "name_zh"], orient="row")


def inputs(connection: duckdb.DuckDBPyConnection, month: str) -> list:
    """The hash of every accepted file that can reach the figures of the month or of an earlier one."""

    rows = connection.execute(
        "select name, sha256, dataset, month from raw.file where verdict in (select unnest($accepted)) and month <= $month",
        {"accepted": list(ACCEPTED), "month": month},
    ).fetchall()
    return [InputHash(*row) for row in rows]


def blocking(connection: duckdb.DuckDBPyConnection, month: str) -> list[str]:
    """The suites that forbid a release of the month."""
    rows = connection.execute(
        "select distinct suite from work.blocked where month = $month order by 1", {"month": month}
    )
    return [suite for (suite,) in rows.fetchall()]


def plan_versions(home: Home, month: str) -> dict[str, str]:
    """The hashes of the folders of the plans that the month concerns and of what the offices reported of their tasks."""

    hashes = {plan.plan: tree_hash(PLANS / plan.plan, ("*",)) for plan in concerned(home, month)}
    return hashes | (
        {"tasks": tree_hash(home.tasks.parent, (home.tasks.name,))} if home.tasks.is_file() else {}
    )
