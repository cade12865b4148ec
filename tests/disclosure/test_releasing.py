"""Disclosure control of releases: tables, months, revisions and what tells of counts, attacked jointly."""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from minzheng.contracts.indicators import registry
from minzheng.disclosure.attacking import attack
from minzheng.disclosure.releasing import apply
from minzheng.errors import MinzhengError, WrongCall
from tests.place import AREA

sys.path.insert(0, str(Path(__file__).parent))
import county  # noqa: E402

VALUES = ["numerator", "denominator", "obs_value", "lower_bound", "upper_bound"]
KEY = ["indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category"]


@pytest.fixture(scope="module")
def small_county():
    """Two months of orphans and urban dibao, and their release."""
    families = [
        "orphan_total",
        "orphan_institution",
        "orphan_social",
        "tekun_central_rate",
        "tekun_central",
        "inst_beds",
    ]
    observed = only([*families, "dibao_subsidy_urban"], months=2, seed=3)
    return observed, *apply(observed, registry(), "prefecture")


def only(indicators, **more):
    """Observations of a few indicators."""
    return county.observations(**more).filter(pl.col("indicator_id").is_in(indicators))


def cell(frame, indicator, area, **codes):
    """The one row of a cell."""
    wanted = {d: codes.get(d, "_T") for d in ("residence", "sex", "age_group", "category")}
    place = (pl.col("indicator_id") == indicator) & (pl.col("ref_area") == area)
    for dimension, code in wanted.items():
        place &= pl.col(dimension) == code
    return frame.filter(place).row(0, named=True)


def test_a_release_withholds_every_small_count_and_changes_no_other(small_county):
    observed, released, report = small_county
    hidden = released["conf_status"] == "C"
    people = ~observed["indicator_id"].is_in(
        ["inst_beds", "dibao_subsidy_urban", "dibao_spend_urban_ytd"]
    )
    small = observed["numerator"].is_between(1, 4) & people
    assert hidden.filter(small).all()
    assert released.filter(hidden).select(pl.col(VALUES).is_null().all()).row(0) == (True,) * 5
    assert released.filter(~hidden).select(VALUES).equals(observed.filter(~hidden).select(VALUES))
    assert report.unprotected == []
    assert report.withheld == hidden.sum()


def test_nobody_recovers_a_withheld_count_from_the_whole_release(small_county):
    observed, released, _ = small_county
    found = attack(released, observed, registry())
    assert found.unsafe == []
    assert found.withheld > 20


def test_the_same_observations_give_the_same_release(small_county):
    observed, released, _ = small_county
    shuffled = observed.with_row_index().sample(fraction=1, shuffle=True, seed=5)
    again, _ = apply(shuffled.drop("index"), registry(), "prefecture")
    order = shuffled["index"].to_list()
    assert again.equals(released[order])


def test_decisions_kept_from_an_earlier_run_change_nothing_and_hold_no_value(
    small_county, tmp_path
):
    observed, _, _ = small_county
    observed = observed.filter(pl.col("indicator_id") == "orphan_total")
    fresh, _ = apply(observed, registry())
    first, _ = apply(observed, registry(), recall=tmp_path / "kept.json")
    again, _ = apply(observed, registry(), recall=tmp_path / "kept.json")
    assert first.equals(fresh)
    assert again.equals(fresh)
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert {len(name) for judgement in kept.values() for names in judgement for name in names} == {
        6
    }


def test_less_is_lost_than_when_whole_rows_go(small_county):
    _, _, report = small_county
    assert 0 < report.further < report.whole_row


def test_the_attack_finds_what_simple_suppression_leaves_open():
    observed = only(["orphan_total"], months=1, seed=1)
    small = pl.col("numerator").is_between(1, 4)
    naive = observed.with_columns(
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status")
    )
    naive = naive.with_columns(
        pl.when(small).then(None).otherwise(pl.col(c)).alias(c) for c in VALUES
    )
    found = attack(naive, observed, registry())
    assert found.disclosed
    with pytest.raises(MinzhengError, match="gives away"):
        found.check()


def test_what_the_solver_cannot_prove_counts_as_told(small_county, monkeypatch):
    from minzheng.disclosure import proving

    observed, released, _ = small_county
    assert attack(released, observed, registry()).safe
    monkeypatch.setattr(proving, "reach", lambda rows, truth, *_, **__: np.full(len(truth), np.nan))
    monkeypatch.setattr(proving.Proofs, "_extreme", lambda *_: None)
    assert attack(released, observed, registry()).disclosed


def test_the_attack_finds_a_small_count_that_is_published():
    observed = only(["orphan_total"], months=1, seed=1).with_columns(
        pl.lit("F").alias("conf_status")
    )
    assert attack(observed, observed, registry()).shown


