"""Spark against one DuckDB: a real master and workers, of which all but one are killed, and a county of twenty times the size."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import duckdb
import pytest

from benchmarks.lake import pour, register
from minzheng.months import months_between
from minzheng.warehouse.lake import RESULT, Lake
from pipelines.lake.cluster import _fault_of
from tests.place import AREA

ROOT = Path(__file__).parents[2]
JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""Each of a dozen JVMs lives for seconds: without its second compiler all of them take two fifths of the processor time less."""


class Form(NamedTuple):
    """Counties with their rows of rolls a month, one with twenty times as many; months; those that `faulty/` strikes."""

    counties: dict[str, int]
    months: list[str]
    struck: list[str]


SHORT = Form({"632221": 100, "632223": 2000}, ["2024-01"], ["632221"])
LONG = Form(
    {"632221": 500, "632222": 500, "632223": 10_000, AREA: 500, "632225": 500},
    months_between("2024-01", "2024-12"),
    ["632221", "632222"],
)


@pytest.fixture(
    scope="module",
    params=[SHORT, pytest.param(LONG, marks=pytest.mark.nightly)],
    ids=["short", "long"],
)
def form(request):
    """What is computed."""
    return request.param


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A call of the product, or of the rival, in a process of its own."""
    told = os.environ | JAVA | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(
        [sys.executable, *arguments],
        env=told,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def run(
    lake: Path, master: str, months: list[str], **environment: str
) -> subprocess.CompletedProcess:
    """`minzheng run --engine spark`."""
    call = [
        "-c",
        "from minzheng.cli import main; main()",
        "run",
        "--engine",
        "spark",
        "--lake",
        str(lake),
        "--master",
        master,
    ]
    return python(
        *call, "--first", months[0], "--last", months[-1], "--memory", "1GB", **environment
    )


@pytest.fixture(scope="module")
def lake(form, tmp_path_factory):
    """Counties some of whose persons are on the rolls of each."""
    path = tmp_path_factory.mktemp("lake")
    for county, rows in form.counties.items():
        with register(county, form.months, rows) as connection:
            pour(path, county, connection, form.months)
    return path


class Cluster:
    """A standalone master and workers of one core, as PyPI's package brings them."""

    def __init__(self, folder: Path, workers: int, struck: str):
        self.folder, self.workers, self.struck, self.started = folder, workers, struck, []
        (folder / "faults").mkdir()

    def start(self) -> str:
        """Start them all; the master's address once the workers have registered."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        address = f"spark://127.0.0.1:{port}"
        master = self._java("master.Master", "--port", port, "--webui-port", "0")
        for number in range(self.workers):
            more = ["--webui-port", "0", "--cores", "1", "--memory", "700m"]
            self._java(
                "worker.Worker", *more, "--work-dir", str(self.folder / f"w{number}"), address
            )
        joined = 0
        for line in master.stderr:
            joined += "Registering worker" in line
            if joined == self.workers:
                Thread(target=list, args=(master.stderr,), daemon=True).start()
                return address
        raise AssertionError("the master ended")

    def _java(self, name: str, *arguments: str) -> subprocess.Popen:
        import pyspark

        home = Path(pyspark.__file__).parent
        told = os.environ | JAVA | {
            "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "FAULTS": str(self.folder / "faults"), "FAULTS_MONTH": self.struck,
            "PYTHONPATH": f"{ROOT / 'tests' / 'lake' / 'faulty'}:{ROOT}", "PYSPARK_PYTHON": sys.executable,
        }  # fmt: skip
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *arguments],
            env=told, text=True, stderr=subprocess.PIPE if "Master" in name else (self.folder / f"log{len(self.started)}").open("w"),
            start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def stop(self) -> None:
        """End what is still there, with all its children."""
        for process in self.started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            finally:
                process.wait()


@pytest.fixture(scope="module")
def ran(form, lake, tmp_path_factory):
    """What one run over the cluster said, and which blows fell."""
    middle = form.months[len(form.months) // 2]
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), len(form.struck) + 1, middle)
    try:
        told = run(lake, cluster.start(), form.months, SPARK_LOCAL_IP="127.0.0.1")
    finally:
        cluster.stop()
    return told, sorted(path.name for path in (cluster.folder / "faults").iterdir())


@pytest.fixture(scope="module")
def alone(form, lake, tmp_path_factory):
    """Where the tables of one DuckDB a county lie."""
    folder = tmp_path_factory.mktemp("alone")
    for county, rows in form.counties.items():
        told = [str(lake), county, str(rows), *form.months, str(folder)]
        done = python("-m", "tests.lake.alone", *told)
        assert done.returncode == 0, done.stderr
    return folder


def same(left: str, right: str) -> int:
    """The rows of two sets of files, of which no cell and no type may differ."""
    with duckdb.connect() as connection:
        sides = [f"read_parquet('{files}', hive_partitioning = false)" for files in (left, right)]
        kinds = [connection.execute(f"describe select * from {side}").fetchall() for side in sides]
        assert kinds[0] == kinds[1]
        for one, other in (sides, sides[::-1]):
            rest = f"select * from {one} except all select * from {other}"
            assert connection.execute(rest).fetchall() == []
        return connection.execute(f"select count(*) from {sides[0]}").fetchall()[0][0]


def test_every_county_is_computed_although_workers_were_killed_and_tasks_failed_twice(form, ran):
    told, blows = ran
    assert (told.returncode, told.stderr) == (0, "")
    first, last = form.months[0], form.months[-1]
    said = rf"computed {first}\.\.{last} of {len(form.counties)} counties; rows elsewhere decide [1-9]\d* leads\n"
    assert re.fullmatch(said, told.stdout)
    fell = [f"{blow} {county} {number}" for county in form.struck for blow, number in (("failed", 0), ("failed", 1), ("killed", 0))]  # fmt: skip
    assert blows == sorted(fell)


def test_results_equal_one_duckdb_cell_by_cell_types_included(form, lake, ran, alone):
    for county in form.counties:
        months = f"{lake}/result/county={county}/month=*"
        rows = {table: same(f"{months}/{table}.parquet", f"{alone}/{county}.{table}.parquet") for table in RESULT}  # fmt: skip
        assert rows["indicator.observation"] > 500 * len(form.months)
        assert rows["lead.lead"] > 0
        assert rows["quality.outcome"] > 50 * len(form.months)


def test_leads_across_counties_are_those_that_one_warehouse_of_all_rows_finds(
    form, lake, ran, alone
):
    for county in form.counties:
        found = f"{lake}/across/county={county}/month=*/lead.lead.parquet"
        assert same(found, f"{alone}/{county}.across.parquet") > 0


@pytest.mark.parametrize("zone", ["result", "across"])
def test_nothing_half_written_stays(form, lake, ran, zone):
    for county in form.counties:
        there = list(Lake(lake).folder(zone, county).iterdir())
        assert len(there) == 2 * len(form.months), "a link and a folder for each month"


def faulted(told: subprocess.CompletedProcess, lake: Path) -> str:
    """The one English line of a run that failed and wrote nothing; a Chinese one follows it."""
    assert (told.returncode, told.stdout) == (1, "")
    assert not list(lake.glob("result/county=*/month=*"))
    english, chinese = told.stderr.splitlines()
    assert chinese.startswith("民政:")
    return english


@pytest.fixture
def small(tmp_path):
    """A lake of one county."""
    with register("632221", ["2024-01"], 50) as connection:
        pour(tmp_path, "632221", connection, ["2024-01"])
    return tmp_path


LACKING = "minzheng: a worker's Python has no duckdb: install minzheng[spark] in it, the same version everywhere"


def test_what_a_worker_says_of_a_lacking_package_is_one_line(tmp_path):
    """The short form of the next test: of Spark's words, as it got them from a real worker, the package is what counts."""
    said = "org.apache.spark.api.python.PythonException: Traceback\nModuleNotFoundError: No module named 'duckdb'\n"
    assert f"minzheng: {_fault_of(said, tmp_path)}" == LACKING


@pytest.mark.nightly
def test_a_worker_without_the_package_is_named_as_such(small):
    bare = small / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    told = run(small, "local[1]", ["2024-01"], PYSPARK_PYTHON=str(bare))
    assert faulted(told, small) == LACKING


def test_a_master_that_does_not_answer_and_a_missing_java_are_said_in_one_line(small):
    silent = "spark://127.0.0.1:9"
    assert faulted(run(small, silent, ["2024-01"]), small).startswith(
        f"minzheng: the master {silent} does not answer"
    )
    told = run(small, "local[1]", ["2024-01"], PATH="/nowhere", JAVA_HOME="")
    assert faulted(told, small).startswith("minzheng: no Java: install openjdk-17-jre-headless")
