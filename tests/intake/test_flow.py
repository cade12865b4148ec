"""From landing folder to register: verdicts in the light of what came before, holds, rereading, rebuilding, what is kept secret."""

import datetime as dt
import itertools
import random
import signal
from decimal import Decimal

import pytest
import yaml

from minzheng.contracts.paths import CONTRACTS
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.intake import desk, header, places, report, sandbox, status_lines, take
from minzheng.intake.reading import Reading
from minzheng.intake.returns import export_lists, open_items, open_list, return_lists
from minzheng.intake.sandbox import Child, Sandbox
from minzheng.intake.workbook import read_xlsx
from minzheng.operations.rebuild import rebuild
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register, loaded_months
from tests.intake.cases import CASES, edited
from tests.intake.roster import TITLE, csv_bytes, id_number, people, table, xlsx_bytes, zip_bytes
from tests.place import AREA, AREA_NAME

CLEAN = CASES["A38"][1]


def month_of(month: str, rows: list | None = None) -> bytes:
    """The base roll of another month."""
    title = f"{AREA_NAME}{month[:4]}年{int(month[5:])}月农村低保花名册"
    return csv_bytes([row | {"统计月份": month} for row in rows or people()], title=title)


def corrected() -> bytes:
    """One household out, one in, one amount changed."""
    rows = people(13)[1:]
    return xlsx_bytes(table(edited({2: {"月保障金额": "306.00"}}, rows)))


def in_force(county) -> list[tuple]:
    """The register and its coverage without the numbers that depend on the order of arrival."""
    build_register(county.warehouse, loaded_months(county.warehouse))
    rows = county.ask(
        "select month, township_code, person_key, monthly_amount from register.dibao_roll order by all"
    )
    covered = county.ask(
        "select dataset, month, township_code, rows_accepted, rows_quarantined from register.coverage order by all"
    )
    return [*rows, *covered]


def test_a_clean_file_is_in_the_register_to_the_fen_and_covers_five_townships(county):
    assert county.sends("2024-03/低保.xlsx", CLEAN()).verdict == "accept"
    build_register(county.warehouse, ["2024-03"])
    assert county.ask(
        "select sum(monthly_amount), count(distinct person_key) from register.dibao_roll"
    ) == [(Decimal("9323.75"), 12)]
    assert county.ask("select count(*), min(rows_accepted) from register.coverage") == [(5, 2)]


def test_the_same_bytes_again_change_nothing_and_old_bytes_do_not_flip_a_correction_back(county):
    county.sends("a.xlsx", CLEAN())
    assert county.sends("again.xlsx", CLEAN()).verdict == "duplicate"
    assert county.sends("corrected.xlsx", corrected()).verdict == "supersede"
    after = in_force(county)
    assert county.sends("old again.xlsx", CLEAN()).verdict == "duplicate"
    assert in_force(county) == after
    assert county.ask("select count(*) from raw.dibao_roll") == [(24,)]


def test_the_same_content_under_other_bytes_changes_nothing(county):
    county.sends("a.csv", CASES["A01"][1]())
    verdict = county.sends("b.csv", CASES["A02"][1]())
    assert (verdict.verdict, verdict.reasons) == ("duplicate", ["same_content"])


def test_a_refused_correction_leaves_the_former_in_force(county):
    county.sends("a.xlsx", CLEAN())
    before = in_force(county)
    assert county.sends("b.xlsx", CASES["A49"][1]()).verdict == "reject_file"
    assert in_force(county) == before


def test_a_county_file_covers_townships_without_a_row_and_a_later_township_file_replaces_only_its_own(
    county,
):
    rows = people()
    county.sends("county.csv", csv_bytes([row for row in rows if row["乡镇"] != "泉吉乡"]))
    own = [row for row in rows if row["乡镇"] == "沙柳河镇"]
    county.sends("one.csv", csv_bytes(own[:3], title=f"{AREA_NAME}沙柳河镇2024年3月农村低保花名册"))
    build_register(county.warehouse, ["2024-03"])
    counted = county.ask(
        "select township_code, intake_no, rows_accepted from register.coverage order by all"
    )
    assert counted == [
        (f"{AREA}100", 2, 3),
        (f"{AREA}101", 1, 2),
        (f"{AREA}200", 1, 2),
        (f"{AREA}201", 1, 0),
        (f"{AREA}202", 1, 2),
    ]


