"""Figures as known on a day, reasons of revisions, and how long months still move."""

import datetime as dt

import polars as pl
import pytest

from minzheng.contracts.datasets import dataset
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.regions import townships
from minzheng.contracts.report import words
from minzheng.indicators.revisions import arrivals, changed_cells
from minzheng.indicators.vintages import as_known, delay_triangle, provisional, usual_change
from tests.indicator.conftest import HARGAI, SHALIUHE
from tests.place import AREA

EVERYWHERE = ",".join(townships())


@pytest.fixture
def filed(warehouse):
    """`filed(7, "dibao_roll", "2024-03", "2024-04-02", people, places)`: a file with one active row per person and place."""

    def put(
        number: int, name: str, month: str, day: str, people=(), places: str = EVERYWHERE
    ) -> None:
        covered = places if dataset(name).has_township else AREA
        warehouse.execute(
            "insert into raw.file (intake_no, dataset, month, township_codes, verdict, absent_columns, received_at) "
            "values (?, ?, ?, ?, 'accept', '', ?)",
            [number, name, month, covered, f"{day} 09:00:00"],
        )
        for row_no, (person, place) in enumerate(people):
            warehouse.execute(
                "insert into raw.dibao_roll (month, township_code, person_key, scheme, status, active, intake_no, row_no) "
                "values (?, ?, ?, '农村低保', '在保', true, ?, ?)",
                [month, place, person, number, row_no],
            )

    return put


def total(frame: pl.DataFrame, indicator: str, area: str = AREA) -> tuple:
    row = frame.filter(
        pl.col("indicator_id") == indicator,
        pl.col("ref_area") == area,
        *[pl.col(name) == "_T" for name in DIMENSIONS],
    ).row(0, named=True)
    return row["obs_status"], row["obs_value"]


def test_a_day_knows_the_files_received_by_its_end(warehouse, filed):
    others = ",".join(code for code in townships() if code != HARGAI)
    filed(1, "dibao_roll", "2024-03", "2024-04-05", [("a", SHALIUHE), ("b", SHALIUHE)], others)
    filed(2, "dibao_roll", "2024-03", "2024-04-20", [("c", HARGAI)], HARGAI)
    filed(3, "dibao_roll", "2024-03", "2024-05-02", [("a", SHALIUHE)], SHALIUHE)
    days = [dt.date(2024, 4, 4), dt.date(2024, 4, 5), dt.date(2024, 4, 20), dt.date(2024, 5, 2)]
    known = [as_known(warehouse, day, "2024-03", "2024-03") for day in days]
    assert [total(frame, "dibao_rural_persons") for frame in known] == [
        ("M", None),
        ("M", None),
        ("A", 3),
        ("A", 2),
    ]
    assert total(known[1], "dibao_rural_persons", SHALIUHE) == ("A", 2)
    assert not warehouse.execute("select 1 from register.dibao_roll").fetchall(), (
        "the warehouse is not touched"
    )
    late = changed_cells(known[1], known[2], arrivals(warehouse, days[1], days[2]))
    assert set(late["reason"]) == {"late"}
    assert HARGAI in set(late["ref_area"])
    assert SHALIUHE not in set(
        late.filter(~pl.col("indicator_id").str.starts_with("dq_"))["ref_area"]
    )
    fixed = changed_cells(known[2], known[3], arrivals(warehouse, days[2], days[3]))
    persons = fixed.filter(
        pl.col("indicator_id") == "dibao_rural_persons", pl.col("category") == "_T"
    )
    assert set(persons["ref_area"]) == {AREA, SHALIUHE}
    assert set(persons["reason"]) == {"error"}


