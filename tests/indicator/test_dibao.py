"""Dibao: who counts, where, and who is new or gone."""

from tests.indicator.conftest import HARGAI, JIERMENG, SHALIUHE, values
from tests.place import AREA

ROLL = "register.dibao_roll"


def test_a_stopped_person_is_in_no_stock_and_a_restored_one_is(given, in_force, cells):
    given(
        ROLL,
        f"""
        month   | township_code | region_code  | person_key | household_key | scheme | status | active | sex | age | disability_level
        2024-03 | {AREA}100     | {AREA}100200 | a          | h1            | 农村低保 | 在保     | true   | F   | 17  | 1
        2024-03 | {AREA}100     | {AREA}100200 | b          | h1            | 农村低保 | 恢复     | true   | M   | 60  |
        2024-03 | {AREA}100     | {AREA}100000 | c          | h2            | 农村低保 | 新增     | true   | M   | 18  | 未知
        2024-03 | {AREA}100     | {AREA}100200 | d          | h3            | 农村低保 | 停保     | false  | M   | 40  |
        2024-03 | {AREA}101     | {AREA}101200 | e          | h1            | 城市低保 | 在保     | true   | F   | 59  | 4
        """,
    )
    in_force("dibao_roll", "2024-03")
    find = cells("2024-03")
    assert values(
        find, "dibao_rural_persons", (AREA, SHALIUHE, HARGAI, f"{AREA}100200", f"{AREA}100201")
    ) == [
        3,
        3,
        0,
        2,
        0,
    ]
    assert values(find, "dibao_rural_households", (AREA, SHALIUHE, f"{AREA}100200")) == [2, 2, 1]
    assert values(find, "dibao_urban_persons", (AREA, SHALIUHE, HARGAI)) == [1, 0, 1]
    assert values(find, "dibao_urban_households") == [1]
    by = [find("dibao_rural_persons", **cell)["obs_value"] for cell in ({"sex": "F"}, {"sex": "M"})]
    assert by == [1, 2]
    ages = [
        find("dibao_rural_persons", age_group=group)["obs_value"]
        for group in ("Y0T17", "Y18T59", "Y_GE60")
    ]
    assert ages == [1, 1, 1]
    assert [
        find("dibao_rural_persons", category=code)["obs_value"] for code in ("DIS", "NDIS")
    ] == [1, 1]


def test_a_person_in_two_townships_counts_once_in_the_county_but_households_by_township(
    given, in_force, cells
):
    given(
        ROLL,
        f"""
        month   | township_code | region_code  | person_key | household_key | scheme | status | active
        2024-03 | {AREA}100     | {AREA}100200 | a          | h1            | 农村低保 | 在保     | true
        2024-03 | {AREA}101     | {AREA}101200 | a          | h1            | 农村低保 | 在保     | true
        2024-03 | {AREA}101     | {AREA}101200 | b          | h1            | 城市低保 | 在保     | true
        """,
    )
    in_force("dibao_roll", "2024-03")
    find = cells("2024-03")
    assert values(find, "dibao_rural_persons", (AREA, SHALIUHE, HARGAI)) == [1, 1, 1]
    assert values(find, "dibao_rural_households") == [2]


