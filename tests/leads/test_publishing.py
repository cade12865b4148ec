"""The leads as counts: by rule, by level, how good the rules are, whole."""

import polars as pl

from minzheng.leads.matching import compute
from minzheng.leads.outcomes import Answer, record
from minzheng.leads.publishing import COUNTED, MEASURES, by_level, by_rule, rule_measures, trend
from minzheng.publish.release.draft import lead_counts
from tests.leads.test_cases import on_both_rolls
from tests.place import AREA

TOWNSHIPS = (f"{AREA}100", f"{AREA}200")
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


def test_every_count_of_every_rule_and_township_is_told_and_adds_up():
    numbers = {
        ("LB01", TOWNSHIPS[0]): 1,
        ("LB01", TOWNSHIPS[1]): 3,
        ("SW01", TOWNSHIPS[0]): 0,
        ("SW01", TOWNSHIPS[1]): 2,
    }
    numbers |= {("LB02", code): 4 for code in TOWNSHIPS}
    rules, levels = by_rule(counted(numbers), AREA), by_level(counted(numbers), AREA)
    told = {
        (rule, code): count
        for rule, code, count in rules.select("rule_id", "township_code", "leads").iter_rows()
    }
    assert told == numbers | {("LB01", AREA): 4, ("SW01", AREA): 2, ("LB02", AREA): 8}
    red = levels.filter(pl.col("level") == "red")
    assert dict(red.select("township_code", "leads").iter_rows()) == {
        TOWNSHIPS[0]: 1,
        TOWNSHIPS[1]: 5,
        AREA: 6,
    }


def test_a_rule_that_a_township_could_not_judge_is_unknown_in_the_county_and_told_as_not_judged(
    county,
):
    county.covered("2024-03", townships="A")
    county.covered("2024-03", townships="B", without=["dibao_roll"])
    compute(county.connection, ["2024-03"])
    frames = lead_counts(county.connection, "2024-03")
    rules, levels = frames["leads"], frames["lead_levels"]
    told = dict(
        rules.filter(pl.col("rule_id") == "CF01").select("township_code", "leads").iter_rows()
    )
    assert told == {TOWNSHIPS[0]: 0, TOWNSHIPS[1]: None, AREA: None}
    not_judged = {
        row["township_code"]: row["not_judged"]
        for row in levels.iter_rows(named=True)
        if row["level"] == "red"
    }
    assert (not_judged[f"{AREA}100"], not_judged[f"{AREA}200"] > 0, not_judged[AREA] > 0) == (
        0,
        True,
        True,
    )


def test_the_trend_tells_each_month_as_it_is_known_now(county):
    county.covered("2024-02", "2024-03")
    for number in range(6):
        on_both_rolls(county, "2024-02", *(["2024-03"] if number < 3 else []), person=f"p{number}")
    compute(county.connection, ["2024-02", "2024-03"])
    frame = trend(county.connection, ["2024-02", "2024-03"], AREA).filter(pl.col("level") == "red")
    assert dict(frame.select("month", "leads").iter_rows()) == {"2024-02": 6, "2024-03": 3}


def test_precision_is_told_with_its_counts_however_few(county):
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
    frame = rule_measures(county.connection, "2024-03", AREA)
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
        rule_measures(county.connection, "2024-03", AREA)
        .filter(pl.col("rule_id") == "CF01")
        .row(0, named=True)
    )
    assert (row["confirmed"], row["refuted"], row["precision"]) == (4, 10, 4 / 14)


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
    frames = lead_counts(county.connection, "2024-03")
    own = frames["leads"].filter(pl.col("township_code") == AREA)
    rules = {row["rule_id"]: row for row in own.iter_rows(named=True)}
    assert [
        (rules[name]["leads"], rules[name]["unsure"], rules[name]["list_age"])
        for name in ("CB06", "SW01", "CF03")
    ] == [
        (None, None, 1),
        (0, 0, 1),
        (0, 0, 0),
    ]
    levels = frames["lead_levels"].filter(pl.col("month") == "2024-03", pl.col("level") == "orange")
    assert {row["township_code"]: (row["leads"], row["list_age"]) for row in levels.iter_rows(named=True)} == {
        AREA: (0, 1), TOWNSHIPS[0]: (0, 1), TOWNSHIPS[1]: (0, 1),
    }  # fmt: skip
