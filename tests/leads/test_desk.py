"""Lists, counts and workbooks of the desk, through the real command line where a user would."""

import datetime as dt
import io
import stat

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.leads.cases import outcome_codes
from minzheng.leads.desk import (
    counts,
    evidence_places,
    leads_of,
    list_ages,
    lists_zh,
    restricted_list,
    trend,
    with_identities,
)
from minzheng.leads.filled import FAULTS, read_filled
from minzheng.leads.matching import compute
from minzheng.leads.workbook import (
    HEADINGS,
    HIDDEN,
    SHEET,
    TITLE_ROWS,
    UNSURE_SHEET,
    Township,
    masked_id,
    masked_name,
    write_workbook,
)
from minzheng.warehouse.connection import open_warehouse
from tests.leads.conftest import TOWNSHIP, County
from tests.leads.test_cases import on_both_rolls
from tests.place import AREA

MONTHS = ("2024-02", "2024-03")


TODAY = dt.date(2024, 5, 1)
FIRST = TITLE_ROWS + 2


def written(frame, months=None):
    """The workbook of a frame of leads."""
    return write_workbook(
        frame, Township(f"{AREA}100", "沙柳河镇"), "2024-03", {}, {}, months or {}
    )


def read(path):
    return read_filled(path.read_bytes(), path.name, TODAY)


def cell_of(frame, town, rule_id, column):
    code = {"A": f"{AREA}100", "B": f"{AREA}200"}[town]
    return frame.filter(pl.col("township_code") == code, pl.col("rule_id") == rule_id)[
        column
    ].item()


def test_counts_tell_zero_from_not_known_and_say_how_old_the_lists_are(county):
    county.covered("2024-02")
    county.covered("2024-03", townships="A")
    county.covered("2024-03", townships="B", without=["dibao_roll"])
    county.rows("dibao_roll", "person_key | town | month\n p | B | 2024-02")
    county.rows("tekun_roll", "person_key | town | month\n p | B | 2024-02")
    compute(county.connection, MONTHS)
    frame = counts(county.connection, "2024-03")
    assert frame.columns[:9] == [
        "month", "township_code", "rule_id", "kind", "level", "title_zh", "leads", "open_cases", "overdue"
    ]  # fmt: skip
    assert cell_of(frame, "A", "CF01", "leads") == 0
    assert cell_of(frame, "B", "CF01", "leads") is None
    assert cell_of(frame, "B", "CF01", "open_cases") == 1
    assert (
        cell_of(frame, "B", "CF01", "last_evaluated"),
        cell_of(frame, "B", "CF01", "list_age"),
    ) == ("2024-02", 1)
    assert (cell_of(frame, "A", "CF01", "complete"), cell_of(frame, "B", "CF01", "complete")) == (
        True,
        False,
    )
    assert trend(county.connection, MONTHS).height == 2 * frame.height


def test_a_case_is_overdue_after_its_due_date_and_not_on_it(county):
    county.covered("2024-03", received="2024-04-05 08:00:00")
    on_both_rolls(county, "2024-03")
    compute(county.connection, ["2024-03"])
    due = dt.date(2024, 4, 15)
    assert cell_of(counts(county.connection, "2024-03", on=due), "A", "CF01", "overdue") == 0
    assert (
        cell_of(
            counts(county.connection, "2024-03", on=due + dt.timedelta(1)), "A", "CF01", "overdue"
        )
        == 1
    )


def test_the_list_gets_id_numbers_where_there_are_any_and_leaves_waiting_cases_out(county):
    county.covered("2024-02", "2024-03")
    on_both_rolls(county, "2024-03")
    on_both_rolls(county, "2024-03", person="no_number")
    compute(county.connection, MONTHS)
    identities = pl.DataFrame(
        {
            "person_key": ["p", "p"],
            "person_id_no": [f"{AREA}19700101001X", None],
            "person_name": ["虚构卓玛"] * 2,
        }
    )
    frame = restricted_list(
        with_identities(leads_of(county.connection, "2024-03"), identities)
    ).filter(pl.col("rule_id") == "CF01")
    assert frame.columns == [
        "rule_id",
        "level",
        "person_id_no",
        "township_code",
        "opened_on",
        "due_on",
        "state",
        "outcome",
    ]
    assert frame["person_id_no"].to_list() == [None, f"{AREA}19700101001X"]
    assert set(frame["state"]) == {"open"}


