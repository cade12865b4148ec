"""One file per kind of bad input: each function spoils one thing of the base roster and returns the file's bytes.

The names are those of the matrix of bad input; `NAMES` says under which file name a case is sent when that matters.
"""

import io
import re
import struct
import subprocess
import zipfile
from functools import cache

from tests.intake.roster import (
    AMOUNTS,
    FOOTER,
    HEADERS,
    TITLE,
    UNIT,
    changed,
    csv_bytes,
    csv_text,
    id_number,
    people,
    table,
    with_part,
    xlsx_bytes,
    zip_bytes,
)
from tests.place import AREA, AREA_NAME, AREA_SHORT

CASES: dict[str, tuple[str, callable]] = {}


def case(name: str, file: str):
    """Register the bytes of a case under its file name."""

    def keep(make):
        CASES[name] = (file, cache(make))
        return make

    return keep


def edited(edits: dict[int, dict[str, str]], rows: list | None = None) -> list[dict[str, str]]:
    """The base with some cells replaced: row (from 1) → header → value."""
    rows = rows or people()
    for number, cells in edits.items():
        rows[number - 1] |= cells
    return rows


def column(name: str, values: list[str]) -> list[dict[str, str]]:
    """The base with one column replaced."""
    return [row | {name: value} for row, value in zip(people(), values, strict=True)]


@case("A01", "clean_utf8.csv")
def clean_utf8():
    return csv_bytes(people())


@case("A02", "bom.csv")
def bom():
    return csv_bytes(people(), "utf-8-sig")


@case("A04", "gb18030_4byte.csv")
def gb18030_four_bytes():
    return csv_bytes(edited({1: {"姓名": "虚构\U00020bb7"}, 2: {"姓名": "虚构㑇"}}), "gb18030")


@case("A05", "gb18030_pua_fe59.csv")
def gb18030_private_use():
    return csv_bytes(edited({1: {"姓名": "虚构PUA"}}), "gb18030").replace(b"PUA", b"\xfe\x59")


@case("A07", "utf16be_bom.csv")
def utf16_big_endian():
    return b"\xfe\xff" + csv_text(table(people())).encode("utf-16-be")


@case("A08", "mixed_utf8_gbk.csv")
def two_encodings():
    lines = csv_text(table(people())).splitlines(keepends=True)
    return "".join(lines[:8]).encode("utf-8") + "".join(lines[8:]).encode("gbk")


@case("A10", "double_encoded.csv")
def double_encoded():
    return csv_text(table(people())).encode("utf-8").decode("latin-1").encode("utf-8")


@case("A11", "nul_bytes.csv")
def nul_bytes():
    return csv_bytes(edited({3: {"姓名": "示例\x00才让"}}))


@case("A13", "cr_only.csv")
def cr_only():
    return csv_text(table(people()), "\r").encode("utf-8")


@case("A14", "quoted_newline.csv")
def quoted_newline():
    return csv_bytes(edited({3: {"村(社区)": f"{AREA_SHORT}贡麻\n牧委会"}}))


@case("A15", "unbalanced_quote.csv")
def unbalanced_quote():
    return csv_bytes(people()).decode().replace("虚构扎西", '"虚构扎西').encode()


@case("A16", "ragged.csv")
def ragged():
    lines = table(people())
    lines[4] = lines[4][:-3]
    lines[7] = [*lines[7][:5], "多", *lines[7][5:]]
    return csv_text(lines).encode()


@case("A17", "excel_eq_quote_ids.csv")
def excel_equals_quotes():
    return csv_bytes(
        [
            row | {"身份证号": f'="{row["身份证号"]}"', "银行账号": f'="{row["银行账号"]}"'}
            for row in people()
        ]
    )


@case("A19", "mixed_dates.csv")
def mixed_dates():
    dates = [row["出生日期"] for row in people()]
    year, month, day = (int(part) for part in dates[0].split("-"))
    dates[0] = f"{year}/{month}/{day}"
    dates[1] = dates[1].replace("-", "")
    dates[2] = "{}年{}月{}日".format(*(int(part) for part in dates[2].split("-")))
    dates[3] = dates[3].replace("-", ".")
    dates[7] = "75年5月5日"
    return csv_bytes(column("出生日期", dates))