@pytest.mark.parametrize(
    ("rows", "verdict", "covered"),
    [(people()[:1], "accept", 1), ([], "accept", 1), (people()[:9], "hold", 0)],
)
def test_a_township_named_shortly_in_a_title_is_the_files_while_no_row_lies_elsewhere(
    county, rows, verdict, covered
):
    assert (
        county.sends(
            "one.csv", csv_bytes(rows, title=f"{AREA_NAME}沙柳河2024年3月农村低保花名册")
        ).verdict
        == verdict
    )
    build_register(county.warehouse, ["2024-03"])
    assert county.ask("select count(*) from register.coverage") == [(covered,)]


def test_any_order_in_the_folder_and_any_split_into_intakes_ends_in_the_same_state(
    county, tmp_path, children
):
    files = [
        ("1.csv", month_of("2024-01")),
        ("2.csv", month_of("2024-02")),
        ("3.xlsx", CLEAN()),
        ("4.xlsx", CASES["A49"][1]()),
        ("5.xlsx", CLEAN()),
    ]
    for number, (name, content) in enumerate(files):
        county.arrives(name, content, 1_712_000_000 + number)
    county.take_in()
    wanted = in_force(county)
    orders = random.Random(7).sample(list(itertools.permutations(files)), 4)
    for number, order in enumerate(orders):
        other = type(county)(
            Home(tmp_path / f"home{number}").create(), county.keys, county.warehouse.cursor()
        )
        for table_ in county.ask(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('raw', 'register')"
        ):
            county.warehouse.execute(f"delete from {table_[0]}")
        for name, content in order:
            other.arrives(name, content)
            if number % 2:
                other.take_in()
        if not number % 2:
            other.take_in()
        assert in_force(other) == wanted


def test_figures_as_they_were_known_on_a_day_use_the_files_of_that_day(county):
    county.arrives("a.xlsx", CLEAN(), 1_712_000_000)
    county.arrives("b.xlsx", corrected(), 1_712_900_000)
    county.take_in()
    amounts = []
    for day in (dt.date(2024, 4, 5), dt.date(2024, 4, 30)):
        build_register(county.warehouse, ["2024-03"], known_on=day)
        amounts += county.ask("select sum(monthly_amount) from register.dibao_roll")[0]
    assert amounts == [Decimal("9323.75"), Decimal("9324.75")]


def history(county, months=("2023-12", "2024-01", "2024-02"), rows: list | None = None):
    for month in months:
        county.arrives(f"{month}.csv", month_of(month, rows))
    county.take_in()


def times(rows: list[dict], factor: int) -> list[dict]:
    """The rows with so many times the amount."""
    return [row | {"月保障金额": str(Decimal(row["月保障金额"]) * factor)} for row in rows]


def of_jiao() -> list[dict]:
    """The base roll with amounts below two yuan: 7010 times as much is still an amount that a row may hold."""
    return [row | {"月保障金额": f"{Decimal(row['月保障金额']) / 1000:.2f}"} for row in people()]


