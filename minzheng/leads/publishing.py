"""What of the leads may leave the bureau: counts by rule, level and township, protected together; never a list.

Counts of 1 to 4 are withheld, and as many others as it takes that nobody can work them out from sums: townships add up
to the county, rules to their level (`minzheng.disclosure.protect`); the indicators that count the same leads are reckoned with.
"""

from collections.abc import Sequence
from itertools import product

import duckdb
import polars as pl

from minzheng.leads.desk import counts, cut_off
from minzheng.leads.measures import measures
from minzheng.leads.rules import rules

COUNTED = ("leads", "open_cases", "overdue", "unsure")
MEASURED = ("confirmed", "refuted", "over_90", "due", "in_time")
LEVELS = {
    "month": pl.String,
    "township_code": pl.String,
    "level": pl.String,
    **dict.fromkeys(COUNTED, pl.Int64),
    "not_judged": pl.Int64,  # rules of the level that could not be judged there, or in any township: in no count
    "list_age": pl.Int64,  # months since the oldest list behind the counts
}
MEASURES = {
    "month": pl.String,
    "rule_id": pl.String,  # _T for a township
    "township_code": pl.String,  # the county for a rule
    "title_zh": pl.String,
    **dict.fromkeys(MEASURED, pl.Int64),
    "precision": pl.Float64,
    "rate": pl.Float64,
}


def _threshold() -> int:
    """From how many on a count singles out nobody: releases are made for readers of the prefecture's profile."""
    from minzheng.disclosure.rules import profile

    return profile("prefecture").threshold


def by_level(counted: pl.DataFrame, county: str) -> pl.DataFrame:
    """`counts` of a month summed by level (`LEVELS`), for each township and the county; null where no rule was judged."""
    known = pl.col("leads").is_not_null()
    parts = [
        pl.when(known.any() | (name not in ("leads", "unsure")))
        .then(pl.col(name).sum())
        .alias(name)
        for name in COUNTED
    ]
    grouped = [
        frame.group_by("month", "township_code", "level").agg(
            *parts,
            pl.col("rule_id").filter(~known).n_unique().alias("not_judged"),
            pl.col("list_age").max(),
        )
        for frame in (counted, counted.with_columns(township_code=pl.lit(county)))
    ]
    return (
        pl.concat(grouped)
        .select(pl.col(name).cast(kind) for name, kind in LEVELS.items())
        .sort("township_code", "level")
    )


def by_rule(counted: pl.DataFrame, county: str) -> pl.DataFrame:
    """`counts` of a month for the county by rule; leads and unsure are null where a township could not be judged."""
    whole = {
        name: pl.when(pl.col(name).is_null().any())
        .then(None)
        .otherwise(pl.col(name).sum())
        .alias(name)
        for name in COUNTED
    }
    return (
        counted.group_by("month", "rule_id", "kind", "level", "title_zh")
        .agg(*whole.values(), pl.col("list_age").max())
        .with_columns(township_code=pl.lit(county))
        .sort("rule_id")
    )


