"""Change of keys: every sealed file under the new key, every pseudonym made anew, and a kill at any point harms nothing.

The vault's KEY file names the new key from the first moment and `rotating_from` until the last, so every other command
stops meanwhile. Files are sealed anew one by one; each says with which key. Pseudonyms change in one transaction of the
warehouse, which also says so. The pairs of old and new pseudonyms exist in memory only: whoever has both keys can make
them again, nobody else can. The old key is kept beside the new one for as long as backups need it.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import MAGIC, Keys, default_key_file
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import note
from minzheng.errors import MinzhengError
from minzheng.intake.pseudonyms import Pseudonyms, raw_frame
from minzheng.intake.take import Intake, open_intake
from minzheng.leads import answers, case_ids
from minzheng.operations.compacting import compact
from minzheng.operations.shredding import shred_file
from minzheng.warehouse.connection import open_warehouse, transaction

CASE_ID = "left(md5(rule_id || '|' || person_key || '|' || township_code), 16)"


@dataclass(frozen=True)
class Rotated:
    """From which key to which, and what was changed by this call."""

    old: str
    new: str
    retired: Path


def rotate(home: Home, path: Path | None = None) -> Rotated:
    """Give the home a new key, or finish what an interrupted call began; `MinzhengError` when a key is wrong or missing."""
    path = path or default_key_file()
    old, new = _begin(home, path)
    if old.key_id != new.key_id:
        _seal_anew(home, old, new)
        with open_warehouse(home) as connection, open_intake(home, connection, new) as intake:
            if _generation(connection) != new.key_id:
                pairs = renamed(intake, old, new)
                case_ids.carry(home, new, connection, pairs.get("person", {}))
                answers.rename(home, old, new, pairs.get("person", {}))
                rename(connection, old, new, pairs)
        _seal_anew(home, old, new)
        for aside in home.warehouse.parent.glob(home.warehouse.name + ".old-*"):
            shred_file(aside)
        compact(home)
    return _finish(home, path, new)


def _begin(home: Home, path: Path) -> tuple[Keys, Keys]:
    """The old and the new keys; equal ones when only the last step is missing."""
    state, current, upcoming = _state(home), Keys.load(path), _next(path)
    if state.get("rotating_from"):
        new = current if current.key_id == state["key_id"] else Keys.load(upcoming)
        if new.key_id != state["key_id"] or not hmac.compare_digest(
            new.check_value, state["check"]
        ):
            raise MinzhengError(
                f"the change of keys began with key {state['key_id']}: its file {upcoming} is needed",
                f"密钥更换已开始,需要密钥 {state['key_id']} 的文件 {upcoming}",
            )
        if current.key_id not in (state["rotating_from"], new.key_id):
            raise MinzhengError(
                f"this home was sealed with key {state['rotating_from']}: use its key file",
                f"本目录原用密钥 {state['rotating_from']}:请使用该密钥文件",
            )
        return current, new
    vault.check_key(home, current)
    with open_warehouse(home):  # nobody else is at work
        new = Keys.load(upcoming) if upcoming.is_file() else Keys.create(upcoming)
        _write_state(home, new, rotating_from=current.key_id)
    return current, new


def _next(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _state(home: Home) -> dict:
    path = home.vault / "KEY"
    try:
        return json.loads(path.read_text(encoding="ascii")) if path.is_file() else {}
    except ValueError:
        raise MinzhengError(
            "the vault's KEY file is damaged: restore it from its backup",
            "档案库的 KEY 文件已损坏:请从备份恢复",
        ) from None


def _write_state(home: Home, keys: Keys, **more: str) -> None:
    content = {"key_id": keys.key_id, "check": keys.check_value, **more}
    vault.write_synced(home.vault / "KEY", json.dumps(content).encode("ascii"))


def sealed_files(home: Home) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Every sealed file of the home with the names it may be bound to."""
    for zone in (home.vault, home.restricted):
        for path in sorted(zone.rglob("*")):
            if (
                path.is_file()
                and not path.name.startswith(".")
                and path not in (zone / "KEY", home.journal)
            ):
                yield path, (path.name, f"{path.parent.name}/{path.name}")


def _seal_anew(home: Home, old: Keys, new: Keys) -> None:
    for path, names in sealed_files(home):
        with path.open("rb") as file:
            head = file.read(12)
        if (
            head != MAGIC + old.key_id.encode("ascii") or path.suffix == answers.SUFFIX
        ):  # those hold pseudonyms too
            continue
        sealed = path.read_bytes()
        name, content = _unsealed(old, sealed, names)
        vault.write_synced(path, new.seal(content, name))