def ten_times() -> list[dict]:
    rows = people(120)
    for number, row in enumerate(rows):
        birth = f"19{50 + number % 40}{number % 12 + 1:02d}{number % 27 + 1:02d}"
        row |= {"身份证号": id_number(birth, 100 + number * 2 + (row["性别"] == "男"))}
        row |= {"出生日期": f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"}
    return rows


def test_a_jump_in_rows_is_held_until_a_named_person_confirms(county):
    history(county)
    held = county.sends(
        "march.csv",
        month_of(
            "2024-03",
            [
                row
                | {"行政区划代码": f"{AREA}100204", "乡镇": "沙柳河镇", "村(社区)": "新海村委会"}
                for row in ten_times()
            ],
        ),
    )
    assert (held.verdict, "row_count_jump" in held.reasons) == ("hold", True)
    assert county.ask("select count(*) from raw.dibao_roll where month = '2024-03'") == [(0,)]
    with county.intake() as intake:
        assert intake.confirm(held.intake_no, "虚构甲").files[-1].verdict == "accept"
    assert county.ask("select count(*) from raw.dibao_roll where month = '2024-03'") == [(120,)]
    with Ledger(county.home) as ledger:
        assert [event.body["by"] for event in ledger.events("confirmed")] == ["虚构甲"]


def at_one_place() -> list:
    place = {"行政区划代码": f"{AREA}100204", "乡镇": "沙柳河镇", "村(社区)": "新海村委会"}
    return [row | place for row in ten_times()]


@pytest.mark.parametrize("followers", [["2024-04"], ["2024-04", "2024-05"], ["2024-03"]])
def test_a_held_file_confirmed_sooner_or_later_ends_in_the_same_state(county, tmp_path, followers):
    """What follows the jump: months as large as it, which are no jump once it is confirmed; or an ordinary correction, which
    takes most of it away and is confirmed as well."""
    states = []
    for place, sooner in enumerate((True, False)):
        other = type(county)(
            Home(tmp_path / f"home{place}").create(), county.keys, county.warehouse.cursor()
        )
        forget_all(county)
        history(other)
        held = other.sends("jump.csv", month_of("2024-03", at_one_place()))
        assert held.verdict == "hold"
        steps = [lambda other=other, held=held: confirm(other, held.intake_no)]
        for month in followers:
            rows = people() if month == "2024-03" else at_one_place()
            steps.append(
                lambda other=other, month=month, rows=rows: other.sends(
                    "next.csv", month_of(month, rows)
                )
            )
        for step in steps if sooner else [*steps[1:], steps[0]]:
            step()
        if followers == ["2024-03"] and sooner:
            confirm(other, other.status()["files"][-1]["intake_no"])
        assert [file["verdict"] for file in other.status()["files"]].count("hold") == 0
        states.append(in_force(other))
    assert states[0] == states[1]


def confirm(county, intake_no: int) -> None:
    """A named person confirms a held file."""
    with county.intake() as intake:
        intake.confirm(intake_no, "虚构甲")


def forget_all(county) -> None:
    """Empty the warehouse for another home."""
    query = "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('raw', 'register')"
    for (name,) in county.ask(query):
        county.warehouse.execute(f"delete from {name}")


def test_a_jump_in_amounts_is_held_and_ordinary_months_are_not(county):
    history(county)
    tenfold = [row | {"月保障金额": str(Decimal(row["月保障金额"]) * 10)} for row in people()]
    assert county.sends("march.csv", month_of("2024-03", tenfold)).reasons == ["amount_jump"]
    fewer = [row | {"月保障金额": str(Decimal(row["月保障金额"]) * 2)} for row in people()[:6]]
    assert county.sends("march2.csv", month_of("2024-03", fewer)).verdict == "accept"


def test_a_new_word_in_a_list_brings_quarantined_rows_in(county, monkeypatch):
    rows = edited({1: {"行政区划代码": f"{AREA}203001", "乡镇": "新设乡", "村(社区)": "新村"}})
    assert county.sends("a.csv", csv_bytes(rows)).rows_quarantined == 1
    known = yaml.safe_load((CONTRACTS / "aliases.yaml").read_text(encoding="utf-8"))
    known["townships"][f"{AREA}203"] = ["新设乡"]
    known["villages"][f"{AREA}203001"] = ["新村"]
    for cached in (
        places.townships,
        places.known_townships,
        places.township_names,
        places.village_codes,
        places.village_names,
    ):
        cached.cache_clear()
    monkeypatch.setattr(header, "aliases", lambda: known)
    monkeypatch.setattr(places, "aliases", lambda: known)
    from minzheng.intake.read import read_file

    class Here:
        """The child's own code in this process, where the list is changed."""

        def submit(self, *task):
            import concurrent.futures

            done = concurrent.futures.Future()
            done.set_result(read_file(*task))
            return done

    try:
        with county.intake() as intake:
            intake.sandbox = Here()
            assert [file.verdict for file in intake.reprocess().files] == ["accept"]
    finally:
        for cached in (
            places.townships,
            places.known_townships,
            places.township_names,
            places.village_codes,
            places.village_names,
        ):
            cached.cache_clear()
    assert county.ask("select count(*), count(distinct intake_no) from raw.dibao_roll") == [(12, 1)]


def test_the_warehouse_can_be_made_anew_from_vault_and_ledger(county):
    for name in ("A38", "A31", "A35", "A49", "A37"):
        county.arrives(CASES[name][0], CASES[name][1]())
    county.arrives(
        "two.zip", zip_bytes({"1.csv": month_of("2024-01"), "2.csv": month_of("2024-02")})
    )
    county.take_in()
    names = ["raw.dibao_roll", "raw.file", "raw.quarantine"]
    wanted = [county.ask(f"select * from {name} order by all") for name in names]
    number, _ = rebuild(county.home, county.keys)
    with open_warehouse(county.home) as connection:
        assert [
            connection.execute(f"select * from {name} order by all").fetchall() for name in names
        ] == wanted
    assert number == 8


def test_an_intake_that_was_cut_short_is_finished_by_the_next(county, monkeypatch):
    county.arrives("a.xlsx", CLEAN())
    monkeypatch.setattr(
        take.load, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "no space"))
    )
    with pytest.raises(OSError, match="no space"):
        county.take_in()
    monkeypatch.undo()
    county.take_in()
    assert [file["verdict"] for file in county.status()["files"]] == ["accept"]
    assert county.ask("select count(*) from raw.dibao_roll") == [(12,)]


