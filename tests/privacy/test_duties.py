"""Audit trail, retention with shredding, access report."""

import json
import sqlite3

import pytest
from click.testing import CliRunner

from minzheng.commands import access_report, audit_trail, quarantine, release
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import acts, note
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError, WrongCall
from minzheng.operations.rebuild import rebuild
from minzheng.operations.shredding import past_their_time, shred, shred_file
from tests.intake.roster import people


def call(module, office, *arguments, **options):
    return CliRunner().invoke(
        module.command, [*arguments, "--home", str(office.home.path)], **options
    )


def test_who_looked_is_written_down_before_they_see_and_failures_too(busy):
    call(quarantine, busy, "--month", "2024-03", "--json")
    assert isinstance(
        call(release, busy, "--month", "2024-03", "--approved-by", "示例局长").exception,
        MinzhengError,
    )
    with Ledger(busy.home) as ledger:
        told = [(act.what, act.about) for act in acts(ledger)]
    approval = {"month": "2024-03", "approved_by": "示例局长"}
    assert told == [
        ("look at quarantine", {"month": "2024-03"}),
        ("release", approval),
        ("release: failed", approval | {"fault": "MinzhengError"}),
    ]


def test_every_command_that_shows_or_changes_personal_records_is_witnessed():
    """A command that opens the vault's keys or the restricted zone must leave a line in the trail."""
    from minzheng.cli import COMMANDS

    silent = {"demo", "status", "keys", "init"}  # keys record in the library, init has nobody yet
    for path in COMMANDS.glob("[a-z]*.py"):
        text = path.read_text(encoding="utf-8")
        touches = any(
            word in text for word in ("keys_of(", "Keys.load()", "restricted", "open_items")
        )
        library = any(
            word in text for word in ("minzheng.operations.", "custody.trail", "ledger.record(")
        )
        assert not touches or library or path.stem in silent, path.stem


def test_a_changed_or_shortened_trail_is_noticed(office):
    for month in ("2024-01", "2024-02", "2024-03"):
        note(office.home, "look at quarantine", month=month)
    shown = call(audit_trail, office)
    head = shown.output.split()[-1]
    assert "3 acts; the chain holds" in shown.output
    with sqlite3.connect(office.home.ledger) as ledger:
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            ledger.execute("delete from event")
        ledger.execute("drop trigger event_stays")
        ledger.execute("delete from event where seq = 3")
    assert "older than the vault" in str(call(audit_trail, office).exception)
    lines = office.home.journal.read_bytes().splitlines(keepends=True)
    office.home.journal.write_bytes(b"".join(lines[:-1]))
    assert call(audit_trail, office).exit_code == 0
    assert "cut short" in str(call(audit_trail, office, "--head", head).exception)
    with sqlite3.connect(office.home.ledger) as ledger:
        ledger.execute("drop trigger event_keeps")
        ledger.execute("update event set body = replace(body, '2024-01', '2024-02') where seq = 1")
    assert "changed at line 1" in str(call(audit_trail, office).exception)


def test_originals_past_their_time_are_shredded_and_later_ones_stay(busy):
    listed = busy.home.restricted / "2024-03" / "x.sealed"
    write_synced(listed, b"sealed")
    what = past_their_time(busy.home, "2024-05", "2026-06")
    assert (len(what.numbers), len(what.originals), what.lists) == (2, 4, [listed])
    assert all(path.exists() for path in what.originals)
    shred(busy.home, what, "2024-05")
    assert not any(path.exists() for path in [*what.originals, listed])
    assert busy.ask("select count(*) from raw.dibao_roll") == [(36,)]
    assert past_their_time(busy.home, "2024-05", "2026-06").numbers == []
    busy.receives({"2024-06/new.csv": b"x"})
    rebuild(busy.home, busy.keys)
    assert busy.ask("select distinct month from raw.dibao_roll") == [("2024-05",)]


def test_nothing_is_shredded_before_its_time(busy):
    with pytest.raises(WrongCall, match="2024-04 at most"):
        past_their_time(busy.home, "2024-05", "2026-04")


def test_shredding_overwrites_before_it_removes(tmp_path):
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"secret" * 1000)
    other.hardlink_to(path)
    shred_file(path)
    assert not path.exists()
    assert len(other.read_bytes()) == 6000
    assert b"secret" not in other.read_bytes()


def test_an_access_report_tells_where_a_person_stands_and_who_looked(busy, tmp_path):
    call(quarantine, busy, "--month", "2024-04")
    call(quarantine, busy, "--month", "2023-01")
    number, to = people()[3]["身份证号"], tmp_path / "report.json"
    result = call(access_report, busy, "--to", str(to), input=number)
    assert result.exit_code == 0, result.exception
    report = json.loads(to.read_text())
    assert [(row["月份"], row["行号"]) for row in report["记录"]] == [
        ("2024-03", 6),
        ("2024-04", 6),
        ("2024-05", 6),
    ]
    assert [look["范围"].get("month") for look in report["查看"]] == ["2024-04", None]
    assert to.stat().st_mode & 0o077 == 0
    assert number not in result.output
    assert "0 rows" in call(access_report, busy, "--to", str(to), input="11010519491231002X").output
