"""The real pipeline, from files to observations, against the simulator's own recount, cell by cell."""

import shutil

import polars as pl
import pytest

from minzheng import leads
from minzheng.contracts.datasets import dataset
from minzheng.contracts.indicators import registry
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.indicators import models
from minzheng.intake import take_in
from minzheng.months import months_between
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register, loaded_months
from simulation import simulate

CELL = ["indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category"]
ABOUT_HANDLING = {"alert_open", "alert_closed_rate", "alert_to_aid_days", "missed_resolved_rate"}
"""What became of leads: no simulated office handles any; tests/leads replays that."""
NUMBERS = ("obs_value", "numerator", "denominator")


def taken_in(folder, first: str, last: str, seed: int) -> Home:
    """A home that holds a simulated county's files with the usual mistakes, taken in."""
    simulate(folder / "landing", first, last, seed, faults="usual", progress=False)
    home = Home(folder / "home").create()
    with open_warehouse(home) as connection:
        take_in(home, connection, Keys.create(folder / "key.json"), folder / "landing")
    return home


def recounted(home: Home, order=sorted) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Observations and leads of every loaded month."""
    with open_warehouse(home) as connection:
        months = order(loaded_months(connection))
        build_register(connection, months)
        leads.compute(connection, months)
        models.compute(connection, months)
        found = models.observations(connection, min(months), max(months))
        return found, connection.sql(
            "select rule_id, month, township_code, count(*) as n from lead.lead group by all"
        ).pl()


def differing(truth: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Cells of the truth that are missing or another, in status, value, numerator or denominator.

    The recount counts good rows alone and does not know what open ones could move: its A and E may be U here.
    """
    joined = truth.join(found, on=CELL, how="left", suffix="_found", nulls_equal=True)
    incomplete = (pl.col("obs_status_found") == "U") & pl.col("obs_status").is_in(["A", "E"])
    other = pl.col("obs_status").ne_missing(pl.col("obs_status_found")) & ~incomplete.fill_null(
        False
    )
    for name in NUMBERS:
        left, right = pl.col(name), pl.col(f"{name}_found")
        near = (left - right).abs() <= 1e-9 * (1 + left.abs())
        other |= ~(near.fill_null(False) | (left.is_null() & right.is_null()))
    return joined.filter(other)


def both_sides(folder, first: str, last: str, seed: int) -> tuple[pl.DataFrame, ...]:
    """Observations and leads by the pipeline, and by the simulator's recount."""
    found, raised = recounted(taken_in(folder, first, last, seed))
    truth = folder / "landing" / "truth"
    return (
        found,
        raised,
        pl.read_parquet(truth / "observations.parquet"),
        pl.read_parquet(truth / "leads.parquet"),
    )


def reads_what_nobody_owes(code: str) -> bool:
    """An indicator of an optional dataset: no simulated office sends one."""
    read = {part.dataset for part in registry()[code].inputs}
    return bool(read) and all(dataset(name).optional for name in read)


def assert_agree(found, raised, truth, told) -> None:
    absent = set(registry()) - set(truth["indicator_id"])
    assert {code for code in absent if not reads_what_nobody_owes(code)} == ABOUT_HANDLING
    wrong = differing(truth, found)
    assert wrong.is_empty(), wrong.select(*CELL, "obs_status", "obs_status_found").head(10)
    keys = ["rule_id", "month", "township_code"]
    expected = told.group_by(keys).len("n").sort(keys)
    assert raised.sort(keys).equals(expected.cast(raised.schema))


@pytest.fixture(scope="module")
def three_months(tmp_path_factory):
    place = tmp_path_factory.mktemp("recount")
    yield both_sides(place, "2023-12", "2024-02", 23)
    shutil.rmtree(place)


def test_three_months_agree_with_the_independent_recount(three_months):
    assert_agree(*three_months)
    assert three_months[2]["time_period"].unique().sort().to_list() == months_between(
        "2023-12", "2024-02"
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("first", "last", "seed"), [("2021-01", "2023-12", 4711), ("2023-02", "2026-01", 31)]
)
def test_thirty_six_months_agree_with_the_independent_recount(tmp_path, first, last, seed):
    assert_agree(*both_sides(tmp_path, first, last, seed))


def test_a_cell_of_the_truth_that_is_another_is_found(three_months):
    truth = three_months[2]
    assert differing(truth, truth).is_empty()
    for name in NUMBERS:
        spoiled = truth.with_columns(
            pl.when(pl.int_range(pl.len()) == truth[name].is_not_null().arg_max())
            .then(pl.col(name) + 1)
            .otherwise(name)
            .alias(name)
        )
        assert differing(truth, spoiled).height == 1
    assert differing(truth, truth.head(-1)).height == 1