def test_evidence_places_survive_odd_sheet_names():
    frame = pl.DataFrame(
        {"case_id": ["c"], "evidence": ["dibao_roll:7:花名册:2:12;asset_hit:8::3"]}
    )
    assert evidence_places(frame).rows() == [
        ("c", "dibao_roll", 7, "花名册:2", 12),
        ("c", "asset_hit", 8, "", 3),
    ]


def test_masks_hide_the_birth_date_and_the_given_name():
    assert masked_id(f"{AREA}19700101001X") == f"{AREA}********001X"
    assert masked_id(None) == "无证件号码"
    assert masked_name("示例才让") == "示***"


@pytest.fixture
def book(county, tmp_path):
    """A written workbook of one case, and a function that fills it in."""
    county.covered("2024-03")
    on_both_rolls(county, "2024-03")
    compute(county.connection, ["2024-03"])
    frame = leads_of(county.connection, "2024-03").filter(pl.col("rule_id") == "CF01")
    path = tmp_path / "沙柳河镇.xlsx"
    path.write_bytes(written(frame))

    def fill(**cells):
        book = openpyxl.load_workbook(path)
        for heading, value in cells.items():
            book.active.cell(FIRST, HEADINGS.index(heading) + 1, value)
        book.save(path)
        return path

    fill.case_id = frame["case_id"].item()
    return fill


def test_a_workbook_comes_back_with_the_answer_it_was_given(book):
    path = book(核查结果="属实_已停发或已更正", 核查日期=dt.date(2024, 4, 20))
    (answer,) = read(path).answers
    assert (answer.case_id, answer.month, answer.code) == (book.case_id, "2024-03", "corrected")
    assert (answer.decided_on, answer.row_no, answer.seen) == (dt.date(2024, 4, 20), FIRST, 0)


@pytest.mark.parametrize("text", ["2024-04-20", "2024/4/20", "2024.4.20", "2024年4月20日"])
def test_a_day_typed_as_text_is_read(book, text):
    assert read(book(核查结果="corrected", 核查日期=text)).answers[0].decided_on == dt.date(
        2024, 4, 20
    )


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"核查结果": "=1+1", "核查日期": "2024-04-20"}, "unknown_code"),
        ({"核查结果": "随便", "核查日期": "2024-04-20"}, "unknown_code"),
        ({"核查结果": "核实中"}, "bad_date"),
        ({"核查结果": "核实中", "核查日期": "2024-02-29"}, "bad_date"),
        ({"核查结果": "核实中", "核查日期": "昨天"}, "bad_date"),
        ({"核查日期": "2024-04-20"}, "unknown_code"),
        ({"情况说明": "已入户"}, "unknown_code"),
        ({"核查结果": "核实中", "核查日期": "2024-05-02"}, "bad_date"),
        ({"核查结果": "核实中", "核查日期": "2024-04-20", "线索编号": " "}, "case_damaged"),
        ({"核查结果": "核实中", "核查日期": "2024-04-20", "情况说明": "长" * 501}, "note_too_long"),
        ({"核查结果": "核实中", "核查日期": "2024-04-20", "清单月份": "三月"}, "case_damaged"),
    ],
)
def test_a_row_that_cannot_be_used_refuses_the_file_and_names_the_row(book, cells, fault):
    with pytest.raises(MinzhengError, match=f"rows {FIRST}\\({fault}\\)$") as refused:
        read(book(**cells))
    assert f"线索核查第{FIRST}行：{FAULTS[fault]}" in refused.value.zh


def test_an_untouched_workbook_holds_no_answer_and_hides_what_is_not_for_clerks(book):
    path = book()
    assert read(path).answers == ()
    sheet = openpyxl.load_workbook(path).active
    letters = {
        heading: openpyxl.utils.get_column_letter(n) for n, heading in enumerate(HEADINGS, 1)
    }
    assert all(sheet.column_dimensions[letters[heading]].hidden for heading in HIDDEN)
    assert any(
        len(outcome_codes()) == rule.formula1.count(",") + 1
        for rule in sheet.data_validations.dataValidation[:1]
    )


