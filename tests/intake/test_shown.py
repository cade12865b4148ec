"""Cells are read as a person sees them: in every form of file, and the same in each."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.contracts.datasets import dataset
from minzheng.intake.number_format import shown
from minzheng.intake.read import read_file
from minzheng.intake.scope import month_named, span_named
from tests.conftest import read_drawing
from tests.intake.old_workbook import old_workbook
from tests.intake.roster import with_part
from tests.intake.sheets import FORMS, Shown, as_csv, as_file, as_xls, as_xlsx, lines_of, rows_of
from tests.place import AREA, AREA_NAME

FORMATS = """
    kept      | format                                | seen
    0.041     | 0.0%                                  | 4.1%
    0.518     | 0%                                    | 52%
    486000    | #,##0,                                | 486
    486500    | #,##0,                                | 487
    486500    | #,##0.0,                              | 486.5
    4860000   | 0,,                                   | 5
    12345     | 0!.0,"万"                              | 1.2万
    12345     | 0\\.0,                                 | 1.2
    12345     | 0"."0,"万"                             | 1.2万
    123456    | 0!.0000                               | 12.3456
    1.23      | 0.00"万"                               | 1.23万
    3         | 0"百"                                  | 3百
    12345     | [>=10000]0!.0,"万";0                   | 1.2万
    123       | [>=10000]0!.0,"万";0                   |
    486       | 0"元"                                  |
    486.5     | 0                                     | 487
    486.5     | #,##0.00                              | 486.50
    -486      | #,##0.00_);(#,##0.00)                 |
    -486.5    | #,##0_);[Red](#,##0)                  | -487
    1215      | _ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ @_  |
    12        | 000000                                | 000012
    12        | "GC"0000                              | GC0012
    45352     | yyyy-mm-dd                            |
    45352     | yyyy"年"m"月"                           |
    1234567   | 0.00E+00                              |
    0.5       | # ?/?                                 |
    1.005     | General                               |
    5         | ;;;                                   |
"""


@pytest.mark.parametrize(
    ("kept", "code", "seen"), read_drawing(FORMATS)[1], ids=lambda text: str(text)
)
def test_a_number_under_its_format_is_the_text_that_a_person_sees(kept, code, seen):
    found = shown(float(kept), code)
    assert (found and found[0]) == seen


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from(["", "%", ",", ",,"]))
def test_a_number_that_its_format_shows_whole_is_that_number_scaled(digits, decimals, mark):
    """A number with as many digits as the format shows: nothing is hidden, nothing is lost."""
    seen = Decimal(digits).scaleb(-decimals)
    scale = {"": Decimal(1), "%": Decimal("0.01"), ",": Decimal(1000), ",,": Decimal(10**6)}[mark]
    code = "#,##0" + ("." + "0" * decimals if decimals else "") + mark
    found = shown(float(seen * scale), code)
    text, hidden = found or (str(seen * scale), False)
    assert (Decimal(text.removesuffix("%")), hidden) == (seen, False)


KINDS = """
    dataset         | column            | kept    | format        | seen     | read as | reason          | flag
    cpi_series      | 居民消费价格同比      | 0.041   | 0.0%          | 4.1%     | 4.1     |                 |
    lowinc_register | 刚性支出占比     | 0.518   | 0.0%          | 51.8%    | 51.8    |                 |
    lowinc_register | 刚性支出占比     | 0.518   | 0%            | 52%      | 52      |                 | shown_rounded
    lowinc_register | 刚性支出占比     | 0.518   | @             | 0.518    | 0.518   |                 |
    policy_param    | 数值               | 486000  | #,##0,        | 486      | 486     |                 |
    dibao_roll      | 月保障金额           | 486000  | #,##0,        | 486      | 486     |                 |
    tekun_roll      | 基本生活费           | 486500  | #,##0,        | 487      | 487     |                 | shown_rounded
    payment_ledger  | 实发金额            | 486.5   | 0             | 487      | 487     |                 | shown_rounded
    payment_ledger  | 实发金额            | 486.5   | #,##0.00      | 486.50   | 486.50  |                 |
    dibao_roll      | 月保障金额           | 12345   | 0!.0,"万"      | 1.2万     |         | amount_format   |
    tekun_roll      | 照料护理费           | 3       | 0"百"          | 3百       |         | amount_format   |
    elder_roll      | 月补贴金额           | 4.86    | 0%            | 486%     |         | amount_format   |
    care_facility   | 床位数             | 0.76    | 0%            | 76%      |         | number_format   |
    community_care  | 服务人次            | 76000   | 0,            | 76       | 76      |                 |
    dibao_roll      | 户编号             | 12      | 000000        | 000012   | 000012  |                 |
    care_facility   | 机构代码            | 12      | "JG"0000      | JG0012   | JG0012  |                 |
    dibao_roll      | 起始年月            | 2023.1  | 0.00          | 2023.10  | 2023-10 |                 |
    dibao_roll      | 起始年月            | 2023.1  | 0.0           | 2023.1   |         | month_ambiguous |
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "header", "kept", "code", "seen", "value", "reason", "flag"),
    read_drawing(KINDS)[1],
    ids=lambda text: str(text),
)
def test_a_formatted_number_is_read_as_shown_or_quarantined_with_a_reason(
    form, name, header, kept, code, seen, value, reason, flag
):
    """The table's second row holds the cell; the first is an ordinary one, so that the file is never without a usable row."""
    rows = rows_of(name, 1 if name == "cpi_series" else 2)
    rows[-1][header] = Shown(kept if code == "@" else float(kept), code, seen)
    (reading,) = read_file(f"a.{form}", as_file(form, lines_of(name, rows)), "2024-03")
    if reason:
        assert reading.quarantine.select("column_name", "rule_id").rows() == [
            (column_of(name, header), reason)
        ]
        return
    assert (reading.refused, reading.reasons) == ([], [])
    found = reading.rows[column_of(name, header)].to_list()[-1]
    assert found == (value if isinstance(found, str) else pytest.approx(Decimal(value)))
    assert ("shown_rounded" in reading.flags) == (flag is not None and form != "csv")


