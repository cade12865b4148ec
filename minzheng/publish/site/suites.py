"""The page of the suites: every check as it is asked, with its limits and their reasons, and how it came out this month.

It stands in the place of Great Expectations' own Data Docs, which load their styles and scripts from a network and print the
values they found. Nothing here comes from a row: the suites are data, the outcomes those of the release.
"""

from typing import Any

from minzheng.contracts.quality_rules import rules
from minzheng.contracts.suites import Suite, check_title, every_suite, ranges_of, title_of
from minzheng.publish.site.book import Book
from minzheng.publish.standing import FAILED, outcomes


def suite_page(book: Book) -> dict[str, Any]:
    """The suites of tables and of rules: title, severity, whether a failure stops the month, and a row a check."""
    judged = outcomes(book.quality)
    told = [
        {
            "title": title_of(suite.name),
            "severity": suite.severity,
            "blocking": suite.blocking,
            "of_table": suite.dataset,
            "checks": [check_row(judged, suite, check) for check in suite.checks],
        }
        for suite in every_suite().values()
    ]
    tables = [suite for suite in told if suite["of_table"]]
    return {"rules": [suite for suite in told if not suite["of_table"]], "tables": tables}


def check_row(judged: dict[str, str], suite: Suite, check: str) -> dict[str, Any]:
    """What a check asks, its limits with their reasons, and its worst outcome of the month (None: not told by the release)."""
    rule = rules().get(check)
    if rule is None:
        limits = [limit for limit in ranges_of(suite.name) if limit.severity == suite.severity]
        reasons = [
            (None, limit.reason, None) for limit in limits if f"{limit.column}:range" == check
        ]
        return {
            "id": "",
            "title": check_title(suite, check),
            "sentence": "",
            "reasons": reasons,
            "scope": "",
            "state": None,
        }
    return {
        "id": rule.id,
        "title": rule.title,
        "sentence": rule.sentence,
        "reasons": [(limit.value, limit.reason, limit.reason_zh) for limit in rule.thresholds],
        "scope": rule.limits_zh or "",
        "state": outcome(judged, check),
    }


def outcome(judged: dict[str, str], rule_id: str) -> str | None:
    """The worst outcome of a rule in the month: failed anywhere, passed somewhere, or nowhere checked."""
    return "fail" if judged.get(rule_id) in FAILED else judged.get(rule_id)
