"""The public's edition: what is always shown is exact, what singles out a person is withheld, and it always comes to an end."""

import functools
import sys
from pathlib import Path

import polars as pl
import pytest

from minzheng.contracts.editions import Edition, edition, editions
from minzheng.contracts.indicators import registry
from minzheng.disclosure import showing
from minzheng.disclosure.utility import UTILITY, page, summary, utility
from minzheng.errors import MinzhengError, WrongCall
from tests.disclosure.public import PUBLIC, THRESHOLD, kept, made, recovered
from tests.place import AREA

sys.path.insert(0, str(Path(__file__).parent))
import county  # noqa: E402

TOTALS = [pl.col(name) == "_T" for name in ("residence", "sex", "age_group", "category")]
COUNTY = pl.col("ref_area").str.len_chars() == 6
FIRST = "2022-01"
MONTHS = ("2023-11", "2023-12", "2024-01", "2024-02")


def small_county(number):
    """Four months across a year's end in one of twenty counties of 500 to 60,000 persons; other population from January."""
    size = 0.06 * 500 * 120 ** (number / 19) / 926  # six of a hundred receive something
    drawn = county.observations(first=MONTHS[0], months=4, seed=100 + number, size=size)
    later = (pl.col("time_period") >= "2024-01") & (pl.col("indicator_id") == "dibao_coverage")
    people = pl.when(later).then((pl.col("denominator") * 1.07).round()).otherwise("denominator")
    return drawn.with_columns(denominator=people, note=pl.lit(""))


@functools.cache
def edition_of(number):
    """The edition of the last month alone."""
    return made(small_county(number))


@functools.cache
def month_by_month(number):
    """The editions of each month, each for readers of those before."""
    observations, made_so_far = small_county(number), []
    for month in MONTHS:
        made_so_far.append(
            made(observations.filter(pl.col("time_period") <= month), tuple(made_so_far))
        )
    return made_so_far


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=[] if n in (7, 13) else pytest.mark.nightly) for n in range(20)],
)
def test_every_county_gets_an_edition_from_which_nobody_recovers_a_count(number):
    observations = small_county(number)
    made_so_far = month_by_month(number)
    assert recovered(observations, made_so_far) == {}
    fixed = showing.fixed_rows(kept(observations), PUBLIC.protection)[0]
    shown = made_so_far[-1].with_row_index("row").join(fixed, on="row", suffix="_true")
    assert shown.height == fixed.height > 20
    assert shown.filter(pl.col("obs_value").ne_missing(pl.col("obs_value_true"))).is_empty()


def test_the_attack_of_the_tests_is_able_to():
    observations = small_county(3)
    small = pl.col("numerator").is_between(1, THRESHOLD - 1) & ~(COUNTY & pl.all_horizontal(TOTALS))
    naive = kept(observations).with_columns(
        conf_status=pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F"))
    )
    assert recovered(observations, [naive]) != {}


def test_what_was_withheld_stays_so_and_what_was_shown_stays_as_it_was():
    made_so_far = month_by_month(7)
    first, last = (
        one.filter(pl.col("time_period") == MONTHS[0]) for one in (made_so_far[0], made_so_far[-1])
    )
    assert first.drop("release", strict=False).equals(last.drop("release", strict=False))


def test_the_edition_holds_the_county_and_the_townships_totals_of_the_listed_indicators():
    shown = edition_of(13)
    assert {len(area) for area in shown["ref_area"]} == {6, 9}
    towns = shown.filter(~COUNTY)
    assert set(towns["indicator_id"]) <= set(PUBLIC.townships)
    assert towns.filter(~pl.all_horizontal(TOTALS)).is_empty()
    broken = shown.filter(~pl.all_horizontal(TOTALS))
    assert set(broken["indicator_id"]) == {
        "dibao_coverage",
        "dibao_rural_persons",
        "dibao_urban_persons",
        "tekun_rural_persons",
    }


def test_shown_counts_are_rounded_but_those_always_shown():
    shown = edition_of(13)
    counted = shown.filter(
        pl.col("conf_status") == "F", pl.col("indicator_id") == "dibao_rural_persons"
    )
    always = counted.filter(COUNTY, *TOTALS)
    assert set(counted.filter(~COUNTY)["numerator"] % 5) == {0.0}
    assert set(always["numerator"] % 5) != {0.0}


def drawn(rows):
    """One month of cells: indicator, area and count."""
    counter = county.Counter("2024-01")
    for indicator, area, number in rows:
        counter.add(indicator, area, number)
    return pl.DataFrame(counter.rows, infer_schema_length=None).with_columns(
        pl.col("conf_status").cast(pl.String)
    )


def test_a_sensitive_total_is_withheld_where_it_is_small():
    shown = made(drawn([("missed_candidates", AREA, 3), ("orphan_total", AREA, 3)]))
    told = dict(shown.select("indicator_id", "obs_value").iter_rows())
    assert told == {"missed_candidates": None, "orphan_total": 3.0}


def test_a_total_that_is_always_shown_gives_no_small_part_away_by_another_one():
    """Where the edition lacks the categories of orphans, the two kinds of care still add up to the total."""
    care = [("orphan_institution", AREA, 2), ("orphan_social", AREA, 9)]
    shown = made(drawn([("orphan_total", AREA, 11), *care]))
    told = dict(shown.select("indicator_id", "obs_value").iter_rows())
    assert told == {"orphan_total": 11.0, "orphan_institution": None, "orphan_social": None}


