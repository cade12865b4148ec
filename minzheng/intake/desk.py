"""The desk of an intake: what the ledger knows, the reading children, and how a verdict becomes rows, lists and events."""

import datetime as dt
from collections.abc import Iterable, Iterator

import duckdb
import polars as pl

from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError, printable
from minzheng.intake import load
from minzheng.intake.exposed import IN_NAME, without_numbers
from minzheng.intake.landing import Changed, blocks_with, is_lock
from minzheng.intake.outcome import FileVerdict, IntakeReport, Item
from minzheng.intake.places import Place, places_told
from minzheng.intake.pseudonyms import Pseudonyms, identity_frame, raw_frame
from minzheng.intake.reading import Reading
from minzheng.intake.replacing import Replacement, compare
from minzheng.intake.sandbox import Sandbox
from minzheng.intake.scope import speaks_for
from minzheng.intake.settings import reason_zh, settings, tried_again
from minzheng.intake.standards import Standard
from minzheng.intake.verdict import State, judge

KIND = {"reject_file": "refused", "duplicate": "duplicate", "hold": "held", "ignore": "ignored"}
PARSED = (
    "dataset",
    "month",
    "scope",
    "townships",
    "rows_accepted",
    "rows_quarantined",
    "rows_not_data",
)
PARSED += ("amount_accepted", "amount_quarantined", "persons_accepted", "persons_quarantined")


