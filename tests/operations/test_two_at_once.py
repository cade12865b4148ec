"""One writer at a time: the second is told who is first; readers of releases are not concerned; a dead writer's lock is free."""

import shutil
import signal
import subprocess
import sys

import pytest

from minzheng.custody.home import Home
from minzheng.custody.writer import writing
from minzheng.errors import MinzhengError
from minzheng.operations import backup
from minzheng.operations.backup import back_up
from minzheng.warehouse.connection import open_warehouse

HOLD = """
import sys, time
from pathlib import Path
from minzheng.custody.home import Home
from minzheng.warehouse.connection import open_warehouse
with open_warehouse(Home(Path(sys.argv[2]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that writes the home until its input ends."""
    home = Home(tmp_path / "home").create()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, "run", str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    yield home, process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_second_writer_is_told_who_is_first_and_since_when(holder):
    home, process = holder
    with pytest.raises(MinzhengError, match=rf"in use by .* run \(process {process.pid}, since 20"):
        open_warehouse(home, patience=0).__enter__()


def test_the_lock_of_a_killed_writer_is_free(holder):
    home, process = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_warehouse(home, patience=0):
        pass


def test_a_writer_waits_for_one_that_ends_soon(holder):
    home, process = holder
    process.stdin.close()
    with open_warehouse(home, patience=30):
        pass


def test_one_process_may_nest_its_writing(tmp_path):
    home = Home(tmp_path / "home").create()
    with writing(home), writing(home), open_warehouse(home):
        pass
    with writing(home, 0):
        pass


def test_a_notebook_that_holds_the_warehouse_is_named(tmp_path):
    home = Home(tmp_path / "home").create()
    with open_warehouse(home):
        pass
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as notebook:
        notebook.stdout.readline()
        with pytest.raises(MinzhengError, match=f"in use by process {notebook.pid}: close it"):
            open_warehouse(home, patience=0).__enter__()
        notebook.stdin.close()


def test_a_backup_waits_for_no_half_release_and_leaves_no_half_folder(busy, tmp_path, monkeypatch):
    to = tmp_path / "backups"
    with monkeypatch.context() as patch:
        patch.setattr(
            backup, "_keep_out_others", lambda _: (_ for _ in ()).throw(OSError(28, "full"))
        )
        with pytest.raises(OSError, match="full"):
            back_up(busy.home, busy.keys, to, "1")
    assert list(to.iterdir()) == []
    made = back_up(busy.home, busy.keys, to, "1")
    killed = to / made.name.replace("minzheng-", ".minzheng-x-")
    shutil.copytree(made, killed)
    own = next(iter(_part_names(busy, to, monkeypatch)))
    (to / own).mkdir()
    back_up(busy.home, busy.keys, to, "3")
    assert sorted(path.name for path in to.iterdir()) == [killed.name, "minzheng-1", "minzheng-3"]


def _part_names(office, to, monkeypatch) -> set[str]:
    """Under which name a backup of this home is made."""
    seen = set()
    with monkeypatch.context() as patch:
        patch.setattr(
            backup,
            "_files",
            lambda _: seen.update(path.name for path in to.glob(".minzheng-*.part")) or [],
        )
        patch.setattr(
            backup, "_keep_out_others", lambda _: (_ for _ in ()).throw(OSError(28, "full"))
        )
        with pytest.raises(OSError, match="full"):
            back_up(office.home, office.keys, to, "2")
    return seen


def test_ctrl_c_is_one_line_and_ends_at_once(busy):
    code = "import time; from minzheng import stopping; stopping.stop_at_once(); print(1, flush=True)\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().decode()
        assert process.wait(30) == 130
    assert [line for line in told.splitlines() if line] == [
        "minzheng: stopped; run the same command again",
        "民政:已中止,可重新运行同一命令",
    ]


def test_a_note_that_cannot_be_written_does_not_hide_why_the_command_failed(office, monkeypatch):
    from minzheng.custody import trail

    @trail.witnessed("x")
    def command(home):
        monkeypatch.setattr(trail, "note", lambda *_, **__: 1 / 0)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        command(home=office.home)
