"""The draft of a month: its whole frames, gathered once from the warehouse; then each edition is written from what it shows."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset_names
from minzheng.contracts.editions import edition, editions
from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import Plan, folder_of
from minzheng.contracts.regions import county, regions
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody.egress import refuse_identities
from minzheng.custody.home import Home
from minzheng.custody.vault import identities, keys_of
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.disclosure.showing import Judge, shown, shown_observations
from minzheng.errors import MinzhengError
from minzheng.indicators import models, movement, revisions
from minzheng.indicators.vintages import as_known, known_months, with_provisional
from minzheng.leads import publishing as leads
from minzheng.leads.desk import counts
from minzheng.months import add_months, months_between
from minzheng.progress.clauses import clause_trace
from minzheng.progress.table import Bases
from minzheng.progress.targets import TARGETS, rewritten, targets_table
from minzheng.progress.tasks import progress, reports, task_table
from minzheng.publish.evaluation.frozen import bases_of, concerned
from minzheng.publish.release.folder import staged
from minzheng.publish.release.frozen import EVALUATIONS, folders, settle
from minzheng.publish.release.manifest import InputHash, read_manifest
from minzheng.publish.release.published import History, Revision, approved_at
from minzheng.publish.release.quality import quality_table
from minzheng.publish.release.writing import fill_edition, tree_hash
from minzheng.publish.report.blocks import Report
from minzheng.publish.report.building import build_report
from minzheng.publish.report.filled import filled
from minzheng.publish.site.archive import earlier_releases, evaluations
from minzheng.warehouse import lineage
from minzheng.warehouse.stale import refuse_uncomputed

LEAD_MONTHS = 12
"""How many months the trend of the leads goes back."""


@dataclass(frozen=True)
class Draft:
    """What was written."""

    folder: Path
    observations: int
    missing: int


ReportJudge = Callable[[ReleaseFrames, Report, str, pl.DataFrame | None], pl.DataFrame]
"""From shaped frames, the report printed from them, its month and the observations told before: the table of checks, judged."""


def write_drafts(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, judge_report: ReportJudge
) -> Draft:
    """Write `drafts/<month>` whole, an edition a folder; refuses to if any byte of it names a person.

    Only editions that withhold nothing are drafted; the others are made when the month is released.
    """
    settle(home)
    history = History.of(home)
    frames = with_report_judged(
        whole_frames(home, connection, month, history), history, month, judge_report
    )
    names, last = roll_names(home, connection, month), history.last(month)
    told = {
        "revision": last.number + 1 if last and last.month == month else 1,
        "inputs": inputs(connection, month),
        "plans": plan_versions(home, month),
        "blocking": blocking(connection, month),
        "gate": lambda written: refuse_identities(written, names),
        "own": filled(home, month),
    }
    with staged(home.drafts / month) as work:
        for one in (each for each in editions().values() if each.protection is None):
            (work / one.name).mkdir(mode=0o700)
            before = last.editions.get(one.name, last.main) if last else None
            earlier = earlier_releases(history.revisions, one.name, month)
            earlier += evaluations(folders(home, EVALUATIONS), one.name)
            fill_edition(
                work / one.name,
                month,
                shown(frames, one),
                one,
                previous=before,
                earlier=earlier,
                **told,
            )
    missing = frames.observations.filter(pl.col("obs_status") == "M").height
    return Draft(home.drafts / month, frames.observations.height, missing)


def recall_file(home: Home) -> Path:
    """Where judgements of disclosure control are kept between runs: names of withheld cells, no values."""
    return home.warehouse.parent / "disclosure.json"


def current_observations(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    first: str | None = None,
    last: str | None = None,
    name: str = "bureau",
) -> pl.DataFrame:
    """The observations as they stand now, as an edition shows them, in the columns of docs/data.md."""
    first, last = first or "0000-00", last or "9999-99"
    refuse_uncomputed(connection)
    history, one = History.of(home), edition(name)
    earliest = (
        first if one.protection is None else "0000-00"
    )  # what is withheld rests on every month
    whole = whole_observations(connection, earliest, last, history)
    told = shown_observations(whole, one, [*history.released(name)], recall_file(home))
    return told.filter(pl.col("time_period") >= first)


def as_known_observations(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    on: dt.date,
    first: str | None = None,
    last: str | None = None,
    name: str = "bureau",
) -> pl.DataFrame:
    """As `vintages.as_known`, for every month loaded by then unless a range is given, as an edition shows them.

    `MinzhengError` when no file had been received by then, or none of the months asked for.
    """
    months = known_months(connection, on, last)
    if not [month for month in months if month >= (first or "")]:
        raise MinzhengError(
            f"nothing had been received by {on} for the months asked", f"截至{on}没有可用的报送文件"
        )
    whole = as_known(connection, on, months[0], months[-1])
    told = shown_observations(
        whole, edition(name), [*History.of(home).released(name)], recall_file(home)
    )
    return told.filter(pl.col("time_period") >= (first or ""))


def whole_observations(
    connection: duckdb.DuckDBPyConnection, first: str, last: str, history: History
) -> pl.DataFrame:
    """The observations of the warehouse, with the share of cells revised since a month was first released."""
    return revisions.with_revision_rate(
        models.observations(connection, first, last), history.first()
    )


def with_report_judged(
    frames: ReleaseFrames, history: History, month: str, judge_report: ReportJudge
) -> ReleaseFrames:
    """The frames with the rules of the report judged on what would be printed from them."""
    shaped, last = frames.shaped(), history.last(month)
    before = shown_before(history, last) if last else None
    checks = judge_report(shaped, build_report(shaped, month), month, before)
    return replace(frames, quality=checks)


def roll_names(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> set[str]:
    """The names of everyone in the files in force for the month, for the gate to look for; never kept or shown."""
    frame = identities(home, keys_of(home), connection, month, dataset_names())
    return {name for name in frame["person_name"].drop_nulls().unique() if len(name) > 2}


def whole_frames(
    home: Home, connection: duckdb.DuckDBPyConnection, month: str, history: History
) -> ReleaseFrames:
    """Everything there is to tell of `month`, with every earlier month computed so far; nothing withheld."""
    refuse_rewritten(concerned(home, month), history.last(month))
    observations = whole_observations(connection, "0000-00", month, history)
    observations = with_provisional(observations, [*history.first(month).values()], month)
    return ReleaseFrames(
        observations=observations,
        **judging(home, month)(observations),
        quality=quality(connection, month),
        **lead_counts(connection, month),
        indicators=indicator_names().join(observations, on="indicator_id", how="semi"),
        areas=area_names(connection, month),
        revisions=revised(connection, month, observations, history),
        movement=moved(connection, month, observations, history),
        sources=lineage.sources(),
        files=lineage.files(connection, "0000-00", month),
    )


def refuse_rewritten(plans: Sequence[Plan], last: Revision | None) -> None:
    """`MinzhengError` where a target line was changed that the last release was judged by."""
    if last is None:
        return
    told, day = pl.read_parquet(last.main / "progress.parquet"), approved_at(last.main).date()
    for plan in plans:
        changed = rewritten(told, plan, last.month, day)
        if changed:
            raise MinzhengError(
                f"plan {plan.plan}: the target of {changed[0]} is another than {last.month} was released with: "
                "add a line with decided and valid_from, and leave the old one as it was",
                f"规划 {plan.plan}：{changed[0]} 的目标与已发布的不同：调整目标应另加一行（写明决定文件和生效月份），原行不得改动",
            )


def judging(home: Home, month: str) -> Judge:
    """What follows from observations for the plans that the month concerns."""
    plans = concerned(home, month)
    bases, tasks = bases_of(home, plans), task_table(plans, reports(home), month)

    def judge(observations: pl.DataFrame) -> dict[str, pl.DataFrame]:
        judged = progress(observations, tasks, plans, month, bases)
        return {
            "progress": judged,
            "tasks": tasks,
            "clauses": clause_trace(plans, observations, judged, tasks),
            "targets": targets(observations, plans, month, bases),
        }

    return judge


def targets(
    observations: pl.DataFrame, plans: Sequence[Plan], month: str, bases: Mapping[str, Bases]
) -> pl.DataFrame:
    """Every target and milestone of the plans that the month concerns, with what had come of it by its date."""

    rows = [targets_table(observations, plan, month, bases.get(plan.plan)) for plan in plans]
    return pl.concat([pl.DataFrame(schema=TARGETS), *rows])


def moved(
    connection: duckdb.DuckDBPyConnection, month: str, observations: pl.DataFrame, history: History
) -> pl.DataFrame | None:
    """Why the headlines changed since the month before, as first released where it was; None where it is not computed."""
    before = add_months(month, -1)
    if observations.filter(pl.col("time_period") == before).is_empty():
        return None
    return movement.movements(connection, month, history.first().get(before))


def revised(
    connection: duckdb.DuckDBPyConnection, month: str, observations: pl.DataFrame, history: History
) -> pl.DataFrame | None:
    """The cells that changed since the last release with their reasons; None where there is no release before."""
    last = history.last(month)
    if last is None:
        return None
    hidden = history.observations(last.main).filter(pl.col("conf_status") == "C")
    known = observations.join(hidden, on=list(revisions.CELL), how="anti", maintain_order="left")
    came = read_manifest(last.main).content["inputs"]
    return revisions.since_release(connection, shown_before(history, last), came, known)


def shown_before(history: History, last: Revision) -> pl.DataFrame:
    """What the last release showed: that a cell which it withheld (0.1.0 did) is told now is no revision."""
    return history.observations(last.main).filter(pl.col("conf_status") != "C")


def quality(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Completeness and every check's outcome of the month."""

    arrival = pl.col("kind") == "completeness"
    lacking = (pl.col("state") == "missing").cast(pl.Int64)
    return (
        quality_table(connection, [month])
        .with_columns(
            time_period=pl.col("month"),
            dataset=pl.col("dataset").fill_null("_T"),
            rule_id=pl.when(arrival).then(pl.lit("completeness")).otherwise("subject"),
            checked=pl.when(arrival).then(1).otherwise("checked"),
            failed=pl.when(arrival).then(lacking).otherwise("failed"),
        )
        .drop("month")
    )


