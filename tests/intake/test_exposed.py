"""A name, an id number or an account where none belongs is masked, told, and kept nowhere: free text, files, sheets."""

import json

import polars as pl
import pytest

from minzheng.contracts.datasets import dataset, dataset_names, free_text, register_columns
from minzheng.custody.keys import Keys
from minzheng.custody.person import Place, sheet_label
from minzheng.intake.delimited import read_text
from minzheng.intake.exposed import holds_number, is_kind, without_numbers
from minzheng.intake.grid import cell_text
from minzheng.intake.noted import noted_name
from minzheng.intake.read import read_file
from minzheng.intake.redaction import redact
from minzheng.intake.workbook import read_xlsx
from simulation import simulate
from tests.intake import cases
from tests.intake.roster import csv_bytes, csv_text, id_number, people, table, xlsx_bytes, zip_bytes
from tests.place import AREA, AREA_NAME
from tests.privacy.traces import traces

ID, ACCOUNT, PHONE = id_number("19560304", 901), "9999000000012345678", "13912345678"
NAME = people()[0]["姓名"]
FREE = [(name, column.name) for name in dataset_names() for column in free_text(name)]


@pytest.fixture(scope="session")
def sheets(tmp_path_factory) -> dict[str, list[list[str]]]:
    """One file of each dataset that keeps free text, as lines of cells, without a mistake in it."""
    found = {}
    for path in simulate(
        tmp_path_factory.mktemp("exposed") / "landing", "2024-03", "2024-03", 7, progress=False
    ):
        (reading,) = read_file(path.name, path.read_bytes(), None)
        if reading.dataset in dict(FREE) and reading.accepted:
            text = path.suffix == ".csv"
            grid = (
                next(iter(read_text(path.read_bytes())))
                if text
                else read_xlsx(path.read_bytes())[0]
            )
            found[reading.dataset] = [[cell_text(cell) for cell in row] for row in grid.rows]
    return found


def filled(lines: list[list[str]], header: str, cell: str) -> list[list[str]]:
    """The lines with the first cell below a header replaced."""
    lines = [list(line) for line in lines]
    top = next(number for number, line in enumerate(lines) if header in line)
    lines[top + 1][lines[top].index(header)] = cell
    return lines


def written(lines: list[list[str]], suffix: str, sheet: str = "花名册") -> bytes:
    return csv_text(lines).encode() if suffix == "csv" else xlsx_bytes({sheet: lines})


def told(reading) -> str:
    """All that leaves the reading child."""
    rows = "".join(
        frame.write_json() for frame in (reading.rows, reading.quarantine) if frame is not None
    )
    return json.dumps(reading.facts(), ensure_ascii=False) + rows


def test_every_column_that_is_kept_as_written_is_looked_through():
    for name in dataset_names():
        looked = {column.name for column in free_text(name)}
        for column in register_columns(name):
            contracted = dataset(name).column(column.source) if column.source else None
            if (
                contracted
                and column.type == "VARCHAR"
                and column.name == column.source
                and not contracted.codes
            ):
                assert column.name in looked or contracted.type in (
                    "month",
                    "code12",
                    "code9",
                    "code7",
                ), column


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "word", [ID, f"见{ID[:6]} {ID[6:14]} {ID[14:]}", f"虚构院 {ACCOUNT}", f"文 {PHONE}"]
)
@pytest.mark.parametrize(("name", "column"), FREE)
def test_a_number_in_free_text_is_masked_and_told(sheets, name, column, word, suffix):
    header = dataset(name).column(column).header
    if not any(header in line for line in sheets[name]):
        pytest.skip(f"the simulated {name} has no {header}")
    (reading,) = read_file(
        f"a.{suffix}", written(filled(sheets[name], header, word), suffix), "2024-03"
    )
    codes = {*reading.reasons, *reading.flags}
    assert not reading.refused
    assert codes & {"identity_in_text", "identity_in_code", "code_unknown"}
    assert not any(number in told(reading).replace(" ", "") for number in (ID, ACCOUNT, PHONE))
    if reading.rows[column].str.contains("***", literal=True).any():
        assert (
            reading.rows.filter(pl.col(column) == "***")["flags"]
            .str.contains("identity_in_text")
            .all()
        )


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("name", "column"),
    [(name, column.name) for name in dataset_names() for column in free_text(name) if column.names],
)
def test_a_person_where_an_organisation_or_a_document_belongs_is_masked(
    sheets, name, column, suffix
):
    header = dataset(name).column(column).header
    if not any(header in line for line in sheets[name]):
        pytest.skip(f"the simulated {name} has no {header}")
    (reading,) = read_file(
        f"a.{suffix}", written(filled(sheets[name], header, "虚构甲乙丙"), suffix), "2024-03"
    )
    assert "identity_in_text" in reading.flags
    assert "虚构甲乙丙" not in told(reading)


