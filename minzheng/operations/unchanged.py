"""Nothing to do costs nothing: what a run stood on, so that the next one can tell that all of it is as it was.

Files are told by name, size and time of change, as `make` tells them; nothing of Dagster or DuckDB is loaded for it.
"""

import datetime as dt
import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from minzheng.contracts.paths import ROOT
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody.home import Home
from minzheng.custody.keys import default_key_file
from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.custody.synced import write_synced

CODE = ("minzheng", "assets", "pipelines", "quality", "sql", "contracts")
Standing = dict[str, str]


def remembered(home: Home) -> Path:
    """Where it is kept; deleting it makes the next run compute."""
    return home.work / "last_run.json"


def standing(home: Home, landing: Path, first: str, last: str) -> Standing:
    """A digest of each thing that the figures and the draft of `last` depend on."""
    packages = Path(sysconfig.get_paths()["purelib"])
    seen = {
        "asked": [first, last],
        "landing": [str(landing), *_listing(landing)],
        "code": [
            *chain.from_iterable(_listing(ROOT / name) for name in CODE),
            sys.version,
            *_file(packages),
        ],
        "key": [*_file(default_key_file().expanduser())],
        "ledger": [_last_event(home)],
        "tasks": [*_file(home.tasks)],
    }
    for folder in (home.warehouse.parent, home.restricted, home.published, home.drafts / last):
        seen[folder.relative_to(home.path).parts[0]] = [*_listing(folder)]
    return {
        name: hashlib.sha256("\n".join(lines).encode()).hexdigest() for name, lines in seen.items()
    }


def _listing(folder: Path) -> Iterator[str]:
    """A line a file under the folder, in the order of their paths; what Python makes of itself is left out."""
    waiting = [str(folder)]
    while waiting:
        try:
            entries = sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting += [entry.path] if entry.name != "__pycache__" else []
            else:
                facts = entry.stat(follow_symlinks=False)
                yield f"{entry.path!r} {facts.st_size} {facts.st_mtime_ns}"


def _file(path: Path) -> Iterator[str]:
    if path.exists():
        facts = path.stat()
        yield f"{path} {facts.st_size} {facts.st_mtime_ns}"


def _last_event(home: Home) -> str:
    """The last event of the ledger that is no act: acts tell of what shows elsewhere, this run's own among them."""
    with Ledger(home) as ledger:
        return str(max((event.seq for event in ledger.events() if event.kind != "act"), default=0))


def remember(home: Home, before: Standing, landing: Path, first: str, last: str) -> None:
    """Keep what a run that did all it was asked to stood on; of landing folder and code what was there when it began."""
    with Ledger(home) as ledger:
        verdicts = [facts["verdict"] for facts in ledger.verdicts().values()]
    counts = [
        sum(verdict in kinds for verdict in verdicts)
        for kinds in (ACCEPTED, ["reject_file"], ["hold"])
    ]
    told = {"at": f"{dt.datetime.now(SHANGHAI):%Y-%m-%d %H:%M}", "counts": counts}
    now = standing(home, landing, first, last) | {
        name: before[name] for name in ("landing", "code")
    }
    write_synced(remembered(home), json.dumps(told | {"standing": now}).encode())


def in_force(home: Home, now: Standing) -> tuple[str, list[int]] | None:
    """When the last run ended and how many files it knew as accepted, refused, held; None when anything is otherwise now."""
    try:
        told = json.loads(remembered(home).read_text(encoding="utf-8"))
        return (told["at"], told["counts"]) if told["standing"] == now else None
    except (OSError, ValueError, KeyError, TypeError):  # never kept, or damaged: the run computes
        return None
