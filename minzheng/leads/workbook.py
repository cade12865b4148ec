"""The workbook a township fills in: masked persons, where to look, a drop-down for the finding, hidden case ids.

Opened for the field, it names the persons and their villages; the number stays masked, as in the workbook handed out.

Leads that are raised because somebody is on no list, while that very list has not come in full, stand on a sheet of their
own: they are most likely no leads, and nobody should have to visit them before the list is there.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.leads.cases import outcome_codes, states
from minzheng.leads.desk import evidence_places
from minzheng.leads.rules import level_words
from minzheng.months import month_zh

SHEET, UNSURE_SHEET = SHEETS = ("线索核查", "名单未齐暂缓核查")
COLUMNS = {
    "序号": 5, "级别": 5, "规则": 6, "线索": 20, "姓名": 9, "身份证号": 20, "村(社区)": 14, "在哪里看": 30, "核查要点": 30,
    "开立日期": 11, "办理期限": 11, "状态": 9, "核查结果": 20, "核查日期": 11, "情况说明": 24,
    "线索编号": 18, "清单月份": 10, "已知答复": 8, "核对码": 10,
}  # fmt: skip
HEADINGS = tuple(COLUMNS)
HIDDEN = ("线索编号", "清单月份", "已知答复", "核对码")
ENTERED = ("核查结果", "核查日期", "情况说明")
DAYS = ("开立日期", "办理期限", "核查日期")
LEVEL_COLOUR = {"red": "#F8CBAD", "orange": "#FFE699", "yellow": "#FFF9C4"}
TITLE_ROWS = 3
HOW_TO = "只填写“核查结果”(从下拉表中选)、“核查日期”和“情况说明”;其他列请勿改动。红字为已过办理期限。线索仅供核查,不作为认定依据。"
WHY_UNSURE = (
    "这些线索因有关名单未报齐或明显偏少而产生,多半不实:请先补报名单,报齐后自动复核;不必逐条核查。"
)


@dataclass(frozen=True)
class Township:
    """Whose workbook it is: code, name, one sentence on how old the lists are; `named`: for the field, with names and villages."""

    code: str
    name: str
    lists: str = ""
    named: bool = False


def masked_id(number: str | None) -> str:
    """The id number with the birth date hidden: the region's six digits, ********, 001X; without a number 无证件号码."""
    return f"{number[:6]}********{number[-4:]}" if number else "无证件号码"


def masked_name(name: str | None) -> str:
    """The first character of the name, the others as stars."""
    return name[0] + "*" * (len(name) - 1) if name else ""


def check_code(case_id: str, rule_id: str, masked: str) -> str:
    """What binds a row's case to the rule and the masked number shown beside it; guards against mistakes, not against intent."""
    return "c" + hashlib.sha256(f"{case_id}|{rule_id}|{masked}".encode()).hexdigest()[:8]


def places_zh(frame: pl.DataFrame, files: Mapping[int, str]) -> dict[str, str]:
    """Case id to the places to look at, as a clerk reads them: 城乡低保花名册(2024-03)第12行; `files` as of `write_workbook`."""
    places: dict[str, list[str]] = {}
    for case_id, name, intake_no, _, row_no in evidence_places(frame).iter_rows():
        file = f"({files[intake_no]})" if intake_no in files else ""
        places.setdefault(case_id, []).append(
            f"{dataset(name).title.zh.split('(')[0]}{file}第{row_no}行"
        )
    return {case_id: ";".join(dict.fromkeys(found)) for case_id, found in places.items()}


def write_workbook(
    frame: pl.DataFrame,
    township: Township,
    month: str,
    seen: Mapping[str, int],
    notes: Mapping[str, str],
    files: Mapping[int, str],
) -> bytes:
    """The workbook of one township as bytes, the same for the same input.

    `frame`: rows of `leads_of` with identities, and `village` where `township` is named; `seen`: case id to the number of its last entry; `notes`: to its note;
    `files`: intake number to what tells the file that the evidence names, its month at least.
    """
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": dt.datetime.fromisoformat(f"{month}-01T00:00:00")})
    where = places_zh(frame, files)
    unsure = pl.col("unsure") & pl.col("newly_opened")
    parts = {SHEET: frame.filter(~unsure), UNSURE_SHEET: frame.filter(unsure)}
    for name, part in parts.items():
        if name == SHEET or part.height:
            lines = [HOW_TO if name == SHEET else WHY_UNSURE, township.lists]
            title = (
                f"{township.name}{month_zh(month)}低收入人口监测预警线索核查表(共{part.height}条)"
            )
            rows = [
                _cells(number, row, month, seen, notes, where, named=township.named)
                for number, row in enumerate(_ordered(part), 1)
            ]
            _write_sheet(book, book.add_worksheet(name), township, [title, *lines], rows)
    book.close()
    return content.getvalue()


def _ordered(frame: pl.DataFrame) -> Iterable[dict]:
    """The most urgent first: by level, day due, rule."""
    urgency = pl.col("level").replace_strict(
        dict(zip(level_words(), range(len(level_words())), strict=True))
    )
    return frame.sort(urgency, "due_on", "rule_id", "case_id", nulls_last=True).iter_rows(
        named=True
    )


