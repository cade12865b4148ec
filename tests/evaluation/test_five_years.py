"""A simulated county through the warehouse, lists that came late and two amendments: a count by other hands gives the verdicts."""

import datetime as dt
import os
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.commands.as_known import targets_then
from minzheng.contracts import plans
from minzheng.contracts.datasets import read_yaml
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.indicators.vintages import as_known
from minzheng.intake import take_in
from minzheng.progress.table import progress_table, verdicts
from minzheng.publish.evaluation.frozen import concerned
from minzheng.publish.evaluation.gathering import gather, read_items
from minzheng.publish.release.manifest import read_manifest, verify
from minzheng.warehouse.connection import model, open_warehouse, replace_months, set_months
from minzheng.warehouse.register import loaded_months
from quality.ledgers import expect_files
from simulation import simulate
from tests.evaluation import by_hand
from tests.evaluation.conftest import REPORTED, targets_of
from tests.indicator.test_recount import recounted
from tests.place import AREA
from tests.small_county import smaller

PLAN = plans.PLANS / "145"
LAST = "2025-12"
AMENDED = [
    {"period": "2025", "value": 60, "source": "示例", "verified": True,
     "decided": {"document": "示例〔2023〕8号", "date": "2023-06-10"}, "valid_from": "2023-07"},
    {"period": "2025", "value": 90, "source": "示例", "verified": True,
     "decided": {"document": "示例〔2024〕3号", "date": "2024-02-01"}, "valid_from": "2024-02"},
]  # fmt: skip
TARGET_ON = {dt.date(2023, 1, 10): 55, dt.date(2023, 12, 31): 60, dt.date(2025, 1, 10): 90}
LATE_FROM = dt.datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE_TOWNSHIP = f"{AREA}201"
TOTAL = [pl.col(name) == "_T" for name in ("residence", "sex", "age_group", "category")]


def series_of(truth):
    """The county's totals by indicator and month, by plain filters on the simulator's own table."""
    kept = truth.filter(
        pl.col("ref_area") == AREA,
        pl.col("time_period") <= LAST,
        pl.col("obs_value").is_not_null(),
        *TOTAL,
    )
    found = {}
    for code, month, value in kept.select("indicator_id", "time_period", "obs_value").iter_rows():
        found.setdefault(code, {})[month] = value
    return found


def assert_as_by_hand(items, truth, folder):
    """Every row, task and fragment has a verdict or a reason, and rows and fragments that of a count by other hands."""
    assert Counter(item.item_kind for item in items) == {"row": 124, "task": 23, "clause": 248}
    assert [item.item_id for item in items if (item.verdict is None) == (item.reason is None)] == []
    told, series = (
        {(item.item_kind, item.item_id): item.verdict for item in items},
        series_of(truth),
    )
    handled = {"alert_open", "alert_closed_rate", "alert_to_aid_days", "missed_resolved_rate"}
    rows = [row for row in read_yaml(folder / "rows.yaml") if row["indicator"] not in handled]
    hand = {
        row["indicator"]: by_hand.verdict(row, series.get(row["indicator"], {}), LAST)
        for row in rows
    }
    assert {code: told["row", code] for code in hand} == hand
    rest = {item: word for (kind, item), word in told.items() if kind == "task" or item in handled}
    tasks = read_yaml(folder / "tasks.yaml")
    counted = by_hand.clauses(folder, tasks, hand | rest)
    assert {clause: told["clause", clause] for clause in counted} == counted
    assert {word for word in hand.values() if word} >= {"kept", "not_reached"}


def test_the_last_month_through_the_warehouse_is_judged_as_by_hand(tmp_path):
    """The short form: one month, so that no trend can be told."""
    with pytest.MonkeyPatch.context() as patch:
        smaller(patch)
        simulate(tmp_path / "landing", LAST, LAST, 7, progress=False)
    home = Home(tmp_path / "home").create()
    home.tasks.parent.mkdir(exist_ok=True)
    home.tasks.write_text(REPORTED, encoding="utf-8")
    with open_warehouse(home) as connection:
        take_in(home, connection, Keys.create(tmp_path / "key.json"), tmp_path / "landing")
    recounted(home)
    with open_warehouse(home) as connection:
        found = gather(home, connection, plans.plan("145"), LAST, False)
    truth = pl.read_parquet(tmp_path / "landing" / "truth" / "observations.parquet")
    assert_as_by_hand(found.items, truth, PLAN)


@pytest.fixture
def amended(tmp_path, monkeypatch):
    """The folder of plan 145 with two amendments of one target."""
    with targets_of(tmp_path, monkeypatch, nursing_bed_share=AMENDED) as folder:
        yield folder


