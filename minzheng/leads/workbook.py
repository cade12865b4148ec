"""The workbook a township fills in: masked persons, where to look, a drop-down for the finding, a hidden case id.

Nothing typed by a township is trusted: codes, days and case ids are checked row by row, formulas are read as text.
"""

import datetime as dt
import io
from pathlib import Path

import polars as pl

from minzheng.contracts import dataset
from minzheng.errors import MinzhengError
from minzheng.leads.cases import outcome_codes, states
from minzheng.leads.desk import evidence_places
from minzheng.leads.outcomes import Answer
from minzheng.leads.rules import LEVEL_ZH
from minzheng.months import check_month, month_zh

SHEET = "线索核查"
HEADINGS = (
    "序号", "规则", "级别", "线索", "姓名", "身份证号", "依据", "开立日期", "办理期限", "状态", "核查要点",
    "核查结果", "核查日期", "线索编号", "清单月份", "已知答复",
)  # fmt: skip
WIDTHS = (6, 7, 6, 34, 9, 21, 34, 12, 12, 10, 44, 24, 13, 18, 10, 8)
HIDDEN = ("线索编号", "清单月份", "已知答复")
TITLE_ROWS = 2


def masked_id(number: str | None) -> str:
    """The id number with the birth date hidden: 632224********001X; without a number 无证件号码."""
    return f"{number[:6]}********{number[-4:]}" if number else "无证件号码"


def masked_name(name: str | None) -> str:
    """The first character of the name, the others as stars."""
    return name[0] + "*" * (len(name) - 1) if name else ""


def places_zh(frame: pl.DataFrame) -> dict[str, str]:
    """Case id to the places to look at, as a clerk reads them: 城乡低保花名册第12行."""
    places: dict[str, list[str]] = {}
    for case_id, name, _, _, row_no in evidence_places(frame).iter_rows():
        places.setdefault(case_id, []).append(f"{dataset(name).title.zh.split('(')[0]}第{row_no}行")
    return {case_id: ";".join(dict.fromkeys(found)) for case_id, found in places.items()}


def write_workbook(frame: pl.DataFrame, township: str, month: str, seen: dict[str, int]) -> bytes:
    """The workbook of one township as bytes, the same for the same input.

    `frame`: rows of `leads_of` with identities; `seen`: case id to the number of its last entry.
    """
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime.fromisoformat(f"{month}-01T00:00:00")})
    sheet = book.add_worksheet(SHEET)
    bold = book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#D9E2F3", "align": "center"})
    plain, typed = (
        book.add_format({"border": 1, "text_wrap": True}),
        book.add_format({"border": 1, "num_format": "yyyy-mm-dd", "bg_color": "#FFF9E5"}),
    )
    sheet.write_string(
        0,
        0,
        f"{township}{month_zh(month)}低收入人口监测预警线索核查表",
        book.add_format({"bold": True, "font_size": 14}),
    )
    sheet.write_string(1, 0, "只填写“核查结果”(从下拉表中选)和“核查日期”;其他列请勿改动。线索仅供核查,不作为认定依据。")
    for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
        sheet.write_string(TITLE_ROWS, column, heading, bold)
        sheet.set_column(column, column, width, None, {"hidden": heading in HIDDEN})
    rows = list(_cells(frame, month, seen))
    for number, cells in enumerate(rows, TITLE_ROWS + 1):
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell, typed if HEADINGS[column] in ("核查结果", "核查日期") else plain)
    _rules_of_entry(sheet, TITLE_ROWS + 1, TITLE_ROWS + max(len(rows), 1))
    sheet.freeze_panes(TITLE_ROWS + 1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(TITLE_ROWS)
    book.close()
    return content.getvalue()


def _cells(frame: pl.DataFrame, month: str, seen: dict[str, int]):
    where = places_zh(frame)
    labels = {code: entry.zh for code, entry in outcome_codes().items()}
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        day = {name: row[name].isoformat() if row[name] else "" for name in ("opened_on", "due_on", "decided_on")}
        yield (
            str(number), row["rule_id"], LEVEL_ZH[row["level"]], row["title_zh"],
            masked_name(row.get("person_name")), masked_id(row.get("person_id_no")), _caution(row) + where.get(row["case_id"], ""),
            day["opened_on"], day["due_on"], states()[row["state"]].zh, row["instruction_zh"],
            labels.get(row["outcome"], ""), day["decided_on"], row["case_id"], month, str(seen.get(row["case_id"], 0)),
        )  # fmt: skip


def _caution(row: dict) -> str:
    return "" if row["complete"] else "【本月相关名单未收齐或明显偏少,请先核对报送】"


def _rules_of_entry(sheet, first: int, last: int) -> None:
    column = HEADINGS.index("核查结果")
    sheet.data_validation(
        first, column, last, column,
        {"validate": "list", "source": [entry.zh for entry in outcome_codes().values()], "error_message": "请从下拉表中选择"},
    )  # fmt: skip
    sheet.data_validation(
        first, column + 1, last, column + 1,
        {"validate": "date", "criteria": ">=", "value": dt.date(2020, 1, 1), "error_message": "日期请写作 2024-03-15"},
    )  # fmt: skip


def read_workbook(path: Path) -> list[Answer]:
    """The answers in a filled-in workbook; rows without a finding are left out.

    `MinzhengError` names the file and the rows when a finding is not in the list, a day is missing or unreadable, a case
    id is damaged, or a case is answered twice differently; then nothing of the file counts.
    """
    table = _table(path)
    answers, faults = [], []
    for row_no, row in table:
        if row["核查结果"] or row["核查日期"]:
            answer, fault = _answer(row_no, row)
            answers += [answer] if answer else []
            faults += [f"{row_no}({fault})"] if fault else []
    by_case: dict[str, Answer] = {}
    for answer in answers:
        first = by_case.setdefault(answer.case_id, answer)
        if (first.code, first.decided_on) != (answer.code, answer.decided_on):
            faults.append(f"{answer.row_no}(answers_differ)")
    if faults:
        listed = ", ".join(faults)
        raise MinzhengError(
            f"{path.name}: nothing imported; rows {listed}", f"{path.name} 未导入,请更正下列各行后重报:{listed}"
        )
    return list(by_case.values())


def _table(path: Path) -> list[tuple[int, dict[str, str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise MinzhengError(f"{path.name} is not a leads workbook", f"{path.name} 不是线索核查表") from None
    head = next((n for n, row in enumerate(rows[:10]) if {*HEADINGS[-5:]} <= {str(cell).strip() for cell in row}), None)
    if head is None:
        raise MinzhengError(f"{path.name} is not a leads workbook", f"{path.name} 不是线索核查表")
    names = [str(cell).strip() for cell in rows[head]]
    return [(n + 1, dict(zip(names, row, strict=False))) for n, row in enumerate(rows) if n > head]


def _answer(row_no: int, row: dict) -> tuple[Answer | None, str | None]:
    codes = {entry.zh: code for code, entry in outcome_codes().items()} | {code: code for code in outcome_codes()}
    code, day = codes.get(str(row["核查结果"]).strip()), _day(row["核查日期"])
    case_id, month, seen = (str(row[name]).strip() for name in HIDDEN)
    try:
        number = int(float(seen))
        check_month(month)
    except (MinzhengError, ValueError):
        return None, "case_damaged"
    if code is None:
        return None, "unknown_code"
    if day is None or day.isoformat()[:7] < month:
        return None, "bad_date"
    return Answer(row_no, case_id, month, code, day, number), None


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date(*(int(part) for part in str(value).strip().replace("/", "-").replace(".", "-").split("-")))
    except (TypeError, ValueError):
        return None
