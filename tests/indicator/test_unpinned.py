"""Indicators that no contract pins to columns: each has a drawn value, worked out by hand, and is missing without its input."""

import csv
from itertools import product

import duckdb
import pytest

from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import townships
from minzheng.indicators.models import compute, observations
from minzheng.warehouse.connection import create_tables
from tests.conftest import read_drawing, sent_by_the_county
from tests.indicator.conftest import HARGAI, SHALIUHE, TOTAL
from tests.place import AREA

MARCH, APRIL = "2024-03", "2024-04"
DRAWN = {
    "dibao_roll": f"""
        month   | township_code | person_key | household_key | scheme   | status | active | top_up_amount | single_person_case | grace_until | review_due_on | reviewed_on
        2024-03 | {AREA}100     | a          | h1            | 城市低保 | 在保   | true   | 50            | true               | 2024-03     | 2024-03-31    | 2024-03-01
        2024-03 | {AREA}100     | b          | h2            | 城市低保 | 在保   | true   | 0             | false              | 2024-02     | 2024-03-01    | 2024-02-29
        2024-03 | {AREA}100     | c          | h3            | 农村低保 | 在保   | true   |               |                    | 2024-04     | 2024-04-01    | 2024-03-02
        2024-03 | {AREA}100     | d          | h3            | 农村低保 | 在保   | true   | 30            | true               | 2024-04     | 2024-02-29    | 2024-03-02
        2024-03 | {AREA}101     | e          | h1            | 农村低保 | 停保   | false  | 30            | true               | 2024-04     | 2024-03-02    | 2024-03-02
        2024-03 | {AREA}101     | f          | h1            | 农村低保 | 在保   | true   |               |                    |             | 2024-03-02    |
        2024-02 | {AREA}101     | z2         | h9            | 农村低保 | 在保   | true   |               |                    |             |               |
    """,
    "tekun_roll": f"""
        month   | township_code | person_key | area | support_form | self_care_grade | active
        2024-03 | {AREA}100     | t1         | 城市 | 集中         | 全自理          | true
        2024-03 | {AREA}100     | t2         | 农村 | 分散         | 半护理          | true
        2024-03 | {AREA}101     | t3         | 农村 | 分散         | 半护理          | true
        2024-03 | {AREA}101     | t4         | 农村 | 分散         | 全护理          | false
        2024-03 | {AREA}101     | z1         | 农村 | 分散         |                 | true
    """,
    "child_roll": f"""
        month   | township_code | person_key | child_class      | age | active | monthly_amount | adult_settlement
        2024-03 | {AREA}100     | k1         | 孤儿             | 9   | true   | 1000           |
        2024-03 | {AREA}100     | k2         | 孤儿             | 9   | true   | 0              |
        2024-03 | {AREA}101     | k3         | 事实无人抚养儿童 | 9   | true   | 900            |
        2024-03 | {AREA}101     | k4         | 事实无人抚养儿童 | 9   | false  | 900            |
        2024-01 | {AREA}100     | g1         | 孤儿             | 18  | false  |                | 就业
        2024-02 | {AREA}100     | g2         | 孤儿             | 18  | true   |                | 未安置
        2024-02 | {AREA}101     | g3         | 孤儿             | 18  | true   |                |
        2023-12 | {AREA}101     | g4         | 孤儿             | 18  | true   |                | 升学
        2024-02 | {AREA}101     | g5         | 事实无人抚养儿童 | 18  | true   |                | 升学
        2024-02 | {AREA}100     | g6         | 孤儿             | 17  | true   |                | 升学
        2024-02 | {AREA}100     | g7         | 孤儿             | 19  | true   |                | 升学
    """,
    "elder_roll": f"""
        month   | township_code | person_key | subsidy_kind | age | active
        2024-03 | {AREA}100     | o1         | 高龄补贴     | 75  | true
        2024-03 | {AREA}100     | o2         | 高龄补贴     | 85  | true
        2024-03 | {AREA}101     | o3         | 高龄补贴     | 95  | true
        2024-03 | {AREA}101     | o4         | 护理补贴     | 75  | true
        2024-03 | {AREA}101     | o5         | 高龄补贴     | 95  | false
    """,
    "death_list": """
        month   | person_key | died_on    | shared_on
        2024-03 | z1         | 2024-03-05 | 2024-04-04
        2024-03 | z2         | 2024-03-06 | 2024-04-06
        2024-03 | z3         | 2024-02-01 | 2024-03-01
        2024-03 | z4         | 2024-03-31 | 2024-04-01
    """,
    "application": f"""
        month   | township_code | application_key | matter | applied_on | decided_on
        2024-03 | {AREA}100     | p1              | 特困   | 2024-03-01 | 2024-03-05
        2024-03 | {AREA}100     | p2              | 特困   | 2024-03-01 | 2024-03-11
        2024-03 | {AREA}101     | p3              | 特困   | 2024-02-01 | 2024-03-02
        2024-03 | {AREA}101     | p4              | 特困   | 2024-02-01 |
    """,
    "payment_ledger": f"""
        month   | township_code | person_key | scheme         | payment_kind | amount_paid | paid_on
        2024-01 | {AREA}100     |            | 购买服务       | 基本         | 20000       | 2024-01-20
        2024-03 | {AREA}101     |            | 购买服务       | 基本         | 10000       | 2024-03-20
        2023-12 | {AREA}101     |            | 购买服务       | 基本         | 90000       | 2023-12-20
        2024-03 | {AREA}101     |            | 购买服务       | 基本         | 90000       |
        2024-02 | {AREA}100     |            | 福彩公益金项目 | 基本         | 50000       | 2024-02-20
        2024-03 | {AREA}100     | a          | 城市低保       | 基本         | 500         | 2024-03-20
        2024-03 | {AREA}100     | b          | 城市低保       | 分类施保     | 140         | 2024-03-20
        2024-03 | {AREA}100     | c          | 农村低保       | 基本         | 300         | 2024-03-20
        2024-03 | {AREA}100     | c          | 农村低保       | 补发         | 900         | 2024-03-20
        2024-02 | {AREA}100     | a          | 城市低保       | 价格临时补贴 | 30          | 2024-02-28
        2024-03 | {AREA}100     | a          | 城市低保       | 价格临时补贴 | 30          | 2024-05-02
        2024-03 | {AREA}100     | a          | 城市低保       | 价格临时补贴 | 30          | 2024-03-15
    """,
    "cpi_series": """
        month   | index_month | place | cpi_yoy | food_yoy | published_on
        2024-02 | 2024-01     | 青海  | 3.6     | 1.0      | 2024-02-09
        2024-03 | 2024-02     | 青海  | 3.4     | 1.0      | 2024-03-09
        2024-04 | 2024-03     | 青海  | 3.5     | 1.0      | 2024-04-11
    """,
    "policy_param": """
        month   | param_code        | band     | value | valid_from
        2021-01 | price_link_cpi    |          | 3.5   | 2021-01-01
        2021-01 | price_link_food   |          | 6     | 2021-01-01
        2021-01 | dibao_std_urban   |          | 640   | 2021-01-01
        2021-01 | dibao_std_rural   |          | 4800  | 2021-01-01
        2021-01 | elder_service_std | 重度失能 | 180   | 2021-01-01
        2021-01 | orphan_std        | 集中养育 | 1500  | 2021-01-01
        2023-06 | orphan_std        | 集中养育 | 1650  | 2023-06-01
        2021-01 | pwd_living_std    | 1-2级    | 100   | 2019-01-01
        2021-01 | pwd_living_std    | 1-2级    | 110   | 2020-07-01
        2021-01 | pwd_living_std    | 1-2级    | 120   | 2022-01-01
        2021-01 | pwd_living_std    | 3-4级    | 50    | 2022-01-01
        2021-01 | pwd_care_std      | 1-2级    | 100   | 2021-01-01
        2024-01 | pwd_care_std      | 1-2级    | 110   | 2024-03-31
        2024-01 | pwd_care_std      | 1-2级    | 120   | 2024-04-01
    """,
}
LEADS = f"""
    rule_id | month   | township_code | person_key
    CB07    | 2024-03 | {AREA}101     | o3
    CB07    | 2024-02 | {AREA}101     | o1
"""
COVERED = (
    "dibao_roll",
    "tekun_roll",
    "child_roll",
    "elder_roll",
    "application",
    "payment_ledger",
    "death_list",
    "cpi_series",
)