def came_before(landing, when, to):
    """A landing folder of what had come by a moment."""
    for path in sorted(landing.rglob("*")):
        if path.is_file() and "truth" not in path.parts and path.stat().st_mtime < when.timestamp():
            place = to / path.relative_to(landing)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)
    return to


def arrives_in_march(landing):
    """Let one township's December return of the community services come in March."""
    files = pl.read_parquet(landing / "truth" / "files.parquet")
    (name,) = files.filter(dataset="community_care", month=LAST, townships=LATE_TOWNSHIP)["file"]
    at = (LATE_FROM + dt.timedelta(days=9)).timestamp()
    os.utime(landing / name, (at, at))


def compute(home, keys, landing):
    """Take the files in and compute every month: register, leads, indicators, and how the returns came."""
    with open_warehouse(home) as connection:
        take_in(home, connection, keys, landing)
    recounted(home)
    with open_warehouse(home) as connection:
        set_months(connection, loaded_months(connection))
        connection.execute(
            "create temp table in_force_standard (month text, param_code text, value double)"
        )
        expect_files(connection)
        replace_months(connection, "quality.completeness", model("quality/completeness"))


def evaluated(home):
    """Draft and freeze the final evaluation by the command line; its folder and what was said."""
    drafted = CliRunner().invoke(cli, ["evaluate", "--plan", "145", "--home", str(home.path)])
    assert drafted.exit_code == 0, drafted.output
    frozen = CliRunner().invoke(
        cli, ["evaluate", "--plan", "145", "--approved-by", "示例局长", "--home", str(home.path)]
    )
    assert frozen.exit_code == 0, frozen.output
    return Path(frozen.output.strip().rpartition("frozen: ")[2]), drafted.output


@pytest.mark.nightly
def test_five_years_with_late_lists_and_two_amendments_through_the_warehouse(
    tmp_path, monkeypatch, amended
):
    smaller(monkeypatch)
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    landing, home = tmp_path / "landing", Home(tmp_path / "home")
    simulate(landing, "2021-01", "2026-03", 7, "county", "late", progress=False)
    truth, keys = (
        pl.read_parquet(landing / "truth" / "observations.parquet"),
        Keys.create(tmp_path / "key.json"),
    )
    arrives_in_march(landing)
    home.create().tasks.parent.mkdir(exist_ok=True)
    home.tasks.write_text(REPORTED, encoding="utf-8")
    compute(home, keys, came_before(landing, LATE_FROM, tmp_path / "early"))
    first, said = evaluated(home)
    assert "provisional, 2025-12 still lacks 1 returns, named below" in said
    assert "2025年12月尚缺居家社区养老服务月报（泉吉乡）" in said
    assert [one.plan for one in concerned(home, "2026-06")] == ["145", "155"]
    compute(home, keys, landing)
    second, said = evaluated(home)
    assert "provisional" not in said
    items = read_items(second)
    assert_as_by_hand(items, truth, amended)
    beds = next(item for item in items if item.item_id == "nursing_bed_share")
    assert (beds.target_value, beds.verdict) == (90, "not_reached")
    assert_changes_are_told(first, second)
    assert verify(first) == verify(second) == []
    assert_known_then(home)


def assert_changes_are_told(first, second):
    """What differs between the two evaluations is what the second says, and rests on the lists that came late."""
    old, new = (
        {(one.item_kind, one.item_id): (one.final_value, one.verdict) for one in read_items(folder)}
        for folder in (first, second)
    )
    differs = {key for key in new if old[key] != new[key]}
    told = pl.read_parquet(second / "changes.parquet")
    assert set(told.select("item_kind", "item_id").iter_rows()) == differs
    assert {("row", "dibao_coverage"), ("row", "special_elder_visit_rate")} <= differs
    assert ("row", "nursing_bed_share") not in differs
    page = (second / "site" / "index.html").read_text(encoding="utf-8")
    assert f"本版与第{read_manifest(first).release[-1]}版相比" in page


def assert_known_then(home):
    """On three days the target known then is told, beside the figures known then."""
    with open_warehouse(home) as connection:
        for day, value in TARGET_ON.items():
            month = f"{day.year - (day.month == 1)}-{(day.month - 2) % 12 + 1:02d}"
            known = as_known(connection, day, month, month)
            one = plans.plan("145")
            told = verdicts(progress_table(known, one, LAST, None, day))
            beds = next(
                v for v in told if (v.indicator_id, v.ref_area) == ("nursing_bed_share", AREA)
            )
            assert beds.target_value == value
            lines = targets_then([one], LAST, day)
            assert lines == ([] if value == 90 else [
                f"nursing_bed_share target of 145: {value} % by 2025 -> 90 % by 2025 (示例〔2024〕3号)"
            ])  # fmt: skip