def test_a_person_of_the_file_is_masked_in_its_text_even_beside_an_organisation(sheets):
    lines = sheets["elder_assess"]
    top = next(number for number, line in enumerate(lines) if "评估机构" in line)
    name = lines[-2][lines[top].index("姓名")]
    (reading,) = read_file(
        "a.csv",
        written(filled(lines, "评估机构", f"虚构评估所({name[:2]}·{name[2:]})"), "csv"),
        None,
    )
    assert reading.rows["assessor"].to_list().count("***") == 1
    assert reading.rows.filter(pl.col("assessor") == "***")["flags"].to_list() == [
        "identity_in_text"
    ]
    (same,) = read_file("a.csv", written(lines, "csv"), None)
    assert (reading.accepted, reading.amount, "identity_in_text" in same.flags) == (
        same.accepted,
        same.amount,
        False,
    )


def test_what_the_county_really_writes_is_no_identity(tmp_path):
    for path in simulate(
        tmp_path / "landing", "2024-03", "2024-03", 11, "county", "usual", progress=False
    ):
        for reading in read_file(path.name, path.read_bytes(), None):
            assert not {
                code for code in (*reading.flags, *reading.reasons) if code.startswith("identity_")
            }, path


SHEETS = {
    "a number": f"表{ID}",
    "an account": ACCOUNT,
    "a name": f"{NAME}等",
    "a spaced name": f"{NAME[:2]} {NAME[2:]}",
}


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("suffix", ["xlsx", pytest.param("xls", marks=pytest.mark.office)])
def test_a_sheets_name_that_tells_of_a_person_becomes_its_place(
    kind, suffix, tmp_path, monkeypatch
):
    rows = people()
    rows[1]["身份证号"] = "123"
    content = xlsx_bytes({"说明": [["请勿改动"]], SHEETS[kind]: table(rows)})
    if suffix == "xls":
        monkeypatch.setattr(cases, "clean_xlsx", lambda: content)
        content = cases.converted_to_xls(tmp_path)
    (reading,) = read_file(f"a.{suffix}", content, None)
    assert (reading.accepted, reading.flags) == (11, ["identity_in_name"])
    assert {*reading.rows["sheet"], *reading.quarantine["sheet"]} == {sheet_label(2)}
    assert SHEETS[kind] not in told(reading)


def test_two_sheets_stay_two_though_one_calls_itself_as_the_other_is_shown():
    lines, other = (
        table(people()),
        table([row | {"户编号": row["户编号"] + "x"} for row in people(24)[12:]]),
    )
    (reading,) = read_file("a.xlsx", xlsx_bytes({f"表{ID}": lines, sheet_label(1): other}), None)
    assert reading.rows["sheet"].unique().sort().to_list() == [sheet_label(1), sheet_label(2)]


def test_a_row_is_found_again_by_what_is_shown_of_its_sheet():
    rows = people()
    rows[3]["身份证号"] = ""
    content = xlsx_bytes({"说明": [["请勿改动"]], f"表{ID}": table(rows)})
    kept = redact(content, Place(6, sheet_label(2)))
    assert kept is not content
    assert [row[0] for row in read_xlsx(kept)[1].rows][4:7] == ["2024-03", "", "2024-03"]


