"""No rule's SQL can be changed without a test noticing: each small change is caught by a plant or by the clean county."""

import re
from pathlib import Path

import duckdb
import pytest

from minzheng import warehouse
from minzheng.errors import MinzhengError
from minzheng.warehouse import create_tables
from quality import outcomes
from quality.example import draw_county, plant, plants
from quality.gate import evaluate
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


def verdicts(connection, rule) -> int:
    evaluate(connection, [MONTH], [rule])
    return int(
        connection.execute(
            "select coalesce(sum(failed), 0) from quality.outcome where rule_id = ? and month = ?", [rule.id, MONTH]
        ).fetchall()[0][0]
    )


def counties(rule):
    """The clean county and one county a plant, in databases of their own."""
    for error in [None, *plants()[rule.id]]:
        connection = duckdb.connect()
        create_tables(connection)
        draw_county(connection, MONTHS, persons=40)
        if error:
            plant(connection, error)
        yield connection, error.found if error else 0


def survivors(rule, monkeypatch) -> list[str]:
    text = warehouse.model(rule.model)
    worlds = list(counties(rule))
    alive = []
    for mutant in mutants(text):
        monkeypatch.setattr(outcomes, "model", lambda name, m=mutant: m if name == rule.model else warehouse.model(name))
        try:
            same = all(verdicts(connection, rule) == found for connection, found in worlds)
        except (MinzhengError, duckdb.Error):
            same = False
        if same:
            alive.append(next(line for line in mutant.splitlines() if line not in text.splitlines()).strip())
    return alive


@pytest.mark.nightly
@pytest.mark.parametrize("rule_id", [rule.id for rule in rules().values() if rule.model])
def test_a_changed_operator_is_noticed(rule_id, monkeypatch):
    alive = survivors(rules()[rule_id], monkeypatch)
    assert [line for line in alive if line not in EQUAL] == []


@pytest.mark.parametrize("mutant_count", [1])
def test_the_changes_do_change_something(mutant_count):
    text = Path(warehouse.SQL / "quality" / "d09.sql").read_text(encoding="utf-8")
    assert len(mutants(text)) >= mutant_count
    assert all(mutant != text for mutant in mutants(text))
