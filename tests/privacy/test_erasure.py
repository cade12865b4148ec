"""Erasing one person: gone from every zone, everyone else and every row number as before."""

import io
from unittest import mock

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.commands.erase_person import command as erase_person
from minzheng.custody import synced, vault
from minzheng.custody.ledger import Ledger
from minzheng.custody.person import Person, Place
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.redaction import redact
from minzheng.operations import erasure
from minzheng.operations.erasure import erase
from minzheng.warehouse.connection import open_warehouse
from tests.intake.cases import converted_to_xls
from tests.intake.roster import csv_bytes, id_number, people, table, xlsx_bytes, zip_bytes
from tests.place import AREA, AREA_NAME
from tests.privacy.conftest import rolls
from tests.privacy.traces import unwrapped

ROWS = "select month, row_no, person_key, household_key, monthly_amount from raw.dibao_roll order by all"


def originals(office):
    with Ledger(office.home) as ledger:
        return [
            vault.original(office.home, office.keys, event.sha256)
            for event in ledger.received().values()
        ]


def test_a_person_is_gone_from_vault_warehouse_and_lists_and_the_others_are_as_before(busy):
    person = Person(people()[3]["身份证号"])
    key = busy.keys.pseudonym("person", person.id_no)
    busy.do(
        "insert into lead.outcome (outcome_no, case_id, rule_id, person_key) values (1, 'c', 'CF01', $key)",
        key=key,
    )
    restricted = busy.home.restricted / "2024-03" / f"returns_{AREA}100.xlsx.sealed"
    vault.write_synced(restricted, b"sealed")
    before = busy.ask(ROWS)
    others = [row for row in before if row[2] != key]
    assert len(before) - len(others) == 3

    done = erase(busy.home, busy.keys, person)

    assert busy.ask(ROWS) == others
    assert (done.files_rewritten, done.files_destroyed, done.lists_removed) == (3, 0, 1)
    assert not restricted.exists()
    assert done.stale == ["2024-03", "2024-04", "2024-05"]
    assert busy.ask("select count(*) from lead.outcome") == [(0,)]
    for content in originals(busy):
        assert redact(content, person) is content
        assert people()[3]["姓名"].encode("gb18030") not in content
    for path in busy.home.path.rglob("*"):
        if path.is_file() and busy.home.landing not in path.parents:
            assert key.encode() not in path.read_bytes(), path
    assert sorted(done.in_landing) == ["2024-03/低保.csv", "2024-04/低保.xlsx", "2024-05/包.zip"]


def test_an_erased_person_does_not_come_back_with_the_same_file_or_a_rebuilt_warehouse(busy):
    from minzheng.operations.rebuild import rebuild

    erase(busy.home, busy.keys, Person(people()[3]["身份证号"]))
    before = busy.ask(ROWS)
    report = busy.receives({"again/copy.csv": rolls()["2024-03/低保.csv"]})
    assert [file.verdict for file in report.files] == ["duplicate"]
    assert busy.ask(ROWS) == before
    rebuild(busy.home, busy.keys)
    assert busy.ask(ROWS) == before


def test_identities_for_restricted_lists_no_longer_name_the_person(busy):
    person = Person(people()[0]["身份证号"])
    erase(busy.home, busy.keys, person)
    with open_warehouse(busy.home) as connection:
        connection.execute(
            f"insert into register.coverage select dataset, month, '{AREA}100', intake_no, null, null, 1, 0 from raw.file"
        )
        for month in ("2024-03", "2024-04", "2024-05"):
            frame = vault.identities(busy.home, busy.keys, connection, month, ["dibao_roll"])
            assert frame.height == 11
            assert frame.filter(pl.col("person_id_no") == person.id_no).is_empty()


@pytest.mark.parametrize("stop_after", [1, 4])
def test_an_erasure_that_was_stopped_is_finished_by_the_same_call(busy, monkeypatch, stop_after):
    person = Person(people()[3]["身份证号"])
    key, calls, write = busy.keys.pseudonym("person", person.id_no), [], vault.write_blocks_synced
    restricted = busy.home.restricted / "2024-05" / f"returns_{AREA}100.xlsx.sealed"
    vault.write_synced(restricted, b"sealed")

    def stopping(path, blocks):
        calls.append(path)
        if len(calls) > stop_after:
            raise KeyboardInterrupt
        write(path, blocks)

    with monkeypatch.context() as patched:
        for writer in (vault, synced):
            patched.setattr(writer, "write_blocks_synced", stopping)
        with pytest.raises(KeyboardInterrupt):
            erase(busy.home, busy.keys, person)
    erase(busy.home, busy.keys, person)
    assert not restricted.exists()
    assert busy.ask("select count(*) from raw.dibao_roll where person_key = $key", key=key) == [
        (0,)
    ]
    assert busy.ask("select count(*) from raw.dibao_roll") == [(33,)]
    assert all(redact(content, person) is content for content in originals(busy))


