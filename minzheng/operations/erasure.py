"""Erasure: one person out of every zone of a home (个人信息保护法 art. 47), then the months recomputed as a revision.

Received files are rewritten without the person's rows and judged again, so that vault, ledger, warehouse and figures agree;
sealed lists of the months are taken away, since they can be made again; tables keyed by the person lose their rows. Frozen
releases hold aggregates only and stay; the next run makes a draft whose release is a revision. A step that was interrupted
is done again by the same call. What we cannot reach (landing folder, backups, workbooks handed out) is told.

Whoever has no id number is named by a row of a file, and has another pseudonym in each file: one call a file.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import duckdb

from minzheng.contracts.datasets import dataset_names, register_columns
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.custody.person import Person, Place
from minzheng.custody.trail import acts, note
from minzheng.errors import MinzhengError
from minzheng.intake.gate import members, sniff
from minzheng.intake.redaction import redact
from minzheng.intake.take import Intake, open_intake
from minzheng.leads import answers
from minzheng.operations.compacting import compact
from minzheng.operations.shredding import shred_file
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.stale import stale_months

BEGUN, DONE = "erase person: begun", "erase person"


@dataclass
class Erased:
    """What an erasure did, in counts and names of files; nothing of the person."""

    files_rewritten: int = 0
    files_destroyed: int = 0
    rows: int = 0
    lists_removed: int = 0
    months: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    in_landing: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether the person was nowhere."""
        return not (self.files_rewritten or self.files_destroyed or self.rows or self.in_landing)


def erase(
    home: Home,
    keys: Keys,
    person: Person | Place,
    landing: Path | None = None,
    intake_no: int | None = None,
) -> Erased:
    """Take the person out of vault, ledger's truth, warehouse and restricted lists; returns what was done.

    A `Place` is in the file of that `intake_no`; `MinzhengError` when no person without an id number stands there.
    """
    vault.check_key(home, keys)
    done = Erased()
    with open_warehouse(home) as connection, open_intake(home, connection, keys) as intake:
        intake.resume()
        sha256, begun = None, _months_begun(home)
        if isinstance(person, Place):
            if not begun:
                _refuse_others(connection, intake_no, person)
            owner = intake.owner(intake_no)
            sha256 = intake.received[owner].sha256
            content = vault.original(home, keys, sha256)
            person = replace(person, member=_member(content, intake_no - owner))
            key = keys.pseudonym("person", f"missing:{sha256}:{person.sheet}:{person.row_no}")
        else:
            key = keys.pseudonym("person", person.id_no)
        done.months = sorted({*months_of(connection, key), *begun})
        note(
            home, BEGUN, months=",".join(done.months)
        )  # the next call finishes what this one may leave
        changed = _rewrite_vault(home, keys, person, done, sha256)
        done.files_rewritten += answers.erase(home, keys, person, key)
        _judge_again(intake, {*changed, *_files_with(connection, key)}, person)
        done.rows = sum(_delete_rows(connection, key))
        done.stale = stale_months(connection)
    done.lists_removed = _remove_lists(home, done.months)
    for old in home.warehouse.parent.glob(home.warehouse.name + ".old-*"):
        shred_file(old)
    compact(home)
    done.in_landing = list(_still_in(landing or home.landing, person, sha256))
    facts = {"files": done.files_rewritten, "destroyed": done.files_destroyed, "rows": done.rows}
    note(home, DONE, **facts, months=",".join(done.months))
    return done


def _refuse_others(
    connection: duckdb.DuckDBPyConnection, intake_no: int | None, place: Place
) -> None:
    """Stop unless the row is a person's without an id number, or lies in quarantine."""
    tables = [
        f"select intake_no, sheet, row_no, flags from raw.{name}"
        for name in dataset_names()
        if _has_persons(name)
    ]
    found = connection.execute(
        f"""select intake_no, sheet, row_no from ({" union all ".join(tables)}) where list_contains(string_split(flags, ','), 'id_missing')
                and intake_no = $intake_no and coalesce(sheet, '') = $sheet and row_no = $row_no
            union all
            select intake_no, sheet, row_no from raw.quarantine
                where intake_no = $intake_no and coalesce(sheet, '') = $sheet and row_no = $row_no""",
        {"intake_no": intake_no, "sheet": place.sheet, "row_no": place.row_no},
    ).fetchall()
    if not found:
        raise MinzhengError(
            "no person without an id number stands in that row: see `minzheng quarantine`, or erase by id number",
            "该行没有无身份证号的人员:请核对收件号、工作表和行号,有身份证号的请按号码删除",
        )


