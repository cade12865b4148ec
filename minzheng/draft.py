"""The draft of a month: its whole frames, gathered once from the warehouse; then each edition is written from what it shows."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from minzheng import indicators, lineage, movement, revisions
from minzheng.clauses import clause_trace
from minzheng.comparison import is_year_to_date
from minzheng.contracts import CONTRACTS, dataset_names
from minzheng.disclosure.rules import profile
from minzheng.disclosure.showing import shown, shown_observations, within
from minzheng.disclosure.utility import utility
from minzheng.editions import edition, editions
from minzheng.egress import refuse_identities
from minzheng.errors import MinzhengError
from minzheng.home import Home
from minzheng.leads import publishing as leads
from minzheng.leads.desk import counts
from minzheng.months import add_months, months_between
from minzheng.plans import plan_for
from minzheng.publish.exchange import read_frame, read_frames
from minzheng.publish.folder import staged
from minzheng.publish.found import History, Revision
from minzheng.publish.frames import ReleaseFrames
from minzheng.publish.manifest import InputHash, Manifest, read_manifest, verify
from minzheng.publish.release import fill_edition, freeze
from minzheng.publish.report import build_report
from minzheng.publish.site.archive import earlier_releases
from minzheng.registry import county, regions, registry
from minzheng.state import ACCEPTED
from minzheng.tasks import progress, reports, task_list, task_table
from minzheng.vault import identities, keys_of
from minzheng.vintages import as_known, known_months, with_provisional

PRODUCTS_SECONDS, MONTH_SECONDS = 10, 0.3
"""What making the public's edition takes: its files, and protecting a month, measured on one core of 2020."""
LEAD_MONTHS = 12
"""How many months the trend of the leads goes back."""


@dataclass(frozen=True)
class Draft:
    """What was written."""

    folder: Path
    observations: int
    missing: int


