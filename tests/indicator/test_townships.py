"""Townships that come, go and change their codes, by the dates of the 行政区划 file (_G18)."""

from minzheng.contracts.regions import townships
from minzheng.publish.release.draft import area_names
from tests.indicator.conftest import HARGAI, QUANJI, SHALIUHE, values
from tests.place import AREA

MERGED = f"""
    month   | region_code | region_name | region_level | region_kind | valid_from | valid_to   | intake_no | row_no
    2024-03 | {AREA}201   | 泉吉乡       | 乡镇          | 乡           | 2000-01-01 | 2024-03-01 | 9         | 1
    2024-03 | {AREA}103   | 虚构泉吉镇    | 乡镇          | 镇           | 2024-03-01 |            | 9         | 2
"""
ROLL = f"""
    month   | township_code | region_code  | person_key | household_key | scheme | status | active
    2024-02 | {AREA}201     | {AREA}201200 | a          | h1            | 农村低保 | 在保     | true
    2024-02 | {AREA}100     | {AREA}100200 | b          | h2            | 农村低保 | 在保     | true
    2024-03 | {AREA}103     | {AREA}103200 | a          | h1            | 农村低保 | 在保     | true
    2024-03 | {AREA}100     | {AREA}100200 | b          | h2            | 农村低保 | 在保     | true
"""
RENAMED = f"{AREA}103"
VILLAGE = f"""
    month   | region_code  | region_name | region_level | region_kind | valid_from | valid_to | intake_no | row_no
    2024-03 | {AREA}103200 | 虚构新村      | 村社          | 村委会        | 2024-03-01 |          | 9         | 1
"""
LATE = f"""
    month   | region_code | region_name | region_level | region_kind | valid_from | valid_to | intake_no | row_no
    2024-03 | {AREA}201   | 泉吉乡       | 乡镇          | 乡           | 2024-03-01 |          | 9         | 1
"""


def test_who_lives_in_a_township_that_got_another_code_counts_there_and_is_neither_new_nor_gone(
    given, in_force, cells, warehouse
):
    given("register.region", MERGED)
    given("register.dibao_roll", ROLL)
    before = [SHALIUHE, HARGAI, f"{AREA}200", QUANJI, f"{AREA}202"]
    in_force("dibao_roll", "2024-01", "2024-02", places=before)
    in_force("dibao_roll", "2024-03", places=[{QUANJI: RENAMED}.get(one, one) for one in before])
    find = cells("2024-02", "2024-03")
    assert values(find, "dibao_rural_persons", (AREA, SHALIUHE, RENAMED)) == [2, 1, 1]
    assert values(find, "dibao_rural_persons", (AREA, QUANJI), month="2024-02") == [2, 1]
    assert values(find, "dibao_new") + values(find, "dibao_exit") == [0, 0]
    rows = warehouse.execute(
        "select distinct ref_area, month from indicator.observation where ref_area in (?, ?) order by all",
        [RENAMED, QUANJI],
    ).fetchall()
    assert rows == [(RENAMED, "2024-03"), (QUANJI, "2024-02")]


def test_a_township_that_came_and_sent_nothing_is_missed_and_one_that_went_is_not(
    given, in_force, cells
):
    given("register.region", MERGED)
    given("register.dibao_roll", ROLL)
    in_force("dibao_roll", "2024-03", places=[SHALIUHE, HARGAI, f"{AREA}200", f"{AREA}202"])
    found = cells("2024-03")("dibao_rural_persons")
    assert (found["obs_status"], found["note"].count("未报:虚构泉吉镇")) == ("M", 1)


def test_who_lives_in_a_new_township_of_which_only_a_village_is_told_counts_in_the_county(
    given, in_force, cells, warehouse
):
    given("register.region", VILLAGE)
    given("register.dibao_roll", ROLL)
    in_force("dibao_roll", "2024-02")
    in_force("dibao_roll", "2024-03", places=[*townships(), RENAMED])
    find = cells("2024-02", "2024-03")
    assert values(find, "dibao_rural_persons", (AREA, SHALIUHE, RENAMED)) == [2, 1, 1]
    before = find("dibao_rural_persons", month="2024-02")
    assert (before["obs_value"], before["obs_status"]) == (2, "A"), "nobody misses it before"
    assert (RENAMED, RENAMED) in area_names(warehouse, "2024-03").rows()


def test_a_township_whose_rows_came_before_its_first_day_keeps_its_figures(
    given, in_force, cells, warehouse
):
    given("register.region", LATE)
    given("register.dibao_roll", ROLL)
    in_force("dibao_roll", "2024-02")
    warehouse.execute(
        "update register.coverage set rows_accepted = 1 where township_code = ?", [QUANJI]
    )
    find = cells("2024-02")
    assert values(find, "dibao_rural_persons", (AREA, SHALIUHE, QUANJI)) == [2, 1, 1]