def column_of(name: str, header: str) -> str:
    """The name of a dataset's column by its header."""
    return next(column.name for column in dataset(name).columns if column.header == header)


TIMES = [
    "2024-03-25 08:30:10",
    "2024/3/25 8:30",
    "2024-03-25T08:30:10.5",
    "2024年3月25日 8时30分",
    "20240325083010",
]
TIMES += ["2024/3/25 上午 8:30:10", "2024.3.25 23:59:59", "２０２４－０３－２５ ０８：３０：１０"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "header"),
    [("payment_ledger", "发放日期"), ("temp_aid", "申请日期"), ("death_list", "死亡日期")],
)
def test_a_date_with_a_time_of_day_is_that_day(form, name, header):
    rows = rows_of(name, len(TIMES) + 1)
    for row, text in zip(rows, TIMES, strict=False):
        row[header] = text
        row |= {"发放日期": "2024-03-31"} if name == "temp_aid" else {}
    moment = 45376 + (8 * 3600 + 30 * 60 + 11) / 86400
    rows[-1][header] = Shown(moment, "yyyy/m/d h:mm:ss", "2024/3/25 8:30:11")
    rows[-1] |= {"发放日期": "2024-03-31"} if name == "temp_aid" else {}
    (reading,) = read_file(f"a.{form}", as_file(form, lines_of(name, rows)), "2024-03")
    column = column_of(name, header)
    assert (reading.refused, reading.reasons) == ([], [])
    assert set(reading.rows[column].to_list()) == {dt.date(2024, 3, 25)}


FORMULAS = [
    ("dibao_roll", "月保障金额"),
    ("pwd_roll", "困难残疾人生活补贴"),
    ("community_care", "服务人次"),
]


@pytest.mark.parametrize(("name", "header"), FORMULAS)
@pytest.mark.parametrize("saved", [None, 0])
def test_a_formula_without_a_result_of_its_own_is_no_value(name, header, saved):
    """xlsxwriter, like others that cannot compute, saves a zero and asks for recalculation when the workbook is opened."""
    rows = rows_of(name, 3)
    rows[1][header] = Shown(saved, "General", "", formula="100+0")
    (reading,) = read_file("a.xlsx", as_xlsx(lines_of(name, rows)), "2024-03")
    assert (reading.accepted, reading.reasons, reading.flags) == (
        2,
        ["formula_no_value"],
        ["formula_cells"],
    )


@pytest.mark.parametrize(("name", "header"), FORMULAS)
@pytest.mark.parametrize(("saved", "accepted"), [(None, 2), (0, 3), (7, 3)])
def test_a_formula_of_an_old_workbook_without_a_result_is_no_value(name, header, saved, accepted):
    rows = rows_of(name, 3)
    rows[1][header] = Shown(saved, "General", "", formula="100+0")
    (reading,) = read_file("a.xls", as_xls(lines_of(name, rows)), "2024-03")
    assert (reading.accepted, reading.flags) == (
        accepted,
        [*told_of_zero(name, saved), "formula_cells"],
    )
    assert reading.reasons == ([] if accepted == 3 else ["formula_no_value"])


