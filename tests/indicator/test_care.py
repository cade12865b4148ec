"""Institutions, community sites, temporary aid, applications, payments."""

import pytest

from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA


def test_beds_of_open_institutions_and_operating_sites(given, in_force, cells):
    given(
        "register.care_facility",
        f"""
        month   | township_code | region_code  | facility_code | facility_kind | bed_count | nursing_bed_count | resident_count | caregiver_count | certified_caregiver_count | trained_person_times | recreation_standard_met | opened_on  | closed_on
        2024-03 | {AREA}100     | {AREA}100200 | f1            | 社会福利院         | 60        | 33                | 30             | 6               | 3                         | 4                    | false                   | 2024-03-31 |
        2024-03 | {AREA}100     | {AREA}100201 | f2            | 特困供养机构        | 40        | 10                | 20             | 2               | 1                         | 5                    | true                    | 2020-01-01 | 2024-04-01
        2024-03 | {AREA}101     | {AREA}101200 | f3            | 其他养老机构        | 99        | 99                | 99             | 9               | 9                         | 6                    | true                    | 2020-01-01 | 2024-03-31
        2024-02 | {AREA}100     | {AREA}100200 | f1            | 社会福利院         | 60        | 30                | 30             | 6               | 3                         | 7                    | false                   | 2024-03-31 |
        """,
    )
    given(
        "register.community_care",
        f"""
        month   | township_code | region_code  | site_code | site_kind | operating | community_bed_count | home_bed_count | meal_person_times | served_region_codes       | retrofitted_households | family_carer_trained | special_elder_listed | special_elder_visited
        2024-03 | {AREA}101     | {AREA}101200 | s1        | 幸福食堂      | true      | 10                  | 5              | 300               | {AREA}100200、{AREA}101201 | 2                      | 1                    | 10                   | 9
        2024-03 | {AREA}101     | {AREA}101000 | s3        | 日间照料中心    | true      | 0                   | 0              | 50                | {AREA}100001              | 0                      | 0                    | 0                    | 0
        2024-03 | {AREA}101     | {AREA}101201 | s2        | 幸福食堂      | false     | 99                  | 99             | 99                | {AREA}101200              | 3                      | 1                    | 10                   | 6
        2024-02 | {AREA}101     | {AREA}101201 | s2        | 幸福食堂      | true      | 99                  | 99             | 99                | {AREA}101200              | 4                      | 1                    | 10                   | 6
        """,
    )  # fmt: skip
    given(
        "register.region",
        f"""
        month   | region_code  | region_level | region_kind | valid_from
        2024-01 | {AREA}100200 | 村社           | 村委会        | 2020-01-01
        2024-01 | {AREA}100201 | 村社           | 村委会        | 2020-01-01
        2024-01 | {AREA}100001 | 村社           | 居委会        | 2020-01-01
        2024-01 | {AREA}101200 | 村社           | 村委会        | 2020-01-01
        2024-01 | {AREA}101201 | 村社           | 村委会        | 2020-01-01
        """,
    )
    in_force("region", "2024-01")
    in_force("care_facility", "2024-01", "2024-02", "2024-03")
    in_force("community_care", "2024-01", "2024-02", "2024-03")
    find = cells("2024-03")
    assert values(find, "inst_count", (AREA, SHALIUHE, HARGAI)) == [2, 2, 0]
    assert values(find, "inst_beds") == [100]
    assert find("inst_beds", category="K_TEKUN")["obs_value"] == 40
    assert find("inst_beds", category="K_OTHER")["obs_value"] == 0
    assert values(find, "nursing_bed_share") == [43]
    assert find("nursing_bed_share", HARGAI)["obs_status"] == "L"
    assert values(find, "bed_occupancy") == [50]
    assert values(find, "beds_total", (AREA, SHALIUHE, HARGAI)) == [110, 100, 10]
    assert find("beds_per_1000_60plus")["obs_status"] == "M", "no population"
    assert values(find, "home_care_beds") == [5]
    assert values(find, "canteen_count", (AREA, HARGAI)) == [1, 1]
    assert values(find, "canteen_village_coverage", (AREA, SHALIUHE, HARGAI)) == [
        2 / 5 * 100,
        1 / 3 * 100,
        50,
    ]
    assert values(find, "rural_service_facility_coverage", (AREA, SHALIUHE, HARGAI)) == [
        100,
        100,
        100,
    ]
    assert values(find, "elder_facility_village_coverage", (AREA, SHALIUHE)) == [100, 100]
    assert values(find, "daycare_count") == [1]
    assert values(find, "special_elder_visit_rate") == [75]
    assert values(find, "home_retrofit_households") == [9]
    assert values(find, "caregiver_trained", (AREA, HARGAI)) == [22, 6]
    assert values(find, "tekun_recreation_items") == [100]


