"""Rules for money that goes wrong: 死亡 (SW), 重复 (CF), 错保 (CB), 应退未退 (YT), 超标准 (CZ). Month 2024-03."""

import pytest


def test_sw01_leaves_the_month_of_death_alone(county):
    county.covered("2024-03")
    county.rows(
        "death_list",
        """
        person_key       | month   | died_on    | intake_no
        lead             | 2023-11 | 2024-02-29 | 1
        top_up           | 2024-03 | 2024-02-01 | 1
        price            | 2024-03 | 2024-02-01 | 1
        death_month      | 2024-03 | 2024-03-01 | 1
        told_later       | 2024-04 | 2024-02-01 | 9
        not_paid_out     | 2024-03 | 2024-02-01 | 1
        paid_nothing     | 2024-03 | 2024-02-01 | 1
        back_pay         | 2024-03 | 2024-02-01 | 1
        recovered        | 2024-03 | 2024-02-01 | 1
        date_put_right   | 2024-02 | 2024-02-01 | 1
        date_put_right   | 2024-03 | 2024-03-15 | 2
        """,
    )
    county.rows(
        "payment_ledger",
        """
        person_key     | town | payment_kind | amount_paid | paid_on
        lead           | B    | 基本         | 400         | 2024-03-10
        top_up         |      | 分类施保     | 400         | 2024-03-10
        price          |      | 价格临时补贴 | 40          | 2024-03-10
        death_month    |      | 基本         | 400         | 2024-03-10
        told_later     |      | 基本         | 400         | 2024-03-10
        not_paid_out   |      | 基本         | 400         |
        paid_nothing   |      | 基本         | 0           | 2024-03-10
        back_pay       |      | 补发         | 400         | 2024-03-10
        recovered      |      | 追回         | 400         | 2024-03-10
        date_put_right |      | 基本         | 400         | 2024-03-10
        alive          |      | 基本         | 400         | 2024-03-10
                       |      | 基本         | 9000        | 2024-03-10
        """,
    )
    assert county.leads("SW01") == {("lead", "B"), ("top_up", "A"), ("price", "A")}


@pytest.mark.parametrize(
    "roll", ["dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll"]
)
def test_sw02_looks_at_every_roll(county, roll):
    county.covered("2024-03")
    county.rows(
        "death_list",
        """
        person_key | died_on
        lead       | 2024-02-29
        died_now   | 2024-03-01
        stopped    | 2024-02-01
        """,
    )
    county.rows(
        roll,
        "person_key | town | status\n lead | B | 在保\n died_now | | 在保\n stopped | | 停保\n alive | | 在保",
    )
    assert county.leads("SW02") == {("lead", "B")}


def test_cf01_goes_to_every_dibao_township(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        "person_key | town | status\n lead | A | 在保\n lead | B | 新增\n stopped | | 停保\n dibao_only | | 在保",
    )
    county.rows(
        "tekun_roll",
        """
        person_key | town | status
        lead       | B    | 在保
        stopped    |      | 在保
        tekun_only |      | 在保
        """,
    )
    assert county.leads("CF01") == {("lead", "A"), ("lead", "B")}


def test_cf02_wants_two_townships_of_the_same_roll_and_of_the_same_kind(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        """
        person_key | town | status
        twice      | A    | 在保
        twice      | B    | 在保
        moved      | A    | 停保
        moved      | B    | 在保
        same_town  | A    | 在保
        same_town  | A    | 在保
        two_rolls  | A    | 在保
        """,
    )
    county.rows("pwd_roll", "person_key | town\n two_rolls | B\n pwd_twice | A\n pwd_twice | B")
    county.rows(
        "elder_roll",
        """
        person_key  | town | subsidy_kind
        elder_twice | A    | 高龄补贴
        elder_twice | B    | 高龄补贴
        two_kinds   | A    | 高龄补贴
        two_kinds   | B    | 护理补贴
        """,
    )
    assert county.leads("CF02") == {
        (name, town) for name in ("twice", "pwd_twice", "elder_twice") for town in "AB"
    }