NAMES = """afterlife_joint_cases alert_closed_rate alert_open alert_to_aid_days apply_days boundary_safe_creation
    caregiver_contests charity_disclosure_rate charity_orgs child_coverage cremation_rate death_sync_rate
    dibao_benefit_ratio dibao_class_aid_persons dibao_grace_households dibao_review_rate dibao_single_person
    dq_revision_rate eco_burial_rate elder_assoc_coverage elder_catalogue_items elder_facility_village_coverage
    elder_purchase_spend elder_service_std elder_subsidy_precision funeral_aid_coverage funeral_aid_persons
    funeral_satisfaction lottery_fund_used marriage_appoint_rate marriage_archive_rate marriage_counsel_coverage
    marriage_cross_cases marriage_township_offices minor_cases_closed minor_coord_meetings missed_resolved_rate
    new_estate_facility_rate ngo_annual_check_rate ngo_decoupled_rate ngo_direct_registered ngo_online_rate
    ngo_purchase_spend ngo_reg_days old_age_coverage orphan_adult_settled orphan_std_growth placename_approvals
    placename_fixed_rate placename_standard_rate price_subsidy_timely publicity_handbooks publicity_village_coverage
    pwd_std_adjustments social_worker_certified social_workers_per_1000_elders staff_appraisal_done
    tekun_care_tier_persons tekun_recreation_items training_pass_rate training_sessions vagrant_supervision
    village_council_coverage village_supervision_coverage volunteers"""