def test_a_count_that_is_released_stays_released_and_a_withheld_one_withheld():
    observed = only(["orphan_total", "orphan_institution", "orphan_social"], months=2, seed=2)
    first = observed.filter(pl.col("time_period") == "2023-01")
    released, _ = apply(first, registry())
    again, report = apply(observed, registry(), previous=[released])
    assert again.filter(pl.col("time_period") == "2023-01").equals(released)
    assert attack(again, observed, registry(), previous=[released]).unsafe == []
    assert report.unprotected == []


def test_what_was_released_is_not_solved_again(small_county):
    observed, released, _ = small_county
    again, report = apply(observed, registry(), previous=[released])
    assert again.equals(released)
    assert (report.solved, report.unprotected) == (0, [])


def test_a_revision_shows_nothing_that_the_first_version_withheld():
    observed = only(
        ["orphan_total", "orphan_institution", "orphan_social"], months=1, seed=2, size=2
    )
    released, _ = apply(observed, registry())
    more = observed.with_columns(
        pl.col(c) + 10 for c in ("numerator", "obs_value", "lower_bound", "upper_bound")
    )
    county_row = pl.col("ref_area") == AREA
    grown = pl.concat([more.filter(county_row), more.filter(~county_row)]).sort(KEY)
    again, _ = apply(grown, registry(), previous=[released])
    before = released.filter(pl.col("conf_status") == "C").select(KEY)
    assert before.height > 0
    assert again.join(before, on=KEY, how="semi")["conf_status"].unique().to_list() == ["C"]


def test_a_mean_and_an_amount_go_with_their_people():
    observed = only(
        ["dibao_urban_persons", "dibao_subsidy_urban", "dibao_spend_urban_ytd"],
        months=1,
        seed=4,
        size=0.2,
    )
    released, _ = apply(observed, registry())
    for area in county.TOWNSHIPS:
        people = cell(released, "dibao_urban_persons", area)["conf_status"]
        assert cell(released, "dibao_subsidy_urban", area)["conf_status"] == people
        assert cell(released, "dibao_spend_urban_ytd", area)["conf_status"] == people


def test_a_rate_goes_when_few_are_left_out():
    counter = county.Counter("2023-01")
    for area, n, d in (
        (AREA, 60, 80),
        (f"{AREA}100", 38, 40),
        (f"{AREA}101", 12, 20),
        (f"{AREA}200", 10, 20),
    ):
        counter.add("verify_rate", area, n, d, 100)
    released, _ = apply(
        pl.DataFrame(counter.rows).with_columns(pl.col("conf_status").cast(pl.String)), registry()
    )
    assert cell(released, "verify_rate", f"{AREA}100")["conf_status"] == "C"


@pytest.mark.parametrize(("n", "status"), [(1.0, "C"), (0.0, "F")])
def test_the_one_person_of_a_rate_of_nobody_goes(n, status):
    counter = county.Counter("2023-01")
    counter.add("funeral_aid_coverage", AREA, n, 0, 100)
    observed = pl.DataFrame(counter.rows).with_columns(
        pl.col("conf_status").cast(pl.String),
        obs_status=pl.lit("L"),
        obs_value=pl.lit(None, dtype=pl.Float64),
    )
    released, report = apply(observed, registry())
    assert cell(released, "funeral_aid_coverage", AREA)["conf_status"] == status
    assert report.unprotected == []
    assert attack(released, observed, registry()).safe


def test_a_median_of_few_cases_goes():
    counter = county.Counter("2023-01")
    counter.add("temp_aid_times", AREA, 4)
    counter.add("temp_aid_days", AREA, 0)
    median = (
        pl.when(pl.col("indicator_id") == "temp_aid_days").then(None).otherwise(pl.col("numerator"))
    )
    observed = pl.DataFrame(counter.rows).with_columns(
        pl.col("conf_status").cast(pl.String), median.alias("numerator")
    )
    observed = observed.with_columns(obs_value=pl.lit(7.0))
    released, _ = apply(observed, registry())
    assert cell(released, "temp_aid_days", AREA)["conf_status"] == "C"


def test_beds_and_standards_are_nobody_s_secret():
    observed = only(["inst_beds", "orphan_total"], months=1, seed=1)
    released, _ = apply(observed, registry(), "strict")
    beds = released.filter(pl.col("indicator_id") == "inst_beds")
    assert (beds["conf_status"].unique().to_list(), beds["obs_value"].unique().to_list()) == (
        ["F"],
        [3.0],
    )


