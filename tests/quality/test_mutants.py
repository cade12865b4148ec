"""No rule's SQL can be changed without a test noticing: each small change is caught by a plant or by the clean county."""

import re
from pathlib import Path

import duckdb
import pytest

from minzheng import warehouse
from minzheng.errors import MinzhengError
from minzheng.warehouse import create_tables, set_months
from quality import outcomes
from quality.example import draw_county, plant, plants
from quality.rules import rules

MONTHS = ["2023-12", "2024-01", "2024-02"]
MONTH = MONTHS[-1]
CHANGES = [
    (r" <> ", " = "), (r" >= ", " < "), (r" <= ", " > "), (r" > (?=[\w$])", " <= "), (r" < (?=[\w$])", " >= "),
    (r"\bnot exists\b", "exists"), (r"(?<!not )\bexists\b", "not exists"), (r"\bnot \(", "("), (r"\bor\b", "and"),
    (r"\bis not null\b", "is null"), (r" \* ", " + "), (r"\bwhere (?=not )", "where not "),
]  # fmt: skip
# Changes that no data can tell apart from the original, each with its reason.
EQUAL: dict[str, str] = {}


def mutants(text: str) -> list[str]:
    """Every text with one operator changed, comments left alone."""
    head, _, body = text.partition("\n")
    found = []
    for pattern, new in CHANGES:
        for hit in re.finditer(pattern, body):
            found.append(head + "\n" + body[: hit.start()] + new + body[hit.end() :])
    return found


@pytest.fixture(scope="module")
def county():
    """A clean county; every world is a transaction on it that is rolled back."""
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS)
    set_months(connection, [MONTH])
    yield connection
    connection.close()


def broken(connection, rule) -> int:
    outcomes.judge(connection, [rule])
    return int(connection.execute("select coalesce(sum(failed), 0) from tally").fetchall()[0][0])


def survivors(connection, rule, monkeypatch) -> set[str]:
    """The mutants that no world tells from the original."""
    alive = set(mutants(warehouse.model(rule.model)))
    for error in [None, *plants()[rule.id]]:
        connection.begin()
        if error:
            plant(connection, error)
        set_months(connection, [error.month if error else MONTH])
        outcomes.build_basis(connection)
        outcomes.describe_rules(connection, [rule])
        expected = error.found if error else 0
        alive = {mutant for mutant in alive if _finds(connection, rule, mutant, monkeypatch) == expected}
        connection.rollback()
    return alive


def _finds(connection, rule, mutant, monkeypatch) -> int | None:
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "model", lambda name: mutant if name == rule.model else warehouse.model(name))
        try:
            return broken(connection, rule)
        except MinzhengError:
            return None


@pytest.mark.nightly
@pytest.mark.parametrize("rule_id", [rule.id for rule in rules().values() if rule.model])
def test_a_changed_operator_is_noticed(county, rule_id, monkeypatch):
    text = warehouse.model(rules()[rule_id].model).splitlines()
    alive = survivors(county, rules()[rule_id], monkeypatch)
    told = [line.strip() for mutant in alive for line in mutant.splitlines() if line not in text]
    assert [line for line in told if line not in EQUAL] == []


@pytest.mark.parametrize("mutant_count", [1])
def test_the_changes_do_change_something(mutant_count):
    text = Path(warehouse.SQL / "quality" / "d09.sql").read_text(encoding="utf-8")
    assert len(mutants(text)) >= mutant_count
    assert all(mutant != text for mutant in mutants(text))
