"""Keys: made private, refused when wrong, changed without losing a row, whatever stops the change."""

import base64
import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from minzheng.commands.keys import command as keys_command
from minzheng.custody import vault
from minzheng.custody.keys import MAGIC, Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.operations import rotation
from minzheng.operations.rotation import rotate, sealed_files
from tests.intake.roster import people
from tests.place import AREA, AREA_NAME
from tests.privacy.conftest import rolls

ROWS = "select * exclude (person_key, account_key, household_key) from raw.dibao_roll order by all"
KEYS = "select person_key, account_key, household_key from raw.dibao_roll order by month, row_no"


def partition(rows: list[tuple]) -> list[tuple]:
    """Which values are equal to which, without the values."""
    seen: list[dict] = [{} for _ in rows[0]]
    return [
        tuple(known.setdefault(value, len(known)) for known, value in zip(seen, row, strict=True))
        for row in rows
    ]


def with_outcome(office) -> str:
    """Add an answer of a township to a home with three files; the person's id number."""
    number = people()[3]["身份证号"]
    office.do(
        f"""insert into lead.outcome (outcome_no, case_id, rule_id, person_key, township_code)
           values (1, left(md5('CF01|' || $key || '|{AREA}100'), 16), 'CF01', $key, '{AREA}100')""",
        key=office.keys.pseudonym("person", number),
    )
    return number


def assert_changed(office, number: str, rows: list, keys: list) -> None:
    new = Keys.load(office.key_file)
    assert new.key_id != office.keys.key_id
    assert office.ask(ROWS) == rows
    after = office.ask(KEYS)
    assert partition(after) == partition(keys)
    assert not {value for row in keys for value in row} & {value for row in after for value in row}
    key = new.pseudonym("person", number)
    assert office.ask("select count(*) from raw.dibao_roll where person_key = $key", key=key) == [
        (3,)
    ]
    assert office.ask(
        f"select person_key, case_id = left(md5('CF01|' || person_key || '|{AREA}100'), 16) from lead.outcome"
    ) == [(key, True)]
    for path, _ in sealed_files(office.home):
        assert path.read_bytes()[:12] == MAGIC + new.key_id.encode()
    with Ledger(office.home) as ledger:
        for event in ledger.received().values():
            vault.original(office.home, new, event.sha256)
        assert [event.body["what"] for event in ledger.events("act")] == ["rotate keys"]
    vault.check_key(office.home, new)
    before = office.keys.pseudonym("person", number).encode()
    assert not any(
        before in path.read_bytes() for path in office.home.path.rglob("*") if path.is_file()
    )


def test_a_new_key_seals_every_file_and_renames_every_pseudonym_and_changes_no_figure(busy):
    number = with_outcome(busy)
    listed = busy.home.restricted / "2024-03" / "a.sealed"
    vault.write_synced(listed, busy.keys.seal(b"list", "a.sealed"))
    second = busy.home.restricted / "2024-03" / "returns_1.sealed"
    vault.write_synced(second, busy.keys.seal(b"list", "2024-03/returns_1.sealed"))
    rows, keys = busy.ask(ROWS), busy.ask(KEYS)
    done = rotate(busy.home)
    assert_changed(busy, number, rows, keys)
    new = Keys.load(busy.key_file)
    assert new.unseal(listed.read_bytes(), "a.sealed") == b"list"
    assert new.unseal(second.read_bytes(), "2024-03/returns_1.sealed") == b"list"
    assert Keys.load(done.retired).key_id == busy.keys.key_id
    assert done.retired.stat().st_mode & 0o077 == 0
    with pytest.raises(MinzhengError, match="was sealed with key"):
        vault.check_key(busy.home, busy.keys)


def test_a_home_that_was_killed_while_it_first_noted_its_key_is_no_home_that_lost_it(office):
    (office.home.vault / ".KEY.part").write_bytes(b"")
    office.receives(rolls())
    assert {path.name for path in office.home.vault.iterdir() if path.is_file()} == {
        "KEY",
        "LEDGER",
    }
    (office.home.vault / "KEY").unlink()
    with pytest.raises(MinzhengError, match="lost its KEY file"):
        vault.check_key(office.home, office.keys)


@pytest.mark.parametrize(
    "stop_after",
    [pytest.param(n, marks=pytest.mark.nightly) if n in (2, 3, 5, 6) else n for n in range(8)],
)
def test_a_change_of_keys_that_was_stopped_locks_everyone_out_and_is_finished_by_the_same_call(
    busy, monkeypatch, stop_after
):
    number = with_outcome(busy)
    rows, keys, write, calls = busy.ask(ROWS), busy.ask(KEYS), vault.write_synced, []

    def stopping(path, content):
        if len(calls) == stop_after:
            raise KeyboardInterrupt
        calls.append(path)
        write(path, content)

    monkeypatch.setattr(vault, "write_synced", stopping)
    with pytest.raises(KeyboardInterrupt):
        rotate(busy.home)
    monkeypatch.setattr(vault, "write_synced", write)
    if 0 < stop_after < 7:
        with pytest.raises(MinzhengError, match="change of keys was interrupted"):
            vault.check_key(busy.home, Keys.load(busy.key_file))
    rotate(busy.home)
    assert_changed(busy, number, rows, keys)