class Desk:
    """The ledger's knowledge, the reading children, and the batches between them."""

    def __init__(
        self,
        home: Home,
        connection: duckdb.DuckDBPyConnection,
        keys: Keys,
        ledger: Ledger,
        sandbox: Sandbox,
        now,
    ):
        self.home, self.connection, self.keys = home, connection, keys
        self.ledger, self.sandbox, self.now = ledger, sandbox, now
        self.pseudonyms = Pseudonyms(keys)
        self.report = IntakeReport()
        self.received = ledger.received()
        self.shredded = {event.intake_no for event in ledger.events("shredded")}
        self.confirmed = {event.intake_no for event in ledger.events("confirmed")}
        self.verdicts = ledger.verdicts()
        self.unrecorded: set[int] = (
            set()
        )  # in the warehouse, though the machine stopped before the verdict was recorded
        self.hashes = {
            _bytes_of(facts.get("sha256"), facts["name"])
            for facts in self.verdicts.values()
            if not _depends_on_folder(facts) and not tried_again(facts["reasons"])
        }
        self.state = State.of(self.verdicts)

    def waits(self, number: int) -> bool:
        """Whether a received file has no verdict yet, or one that only a circumstance of the machine gave it."""
        facts = self.verdicts.get(number)
        return facts is None or tried_again(facts["reasons"])

    def item(self, intake_no: int, *, whole: bool = True) -> Item:
        """A file as it was received, from the vault; a large one block by block unless `whole`."""
        event = self.received[intake_no]
        body = event.body
        self.refuse_unreadable([intake_no])
        content = (
            vault.original(self.home, self.keys, event.sha256)
            if whole or self._is_small(body)
            else None
        )
        return self._item(intake_no, event.sha256, body, content)

    def refuse_unreadable(self, owners: Iterable[int]) -> None:
        """`MinzhengError` names the received files whose bytes neither vault nor landing folder can give back."""
        names = [
            printable(self.received[owner].body["path"])
            for owner in sorted(owners)
            if self.received[owner].sha256 and not self._readable(owner)
        ]
        if names:
            raise MinzhengError(
                f"the vault cannot give back {len(names)} files ({', '.join(names[:5])}): restore them from a backup of the "
                "vault, or lay the same files into the landing folder; nothing was changed",
                f"档案库中有{len(names)}个文件缺失或损坏({'、'.join(names[:5])}):请从备份恢复,"
                "或把原文件放回收件文件夹。未作任何改动",
            )

    def _readable(self, intake_no: int) -> bool:
        """Whether the vault gives a file back whole. One that it does not is sealed anew from its copy in landing."""
        event = self.received[intake_no]
        if vault.intact(self.home, self.keys, event.sha256):
            return True
        copy = self.home.landing / event.body["path"]
        if not copy.is_file() or copy.is_symlink():
            return False
        try:
            content = b"".join(blocks_with(copy, event.sha256))
        except Changed:
            return False
        sealed = self.keys.seal(content, event.sha256)
        vault.write_synced(vault.archived_path(self.home, event.sha256), sealed)
        return True

    def _is_small(self, body: dict) -> bool:
        return body["size"] <= settings().limits.small_bytes

    def _item(
        self, intake_no: int, sha256: str, body: dict, content: bytes | None, name: str = ""
    ) -> Item:
        """A file on its way; its `name` is told by whoever sees it arrive, else by the verdict, else by the receipt."""
        name = without_numbers(name) or self.verdicts.get(intake_no, {}).get("name") or body["path"]
        at = dt.datetime.fromisoformat(body["received_at"])
        kept = (
            content
            if content is not None
            else lambda: vault.original_blocks(self.home, self.keys, sha256)
        )
        flags = ["filename_recoded"] * bool(body.get("recoded")) + [IN_NAME] * bool(
            body.get("exposed")
        )
        return Item(intake_no, name, sha256, kept, body["folder"], at, flags, body.get("fault"))

    def read(self, items: list[Item]) -> list[tuple]:
        """Send what must be read to the children; what is known or no file needs none."""
        work = []
        for item in items:
            if is_lock(item.name):
                work.append((item, "ignore", "lock_file", None))
            elif item.fault:
                work.append((item, "reject_file", item.fault, None))
            elif _bytes_of(item.sha256, item.name) in self.hashes:
                work.append((item, "duplicate", "duplicate_file", None))
            else:
                self.hashes.add(_bytes_of(item.sha256, item.name))
                work.append((item, None, None, self.submit(item)))
                continue
            item.content = b""
        return work

    def decide(self, work: list[tuple]) -> None:
        """Judge a batch in order of arrival, write it in one transaction, then record what became of it."""
        batch, events = load.Batch(), []
        for item, verdict, reason, future in work:
            if future is None:
                facts = bare_facts(item, verdict, reason)
                facts |= self._duplicate_of(item) if verdict == "duplicate" else {}
                self.note(item.intake_no, item.name, item.sha256, facts, None, batch, events)
                continue
            self.decide_file(item, future.result(), batch, events)
            item.content = b""
        self.commit(batch, events)

    def _duplicate_of(self, item: Item) -> dict:
        """Dataset and month of the file whose bytes these are."""
        for facts in self.verdicts.values():
            known = _bytes_of(facts.get("sha256"), facts["name"])
            if known == _bytes_of(item.sha256, item.name) and facts.get("dataset"):
                names = ("dataset", "month", "townships", "scope", "rows_accepted")
                return {name: facts[name] for name in names}
        return {}

    def places(self) -> list[Place]:
        """What the region files in force tell beside the list of places."""
        return places_told(self.state, self.verdicts)

    def standards(self) -> list[Standard]:
        """What the parameter files told of standards, the later file last (_G11)."""
        told: dict[tuple, Standard] = {}
        for _, facts in sorted(self.verdicts.items()):
            if facts["verdict"] in ACCEPTED:
                told |= {tuple(row[:3]): tuple(row) for row in facts.get("standards") or []}
        return sorted(told.values(), key=str)

    def submit(self, item: Item):
        """Send a file to be read, with the places and the standards known now."""
        return self.sandbox.submit(
            item.name, item.content, item.folder, self.places(), self.standards()
        )

    def decide_file(
        self, item: Item, readings: list[Reading], batch, events, *, confirmed: bool = False
    ) -> None:
        """Judge the readings of one file and note the verdicts."""
        name = next((one.name for one in readings if one.name not in ("", item.name)), item.name)
        if len(readings) == 1:
            facts = self._judged(item, item.intake_no, readings[0], batch, events, confirmed)
            facts["flags"] = sorted({*facts["flags"], *item.flags})
            self.note(item.intake_no, name, item.sha256, facts, readings[0], batch, events)
            return
        parts = []
        for place, reading in enumerate(readings, start=1):
            number = item.intake_no + place
            facts = self._judged(item, number, reading, batch, events, confirmed)
            self.note(
                number, f"{name}/{reading.member}", item.sha256, facts, reading, batch, events
            )
            parts.append(facts)
        facts = archive_facts(parts) | {"received_at": item.received_at.isoformat()}
        self.note(item.intake_no, name, item.sha256, facts, None, batch, events)

    def _judged(
        self, item: Item, number: int, reading: Reading, batch, events, confirmed: bool
    ) -> dict:
        """The verdict on one reading. What replaced others when it was first accepted is told as such for ever."""
        before = self.verdicts.get(number, {})
        confirmed = confirmed or before.get("verdict") in ACCEPTED or number in self.confirmed

        def compared(replaced: dict[str, int]) -> Replacement:
            if {facts["intake_no"] for facts in batch.files} & set(replaced.values()):
                self.commit(batch, events)
                batch.clear(), events.clear()
            rows = (
                self._raw(number, item.sha256, reading, frame) for frame in reading.accepted_rows
            )
            return compare(self.connection, reading.dataset, replaced, rows)

        facts = judge(reading, self.state, number, item.received_at, compared, confirmed=confirmed)
        if before.get("verdict") == "supersede" and facts["verdict"] in ACCEPTED:
            facts |= {
                "verdict": "supersede",
                "replaces": facts.get("replaces") or before.get("replaces"),
            }
        return facts

    def _raw(self, number: int, sha256: str, reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
        return raw_frame(reading.dataset, reading.month, number, sha256, rows, self.pseudonyms)

    def note(
        self,
        number: int,
        name: str,
        sha256: str,
        facts: dict,
        reading: Reading | None,
        batch,
        events,
    ) -> None:
        """Put one verdict into the batch and into the list of what to record."""
        facts = {"intake_no": number, "name": name, "sha256": sha256} | facts
        batch.files.append(facts)
        if number in self.verdicts or number in self.unrecorded:
            batch.replaced.append(number)
            self.report.files = [file for file in self.report.files if file.intake_no != number]
        if reading is not None:
            events.append(("parsed", {key: facts.get(key) for key in PARSED}, number, sha256))
        if facts["verdict"] in ACCEPTED and reading is not None:
            self.add_rows(number, sha256, reading, batch)
        events.append((KIND.get(facts["verdict"], "loaded"), facts, number, sha256))
        self.state.add(number, facts)
        self.verdicts[number] = facts
        shown = [
            facts["reasons"],
            facts["flags"],
            facts["rows_accepted"],
            facts["rows_quarantined"],
        ]
        told = (facts["verdict"], facts.get("dataset"), facts.get("month"))
        replaces = sorted(set((facts.get("replaces") or {}).values()))
        self.report.files.append(FileVerdict(number, name, *told, *shown, replaces))

    def add_rows(self, number: int, sha256: str, reading: Reading, batch: load.Batch) -> None:
        """The rows of an accepted file, without identities; who they are is sealed while they are written."""
        batch.rows.setdefault(reading.dataset, []).append(self._loaded(number, sha256, reading))
        batch.quarantine += [
            _quarantine(number, reading, lines)
            for lines in reading.quarantine_lines
            if lines.height
        ]
        facts = (reading.dataset, reading.month, number, sha256)
        opened = [
            raw_frame(*facts, rows, self.pseudonyms) for rows in reading.legible if rows.height
        ]
        batch.opened.setdefault(reading.dataset, []).extend(opened)
        self.report.changed.add((reading.dataset, reading.month))

    def _loaded(self, number: int, sha256: str, reading: Reading) -> Iterator[pl.DataFrame]:
        named = vault.IdentityList(self.home, self.keys, sha256, number)
        for rows in reading.accepted_rows:
            raw = self._raw(number, sha256, reading, rows)
            identities = identity_frame(raw, rows)
            if identities is not None:
                named.add(identities)
            yield raw
        named.seal()

    def commit(self, batch: load.Batch, events: list) -> None:
        """Write a batch in one transaction, then record what became of it."""
        load.write(self.connection, batch)
        self.ledger.record_all(events)

    def owner(self, number: int) -> int:
        """The received file a number belongs to: itself, or the archive it came in."""
        return (
            number
            if number in self.received
            else max(known for known in self.received if known < number)
        )


def bare_facts(item: Item, verdict: str, reason: str) -> dict:
    """The facts of a verdict on a file that nobody read."""
    facts = {
        "verdict": verdict,
        "reasons": [reason],
        "flags": item.flags,
        "received_at": item.received_at.isoformat(),
    }
    return facts | {"rows_accepted": 0, "rows_quarantined": 0, "rows_not_data": 0, "townships": []}


def _bytes_of(sha256: str | None, name: str) -> tuple:
    """What makes two files one: the same bytes, of the same county where the name says one of several."""
    return (sha256, *speaks_for(set(), [name]))


def _depends_on_folder(facts: dict) -> bool:
    """Whether the same bytes in another folder may be judged otherwise: they were refused for their month."""
    return facts["verdict"] == "reject_file" and any(
        reason.startswith("period_") for reason in facts["reasons"]
    )


def archive_facts(parts: list[dict]) -> dict:
    """The verdict on an archive of several files: the members' together. Its own counts are none, its members have them."""
    good = [part for part in parts if part["verdict"] in (*ACCEPTED, "duplicate")]
    verdict = (
        "reject_file" if not good else "accept" if len(good) == len(parts) else "accept_partial"
    )
    reasons = sorted(set().union(*(part["reasons"] for part in parts)))
    facts = {"verdict": verdict, "reasons": reasons, "flags": ["archive"], "townships": []}
    return facts | {
        "rows_accepted": 0,
        "rows_quarantined": 0,
        "rows_not_data": 0,
        "dataset": None,
        "month": None,
    }


def _quarantine(intake_no: int, reading: Reading, lines: pl.DataFrame) -> pl.DataFrame:
    """Quarantined rows with a sentence for the clerk."""
    rules = lines["rule_id"]
    sentences = {rule: reason_zh(rule) for rule in rules.unique().to_list()}
    return lines.with_columns(
        pl.lit(intake_no, dtype=pl.Int64).alias("intake_no"),
        pl.lit(reading.dataset).alias("dataset"),
        pl.lit(reading.month).alias("month"),
        rules.replace_strict(sentences, return_dtype=pl.String).alias("sentence"),
    ).select(*load.QUARANTINE)
