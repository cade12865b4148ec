"""Rules for people who are missed: 漏保 (LB) and 应享未享 (YX). Month 2024-03 unless drawn otherwise."""


def test_lb01_wants_a_valid_severe_card_and_an_edge_row_and_no_scheme(county):
    county.covered("2024-03")
    county.rows(
        "pwd_card",
        """
        person_key       | town | disability_level | valid_until
        lead             | B    | 1                | 2024-03-31
        lead_level_two   |      | 2                | 2030-01-01
        left_next_month  |      | 2                | 2030-01-01
        level_three      |      | 3                | 2030-01-01
        card_expired     |      | 1                | 2024-03-30
        no_edge_row      |      | 1                | 2030-01-01
        rigid_only       |      | 1                | 2030-01-01
        enters_later     |      | 1                | 2030-01-01
        left_at_end      |      | 1                | 2030-01-01
        on_dibao         |      | 1                | 2030-01-01
        on_tekun         |      | 1                | 2030-01-01
        dibao_stopped    |      | 1                | 2030-01-01
        died_in_month    |      | 1                | 2030-01-01
        dies_later       |      | 1                | 2030-01-01
        death_told_later |      | 1                | 2030-01-01
        """,
    )
    county.rows(
        "lowinc_register",
        """
        person_key       | lowinc_class | entered_on | left_on
        lead             | 低保边缘     | 2024-03-31 |
        lead_level_two   | 低保边缘     | 2024-01-01 |
        left_next_month  | 低保边缘     | 2024-01-01 | 2024-04-01
        level_three      | 低保边缘     | 2024-01-01 |
        card_expired     | 低保边缘     | 2024-01-01 |
        rigid_only       | 刚性支出困难 | 2024-01-01 |
        enters_later     | 低保边缘     | 2024-04-01 |
        left_at_end      | 低保边缘     | 2024-01-01 | 2024-03-31
        on_dibao         | 低保边缘     | 2024-01-01 |
        on_tekun         | 低保边缘     | 2024-01-01 |
        dibao_stopped    | 低保边缘     | 2024-01-01 |
        died_in_month    | 低保边缘     | 2024-01-01 |
        dies_later       | 低保边缘     | 2024-01-01 |
        death_told_later | 低保边缘     | 2024-01-01 |
        """,
    )
    county.rows(
        "dibao_roll", "person_key | town | status\n on_dibao | B | 恢复\n dibao_stopped | | 停保"
    )
    county.rows("tekun_roll", "person_key | status\n on_tekun | 新增")
    county.rows(
        "death_list",
        """
        person_key       | month   | died_on
        died_in_month    | 2024-03 | 2024-03-31
        dies_later       | 2024-03 | 2024-04-01
        death_told_later | 2024-04 | 2024-03-01
        """,
    )
    assert county.leads("LB01") == {
        ("lead", "B"),
        ("lead_level_two", "A"),
        ("left_next_month", "A"),
        ("dibao_stopped", "A"),
        ("dies_later", "A"),
        ("death_told_later", "A"),
    }


def test_lb02_wants_a_remaining_risk_and_no_scheme(county):
    county.covered("2024-03")
    county.rows(
        "monitored_household",
        """
        person_key   | town | risk_removed
        lead         | B    | false
        in_two_towns | A    | false
        in_two_towns | B    | false
        watched_only |      | false
        removed      |      | true
        on_dibao     |      | false
        on_tekun     |      | false
        on_child     |      | false
        edge         |      | false
        rigid        |      | false
        edge_left    |      | false
        dead         |      | false
        """,
    )
    county.rows("dibao_roll", "person_key\n on_dibao")
    county.rows("tekun_roll", "person_key\n on_tekun")
    county.rows("child_roll", "person_key\n on_child")
    county.rows(
        "lowinc_register",
        """
        person_key   | lowinc_class | entered_on | left_on
        watched_only | 防返贫监测   | 2024-01-01 |
        edge         | 低保边缘     | 2024-01-01 |
        rigid        | 刚性支出困难 | 2024-01-01 |
        edge_left    | 低保边缘     | 2024-01-01 | 2024-03-15
        """,
    )
    county.rows("death_list", "person_key | month | died_on\n dead | 2023-12 | 2023-12-01")
    assert county.leads("LB02") == {
        ("lead", "B"),
        ("in_two_towns", "A"),
        ("in_two_towns", "B"),
        ("watched_only", "A"),
        ("edge_left", "A"),
    }