@pytest.mark.parametrize("stage", ["rename", "after rename", "after compact"])
def test_a_change_of_keys_can_stop_at_every_stage(busy, monkeypatch, stage):
    number = with_outcome(busy)
    rows, keys = busy.ask(ROWS), busy.ask(KEYS)
    after, name = stage.startswith("after "), stage.removeprefix("after ")
    whole = getattr(rotation, name)

    def stopping(*arguments):
        if after:
            whole(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, name, stopping)
    with pytest.raises(KeyboardInterrupt):
        rotate(busy.home)
    monkeypatch.setattr(rotation, name, whole)
    rotate(busy.home)
    assert_changed(busy, number, rows, keys)


def test_a_killed_change_of_keys_is_finished_by_the_next_process(busy):
    number = with_outcome(busy)
    rows, keys = busy.ask(ROWS), busy.ask(KEYS)
    program = """
import os, signal
from minzheng.custody import vault
from minzheng.operations.rotation import rotate
from minzheng.custody.home import Home
write, calls = vault.write_synced, []
def killing(path, content):
    calls.append(path)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)
vault.write_synced = killing
rotate(Home.find())
"""
    environment = os.environ | {
        "MINZHENG_HOME": str(busy.home.path),
        "MINZHENG_KEY_FILE": str(busy.key_file),
    }
    assert (
        subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode
        == -9
    )
    rotate(busy.home)
    assert_changed(busy, number, rows, keys)


def test_pseudonyms_whose_file_was_shredded_are_renamed_and_keep_their_rows_together(busy):
    with_outcome(busy)
    lone = "f" * 32
    for table in ("register.dibao_roll", "lead.lead"):
        busy.do(f"insert into {table} (month, person_key) values ('2020-01', $key)", key=lone)
    rotate(busy.home)
    query = "select person_key from {} where month = '2020-01'"
    (register,), (lead,) = (
        busy.ask(query.format("register.dibao_roll"))[0],
        busy.ask(query.format("lead.lead"))[0],
    )
    assert register == lead != lone


def test_a_wrong_or_missing_key_stops_before_a_row_is_written(busy, tmp_path):
    busy.home.landing.joinpath("2024-03/b.csv").write_bytes(b"x")
    with Ledger(busy.home) as ledger:
        before = list(ledger.events())
    stranger = Keys.create(tmp_path / "other" / "key.json")
    right, busy.keys = busy.keys, stranger
    with pytest.raises(MinzhengError, match="was sealed with key"):
        busy.receives({})
    busy.key_file.unlink()
    for ask in (lambda: vault.keys_of(busy.home), lambda: rotate(busy.home)):
        with pytest.raises(MinzhengError, match="no key file"):
            ask()
    with Ledger(busy.home) as ledger:
        assert list(ledger.events()) == before
    assert busy.ask("select count(*) from raw.dibao_roll") == [(36,)]
    assert right.key_id != stranger.key_id


def test_a_key_others_can_read_or_that_lies_in_home_or_repository_is_refused(office, monkeypatch):
    office.key_file.chmod(0o640)
    with pytest.raises(MinzhengError, match="can be read by others"):
        Keys.load(office.key_file)
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(office.home.path / "key.json"))
    result = CliRunner().invoke(keys_command, ["init", "--home", str(office.home.path)])
    assert "must not lie in the home" in str(result.exception)
    for ask in (
        lambda: vault.keys_of(office.home),
        lambda: vault.check_key(office.home, office.keys),
    ):
        with pytest.raises(MinzhengError, match="must not lie in the home"):
            ask()
    assert not (office.home.path / "key.json").exists()
    with pytest.raises(MinzhengError, match="repository"):
        Keys.create(Path(__file__).resolve().parents[2] / "key.json")


def test_no_file_of_the_home_holds_the_key_in_any_form(busy):
    secret = busy.keys.secret
    forms = (
        secret,
        secret.hex().encode(),
        base64.b64encode(secret),
        base64.b64encode(secret)[:30],
        secret[:16],
    )
    for path in busy.home.path.rglob("*"):
        assert not path.is_file() or not any(form in path.read_bytes() for form in forms), path
    assert repr(secret) not in repr(busy.keys)


def test_each_sealed_file_is_bound_to_its_name_and_to_every_byte(office):
    sealed = office.keys.seal(b"content", "a")
    assert office.keys.unseal(sealed, "a") == b"content"
    with pytest.raises(MinzhengError):
        office.keys.unseal(sealed, "b")
    for place in range(0, len(sealed), 7):
        with pytest.raises(MinzhengError):
            office.keys.unseal(
                sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], "a"
            )


@pytest.mark.parametrize("value", ["", "11010519491231002X", AREA_NAME, "x" * 500])
def test_a_pseudonym_is_the_hmac_of_its_domains_key_whatever_was_hashed_before(value):
    keys = Keys("a" * 8, b"k" * 32)
    domain_key = hmac.digest(keys.secret, b"minzheng/pseudonym/person", "sha256")
    wanted = hmac.digest(domain_key, value.encode(), "sha256")[:16].hex()
    assert [keys.pseudonym("person", text) for text in (value, "another", value)][::2] == [
        wanted
    ] * 2


def test_pseudonyms_are_apart_by_domain_and_by_key(office, tmp_path):
    other = Keys.create(tmp_path / "second" / "key.json")
    number = people()[0]["身份证号"]
    found = {
        keys.pseudonym(domain, number)
        for keys in (office.keys, other)
        for domain in ("person", "account", "household")
    }
    assert len(found) == 6
