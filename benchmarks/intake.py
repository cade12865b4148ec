"""The intake measured: a roll of a million rows as CSV, one of 200,000 as a workbook, and the check of id numbers.

Each beside its rival in the same run: a bare polars read of the CSV, a bare python-calamine read of the workbook. Peak memory is
what a process takes above what it took before the file. `python -m benchmarks.intake [ROWS_CSV ROWS_XLSX [RUNS]]`
"""

import csv
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import county, region_names, regions, townships
from simulation.identity import id_numbers

HEADERS = [column.header for column in dataset("dibao_roll").columns if column.required]
VILLAGES = [region for region in regions() if region.level == "village"]
PLACES = [(one.code, townships()[one.parent], one.name) for one in VILLAGES[9::12]]
TITLE = f"{region_names()[county()]}2024年3月农村低保花名册"
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 3


def roll(count: int):
    """Rows of fictitious people, each another one."""
    random = np.random.default_rng(7)
    births = np.datetime64("1930-01-01") + random.integers(0, 365 * 90, count).astype(
        "timedelta64[D]"
    )
    male = random.random(count) < 0.5
    issued = (int(county()) + np.arange(count) % 800).astype(str)
    numbers = id_numbers(random, issued, births, male)
    fen = random.integers(10_000, 90_000, count)
    for place, (number, birth, man) in enumerate(
        zip(numbers, births.astype(str), male, strict=True)
    ):
        code, township, village = PLACES[place % 3]
        person = (
            f"{code[:9]}{place:07d}",
            f"虚构{place % 9973:04d}",
            number,
            "男" if man else "女",
            birth,
        )
        money = (f"{fen[place] / 100:.2f}", f"6228{place:015d}")
        yield (
            "2024-03",
            code,
            township,
            village,
            *person,
            "农村",
            "农村低保",
            "1",
            *money,
            "2021-06",
            "在保",
        )


def write_csv(path: Path, count: int) -> None:
    """The roll as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([TITLE] + [""] * (len(HEADERS) - 1))
        writer.writerow(HEADERS)
        writer.writerows(roll(count))


def write_xlsx(path: Path, count: int) -> None:
    """The roll as a workbook."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("花名册")
    sheet.write_string(0, 0, TITLE)
    sheet.write_row(1, 0, HEADERS)
    for place, row in enumerate(roll(count), start=2):
        sheet.write_row(place, 0, row)
    book.close()


@dataclass(frozen=True)
class Run:
    """One run: wall and processor seconds, rows, and what parent and children took at most above what they had before the file."""

    wall: float
    cpu: float
    rows: int = 0
    parent: float = 0.0
    child: float = 0.0


def bare_csv(path: Path) -> Run:
    """What reading costs when nothing is asked: all columns as text."""
    import polars as pl

    return measured(lambda: pl.read_csv(path, skip_rows=1, infer_schema=False))


def bare_xlsx(path: Path) -> Run:
    """The same for a workbook, by the reader behind fastexcel."""
    import python_calamine

    return measured(
        lambda: (
            python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        )
    )


def take(path: Path) -> Run:
    """A whole intake of one file in a new home: archive, read, judge, load. The children's start is counted, imports are not."""
    from minzheng.custody.home import Home
    from minzheng.custody.keys import Keys
    from minzheng.intake import sandbox, take_in
    from minzheng.warehouse.connection import LOADING, open_warehouse

    grown: list[int] = []

    class Measured(sandbox.Child):
        """A reading child whose memory is noted when it starts and when it ends."""

        def __init__(self):
            super().__init__()
            self.base = self.memory()

        def close(self) -> int:
            grown.append(self.memory() - self.base)
            return super().close()

    sandbox.Child = Measured
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        keys = Keys.create(Path(folder) / "key.json")
        with open_warehouse(home, **LOADING) as connection:
            base = resident("VmRSS")
            Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
            found: list = []
            run = measured(lambda: found.append(take_in(home, connection, keys, path.parent)))
            parent = resident("VmHWM") - base
    rows = sum(file.rows_accepted for file in found[0].files)
    return replace(run, rows=rows, parent=parent / 2**20, child=max(grown) / 2**20)


def resident(field: str) -> int:
    """`VmRSS`, what this process holds, or `VmHWM`, the most it held, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def measured(work) -> Run:
    """Wall and processor seconds of a piece of work, those of the children it ended included."""
    wall, cpu = time.perf_counter(), processor()
    work()
    return Run(time.perf_counter() - wall, processor() - cpu)


def processor() -> float:
    """Processor seconds of this process and of its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def alone(work, path: Path) -> Run:
    """Run in a process of its own, so that no run profits from another."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, path).result()


def compare(label: str, path: Path, bare) -> None:
    """Print the medians of both, the ratios, and the peaks."""
    pairs = [(alone(take, path), alone(bare, path)) for _ in range(RUNS)]
    ours, rivals = zip(*pairs, strict=True)
    rows = ours[0].rows
    wall, cpu = (statistics.median(getattr(run, key) for run in ours) for key in ("wall", "cpu"))
    bare_wall, bare_cpu = (
        statistics.median(getattr(run, key) for run in rivals) for key in ("wall", "cpu")
    )
    print(
        f"{label}: {rows:,} rows, intake {rows / wall:,.0f} rows/s, bare read {rows / bare_wall:,.0f} rows/s"
    )
    print(f"  processor: {cpu:.1f} s, {cpu / bare_cpu:.0f} times the bare read's {bare_cpu:.2f} s")
    peaks = (max(run.parent for run in ours), max(run.child for run in ours))
    print("  above base: parent {:.0f} MiB, child {:.0f} MiB".format(*peaks))


def check_ids(count: int = 1_000_000) -> None:
    """Processor nanoseconds a number for the check digit alone and for the whole check."""
    import polars as pl

    from minzheng.id_number import check_characters, check_id_number

    random = np.random.default_rng(7)
    births = np.datetime64("1930-01-01") + random.integers(0, 30_000, count).astype(
        "timedelta64[D]"
    )
    numbers = pl.Series(
        id_numbers(
            random,
            (int(county()) + np.arange(count) % 800).astype(str),
            births,
            random.random(count) < 0.5,
        )
    )
    for label, work in (("check digit", check_characters), ("check_id_number", check_id_number)):
        taken = []
        for _ in range(5):
            start = time.process_time()
            work(numbers)
            taken.append(time.process_time() - start)
        print(f"{label}: {statistics.median(taken) / count * 1e9:.0f} processor ns a number")


def main() -> None:
    """Print all figures."""
    csv_rows, xlsx_rows = [int(text) for text in sys.argv[1:3]] or (1_000_000, 200_000)
    check_ids()
    with tempfile.TemporaryDirectory() as folder:
        for label, rows, write, bare in (
            ("csv", csv_rows, write_csv, bare_csv),
            ("xlsx", xlsx_rows, write_xlsx, bare_xlsx),
        ):
            path = Path(folder) / label / f"roll.{label}"
            path.parent.mkdir()
            write(path, rows)
            compare(f"{label} ({path.stat().st_size / 2**20:.0f} MiB)", path, bare)


if __name__ == "__main__":
    main()
