"""Estimating how many there are from two ways of finding them."""

import random
from math import exp, isclose, log, sqrt

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from minzheng.leads.recapture import Pair, Recapture, chapman, judge, pairs, recaptures
from minzheng.leads.rules import rules

INDEPENDENT = Pair(first="A", second="B", applies=True, bound=False, why="")


def test_chapman_gives_the_value_worked_by_hand():
    result = chapman(10, 15, 4)
    assert isclose(result.estimate, 11 * 16 / 5 - 1)
    assert isclose(result.standard_error**2, 11 * 16 * 6 * 11 / (25 * 6))
    assert result.observed == 21
    missing = 34.2 - 21
    factor = exp(1.959964 * sqrt(log(1 + 77.44 / missing**2)))
    low, high = result.interval
    assert isclose(low, 21 + missing / factor)
    assert isclose(high, 21 + missing * factor)


@pytest.mark.parametrize("counts", [(1, 5, 2), (-1, 0, 0), (5, 1, 2)])
def test_counts_that_cannot_be_are_refused(counts):
    with pytest.raises(ValueError, match="both"):
        chapman(*counts)


@for_any(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_estimate_and_interval_never_fall_below_what_was_found(first, second, both):
    both = min(first, second, both)
    result = chapman(first, second, both)
    low, high = result.interval
    assert result.observed - 1e-9 <= low <= result.estimate <= high
    if both == min(first, second):
        assert result.standard_error == 0


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    dice, held, recall_error = random.Random(3), 0, []
    for _ in range(300):
        ways = [{str(n) for n in range(200) if dice.random() < share} for share in (0.4, 0.5)]
        result = judge(INDEPENDENT, *ways)
        held += result.interval[0] <= 200 <= result.interval[1]
        recall_error.append(result.recall - result.observed / 200)
    assert 0.91 <= held / 300 <= 0.98
    assert abs(sum(recall_error) / 300) < 0.01


def test_few_seen_twice_or_one_list_behind_both_give_no_estimate():
    seven, six = {str(n) for n in range(7)}, {str(n) for n in range(6)}
    assert isinstance(judge(INDEPENDENT, seven, seven | {"x"}), Recapture)
    assert judge(INDEPENDENT, six, six | {"x"}) == "重合太少"
    assert judge(INDEPENDENT.model_copy(update={"applies": False}), seven, seven) == "不独立"


def test_rules_that_rest_on_the_same_list_are_never_called_independent():
    lists = {rule.rule_id: set(rule.datasets[:1]) for rule in rules()}
    for pair in pairs():
        if pair.applies and not pair.bound and pair.first in lists:
            assert not lists[pair.first] & lists[pair.second]


def test_sources_of_the_death_list_are_held_against_each_other_over_twelve_months(county):
    told = [(f"p{number}", "公安", "2024-03-31") for number in range(10)]
    told += [(f"p{number}", "卫健", "2023-04-01") for number in range(2, 12)]
    told += [("old", "公安", "2023-03-31"), ("later", "卫健", "2024-04-01")]
    for person, source, day in told:
        county.rows(
            "death_list", f"person_key | list_source | died_on\n {person} | {source} | {day}"
        )
    result = {
        (pair.first, pair.second): found for pair, found in recaptures(county.connection, "2024-03")
    }["公安", "卫健"]
    assert (result.first, result.second, result.both) == (10, 10, 8)
