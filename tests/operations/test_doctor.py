"""The check-up: each law is seen broken once, and a home at work breaks none."""

import sqlite3

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody import vault
from minzheng.custody.ledger import Ledger
from minzheng.operations import invariants
from minzheng.operations.doctor import examine


def deliver(office, *steps):
    with Ledger(office.home) as ledger:
        for step in steps:
            ledger.record("delivery", {"package": "2024-03-r1", "recipient": "州", "step": step})


def without_original(office):
    with Ledger(office.home) as ledger:
        vault.archived_path(office.home, ledger.received()[1].sha256).unlink()


def changed_ledger(office):
    with sqlite3.connect(office.home.ledger) as ledger:
        ledger.execute("drop trigger event_keeps")
        ledger.execute("update event set body = replace(body, '12', '13') where kind = 'loaded'")


def waiting(office):
    path = office.home.landing / "new.csv"
    path.write_bytes(b"x")


BREACHES = {
    "a file is not in the vault": (without_original, "is not in the vault"),
    "a line of the ledger was changed": (changed_ledger, "the ledger's chain breaks"),
    "a row is gone": (
        lambda office: office.do("delete from raw.dibao_roll where intake_no = 1 and row_no = 3"),
        "rows, persons and yuan in the warehouse differ",
    ),
    "money was changed": (
        lambda office: office.do("update raw.dibao_roll set monthly_amount = 1 where row_no = 3"),
        "rows, persons and yuan in the warehouse differ",
    ),
    "two persons became one": (
        lambda office: office.do("update raw.dibao_roll set person_key = 'x' where row_no < 6"),
        "rows, persons and yuan in the warehouse differ",
    ),
    "a row of no file": (
        lambda office: office.do("update raw.file set intake_no = 99 where intake_no = 1"),
        "in the warehouse, not in the ledger",
    ),
    "a folder among the releases": (
        lambda office: (office.home.published / "2024-03" / "r1").mkdir(parents=True),
        "was not made here",
    ),
    "a month was sent twice": (
        lambda office: deliver(office, "started", "handed", "delivered", "started", "handed"),
        "2024-03-r1 was handed to 州 twice",
    ),
}


def test_a_home_at_work_breaks_no_law(busy):
    assert examine(busy.home) == []


@pytest.mark.parametrize(("breach", "told"), BREACHES.values(), ids=BREACHES.keys())
def test_each_law_is_seen_when_it_is_broken(busy, breach, told):
    breach(busy)
    assert any(told in english for english, _ in examine(busy.home))
    result = CliRunner().invoke(cli, ["doctor", "--home", str(busy.home.path)])
    assert (result.exit_code, told in result.output) == (1, True)


def test_a_month_sent_again_on_a_persons_word_or_after_a_failure_is_no_breach(busy):
    deliver(busy, "handed", "resent", "handed", "failed", "handed")
    assert invariants.delivery_faults(busy.home) == []


def test_a_file_that_waits_in_landing_since_yesterday_is_told(busy, monkeypatch):
    waiting(busy)
    assert invariants.waiting_faults(busy.home) == []
    later = (busy.home.landing / "new.csv").stat().st_ctime + 90_000
    monkeypatch.setattr(invariants.time, "time", lambda: later)
    assert invariants.waiting_faults(busy.home)[0][0].startswith("new.csv waits in landing")


def test_the_repair_loads_what_a_warehouse_lacks_and_says_so(busy):
    busy.do("delete from raw.dibao_roll where intake_no = 2")
    busy.do("delete from raw.file where intake_no = 2")
    told = CliRunner().invoke(cli, ["doctor", "--repair", "--home", str(busy.home.path)])
    assert "1 files were loaded again from the vault" in told.output
    assert (told.exit_code, examine(busy.home)) == (0, [])


def test_the_repair_says_what_it_cannot_mend(busy):
    without_original(busy)
    (busy.home.landing / "2024-03" / "低保.csv").unlink()
    busy.home.warehouse.write_bytes(b"garbage")
    told = CliRunner().invoke(cli, ["doctor", "--repair", "--home", str(busy.home.path)])
    assert "cannot give back 1 files (2024-03/低保.csv)" in str(told.exception)
