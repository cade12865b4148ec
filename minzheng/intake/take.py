"""Taking in a landing folder: received → archived → parsed → loaded, each step in the ledger before the next begins."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from minzheng import vault
from minzheng.errors import MinzhengError
from minzheng.home import Home
from minzheng.intake import load
from minzheng.intake.gate import entries
from minzheng.intake.landing import Arrival, arrivals, is_lock, read_stable
from minzheng.intake.pseudonyms import Pseudonyms, identity_frame, raw_frame
from minzheng.intake.read import Reading
from minzheng.intake.sandbox import Sandbox
from minzheng.intake.settings import Refused, reason_zh, settings
from minzheng.intake.verdict import ACCEPTED, State, judge
from minzheng.keys import Keys
from minzheng.ledger import SHANGHAI, Ledger

KIND = {"reject_file": "refused", "duplicate": "duplicate", "hold": "held", "ignore": "ignored"}


@dataclass(frozen=True)
class FileVerdict:
    """What was decided of one file."""

    intake_no: int
    name: str
    verdict: str
    dataset: str | None
    month: str | None
    reasons: list[str]
    flags: list[str]
    rows_accepted: int
    rows_quarantined: int


@dataclass
class IntakeReport:
    """What an intake did: a verdict per new file, and the months of datasets whose rows in force changed."""

    files: list[FileVerdict] = field(default_factory=list)
    changed: set[tuple[str, str]] = field(default_factory=set)
    unstable: list[str] = field(default_factory=list)

    def count(self, *verdicts: str) -> int:
        """How many files got one of these verdicts."""
        return sum(file.verdict in verdicts for file in self.files)

    @property
    def refused(self) -> list[FileVerdict]:
        """The files that were refused or are held: somebody must act."""
        return [file for file in self.files if file.verdict in ("reject_file", "hold")]

    @property
    def summary(self) -> tuple[str, str]:
        """One English and one Chinese line."""
        rows = sum(file.rows_accepted for file in self.files if file.verdict in ACCEPTED)
        bad = sum(file.rows_quarantined for file in self.files if file.verdict in ACCEPTED)
        numbers = (
            len(self.files),
            self.count(*ACCEPTED),
            self.count("reject_file"),
            self.count("hold"),
            self.count("duplicate"),
        )
        english = "{} new files: {} accepted, {} refused, {} held, {} duplicates".format(*numbers)
        chinese = "新收文件{}个:接收{}个,退回{}个,待确认{}个,重复{}个".format(*numbers)
        return f"{english}; {rows} rows accepted, {bad} quarantined", f"{chinese};接收{rows}行,隔离{bad}行"


@dataclass
class Item:
    """A file on its way."""

    intake_no: int
    name: str
    sha256: str
    content: bytes
    folder: str | None
    received_at: dt.datetime


def take_in(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    keys: Keys,
    landing: Path | None = None,
    *,
    now: dt.datetime | None = None,
) -> IntakeReport:
    """Look at everything in the landing folder (`home.landing`) and load what is accepted; nothing there is changed.

    A file that is refused never stops the others. `MinzhengError` when the folder is missing, unreadable or empty, or when
    the key is not the home's.
    """
    vault.check_key(home, keys)
    found = arrivals(landing or home.landing)
    if not found:
        raise MinzhengError(
            f"the landing folder is empty: {landing or home.landing}", f"收件文件夹是空的:{landing or home.landing}"
        )
    with open_intake(home, connection, keys, now=now) as intake:
        return intake.run(found)


@contextlib.contextmanager
def open_intake(
    home: Home, connection: duckdb.DuckDBPyConnection, keys: Keys, *, now: dt.datetime | None = None
) -> Iterator["Intake"]:
    """The intake of a home, for what else it can do: `reprocess`, `confirm`, and `resume`, which rebuilds what is lost."""
    vault.check_key(home, keys)
    with Ledger(home) as ledger, Sandbox() as sandbox:
        yield Intake(home, connection, keys, ledger, sandbox, now or dt.datetime.now(SHANGHAI))


class Intake:
    """One intake: the ledger's knowledge, the reading children, and the batches between them."""

    def __init__(self, home, connection, keys: Keys, ledger: Ledger, sandbox: Sandbox, now: dt.datetime):
        self.home, self.connection, self.keys = home, connection, keys
        self.ledger, self.sandbox, self.now = ledger, sandbox, now
        self.pseudonyms = Pseudonyms(keys)
        self.report = IntakeReport()
        self.received = ledger.received()
        self.shredded = {event.intake_no for event in ledger.events("shredded")}
        self.verdicts = ledger.verdicts()
        self.state = State()
        for number, facts in sorted(self.verdicts.items()):
            self.state.add(number, facts)
        self.seen = {
            (event.body["path"], event.body["size"], event.body["mtime_ns"]) for event in self.received.values()
        }
        self.names = {(event.body["path"], event.sha256) for event in self.received.values()}
        self.hashes = {facts.get("sha256") for facts in self.verdicts.values() if not _depends_on_folder(facts)}

    def run(self, found: Sequence[Arrival]) -> IntakeReport:
        """Everything that is new; first what an earlier intake left undone."""
        self.resume()
        fresh = [arrival for arrival in found if (arrival.name, arrival.size, arrival.mtime_ns) not in self.seen]
        size, waiting = settings().batch_files, None
        for start in range(0, len(fresh), size):
            reading = self.read(self.receive(fresh[start : start + size]))
            if waiting:
                self.decide(waiting)
            waiting = reading
        if waiting:
            self.decide(waiting)
        return self.report

    def resume(self) -> None:
        """Finish files that were received but not decided, and reload what the warehouse lost."""
        undone = [number for number in self.received if number not in self.verdicts]
        known = load.written(self.connection)
        lost = [number for number in self.verdicts if number not in known and number not in self.shredded]
        stray = [number for number in known if number not in self.verdicts]
        if stray:
            load.write(self.connection, load.Batch(replaced=stray))
        for numbers in _batches(sorted(lost)):
            self.replay(numbers)
        for numbers in _batches(sorted(undone)):
            self.decide(self.read([self.item(number) for number in numbers]))

    def item(self, intake_no: int) -> Item:
        """A file as it was received, from the vault."""
        event = self.received[intake_no]
        content = vault.original(self.home, self.keys, event.sha256)
        at = dt.datetime.fromisoformat(event.body["received_at"])
        return Item(intake_no, event.body["path"], event.sha256, content, event.body["folder"], at)

    def receive(self, found: Sequence[Arrival]) -> list[Item]:
        """Number, record and archive new files; each is sealed in the vault before anything parses it."""
        items, events, number = [], [], self.ledger.next_intake_no()
        for arrival in found:
            stable = read_stable(arrival) if arrival.regular else (b"", "")
            if stable is None:
                self.report.unstable.append(arrival.name)
                continue
            content, sha256 = stable
            if (arrival.name, sha256) in self.names:
                continue
            self.names.add((arrival.name, sha256))
            at = arrival.received_at(self.now)
            item = Item(number, arrival.name, sha256, content, arrival.folder, at)
            reserved = _members(content)
            body = {"path": arrival.name, "size": arrival.size, "mtime_ns": arrival.mtime_ns, "folder": arrival.folder}
            body |= {"received_at": at.isoformat(), "reserved": reserved, "regular": arrival.regular}
            events.append(("received", body, number, sha256))
            items.append(item)
            number += 1 + reserved
        self.ledger.record_all(events)
        for item in items:
            if item.content or item.sha256:
                vault.archive(self.home, self.keys, item.sha256, item.content)
        self.ledger.record_all(
            [("archived", {"bytes": len(item.content)}, item.intake_no, item.sha256) for item in items]
        )
        return items

    def read(self, items: list[Item]) -> list[tuple]:
        """Send what must be read to the children; what is known or no file needs none."""
        work = []
        for item in items:
            if is_lock(item.name):
                work.append((item, "ignore", ["lock_file"], None))
            elif not item.sha256:
                work.append((item, "reject_file", ["file_type"], None))
            elif item.sha256 in self.hashes:
                work.append((item, "duplicate", ["duplicate_file"], None))
            else:
                self.hashes.add(item.sha256)
                work.append((item, None, None, self.sandbox.submit(item.name, item.content, item.folder)))
                continue
            item.content = b""
        return work

    def decide(self, work: list[tuple]) -> None:
        """Judge a batch in order of arrival, write it in one transaction, then record what became of it."""
        batch, events, sealed = load.Batch(), [], []
        for item, verdict, reasons, future in work:
            if future is None:
                facts = {
                    "verdict": verdict,
                    "reasons": reasons,
                    "flags": [],
                    "received_at": item.received_at.isoformat(),
                }
                facts |= {"rows_accepted": 0, "rows_quarantined": 0, "rows_not_data": 0, "townships": []}
                facts |= self._duplicate_of(item) if verdict == "duplicate" else {}
                self._note(item, item.intake_no, item.name, item.sha256, facts, None, batch, events, sealed)
                continue
            self._decide_file(item, future.result(), batch, events, sealed)
            item.content = b""
        self._commit(batch, events, sealed)

    def _duplicate_of(self, item: Item) -> dict:
        """Dataset and month of the file whose bytes these are."""
        for facts in self.verdicts.values():
            if facts.get("sha256") == item.sha256 and facts.get("dataset"):
                return {name: facts[name] for name in ("dataset", "month", "townships", "scope")} | {
                    "rows_accepted": facts["rows_accepted"]
                }
        return {}

    def _decide_file(self, item: Item, readings: list[Reading], batch, events, sealed, confirmed: bool = False) -> None:
        if len(readings) == 1:
            facts = judge(readings[0], self.state, item.intake_no, item.received_at, confirmed=confirmed)
            self._note(item, item.intake_no, item.name, item.sha256, facts, readings[0], batch, events, sealed)
            return
        parts = []
        for place, reading in enumerate(readings, start=1):
            number = item.intake_no + place
            facts = judge(reading, self.state, number, item.received_at, confirmed=confirmed)
            self._note(
                item, number, f"{item.name}/{reading.member}", item.sha256, facts, reading, batch, events, sealed
            )
            parts.append(facts)
        facts = _archive_facts(parts) | {"received_at": item.received_at.isoformat()}
        self._note(item, item.intake_no, item.name, item.sha256, facts, None, batch, events, sealed)

    def _note(
        self, item: Item, number: int, name: str, sha256: str, facts: dict, reading, batch, events, sealed
    ) -> None:
        """Put one verdict into the batch and into the lists of what to record and to seal."""
        facts = {"intake_no": number, "name": name, "sha256": sha256} | facts
        batch.files.append(facts)
        batch.replaced += [number] if number in self.verdicts else []
        if reading is not None:
            events.append(("parsed", {key: facts.get(key) for key in _PARSED}, number, sha256))
        if facts["verdict"] in ACCEPTED and reading is not None:
            self._add_rows(number, sha256, reading, batch, sealed)
        events.append((KIND.get(facts["verdict"], "loaded"), facts, number, sha256))
        self.state.add(number, facts)
        self.verdicts[number] = facts
        self.report.files.append(
            FileVerdict(
                number,
                name,
                facts["verdict"],
                facts.get("dataset"),
                facts.get("month"),
                facts["reasons"],
                facts["flags"],
                facts["rows_accepted"],
                facts["rows_quarantined"],
            )
        )

    def _add_rows(self, number: int, sha256: str, reading: Reading, batch: load.Batch, sealed: list) -> None:
        """The rows of an accepted file, without identities, and who they are for the vault."""
        raw = raw_frame(reading.dataset, reading.month, number, sha256, reading.rows, self.pseudonyms)
        batch.rows.setdefault(reading.dataset, []).append(raw)
        batch.quarantine += [_quarantine(number, reading)] if reading.quarantined else []
        named = identity_frame(raw, reading.rows)
        sealed += [(sha256, number, named)] if named is not None else []
        self.report.changed.add((reading.dataset, reading.month))

    def _commit(self, batch: load.Batch, events: list, sealed: list) -> None:
        for sha256, number, named in sealed:
            vault.keep_identities(self.home, self.keys, sha256, number, named)
        load.write(self.connection, batch)
        self.ledger.record_all(events)

    def replay(self, numbers: list[int]) -> None:
        """Write again what the ledger says was decided, reading accepted files from the vault.

        A file that reads otherwise than the ledger says (a word was added to a list since) is judged again.
        """
        batch, sealed, again = load.Batch(replaced=list(numbers)), [], set()
        owners = {number: self.owner(number) for number in numbers if self.verdicts[number]["verdict"] in ACCEPTED}
        items = {owner: self.item(owner) for owner in sorted(set(owners.values()))}
        futures = {owner: self.sandbox.submit(item.name, item.content, item.folder) for owner, item in items.items()}
        for number in numbers:
            facts = self.verdicts[number]
            if number in owners and facts.get("dataset"):
                readings = futures[owners[number]].result()
                reading = readings[max(number - owners[number] - 1, 0)]
                if reading.refused or reading.content != facts["content"]:
                    again.add(owners[number])
                    continue
                self._add_rows(number, facts["sha256"], reading, batch, sealed)
            batch.files.append(facts)
        self._commit(batch, [], sealed)
        for owner in sorted(again):
            self.judge_again(items[owner], futures[owner].result())

    def judge_again(self, item: Item, readings: list[Reading]) -> None:
        """A new verdict on a file that was decided before; its place in the order of arrival stays."""
        batch, events, sealed = load.Batch(), [], []
        before = {number: facts["verdict"] for number, facts in self.verdicts.items()}
        trusted = before.get(item.intake_no) in ACCEPTED
        self._decide_file(item, readings, batch, events, sealed, confirmed=trusted)
        for kind, facts, number, _ in events:
            if kind == "loaded" and before.get(number) == "supersede":
                facts["verdict"] = "supersede"
        self._commit(batch, events, sealed)

    def reprocess(self) -> IntakeReport:
        """Read again every file that was refused, has quarantined rows or unknown words, with the lists as they are now."""
        self.resume()
        self.report = IntakeReport()
        kept = {number: facts for number, facts in self.verdicts.items() if number not in self.shredded}
        open_ = [number for number, facts in kept.items() if _worth_reading_again(facts)]
        owners = sorted({self.owner(number) for number in open_})
        items = [self.item(owner) for owner in owners]
        futures = [self.sandbox.submit(item.name, item.content, item.folder) for item in items]
        for item, future in zip(items, futures, strict=True):
            readings = future.result()
            known = [
                self.verdicts[item.intake_no + (place if len(readings) > 1 else 0)]
                for place in range(1, len(readings) + 1)
            ]
            if any(_differs(reading, facts) for reading, facts in zip(readings, known, strict=True)):
                self.judge_again(item, readings)
        return self.report

    def confirm(self, intake_no: int, by: str) -> IntakeReport:
        """Release a held file on a named person's word."""
        self.resume()
        self.report = IntakeReport()
        if self.verdicts.get(intake_no, {}).get("verdict") != "hold":
            raise MinzhengError(f"file {intake_no} is not held", f"文件 {intake_no} 不在待确认之列")
        self.ledger.record("confirmed", {"by": by}, intake_no=intake_no, sha256=self.verdicts[intake_no]["sha256"])
        item = self.item(self.owner(intake_no))
        batch, events, sealed = load.Batch(), [], []
        readings = self.sandbox.read(item.name, item.content, item.folder)
        self._decide_file(item, readings, batch, events, sealed, confirmed=True)
        self._commit(batch, events, sealed)
        return self.report

    def forget_content(self, numbers: Sequence[int]) -> None:
        """Judge these files next as if nothing of them were in force: their bytes are no longer what they were."""
        held = self.state.in_force.items()
        self.state.in_force = {slot: found for slot, found in held if self.owner(found[0]) not in numbers}

    def owner(self, number: int) -> int:
        """The received file a number belongs to: itself, or the archive it came in."""
        return number if number in self.received else max(known for known in self.received if known < number)


