"""Workbooks coming back: kept in the vault, notes sealed, nothing lost by rebuilding, rotating, restoring; erasure reaches them."""

import datetime as dt
import io
import shutil
import subprocess

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import Ledger
from minzheng.custody.person import Person
from minzheng.custody.trail import acts
from minzheng.leads import answers
from minzheng.leads.desk import leads_of
from minzheng.leads.matching import compute
from minzheng.leads.outcomes import CONFLICTS
from minzheng.leads.workbook import (
    HEADINGS,
    SHEET,
    TITLE_ROWS,
    Township,
    check_code,
    write_workbook,
)
from minzheng.months import add_months
from minzheng.operations import rotation
from minzheng.operations.access import access_report
from minzheng.operations.backup import back_up, restore
from minzheng.operations.erasure import erase
from minzheng.operations.rebuild import rebuild
from minzheng.operations.rotation import rotate
from minzheng.operations.shredding import past_their_time, shred
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import id_number
from tests.leads.conftest import TOWNSHIP, County
from tests.place import AREA

MONTH = "2024-03"
OUTCOMES = "select outcome_no, case_id, person_key, code, decided_on from lead.outcome order by 1"
PEOPLE = {
    "虚构卓玛": id_number("19700101", 1),
    "示例才让": id_number("19800303", 2),
    "测试扎西": id_number("19900505", 3),
}
NOTE = "已入户,本人在外务工,联系电话见村档案"


class Desk:
    """A home in which three people of township A and one of B are on two rolls at once."""

    def __init__(self, folder):
        self.key_file = folder / "key.json"
        self.home, self.keys = Home(folder / "home"), Keys.load(self.key_file)
        self.folder, self.names = folder, list(PEOPLE)
        self.key_of = {
            name: self.keys.pseudonym("person", number) for name, number in PEOPLE.items()
        }

    def fill(self, connection):
        county = County(connection)
        county.covered(MONTH)
        for name, town in zip(self.names, "AAB", strict=True):
            for roll in ("dibao_roll", "tekun_roll"):
                county.rows(roll, f"person_key | town\n {self.key_of[name]} | {town}")
        compute(connection, [MONTH])
        county.was_run(MONTH)

    def book(self, town, **fillings):
        """A workbook as it went out, filled in: name of the person to (finding, day, note)."""
        code = TOWNSHIP[town]
        with open_warehouse(self.home) as connection:
            frame = leads_of(connection, MONTH)
            seen = dict(
                connection.execute(
                    "select case_id, max(outcome_no) from lead.outcome group by 1"
                ).fetchall()
            )
        name_of = {key: name for name, key in self.key_of.items()}
        frame = frame.filter(
            pl.col("township_code") == code, pl.col("rule_id") == "CF01"
        ).with_columns(
            person_name=pl.col("person_key").replace_strict(name_of),
            person_id_no=pl.col("person_key").replace_strict(
                {key: PEOPLE[name] for key, name in name_of.items()}
            ),
        )
        path = self.folder / f"{town}{MONTH}线索核查表.xlsx"
        path.write_bytes(write_workbook(frame, Township(code, town), MONTH, seen, {}, {}))
        book = openpyxl.load_workbook(path)
        for row in range(TITLE_ROWS + 2, TITLE_ROWS + 2 + frame.height):
            masked = book[SHEET].cell(row, HEADINGS.index("身份证号") + 1).value
            (name,) = (name for name, number in PEOPLE.items() if number[-4:] == masked[-4:])
            for heading, value in zip(
                ("核查结果", "核查日期", "情况说明"), fillings.get(name, ()), strict=False
            ):
                book[SHEET].cell(row, HEADINGS.index(heading) + 1, value)
        book.save(path)
        return path

    def sends(self, path):
        with open_warehouse(self.home) as connection:
            return answers.take_back(self.home, self.keys, connection, path)

    def ask(self, query):
        with open_warehouse(self.home) as connection:
            return connection.execute(query).fetchall()

    def notes(self):
        with Ledger(self.home) as ledger:
            return answers.entries(self.home, self.keys, ledger).select("person_key", "note").rows()


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """The folder of a desk as every test finds it, key and home, of which each works in a copy."""
    folder = tmp_path_factory.mktemp("furnished")
    vault.check_key(Home(folder / "home").create(), Keys.create(folder / "key.json"))
    desk = Desk(folder)
    with open_warehouse(desk.home) as connection:
        desk.fill(connection)
    return folder


