"""No rule can be changed without a test noticing: each small change of its SQL or thresholds shows in a plant or the clean county.

What shows is what `looked_at.csv` records: how many things a rule looks at, judges and finds, and where.
"""

import re

import duckdb
import pytest

from minzheng.contracts.quality_rules import Rule, rules
from minzheng.warehouse.connection import create_tables, model
from simulation.example import draw_county
from tests.quality.fingerprints import (
    CLEAN,
    JUDGED,
    MONTHS,
    fingerprint,
    made,
    recorded,
    thresholds_of,
    worlds,
)

SHORT = ["D09", "D16", "F02", "K11", "L03", "T06"]
"""Rules whose mutants CI tries; the nightly form tries all."""
CHANGES = [
    (r" <> ", (" = ",)), (r" >= ", (" < ", " > ")), (r" <= ", (" > ", " < ")),
    (r" > (?=[\w$(])", (" <= ", " >= ")), (r" < (?=[\w$(])", (" >= ", " <= ")),
    (r"\bnot exists\b", ("exists",)), (r"(?<!not )\bexists\b", ("not exists",)), (r"\bnot \(", ("(",)),
    (r"\bor\b", ("and",)), (r"(?<= )and\b(?= not| coalesce| \()", ("or",)), (r"\bis not null\b", ("is null",)),
    (r" \* ", (" + ",)), (r" \+ ", (" - ",)), (r" - ", (" + ",)), (r"\bwhere (?=not )", ("where not ",)),
    (r"\bnot (?=coalesce)", ("",)),
    (r" = ", (" <> ",)), (r"\bleft join\b", ("inner join",)), (r"\bin \(", ("not in (",)),
    (r"\bleast\(", ("greatest(",)), (r"\bgreatest\(", ("least(",)), (r"\bmin\((?!person_key|intake_no|sheet|row_no)", ("max(",)), (r"\bmax\(", ("min(",)),
    (r"\bcount\(distinct ", ("count(",)), (r"\bunion\b(?! all)", ("union all",)),
]  # fmt: skip
WORD = re.compile(r"'[^']*'(?! as )")
NUMBER = re.compile(r"(?<!select )(?<![\w.$'])\d+(?:\.\d+)?(?![\w.'])")
"""A number after `select` is the 1 of an `exists`."""
# Changes that no data can tell apart from the original, each with its reason.
EQUAL = {
    "Money is in fen: nothing is half a fen over the standard, and sums differ by whole fen.": {
        "D09": ["or roll.monthly_amount - coalesce(roll.top_up_amount, 0) >= $high * standard.highest_monthly + 0.005 as broken"],
        "B03": ["round(abs(shown.numerator - coalesce(paid.amount, 0)), (2 + 1)) > $tolerance as broken"],
        "B04": ["round(abs(shown.numerator - coalesce(paid.amount, 0)), (2 + 1)) > $tolerance as broken"],
    },
    "Nothing follows the month.": {
        "B06": ["shown.obs_value < 100.0 * (cast(substr(shown.month, 6, (2 + 1)) as integer) - 1) / 12 - $points as broken"],
    },
    "A blank that is not below zero is not below zero either way.": {
        "B07": [
            "monthly_amount < 0 or coalesce(top_up_amount, (0 + 1)) < 0 as broken",
            "coalesce(living_amount, (0 + 1)) < 0 or coalesce(care_amount, 0) < 0",
            "coalesce(living_amount, 0) < 0 or coalesce(care_amount, (0 + 1)) < 0",
        ],
    },
    "Any word that is not the mark is not the mark.": {
        "D02": ["and coalesce(flags, 'another') not like '%id_missing%'"],
        "K06": ["',' || coalesce(roll.flags, 'another') || ',' like '%,id_issued_elsewhere,%' and recorded.person_key is null as broken"],
    },
    "Each person is there once already.": {
        "D02": ["+ count(*) filter (where age between 60 and 150) <> count(person_key) as broken"],
        "D19": ["select flow.month, flow.township_code, count(flow.person_key) as persons"],
        "U01": ["select month, count(person_key) as persons"],
        "L04": ["union all"],
    },
    "There is one value: of a sum for the group, of a standard in force, of an item a township reports.": {
        "D05": [
            "sum(county.obs_value) - min(coalesce(both_schemes.persons, 0)) <> max(total.persons)",
            "sum(county.obs_value) - max(coalesce(both_schemes.persons, 0)) <> min(total.persons)",
        ],
        "L01": [
            "min(case when standard.param_code = 'dibao_std_rural' then standard.value end) as lowest,",
            "12 * min(case when standard.param_code = 'dibao_std_urban' then standard.value end)",
            "* min(case when standard.param_code = 'edge_multiple' then standard.value end) as highest",
            "min(stated.value) as lowest",
        ],
        "T08": [
            "min(case when band = '全自理' then value end) as able,",
            "min(case when band = '半护理' then value end) as partly,",
            "min(case when band = '全护理' then value end) as unable",
        ],
        "V02": [
            "min(case when item.item_code = 'vagrant_return_rate_d' and item.month_value_mark = 'number' then item.month_value end)",
            "min(case when item.item_code = 'vagrant_aid_times_v' and item.month_value_mark = 'number' then item.month_value end)",
        ],
    },
    "The drawn county has two months and is the same county in both.": {
        rule: ["on place.area = 'county' and file.month <> place.month"]
        for rule in ("K10", "K11", "K12")
    },
    "Every month has a bracket, and one without any standard gives no verdict as an absent one does.": {
        "L01": [
            "inner join in_force_standard as standard on months.month = standard.month",
            "inner join bracket on decision.month = bracket.month",
        ],
    },
    "What this part would notice, the part before has noticed.": {
        "F04": ["or sum(case when facility_kind in ('社会福利院', '特困供养机构', '其他养老机构', '未知') then bed_count else (0 + 1) end)"],
        "P03": ["length(card_suffix) between (2 - 1) and 4"],
    },
}  # fmt: skip