def test_lists_that_a_stopped_erasure_left_go_with_the_next_call(busy, monkeypatch):
    person = Person(people()[3]["身份证号"])
    listed = busy.home.restricted / "2024-05" / f"returns_{AREA}100.xlsx.sealed"
    vault.write_synced(listed, b"sealed")
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_remove_lists", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(busy.home, busy.keys, person)
    assert listed.exists()
    assert erase(busy.home, busy.keys, person).lists_removed == 1
    assert not listed.exists()


def test_the_id_number_is_never_an_argument_and_no_answer_repeats_it(busy):
    number = people()[3]["身份证号"]
    assert not [
        one
        for one in erase_person.params
        if one.name not in ("home", "id_file", "intake_no", "sheet", "row", "landing")
    ]
    result = CliRunner().invoke(
        erase_person, ["--home", str(busy.home.path)], input=f" {number.lower()}\n"
    )
    assert isinstance(result.exception, MinzhengError)
    assert "still in the landing folder" in str(result.exception)
    assert number not in result.output + str(result.exception) + result.exception.zh
    with Ledger(busy.home) as ledger:
        acts = [event.body for event in ledger.events("act")]
        assert [act["what"] for act in acts] == ["erase person: begun", "erase person"]
        assert number not in str(acts)
        assert busy.keys.pseudonym("person", number) not in str(acts)


def test_a_wrong_number_and_an_unknown_person_are_told_without_the_number(busy):
    wrong = people()[3]["身份证号"][:-1] + ("1" if people()[3]["身份证号"][-1] != "1" else "2")
    result = CliRunner().invoke(erase_person, ["--home", str(busy.home.path)], input=wrong)
    assert isinstance(result.exception, WrongCall)
    assert wrong not in str(result.exception)
    result = CliRunner().invoke(
        erase_person, ["--home", str(busy.home.path)], input=id_number("19800101", 999)
    )
    assert "no such person" in str(result.exception)


PERSON = Person(id_number("19560304", 901))
OTHER = people()[0]


@pytest.mark.parametrize(
    "spelled",
    [PERSON.id_no, PERSON.id_no.lower(), f"'{PERSON.id_no}", PERSON.short, "".join(chr(ord(c) + 0xFEE0) for c in PERSON.id_no),
     f" {PERSON.id_no[:6]} {PERSON.id_no[6:14]} {PERSON.id_no[14:]} ", f"{PERSON.id_no}44", repr(float(PERSON.id_no[:17] + "0"))],
)  # fmt: skip
@pytest.mark.parametrize("make", [lambda rows: csv_bytes(rows), lambda rows: csv_bytes(rows, encoding="utf-16"),
                                  lambda rows: csv_bytes(rows, encoding="gb18030"), lambda rows: xlsx_bytes(table(rows))])  # fmt: skip
def test_every_spelling_of_the_number_empties_its_row_and_no_other(spelled, make):
    if "e+" in spelled and not PERSON.id_no.isdigit():
        pytest.skip("a number that ends in X cannot become a float")
    rows = [OTHER, OTHER | {"身份证号": spelled, "姓名": "虚构标记甲"}, people()[1]]
    content = make(rows)
    redacted = redact(content, PERSON)
    cells = cells_of(redacted)
    assert cells == cells_of(content, without=3)
    assert "虚构标记甲" not in str(cells)