def _cells(
    number: int, row: dict, month: str, seen, notes, where, *, named: bool
) -> dict[str, object]:
    labels = {code: entry.zh for code, entry in outcome_codes().items()}
    case_id, caution = row["case_id"], "" if row["complete"] else "【名单未齐】"
    name, masked = row.get("person_name"), masked_id(row.get("person_id_no"))
    return {
        "序号": number, "级别": level_words()[row["level"]], "规则": row["rule_id"], "线索": row["title_zh"],
        "姓名": name if named else masked_name(name), "身份证号": masked, "村(社区)": row.get("village"),
        "在哪里看": caution + where.get(case_id, ""), "核查要点": row["instruction_zh"], "开立日期": row["opened_on"],
        "办理期限": row["due_on"], "状态": states()[row["state"]].zh, "核查结果": labels.get(row["outcome"], ""),
        "核查日期": row["decided_on"], "情况说明": notes.get(case_id, "") if row["outcome"] else "",
        "线索编号": case_id, "清单月份": month, "已知答复": str(seen.get(case_id, 0)),
        "核对码": check_code(case_id, row["rule_id"], masked),
    }  # fmt: skip


def _write_sheet(
    book, sheet, township: Township, lines: list[str], rows: list[dict[str, object]]
) -> None:
    """Title lines, headings, one row a lead, the rules of entry; the township's code lies hidden in the title row."""
    look = _Looks(book)
    hidden = HIDDEN if township.named else (*HIDDEN, "村(社区)")
    for line, (text, height) in enumerate(zip(lines, (24, 18, 18), strict=True)):
        sheet.write_string(line, 0, text, look.title if line == 0 else look.remark)
        sheet.set_row(line, height)
    sheet.write_string(0, HEADINGS.index(HIDDEN[0]), township.code)
    for column, (heading, width) in enumerate(COLUMNS.items()):
        sheet.write_string(TITLE_ROWS, column, heading, look.heading)
        sheet.set_column(column, column, width, None, {"hidden": heading in hidden})
    levels = {zh: look.level[level] for level, zh in level_words().items()}
    for line, row in enumerate(rows, TITLE_ROWS + 1):
        sheet.set_row(line, _height(row))
        for column, (heading, value) in enumerate(row.items()):
            style = levels[value] if heading == "级别" else look.cell(heading)
            if isinstance(value, dt.date):
                sheet.write_datetime(line, column, dt.datetime.combine(value, dt.time()), style)
            elif isinstance(value, int):
                sheet.write_number(line, column, value, style)
            else:
                sheet.write_string(line, column, value or "", style)
    _rules_of_entry(sheet, look, TITLE_ROWS + 1, TITLE_ROWS + max(len(rows), 1))
    sheet.freeze_panes(TITLE_ROWS + 1, HEADINGS.index("姓名"))
    sheet.autofilter(TITLE_ROWS, 0, TITLE_ROWS + max(len(rows), 1), len(HEADINGS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.set_footer("&C第&P页 共&N页")
    sheet.repeat_rows(TITLE_ROWS)


def _height(row: dict[str, object]) -> float:
    """The height in points that the longest text of a row needs, a Chinese character being twice as wide as a digit."""
    texts = {
        heading: str(value or "")
        for heading, value in row.items()
        if heading not in (*HIDDEN, *DAYS)
    }
    lines = [
        ceil(sum(1 + (ord(sign) > 255) for sign in text) / (COLUMNS[heading] - 1.5))
        for heading, text in texts.items()
    ]
    return 4 + 14 * max(*lines, 1)


class _Looks:
    """The formats of a sheet."""

    def __init__(self, book):
        framed = {"border": 1, "valign": "vcenter"}
        self.title = book.add_format({"bold": True, "font_size": 14, "valign": "vcenter"})
        self.remark = book.add_format({"font_size": 10, "valign": "vcenter"})
        self.heading = book.add_format(
            framed | {"bold": True, "text_wrap": True, "bg_color": "#D9E2F3", "align": "center"}
        )
        self.level = {level: book.add_format(framed | {"bg_color": colour, "align": "center"}) for level, colour in LEVEL_COLOUR.items()}  # fmt: skip
        self.overdue = book.add_format({"font_color": "#C00000", "bold": True})
        wrapped = framed | {"text_wrap": True}
        entered, day = {"bg_color": "#FFF9E5", "locked": False}, {"num_format": "yyyy-mm-dd"}
        self._cell = {
            (False, False): book.add_format(wrapped),
            (False, True): book.add_format(wrapped | day),
            (True, False): book.add_format(wrapped | entered),
            (True, True): book.add_format(wrapped | entered | day),
        }

    def cell(self, heading: str):
        """The format of a cell below that heading."""
        return self._cell[heading in ENTERED, heading in DAYS]


def _rules_of_entry(sheet, look: _Looks, first: int, last: int) -> None:
    column, due = HEADINGS.index("核查结果"), HEADINGS.index("办理期限")
    sheet.data_validation(
        first, column, last, column,
        {"validate": "list", "source": [entry.zh for entry in outcome_codes().values()], "error_message": "请从下拉表中选择"},
    )  # fmt: skip
    sheet.data_validation(
        first, column + 1, last, column + 1,
        {"validate": "date", "criteria": ">=", "value": dt.date(2020, 1, 1), "error_message": "日期请写作 2024-03-15"},
    )  # fmt: skip
    letters = [chr(ord("A") + number) for number in (due, column)]
    late = f'=AND(${letters[0]}{first + 1}<TODAY(),${letters[1]}{first + 1}="")'
    sheet.conditional_format(
        first, due, last, due, {"type": "formula", "criteria": late, "format": look.overdue}
    )
