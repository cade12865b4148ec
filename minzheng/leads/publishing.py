"""The leads as counts: by rule, by level over a year, how good the rules are; never a list. Nothing is withheld here."""

from collections.abc import Sequence

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


def by_level(counted: pl.DataFrame, county: str) -> pl.DataFrame:
    """`counts` of a month summed by level (`LEVELS`), for each township and the county; null where no rule was judged."""
    known = pl.col("leads").is_not_null()
    parts = [
        pl.when(known.any() | (name not in ("leads", "unsure"))).then(pl.col(name).sum()).alias(name)
        for name in COUNTED
    ]
    grouped = [
        frame.group_by("month", "township_code", "level").agg(
            *parts, pl.col("rule_id").filter(~known).n_unique().alias("not_judged"), pl.col("list_age").max()
        )
        for frame in (counted, counted.with_columns(township_code=pl.lit(county)))
    ]
    return (
        pl.concat(grouped)
        .select(pl.col(name).cast(kind) for name, kind in LEVELS.items())
        .sort("township_code", "level")
    )


def by_rule(counted: pl.DataFrame, county: str) -> pl.DataFrame:
    """`counts` of a month by rule, for each township and the county (`leads` and `unsure` null where it is not judged).

    A rule that could not be judged in a township has no county count of leads.
    """
    whole = {
        name: pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
        for name in COUNTED
    }
    of_county = (
        counted.group_by("month", "rule_id", "kind", "level", "title_zh")
        .agg(*whole.values(), pl.col("list_age").max())
        .with_columns(township_code=pl.lit(county))
    )
    return pl.concat([of_county, counted.select(of_county.columns)]).sort("rule_id", "township_code")


def trend(connection: duckdb.DuckDBPyConnection, months: Sequence[str], county: str) -> pl.DataFrame:
    """The county by level in each of the months (`LEVELS`), as it is known now."""
    told = [by_level(counts(connection, month), county) for month in months]
    return pl.concat([pl.DataFrame(schema=LEVELS), *told]).filter(pl.col("township_code") == county)


def rule_measures(connection: duckdb.DuckDBPyConnection, month: str, county: str) -> pl.DataFrame:
    """How good the rules are as at the month's cut-off (`MEASURES`): a row a rule for the county, a row a township.

    Null: nothing to judge by.
    """
    cases = connection.sql("select * from lead.case_month where month = $month", params={"month": month}).pl()
    measured = measures(cases, cut_off(month)).select("rule_id", "township_code", *MEASURED)
    sums = [pl.col(name).sum() for name in MEASURED]
    rules_frame = measured.group_by("rule_id").agg(sums).with_columns(township_code=pl.lit(county))
    townships = measured.group_by("township_code").agg(sums).with_columns(rule_id=pl.lit("_T"))
    frame = pl.concat([rules_frame, townships.select(rules_frame.columns)]).with_columns(month=pl.lit(month))
    titles = {rule.rule_id: rule.title.zh for rule in rules()}
    answered = pl.col("confirmed") + pl.col("refuted")
    return frame.with_columns(
        title_zh=pl.col("rule_id").replace_strict(titles, default=None, return_dtype=pl.String),
        precision=pl.when(answered > 0).then(pl.col("confirmed") / answered),
        rate=pl.when(pl.col("due") > 0).then(pl.col("in_time") / pl.col("due")),
    ).select(pl.col(name).cast(kind) for name, kind in MEASURES.items()).sort("rule_id", "township_code")  # fmt: skip
