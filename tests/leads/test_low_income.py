"""The low-income register and what is watched beside the rules."""

import datetime as dt

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.leads.low_income import CLASS_ZH, history, movements, people
from minzheng.leads.matching import compute
from minzheng.leads.watch import watch, watched
from minzheng.warehouse.connection import open_warehouse
from tests.leads.conftest import County
from tests.place import AREA


def classes(county, month="2024-03"):
    rows = county.connection.execute(
        "select person_key, class from lead.lowinc_person where month = ?", [month]
    ).fetchall()
    assert len(rows) == len(dict(rows)), "every person once"
    return dict(rows)


def test_everyone_is_in_once_in_the_class_of_highest_priority(county):
    county.covered("2024-03")
    county.rows("tekun_roll", "person_key\n tekun\n dead")
    county.rows(
        "dibao_roll",
        "person_key | month | status\n tekun | 2024-03 | 在保\n dibao | 2024-03 | 在保\n exited | 2023-06 | 停保\n long_gone | 2022-03 | 停保",
    )
    county.rows(
        "lowinc_register",
        """
        person_key | lowinc_class | entered_on
        dibao      | 低保边缘     | 2024-01-01
        edge       | 低保边缘     | 2024-01-01
        rigid      | 刚性支出困难 | 2024-01-01
        watched    | 防返贫监测   | 2024-01-01
        refused    | 申请未通过   | 2024-01-01
        later      | 低保边缘     | 2024-04-01
        """,
    )
    county.rows(
        "monitored_household",
        "person_key | risk_removed\n edge | false\n listed | false\n removed | true",
    )
    county.rows(
        "application",
        "person_key | decision | decided_on\n turned_down | 不予 | 2024-03-05\n granted | 同意 | 2024-03-05",
    )
    county.rows("death_list", "person_key | died_on\n dead | 2024-03-05")
    compute(county.connection, ["2024-03"])
    assert classes(county) == {
        "tekun": "tekun", "dibao": "dibao", "edge": "edge", "rigid": "rigid", "watched": "monitored",
        "listed": "monitored", "refused": "refused", "turned_down": "refused", "exited": "exited",
    }  # fmt: skip
    assert people(county.connection, "2024-03")["people"].sum() == 9
    assert set(classes(county).values()) == set(CLASS_ZH)


def test_movements_name_who_came_changed_and_left_and_why(county):
    county.covered("2024-02", "2024-03")
    stay = "person_key | month | status | stop_reason\n stays | 2024-02 | 在保 |\n stays | 2024-03 | 在保 |\n"
    county.rows(
        "dibao_roll",
        stay
        + " dies | 2024-02 | 在保 |\n moves | 2024-02 | 在保 |\n moves | 2024-03 | 停保 | 迁出\n vanishes | 2024-02 | 在保 |\n"
        " falls | 2024-02 | 在保 |\n falls | 2024-03 | 停保 | 收入超标\n comes | 2024-03 | 新增 |",
    )
    county.rows("death_list", "person_key | died_on\n dies | 2024-03-01")
    compute(county.connection, ["2024-02", "2024-03"])
    found = {tuple(row[1:]) for row in movements(county.connection, "2024-03").rows()}
    assert found == {
        ("left", "dibao", None, "died", 1),
        ("left", "dibao", None, "迁出", 1),
        ("left", "dibao", None, "not_listed", 1),
        ("changed", "dibao", "exited", None, 1),
        ("entered", None, "dibao", "new", 1),
    }


def test_nobody_is_said_to_have_left_while_the_roll_has_not_come(county):
    county.covered("2024-02")
    county.covered("2024-03", without=["dibao_roll"])
    county.rows("dibao_roll", "person_key | month\n p | 2024-02")
    county.rows("tekun_roll", "person_key | month\n q | 2024-03")
    compute(county.connection, ["2024-02", "2024-03"])
    assert movements(county.connection, "2024-03")["movement"].to_list() == ["entered"]


@pytest.mark.parametrize("name", watched())
def test_every_watched_model_runs_on_an_empty_county(county, name):
    assert watch(county.connection, name, ["2024-03"]).height == 0


