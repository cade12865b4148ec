"""The whole work beside its rivals: every contestant a process of its own, the order rotated, each answer the same.

`python -m benchmarks.whole [county|prefecture|province] [ROUNDS]`, or `make bench`, which also installs dbt, prints medians of processor and wall seconds, the greatest
memory, and ratios to the floor; it ends with status 1 when two contestants answer otherwise. A line each goes to
`benchmarks/record.csv`.
"""

import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.work import make

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "benchmarks" / "record.csv"
ROWS = {"county": 13_400, "prefecture": 66_700, "province": 333_400}
"""Rows a month; 36 months make 0.48, 2.4 and 12 million."""
TOO_LARGE = {"province": ("pandas", "great_expectations")}
"""Who needs more memory than such a machine has."""
DUTIES = {
    "floor": "reads all columns, tells nothing",
    "project": "seals, pseudonymises, quarantines with reasons, traces; 111 rules, leads, 175 indicators",
    "parts": "our own parts without those duties",
    "duckdb": "none: nothing sealed, no pseudonym, no reason a row, no lineage, nothing kept",
    "polars": "none, as DuckDB",
    "dbt": "none, as DuckDB; rules as tests, tables kept, models traced",
    "pandas": "none, as DuckDB",
    "great_expectations": "none but verdicts of twelve expectations; figures by pandas",
}


@dataclass(frozen=True)
class Run:
    """One process: processor and wall seconds, most MiB of memory, its answer."""

    cpu: float
    wall: float
    peak: float
    answer: str


def run(name: str, landing: Path) -> Run:
    """Do the work once; the project in a new home with a key of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "landing"
        place.symlink_to(landing)
        key = Path(folder) / "keys" / "key.json"
        environment = os.environ | {
            "MINZHENG_KEY_FILE": str(key),
            "MINZHENG_HOME": str(Path(folder) / "home"),
        }
        if name == "project":
            make_key = "from minzheng.custody.keys import Keys; Keys.create()"
            subprocess.run([sys.executable, "-c", make_key], env=environment, check=True)
        began = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.contestants", name, str(place)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)  # fmt: skip
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} failed with status {os.waitstatus_to_exitcode(status)}")
    wall = time.perf_counter() - began
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, told.splitlines()[-1])


def rounds(names: list[str], landing: Path, count: int) -> dict[str, list[Run]]:
    """Every contestant `count` times, each round beginning with another."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(count):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            runs[name].append(run(name, landing))
            print(f"round {number + 1}/{count}: {name} {runs[name][-1].wall:.1f} s", file=sys.stderr)  # fmt: skip
    return runs


def disagreeing(runs: dict[str, list[Run]]) -> Iterator[str]:
    """What two contestants answer otherwise, with both numbers."""
    answers = {name: json.loads(own[0].answer) for name, own in runs.items() if name != "floor"}
    right = answers["duckdb"]
    for name, answer in answers.items():
        for part in ("rules", "figures"):
            for key in right[part].keys() | answer[part].keys():
                pair = right[part].get(key), answer[part].get(key)
                if pair[0] != pair[1]:
                    yield f"{key}: duckdb {pair[0]}, {name} {pair[1]}"


def medians(runs: list[Run]) -> tuple[float, float, float]:
    """Processor and wall seconds, and the greatest memory."""
    return (
        statistics.median(one.cpu for one in runs),
        statistics.median(one.wall for one in runs),
        max(one.peak for one in runs),
    )


def table(told: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    """The contestants from the fastest to the slowest."""
    floor = told["floor"][0]
    yield f"{'':20}{'CPU s':>8}{'ratio':>8}{'wall s':>8}{'MiB':>7}  duties"
    for name, (cpu, wall, peak) in sorted(told.items(), key=lambda one: one[1][0]):
        yield f"{name:20}{cpu:8.2f}{cpu / floor:8.1f}{wall:8.2f}{peak:7.0f}  {DUTIES[name]}"


def goals(told: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    """The goals that this run can tell, with what was reached."""
    cpu = {name: one[0] for name, one in told.items()}
    rows = [("without the duties, beside plain DuckDB", cpu["parts"] / cpu["duckdb"], "<=", 1.5)]
    if "pandas" in cpu:
        rows.append(("pandas beside ours without the duties", cpu["pandas"] / cpu["parts"], ">=", 3.0))  # fmt: skip
        rows.append(("pandas beside the project with all duties", cpu["pandas"] / cpu["project"], "", 0.0))  # fmt: skip
    for label, reached, sign, goal in rows:
        held = {"<=": reached <= goal, ">=": reached >= goal}.get(sign)
        verdict = "" if held is None else f"  goal {sign} {goal}  {'held' if held else 'NOT held'}"
        yield f"{label:45}{reached:7.2f} x{verdict}"


def record(size: str, told: dict[str, tuple[float, float, float]]) -> None:
    """Append a line a contestant: commit, machine, size, seconds, memory, ratio to the floor."""
    asked = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    machine = f"{platform.machine()} x {os.cpu_count()}"
    fresh = not RECORD.exists()
    with RECORD.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if fresh:
            writer.writerow(["commit", "machine", "size", "contestant", "cpu_s", "wall_s", "peak_mib", "ratio"])  # fmt: skip
        for name, (cpu, wall, peak) in told.items():
            ratio = cpu / told["floor"][0]
            writer.writerow([commit, machine, size, name, f"{cpu:.2f}", f"{wall:.2f}", f"{peak:.0f}", f"{ratio:.1f}"])  # fmt: skip


def main(size: str = "county", count: str = "3") -> int:
    """Make the work, run everybody, print and record; 1 when answers differ."""
    names = [name for name in DUTIES if name not in TOO_LARGE.get(size, ())]
    if not Path(os.environ.get("MINZHENG_DBT", "")).is_file():
        names.remove("dbt")
        print("dbt is left out: MINZHENG_DBT names no program (make bench installs one)")
    with tempfile.TemporaryDirectory() as folder:
        landing = Path(folder) / "landing"
        make(landing, ROWS[size])
        runs = rounds(names, landing, int(count))
    told = {name: medians(own) for name, own in runs.items()}
    print(f"{size}: {ROWS[size] * 36:,} rows in 36 files, medians of {count}")
    print("\n".join([*table(told), "", *goals(told)]))
    record(size, told)
    wrong = list(disagreeing(runs))
    print("\n".join(wrong) if wrong else "all agree on 12 rules and 20 figures")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
