"""The ledger: an append-only record outside the warehouse of what was received, judged, loaded, released and delivered.

SQLite in WAL mode with full sync: an event that was returned from `record` survives a power cut. Events are chained by hash,
so that a changed or missing one shows. No event holds a value of a person's row. Every event is written once more into the
vault (`minzheng.custody.journal`), from which a lost or older ledger is made anew.
"""

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from minzheng.custody.home import Home
from minzheng.custody.journal import FIELDS, Journal
from minzheng.errors import MinzhengError, of_the_machine

SHANGHAI = ZoneInfo("Asia/Shanghai")
FORMAT = 1  # of a home; a version that changes what lies in one raises it, and records it as an event `format`
VERDICTS = ("loaded", "refused", "duplicate", "held", "ignored")
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
        self._journal = Journal(home.journal)
        try:
            with contextlib.ExitStack() as undo:
                self._connection = _connected(home.ledger)
                undo.callback(self._connection.close)
                self._refuse_newer()
                with self._journal.held():
                    self._continue_journal()
                undo.pop_all()
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
                f"the ledger {home.ledger} is damaged: run `minzheng doctor --repair`",
                f"台账 {home.ledger} 已损坏:请运行 minzheng doctor --repair",
            ) from None

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
        """Append events (kind, body, intake_no, sha256) in one synced transaction, then to the journal."""
        with self._journal.held():
            self._commit(events)
            self._continue_journal()

    def _refuse_newer(self) -> None:
        """`MinzhengError` when the home tells that a later version wrote into it (an event `format`, none before version 2)."""
        query = "select max(json_extract(body, '$.version')) from event where kind = 'format'"
        found = self._connection.execute(query).fetchone()[0]
        if found is not None and found > FORMAT:
            raise MinzhengError(
                f"this home was written by a newer version of minzheng (format {found}, here {FORMAT}): use that version",
                f"本数据目录由更新版本的程序写成(格式 {found},本程序为 {FORMAT}):请使用新版本",
            )

    def _continue_journal(self) -> None:
        """Write into the journal what it lacks; `MinzhengError` when it holds what this ledger never heard of."""
        last = self._journal.last()
        if last is not None:
            here = self._connection.execute(
                "select chain from event where seq = ?", last[:1]
            ).fetchone()
            if here is None or here[0] != last[1]:
                raise MinzhengError(
                    "the ledger is older than the vault, or another one: files taken in since are unknown to it; "
                    "nothing was changed: run `minzheng doctor --repair`, which makes it anew from the vault",
                    "台账比档案库旧,或不是同一台账:其后收到的文件没有记录。未作任何改动,"
                    "请运行 minzheng doctor --repair,按档案库重建台账",
                )
        query = f"select {', '.join(FIELDS)} from event where seq > ? order by seq"
        self._journal.append(self._connection.execute(query, (last[0] if last else 0,)))

    def _commit(self, events: Iterable[tuple[str, dict, int | None, str | None]]) -> None:
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
            if self._connection.in_transaction:  # a failing disk may have ended it
                self._connection.execute("rollback")
            raise

    def events(self, *kinds: str) -> Iterator[Event]:
        """Events in order; of the given kinds only, when any are given."""
        chosen = f"where kind in ({', '.join('?' for _ in kinds)})" if kinds else ""
        query = f"select seq, at, kind, intake_no, sha256, body from event {chosen} order by seq"
        for *facts, body in self._connection.execute(query, kinds).fetchall():
            yield Event(*facts, json.loads(body))

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

    def hashes(self) -> set[str]:
        """The hash of every file that an event tells of."""
        query = "select distinct sha256 from event where sha256 <> ''"
        return {sha256 for (sha256,) in self._connection.execute(query).fetchall()}

    def decided(self) -> set[int]:
        """The number of every file that got a verdict and whose original is kept."""
        query = f"""
            select intake_no from event where kind in ({", ".join("?" for _ in VERDICTS)})
            except select intake_no from event where kind = 'shredded'
        """
        return {number for (number,) in self._connection.execute(query, VERDICTS).fetchall()}

    def next_intake_no(self) -> int:
        """The number after the greatest one given so far."""
        query = "select coalesce(max(intake_no + coalesce(json_extract(body, '$.reserved'), 0)), 0) + 1 from event"
        return self._connection.execute(query).fetchone()[0]

    def received(self) -> dict[int, Event]:
        """The receipt of each file, by intake number."""
        return {event.intake_no: event for event in self.events("received")}

    def verdicts(self) -> dict[int, dict]:
        """What was last decided of each file, by intake number: the facts `status` shows."""
        return {event.intake_no: event.body for event in self.events(*VERDICTS)}


def _connected(path: Path) -> sqlite3.Connection:
    """The SQLite file at `path` with its table, readable by its owner only."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.executescript(_TABLES)
    for part in path.parent.glob(path.name + "*"):
        part.chmod(0o600)
    return connection


def restore(home: Home) -> tuple[int, Path | None]:
    """Make the ledger anew from its journal; returns how many events, and where the former ledger lies.

    `MinzhengError` when there is no journal, when its chain is broken, or when the ledger holds events that the journal
    does not know: then neither is the other's past, and a person must decide.
    """
    with Journal(home.journal).held() as journal:
        lines = list(journal.lines())
        if not lines:
            raise MinzhengError(
                f"there is no journal at {home.journal}: restore the ledger from its newest backup",
                f"{home.journal} 没有台账副本:请从最新的备份恢复台账",
            )
        chain = ""
        for seq, at, kind, intake_no, sha256, body, stored in lines:
            chain = _link(chain, at, kind, intake_no, sha256, body)
            if chain != stored:
                raise MinzhengError(
                    f"the ledger's journal breaks at event {seq}: restore it from its backup",
                    f"台账副本在第 {seq} 条断开:请从备份恢复",
                )
        _refuse_unknown_events(home.ledger, {line[-1] for line in lines})
        aside = set_aside(home.ledger, ("-wal", "-shm"))
        connection = _connected(home.ledger)
        marks = ", ".join("?" for _ in FIELDS)
        connection.execute("begin immediate")
        connection.executemany(f"insert into event ({', '.join(FIELDS)}) values ({marks})", lines)
        connection.execute("commit")
        connection.close()
    return len(lines), aside


def _refuse_unknown_events(path: Path, known: set[str]) -> None:
    """Stop when the ledger at `path` can be read and ends in an event that is not `known`."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found = connection.execute(
                "select chain from event order by seq desc limit 1"
            ).fetchone()
    except sqlite3.DatabaseError:
        return
    if found and found[0] not in known:
        raise MinzhengError(
            "ledger and journal went different ways: restore both from the same backup",
            "台账与其副本内容不一致:请从同一份备份恢复两者",
        )


def set_aside(path: Path, companions: Sequence[str]) -> Path | None:
    """Rename a database and the files beside it (their suffixes) to the first free name; None when it is not there."""
    if not path.exists():
        return None
    number = 1
    while (aside := path.with_name(f"{path.name}.old-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in companions:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def _link(chain: str, *parts: object) -> str:
    return hashlib.sha256("\x1f".join([chain, *map(str, parts)]).encode()).hexdigest()