def test_cf03_cf04_cf05_find_subsidies_that_exclude_each_other(county):
    county.covered("2024-03")
    county.rows(
        "pwd_roll",
        """
        person_key   | town | status | living_amount | care_amount
        tekun_living | B    | 在保   | 100           |
        tekun_care   |      | 在保   |               | 100
        tekun_none   |      | 在保   | 0             |
        tekun_off    |      | 停保   | 100           |
        tekun_left   |      | 在保   | 100           |
        child_living | B    | 在保   | 100           |
        child_care   |      | 在保   |               | 100
        nursed       | B    | 在保   |               | 100
        not_nursed   |      | 在保   | 100           | 100
        blank_nursed |      | 在保   | 100           | 100
        """,
    )
    county.rows(
        "tekun_roll",
        """
        person_key   | status
        tekun_living | 在保
        tekun_care   | 在保
        tekun_none   | 在保
        tekun_off    | 在保
        tekun_left   | 停保
        """,
    )
    county.rows("child_roll", "person_key\n child_living\n child_care")
    county.rows(
        "pwd_card",
        """
        person_key   | injury_nursing_fee | valid_until
        nursed       | true               | 2020-01-01
        not_nursed   | false              | 2030-01-01
        blank_nursed |                    | 2030-01-01
        """,
    )
    assert county.leads("CF03") == {("tekun_living", "B"), ("tekun_care", "A")}
    assert county.leads("CF04") == {("child_living", "B")}
    assert county.leads("CF05") == {("nursed", "B")}


ASSETS = """
person_key     | month   | hit_kind | hit_value | checked_on | intake_no
vehicle        | 2024-03 | 车辆     | 1         | 2024-03-31 | 1
first_day      | 2023-10 | 车辆     | 1         | 2023-10-01 | 1
day_before     | 2023-10 | 车辆     | 1         | 2023-09-30 | 1
after_end      | 2024-03 | 车辆     | 1         | 2024-04-01 | 1
told_later     | 2024-04 | 车辆     | 1         | 2024-03-20 | 9
no_vehicle     | 2024-03 | 车辆     | 0         | 2024-03-20 | 1
corrected      | 2024-02 | 车辆     | 1         | 2024-02-20 | 1
corrected      | 2024-03 | 车辆     | 0         | 2024-02-20 | 2
not_aided      | 2024-03 | 车辆     | 1         | 2024-03-20 | 1
on_both        | 2024-03 | 车辆     | 2         | 2024-03-20 | 1
business       | 2024-03 | 工商登记 | 1         | 2024-03-20 | 1
two_homes      | 2024-03 | 房产     | 2         | 2024-03-20 | 1
three_homes    | 2024-03 | 房产     | 3         | 2024-03-20 | 1
at_limit       | 2024-03 | 存款     | 50000     | 2024-03-20 | 1
above_limit    | 2024-03 | 存款     | 50000.01  | 2024-03-20 | 1
insured        | 2024-03 | 社保缴费 | 9         | 2024-03-20 | 1
"""


def aided_people(county):
    county.covered("2024-03")
    people = "vehicle first_day day_before after_end told_later no_vehicle corrected business two_homes three_homes"
    county.rows("asset_hit", ASSETS)
    county.rows(
        "tekun_roll",
        "person_key | town\n on_both | A\n" + "\n".join(f"{p} | B" for p in people.split()),
    )
    county.rows(
        "dibao_roll",
        """
        person_key  | town | status
        on_both     | B    | 在保
        at_limit    |      | 在保
        above_limit |      | 在保
        insured     |      | 在保
        not_aided   |      | 停保
        """,
    )


def test_cb01_to_cb04_look_at_checks_inside_the_window(county):
    aided_people(county)
    county.parameter("asset_hit_months", 6)
    county.parameter("asset_deposit_limit", 50000)
    assert county.leads("CB01") == {("vehicle", "B"), ("first_day", "B"), ("on_both", "B")}
    assert county.leads("CB02") == {("business", "B")}
    assert county.leads("CB03") == {("three_homes", "B")}
    assert county.leads("CB04") == {("above_limit", "A")}


def test_cb01_to_cb04_give_nothing_without_their_parameters(county):
    aided_people(county)
    county.parameter("asset_hit_months", 6)
    assert county.leads("CB04") == set()
    county.forget("register.policy_param")
    county.parameter("asset_deposit_limit", 50000)
    assert county.leads("CB01") == county.leads("CB04") == set()


def test_the_asset_window_starts_on_the_last_day_of_a_shorter_month(county):
    county.covered("2024-03")
    county.parameter("asset_hit_months", 1)
    county.rows(
        "asset_hit",
        """
        person_key | hit_kind | hit_value | checked_on
        on_29      | 车辆     | 1         | 2024-02-29
        on_1       | 车辆     | 1         | 2024-03-01
        """,
    )
    county.rows("dibao_roll", "person_key\n on_29\n on_1")
    assert county.leads("CB01") == {("on_1", "A")}


