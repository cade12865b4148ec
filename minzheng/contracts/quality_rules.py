"""The 111 rules as data: `contracts/rules/<scope>.yaml`, one file a scope, with thresholds and their reasons."""

from functools import cache
from typing import Literal

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import SQL, contracts_in

Place = Literal["intake", "register", "cross_table", "indicator", "report", "not_evaluable"]
Severity = Literal["error", "warn"]


class Threshold(Strict):
    """A number a rule compares with, and why it is that number: for developers, and in Chinese for those who read the results."""

    name: str
    value: float
    reason: str
    reason_zh: str


class Rule(Strict):
    """One validation rule: what it says, where it is judged, what it reads, what its inputs cannot tell.

    `absent_from`: those of `datasets` in which something must be missing for a finding; where such a list has not come from
    the township itself, nothing is judged there. `limits` is for developers, `limits_zh` for those who read the results.
    """

    id: str
    severity: Severity
    title: str
    sentence: str
    rule: str
    basis: str
    where: Place
    area: Literal["township", "county"]
    datasets: list[str]
    absent_from: list[str] = []
    blocking: bool = False
    parameters: list[str] = []
    codes: list[str] = []
    thresholds: list[Threshold] = []
    judged_as: Severity | None = None
    limits: str | None = None
    limits_zh: str | None = None
    scope: str = ""

    @property
    def outcome_severity(self) -> Severity:
        """The severity of what is really judged; it differs from the file's where only the milder half can be."""
        return self.judged_as or self.severity

    @property
    def suite(self) -> str:
        """The suite the rule belongs to: `identities` for the sums that stop a month, else its scope."""
        return "identities" if self.blocking else f"rules_{self.scope}"

    @property
    def model(self) -> str | None:
        """The name of the rule's SQL model, None where the intake, the report or nobody judges it."""
        name = f"quality/{self.id.lower()}"
        return name if (SQL / f"{name}.sql").is_file() else None


class RuleFile(Strict):
    """One file of rules."""

    scope: str
    title: str
    rules: list[Rule]


@cache
def rule_files() -> tuple[RuleFile, ...]:
    """All files of rules, checked against the schema."""
    return tuple(RuleFile.model_validate(read_yaml(path)) for path in contracts_in("rules"))


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its id."""
    by_id = {}
    for file in rule_files():
        by_id |= {rule.id: rule.model_copy(update={"scope": file.scope}) for rule in file.rules}
    return dict(sorted(by_id.items()))


@cache
def suite_titles() -> dict[str, str]:
    """The Chinese titles of the rules' suites."""
    return {"identities": "表内表间勾稽"} | {
        f"rules_{file.scope}": file.title for file in rule_files()
    }
