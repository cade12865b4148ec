"""No sentence of the report rests on a row in quarantine: every clause holds at both ends of every open figure's bounds."""

import random
from dataclasses import replace

import polars as pl
import pytest

from minzheng.commands.run import run
from minzheng.custody.home import Home
from minzheng.months import months_between
from minzheng.publish.release.draft import whole_frames
from minzheng.publish.release.published import History
from minzheng.publish.report import building, progress_text
from minzheng.publish.report.building import build_report
from minzheng.warehouse.connection import open_warehouse
from simulation import simulate
from tests.publish.ends import judged, unheld

ENDS = {
    "narrow": (0.995, 1.004),
    "down": (0.5, 1.0),
    "up": (1.0, 1.6),
    "wide": (0.0, 3.0),
    "untold": (None, None),
}


def opened(frames, seed, share=0.4):
    """The frames with that share of the figures incomplete, some in last month and a year ago, each with ends of its own."""
    chance = random.Random(seed)
    rows = []
    for row in frames.observations.iter_rows(named=True):
        if row["obs_status"] == "A" and row["obs_value"] is not None and chance.random() < share:
            low, high = ENDS[chance.choice(list(ENDS))]
            ends = [None if end is None else row["obs_value"] * end for end in (low, high)]
            row |= {"obs_status": "U", "note": "不含1行待更正"}
            row |= dict(zip(("lower_bound", "upper_bound"), ends, strict=True))
        rows.append(row)
    schema = frames.observations.schema
    return replace(frames, observations=pl.DataFrame(rows, schema=schema, orient="row"))


@pytest.fixture(autouse=True)
def told_one_by_one(monkeypatch):
    """Which of the lagging are told, and what is said of several at once, is another matter than what is said of each."""
    monkeypatch.setattr(progress_text, "MOST_LAGGING", 99)
    monkeypatch.setattr(building, "gathered", lambda told: [[*head, *tail] for head, tail in told])


@pytest.mark.parametrize("seed", [1, 2])
def test_every_clause_holds_at_both_ends_of_the_bounds(frames, month, seed):
    incomplete = judged(opened(frames, seed), month)
    assert "可能为" in build_report(incomplete, month).text()
    assert unheld(incomplete, month) == []


def test_a_sentence_that_rests_on_an_open_row_is_seen(frames, month, monkeypatch):
    """The law can fail: with the bounds left out of the comparison, changes are told that one end denies."""
    from minzheng.publish.cell import Cell

    monkeypatch.setattr(Cell, "ends", property(lambda cell: (cell,)))
    assert unheld(judged(opened(frames, 1), month), month)


@pytest.mark.nightly
def test_no_sentence_of_a_simulated_county_with_faults_rests_on_a_row_in_quarantine(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home, extracts = Home(tmp_path / "home"), tmp_path / "extracts"
    simulate(extracts, "2024-01", "2024-12", 7, faults="usual", progress=False)
    run(home, "2024-01", "2024-12", extracts, tolerate_refused=True)
    for month in months_between("2024-02", "2024-12"):
        with open_warehouse(home) as connection:
            frames = whole_frames(home, connection, month, History.of(home)).shaped()
        assert "U" in set(frames.observations["obs_status"])
        assert unheld(frames, month) == []