FILES = {
    "a number": f"低保{ID}.csv",
    "an account": f"2024-03/低保 {ACCOUNT}.csv",
    "a person of the file": f"{NAME}低保.csv",
    "an archive": f"{NAME}.zip",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_files_name_that_tells_of_a_person_is_kept_nowhere(county, kind):
    name, content = FILES[kind], csv_bytes(people())
    if name.endswith("zip"):
        content = zip_bytes({f"{NAME}.csv": content, f"死亡{ID}.csv": csv_bytes(people(), title=f"{AREA_NAME}2024年4月低保").replace(b"2024-03", b"2024-04")})  # fmt: skip
    county.arrives(name, content)
    shown = county.take_in().files
    assert {file.verdict for file in shown} == {"accept"}
    assert any("identity_in_name" in file.flags for file in shown)
    told = f"{shown}{county.status()}{county.ask('from raw.file')}"
    assert not any(word in told for word in (NAME, ID, ACCOUNT))
    assert county.take_in().files == []
    (county.home.landing / name).unlink()
    assert traces(county.home.path, {NAME, ID, ACCOUNT}) == []


def test_two_files_that_differ_by_a_number_in_their_names_are_both_taken_in(county):
    other = id_number("19560304", 903)
    for name, month in ((f"低保{ID}.csv", "2024-03"), (f"低保{other}.csv", "2024-04")):
        title = f"{AREA_NAME}2024年{int(month[5:])}月农村低保花名册"
        county.arrives(
            name,
            csv_bytes(people(), title=title).replace(b"2024-03", month.encode()),
            at=1_712_000_000,
        )
    assert [file.verdict for file in county.take_in().files] == ["accept", "accept"]
    assert county.take_in().files == []


def test_reprocessing_does_not_forget_what_a_file_is_called(county):
    rows = people()
    rows[0]["身份证号"] = "123"
    county.sends("闻所未闻.csv", csv_bytes(rows))
    with county.intake() as intake:
        intake.reprocess()
    assert county.ask("select name from raw.file") == [("闻所未闻.csv",)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (ID, "***"),
        (f"院长{ID}", "院长***"),
        (f"{ID}11", "***"),
        (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", "***"),
        (f"{ID[:6]} {ID[6:10]} {ID[10:14]} {ID[14:]}", "***"),
        (f"{AREA}560304123", "***"),
        ("".join(chr(ord(one) + 0xFEE0) for one in ID), "***"),
        ("\u200b".join(ID), "***"),
        ("6.32224195603041E+17", "***"),
        ("9999 0000 0001 2345 678", "***"),
        ("联系139 1234 5678", "联系***"),
        ("199503041234567812", "***"),
        ("虚构1号养老院", None),
        (f"{AREA}100204、{AREA}100205", None),
        (f"{AREA}100204 {AREA}100205", None),
        (f"52{AREA}MJ094918AW", None),
        ("20240301120000123", None),
        (f"2024-03-15 {AREA}100", None),
        (f"{AREA}-20240315-0012", None),
        ("青民发〔2024〕12号", None),
        ("0970-8652123", None),
    ],
)
def test_what_counts_as_a_number_of_a_person(text, masked):
    assert holds_number(text) == (masked is not None)
    assert without_numbers(text) == (masked or text)


def test_a_credit_code_of_digits_is_no_account():
    """The check character of the number is 2 by GB 32100-2015; any other makes it a run of 18 digits."""
    assert [end for end in "0123456789" if not holds_number(f"12{AREA}440212346{end}")] == ["2"]


@pytest.mark.parametrize(("text", "kind", "is_one"), [
    ("虚构评估所", "organisation", True), ("三角城种互助幸福院", "organisation", True), ("虚构卓玛", "organisation", False),
    ("青民发〔2024〕1号", "document", True), ("虚构卓玛", "document", False),
])  # fmt: skip
def test_an_organisation_and_a_document_are_known_by_their_words(text, kind, is_one):
    assert is_kind(text, kind) == is_one


def test_the_ledger_notes_ordinary_names_as_they_are_and_others_by_what_is_ordinary_in_them(
    tmp_path,
):
    keys = Keys.create(tmp_path / "key.json")
    for name in (
        f"2024-03/202403低收入人口台账-{AREA_NAME}吉尔孟乡_low202.xlsx",
        "a.csv",
        "2024年3月(沙柳河镇)低保最终版-改2.xlsx",
    ):
        assert noted_name(name, lambda: keys) == name
    noted = [noted_name(f"2024-03/{one}低保.xlsx", lambda: keys) for one in ("虚构甲", "虚构乙")]
    assert [name.split("~")[0] for name in noted] == ["2024-03/***低保"] * 2
    assert noted[0] != noted[1]
    assert noted[0].endswith(".xlsx")