def test_missing_and_zero_are_not_suppressed():
    observed = only(["orphan_total"], months=1, seed=1)
    nothing = observed.with_columns(pl.lit(None, dtype=pl.Float64).alias(c) for c in VALUES)
    released, report = apply(nothing.with_columns(obs_status=pl.lit("M")), registry())
    assert (released["conf_status"].unique().to_list(), report.withheld) == (["F"], 0)
    zero, report = apply(
        observed.with_columns(pl.lit(0.0).alias(c) for c in VALUES if c != "denominator"),
        registry(),
    )
    assert (zero["obs_value"].unique().to_list(), report.withheld) == ([0.0], 0)


def test_the_public_sees_multiples_of_five_and_nothing_under_eight():
    observed = only(["orphan_total", "tekun_central", "tekun_central_rate"], months=1, seed=1)
    released, _ = apply(observed, registry(), "public")
    shown = released.filter(pl.col("conf_status") == "F")
    assert (shown["numerator"] % 5 == 0).all()
    assert set(shown["numerator"].unique()) & {5.0} == set()
    rates = shown.filter(
        (pl.col("indicator_id") == "tekun_central_rate") & (pl.col("denominator") > 0)
    )
    assert (rates["obs_value"] == rates["numerator"] / rates["denominator"] * 100).all()


def test_an_unknown_profile_is_a_wrong_call():
    with pytest.raises(WrongCall, match="prefecture, public, strict"):
        apply(only(["orphan_total"], months=1), registry(), "everyone")


def test_a_person_on_two_rolls_does_not_upset_the_sums():
    counter = county.Counter("2023-01")
    for area, n in ((AREA, 30), (f"{AREA}100", 3), (f"{AREA}101", 12), (f"{AREA}200", 16)):
        counter.add("orphan_total", area, n)
    observed = pl.DataFrame(counter.rows).with_columns(pl.col("conf_status").cast(pl.String))
    released, report = apply(copy.deepcopy(observed), registry())
    assert cell(released, "orphan_total", f"{AREA}100")["conf_status"] == "C"
    assert (released["conf_status"] == "C").sum() == 2
    assert report.unprotected == []
    assert attack(released, observed, registry()).unsafe == []


def test_strictly_nothing_under_ten_and_no_zero_of_a_breakdown_is_shown():
    observed = only(["orphan_total"], months=1, seed=1)
    released, report = apply(observed, registry(), "strict")
    broken = (observed["sex"] != "_T") | (observed["category"] != "_T")
    kept_in = observed["numerator"].is_between(1, 9) | (broken & (observed["numerator"] == 0))
    assert released.filter(kept_in)["conf_status"].unique().to_list() == ["C"]
    assert report.unprotected == []
    assert attack(released, observed, registry(), "strict").safe


def test_a_lone_newcomer_does_not_learn_from_the_stocks_who_left():
    """Township 1 goes from 40 to 39 with one newcomer; whoever that is would know that two left."""
    rows = []
    for month, stocks, new, gone in (
        ("2023-01", (40, 80, 90), (7, 6, 8), (9, 8, 6)),
        ("2023-02", (39, 81, 92), (1, 9, 8), (2, 8, 6)),
    ):
        counter = county.Counter(month)
        for indicator, parts in (
            ("dibao_rural_persons", stocks),
            ("dibao_new", new),
            ("dibao_exit", gone),
        ):
            flow = {} if indicator == "dibao_rural_persons" else {"residence": "R"}
            for codes in ({}, flow) if flow else ({},):
                counter.add(indicator, AREA, sum(parts), **codes)
                for area, n in zip(county.TOWNSHIPS, parts, strict=False):
                    counter.add(indicator, area, n, **codes)
        rows += counter.rows
    observed = pl.DataFrame(rows).with_columns(pl.col("conf_status").cast(pl.String))
    first = observed.filter(pl.col("time_period") == "2023-01")
    r1, _ = apply(first, registry())
    r2, report = apply(observed, registry(), previous=[r1])
    stock = r2.filter(
        (pl.col("indicator_id") == "dibao_rural_persons")
        & (pl.col("ref_area") == county.TOWNSHIPS[0])
    )
    assert stock.sort("time_period")["conf_status"].to_list() == ["F", "C"]
    assert report.unprotected == []
    assert attack(r2, observed, registry(), previous=[r1]).safe


def test_tables_offered_to_the_gate_are_checked_by_it():
    observed = only(["orphan_total"], months=1, seed=1)
    small = pl.col("numerator").is_between(1, 4)
    naive = observed.with_columns(
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status")
    )
    naive = naive.with_columns(
        pl.when(small).then(None).otherwise(pl.col(c)).alias(c) for c in VALUES
    )
    told = attack(naive, observed, registry()).disclosed
    assert told
    false = [{count: amount} for count in told for amount in (-5, -1, 5, 50)]
    assert attack(naive, observed, registry(), proofs=false).disclosed == told
