"""A run history that was damaged blocks nothing: it is set aside, told, and a new one begins."""

import contextlib
import sqlite3

import pytest

from assets import lineage
from minzheng.commands.run import settle
from minzheng.disclosure.recalling import Recall
from minzheng.errors import MinzhengError, of_the_machine
from pipelines import instance as module
from pipelines.runs import execute


@pytest.fixture
def used(home, monkeypatch):
    """A home in whose history a run stands, and no instance open."""
    monkeypatch.setattr(module, "_opened", lambda _: module.dg.DagsterInstance.get())
    with pytest.raises(MinzhengError):
        execute(home, "draft", months=["2024-03"])
    return home


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2 + 100]


@pytest.mark.parametrize(
    "name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"]
)
@pytest.mark.parametrize("damage", [lambda _: b"garbage" * 2000, halved], ids=["garbage", "half"])
def test_a_damaged_history_is_set_aside_and_the_next_run_works(used, capsys, name, damage):
    path = used.dagster / name
    path.write_bytes(damage(path.read_bytes()))
    for beside in path.parent.glob(path.name + "-*"):
        beside.unlink()
    settle(used)
    assert f"the run history was damaged; {path.name}.old-1 is kept" in capsys.readouterr().err
    settle(used)
    assert capsys.readouterr().err == ""
    assert module.instance(used).get_runs() is not None


@pytest.mark.nightly  # SQLite waits ten seconds by itself
def test_a_history_that_another_program_locks_is_told_and_the_next_run_works(used):
    path = used.dagster / "history" / "runs.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(Exception, match="database is locked") as caught:
            execute(used, "draft", months=["2024-03"])
    assert "another program holds a database" in str(of_the_machine(caught.value))
    with pytest.raises(MinzhengError, match="lost or is older|no observations|nothing"):
        execute(used, "draft", months=["2024-03"])


def test_a_whole_history_is_left_alone(used):
    before = sorted(path.name for path in used.dagster.rglob("*.db"))
    assert module.set_damaged_aside(used) == []
    assert sorted(path.name for path in used.dagster.rglob("*.db")) == before


def test_damaged_caches_are_made_anew(tmp_path):
    whole = lineage.remembered(tmp_path)
    (kept,) = tmp_path.glob("lineage-*.json")
    kept.write_bytes(b"\xff{")
    assert lineage.remembered(tmp_path) == whole
    (tmp_path / "disclosure.json").write_bytes(b"[1")
    assert Recall(tmp_path / "disclosure.json").kept == {}
