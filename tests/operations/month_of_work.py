"""A small month of a county's work as a function of its home, and what must be the same however often it was stopped."""

import contextlib
import datetime as dt
import hashlib
import json
import os
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.intake import take_in
from minzheng.intake.sandbox import Sandbox
from minzheng.operations.backup import back_up
from minzheng.operations.rebuild import rebuild
from minzheng.publish.release.manifest import write_manifest
from minzheng.publish.release.writing import freeze
from minzheng.warehouse import stale
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
from tests.privacy.conftest import rolls

MONTH, MONTHS = "2024-03", ["2024-03", "2024-04", "2024-05"]
PARTS = ("tables", "verdicts", "originals", "releases", "latest", "backups", "broken")
NOON = dt.datetime(2024, 4, 15, 12, tzinfo=dt.UTC)
SIGNER = Ed25519PrivateKey.from_private_bytes(b"7" * 32)


@cache
def files() -> dict[str, bytes]:
    """The files that arrive: made once, for a workbook holds the time at which it was made."""
    return rolls()


def arrive(home: Home) -> None:
    """The files of three months lie in landing."""
    for place, (name, content) in enumerate(files().items()):
        path = home.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_712_000_000 + place, 1_712_000_000 + place))


def work(home: Home, backups: Path) -> None:
    """Intake, register, a draft, its release, a backup: in the order of an ordinary day, and again without harm."""
    keys = Keys.load()
    vault.check_key(home, keys)
    with open_warehouse(home, mending=True) as connection:
        take_in(home, connection, keys)
        build_register(connection, MONTHS)
        stale.mark_computed(connection, MONTHS)
        draft(home, connection)
        stale.mark_drafted(connection, MONTH)
    with _once("nothing has changed"):
        freeze(home, MONTH, "示例局长", NOON, SIGNER)
    with _once("exists already"):
        back_up(home, keys, backups, "20240415T120000")


def again(home: Home, backups: Path) -> None:
    """What an operator does after a fault: the same once more."""
    work(home, backups)


def anew(home: Home, backups: Path) -> None:
    """The warehouse from vault and ledger."""
    rebuild(home, Keys.load())


@contextlib.contextmanager
def _once(done: str):
    try:
        yield
    except MinzhengError as error:
        if done not in str(error):
            raise


def draft(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """A draft of one table, as the real one is laid out."""
    from minzheng.publish.release.folder import staged

    rows = connection.sql(
        "select region_code, monthly_amount from register.dibao_roll order by all"
    )
    with staged(home.drafts / MONTH) as folder:
        (folder / "bureau").mkdir()
        rows.pl().write_parquet(folder / "bureau" / "observations.parquet")
        content = {"release": f"{MONTH}-r1", "month": MONTH, "edition": "bureau", "inputs": []}
        content |= {"content_sha256": "x", "checks": {"blocking": []}}
        write_manifest(folder / "bureau", content, SIGNER)


def fingerprint(home: Home, backups: Path) -> dict:
    """Tables, verdicts, originals, releases and backups, without the times at which they were made."""
    with open_warehouse(home) as connection:
        names = [f"{schema}.{table}" for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('raw', 'register')"
            " and estimated_size > 0 order by all"
        ).fetchall()]  # fmt: skip
        tables = {
            name: _hash(connection.sql(f"select * from {name} order by all").pl()) for name in names
        }
    with Ledger(home) as ledger:
        broken, verdicts = ledger.check(), ledger.verdicts()
    facts = {number: {name: value for name, value in told.items() if name != "received_at"}
             for number, told in verdicts.items()}  # fmt: skip
    releases = {
        path.relative_to(home.published).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.published.rglob("*.parquet"))
    }
    return {
        "tables": tables,
        "verdicts": json.loads(json.dumps(facts)),
        "originals": sorted(vault.archived(home)),
        "releases": releases,
        "latest": (home.published / "latest").readlink().as_posix(),
        "backups": sorted(path.name for path in backups.iterdir()),
        "broken": broken,
    }


def _hash(frame: pl.DataFrame) -> str:
    shown = frame.drop("received_at", strict=False)
    return hashlib.sha256(shown.write_ndjson().encode()).hexdigest()


def with_sandbox(work_of, home: Home, backups: Path) -> None:
    """One child is enough for three files."""
    from minzheng.intake import take

    take.Sandbox = lambda: Sandbox(1)
    work_of(home, backups)


if __name__ == "__main__":
    import sys

    place = Home(Path(sys.argv[1]))
    with_sandbox(work, place, Path(sys.argv[2]))
    print(json.dumps(fingerprint(place, Path(sys.argv[2])), sort_keys=True))