@pytest.fixture
def desk(furnished, tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def done(note=NOTE, finding="属实_已停发或已更正", day=dt.date(2024, 4, 20)):
    return finding, day, note


def everywhere(home, words):
    """Files of the home whose bytes hold one of the words."""
    found = [path for path in home.path.rglob("*") if path.is_file()]
    return [path for path in found for word in words if word.encode() in path.read_bytes()]


def test_the_workbook_lies_in_the_vault_and_its_note_nowhere_in_the_clear(desk):
    path = desk.book("A", 虚构卓玛=done())
    content = path.read_bytes()
    assert desk.sends(path).new == 1
    with Ledger(desk.home) as ledger:
        ((number, facts),) = answers.returned(ledger).items()
        assert ledger.check() is None
    assert (facts["path"], facts["month"], facts["township"], facts["recorded"]) == (
        path.name,
        MONTH,
        TOWNSHIP["A"],
        1,
    )
    assert vault.original(desk.home, desk.keys, facts["sha256"]) == content
    assert desk.notes() == [(desk.key_of["虚构卓玛"], NOTE)]
    assert everywhere(desk.home, [NOTE[:6], "虚构卓玛"]) == []
    assert number == 1


def test_the_note_goes_out_with_the_next_workbook_and_comes_back_unchanged(desk, monkeypatch):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    monkeypatch.setattr("minzheng.leads.files._identities", lambda *_: pl.DataFrame(
        {"person_key": ["x"], "person_id_no": ["x"], "person_name": ["x"]}))  # fmt: skip
    result = CliRunner().invoke(
        cli,
        [
            "leads",
            "export",
            "--month",
            MONTH,
            "--to",
            str(desk.folder / "out"),
            "--home",
            str(desk.home.path),
        ],
    )
    assert result.exit_code == 0, result.output
    (path,) = (desk.folder / "out").glob("沙柳河镇*")
    book = openpyxl.load_workbook(path)[SHEET]
    assert NOTE in [
        book.cell(row, HEADINGS.index("情况说明") + 1).value for row in range(TITLE_ROWS + 2, 20)
    ]
    again = desk.sends(path)
    assert (again.new, again.unchanged, again.conflicts) == (0, 1, ())


def test_the_same_finding_with_another_note_is_kept_behind_the_first(desk):
    desk.sends(desk.book("A", 虚构卓玛=done("第一次")))
    assert desk.sends(desk.book("A", 虚构卓玛=done("第二次"))).new == 1
    assert [note for _, note in desk.notes()] == ["第一次", "第二次"]
    assert desk.sends(desk.book("A", 虚构卓玛=done(""))).unchanged == 1


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("核实中", "属实_已停发或已更正", "differs"),
        ("属实_已停发或已更正", "不属实_数据有误", "closed"),
    ],
)
def test_an_answer_that_has_not_seen_the_last_one_is_a_conflict(desk, first, second, kind):
    unaware = desk.book("A", 虚构卓玛=done(finding=second)).rename(desk.folder / "unaware.xlsx")
    desk.sends(desk.book("A", 虚构卓玛=done(finding=first)))
    result = desk.sends(unaware)
    assert ([found for found, _ in result.conflicts], result.new) == ([kind], 0)
    aware = desk.book("A", 虚构卓玛=done(finding=second))
    assert desk.sends(aware).new == 1


def test_rows_of_another_township_or_of_no_case_are_told_in_chinese_and_the_others_are_kept(desk):
    path = desk.book("A", 虚构卓玛=done(), 示例才让=done())
    other = openpyxl.load_workbook(desk.book("B", 测试扎西=done()))[SHEET]
    book, first = openpyxl.load_workbook(path), TITLE_ROWS + 2
    for line, source in ((first + 2, other), (first + 3, other)):
        for column in range(1, len(HEADINGS) + 1):
            book[SHEET].cell(line, column, source.cell(first, column).value)
    unknown = {heading: book[SHEET].cell(first + 3, n) for n, heading in enumerate(HEADINGS, 1)}
    unknown["线索编号"].value = "0123456789abcdef"
    code = check_code("0123456789abcdef", "CF01", unknown["身份证号"].value)
    unknown["核对码"].value = code
    book.save(path)
    result = CliRunner().invoke(cli, ["leads", "import", str(path), "--home", str(desk.home.path)])
    assert result.exit_code == 1
    assert "录入2条" in result.output
    zh = result.exception.zh
    assert f"第{first + 2}行：{CONFLICTS['elsewhere']}" in zh
    assert f"第{first + 3}行：{CONFLICTS['unknown']}" in zh
    assert len(desk.ask(OUTCOMES)) == 2


