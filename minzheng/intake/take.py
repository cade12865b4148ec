"""Taking in a landing folder: received → archived → parsed → loaded, each step in the ledger before the next begins."""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.errors import MinzhengError
from minzheng.intake import load
from minzheng.intake.desk import bare_facts
from minzheng.intake.exposed import holds_number, without_numbers
from minzheng.intake.gate import entries, sniff
from minzheng.intake.landing import Arrival, Changed, arrivals, blocks_with, is_seen, read_stable
from minzheng.intake.noted import noted_name
from minzheng.intake.outcome import FileVerdict, IntakeReport, Item
from minzheng.intake.reread import Rereading
from minzheng.intake.sandbox import Sandbox
from minzheng.intake.settings import Refused, settings
from minzheng.waiting import Waiting

EARLIEST = dt.datetime(2020, 1, 1, tzinfo=SHANGHAI)
SLACK = dt.timedelta(days=1)  # a clock is set by hand now and then
LONGEST_PAUSE = dt.timedelta(
    days=400
)  # an office that takes in nothing for longer has a wrong clock

__all__ = ["FileVerdict", "Intake", "IntakeReport", "open_intake", "take_in"]


def take_in(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    keys: Keys,
    landing: Path | None = None,
    *,
    now: dt.datetime | None = None,
) -> IntakeReport:
    """Look at everything in the landing folder (`home.landing`) and load what is accepted; nothing there is changed.

    A file that is refused never stops the others. `MinzhengError` when the folder is missing or unreadable, when it is empty
    and nothing was ever received (what was accepted may be taken away), or when the key is not the home's.
    """
    vault.check_key(home, keys)
    found = arrivals(landing or home.landing)
    with open_intake(home, connection, keys, now=now) as intake:
        if not found and not intake.received:
            raise MinzhengError(
                f"the landing folder is empty: {landing or home.landing}",
                f"收件文件夹是空的:{landing or home.landing}",
            )
        return intake.run(found)


@contextlib.contextmanager
def open_intake(
    home: Home, connection: duckdb.DuckDBPyConnection, keys: Keys, *, now: dt.datetime | None = None
) -> Iterator["Intake"]:
    """The intake of a home, for what else it can do: `reprocess`, `confirm`, and `resume`, which rebuilds what is lost."""
    vault.check_key(home, keys)
    with Ledger(home) as ledger, Sandbox() as sandbox:
        yield Intake(home, connection, keys, ledger, sandbox, now or dt.datetime.now(SHANGHAI))


def _shown(batches: Iterable[Sequence[Arrival]], total: int) -> Iterator[Sequence[Arrival]]:
    """The batches, told of by their files."""
    with Waiting("接收文件", "taking in files", total) as told:
        for batch in batches:
            yield batch
            told.step(len(batch))