def mutants(text: str) -> list[str]:
    """Every text with one operator, join, word of a list or number changed; comments and names of columns are left alone.

    What stands for a group of rows may be any of them, nothing counted is below zero, and a row that finds no partner has no
    verdict with or without it: such changes are not made.
    """
    bare = re.sub(r"--.*|'[^']*'", lambda hit: " " * len(hit[0]), text)
    places = [
        (hit, new)
        for pattern, words in CHANGES
        for hit in re.finditer(pattern, bare)
        for new in words
    ]
    places += [
        (hit, "'another'")
        for hit in WORD.finditer(re.sub(r"--.*", lambda hit: " " * len(hit[0]), text))
    ]
    places += [(hit, f"({hit[0]} + 1)") for hit in NUMBER.finditer(bare)]
    places += [(hit, f"({hit[0]} - 1)") for hit in NUMBER.finditer(bare) if hit[0] != "0"]
    return [f"{text[: hit.start()]}{new}{text[hit.end() :]}" for hit, new in places]


def moved(rule: Rule) -> list[dict[str, float]]:
    """The rule's thresholds with one of them a little higher or lower: a whole step, a fen, or a tenth of a share."""
    kept = thresholds_of(rule)
    return [
        kept | {name: round(value + sign * step(value), 6)}
        for name, value in kept.items()
        for sign in (1, -1)
    ]


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


def survivors(connection, rule: Rule) -> list[tuple[str, dict]]:
    """The changed texts and thresholds that no world tells from the original."""
    text, kept, expected = model(rule.model), thresholds_of(rule), recorded()
    alive = [
        *((mutant, kept) for mutant in mutants(text)),
        *((text, other) for other in moved(rule)),
    ]
    for error in worlds(rule.id):
        connection.begin()
        made(connection, rule, error)
        own = expected[rule.id, error.what if error else CLEAN]
        assert fingerprint(connection, text, kept) == own
        alive = [change for change in alive if fingerprint(connection, *change) == own]
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
    equal = [line for rules_of in EQUAL.values() for line in rules_of.get(rule_id, [])]
    return [line for line in lines if line not in equal]


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
