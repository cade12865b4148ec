"""The scoreboard: on drawn and on simulated months every planted error is found, and nothing that nobody planted."""

import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.commands.check_the_checks import command
from minzheng.contracts.quality_rules import rules
from simulation import checked
from simulation import scoreboard as board


def faultless(table: pl.DataFrame) -> pl.DataFrame:
    """The rules that are not: an error missed, or a false alarm."""
    return table.filter((pl.col("found") < pl.col("planted")) | (pl.col("false_alarms") > 0))


def test_on_simulated_months_every_planted_error_is_found_and_no_error_rule_raises_a_false_alarm():
    table = checked.simulated_scoreboard([7], "2024-01", "2024-02")
    assert faultless(table).rows() == []
    assert table.filter(pl.col("planted") > 0).height >= 20
    judged = {rule.id for rule in rules().values() if rule.outcome_severity == "error"}
    elsewhere = {"N01", "N02"} | {f"X0{number}" for number in range(1, 9)}
    assert judged - elsewhere <= set(table["rule_id"])


@pytest.mark.nightly
def test_on_half_a_year_of_three_counties_nothing_is_missed_and_nothing_false():
    table = checked.simulated_scoreboard([7, 11, 23], "2023-12", "2024-05")
    assert faultless(table).rows() == []
    assert table.filter(pl.col("planted") > 0).height >= 25


@pytest.mark.nightly
def test_every_plant_is_found_in_counties_of_other_sizes_too():
    assert faultless(board.scoreboard([60, 400])).rows() == []


def test_a_rule_that_misses_or_cries_wolf_is_told():
    planted = {(7, "K01", "2024-01", ""): 3, (7, "K04", "2024-01", ""): 1}
    found = {
        (7, "K01", "2024-01", ""): 2,
        (7, "K04", "2024-01", ""): 1,
        (7, "K04", "2024-02", ""): 2,
    }
    counted = [checked.Counter(planted), checked.Counter(found)]
    assert checked._score("K01", *counted) == (3, 2, 0)
    assert checked._score("K04", *counted) == (1, 1, 2)


@pytest.fixture
def few(monkeypatch):
    """Three rules with their plants, so that the command is quick."""
    kept = {
        name: errors for name, errors in board.plants().items() if name in ("B09", "F02", "T08")
    }
    monkeypatch.setattr(board, "plants", lambda: kept)


def test_the_command_prints_every_rule_and_writes_the_table(few, tmp_path):
    told = CliRunner().invoke(command, ["--to", str(tmp_path / "board.csv")])
    assert told.exit_code == 0
    assert "3条规则全部查出植入的问题,无误报" in told.output
    table = pl.read_csv(tmp_path / "board.csv")
    assert table["recall"].to_list() == table["precision"].to_list() == [1.0, 1.0, 1.0]


def test_the_command_fails_when_a_rule_misses_its_error(few, monkeypatch):
    monkeypatch.setattr(board, "_counted", lambda connection, rule, error: 0)
    told = CliRunner().invoke(command, [])
    assert told.exit_code == 1
    assert "3 rules miss an error or raise a false alarm" in str(told.exception)
