"""A run with nothing to do says what is in force and ends before Dagster loads; whatever could change a figure makes it run."""

import os
import subprocess
import sys
from typing import ClassVar

import pytest
from click.testing import CliRunner

from minzheng.commands import run as command
from minzheng.contracts.paths import ROOT
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.operations import unchanged

MONTH = ["--month", "2024-03"]


class Watched(Home):
    """A home that knows the runs over it."""

    calls: ClassVar[list[tuple[str, str]]] = []


def note_call(home, first, last, landing=None) -> None:
    Watched.calls.append((first, last))


@pytest.fixture
def done(tmp_path, monkeypatch):
    """A home after a run that did all it was asked to; `calls` gathers the runs that follow."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    monkeypatch.setattr(unchanged, "ROOT", tmp_path / "code")
    Keys.create()
    home = Watched(tmp_path / "home").create()
    for path in (home.landing / "a.csv", home.warehouse, home.drafts / "2024-03" / "report.docx", home.tasks,
                 home.restricted / "2024-03" / "x.sealed", home.published / "2024-02" / "r1" / "manifest.json",
                 tmp_path / "code" / "sql" / "a.sql"):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with Ledger(home) as ledger:
        for number, (kind, verdict) in enumerate(
            [("loaded", "accept"), ("loaded", "accept"), ("refused", "reject_file")]
        ):
            ledger.record(kind, {"verdict": verdict}, intake_no=number)
    monkeypatch.setattr(command, "load_for_good", lambda: None)
    monkeypatch.setattr(command, "run", note_call)
    run(home)
    home.calls.clear()
    return home


def run(home, *options: str):
    return CliRunner().invoke(
        command.command, ["--home", str(home.path), *(options or MONTH)], obj=home
    )


def test_nothing_new_is_said_with_what_is_in_force(done):
    result = run(done)
    assert (done.calls, result.exit_code) == ([], 0)
    assert "2 files accepted, 1 refused, 0 held" in result.output
    assert "接收文件2个,退回1个,待确认0个" in result.output
    assert str(done.drafts / "2024-03") in result.output
    assert (
        run(done).output == result.output
    )  # looking leaves no trace that a later look takes for a change


def record(kind: str):
    def act(home):
        with Ledger(home) as ledger:
            ledger.record(kind, {"verdict": "accept"}, intake_no=9)

    return act


CHANGES = {
    "a new file": lambda home: (home.landing / "b.csv").write_bytes(b""),
    "a new file in a folder": lambda home: ((home.landing / "2024-03").mkdir(), (home.landing / "2024-03" / "b").touch()),
    "a file written anew": lambda home: os.utime(home.landing / "a.csv", (1, 1)),
    "a file taken away": lambda home: (home.landing / "a.csv").unlink(),
    "an event": record("confirmed"),
    "a warehouse that was written": lambda home: os.utime(home.warehouse, (1, 1)),
    "a warehouse that is gone": lambda home: home.warehouse.unlink(),
    "a draft that was edited": lambda home: (home.drafts / "2024-03" / "report.docx").write_bytes(b"yy"),
    "a release": lambda home: (home.published / "2024-02" / "r2").mkdir() or (home.published / "2024-02" / "r2" / "m").touch(),
    "a sealed list taken away": lambda home: (home.restricted / "2024-03" / "x.sealed").unlink(),
    "a task reported": lambda home: home.tasks.write_bytes(b"xy"),
    "other code": lambda home: (home.path.parent / "code" / "sql" / "b.sql").touch(),
    "another key file": lambda home: os.utime(home.path.parent / "key.json", (1, 1)),
    "a damaged note": lambda home: unchanged.remembered(home).write_bytes(b"{"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changed_is_computed_once(done, what):
    CHANGES[what](done)
    run(done)
    assert done.calls == [("2024-03", "2024-03")]
    run(done)
    assert len(done.calls) == 1


def test_another_month_another_folder_and_a_wish_are_computed(done, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    for options in (
        ["--month", "2024-02"],
        [*MONTH, "--landing", str(tmp_path / "elsewhere")],
        [*MONTH, "--again"],
    ):
        run(done)
        done.calls.clear()
        run(done, *options)
        assert len(done.calls) == 1, options


def test_an_act_noted_in_the_trail_is_no_change(done):
    record("act")(done)
    run(done)
    assert done.calls == []


def test_a_run_that_failed_is_no_ground_to_leave_early(done, monkeypatch):
    (done.landing / "b.csv").touch()
    monkeypatch.setattr(command, "run", lambda *_: (_ for _ in ()).throw(RuntimeError("planted")))
    assert isinstance(run(done).exception, RuntimeError)
    monkeypatch.setattr(command, "run", note_call)
    run(done)
    assert len(done.calls) == 1


def test_a_file_that_comes_while_the_run_is_at_work_is_seen_by_the_next(done, monkeypatch):
    monkeypatch.setattr(command, "run", lambda home, *_: (home.landing / "late.csv").touch())
    run(done, *MONTH, "--again")
    monkeypatch.setattr(command, "run", note_call)
    run(done)
    assert len(done.calls) == 1


def test_looking_loads_neither_dagster_nor_duckdb_nor_polars():
    code = "import sys, minzheng.commands.run; print(sorted({'dagster', 'duckdb', 'polars', 'pydantic'} & sys.modules.keys()))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert told.stdout == "[]\n"


def test_whoever_asks_how_things_stand_waits_for_no_engine():
    code = "import sys, minzheng.commands.status; print(sorted({'numpy', 'duckdb', 'polars', 'dagster'} & sys.modules.keys()))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