def test_temporary_aid_adds_person_times_and_takes_the_median_of_days(given, in_force, cells):
    given(
        "register.temp_aid",
        f"""
        month   | township_code | grant_key | applied_on | granted_on | cause | person_times | amount | local_hukou
        2024-02 | {AREA}100     | 1         | 2024-02-01 | 2024-02-02 | 火灾    | 3            | 3000   | true
        2024-03 | {AREA}100     | 2         | 2024-02-27 | 2024-03-01 | 重病    | 1            | 500    | false
        2024-03 | {AREA}100     | 3         | 2024-03-01 | 2024-03-11 | 重病    | 2            | 2500   | true
        2024-03 | {AREA}101     | 4         | 2024-03-01 | 2024-03-05 | 其他    | 1            | 1000   | true
        2023-12 | {AREA}101     | 5         | 2023-12-01 | 2023-12-05 | 其他    | 9            | 9000   | true
        """,
    )
    in_force("temp_aid", "2024-01", "2024-02", "2024-03")
    find = cells("2024-01", "2024-02", "2024-03")
    assert values(find, "temp_aid_times", (AREA, SHALIUHE, HARGAI)) == [7, 6, 1]
    assert [
        find("temp_aid_times", category=code)["obs_value"]
        for code in ("CAUSE_ILLNESS", "LOCAL", "NONLOCAL")
    ] == [
        3,
        6,
        1,
    ]
    assert values(find, "temp_aid_level") == [1000]
    days = find("temp_aid_days", SHALIUHE)
    assert (days["obs_value"], days["numerator"], days["denominator"]) == (6.5, None, None)
    assert values(find, "temp_aid_days") == [4]
    assert find("temp_aid_days", month="2024-01")["obs_status"] == "L"
    assert find("temp_aid_times", month="2024-01")["obs_value"] == 0


def test_applications_of_the_month_whatever_their_date(given, in_force, cells):
    given(
        "register.application",
        f"""
        month   | township_code | application_key | matter | channel | applied_on | residence_permit | verify_requested_on | verify_reported_on | decided_on
        2024-03 | {AREA}100     | 1               | 特困     | 网上      | 2023-12-01 | true             | 2024-03-01          | 2024-03-02         | 2024-03-02
        2024-03 | {AREA}100     | 2               | 临时救助   | 乡镇窗口    | 2024-03-01 | false            | 2024-03-01          |                    |
        2024-02 | {AREA}101     | 1               | 特困     | 网上      | 2023-12-01 | true             | 2024-02-01          |                    |
        """,
    )
    in_force("application", "2024-01", "2024-02", "2024-03")
    find = cells("2024-03")
    assert values(find, "verify_rate") == [50]
    assert find("verify_rate", category="M_TEMP")["obs_value"] == 0
    assert find("verify_rate", category="M_EDGE")["obs_status"] == "L"
    assert find("verify_rate", HARGAI)["obs_status"] == "L"
    assert values(find, "online_apply_share") == [50]
    assert values(find, "verify_requests", (AREA, SHALIUHE, HARGAI)) == [2, 2, 1]
    assert values(find, "residence_permit_cases") == [1]