def test_every_file_of_an_archive_has_its_own_verdict(county):
    county.arrives("all.zip", zip_bytes({"1.csv": month_of("2024-01"), "2.csv": b"x"}))
    verdicts = {file.name: file.verdict for file in county.take_in().files}
    assert verdicts == {
        "all.zip/1.csv": "accept",
        "all.zip/2.csv": "reject_file",
        "all.zip": "accept_partial",
    }


def test_lock_files_and_the_simulators_truth_are_left_alone(county):
    county.arrives("~$低保.xlsx", b"x")
    county.arrives(".~lock.低保.xlsx#", b"x")
    county.arrives("truth/.minzheng-truth", b"")
    county.arrives("truth/低保.xlsx", CLEAN())
    assert [file.verdict for file in county.take_in().files] == ["ignore", "ignore"]


def test_an_empty_or_missing_landing_folder_is_one_clear_line(county):
    with pytest.raises(MinzhengError, match="empty"):
        county.take_in()
    with pytest.raises(MinzhengError, match="no landing folder"):
        take.take_in(county.home, county.warehouse, county.keys, county.home.landing / "nowhere")


def test_another_key_stops_before_anything_is_written(county, tmp_path):
    county.sends("a.xlsx", CLEAN())
    county.arrives("b.csv", month_of("2024-01"))
    with pytest.raises(MinzhengError, match="sealed with key"):
        take.take_in(county.home, county.warehouse, Keys.create(tmp_path / "other.json"))
    assert len(county.status()["files"]) == 1


def test_no_name_number_or_account_is_outside_the_vault(county, tmp_path):
    county.arrives("a.csv", CASES["A31"][1]())
    county.arrives("b.csv", month_of("2024-02"))
    with open_warehouse(county.home) as connection:
        take.take_in(county.home, connection, county.keys)
    secrets = [row[name] for row in people() for name in ("姓名", "身份证号", "银行账号", "户编号")]
    for path in county.home.path.rglob("*"):
        if path.is_file() and county.home.landing not in path.parents:
            content = path.read_bytes()
            for encoding in ("utf-8", "utf-16-le", "gb18030"):
                assert not [secret for secret in secrets if secret.encode(encoding) in content], (
                    path.name
                )
            assert path.stat().st_mode & 0o077 == 0


def test_restricted_lists_get_names_back_from_the_vault(county, monkeypatch):
    county.sends("a.xlsx", CLEAN())
    build_register(county.warehouse, ["2024-03"])
    asked, kept = (county.home, county.keys, county.warehouse, "2024-03", ["dibao_roll"]), {}
    named = vault.identities(*asked, kept)
    monkeypatch.setattr(vault.Keys, "unseal", lambda *_: 1 / 0)
    assert vault.identities(*asked, kept).equals(named), "a list is unsealed once"
    assert set(zip(named["person_name"], named["person_id_no"], strict=True)) == {
        (row["姓名"], row["身份证号"]) for row in people()
    }
    keys = {key for (key,) in county.ask("select person_key from register.dibao_roll")}
    assert set(named["person_key"]) == keys


def test_eight_people_without_a_number_are_eight_people(county):
    county.sends("a.csv", CASES["A35"][1]())
    rows = county.ask(
        "select count(distinct person_key), count(*) from raw.dibao_roll where flags = 'id_missing'"
    )
    assert rows == [(8, 8)]


def test_a_township_gets_its_own_rows_to_mend_and_nobody_elses(county):
    county.sends("a.csv", CASES["A31"][1]())
    paths = export_lists(county.home, county.keys, county.warehouse, "2024-03")
    assert b"PK" not in next(iter(paths.values())).read_bytes()[:4]
    owners = {}
    for code in paths:
        (grid,) = read_xlsx(open_list(county.home, county.keys, "2024-03", code))
        owners[code] = {row[10] for row in grid.rows[2:]}
    assert owners == {code: {places.townships()[code]} for code in owners}
    assert sum(len(names) for names in owners.values()) == len(owners) >= 4


