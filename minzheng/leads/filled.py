"""Reading the workbook that a township sent back. Nothing typed is trusted: codes, days and case ids are checked row by row."""

import datetime as dt
import io
import json
from dataclasses import dataclass

from minzheng.errors import MinzhengError
from minzheng.intake.contained import contained
from minzheng.leads.cases import outcome_codes
from minzheng.leads.outcomes import Answer
from minzheng.leads.workbook import HEADINGS, HIDDEN, SHEETS, TITLE_ROWS, check_code
from minzheng.months import check_month

LONGEST_NOTE = 500
FAULTS = {
    "case_damaged": "隐藏的线索编号被改动",
    "unknown_code": "核查结果不在下拉表中或未填",
    "bad_date": "核查日期缺失、写法不对、早于清单月份或晚于今天",
    "note_too_long": f"情况说明超过{LONGEST_NOTE}字",
    "answers_differ": "同一线索有两个不同答复",
}


@dataclass(frozen=True)
class Filled:
    """What a returned workbook says: whose it is, the list's month, the rows with a finding."""

    township: str
    month: str
    answers: tuple[Answer, ...]


def read_filled(content: bytes, name: str, today: dt.date) -> Filled:
    """The answers in a filled-in workbook; rows without a finding are left out.

    `MinzhengError` names the file and the rows when a finding is not in the list, a day is missing, unreadable or to come, a
    case id is damaged, or a case is answered twice differently; then nothing of the file counts.
    """
    township, table = json.loads(contained(name, lambda: _as_json(_tables(content, name))))
    answers, faults = [], []
    for place, row_no, row in table:
        if any(str(row[heading]).strip() for heading in ("核查结果", "核查日期", "情况说明")):
            answer, fault = _answer(row_no, row, today)
            answers += [answer] if answer else []
            faults += [(place, row_no, fault)] if fault else []
    by_case: dict[str, Answer] = {}
    strays = [answer for answer in answers if not answer.agrees]
    for answer in (answer for answer in answers if answer.agrees):
        first = by_case.setdefault(answer.case_id, answer)
        if (first.code, first.decided_on, first.note) != (
            answer.code,
            answer.decided_on,
            answer.note,
        ):
            faults.append(("", answer.row_no, "answers_differ"))
    if faults:
        english = ", ".join(f"{row_no}({fault})" for _, row_no, fault in faults)
        chinese = "；".join(
            f"{place}第{row_no}行：{FAULTS[fault]}" for place, row_no, fault in faults
        )
        raise MinzhengError(
            f"{name}: nothing imported; rows {english}",
            f"{name} 未导入,请更正下列各行后重报:{chinese}",
        )
    months = {str(row["清单月份"]).strip() for _, _, row in table}
    return Filled(township, max(months, default=""), (*by_case.values(), *strays))


def _tables(content: bytes, name: str) -> tuple[str, list[tuple[str, int, dict[str, object]]]]:
    """The township's code, and (sheet, row number, cells by heading) of every row below a heading."""
    from python_calamine import CalamineError, CalamineWorkbook

    refused = MinzhengError(
        f"{name} is not a leads workbook", f"{name} 不是线索核查表,或表头被改动"
    )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {
            one: book.get_sheet_by_name(one).to_python(skip_empty_area=False)
            for one in SHEETS
            if one in book.sheet_names
        }
    except (CalamineError, OSError, ValueError):
        raise refused from None
    found, codes = [], set()
    for sheet, rows in sheets.items():
        head = next(
            (
                n
                for n, row in enumerate(rows[: TITLE_ROWS + 5])
                if set(HEADINGS) <= set(_texts(row))
            ),
            None,
        )
        if head is None:
            raise refused
        names = _texts(rows[head])
        codes.add(str(rows[0][names.index(HIDDEN[0])]).strip())
        found += [
            (sheet, n + 1, dict(zip(names, row, strict=False)))
            for n, row in enumerate(rows)
            if n > head and any(_texts(row))
        ]
    if len(codes) != 1 or not (township := codes.pop()).isdigit():
        raise refused
    return township, found


def _as_json(content: object) -> bytes:
    """What was read as JSON; a day is its ISO text."""
    return json.dumps(content, default=lambda cell: str(cell)[:10]).encode()


def _texts(row: list) -> list[str]:
    return [str(cell).strip() for cell in row]


def _answer(row_no: int, row: dict, today: dt.date) -> tuple[Answer | None, str | None]:
    codes = {entry.zh: code for code, entry in outcome_codes().items()} | {
        code: code for code in outcome_codes()
    }
    code, day, note = (
        codes.get(str(row["核查结果"]).strip()),
        _day(row["核查日期"]),
        str(row["情况说明"]).strip(),
    )
    case_id, month, seen, check = (str(row[name]).strip() for name in HIDDEN)
    agrees = check == check_code(case_id, *(str(row[n]).strip() for n in ("规则", "身份证号")))
    try:
        number = int(float(seen))
        check_month(month)
    except (MinzhengError, ValueError):
        return None, "case_damaged"
    if not case_id:
        return None, "case_damaged"
    if code is None:
        return None, "unknown_code"
    if day is None or not month <= day.isoformat()[:7] or day > today:
        return None, "bad_date"
    if len(note) > LONGEST_NOTE:
        return None, "note_too_long"
    return Answer(row_no, case_id, month, code, day, number, note, agrees), None


def _day(value: object) -> dt.date | None:
    plain = str(value).strip().translate(str.maketrans("年月/.", "----")).removesuffix("日")
    try:
        return dt.date(*(int(part) for part in plain.split("-")))
    except (TypeError, ValueError):
        return None
