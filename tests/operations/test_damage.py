"""A write-ahead log that was cut, flipped or lost, and a database with flipped bits: told at once, made good by the repair."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import open_warehouse
from tests.operations.month_of_work import arrive

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, sys
from pathlib import Path
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.intake import take, take_in
from minzheng.intake.sandbox import Sandbox
from minzheng.warehouse.connection import open_warehouse
take.Sandbox = lambda: Sandbox(1)
home = Home(Path(sys.argv[1]))
with open_warehouse(home, mending=True) as connection:
    take_in(home, connection, Keys.load())
    os._exit(9)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A home whose intake was killed after its last commit: what it loaded is in the write-ahead log."""
    folder = tmp_path_factory.mktemp("killed")
    home = Home(folder / "home").create()
    arrive(home)
    os.environ["MINZHENG_KEY_FILE"] = str(folder / "key.json")
    Keys.create(folder / "key.json")
    subprocess.run(
        [sys.executable, "-c", KILLED, str(home.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert home.warehouse.with_name("minzheng.duckdb.wal").stat().st_size > 1000
    yield home
    os.environ.pop("MINZHENG_KEY_FILE")


@pytest.fixture
def home(killed, tmp_path):
    shutil.copytree(killed.path, tmp_path / "home")
    return Home(tmp_path / "home")


def rows(home) -> int:
    with open_warehouse(home) as connection:
        return connection.execute("select count(*) from raw.dibao_roll").fetchall()[0][0]


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: -chance.choice([1, 100, len(content) // 2, len(content) - 40])])


def lose(path: Path, _: random.Random) -> None:
    path.unlink()


def empty(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("file", ["minzheng.duckdb", "minzheng.duckdb.wal"])
@pytest.mark.parametrize("damage", [flip, cut, lose, empty])
@pytest.mark.parametrize(
    "seed",
    [1, pytest.param(2, marks=pytest.mark.nightly), pytest.param(3, marks=pytest.mark.nightly)],
)
def test_a_damaged_warehouse_or_log_never_answers_with_less_than_was_taken_in(
    home, file, damage, seed
):
    damage(home.warehouse.with_name(file), random.Random(seed))
    try:
        assert rows(home) == 36
    except MinzhengError as error:
        assert "doctor --repair" in str(error)  # noqa: PT017
    result = CliRunner().invoke(cli, ["doctor", "--repair", "--home", str(home.path)])
    assert result.exit_code == 0, result.output
    assert rows(home) == 36


def test_a_lost_run_history_costs_nothing_else(home):
    shutil.rmtree(home.dagster)
    home.create()
    assert rows(home) == 36