def test_a_sensitive_total_that_the_always_shown_give_away_refuses_the_edition_and_names_the_cell(
    monkeypatch,
):
    protection = PUBLIC.protection.model_copy(
        update={"but": ("orphan_total",), "also": ("orphan_institution", "orphan_social")}
    )
    cells = [
        ("orphan_total", AREA, 6),
        ("orphan_institution", AREA, 4),
        ("orphan_social", AREA, 2),
    ]
    counter = county.Counter("2024-01")
    for indicator, area, number in cells:
        counter.add(indicator, area, number)
    counter.add("orphan_total", AREA, 4, category="CARE_INST")
    counter.add("orphan_total", AREA, 2, category="CARE_SOCIAL")
    observations = pl.DataFrame(counter.rows, infer_schema_length=None).with_columns(
        pl.col("conf_status").cast(pl.String)
    )
    with pytest.raises(MinzhengError, match=rf"refused.*orphan_total\|n\|{AREA}\|2024-01") as fault:
        showing.protected(observations.sort(showing.ORDER), protection)
    assert "冲突" in fault.value.zh
    assert " 6" not in str(fault.value)


def test_what_the_attacker_still_finds_is_withheld_and_attacked_again(monkeypatch):
    """With a defence that does nothing but hide small counts, the loop alone makes the edition safe."""
    from minzheng.disclosure import releasing
    from minzheng.disclosure.deciding import Decision

    monkeypatch.setattr(
        releasing, "decide", lambda panel, primary, *_: Decision(set(primary), set(primary))
    )
    observations = small_county(7)
    released = made(observations)
    assert recovered(observations, [released]) == {}
    assert (released["conf_status"] == "F").sum() > 50


def test_the_likely_final_value_of_a_provisional_figure_is_not_told():
    note = pl.lit("人口口径:户籍人口(2022年);初步数,按历次发布的修订情况,终值约在3至5之间")
    shown = made(small_county(13).with_columns(note=note, obs_status=pl.lit("P")))
    assert set(shown["note"]) == {"人口口径:户籍人口(2022年)"}


@pytest.mark.parametrize(
    ("seed", "last"),
    [
        (7, "2022-02"),
        *(pytest.param(seed, "2024-12", marks=pytest.mark.nightly) for seed in (7, 11, 23)),
    ],
)
def test_a_simulated_county_s_editions_give_nothing_away_and_are_of_use(seed, last, tmp_path):
    """Two months here, 36 nightly, each edition for readers of those before; how much is shown is what was promised."""
    from minzheng.months import months_between
    from simulation import simulate

    simulate(tmp_path, FIRST, last, seed, "county", "usual", progress=False)
    truth = pl.read_parquet(tmp_path / "truth" / "observations.parquet").with_columns(
        note=pl.lit("")
    )
    truth = truth.with_columns(lower_bound=pl.col("obs_value"), upper_bound=pl.col("obs_value"))
    so_far = []
    for month in months_between(FIRST, last):
        so_far.append(
            made(
                truth.filter(pl.col("time_period") <= month), tuple(so_far), tmp_path / "kept.json"
            )
        )
    assert recovered(truth, so_far) == {}
    known = so_far[-1].filter(pl.col("obs_value").is_not_null() | (pl.col("conf_status") == "C"))

    def share(*which):
        cells = known.filter(*which)
        return (cells["conf_status"] == "F").sum() / cells.height

    core = pl.col("indicator_id").is_in(
        [code for code, one in registry().items() if one.tier == "core"]
    )
    sensitive = pl.col("indicator_id").is_in(PUBLIC.protection.but)
    assert share(COUNTY, *TOTALS, core & ~sensitive) == 1
    assert share(COUNTY, *TOTALS, ~core & ~sensitive) >= 0.95
    assert share(~COUNTY, *TOTALS) >= 0.90
    assert share(pl.lit(True)) >= 0.75


def test_the_editions_are_data_and_refuse_what_they_do_not_know():
    assert list(editions()) == ["bureau", "prefecture", "public"]
    told = PUBLIC.model_dump()
    for wrong in (
        {"colour": "red"},
        {"townships": ["no_such"]},
        {"files": ["leads"]},
        {"areas": ["province"]},
    ):
        with pytest.raises(ValueError, match="validation error"):
            Edition.model_validate(told | wrong)
    with pytest.raises(WrongCall, match="no edition 'press'") as fault:
        edition("press")
    assert "局内版" in fault.value.zh


def test_the_use_of_an_edition_is_told_by_level_and_indicator_beside_plainer_ways():
    observations = small_county(10)
    released = made(observations)
    table = utility(
        kept(observations),
        released,
        PUBLIC.protection,
        before=released.filter(pl.col("time_period") < "2024-01"),
    )
    assert dict(table.schema) == UTILITY
    by_level = {row["level"]: row for row in summary(table).iter_rows(named=True)}
    kinds = ("county_always", "county_sensitive", "county_other", "county_breakdown", "township")
    assert set(by_level) <= set(kinds)
    assert by_level["county_always"]["shown"] == by_level["county_always"]["cells"] > 0
    assert sum(row["shown"] for row in by_level.values()) == (released["conf_status"] == "F").sum()
    assert 0 < by_level["county_always"]["before"] < by_level["county_always"]["shown"]
    assert "| county_always |" in page(table, "2024-02")
    assert 0 < by_level["township"]["plain"] < by_level["township"]["cells"]


def test_what_did_not_apply_counts_as_shown_now_and_as_shown_before():
    counter = county.Counter("2024-01")
    counter.add("orphan_adult_settled", AREA, 0, denominator=0)
    observations = kept(pl.DataFrame(counter.rows).with_columns(conf_status=pl.lit("F")))
    table = utility(observations, observations, PUBLIC.protection, before=observations)
    assert table.select("cells", "shown", "before").rows() == [(1, 1, 1)]