def test_a_corrected_file_closes_the_open_items(county):
    county.sends("a.csv", CASES["A31"][1]())
    assert len(open_items(county.warehouse, "2024-03")) == 5
    county.sends("b.csv", CASES["A01"][1]())
    assert open_items(county.warehouse, "2024-03") == []
    assert len(open_items(county.warehouse, "2024-03", everything=True)) == 5


def test_the_status_names_what_is_missing_and_late(county):
    county.arrives(
        "a.csv",
        csv_bytes(people()[:1], title=f"{AREA_NAME}沙柳河镇2024年3月农村低保花名册"),
        1_714_000_000,
    )
    county.take_in()
    (month,) = county.status("2024-03")["months"]
    assert month["missing"]["dibao_roll"] == [
        f"{AREA}101",
        f"{AREA}200",
        f"{AREA}201",
        f"{AREA}202",
    ]
    assert month["late"] == {"dibao_roll": [f"{AREA}100"]}
    rows = status_lines.table(county.status("2024-03")).filter(dataset="dibao_roll")
    assert rows.select("state", "area_name", "file").rows() == [
        ("接收", "沙柳河镇", "a.csv"),
        ("未报", "哈尔盖镇", None),
        ("未报", "伊克乌兰乡", None),
        ("未报", "泉吉乡", None),
        ("未报", "吉尔孟乡", None),
        ("迟报", "沙柳河镇", None),
    ]


def test_a_month_is_checked_against_title_and_folder(county):
    assert county.sends("2024-02/a.csv", csv_bytes(people())).reasons == ["period_mismatch"]
    assert county.sends("2024-03/a.csv", csv_bytes(people())).verdict == "accept"


def test_a_child_that_dies_costs_one_file(children):
    child = Child()
    child._process.kill()
    with pytest.raises(ChildProcessError):
        child.read("a.csv", b"x", None)
    child.close()
    assert children.read("a.csv", CASES["A01"][1](), None)[0].accepted == 12


def children_that(monkeypatch, *deeds: str) -> list[str]:
    """Reading children that do this to themselves before the first file, one after the other; then ordinary ones."""
    waiting, begin = list(deeds), Child._read

    def reads(self, *task):
        if waiting:
            deed = waiting.pop(0)
            if deed == "hangs":
                self._stop()
            else:
                self._process.send_signal(getattr(signal, deed))
        return begin(self, *task)

    monkeypatch.setattr(Child, "_read", reads)
    return waiting


