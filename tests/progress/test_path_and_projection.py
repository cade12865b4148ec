# ruff: noqa: E501
"""The linear path, the projection, the gap, the stability of a verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.progress.path import completion, path_status, path_value, remaining_gap
from minzheng.progress.projection import project, projection_status
from minzheng.progress.stability import (
    achieved_but_worsening,
    flip_risk,
    status_stable_since,
)

amounts = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2020-06", 40),
        ("2020-12", 40),
        ("2021-12", 43),
        ("2023-06", 47.5),
        ("2025-12", 55),
        ("2026-05", 55),
    ],
)
def test_the_path_is_straight_from_base_to_target_and_flat_outside(month, due):
    assert path_value(month, "2020-12", 40, "2025-12", 55) == pytest.approx(due)


def test_the_path_goes_through_its_milestones():
    stones = [("2022-12", 50), ("2019-12", 1)]
    assert path_value("2021-12", "2020-12", 40, "2025-12", 56, stones) == pytest.approx(45)
    assert path_value("2024-06", "2020-12", 40, "2025-12", 56, stones) == pytest.approx(53)


@pytest.mark.parametrize(
    "facts", [("2021-01", "2020-12", None, "2025-12", 5), ("2021-01", "2025-12", 4, "2025-12", 5)]
)
def test_no_path_without_base_or_time(facts):
    assert path_value(*facts) is None


@pytest.mark.parametrize(
    ("base", "current", "due", "target", "direction", "status"),
    [
        (40, 46, 46, 55, 1, "substantial_progress"),
        (40, 45.7, 46, 55, 1, "substantial_progress"),
        (40, 45.69, 46, 55, 1, "moderate_progress"),
        (40, 43.6, 46, 55, 1, "moderate_progress"),
        (40, 43.59, 46, 55, 1, "limited_progress"),
        (40, 40, 46, 55, 1, "limited_progress"),
        (40, 39.9, 46, 55, 1, "deterioration"),
        (40, 55, 46, 55, 1, "target_achieved"),
        (20, 12, 10, 0, -1, "moderate_progress"),
        (20, 0, 10, 0, -1, "target_achieved"),
        (60, 54, 58, 55, 1, "deterioration"),
        (55, 54, 55, 55, 1, "deterioration"),
        (40, 41, 40, 55, 1, "substantial_progress"),
        (40, 39, 40, 55, 1, "deterioration"),
        (None, 41, None, 55, 1, None),
        (None, 56, None, 55, 1, "target_achieved"),
        (40, None, 46, 55, 1, None),
        (40, 46, 46, None, 1, None),
    ],
)
def test_the_class_by_the_path(base, current, due, target, direction, status):
    assert path_status(base, current, due, target, direction).status == status


@given(amounts, amounts, amounts, st.sampled_from([1, -1]))
def test_mirroring_all_values_and_the_direction_changes_nothing(base, current, target, direction):
    due = base + (target - base) / 2
    mirrored = path_status(-base, -current, -due, -target, -direction)
    assert mirrored == path_status(base, current, due, target, direction)


@pytest.mark.parametrize(
    ("value", "target", "direction", "share"),
    [(44, 55, 1, 0.8), (60, 55, 1, 60 / 55), (20, 10, -1, 0.5), (8, 10, -1, 1), (0, 0, -1, 1), (3, 0, -1, None),
     (3, 0, 1, None), (None, 5, 1, None), (5, None, 1, None), (-1, 5, 1, None)],
)  # fmt: skip
def test_completion(value, target, direction, share):
    assert completion(value, target, direction) == (None if share is None else pytest.approx(share))


def test_a_rate_falls_short_by_people_or_beds_rounded_up():
    gap = remaining_gap(
        49.0, 55, 1, unit="%", months_left=9, numerator=98, denominator=200, gap_unit="张"
    )  # 110 of 200 are due
    assert (gap.value, gap.per_month, gap.unit) == (12, 12 / 9, "张")
    assert (
        remaining_gap(
            49.5, 55, 1, unit="%", months_left=1, numerator=100, denominator=202, gap_unit="张"
        ).value
        == 12
    )


@pytest.mark.parametrize(
    ("value", "target", "direction", "unit", "left", "gap", "monthly"),
    [(7, 10, 1, "人", 3, 3, 1), (12, 10, 1, "人", 3, 0, 0), (7, 0, -1, "人", 0, 7, None), (7.25, 10, 1, "万元", 1, 2.75, 2.75),
     (7.25, 10, 1, "人", 1, 3, 3), (None, 10, 1, "人", 1, None, None), (7, None, 1, "人", 1, None, None)],
)  # fmt: skip
def test_the_gap_in_the_unit_itself(value, target, direction, unit, left, gap, monthly):
    found = remaining_gap(value, target, direction, unit=unit, months_left=left)
    assert (found.value, found.per_month) == (gap, monthly)


def test_a_projection_agrees_with_a_textbook_regression():
    scipy = pytest.importorskip("scipy.stats")
    times, values = (
        [0, 1, 2, 3, 4, 5, 6, 7],
        [10, 13, 11, 14, 12, 15, 13, 16],
    )  # residuals alternate: no inflation
    line = scipy.linregress(times, values)
    residuals = [v - line.intercept - line.slope * t for t, v in zip(times, values, strict=True)]
    deviation = (sum(r * r for r in residuals) / 6) ** 0.5
    half = scipy.t.ppf(0.95, 6) * deviation * (1 + 1 / 8 + (12 - 3.5) ** 2 / 42) ** 0.5
    found = project(times, values, 12)
    assert found.value == pytest.approx(line.intercept + 12 * line.slope)
    assert (found.low, found.high) == (
        pytest.approx(found.value - half),
        pytest.approx(found.value + half),
    )


def test_months_that_follow_each_other_widen_the_interval():
    smooth = [0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3]
    found = project(range(12), smooth, 24)
    shuffled = project(range(12), [0, 3, 1, 2, 0, 3, 1, 2, 0, 3, 1, 2], 24)
    assert found.high - found.low > 1.3 * (shuffled.high - shuffled.low)


@pytest.mark.parametrize(
    ("times", "values", "at"),
    [([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 9), ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], 6), ([1] * 6, [1, 2, 3, 4, 5, 6], 9)],
)  # fmt: skip
def test_too_few_observations_or_a_time_passed_give_no_projection(times, values, at):
    assert project(times, values, at) is None


def test_a_projection_keeps_inside_natural_limits():
    found = project(range(8), [90, 92, 93, 95, 96, 97, 98, 99], 60, lowest=0, highest=100)
    assert (found.value, found.high) == (100, 100)


@given(st.floats(-100, 100), st.floats(-10, 10), st.integers(6, 30))
def test_a_straight_series_is_projected_without_doubt(start, slope, count):
    found = project(range(count), [start + slope * t for t in range(count)], count + 5)
    assert found.value == pytest.approx(start + slope * (count + 5), abs=1e-6)
    assert found.high - found.low == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("base", "current", "projected", "target", "direction", "status"),
    [(40, 46, 56, 55, 1, "substantial_progress"), (40, 55, 56, 55, 1, "target_achieved"), (40, 55, 54, 55, 1, "moderate_progress"),
     (40, 46, 50, 55, 1, "moderate_progress"), (40, 42, 44, 55, 1, "limited_progress"), (40, 39, 38, 55, 1, "deterioration"),
     (60, 56, 54, 55, 1, "deterioration"), (20, 12, -1, 0, -1, "substantial_progress"), (20, 12, None, 0, -1, None)],
)  # fmt: skip
def test_the_class_by_the_projection(base, current, projected, target, direction, status):
    assert projection_status(base, current, projected, target, direction) == status


def test_how_long_a_verdict_holds_and_how_often_it_flipped():
    def newest_first(classes):
        months = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
        return reversed([*zip(months, classes, strict=True)])

    assert status_stable_since(newest_first(["a", "b", "a", "a", "a"])) == "2024-03"
    assert status_stable_since(newest_first(["a", "a", None, "a", "a"])) == "2024-04"
    assert status_stable_since(newest_first(["a", "a", "a", "a", None])) is None
    assert status_stable_since([]) is None


def test_the_flip_risk_is_half_on_the_limit_and_none_far_away():
    def judge(value):
        return "up" if value >= 100 else "down"

    wobble = [100, 101, 99, 101, 100, 99, 100]
    assert flip_risk(wobble, judge) == pytest.approx(0.5)
    assert flip_risk([value + 50 for value in wobble], judge) == 0
    assert flip_risk([100] * 7, judge) == 0
    assert flip_risk(wobble[:6], judge) is None


@pytest.mark.parametrize(
    ("base", "current", "target", "direction", "worse"),
    [
        (7.05, 12.19, 70, -1, True),
        (7.05, 6, 70, -1, False),
        (7.05, 71, 70, -1, False),
        (None, 6, 70, -1, None),
    ],
)
def test_a_met_target_can_hide_that_things_got_worse(base, current, target, direction, worse):
    assert achieved_but_worsening(base, current, target, direction) is worse


def test_a_met_target_that_stands_where_it_started_is_not_worsening():
    assert achieved_but_worsening(7.05, 7.05, 70, -1) is False


def test_only_the_last_twelve_changes_tell_the_flip_risk():
    def judge(value):
        return "up" if value >= 99 else "down"

    lively = [0, 500, 20, 700, 100]
    calm = [100, 101, 100, 101, 100, 101, 100, 101, 100, 101, 100, 101]
    assert flip_risk([*lively, *calm], judge) == flip_risk([101, *calm][-13:], judge)
