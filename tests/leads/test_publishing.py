"""What of the leads leaves the bureau: counts that cannot be taken apart to a few persons."""

import polars as pl
import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from minzheng.disclosure import audit
from minzheng.leads import compute, publishing
from minzheng.leads.outcomes import Answer, record
from minzheng.leads.publishing import COUNTED, MEASURES, publishable, publishable_measures, trend
from minzheng.publish.release.draft import public_leads
from tests.leads.test_cases import on_both_rolls

COUNTY = "632224"
TOWNSHIPS = ("632224100", "632224200")
RULES = (("LB01", "red"), ("SW01", "red"), ("LB02", "orange"))


def counted(numbers, name="leads"):
    """A table of `counts`: (rule, township) to a number, None where it could not be judged; other counts are zero."""
    rows = [
        {
            "month": "2024-03",
            "township_code": code,
            "rule_id": rule,
            "kind": "漏保",
            "level": level,
            "title_zh": rule,
        }
        | dict.fromkeys(COUNTED, 0)
        | {name: numbers[rule, code], "list_age": 0}
        for rule, level in RULES
        for code in TOWNSHIPS
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(COUNTED, pl.Int64))


def told_elsewhere(text):
    """Observations of March: indicator, area, rule and count, a star where it is withheld."""
    rows = []
    for line in text.split("\n"):
        indicator, area, rule, count = line.split()
        told = None if count == "*" else float(count)
        rows.append((indicator, area, "2024-03", rule, told, "C" if told is None else "F"))
    return pl.DataFrame(rows, schema=OBSERVED, orient="row")


OBSERVED = {
    **dict.fromkeys(("indicator_id", "ref_area", "time_period", "category"), pl.String),
    "numerator": pl.Float64,
    "conf_status": pl.String,
}
NOTHING = pl.DataFrame(schema=OBSERVED)

cell = st.one_of(st.integers(0, 12), st.integers(0, 60), st.none())


