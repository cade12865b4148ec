"""A simulated county over five years, lists that came late and two amendments: an independent count gives the verdicts."""

import datetime as dt
from collections import Counter

import polars as pl
import pytest

from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.plans import PLANS, plan, plan_of
from minzheng.progress import progress_table, verdicts
from minzheng.progress.evaluation import evaluate
from minzheng.progress.tasks import read_reports, task_stands, task_table
from simulation import simulate
from tests.evaluation.conftest import REPORTED
from tests.evaluation.test_verdicts import recounted

AMENDED = {
    "nursing_bed_share": [
        {
            "period": "2025",
            "value": 60,
            "source": "示例",
            "verified": True,
            "decided": {"document": "示例〔2023〕8号", "date": "2023-06-10"},
            "valid_from": "2023-07",
        },
        {
            "period": "2025",
            "value": 90,
            "source": "示例",
            "verified": True,
            "decided": {"document": "示例〔2024〕3号", "date": "2024-02-01"},
            "valid_from": "2024-02",
        },
    ]
}
DAYS = (dt.date(2023, 1, 1), dt.date(2023, 12, 31), dt.date(2025, 1, 1))


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """The simulator's own figures of 2021-01 to 2026-03."""
    folder = tmp_path_factory.mktemp("five_years")
    simulate(folder, "2021-01", "2026-03", 7, "county", "late")
    return pl.read_parquet(folder / "truth" / "observations.parquet")


@pytest.fixture(scope="module")
def amended():
    """The county's plan with two amendments of one target."""
    folder = PLANS / "145"
    rows = read_yaml(folder / "rows.yaml")
    for row in rows:
        row["targets"] = row.get("targets", []) + AMENDED.get(row["indicator"], [])
    whole = {name: getattr(plan("145"), name) for name in ("text", "clauses", "tasks")}
    return plan_of(read_yaml(folder / "plan.yaml") | {"rows": rows} | whole)


def county_totals(truth, code, last="2025-12"):
    """The county's months with a value, by plain filters on the simulator's own table."""
    same = [pl.col(name) == "_T" for name in ("residence", "sex", "age_group", "category")]
    kept = truth.filter(
        pl.col("indicator_id") == code,
        pl.col("ref_area") == "632224",
        pl.col("time_period") <= last,
        pl.col("obs_value").is_not_null(),
        *same,
    )
    return kept.sort("time_period").select("time_period", "obs_value").rows()


@pytest.mark.nightly
def test_a_simulated_county_is_evaluated_whole_and_an_independent_count_agrees(truth, amended):
    stands = task_stands(task_table([amended], read_reports(REPORTED), "2025-12"))
    items = evaluate(amended, truth, stands, "2026-03")
    assert Counter(item.item_kind for item in items) == {"row": 124, "task": 23, "clause": 248}
    assert [item.item_id for item in items if (item.verdict is None) == (item.reason is None)] == []
    judged = {item.item_id: item for item in items if item.item_kind == "row"}
    assert judged["nursing_bed_share"].target_value == 90
    assert judged["nursing_bed_share"].verdict == "not_reached"
    counted = 0
    for row in amended.rows:
        series = county_totals(truth, row.indicator)
        plain = row.targets and not row.baseline and row.measure != "flow" and len(row.targets) == 1
        if plain and series and series[-1][0] == "2025-12":
            expected = recounted(row.indicator, row.targets[0].value, series)
            assert judged[row.indicator].verdict == expected, row.indicator
            counted += 1
        if not series:
            assert judged[row.indicator].final_value is None
    assert counted >= 15
    told = [
        next(one for one in verdicts(progress_table(truth, amended, "2025-12", None, day))
             if (one.indicator_id, one.ref_area) == ("nursing_bed_share", "632224"))
        for day in DAYS
    ]  # fmt: skip
    assert [one.target_value for one in told] == [55, 60, 90]
