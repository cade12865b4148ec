"""What a sender writes into a cell or a file's name does nothing in what we write: no formula, link, markup or forged line."""

import csv
import datetime as dt
import io
from xml.etree import ElementTree

import openpyxl
import polars as pl
import pytest

from minzheng.intake.report import problems, status
from minzheng.intake.returns import return_lists
from minzheng.leads.workbook import Township, write_workbook
from minzheng.publish.charts.canvas import Canvas
from minzheng.publish.release.files import write_csv
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import csv_bytes, people
from tests.place import AREA

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://127.0.0.1:9\",\"x\")", "＝1+1", "＋1", "－1", "＠a"]  # fmt: skip
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>]]>&\"'"


def assert_harmless(content: bytes) -> None:
    """No cell is a formula or a link, whatever its text."""
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert cell.hyperlink is None, cell.coordinate


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_of_a_csv_file_begins_like_a_formula_and_numbers_stay_numbers(tmp_path, formula):
    frame = pl.DataFrame(
        {"a": [formula, "-", "plain", None], "b": [-1.5, None, 2.0, -3.0], "c": [-1, 2, None, 4]}
    )
    write_csv(frame, tmp_path / "x.csv")
    rows = list(
        csv.reader(io.StringIO((tmp_path / "x.csv").read_bytes().decode("utf-8-sig"), newline=""))
    )
    assert [row[0] for row in rows[1:]] == ["'" + formula, "-", "plain", ""]
    assert [row[1] for row in rows[1:]] == ["-1.5", "", "2.0", "-3.0"]
    assert [row[2] for row in rows[1:]] == ["-1", "2", "", "4"]


def test_the_sheet_a_township_fills_in_holds_no_formula_of_anybody():
    hostile = [*FORMULAS, MARKUP]
    count = len(hostile)
    frame = pl.DataFrame(
        {
            "rule_id": ["CF01"] * count,
            "level": ["red"] * count,
            "title_zh": hostile,
            "instruction_zh": hostile,
            "month": ["2024-03"] * count,
            "person_key": ["k"] * count,
            "person_name": hostile,
            "person_id_no": hostile,
            "township_code": [f"{AREA}100"] * count,
            "evidence": ["dibao_roll:1:=1+1:3"] * count,
            "opened_on": [dt.date(2024, 4, 1)] * count,
            "due_on": [dt.date(2024, 5, 1)] * count,
            "state": ["open"] * count,
            "outcome": [None] * count,
            "decided_on": [None] * count,
            "holds": [True] * count,
            "complete": [True] * count,
            "unsure": [False] * count,
            "newly_opened": [True] * count,
            "case_id": [f"c{number}" for number in range(count)],
        },
        schema_overrides={"outcome": pl.String, "decided_on": pl.Date},
    )
    assert_harmless(
        write_workbook(frame, Township(f"{AREA}100", "=沙柳河镇"), "2024-03", {}, {}, {})
    )


def test_a_return_list_holds_no_formula_of_the_file_it_answers(office):
    rows = people()
    for number, formula in enumerate(FORMULAS[:4]):
        rows[number] |= {"救助类别": formula, "月保障金额": formula}
    office.receives({"2024-03/=cmd.csv": csv_bytes(rows)})
    with open_warehouse(office.home) as connection:
        connection.execute(
            "insert into register.coverage select dataset, month, unnest(string_split(township_codes, ',')), intake_no, null, null, 1, 1 from raw.file"
        )
        books = return_lists(connection, "2024-03", dt.date(2024, 4, 2))
    assert books
    for content in books.values():
        assert_harmless(content)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        told = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        assert "'=cmd.csv" in told
        assert not [cell for cell in told if cell.startswith(("=", "+", "@"))]


def test_a_drawing_shows_markup_as_text():
    canvas = Canvas(100, 100, MARKUP, MARKUP)
    canvas.text(1, 1, MARKUP, 12)
    root = ElementTree.fromstring(canvas.done())
    names = {element.tag.rsplit("}", 1)[-1] for element in root.iter()}
    assert not names & {"script", "img", "image", "foreignObject", "a"}
    assert MARKUP in ["".join(element.itertext()) for element in root.iter()]


def test_a_file_name_cannot_forge_a_line_or_steer_a_terminal(office):
    name = "a\x1b[31m\nminzheng: 1 accepted\u202egpj.csv"
    report = office.receives({f"2024-03/{name}": b"x", "2024-03/b.csv": csv_bytes(people())})
    told = "\n".join(line for pair in problems(report) for line in pair) + str(
        status(office.home)["files"]
    )
    assert not {"\x1b", "\u202e"} & set(told)
    assert not any(line.startswith("minzheng: 1") for line in told.splitlines())


def test_names_of_tables_in_cells_and_headers_reach_no_sql(office):
    rows = [row | {"姓名": "x'; drop table raw.file; --"} for row in people()]
    content = csv_bytes(rows).replace("户口性质".encode(), b'x"); drop table raw.file; --')
    office.receives(
        {"2024-03/x'; drop table raw.file; --.csv": content, "2024-03/ok.csv": csv_bytes(people())}
    )
    assert office.ask("select count(*) from raw.file") == [(2,)]
    assert not [path for path in office.home.path.rglob("*") if "pwned" in path.name]
