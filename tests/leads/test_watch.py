"""What is watched beside the rules, each on both sides of its boundaries."""

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.leads.matching import compute
from minzheng.leads.watch import titles, watch, watched
from minzheng.warehouse.connection import open_warehouse
from tests.leads.conftest import TOWNSHIP, County
from tests.place import AREA

MONTH = "2024-03"


def seen(county, name, *months, town="A"):
    """The row of a township (or of the county) as a dict, numbers as floats; {} without one."""
    frame = watch(county.connection, name, months or (MONTH,))
    rows = [
        row for row in frame.iter_rows(named=True) if row["township_code"] in (TOWNSHIP[town], AREA)
    ]
    return {} if not rows else rows[0]


def test_every_model_has_a_title_and_words_for_its_columns(county):
    assert set(titles()) == set(watched())
    for name, told in titles().items():
        assert set(told.columns) <= set(watch(county.connection, name, [MONTH]).columns), name


def index(county, month, cpi_yoy, published, food_yoy=0):
    county.rows(
        "cpi_series",
        "month | index_month | place | cpi_yoy | food_yoy | published_on\n"
        f" {month} | {month} | 青海 | {cpi_yoy} | {food_yoy} | {published}",
    )


@pytest.mark.parametrize(
    ("cpi_yoy", "food_yoy", "rise"),
    [
        (3.5, 5.9, 3.5),
        (3.4, 6, 6),
        (4, 8, 8),
        (9, 6, 9),
        (103.5, 105.9, 3.5),
        (3.4, 106, 6),
        (3.4, 5.9, None),
    ],
)
def test_the_price_subsidy_follows_the_index_that_started_the_link_and_the_higher_of_two(
    county, cpi_yoy, food_yoy, rise
):
    county.parameter("price_link_cpi", 3.5, valid_from="2021-07-01")
    county.parameter("price_link_food", 6, valid_from="2021-07-01")
    county.parameter("dibao_std_urban", 700, valid_from="2021-07-01")
    index(county, MONTH, cpi_yoy, f"{MONTH}-28", food_yoy)
    county.rows("dibao_roll", "person_key | scheme\n e | 城市低保")
    row = seen(county, "price_link_payment")
    assert row == {} if rise is None else float(row["yuan_due"]) == 7 * rise


@pytest.mark.parametrize(("day", "flag"), [("2024-03-31", 1), ("2024-04-01", 0), ("2024-03-01", 1)])
def test_a_threshold_of_the_price_link_holds_from_its_day_on(county, day, flag):
    county.parameter("price_link_cpi", 3.5, valid_from="2021-07-01")
    county.parameter("price_link_food", 6, valid_from="2021-07-01")
    county.parameter("price_link_cpi", 3.0, valid_from=day)
    index(county, MONTH, 3.0, "2024-04-11")
    assert seen(county, "price_link_trigger")["triggered"] == flag


@pytest.mark.parametrize(("ended", "flag"), [("2024-03-31", None), ("2024-04-01", 1)])
def test_a_threshold_that_has_ended_holds_no_more(county, ended, flag):
    county.parameter("price_link_cpi", 3.5, valid_from="2021-07-01", valid_to=ended)
    county.parameter("price_link_food", 6, valid_from="2021-07-01")
    index(county, MONTH, 3.5, "2024-04-11")
    assert seen(county, "price_link_trigger")["triggered"] == flag