def cpi(county, cpi_yoy, food_yoy, published="2024-04-11"):
    county.parameter("price_link_cpi", 3.5)
    county.parameter("price_link_food", 6)
    county.rows(
        "cpi_series",
        f"month | index_month | place | cpi_yoy | food_yoy | published_on\n 2024-04 | 2024-03 | 青海 | {cpi_yoy} | {food_yoy} | {published}"
        "\n 2024-04 | 2024-03 | 全国 | 9 | 9 | 2024-04-11",
    )


@pytest.mark.parametrize(
    ("cpi_yoy", "food_yoy", "flag"),
    [(3.5, 0, 1), (3.4, 5.9, 0), (0, 6, 1), (103.5, 100, 1), (103.4, 105.9, 0)],
)
def test_the_price_link_starts_at_its_thresholds(county, cpi_yoy, food_yoy, flag):
    cpi(county, cpi_yoy, food_yoy)
    assert watch(county.connection, "price_link_trigger", ["2024-03"])["triggered"].to_list() == [
        flag
    ]


def test_without_a_threshold_in_force_the_trigger_is_unknown(county):
    cpi(county, 9, 9)
    county.connection.execute(
        "delete from register.policy_param where param_code = 'price_link_food'"
    )
    assert watch(county.connection, "price_link_trigger", ["2024-03"])["triggered"].to_list() == [
        None
    ]


def test_the_price_subsidy_is_due_in_the_month_of_publication_and_late_after_it(county):
    cpi(county, 4, 0)
    county.rows(
        "dibao_roll",
        "person_key | month\n in_time | 2024-04\n late | 2024-04\n unpaid | 2024-04\n last_month | 2024-03",
    )
    county.rows(
        "payment_ledger",
        """
        person_key | month   | payment_kind | amount_paid | paid_on
        in_time    | 2024-04 | 价格临时补贴 | 30          | 2024-04-30
        late       | 2024-04 | 价格临时补贴 | 30          | 2024-05-01
        unpaid     | 2024-04 | 基本         | 400         | 2024-04-10
        """,
    )
    (row,) = watch(county.connection, "price_link_payment", ["2024-03"]).rows()
    assert [None if value is None else float(value) for value in row[2:]] == [3, None, 2, 1, 60]


def test_back_pay_is_owed_for_months_before_a_late_decision(county):
    county.parameter("tekun_basic_std", 1080, valid_from="2022-01-01")
    county.parameter(
        "tekun_basic_std", 1134, valid_from="2024-01-01", decided_on="2024-03-20", month="2024-03"
    )
    for month in ("2024-01", "2024-02", "2024-03"):
        county.rows("tekun_roll", f"person_key | month\n p | {month}\n q | {month}")
    county.rows(
        "payment_ledger",
        "person_key | month | scheme | payment_kind | amount_paid | paid_on\n p | 2024-03 | 特困基本生活 | 补发 | 108 | 2024-03-25",
    )
    rows = watch(county.connection, "back_pay_due", ["2024-01", "2024-02", "2024-03"]).rows()
    assert [(row[0], row[3], float(row[4]), row[5]) for row in rows] == [
        ("2024-01", 2, 108, 1),
        ("2024-02", 2, 108, 1),
    ]