@case("A20", "ambiguous_dates.csv")
def ambiguous_dates():
    rows = people()
    for row, birth, written in zip(
        rows,
        ("19620701", "19560403", "20011111"),
        ("1/7/1962", "4/3/1956", "11/11/2001"),
        strict=False,
    ):
        row["身份证号"] = id_number(birth, 901 if row["性别"] == "男" else 902)
        row["出生日期"] = written
    return csv_bytes(rows)


def _date_lines(as_number: bool, base: int = 25569):
    import datetime as dt

    lines = table(people())
    place = HEADERS.index("出生日期")
    for line in lines[2:-1]:
        day = dt.date.fromisoformat(line[place])
        line[place] = (
            (day - dt.date(1970, 1, 1)).days + base
            if as_number
            else dt.datetime.combine(day, dt.time())
        )
    return lines


@case("A22", "date_cells_serials.xlsx")
def date_cells_and_serials():
    cells, serials = _date_lines(False), _date_lines(True)
    return xlsx_bytes([*cells[:8], *serials[8:]])


@case("A23", "date1904.xlsx")
def date_1904():
    return xlsx_bytes(_date_lines(False), date_1904=True)


@case("A25", "fullwidth.csv")
def full_width():
    wide = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
    names = (
        "统计月份",
        "行政区划代码",
        "身份证号",
        "出生日期",
        "保障人口数",
        "月保障金额",
        "起始年月",
    )
    return csv_bytes(
        [row | {name: row[name].translate(wide) for name in names} for row in people()]
    )


@case("A26", "lower_x_spaces_zwsp.csv")
def lower_x_and_blanks():
    def spoil(number: int, text: str) -> str:
        return [
            text.lower(),
            f" {text} ",
            f"{text[:6]} {text[6:14]} {text[14:]}",
            f"\u200b{text}\ufeff",
        ][number % 4]

    return csv_bytes(
        [row | {"身份证号": spoil(number, row["身份证号"])} for number, row in enumerate(people())]
    )


@case("A28", "ids_as_float.xlsx")
def ids_as_numbers():
    place, lines = HEADERS.index("身份证号"), table(people())
    for line in lines[2:-1]:
        line[place] = float(line[place]) if line[place].isdigit() else line[place]
    return xlsx_bytes(lines)


@case("A29", "sci_ids.csv")
def scientific_ids():
    return csv_bytes(
        [row | {"身份证号": f"{float(row['身份证号'][:17] + '0'):.5E}"} for row in people()]
    )


@case("A31", "bad_check_digits.csv")
def bad_check_digits():
    ids = [row["身份证号"] for row in people()]
    for number in (0, 1, 2):
        ids[number] = ids[number][:17] + ("0" if ids[number][17] != "0" else "1")
    ids[3] = id_number("19721332", 902)
    ids[4] = ids[4][:17]
    return csv_bytes(column("身份证号", ids))


@case("A32", "id_mismatch_birth_sex.csv")
def id_mismatches():
    return csv_bytes(edited({2: {"出生日期": "1999-01-01"}, 3: {"性别": "女"}}))


@case("A34", "foreign_hkmo_tw_ids.csv")
def other_documents():
    others = {
        1: id_number("19800101", 901, "830000"),
        3: "H12345678",
        4: "08123456",
        6: "E12345678",
        7: "FRA123456789012",
        8: "M9876543201",
    }
    rows = people()
    for number, document in others.items():
        rows[number - 1]["身份证号"] = document
    rows[0] |= {"出生日期": "1980-01-01", "性别": "男"}
    return csv_bytes(rows)


@case("A35", "children_no_id.csv")
def children_without_numbers():
    ids = [""] * 8 + ["无", "000000000000000000", "123456789012345678", "暂无"]
    return csv_bytes(column("身份证号", ids))


@case("A37", "exact_duplicate_row.csv")
def exact_duplicate():
    rows = people()
    return csv_bytes([*rows, rows[4]])


@case("A38", "clean.xlsx")
def clean_xlsx():
    return xlsx_bytes(table(people()))


