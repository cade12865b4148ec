"""Great Expectations at work: suites over frames of counts. The only module that imports it, and only when called."""

import logging
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from minzheng.contracts.quality_rules import rules
from minzheng.contracts.suites import Suite
from minzheng.errors import MinzhengError

NOT_ASKED = ("rfc3987_syntax", "pyspark", "pyspark.sql", "pyspark.sql.connect")
NOT_USED = ("altair", "scipy.stats")
SEVERITY = {"error": "critical", "warn": "warning"}


@dataclass(frozen=True)
class CountedSuite(Suite):
    """A suite with what was counted, per check and month: broken things and things looked at; none where not evaluated."""

    failed: dict[tuple[str, str], int] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the suite is called among all."""
        return f"{self.name}.{self.severity}"

    def evaluated(self, months: Iterable[str]) -> list[str]:
        """The checks that could be judged in one of the months."""
        judged = {check for check, month in self.failed if month in months}
        return [check for check in self.checks if check in judged]


def _great_expectations() -> Any:
    """Great Expectations, which takes three seconds to load and is therefore not loaded before it is asked.

    It is loaded as if `NOT_ASKED` were not there and `NOT_USED` were empty. Through altair it loads jsonschema, which builds a
    grammar of international web addresses (1.3 s); nobody checks such an address here. altair and scipy.stats serve
    expectations about distributions, which no suite has: an empty module in their place saves 1.4 s and 80 MB. pyspark,
    where it is installed, takes a process without a file of its own (Dagster's children, `python -c`) for its own doctests
    and ends it with status 0: a month without a draft; so it is hidden even where somebody loaded it before.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    hidden = dict.fromkeys(NOT_ASKED) | {name: ModuleType(name) for name in NOT_USED}
    there = {name: sys.modules[name] for name in hidden if name in sys.modules}
    sys.modules.update(hidden)
    try:
        import great_expectations
    finally:
        for name in hidden:
            del sys.modules[name]
        sys.modules.update(there)
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def broken_checks(
    suites: Iterable[CountedSuite], months: list[str]
) -> Iterator[tuple[CountedSuite, set[tuple[str, str]]]]:
    """Each suite with the (check, month) pairs that Great Expectations finds broken.

    All suites are asked at once first, each as the sum of its counts; those that do not hold then tell their checks.
    """
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # One asset for all suites: every asset added makes Great Expectations write its whole configuration anew.
    asset = context.data_sources.add_pandas("counts").add_dataframe_asset("counts")
    counts = asset.add_batch_definition_whole_dataframe("counts")

    def failing(suite: CountedSuite) -> tuple[Any, list[str]]:
        checks = suite.evaluated(months)
        batch = counts.get_batch(batch_parameters={"dataframe": _frame(suite, checks, months)})
        return batch, _failing(batch, suite, checks) if checks else []

    every = list(suites)
    _, broken = failing(_summed(every))
    for suite in every:
        yield suite, _broken(suite, *failing(suite)) if suite.key in broken else set()


def _summed(suites: list[CountedSuite]) -> CountedSuite:
    """The suites as one, each a check of it."""
    failed: dict[tuple[str, str], int] = defaultdict(int)
    for suite in suites:
        for (_, month), count in suite.failed.items():
            failed[suite.key, month] += count
    return CountedSuite(
        "suites", None, "error", False, tuple(suite.key for suite in suites), dict(failed)
    )


def _frame(suite: CountedSuite, checks: list[str], months: list[str]) -> Any:
    import pandas

    counts = {check: [suite.failed.get((check, month)) for month in months] for check in checks}
    return pandas.DataFrame({"month": months} | counts).astype(
        {check: "float64" for check in checks}
    )


def expectation_suite(
    suite: CountedSuite, checks: list[str], kind: str = "ExpectColumnMaxToBeBetween"
) -> Any:
    """The suite as Great Expectations knows it: per check, no month has a broken row; a month not evaluated is no verdict.

    The largest count of all months is asked first, because it is cheap; `ExpectColumnValuesToBeBetween` tells the months.
    """
    gx = _great_expectations()
    expectation = getattr(gx.expectations, kind)
    return gx.ExpectationSuite(
        name=suite.key,
        expectations=[
            expectation(
                column=check,
                min_value=0,
                max_value=0,
                severity=SEVERITY[suite.severity],
                meta={"id": check},
                notes=rules()[check].sentence if check in rules() else None,
            )
            for check in checks
        ],
    )


def _failing(batch: Any, suite: CountedSuite, checks: list[str]) -> list[str]:
    """The checks that do not hold in every month."""
    whole = _answers(batch, expectation_suite(suite, checks), {"result_format": "BOOLEAN_ONLY"})
    return [check for check in checks if not whole[check].success]


def _broken(suite: CountedSuite, batch: Any, failing: list[str]) -> set[tuple[str, str]]:
    """The failing checks with the months in which they do."""
    by_month = {"result_format": "COMPLETE", "unexpected_index_column_names": ["month"]}
    results = _answers(
        batch, expectation_suite(suite, failing, "ExpectColumnValuesToBeBetween"), by_month
    )
    broken = set()
    for check, result in results.items():
        rows = result.result["unexpected_index_list"] or []
        broken |= {(check, row["month"]) for row in rows}
    return broken


def _answers(batch: Any, asked: Any, result_format: dict) -> dict[str, Any]:
    answers = {}
    for result in batch.validate(asked, result_format=result_format).results:
        check = result.expectation_config.meta["id"]
        told = result.exception_info or {}
        if told.get("raised_exception", bool(told)):
            raise MinzhengError(
                f"check {check} of {asked.name} cannot be computed", f"检查项 {check} 无法计算"
            )
        answers[check] = result
    return answers
