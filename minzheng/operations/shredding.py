"""Shredding: files that are past their time are overwritten, synced and removed.

Raw originals are kept at least `KEPT_MONTHS` (统计法实施条例: individual originals two years).
On flash memory and copying file systems overwriting reaches the file's blocks only by luck; what protects there is that
every original was sealed (THREAT_MODEL.md).
"""

import os
import secrets
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import note
from minzheng.errors import WrongCall
from minzheng.leads.answers import returned
from minzheng.months import add_months

KEPT_MONTHS = 24
SHREDDED = "shredded"


@dataclass(frozen=True)
class Shreddable:
    """What is past its time: archived files with their lists of identities, and sealed lists of the months."""

    numbers: list[int]
    originals: list[Path]
    lists: list[Path]


def past_their_time(home: Home, before: str, this_month: str) -> Shreddable:
    """Files of months before `before`; `WrongCall` when that is within the time originals must be kept.

    A file that several months share, or an archive with a later month in it, is kept until the last of them is past.
    """
    latest = add_months(this_month, -KEPT_MONTHS)
    if before > latest:
        raise WrongCall(
            f"originals must be kept {KEPT_MONTHS} months: --before may be {latest} at most",
            f"原始资料至少保存{KEPT_MONTHS}个月:--before 最晚可为 {latest}",
        )
    with Ledger(home) as ledger:
        verdicts = {**ledger.verdicts(), **returned(ledger)}
        gone = {event.intake_no for event in ledger.events(SHREDDED)}
    until: dict[str, str] = {}
    for facts in verdicts.values():
        month = facts.get("month") or facts["received_at"][:7]
        until[facts["sha256"]] = max(month, until.get(facts["sha256"], ""))
    past = {sha256 for sha256, month in until.items() if sha256 and month < before}
    kept = (sorted((home.vault / sha256[:2]).glob(f"{sha256}*")) for sha256 in sorted(past))
    originals = list(chain.from_iterable(kept))
    months = [folder for folder in home.restricted.glob("[0-9]*-[0-9]*") if folder.name < before]
    inside = chain.from_iterable(sorted(folder.rglob("*")) for folder in months)
    lists = [path for path in inside if path.is_file()]
    numbers = [
        number
        for number, facts in verdicts.items()
        if facts["sha256"] in past and number not in gone
    ]
    return Shreddable(sorted(numbers), originals, lists)


def shred(home: Home, what: Shreddable, before: str) -> None:
    """Put it on record, then destroy it: a call that was stopped is finished by the next."""
    with Ledger(home) as ledger:
        ledger.record_all([(SHREDDED, {"before": before}, number, None) for number in what.numbers])
    for path in (*what.originals, *what.lists):
        shred_file(path)
    note(home, "shred", before=before, files=len(what.originals), lists=len(what.lists))


def shred_file(path: Path) -> None:
    """Overwrite a file once with random bytes, sync, remove it."""
    size = path.stat().st_size
    with os.fdopen(os.open(path, os.O_WRONLY), "wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(secrets.token_bytes(min(1 << 20, size - start)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
