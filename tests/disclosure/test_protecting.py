"""Complementary suppression: always safe, never more than needed, against brute force."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.disclosure.auditing import audit
from minzheng.disclosure.protecting import protect
from minzheng.errors import MinzhengError

COUNTY = [("county", ["t1", "t2", "t3", "t4", "t5"])]
SQUARE = [
    ("r1", ["a", "b"]),
    ("r2", ["c", "d"]),
    ("all", ["r1", "r2"]),
    ("c1", ["a", "c"]),
    ("c2", ["b", "d"]),
    ("all", ["c1", "c2"]),
]


def square(a, b, c, d):
    """Two by two with margins."""
    return {
        "a": a,
        "b": b,
        "c": c,
        "d": d,
        "r1": a + b,
        "r2": c + d,
        "c1": a + c,
        "c2": b + d,
        "all": a + b + c + d,
    }


def county(*townships):
    """A county and its townships."""
    cells = {f"t{i}": count for i, count in enumerate(townships, start=1)}
    return {"county": sum(townships), **cells}


def attacked(cells, identities, hidden, threshold, **more):
    """The audit of the cells as published, with every lone person as an attacker on the small cells."""
    published = {name: None if name in hidden else value for name, value in cells.items()}
    alone = [name for name in hidden if cells[name] == 1]
    small = {name for name in hidden if cells[name] and cells[name] < threshold}
    outside = audit(published, identities, threshold=threshold, **more)
    inside = audit(published, identities, threshold=threshold, insiders=alone, **more)
    return outside.safe and all(inside[name].safe for name in small)


def test_one_small_township_takes_the_least_other_with_it():
    found = protect(county(2, 30, 40, 8, 50), COUNTY, threshold=5)
    assert (found.primary, found.further, found.optimal) == ({"t1"}, {"t4"}, True)
    assert (found.proof["t1"].low, found.proof["t1"].high, found.proof["t1"].safe) == (0, 10, True)


def test_two_small_townships_that_hide_each_other_need_nothing_more():
    assert set(protect(county(3, 4, 40, 20, 50), COUNTY, threshold=5)) == set()


def test_two_small_townships_too_small_to_hide_each_other_need_a_third():
    assert set(protect(county(1, 2, 40, 20, 50), COUNTY, threshold=5)) == {"t4"}


def test_the_only_person_of_a_township_does_not_learn_the_other():
    assert set(protect(county(1, 4, 40, 20, 50), COUNTY, threshold=5)) == {"t4"}
    assert set(protect(county(2, 4, 40, 20, 50), COUNTY, threshold=5)) == set()


def test_zero_is_published_and_may_be_withheld_for_another():
    assert set(protect(county(0, 0, 40, 20, 50), COUNTY, threshold=5)) == set()


def test_a_table_of_small_counts_only_is_withheld_with_its_total():
    found = protect(county(1, 1, 0, 0, 0), COUNTY, threshold=5)
    assert "county" in found.primary
    assert found.unprotected == frozenset()


def test_a_small_inner_cell_of_a_square_takes_the_rectangle():
    found = protect(square(2, 30, 40, 50), SQUARE, threshold=5)
    assert found.further == {"b", "c", "d"}


def test_what_is_public_already_is_not_withheld():
    found = protect(county(2, 30, 40, 8, 50), COUNTY, threshold=5, known={"t4", "county"})
    assert set(found) == {"t2"}


def test_what_nothing_can_protect_is_named():
    everything = {"county", "t2", "t3", "t4", "t5"}
    found = protect(county(2, 30, 40, 8, 50), COUNTY, threshold=5, known=everything)
    assert found.unprotected == {"t1"}
    assert protect(county(2, 30, 40, 8, 50), COUNTY, threshold=5, known=["t1"]).unprotected == {
        "t1"
    }


def test_a_cell_that_nobody_knows_stays_out_of_sight():
    cells = {"stock": 29, "before": 28, "new": 3, "exit": None}
    found = protect(cells, [{"stock": 1, "before": -1, "new": -1, "exit": 1}], threshold=5)
    assert (set(found), found.unprotected) == (set(), frozenset())


def test_households_do_not_betray_persons():
    cells = {
        "households": 6,
        "persons": 7,
        "t_households": 2,
        "t_persons": 5,
        "u_households": 4,
        "u_persons": 2,
    }
    sums = [
        ("households", ["t_households", "u_households"]),
        ("persons", ["t_persons", "u_persons"]),
    ]
    within = [{"t_households": 1, "t_persons": -1}]
    found = protect(cells, sums, threshold=5, inequalities=within)
    assert attacked(cells, sums, found.withheld, 5, inequalities=within)
    assert found.unprotected == frozenset()


def test_costs_decide_what_is_lost():
    dear = dict.fromkeys(["t2", "t4", "t5", "county"], 100)
    assert set(protect(county(2, 30, 40, 8, 50), COUNTY, threshold=5, costs=dear)) == {"t3"}


def test_cells_that_contradict_the_identities_are_refused():
    with pytest.raises(MinzhengError, match="do not add up"):
        protect({"county": 9, "t1": 2, "t2": 3}, [("county", ["t1", "t2"])], threshold=5)


counts = st.integers(0, 12)


@settings(max_examples=4, deadline=None)
@given(counts, counts, counts, counts, st.sampled_from([3, 5, 8]))
def test_no_pattern_with_fewer_cells_is_safe(a, b, c, d, threshold):
    cells = square(a, b, c, d)
    found = protect(cells, SQUARE, threshold=threshold)
    assert found.unprotected == frozenset()
    assert attacked(cells, SQUARE, found.withheld, threshold)
    others = sorted(set(cells) - found.primary)
    for size in range(len(found.further)):
        for fewer in itertools.combinations(others, size):
            assert not attacked(cells, SQUARE, found.primary | set(fewer), threshold)


def assert_linked_tables_are_safe(inner, threshold):
    cells, sums = {}, []
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
    sums.append(("c", ["cF", "cM"]))
    found = protect(cells, sums, threshold=threshold)
    assert found.unprotected == frozenset()
    assert attacked(cells, sums, found.withheld, threshold)
    again = protect(dict(reversed(cells.items())), sums[::-1], threshold=threshold)
    assert again.withheld == found.withheld


LINKED = st.lists(st.integers(0, 15), min_size=12, max_size=12)


@settings(max_examples=3, deadline=None)
@given(LINKED, st.sampled_from([5, 8, 10]))
def test_linked_tables_are_safe_and_the_result_is_the_same_each_time(inner, threshold):
    assert_linked_tables_are_safe(inner, threshold)


@pytest.mark.nightly
@settings(max_examples=12, deadline=None)
@given(LINKED, st.sampled_from([5, 8, 10]))
def test_many_linked_tables_are_safe_and_the_result_is_the_same_each_time(inner, threshold):
    assert_linked_tables_are_safe(inner, threshold)
