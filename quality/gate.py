"""The gate: `evaluate` fills outcomes, findings and ledgers; `validate` asks Great Expectations which suites hold."""

from collections.abc import Iterable, Sequence

import duckdb

from minzheng.contracts.quality_rules import Rule
from minzheng.warehouse.connection import set_months
from quality import outcomes
from quality.ledgers import write_ledgers
from quality.suites import SuiteResult, validate

__all__ = ["SuiteResult", "evaluate", "validate"]


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    chosen: Iterable[Rule] | None = None,
) -> None:
    """Judge the rules over `months` and fill `quality.outcome`, `quality.finding` and the ledgers, replacing those months.

    `chosen` limits the rules (the ledgers are then left alone): rules that read observations are judged again once the
    indicators of the months are there. A rule that cannot be computed raises `MinzhengError`; nothing is half written.
    """
    set_months(connection, months)
    judged = outcomes.all_rules() if chosen is None else list(chosen)
    outcomes.build_basis(connection, None if chosen is None else judged)
    outcomes.describe_rules(connection, judged)
    outcomes.judge(connection, judged)
    outcomes.keep(connection)
    if chosen is None:
        write_ledgers(connection)


def evaluate_observations(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Judge again the rules that read `indicator.observation`, once the indicators of `months` are computed."""
    evaluate(
        connection, months, [rule for rule in outcomes.all_rules() if rule.where == "indicator"]
    )