class Intake(Rereading):
    """One intake of a landing folder."""

    def __init__(
        self, home, connection, keys: Keys, ledger: Ledger, sandbox: Sandbox, now: dt.datetime
    ):
        super().__init__(home, connection, keys, ledger, sandbox, now)
        self.names = {(event.body["path"], event.sha256) for event in self.received.values()}
        self.report.clock = self._clock_doubt()

    def _clock_doubt(self) -> str | None:
        """What the clock says, when that cannot be after what the ledger last saw; then the last time it saw stands for it.

        So no file is late by a clock that was set wrong or has lost its battery.
        """
        known = [event.body for event in self.received.values() if not event.body.get("clock")]
        seen = [dt.datetime.fromisoformat(body["now"]) for body in known if body.get("now")]
        last = max(seen, default=EARLIEST)
        latest = last + LONGEST_PAUSE if seen else dt.datetime.max.replace(tzinfo=SHANGHAI)
        if last - SLACK <= self.now <= latest:
            return None
        told, self.now = f"{self.now:%Y-%m-%d %H:%M}", last
        return told

    def run(self, arrivals: Sequence[Arrival]) -> IntakeReport:
        """Everything that is new; first what an earlier intake left undone."""
        self.rescue(arrivals)
        self.resume()
        seen, before, standards = self.seen(), self.places(), self.standards()
        fresh = [arrival for arrival in arrivals if not is_seen(arrival, seen, self._noted)]
        waiting = None
        for batch in _shown(_batches_of(fresh), len(fresh)):
            reading = self.read(self.receive(batch))
            if waiting:
                self.decide(waiting)
            waiting = reading
        if waiting:
            self.decide(waiting)
        self.follow_places(before)
        self.follow_standards(standards)
        self.release_held()
        return self.report

    def seen(self) -> set[tuple[str, int, int]]:
        """Name, size and modification time of every file that needs no second look."""
        bodies = [
            event.body
            for number, event in self.received.items()
            if not self.waits(number) or self._can_be_read(number)
        ]
        return {(body["path"], body["size"], body["mtime_ns"]) for body in bodies}

    def rescue(self, arrivals: Sequence[Arrival]) -> None:
        """Archive files that were received but never reached the vault, as soon as they are there as they were received.

        Until then such a file is told as lost, once; it keeps its number and with it its place in the order of arrival.
        """
        arrived = {}
        for arrival in arrivals:
            arrived |= {arrival.name: arrival, self._noted(arrival.name): arrival}
        batch, events = load.Batch(), []
        for number, event in self.received.items():
            if not event.sha256 or not self.waits(number) or self._can_be_read(number):
                continue
            arrival = arrived.get(event.body["path"])
            item = self._item(
                number, event.sha256, event.body, None, arrival.name if arrival else ""
            )
            if arrival is not None and self._archive(item, arrival):
                self.ledger.record(
                    "archived", {"bytes": arrival.size}, intake_no=number, sha256=item.sha256
                )
            elif number not in self.verdicts:
                facts = bare_facts(item, "reject_file", "file_lost")
                self.note(number, item.name, item.sha256, facts, None, batch, events)
        if events:
            self.commit(batch, events)

    def receive(self, arrivals: Sequence[Arrival]) -> list[Item]:
        """Number, record and archive new files; each is sealed in the vault before anything parses it."""
        items, events, number = [], [], self.ledger.next_intake_no()
        for arrival in arrivals:
            content, sha256, fault = self._look_at(arrival)
            if fault == "file_changing":
                self.report.unstable.append(without_numbers(arrival.name))
            noted = self._noted(arrival.name)
            if fault == "file_changing" or {(arrival.name, sha256), (noted, sha256)} & self.names:
                continue
            self.names.add((noted, sha256))
            body = {
                "path": noted,
                "size": arrival.size,
                "mtime_ns": arrival.mtime_ns,
                "folder": arrival.folder,
                "now": self.now.isoformat(),
            }
            body |= {"clock": self.report.clock} if self.report.clock else {}
            body |= {
                "received_at": arrival.received_at(self.now).isoformat(),
                "reserved": _members(content or b""),
            }
            body |= {"fault": fault} if fault else {}
            body |= {"recoded": True} if arrival.recoded else {}
            body |= {"exposed": True} if holds_number(arrival.name) else {}
            events.append(("received", body, number, sha256))
            items.append((self._item(number, sha256, body, content, arrival.name), arrival))
            number += 1 + body["reserved"]
        self.ledger.record_all(events)
        archived = []
        for item, arrival in items:
            if item.fault is None and not self._archive(item, arrival):
                item.fault = "file_changing"
            archived.append(("archived", {"bytes": arrival.size}, item.intake_no, item.sha256))
        self.ledger.record_all(
            [event for event, (item, _) in zip(archived, items, strict=True) if item.fault is None]
        )
        return [item for item, _ in items]

    def _noted(self, name: str) -> str:
        return noted_name(name, lambda: self.keys)

    def _look_at(self, arrival: Arrival) -> tuple[bytes | None, str, str | None]:
        """A file's bytes (of a small one), its hash, and the reason why it cannot be taken."""
        if arrival.fault:
            return b"", "", arrival.fault
        if arrival.path.name.endswith(".part"):
            return b"", "", "file_changing"
        try:
            stable = read_stable(arrival)
        except PermissionError:
            return b"", "", "file_unreadable"
        return (*stable, None) if stable else (b"", "", "file_changing")

    def _archive(self, item: Item, arrival: Arrival) -> bool:
        """Seal a file in the vault; False when it changed since it was received."""
        try:
            if isinstance(item.content, bytes):
                vault.archive(self.home, self.keys, item.sha256, item.content)
            else:
                vault.archive_blocks(
                    self.home, self.keys, item.sha256, blocks_with(arrival.path, item.sha256)
                )
        except Changed:
            return False
        return True


def _batches_of(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Files in the order of arrival, in batches of so many files or bytes."""
    batch, size = [], 0
    for arrival in arrivals:
        if batch and (
            len(batch) == settings().batch_files or size + arrival.size > settings().batch_bytes
        ):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += arrival.size
    if batch:
        yield batch


def _members(content: bytes) -> int:
    """How many numbers an archive needs for its members; 0 for anything else."""
    if not content.startswith(b"PK"):
        return 0
    try:
        return (
            min(sum(not entry.is_dir() for entry in entries(content)), settings().limits.entries)
            if sniff(content) == "zip"
            else 0
        )
    except Refused:
        return 0