@case("A40", "vertical_merge_town.xlsx")
def merged_townships():
    place = HEADERS.index("乡镇")
    rows = sorted(people(), key=lambda row: row["乡镇"])
    lines = table(rows)

    def merge(book):
        sheet, start = book.active, 3
        for number in range(4, 3 + len(rows) + 1):
            if number == 3 + len(rows) or lines[number - 1][place] != lines[start - 1][place]:
                if number - start > 1:
                    sheet.merge_cells(
                        start_row=start,
                        end_row=number - 1,
                        start_column=place + 1,
                        end_column=place + 1,
                    )
                start = number

    return xlsx_bytes(lines, merge)


@case("A41", "subtotals.xlsx")
def subtotals():
    lines, place = table(people()), HEADERS.index("月保障金额")
    body = lines[2:-1]
    made = []
    for start in range(0, 12, 2):
        pair = body[start : start + 2]
        made += [*pair, _total("小计", [line[place] for line in pair])]
    return xlsx_bytes([*lines[:2], *made, _total("合计", AMOUNTS), lines[-1]])


def _total(word: str, amounts: list[str]) -> list:
    line: list = [""] * len(HEADERS)
    line[2], line[HEADERS.index("月保障金额")] = word, round(sum(map(float, amounts)), 2)
    return line


@case("A43", "very_hidden_first_sheet.xlsx")
def very_hidden_sheet():
    doubled = [row | {"月保障金额": "9999.00", "统计月份": "2024-02"} for row in people()]

    def hide(book):
        book["上月"].sheet_state = "veryHidden"
        book.active = 1

    return xlsx_bytes({"上月": table(doubled), "本月": table(people())}, hide)


@case("A44", "hidden_rows_cols.xlsx")
def hidden_rows():
    def hide(book):
        for number in (5, 7, 9):
            book.active.row_dimensions[number].hidden = True
        book.active.column_dimensions["N"].hidden = True

    return xlsx_bytes(table(people()), hide)


@case("A46", "two_data_sheets.xlsx")
def two_data_sheets():
    return xlsx_bytes({"一": table(people()[:6]), "二": table(people()[6:])})


@case("A47", "duplicate_header.xlsx")
def duplicate_header():
    return xlsx_bytes(
        [["姓名" if cell == "月保障金额" else cell for cell in line] for line in table(people())]
    )


@case("A49", "renamed_unknown.xlsx")
def renamed_column():
    return xlsx_bytes(
        [["发放数" if cell == "月保障金额" else cell for cell in line] for line in table(people())]
    )


@case("A50", "missing_id_column.xlsx")
def missing_ids():
    return xlsx_bytes(table(people(), [name for name in HEADERS if name != "身份证号"]))


@case("A52", "reordered_columns.xlsx")
def reordered():
    return xlsx_bytes(table(people(), HEADERS[::-1]))


@case("A53", "header_whitespace.xlsx")
def spaced_header():
    spoiled = {
        "统计月份": "统 计\n月份",
        "身份证号": "身份证\n号",
        "村(社区)": "村（社区）",
        "姓名": "　姓　名 ",
        "月保障金额": "月保障金额\n(元)",
    }
    return xlsx_bytes([[spoiled.get(cell, cell) for cell in line] for line in table(people())])


@case("A55", "wan_yuan.xlsx")
def ten_thousands():
    lines = table(
        [row | {"月保障金额": f"{float(row['月保障金额']) / 10000:.6f}"} for row in people()]
    )
    return xlsx_bytes([lines[0], ["单位：万元"], *lines[1:]])


@case("A56", "amount_texts.csv")
def amount_texts():
    amounts = [
        "1,215.00",
        "７２９",
        "305.00元",
        "1 830.75",
        "243.10元整",
        "￥996.90",
        "1458",
        "+640.00",
        "五百一十二",
        "8,88",
        "774.0",
        "732",
    ]
    return csv_bytes(column("月保障金额", amounts))


@case("A58", "float_noise.xlsx")
def float_noise():
    lines, place = table(people()), HEADERS.index("月保障金额")
    for line in lines[2:-1]:
        line[place] = float(line[place]) + 1e-10
    return xlsx_bytes(lines)


