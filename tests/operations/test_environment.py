"""The same bytes, or one clear line, whatever the surroundings: locale, umask, hash seed, threads, handles, memory, no HOME."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from tests.operations.month_of_work import arrive

ROOT = Path(__file__).resolve().parents[2]


def done(folder: Path, key: Path, changed=(), without=(), before=None, threads=None):
    """The month of work in a process of its own."""
    home = Home(folder / "home").create()
    arrive(home)
    if threads:
        home.settings.write_text(f"[warehouse]\nthreads = {threads}\n", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MINZHENG_KEY_FILE": str(key), **dict(changed)}
    for name in without:
        env.pop(name, None)
    command = [
        sys.executable,
        "-m",
        "tests.operations.month_of_work",
        str(home.path),
        str(folder / "b"),
    ]
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, preexec_fn=before
    )


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "key.json"
    Keys.create(path)
    return path


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory, key):
    result = done(tmp_path_factory.mktemp("ordinary"), key)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


SURROUNDINGS = {
    "another locale, zone and hash seed": dict(
        changed={"LANG": "C", "LC_ALL": "C", "TZ": "America/New_York", "PYTHONHASHSEED": "77"}
    ),
    "no HOME and no temporary folder": dict(without=("HOME", "TMPDIR")),
    "umask 022": dict(before=lambda: os.umask(0o022)),
    "umask 077": dict(before=lambda: os.umask(0o077)),
    "96 file handles": dict(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))),
    "one thread": dict(threads=1),
    "eight threads": dict(threads=8),
}


@pytest.mark.parametrize("changed", SURROUNDINGS.values(), ids=SURROUNDINGS.keys())
def test_the_same_bytes_come_of_it(tmp_path, key, ordinary, changed):
    result = done(tmp_path, key, **changed)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == ordinary
    loose = [
        path
        for zone in ("vault", "ledger", "warehouse", "restricted", "work")
        for path in (tmp_path / "home" / zone).rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077
    ]
    assert loose == []


def test_too_little_memory_is_refused_before_anything_is_written(tmp_path, key):
    """With less, native libraries abort the process or wait for ever."""
    small = 1900 << 20
    command = [sys.executable, "-c", "from minzheng.cli import main; main()", "intake"]
    told = subprocess.run(
        [*command, "--home", str(tmp_path / "home")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MINZHENG_KEY_FILE": str(key)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (small, small)),
    )
    assert (told.returncode, len(told.stderr.splitlines())) == (1, 2)
    assert "only 1900 MiB of address space" in told.stderr
    assert not (tmp_path / "home").exists()
