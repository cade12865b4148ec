"""The pipeline on files made by another hand, against a count of their rows one by one."""

from collections import Counter
from contextlib import contextmanager

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.indicators import models
from minzheng.intake import take_in
from minzheng.months import months_between
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
from tests.indicator.another_county import AnotherCounty
from tests.indicator.row_by_row import Count

CELL = ("indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category")


@contextmanager
def taken_in(folder, county):
    """A warehouse that has taken in the county's files and, later, its corrections."""
    home, keys = Home(folder / "home").create(), Keys.create(folder / "key.json")
    county.send(folder / "sent")
    with open_warehouse(home) as connection:
        take_in(home, connection, keys, folder / "sent")
        county.correct(folder / "corrected", 2 * len(county.months))
        take_in(home, connection, keys, folder / "corrected")
        yield (
            connection,
            dict(
                connection.execute("select verdict, count(*) from raw.file group by all").fetchall()
            ),
        )


def differing(found: dict, counted: dict) -> list:
    """Cells that only one side has, or that differ in status, numerator or denominator."""

    def same(left: tuple, right: tuple) -> bool:
        return left[0] == right[0] and all(
            one is other
            or (None not in (one, other) and abs(one - other) <= 1e-9 * (1 + abs(other)))
            for one, other in zip(left[1:], right[1:], strict=True)
        )

    absent = ("absent", None, None)
    keys = sorted(found.keys() | counted.keys())
    pairs = [(key, found.get(key, absent), counted.get(key, absent)) for key in keys]
    return [pair for pair in pairs if not same(*pair[1:])]


def compared(folder, months, seed) -> tuple[dict, dict, dict]:
    county = AnotherCounty(months, seed)
    with taken_in(folder, county) as (connection, verdicts):
        build_register(connection, months)
        models.compute(connection, months)
        rows = models.observations(connection, months[0], months[-1])
    counted = Count(county).cells
    names = {key[0] for key in counted}
    found = {
        tuple(row[name] for name in CELL): (row["obs_status"], row["numerator"], row["denominator"])
        for row in rows.iter_rows(named=True)
        if row["indicator_id"] in names
    }
    return found, counted, verdicts


def test_files_of_another_make_are_counted_as_their_rows_say(tmp_path):
    found, counted, verdicts = compared(tmp_path, months_between("2023-11", "2024-03"), 7)
    assert set(verdicts) <= {"accept", "supersede"}
    assert verdicts["supersede"] == 10
    assert differing(found, counted)[:10] == []
    assert len({key[0] for key in counted}) == 23
    statuses = Counter(status for status, *_ in counted.values())
    assert set(statuses) == {"A", "M", "L"}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_six_months_of_another_make(tmp_path, seed):
    found, counted, _ = compared(tmp_path, months_between("2022-02", "2025-01"), seed)
    assert differing(found, counted)[:10] == []


def test_a_cell_that_is_another_is_found():
    cell = {("x",): ("A", 1.0, None)}
    others = [("A", 2.0, None), ("M", 1.0, None), ("A", 1.0, 3.0), ("A", None, None)]
    assert not differing(cell, cell)
    assert all(len(differing(cell, {("x",): other})) == 1 for other in others)
    assert len(differing(cell, {})) == len(differing({}, cell)) == 1
