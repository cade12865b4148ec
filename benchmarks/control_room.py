"""What Dagster costs: loading the code location, and `minzheng run` of one county month beside the same functions alone.

Usage: python -m benchmarks.control_room. A simulated month is received, computed and drafted from nothing by each rival, each
time as a process of its own in a home of its own, in turns. Prints seconds of CPU (user and system, children too), since
wall time on a busy machine says little; the goals are < 3 s for the code location and for Dagster's share of the run.
"""

import datetime as dt
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from minzheng.home import Home

ROUNDS = 3
MONTH = "2024-01"
LOAD = [sys.executable, "-W", "ignore", "-c"]


def directly(home: Home, month: str) -> None:
    """What `minzheng run` does for a month, in its order, without Dagster."""
    from minzheng import indicators, leads, month_facts, state
    from minzheng.contracts import dataset_names
    from minzheng.draft import write_draft
    from minzheng.receive import receive
    from minzheng.register import build_register
    from minzheng.restricted_lists import seal_lists
    from minzheng.warehouse import open_warehouse
    from quality import gate

    months = [month]
    with open_warehouse(home) as connection:
        receive(home, connection, home.landing).tables(connection)
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
        leads.counts(connection, month)
    with open_warehouse(home) as connection:
        indicators.compute(connection, months)
        gate.evaluate_observations(connection, months)
        state.mark_computed(connection, months)
    with open_warehouse(home) as connection:
        write_draft(home, connection, month)


def cpu(command: list[str]) -> float:
    """Seconds of CPU that a process and its children took; its exit status 1 (a refused file) is no failure here."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in (0, 1):
        raise SystemExit(ended.stderr.decode())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_round(landing: Path, folder: Path) -> tuple[float, float]:
    """CPU of the functions alone and of `minzheng run`, each over its own copy of the landing folder."""
    spent = []
    for name, command in (
        ("functions", [sys.executable, "-m", "benchmarks.control_room", "directly"]),
        ("dagster", [str(Path(sys.executable).with_name("minzheng")), "run", "--month", MONTH, "--home"]),
    ):
        home = Home(folder / name).create()
        shutil.copytree(landing, home.landing, dirs_exist_ok=True)
        spent.append(cpu([*command, str(home.path)]))
        if not (home.drafts / MONTH / "manifest.json").is_file():
            raise SystemExit(f"{name}: no draft was written")
        shutil.rmtree(home.path)
    return spent[0], spent[1]


def main() -> None:
    """Measure and print."""
    from minzheng.simulate import simulate

    loads = [(cpu([*LOAD, "import dagster"]), cpu([*LOAD, "import pipelines.definitions"])) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MINZHENG_KEY_FILE"] = str(Path(folder) / "key.json")
        simulate(Path(folder) / "landing", MONTH, MONTH, 7, "county", "usual")
        rounds = [one_round(Path(folder) / "landing", Path(folder)) for _ in range(ROUNDS)]
    dagster, location = (statistics.median(one[side] for one in loads) for side in (0, 1))
    bare, run = (statistics.median(one[side] for one in rounds) for side in (0, 1))
    print(
        f"code location: {location:.2f} s CPU, of which `import dagster` {dagster:.2f} s; ratio {location / dagster:.2f}"
    )
    print(
        f"a month from files to draft: functions {bare:.1f} s CPU, minzheng run {run:.1f} s, Dagster {run - bare:.1f} s"
    )
    print(f"rounds (functions, run): {', '.join(f'{one:.1f} {two:.1f}' for one, two in rounds)}")
    print(f"measured {dt.datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["directly"]:
        directly(Home.find(sys.argv[2]), MONTH)
    else:
        main()
