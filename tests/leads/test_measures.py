"""How good the rules are, on frames."""

import datetime as dt

import polars as pl
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.leads.matching import compute
from minzheng.leads.measures import ageing, closing, measures, precision, wasteful_rules
from minzheng.warehouse.connection import open_warehouse
from tests.leads.conftest import County
from tests.place import AREA

ON = dt.date(2024, 6, 30)


def cases(*rows):
    names = [
        "rule_id",
        "township_code",
        "state",
        "outcome_code",
        "opened_on",
        "due_on",
        "decided_on",
    ]
    types = dict(zip(names, [pl.String] * 4 + [pl.Date] * 3, strict=True))
    days = [
        tuple(dt.date.fromisoformat(cell) if cell and cell[:2] == "20" else cell for cell in row)
        for row in rows
    ]
    return pl.DataFrame(days, schema=types, orient="row")


def test_precision_counts_verdicts_only():
    frame = cases(
        ("CB01", "A", "closed", "corrected", None, None, None),
        ("CB01", "A", "closed", "data_error", None, None, None),
        ("CB01", "A", "closed", "justified", None, None, None),
        ("CB01", "A", "acknowledged", "in_progress", None, None, None),
        ("CB01", "B", "open", None, None, None, None),
    )
    assert precision(frame).rows() == [("CB01", "A", 1, 2, 1 / 3), ("CB01", "B", 0, 0, None)]


def test_a_rule_that_wastes_time_shows_only_after_ten_answers():
    wrong = ("CB02", "A", "closed", "data_error", None, None, None)
    assert wasteful_rules(cases(*[wrong] * 9)).is_empty()
    assert wasteful_rules(cases(*[wrong] * 10))["rule_id"].to_list() == ["CB02"]
    right = ("CB02", "A", "closed", "corrected", None, None, None)
    assert wasteful_rules(cases(*[wrong] * 8, right, right)).is_empty()


def test_ageing_looks_at_pending_cases_and_bands_their_days():
    frame = cases(
        ("LB01", "A", "open", None, "2024-05-31", "2024-06-10", None),
        ("LB01", "A", "reopened", None, "2024-05-30", "2024-06-30", None),
        ("LB01", "A", "acknowledged", "in_progress", "2024-04-01", "2024-07-11", None),
        ("LB01", "A", "open", None, "2024-03-31", "2024-04-10", None),
        ("LB01", "A", "closed", "helped", "2023-01-01", "2023-01-10", "2023-01-05"),
        ("LB01", "A", "disappeared", None, "2023-01-01", "2023-01-10", None),
    )
    assert ageing(frame, ON).rows() == [("LB01", "A", 4, 1, 2, 1, 91, 2)]


def test_closing_counts_the_day_itself_as_in_time():
    frame = cases(
        ("SW01", "A", "closed", "recovered", "2024-04-05", "2024-04-10", "2024-04-10"),
        ("SW01", "A", "closed", "recovered", "2024-04-05", "2024-04-10", "2024-04-11"),
        ("SW01", "A", "open", None, "2024-04-05", "2024-06-29", None),
        ("SW01", "A", "open", None, "2024-04-05", "2024-06-30", None),
        ("SW01", "A", "disappeared", None, "2024-04-05", "2024-04-10", None),
    )
    assert closing(frame, ON).rows() == [("SW01", "A", 3, 2, 1, 1 / 3)]


def test_the_measures_stand_side_by_side_and_nothing_to_judge_by_is_not_zero():
    frame = cases(
        ("CB01", "A", "closed", "corrected", "2024-04-05", "2024-04-10", "2024-04-10"),
        ("CB01", "A", "open", None, "2024-03-01", "2024-06-29", None),
        ("CB01", "B", "open", None, "2024-06-05", "2024-07-10", None),
    )
    assert measures(frame, ON).rows() == [
        ("CB01", "A", 1, 0, 1.0, 1, 1, 121, 1, 2, 1, 0.5),
        ("CB01", "B", 0, 0, None, 1, 0, 25, 0, 0, 0, None),
    ]


def test_the_command_line_shows_the_measures_of_a_month(tmp_path):
    home = Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        county = County(connection)
        county.covered("2024-03")
        county.rows("dibao_roll", "person_key\n p")
        county.rows("tekun_roll", "person_key\n p")
        compute(connection, ["2024-03"])
        county.was_run("2024-03")
    result = CliRunner().invoke(
        cli,
        [
            "leads",
            "measures",
            "--month",
            "2024-03",
            "--home",
            str(home.path),
            "--to",
            f"{tmp_path}/new/m.csv",
        ],
    )
    assert result.exit_code == 0, result.output
    (row,) = (line.split() for line in result.output.splitlines() if line.startswith("CF01"))
    assert row == ["CF01", f"{AREA}100", "0", "0", "-", "1", "0", "0", "0", "0", "-", "低保与特困重复", "沙柳河镇"]  # fmt: skip
    assert "LB02与LB03（监测名单与医保自付名单由不同部门产生）：不适用（重合太少）" in result.output
    table = pl.read_csv(tmp_path / "new" / "m.csv").filter(rule_id="CF01")
    assert table.select("township_code", "pending", "precision").rows() == [
        (int(f"{AREA}100"), 1, None)
    ]
    assert "SW01与SW02（依据同一份死亡名单，不独立）：不适用（不独立）" in result.output
