"""The suites, judged by Great Expectations: what stops a month, what only warns, and that no value gets into a result."""

import subprocess
import sys

import duckdb
import pytest

from minzheng.contracts.suites import check_title, checks, every_suite
from minzheng.errors import MinzhengError
from minzheng.months import months_between
from minzheng.publish.release.quality import quality_table
from minzheng.warehouse.connection import create_tables, set_months
from quality import expectations, structure
from quality.expectations import CountedSuite
from quality.gate import evaluate, validate
from simulation.example import draw_county
from tests.place import AREA

MONTHS = months_between("2024-01", "2024-02")


@pytest.fixture(scope="module")
def county():
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS, persons=20)
    evaluate(connection, MONTHS)
    yield connection
    connection.close()


@pytest.fixture
def changed(county):
    """The county; afterwards dibao, facilities and outcomes are as they were."""
    kept = ("register.dibao_roll", "register.care_facility", "quality.outcome")
    for name in kept:
        county.execute(f"create or replace temp table kept_{name.replace('.', '_')} as from {name}")
    yield county
    for name in kept:
        county.execute(f"delete from {name}")
        county.execute(f"insert into {name} from kept_{name.replace('.', '_')}")


def broken(results):
    return {(r.suite, r.severity, r.month): r for r in results if not r.passed}


def test_the_clean_county_passes_every_suite_in_every_month(county):
    results = validate(county, MONTHS)
    assert broken(results) == {}
    assert {r.month for r in results} == set(MONTHS)
    assert sum(r.evaluated for r in results) > 500


SPOILT = {
    "scheme:codes": ("update {} set scheme = '别的' where row_no % 1000000 = 3 and month = '2024-02'", 5),
    "household_key:required": (f"update {{}} set household_key = null where person_key = '{AREA}100-5' and month = '2024-02'", 1),
    "age:range": (f"update {{}} set age = 126 where person_key = '{AREA}100-6' and month = '2024-02'", 1),
    "key": (f"update {{}} set person_key = '{AREA}100-8' where person_key = '{AREA}100-7' and month = '2024-02'", 1),
    "conservation": (f"delete from {{}} where person_key = '{AREA}100-9' and month = '2024-02'", 1),
    "township": (f"update {{}} set township_code = '63' where person_key = '{AREA}100-10' and month = '2024-02'", 1),
}  # fmt: skip


@pytest.mark.parametrize(
    "checks",
    [[*SPOILT], *(pytest.param([name], marks=pytest.mark.nightly) for name in SPOILT)],
    ids=",".join,
)
def test_a_register_that_breaks_its_contract_stops_that_month_alone(changed, checks):
    """The short form breaks every kind of check at once, each in a person of its own; at night each by itself."""
    for check in checks:
        changed.execute(SPOILT[check][0].format("register.dibao_roll"))
    found = broken(validate(changed, MONTHS))
    assert set(found) == {("dibao_roll", "error", "2024-02")}
    result = found["dibao_roll", "error", "2024-02"]
    assert result.blocking
    assert dict(result.failed_rules) == {check: SPOILT[check][1] for check in checks}
    assert "须改正后方可发布" in result.sentence_zh


def test_a_finding_is_an_error_that_does_not_stop_the_month(changed):
    changed.execute(
        "update quality.outcome set failed = 2, state = 'fail'"
        f" where rule_id = 'D12' and month = '2024-01' and township_code = '{AREA}100'"
    )
    found = broken(validate(changed, MONTHS))
    assert list(found) == [("rules_dibao", "error", "2024-01")]
    result = found["rules_dibao", "error", "2024-01"]
    assert result.failed_rules == [("D12", 2)]
    assert not result.blocking
    assert "低保与特困不重复(2处)" in result.sentence_zh