def test_sorting_by_the_workbooks_own_filter_moves_every_cell_of_a_row(desk):
    path = desk.book("A", 虚构卓玛=done(), 示例才让=done("乙", "核实后不符合条件"))
    book = openpyxl.load_workbook(path)
    rows = list(book[SHEET][book[SHEET].auto_filter.ref])[1:]
    turned = [[cell.value for cell in row] for row in reversed(rows)]
    for row, values in zip(rows, turned, strict=True):
        for cell, value in zip(row, values, strict=True):
            cell.value = value
    book.save(path)
    assert (desk.sends(path).new, sorted(desk.notes())) == (
        2,
        sorted([(desk.key_of["虚构卓玛"], NOTE), (desk.key_of["示例才让"], "乙")]),
    )
    assert {code for *_, code, _ in desk.ask(OUTCOMES)} == {"corrected", "not_eligible"}


@pytest.mark.parametrize("heading", ["规则", "身份证号", "线索编号"])
def test_a_row_whose_case_is_not_that_of_the_person_and_rule_shown_is_refused_and_the_others_kept(
    desk, heading
):
    path = desk.book("A", 虚构卓玛=done(), 示例才让=done())
    book, first = openpyxl.load_workbook(path), TITLE_ROWS + 2
    shown = {"规则": "CF02", "身份证号": f"{AREA}********0000", "线索编号": "0123456789abcdef"}
    book[SHEET].cell(first, HEADINGS.index(heading) + 1, shown[heading])
    book.save(path)
    result = CliRunner().invoke(cli, ["leads", "import", str(path), "--home", str(desk.home.path)])
    assert (result.exit_code, "录入1条" in result.output) == (1, True)
    assert f"第{first}行：{CONFLICTS['disagrees']}" in result.exception.zh


def test_the_workbook_for_the_field_names_person_village_and_row_and_its_opening_is_on_record(
    desk, monkeypatch
):
    monkeypatch.setattr("minzheng.leads.files._identities", lambda *_: pl.DataFrame(
        {"person_key": list(desk.key_of.values()), "person_id_no": list(PEOPLE.values()), "person_name": list(PEOPLE)}))  # fmt: skip
    with open_warehouse(desk.home) as connection:
        connection.execute(
            "insert into raw.dibao_roll (intake_no, sheet, row_no, month, region_code) "
            f"select intake_no, sheet, row_no, month, '{AREA}100001' from register.dibao_roll"
        )
        connection.execute(
            "insert into raw.file (intake_no, name, month, received_at) "
            "values (1, '2024-03/低保.csv', '2024-03', '2024-04-01')"
        )
    path = desk.folder / "field.xlsx"
    call = ["leads", "open", "--month", MONTH, "--township", TOWNSHIP["A"], "--to", str(path)]
    result = CliRunner().invoke(cli, [*call, "--home", str(desk.home.path)])
    assert result.exit_code == 0, result.output
    rows = list(openpyxl.load_workbook(path)[SHEET].values)[TITLE_ROWS + 1 :]
    told = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
    assert {row["姓名"] for row in told} == {"虚构卓玛", "示例才让"}
    assert {row["村(社区)"] for row in told} == {"城东社区居民委员会"}
    assert all("(2024-03，低保.csv)第" in row["在哪里看"] for row in told)
    assert PEOPLE["虚构卓玛"] not in {cell for row in rows for cell in row}
    with Ledger(desk.home) as ledger:
        opened = [act.about for act in acts(ledger) if act.what == "open leads workbook"]
    assert opened == [{"month": MONTH, "township": TOWNSHIP["A"]}]
    assert desk.sends(path).unchanged == 0