_PARSED = (
    "dataset",
    "month",
    "scope",
    "townships",
    "rows_accepted",
    "rows_quarantined",
    "rows_not_data",
    "amount_accepted",
)


def _depends_on_folder(facts: dict) -> bool:
    """Whether the same bytes in another folder may be judged otherwise: they were refused for their month."""
    return facts["verdict"] == "reject_file" and any(reason.startswith("period_") for reason in facts["reasons"])


def _worth_reading_again(facts: dict) -> bool:
    """Whether other lists could change what was decided of a file."""
    words = {"code_unknown", "village_name_unknown", "extra_columns"}
    return facts["verdict"] == "reject_file" or bool(facts["rows_quarantined"]) or bool(words & set(facts["flags"]))


def _differs(reading: Reading, facts: dict) -> bool:
    """Whether a file now reads otherwise than it was decided."""
    if reading.refused:
        return facts["verdict"] != "reject_file" or reading.refused != facts["reasons"]
    return facts["verdict"] == "reject_file" or reading.content != facts.get("content")


def _batches(numbers: list[int]) -> list[list[int]]:
    size = settings().batch_files
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def _members(content: bytes) -> int:
    """How many numbers an archive needs for its members; 0 for anything else."""
    if not content.startswith(b"PK"):
        return 0
    try:
        names = [entry.filename for entry in entries(content) if not entry.is_dir()]
    except Refused:
        return 0
    return 0 if "xl/workbook.xml" in names else min(len(names), settings().limits.entries)


def _archive_facts(parts: list[dict]) -> dict:
    """The verdict on an archive of several files: the members' together. Its own counts are none, its members have them."""
    good = [part for part in parts if part["verdict"] in (*ACCEPTED, "duplicate")]
    verdict = "reject_file" if not good else "accept" if len(good) == len(parts) else "accept_partial"
    reasons = sorted({reason for part in parts for reason in part["reasons"]})
    facts = {"verdict": verdict, "reasons": reasons, "flags": ["archive"], "townships": []}
    return facts | {"rows_accepted": 0, "rows_quarantined": 0, "rows_not_data": 0, "dataset": None, "month": None}


def _quarantine(intake_no: int, reading: Reading) -> pl.DataFrame:
    """The quarantined rows of a file with a sentence for the clerk."""
    rules = reading.quarantine["rule_id"]
    sentences = {rule: reason_zh(rule) for rule in rules.unique().to_list()}
    return reading.quarantine.with_columns(
        pl.lit(intake_no, dtype=pl.Int64).alias("intake_no"),
        pl.lit(reading.dataset).alias("dataset"),
        pl.lit(reading.month).alias("month"),
        rules.replace_strict(sentences, return_dtype=pl.String).alias("sentence"),
    ).select(*load.QUARANTINE)
