"""What the gate costs at three sizes, as a ratio to the bare SQL of the same rows, and what Great Expectations adds.

Run `python -m benchmarks.quality [persons per township ...]`; the three sizes are about 45,000, 640,000 and 12 million register
rows over 36 months. CPU seconds of all threads, so that a busy machine does not matter. The import of Great Expectations is told
apart; the last column is one month alone, rules, ledgers and suites. DuckDB works in a file with bounded memory, as a warehouse does.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb

from minzheng.contracts.datasets import dataset_names
from minzheng.months import months_between
from minzheng.warehouse.connection import create_tables, set_months
from quality import outcomes
from quality.gate import evaluate, validate
from simulation.example import draw_county

MONTHS = months_between("2022-01", "2024-12")
SIZES = (50, 1000, 19_200)
MEMORY = "4GB"


def clock(work) -> float:
    """CPU seconds that `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def bare_sql(connection: duckdb.DuckDBPyConnection) -> None:
    """The rules' own queries and nothing else: every broken thing counted, nothing kept."""
    set_months(connection, MONTHS)
    outcomes.build_basis(connection)
    for rule in outcomes.all_rules():
        if rule.model:
            text = outcomes.model(rule.model)
            thresholds = {threshold.name: threshold.value for threshold in rule.thresholds}
            outcomes.run(
                connection,
                f"select count(*) filter (where broken) from ({text}) as rule_rows",
                **thresholds,
            )
            connection.fetchall()


def measure(persons: int) -> dict[str, float]:
    """Rows in the registers and seconds of each part, over 36 months; `month`: the last month alone."""
    with tempfile.TemporaryDirectory() as folder:
        config = {
            "threads": 2,
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(str(Path(folder) / "warehouse.duckdb"), config=config) as connection:
            return _measure(connection, persons)


def _measure(connection: duckdb.DuckDBPyConnection, persons: int) -> dict[str, float]:
    create_tables(connection)
    draw_county(connection, MONTHS, persons=persons)
    rows = sum(
        connection.execute(f"select count(*) from register.{name}").fetchall()[0][0]
        for name in dataset_names()
    )
    told = {
        "rows": rows,
        "sql": clock(lambda: bare_sql(connection)),
        "evaluate": clock(lambda: evaluate(connection, MONTHS)),
    }
    told["validate"] = clock(lambda: validate(connection, MONTHS))
    told["month"] = clock(
        lambda: (evaluate(connection, MONTHS[-1:]), validate(connection, MONTHS[-1:]))
    )
    return told


def main() -> None:
    """Print the table."""
    print(f"import of Great Expectations: {clock(lambda: __import__('great_expectations')):.1f} s")
    print(
        f"{'rows':>12}{'SQL s':>9}{'evaluate s':>12}{'ratio':>8}{'validate s':>12}{'us a row':>10}{'month s':>9}",
        flush=True,
    )
    for persons in map(int, sys.argv[1:] or SIZES):
        told = measure(persons)
        each = 1e6 * (told["evaluate"] + told["validate"]) / told["rows"]
        ratio = told["evaluate"] / told["sql"]
        print(
            f"{told['rows']:>12,}{told['sql']:>9.2f}{told['evaluate']:>12.2f}{ratio:>8.2f}{told['validate']:>12.2f}{each:>10.2f}"
            f"{told['month']:>9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