UNPINNED = frozenset(NAMES.split())

VALUES = [
    ("dibao_class_aid_persons", {}, [2, 2, 0]),
    ("dibao_single_person", {}, [2, 2, 0]),
    ("dibao_grace_households", {}, [2, 2, 0]),
    ("dibao_review_rate", {}, [100 / 3, 50, 0]),
    (
        "dibao_benefit_ratio",
        {},
        [940 / (2 * 640 + 3 * 400) * 100, 940 / (2 * 640 + 2 * 400) * 100, 0],
    ),
    ("dibao_benefit_ratio", {"residence": "R"}, [300 / 1200 * 100, 300 / 800 * 100, 0]),
    ("tekun_care_tier_persons", {"category": "CARE_PARTIAL"}, [2, 1, 1]),
    ("tekun_care_tier_persons", {"category": "CARE_FULL"}, [0, 0, 0]),
    ("child_coverage", {}, [200 / 3, 50, 100]),
    ("child_coverage", {"category": "FACT"}, [100, None, 100]),
    ("orphan_adult_settled", {}, [100 / 3, 50, 0]),
    ("elder_subsidy_precision", {}, [75, 100, 50]),
    ("old_age_coverage", {}, [3 / 500 * 100, 2, 1]),
    ("apply_days", {}, [10, 7, 30]),
    ("elder_purchase_spend", {}, [3, 2, 1]),
    ("lottery_fund_used", {}, [5, 5, 0]),
    ("death_sync_rate", {}, [75]),
    ("elder_service_std", {"category": "GRADE_3"}, [180]),
    ("orphan_std_growth", {"category": "CARE_INST"}, [10]),
    ("pwd_std_adjustments", {}, [2]),
    ("price_subsidy_timely", {}, [50]),
    ("cremation_rate", {}, [5 / 3 * 100]),
    ("funeral_aid_coverage", {}, [5 / 2 * 100]),
    ("social_workers_per_1000_elders", {}, [5]),
    ("elder_assoc_coverage", {}, [500]),
    ("publicity_village_coverage", {}, [500]),
    ("village_council_coverage", {}, [500]),
    ("village_supervision_coverage", {}, [500]),
]
ELSEWHERE = {
    "alert_closed_rate", "alert_open", "alert_to_aid_days", "missed_resolved_rate",  # test_alerts
    "elder_facility_village_coverage", "tekun_recreation_items",  # test_care
    "dq_revision_rate",  # test_revisions
}  # fmt: skip