def publishable(
    connection: duckdb.DuckDBPyConnection, month: str, county: str, released: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The month's counts by rule for the county, and by level for county and townships (`LEVELS`), withheld where need be.

    `released`: the observations as published; the indicators that count leads by rule tell some of the same numbers.
    """
    counted = counts(connection, month)
    rules_frame, levels = by_rule(counted, county), by_level(counted, county)
    for name in COUNTED:
        told = _told(released, month) if name == "leads" else {}
        hidden = _withheld(counted, rules_frame, county, name, told)
        rules_frame = _without(rules_frame, name, pl.col("rule_id") + f"@{county}", hidden)
        levels = _without(levels, name, pl.col("level") + "@" + pl.col("township_code"), hidden)
    return rules_frame, levels


def _told(released: pl.DataFrame, month: str) -> dict[str, int | None]:
    """What the indicators tell of the leads by rule and area (`SW01@632224100`); None where they withhold it."""
    counting = [
        pl.struct(indicator_id=pl.lit(code), category=pl.lit(rule.rule_id))
        for rule in rules()
        for code in rule.counted_in
    ]
    cell = pl.struct("indicator_id", "category")
    told = released.filter(
        pl.col("time_period") == month,
        pl.any_horizontal(cell == one for one in counting),
        pl.col("numerator").is_not_null() | (pl.col("conf_status") == "C"),
    ).select(pl.col("category") + "@" + pl.col("ref_area"), pl.col("numerator").cast(pl.Int64))
    return dict(told.iter_rows())


def _withheld(
    counted: pl.DataFrame,
    rules_frame: pl.DataFrame,
    county: str,
    name: str,
    told: dict[str, int | None],
) -> frozenset[str]:
    """The cells of one count that must not be told, by rule or level and area: all that add up, protected together.

    Rules by township are told nowhere but in indicators (`told`), and nobody may work them out.
    """
    from minzheng.disclosure import protect

    inner = {
        f"{rule}@{code}": value or 0
        for rule, code, value in counted.select("rule_id", "township_code", name).iter_rows()
    }
    cells, sums = dict(inner), []
    level_of = dict(counted.select("rule_id", "level").iter_rows())
    townships = counted["township_code"].unique().sort().to_list()
    for rule in level_of:
        parts = [f"{rule}@{code}" for code in townships if f"{rule}@{code}" in inner]
        cells[f"{rule}@{county}"] = sum(inner[part] for part in parts)
        sums.append((f"{rule}@{county}", parts))
    for level, area in product(sorted(set(level_of.values())), (*townships, county)):
        parts = [
            f"{rule}@{area}"
            for rule, of in level_of.items()
            if of == level and f"{rule}@{area}" in cells
        ]
        cells[f"{level}@{area}"] = sum(cells[part] for part in parts)
        sums.append((f"{level}@{area}", parts))
    known = {
        cell: value
        for cell, value in told.items()
        if value is not None and cells.get(cell) == value
    }
    unknown = {f"{rule}@{county}" for rule in rules_frame.filter(pl.col(name).is_null())["rule_id"]}
    withheld = (inner.keys() | unknown | told.keys()) - known.keys()
    return protect(
        cells, sums, threshold=_threshold(), known=known, withheld=withheld & cells.keys()
    ).withheld


def _without(frame: pl.DataFrame, name: str, cell: pl.Expr, hidden: frozenset[str]) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(cell.is_in(list(hidden))).then(None).otherwise(name).alias(name)
    )


def trend(
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    county: str,
    released: Sequence[pl.DataFrame] = (),
) -> pl.DataFrame:
    """The county by level in each of the months (`LEVELS`).

    `released`: the frames by level of the frozen releases in the order of their approval. A month that one of them shows
    is told as the last of them told it, whatever is known by now: two different figures of a month would tell more than
    either. A month that none has shown is counted now; its counts of 1 to 4 are withheld, and nothing here adds up to them.
    """
    wanted = pl.col("month").is_in(list(months)) & (pl.col("township_code") == county)
    shown: dict[str, pl.DataFrame] = {}
    for frame in released:
        shown |= {
            month: part
            for (month,), part in frame.filter(wanted).partition_by("month", as_dict=True).items()
        }
    small = [
        pl.when(pl.col(name).is_between(1, _threshold() - 1)).then(None).otherwise(name).alias(name)
        for name in COUNTED
    ]
    for month in months:
        if month not in shown:
            shown[month] = (
                by_level(counts(connection, month), county).filter(wanted).with_columns(small)
            )
    frames = [
        shown[month].select(pl.col(name).cast(kind) for name, kind in LEVELS.items())
        for month in months
    ]
    return pl.concat([pl.DataFrame(schema=LEVELS), *frames])


def publishable_measures(
    connection: duckdb.DuckDBPyConnection, month: str, county: str
) -> pl.DataFrame:
    """How good the rules are as at the month's cut-off (`MEASURES`): a row a rule for the county, a row a township.

    Null: withheld, or nothing to judge by. A precision or rate is told only where its counts are.
    """
    cases = connection.sql(
        "select * from lead.case_month where month = $month", params={"month": month}
    ).pl()
    measured = measures(cases, cut_off(month)).select("rule_id", "township_code", *MEASURED)
    sums = [pl.col(name).sum() for name in MEASURED]
    rules_frame = measured.group_by("rule_id").agg(sums).with_columns(township_code=pl.lit(county))
    townships = measured.group_by("township_code").agg(sums).with_columns(rule_id=pl.lit("_T"))
    frame = pl.concat([rules_frame, townships.select(rules_frame.columns)]).with_columns(
        month=pl.lit(month)
    )
    cell = pl.col("rule_id") + ":" + pl.col("township_code")
    for name in MEASURED:
        frame = _without(frame, name, cell, _withheld_measure(frame.with_columns(cell=cell), name))
    titles = {rule.rule_id: rule.title.zh for rule in rules()}
    answered = pl.col("confirmed") + pl.col("refuted")
    return frame.with_columns(
        title_zh=pl.col("rule_id").replace_strict(titles, default=None, return_dtype=pl.String),
        precision=pl.when(answered > 0).then(pl.col("confirmed") / answered),
        rate=pl.when(pl.col("due") > 0).then(pl.col("in_time") / pl.col("due")),
    ).select(pl.col(name).cast(kind) for name, kind in MEASURES.items()).sort("rule_id", "township_code")  # fmt: skip


def _withheld_measure(frame: pl.DataFrame, name: str) -> frozenset[str]:
    """Rules and townships are two ways to cut the same cases: their sums agree."""
    from minzheng.disclosure import protect

    cells = dict(frame.select("cell", name).iter_rows())
    same = {cell: -1 if cell.startswith("_T:") else 1 for cell in cells}
    return protect(cells, [same] if cells else [], threshold=_threshold()).withheld