def test_a_late_decision_is_back_pay_and_a_region_file_a_boundary(warehouse, filed):
    filed(1, "policy_param", "2024-01", "2024-02-01")
    filed(2, "policy_param", "2024-11", "2024-12-01")
    filed(3, "region", "2024-11", "2024-12-01")
    for number, value, decided in ((1, 640, "2023-12-01"), (2, 672, "2024-11-20")):
        warehouse.execute(
            "insert into raw.policy_param (month, param_code, value, valid_from, decided_on, intake_no, row_no) "
            "values (?, 'dibao_std_urban', ?, '2024-01-01', ?, ?, 1)",
            ["2024-01" if number == 1 else "2024-11", value, decided, number],
        )
    village = "insert into raw.region (month, region_code, region_level, region_kind, valid_from, intake_no, row_no) values "
    warehouse.execute(
        village + f"('2024-11', '{AREA}100200', '村社', '村委会', '2020-01-01', 3, 1)"
    )
    before, after = dt.date(2024, 2, 1), dt.date(2024, 12, 1)
    old, new = (as_known(warehouse, day, "2024-01", "2024-01") for day in (before, after))
    changed = changed_cells(old, new, arrivals(warehouse, before, after))
    reason = {row["indicator_id"]: row["reason"] for row in changed.iter_rows(named=True)}
    assert reason["dibao_std_urban"] == "back-pay"
    assert reason["admin_villages"] == "late", "there was no region file before"
    again = new.with_columns(
        obs_value=pl.when(pl.col("indicator_id") == "admin_villages")
        .then(9.0)
        .otherwise("obs_value")
    )
    redrawn = changed_cells(again, new, arrivals(warehouse, before, after))
    assert set(redrawn.filter(pl.col("old_value") == 9)["reason"]) == {"boundary"}


def test_another_definition_is_the_reason_before_all_others(warehouse, filed):
    filed(1, "dibao_roll", "2024-03", "2024-04-05", [("a", SHALIUHE)])
    new = as_known(warehouse, dt.date(2024, 4, 5), "2024-03", "2024-03")
    old = new.with_columns(definition_version=pl.lit("1999"), obs_value=pl.col("obs_value") + 1)
    changed = changed_cells(old, new, arrivals(warehouse, dt.date(2024, 4, 1), dt.date(2024, 4, 5)))
    assert set(changed["reason"]) == {"definition"}
    assert set(changed["reason"]) <= set(words().reasons)


def vintages(growth: float, months: int) -> pl.DataFrame:
    """Figures that stand at 100 in their own month's release, and `growth` higher from the next month on."""
    rows = []
    for number in range(months):
        period = f"2024-{number + 1:02d}"
        for lag in range(3):
            value = 100.0 if lag == 0 else 100.0 * (1 + growth)
            vintage = f"{2024 + (number + lag) // 12}-{(number + lag) % 12 + 1:02d}"
            rows.append(
                {
                    "indicator_id": "dibao_exit",
                    "ref_area": AREA,
                    "time_period": period,
                    "vintage": vintage,
                }
            )
            rows[-1] |= dict.fromkeys(DIMENSIONS, "_T") | {"obs_value": value}
    return pl.DataFrame(rows)


def test_the_newest_month_is_provisional_where_history_says_it_still_grows():
    triangle = delay_triangle(vintages(0.25, 8))
    assert triangle.filter(pl.col("time_period") == "2024-02").select(
        "lag", "obs_value", "final"
    ).rows() == [
        (0, 100.0, 125.0),
        (1, 125.0, 125.0),
        (2, 125.0, 125.0),
    ]
    usual = usual_change(triangle)
    assert usual.select("lag", "seen", "low", "high").rows() == [
        (0, 8, 0.25, 0.25),
        (1, 8, 0.0, 0.0),
    ]
    newest = vintages(0.25, 9).filter(
        pl.col("time_period") >= "2024-08", pl.col("vintage") == "2024-09"
    )
    marked = provisional(newest.with_columns(obs_status=pl.lit("A")), usual, "2024-09").sort(
        "time_period"
    )
    assert marked["obs_status"].to_list() == ["A", "P"]
    assert marked["likely_high"].to_list() == [125.0, 125.0]


def test_little_history_says_nothing():
    usual = usual_change(delay_triangle(vintages(0.25, 5)))
    assert usual["high"].null_count() == usual.height
    cell = vintages(0.25, 1).head(1).with_columns(obs_status=pl.lit("A"))
    assert provisional(cell, usual, "2024-01")["obs_status"].to_list() == ["A"]