def items() -> dict[str, list[tuple[str, str]]]:
    """Indicator to its items, code and kind, as the contract lists them."""
    found: dict[str, list[tuple[str, str]]] = {}
    with (CONTRACTS / "comprehensive_items.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["indicator_id"], []).append((row["item_code"], row["kind"]))
    return found


BY_ITEMS = sorted(
    code
    for code, own in items().items()
    if code in UNPINNED
    and len(own) == (2 if own[0][0].endswith(("_n", "_d")) else 1)
    and "county" in registry()[code].areas
)
SCALE = {
    "ngo_reg_days": 1,
    "ngo_purchase_spend": 0.0001,
    "charity_donation": 0.0001,
    "lottery_sales": 0.0001,
}
OTHER_DENOMINATOR = {code for code, *_ in VALUES}


@pytest.fixture(scope="module")
def found():
    """Every observation of March and April 2024; in April nothing has come in."""
    with duckdb.connect() as connection:
        create_tables(connection)
        for name, drawing in DRAWN.items():
            fill(connection, f"register.{name}", drawing)
        fill(connection, "lead.lead", LEADS)
        for name, month in product(COVERED, ("2023-12", "2024-01", "2024-02", MARCH)):
            for place in [AREA] if name in ("death_list", "cpi_series") else townships():
                connection.execute(
                    "insert into register.coverage (dataset, month, township_code, intake_no, absent_columns) values (?, ?, ?, 1, '')",
                    [name, month, place],
                )
        for name in DRAWN:
            sent_by_the_county(connection, f"register.{name}")
        for code in townships():
            connection.execute(
                "insert into register.population (month, year, township_code, population_source, population, age_60_plus, age_70_plus)"
                " values ('2024-01', 2024, ?, '常住', 1000, 200, 100)",
                [code],
            )
        connection.execute(
            "insert into register.region (month, region_code, region_level, region_kind, valid_from) values "
            f"('2024-01', '{AREA}100200', '村社', '村委会', '2020-01-01')"
        )
        for name in ("region", "population"):
            connection.execute(
                f"insert into register.coverage (dataset, month, township_code, intake_no) values (?, '2024-01', '{AREA}', 1)",
                [name],
            )
        for own in items().values():
            for item, _ in own:
                times = 10 if item.endswith("_d") else 1
                for month, value in (("2024-01", 2), ("2024-02", 3), (MARCH, 5)):
                    connection.execute(
                        "insert into register.comprehensive_return (month, township_code, item_code, month_value, month_value_mark)"
                        " values (?, ?, ?, ?, 'number')",
                        [month, AREA, item, value * times],
                    )
        compute(connection, [MARCH, APRIL])
        rows = observations(connection, MARCH, APRIL).iter_rows(named=True)
        return {
            (r["indicator_id"], r["ref_area"], r["time_period"], *(r[name] for name in TOTAL)): r
            for r in rows
        }


def fill(connection, table: str, drawing: str) -> None:
    headings, rows = read_drawing(drawing)
    marks = ", ".join("?" for _ in headings)
    connection.executemany(f"insert into {table} ({', '.join(headings)}) values ({marks})", rows)


def cell(found, code: str, area: str = AREA, month: str = MARCH, **broken) -> dict:
    return found[(code, area, month, *(TOTAL | broken).values())]


@pytest.mark.parametrize(("code", "broken", "expected"), VALUES)
def test_a_drawn_value(found, code, broken, expected):
    areas = (AREA, SHALIUHE, HARGAI)[: len(expected)]
    assert [cell(found, code, area, **broken)["obs_value"] for area in areas] == pytest.approx(
        expected
    )


@pytest.mark.parametrize(
    "code",
    sorted(
        {code for code, *_ in VALUES}
        - {"elder_service_std", "orphan_std_growth", "pwd_std_adjustments"}
    ),
)
def test_missing_without_its_input_and_the_reason_stands_by_it(found, code):
    later = [row for key, row in found.items() if key[0] == code and key[2] == APRIL]
    assert {row["obs_status"] for row in later} == {"M"}
    assert all(row["note"] and row["obs_value"] is row["numerator"] is None for row in later)


@pytest.mark.parametrize("code", [code for code in BY_ITEMS if code not in OTHER_DENOMINATOR])
def test_an_item_is_the_months_number_or_the_sum_of_the_year(found, code):
    own = items()[code]
    ratio = len(own) == 2
    number = 10 if own[0][1] == "flow" else 5
    times = SCALE.get(code, 100 if ratio else 1)
    row = cell(found, code)
    assert row["obs_value"] == pytest.approx((0.1 if ratio else number) * times)
    assert (row["numerator"], row["denominator"]) == (number, number * 10 if ratio else None)
    assert cell(found, code, month=APRIL)["obs_status"] == "M"


def test_every_indicator_that_nothing_else_recounts_is_drawn_here(found):
    drawn = {code for code, *_ in VALUES} | set(BY_ITEMS) | ELSEWHERE
    assert drawn >= UNPINNED, UNPINNED - drawn


@pytest.mark.parametrize(("months", "status"), [(("2024-01", "2024-02"), "A"), (("2024-02",), "M")])
def test_price_subsidies_are_judged_only_when_every_index_of_the_year_is_known(
    warehouse, given, in_force, cells, months, status
):
    given("register.policy_param", DRAWN["policy_param"])
    rows = "".join(f"2024-03 | {month} | 青海 | 3.6 | 1.0 | 2024-03-09\n" for month in months)
    given(
        "register.cpi_series",
        "month | index_month | place | cpi_yoy | food_yoy | published_on\n" + rows,
    )
    in_force("payment_ledger", "2024-01", "2024-02")
    row = cells("2024-02")("price_subsidy_timely")
    assert (row["obs_status"], row["denominator"]) == (status, 2 if status == "A" else None)


@pytest.mark.parametrize("absent", ["review_due_on", "reviewed_on"])
def test_a_rate_is_missing_where_a_file_lacks_any_column_it_reads(in_force, cells, absent):
    in_force("dibao_roll", "2024-03", places=[SHALIUHE], absent=f"hukou,{absent}")
    in_force("dibao_roll", "2024-03", places=[code for code in townships() if code != SHALIUHE])
    found = cells("2024-03")
    assert [
        found("dibao_review_rate", area)["obs_status"] for area in (AREA, SHALIUHE, HARGAI)
    ] == ["M", "M", "L"]
    assert found("dibao_review_rate")["note"] == "报表缺少所需栏目"


def test_a_column_that_an_earlier_month_of_the_year_lacks_leaves_the_year_so_far_missing(
    in_force, cells
):
    in_force("child_roll", "2023-12", absent="adult_settlement")
    in_force("child_roll", "2024-01", places=[HARGAI], absent="adult_settlement")
    in_force("child_roll", "2024-01", places=[code for code in townships() if code != HARGAI])
    in_force("child_roll", "2024-02")
    found = cells("2024-02")
    assert [
        found("orphan_adult_settled", area)["obs_status"] for area in (AREA, SHALIUHE, HARGAI)
    ] == ["M", "L", "M"]
