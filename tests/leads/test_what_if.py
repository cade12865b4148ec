"""A new standard or limit, applied to the rolls of a month."""

from decimal import Decimal

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given as for_any
from hypothesis import strategies as st

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.leads.what_if import ask, effects, happened, parse, townships_without
from minzheng.operations.rebuild import rebuild
from minzheng.warehouse.connection import open_warehouse
from tests.leads.conftest import County
from tests.place import AREA

MONTH = "2024-03"


def rows(frame):
    return [
        (town[-3:], effect, people, yuan and float(yuan))
        for _, town, effect, people, yuan in effects(frame).iter_rows()
    ]


def test_a_higher_standard_raises_the_difference_and_lets_edge_households_in(county):
    county.parameter("dibao_std_urban", 700)
    county.rows(
        "dibao_roll",
        """
        person_key | town | scheme   | monthly_amount | top_up_amount | income_per_head_year
        p          | A    | 城市低保 | 300            |               | 4800
        topped     | A    | 城市低保 | 805            | 105           | 0
        rural      | B    | 农村低保 | 300            |               | 1
        """,
    )
    county.rows(
        "lowinc_register",
        f"""
        person_key  | town | lowinc_class | entered_on | income_per_head_year | region_code
        comes       | B    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}200001
        too_rich    | B    | 低保边缘     | 2024-01-01 | 9600                 | {AREA}200001
        in_village  | B    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}200200
        p           | B    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}200001
        """,
    )
    frame = ask(county.connection, [MONTH], "dibao_std_urban", None, Decimal(800))
    assert rows(frame) == [("100", "more", 2, 215.0), ("200", "entered", 1, 50.0)]


def test_a_lower_standard_lowers_and_lets_those_leave_whose_income_reaches_it(county):
    county.parameter("dibao_std_rural", 6000)
    county.rows(
        "dibao_roll",
        "person_key | scheme | monthly_amount | income_per_head_year\n p | 农村低保 | 200 | 3600\n q | 农村低保 | 20 | 5760",
    )
    frame = ask(county.connection, [MONTH], "dibao_std_rural", None, Decimal(5760))
    assert rows(frame) == [("100", "left", 1, -20.0), ("100", "less", 1, -20.0)]


def test_who_leaves_or_comes_in_is_told_why(county):
    county.parameter("dibao_std_urban", 700)
    county.rows(
        "dibao_roll",
        """
        person_key | town | scheme   | household_key | monthly_amount | income_per_head_year
        stays      | A    | 城市低保 | h1           | 300            | 4800
        of_h1      | A    | 城市低保 | h1           | 10             | 9600
        above      | A    | 城市低保 | h2           | 20             | 12000
        """,
    )
    county.rows(
        "lowinc_register",
        f"""
        person_key  | town | lowinc_class | entered_on | income_per_head_year | region_code
        between     | B    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}200001
        below       | B    | 低保边缘     | 2024-01-01 | 7200                 | {AREA}200001
        """,
    )
    asked = lambda value: ask(county.connection, [MONTH], "dibao_std_urban", None, Decimal(value))  # noqa: E731
    told = asked(800).filter(pl.col("reason").is_not_null())
    assert [row[1:] for row in told.select(pl.exclude("yuan")).iter_rows()] == [
        (f"{AREA}100", "left", "household", 1),
        (f"{AREA}100", "left", "income_above", 1),
        (f"{AREA}200", "entered", "income_below", 1),
        (f"{AREA}200", "entered", "income_between", 1),
    ]
    lower = asked(390).filter(pl.col("effect") == "left")
    assert dict(lower.select("reason", "people").iter_rows()) == {
        "income_between": 1,
        "income_above": 2,
    }


def test_a_band_of_a_flat_subsidy_moves_alone(county):
    county.parameter("pwd_living_std", 100, band="1-2级")
    county.rows(
        "pwd_roll",
        "person_key | disability_level | living_amount\n p | 2 | 100\n q | 3 | 50\n r | 1 | 0",
    )
    assert rows(ask(county.connection, [MONTH], "pwd_living_std", "1-2级", Decimal(120))) == [
        ("100", "more", 1, 20.0)
    ]


def test_a_limit_is_asked_about_in_leads(county):
    county.covered(MONTH)
    county.parameter("asset_hit_months", 6)
    county.parameter("asset_deposit_limit", 50000)
    county.rows("dibao_roll", "person_key | town\n p | A\n q | B")
    county.rows(
        "asset_hit",
        "person_key | hit_kind | hit_value | checked_on\n p | 存款 | 60000 | 2024-03-01\n q | 存款 | 40000 | 2024-03-01",
    )
    frame = ask(county.connection, [MONTH], "asset_deposit_limit", None, Decimal(30000))
    assert rows(frame) == [
        ("100", "flagged_now", 1, None),
        ("100", "flagged_then", 1, None),
        ("200", "flagged_then", 1, None),
    ]


def test_without_a_standard_in_force_or_for_an_unknown_code_nothing_is_made_up(county):
    with pytest.raises(MinzhengError, match="no dibao_std_urban in force"):
        ask(county.connection, [MONTH], "dibao_std_urban", None, Decimal(800))
    with pytest.raises(MinzhengError, match="knows no parameter"):
        ask(county.connection, [MONTH], "edge", None, Decimal(2))