@case("A59", "excel_errors.xlsx")
def error_cells():
    lines = table(people())

    def spoil(book):
        for number, name, error in (
            (3, "月保障金额", "#N/A"),
            (5, "月保障金额", "#REF!"),
            (7, "身份证号", "#VALUE!"),
            (9, "状态", "#DIV/0!"),
        ):
            cell = book.active.cell(number, HEADERS.index(name) + 1)
            cell.value, cell.data_type = error, "e"

    return xlsx_bytes(lines, spoil)


@case("A61", "formula_cached.xlsx")
def formulas():
    content = xlsx_bytes(table(people()))
    letter = chr(65 + HEADERS.index("月保障金额"))

    def edit(xml: bytes) -> bytes:
        pattern = rb'<c r="%s3"[^>]*t="s"><v>\d+</v></c>' % letter.encode()
        return re.sub(pattern, b'<c r="%s3"><f>1000+215</f><v>1215</v></c>' % letter.encode(), xml)

    return with_part(content, "xl/worksheets/sheet1.xml", edit)


@case("A61b", "formula_without_value.xlsx")
def formula_without_value():
    return with_part(
        formulas(),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</f><v>1215</v>", b"</f><v></v>"),
    )


@case("A62", "formula_injection.csv")
def formula_injection():
    names = ['=HYPERLINK("http://x","虚构")', "+虚构", "-虚构", "@SUM(1)", "\t虚构", "=1+1"] + [
        "虚构平安"
    ] * 6
    return csv_bytes(column("姓名", names))


@case("A64", "sql_header_names.xlsx")
def sql_in_headers():
    rows = [
        row | {'x"; DROP TABLE t; --': "1", "备注2": "'; attach 'pwned.db'; --"} for row in people()
    ]
    return xlsx_bytes(table(rows, [*HEADERS, 'x"; DROP TABLE t; --', "备注2"]))


@case("A65", "tibetan_long_names.csv")
def long_names():
    names = ["བསྟན་འཛིན་རྒྱ་མཚོ", "示例·才让·扎西", "虚构" * 15] + ["虚构平安"] * 9
    return csv_bytes(column("姓名", names))


@case("A68", "clean_xlsx_named.xls")
def xlsx_named_xls():
    return clean_xlsx()


@case("A70", "html_named.xls")
def html_named_xls():
    return "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode()


@case("A71", "truncated.xlsx")
def truncated():
    return clean_xlsx()[:-700]


@case("A73", "zero_byte.xlsx")
def zero_bytes():
    return b""


@case("A74", "zero_byte.csv")
def zero_bytes_csv():
    return b""


@case("A76", "title_only.csv")
def title_only():
    return TITLE.encode()