def test_cb05_wants_living_money_without_dibao_or_edge(county):
    county.covered("2024-03")
    county.rows(
        "pwd_roll",
        """
        person_key | town | living_amount | care_amount
        lead       | B    | 50            |
        care_only  |      |               | 100
        dibao      |      | 50            |
        edge       |      | 50            |
        rigid      |      | 50            |
        """,
    )
    county.rows("dibao_roll", "person_key | town\n dibao | B")
    county.rows(
        "lowinc_register",
        """
        person_key | lowinc_class | entered_on
        edge       | 低保边缘     | 2024-01-01
        rigid      | 刚性支出困难 | 2024-01-01
        """,
    )
    assert county.leads("CB05") == {("lead", "B"), ("rigid", "A")}


def test_cb06_wants_basic_money_without_the_roll_of_that_scheme(county):
    county.covered("2024-03")
    county.rows(
        "payment_ledger",
        """
        person_key   | town | scheme       | payment_kind | amount_paid | paid_on
        lead         | B    | 城市低保     | 基本         | 400         | 2024-03-10
        tekun_lead   |      | 特困基本生活 | 基本         | 400         | 2024-03-10
        wrong_scheme |      | 特困基本生活 | 基本         | 400         | 2024-03-10
        on_roll      |      | 农村低保     | 基本         | 400         | 2024-03-10
        back_pay     |      | 农村低保     | 补发         | 400         | 2024-03-10
        not_paid_out |      | 农村低保     | 基本         | 400         |
        other_scheme |      | 高龄补贴     | 基本         | 110         | 2024-03-10
                     |      | 农村低保     | 基本         | 400         | 2024-03-10
        """,
    )
    county.rows("dibao_roll", "person_key | town\n on_roll | B\n wrong_scheme | A")
    assert county.leads("CB06") == {("lead", "B"), ("tekun_lead", "A"), ("wrong_scheme", "A")}


def test_cb07_wants_under_seventy_or_dead_before_the_month(county):
    county.covered("2024-03")
    county.rows(
        "elder_roll",
        """
        person_key  | town | subsidy_kind | age | status
        young       | B    | 高龄补贴     | 69  | 在保
        seventy     |      | 高龄补贴     | 70  | 在保
        other_kind  |      | 护理补贴     | 65  | 在保
        no_number   |      | 高龄补贴     |     | 在保
        stopped     |      | 高龄补贴     | 69  | 停保
        dead        |      | 高龄补贴     | 80  | 在保
        died_now    |      | 高龄补贴     | 80  | 在保
        """,
    )
    county.rows("death_list", "person_key | died_on\n dead | 2024-02-29\n died_now | 2024-03-01")
    assert county.leads("CB07") == {("young", "B"), ("dead", "A")}


def test_cb08_is_not_evaluated_where_the_file_lacks_the_column(county):
    county.covered("2024-03", townships="A")
    county.covered(
        "2024-03", townships="B", absent={"elder_roll": "ability_grade,alive_checked_on"}
    )
    county.rows(
        "elder_roll",
        """
        person_key  | town | subsidy_kind | age | alive_checked_on
        blank       | A    | 高龄补贴     | 100 |
        before      | A    | 高龄补贴     | 101 | 2024-02-29
        after       | A    | 高龄补贴     | 101 | 2024-04-01
        first_day   | A    | 高龄补贴     | 101 | 2024-03-01
        last_day    | A    | 高龄补贴     | 101 | 2024-03-31
        ninety_nine | A    | 高龄补贴     | 99  |
        other_kind  | A    | 护理补贴     | 100 |
        no_column   | B    | 高龄补贴     | 100 |
        """,
    )
    assert county.leads("CB08") == {("blank", "A"), ("before", "A"), ("after", "A")}


def test_yt01_counts_thirty_days_from_the_due_date(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        """
        person_key     | town | status | review_due_on | reviewed_on
        lead           | B    | 在保   | 2024-02-29    |
        reviewed_early |      | 在保   | 2024-02-29    | 2024-02-28
        thirty_days    |      | 在保   | 2024-03-01    |
        reviewed       |      | 在保   | 2024-02-29    | 2024-02-29
        no_due_date    |      | 在保   |               |
        stopped        |      | 停保   | 2023-01-01    |
        """,
    )
    assert county.leads("YT01") == {("lead", "B"), ("reviewed_early", "A")}