@pytest.mark.parametrize("deed", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_reader_that_is_ended_from_outside_is_replaced_and_the_file_read(
    county, monkeypatch, deed
):
    waiting = children_that(monkeypatch, deed)
    assert county.sends("a.csv", CASES["A01"][1]()).verdict == "accept"
    assert waiting == []


def test_a_file_whose_readers_were_all_killed_is_read_by_the_next_intake(county, monkeypatch):
    with monkeypatch.context() as patch:
        children_that(patch, "SIGKILL", "SIGKILL")
        assert county.sends("a.csv", CASES["A01"][1]()).reasons == ["reader_killed"]
    assert [(file.intake_no, file.verdict) for file in county.take_in().files] == [(1, "accept")]
    assert county.take_in().files == []
    assert county.ask("select count(*) from raw.dibao_roll") == [(12,)]


def test_the_same_bytes_under_another_name_are_no_duplicate_of_what_nobody_read(
    county, monkeypatch
):
    with monkeypatch.context() as patch:
        children_that(patch, "SIGKILL", "SIGKILL")
        county.sends("a.csv", CASES["A01"][1]())
    county.arrives("b.csv", CASES["A01"][1]())
    told = {file.intake_no: file.verdict for file in county.take_in().files}
    assert told == {1: "accept", 2: "duplicate"}


@pytest.mark.parametrize("deed", ["SIGABRT", "SIGXCPU", "SIGSEGV", "hangs"])
def test_a_reader_that_died_of_the_file_refuses_it_for_good(county, monkeypatch, deed):
    waiting = children_that(monkeypatch, deed)
    assert county.sends("a.csv", CASES["A01"][1]()).reasons == ["crash_in_parser"]
    assert (waiting, county.take_in().files) == ([], [])


def test_a_reader_that_cannot_even_begin_is_not_the_files_fault(county, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.sys, "executable", "/bin/false")
        patch.setattr(take, "Sandbox", Sandbox)
        assert county.sends("a.csv", CASES["A01"][1]()).reasons == ["reader_killed"]
    assert [file.verdict for file in county.take_in().files] == ["accept"]


def test_the_ledger_names_the_place_of_a_crash_and_no_value(county, monkeypatch):
    crash = Reading(refused=["crash_in_parser"], crash="KeyError at table.py:70")
    monkeypatch.setattr(Sandbox, "read", lambda *_: [crash])
    assert county.sends("2024-03/a.csv", csv_bytes(people())).verdict == "reject_file"
    with Ledger(county.home) as ledger:
        assert [event.body["crash"] for event in ledger.events("refused")] == [
            "KeyError at table.py:70"
        ]


def test_the_ledger_shows_a_changed_event_and_keeps_what_it_has(county):
    county.sends("a.xlsx", CLEAN())
    with Ledger(county.home) as ledger:
        kinds = [event.kind for event in ledger.events()]
        assert kinds == ["received", "archived", "parsed", "loaded"]
        assert ledger.check() is None
        with pytest.raises(Exception, match="append-only"):
            ledger._connection.execute("update event set body = '{}' where seq = 2")
        ledger._connection.execute("drop trigger event_keeps")
        ledger._connection.execute("update event set body = '{}' where seq = 2")
        assert ledger.check() == 2


def test_a_file_name_cannot_forge_a_line(capsys, county):
    county.arrives("x\nrefused nothing\u202e.csv", b"x")
    assert report.tell(county.take_in()) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "\\u000a" in lines[0]
    assert "\\u202e" in lines[0]


def test_the_title_of_the_base_is_what_the_cases_think():
    assert TITLE.startswith(f"{AREA_NAME}2024年3月")


@pytest.mark.parametrize("what", ["rows_accepted", "persons_accepted", "amount_accepted"])
def test_a_table_that_holds_something_else_than_the_verdict_says_stops_the_load(
    county, monkeypatch, what
):
    note = desk.Desk.note

    def wrong(self, number, name, sha256, facts, *rest):
        told = facts.get(what)
        note(
            self,
            number,
            name,
            sha256,
            facts | {what: "1.00" if what == "amount_accepted" else told + 1},
            *rest,
        )

    county.arrives("a.xlsx", CLEAN())
    with monkeypatch.context() as patch:
        patch.setattr(desk.Desk, "note", wrong)
        with pytest.raises(AssertionError, match="loaded instead of"):
            county.take_in()
    assert county.ask("select count(*) from raw.dibao_roll") == [(0,)]
    county.take_in()
    assert county.ask("select count(*) from raw.dibao_roll") == [(12,)]


def test_a_rise_of_seventy_thousand_percent_is_held_and_a_named_person_can_confirm_it(county):
    history(county, rows=of_jiao())
    raised = times(of_jiao(), 701)
    held = county.sends("march.csv", month_of("2024-03", raised))
    assert (held.verdict, held.reasons) == ("hold", ["amount_jump"])
    confirm(county, held.intake_no)
    assert county.ask("select sum(monthly_amount) from raw.dibao_roll where month = '2024-03'") == [
        (sum(Decimal(row["月保障金额"]) for row in of_jiao()) * 701,)
    ]
    assert county.sends("april.csv", month_of("2024-04", raised)).verdict == "accept"


def test_a_confirmation_belongs_to_one_file_and_not_to_the_next_jump(county):
    history(county, rows=of_jiao())
    raised = times(of_jiao(), 701)
    confirm(county, county.sends("march.csv", month_of("2024-03", raised)).intake_no)
    april = county.sends("april.csv", month_of("2024-04", times(raised, 10)))
    assert (april.verdict, april.reasons) == ("hold", ["amount_jump"])


def test_a_return_list_says_which_words_a_column_takes(county):
    county.sends("a.csv", csv_bytes(edited({1: {"状态": "不详"}})))
    build_register(county.warehouse, ["2024-03"])
    (content,) = return_lists(county.warehouse, "2024-03", dt.date(2024, 4, 9)).values()
    (grid,) = read_xlsx(content)
    assert grid.rows[2][6].startswith("可填：在保、")