def test_another_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(MinzhengError, match="not a leads workbook"):
        read(path)
    path.write_text("text")
    with pytest.raises(MinzhengError, match="not a leads workbook"):
        read(path)


def test_the_command_line_lists_exports_imports_and_reports_a_conflict(tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home = Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        county = County(connection)
        county.covered("2024-03")
        on_both_rolls(county, "2024-03")
        compute(connection, ["2024-03"])
        county.was_run("2024-03")

    def run(*words):
        return CliRunner().invoke(cli, ["leads", *words, "--home", str(home.path)])

    listed = run("list", "--month", "2024-03", "--to", str(tmp_path / "l.parquet"))
    assert listed.exit_code == 0, listed.output
    assert "CF01" in pl.read_parquet(tmp_path / "l.parquet")["rule_id"].to_list()
    assert stat.S_IMODE((tmp_path / "l.parquet").stat().st_mode) == 0o600
    exported = run("export", "--month", "2024-03", "--to", str(tmp_path / "books"))
    assert exported.exit_code == 0, exported.output
    (path,) = (tmp_path / "books").iterdir()
    for finding, code, words in (
        ("核实中", 0, "1 answers recorded"),
        ("核实中", 0, "1 known already"),
        ("不属实_数据有误", 1, ""),
    ):
        book = openpyxl.load_workbook(path)
        row = next(
            r
            for r in range(FIRST, 40)
            if book.active.cell(r, HEADINGS.index("规则") + 1).value == "CF01"
        )
        book.active.cell(row, HEADINGS.index("核查结果") + 1, finding)
        book.active.cell(row, HEADINGS.index("核查日期") + 1, "2024-04-20")
        book.save(path)
        result = run("import", str(path))
        assert result.exit_code == code, result.output
        assert words in result.output
    assert str(row) in str(result.exception)


@pytest.mark.parametrize(
    "words", ["list --to l.parquet", "export --to books", "measures", "register", "watch"]
)
def test_a_month_that_was_never_run_has_no_list_of_nobody(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home = Home(tmp_path / "home").create()
    asked = ["leads", *words.split(), "--month", "2024-03", "--home", str(home.path)]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 1
    assert "2024年3月尚未计算" in result.exception.zh
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_lead_that_rests_on_a_list_without_the_township_says_so_in_the_workbook(county):
    county.covered("2024-03", townships="A", without=["elder_roll"])
    county.covered("2024-03", townships="B")
    county.rows("dibao_roll", "person_key | town\n p | A\n p | B")
    compute(county.connection, ["2024-03"])
    frame = (
        leads_of(county.connection, "2024-03")
        .filter(pl.col("rule_id") == "CF02")
        .sort("township_code")
    )
    assert frame["complete"].to_list() == [False, True]
    sheet, column = (
        openpyxl.load_workbook(io.BytesIO(written(frame))).active,
        HEADINGS.index("在哪里看") + 1,
    )
    assert ["名单未齐" in sheet.cell(row, column).value for row in (FIRST, FIRST + 1)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_home_that_has_a_key_gives_nothing_to_a_machine_without_it(
    tmp_path, monkeypatch, command
):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "none.json"))
    home = Home(tmp_path / "home").create()
    (home.vault / "KEY").write_text('{"key_id": "k", "check": "c"}', encoding="ascii")
    words = [
        "leads",
        command,
        "--month",
        "2024-03",
        "--to",
        str(tmp_path / "out"),
        "--home",
        str(home.path),
    ]
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, MinzhengError)
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_nobody_is_judged_by_a_list_that_has_not_come(county):
    county.covered("2024-02")
    county.covered("2024-03", townships="A", without=["dibao_roll"])
    county.covered("2024-03", townships="B")
    county.rows(
        "payment_ledger",
        """
        person_key | town | scheme   | payment_kind | amount_paid | paid_on
        p          | A    | 农村低保 | 基本         | 400         | 2024-03-10
        q          | B    | 农村低保 | 基本         | 400         | 2024-03-10
        """,
    )
    compute(county.connection, ["2024-02", "2024-03"])
    numbers = counts(county.connection, "2024-03")
    assert [cell_of(numbers, town, "CB06", "leads") for town in "AB"] == [None, 1], (
        "unknown, not none"
    )
    assert leads_of(county.connection, "2024-03")["person_key"].to_list() == ["q"]
    assert cell_of(numbers, "A", "CF03", "leads") == 0, "a rule that finds what is there goes on"


