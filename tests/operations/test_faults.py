"""The short form of `make faults`: ten kills, and a few errors and kills at calls to the disk, leave nothing but a finished home.

And one fault that DuckDB cannot tell by itself.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.faults import layer

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not shutil.which("cc") and "CI" not in os.environ,
    reason="no C compiler: the layer before the disk cannot be built (Debian packages gcc, libc6-dev)",
)
A_COMMIT = """
import ctypes, sys
from pathlib import Path
from minzheng.custody.home import Home
from minzheng.warehouse.connection import open_warehouse

with open_warehouse(Home(Path(sys.argv[1]))) as connection:
    ctypes.CDLL(None).arm(sys.argv[2].encode(), 2, int(sys.argv[3]), None)  # it writes its log, then makes it durable
    connection.execute("create table work.more (number integer)")
"""


def test_kills_and_failing_disks_end_in_the_same_tables_as_an_undisturbed_run():
    done = subprocess.run(
        [sys.executable, "-m", "tests.operations.faults"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0  violations" in done.stdout


@pytest.mark.parametrize(
    ("harm", "where", "told"),
    [
        (errno.EROFS, "", "minzheng: no right to read or write: check the owner"),
        (errno.ENOSPC, "", "minzheng: the disk is full: free some space"),
        (
            errno.EROFS,
            "minzheng.duckdb.wal",
            "minzheng: the database could not write and broke off",
        ),
    ],
)
def test_a_commit_that_can_neither_be_made_durable_nor_undone_ends_in_one_line(
    tmp_path, harm, where, told
):
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", A_COMMIT, home, home / "warehouse" / where, str(harm)],
        cwd=ROOT,
        env=layer(tmp_path),
        capture_output=True,
        text=True,
    )
    english, chinese = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert english.startswith(told)
    assert chinese.startswith("民政:")


@pytest.mark.nightly
def test_every_call_of_the_warehouse_to_its_disk_may_fail_and_no_commit_is_lost(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.operations.failing_warehouse"],
        cwd=ROOT,
        env=layer(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"\d\d calls, 0 violations\n", done.stdout)