def lead_counts(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, pl.DataFrame]:
    """The frames about leads: by rule, by level with their trend, how good the rules are."""
    counted = counts(connection, month)
    earlier = months_between(add_months(month, 1 - LEAD_MONTHS), add_months(month, -1))
    judged = {
        one for (one,) in connection.execute("select distinct month from lead.evaluated").fetchall()
    }
    trend = leads.trend(connection, [one for one in earlier if one in judged], county())
    return {
        "leads": leads.by_rule(counted, county()),
        "lead_levels": pl.concat([leads.by_level(counted, county()), trend]),
        "lead_measures": leads.rule_measures(connection, month, county()),
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
                "year_to_date": one.year_to_date,
                "nature": one.nature,
                "definition_zh": one.definition.zh,
            }
            for one in registry().values()
        ]
    )


def area_names(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Code and name of the county, its townships and villages; the newest region file's names before the contract's.

    A township of which only a village is told is named by its code.
    """
    told = dict(
        connection.execute(
            "select region_code, region_name from register.region where length(region_code) >= 6"
            " order by month, intake_no, row_no"
        ).fetchall()
    )
    unnamed = {code[:9]: code[:9] for code in told if len(code) > 9}
    names = unnamed | {region.code: region.name for region in regions()} | told
    return pl.DataFrame(sorted(names.items()), schema=["code", "name_zh"], orient="row")


def inputs(connection: duckdb.DuckDBPyConnection, month: str) -> list[InputHash]:
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

    hashes = {plan.plan: tree_hash(folder_of(plan.plan), ("*",)) for plan in concerned(home, month)}
    return hashes | (
        {"tasks": tree_hash(home.tasks.parent, (home.tasks.name,))} if home.tasks.is_file() else {}
    )
