"""What Dagster costs: loading the code location, and `minzheng run` of one county month beside the same functions alone.

Usage: python -m benchmarks.control_room. A simulated month is received, computed and drafted by each rival in a home that has
had its first month, each time as a process of its own, in turns. Python keeps its bytecode, as it does wherever minzheng is
installed, and the first month, which is not counted, fills it. Prints seconds of CPU (user and system), since wall time on a
busy machine says little; the goals are < 3 s for the code location and for Dagster's share of the run.

The share is told twice: as the difference of the whole processes, which swings with the functions themselves, and as what the
processes spend outside of these functions. What only the control room shows, and the gate that lets no id number into its
history, are our own work and told apart; the share holds neither.
"""

import datetime as dt
import functools
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from minzheng.custody.home import Home
from minzheng.errors import MinzhengError

ROUNDS = 3
FIRST, MONTH = "2024-01", "2024-02"
LOAD = [sys.executable, "-W", "ignore", "-c"]

FUNCTIONS = {
    "minzheng.intake.receive": ["receive"],
    "minzheng.warehouse.register": ["build_register"],
    "minzheng.operations.month_facts": ["table_facts", "arrivals"],
    "quality.gate": ["evaluate", "validate", "compute_indicators"],
    "minzheng.leads": ["compute", "counts"],
    "minzheng.leads.restricted_lists": ["seal_lists"],
    "minzheng.indicators.models": ["compute"],
    "minzheng.warehouse.stale": ["mark_computed", "months_to_run", "refuse_unreported"],
    "minzheng.publish.release.draft": ["write_drafts"],
    "minzheng.warehouse.connection": ["open_warehouse"],
}
"""What both rivals call."""
SHOWN = {
    "assets.checks": [
        "page_of",
        "failed_checks",
        "_townships_by_suite",
        "_trends",
        "_remember_blocked",
    ],
    "assets.indicator": ["_open_figures", "_shown"],
    "assets.lead": ["_shown", "overdue_red"],
    "assets.publication": ["at_a_glance", "_size", "_leads"],
    "assets.register": ["_shown"],
    "assets.lineage": ["remembered"],
}
"""What is worked out for the control room alone."""
GATE = {"minzheng.custody.egress": ["refuse_content"]}
"""What looks through every event before it is written into the history."""


def directly(home: Home, month: str) -> None:
    """What `minzheng run` does for a month, in its order, without Dagster."""
    from minzheng import leads
    from minzheng.contracts.datasets import dataset_names
    from minzheng.intake.receive import receive
    from minzheng.leads.restricted_lists import seal_lists
    from minzheng.operations import month_facts
    from minzheng.publish.release.draft import write_drafts
    from minzheng.warehouse import stale
    from minzheng.warehouse.connection import open_warehouse
    from minzheng.warehouse.register import build_register
    from quality import gate
    from quality.report import checks_with_report

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
        gate.compute_indicators(connection, months)
        stale.mark_computed(connection, months)
    with open_warehouse(home) as connection:
        write_drafts(home, connection, month, checks_with_report)


def watched(spent: Counter, part: str, module: str, name: str) -> None:
    """Count the CPU of a function of ours in `spent[part]`, but for what others in it count."""
    place = importlib.import_module(module)
    function = getattr(place, name)

    @functools.wraps(function)
    def timed(*given, **named):
        began, others = time.process_time(), spent.total()
        try:
            return function(*given, **named)
        finally:
            spent[part] += time.process_time() - began - (spent.total() - others)

    setattr(place, name, timed)


def run_watched(side: str, home: Home, month: str) -> None:
    """Compute a month one way or the other; prints its CPU by part as a line of JSON, this process alone."""
    from minzheng.commands.run import command

    spent: Counter = Counter()
    parts = {"functions": FUNCTIONS} | (
        {} if side == "directly" else {"shown": SHOWN, "gate": GATE}
    )
    for part, modules in parts.items():
        for module, names in modules.items():
            for name in names:
                watched(spent, part, module, name)
    try:
        if side == "directly":
            directly(home, month)
        else:
            command.main(["--month", month, "--home", str(home.path)], standalone_mode=False)
    except MinzhengError as error:
        print(
            error, file=sys.stderr
        )  # a simulated file is refused now and then; without a draft `one_month` fails
    print(json.dumps({**spent, "outside": time.process_time() - spent.total()}))


def cpu(command: list[str]) -> tuple[float, str]:
    """Seconds of CPU that a process and its children took, and the last line it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, ended.stdout.strip().rpartition("\n")[2]


def one_month(side: str, home: Home, landing: Path, month: str) -> dict[str, float]:
    """CPU of a month by part, and of the whole process with its children."""
    shutil.copytree(landing / month, home.landing / month)
    whole, told = cpu(
        [sys.executable, "-m", "benchmarks.control_room", side, str(home.path), month]
    )
    if not (home.drafts / month / "bureau" / "manifest.json").is_file():
        raise SystemExit(f"{side}: no draft was written")
    return json.loads(told) | {"whole": whole}


def main() -> None:
    """Measure and print."""
    from simulation import simulate

    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rounds: dict[str, list[dict[str, float]]] = {"directly": [], "dagster": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {
            "MINZHENG_KEY_FILE": str(folder / "key.json"),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        simulate(folder / "landing", FIRST, MONTH, 7, "county", "none")
        for side in rounds:
            one_month(side, Home(folder / side).create(), folder / "landing", FIRST)
        for number in range(ROUNDS):
            for side, measured in rounds.items():
                home = Home(folder / f"{side}{number}")
                shutil.copytree(folder / side, home.path, symlinks=True)
                measured.append(one_month(side, home, folder / "landing", MONTH))
        loads = [[cpu([*LOAD, f"import {module}"])[0] for module in ("dagster", "pipelines.definitions")] for _ in range(ROUNDS)]  # fmt: skip
    dagster, location = map(statistics.median, zip(*loads, strict=True))
    alone, run = ({part: statistics.median(one[part] for one in measured) for part in measured[0]} for measured in rounds.values())  # fmt: skip
    print(
        f"code location: {location:.2f} s CPU, of which `import dagster` {dagster:.2f} s; ratio {location / dagster:.2f}"
    )
    print(
        f"a month from files to draft: functions {alone['whole']:.1f} s CPU, minzheng run {run['whole']:.1f} s, difference {run['whole'] - alone['whole']:.1f} s"
    )
    print(
        f"outside of the functions: alone {alone['outside']:.2f} s, with Dagster {run['outside']:.2f} s: Dagster's share {run['outside'] - alone['outside']:.2f} s"
    )
    print(
        f"besides, what the control room shows {run['shown']:.2f} s, the gate of its history {run['gate']:.2f} s"
    )
    for side, measured in rounds.items():
        print(
            f"rounds, {side}: "
            + ", ".join(f"{one['whole']:.1f} ({one['outside']:.2f} outside)" for one in measured)
        )
    print(
        f"measured {dt.datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        run_watched(sys.argv[1], Home.find(sys.argv[2]), sys.argv[3])
    else:
        main()
