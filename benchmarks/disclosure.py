"""How long disclosure control takes and what it costs, on a warehouse's own observations.

Example: .venv/bin/python benchmarks/disclosure.py home/warehouse/minzheng.duckdb prefecture
"""

import sys
import time
from pathlib import Path

import duckdb

from minzheng.contracts.indicators import registry
from minzheng.disclosure.attacking import attack
from minzheng.disclosure.releasing import apply
from minzheng.indicators import models


def main(warehouse: Path, profile: str) -> None:
    """Print seconds, cells withheld beside simple rules', and what the attack finds."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        observed = models.observations(connection, "0000-00", "9999-99")
    known = registry()
    began = time.process_time()
    released, report = apply(observed, known, profile)
    protected = time.process_time()
    found = attack(released, observed, known, profile)
    attacked = time.process_time()
    print(
        f"{observed.height} observations, {observed['time_period'].n_unique()} months, profile {profile}"
    )
    print(
        f"protect {protected - began:.1f} s, attack {attacked - protected:.1f} s of processor time"
    )
    print(
        f"withheld {report.withheld}, shown {report.shown}; small {report.primary}, further {report.further}"
    )
    print(
        f"further by the next-smallest rule {report.next_smallest}, by whole rows {report.whole_row}"
    )
    print(
        f"persons in further cells {report.further_value}, {report.next_smallest_value}, {report.whole_row_value}"
    )
    print(f"systems solved {report.solved}, unprotected {len(report.unprotected)}")
    print(f"attack: {found.withheld} withheld counts, given away {len(found.unsafe)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "prefecture")
