"""The gate: `evaluate` fills outcomes, findings and ledgers; `validate` asks Great Expectations which suites hold.

`compute_months` is all that is computed from a register, in order: what a home's assets do step by step, and a cluster's tasks at once.
"""

from collections.abc import Iterable, Sequence

import duckdb

from minzheng import leads
from minzheng.contracts.quality_rules import Rule
from minzheng.indicators import models
from minzheng.warehouse.connection import set_months
from quality import outcomes
from quality.ledgers import write_ledgers
from quality.suites import SuiteResult, validate

__all__ = ["SuiteResult", "compute_indicators", "compute_months", "evaluate", "validate"]


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


def compute_indicators(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Fill `indicator.observation` for `months`, then judge the rules that read it."""
    models.compute(connection, months)
    evaluate(
        connection, months, [rule for rule in outcomes.all_rules() if rule.where == "indicator"]
    )


def compute_months(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Outcomes, leads, cases and observations of `months` from the register in `connection`; these months are replaced.

    The register of every month is there already, and the results of earlier months as far as there are any: cases go on from
    them.
    """
    evaluate(connection, months)
    leads.compute(connection, months)
    compute_indicators(connection, months)