@for_any(values=st.lists(cell, min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_nobody_can_work_out_a_small_count_from_what_is_told(values):
    numbers = dict(
        zip([(rule, code) for rule, _ in RULES for code in TOWNSHIPS], values, strict=True)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "counts", lambda *_: counted(numbers))
        rules, levels = publishable(None, "2024-03", COUNTY, NOTHING)
    told = {f"rule:{rule}": value for rule, value in rules.select("rule_id", "leads").iter_rows()}
    told |= {
        f"{level}:{code}": value
        for code, level, value in levels.select("township_code", "level", "leads").iter_rows()
    }
    truth = {
        f"rule:{rule}": sum(numbers[rule, code] or 0 for code in TOWNSHIPS) for rule, _ in RULES
    }
    sums = []
    for level in ("red", "orange"):
        of = [rule for rule, other in RULES if other == level]
        for code in TOWNSHIPS:
            truth[f"{level}:{code}"] = sum(numbers[rule, code] or 0 for rule in of)
        truth[f"{level}:{COUNTY}"] = sum(truth[f"{level}:{code}"] for code in TOWNSHIPS)
        sums += [
            {f"{level}:{COUNTY}": -1} | {f"{level}:{code}": 1 for code in TOWNSHIPS},
            {f"{level}:{COUNTY}": -1} | {f"rule:{rule}": 1 for rule in of},
        ]
    assert all(value is None or value == truth[name] for name, value in told.items())
    seen = audit(
        {name: None if told[name] is None else truth[name] for name in truth}, sums, threshold=5
    )
    small = {name for name, value in truth.items() if 0 < value < 5}
    assert not [name for name in small if told[name] is not None or not seen[name].safe]


def test_what_an_indicator_withholds_of_the_same_leads_is_not_told_here(monkeypatch):
    numbers = {
        ("LB01", TOWNSHIPS[0]): 9,
        ("LB01", TOWNSHIPS[1]): 8,
        ("SW01", TOWNSHIPS[0]): 20,
        ("SW01", TOWNSHIPS[1]): 30,
    }
    numbers |= {("LB02", code): 40 for code in TOWNSHIPS}
    monkeypatch.setattr(publishing, "counts", lambda *_: counted(numbers))
    rules, _ = publishable(None, "2024-03", COUNTY, NOTHING)
    assert dict(rules.select("rule_id", "leads").iter_rows()) == {
        "LB01": 17,
        "LB02": 80,
        "SW01": 50,
    }
    released = told_elsewhere("missed_candidates 632224 LB01 *")
    rules, levels = publishable(None, "2024-03", COUNTY, released)
    assert dict(rules.select("rule_id", "leads").iter_rows()) == {
        "LB01": None,
        "LB02": 80,
        "SW01": None,
    }
    assert (
        levels.filter(pl.col("level") == "red", pl.col("township_code") == COUNTY)["leads"].item()
        == 67
    )


def test_what_an_indicator_tells_of_a_township_s_leads_gives_no_other_rule_of_its_level_away(
    monkeypatch,
):
    numbers = dict.fromkeys(((rule, code) for rule, _ in RULES for code in TOWNSHIPS), 40)
    numbers["LB01", TOWNSHIPS[0]], numbers["SW01", TOWNSHIPS[0]] = 30, 3
    monkeypatch.setattr(publishing, "counts", lambda *_: counted(numbers))
    _, levels = publishable(None, "2024-03", COUNTY, NOTHING)
    red = levels.filter(pl.col("level") == "red", pl.col("township_code") == TOWNSHIPS[0])["leads"]
    assert red.item() == 33
    released = told_elsewhere(f"missed_candidates {TOWNSHIPS[0]} LB01 30")
    rules, levels = publishable(None, "2024-03", COUNTY, released)
    red = levels.filter(pl.col("level") == "red", pl.col("township_code") == TOWNSHIPS[0])["leads"]
    assert red.item() is None


def test_a_rule_that_a_township_could_not_judge_is_unknown_in_the_county_and_told_as_not_judged(
    county,
):
    county.covered("2024-03", townships="A")
    county.covered("2024-03", townships="B", without=["dibao_roll"])
    compute(county.connection, ["2024-03"])
    rules, levels = publishable(county.connection, "2024-03", COUNTY, NOTHING)
    assert rules.filter(pl.col("rule_id") == "CF01")["leads"].item() is None
    not_judged = {
        row["township_code"]: row["not_judged"]
        for row in levels.iter_rows(named=True)
        if row["level"] == "red"
    }
    assert (not_judged["632224100"], not_judged["632224200"] > 0, not_judged[COUNTY] > 0) == (
        0,
        True,
        True,
    )


def test_the_trend_withholds_small_counts_month_by_month(county):
    county.covered("2024-02", "2024-03")
    for number in range(6):
        on_both_rolls(county, "2024-02", *(["2024-03"] if number < 3 else []), person=f"p{number}")
    compute(county.connection, ["2024-02", "2024-03"])
    frame = trend(county.connection, ["2024-02", "2024-03"], COUNTY).filter(
        pl.col("level") == "red"
    )
    assert dict(frame.select("month", "leads").iter_rows()) == {"2024-02": 6, "2024-03": None}


def levels_told(frame):
    red = frame.filter(pl.col("level") == "red", pl.col("township_code") == COUNTY).sort("month")
    return dict(red.select("month", "leads").iter_rows())


def test_a_month_is_told_in_later_trends_as_the_last_release_that_showed_it_told_it(county):
    county.covered("2024-01", "2024-02", "2024-03")
    for number in range(9):
        on_both_rolls(county, "2024-01", "2024-02", "2024-03", person=f"p{number}")
    compute(county.connection, ["2024-01", "2024-02", "2024-03"])
    of_february = public_leads(county.connection, "2024-02", NOTHING)["lead_levels"]
    on_both_rolls(county, "2024-02", "2024-03", person="late")
    compute(county.connection, ["2024-02", "2024-03"])
    corrected = public_leads(county.connection, "2024-02", NOTHING)["lead_levels"]
    for released, told in (
        ([], {"2024-01": 9, "2024-02": 10, "2024-03": 10}),
        ([of_february], {"2024-01": 9, "2024-02": 9, "2024-03": 10}),
        ([of_february, corrected], {"2024-01": 9, "2024-02": 10, "2024-03": 10}),
        ([corrected, of_february], {"2024-01": 9, "2024-02": 9, "2024-03": 10}),
    ):
        assert (
            levels_told(
                public_leads(county.connection, "2024-03", NOTHING, released)["lead_levels"]
            )
            == told
        )


def test_a_count_once_withheld_stays_withheld_and_a_count_told_is_not_made_smaller_later(county):
    county.covered("2024-02", "2024-03")
    for number in range(6):
        on_both_rolls(county, "2024-02", *(["2024-03"] if number < 3 else []), person=f"p{number}")
    compute(county.connection, ["2024-02", "2024-03"])
    shown = trend(county.connection, ["2024-02", "2024-03"], COUNTY)
    for number in range(3, 9):
        on_both_rolls(county, "2024-03", person=f"p{number}")
    compute(county.connection, ["2024-03"])
    assert levels_told(trend(county.connection, ["2024-02", "2024-03"], COUNTY, [shown])) == {
        "2024-02": 6,
        "2024-03": None,
    }


def test_precision_is_told_where_its_counts_are(county):
    county.covered("2024-03")
    for number in range(20):
        on_both_rolls(county, "2024-03", person=f"p{number}")
    compute(county.connection, ["2024-03"])
    cases = county.connection.execute(
        "select case_id, opened_on from lead.case where rule_id = 'CF01' order by 1"
    ).fetchall()
    answers = [
        Answer(1, case_id, "2024-03", "corrected" if place < 6 else "data_error", day)
        for place, (case_id, day) in enumerate(cases[:14])
    ]
    record(county.connection, answers)
    frame = publishable_measures(county.connection, "2024-03", COUNTY)
    assert dict(frame.schema) == MEASURES
    row = frame.filter(pl.col("rule_id") == "CF01").row(0, named=True)
    assert (row["confirmed"], row["refuted"], row["precision"]) == (6, 8, 6 / 14)
    town = frame.filter(pl.col("rule_id") == "_T", pl.col("township_code") == TOWNSHIPS[0]).row(
        0, named=True
    )
    assert (town["confirmed"], town["refuted"]) == (6, 8)
    record(
        county.connection, [Answer(1, cases[0][0], "2024-03", "data_error", cases[0][1], seen=100)]
    )
    record(
        county.connection, [Answer(1, cases[1][0], "2024-03", "data_error", cases[1][1], seen=100)]
    )
    row = (
        publishable_measures(county.connection, "2024-03", COUNTY)
        .filter(pl.col("rule_id") == "CF01")
        .row(0, named=True)
    )
    assert (row["confirmed"], row["refuted"], row["precision"]) == (None, 10, None)


def test_each_count_goes_with_the_age_of_its_lists_and_what_a_missing_one_made(county):
    county.covered("2024-02")
    county.covered("2024-03", townships="A", without=["dibao_roll", "death_list"])
    county.covered("2024-03", townships="B", without=["death_list"])
    for number in range(6):
        county.rows(
            "payment_ledger",
            f"person_key | scheme | payment_kind | amount_paid | paid_on\n p{number} | 农村低保 | 基本 | 400 | 2024-03-10",
        )
    compute(county.connection, ["2024-02", "2024-03"])
    frames = public_leads(county.connection, "2024-03", NOTHING)
    rules = {row["rule_id"]: row for row in frames["leads"].iter_rows(named=True)}
    assert [
        (rules[name]["leads"], rules[name]["unsure"], rules[name]["list_age"])
        for name in ("CB06", "SW01", "CF03")
    ] == [
        (6, 6, 1),
        (0, 0, 1),
        (0, 0, 0),
    ]
    levels = frames["lead_levels"].filter(pl.col("month") == "2024-03", pl.col("level") == "orange")
    assert {row["township_code"]: (row["leads"], row["list_age"]) for row in levels.iter_rows(named=True)} == {
        COUNTY: (6, 1), TOWNSHIPS[0]: (6, 1), TOWNSHIPS[1]: (0, 1),
    }  # fmt: skip