def test_yt02_compares_with_the_yearly_standard_of_the_scheme(county):
    county.covered("2024-03")
    county.parameter("dibao_std_urban", 756)
    county.parameter("dibao_std_rural", 6480)
    county.rows(
        "dibao_roll",
        """
        person_key      | town | scheme   | income_per_head_year | single_person_case | grace_until | reviewed_on
        rural           | B    | 农村低保 | 6480.00              |                    |             |
        rural_below     |      | 农村低保 | 6479.99              |                    |             |
        urban           |      | 城市低保 | 9072.00              | false              |             |
        urban_below     |      | 城市低保 | 9071.99              |                    |             |
        blank           |      | 农村低保 |                      |                    |             |
        alone           |      | 农村低保 | 9000                 | true               |             |
        grace           |      | 农村低保 | 9000                 |                    | 2024-03     |
        grace_over      |      | 农村低保 | 9000                 |                    | 2024-02     |
        reviewed_first  |      | 农村低保 | 9000                 |                    |             | 2024-02-01
        reviewed_last   |      | 农村低保 | 9000                 |                    |             | 2024-03-31
        reviewed_before |      | 农村低保 | 9000                 |                    |             | 2024-01-31
        reviewed_after  |      | 农村低保 | 9000                 |                    |             | 2024-04-01
        """,
    )
    names = "urban", "grace_over", "reviewed_before", "reviewed_after"
    assert county.leads("YT02") == {("rural", "B")} | {(name, "A") for name in names}


def test_cz01_wants_more_than_the_cap_without_a_decision_of_its_own(county):
    county.covered("2024-03")
    county.parameter("temp_aid_cap_multiple", 5)
    county.parameter("dibao_std_urban", 756)
    county.rows(
        "temp_aid",
        """
        person_key | month   | town | amount  | case_by_case
        lead       | 2024-03 | B    | 3780.01 |
        at_cap     | 2024-03 |      | 3780.00 |
        decided    | 2024-03 |      | 9000    | true
        no_flag    | 2024-03 |      | 9000    | false
        last_month | 2024-02 |      | 9000    |
        """,
    )
    assert county.leads("CZ01") == {("lead", "B"), ("no_flag", "A")}


def test_cz02_counts_the_same_cause_within_twelve_months(county):
    county.covered("2024-03")
    dates = {
        "lead": ["2023-04-01 重病", "2023-10-05 重病", "2024-03-31 重病"],
        "too_old": ["2023-03-31 重病", "2023-10-05 重病", "2024-03-31 重病"],
        "other_cause": ["2023-10-01 火灾", "2023-11-01 重病", "2024-03-01 重病"],
        "not_this_month": ["2023-10-01 重病", "2023-11-01 重病", "2024-02-01 重病"],
        "later": ["2023-11-01 重病", "2024-03-01 重病", "2024-04-01 重病"],
        "other_now": ["2023-10-01 重病", "2023-11-01 重病", "2024-02-01 重病", "2024-03-01 火灾"],
        "unknown": ["2023-10-01 未知", "2023-11-01 未知", "2024-03-01 未知"],
    }
    lines = [f"{p} | {d[:7]} | {d[:10]} | {d[11:]}" for p, days in dates.items() for d in days]
    county.rows("temp_aid", "person_key | month | granted_on | cause\n" + "\n".join(lines))
    assert county.leads("CZ02") == {("lead", "A")}


def test_cz03_compares_without_top_up_and_without_rounding(county):
    county.covered("2024-03")
    county.parameter("dibao_std_urban", 756)
    county.parameter("dibao_std_rural", 5000)
    county.rows(
        "dibao_roll",
        """
        person_key    | town | scheme   | monthly_amount | top_up_amount | status
        rural         | B    | 农村低保 | 416.68         |               | 在保
        rural_rounded |      | 农村低保 | 416.67         |               | 在保
        urban         |      | 城市低保 | 756.01         | 0             | 在保
        urban_full    |      | 城市低保 | 756.00         |               | 在保
        top_up        |      | 城市低保 | 856.00         | 100           | 在保
        top_up_above  |      | 城市低保 | 857.00         | 100           | 在保
        stopped       |      | 城市低保 | 2000           |               | 停保
        """,
    )
    assert county.leads("CZ03") == {("rural", "B"), ("urban", "A"), ("top_up_above", "A")}