@pytest.mark.parametrize("month", ["2024-02", "2024-04"])
def test_an_answer_to_a_list_that_never_was_is_refused(desk, month):
    path = desk.book("A", 虚构卓玛=done(day=dt.date(2024, 4, 30)))
    book = openpyxl.load_workbook(path)
    for line in (TITLE_ROWS + 2, TITLE_ROWS + 3):
        book[SHEET].cell(line, HEADINGS.index("清单月份") + 1, month)
    book.save(path)
    assert [kind for kind, _ in desk.sends(path).conflicts] == ["unknown"]


@pytest.mark.office
def test_a_workbook_saved_by_libreoffice_says_the_same(desk):
    path = desk.book("A", 虚构卓玛=done(), 示例才让=done("", "核实中", "2024年4月2日"))
    out = desk.folder / "saved"
    profile = f"-env:UserInstallation=file://{desk.folder}/profile"
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            out,
            path,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert desk.sends(out / path.name).new == 2
    rows = {key: (code, day) for _, _, key, code, day in desk.ask(OUTCOMES)}
    assert rows == {
        desk.key_of["虚构卓玛"]: ("corrected", dt.date(2024, 4, 20)),
        desk.key_of["示例才让"]: ("in_progress", dt.date(2024, 4, 2)),
    }
    assert sorted(note for _, note in desk.notes()) == ["", NOTE]
    assert desk.sends(path).unchanged == 2


def test_outcomes_survive_a_rebuilt_warehouse(desk):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    before = desk.ask("select * from lead.outcome")
    rebuild(desk.home, desk.keys)
    assert desk.ask("select * from lead.outcome") == before
    with open_warehouse(desk.home) as connection:
        desk.fill(connection)
    assert desk.ask("select state, outcome_code from lead.case where outcome_code is not null") == [
        ("closed", "corrected")
    ]


def test_an_import_that_was_stopped_after_the_sealed_list_is_finished_by_the_next(
    desk, monkeypatch
):
    first, second = (
        desk.book("A", 虚构卓玛=done()).rename(desk.folder / "1.xlsx"),
        desk.book("B", 测试扎西=done()),
    )
    monkeypatch.setattr(answers, "_tell", stop)
    with pytest.raises(KeyboardInterrupt):
        desk.sends(first)
    monkeypatch.undo()
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(desk.key_file))
    assert desk.ask(OUTCOMES) == []
    desk.sends(second)
    assert [number for number, *_ in desk.ask(OUTCOMES)] == [1, 2]
    assert desk.sends(first).unchanged == 1


def stop(*_):
    raise KeyboardInterrupt


def test_a_change_of_keys_keeps_notes_and_cases_together(desk):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    ((_, case_id, person_key, *_),) = desk.ask(OUTCOMES)
    with Ledger(desk.home) as ledger:
        (entry,) = answers.entries(desk.home, desk.keys, ledger).iter_rows(named=True)
    assert (entry["case_id"], entry["person_key"], entry["note"]) == (case_id, person_key, NOTE)
    assert desk.ask(
        "select count(*) from lead.case join lead.outcome using (case_id, person_key)"
    ) == [(1,)]
    rebuild(desk.home, desk.keys)
    assert desk.ask("select person_key from lead.outcome") == [(person_key,)]


@pytest.mark.parametrize("changes", [1, 2])
def test_a_workbook_handed_out_before_a_change_of_keys_finds_its_cases_after_it(desk, changes):
    desk.sends(desk.book("A", 示例才让=done("", "核实中", dt.date(2024, 4, 2))))
    handed_out = desk.book("A", 虚构卓玛=done(), 示例才让=done("乙"))
    for _ in range(changes):
        rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    result = desk.sends(handed_out)
    assert (result.new, result.unchanged, result.conflicts) == (2, 0, ())
    assert desk.ask("select count(*) from lead.case where state = 'closed'") == [(2,)]
    assert {note for _, note in desk.notes()} == {"", NOTE, "乙"}