def _unsealed(keys: Keys, sealed: bytes, names: tuple[str, ...]) -> tuple[str, bytes]:
    for name in names[:-1]:
        try:
            return name, keys.unseal(sealed, name)
        except MinzhengError:
            continue
    return names[-1], keys.unseal(sealed, names[-1])


class Renaming(Pseudonyms):
    """Gathers, for every value it is shown, the old and the new pseudonym."""

    def __init__(self, old: Keys, new: Keys):
        super().__init__(old)
        self._new = new
        self.pairs: dict[str, dict[str, str]] = {}

    def of(self, domain: str, values: pl.Series) -> pl.Series:
        """Remember the values; the result is nobody's."""
        pairs = self.pairs.setdefault(domain, {})
        for value in values.drop_nulls().unique().to_list():
            pairs[self._keys.pseudonym(domain, value)] = self._new.pseudonym(domain, value)
        return values.cast(pl.String)


def renamed(intake: Intake, old: Keys, new: Keys) -> dict[str, dict[str, str]]:
    """Old to new pseudonym by domain, for every value in a file that was accepted and is still in the vault."""
    renaming = Renaming(old, new)
    accepted = {
        number
        for number, facts in intake.verdicts.items()
        if facts.get("dataset") and facts["rows_accepted"]
    }
    for owner in sorted({intake.owner(number) for number in accepted - intake.shredded}):
        item = intake.item(owner)
        readings = intake.sandbox.read(item.name, item.content, item.folder)
        for place, reading in enumerate(readings, start=1):
            number = owner + (place if len(readings) > 1 else 0)
            for rows in (
                (*(reading.accepted_rows or ()), *(reading.legible or ()))
                if number in accepted
                else ()
            ):
                raw_frame(reading.dataset, reading.month, number, item.sha256, rows, renaming)
    return renaming.pairs


def rename(
    connection: duckdb.DuckDBPyConnection, old: Keys, new: Keys, pairs: dict[str, dict[str, str]]
) -> None:
    """Put the new pseudonyms into every table, in one transaction.

    Those whose file was shredded get a new one that is derived from the old, so that rows of one person stay together.
    """
    with transaction(connection):
        for schema, table, column, domain in keyed_columns(connection):
            name = f'{schema}."{table}"'
            known = pairs.setdefault(domain, {})
            found = connection.execute(
                f'select distinct "{column}" from {name} where "{column}" is not null'
            ).fetchall()
            for (pseudonym,) in found:
                known.setdefault(pseudonym, new.pseudonym(domain, "retired/" + pseudonym))
            frame = pl.DataFrame(
                [(one, known[one]) for (one,) in found],
                schema={"was": pl.String, "becomes": pl.String},
                orient="row",
            )
            connection.register("renaming", frame.to_arrow())
            connection.execute(
                f'update {name} set "{column}" = becomes from renaming where "{column}" = was'
            )
            connection.unregister("renaming")
        for table in ("lead.case_month", "lead.outcome"):
            connection.execute(
                f"update {table} set case_id = {CASE_ID} where person_key is not null"
            )
        connection.execute("delete from work.key_generation")
        connection.execute(
            "insert into work.key_generation values ($key_id)", {"key_id": new.key_id}
        )


def keyed_columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str]]:
    """(schema, table, column, domain) of every pseudonym in the warehouse."""
    query = """
        select table_schema, table_name, column_name, regexp_extract(column_name, '^([a-z]+)_key(_left|_right)?$', 1) as domain
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_type = 'BASE TABLE' and domain in ('person', 'account', 'household', 'grant', 'application', 'payment', 'card')
        order by all
    """
    return connection.execute(query).fetchall()


def _generation(connection: duckdb.DuckDBPyConnection) -> str | None:
    rows = connection.execute("select key_id from work.key_generation").fetchall()
    return rows[0][0] if rows else None


def _finish(home: Home, path: Path, new: Keys) -> Rotated:
    """Put the new key file in place, keep the old one aside, and let other commands in again."""
    old_id = _state(home).get("rotating_from", "")
    retired = path.with_name(f"{path.stem}.retired-{old_id}.json")
    if Keys.load(path).key_id != new.key_id:
        if not retired.exists():
            retired.hardlink_to(path)
        _next(path).replace(path)
    with Ledger(home) as ledger:
        known = [
            event.body["about"].get("new")
            for event in ledger.events("act")
            if event.body["what"] == "rotate keys"
        ]
    if new.key_id not in known:
        note(home, "rotate keys", old=old_id, new=new.key_id)
    _write_state(home, new)
    return Rotated(old_id, new.key_id, retired)
