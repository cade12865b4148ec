"""The suites: one per register table (structure, blocking), one per scope of rules, one of identities (blocking).

Rows are counted by SQL; Great Expectations judges the counts. One frame a suite holds a row per month and a column per
check; an expectation asks that the column be zero. Nothing but counts and months ever reaches Great Expectations, so its
results cannot hold a person's value.
"""

from collections.abc import Sequence
from dataclasses import astuple
from typing import NamedTuple

import duckdb

from minzheng.contracts.suites import check_title, every_suite, title_of
from minzheng.months import month_zh
from minzheng.warehouse.connection import set_months, transaction
from quality import structure
from quality.expectations import CountedSuite, broken_checks


class SuiteResult(NamedTuple):
    """What a suite says about a month at one severity. `failed_rules`: check or rule id with its count of broken things."""

    suite: str
    dataset: str | None
    severity: str
    month: str
    passed: bool
    evaluated: int
    failed_rules: list[tuple[str, int]]
    sentence_zh: str
    blocking: bool


def suites(connection: duckdb.DuckDBPyConnection) -> list[CountedSuite]:
    """Every suite with its counts for the months in `work.month`; the rules' counts come from `quality.outcome`."""
    found = {key: CountedSuite(*astuple(suite)) for key, suite in every_suite().items()}
    for name, check, month, checked, failed in structure.count_all(connection):
        severity = "warn" if check.startswith("warn/") else "error"
        _note(found[name, severity], check.removeprefix("warn/"), month, checked, failed)
    query = (
        "select suite, severity, rule_id, month, sum(checked), sum(failed) from quality.outcome"
        " where state <> 'not_evaluated' and month in (select month from work.month) group by all"
    )
    for suite, severity, *count in connection.execute(query).fetchall():
        _note(found[suite, severity], *count)
    return list(found.values())


def _note(suite: CountedSuite, check: str, month: str, checked: int, failed: int) -> None:
    suite.failed[check, month] = int(failed)
    suite.seen[check, month] = int(checked)


def validate(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[SuiteResult]:
    """Ask Great Expectations which suites hold in which of `months`, and keep the answer in `quality.suite_result`.

    `quality.gate.evaluate` must have judged the rules of these months. One result per suite, severity and month;
    `blocking` says that a failure stops the month. An expectation that cannot be computed raises `MinzhengError`.
    """
    set_months(connection, months)
    ordered = sorted(set(months))
    results = []
    for suite, broken in broken_checks(suites(connection), ordered):
        for month in ordered:
            results.append(_result(suite, month, broken))
    _keep(connection, results)
    return results


def _result(suite: CountedSuite, month: str, broken: set[tuple[str, str]]) -> SuiteResult:
    evaluated = sum((check, month) in suite.failed for check in suite.checks)
    failed = [
        (check, suite.failed[check, month]) for check in suite.checks if (check, month) in broken
    ]
    sentence = _sentence(suite, month, evaluated, failed)
    return SuiteResult(
        suite.name,
        suite.dataset,
        suite.severity,
        month,
        not failed,
        evaluated,
        failed,
        sentence,
        suite.blocking,
    )


def _sentence(
    suite: CountedSuite, month: str, evaluated: int, failed: list[tuple[str, int]]
) -> str:
    head = f"{month_zh(month)}“{title_of(suite.name)}”"
    if not evaluated:
        return f"{head}:当月数据未报送,未作检查。"
    if not failed:
        return f"{head}:{evaluated}项检查全部通过。"
    parts = "、".join(f"{check_title(suite, check)}({count}处)" for check, count in failed)
    verdict = "须改正后方可发布" if suite.blocking else "请核实"
    return f"{head}:{evaluated}项检查中{len(failed)}项未通过,{verdict}:{parts}。"


def _keep(connection: duckdb.DuckDBPyConnection, results: list[SuiteResult]) -> None:
    rows = [
        (r.suite, r.dataset, r.severity, r.blocking, r.month, r.passed, r.evaluated,
         ",".join(f"{check}:{count}" for check, count in r.failed_rules), r.sentence_zh)
        for r in results
    ]  # fmt: skip
    with transaction(connection):
        connection.execute(
            "delete from quality.suite_result where month in (select month from work.month)"
        )
        if rows:
            connection.executemany(
                "insert into quality.suite_result values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