@pytest.mark.parametrize(
    ("month", "due"), [("2022-07", 3), ("2022-08", 4), ("2023-02", 4), ("2023-03", 3)]
)
def test_edge_households_are_due_the_price_subsidy_in_the_months_of_the_temporary_form_only(
    county, month, due
):
    county.parameter("price_link_cpi", 3, valid_from="2021-07-01", month=month)
    county.parameter("price_link_food", 6, valid_from="2021-07-01", month=month)
    county.parameter("dibao_std_urban", 700, valid_from="2021-07-01", month=month)
    county.parameter("dibao_std_rural", 6000, valid_from="2021-07-01", month=month)
    index(county, month, 4, f"{month}-28")
    county.rows(
        "dibao_roll",
        f"person_key | month | scheme\n r | {month} | 农村低保\n e | {month} | 城市低保",
    )
    county.rows(
        "tekun_roll", f"person_key | month | status\n t | {month} | 新增\n gone | {month} | 停保"
    )
    county.rows(
        "lowinc_register",
        f"person_key | month | lowinc_class | entered_on | left_on\n e | {month} | 低保边缘 | 2021-01-01 |\n f | {month} | 低保边缘 | 2021-01-01 |\n"
        f" late | {month} | 低保边缘 | 2024-01-01 |\n left | {month} | 低保边缘 | 2021-01-01 | 2022-01-01\n g | {month} | 刚性支出困难 | 2021-01-01 |",
    )
    row = seen(county, "price_link_payment", month)
    assert row["people_due"] == due
    assert float(row["yuan_due"]) == 500 * 0.04 + (due - 1) * 700 * 0.04
    assert (row["people_paid"], float(row["yuan_paid"])) == (0, 0)


@pytest.mark.parametrize(
    ("decided_on", "owed"),
    [("2024-01-31", None), ("2024-02-01", ["2024-01"]), ("2024-03-01", ["2024-01", "2024-02"])],
)
def test_back_pay_is_owed_for_whole_months_before_the_decision(county, decided_on, owed):
    county.parameter("dibao_std_rural", 6000, valid_from="2022-01-01")
    county.parameter("dibao_std_rural", 6600, valid_from="2024-01-01", decided_on=decided_on)
    months = ["2024-01", "2024-02", "2024-03"]
    for month in months:
        county.rows(
            "dibao_roll", f"person_key | month | scheme | status\n p | {month} | 农村低保 | 在保\n u | {month} | 城市低保 | 在保\n s | {month} | 农村低保 | 停保"
        )  # fmt: skip
    frame = watch(county.connection, "back_pay_due", months)
    assert frame["month"].to_list() == (owed or [])
    assert [
        (people, float(yuan))
        for people, yuan in frame.select("people_owed", "yuan_owed").iter_rows()
    ] == [(1, 50.0) for _ in owed or []]


@pytest.mark.parametrize(
    ("month", "kind", "amount", "scheme", "paid"),
    [
        ("2024-03", "补发", 50, "农村低保", 1),
        ("2024-05", "补发", 50, "农村低保", 1),
        ("2024-02", "补发", 50, "农村低保", 0),
        ("2024-03", "基本", 50, "农村低保", 0),
        ("2024-03", "补发", 0, "农村低保", 0),
        ("2024-03", "补发", 50, "城市低保", 0),
    ],
)
def test_back_pay_counts_as_paid_from_the_month_of_the_decision_on(
    county, month, kind, amount, scheme, paid
):
    county.parameter("dibao_std_rural", 6000, valid_from="2022-01-01")
    county.parameter("dibao_std_rural", 6600, valid_from="2024-01-01", decided_on="2024-03-20")
    county.rows("dibao_roll", "person_key | month | scheme\n p | 2024-01 | 农村低保")
    county.rows(
        "payment_ledger",
        f"person_key | month | scheme | payment_kind | amount_paid | paid_on\n p | {month} | {scheme} | {kind} | {amount} | 2024-03-25",
    )
    assert seen(county, "back_pay_due", "2024-01")["people_paid_back"] == paid


