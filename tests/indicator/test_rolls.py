"""The other rolls: destitute persons, low income, children, disabled and old people."""

from tests.indicator.conftest import HARGAI, SHALIUHE, values
from tests.place import AREA


def test_destitute_persons_by_form_and_care(given, in_force, cells):
    given(
        "register.tekun_roll",
        f"""
        month   | township_code | person_key | area | status | active | sex | age | support_form | self_care_grade
        2024-03 | {AREA}100     | a          | 农村   | 在保     | true   | M   | 70  | 集中           | 全护理
        2024-03 | {AREA}100     | b          | 农村   | 在保     | true   | F   | 17  | 分散           | 全护理
        2024-03 | {AREA}101     | c          | 城市   | 在保     | true   | M   | 16  | 分散           | 全自理
        2024-03 | {AREA}101     | d          | 农村   | 停保     | false  | M   | 70  | 集中           | 半护理
        """,
    )
    in_force("tekun_roll", "2024-03")
    find = cells("2024-03")
    assert values(find, "tekun_rural_persons", (AREA, SHALIUHE, HARGAI)) == [2, 2, 0]
    forms = [
        find("tekun_rural_persons", category=code)["obs_value"]
        for code in ("FORM_C", "FORM_D", "CARE_FULL", "CARE_SELF")
    ]
    assert forms == [1, 1, 2, 0]
    assert values(find, "tekun_central_rate") == [1 / 3 * 100]
    assert values(find, "tekun_dependent_central_rate") == [50]
    assert find("tekun_dependent_central_rate", category="CARE_PARTIAL")["obs_status"] == "L"
    assert find("tekun_dependent_central_rate", HARGAI)["obs_status"] == "L"
    assert values(find, "tekun_minor_16_17", (AREA, SHALIUHE)) == [2, 1]


def test_monitored_persons_fall_into_the_first_class_of_the_area(given, in_force, cells):
    given(
        "register.lowinc_register",
        f"""
        month   | township_code | person_key | household_key | lowinc_class | entered_on | left_on
        2024-03 | {AREA}100     | a          | h1            | 低保边缘         | 2024-03-31 |
        2024-03 | {AREA}100     | b          | h1            | 低保边缘         | 2024-01-01 | 2024-03-31
        2024-03 | {AREA}100     | c          | h2            | 刚性支出困难       | 2024-01-01 | 2024-04-01
        2024-03 | {AREA}101     | a          | h3            | 防返贫监测        | 2024-01-01 |
        2024-03 | {AREA}101     | d          | h4            | 退出两年内        | 2024-04-01 |
        """,
    )
    given(
        "register.dibao_roll",
        f"""
        month   | township_code | person_key | scheme | status | active
        2024-03 | {AREA}101     | a          | 农村低保 | 在保     | true
        """,
    )
    for name in ("dibao_roll", "tekun_roll", "lowinc_register"):
        in_force(name, "2024-03")
    find = cells("2024-03")
    assert values(find, "edge_persons", (AREA, SHALIUHE)) == [1, 1]
    assert values(find, "rigid_households") == [1]
    assert values(find, "lowinc_monitored", (AREA, SHALIUHE, HARGAI)) == [2, 2, 1]
    in_county = {
        code: find("lowinc_monitored", category=code)["obs_value"]
        for code in ("DIBAO", "EDGE", "RIGID", "MONITORED")
    }
    assert in_county == {"DIBAO": 1, "EDGE": 0, "RIGID": 1, "MONITORED": 0}
    assert find("lowinc_monitored", SHALIUHE, category="EDGE")["obs_value"] == 1


