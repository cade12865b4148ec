"""Blank workbooks for the townships' clerks, made from the contracts: title, unit, headings, lists to choose from, an example row.

A template filled by its notes is accepted whole: the intake leaves the row marked 示例 alone, the sheets of notes and lists
have no heading that any contract knows, and a row of the notes, which tells of a column, is no row of data left unread.
"""

import datetime as dt
import difflib
import io
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from minzheng.contracts.datasets import Column, Dataset, dataset, dataset_names
from minzheng.contracts.filling import example, form, words, wrong
from minzheng.contracts.return_items import return_items
from minzheng.contracts.verdicts import VERDICTS
from minzheng.errors import MinzhengError
from minzheng.intake.places import county, townships
from minzheng.intake.row_kinds import MUST_OR_MAY
from minzheng.intake.settings import reasons
from minzheng.months import month_zh

NUMBER, MARK = "序号", "示例"
"""The first heading, and the word under it that keeps a row out of the figures."""
HEAD_ROW, EXAMPLE_ROW, FIRST_ROW, LAST_ROW = 2, 3, 4, 20_000
"""Rows from 0: title and unit stand above; checks and lists reach down to the last."""
TEXTS = ("month", "code12", "code9", "code7", "code", "text", "id18")
NUMBER_FORMATS = {
    "date": "yyyy-mm-dd",
    "yuan": "0.00",
    "int": "0",
    "percent": "0.0###",
    "decimal": "0.####",
    "year": "0",
}
NOTES, LISTS = "填表说明", "代码表"


def find_dataset(name: str) -> Dataset:
    """The dataset by our name or its Chinese title; `MinzhengError` names the nearest one otherwise."""
    titles = {dataset(one).title.zh: one for one in dataset_names()}
    found = titles.get(name, name)
    if found in dataset_names():
        return dataset(found)
    near = difflib.get_close_matches(name, [*dataset_names(), *titles], 1, 0.3)
    told = f"{near[0]}?" if near else "see --all"
    raise MinzhengError(
        f"there is no dataset {name}; did you mean {told}", f"没有 {name} 这种表；是否应为 {told}"
    )


def title(contract: Dataset) -> str:
    """The short Chinese title, as sheet and file are called."""
    return contract.title.zh.split("(")[0]


