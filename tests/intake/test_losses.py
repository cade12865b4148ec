"""A record is missing, older or cut: nothing that was taken in is taken out, and what can be made anew is."""

import datetime as dt
import shutil

import pytest

from minzheng.custody import ledger
from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.errors import MinzhengError
from minzheng.intake import take
from minzheng.intake.landing import arrivals
from minzheng.intake.report import problems
from minzheng.operations import doctor
from tests.intake.roster import csv_bytes, people
from tests.place import AREA_NAME

MONTHS = ["2024-01", "2024-02", "2024-03"]


def roll(month: str) -> bytes:
    rows = [row | {"统计月份": month} for row in people()]
    return csv_bytes(rows, title=f"{AREA_NAME}{month[:4]}年{int(month[5:])}月农村低保花名册")


def keep(county, *folders: str):
    """A copy of some folders of the home, as an operator makes one; `put_back` is its way home."""
    copy = county.home.path.with_name("copy")
    for name in folders:
        shutil.copytree(county.home.path / name, copy / name)

    def put_back() -> None:
        for name in folders:
            shutil.rmtree(county.home.path / name)
            shutil.copytree(copy / name, county.home.path / name)

    return put_back


def rows_by_month(county) -> dict[str, int]:
    return dict(
        county.ask("select month, count(*) from raw.dibao_roll group by month order by month")
    )


@pytest.fixture
def two_months(county):
    """January taken in, the records copied, February taken in and its file gone from the landing folder."""

    def made(*folders: str):
        county.sends("1.csv", roll("2024-01"))
        put_back = keep(county, *folders)
        county.sends("2.csv", roll("2024-02"))
        (county.home.landing / "2.csv").unlink()
        return put_back

    return made


def test_an_older_ledger_is_refused_and_nothing_that_was_accepted_is_deleted(county, two_months):
    two_months("ledger")()
    county.arrives("3.csv", roll("2024-03"))
    with pytest.raises(MinzhengError, match="the ledger is older than the vault") as caught:
        county.take_in()
    assert "minzheng doctor --repair" in caught.value.zh
    assert rows_by_month(county) == {"2024-01": 12, "2024-02": 12}


def test_a_lost_ledger_is_refused_too(county, two_months):
    two_months("ledger")
    shutil.rmtree(county.home.ledger.parent)
    with pytest.raises(MinzhengError, match="the ledger is older than the vault"):
        county.take_in()
    assert rows_by_month(county) == {"2024-01": 12, "2024-02": 12}


@pytest.mark.parametrize("loss", ["older", "lost", "garbage", "cut"])
def test_the_ledger_is_made_anew_from_the_vault_with_every_event_it_had(county, two_months, loss):
    put_back = two_months("ledger")
    with Ledger(county.home) as known:
        wanted = list(known.events())
    if loss == "older":
        put_back()
    elif loss == "lost":
        shutil.rmtree(county.home.ledger.parent)
        county.home.create()
    else:
        content = county.home.ledger.read_bytes()
        county.home.ledger.write_bytes(
            b"garbage" * 999 if loss == "garbage" else content[: len(content) // 2]
        )
    with pytest.raises(MinzhengError):
        Ledger(county.home)
    assert doctor.examine(county.home)
    assert doctor.repair(county.home, county.keys)[0][0].startswith(
        f"the ledger was made anew with {len(wanted)} events"
    )
    with Ledger(county.home) as known:
        assert list(known.events()) == wanted
        assert known.check() is None
    assert doctor.repair(county.home, county.keys) == []
    assert county.sends("3.csv", roll("2024-03")).verdict == "accept"
    assert rows_by_month(county) == dict.fromkeys(MONTHS, 12)


def test_ledger_and_journal_both_older_than_the_warehouse_are_refused_with_nothing_changed(
    county, two_months
):
    two_months("ledger", "vault")()
    county.arrives("3.csv", roll("2024-03"))
    with pytest.raises(MinzhengError, match="never heard of 1 files"):
        county.take_in()
    assert rows_by_month(county) == {"2024-01": 12, "2024-02": 12}


def test_a_home_whose_ledger_warehouse_and_journal_are_older_than_the_vaults_files_is_refused(
    county, two_months
):
    put_back = two_months("ledger")
    put_back()
    county.home.journal.unlink()
    county.warehouse.execute("delete from raw.file where intake_no = 2")
    with pytest.raises(MinzhengError, match="never heard of 1 files"):
        county.sends("3.csv", roll("2024-03"))


def test_another_file_under_a_known_number_is_no_file_the_ledger_knows(county, two_months):
    put_back = two_months("ledger", "vault")
    put_back()
    county.warehouse.execute("update raw.file set intake_no = 1 where intake_no = 2")
    with pytest.raises(MinzhengError, match="never heard of 1 files"):
        county.sends("3.csv", roll("2024-03"))


def test_a_ledger_that_went_another_way_than_its_journal_is_left_to_a_person(county, two_months):
    put_back = two_months("ledger")
    put_back()
    journal = county.home.journal.read_bytes()
    county.home.journal.unlink()
    with Ledger(county.home) as other:
        other.record("act", {"who": "x", "what": "y", "about": {}})
    county.home.journal.write_bytes(journal)
    with pytest.raises(MinzhengError, match="older than the vault, or another one"):
        Ledger(county.home)
    with pytest.raises(MinzhengError, match="went different ways"):
        ledger.restore(county.home)


def test_a_broken_or_missing_journal_is_no_source(county, two_months):
    two_months("ledger")
    whole = county.home.journal.read_bytes()
    county.home.journal.write_bytes(whole.replace(b"2.csv", b"9.csv"))
    with pytest.raises(MinzhengError, match="journal breaks at event"):
        ledger.restore(county.home)
    county.home.journal.unlink()
    with pytest.raises(MinzhengError, match="no journal"):
        ledger.restore(county.home)


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_journal_cut_by_a_power_loss_is_continued_from_the_ledger(county, two_months, cut):
    two_months("ledger")
    whole = county.home.journal.read_bytes()
    county.home.journal.write_bytes(whole[:-cut])
    with Ledger(county.home):
        assert county.home.journal.read_bytes() == whole


def test_rows_loaded_before_their_verdict_was_recorded_are_loaded_once(county, monkeypatch):
    county.arrives("1.csv", roll("2024-01"))
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "record_all", _stops_at("loaded", Ledger.record_all))
        with pytest.raises(OSError, match="stopped"):
            county.take_in()
    assert rows_by_month(county) == {"2024-01": 12}
    county.take_in()
    assert rows_by_month(county) == {"2024-01": 12}
    assert county.ask("select count(*) from raw.file") == [(1,)]