def test_a_run_is_kept_and_later_held_against_what_happened(county):
    county.parameter("tekun_basic_std", 1080)
    county.rows(
        "tekun_roll",
        "person_key | month | basic_amount\n p | 2024-03 | 1080\n q | 2024-03 | 1080\n p | 2024-04 | 1134",
    )
    ask(county.connection, [MONTH], "tekun_basic_std", None, Decimal(1134))
    ((_, said, did, before, later),) = happened(county.connection, 1, "2024-04").rows()
    assert (float(said), float(did), before, later) == (108.0, -1026.0, 2, 1)


@pytest.mark.parametrize(
    "text", ["dibao_std_urban", "x=-1", "x=0", "x=a", "x=1;drop", "X=1", "x[=1"]
)
def test_an_assignment_written_wrongly_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse(text)


@for_any(st.decimals(min_value="0.01", max_value="99999", places=2))
def test_an_assignment_keeps_its_value(value):
    assert parse(f"dibao_std_urban={value}") == ("dibao_std_urban", None, value)
    assert parse(f"orphan_std[集中养育]={value}") == ("orphan_std", "集中养育", value)


def test_townships_whose_roll_has_not_come_are_named(county):
    county.covered(MONTH, townships="A")
    county.covered(MONTH, townships="B", without=["dibao_roll"])
    assert townships_without(county.connection, MONTH, "dibao_std_urban") == [f"{AREA}200"]
    assert townships_without(county.connection, MONTH, "tekun_basic_std") == []


def test_another_edge_multiple_moves_people_across_the_line(county):
    county.parameter("dibao_std_urban", 700)
    county.parameter("dibao_std_rural", 6000)
    county.rows("dibao_roll", "person_key\n helped")
    county.rows(
        "lowinc_register",
        f"""
        person_key | town | lowinc_class | entered_on | income_per_head_year | region_code
        stays      | A    | 低保边缘     | 2024-01-01 | 8999.99              | {AREA}100200
        leaves     | A    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}100200
        in_town    | A    | 低保边缘     | 2024-01-01 | 9000                 | {AREA}100001
        enters     | B    | 防返贫监测   | 2024-01-01 | 8999                 | {AREA}200200
        too_poor   | B    | 防返贫监测   | 2024-01-01 | 5999                 | {AREA}200200
        too_rich   | B    | 刚性支出困难 | 2024-01-01 | 9000                 | {AREA}200200
        helped     | B    | 防返贫监测   | 2024-01-01 | 8999                 | {AREA}200200
        gone       | B    | 防返贫监测   | 2025-01-01 | 8999                 | {AREA}200200
        """,
    )
    frame = ask(county.connection, [MONTH], "edge_multiple", None, Decimal("1.5"))
    assert rows(frame) == [("100", "left", 1, None), ("200", "entered", 1, None)]


def test_a_run_over_months_is_kept_under_one_number_and_compared_from_its_last_month(county):
    county.parameter("tekun_basic_std", 1000)
    for month in ("2024-02", "2024-03", "2024-04"):
        county.rows(
            "tekun_roll",
            f"person_key | month | basic_amount\n p | {month} | {1100 if month == '2024-04' else 1000}",
        )
    county.rows("tekun_roll", "person_key | month | basic_amount\n q | 2024-02 | 1000")
    frame = ask(county.connection, ["2024-02", "2024-03"], "tekun_basic_std", None, Decimal(1100))
    assert [(month, people, float(yuan)) for month, _, _, _, people, yuan in frame.iter_rows()] == [
        ("2024-02", 2, 200.0), ("2024-03", 1, 100.0),
    ]  # fmt: skip
    ((_, said, did, before, later),) = happened(county.connection, 1, "2024-04").rows()
    assert (float(said), float(did), before, later) == (100.0, 100.0, 1, 1)
    with pytest.raises(MinzhengError, match="no what-if run 2"):
        happened(county.connection, 2, "2024-04")


def test_a_run_survives_a_rebuilt_warehouse_and_is_compared_on_the_command_line(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home = Home(tmp_path / "home").create()
    keys = Keys.create(tmp_path / "key.json")

    def fill():
        with open_warehouse(home) as connection:
            county = County(connection)
            county.covered("2024-03", "2024-04")
            county.parameter("tekun_basic_std", 1000)
            county.rows(
                "tekun_roll",
                "person_key | month | basic_amount\n p | 2024-03 | 1000\n p | 2024-04 | 1080",
            )

    def run(*words):
        result = CliRunner().invoke(cli, ["leads", *words, "--home", str(home.path)])
        assert result.exit_code == 0, result.output
        return result.output

    fill()
    both = ("--param", "tekun_basic_std=1100", "--param", "tekun_basic_std=1200")
    told = run("what-if", "--month", "2024-03", *both)
    for one in (
        "=1100: run 1 kept",
        "合计 total: +100.00 元",
        "=1200: run 2 kept",
        "合计 total: +200.00 元",
    ):
        assert one in told
    kept = "select * exclude (asked_at) from lead.what_if"
    with open_warehouse(home) as connection:
        before = connection.execute(kept).fetchall()
    rebuild(home, keys)
    with open_warehouse(home) as connection:
        assert connection.execute(kept).fetchall() == before
    fill()
    line = run("what-happened", "--run", "1", "--month", "2024-04").splitlines()[-1].split()
    assert line == [f"{AREA}100", "100.00", "80.00", "1", "1"]