def cells_of(content: bytes, without: int | None = None) -> list[list[str]]:
    """The cells of a file; one row (from 0, title and header counted) emptied."""
    if content.startswith(b"PK"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        grid = [
            ["" if cell is None else str(cell) for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
    else:
        import csv

        code = "utf-16" if b"\0" in content else "utf-8"
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        grid = list(csv.reader(io.StringIO(text)))
    if without is not None:
        grid[without] = [""] * len(grid[without])
    return grid


def test_a_number_in_a_remark_takes_that_cell_only(tmp_path):
    rows = [OTHER | {"备注": f"监护人{PERSON.id_no}代领"}, people()[1]]
    headers = [*OTHER, "备注"]
    for content in (csv_bytes(rows, headers=headers), xlsx_bytes(table(rows, headers=headers))):
        text = str(cells_of(redact(content, PERSON)))
        assert PERSON.id_no not in text
        assert "代领" not in text
        assert OTHER["身份证号"] in text


def test_what_cannot_be_rewritten_is_destroyed_and_said(office):
    html = f"<html><table><tr><td>{PERSON.id_no}</td></tr></table></html>".encode()
    office.receives({"2024-03/表.xls": html, **rolls()})
    done = erase(office.home, office.keys, PERSON)
    assert (done.files_destroyed, done.files_rewritten) == (1, 0)
    assert b"" in originals(office)


def test_a_namesake_in_shared_texts_keeps_the_name():
    rows = [OTHER | {"姓名": "虚构同名"}, OTHER | {"姓名": "虚构同名", "身份证号": PERSON.id_no}]
    redacted = redact(xlsx_bytes(table(rows)), PERSON)
    assert str(cells_of(redacted)).count("虚构同名") == 1


def test_nothing_is_touched_where_the_person_is_not():
    for content in (
        csv_bytes(people()),
        xlsx_bytes(table(people())),
        zip_bytes({"a.csv": csv_bytes(people())}),
        b"\xd0\xcf\x11",
        b"",
    ):
        assert redact(content, Person(id_number("19990909", 999))) is content


def without_number(month: str = "2024-03") -> list[dict[str, str]]:
    """A dozen people of whom the fourth and the fifth have no id number."""
    rows = [row | {"统计月份": month} for row in people()]
    rows[3] |= {"身份证号": "", "姓名": "虚构无号甲"}
    rows[4] |= {"身份证号": "", "姓名": "虚构无号乙"}
    return rows


NUMBERLESS = {
    "csv": ("低保.csv", csv_bytes(without_number(), encoding="gb18030"), 1, "", 6),
    "xlsx": ("低保.xlsx", xlsx_bytes({"说明": [["请勿改动"] * 3] * 9, "花名册": table(without_number())}), 1, "花名册", 6),
    "zip": ("包.zip", zip_bytes({"另.csv": csv_bytes(people(), title=f"{AREA_NAME}2024年5月农村低保花名册").replace(b"2024-03", b"2024-05"),
                                "低保.csv": csv_bytes(without_number())}), None, "", 6),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERLESS)
def test_a_person_without_a_number_is_erased_by_their_row_and_the_others_stay(office, kind):
    name, content, number, sheet, row_no = NUMBERLESS[kind]
    office.receives({f"2024-03/{name}": content})
    before = office.ask(ROWS)
    (number,) = office.ask(
        "select intake_no from raw.dibao_roll where month = '2024-03' and row_no = $row", row=row_no
    )[0]
    arguments = [
        "--home",
        str(office.home.path),
        "--intake-no",
        str(number),
        "--row",
        str(row_no),
        "--sheet",
        sheet,
    ]
    result = CliRunner().invoke(erase_person, arguments)
    assert f"still in the landing folder: 2024-03/{name}" in str(result.exception)
    gone = [row for row in before if row[:2] == ("2024-03", row_no)]
    assert len(gone) == 1
    assert office.ask(ROWS) == [row for row in before if row not in gone]
    assert not any("虚构无号甲" in text for text in everything(office))
    assert any("虚构无号乙" in text for text in everything(office))
    with pytest.raises(MinzhengError, match="no person without an id number"):
        erase(office.home, office.keys, Place(row_no, sheet), intake_no=number)


def everything(office) -> list[str]:
    """The texts of all archived files and lists of identities."""
    found = []
    for path in office.home.vault.rglob("*"):
        if path.is_file() and path.name not in ("KEY", "LEDGER"):
            content = office.keys.unseal(path.read_bytes(), path.name)
            if path.suffix == ".identities":
                found.append(str(pl.read_parquet(content)["person_name"].to_list()))
            else:
                parts = unwrapped(content)
                found += [
                    text
                    for part in parts
                    for code in ("utf-8", "gb18030")
                    for text in [part.decode(code, "ignore")]
                ]
    return found


def test_only_a_row_of_a_person_without_a_number_can_be_named(office):
    office.receives({"2024-03/低保.csv": csv_bytes(without_number())})
    for place in (Place(5), Place(2), Place(99), Place(6, "花名册")):
        with pytest.raises(MinzhengError, match="no person without an id number"):
            erase(office.home, office.keys, place, intake_no=1)
    assert len(office.ask(ROWS)) == 12
    result = CliRunner().invoke(erase_person, ["--home", str(office.home.path), "--row", "6"])
    assert isinstance(result.exception, WrongCall)


@pytest.mark.office
def test_a_person_vanishes_from_an_old_xls_and_the_others_keep_their_rows(office, tmp_path):
    office.receives({"2024-03/低保.xls": converted_to_xls(tmp_path)})
    before, person = office.ask(ROWS), Person(people()[3]["身份证号"])
    key = office.keys.pseudonym("person", person.id_no)
    assert len(before) == 12
    done = erase(office.home, office.keys, person)
    assert (done.files_rewritten, done.in_landing) == (1, ["2024-03/低保.xls"])
    assert office.ask(ROWS) == [row for row in before if row[2] != key]
    for text in everything(office):
        assert person.id_no not in text
        assert people()[3]["姓名"] not in text
    assert any(people()[4]["姓名"] in text for text in everything(office))