def test_lb03_wants_costs_at_the_alert_and_no_refusal_within_twelve_months(county):
    county.covered("2024-03")
    county.parameter("medical_alert_multiple", 3)
    county.parameter("dibao_std_rural", 6480)
    county.rows(
        "medical_burden",
        """
        person_key         | town | own_payment_ytd
        lead               | B    | 19440.00
        below              |      | 19439.99
        refused            |      | 20000
        refused_first_day  |      | 20000
        refused_long_ago   |      | 20000
        refused_later      |      | 20000
        refusal_told_later |      | 20000
        withdrew           |      | 20000
        on_dibao           |      | 20000
        dead               |      | 20000
        """,
    )
    county.rows(
        "application",
        """
        person_key         | month   | decision | decided_on
        refused            | 2024-03 | 不予     | 2024-03-31
        refused_first_day  | 2023-04 | 不予     | 2023-04-01
        refused_long_ago   | 2023-04 | 不予     | 2023-03-31
        refused_later      | 2024-03 | 不予     | 2024-04-01
        refusal_told_later | 2024-04 | 不予     | 2024-03-20
        withdrew           | 2024-03 | 撤回     | 2024-03-20
        """,
    )
    county.rows("dibao_roll", "person_key\n on_dibao")
    county.rows("death_list", "person_key | died_on\n dead | 2024-03-02")
    names = "refused_long_ago", "refused_later", "refusal_told_later", "withdrew"
    assert county.leads("LB03") == {("lead", "B")} | {(name, "A") for name in names}


def test_lb03_gives_nothing_while_its_parameter_is_not_in_force(county):
    county.covered("2024-03")
    county.parameter("medical_alert_multiple", 3, valid_from="2024-04-01")
    county.parameter("dibao_std_rural", 6480)
    county.rows("medical_burden", "person_key | own_payment_ytd\n high | 90000")
    assert county.leads("LB03") == set()


def test_lb04_looks_at_exits_of_the_last_24_months_in_the_latest_township(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        """
        person_key        | month   | town | status | stop_reason
        first_month       | 2022-04 |      | 停保   | 收入超标
        too_long_ago      | 2022-03 |      | 停保   | 收入超标
        no_reason         | 2024-03 | B    | 停保   |
        moved_then_left   | 2023-01 | A    | 停保   | 自愿退出
        moved_then_left   | 2023-06 | B    | 停保   | 自愿退出
        left_both         | 2023-06 | A    | 停保   | 合并
        left_both         | 2023-06 | B    | 停保   | 合并
        died              | 2023-06 |      | 停保   | 死亡
        moved_away        | 2023-06 |      | 停保   | 迁出
        later_moved_away  | 2023-06 | A    | 停保   | 核查不符
        later_moved_away  | 2023-09 | B    | 停保   | 迁出
        back              | 2023-06 |      | 停保   | 收入超标
        back              | 2024-03 |      | 恢复   |
        on_tekun_now      | 2023-06 |      | 停保   | 收入超标
        watched           | 2023-06 |      | 停保   | 收入超标
        watched_no_more   | 2023-06 |      | 停保   | 收入超标
        on_death_list     | 2023-06 |      | 停保   | 收入超标
        future            | 2024-04 |      | 停保   | 收入超标
        still_on          | 2023-06 |      | 在保   |
        """,
    )
    county.rows(
        "tekun_roll",
        """
        person_key   | month   | status | stop_reason
        left_tekun   | 2023-06 | 停保   | 其他
        on_tekun_now | 2024-03 | 在保   |
        """,
    )
    county.rows(
        "lowinc_register",
        """
        person_key      | lowinc_class | entered_on | left_on
        watched         | 退出两年内   | 2023-07-01 |
        watched_no_more | 退出两年内   | 2023-07-01 | 2024-03-31
        """,
    )
    county.rows("death_list", "person_key | died_on\n on_death_list | 2024-01-02")
    assert county.leads("LB04") == {
        ("first_month", "A"),
        ("no_reason", "B"),
        ("moved_then_left", "B"),
        ("left_both", "A"),
        ("left_both", "B"),
        ("later_moved_away", "A"),
        ("watched_no_more", "A"),
        ("left_tekun", "A"),
    }


