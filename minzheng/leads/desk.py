"""The desk's lists: leads of a month with their cases, for the bureau; counts by township and rule, for everyone."""

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.leads.cases import pending_states
from minzheng.leads.rules import STANDING, rules
from minzheng.months import add_months, month_start, month_zh, months_between
from minzheng.warehouse.connection import model

CUT_OFF_DAY = 15


def leads_of(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """One row per lead of the month with its case: keys only, restricted all the same.

    Columns: case_id, rule_id, level, title_zh, instruction_zh, month, person_key, township_code, evidence, opened_on,
    due_on, state, outcome (code), decided_on, holds, complete, unsure, newly_opened. Cases that wait although their lists
    are missing are rows with `holds` false; `unsure`: the lead may only be there because a list is not (see `Rule`).
    """
    frame = connection.sql(
        model("lead/list"), params={"month": month, "pending": pending_states()}
    ).pl()
    named = pl.DataFrame(
        [(r.rule_id, r.level, r.title.zh, r.instruction.zh) for r in rules()],
        schema=["rule_id", "level", "title_zh", "instruction_zh"],
        orient="row",
    )
    return frame.join(named, on="rule_id", how="left", maintain_order="left")


def with_identities(frame: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Add `person_id_no` and `person_name` by person key; a person without an id number keeps null.

    `identities`: rows of the sealed lists (person_key, person_id_no, person_name, ...).
    """
    known = (
        identities.filter(pl.col("person_key").is_not_null())
        .select("person_key", "person_id_no", "person_name")
        .sort("person_id_no", "person_name", nulls_last=True)
        .unique("person_key", keep="first", maintain_order=True)
    )
    return frame.join(known, on="person_key", how="left", maintain_order="left")


def evidence_places(frame: pl.DataFrame) -> pl.DataFrame:
    """The places that the evidence names, one row each: case_id, dataset, intake_no, sheet, row_no."""
    place = pl.col("evidence").str.split(";")
    return (
        frame.filter(pl.col("evidence").is_not_null())
        .select("case_id", place.alias("place"))
        .explode("place")
        .with_columns(
            pl.col("place").str.extract_groups(
                r"^(?<dataset>[a-z_]+):(?<intake>\d+):(?<sheet>.*):(?<row>\d+)$"
            )
        )
        .unnest("place")
        .filter(pl.col("dataset").is_not_null())
        .select(
            "case_id",
            "dataset",
            pl.col("intake").cast(pl.Int64).alias("intake_no"),
            "sheet",
            pl.col("row").cast(pl.Int64).alias("row_no"),
        )
    )


def cut_off(month: str) -> dt.date:
    """The day as at which a month is counted: day 15 of the next month."""
    return month_start(add_months(month, 1)).replace(day=CUT_OFF_DAY)


def counts(
    connection: duckdb.DuckDBPyConnection, month: str, on: dt.date | None = None
) -> pl.DataFrame:
    """One row per township and rule: month, township_code, rule_id, kind, level, title_zh, leads, open_cases, overdue, unsure.

    `leads` is null where the rule could not be judged in the month (unknown, not zero); open cases go on waiting and then
    rest on an older list: `last_evaluated` tells the month, `list_age` the months since the oldest list the rule rests on;
    `complete` is false where a list lacks the township or has shrunk to under 60 % (leads may be false, none may end).
    `unsure` = leads of a rule that looks for people missing in a list which has not come in full (null as `leads`).
    `overdue` = open cases whose due date lies before `on`, by default the cut-off of the month (day 15 of the next).
    """
    on = on or cut_off(month)
    frame = connection.sql(
        model("lead/count"), params={"month": month, "on": on, "pending": pending_states()}
    ).pl()
    named = pl.DataFrame(
        [(r.rule_id, r.kind, r.level, r.title.zh) for r in rules()],
        schema=["rule_id", "kind", "level", "title_zh"],
        orient="row",
    )
    columns = [
        "month", "township_code", "rule_id", "kind", "level", "title_zh", "leads", "open_cases",
        "overdue",
    ]  # fmt: skip
    return (
        named.join(frame, on="rule_id", how="inner", maintain_order="left")
        .sort("township_code", "rule_id")
        .select(*columns, "unsure", "last_evaluated", "list_age", "complete")
    )


def list_ages(
    connection: duckdb.DuckDBPyConnection, month: str, names: Sequence[str] = ()
) -> pl.DataFrame:
    """How old lists are: township_code, dataset, newest (its latest month up to `month`, null for none), full_size.

    `names`: the lists; without them those that the rules rest on, but for optional ones, which nobody owes. `full_size` is false where the list of that latest month
    has under 60 % of the rows of the one before.
    """
    rested_on = set().union(*(rule.datasets for rule in rules())) - {"policy_param"}
    names = sorted(names or (name for name in rested_on if not dataset(name).optional))
    return connection.sql(model("lead/list_age"), params={"month": month, "datasets": names}).pl()


def lists_zh(ages: pl.DataFrame, month: str) -> str:
    """How old the lists of one township are, as a clerk reads it; `ages`: its rows of `list_ages`."""
    told = []
    for name, newest, full in ages.select("dataset", "newest", "full_size").iter_rows():
        title = dataset(name).title.zh.split("(")[0]
        if newest is None:
            told.append(f"{title}从未报送")
        elif newest < month:
            told.append(
                f"{title}最近一期为{month_zh(newest)}(早{len(months_between(newest, month)) - 1}个月)"
            )
        elif not full and name in STANDING:
            told.append(f"{title}不足上期六成")
    return "名单情况:" + (";".join(told) + ";其余均为本月。" if told else "所依据的名单均为本月。")


def trend(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> pl.DataFrame:
    """`counts` of several months, one under the other."""
    return pl.concat([counts(connection, month) for month in months])


def restricted_list(frame: pl.DataFrame) -> pl.DataFrame:
    """The list of the contract: rule_id, level, person_id_no, township_code, opened_on, due_on, state, outcome."""
    columns = [
        "rule_id", "level", "person_id_no", "township_code", "opened_on", "due_on", "state",
        "outcome",
    ]  # fmt: skip
    return frame.filter(pl.col("holds")).select(columns).sort(columns)
