"""What a province's months cost by rows: one DuckDB with all of them, counties one by one, and the same carried by Spark.

`python -m benchmarks.lake [--rows 60000] [--counties 1 6] [--months 3] [--master local[2] ...]` makes lakes of the same number of
rows of rolls a month cut into so many counties (fictitious, by arithmetic), computes each county in a process of its own as a task
does, then lets Spark do the same with each master, and prints a line of JSON for each: processor seconds and the peak of memory of
the largest process, per million rows of the register too, and bytes of the lake before and after. `tests/lake` takes its counties
from here.
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.leads import fill
from minzheng.months import add_months
from minzheng.warehouse.connection import create_tables
from minzheng.warehouse.lake import INPUT, About, Lake, definitions, write_about, write_table

KEY = "0123456789abcdef"
PR_SET_CHILD_SUBREAPER = 36


def register(
    county: str, months: Sequence[str], rows: int, townships: int = 3
) -> duckdb.DuckDBPyConnection:
    """A warehouse whose register holds `rows` rows of rolls a month of a county of its own townships."""
    connection = duckdb.connect(config={"threads": 1})
    create_tables(connection)
    fill(connection, rows, months, townships_of(county, townships), own=county)
    return connection


def rows_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The rows of all lists of the register."""
    lists = [
        table for table in INPUT if table.startswith("register.") and table != "register.coverage"
    ]
    told = " + ".join(f"(select count(*) from {table})" for table in lists)
    return connection.execute(f"select {told}").fetchall()[0][0]


def townships_of(county: str, count: int = 3) -> list[str]:
    """The codes of a county's townships."""
    return [f"{county}{100 + place}" for place in range(count)]


def pour(path: Path, county: str, connection, months: Sequence[str], townships: int = 3) -> None:
    """Write a county's register into a lake, with a list of its regions as its only contract."""

    def write(month: str, folder: Path) -> None:
        write_about(folder, About(county, month, KEY, definitions()))
        for table in INPUT:
            told = f"select * from {table} where month = $month"
            if connection.execute(f"select 1 from ({told}) limit 1", {"month": month}).fetchall():
                write_table(connection, told, folder / f"{table}.parquet", {"month": month})

    Lake(path).replace("register", county, months, write)
    regions = path / "register" / f"county={county}" / "contracts" / "regions"
    regions.mkdir(parents=True, exist_ok=True)
    (regions.parent / "county.yaml").write_text(f'region: "{county}"\n', encoding="ascii")
    rows = [
        ("63", "", "province", "省"),
        ("6322", "63", "prefecture", "州"),
        (county, "6322", "county", f"县{county}"),
    ]
    rows += [(code, county, "township", f"乡{code}") for code in townships_of(county, townships)]
    rows += [
        (f"{code}201", code, "village", f"村{code}") for code in townships_of(county, townships)
    ]
    lines = [f"{code},{name},{level},{parent}," for code, parent, level, name in rows]
    text = "\n".join(["code,name_zh,level,parent_code,kind", *lines])
    (regions / f"{county}.csv").write_text(text + "\n", encoding="utf-8")


def county_codes(count: int) -> list[str]:
    """Codes of so many counties."""
    return [f"63{number:04d}" for number in range(2201, 2201 + count)]


TASK = """
import sys
from pipelines.lake.task import Task
from pipelines.lake.worker import compute
lake, county, memory, definitions, *months = sys.argv[1:]
done = compute(Task(lake, county, tuple(months), memory, definitions))
sys.exit(done.fault and done.fault[0])
"""


def one_by_one(lake: Path, months: list[str], memory: str) -> None:
    """Every county in a process of its own, one after the other."""
    for county in Lake(lake).counties():
        told = [str(lake), county, memory, definitions(), *months]
        subprocess.run([sys.executable, "-c", TASK, *told], check=True)


def on_spark(lake: Path, months: list[str], memory: str, master: str) -> None:
    """The same by `minzheng run`, with what crosses counties."""
    call = [
        sys.executable,
        "-c",
        "from minzheng.cli import main; main()",
        "run",
        "--engine",
        "spark",
    ]
    call += ["--lake", str(lake), "--master", master, "--memory", memory]
    subprocess.run(
        [*call, "--first", months[0], "--last", months[-1]], check=True, stdout=sys.stderr
    )


def bytes_of(lake: Path, zone: str) -> int:
    """What the Parquet of a zone takes."""
    return sum(path.stat().st_size for path in lake.glob(f"{zone}/county=*/month=*/*.parquet"))


def measured(what: str, rows: int, job: Callable[[], None]) -> dict:
    """Run `job`; seconds of the clock and of all processes it began, and the peak of the largest process so far."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    job()
    wall = time.monotonic() - began
    with contextlib.suppress(ChildProcessError):
        while os.wait():  # Java ends after the Python that started it, and falls to us (`main`)
            pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "what": what,
        "cpu_s": round(used, 1),
        "cpu_s_per_million_rows": round(used / rows * 1e6, 1),
        "wall_s": round(wall, 1),
        "peak_mib": after.ru_maxrss >> 10,
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=60_000, help="Rows of rolls a month.")
    options.add_argument("--counties", type=int, nargs="+", default=[1, 6])
    options.add_argument("--months", type=int, default=3)
    options.add_argument("--master", nargs="*", default=[])
    options.add_argument("--memory", default="2GB")
    asked = options.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    for count in asked.counties:
        measure(count, asked)


def measure(count: int, asked: argparse.Namespace) -> None:
    """Print a line for each way to compute one lake of `count` counties."""
    months = [add_months("2024-01", step) for step in range(asked.months)]
    with TemporaryDirectory() as folder:
        lake, held = Path(folder), 0
        for county in county_codes(count):
            with register(county, months, asked.rows // count) as connection:
                pour(lake, county, connection, months)
                held += rows_of(connection)
        jobs = {"county by county": partial(one_by_one, lake, months, asked.memory)}
        for master in asked.master:
            jobs[master] = partial(on_spark, lake, months, asked.memory, master)
        for what, job in jobs.items():
            told = {
                "counties": count,
                "months": len(months),
                "rows": held,
                **measured(what, held, job),
            }
            for zone in ("register", "result"):
                told[f"{zone}_mib_per_million_rows"] = round(
                    bytes_of(lake, zone) / held * 1e6 / 2**20, 1
                )
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[1]))
    main()