def _member(content: bytes, place: int) -> str:
    """The name, inside its archive, of the file of that place (0 for the only one); empty when it came by itself."""
    if not content.startswith(b"PK") or sniff(content) != "zip":
        return ""
    return members(content)[max(place - 1, 0)][1]


def _months_begun(home: Home) -> set[str]:
    """The months of erasures that were begun and not finished."""
    months: set[str] = set()
    with Ledger(home) as ledger:
        for act in acts(ledger):
            if act.what == BEGUN:
                months |= set(filter(None, act.about["months"].split(",")))
            elif act.what == DONE:
                months = set()
    return months


def _has_persons(name: str) -> bool:
    return any(column.name == "person_key" for column in register_columns(name))


def person_columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """(schema, table, column) of everything that is keyed by a person."""
    query = """
        select table_schema, table_name, column_name
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_type = 'BASE TABLE' and starts_with(column_name, 'person_key')
        order by all
    """
    return connection.execute(query).fetchall()


def months_of(connection: duckdb.DuckDBPyConnection, key: str) -> list[str]:
    """The months in which any table knows the person."""
    months: set[str] = set()
    for schema, table, column in person_columns(connection):
        found = connection.execute(
            f'select distinct month from {schema}.{table} where "{column}" = $key', {"key": key}
        )
        months |= {month for (month,) in found.fetchall() if month}
    return sorted(months)


def _files_with(connection: duckdb.DuckDBPyConnection, key: str) -> set[int]:
    """Intake numbers of the files whose rows the warehouse still has of the person."""
    numbers: set[int] = set()
    for name in dataset_names():
        if _has_persons(name):
            query = f"select distinct intake_no from raw.{name} where person_key = $key"
            numbers |= {number for (number,) in connection.execute(query, {"key": key}).fetchall()}
    return numbers


def _rewrite_vault(
    home: Home, keys: Keys, person: Person | Place, done: Erased, only: str | None
) -> set[int]:
    """Every archived file (or that one only) without the person; returns the intake numbers whose file changed."""
    with Ledger(home) as ledger:
        received = {number: event.sha256 for number, event in ledger.received().items()}
    changed: set[str] = set()
    for sha256 in [only] if only else sorted(set(filter(None, received.values()))):
        path = vault.archived_path(home, sha256)
        if not path.is_file():
            continue
        content = vault.original(home, keys, sha256)
        redacted = redact(content, person)
        if redacted is content:
            continue
        vault.write_synced(path, keys.seal(redacted or b"", sha256))
        done.files_rewritten += redacted is not None
        done.files_destroyed += redacted is None
        changed.add(sha256)
    return {number for number, sha256 in received.items() if sha256 in changed}


def _judge_again(intake: Intake, numbers: Iterable[int], person: Person | Place) -> None:
    """New verdicts on files whose bytes changed; their lists of identities are made anew."""
    owners = sorted({intake.owner(number) for number in numbers})
    loaded = [
        owner
        for owner in owners
        if intake.verdicts[owner]["verdict"] not in ("duplicate", "ignore")
    ]
    for owner in loaded:
        item = intake.item(owner)
        if (
            redacted := redact(item.content, person)
        ) is not item.content:  # an earlier call was stopped in between
            item.content = redacted or b""
        for path in intake.home.vault.joinpath(item.sha256[:2]).glob(f"{item.sha256}.*.identities"):
            path.unlink()
        intake.judge_again(item, intake.sandbox.read(item.name, item.content, item.folder))


def _delete_rows(connection: duckdb.DuckDBPyConnection, key: str) -> Iterator[int]:
    for schema, table, column in person_columns(connection):
        deleted = connection.execute(
            f'delete from {schema}.{table} where "{column}" = $key', {"key": key}
        ).fetchall()
        yield deleted[0][0]


def _remove_lists(home: Home, months: Iterable[str]) -> int:
    """Shred the sealed lists of the months; they are made anew by the next export."""
    inside = chain.from_iterable((home.restricted / month).glob("*") for month in months)
    lists = [path for path in inside if path.is_file()]
    for path in lists:
        shred_file(path)
    return len(lists)


def _still_in(landing: Path, person: Person | Place, sha256: str | None) -> Iterator[str]:
    """Files of the landing folder that still hold the person: nothing there is ours to change."""
    for path in sorted(landing.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if (
                sha256 == hashlib.sha256(content).hexdigest()
                if sha256
                else redact(content, person) is not content
            ):
                yield path.relative_to(landing).as_posix()
