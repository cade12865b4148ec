"""A class of progress is told only where every value within the bounds gives it."""

import polars as pl
import pytest

from minzheng.contracts.plans import plan_for, time_gone
from minzheng.progress.table import CLASSES, progress_table
from tests.place import AREA

MONTH = "2024-03"
TOTAL = dict.fromkeys(("residence", "sex", "age_group", "category"), "_T")


def share(
    value: float, low: float | None, high: float | None, status: str = "U", area: str = AREA
) -> dict:
    """The share of nursing beds in a month, with where it could be led."""
    cell = {"indicator_id": "nursing_bed_share", "ref_area": area, "time_period": MONTH, **TOTAL}
    numbers = {
        "obs_value": value,
        "numerator": value,
        "denominator": 100.0,
        "lower_bound": low,
        "upper_bound": high,
    }
    return cell | numbers | {"obs_status": status}


def told(*rows: dict) -> dict:
    """The county's progress row."""
    table = progress_table(
        pl.DataFrame(list(rows), infer_schema_length=None), plan_for(MONTH), MONTH
    )
    return table.filter(
        pl.col("indicator_id") == "nursing_bed_share", pl.col("ref_area") == AREA
    ).row(0, named=True)


def test_a_class_that_another_value_within_the_bounds_would_change_is_not_told():
    whole = told(share(60.0, 60.0, 60.0, "A"))
    assert whole["status_path"] == "target_achieved"
    assert told(share(60.0, 58.0, 62.0))["status_path"] == "target_achieved", (
        "both ends have met the target"
    )
    hanging = told(share(60.0, 40.0, 62.0))
    assert hanging["status_path"] is None
    assert (hanging["obs_value"], hanging["completion"]) == (60.0, whole["completion"])


def test_an_end_that_nobody_can_tell_leaves_no_class():
    row = told(share(60.0, None, None))
    assert [row[name] for name in CLASSES] == [None] * len(CLASSES)


def test_a_projection_hangs_on_what_is_open_in_months_before():
    """Months that lead nowhere near the target, all at their lower or all at their upper ends, but do with the later ones raised."""
    level = [40 + 0.2 * step for step in range(9)]
    months = [f"2023-{number:02d}" for number in range(7, 13)] + ["2024-01", "2024-02", MONTH]
    rows = [
        share(value, value, value, "A") | {"time_period": month}
        for month, value in zip(months, level, strict=True)
    ]
    opened = [row | {"upper_bound": row["obs_value"] + 3} for row in rows[:-1]] + rows[-1:]
    raised = [
        row | dict.fromkeys(("obs_value", "lower_bound"), row["upper_bound"]) for row in opened
    ]
    for together in (rows, raised):
        assert told(*together)["status_projection"] == "limited_progress"
    assert told(*opened)["status_projection"] is None


@pytest.mark.parametrize(("status", "expected"), [("M", None), ("A", "target_achieved")])
def test_a_zero_of_the_county_beside_townships_that_have_not_reported_is_no_success(
    status, expected
):
    code = next(
        row
        for row in plan_for(MONTH).rows
        if (due := row.target_in(MONTH)) and due.value == 0 and row.sign == -1
    )
    rows = [
        share(0.0, 0.0, 0.0, "A") | {"indicator_id": code.indicator},
        share(0.0 if status == "A" else None, None, None, status, f"{AREA}100")
        | {"indicator_id": code.indicator},
    ]
    table = progress_table(pl.DataFrame(rows, infer_schema_length=None), plan_for(MONTH), MONTH)
    county = table.filter(pl.col("indicator_id") == code.indicator, pl.col("ref_area") == AREA)
    assert county["status_path"].item() == expected


def test_the_time_gone_is_the_share_of_the_plans_months():
    assert time_gone("2021-12") == pytest.approx(0.2)
    assert time_gone("1999-01") is None