def test_entitlement_to_the_disability_subsidies(given, in_force, cells):
    given(
        "register.dibao_roll",
        f"""
        month   | township_code | person_key | scheme | status | active
        2024-03 | {AREA}100     | a          | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | expired    | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | injured    | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | destitute  | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | orphan     | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | two        | 农村低保 | 在保     | true
        2024-03 | {AREA}100     | stopped    | 农村低保 | 停保     | false
        """,
    )
    given(
        "register.pwd_card",
        f"""
        month   | township_code | person_key | card_key | card_suffix | disability_level | valid_until | long_care_need | injury_nursing_fee
        2024-03 | {AREA}101     | a          | 1        | 41          | 1                | 2024-03-31  | true           |
        2024-03 | {AREA}101     | expired    | 2        | 41          | 1                | 2024-03-30  | true           | false
        2024-03 | {AREA}101     | injured    | 3        | 41          | 1                | 2030-01-01  | true           | true
        2024-03 | {AREA}101     | destitute  | 4        | 42          | 2                | 2030-01-01  | true           |
        2024-03 | {AREA}101     | orphan     | 5        | 42          | 2                | 2030-01-01  | true           |
        2024-03 | {AREA}101     | two        | 7        | 63          | 3                | 2030-01-01  | false          |
        2024-03 | {AREA}101     | two        | 6        | 44          | 4                | 2030-01-01  | false          |
        2024-03 | {AREA}101     | stopped    | 8        | 44          | 4                | 2030-01-01  | true           |
        """,
    )
    given(
        "register.tekun_roll",
        f"month | township_code | person_key | status | active\n2024-03 | {AREA}101 | destitute | 在保 | true",
    )
    given(
        "register.child_roll",
        f"month | township_code | person_key | status | active\n2024-03 | {AREA}101 | orphan | 在保 | true",
    )
    given(
        "register.pwd_roll",
        f"""
        month   | township_code | person_key | status | active | sex | age | disability_type | disability_level | living_amount | care_amount
        2024-03 | {AREA}100     | a          | 在保     | true   | F   | 30  | 视力              | 1                | 100           | 0
        2024-03 | {AREA}100     | other      | 在保     | true   | F   | 30  | 多重              | 3                | 50            |
        2024-03 | {AREA}100     | third      | 停保     | false  | F   | 30  | 多重              | 3                | 50            | 100
        """,
    )
    for name in ("dibao_roll", "pwd_card", "tekun_roll", "child_roll", "pwd_roll"):
        in_force(name, "2024-03")
    find = cells("2024-03")
    assert values(find, "pwd_living_recipients") == [2]
    assert find("pwd_living_recipients", category="TY7")["obs_value"] == 1
    assert values(find, "pwd_care_recipients") == [0]
    living = find("pwd_living_coverage")
    assert (living["numerator"], living["denominator"]) == (2, 2)
    levels = [find("pwd_living_coverage", category=f"L{n}")["denominator"] for n in (1, 2, 3, 4)]
    assert levels == [1, 0, 0, 1], "of two cards valid as long the smaller number decides"
    assert find("pwd_living_coverage", HARGAI)["obs_status"] == "L"
    care = find("pwd_care_coverage")
    assert (care["numerator"], care["denominator"]) == (0, 2)
    assert find("pwd_care_coverage", HARGAI)["denominator"] == 2


def test_old_people_by_their_own_age_groups_and_valid_assessments(given, in_force, cells):
    given(
        "register.elder_roll",
        f"""
        month   | township_code | person_key | subsidy_kind | ability_grade | status | active | sex | age
        2024-03 | {AREA}100     | a          | 高龄补贴         |               | 在保     | true   | F   | 69
        2024-03 | {AREA}100     | b          | 高龄补贴         |               | 在保     | true   | F   | 100
        2024-03 | {AREA}100     | b          | 养老服务补贴       | 重度失能          | 在保     | true   | F   | 100
        2024-03 | {AREA}100     | c          | 综合补贴         |               | 在保     | true   | M   | 80
        2024-03 | {AREA}101     | d          | 养老服务补贴       |               | 在保     | true   | M   | 80
        """,
    )
    given(
        "register.elder_assess",
        f"""
        month   | intake_no | township_code | person_key | assessed_on | valid_until
        2023-05 | 1         | {AREA}101     | b          | 2023-05-01  | 2024-03-31
        2023-05 | 1         | {AREA}101     | c          | 2023-05-01  | 2025-01-01
        2024-01 | 2         | {AREA}101     | c          | 2023-05-01  | 2024-01-01
        2024-04 | 3         | {AREA}101     | d          | 2024-03-01  | 2025-01-01
        """,
    )
    in_force("elder_roll", "2024-03")
    in_force("elder_assess", "2024-03")
    find = cells("2024-03")
    groups = [
        find("old_age_allowance", age_group=code)["obs_value"]
        for code in ("Y_LT70", "Y70T79", "Y_GE100")
    ]
    assert groups == [1, 0, 1]
    grades = [
        find("elder_service_subsidy", category=code)["obs_value"] for code in ("GRADE_3", "GRADE_U")
    ]
    assert grades == [1, 1]
    rate = find("elder_assess_rate")
    assert (rate["numerator"], rate["denominator"]) == (1, 3), (
        "files after the month and replaced assessments do not count"
    )


def test_children_and_their_forms(given, in_force, cells):
    given(
        "register.child_roll",
        f"""
        month   | township_code | person_key | child_class | care_form | status | active | sex | age | monthly_amount
        2024-03 | {AREA}100     | a          | 孤儿          | 集中养育      | 在保     | true   | F   | 19  | 1800
        2024-03 | {AREA}100     | b          | 孤儿          | 社会散居      | 在保     | true   | M   | 9   | 0
        2024-03 | {AREA}101     | c          | 事实无人抚养儿童    | 社会散居      | 新增     | true   | M   | 9   | 1500
        """,
    )
    in_force("child_roll", "2024-03")
    find = cells("2024-03")
    assert values(find, "orphan_total", (AREA, SHALIUHE, HARGAI)) == [2, 2, 0]
    assert values(find, "orphan_institution") == values(find, "orphan_social") == [1]
    assert values(find, "fact_orphan_total") == [1]
    assert values(find, "child_coverage") == [2 / 3 * 100]
