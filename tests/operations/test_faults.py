"""The short form of `make faults`: ten kills, and a few errors and kills at calls to the disk, leave nothing but a finished home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(
    not shutil.which("cc") and "CI" not in os.environ,
    reason="no C compiler: the layer before the disk cannot be built (Debian packages gcc, libc6-dev)",
)
def test_kills_and_failing_disks_end_in_the_same_tables_as_an_undisturbed_run():
    done = subprocess.run(
        [sys.executable, "-m", "tests.operations.faults"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0  violations" in done.stdout
