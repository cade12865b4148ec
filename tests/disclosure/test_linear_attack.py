"""An attacker of their own, with the CSV files of all releases and linear programs, recovers no withheld count."""

import sys
from pathlib import Path

import polars as pl
import pytest

from minzheng.contracts.indicators import registry
from minzheng.disclosure.attacking import attack
from minzheng.disclosure.releasing import apply
from minzheng.publish.release.files import write_csv
from tests.place import AREA

sys.path.insert(0, str(Path(__file__).parent))
import county  # noqa: E402
from linear_attack import counts, given_away  # noqa: E402

TEXT = ["ref_area", "residence", "sex", "age_group", "category", "obs_status", "conf_status"]
NUMBERS = ["numerator", "denominator", "obs_value", "lower_bound", "upper_bound"]


def published(released, folder, name):
    """A release as its readers get it: through the CSV file."""
    write_csv(released, folder / f"{name}.csv")
    types = dict.fromkeys(TEXT, pl.String) | dict.fromkeys(NUMBERS, pl.Float64)
    return pl.read_csv(folder / f"{name}.csv", schema_overrides=types, infer_schema_length=None)


FAMILIES = [
    "orphan_total",
    "orphan_institution",
    "orphan_social",
    "tekun_central",
    "tekun_central_rate",
    "tekun_urban_persons",
]


@pytest.fixture(scope="module")
def two_months():
    """All tables of a small county for two months, and their release."""
    observed = county.observations(months=2, seed=5)
    return observed, apply(observed, registry())[0]


def test_nobody_recovers_a_count_from_two_months_of_all_tables(two_months, tmp_path):
    observed, released = two_months
    assert given_away([published(released, tmp_path, "r1")], counts(observed), 5) == {}
    assert attack(released, observed, registry()).safe


def test_the_attacker_is_able_to(two_months, tmp_path):
    observed, _ = two_months
    small = pl.col("numerator").is_between(1, 4)
    naive = observed.with_columns(
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status")
    )
    naive = naive.with_columns(
        pl.when(small).then(None).otherwise(pl.col(name)).alias(name) for name in NUMBERS
    )
    assert len(given_away([published(naive, tmp_path, "naive")], counts(observed), 5)) > 20


def test_the_gate_notices_a_county_s_cell_that_should_have_been_withheld():
    observed = county.observations(months=1, seed=5).filter(pl.col("indicator_id").is_in(FAMILIES))
    released, report = apply(observed, registry())
    further = (released["conf_status"] == "C") & (observed["numerator"] >= 5)
    assert report.further > 0
    shown = [
        pl.when(further).then(observed[name]).otherwise(pl.col(name)).alias(name)
        for name in NUMBERS
    ]
    status = (
        pl.when(further).then(pl.lit("F")).otherwise(pl.col("conf_status")).alias("conf_status")
    )
    assert attack(released.with_columns(*shown, status), observed, registry()).disclosed


def test_a_month_added_and_a_month_corrected_give_nothing_away(tmp_path):
    observed = county.observations(months=3, seed=6).filter(pl.col("indicator_id").is_in(FAMILIES))
    first = observed.filter(pl.col("time_period") < "2023-03")
    r1, _ = apply(first, registry())
    other = county.observations(months=3, seed=8).filter(pl.col("indicator_id").is_in(FAMILIES))
    moved = other.filter(pl.col("time_period") == "2023-02")
    corrected = pl.concat([observed.filter(pl.col("time_period") != "2023-02"), moved])
    r2, report = apply(corrected, registry(), previous=[r1])
    files = [published(r1, tmp_path, "r1"), published(r2, tmp_path, "r2")]
    assert attack(r2, corrected, registry(), previous=[r1]).safe
    assert report.unprotected == []
    assert given_away(files[:1], counts(first), 5) == {}
    assert given_away(files[1:], counts(corrected), 5) == {}


def test_counts_that_run_through_a_year_are_judged_with_the_months_around():
    """A township with 3 since January cannot hide behind one that stands at 9 before and at 10 after."""
    rows = []
    for month, parts in (
        ("2023-01", (9, 12, 30)),
        ("2023-02", (10, 14, 3)),
        ("2023-03", (10, 15, 8)),
    ):
        counter = county.Counter(month)
        counter.add("temp_aid_times", AREA, sum(parts))
        for area, n in zip(county.TOWNSHIPS, parts, strict=False):
            counter.add("temp_aid_times", area, n)
        rows += counter.rows
    rows[3]["numerator"] = rows[3]["obs_value"] = 2.0
    rows[0]["numerator"] = rows[0]["obs_value"] = 23.0
    observed = pl.DataFrame(rows).with_columns(pl.col("conf_status").cast(pl.String))
    released, report = apply(observed, registry())
    assert report.unprotected == []
    assert attack(released, observed, registry()).safe
    assert given_away([released], counts(observed), 5) == {}
