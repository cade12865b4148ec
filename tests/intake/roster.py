"""The base roster of the intake's tests and the files made of it: 12 households, 24 persons covered, 9,323.75 yuan.

Every person is made up, every id number made by code. A case takes the base and spoils one thing.
"""

import csv
import io
import zipfile

import openpyxl
import xlsxwriter

from minzheng.contracts.datasets import dataset
from minzheng.id_number import CHECK_CHARACTERS, WEIGHTS
from tests.place import AREA, AREA_NAME, AREA_SHORT

HEADERS = [column.header for column in dataset("dibao_roll").columns if column.required]
TITLE = f"{AREA_NAME}2024年3月农村低保花名册"
UNIT = "单位：元、人"
FOOTER = "填报人：虚构甲　审核人：虚构乙"
AMOUNTS = [
    "1215.00",
    "729.00",
    "305.00",
    "830.75",
    "243.10",
    "996.90",
    "1458.00",
    "640.00",
    "512.00",
    "888.00",
    "774.00",
    "732.00",
]
NAMES = [
    "虚构卓玛",
    "示例才让",
    "虚构扎西",
    "示例措毛",
    "虚构多杰",
    "示例加措",
    "虚构拉毛",
    "示例旦增",
    "虚构央金",
    "示例南杰",
    "虚构吉先",
    "示例英玉",
]
PLACES = [
    (f"{AREA}100204", "沙柳河镇", "新海村委会"),
    (f"{AREA}101206", "哈尔盖镇", "塘渠村委会"),
    (f"{AREA}200200", "伊克乌兰乡", f"{AREA_SHORT}贡麻牧委会"),
    (f"{AREA}201204", "泉吉乡", "切吉村委会"),
    (f"{AREA}202204", "吉尔孟乡", "向阳村委会"),
    (f"{AREA}100200", "沙柳河镇", "红山村委会"),
]


def id_number(birth: str, order: int, region: str = AREA) -> str:
    """A valid number of a made-up person: birth YYYYMMDD, the 17th digit is the last of `order`."""
    body = f"{region}{birth}{order:03d}"
    return body + chr(
        CHECK_CHARACTERS[
            sum(int(digit) * int(weight) for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
        ]
    )


def people(count: int = 12) -> list[dict[str, str]]:
    """Rows of the roll by header."""
    rows = []
    for number in range(count):
        birth = f"{1950 + number * 3 % 60}-{number % 12 + 1:02d}-{number % 27 + 1:02d}"
        code, township, village = PLACES[number % len(PLACES)]
        male = number % 2 == 0
        rows.append(
            {
                "统计月份": "2024-03",
                "行政区划代码": code,
                "乡镇": township,
                "村(社区)": village,
                "户编号": f"{code[:9]}{number:06d}A",
                "姓名": NAMES[number % len(NAMES)],
                "身份证号": id_number(
                    birth.replace("-", ""), 900 + number * 2 % 90 + (1 if male else 0)
                ),
                "性别": "男" if male else "女",
                "出生日期": birth,
                "户口性质": "农村",
                "救助类别": "农村低保",
                "保障人口数": "2",
                "月保障金额": AMOUNTS[number % len(AMOUNTS)],
                "银行账号": f"99990000000{number:07d}",
                "起始年月": "2021-06",
                "状态": "在保",
            }
        )
    return rows


def table(
    rows: list[dict[str, str]],
    headers: list[str] | None = None,
    title: str = TITLE,
    footer: str = FOOTER,
) -> list[list]:
    """Title, header, rows and footer as lines of cells."""
    headers = headers or HEADERS
    lines = [[title], headers, *([row.get(name, "") for name in headers] for row in rows), [footer]]
    return [list(line) + [""] * (len(headers) - len(line)) for line in lines]


def csv_text(lines: list[list], end: str = "\r\n") -> str:
    """Lines as CSV."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator=end).writerows(lines)
    return sink.getvalue()


def csv_bytes(rows: list[dict[str, str]], encoding: str = "utf-8", **options) -> bytes:
    """A roll as a CSV file."""
    return csv_text(table(rows, **options)).encode(encoding)


def xlsx_bytes(lines: list[list] | dict[str, list[list]], change=None, **options) -> bytes:
    """Lines (or sheets of lines) as a workbook of text cells; numbers stay numbers. `change(book)` may spoil it (openpyxl)."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(
        sink,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, **options},
    )
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in (lines if isinstance(lines, dict) else {"花名册": lines}).items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str | int | float):
                    sheet.write(number, place, cell)
                else:
                    sheet.write_datetime(number, place, cell, date)
    book.close()
    return changed(sink.getvalue(), change) if change else sink.getvalue()


def changed(content: bytes, change) -> bytes:
    """A workbook after `change(book)`."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def with_part(content: bytes, part: str, edit) -> bytes:
    """A package with one part's bytes edited."""
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return sink.getvalue()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """An archive of files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()