def test_a_pair_is_paid_in_time_when_every_row_is_and_in_full(given, in_force, cells):
    given(
        "register.payment_ledger",
        f"""
        month   | township_code | payment_key | scheme | payment_kind | person_key | amount_due | amount_paid | due_on     | paid_on
        2024-03 | {AREA}100     | 1           | 城市低保 | 基本           | a          | 500        | 500         | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}101     | 2           | 城市低保 | 分类施保        | a          | 75         | 75          | 2024-03-10 | 2024-03-11
        2024-03 | {AREA}100     | 3           | 高龄补贴 | 基本           | a          | 110        | 100         | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 4           | 高龄补贴 | 基本           | b          | 110        | 110         | 2024-03-10 | 2024-03-09
        2024-03 | {AREA}100     | 5           | 高龄补贴 | 补发           | b          | 110        | 110         | 2024-03-10 |
        2024-03 | {AREA}100     | 6           | 购买服务 | 基本           |            | 9000       | 9000        | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 7           | 临时救助 | 基本           | c          | 900        | 900         | 2024-03-10 | 2024-03-10
        """,
    )
    in_force("payment_ledger", "2024-03")
    find = cells("2024-03")
    rate = find("payment_ontime_rate")
    assert (rate["numerator"], rate["denominator"]) == (1, 3)
    assert [find("payment_ontime_rate", place)["numerator"] for place in (SHALIUHE, HARGAI)] == [
        2,
        0,
    ]
    assert find("payment_ontime_rate", category="P_OLD_AGE")["obs_value"] == 50


@pytest.mark.parametrize("indicator", ["wrong_suspects", "death_paid_persons"])
def test_a_lead_counts_a_person_once_and_by_rule_or_scheme(given, in_force, cells, indicator):
    given(
        "lead.lead",
        f"""
        rule_id | month   | person_key | township_code
        SW01    | 2024-03 | a          | {AREA}100
        SW01    | 2024-03 | a          | {AREA}101
        SW02    | 2024-03 | a          | {AREA}100
        CB05    | 2024-03 | b          | {AREA}100
        """,
    )
    given(
        "register.payment_ledger",
        f"""
        month   | township_code | scheme | payment_kind | person_key | amount_paid | paid_on
        2024-03 | {AREA}100     | 城市低保 | 基本           | a          | 500         | 2024-03-10
        2024-03 | {AREA}101     | 高龄补贴 | 价格临时补贴     | a          | 20          | 2024-03-10
        2024-03 | {AREA}101     | 孤儿    | 补发           | a          | 20          | 2024-03-10
        """,
    )
    given(
        "register.policy_param",
        """
        month   | param_code          | value | valid_from
        2024-01 | asset_hit_months    | 12    | 2020-01-01
        2024-01 | asset_deposit_limit | 5000  | 2020-01-01
        2024-01 | dibao_std_urban     | 5000  | 2020-01-01
        2024-01 | dibao_std_rural     | 5000  | 2020-01-01
        """,
    )
    for name in (
        "dibao_roll",
        "tekun_roll",
        "child_roll",
        "pwd_roll",
        "elder_roll",
        "payment_ledger",
        "death_list",
        "asset_hit",
    ):
        in_force(name, "2024-03")
    find = cells("2024-03")
    assert values(find, indicator, (AREA, SHALIUHE, HARGAI)) == [1, 1, 1]
    if indicator == "death_paid_persons":
        schemes = [
            find(indicator, category=code)["obs_value"]
            for code in ("P_DIBAO_U", "P_OLD_AGE", "P_ORPHAN")
        ]
        assert schemes == [1, 1, 0]
    else:
        assert [
            find(indicator, category=code)["obs_value"] for code in ("SW01", "SW02", "CF01")
        ] == [1, 1, 0]


def test_suspects_are_missing_without_a_parameter(given, in_force, cells):
    for name in (
        "dibao_roll",
        "tekun_roll",
        "child_roll",
        "pwd_roll",
        "elder_roll",
        "payment_ledger",
        "death_list",
        "asset_hit",
    ):
        in_force(name, "2024-03")
    cell = cells("2024-03")("wrong_suspects")
    assert (cell["obs_status"], cell["note"]) == ("M", "缺:现行救助标准或参数")