def test_other_models_count_what_they_name(county):
    county.parameter("tekun_minor_age", 18)
    county.rows(
        "tekun_roll",
        "person_key | age | status | stop_reason\n on | 16 | 在保 |\n off | 17 | 停保 |\n died | 17 | 停保 | 死亡\n grown | 18 | 停保 |",
    )
    county.rows(
        "dibao_roll",
        f"person_key | scheme | hukou | region_code\n a | 城市低保 | 农村 | {AREA}100001\n b | 农村低保 | 农村 | {AREA}100001\n c | 农村低保 | 农村 | {AREA}100200",
    )
    county.rows(
        "elder_roll",
        "person_key | subsidy_kind\n old | 护理补贴\n older | 护理补贴\n oldest | 高龄补贴",
    )
    county.rows(
        "elder_assess",
        "person_key | assessed_on | valid_until | month\n old | 2023-01-01 | 2024-03-31 | 2023-01\n older | 2023-01-01 | 2024-03-30 | 2023-01",
    )
    county.rows(
        "death_list",
        "person_key | died_on | shared_on | list_source | month\n x | 2024-02-01 | 2024-03-02 | 公安 | 2024-03\n y | 2024-02-01 | 2024-03-03 | 公安 | 2024-03\n x | 2024-02-02 | 2024-02-05 | 卫健 | 2024-02",
    )
    county.rows(
        "application",
        "person_key | channel | residence_permit | applied_on | decided_on | decision | verify_requested_on | verify_reported_on\n p | 网上 | true | 2024-03-01 | 2024-03-11 | 同意 | 2024-03-02 |",
    )
    month = ["2024-03"]
    assert watch(county.connection, "age_rule", month).rows()[0][2:] == (1, 1)
    assert watch(county.connection, "area_rule", month).rows()[0][2:] == (1, 1)
    assert watch(county.connection, "assessment", month).rows()[0][2:] == ("护理补贴", 2, 1)
    assert watch(county.connection, "death_sync", month).rows()[0][2:] == ("公安", 2, 1, 30.5, 1)
    assert watch(county.connection, "verification", month).rows()[0][2:] == (1, 1, 0, 0, 1, None)
    assert watch(county.connection, "one_window", month).rows()[0][2:] == (1, 0, 1, 0, 1, 1, 10.0)
    assert dt.date(2024, 3, 2) - dt.date(2024, 2, 1) == dt.timedelta(30)


@pytest.mark.parametrize(
    ("decided_on", "class_"), [("2022-04-01", {"p": "refused"}), ("2022-03-31", {})]
)
def test_a_refusal_is_remembered_for_twenty_four_months(county, decided_on, class_):
    county.covered("2024-03")
    county.rows(
        "application",
        f"person_key | month | decision | decided_on\n p | 2022-04 | 不予 | {decided_on}",
    )
    compute(county.connection, ["2024-03"])
    assert classes(county) == class_


def test_the_way_of_a_person_through_the_register_is_told_with_its_reasons(county):
    months = ("2024-01", "2024-02", "2024-03", "2024-04")
    county.covered(*months)
    county.rows(
        "lowinc_register",
        "person_key | month | lowinc_class | entered_on\n p | 2024-01 | 低保边缘 | 2024-01-05",
    )
    county.rows(
        "dibao_roll",
        "person_key | month | status | stop_reason\n p | 2024-02 | 新增 |\n p | 2024-03 | 停保 | 收入超标",
    )
    county.rows("death_list", "person_key | month | died_on\n p | 2024-04 | 2024-04-02\n")
    compute(county.connection, months)
    assert [row[2:] for row in history(county.connection, "p").rows()] == [
        ("changed", "edge", "dibao", None),
        ("changed", "dibao", "exited", None),
        ("left", "exited", None, "died"),
    ]


def test_the_command_line_shows_the_register_with_its_comings_and_goings(tmp_path):
    home = Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        county = County(connection)
        county.covered("2024-02", "2024-03")
        county.rows("dibao_roll", "person_key | month\n p | 2024-02\n p | 2024-03\n q | 2024-02")
        county.rows(
            "dibao_roll",
            "person_key | month | status | stop_reason\n q | 2024-03 | 停保 | 收入超标",
        )
        county.rows("tekun_roll", "person_key | month\n new | 2024-03")
        compute(connection, ["2024-02", "2024-03"])
        county.was_run("2024-03")
    result = CliRunner().invoke(
        cli, ["leads", "register", "--month", "2024-03", "--home", str(home.path)]
    )
    assert result.exit_code == 0, result.output
    assert "沙柳河镇：特困人员1人，低保对象1人，" in result.output
    assert "  进入 特困人员（新纳入） 1人" in result.output
    assert "  转换 低保对象转为退出未满两年人员 1人" in result.output


def test_who_was_in_the_register_before_comes_back_and_who_was_not_is_new(county):
    months = ("2024-01", "2024-02", "2024-03")
    county.covered(*months)
    county.rows(
        "tekun_roll", "person_key | month\n p | 2024-01\n p | 2024-03\n q | 2024-03\n r | 2024-02"
    )
    compute(county.connection, months)
    reasons = {who: history(county.connection, who)["reason"].to_list() for who in "pqr"}
    assert reasons == {"p": ["not_listed", "back"], "q": ["new"], "r": ["new", "not_listed"]}
