"""What Dagster costs: loading the code location, and one county month as a Dagster run beside the same functions called directly.

Usage: python -m benchmarks.control_room [HOME]; without a home, one month of a simulated county is taken in first.
Needs MINZHENG_KEY_FILE when HOME is given. Prints seconds of wall and CPU, and the ratio; the goals are < 3 s each.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from minzheng.home import Home

ROUNDS = 3


def directly(home: Home, months: list[str]) -> None:
    """The functions that job `recompute` runs, in its order, without Dagster."""
    from minzheng import indicators, leads, month_facts, state
    from minzheng.contracts import dataset_names
    from minzheng.register import build_register
    from minzheng.restricted_lists import seal_lists
    from minzheng.warehouse import open_warehouse
    from quality import gate

    with open_warehouse(home) as connection:
        build_register(connection, months)
        for name in dataset_names():
            month_facts.table_facts(connection, name, months)
        month_facts.arrivals(connection, months)
    with open_warehouse(home) as connection:
        gate.evaluate(connection, months)
        gate.validate(connection, months)
    with open_warehouse(home) as connection:
        leads.compute(connection, months)
        seal_lists(home, connection, months)
        leads.counts(connection, months[-1])
    with open_warehouse(home) as connection:
        indicators.compute(connection, months)
        state.mark_computed(connection, months)


def through_dagster(home: Home, months: list[str]) -> None:
    """Job `recompute`, as `minzheng run` runs it."""
    from pipelines.runs import execute

    execute(home, "recompute", months=months)


def measured(work: Callable[[Home, list[str]], None], home: Home, months: list[str]) -> tuple[float, float]:
    """Seconds of wall and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(home, months)
    return time.perf_counter() - wall, time.process_time() - cpu


def loading() -> float:
    """Seconds a new process needs to load the code location."""
    code = "import time; t = time.perf_counter(); import pipelines.definitions; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=True).stdout)


@contextlib.contextmanager
def home_with_a_month() -> Iterator[Home]:
    """The home named on the command line, or a new one with one simulated month."""
    from minzheng.simulate import simulate

    if len(sys.argv) > 1:
        yield Home.find(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MINZHENG_KEY_FILE"] = str(Path(folder) / "key.json")
        home = Home(Path(folder) / "home").create()
        simulate(home.landing, "2024-01", "2024-01", 7, "county", "usual")
        yield home


def main() -> None:
    """Measure and print."""
    from minzheng.state import fingerprints
    from minzheng.warehouse import open_warehouse
    from pipelines.runs import receive_files

    with home_with_a_month() as home:
        if not home.warehouse.is_file():
            receive_files(home)
        with open_warehouse(home) as connection:
            months = [max(fingerprints(connection))]
        for work in (directly, through_dagster):  # imports, and the lineage parsed once
            work(home, months)
        rounds = [(measured(directly, home, months), measured(through_dagster, home, months)) for _ in range(ROUNDS)]
    print(f"code location loads in {statistics.median(loading() for _ in range(ROUNDS)):.2f} s")
    for place, clock in enumerate(("wall", "CPU")):
        bare, run = (statistics.median(one[side][place] for one in rounds) for side in (0, 1))
        print(
            f"one month, {clock}: functions {bare:.2f} s, Dagster run {run:.2f} s, own share {run - bare:.2f} s, ratio {run / bare:.2f}"
        )


if __name__ == "__main__":
    main()