@pytest.mark.parametrize(("name", "header"), FORMULAS)
def test_a_zero_that_a_formula_gave_is_zero_where_nothing_asks_for_recalculation(name, header):
    rows = rows_of(name, 3)
    rows[1][header] = Shown(0, "General", "", formula="100-100")
    content = with_part(
        as_xlsx(lines_of(name, rows)),
        "xl/workbook.xml",
        lambda xml: xml.replace(b' fullCalcOnLoad="1"', b""),
    )
    (reading,) = read_file("a.xlsx", content, "2024-03")
    flags = [*told_of_zero(name, 0), "formula_cells"]
    assert (reading.accepted, reading.reasons, reading.flags) == (3, [], flags)


def told_of_zero(name: str, value: int | None) -> list[str]:
    """An active dibao household with an amount of zero is told of."""
    return ["amount_zero"] if (name, value) == ("dibao_roll", 0) else []


NUMBERS = [
    ("dibao_roll", "户编号"),
    ("lowinc_register", "户编号"),
    ("payment_ledger", "发放编号"),
    ("pwd_roll", "残疾证号"),
]
NUMBERS += [
    ("temp_aid", "救助编号"),
    ("application", "申请编号"),
    ("care_facility", "机构代码"),
    ("dibao_roll", "银行账号"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "header"), NUMBERS)
@pytest.mark.parametrize("text", ["6.32224E+15", "6.3E15", "6e+15", "63.2E14", "6,3E+15"])
def test_a_number_in_scientific_notation_has_lost_digits_in_every_key(form, name, header, text):
    rows = rows_of(name, 3)
    rows[1][header] = text
    (reading,) = read_file(f"a.{form}", as_file(form, lines_of(name, rows)), "2024-03")
    if header == "银行账号":
        assert (reading.accepted, reading.flags, reading.rows["bank_account"][1]) == (
            3,
            ["account_precision_lost"],
            None,
        )
    else:
        assert (reading.accepted, reading.reasons) == (2, ["precision_lost"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "header"), NUMBERS)
@pytest.mark.parametrize("text", ["/", "-", "无", "0", "——", "暂无", "＼", "N/A"])
def test_a_placeholder_is_no_number_of_anything(form, name, header, text):
    rows = rows_of(name, 3)
    rows[1][header] = text
    (reading,) = read_file(f"a.{form}", as_file(form, lines_of(name, rows)), "2024-03")
    if header in ("银行账号", "户编号"):
        flag, column = (
            ("account", "bank_account") if header == "银行账号" else ("household", "household_no")
        )
        assert (reading.accepted, reading.flags) == (3, [f"{flag}_placeholder"])
        assert reading.rows[column].null_count() == 1
    else:
        assert (reading.accepted, reading.reasons) == (2, ["key_placeholder"])


def test_running_household_numbers_count_inside_their_village(county):
    rows = rows_of("dibao_roll", 8)
    for number, row in enumerate(rows):
        row["户编号"] = str(number // 2 + 1)
    rows[-1]["户编号"] = "/"
    county.sends("a.csv", as_csv(lines_of("dibao_roll", rows)))
    assert county.ask("select count(distinct household_key), count(*) from raw.dibao_roll") == [
        (7, 8)
    ]


def test_a_long_household_number_in_two_villages_is_one_household_and_told():
    rows = [row | {"户编号": f"{AREA}201000001A"} for row in rows_of("dibao_roll", 2)]
    (reading,) = read_file("a.csv", as_csv(lines_of("dibao_roll", rows)), None)
    assert (reading.accepted, reading.flags) == (2, ["household_in_villages"])


MONTHS = """
    rows    | title   | folder  | name         | month or reason
    2024.1  |         | 2024-10 | a            | 2024-10
    2024.1  | 2024年10月 |         | a            | 2024-10
    2024.1  | 2024年1月  |         | a            | 2024-01
    2024.1  |         |         | 2024年10月     | 2024-10
    2024.1  |         |         | a            | period_ambiguous
    2024.1  | 2024年3月  |         | a            | period_mismatch
    2024.10 |         |         | a            | 2024-10
    2024.2  |         |         | a            | 2024-02
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "tekun_roll", "community_care"])
@pytest.mark.parametrize(
    ("rows", "title", "folder", "file", "wanted"),
    read_drawing(MONTHS)[1],
    ids=lambda text: str(text),
)
def test_the_month_2024_1_is_what_title_folder_or_name_say_and_never_silently_january(
    form, name, rows, title, folder, file, wanted
):
    lines = lines_of(
        name,
        [row | {"统计月份": rows} for row in rows_of(name, 2)],
        f"{AREA_NAME}{title or ''}花名册",
    )
    (reading,) = read_file(f"{file}.{form}", as_file(form, lines), folder)
    assert (reading.refused or [reading.month]) == [wanted]


STARTS = """
    one     | other   | read as
    2021.1  | 2021.2  | quarantined
    2021.1  | 2022.10 | 2021-01
    2021.10 | 2021.2  | 2021-10
    2021.01 | 2021.2  | 2021-01
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["dibao_roll", "pwd_roll", "elder_roll"])
@pytest.mark.parametrize(
    ("one", "other", "wanted"), read_drawing(STARTS)[1], ids=lambda text: str(text)
)
def test_a_month_in_a_row_may_have_lost_its_zero_unless_its_column_shows_that_zeros_are_kept(
    form, name, one, other, wanted
):
    rows = rows_of(name, 2)
    rows[0]["起始年月"], rows[1]["起始年月"] = one, other
    (reading,) = read_file(f"a.{form}", as_file(form, lines_of(name, rows)), None)
    if wanted == "quarantined":
        assert reading.quarantine.select("row_no", "rule_id").rows() == [(3, "month_ambiguous")]
    else:
        assert reading.rows["start_month"][0] == wanted