def write_drafts(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> Draft:
    """Write `drafts/<month>` whole, an edition a folder; refuses to if any byte of it names a person.

    Only editions that withhold nothing are drafted; the others are made when the month is released.
    """
    history = History.of(home)
    frames = with_report_judged(whole_frames(home, connection, month, history), history, month)
    names, last = roll_names(home, connection, month), history.last(month)
    told = {
        "revision": last.number + 1 if last and last.month == month else 1,
        "inputs": inputs(connection, month),
        "plans": plan_versions(home, month),
        "blocking": blocking(connection, month),
        "gate": lambda written: refuse_identities(written, names),
    }
    with staged(home.drafts / month) as work:
        for one in (each for each in editions().values() if each.protection is None):
            (work / one.name).mkdir(mode=0o700)
            before = last.editions.get(one.name, last.main) if last else None
            earlier = earlier_releases(history.revisions, one.name, month)
            fill_edition(
                work / one.name,
                month,
                shown(frames, one, month),
                one,
                previous=before,
                earlier=earlier,
                **told,
            )
    missing = frames.observations.filter(pl.col("obs_status") == "M").height
    return Draft(home.drafts / month, frames.observations.height, missing)


def write_public(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> Path:
    """Write `drafts/<month>/public` from the bureau's draft beside it, protected against readers of all earlier public editions.

    `MinzhengError` where there is no draft, it was changed by hand, or what is always shown gives a withheld count away.
    """
    public = edition("public")
    draft = home.drafts / month / "bureau"
    history, manifest = History.of(home), drafted_manifest(draft, month)
    frames = shown(read_frames(draft), public, month, [*history.told(public.name)], recall_file(home))
    frames = with_public_judged(frames, read_frames(draft).quality, month)
    names, last = roll_names(home, connection, month), history.last(month)
    before = next(
        (
            one.editions["public"]
            for one in reversed(history.revisions)
            if one.month <= month and "public" in one.editions
        ),
        None,
    )
    told = manifest.content
    with staged(home.drafts / month / public.name) as work:
        fill_edition(
            work,
            month,
            frames,
            public,
            revision=revision_of(manifest, last, month),
            inputs=[InputHash(**one) for one in told["inputs"]],
            previous=before,
            plans=told["versions"]["plans"],
            blocking=told["checks"]["blocking"],
            gate=lambda written: refuse_identities(written, names),
        )
    return home.drafts / month / public.name


def make_public(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> Path:
    """`write_public`; what was there before is gone where it fails, and a defect of ours is told by its kind only."""
    try:
        return write_public(home, connection, month)
    except Exception as error:
        shutil.rmtree(home.drafts / month / "public", ignore_errors=True)
        if isinstance(error, MinzhengError):
            raise
        raise MinzhengError(
            f"the public edition could not be made: {type(error).__name__}",
            "公开版未能生成：程序内部错误",
        ) from error


def release(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    approved_by: str,
    approved_at: dt.datetime,
    signatures: Mapping[str, str] | None = None,
) -> tuple[Path, MinzhengError | None]:
    """Freeze every edition of the draft, the public's made first; the folder, and why the public's is not in it.

    Whatever keeps the public edition from being made, the others are frozen; released again, the month gets it.
    """
    fault = None
    if (home.drafts / month).is_dir():
        try:
            make_public(home, connection, month)
        except MinzhengError as error:
            fault = error
    return freeze(home, month, approved_by, approved_at, signatures=signatures), fault


def drafted_manifest(draft: Path, month: str) -> Manifest:
    """The manifest of the bureau's draft; `MinzhengError` where there is none or it is not what was written."""
    if not draft.is_dir():
        raise MinzhengError(
            f"no draft of {month}: run `minzheng run --month {month}` first",
            f"没有{month}的草稿：请先运行该月",
        )
    if faults := verify(draft):
        raise MinzhengError(f"the draft of {month} is damaged: {faults[0]}", f"{month}的草稿已被改动：{faults[0]}")
    return read_manifest(draft)


def revision_of(manifest: Manifest, last: Revision | None, month: str) -> int:
    """The number of the revision that a draft becomes, or of the last one where that says the same already."""
    if last and last.month == month:
        same = read_manifest(last.main).content["content_sha256"] == manifest.content["content_sha256"]
        return last.number if same else last.number + 1
    return 1


def with_public_judged(frames: ReleaseFrames, quality: pl.DataFrame, month: str) -> ReleaseFrames:
    """The frames with the outcomes of the rules about withheld figures, for the manifest; refuses where one fails."""
    from quality.report import judge_public, with_report_rules

    outcomes = judge_public(frames.observations, month)
    failed = outcomes.filter(pl.col("state") == "fail")["rule_id"].to_list()
    if failed:
        raise MinzhengError(
            f"the public edition is refused: rules {', '.join(failed)} failed",
            f"公开版不能制作：{'、'.join(failed)}未通过",
        )
    rows = quality.filter(pl.col("rule_id").is_in(outcomes["rule_id"].to_list()))
    return replace(frames, quality=with_report_rules(rows, outcomes))


def public_utility(home: Home, month: str) -> pl.DataFrame:
    """How many cells the public's draft shows, beside the plain rule and the release before (`disclosure.utility.utility`)."""
    public, draft = edition("public"), home.drafts / month
    history = History.of(home)
    last = history.last(month)
    before = history.observations(last.editions.get(public.name, last.main)) if last else None
    whole = within("observations", read_frame(draft / "bureau", "observations"), public)
    released = read_frame(draft / public.name, "observations")
    return utility(whole, released, profile(public.protection.profile).threshold, before)


def seconds_for_public(home: Home, month: str) -> int:
    """About how long the public's edition of a month takes to make, in seconds of one processor."""
    first = min([month, *(path.name for path in home.drafts.glob("[0-9]*-[0-9]*"))])
    return PRODUCTS_SECONDS + round(len(months_between(first, month)) * MONTH_SECONDS)


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
    """The observations as they stand now, as an edition shows them, in the columns of contracts/outputs.md."""
    first, last = first or "0000-00", last or "9999-99"
    history, one = History.of(home), edition(name)
    earliest = first if one.protection is None else "0000-00"  # what is withheld rests on every month
    whole = whole_observations(connection, earliest, last, history)
    told = shown_observations(whole, one, [*history.told(name)], recall_file(home))
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
        raise MinzhengError(f"nothing had been received by {on} for the months asked", f"截至{on}没有可用的报送文件")
    whole = as_known(connection, on, months[0], months[-1])
    told = shown_observations(whole, edition(name), [*History.of(home).told(name)], recall_file(home))
    return told.filter(pl.col("time_period") >= (first or ""))


def whole_observations(connection: duckdb.DuckDBPyConnection, first: str, last: str, history: History) -> pl.DataFrame:
    """The observations of the warehouse, with the share of cells revised since a month was first released."""
    return revisions.with_revision_rate(indicators.observations(connection, first, last), history.first())


def with_report_judged(frames: ReleaseFrames, history: History, month: str) -> ReleaseFrames:
    """The frames with the rules of the report judged on what would be printed from them."""
    from quality.report import judge_report, with_report_rules

    shaped, last = frames.shaped(), history.last(month)
    before = told_before(history, last) if last else None
    outcomes = judge_report(shaped, build_report(shaped, month), month, before)
    return replace(frames, quality=with_report_rules(frames.quality, outcomes))


def roll_names(home: Home, connection: duckdb.DuckDBPyConnection, month: str) -> set[str]:
    """The names of everyone in the files in force for the month, for the gate to look for; never kept or shown."""
    frame = identities(home, keys_of(home), connection, month, dataset_names())
    return {name for name in frame["person_name"].drop_nulls().unique() if len(name) > 2}


def whole_frames(home: Home, connection: duckdb.DuckDBPyConnection, month: str, history: History) -> ReleaseFrames:
    """Everything there is to tell of `month`, with every earlier month computed so far; nothing withheld."""
    observations = whole_observations(connection, "0000-00", month, history)
    observations = with_provisional(observations, [*history.first(month).values()], month)
    tasks = task_table(task_list(), reports(home), month)
    judged = progress(observations, tasks, month)
    return ReleaseFrames(
        observations=observations,
        progress=judged,
        quality=quality(connection, month),
        **lead_counts(connection, month),
        indicators=indicator_names(),
        areas=area_names(connection, month),
        revisions=revised(connection, month, observations, history),
        movement=moved(connection, month, observations, history),
        sources=lineage.sources(),
        files=lineage.files(connection, "0000-00", month),
        tasks=tasks,
        clauses=clause_trace(observations, judged, tasks),
    )


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
    return revisions.since_release(connection, told_before(history, last), came, known)


def told_before(history: History, last: Revision) -> pl.DataFrame:
    """What the last release showed: that a cell which it withheld (0.1.0 did) is told now is no revision."""
    return history.observations(last.main).filter(pl.col("conf_status") != "C")


def quality(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Completeness and every check's outcome of the month."""
    from quality.table import quality_table

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
    judged = {one for (one,) in connection.execute("select distinct month from lead.evaluated").fetchall()}
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
            "select region_code, region_name from register.region where length(region_code) >= 6"
            " order by month, intake_no, row_no"
        ).fetchall()
    )
    names = {region.code: region.name for region in regions()} | told
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
    """The hashes of the plan file in force in the month and of what the offices reported of its tasks."""
    plan = plan_for(month)
    judged_by = {plan.plan: CONTRACTS / "plans" / f"{plan.plan}.yaml"} if plan else {}
    paths = judged_by | {"tasks": home.tasks}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.is_file()}
