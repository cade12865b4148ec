"""The intake measured: a roll of a million rows as CSV, one of 200,000 as a workbook, and the check of id numbers.

Each beside its rival in the same run: a bare polars read of the CSV, a bare python-calamine read of the workbook. Peak memory is
what a process takes above what it took before the file. `python benchmarks/intake.py [ROWS_CSV ROWS_XLSX]`
"""

import csv
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.contracts import dataset
from minzheng.simulate.identity import id_numbers

HEADERS = [column.header for column in dataset("dibao_roll").columns if column.required]
PLACES = [
    ("632224100204", "沙柳河镇", "新海村委会"),
    ("632224101206", "哈尔盖镇", "塘渠村委会"),
    ("632224201204", "泉吉乡", "切吉村委会"),
]
RUNS = 3


def roll(count: int):
    """Rows of fictitious people, each another one."""
    random = np.random.default_rng(7)
    births = np.datetime64("1930-01-01") + random.integers(0, 365 * 90, count).astype("timedelta64[D]")
    male = random.random(count) < 0.5
    issued = (632221 + np.arange(count) % 800).astype(str)
    numbers = id_numbers(random, issued, births, male)
    fen = random.integers(10_000, 90_000, count)
    for place, (number, birth, man) in enumerate(zip(numbers, births.astype(str), male, strict=True)):
        code, township, village = PLACES[place % 3]
        person = (f"{code[:9]}{place:07d}", f"虚构{place % 9973:04d}", number, "男" if man else "女", birth)
        money = (f"{fen[place] / 100:.2f}", f"6228{place:015d}")
        yield ("2024-03", code, township, village, *person, "农村", "农村低保", "1", *money, "2021-06", "在保")


def write_csv(path: Path, count: int) -> None:
    """The roll as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["刚察县2024年3月农村低保花名册"] + [""] * (len(HEADERS) - 1))
        writer.writerow(HEADERS)
        writer.writerows(roll(count))


def write_xlsx(path: Path, count: int) -> None:
    """The roll as a workbook."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("花名册")
    sheet.write_string(0, 0, "刚察县2024年3月农村低保花名册")
    sheet.write_row(1, 0, HEADERS)
    for place, row in enumerate(roll(count), start=2):
        sheet.write_row(place, 0, row)
    book.close()


def bare_csv(path: Path) -> None:
    """What reading costs when nothing is asked: all columns as text."""
    import polars as pl

    pl.read_csv(path, skip_rows=1, infer_schema=False)


def bare_xlsx(path: Path) -> None:
    """The same for a workbook."""
    import python_calamine

    python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def take(path: Path) -> dict:
    """A whole intake of one file in a new home: archive, read, judge, load; what parent and child took at most."""
    from minzheng.home import Home
    from minzheng.intake import take_in
    from minzheng.keys import Keys
    from minzheng.warehouse import LOADING, open_warehouse

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        keys = Keys.create(Path(folder) / "key.json")
        with open_warehouse(home, **LOADING) as connection:
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.perf_counter()
            report = take_in(home, connection, keys, path.parent)
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"seconds": seconds, "rows": report.files[-1].rows_accepted, "parent": peak / 1024, "child": child / 1024}


def child_base() -> float:
    """What a reading child takes before it gets a file, MiB."""
    from minzheng.intake.sandbox import Child

    child = Child()
    pages = int(Path(f"/proc/{child._process.pid}/statm").read_text().split()[1])
    child.close()
    return pages * resource.getpagesize() / 2**20


def alone(work, *arguments):
    """Run in a process of its own, so that no run profits from another; seconds when `work` gives nothing."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, *arguments))


def _timed(work, *arguments):
    start = time.perf_counter()
    result = work(*arguments)
    return result if result is not None else time.perf_counter() - start


def compare(label: str, path: Path, bare) -> None:
    """Print the medians of both, the ratio, and the peaks."""
    ours = [alone(take, path) for _ in range(RUNS)]
    rival = statistics.median(alone(bare, path) for _ in range(RUNS))
    seconds, rows, base = statistics.median(run["seconds"] for run in ours), ours[0]["rows"], alone(child_base)
    parent, child = max(run["parent"] for run in ours), max(run["child"] for run in ours) - base
    print(
        f"{label}: {rows:,} rows in {seconds:.1f} s = {rows / seconds:,.0f} rows/s; bare read {rows / rival:,.0f} rows/s;"
    )
    print(f"  {seconds / rival:.1f} times the bare read; above base: parent {parent:.0f} MiB, child {child:.0f} MiB")


def check_ids(count: int = 1_000_000) -> None:
    """Nanoseconds a number for the check digit alone and for the whole check."""
    import polars as pl

    from minzheng.id_number import check_characters, check_id_number

    random = np.random.default_rng(7)
    births = np.datetime64("1930-01-01") + random.integers(0, 30_000, count).astype("timedelta64[D]")
    numbers = pl.Series(
        id_numbers(random, (632221 + np.arange(count) % 800).astype(str), births, random.random(count) < 0.5)
    )
    for label, work in (("check digit", check_characters), ("check_id_number", check_id_number)):
        taken = []
        for _ in range(5):
            start = time.perf_counter()
            work(numbers)
            taken.append(time.perf_counter() - start)
        print(f"{label}: {statistics.median(taken) / count * 1e9:.0f} ns a number")


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
