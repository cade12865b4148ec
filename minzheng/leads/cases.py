"""Cases: leads of the same rule, person and township joined over months under one identity, with what townships found.

A case follows from `lead.lead`, `lead.evaluated` and the append-only `lead.outcome` alone, so a corrected file
changes when a case was open but never which case it is; a new month goes on from the month before it. A month in which the rule could not be judged, or whose lists
had shrunk or did not cover the township, never ends a case.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import duckdb

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.leads.rules import rules
from minzheng.warehouse.connection import model, replace_months, set_months, temporary_table


class OutcomeCode(Strict):
    """What a township may find: whether it ends the case, whether the lead was right, whether the answer lasts."""

    zh: str
    en: str
    closes: bool
    confirmed: bool | None
    lasting: bool


class State(Strict):
    """How a case stands: its name, its stage of help, whether someone still has to act."""

    zh: str
    en: str
    stage: Literal["事前预防", "事中救助", "事后保障"]
    pending: bool


@cache
def outcome_codes() -> dict[str, OutcomeCode]:
    """The outcome codes of `contracts/lead_outcomes.yaml`."""
    content = read_yaml(CONTRACTS / "lead_outcomes.yaml")
    return {code: OutcomeCode.model_validate(entry) for code, entry in content.items()}


@cache
def states() -> dict[str, State]:
    """The states of `contracts/lead_states.yaml`."""
    content = read_yaml(CONTRACTS / "lead_states.yaml")
    return {code: State.model_validate(entry) for code, entry in content.items()}


def pending_states() -> list[str]:
    """The states in which a case still waits for somebody."""
    return [code for code, state in states().items() if state.pending]


def rebuild_cases(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> int:
    """Bring `lead.case_month` up to date for the months and every later one with files; returns the rows written.

    Goes on from how the cases stood in the latest month before; without one, from the beginning: both give the same.
    Leaves `work.month` at `months`.
    """
    later = connection.execute(
        """
        select month from register.coverage where month >= $first
        union
        select month from lead.case_month where month >= $first
        """,
        {"first": min(months)},
    ).fetchall()
    base = connection.execute(
        "select max(month) from lead.case_month where month < $first", {"first": min(months)}
    )
    (start,) = base.fetchall()[0]
    set_months(connection, [*months, *(month for (month,) in later)])
    declare_codes(connection)
    try:
        return replace_months(
            connection, "lead.case_month", model("lead/case_month"), {"base": start}
        )
    finally:
        set_months(connection, months)


def declare_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary tables `outcome_code` and `time_allowed`, which the case model reads."""
    columns = {"code": "varchar"} | dict.fromkeys(("closes", "confirmed", "lasting"), "boolean")
    codes = outcome_codes().items()
    rows = [(code, entry.closes, entry.confirmed, entry.lasting) for code, entry in codes]
    temporary_table(connection, "outcome_code", columns, rows)
    allowed = [(rule.rule_id, rule.days_allowed) for rule in rules()]
    temporary_table(connection, "time_allowed", {"rule_id": "varchar", "days": "integer"}, allowed)
