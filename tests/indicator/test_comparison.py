"""Same month last year, last month, completion, advance: in percent or points, and never across a break."""

import polars as pl
import pytest

from minzheng.indicators.comparison import (
    advance,
    change,
    compare,
    completion,
    elapsed,
    path_of_year,
)

ROW = {
    "ref_area": "632224", "residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T", "definition_version": "2021", "note": "",
}  # fmt: skip


def rows(indicator: str, values: dict[str, float | None], **other) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"indicator_id": indicator, "time_period": month, "obs_value": value} | ROW | other
            for month, value in values.items()
        ],
        schema_overrides={"obs_value": pl.Float64},
    )


def last(frame: pl.DataFrame) -> dict:
    return frame.sort("time_period").row(-1, named=True)


@pytest.mark.parametrize(
    ("value", "base", "unit", "expected"),
    [
        (672, 640, "", (5.0, "percent", None)),
        (672, 640, "%", (32, "points", None)),
        (5, 0, "", (None, "percent", "zero_base")),
        (5, 0, "%", (5, "points", None)),
        (None, 3, "", (None, "percent", "missing")),
    ],
)
def test_a_change_in_percent_or_points(value, base, unit, expected):
    got = change(value, base, unit=unit)
    assert (got.value, got.kind, got.reason) == expected


def test_a_stock_compares_with_last_month_and_last_year():
    told = last(
        compare(rows("dibao_urban_persons", {"2023-03": 200.0, "2024-02": 100.0, "2024-03": 110.0}))
    )
    assert (told["year_on_year"], told["month_on_month"]) == (-45, 10)


def test_a_year_to_date_figure_compares_with_the_same_month_only():
    told = last(
        compare(rows("civil_spend_ytd", {"2023-01": 10.0, "2023-12": 90.0, "2024-01": 11.0}))
    )
    assert told["year_on_year"] == pytest.approx(10)
    assert (told["month_on_month"], told["month_on_month_reason"]) == (None, "year_to_date")


def test_a_rate_changes_by_points_and_a_gap_or_another_definition_by_nothing():
    told = last(compare(rows("nursing_bed_share", {"2024-02": 40.0, "2024-03": 43.0})))
    assert (told["month_on_month"], told["change_kind"], told["year_on_year_reason"]) == (
        3,
        "points",
        "missing",
    )
    broken = pl.concat(
        [
            rows("orphan_total", {"2019-12": 20.0}, definition_version="2016"),
            rows("orphan_total", {"2020-01": 10.0}),
        ]
    )
    assert last(compare(broken))["month_on_month_reason"] == "definition"
    sources = {"2023-12": "人口口径:户籍人口(2023年)", "2024-01": "人口口径:常住人口(2024年)"}
    rates = pl.concat(
        [rows("dibao_coverage", {month: 6.5}, note=note) for month, note in sources.items()]
    )
    assert (
        last(compare(rates))["month_on_month"],
        last(compare(rates))["month_on_month_reason"],
    ) == (
        None,
        "population",
    )


@pytest.mark.parametrize(
    ("value", "target", "direction", "unit", "expected"),
    [
        (44, 55, "up", "%", (80, "percent")),
        (95, 100, "meet", "%", (5, "points")),
        (104, 100, "meet", "%", (0, "points")),
        (8, 4, "down", "人", (50, "percent")),
        (0, 0, "down", "人", (100, "percent")),
        (3, 0, "down", "人", (0, "percent")),
        (3, None, "up", "人", (None, "percent")),
    ],
)
def test_completion_follows_the_direction(value, target, direction, unit, expected):
    got = completion(value, target, direction, unit=unit)
    assert (got.value, got.kind) == expected


def test_advance_and_elapsed_time():
    assert advance(45, 40, 60) == 25
    assert advance(45, 40, 40) is None
    assert (elapsed("2021-12", "2021-01", "2025-12"), elapsed("2030-01", "2021-01", "2025-12")) == (
        20,
        100,
    )
    assert elapsed("2020-06", "2021-01", "2025-12") == 0


def test_the_path_of_a_year_follows_last_year_where_known():
    assert path_of_year(120, "2024-03") == 30
    assert path_of_year(120, "2024-03", {"2023-03": 10.0, "2023-12": 60.0}) == 20
    assert path_of_year(120, "2024-03", {"2023-03": 10.0, "2023-12": 0.0}) == 30