@case("A77", "encrypted.xlsx")
def encrypted():
    directory = "EncryptedPackage".encode("utf-16-le").ljust(128, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory * 8


@case("A79", "macro_named.xlsx")
def macros():
    sink = io.BytesIO(clean_xlsx())
    with zipfile.ZipFile(sink, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\0" * 64)
    return sink.getvalue()


@case("A80", "good.zip")
def good_zip():
    return zip_bytes({"低保.csv": clean_utf8()})


@case("A82", "traversal.zip")
def traversal():
    return zip_bytes({"../../pwned_by_zip.csv": clean_utf8()})


@case("A83", "bomb_300MB.zip")
def bomb():
    return zip_bytes({"a.csv": b"0" * (300 << 20)})


@case("A84", "bomb_in_sheet.xlsx")
def bomb_in_sheet():
    return with_part(
        clean_xlsx(),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<sheetData>", b" " * (100 << 20) + b"<sheetData>"),
    )


@case("A85", "far_cell.xlsx")
def far_cell():
    def stray(book):
        book.active["XFD1048576"] = " "

    return xlsx_bytes(table(people()), stray)


@case("A86", "symlink.zip")
def symlink_in_zip():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        link = zipfile.ZipInfo("低保.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return sink.getvalue()


@case("A88", "encrypted.zip")
def encrypted_zip():
    content = bytearray(good_zip())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(mark) + offset
        content[place : place + 2] = struct.pack(
            "<H", struct.unpack("<H", content[place : place + 2])[0] | 1
        )
    return bytes(content)


@case("A89", "gbk_filename.zip")
def gbk_name_in_zip():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("ABCD.csv", clean_utf8())
    return sink.getvalue().replace(b"ABCD.csv", "低保".encode("gbk") + b".csv")


@case("A91", "10000_entries.zip")
def many_entries():
    return zip_bytes({f"{number}.csv": b"1" for number in range(10_000)})


@case("A92", "bad_crc.zip")
def bad_checksum():
    content = bytearray(good_zip())
    for mark, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = content.index(mark) + offset
        content[place] ^= 0xFF
    return bytes(content)


@case("A93", "entities.xlsx")
def entities():
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    return with_part(
        clean_xlsx(), "xl/worksheets/sheet1.xml", lambda xml: lol + xml[xml.index(b"<worksheet") :]
    )


@case("A94", f"wrong_month_inside_{AREA_NAME}202403农村低保.xlsx")
def wrong_month():
    return xlsx_bytes(table([row | {"统计月份": "2024-02"} for row in people()]))


@case("A95", "two_months_inside.xlsx")
def two_months():
    return xlsx_bytes(table(edited({number: {"统计月份": "2024-02"} for number in (1, 4, 7, 10)})))


@case("A97", "code_name_conflict.csv")
def code_against_name():
    return csv_bytes(
        edited(
            {
                1: {"乡镇": "哈尔盖镇"},
                2: {"行政区划代码": f"{AREA}999001"},
                3: {"行政区划代码": f"{AREA}201204"},
            }
        )
    )


@case("B07", "line\nbreak_<b>name.xlsx")
def strange_name():
    return clean_xlsx()


@case("B11", "month_formats.csv")
def month_forms():
    months = [
        "2024-03",
        "202403",
        "2024年3月",
        "2024.3",
        "45352",
        "2024/03",
        "2024-03-01",
        "２０２４年０３月",
        "2024年03月",
        "2024-3",
        "20240301",
        "2024/3/1",
    ]
    return csv_bytes(column("统计月份", months))


@case("B13", "disability_codes.csv")
def disability_levels():
    levels = ["一级", "2", "3级", "肆级", "五级", "0级", "", "叁级", "四", "1级", "二级", "4"]
    headers = [*HEADERS, "残疾等级"]
    return csv_text(table(column("残疾等级", levels), headers)).encode()


@case("B14", "long_line.csv")
def long_line():
    return csv_bytes([*people(), people(13)[12] | {"姓名": "虚" * 1_000_000}])


@case("U01", "unit_row.xlsx")
def unit_row():
    lines = table(people())
    return xlsx_bytes([lines[0], [UNIT], *lines[1:]])


@case("U02", "semicolons.csv")
def semicolons():
    return csv_text(table(people())).replace(",", ";").encode()


@case("U03", "one_precise_id.xlsx")
def one_id_as_number():
    place, lines = HEADERS.index("身份证号"), table(people())
    line = next(line for line in lines[2:-1] if line[place].isdigit())
    line[place] = float(line[place])
    return xlsx_bytes(lines)


@case("U04", "same_key_twice.csv")
def same_key_twice():
    rows = people()
    return csv_bytes([*rows, rows[4] | {"月保障金额": "1.00"}])


@case("U04b", "same_key_once_spoiled.csv")
def same_key_once_spoiled():
    rows = people()
    return csv_bytes([*rows, rows[4] | {"月保障金额": "待定"}])


@case("U05", "stopped_and_rebuilt.csv")
def stopped_and_rebuilt():
    rows = people()
    return csv_bytes([*rows, rows[4] | {"状态": "停保"}])


@case("U06", "merged_amount.xlsx")
def merged_amount():
    place = HEADERS.index("月保障金额") + 1
    lines = table(people())
    lines[3][place - 1] = ""
    return xlsx_bytes(
        lines,
        lambda book: book.active.merge_cells(
            start_row=3, end_row=4, start_column=place, end_column=place
        ),
    )


@case("U07", "repeated_header.xlsx")
def repeated_header():
    lines = table(people())
    return xlsx_bytes([*lines[:8], lines[1], *lines[8:]])


@case("U08", "cut_in_a_row.csv")
def cut_in_a_row():
    return csv_text(table(people())[:-1]).encode()[:-90]


@case("U09", "blank_rows.xlsx")
def formatted_blank_rows():
    def pad(book):
        for number in range(20, 1220):
            book.active.cell(number, 3).number_format = "0.00"

    return xlsx_bytes(table(people()), pad)


@case("U10", "two_datasets.xlsx")
def two_datasets():
    prices = [
        ["指数月份", "地区", "居民消费价格同比", "食品价格同比", "发布日期"],
        ["2024-03", "青海", "101", "102", "2024-04-09"],
    ]
    return xlsx_bytes({"低保": table(people()), "物价": prices})


@case("U11", "title_of_another_township.xlsx")
def another_townships_title():
    rows = [row for row in people() if row["乡镇"] == "泉吉乡"]
    return xlsx_bytes(table(rows, title=f"{AREA_NAME}吉尔孟乡2024年3月农村低保花名册"))


@case("U12", "guest_row.xlsx")
def guest_row():
    rows = sorted(people(), key=lambda row: row["乡镇"] != "泉吉乡")[:3]
    return xlsx_bytes(table(rows, title=f"{AREA_NAME}泉吉乡2024年3月农村低保花名册"))


@case("U13", "pdf_named.csv")
def pdf():
    return b"%PDF-1.7\n"


@case("U14", "digits_of_other_scripts.csv")
def digits_of_other_scripts():
    arabic, bold = (
        str.maketrans({chr(48 + n): chr(first + n) for n in range(10)})
        for first in (0x660, 0x1D7CE)
    )
    rows = people()
    rows[0]["身份证号"] = rows[0]["身份证号"].translate(arabic)
    rows[1]["身份证号"] = rows[1]["身份证号"].translate(bold)
    rows[2]["月保障金额"] = rows[2]["月保障金额"].translate(arabic)
    rows[3]["出生日期"] = rows[3]["出生日期"].translate(arabic)
    rows[4]["行政区划代码"] = rows[4]["行政区划代码"].translate(arabic)
    return csv_bytes(rows)


@case("U15", "marks_of_direction.csv")
def marks_of_direction():
    rows = people()
    for row, before, after in zip(
        rows, "\u202e\u2068\u2066\u200e", "\u202c\u2069\u2069\u200f", strict=False
    ):
        row["身份证号"] = before + row["身份证号"] + after
    rows[4]["身份证号"] = rows[4]["身份证号"][:9] + "\u00ad" + rows[4]["身份证号"][9:]
    rows[5]["身份证号"] = rows[5]["身份证号"].replace("6", "б", 1)
    return csv_bytes(rows)


@case("U16", "parted_amounts.csv")
def parted_amounts():
    return csv_bytes(
        edited({1: {"月保障金额": "12 15"}, 2: {"保障人口数": "1 1"}, 4: {"月保障金额": "83 0.75"}})
    )


@case("U17", "thousands_row.xlsx")
def thousands_above_the_header():
    lines = table(people())
    return xlsx_bytes([lines[0], ["金额单位：千元"], *lines[1:]])


@case("U18", "thousands_header.xlsx")
def thousands_in_the_header():
    return xlsx_bytes(
        [
            ["月保障金额（百元）" if cell == "月保障金额" else cell for cell in line]
            for line in table(people())
        ]
    )


@case("U19", "thousands_title.csv")
def ten_thousands_in_the_title():
    return csv_bytes(people(), title=TITLE + "（万元）")


@case("U20", "utf32.csv")
def utf32():
    return csv_text(table(people())).encode("utf-32")


@case("U21", "utf16_without_mark.csv")
def utf16_without_mark():
    return csv_text(table(people())).encode("utf-16-le")


@case("U22", "flat_document.xls")
def flat_open_document():
    head = b'<?xml version="1.0"?><office:document xmlns:xhtml="http://www.w3.org/1999/xhtml" '
    return head + b'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>'


@case("U23", "program.csv")
def program():
    return b"MZ\x90\x00" + b"\0" * 200


@case("U24", "binary_workbook.xlsb")
def binary_workbook():
    return zip_bytes({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01\0"})


@case("U25", "bomb_in_properties.xlsx")
def bomb_in_properties():
    big = b"<Company>" + b"A" * (100 << 20) + b"</Company></Properties>"
    return with_part(
        clean_xlsx(), "docProps/app.xml", lambda xml: xml.replace(b"</Properties>", big)
    )


@case("U26", "declared_dimensions.xlsx")
def declared_dimensions():
    pattern = rb'<dimension ref="[^"]*"/>'
    return with_part(
        clean_xlsx(),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(pattern, b'<dimension ref="A1:XFD1048576"/>', xml),
    )


@case("U27", "huge_cell.csv")
def huge_cell():
    return csv_bytes(edited({1: {"姓名": "虚" * 20_000_000}}))


@case("U28", "prefixed.xlsx")
def prefixed_elements():
    def prefixed(xml: bytes) -> bytes:
        return re.sub(rb"<(/?)([a-z])", rb"<\1x:\2", xml).replace(b'xmlns="', b'xmlns:x="')

    return with_part(clean_xlsx(), "xl/worksheets/sheet1.xml", prefixed)


@case("U29", "no_references.xlsx")
def cells_without_references():
    return with_part(
        clean_xlsx(),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb' r="[A-Z]+[0-9]+"', b"", xml),
    )


@case("U30", "two_header_rows.xlsx")
def two_header_rows():
    lines, split = table(people()), HEADERS.index("保障人口数")
    upper = [
        ("保障情况" if place == split else "") if place in (split, split + 1) else cell
        for place, cell in enumerate(HEADERS)
    ]
    lower = [cell if place in (split, split + 1) else "" for place, cell in enumerate(HEADERS)]

    def merge(book):
        book.active.merge_cells(
            start_row=2, end_row=2, start_column=split + 1, end_column=split + 2
        )
        for place in range(len(HEADERS)):
            if place not in (split, split + 1):
                book.active.merge_cells(
                    start_row=2, end_row=3, start_column=place + 1, end_column=place + 1
                )

    return xlsx_bytes([lines[0], upper, lower, *lines[2:]], merge)


@case("U31", "total_first.xlsx")
def total_above_the_rows():
    lines = table(people())
    return xlsx_bytes([*lines[:2], _total("合计", AMOUNTS), *lines[2:]])


@case("U32", "people_named_total.csv")
def people_named_like_totals():
    return csv_bytes(edited({1: {"姓名": "合计"}, 2: {"姓名": "小计"}}))


@case("U33", "archive_in_archive.zip")
def archive_in_archive():
    return zip_bytes({"a.zip": zip_bytes({"a.csv": clean_utf8()})})


@case("U34", "no_archive.zip")
def empty_archive():
    return zip_bytes({})


@case("U35", "only_marks.csv")
def only_a_byte_order_mark():
    return b"\xef\xbb\xbf"


@case("U36", "blank_form.xlsx")
def blank_form():
    return xlsx_bytes(table([]))


@case("U37", "sideways.xlsx")
def sideways():
    return xlsx_bytes([list(line) for line in zip(*table(people()), strict=True)])


@case("U38", "trailing_commas.csv")
def trailing_commas():
    return "\r\n".join(line + "," for line in csv_text(table(people())).splitlines()).encode()


@case("U39", "pasted_twice.csv")
def pasted_twice():
    return csv_bytes([*people(), *people()])


@case("U40", "formulas_never_computed.xlsx")
def formulas_never_computed():
    place = HEADERS.index("月保障金额") + 1

    def write(book):
        for number in range(3, 15):
            book.active.cell(number, place).value = f"=100+{number}"

    return xlsx_bytes(table(people()), write)


@case("U41", "years_for_months.xlsx")
def years_for_months():
    lines, place = table(people()), HEADERS.index("起始年月")
    lines[2][place], lines[3][place], lines[4][place] = 2021, "2021", "2021-13"
    return xlsx_bytes(lines)


def converted_to_xls(folder) -> bytes:
    """The clean workbook as BIFF8, by LibreOffice."""
    (folder / "clean.xlsx").write_bytes(clean_xlsx())
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xls:MS Excel 97",
        "--outdir",
        folder,
        folder / "clean.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "clean.xls").read_bytes()


__all__ = ["CASES", "FOOTER", "changed", "converted_to_xls"]
