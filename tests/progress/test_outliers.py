# ruff: noqa: E501
"""Outliers in plain series."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.errors import WrongCall
from minzheng.indicators.outliers import outliers, seasonal_outliers
from minzheng.months import months_between

QUIET = [10, 12, 11, 13, 12, 11, 10, 12, 13, 11, 12]


def test_the_z_score_uses_the_population_deviation():
    values = [*QUIET, 40]
    mean = sum(values) / 12
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / 12)
    (found,) = outliers(values, "z_score")
    assert (found.index, found.value) == (11, 40)
    assert found.score == pytest.approx((40 - mean) / deviation)
    assert (found.mean, found.median) == (pytest.approx(mean), None)
    assert (found.lower, found.upper) == (
        pytest.approx(mean - 3 * deviation),
        pytest.approx(mean + 3 * deviation),
    )


def test_the_modified_z_score_of_a_worked_example():
    values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]  # median 2.45, MAD 0.15
    found = outliers(values, "modified_z_score", 3.5)
    assert [o.index for o in found] == [8, 9]
    assert found[0].score == pytest.approx(0.6745 * (8.2 - 2.45) / 0.15)
    assert found[0].median == pytest.approx(2.45)
    assert found[0].upper == pytest.approx(2.45 + 3.5 * 0.15 / 0.6745)


def test_where_more_than_half_the_values_are_equal_the_mean_deviation_stands_in():
    (found,) = outliers([5, 5, 5, 5, 5, 100], "modified_z_score")
    assert found.score == pytest.approx(95 / (1.253314 * 95 / 6))


@pytest.mark.parametrize("method", ["z_score", "modified_z_score"])
def test_nothing_varies_and_nothing_is_an_outlier(method):
    found = outliers([5] * 8, method)
    assert (found, found.judged) == ([], True)
    assert found.reason


@pytest.mark.parametrize("method", ["z_score", "modified_z_score"])
def test_few_values_give_no_verdict_which_is_not_none_found(method):
    assert outliers([1, 2, 1, 900], method).judged is False
    assert outliers([1, 2, 1, 2, 900], method).judged is True
    assert outliers([900], method, baseline=[1, 2, None, 3, float("nan"), 4]).judged is False


def test_ten_values_never_exceed_a_z_score_of_three():
    assert outliers([0] * 9 + [1e9], "z_score") == []
    assert [o.index for o in outliers([0] * 10 + [1e9], "z_score")] == [10]


def test_a_baseline_of_other_values_and_missing_values_keep_their_place():
    found = outliers(pl.Series([None, 40.0, 11.0, -20.0]), "z_score", baseline=QUIET)
    assert [(o.index, o.value) for o in found] == [(1, 40), (3, -20)]
    assert found[1].score < -3


def test_min_max_tells_the_distance_beyond_the_bound():
    found = outliers([-1, 0, 50, 100, 103, None], "min_max", lower=0, upper=100)
    assert [(o.index, o.score, o.lower, o.upper) for o in found] == [
        (0, -1, 0, 100),
        (4, 3, 0, 100),
    ]
    assert [o.index for o in outliers([1, 9], "min_max", upper=5)] == [1]


@pytest.mark.parametrize(
    "call",
    [{"method": "iqr"}, {"method": "z_score", "threshold": 0}, {"method": "min_max"}, {"method": "min_max", "lower": 2, "upper": 1}],
)  # fmt: skip
def test_wrong_calls_are_refused(call):
    with pytest.raises(WrongCall):
        outliers(QUIET, **call)


@given(
    st.lists(st.integers(-1000, 1000), min_size=5, max_size=40),
    st.integers(1, 9),
    st.integers(-50, 50),
)
def test_changing_the_unit_or_the_origin_changes_no_verdict(values, factor, shift):
    for method in ("z_score", "modified_z_score"):
        plain = {o.index for o in outliers(values, method, 2.7)}
        moved = {o.index for o in outliers([factor * v + shift for v in values], method, 2.7)}
        assert plain == moved


def test_the_season_is_compared_with_its_own_past():
    months = months_between("2020-01", "2024-03")
    heating = {m: (300 if m[5:] in ("12", "01", "02") else 100) + int(m[2:4]) % 3 for m in months}
    assert [m for m, found in seasonal_outliers(heating).items() if found] == []
    heating["2024-01"] = 100
    found = seasonal_outliers(heating)
    assert [m for m, outlying in found.items() if outlying] == ["2024-01"]
    assert found["2024-01"][0].score < -3
    assert found["2020-06"].judged is False


def test_the_look_back_takes_the_months_beside_the_season_too():
    months = months_between("2022-01", "2024-02")
    found = seasonal_outliers({m: 10 + int(m[5:]) for m in months}, years=2)
    assert found["2024-02"].judged  # January to March of two years: six values
    assert not seasonal_outliers({m: 10 + int(m[5:]) for m in months}, years=2, window=0)[
        "2024-02"
    ].judged
    assert found["2024-02"].reason == ""
    low = seasonal_outliers(
        {m: 900 if m == "2024-02" else 10 + int(m[5:]) for m in months}, years=2
    )["2024-02"][0]
    assert low.median == 12
    assert low.deviation == pytest.approx(1 / 0.6745)