def test_a_broken_identity_stops_the_month(changed):
    changed.execute(
        "update quality.outcome set failed = 1, state = 'fail' where rule_id = 'T01' and month = '2024-02'"
        f" and township_code = '{AREA}101'"
    )
    found = broken(validate(changed, MONTHS))
    assert found["identities", "error", "2024-02"].blocking


def test_a_full_house_is_a_warning(changed):
    changed.execute(
        f"update register.care_facility set resident_count = bed_count + 1 where township_code = '{AREA}100'"
    )
    found = broken(validate(changed, MONTHS))
    assert {key[:2] for key in found} == {("care_facility", "warn")}
    assert not any(result.blocking for result in found.values())


def test_a_month_without_data_has_no_verdict(county):
    results = validate(county, ["2031-01"])
    own = next(r for r in results if r.suite == "dibao_roll" and r.severity == "error")
    assert (own.passed, own.evaluated) == (True, 0)
    assert "未作检查" in own.sentence_zh


def test_results_hold_counts_and_months_and_no_value_of_a_row(county, monkeypatch):
    frames = []
    original = expectations._frame
    monkeypatch.setattr(
        expectations, "_frame", lambda *told: frames.append(original(*told)) or frames[-1]
    )
    validate(county, MONTHS)
    assert frames
    for frame in frames:
        assert set(frame.pop("month")) == set(MONTHS)
        assert set(frame.dtypes.astype(str)) == {"float64"}


def test_an_expectation_that_cannot_be_computed_is_a_defect_and_never_bad_data(county, monkeypatch):
    suite = CountedSuite(
        "dibao_roll", "dibao_roll", "error", True, ("key",), {("key", "2024-01"): 1}, {}
    )
    original = expectations._frame
    monkeypatch.setattr(
        expectations, "_frame", lambda *told: original(*told).rename(columns={"key": "gone"})
    )
    with pytest.raises(MinzhengError, match="key"):
        list(expectations.broken_checks([suite], ["2024-01"]))


def test_every_column_of_a_contract_that_must_be_there_is_checked(county):
    from minzheng.contracts.datasets import dataset_names

    set_months(county, MONTHS)
    for name in dataset_names():
        assert len(checks(name)) == len(set(checks(name)))
    counted = {(count.suite, count.check) for count in structure.count_all(county)}
    assert ("dibao_roll", "monthly_amount:required") in counted
    assert ("payment_ledger", "scheme:codes") in counted
    assert not any("person_name" in check for _, check in counted)


def test_the_quality_table_names_every_subject_and_no_person(county):
    table = quality_table(county, ["2024-02"])
    assert table.filter(kind="rule")["subject"].n_unique() == 111
    assert set(table.filter(kind="completeness", subject="dibao_roll")["state"]) == {"on_time"}
    assert table["title_zh"].null_count() == 0
    assert not [name for name in table.columns if "person" in name or "row" in name]


def test_each_limit_of_a_column_is_told_by_its_own_title():
    """Ages of the elder roll have a limit that stops the month and one that warns."""
    both = [every_suite()["elder_roll", severity] for severity in ("error", "warn")]
    assert [check_title(suite, "age:range") for suite in both] == [
        "年龄在0至125岁之间",
        "老年人补贴对象应年满60周岁",
    ]


def test_great_expectations_is_loaded_without_what_nobody_asks_for():
    assert _loaded_after("pass") == "True False\n"


def test_a_process_that_has_spark_loaded_goes_on_with_great_expectations():
    """Great Expectations with Spark ends a process without a file of its own, with status 0 and without a word."""
    pytest.importorskip("pyspark.sql")
    assert _loaded_after("import pyspark.sql") == "True True\n"


def _loaded_after(first: str) -> str:
    """Whether Great Expectations is there, and whether something that nobody asks for is, in a process of its own."""
    code = (
        f"import sys; {first}; from quality.expectations import _great_expectations, NOT_ASKED; _great_expectations(); "
        "print('great_expectations' in sys.modules, any(name in sys.modules for name in NOT_ASKED))"
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout
