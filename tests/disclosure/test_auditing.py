"""The auditor against counting every table by hand."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.disclosure.auditing import audit
from minzheng.errors import MinzhengError

TABLE = [
    ("r1", ["a", "b", "c"]),
    ("r2", ["d", "e", "f"]),
    ("all", ["r1", "r2"]),
    ("c1", ["a", "d"]),
    ("c2", ["b", "e"]),
    ("c3", ["c", "f"]),
]


def table(a, b, c, d, e, f):
    """Two townships by three groups with all margins."""
    cells = dict(zip("abcdef", (a, b, c, d, e, f), strict=True))
    cells |= {"r1": a + b + c, "r2": d + e + f, "all": a + b + c + d + e + f}
    return cells | {"c1": a + d, "c2": b + e, "c3": c + f}


def by_hand(published, limit, groups=TABLE):
    """The extremes of every withheld cell over all tables with inner cells up to `limit`."""
    seen = {}
    for inner in itertools.product(range(limit + 1), repeat=6):
        whole = table(*inner)
        if all(value is None or whole[name] == value for name, value in published.items()):
            for name, value in published.items():
                if value is None:
                    low, high = seen.get(name, (value := whole[name], whole[name]))
                    seen[name] = (min(low, whole[name]), max(high, whole[name]))
    return seen


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.sets(st.sampled_from("abcdef")),
    st.booleans(),
)
def test_intervals_are_those_of_counting_every_table(inner, hidden, hide_margin):
    published = table(*inner)
    for name in hidden | ({"r1"} if hide_margin else set()):
        published[name] = None
    expected = by_hand(published, 4)
    found = audit(published, TABLE, threshold=5)
    assert {name: (cell.low, cell.high) for name, cell in found.items()} == expected


def test_one_withheld_township_is_read_off_the_county():
    found = audit(
        {"county": 20, "t1": None, "t2": 18}, [{"county": 1, "t1": -1, "t2": -1}], threshold=5
    )
    assert (found["t1"].low, found["t1"].high, found["t1"].exact, found["t1"].safe) == (
        2,
        2,
        True,
        False,
    )


def test_whole_numbers_tell_more_than_fractions():
    cells = {"a": None, "b": None, "c": None, "n": 7}
    found = audit(cells, [{"a": 2, "b": 2, "c": 1, "n": -1}], threshold=5)
    assert found["c"].low == 1


def test_a_cell_without_a_table_has_no_upper_limit():
    found = audit({"a": None}, [], threshold=5)
    assert (found["a"].low, found["a"].high, found["a"].safe) == (0, math.inf, True)


def test_inequalities_narrow_what_can_be():
    found = audit(
        {"households": None, "persons": 3},
        [],
        threshold=5,
        inequalities={"households": 1, "persons": -1},
    )
    assert (found["households"].low, found["households"].high) == (0, 3)
    assert found.shown == ("persons",)


def test_the_only_person_of_a_cell_is_an_attacker():
    published = {"county": 6, "t1": None, "t2": None}
    sums = [("county", ["t1", "t2"])]
    assert audit(published, sums, threshold=5).safe
    assert audit(published, sums, threshold=5, insiders=["t1"]).unsafe == []
    three = {"county": 6, "t1": None, "t2": None, "t3": None}
    sums = [("county", ["t1", "t2", "t3"])]
    assert audit(three, sums, threshold=5, insiders=["t1"]).safe
    assert audit(three, sums, threshold=6, insiders=["t1"]).unsafe == ["t2", "t3"]


def test_published_cells_that_contradict_each_other_are_refused():
    with pytest.raises(MinzhengError, match="contradict"):
        audit({"county": 5, "t1": 2, "t2": 2}, [("county", ["t1", "t2"])], threshold=5)
    with pytest.raises(MinzhengError, match="no table"):
        audit({"county": 5, "t1": 9, "t2": None}, [("county", ["t1", "t2"])], threshold=5)


@pytest.mark.parametrize("wrong", [-1, 1.5, math.nan])
def test_what_is_no_count_is_refused_without_its_value(wrong):
    with pytest.raises(MinzhengError, match="cell t1 is not a count"):
        audit({"t1": wrong}, [], threshold=5)


def test_the_forms_of_an_identity_mean_the_same():
    cells = {"county": 20, "t1": None, "t2": None}
    forms = [
        {"county": 1, "t1": -1, "t2": -1},
        [("county", ["t1", "t2"])],
        {"county": ["t1", "t2"]},
    ]
    assert len({tuple(audit(cells, form, threshold=5).items()) for form in forms}) == 1