def test_overlaps_are_the_leads_of_the_rules_of_exclusion(county):
    county.covered(MONTH)
    county.rows("dibao_roll", "person_key\n p")
    county.rows("tekun_roll", "person_key\n p\n q")
    county.rows(
        "pwd_roll",
        "person_key | town | living_amount | care_amount\n q | A | 0 | 100\n q | B | 0 | 100",
    )
    compute(county.connection, [MONTH])
    rows = watch(county.connection, "overlap", [MONTH]).rows()
    assert [(town, rule, people) for _, town, rule, people in rows] == [
        (TOWNSHIP["A"], "CF01", 1), (TOWNSHIP["A"], "CF03", 1), (TOWNSHIP["B"], "CF03", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("since", "early"), [("2024-03-31", ["sixteen", "seventeen"]), ("2024-04-01", [])]
)
def test_a_minor_must_not_be_stopped_below_the_age_in_force(county, since, early):
    county.parameter("tekun_minor_age", 16, valid_from="2016-01-01")
    county.parameter("tekun_minor_age", 18, valid_from=since)
    county.rows(
        "tekun_roll",
        """
        person_key | age | status | stop_reason
        fifteen    | 15  | 停保   |
        sixteen    | 16  | 停保   | 年满16周岁
        seventeen  | 17  | 停保   |
        died       | 17  | 停保   | 死亡
        moved      | 16  | 停保   | 迁出
        eighteen   | 18  | 停保   |
        on         | 17  | 在保   |
        grown      | 18  | 在保   |
        young      | 15  | 在保   |
        """,
    )
    row = seen(county, "age_rule")
    assert (row["people_16_17"], row["people_stopped_early"]) == (1, len(early))


@pytest.mark.parametrize(
    ("hukou", "scheme", "village", "urban", "rural"),
    [
        ("农村", "城市低保", f"{AREA}100200", 1, 0),
        ("城镇", "城市低保", f"{AREA}100001", 0, 0),
        ("农村", "农村低保", f"{AREA}100199", 0, 1),
        ("农村", "农村低保", f"{AREA}100200", 0, 0),
        ("农村", "农村低保", f"{AREA}100000", 0, 0),
        ("城镇", "农村低保", f"{AREA}100001", 0, 0),
    ],
)
def test_herders_living_in_town_are_helped_as_townspeople(
    county, hukou, scheme, village, urban, rural
):
    county.rows(
        "dibao_roll",
        f"person_key | scheme | hukou | region_code\n p | {scheme} | {hukou} | {village}",
    )
    row = seen(county, "area_rule")
    assert (row["herders_on_urban_dibao"], row["herders_in_town_on_rural_dibao"]) == (urban, rural)


@pytest.mark.parametrize(
    ("month", "assessed_on", "valid_until", "without"),
    [
        ("2024-03", "2024-03-31", "2025-03-31", 0),
        ("2024-03", "2024-04-01", "2025-03-31", 1),
        ("2024-03", "2023-03-31", "2024-03-31", 0),
        ("2024-03", "2023-03-31", "2024-03-30", 1),
        ("2024-04", "2024-03-01", "2025-03-31", 1),
    ],
)
def test_a_subsidy_rests_on_an_assessment_valid_at_the_months_end(
    county, month, assessed_on, valid_until, without
):
    county.rows("elder_roll", "person_key | subsidy_kind\n p | 养老服务补贴")
    county.rows(
        "elder_assess", f"person_key | town | month | assessed_on | valid_until\n p | B | {month} | {assessed_on} | {valid_until}"
    )  # fmt: skip
    row = seen(county, "assessment")
    assert (row["people"], row["people_without"]) == (1, without)


@pytest.mark.parametrize("kind", ["高龄补贴"])
def test_the_old_age_allowance_needs_no_assessment(county, kind):
    county.rows("elder_roll", f"person_key | subsidy_kind\n p | {kind}")
    assert seen(county, "assessment") == {}


def test_means_checks_are_counted_as_asked_reported_unfit_and_passed_over(county):
    county.rows(
        "application",
        """
        person_key | decision | verify_requested_on | verify_reported_on | verify_result
        reported   | 同意     | 2024-03-01          | 2024-03-05         | 符合
        unfit      | 不予     | 2024-03-01          | 2024-03-11         | 不符合
        unasked    | 同意     |                     |                    |
        waiting    | 在办     | 2024-03-01          |                    |
        """,
    )
    row = seen(county, "verification")
    assert [
        row[name]
        for name in ("applications", "requested", "reported", "not_fit", "decided_without_report")
    ] == [
        4,
        3,
        2,
        1,
        1,
    ]
    assert row["median_days"] == 7


@pytest.mark.parametrize(
    ("source", "died_on", "month", "differ"),
    [
        ("卫健", "2024-02-02", "2024-03", 1),
        ("卫健", "2024-02-01", "2024-03", 0),
        ("公安", "2024-02-02", "2024-03", 0),
        ("卫健", "2024-02-02", "2024-04", 0),
    ],
)
def test_two_sources_that_tell_another_day_of_death_are_compared(
    county, source, died_on, month, differ
):
    county.rows(
        "death_list",
        f"person_key | died_on | shared_on | list_source | month\n p | 2024-02-01 | 2024-03-02 | 公安 | 2024-03\n p | {died_on} | 2024-03-02 | {source} | {month}",
    )
    rows = [
        row
        for row in watch(county.connection, "death_sync", [MONTH]).iter_rows(named=True)
        if row["list_source"] == "公安"
    ]
    assert rows[0]["dates_differ"] == differ


@pytest.mark.parametrize(
    ("shared_on", "within", "days"), [("2024-03-02", 1, 30), ("2024-03-03", 0, 31)]
)
def test_a_death_is_shared_in_time_within_thirty_days(county, shared_on, within, days):
    county.rows(
        "death_list",
        f"person_key | died_on | shared_on | list_source\n p | 2024-02-01 | {shared_on} | 公安",
    )
    row = seen(county, "death_sync")
    assert (row["deaths"], row["within_30_days"], row["median_days"]) == (1, within, days)


def test_applications_are_counted_by_window(county):
    county.rows(
        "application",
        """
        person_key | channel        | residence_permit | decision | applied_on | decided_on
        a          | 乡镇窗口       | false            | 同意     | 2024-03-01 | 2024-03-03
        b          | 网上           | true             | 不予     | 2024-03-01 | 2024-03-11
        c          | 村(社区)代办   |                  | 在办     | 2024-03-01 |
        d          |                |                  | 撤回     | 2024-03-01 |
        """,
    )
    row = seen(county, "one_window")
    names = (
        "applications",
        "at_window",
        "online",
        "by_village",
        "by_permit_holders",
        "decided",
        "median_days",
    )
    assert [row[name] for name in names] == [4, 1, 1, 1, 1, 2, 6]


def test_the_command_line_tells_it_in_chinese(tmp_path):
    home = Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        county = County(connection)
        county.rows("tekun_roll", "person_key | age\n p | 17")
        county.was_run(MONTH)
    result = CliRunner().invoke(cli, ["leads", "watch", "--month", MONTH, "--home", str(home.path)])
    assert result.exit_code == 0, result.output
    assert (
        "【特困未成年人年龄】\n  沙柳河镇：16至17周岁在册人数 1，未到年龄即停保人数 0"
        in result.output
    )
    assert "【待遇重叠】本月没有" in result.output


@pytest.mark.parametrize("command", ["watch", "register", "measures"])
def test_the_age_of_a_list_is_told_with_the_counts_that_rest_on_it(tmp_path, command):
    home = Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        county = County(connection)
        county.covered("2024-02")
        county.covered(MONTH, townships="A")
        county.covered(MONTH, townships="B", without=["tekun_roll"])
        compute(connection, ["2024-02", MONTH])
        county.was_run(MONTH)
    result = CliRunner().invoke(cli, ["leads", command, "--month", MONTH, "--home", str(home.path)])
    assert result.exit_code == 0, result.output
    late = "特困人员救助供养花名册最近一期为2024年2月(早1个月)"
    place = {f"{AREA}100": "沙柳河镇", f"{AREA}200": "伊克乌兰乡"}[TOWNSHIP["B"]]
    assert [
        line
        for line in result.output.splitlines()
        if late in line and f"名单情况（{place}）" in line
    ], result.output
