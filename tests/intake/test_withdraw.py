"""No file stops the others: months that cannot be are refused, and an accepted file can be taken out of force and back in."""

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.read import read_file
from minzheng.warehouse.register import build_register
from minzheng.warehouse.stale import fingerprints
from tests.intake.roster import TITLE, csv_bytes, people


def of_month(month: str) -> bytes:
    """The roster of another month."""
    rows = [row | {"统计月份": month, "起始年月": "2019-01"} for row in people()]
    return csv_bytes(rows, title=TITLE.replace("2024年3月", f"{month[:4]}年{int(month[5:])}月"))


@pytest.mark.parametrize(
    ("month", "reason"),
    [
        ("2020-12", ["period_too_early:2021-01"]),
        ("1989-01", ["period_too_early:2021-01"]),
        ("2098-01", ["period_future"]),
        ("2021-01", []),
    ],
)
def test_a_month_that_cannot_be_is_refused_with_its_reason(month, reason):
    (reading,) = read_file("a.csv", of_month(month), None)
    assert reading.refused == reason


def in_force(county) -> list:
    build_register(county.warehouse, ["2024-03"])
    return county.ask(
        "select distinct intake_no, rows_accepted from register.coverage where dataset = 'dibao_roll'"
    )


def test_a_withdrawn_file_leaves_the_one_before_it_in_force_and_comes_back(county):
    first = county.sends("a.csv", csv_bytes(people()))
    second = county.sends("b.csv", csv_bytes(people()[:7]))
    assert {number for number, _ in in_force(county)} == {second.intake_no}
    marks = fingerprints(county.warehouse)
    with county.intake() as intake:
        intake.withdraw(second.intake_no, "误报")
    assert {number for number, _ in in_force(county)} == {first.intake_no}
    assert fingerprints(county.warehouse) != marks, "the month must be computed again"
    shown = {
        file["intake_no"]: (file["verdict"], file["reasons"]) for file in county.status()["files"]
    }
    assert shown[second.intake_no] == ("ignore", ["withdrawn"])
    with county.intake() as intake:
        intake.reprocess()
        intake.resume()
    assert {number for number, _ in in_force(county)} == {first.intake_no}, "it stays out of force"
    with county.intake() as intake:
        intake.reinstate(second.intake_no)
    assert {number for number, _ in in_force(county)} == {second.intake_no}


def test_a_month_whose_only_file_is_withdrawn_has_no_figures_any_more(county):
    only = county.sends("a.csv", csv_bytes(people()))
    county.ask(
        "insert into indicator.observation (indicator_id, month) values ('dibao_new', '2024-03')"
    )
    with county.intake() as intake:
        intake.withdraw(only.intake_no, "误报")
    assert county.ask("select count(*) from indicator.observation") == [(0,)]
    assert fingerprints(county.warehouse) == {}


def test_what_is_not_in_force_cannot_be_withdrawn_nor_reinstated(county):
    refused = county.sends("a.txt", b"x")
    with county.intake() as intake, pytest.raises(MinzhengError, match="was not taken in"):
        intake.withdraw(refused.intake_no, "误报")
    with county.intake() as intake, pytest.raises(MinzhengError, match="is not withdrawn"):
        intake.reinstate(refused.intake_no)


def test_the_command_asks_for_a_reason(tmp_path):
    Home(tmp_path).create()
    result = CliRunner().invoke(cli, ["withdraw", "1", "--home", str(tmp_path)])
    assert isinstance(result.exception, WrongCall)


@pytest.mark.parametrize(
    "command",
    [
        ["observations", "--to", "a.parquet"],
        ["observations", "--to", "a.parquet", "--restricted"],
    ],
)
def test_commands_before_any_month_is_computed_say_so(tmp_path, command, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Home(tmp_path / "home").create()
    result = CliRunner().invoke(cli, [*command, "--home", str(tmp_path / "home")])
    assert isinstance(result.exception, MinzhengError), result.exception
    assert "minzheng run" in str(result.exception)