def test_a_change_of_keys_that_was_stopped_behind_the_list_of_case_ids_is_finished(
    desk, monkeypatch
):
    rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    desk.key_of = {name: desk.keys.pseudonym("person", number) for name, number in PEOPLE.items()}
    with open_warehouse(desk.home) as connection:
        for table in ("register.dibao_roll", "register.tekun_roll", "register.coverage"):
            connection.execute(f"delete from {table}")
        desk.fill(connection)
    handed_out = desk.book("A", 虚构卓玛=done())
    monkeypatch.setattr(answers, "rename", stop)
    with pytest.raises(KeyboardInterrupt):
        rotate(desk.home, desk.key_file)
    monkeypatch.undo()
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(desk.key_file))
    rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    assert desk.sends(handed_out).new == 1


def test_the_former_ids_of_cases_lie_sealed_only(desk):
    ((former,), *_) = desk.ask("select case_id from lead.case order by 1")
    rotate(desk.home, desk.key_file)
    assert everywhere(desk.home, [former]) == []


def test_an_erased_person_is_gone_from_a_workbook_of_before_a_change_of_keys(desk, monkeypatch):
    def of_the_people(_, old, new):
        return {
            "person": {
                old.pseudonym("person", n): new.pseudonym("person", n) for n in PEOPLE.values()
            }
        }

    monkeypatch.setattr(rotation, "renamed", of_the_people)
    path = desk.book("A", 虚构卓玛=done())
    book = openpyxl.load_workbook(path)
    for row in range(TITLE_ROWS + 2, TITLE_ROWS + 4):
        cells = {heading: book[SHEET].cell(row, place) for place, heading in enumerate(HEADINGS, 1)}
        cells["身份证号"].value = "无证件号码"
        cells["核对码"].value = check_code(cells["线索编号"].value, "CF01", "无证件号码")
    book.save(path)
    desk.sends(path)
    former = desk.ask("select case_id from lead.outcome")[0][0]
    rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    erase(desk.home, desk.keys, Person(PEOPLE["虚构卓玛"]))
    with Ledger(desk.home) as ledger:
        (only,) = answers.returned(ledger).values()
    sheet = openpyxl.load_workbook(
        io.BytesIO(vault.original(desk.home, desk.keys, only["sha256"]))
    )[SHEET]
    assert former not in {cell for row in sheet.values for cell in row}


def test_a_change_of_keys_that_was_stopped_among_the_lists_is_finished(desk, monkeypatch):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    desk.sends(desk.book("B", 测试扎西=done("乙")))
    write, calls = vault.write_synced, []

    def stopping(path, content):
        calls.append(path.suffix == answers.SUFFIX)
        if sum(calls) == 2:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(vault, "write_synced", stopping)
    with pytest.raises(KeyboardInterrupt):
        rotate(desk.home, desk.key_file)
    monkeypatch.setattr(vault, "write_synced", write)
    rotate(desk.home, desk.key_file)
    desk.keys = Keys.load(desk.key_file)
    assert sorted(desk.notes()) == sorted(
        (key, note) for (key,), note in zip(desk.ask("select person_key from lead.outcome order by outcome_no"), (NOTE, "乙"), strict=True)
    )  # fmt: skip


def test_an_erased_person_is_gone_from_workbook_and_notes_and_the_others_stay(desk):
    number = PEOPLE["虚构卓玛"]
    desk.sends(desk.book("A", 虚构卓玛=done(), 示例才让=done(f"与{number}同户")))
    desk.sends(desk.book("B", 测试扎西=done("乙")))
    erase(desk.home, desk.keys, Person(number))
    assert desk.notes() == [(desk.key_of["示例才让"], ""), (desk.key_of["测试扎西"], "乙")]
    with Ledger(desk.home) as ledger:
        first, second = (
            vault.original(desk.home, desk.keys, one["sha256"])
            for one in answers.returned(ledger).values()
        )
    cells = [
        str(cell)
        for row in openpyxl.load_workbook(io.BytesIO(first))[SHEET].values
        for cell in row
        if cell
    ]
    assert not [cell for cell in cells if number[-4:] in cell or NOTE in cell or number in cell]
    assert [cell for cell in cells if PEOPLE["示例才让"][-4:] in cell]
    assert len(openpyxl.load_workbook(io.BytesIO(second))[SHEET]["A"]) == TITLE_ROWS + 2
    rebuild(desk.home, desk.keys)
    assert desk.ask("select count(*) from lead.outcome") == [(2,)]


