"""Closing by cheapest moves, against the auditor's exact intervals on random linked tables."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.disclosure.auditing import audit
from minzheng.disclosure.closing import Closing
from minzheng.disclosure.system import components, read_relations


def linked(inner):
    """Three townships by sex by age with every margin, and the county's."""
    cells, sums, inner = {}, [], list(inner)
    for i, sex in itertools.product(range(3), "FM"):
        young, old = inner.pop(), inner.pop()
        cells |= {f"{i}{sex}Y": young, f"{i}{sex}O": old, f"{i}{sex}": young + old}
        sums.append((f"{i}{sex}", [f"{i}{sex}Y", f"{i}{sex}O"]))
    for i in range(3):
        cells[f"{i}"] = cells[f"{i}F"] + cells[f"{i}M"]
        sums.append((f"{i}", [f"{i}F", f"{i}M"]))
    for group in ("F", "M", "FY", "MO", ""):
        cells[f"c{group}"] = sum(cells[f"{i}{group}"] for i in range(3))
        sums.append((f"c{group}", [f"{i}{group}" for i in range(3)]))
    return cells, [*sums, ("c", ["cF", "cM"])]


def closed(cells, sums, threshold):
    """The cells withheld."""
    row = {name: i for i, name in enumerate(cells)}
    small = {name for name, value in cells.items() if 0 < value < threshold}
    hidden = {row[name] for name in small}
    for rows in components(cells, {}, read_relations(sums)):
        guarded = small.__contains__
        closing = Closing(
            rows, cells, row, hidden, threshold, guarded, lambda name: 1 + cells[name]
        )
        closing.close(lambda name: True)
        assert closing.open == []
        hidden |= closing.added
    return {name for name in cells if row[name] in hidden}


def published(cells, withheld):
    return {name: None if name in withheld else value for name, value in cells.items()}


COUNTS = st.lists(st.sampled_from([0, 1, 1, 2, 3, 9, 20]), min_size=12, max_size=12)
THRESHOLDS = st.sampled_from([3, 5, 8])


def assert_kept(inner, threshold):
    cells, sums = linked(inner)
    withheld = closed(cells, sums, threshold)
    outside = audit(published(cells, withheld), sums, threshold=threshold)
    assert outside.unsafe == []
    alone = [name for name in withheld if cells[name] == 1]
    inside = audit(published(cells, withheld), sums, threshold=threshold, insiders=alone)
    assert [name for name in inside.unsafe if 0 < cells[name] < threshold] == []


@settings(max_examples=5, deadline=None)
@given(COUNTS, THRESHOLDS)
def test_no_withheld_count_is_given_away_to_anyone_nor_a_small_one_to_a_lone_person(
    inner, threshold
):
    assert_kept(inner, threshold)


@pytest.mark.nightly
@settings(max_examples=25, deadline=None)
@given(COUNTS, THRESHOLDS)
def test_in_five_and_twenty_counties_nothing_is_given_away(inner, threshold):
    assert_kept(inner, threshold)


def test_nothing_is_withheld_where_nothing_is_small():
    cells, sums = linked([20] * 12)
    assert closed(cells, sums, 5) == set()


def test_one_small_count_takes_a_few_cells_and_leaves_the_county_s_total():
    cells, sums = linked([30] * 11 + [2])
    withheld = closed(cells, sums, 5)
    assert "c" not in withheld
    assert 1 < len(withheld) <= 12
