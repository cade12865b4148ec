"""Backup and restore: whole or not at all, of no use without the key."""

import hashlib
import json
import shutil

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.operations import backup
from minzheng.operations.backup import back_up, restore
from minzheng.publish.report.filled import filled, write_filled
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import people
from tests.privacy.traces import traces


def published(office) -> None:
    folder = office.home.published / "2024-03" / "r1"
    folder.mkdir(parents=True)
    (folder / "report.pdf").write_bytes(b"%PDF")
    (folder / "report.pdf").chmod(0o444)
    folder.chmod(0o555)
    (office.home.published / "latest").symlink_to("2024-03/r1")


def fingerprint(home: Home) -> dict:
    with open_warehouse(home) as connection:
        rows = connection.execute("select * from raw.dibao_roll order by all").fetchall()
    with Ledger(home) as ledger:
        events = [event for event in ledger.events() if event.kind != "act"]
    vault = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.vault.rglob("*")
        if path.is_file() and path != home.journal
    }
    return {
        "rows": rows,
        "events": events,
        "vault": vault,
        "latest": (home.published / "latest").readlink(),
    }


def test_a_restored_home_is_the_home_that_was_backed_up(busy, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "PIECE", 100_000)
    published(busy)
    busy.home.settings.write_text("[warehouse]\nthreads = 1\n", encoding="utf-8")
    busy.home.recipients.write_text("recipient = []\n", encoding="utf-8")
    write_filled(busy.home, "2024-03", {"issuer": "虚构签发人"})
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "20240401T000000")
    fresh = Home(tmp_path / "again")
    restore(fresh, busy.keys, made)
    assert fingerprint(fresh) == fingerprint(busy.home)
    assert (fresh.published / "latest" / "report.pdf").read_bytes() == b"%PDF"
    assert (fresh.published / "2024-03/r1/report.pdf").stat().st_mode & 0o777 == 0o444
    assert fresh.settings.read_text(encoding="utf-8") == "[warehouse]\nthreads = 1\n"
    assert fresh.recipients.read_text(encoding="utf-8") == "recipient = []\n"
    assert filled(fresh, "2024-03").issuer == "虚构签发人"
    assert fresh.vault.stat().st_mode & 0o777 == 0o700
    busy.home = fresh
    assert busy.receives({"2024-03/x.csv": b"x"}).files


def test_no_byte_of_a_backup_can_be_read_without_the_key(busy, tmp_path):
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    words = {row[key] for row in people() for key in ("姓名", "身份证号", "银行账号")}
    words |= {busy.keys.pseudonym("person", row["身份证号"]) for row in people()}
    assert traces(made, words) == []
    assert not any(path.stat().st_mode & 0o077 for path in made.rglob("*"))


def test_the_restore_drill_without_the_key_fails_with_one_line(busy, tmp_path):
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    fresh = Home(tmp_path / "again")
    with pytest.raises(MinzhengError, match="sealed with key") as refused:
        restore(fresh, Keys.create(tmp_path / "other" / "key.json"), made)
    assert "\n" not in str(refused.value)
    forged = json.loads((made / "BACKUP.json").read_text())
    other = Keys.create(tmp_path / "third" / "key.json")
    (made / "BACKUP.json").write_text(
        json.dumps(forged | {"key_id": other.key_id, "check": other.check_value})
    )
    with pytest.raises(MinzhengError, match="cannot decrypt"):
        restore(fresh, other, made)
    assert not fresh.path.exists()


@pytest.mark.parametrize("spoil", ["flip", "remove", "add", "exchange", "cut"])
def test_a_changed_backup_is_refused(busy, tmp_path, spoil):
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    first, second = sorted(path for path in (made / "vault").rglob("*") if path.is_file())[:2]
    if spoil == "flip":
        first.write_bytes(first.read_bytes()[:-1] + b"?")
    elif spoil == "remove":
        first.unlink()
    elif spoil == "add":
        (made / "vault" / "more").write_bytes(b"")
    elif spoil == "exchange":
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)
    else:
        stored = made / "warehouse" / "minzheng.duckdb"
        stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(MinzhengError):
        restore(Home(tmp_path / "again"), busy.keys, made)
    assert not (tmp_path / "again").exists()


def test_a_backup_waits_for_nobody_and_overwrites_nothing(busy, tmp_path):
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    with pytest.raises(MinzhengError, match="exists already"):
        back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    with pytest.raises(MinzhengError, match="not empty"):
        restore(busy.home, busy.keys, made)
    with pytest.raises(MinzhengError, match="must not lie in the home"):
        back_up(busy.home, busy.keys, busy.home.outbox, "2")


def test_the_pieces_of_a_file_cannot_be_dropped_or_reordered(office, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "PIECE", 10)
    stored = tmp_path / "stored"
    backup._seal_pieces(office.keys, b"0123456789abcdefghijklm", stored, "n")
    whole = stored.read_bytes()
    with stored.open("rb") as file:
        assert b"".join(backup._unsealed(office.keys, file, "n")) == b"0123456789abcdefghijklm"
    size = int.from_bytes(whole[:8], "big") + 8
    for cut in (
        whole[:size],
        whole[size:],
        whole[size : 2 * size] + whole[:size] + whole[2 * size :],
    ):
        stored.write_bytes(cut)
        with stored.open("rb") as file, pytest.raises(MinzhengError):
            list(backup._unsealed(office.keys, file, "n"))


def test_an_unfinished_backup_is_not_taken_for_one(busy, tmp_path):
    made = back_up(busy.home, busy.keys, tmp_path / "backups", "1")
    shutil.copytree(made, tmp_path / "copy")
    (tmp_path / "copy" / "BACKUP.json").unlink()
    with pytest.raises(MinzhengError, match="not a backup"):
        restore(Home(tmp_path / "again"), busy.keys, tmp_path / "copy")
