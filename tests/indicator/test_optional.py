"""Care vouchers, an optional dataset: a county that has them counts them, a home without them knows nothing of them."""

import polars as pl
import pytest

from minzheng import leads
from minzheng.contracts.calendar import expected_files
from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import townships_at
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.indicators import models
from minzheng.intake import take_in
from minzheng.intake.report import status
from minzheng.intake.rules import dataset_rules
from minzheng.leads.desk import counts, list_ages
from minzheng.warehouse.connection import open_warehouse
from simulation import simulate
from tests.indicator.conftest import HARGAI, SHALIUHE
from tests.indicator.test_recount import differing, recounted
from tests.place import AREA
from tests.small_county import smaller

VOUCHERS = (
    "care_voucher_expired",
    "care_voucher_issued",
    "care_voucher_persons",
    "care_voucher_used",
)
AMOUNTS = ("issued", "used", "expired")


def test_it_is_the_only_optional_dataset_and_has_four_indicators_of_its_own():
    assert [name for name in dataset_names() if dataset(name).optional] == ["care_voucher"]
    assert tuple(code for code, one in registry().items() if one.optional) == VOUCHERS


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county that sends vouchers from 2026-01 on, taken in: its home, observations, leads and the simulator's truth."""
    folder = tmp_path_factory.mktemp("vouchers")
    with pytest.MonkeyPatch.context() as patch:
        smaller(patch)
        simulate(
            folder / "landing", "2026-01", "2026-01", 7, progress=False, optional=["care_voucher"]
        )
    home = Home(folder / "home").create()
    with open_warehouse(home) as connection:
        take_in(home, connection, Keys.create(folder / "key.json"), folder / "landing")
    found, raised = recounted(home)
    truth = [
        pl.read_parquet(folder / "landing" / "truth" / f"{name}.parquet")
        for name in ("observations", "leads")
    ]
    return home, found, raised, *truth


def test_the_vouchers_are_counted_as_the_simulator_counts_them_and_the_rest_as_ever(county):
    _, found, raised, truth, told = county
    assert differing(truth, found).is_empty()
    ours = found.filter(pl.col("indicator_id").is_in(VOUCHERS))
    assert set(ours["time_period"]) == {"2026-01"}
    total = ours.filter(ref_area=AREA).select("indicator_id", "obs_value").rows()
    value = dict(total)
    assert value["care_voucher_persons"] > 3
    assert value["care_voucher_issued"] == pytest.approx(0.08 * value["care_voucher_persons"])
    assert value["care_voucher_issued"] == pytest.approx(
        value["care_voucher_used"] + value["care_voucher_expired"]
    )
    assert found["indicator_id"].n_unique() == 175 + len(VOUCHERS)
    keys = ["rule_id", "month", "township_code"]
    expected = told.group_by(keys).len("n").sort(keys)
    assert raised.sort(keys).equals(expected.cast(raised.schema))
    assert "CF06" in set(raised["rule_id"])


def test_nobody_owes_them_even_where_they_came(county):
    home = county[0]
    (december,) = status(home, "2025-12")["months"]
    assert "care_voucher" not in december["missing"]
    assert "care_voucher" in status(home, "2026-01")["months"][0]["received"]


def test_a_row_whose_parts_do_not_add_up_is_put_aside():
    rows = pl.DataFrame(
        {
            "issued_amount": [800, 800, None],
            "used_amount": [650, 650, 0],
            "expired_amount": [150, 149, 0],
        }
    )
    ((column, reason, mask),) = dataset_rules(dataset("care_voucher"), rows, "2026-01")
    assert (column, reason, mask.to_list()) == (
        "issued_amount",
        "voucher_sum",
        [False, True, False],
    )


def test_a_home_without_them_owes_none_and_has_no_such_indicator_lead_or_list(warehouse, in_force):
    for name in dataset_names():
        if not dataset(name).optional:
            in_force(name, "2026-01")
    leads.compute(warehouse, ["2026-01"])
    models.compute(warehouse, ["2026-01"])
    found = models.observations(warehouse, "2026-01", "2026-01")
    assert found["indicator_id"].n_unique() == 175
    assert not {row[0] for row in expected_files({"2026-01": townships_at("2026-01")}, {})} & {
        "care_voucher"
    }
    assert "CF06" not in set(counts(warehouse, "2026-01")["rule_id"])
    assert "care_voucher" not in set(list_ages(warehouse, "2026-01")["dataset"])


def test_a_month_that_lacks_a_township_says_so(warehouse, in_force):
    in_force("care_voucher", "2026-01", places=[SHALIUHE])
    warehouse.execute(
        "insert into register.care_voucher (month, township_code, person_key, issued_amount, used_amount, expired_amount,"
        " intake_no, row_no) values ('2026-01', $town, 'a', 800, 650, 150, 1, 1), ('2026-01', $town, 'b', 0, 0, 0, 1, 2)",
        {"town": SHALIUHE},
    )
    models.compute(warehouse, ["2025-12", "2026-01"])
    found = models.observations(warehouse, "2025-12", "2026-01").filter(
        pl.col("indicator_id").is_in(VOUCHERS)
    )
    told = {
        (row["indicator_id"], row["ref_area"]): (row["obs_status"], row["obs_value"], row["note"])
        for row in found.iter_rows(named=True)
    }
    assert set(found["time_period"]) == {"2026-01"}
    assert told["care_voucher_persons", SHALIUHE][:2] == ("A", 1)
    assert [round(told[f"care_voucher_{name}", SHALIUHE][1], 4) for name in AMOUNTS] == [
        0.08,
        0.065,
        0.015,
    ]
    assert told["care_voucher_persons", HARGAI][0] == "M"
    assert "已报1/5" in told["care_voucher_persons", AREA][2]
