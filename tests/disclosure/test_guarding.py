"""The guard closes what cells that a release does not offer would be read from."""

import polars as pl
import pytest

from minzheng.disclosure.guarding import guard
from minzheng.registry import registry

TABLE = """
area      total  F   M
632224      20   9  11
632224100   13   6   7
632224101    7   3   4
"""
INNER = "township and broken down"


def drawn(table):
    """Observations of orphans by area and sex, and the rows of townships' breakdowns."""
    rows = []
    for line in table.strip().splitlines()[1:]:
        area, *counts = line.split()
        rows += [(area, sex, float(n)) for sex, n in zip(("_T", "F", "M"), counts, strict=True)]
    frame = pl.DataFrame(rows, schema=["ref_area", "sex", "numerator"], orient="row").with_columns(
        indicator_id=pl.lit("orphan_total"), time_period=pl.lit("2023-01"), residence=pl.lit("_T"),
        age_group=pl.lit("_T"), category=pl.lit("_T"), denominator=pl.lit(None, dtype=pl.Float64),
        obs_status=pl.lit("A"), obs_value=pl.col("numerator"),
    )  # fmt: skip
    inner = frame.with_row_index("row").filter((pl.col("ref_area") != "632224") & (pl.col("sex") != "_T"))
    return frame, set(inner["row"].to_list())


def test_a_township_s_breakdown_with_room_is_left_alone():
    frame, inner = drawn(TABLE)
    found = guard(frame, inner, registry())
    assert (found.closed, found.open) == (set(), [])


@pytest.mark.parametrize("girls", [1, 2, 4])
def test_a_small_county_breakdown_that_bounds_townships_goes_whole(girls):
    frame, inner = drawn(f"""
area      total  F   M
632224      20   {girls}  {20 - girls}
632224100   13   0  13
632224101    7   {girls}   {7 - girls}
""")
    found = guard(frame, inner, registry())
    assert {frame.row(i, named=True)["sex"] for i in found.closed} >= {"F", "M"}
    assert found.open == []


def test_what_an_earlier_release_shows_is_reported_when_it_gives_a_count_away():
    frame, inner = drawn(TABLE.replace("9  11", "3  17").replace("6   7", "0  13"))
    found = guard(frame, inner, registry(), public=set(range(frame.height)) - inner)
    assert found.closed == set()
    assert {count.area for count in found.open} == {"632224101"}
