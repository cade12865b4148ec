"""No rule can be changed without a test noticing: each small change of its SQL or thresholds is caught by a plant or the clean county."""

import re
from itertools import chain

import duckdb
import pytest

from minzheng.warehouse import create_tables, model, set_months
from quality import outcomes
from quality.example import draw_county, plant, plants
from quality.rules import Rule, rules

MONTHS = ["2023-12", "2024-01", "2024-02"]
MONTH = MONTHS[-1]
JUDGED = [rule.id for rule in rules().values() if rule.model]
SHORT = ["D09", "D16", "F02", "K11", "L03", "T06"]
"""Rules whose mutants CI tries; the nightly form tries all."""
CHANGES = [
    (r" <> ", (" = ",)), (r" >= ", (" < ", " > ")), (r" <= ", (" > ", " < ")),
    (r" > (?=[\w$(])", (" <= ", " >= ")), (r" < (?=[\w$(])", (" >= ", " <= ")),
    (r"\bnot exists\b", ("exists",)), (r"(?<!not )\bexists\b", ("not exists",)), (r"\bnot \(", ("(",)),
    (r"\bor\b", ("and",)), (r"(?<= )and\b(?= not| coalesce| \()", ("or",)), (r"\bis not null\b", ("is null",)),
    (r" \* ", (" + ",)), (r" \+ ", (" - ",)), (r" - ", (" + ",)), (r"\bwhere (?=not )", ("where not ",)),
    (r"\bnot (?=coalesce)", ("",)),
]  # fmt: skip
# Changes that no data can tell apart from the original, each with its reason.
EQUAL = {
    (
        "D09",
        "or roll.monthly_amount - coalesce(roll.top_up_amount, 0) >= $high * standard.highest_monthly + 0.005 as broken",
    ): "Money is in fen: nothing is half a fen over the standard.",
}


def mutants(text: str) -> list[str]:
    """Every text with one operator changed, comments left alone."""
    head, _, body = text.partition("\n")
    return [
        f"{head}\n{body[: hit.start()]}{new}{body[hit.end() :]}"
        for pattern, words in CHANGES
        for hit in re.finditer(pattern, body)
        for new in words
    ]


def moved(rule: Rule) -> list[dict[str, float]]:
    """The rule's thresholds with one of them a little higher or lower: a whole step, a fen, or a tenth of a share."""
    kept = {threshold.name: threshold.value for threshold in rule.thresholds}
    return [kept | {name: round(value + sign * step(value), 6)} for name, value in kept.items() for sign in (1, -1)]


def step(value: float) -> float:
    """The smallest step that data can show: ages, days, months and persons are whole, money is in fen."""
    return 1 if value == int(value) and value >= 2 else max(value / 10, 0.01)


@pytest.fixture(scope="module")
def county():
    """A clean county; every world is a transaction on it that is rolled back."""
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS)
    yield connection
    connection.close()


def found(connection, text: str, thresholds: dict[str, float]) -> int | None:
    """How many broken things the text finds; None when it does not even run."""
    try:
        outcomes.run(connection, f"select count(*) filter (where broken) from ({text}\n) as rule_rows", **thresholds)
        return connection.fetchall()[0][0]
    except duckdb.Error:
        return None


def survivors(connection, rule: Rule) -> list[tuple[str, dict]]:
    """The changed texts and thresholds that no world tells from the original."""
    text, kept = model(rule.model), {threshold.name: threshold.value for threshold in rule.thresholds}
    alive = [*((mutant, kept) for mutant in mutants(text)), *((text, other) for other in moved(rule))]
    for error in chain([None], plants()[rule.id]):
        connection.begin()
        if error:
            plant(connection, error)
        set_months(connection, [error.month if error else MONTH])
        outcomes.build_basis(connection, [rule])
        expected = error.found if error else 0
        assert found(connection, text, kept) == expected
        alive = [change for change in alive if found(connection, *change) == expected]
        connection.rollback()
    return alive


def told(rule: Rule, change: tuple[str, dict]) -> str:
    """The changed line, or the changed threshold."""
    text, thresholds = change
    before = model(rule.model).splitlines()
    lines = [line.strip() for line in text.splitlines() if line not in before]
    return lines[0] if lines else ", ".join(f"{name}={value}" for name, value in thresholds.items())


def unnoticed(connection, rule_id: str) -> list[str]:
    rule = rules()[rule_id]
    lines = [told(rule, change) for change in survivors(connection, rule)]
    return [line for line in lines if (rule_id, line) not in EQUAL]


@pytest.mark.parametrize("rule_id", SHORT)
def test_a_change_is_noticed(county, rule_id):
    assert unnoticed(county, rule_id) == []


@pytest.mark.nightly
@pytest.mark.parametrize("rule_id", [name for name in JUDGED if name not in SHORT])
def test_a_change_is_noticed_whatever_the_rule(county, rule_id):
    assert unnoticed(county, rule_id) == []


def test_the_changes_do_change_something():
    text = model("quality/d09")
    changed = mutants(text)
    assert len(changed) > 8
    assert len(set(changed) | {text}) == len(changed) + 1
    assert {tuple(sorted(one.items())) for one in moved(rules()["D09"])} == {
        (("high", 1.1), ("low", 0.1)), (("high", 0.9), ("low", 0.1)), (("high", 1.0), ("low", 0.11)), (("high", 1.0), ("low", 0.09)),
    }  # fmt: skip
