"""The suites as the contracts describe them: one a register table, one a scope of rules, one of identities.

A table's checks follow from its dataset's contract and from the ranges of `quality/suites/<dataset>.yaml`, each limit with
its reason; nothing is counted here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minzheng.contracts.datasets import (
    KEY_NAME,
    NOT_KEPT,
    Column,
    Dataset,
    Strict,
    codes,
    dataset,
    dataset_names,
    read_yaml,
    register_columns,
)
from minzheng.contracts.paths import ROOT
from minzheng.contracts.quality_rules import rules, suite_titles

SUITES = ROOT / "quality" / "suites"


@dataclass(frozen=True)
class Suite:
    """A suite at one severity: the ids of its checks, and whether a failure stops the month."""

    name: str
    dataset: str | None
    severity: str
    blocking: bool
    checks: tuple[str, ...]


class Range(Strict):
    """The limits of one column; `max_column` names another column as the upper limit. A blank is never out of range."""

    column: str
    min: float | None = None
    max: float | None = None
    max_column: str | None = None
    severity: Literal["error", "warn"]
    title: str
    reason: str

    @property
    def condition(self) -> str:
        """The SQL condition under which a row is out of range; numbers and names come from the suite's own file."""
        sides = []
        if self.min is not None:
            sides.append(f'"{self.column}" < {self.min!r}')
        if self.max is not None:
            sides.append(f'"{self.column}" > {self.max!r}')
        if self.max_column is not None:
            sides.append(f'"{self.column}" > "{self.max_column}"')
        return " or ".join(sides)


class SuiteFile(Strict):
    """What a suite holds beyond what the contract already says."""

    dataset: str
    ranges: list[Range]


@cache
def suite_file(dataset: str) -> SuiteFile:
    """The suite's file, an empty one where there is none."""
    path = SUITES / f"{dataset}.yaml"
    if not path.is_file():
        return SuiteFile(dataset=dataset, ranges=[])
    return SuiteFile.model_validate(read_yaml(path))


def ranges_of(dataset: str) -> list[Range]:
    """The ranges of a register table."""
    return suite_file(dataset).ranges


def _register_columns(contract: Dataset) -> Iterator[tuple[Column, str]]:
    names = {column.name for column in register_columns(contract.dataset)}
    for column in contract.columns:
        name = KEY_NAME.get(column.name, column.name)
        if column.name not in NOT_KEPT and name in names:
            yield column, name


def header_of(name: str, column_name: str) -> str:
    """The Chinese heading of a register column."""
    return next(
        column.header for column, own in _register_columns(dataset(name)) if own == column_name
    )


def conditions(name: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The broken-row condition of each row check of a dataset, and the lists its parameters bind."""
    contract = dataset(name)
    found: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    if contract.has_township:
        found["township"] = "township_code is null or length(township_code) not in (6, 9)"
    for column, kept in _register_columns(contract):
        if column.required and column.name not in ("month_value", "index_month"):
            found[f"{kept}:required"] = f'"{kept}" is null'
        if column.codes:
            lists[f"codes_{kept}"] = [
                *codes(column.codes),
                *(["未知"] if column.unknown_code == "warn" else []),
            ]
            found[f"{kept}:codes"] = (
                f'"{kept}" is not null and not list_contains($codes_{kept}, "{kept}")'
            )
    for limit in ranges_of(name):
        if limit.severity == "error":
            found[f"{limit.column}:range"] = limit.condition
    return found, lists


def warnings(name: str) -> dict[str, str]:
    """The broken-row condition of each range that only warns."""
    return {
        f"{limit.column}:range": limit.condition
        for limit in ranges_of(name)
        if limit.severity == "warn"
    }


def key_columns(name: str) -> list[str]:
    """The columns that are unique together in `register.<name>`.

    A roll may hold a person's exit beside an active row (stop-and-rebuild, D19), and one person in two townships (D13).
    """
    contract = dataset(name)
    kept = {column.name for column in register_columns(name)}
    key = [KEY_NAME.get(column, column) for column in contract.key if column != "statistical_month"]
    extra = [
        column for column in ("township_code", "active") if column in kept and column not in key
    ]
    return ["month", *(column for column in [*key, *extra] if column in kept)]


def checks(name: str) -> list[str]:
    """The names of the blocking checks of a register table."""
    return [*conditions(name)[0], "columns", "key", "conservation"]


def every_suite() -> dict[tuple[str, str], Suite]:
    """Every suite by name and severity; the structure of each table, then the rules by subject."""
    found: dict[tuple[str, str], Suite] = {}
    for name in dataset_names():
        found[name, "error"] = Suite(name, name, "error", True, tuple(checks(name)))
        if milder := tuple(warnings(name)):
            found[name, "warn"] = Suite(name, name, "warn", False, milder)
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in rules().values():
        grouped[rule.suite, rule.outcome_severity].append(rule.id)
    return found | {
        key: Suite(key[0], None, key[1], key[0] == "identities", tuple(ids))
        for key, ids in sorted(grouped.items())
    }


def title_of(suite: str) -> str:
    """The Chinese title of a suite."""
    return suite_titles().get(suite) or dataset(suite).title.zh


def check_title(suite: Suite, check: str) -> str:
    """What a check of a suite asks, in Chinese, for one who reads a result; a column may have a limit at each severity."""
    if check in rules():
        return f"{check} {rules()[check].title}"
    column, _, kind = check.partition(":")
    if kind == "range":
        own = (limit for limit in ranges_of(suite.name) if limit.severity == suite.severity)
        return next(limit.title for limit in own if limit.column == column)
    whole = {
        "township": "乡镇代码",
        "columns": "列名与类型",
        "key": "主键唯一",
        "conservation": "行数守恒",
    }
    words = {"required": "必填", "codes": "用词在代码表内"}
    return f"{header_of(suite.name, column)}{words[kind]}" if kind else whole[check]