def test_a_number_2024_1_in_a_workbook_may_have_lost_its_zero_whatever_stands_beside_it():
    rows = rows_of("dibao_roll", 2)
    rows[0]["起始年月"], rows[1]["起始年月"] = 2021.1, "2021.10"
    for form in ("xlsx", "xls"):
        (reading,) = read_file("a", as_file(form, lines_of("dibao_roll", rows)), None)
        assert reading.quarantine["row_no"].to_list() == [3]


SPANS = f"""
    title                     | first   | last
    {AREA_NAME}2024年1月至3月花名册     | 2024-01 | 2024-03
    {AREA_NAME}2024年1月—3月花名册     | 2024-01 | 2024-03
    {AREA_NAME}2024年1-3月花名册       | 2024-01 | 2024-03
    {AREA_NAME}2024年1～3月花名册      | 2024-01 | 2024-03
    {AREA_NAME}2024年1月到3月花名册     | 2024-01 | 2024-03
    {AREA_NAME}二〇二四年一月至三月花名册  | 2024-01 | 2024-03
    {AREA_NAME}2024年一季度花名册       | 2024-01 | 2024-03
    {AREA_NAME}2024年第1季度花名册      | 2024-01 | 2024-03
    {AREA_NAME}2024年度第四季度花名册    | 2024-10 | 2024-12
    {AREA_NAME}2024年上半年花名册       | 2024-01 | 2024-06
    {AREA_NAME}2023年11月至2024年1月   | 2023-11 | 2024-01
    {AREA_NAME}2024年全年花名册        | 2024-01 | 2024-12
    {AREA_NAME}2024年3月花名册         |         |
    {AREA_NAME}2024-03花名册          |         |
    {AREA_NAME}二〇二四年三月花名册      |         |
"""


@pytest.mark.parametrize(
    ("title", "first", "last"), read_drawing(SPANS)[1], ids=lambda text: str(text)
)
def test_titles_over_several_months_name_a_span_and_no_month(title, first, last):
    assert span_named(title) == ((first, last) if first else None)
    assert month_named(title) == (None if first else "2024-03")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["elder_roll", "dibao_roll", "death_list"])
@pytest.mark.parametrize("title", [drawn[0] for drawn in read_drawing(SPANS)[1][:8]])
def test_titles_that_say_the_same_span_are_judged_alike(form, name, title):
    (reading,) = read_file(
        f"a.{form}", as_file(form, lines_of(name, rows_of(name, 2), title)), None
    )
    assert (reading.refused or [reading.month]) == (
        ["period_unknown"] if name == "death_list" else ["2024-03"]
    )
    (later,) = read_file(
        f"a.{form}", as_file(form, lines_of(name, rows_of(name, 2, month="2024-05"), title)), None
    )
    assert later.refused == (["period_unknown"] if name == "death_list" else ["period_mismatch"])


def test_struck_and_hidden_rows_of_an_old_workbook_are_told():
    lines = [[cell for cell in line] for line in lines_of("dibao_roll", rows_of("dibao_roll", 3))]
    (reading,) = read_file("a.xls", old_workbook({"花名册": lines}, hidden={3}), None)
    assert (reading.accepted, reading.flags) == (3, ["hidden_rows"])
