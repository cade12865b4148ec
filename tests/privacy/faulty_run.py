"""A process that runs a month again and again, each time with another stage failing over a planted person's row.

Arguments: home, landing folder, month, a file with what the failing library says, and `whole` for every stage, a last run
that succeeds and everything the bureau then does with the month. Everything it prints goes where the caller looks for traces.
"""

import logging
import sys
from pathlib import Path
from unittest import mock

import duckdb

from minzheng.cli import main

QUICK = ("minzheng.intake.desk.raw_frame", "minzheng.register.build_register", "quality.gate.evaluate")
STAGES = (
    "minzheng.intake.desk.raw_frame",
    "minzheng.intake.load.write",
    "minzheng.receive.receive",
    "minzheng.register.build_register",
    "quality.gate.evaluate",
    "quality.gate.validate",
    "minzheng.leads.compute",
    "minzheng.indicators.compute",
    "minzheng.state.mark_computed",
    "minzheng.draft.write_draft",
)


def call(*arguments: str) -> None:
    """One command of the console script; its exit status is not what is tested."""
    print("==", arguments[0], flush=True)
    try:
        with mock.patch.object(sys, "argv", ["minzheng", *arguments]):
            main()
    except SystemExit:
        pass


def run() -> None:
    """Fail at every stage, then perhaps succeed."""
    home, landing, month, said, *rest = sys.argv[1:]
    logging.basicConfig(level=logging.DEBUG)
    where = ["--home", home]
    command = ["run", *where, "--landing", landing, "--month", month]
    for place in STAGES if rest else QUICK:
        fault = duckdb.ConversionException(Path(said).read_text(encoding="utf-8"))
        with mock.patch(place, side_effect=fault) as faulty:
            call(*command)
        assert faulty.called, place
    if rest:
        call(*command)
        for more in (["quarantine", "--json"], ["status"], ["returns", "export"]):
            call(*more, *where, "--month", month)
        call("release", *where, "--month", month, "--approved-by", "批准人")
        call("observations", *where, "--to", f"{home}/outbox/all.parquet")
        call("audit-trail", *where)


if __name__ == "__main__":
    run()