def test_rows_whose_verdict_was_not_recorded_stay_while_their_original_cannot_be_read(
    county, monkeypatch
):
    county.arrives("1.csv", roll("2024-01"))
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "record_all", _stops_at("loaded", Ledger.record_all))
        with pytest.raises(OSError, match="stopped"):
            county.take_in()
    (original,) = county.home.vault.glob("??/" + "?" * 64)
    original.unlink()
    with county.intake() as intake:
        intake.resume()
    assert rows_by_month(county) == {"2024-01": 12}


def _stops_at(kind: str, record_all):
    def stopped(self, events):
        events = list(events)
        if any(event[0] == kind for event in events):
            raise OSError("stopped")
        record_all(self, events)

    return stopped


def test_what_is_taken_in_is_in_the_journal_line_by_line(county):
    county.sends("1.csv", roll("2024-01"))
    kinds = [line.split(b'"')[3].decode() for line in county.home.journal.read_bytes().splitlines()]
    assert kinds == ["received", "archived", "parsed", "loaded"]
    assert county.home.journal.stat().st_mode & 0o077 == 0
    assert take.vault.archived(county.home) == {event.sha256 for event in _events(county)}


def _events(county):
    with Ledger(county.home) as known:
        return list(known.events())


@pytest.mark.parametrize("wrong", ["1970-01-01", "2099-01-01"])
def test_a_clock_that_jumped_is_told_and_makes_no_file_late(county, wrong):
    ordinary = dt.datetime(2024, 4, 2, 9, tzinfo=SHANGHAI)
    county.arrives("1.csv", roll("2024-01"), 1_706_000_000)
    with county.intake() as intake:
        intake.now = ordinary
        assert intake.run(arrivals(county.home.landing)).clock is None
    county.arrives("3.csv", roll("2024-03"), 4_000_000_000)
    now = dt.datetime.fromisoformat(wrong).replace(tzinfo=SHANGHAI)
    report = take.take_in(county.home, county.warehouse, county.keys, now=now)
    assert report.clock == f"{wrong} 00:00"
    assert [file.flags for file in report.files] == [[]]
    assert any("set it" in english for english, _ in problems(report))
    later = ordinary + dt.timedelta(days=1)
    assert take.take_in(county.home, county.warehouse, county.keys, now=later).clock is None


def test_a_clock_before_this_program_was_written_is_told_at_the_first_intake(county):
    county.arrives("1.csv", roll("2024-01"))
    now = dt.datetime(1970, 1, 1, tzinfo=SHANGHAI)
    report = take.take_in(county.home, county.warehouse, county.keys, now=now)
    assert (report.clock, report.files[0].flags) == ("1970-01-01 00:00", [])
