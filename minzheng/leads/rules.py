"""The lead rules as data: one file a rule under `contracts/leads/`, its condition in `sql/lead/<rule>.sql`."""

import datetime as dt
from functools import cache
from typing import Literal

from pydantic import model_validator

from minzheng.contracts.datasets import Bilingual, Strict, dataset, read_yaml
from minzheng.contracts.paths import contracts_in
from minzheng.contracts.report import words

Level = Literal["red", "orange", "yellow"]
# These use what there is; every other list of a rule must have an accepted file of the month (_C3).
NOT_NEEDED = ("policy_param", "death_list")
# Lists of standing, whose size moves little from month to month; ledgers of events may be short in a quiet month.
STANDING = (
    "child_roll", "dibao_roll", "elder_roll", "lowinc_register", "medical_burden", "monitored_household",
    "payment_ledger", "pwd_card", "pwd_roll", "tekun_roll",
)  # fmt: skip


def level_words() -> dict[str, str]:
    """The levels in Chinese, the most urgent first."""
    return {level: word.zh for level, word in words().levels.items()}


class Rule(Strict):
    """One lead rule: what it looks for, how urgent it is, on what it rests.

    `absent_from`: those of `datasets` in which somebody must be missing for a lead; while such a list has not come in full,
    a lead may be nothing but that. `limits`: the numbers of its condition, bound in its model as `$name` and written in its
    title as `{name}`; what a standard sets for a time is one of `parameters` instead.
    """

    rule_id: str
    kind: Literal["漏保", "应享未享", "死亡", "重复", "错保", "应退未退", "超标准"]
    level: Level
    title: Bilingual
    instruction: Bilingual
    days_allowed: int
    datasets: list[str]
    absent_from: list[str]
    parameters: list[str]
    limits: dict[str, int] = {}
    evidence: dict[str, list[str]]
    basis: list[str]
    counted_in: list[str]
    valid_from: dt.date
    valid_to: dt.date | None

    @model_validator(mode="before")
    @classmethod
    def _limits_in_title(cls, fields: dict) -> dict:
        limits = fields.get("limits", {})
        titles = fields.get("title", {}).items()
        return fields | {"title": {language: text.format(**limits) for language, text in titles}}

    @property
    def optional(self) -> bool:
        """Whether it rests on a list that nobody owes."""
        return any(dataset(name).optional for name in self.datasets)

    @property
    def model(self) -> str:
        """Name of the SQL model that holds the condition."""
        return f"lead/{self.rule_id.lower()}"


@cache
def rules() -> tuple[Rule, ...]:
    """All lead rules in the order of their ids; a file with an unknown key or dataset does not load."""
    found = [Rule.model_validate(read_yaml(path)) for path in contracts_in("leads")]
    for rule in found:
        for name in rule.datasets:
            dataset(name)
        if not set(rule.absent_from) <= set(rule.datasets):
            raise ValueError(
                f"{rule.rule_id}: absent_from names a list that is not among its datasets"
            )
    return tuple(found)


@cache
def rule(rule_id: str) -> Rule:
    """The rule of that id; KeyError for an unknown one."""
    return {each.rule_id: each for each in rules()}[rule_id]