def test_a_township_that_has_not_reported_makes_itself_its_villages_and_the_county_missing(
    given, in_force, cells
):
    given(
        ROLL,
        f"""
        month   | township_code | region_code  | person_key | household_key | scheme | status | active
        2024-03 | {AREA}100     | {AREA}100200 | a          | h1            | 农村低保 | 在保     | true
        """,
    )
    in_force(
        "dibao_roll", "2024-03", places=[f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201"]
    )
    find = cells("2024-03")
    county, village = find("dibao_rural_persons"), find("dibao_rural_persons", f"{AREA}202200")
    for cell in (county, find("dibao_rural_persons", JIERMENG), village):
        assert (cell["obs_status"], cell["obs_value"], cell["numerator"]) == ("M", None, None)
    assert county["note"] == "缺:城乡低保花名册(已报4/5,未报:吉尔孟乡)"
    assert (
        find("dibao_rural_persons", HARGAI)["obs_value"],
        find("dibao_rural_persons", HARGAI)["obs_status"],
    ) == (
        0,
        "A",
    )
    assert values(find, "dibao_rural_persons", (SHALIUHE,)) == [1]


def test_a_file_without_the_disability_column_makes_those_cells_missing_and_no_other(
    given, in_force, cells
):
    in_force("dibao_roll", "2024-03", places=[f"{AREA}100"], absent="disability_level, stop_reason")
    in_force(
        "dibao_roll", "2024-03", places=[f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202"]
    )
    find = cells("2024-03")
    assert find("dibao_rural_persons", category="DIS")["obs_status"] == "M"
    assert find("dibao_rural_persons", SHALIUHE, category="NDIS")["obs_status"] == "M"
    assert find("dibao_rural_persons", HARGAI, category="DIS")["obs_status"] == "A"
    assert find("dibao_rural_persons", sex="F")["obs_status"] == "A"
    assert find("dibao_exit", category="DEATH")["obs_status"] == "M"
    assert find("dibao_exit", residence="U")["obs_status"] == "A"


def test_new_and_gone_leave_out_moves_rebuilds_restarts_and_repeats(given, in_force, cells):
    given(
        ROLL,
        f"""
        month   | township_code | person_key | scheme | status | active | stop_reason
        2024-02 | {AREA}100     | mover      | 农村低保 | 在保     | true   |
        2024-03 | {AREA}100     | mover      | 农村低保 | 停保     | false  | 迁出
        2024-03 | {AREA}101     | mover      | 农村低保 | 新增     | true   |
        2024-02 | {AREA}100     | rebuilt    | 农村低保 | 在保     | true   |
        2024-03 | {AREA}100     | rebuilt    | 农村低保 | 停保     | false  | 合并
        2024-03 | {AREA}100     | rebuilt    | 农村低保 | 新增     | true   |
        2024-03 | {AREA}100     | restored   | 农村低保 | 恢复     | true   |
        2024-02 | {AREA}101     | known      | 城市低保 | 在保     | true   |
        2024-03 | {AREA}100     | known      | 农村低保 | 新增     | true   |
        2024-02 | {AREA}100     | repeated   | 农村低保 | 停保     | false  | 死亡
        2024-03 | {AREA}100     | repeated   | 农村低保 | 停保     | false  | 死亡
        2024-03 | {AREA}100     | fresh      | 城市低保 | 新增     | true   |
        2024-02 | {AREA}100     | returning  | 农村低保 | 停保     | false  | 其他
        2024-03 | {AREA}100     | returning  | 农村低保 | 新增     | true   |
        2024-03 | {AREA}100     | both       | 农村低保 | 停保     | false  | 合并
        2024-03 | {AREA}101     | both       | 农村低保 | 新增     | true   |
        2024-03 | {AREA}101     | gone       | 农村低保 | 停保     | false  | 死亡
        2024-03 | {AREA}101     | unsaid     | 城市低保 | 停保     | false  |
        """,
    )
    in_force("dibao_roll", "2024-02", "2024-03")
    find = cells("2024-02", "2024-03")
    assert values(find, "dibao_new", (AREA, SHALIUHE, HARGAI)) == [2, 2, 0]
    assert [find("dibao_new", residence=code)["obs_value"] for code in "UR"] == [1, 1]
    assert values(find, "dibao_exit", (AREA, SHALIUHE, HARGAI)) == [2, 0, 2]
    reasons = {
        code: find("dibao_exit", category=code)["obs_value"]
        for code in ("DEATH", "UNKNOWN", "MOVE", "MERGE")
    }
    assert reasons == {"DEATH": 1, "UNKNOWN": 1, "MOVE": 0, "MERGE": 0}
    assert find("dibao_exit", month="2024-02")["obs_value"] == 2, (
        "without the month before, its test is skipped"
    )


def test_coverage_names_its_population_and_is_an_estimate_when_that_is_older(
    given, in_force, cells
):
    given(
        ROLL,
        f"""
        month   | township_code | person_key | scheme | status | active
        2024-03 | {AREA}100     | a          | 城市低保 | 在保     | true
        2024-03 | {AREA}100     | b          | 农村低保 | 在保     | true
        """,
    )
    given(
        "register.population",
        population_of(2022, "常住", 100) + population_of(2023, "户籍", 200, heading=False),
    )
    in_force("dibao_roll", "2024-03")
    find = cells("2024-03")
    cell = find("dibao_coverage")
    assert (cell["numerator"], cell["denominator"], cell["obs_value"], cell["obs_status"]) == (
        2,
        1000,
        0.2,
        "E",
    )
    assert cell["note"] == "人口口径:户籍人口(2023年)"
    assert find("dibao_coverage", SHALIUHE, residence="U")["obs_value"] == 100 / 80
    empty = find("dibao_coverage", HARGAI)
    assert (empty["numerator"], empty["obs_value"], empty["obs_status"]) == (0, 0, "E")


def test_a_population_that_lacks_a_township_is_no_population(given, in_force, cells):
    given("register.population", "\n".join(population_of(2024, "常住", 100).splitlines()[:-1]))
    in_force("dibao_roll", "2024-03")
    find = cells("2024-03")
    assert (find("dibao_coverage")["obs_status"], find("pop_resident")["obs_status"]) == ("M", "M")
    assert find("dibao_coverage")["note"] == "缺:分乡镇人口"


def population_of(year: int, source: str, persons: int, heading: bool = True) -> str:
    columns = "month | year | township_code | population_source | population | urban_population | rural_population | "
    columns += "age_60_plus | age_70_plus | age_80_plus\n"
    rows = [
        f"2024-01 | {year} | {code} | {source} | {persons} | {persons * 0.4:.0f} | {persons * 0.6:.0f} | 20 | 10 | 5\n"
        for code in (f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202")
    ]
    return (columns if heading else "") + "".join(rows)


def test_the_benefit_level_has_no_price_subsidy_back_pay_or_refund(given, in_force, cells):
    given(
        ROLL,
        f"""
        month   | township_code | person_key | scheme | status | active
        2024-03 | {AREA}100     | a          | 城市低保 | 在保     | true
        2024-03 | {AREA}100     | b          | 城市低保 | 新增     | true
        """,
    )
    given(
        "register.payment_ledger",
        f"""
        month   | township_code | payment_key | scheme | payment_kind | person_key | amount_due | amount_paid | due_on     | paid_on
        2024-03 | {AREA}100     | 1           | 城市低保 | 基本           | a          | 500        | 500         | 2024-03-10 | 2024-04-02
        2024-03 | {AREA}100     | 2           | 城市低保 | 分类施保        | a          | 75         | 75          | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 3           | 城市低保 | 价格临时补贴     | a          | 20         | 20          | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 4           | 城市低保 | 补发           | a          | 28         | 28          | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 5           | 城市低保 | 追回           | b          | -100       | -100        | 2024-03-10 | 2024-03-10
        2024-03 | {AREA}100     | 6           | 城市低保 | 基本           | b          | 500        | 500         | 2024-03-10 |
        2024-02 | {AREA}100     | 7           | 城市低保 | 基本           | a          | 500        | 500         | 2024-02-10 | 2024-03-10
        """,
    )
    in_force("dibao_roll", "2024-03")
    in_force("payment_ledger", "2024-01", "2024-02", "2024-03")
    find = cells("2024-03")
    assert values(find, "dibao_subsidy_urban") == [575 / 2]
    assert find("dibao_subsidy_rural")["obs_status"] == "L"
    assert find("dibao_spend_urban_ytd")["numerator"] == 500 + 500 + 75 + 20 + 28 - 100
    assert values(find, "dibao_spend_urban_ytd", (AREA, HARGAI)) == [1023 * 0.0001, 0]


def test_the_year_to_date_is_missing_when_one_month_of_the_year_is(in_force, cells):
    in_force("payment_ledger", "2023-12", "2024-01", "2024-03")
    find = cells("2024-01", "2024-03")
    assert find("civil_spend_ytd")["obs_status"] == "M"
    assert find("civil_spend_ytd")["note"] == "缺:救助补贴资金发放台账(2024-02)"
    assert find("civil_spend_ytd", month="2024-01")["obs_value"] == 0