def test_yx01_wants_dibao_and_a_valid_card_and_goes_to_the_dibao_township(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        """
        person_key        | town | status
        lead              | B    | 在保
        draws_care_only   |      | 在保
        subsidy_stopped   |      | 在保
        nursed_card_first |      | 在保
        nursed_card_last  |      | 在保
        same_end_a_first  |      | 在保
        draws             |      | 在保
        stopped           |      | 停保
        no_card           |      | 在保
        card_expired      |      | 在保
        nursed            |      | 在保
        on_tekun          |      | 在保
        on_child          |      | 在保
        dead              |      | 在保
        """,
    )
    county.rows(
        "pwd_card",
        """
        person_key        | town | valid_until | injury_nursing_fee | card_suffix
        lead              | A    | 2024-03-31  |                    | 11
        draws_care_only   |      | 2030-01-01  | false              | 11
        subsidy_stopped   |      | 2030-01-01  | false              | 11
        nursed_card_first |      | 2029-01-01  | true               | 11
        nursed_card_first |      | 2030-01-01  | false              | 12
        nursed_card_last  |      | 2029-01-01  | false              | 11
        nursed_card_last  |      | 2030-01-01  | true               | 12
        same_end_a_first  |      | 2030-01-01  | true               | 12
        same_end_a_first  |      | 2030-01-01  | false              | 11
        draws             |      | 2030-01-01  |                    | 11
        stopped           |      | 2030-01-01  |                    | 11
        card_expired      |      | 2024-03-30  |                    | 11
        nursed            |      | 2030-01-01  | true               | 11
        on_tekun          |      | 2030-01-01  |                    | 11
        on_child          |      | 2030-01-01  |                    | 11
        dead              |      | 2030-01-01  |                    | 11
        """,
    )
    county.rows(
        "pwd_roll",
        """
        person_key      | status | living_amount | care_amount
        draws           | 在保   | 100           |
        draws_care_only | 在保   |               | 100
        subsidy_stopped | 停保   | 100           |
        """,
    )
    county.rows("tekun_roll", "person_key\n on_tekun")
    county.rows("child_roll", "person_key\n on_child")
    county.rows("death_list", "person_key | died_on\n dead | 2024-03-31")
    assert county.leads("YX01") == {
        ("lead", "B"),
        ("draws_care_only", "A"),
        ("subsidy_stopped", "A"),
        ("nursed_card_first", "A"),
        ("same_end_a_first", "A"),
    }


def test_yx02_wants_a_severe_card_with_long_care_and_goes_to_the_township_of_the_card(county):
    county.covered("2024-03")
    county.rows(
        "pwd_card",
        """
        person_key    | town | disability_level | long_care_need | valid_until | injury_nursing_fee
        lead          | B    | 2                | true           | 2024-03-31  |
        draws_living  |      | 1                | true           | 2030-01-01  | false
        draws_care    |      | 1                | true           | 2030-01-01  |
        level_three   |      | 3                | true           | 2030-01-01  |
        no_long_care  |      | 1                | false          | 2030-01-01  |
        card_expired  |      | 1                | true           | 2024-03-30  |
        nursed        |      | 1                | true           | 2030-01-01  | true
        on_tekun      |      | 1                | true           | 2030-01-01  |
        dead          |      | 1                | true           | 2030-01-01  |
        """,
    )
    county.rows(
        "pwd_roll",
        """
        person_key   | living_amount | care_amount
        draws_living | 100           | 0
        draws_care   |               | 100
        """,
    )
    county.rows("tekun_roll", "person_key\n on_tekun")
    county.rows("death_list", "person_key | died_on\n dead | 2024-03-01")
    assert county.leads("YX02") == {("lead", "B"), ("draws_living", "A")}


def test_yx03_wants_an_amount_on_the_roll_and_no_basic_payment_of_that_scheme(county):
    county.covered("2024-03")
    county.rows(
        "dibao_roll",
        """
        person_key      | town | status | monthly_amount
        lead            | B    | 在保   | 400
        paid_elsewhere  | B    | 在保   | 400
        paid_last_month |      | 在保   | 400
        not_paid_out    |      | 在保   | 400
        top_up_only     |      | 在保   | 400
        paid_back       |      | 在保   | 400
        paid_tekun      |      | 在保   | 400
        nothing_due     |      | 在保   | 0
        stopped         |      | 停保   | 400
        paid            |      | 在保   | 400
        """,
    )
    county.rows(
        "tekun_roll",
        """
        person_key   | basic_amount
        tekun_unpaid | 1080
        tekun_paid   | 1080
        tekun_care   | 0
        tekun_dibao  | 9
        """,
    )
    county.rows(
        "payment_ledger",
        """
        person_key      | month   | town | scheme       | payment_kind | amount_paid | paid_on
        paid            | 2024-03 | A    | 农村低保     | 基本         | 400         | 2024-03-10
        paid_elsewhere  | 2024-03 | A    | 城市低保     | 基本         | 1           | 2024-04-02
        paid_last_month | 2024-02 | A    | 农村低保     | 基本         | 400         | 2024-03-10
        not_paid_out    | 2024-03 | A    | 农村低保     | 基本         | 400         |
        top_up_only     | 2024-03 | A    | 农村低保     | 分类施保     | 400         | 2024-03-10
        paid_back       | 2024-03 | A    | 农村低保     | 基本         | 0           | 2024-03-10
        paid_tekun      | 2024-03 | A    | 特困基本生活 | 基本         | 400         | 2024-03-10
        tekun_paid      | 2024-03 | A    | 特困基本生活 | 基本         | 1080        | 2024-03-10
        tekun_dibao     | 2024-03 | A    | 城市低保     | 基本         | 1080        | 2024-03-10
        """,
    )
    unpaid = (
        "paid_last_month",
        "not_paid_out",
        "top_up_only",
        "paid_back",
        "paid_tekun",
        "tekun_unpaid",
        "tekun_dibao",
    )
    assert county.leads("YX03") == {("lead", "B")} | {(name, "A") for name in unpaid}
