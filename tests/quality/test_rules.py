"""Every rule that the registers can tell: the planted error is found, where it lies, and the clean county passes."""

import duckdb
import pytest

from minzheng.contracts.quality_rules import rules
from minzheng.warehouse.connection import create_tables, model, set_months
from quality.gate import evaluate
from quality.outcomes import build_basis
from simulation.example import draw_county, plant, plants
from tests.place import AREA
from tests.quality.fingerprints import CLEAN, JUDGED, fingerprint, recorded, thresholds_of

MONTHS = ["2023-12", "2024-01", "2024-02"]
MONTH = MONTHS[-1]
# On a clean county these have nothing to look at: they judge a case that is itself the exception.
SEEN_ONLY_WHEN_PLANTED = {"D08", "D18", "D23", "L05", "T04"}


@pytest.fixture(scope="module")
def county():
    """A clean county, drawn once; every test rolls its own changes back."""
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS)
    yield connection
    connection.close()


@pytest.fixture
def changed(county, request):
    """The county with what the test plants; afterwards as it was."""
    tables = county.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('register', 'raw', 'indicator', 'lead') and table_type = 'BASE TABLE'"
    ).fetchall()
    touched = {name for (name,) in tables if any(name in s for s in request.param[1].statements)}
    for name in touched:
        county.execute(f"create or replace temp table kept_{name.replace('.', '_')} as from {name}")
    plant(county, request.param[1])
    yield request.param[0], request.param[1], county
    for name in touched:
        county.execute(f"delete from {name}")
        county.execute(f"insert into {name} from kept_{name.replace('.', '_')}")


def failed(connection, rule_id, month=MONTH):
    return connection.execute(
        "select coalesce(sum(failed), 0) from quality.outcome where rule_id = ? and month = ?",
        [rule_id, month],
    ).fetchall()[0][0]


CASES = [(rule_id, error) for rule_id, errors in plants().items() for error in errors]


@pytest.mark.parametrize("changed", CASES, indirect=True, ids=[f"{r}: {e.what}" for r, e in CASES])
def test_a_planted_error_is_found_and_an_exception_is_spared(changed):
    rule_id, error, county = changed
    evaluate(county, [error.month], [rules()[rule_id]])
    assert failed(county, rule_id, error.month) == error.found
    place = [rule_id, error.month]
    found = county.execute(
        "select count(*) from quality.finding where rule_id = ? and month = ?", place
    ).fetchall()
    assert min(1, error.found) <= found[0][0] <= error.found
    if rules()[rule_id].model:
        assert looked_at(county, rule_id) == recorded()[rule_id, error.what]


def looked_at(connection, rule_id):
    """How many things the rule looks at, judges and finds, and where, as the registers stand."""
    return fingerprint(connection, model(rules()[rule_id].model), thresholds_of(rules()[rule_id]))


def test_the_clean_county_breaks_no_rule_and_every_rule_looked_at_something(county):
    evaluate(county, MONTHS)
    rows = county.execute(
        "select rule_id, sum(failed), sum(checked) from quality.outcome where month = ? group by rule_id",
        [MONTH],
    ).fetchall()
    assert [rule for rule, broken, _ in rows if broken] == []
    assert {rule for rule, _, checked in rows if checked} == set(plants()) - SEEN_ONLY_WHEN_PLANTED
    set_months(county, [MONTH])
    build_basis(county)
    for rule_id in JUDGED:
        assert looked_at(county, rule_id) == recorded()[rule_id, CLEAN], rule_id


def test_every_rule_of_the_policy_is_there_and_is_judged_or_says_why_not():
    judged = {rule.id for rule in rules().values() if rule.where not in ("report", "not_evaluable")}
    assert len(rules()) == 111
    assert judged == {
        rule for rule, errors in plants().items() if any(error.found for error in errors)
    }
    assert all(
        rule.limits for rule in rules().values() if rule.where in ("report", "not_evaluable")
    )
    assert all(bool(rule.limits) == bool(rule.limits_zh) for rule in rules().values())
    assert {rule.id for rule in rules().values() if rule.where == "not_evaluable"} == {
        "M02",
        "N01",
        "N02",
    }
    assert all(set(rule.absent_from) <= set(rule.datasets) for rule in rules().values())


def test_a_finding_that_rests_on_absence_needs_the_township_s_own_list(county):
    """A child on the disability roll is not `on no dibao roll` while the township's dibao roll has not come."""
    county.execute("create or replace temp table kept as from register.coverage")
    county.execute("create or replace temp table kept_roll as from register.dibao_roll")
    county.execute(
        f"delete from register.coverage where dataset = 'dibao_roll' and township_code = '{AREA}100'"
    )
    county.execute(
        f"delete from register.dibao_roll where month = '2024-02' and township_code = '{AREA}100'"
    )
    try:
        evaluate(county, [MONTH], [rules()["P01"], rules()["E04"]])
        states = county.execute(
            f"select rule_id, township_code = '{AREA}100', state from quality.outcome where rule_id in ('P01', 'E04')"
            " and month = '2024-02' group by all order by all"
        ).fetchall()
    finally:
        county.execute("delete from register.coverage")
        county.execute("insert into register.coverage from kept")
        county.execute("delete from register.dibao_roll")
        county.execute("insert into register.dibao_roll from kept_roll")
    assert states == [
        ("E04", False, "pass"), ("E04", True, "not_evaluated"), ("P01", False, "pass"), ("P01", True, "not_evaluated"),
    ]  # fmt: skip


def test_every_threshold_is_used_by_its_rule_and_has_a_reason():
    for rule in rules().values():
        for threshold in rule.thresholds:
            assert threshold.reason.endswith(".")
            assert rule.model is None or f"${threshold.name}" in model(rule.model), rule.id


def test_a_township_that_has_not_reported_is_not_judged(county):
    county.execute("create or replace temp table kept as from register.coverage")
    county.execute(
        f"delete from register.coverage where dataset = 'dibao_roll' and township_code = '{AREA}100'"
    )
    try:
        evaluate(county, [MONTH], [rules()["D09"]])
        states = dict(
            county.execute(
                "select township_code, state from quality.outcome where rule_id = 'D09'"
            ).fetchall()
        )
    finally:
        county.execute("delete from register.coverage")
        county.execute("insert into register.coverage from kept")
    assert states[f"{AREA}100"] == "not_evaluated"
    assert {state for code, state in states.items() if code != f"{AREA}100"} == {"pass"}


def test_a_second_run_changes_nothing(county):
    rules_only = [rules()[name] for name in ("D12", "K01", "B02")]
    outcomes = []
    for _ in range(2):
        evaluate(county, MONTHS, rules_only)
        outcomes.append(county.execute("select * from quality.outcome order by all").fetchall())
    assert outcomes[0] == outcomes[1]