def test_a_backup_brings_the_notes_back(desk):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    copy = back_up(desk.home, desk.keys, desk.folder / "backups", "20240501T0900")
    desk.home = Home(desk.folder / "restored")
    restore(desk.home, desk.keys, copy)
    assert desk.notes() == [(desk.key_of["虚构卓玛"], NOTE)]
    assert len(desk.ask(OUTCOMES)) == 1


def test_a_person_is_told_what_was_noted_about_them(desk):
    desk.sends(desk.book("A", 虚构卓玛=done(), 示例才让=done("别人")))
    report = access_report(desk.home, desk.keys, Person(PEOPLE["虚构卓玛"]))
    assert report["核查说明"] == [{"日期": "2024-04-20", "规则": "CF01", "说明": NOTE}]


def test_returned_workbooks_are_shredded_with_the_files_of_their_month(desk):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    kept = past_their_time(desk.home, MONTH, add_months(MONTH, 36))
    assert kept.originals == []
    what = past_their_time(desk.home, add_months(MONTH, 1), add_months(MONTH, 36))
    assert len(what.originals) == 2
    shred(desk.home, what, add_months(MONTH, 1))
    assert desk.notes() == []
    rebuild(desk.home, desk.keys)
    assert desk.ask(OUTCOMES) == []


def test_a_lost_list_is_an_error_and_not_silence(desk):
    desk.sends(desk.book("A", 虚构卓玛=done()))
    (path,) = desk.home.vault.glob(f"*/*{answers.SUFFIX}")
    path.unlink()
    with pytest.raises(Exception, match="restore it from its backup"):
        rebuild(desk.home, desk.keys)


@pytest.mark.parametrize("name", ["2024-03/沙柳河镇核查表.xlsx", "回复.xlsx"])
def test_a_filled_workbook_left_in_the_landing_folder_is_refused_with_the_command_that_takes_it_in(
    desk, name
):
    target = desk.home.landing / name
    target.parent.mkdir(parents=True, exist_ok=True)
    desk.book("A", 虚构卓玛=done()).rename(target)
    result = CliRunner().invoke(cli, ["intake", "--home", str(desk.home.path)])
    assert result.exit_code == 1
    assert "这是线索核查表" in result.output
    assert "minzheng leads import" in result.output
    assert desk.ask("select verdict, dataset, rows_accepted from raw.file") == [
        ("reject_file", None, 0)
    ]
    result = CliRunner().invoke(
        cli, ["leads", "import", str(target), "--home", str(desk.home.path)]
    )
    assert (result.exit_code, "录入1条" in result.output) == (0, True)


def test_moved_columns_deleted_and_repeated_rows_change_nothing_in_what_is_said(desk):
    path = desk.book("A", 虚构卓玛=done(), 示例才让=done("", "核实中", dt.date(2024, 4, 2)))
    rows = [list(row) for row in openpyxl.load_workbook(path)[SHEET].values]
    moved = openpyxl.Workbook()
    sheet = moved.active
    sheet.title = SHEET
    answered = [row for row in rows[TITLE_ROWS + 1 :] if row[HEADINGS.index("情况说明")] == NOTE]
    for row in [*rows[: TITLE_ROWS + 1], *answered, *answered]:
        sheet.append(row[::-1])
    moved.save(path)
    assert desk.sends(path).new == 1
    assert desk.notes() == [(desk.key_of["虚构卓玛"], NOTE)]


def test_answers_that_an_older_warehouse_lacks_come_back_with_the_next_run(desk):
    copy = desk.folder / "older.duckdb"
    shutil.copy(desk.home.warehouse, copy)
    desk.sends(desk.book("A", 虚构卓玛=done()))
    shutil.copy(copy, desk.home.warehouse)
    arrived = desk.home.landing / "a.csv"
    arrived.write_bytes(b"x")
    result = CliRunner().invoke(cli, ["intake", "--home", str(desk.home.path)])
    assert isinstance(result.exception, SystemExit)
    with open_warehouse(desk.home) as connection:
        found = connection.execute("select person_key from lead.outcome").fetchall()
    assert found == [(desk.key_of["虚构卓玛"],)]
