"""The quality table of a release: completeness, timeliness and every check's outcome per dataset, township and rule."""

from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.quality_rules import rules
from minzheng.contracts.regions import county, townships
from minzheng.warehouse.connection import model

STATE_ZH = {
    "pass": "通过", "fail": "未通过", "not_evaluated": "未检查",
    "on_time": "按时", "after_due": "逾期未超截止", "late": "迟报", "missing": "未报", "not_expected": "无需报送",
}  # fmt: skip
SEVERITY_ZH = {"error": "错误", "warn": "提醒", "info": "信息"}


def quality_table(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> pl.DataFrame:
    """One row per month, place and subject: `kind` is completeness (subject a dataset) or rule (subject a rule).

    Columns: month, township_code, township_zh, kind, subject, title_zh, dataset, suite, severity, severity_zh, checked,
    failed, state, state_zh, received_on, due_on, sentence_zh. Counts only: no row tells of a person.
    """
    query = model("quality/quality_table")
    rows = connection.execute(query, {"months": list(months)}).fetchall()
    return _named(pl.DataFrame(rows, schema=COLUMNS, orient="row"))


COLUMNS = {
    "month": pl.String, "township_code": pl.String, "kind": pl.String, "subject": pl.String, "suite": pl.String,
    "severity": pl.String, "checked": pl.Int64, "failed": pl.Int64, "state": pl.String,
    "received_on": pl.Date, "due_on": pl.Date,
}  # fmt: skip


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    places = townships() | {county(): "全县"}
    titles = {name: dataset(name).title.zh for name in dataset_names()} | {
        rule.id: rule.title for rule in rules().values()
    }
    sentences = {rule.id: rule.sentence for rule in rules().values()}
    first = {rule.id: rule.datasets[0] if rule.datasets else None for rule in rules().values()}
    first |= {name: name for name in dataset_names()}
    named = frame.with_columns(
        township_zh=pl.col("township_code").replace_strict(places, default=None),
        title_zh=pl.col("subject").replace_strict(titles, default=None),
        dataset=pl.col("subject").replace_strict(first, default=None, return_dtype=pl.String),
        severity_zh=pl.col("severity").replace_strict(SEVERITY_ZH, default=None),
        state_zh=pl.col("state").replace_strict(STATE_ZH, default=None),
        sentence_zh=pl.col("subject").replace_strict(
            sentences, default=None, return_dtype=pl.String
        ),
    )
    order = [
        "month",
        "township_code",
        "township_zh",
        "kind",
        "subject",
        "title_zh",
        "dataset",
        "suite",
        "severity",
    ]
    order += [
        "severity_zh",
        "checked",
        "failed",
        "state",
        "state_zh",
        "received_on",
        "due_on",
        "sentence_zh",
    ]
    return named.select(order).sort("month", "kind", "subject", "township_code")
