"""From a number back to its files, rows, checks and models."""

import pytest

from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import SQL
from minzheng.indicators.models import gather_cases
from minzheng.warehouse.connection import model
from minzheng.warehouse.lineage import files, lineage, models_of
from tests.indicator.conftest import HARGAI, SHALIUHE
from tests.place import AREA


def test_every_indicator_is_traced_to_a_model_that_exists():
    untraced = {code for code in registry() if not models_of(code)}
    assert untraced == {"dq_revision_rate"}, "counted between releases"
    assert all((SQL / path).is_file() for code in registry() for path in models_of(code))
    assert models_of("dibao_subsidy_rural") == (
        "indicator/case/dibao.sql",
        "indicator/fact/money.sql",
    )
    assert "lead/sw01.sql" in models_of("death_paid_persons")


def test_what_a_model_counts_is_traced_to_it(warehouse, given, in_force):
    given(
        "register.dibao_roll",
        f"month | township_code | person_key | scheme | status | active\n2024-03 | {AREA}100 | a | 城市低保 | 在保 | true",
    )
    given(
        "register.payment_ledger",
        f"month | township_code | scheme | payment_kind | amount_paid | paid_on\n2024-03 | {AREA}100 | 城市低保 | 基本 | 5 | 2024-03-01",
    )
    gather_cases(warehouse, ["2024-03"])
    for name in ("case/dibao", "fact/money", "fact/reporting", "fact/unit"):
        counted = warehouse.execute(
            f"select distinct indicator_id from ({model(f'indicator/{name}')})"
        ).fetchall()
        assert counted
        for (code,) in counted:
            assert f"indicator/{name}.sql" in models_of(code)


@pytest.fixture
def held(warehouse, in_force):
    in_force("dibao_roll", "2024-03", places=[SHALIUHE], intake_no=1)
    in_force("dibao_roll", "2024-02", "2024-03", places=[HARGAI], intake_no=2)
    in_force("payment_ledger", "2024-03", intake_no=3)
    in_force("care_facility", "2024-03", places=[SHALIUHE], intake_no=4)
    warehouse.execute(
        "update register.coverage set rows_accepted = 7 * intake_no, rows_quarantined = 1"
    )
    for number in range(1, 5):
        warehouse.execute(
            "insert into raw.file (intake_no, name, sha256, received_at) values (?, ?, ?, '2024-04-02')",
            [number, f"f{number}.csv", f"{number}" * 64],
        )
    warehouse.execute(
        "insert into quality.finding (rule_id, month, township_code, dataset) values ('D04', '2024-03', ?, 'dibao_roll')",
        [SHALIUHE],
    )
    return warehouse


def test_a_cell_is_traced_to_the_files_in_force_for_its_place(held):
    told = lineage(held, "dibao_rural_persons", SHALIUHE, "2024-03")
    (roll,) = told["datasets"]
    assert (roll["rows"], roll["missing"], [one["sha256"][0] for one in roll["files"]]) == (
        7,
        [],
        ["1"],
    )
    assert roll["files"][0]["failed_rules"] == "D04:1"
    assert "D04" in roll["rules"]
    county = lineage(held, "dibao_rural_persons", AREA, "2024-03")["datasets"][0]
    assert (county["rows"], [one["intake_no"] for one in county["files"]]) == (21, [1, 2])
    assert county["missing"] == [f"2024-03 {AREA}200", f"2024-03 {AREA}201", f"2024-03 {AREA}202"]


def test_the_year_to_date_is_traced_to_every_month(held):
    (money,) = lineage(held, "dibao_spend_rural_ytd", HARGAI, "2024-03")["datasets"]
    assert money["missing"] == [f"2024-01 {HARGAI}", f"2024-02 {HARGAI}"]
    assert [one["month"] for one in money["files"]] == ["2024-03"]


def test_every_list_tells_its_rows_and_findings(held):
    counts = {
        (row["dataset"], row["township_code"]): (row["rows_accepted"], row["failed_rules"])
        for row in files(held, "2024-03", "2024-03").iter_rows(named=True)
    }
    assert counts["care_facility", SHALIUHE] == (28, None)
    assert counts["dibao_roll", SHALIUHE] == (7, "D04:1")
