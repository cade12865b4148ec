"""The ledger: an append-only record outside the warehouse of what was received, judged, loaded, released and delivered.

SQLite in WAL mode with full sync: an event that was returned from `record` survives a power cut. Events are chained by hash,
so that a changed or missing one shows. No event holds a value of a person's row.
"""

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from minzheng.custody.home import Home
from minzheng.errors import MinzhengError, of_the_machine

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TABLES = """
create table if not exists event (
    seq integer primary key autoincrement, at text not null, kind text not null, intake_no integer, sha256 text,
    body text not null, chain text not null
);
create index if not exists event_intake on event (intake_no);
create trigger if not exists event_keeps before update on event begin select raise(abort, 'the ledger is append-only'); end;
create trigger if not exists event_stays before delete on event begin select raise(abort, 'the ledger is append-only'); end;
"""


@dataclass(frozen=True)
class Event:
    """One line of the ledger. `body` holds counts, sums, codes and names of files."""

    seq: int
    at: str
    kind: str
    intake_no: int | None
    sha256: str | None
    body: dict


class Ledger:
    """The ledger of a home; use it as a context manager, or close it."""

    def __init__(self, home: Home):
        home.create()
        try:
            self._connection = sqlite3.connect(home.ledger, isolation_level=None, timeout=30)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            self._connection.executescript(_TABLES)
        except (
            sqlite3.OperationalError
        ) as error:  # the disk, the rights, another process: nothing to restore
            why = error.sqlite_errorname
            raise of_the_machine(error) or MinzhengError(
                f"the ledger {home.ledger} cannot be opened ({why}): check the disk, then run again",
                f"台账 {home.ledger} 打不开({why}):请检查磁盘后重新运行",
            ) from None
        except sqlite3.DatabaseError:
            raise MinzhengError(
                f"the ledger {home.ledger} is damaged: restore it from its backup",
                f"台账 {home.ledger} 已损坏:请从备份恢复",
            ) from None
        for path in home.ledger.parent.glob(home.ledger.name + "*"):
            path.chmod(0o600)

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def record(
        self, kind: str, body: dict, *, intake_no: int | None = None, sha256: str | None = None
    ) -> None:
        """Append one event; it is on disk when this returns."""
        self.record_all([(kind, body, intake_no, sha256)])

    def record_all(self, events: Iterable[tuple[str, dict, int | None, str | None]]) -> None:
        """Append events (kind, body, intake_no, sha256) in one synced transaction."""
        at = dt.datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
        self._connection.execute("begin immediate")
        try:
            last = self._connection.execute(
                "select chain from event order by seq desc limit 1"
            ).fetchone()
            chain = last[0] if last else ""
            for kind, body, intake_no, sha256 in events:
                text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                chain = _link(chain, at, kind, intake_no, sha256, text)
                self._connection.execute(
                    "insert into event (at, kind, intake_no, sha256, body, chain) values (?, ?, ?, ?, ?, ?)",
                    (at, kind, intake_no, sha256, text, chain),
                )
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise

    def events(self, *kinds: str) -> Iterator[Event]:
        """Events in order; of the given kinds only, when any are given."""
        query = "select seq, at, kind, intake_no, sha256, body from event order by seq"
        for seq, at, kind, intake_no, sha256, body in self._connection.execute(query).fetchall():
            if not kinds or kind in kinds:
                yield Event(seq, at, kind, intake_no, sha256, json.loads(body))

    def check(self) -> int | None:
        """The number of the first event whose chain does not hold, or None."""
        chain = ""
        rows = self._connection.execute(
            "select seq, at, kind, intake_no, sha256, body, chain from event order by seq"
        )
        for seq, at, kind, intake_no, sha256, body, stored in rows:
            chain = _link(chain, at, kind, intake_no, sha256, body)
            if chain != stored:
                return seq
        return None

    def heads(self) -> list[str]:
        """The chain's hash after each event, oldest first: a head noted elsewhere proves that nothing before it is gone."""
        return [
            chain
            for (chain,) in self._connection.execute(
                "select chain from event order by seq"
            ).fetchall()
        ]

    def next_intake_no(self) -> int:
        """The number after the greatest one given so far."""
        query = "select coalesce(max(intake_no + coalesce(json_extract(body, '$.reserved'), 0)), 0) + 1 from event"
        return self._connection.execute(query).fetchone()[0]

    def received(self) -> dict[int, Event]:
        """The receipt of each file, by intake number."""
        return {event.intake_no: event for event in self.events("received")}

    def verdicts(self) -> dict[int, dict]:
        """What was last decided of each file, by intake number: the facts `status` shows."""
        return {
            event.intake_no: event.body
            for event in self.events("loaded", "refused", "duplicate", "held", "ignored")
        }


def _link(chain: str, *parts: object) -> str:
    return hashlib.sha256("\x1f".join([chain, *map(str, parts)]).encode()).hexdigest()
