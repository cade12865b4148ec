"""A process that runs a month again and again, each time with another stage failing over a planted person's row.

Arguments: home, landing folder, month, a file with what the failing library says, and `whole` for every stage, a run that
succeeds and everything the bureau then does with the month, first failing, then not; `rotate` for a change of keys that fails
and is finished; `abort` for a run that dies in the middle.
Everything it prints goes where the caller looks for traces.
"""

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import duckdb
import openpyxl

from minzheng.cli import COMMANDS, loaded, main
from tests.patching import everywhere

QUICK = (
    "minzheng.intake.desk.raw_frame",
    "minzheng.warehouse.register.build_register",
    "quality.gate.evaluate",
)
STAGES = (
    "minzheng.intake.desk.raw_frame",
    "minzheng.intake.load.write",
    "minzheng.intake.receive.receive",
    "minzheng.warehouse.register.build_register",
    "quality.gate.evaluate",
    "quality.gate.validate",
    "minzheng.leads.compute",
    "minzheng.indicators.models.compute",
    "minzheng.warehouse.stale.mark_computed",
    "minzheng.publish.release.draft.write_drafts",
)


AFTERWARDS = {
    "minzheng.intake.returns.open_items": ["quarantine", "--month", "MONTH"],
    "minzheng.intake.returns.export_lists": ["returns", "export", "--month", "MONTH"],
    "minzheng.leads.files.identified": ["leads", "list", "--month", "MONTH", "--to", "HOME/outbox/leads.parquet"],
    "minzheng.leads.files.township_workbooks": ["leads", "export", "--month", "MONTH", "--to", "HOME/outbox/books"],
    "minzheng.publish.report.cell_map.fill_workbook": ["fill-form", "--month", "MONTH", "--draft", "--to", "HOME/outbox/f.xlsx",
                                                "--map", "FORM/map.yaml", "--workbook", "FORM/form.xlsx"],
    "minzheng.publish.release.public.freeze": ["release", "--month", "MONTH", "--approved-by", "批准人"],
    "minzheng.publish.release.public.write_public": ["edition", "public", "--month", "MONTH"],
    "minzheng.publish.release.draft.current_observations": ["observations", "--to", "HOME/outbox/all.parquet"],
    "minzheng.operations.backup.back_up": ["backup", "--to", "HOME/../backups"],
    "minzheng.operations.rebuild.rebuild": ["rebuild"],
    "minzheng.operations.access.access_report": ["access-report", "--to", "HOME/outbox/report.json"],
    "minzheng.operations.erasure.redact": ["erase-person"],
}  # fmt: skip
"""What fails, and the command that meets it; those that then show nobody run once more without the fault."""
SHOWS_PEOPLE = ("leads", "access-report", "erase-person")


def form(folder: Path) -> Path:
    """A form of the prefecture with its cell map, in a folder of its own."""
    folder.mkdir()
    openpyxl.Workbook().save(folder / "form.xlsx")
    told = "title: 表\nsheets:\n- sheet: Sheet\n  cells: {A1: {text: month}, A2: {indicator: dibao_rural_persons}}\n"
    (folder / "map.yaml").write_text(told, encoding="utf-8")
    return folder


def call(*arguments: str) -> None:
    """One command of the console script; its exit status is not what is tested."""
    print("==", *arguments[:2], flush=True)
    try:
        with mock.patch.object(sys, "argv", ["minzheng", *arguments]):
            main()
    except SystemExit:
        pass


def failing(place: str, said: str, *arguments: str) -> None:
    """A command whose part at `place` fails as a library would, with the person's row in its words."""
    fault = duckdb.ConversionException(said)
    with everywhere(place, side_effect=fault) as faulty:
        call(*arguments)
    assert faulty.called, place


def afterwards(home: str, month: str, said: str, forms: Path) -> None:
    """Everything the bureau does with a month."""
    known = {"HOME": home, "MONTH": month, "FORM": str(forms)}
    for place, arguments in AFTERWARDS.items():
        told = [re.sub("HOME|MONTH|FORM", lambda found: known[found[0]], one) for one in arguments]
        number = re.search(r"\d{17}[\dX]", said)[0]
        with mock.patch.object(sys, "stdin", io.StringIO(number)):
            failing(place, said, *told, "--home", home)
        if arguments[0] not in SHOWS_PEOPLE:
            call(*told, "--home", home)
    for more in (
        ["quarantine", "--json", "--month", month],
        ["status", "--month", month],
        ["audit-trail"],
    ):
        call(*more, "--home", home)


def run() -> None:
    """Fail at every stage, then perhaps succeed and go on."""
    home, landing, month, file, *rest = sys.argv[1:]
    logging.basicConfig(level=logging.DEBUG)
    for path in COMMANDS.glob("[a-z]*.py"):
        loaded(path.stem)
    said = Path(file).read_text(encoding="utf-8")
    command = ["run", "--home", home, "--landing", landing, "--month", month]
    if rest == ["abort"]:
        with everywhere("quality.gate.evaluate", side_effect=lambda *_: os.abort()):
            call(*command)
        return
    if rest == ["rotate"]:
        failing("minzheng.operations.rotation.renamed", said, "keys", "rotate", "--home", home)
        call("keys", "rotate", "--home", home)
        return
    for place in STAGES if rest else QUICK:
        failing(place, said, *command)
    if rest:
        died = subprocess.run([sys.executable, __file__, *sys.argv[1:5], "abort"], check=False)
        assert died.returncode < 0, died
        call(*command)
        afterwards(home, month, said, form(Path(file).parent / "form"))


if __name__ == "__main__":
    run()
