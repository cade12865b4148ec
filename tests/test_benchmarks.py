"""The contestants of `make bench` do the same work: the faults that were planted and no other, and the same figures."""

import json
import os

import pytest

from benchmarks import contestants
from benchmarks.whole import DUTIES, Run, disagreeing, run
from benchmarks.work import make

MONTHS, ROWS = 2, 2000


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work") / "landing"
    make(folder, ROWS, MONTHS)
    return folder


@pytest.fixture(scope="module")
def right(landing):
    return contestants.plain_duckdb(landing)


def test_twelve_rules_break_where_a_fault_was_planted_and_twenty_figures_are_told(right):
    assert right["rules"] == dict.fromkeys(right["rules"], MONTHS * ROWS // 1000)
    assert (len(right["rules"]), len(right["figures"])) == (12, 20)
    assert all(right["figures"].values())


@pytest.mark.parametrize("name", ["parts", "polars", "pandas"])
def test_rivals_answer_as_plain_sql_does(name, landing, right):
    assert contestants.CONTESTANTS[name](landing) == right


@pytest.mark.skipif("MINZHENG_DBT" not in os.environ, reason="dbt is installed by make bench")
def test_dbt_answers_as_plain_sql_does(landing, right):
    assert json.loads(run("dbt", landing).answer) == right


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["project", "great_expectations"])
def test_the_project_and_great_expectations_answer_as_plain_sql_does(name, landing, right):
    assert json.loads(run(name, landing).answer) == right


def test_every_contestant_is_said_to_have_its_duties():
    assert DUTIES.keys() == contestants.CONTESTANTS.keys()


def test_an_answer_that_differs_is_told_with_both_numbers():
    told = {name: [Run(1, 1, 1, f'{{"rules": {{"a": {count}}}, "figures": {{}}}}')] for name, count in (("duckdb", 3), ("pandas", 4))}  # fmt: skip
    assert list(disagreeing(told)) == ["a: duckdb 3, pandas 4"]
