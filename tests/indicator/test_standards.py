"""Standards in force, their growth and ratios, and the price linkage."""

import pytest

from tests.indicator.conftest import values

PARAM = "register.policy_param"


def test_a_late_decision_counts_for_the_earlier_month_and_a_later_file_replaces(given, cells):
    given(
        PARAM,
        """
        month   | intake_no | param_code      | band | value | valid_from | valid_to   | decided_on
        2021-01 | 1         | dibao_std_urban |      | 640   | 2020-01-01 |            | 2020-01-01
        2021-11 | 2         | dibao_std_urban |      | 670   | 2021-01-01 |            | 2021-11-01
        2021-12 | 3         | dibao_std_urban |      | 672   | 2021-01-01 |            | 2021-11-02
        2021-12 | 4         | dibao_std_rural |      | 4800  | 2020-01-01 | 2021-01-31 |
        """,
    )
    find = cells("2021-01")
    assert values(find, "dibao_std_urban") == [672]
    assert find("dibao_std_rural")["obs_status"] == "M", (
        "valid to the 31st is out of force at the end of that day"
    )
    growth = find("dibao_std_growth_urban")
    assert (growth["numerator"], growth["denominator"], growth["obs_value"]) == (32, 640, 5)
    assert find("dibao_std_growth_rural")["obs_status"] == "M"


def test_ratios_of_standards_use_months_of_both(given, cells):
    given(
        PARAM,
        """
        month   | param_code      | value | valid_from
        2020-01 | dibao_std_urban | 640   | 2020-01-01
        2020-01 | dibao_std_rural | 4800  | 2020-01-01
        2020-01 | tekun_basic_std | 960   | 2020-01-01
        """,
    )
    find = cells("2020-06")
    assert values(find, "dibao_std_ratio_rural_urban") == [62.5]
    assert values(find, "tekun_std_ratio") == [1.5]


def test_banded_standards_have_band_cells_and_no_total(given, cells):
    given(
        PARAM,
        """
        month   | param_code     | band   | value | valid_from
        2024-01 | pwd_living_std | 1-2级   | 100   | 2024-01-01
        2024-01 | old_age_std    | 70-79  | 110   | 2024-01-01
        """,
    )
    find = cells("2024-01")
    assert find("pwd_living_std", category="LV12")["obs_value"] == 100
    assert find("pwd_living_std", category="LV34")["obs_status"] == "M"
    assert find("old_age_std", age_group="Y70T79")["obs_value"] == 110
    with pytest.raises(KeyError):
        find("pwd_living_std")


def test_the_price_linkage_reads_an_index_or_a_rate_of_the_index_month(given, cells):
    given(
        "register.cpi_series",
        """
        month   | index_month | place | cpi_yoy | food_yoy
        2024-02 | 2024-01     | 青海    | 103.5   | 1.0
        2024-03 | 2024-02     | 青海    | 3.4     | 106.0
        2024-04 | 2024-03     | 青海    | 103.4   | 5.9
        2024-05 | 2024-04     | 海晏    | 9.0     | 9.0
        """,
    )
    given(
        PARAM,
        """
        month   | param_code      | value | valid_from
        2021-01 | price_link_cpi  | 3.5   | 2021-01-01
        2021-01 | price_link_food | 6     | 2021-01-01
        """,
    )
    find = cells("2024-01", "2024-02", "2024-03", "2024-04")
    got = [find("price_link_triggered", month=f"2024-0{n}") for n in range(1, 5)]
    assert [(cell["obs_status"], cell["obs_value"]) for cell in got] == [
        ("A", 1),
        ("A", 1),
        ("A", 0),
        ("M", None),
    ]
