"""Small tables of any dataset, and the same table as .xlsx, .xls and .csv: what a kind of file is shown with in all of them.

Every person is made up, every id number made by code. A cell is text, a number, a date, or a `Shown` number with its format.
"""

import csv
import datetime as dt
import io
from dataclasses import dataclass

import xlsxwriter

from minzheng.contracts.datasets import Column, codes, dataset
from minzheng.contracts.return_items import return_items
from tests.intake.old_workbook import old_workbook
from tests.intake.roster import NAMES, PLACES, id_number
from tests.place import AREA, AREA_NAME, AREA_SHORT

FORMS = ("xlsx", "xls", "csv")
VILLAGES = {  # two of each township
    "沙柳河镇": ((f"{AREA}100204", "新海村委会"), (f"{AREA}100200", "红山村委会")),
    "哈尔盖镇": ((f"{AREA}101206", "塘渠村委会"), (f"{AREA}101200", "公贡麻村委会")),
    "泉吉乡": ((f"{AREA}201204", "切吉村委会"), (f"{AREA}201200", "新泉村委会")),
    "吉尔孟乡": ((f"{AREA}202204", "向阳村委会"), (f"{AREA}202201", "日芒村委会")),
    "伊克乌兰乡": ((f"{AREA}200200", f"{AREA_SHORT}贡麻牧委会"), (f"{AREA}200204", "亚贡麻牧委会")),
}
assert {code for code, *_ in PLACES} <= {code for places in VILLAGES.values() for code, _ in places}


@dataclass(frozen=True)
class Shown:
    """A number as a sheet keeps it (`value`, `number_format`) and as a person sees it (`text`, what a .csv holds).

    `formula` is the text of a formula that gives it; `value` None is a formula whose result was not saved.
    """

    value: float | str | None
    number_format: str
    text: str
    formula: str = ""


Cell = str | int | float | dt.date | Shown | None
ALSO = {
    "payment_ledger": ("person_name", "person_id_no", "paid_on"),
    "pwd_roll": ("living_amount", "care_amount"),
}
ITEMS = [(item.code, item.unit) for item in return_items()]


def rows_of(
    name: str,
    count: int = 6,
    township: str = "泉吉乡",
    month: str = "2024-03",
    first: int = 0,
    villages: int = 2,
) -> list[dict[str, Cell]]:
    """Rows of a dataset by header: valid, all different, the required columns of its contract and a remark where it has one.

    `first` numbers the persons and keys, so that two tables with other numbers share nobody.
    """
    return [_row(name, number, township, month, villages) for number in range(first, first + count)]


def _row(name: str, number: int, township: str, month: str, villages: int) -> dict[str, Cell]:
    code, village = VILLAGES[township][number % villages]
    birth = dt.date(1940 + number * 7 % 18, number % 12 + 1, number % 27 + 1)
    person = id_number(f"{birth:%Y%m%d}", 100 + number * 2 % 800 + 1)
    given: dict[str, Cell] = {
        "region_code": code,
        "township_code": code[:9],
        "township_name": township,
        "village_name": village,
        "person_name": NAMES[number % len(NAMES)],
        "person_id_no": person,
        "sex": "男",
        "birth_date": f"{birth}",
        "household_no": f"{code[:9]}{number:06d}A",
        "bank_account": f"99990000000{number:07d}",
        "card_no": f"{person}42",
        "disability_type": "肢体",
        "disability_level": "2",
        "start_month": "2021-06",
        "status": "在保",
        "function_code": "2081902",
        "item_code": ITEMS[number % len(ITEMS)][0],
        "item_name": ITEMS[number % len(ITEMS)][0],
        "served_region_codes": code,
        "facility_code": f"JG{number:04d}",
        "site_code": f"SS{number:04d}",
        "site_name": f"虚构{number:04d}幸福食堂",
    }
    if name == "comprehensive_return":
        given["unit"] = ITEMS[number % len(ITEMS)][1]
    return {
        column.header: _cell(column, number, month, given)
        for column in dataset(name).columns
        if _given(name, column)
    }


def _given(name: str, column: Column) -> bool:
    return column.required or column.name in ALSO.get(name, ())


def _cell(column: Column, number: int, month: str, given: dict[str, Cell]) -> Cell:
    if given.get(column.name) is not None:
        return given[column.name]
    if column.type == "code" and column.codes:
        code, entry = next(iter(codes(column.codes).items()))
        return entry.label or code
    return {
        "month": month,
        "yuan": 300 + number,
        "int": 1 + number % 3 if column.name != "special_elder_visited" else 1,
        "decimal": 10 + number,
        "percent": 4.1,
        "flag": "是",
        "year": "2024",
        "date": f"{month}-10",
        "code7": "2081902",
    }.get(column.type, f"编{number:06d}")


def lines_of(
    name: str, rows: list[dict[str, Cell]], title: str = "", extra: list[str] | None = None
) -> list[list[Cell]]:
    """Title, header and rows as lines of cells; `extra` are headers that the rows have beside the contract's."""
    headers = [
        *(
            column.header
            for column in dataset(name).columns
            if any(column.header in row for row in rows)
        )
    ]
    headers += extra or []
    title = title or f"{AREA_NAME}2024年3月{dataset(name).title.zh}"
    return [[title], headers, *([row.get(header) for header in headers] for row in rows)]


def as_file(
    form: str, lines: list[list[Cell]], merges: list[tuple[int, int, int, int]] = ()
) -> bytes:
    """Lines as a file of a form; `merges` are (first row, first column, last row, last column) from 0, in workbooks only."""
    return {"xlsx": as_xlsx, "xls": as_xls, "csv": as_csv}[form](lines, merges)


def as_csv(lines: list[list[Cell]], merges=(), encoding: str = "utf-8-sig") -> bytes:
    """What Excel writes: cells as shown."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(
        [[_text(cell) for cell in line] for line in lines]
    )
    return sink.getvalue().encode(encoding)


def _text(cell: Cell) -> str:
    return "" if cell is None else cell.text if isinstance(cell, Shown) else str(cell)


def as_xlsx(lines: list[list[Cell]], merges=()) -> bytes:
    """A workbook with one sheet."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(
        sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("花名册")
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            _write(book, sheet, number, place, cell)
    for first, left, last, right in merges:
        sheet.merge_range(first, left, last, right, "")
        _write(book, sheet, first, left, lines[first][left])
    book.close()
    return sink.getvalue()


def _write(book, sheet, number: int, place: int, cell: Cell) -> None:
    if isinstance(cell, Shown):
        shape = book.add_format({"num_format": cell.number_format})
        if cell.formula:
            sheet.write_formula(
                number, place, f"={cell.formula}", shape, "" if cell.value is None else cell.value
            )
        else:
            sheet.write(number, place, cell.value, shape)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(number, place, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
    elif cell not in (None, ""):
        sheet.write(number, place, cell)


def as_xls(lines: list[list[Cell]], merges=()) -> bytes:
    """An old workbook with one sheet."""
    epoch = dt.date(1899, 12, 30)
    days = [
        [
            Shown((cell - epoch).days, "yyyy-mm-dd", f"{cell}")
            if isinstance(cell, dt.date)
            else cell
            for cell in line
        ]
        for line in lines
    ]
    return old_workbook({"花名册": [[_plain(cell) for cell in line] for line in days]}, merges)


def _plain(cell: Cell):
    return (cell.value, cell.number_format, cell.formula) if isinstance(cell, Shown) else cell
