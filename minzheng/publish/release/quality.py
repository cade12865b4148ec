"""The quality table of a release: completeness, timeliness and every check's outcome per dataset, township and rule."""

from collections.abc import Sequence

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.quality_rules import rules
from minzheng.warehouse.connection import model


def quality_table(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> pl.DataFrame:
    """One row per month, place and subject: `kind` is completeness (subject a dataset) or rule (subject a rule).

    Columns: those of `COLUMNS`, title_zh, dataset. Counts only: no row tells of a person.
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
    titles = {name: dataset(name).title.zh for name in dataset_names()} | {
        rule.id: rule.title for rule in rules().values()
    }
    first = {rule.id: rule.datasets[0] if rule.datasets else None for rule in rules().values()}
    first |= {name: name for name in dataset_names()}
    return frame.with_columns(
        title_zh=pl.col("subject").replace_strict(titles, default=None),
        dataset=pl.col("subject").replace_strict(first, default=None, return_dtype=pl.String),
    ).sort("month", "kind", "subject", "township_code")