def test_leads_that_a_short_list_made_are_counted_apart_and_stand_on_a_sheet_of_their_own(county):
    county.covered("2024-02")
    county.covered("2024-03", townships="A", rows=59)
    county.covered("2024-03", townships="B")
    county.rows(
        "payment_ledger",
        """
        person_key | town | scheme   | payment_kind | amount_paid | paid_on
        p          | A    | 农村低保 | 基本         | 400         | 2024-03-10
        q          | B    | 农村低保 | 基本         | 400         | 2024-03-10
        """,
    )
    county.rows("tekun_roll", "person_key | town\n double | B")
    county.rows("pwd_roll", "person_key | town | living_amount\n double | A | 100")
    compute(county.connection, ["2024-02", "2024-03"])
    numbers = counts(county.connection, "2024-03")
    assert [cell_of(numbers, town, "CB06", "unsure") for town in "AB"] == [1, 0]
    assert cell_of(numbers, "A", "CB05", "unsure") == 1
    assert cell_of(numbers, "A", "CF03", "unsure") == 0
    frame = leads_of(county.connection, "2024-03")
    book = openpyxl.load_workbook(
        io.BytesIO(written(frame.filter(pl.col("township_code") == TOWNSHIP["A"])))
    )
    rules_on = {
        sheet.title: {
            sheet.cell(row, HEADINGS.index("规则") + 1).value
            for row in range(FIRST, sheet.max_row + 1)
        }
        for sheet in book
    }
    assert rules_on[SHEET] == {"CF03"}
    assert {"CB05", "CB06"} <= rules_on[UNSURE_SHEET]
    assert "先补报名单" in book[UNSURE_SHEET].cell(2, 1).value


def test_a_township_is_told_how_old_each_list_is(county):
    county.covered("2024-01")
    county.covered("2024-02", without=["death_list", "asset_hit"])
    county.covered(
        "2024-03", townships="A", without=["death_list", "dibao_roll", "asset_hit"], rows=59
    )
    county.covered("2024-03", townships="B", without=["death_list", "asset_hit"])
    county.connection.execute("delete from register.coverage where dataset = 'asset_hit'")
    ages = list_ages(county.connection, "2024-03")
    told = [
        lists_zh(ages.filter(pl.col("township_code") == TOWNSHIP[town]), "2024-03") for town in "AB"
    ]
    assert "死亡人员信息最近一期为2024年1月(早2个月)" in told[0]
    assert "城乡低保花名册最近一期为2024年2月(早1个月)" in told[0]
    assert "特困人员救助供养花名册不足上期六成" in told[0]
    assert "临时救助台账不足" not in told[0], "a ledger of events may be short in a quiet month"
    assert all("从未报送" in text for text in told)
    assert "低保" not in told[1]
    county.covered("2024-04")
    ages = list_ages(county.connection, "2024-04").filter(pl.col("township_code") == TOWNSHIP["A"])
    assert lists_zh(ages, "2024-04") == "名单情况:所依据的名单均为本月。"


def test_the_age_of_a_list_is_that_of_the_townships_own(county):
    county.covered("2024-02")
    county.covered("2024-03", townships="A", without=["dibao_roll"])
    county.covered("2024-03", townships="B")
    compute(county.connection, MONTHS)
    frame = counts(county.connection, "2024-03")
    assert [cell_of(frame, town, "CB06", "list_age") for town in "AB"] == [1, 0]
    assert [cell_of(frame, town, "CF03", "list_age") for town in "AB"] == [0, 0]
