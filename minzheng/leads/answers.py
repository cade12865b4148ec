"""Answers as they came back: the filled-in workbook in the vault like any file received, what was recorded of it beside it.

The list beside it (`<hash>.answers`, sealed) holds the entries with their notes, which are free text about a person and
stand nowhere else. Ledger and vault are enough to make `lead.outcome` anew (`restore`). Order of work: receipt in the
ledger, workbook in the vault, sealed list, entry in the ledger, warehouse; the next import finishes what was stopped.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import MAGIC, Keys
from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.custody.person import Person, Place
from minzheng.errors import MinzhengError
from minzheng.intake.contained import handed_over
from minzheng.intake.noted import noted_name
from minzheng.intake.redaction import redact
from minzheng.leads.case_ids import case_id, present_ids
from minzheng.leads.filled import Filled, read_filled
from minzheng.leads.outcomes import ENTRY, Recorded, append, record
from minzheng.leads.workbook import masked_id

SUFFIX = ".answers"
RECEIVED, RECORDED = "answers_received", "answers_recorded"


def take_back(
    home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection, path: Path
) -> Recorded:
    """Take in a filled-in workbook; errors as of `read_filled`, before anything is kept."""
    vault.check_key(home, keys)
    now, content = dt.datetime.now(SHANGHAI), handed_over(path)
    filled = read_filled(content, path.name, now.date())
    sha256 = hashlib.sha256(content).hexdigest()
    with Ledger(home) as ledger:
        restore(home, keys, connection, ledger)
        number = ledger.next_intake_no()
        body = {
            "path": noted_name(path.name, lambda: keys),
            "size": len(content),
            "received_at": now.isoformat(),
        }
        ledger.record(RECEIVED, body, intake_no=number, sha256=sha256)
        vault.archive(home, keys, sha256, content)
        notes = dict(_notes(entries(home, keys, ledger)))

        def keep(new: pl.DataFrame) -> None:
            _seal(home, keys, sha256, number, new)
            _tell(ledger, number, sha256, filled, new.height)

        present = present_ids(home, keys)
        given = [
            replace(answer, case_id=present.get(answer.case_id, answer.case_id))
            for answer in filled.answers
        ]
        done = record(
            connection, given, sha256[:16], township=filled.township, notes=notes, keep=keep
        )
        if not done.new:
            _tell(ledger, number, sha256, filled, 0)
    return done


def _tell(ledger: Ledger, number: int, sha256: str, filled: Filled, recorded: int) -> None:
    about = {"month": filled.month, "township": filled.township, "recorded": recorded}
    ledger.record(RECORDED, about, intake_no=number, sha256=sha256)


def returned(ledger: Ledger) -> dict[int, dict]:
    """What is known of each returned workbook by intake number: path, sha256, received_at; once recorded, month, township, recorded."""
    facts: dict[int, dict] = {}
    for event in ledger.events(RECEIVED, RECORDED):
        facts.setdefault(event.intake_no, {"sha256": event.sha256, "recorded": 0}).update(
            event.body
        )
    return facts


def _path(home: Home, sha256: str, number: int) -> Path:
    return home.vault / sha256[:2] / f"{sha256}.{number}{SUFFIX}"


def _seal(home: Home, keys: Keys, sha256: str, number: int, new: pl.DataFrame) -> None:
    _write(keys, _path(home, sha256, number), new)


def _write(keys: Keys, path: Path, frame: pl.DataFrame) -> None:
    sink = io.BytesIO()
    frame.write_parquet(sink)
    vault.write_synced(path, keys.seal(sink.getvalue(), path.name))


def lists(home: Home, ledger: Ledger) -> Iterator[Path]:
    """The sealed lists of the home in the order in which they were recorded; those that were shredded are gone."""
    for number, facts in returned(ledger).items():
        path = _path(home, facts["sha256"], number)
        if path.is_file() or (
            facts["recorded"] and vault.archived_path(home, facts["sha256"]).is_file()
        ):
            yield path


def _read(keys: Keys, path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise MinzhengError(
            f"the vault lacks {path.name[:12]}….answers: restore it from its backup",
            f"档案库缺少 {path.name[:12]}….answers:请从备份恢复",
        )
    return pl.read_parquet(io.BytesIO(keys.unseal(path.read_bytes(), path.name)))


def entries(home: Home, keys: Keys, ledger: Ledger) -> pl.DataFrame:
    """Every entry ever recorded, with its note (`ENTRY`), in order."""
    frames = [_read(keys, path) for path in lists(home, ledger)]
    return pl.concat([pl.DataFrame(schema=ENTRY), *frames]).sort("outcome_no")


def _notes(frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    yield from frame.filter(pl.col("note") != "").select("outcome_no", "note").iter_rows()


def notes_by_case(home: Home, keys: Keys) -> dict[str, str]:
    """Case id to the note of its last entry, where it has one. Restricted: free text about persons."""
    with Ledger(home) as ledger:
        last = entries(home, keys, ledger).unique("case_id", keep="last", maintain_order=True)
    return dict(last.filter(pl.col("note") != "").select("case_id", "note").iter_rows())


def restore(home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> int:
    """Put into `lead.outcome` what the vault knows and the table does not; returns how many entries."""
    known = {
        number for (number,) in connection.execute("select outcome_no from lead.outcome").fetchall()
    }
    lost = entries(home, keys, ledger).filter(~pl.col("outcome_no").is_in(list(known)))
    if lost.height:
        append(connection, lost)
    return lost.height


@dataclass(frozen=True)
class InAnswers:
    """A person as a returned workbook shows them: by the masked number (if they have one) or by the id of one of their cases."""

    person: Person | Place
    marks: frozenset[str]

    @property
    def numbers(self) -> tuple[str, ...]:
        """What is blotted out where no row can be taken."""
        return (*self.person.numbers, *sorted(self.marks))

    def takes(self, cells: Iterable[str], sheet: str, row_no: int) -> bool:
        """Whether a row is about the person, or may be: the mask hides the birth date."""
        return any(cell.strip() in self.marks or self.person.owns(cell) for cell in cells)

    def mentioned(self, text: str) -> bool:
        """Whether a text holds the number, plain or masked, or a case of the person."""
        return any(mark in text for mark in self.marks) or self.person.mentioned(text)

    def suspected(self, text: str) -> bool:
        """Whether a text may hold them."""
        return self.mentioned(text) or self.person.suspected(text)

    def within(self, member: str) -> "InAnswers":
        """Themselves: any member of an archive may hold them."""
        return self

    def among(self, sheets: Sequence[str]) -> "InAnswers":
        """Themselves: any sheet of a workbook may hold them."""
        return self


def erase(home: Home, keys: Keys, person: Person | Place, key: str) -> int:
    """Take a person out of every returned workbook and sealed list; returns how many files changed.

    Rows of a workbook that show the person's masked number go, though they may be of somebody who shares it; entries
    of others stay, without a note that names the number.
    """

    changed = 0
    with Ledger(home) as ledger:
        received = sorted({facts["sha256"] for facts in returned(ledger).values()})
        kept = {path: _read(keys, path) for path in lists(home, ledger)}
    case_ids = set().union(
        *(frame.filter(pl.col("person_key") == key)["case_id"] for frame in kept.values())
    )
    case_ids |= {former for former, now in present_ids(home, keys).items() if now in case_ids}
    masked = {masked_id(person.id_no)} if isinstance(person, Person) else set()
    shown = InAnswers(person, frozenset(case_ids | masked))
    for sha256 in received:
        path = vault.archived_path(home, sha256)
        if path.is_file():
            content = vault.original(home, keys, sha256)
            redacted = redact(content, shown)
            if redacted is not content:
                vault.write_synced(path, keys.seal(redacted or b"", sha256))
                changed += 1
    for path, frame in kept.items():
        others = frame.filter(pl.col("person_key") != key)
        spoken = pl.Series([person.mentioned(note) for note in others["note"]], dtype=pl.Boolean)
        if others.height < frame.height or spoken.any():
            _write(
                keys,
                path,
                others.with_columns(note=pl.when(spoken).then(pl.lit("")).otherwise("note")),
            )
            changed += 1
    return changed


def rename(home: Home, old: Keys, new: Keys, pairs: Mapping[str, str]) -> None:
    """Seal the lists with the new key and put the new pseudonyms into them; a list that has them is left alone.

    A pseudonym that is not in `pairs` (old to new) gets the one derived from it, as in the warehouse.
    """
    for path in sorted(home.vault.glob(f"*/*{SUFFIX}")):
        sealed = path.read_bytes()
        if sealed.startswith(MAGIC + old.key_id.encode("ascii")):
            frame = pl.read_parquet(io.BytesIO(old.unseal(sealed, path.name)))
            people = [
                pairs.get(key) or new.pseudonym("person", "retired/" + key)
                for key in frame["person_key"]
            ]
            renamed = frame.with_columns(person_key=pl.Series(people, dtype=pl.String))
            ids = [
                case_id(*who)
                for who in renamed.select("rule_id", "person_key", "township_code").iter_rows()
            ]
            _write(new, path, renamed.with_columns(case_id=pl.Series(ids, dtype=pl.String)))