@dataclass
class Formats:
    """The looks of a template's cells."""

    book: xlsxwriter.Workbook

    def __post_init__(self):
        """Make the formats of the workbook."""
        self.title = self.book.add_format(
            {"bold": True, "font_size": 14, "align": "left", "valign": "vcenter"}
        )
        self.unit = self.book.add_format({"align": "left"})
        head = {
            "bold": True,
            "border": 1,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
        self.required = self.book.add_format(head | {"bg_color": "#DDEBF7"})
        self.optional = self.book.add_format(head | {"bg_color": "#F2F2F2", "bold": False})
        self.note = self.book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        self.bold = self.book.add_format({"bold": True})

    def cell(self, column: Column, *, example: bool = False) -> xlsxwriter.format.Format:
        """The format of a column's cells: long numbers, codes and months are text."""
        look = {
            "num_format": "@" if column.type in (*TEXTS, "flag") else NUMBER_FORMATS[column.type]
        }
        return self.book.add_format(
            look | ({"italic": True, "font_color": "#7F7F7F"} if example else {})
        )


def template(contract: Dataset, month: str | None = None, township: str | None = None) -> bytes:
    """The workbook (.xlsx) of a dataset. `month` (YYYY-MM) and `township` (nine digits) are put in where they are given.

    Raises `MinzhengError` for a township that is not the county's.
    """
    if township is not None and township not in townships():
        raise MinzhengError(
            f"{township} is no township of the county: {', '.join(townships())}",
            f"{township} 不是本县乡镇代码：{'、'.join(f'{code} {name}' for code, name in townships().items())}",
        )
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(
        sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"author": "", "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    looks = Formats(book)
    sheet = book.add_worksheet(title(contract)[:31])
    notes, lists = book.add_worksheet(NOTES), book.add_worksheet(LISTS)
    _write_head(sheet, looks, contract, month, township)
    ranges = _write_lists(lists, looks, contract, township)
    for place, column in enumerate(contract.columns, start=1):
        _write_column(sheet, looks, contract, column, place, township)
        _check_column(sheet, contract, column, place, ranges.get(column.name))
    _fill_in(sheet, looks, contract, month, township)
    _write_notes(notes, looks, contract)
    book.close()
    return sink.getvalue()


def _write_head(
    sheet, looks: Formats, contract: Dataset, month: str | None, township: str | None
) -> None:
    place = (
        f"{county()[1]}{townships().get(township or '', '')}"
        if township or month
        else "＿＿＿＿（县或乡镇）"
    )
    last = len(contract.columns)
    sheet.merge_range(
        0,
        0,
        0,
        last,
        f"{place}{month_zh(month) if month else '＿＿＿＿年＿＿月'}{title(contract)}",
        looks.title,
    )
    filler = place if township else "　　　　"
    unit = f"填报单位：{filler}　　填报人：　　　　审核人：　　　　单位：元、人"
    sheet.merge_range(1, 0, 1, last, unit, looks.unit)
    sheet.set_row(0, 26)
    sheet.set_row(HEAD_ROW, 34)
    sheet.write_string(HEAD_ROW, 0, NUMBER, looks.optional)
    sheet.write_string(
        EXAMPLE_ROW, 0, MARK, looks.book.add_format({"italic": True, "font_color": "#7F7F7F"})
    )
    sheet.set_column(0, 0, 6)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEAD_ROW)


def _write_column(
    sheet, looks: Formats, contract: Dataset, column: Column, place: int, township: str | None
) -> None:
    """Heading, format and example of one column."""
    sheet.write_string(
        HEAD_ROW, place, column.header, looks.required if column.required else looks.optional
    )
    value = example(contract, column, township)
    wide = max(
        2 * len(column.header) + 2, len(value) + sum(letter > "\u2fff" for letter in value) + 2, 9
    )
    sheet.set_column(place, place, wide, looks.cell(column))
    look = looks.cell(column, example=True)
    if value and column.type == "date":
        sheet.write_datetime(EXAMPLE_ROW, place, dt.datetime.fromisoformat(value), look)
    elif value and column.type in NUMBER_FORMATS:
        sheet.write_number(EXAMPLE_ROW, place, float(value), look)
    elif value:
        sheet.write_string(EXAMPLE_ROW, place, value, look)


def _check_column(sheet, contract: Dataset, column: Column, place: int, source: str | None) -> None:
    """What the program of the clerk offers and checks while a column is filled; the intake judges all the same.

    A check stops what the intake would send back, and only warns of what goes on with a flag.
    """
    said = f"{'必填' if column.required else '选填'}。{column.note.zh}。{form(contract, column)}。"
    rule: dict = {
        "input_title": column.header[:32],
        "input_message": said[:255],
        "error_title": column.header[:32],
    }
    rule |= {"error_message": form(contract, column)[:255], "error_type": "stop"}
    if source:
        rule |= {"validate": "list", "source": source}
        rule["error_type"] = (
            "warning" if column.unknown_code == "warn" or column.name == "village_name" else "stop"
        )
    elif column.type == "date":
        rule |= {"validate": "date", "criteria": "between"}
        rule |= {"minimum": dt.date(1900, 1, 1), "maximum": dt.date(2100, 12, 31)}
    elif (
        column.type in ("yuan", "percent", "decimal") and contract.dataset != "comprehensive_return"
    ):
        rule |= {"validate": "decimal", "criteria": "between", "minimum": -1e12, "maximum": 1e12}
    elif column.type in ("int", "year"):
        rule |= {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 10**9}
    elif column.type == "month":
        rule |= {"validate": "length", "criteria": "between", "minimum": 6, "maximum": 9}
    elif column.type == "id18":
        rule |= {
            "validate": "length",
            "criteria": "between",
            "minimum": 15,
            "maximum": 18,
            "error_type": "warning",
        }
    elif column.type in ("code12", "code9", "code7"):
        rule |= {
            "validate": "length",
            "criteria": "between",
            "minimum": 6,
            "maximum": int(column.type[4:]),
        }
    else:
        rule |= {"validate": "any"}
    sheet.data_validation(FIRST_ROW, place, LAST_ROW, place, rule)


def _fill_in(
    sheet, looks: Formats, contract: Dataset, month: str | None, township: str | None
) -> None:
    """The rows of a township's comprehensive return: every item, the numbers left to the clerk."""
    if contract.dataset != "comprehensive_return" or township is None:
        return
    places = {column.name: place for place, column in enumerate(contract.columns, start=1)}
    for step, item in enumerate(return_items()):
        known = {"statistical_month": month or "", "township_code": township}
        known |= {"item_code": item.code, "item_name": item.name, "unit": item.unit}
        sheet.write_number(FIRST_ROW + step, 0, step + 1)
        for name, value in known.items():
            if value:
                sheet.write_string(
                    FIRST_ROW + step, places[name], value, looks.cell(contract.column(name))
                )


def _write_lists(sheet, looks: Formats, contract: Dataset, township: str | None) -> dict[str, str]:
    """Every list of words in a column of its own; returns where each stands, for the drop-downs."""
    ranges: dict[str, str] = {}
    for column in contract.columns:
        found = words(contract, column)
        if not found:
            continue
        place = len(ranges)
        sheet.write_string(0, place, f"{column.header}可填", looks.bold)
        sheet.write_column(1, place, found)
        sheet.set_column(place, place, max(14, 2 * len(column.header) + 6))
        letter = xl_col_to_name(place, col_abs=True)
        ranges[column.name] = f"='{LISTS}'!{letter}$2:{letter}${len(found) + 1}"
    return ranges


def guide_rows(contract: Dataset) -> list[tuple[str, ...]]:
    """What the guide says of each column: heading, whether it must be there, meaning, form, example, faults and answers."""
    return [
        (
            column.header,
            MUST_OR_MAY[not column.required],
            column.note.zh,
            form(contract, column),
            example(contract, column),
            fault_words(contract, column),
        )
        for column in contract.columns
    ]


STEPS = (
    "一、只填第一张表；标题写明地区和年月，表头文字不要改动。列可以换位置，选填的列可以删去。",
    f"二、“{NUMBER}”列写着“{MARK}”的一行是填写示范，系统不录入，可保留也可删去；从下一行填起。",
    "三、身份证号、银行账号、编号、代码各列已设为文本格式，请勿改动；粘贴时选“只粘贴数值”。",
    "四、金额一律以元填写；确实没有的填0，不掌握的留空，两者不可互相代替。",
    "五、一个文件只报一个月，包括一个或几个乡镇的全部人员；更正时把整张表重报一次。",
    "六、填完后另存为 .xlsx，交县民政局放入收件目录。退回的行会写明行号、列和改法。",
)
"""How a workbook is filled in, as its sheet of notes and the guide say it."""
ANSWER = {"row": "该行退回", "flag": "照收并提示", "file": "整个文件退回", "hold": VERDICTS["hold"]}
GUIDE_HEADS = ("列", "是否必填", "含义", "写法", "例", "填错时")


def fault_words(contract: Dataset, column: Column) -> str:
    """What happens when a column is filled wrongly: each answer with the faults it is given for."""
    found: dict[str, list[str]] = {}
    for code in wrong(contract, column):
        reason = reasons()[code]
        level = "flag" if code == "code_unknown" and tolerated(column) else reason.level
        found.setdefault(ANSWER[level], []).append(reason.zh)
    return "；".join(f"{answer}：{'、'.join(told)}" for answer, told in found.items())


def tolerated(column: Column) -> bool:
    """Whether an unknown word in this column goes on as 未知 with a warning."""
    return column.unknown_code == "warn" or (column.type == "flag" and not column.required)


def _write_notes(sheet, looks: Formats, contract: Dataset) -> None:
    for line, text in enumerate(STEPS):
        sheet.merge_range(line, 0, line, len(GUIDE_HEADS) - 1, text, looks.note)
        sheet.set_row(line, 32)
    for place, (heading, width) in enumerate(
        zip(GUIDE_HEADS, (18, 9, 34, 30, 24, 60), strict=True)
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(len(STEPS), place, heading, looks.required)
    for line, row in enumerate(guide_rows(contract), start=len(STEPS) + 1):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, looks.note)
