"""Disclosure control of a release: observations in, the same observations with what must stay inside taken out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import polars as pl

from minzheng.contracts.editions import CODE_LENGTH
from minzheng.disclosure.deciding import Decision, decide, small
from minzheng.disclosure.following import followers, uniform_groups
from minzheng.disclosure.linking import Count, counted
from minzheng.disclosure.panel import Panel, panel
from minzheng.disclosure.recalling import Recall
from minzheng.disclosure.reporting import SuppressionReport, lost_by_simple_rules
from minzheng.disclosure.rounding import rounded
from minzheng.disclosure.rules import Profile, rules
from minzheng.disclosure.rules import profile as named_profile
from minzheng.indicators.revisions import CELL

KEY = [*CELL]
SHOWN = ["numerator", "denominator", "obs_value"]
TAKEN = [*SHOWN, "lower_bound", "upper_bound"]


def apply(
    observations: pl.DataFrame,
    registry: Mapping,
    profile: str | Profile = "prefecture",
    previous: Sequence[pl.DataFrame] = (),
    *,
    always: Collection[int] = (),
    never: Collection[int] = (),
    also: Collection[int] = (),
    recall: Path | None = None,
) -> tuple[pl.DataFrame, SuppressionReport]:
    """Withhold what can single out a person, and what would give it away.

    `observations`: the unsuppressed observations of the release, all months (columns of the observations contract).
    `registry`: code -> `Indicator`. `previous`: the observations of earlier releases, as published, oldest first: what
    they show unchanged stays shown, what they withheld stays withheld. `always`: rows shown whatever they are, exactly; what
    they give away by themselves is shown too, but of the rows `never`, which then count as unprotected. `also`: rows to withhold besides. `recall`: a file that keeps decisions between
    runs, so that only months that changed are solved; it changes no result. Returns the observations in the same order,
    with `conf_status` C and no numerator, denominator, value or bounds where withheld and F elsewhere, and the report.
    """
    profile, table_rules = named_profile(profile), rules()
    observations = observations.with_columns(pl.lit("F").alias("conf_status"))
    counts = counted(observations, registry, table_rules)
    seen = seen_before(rounded(observations, counts, profile, registry, always), previous)
    withheld = set(seen.filter(pl.col("withheld"))["row"].to_list()).difference(always)
    public = (set(seen.filter(pl.col("published"))["row"].to_list()) - withheld).union(always)
    report, kept = SuppressionReport(profile), Recall(recall)
    months = panel(observations, registry, table_rules, previous, public)
    exact = follow(months, always)
    told = exact.intersection(never)
    few = {row for count, row in months.row.items() if small(months.truth, profile, count)}
    asked = few | withheld | set(also) | uniform_groups(counts, profile, report)
    if profile.zeros == "withhold":
        asked |= {
            row
            for count, row in months.row.items()
            if months.truth[count] == 0 and count.dimension != "_T"
        }
    primary = asked & set(months.row.values()) - public - exact - {
        months.row[count] for count in months.given
    }
    decision = decide(months, primary, profile, table_rules.weights, kept)
    kept.write()
    _report(report, months, decision, (few & public - exact) | told)
    report.proofs = decision.proofs
    hidden = decision.hidden | withheld
    hidden |= followers(observations, hidden, table_rules, profile)
    hidden -= exact
    empty = observations.with_row_index("row").filter(pl.all_horizontal(pl.col(SHOWN).is_null()))[
        "row"
    ]
    mask = pl.Series("hidden", [False] * len(observations))
    if hidden:
        mask = mask.scatter(sorted(hidden - set(empty.to_list())), True)
    report.count(observations, counts, mask)
    released = observations.with_columns(
        pl.when(mask).then(None).otherwise(pl.col(column)).alias(column) for column in TAKEN
    ).with_columns(pl.when(mask).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"))
    return rounded(released, counts, profile, registry, exact), report


def follow(months: Panel, always: Collection[int]) -> set[int]:
    """The rows `always` shown, and the county's of which they leave nothing to withhold."""
    told = months.follow(always)
    counts: dict[int, set[Count]] = defaultdict(set)
    for count, row in months.row.items():
        counts[row].add(count)
    return set(always) | {
        row
        for row, own in counts.items()
        if always and own <= told and all(len(count.area) == CODE_LENGTH["county"] for count in own)
    }


def seen_before(observations: pl.DataFrame, previous: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Row number, `published` (the latest release that has the cell shows it as it is now) and `withheld` (one hid it)."""
    cells = observations.select(*KEY, *SHOWN).with_row_index("row")
    if not previous:
        none = pl.lit(False)
        return cells.select("row", none.alias("published"), none.alias("withheld"))
    columns = [*KEY, *SHOWN, "conf_status"]
    ranked = pl.concat(
        [
            frame.select(columns).with_columns(pl.lit(i).alias("rank"))
            for i, frame in enumerate(previous)
        ]
    )
    newest = ranked.sort("rank").group_by(KEY, maintain_order=True).last()
    hid = ranked.group_by(KEY).agg((pl.col("conf_status") == "C").any().alias("withheld"))
    same = pl.all_horizontal(
        pl.col(column).eq_missing(pl.col(f"{column}_right")) for column in SHOWN
    )
    joined = cells.join(newest, on=KEY, how="left", maintain_order="left").join(
        hid, on=KEY, how="left", maintain_order="left"
    )
    return joined.select(
        "row",
        ((pl.col("conf_status") == "F") & same).fill_null(False).alias("published"),
        pl.col("withheld").fill_null(False),
    )


def _report(
    report: SuppressionReport, months: Panel, decision: Decision, derivable: set[int]
) -> None:
    """What the decision came to, and what simple rules would have withheld, month by month."""
    report.add(decision, months)
    given_away = {count for count, row in months.row.items() if row in derivable}
    report.unprotected = sorted(map(str, decision.open | given_away))
    for month, now in months.months.items():
        tied = [
            tie
            for tie in months.sums[month]
            if {count.month for count in tie.terms} == {month} and not tie.published
        ]
        lost_by_simple_rules(report, now, tied)
