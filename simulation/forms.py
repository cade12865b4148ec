"""How an office writes a table: words and dates in its own style, title, unit row, header, totals, footer; .csv and .xlsx."""

import datetime as dt
import io
from dataclasses import dataclass, field

import polars as pl

from minzheng.contracts.datasets import Dataset, dataset
from minzheng.months import month_zh

LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
NUMBERS = ("yuan", "int", "percent", "decimal", "year")
MARKS = {"none": "-", "below": "…", "blank": None}


@dataclass(frozen=True)
class Style:
    """How one file is written. `absent` are optional columns left out; `encoding` is None for a workbook."""

    dataset: str
    month: str
    place: str
    form: str
    encoding: str | None = None
    title: bool = True
    unit_row: bool = True
    footer: bool = True
    totals: bool = False
    month_style: int = 0
    date_style: int = 0
    synonyms: bool = False
    broken_headers: bool = False
    reordered: bool = False
    two_row_header: bool = False
    absent: frozenset[str] = frozenset()
    unit: str = "元、人"
    extra: dict = field(default_factory=dict)


def _month_text(column: str, style: int) -> pl.Expr:
    month = pl.col(column)
    if style == 1:
        return month.str.replace("-", "")
    if style == 2:
        number = month.str.slice(5, 2).str.strip_chars_start("0")
        return pl.format("{}年{}月", month.str.slice(0, 4), number)
    return month


def _date_text(column: str, style: int) -> pl.Expr:
    return pl.col(column).dt.strftime(("%Y-%m-%d", "%Y%m%d", "%Y/%-m/%-d")[style % 3])


def _words(name: str, style: Style) -> pl.Expr:
    """A code in the words of the sender."""
    column = pl.col(name)
    if name == "sex":
        return column.replace({"M": "男", "F": "女"})
    if not style.synonyms:
        return column
    if name == "disability_level":
        return column.replace(LEVELS)
    if name == "hukou":
        return column.replace({"农村": "农业", "城镇": "非农业"})
    if name == "status":
        return column.replace({"在保": "正常"})
    if name == "scheme" and style.dataset == "dibao_roll":
        tier = (
            pl.col("person_id_no")
            .fill_null("0")
            .str.slice(13, 1)
            .replace_strict(dict(zip("0123456789", "ABCABCABCA", strict=True)), default="B")
        )
        return pl.when(column == "农村低保").then(column + tier + "类").otherwise(column)
    return column


def render(frame: pl.DataFrame, style: Style) -> pl.DataFrame:
    """The frame as text, column by column of the contract, without those that are absent."""
    found = []
    for column in dataset(style.dataset).columns:
        if column.name in style.absent:
            continue
        name = column.name
        if name in ("month_value", "year_to_date_value"):
            value = pl.col(name).cast(pl.String).str.replace(r"\.0$", "")
            text = (
                pl.when(pl.col(f"{name}_mark") == "number")
                .then(value)
                .otherwise(pl.col(f"{name}_mark").replace_strict(MARKS, default=None))
            )
        elif column.type == "month":
            text = _month_text(name, style.month_style)
        elif column.type == "date":
            text = _date_text(name, style.date_style)
        elif column.type == "flag":
            text = pl.when(pl.col(name)).then(pl.lit("是")).when(~pl.col(name)).then(pl.lit("否"))
        elif column.type in ("yuan", "percent", "decimal"):
            text = pl.col(name).round(2).cast(pl.Decimal(18, 2)).cast(pl.String)
        elif column.type == "code":
            text = _words(name, style)
        else:
            text = pl.col(name).cast(pl.String)
        found.append(text.alias(name))
    return frame.select("uid", *found)


def order(style: Style, columns: list[str]) -> list[str]:
    """The columns in the order of the file: as in the contract, or with the words after the first ones turned round."""
    if not style.reordered:
        return columns
    return columns[:4] + columns[4:][::-1] if len(columns) > 6 else columns


def header(style: Style, name: str) -> str:
    """The heading of a column as this sender writes it."""
    words = dataset(style.dataset).column(name).header
    if not style.broken_headers:
        return words
    changed = {
        "统计月份": "统计 月份",
        "行政区划代码": "行政区划\n代码",
        "身份证号": "身份证\n号",
        "村(社区)": "村\uff08社区\uff09",
        "银行账号": "银行卡号",
    }
    return changed.get(words, words)


def preamble(style: Style) -> list[str]:
    """Title and unit rows."""
    contract: Dataset = dataset(style.dataset)
    rows = [f"{style.place}{month_zh(style.month)}{contract.title.zh}"] if style.title else []
    if style.title and style.unit_row:
        rows.append(f"填报单位\uff1a{style.place}    单位\uff1a{style.unit}")
    return rows


def footer(style: Style) -> list[str]:
    """Who filled it in, who looked at it, when."""
    return (
        ["填报人\uff1a虚构甲", "审核人\uff1a虚构乙", f"日期\uff1a{month_zh(style.month)}28日"]
        if style.footer
        else []
    )


def total_row(rows: pl.DataFrame, columns: list[str], style: Style) -> list[str | None] | None:
    """A 合计 row with the sum of the first money column, where the table has one."""
    money = [
        c.name for c in dataset(style.dataset).columns if c.type == "yuan" and c.name in columns
    ]
    if not style.totals or not money or "township_name" not in columns:
        return None
    total = rows[money[0]].cast(pl.Float64, strict=False).fill_null(0).sum()
    return [
        "合计" if name == "township_name" else f"{total:.2f}" if name == money[0] else None
        for name in columns
    ]


def csv_bytes(rows: pl.DataFrame, style: Style) -> bytes:
    """The file's bytes: `rows` holds text in the file's order of columns."""
    buffer = io.StringIO()
    for line in preamble(style):
        buffer.write(line + "\r\n")
    rows.rename({name: header(style, name) for name in rows.columns}).write_csv(
        buffer, line_terminator="\r\n"
    )
    total = total_row(rows, rows.columns, style)
    if total:
        buffer.write(",".join(value or "" for value in total) + "\r\n")
    foot = footer(style)
    if foot:
        buffer.write(",".join(foot) + "\r\n")
    return buffer.getvalue().encode(style.encoding)


def data_start(style: Style) -> int:
    """The row number, from 1, of the first data row."""
    return len(preamble(style)) + (2 if style.two_row_header else 1) + 1


def xlsx_bytes(rows: pl.DataFrame, style: Style, sheet: str = "花名册") -> bytes:
    """A workbook: numbers as numbers, codes and numbers of people as text, dates as dates when `date_style` is 0."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": dt.datetime(2020, 1, 1), "author": "虚构"})  # noqa: DTZ001
    page, day = book.add_worksheet(sheet), book.add_format({"num_format": "yyyy-mm-dd"})
    columns, line = rows.columns, 0
    for words in preamble(style):
        page.merge_range(line, 0, line, len(columns) - 1, words)
        line += 1
    line = _write_header(page, columns, style, line)
    types = {column.name: column.type for column in dataset(style.dataset).columns}
    for place, name in enumerate(columns):
        _write_column(
            page,
            line,
            place,
            rows[name].to_list(),
            types[name],
            day if style.date_style == 0 else None,
        )
    line += len(rows)
    total = total_row(rows, columns, style)
    if total:
        for place, value in enumerate(total):
            if value is not None:
                page.write_string(line, place, value) if value == "合计" else page.write_number(
                    line, place, float(value)
                )
        line += 1
    for place, words in zip((0, 2, 5), footer(style), strict=False):
        page.write_string(line + 1, place, words)
    book.close()
    return buffer.getvalue()


def _write_header(page, columns: list[str], style: Style, line: int) -> int:
    """One row, or two with the amounts under a common heading; returns the next line."""
    if not style.two_row_header:
        for place, name in enumerate(columns):
            page.write_string(line, place, header(style, name))
        return line + 1
    amounts = [columns.index("living_amount"), columns.index("care_amount")]
    for place, name in enumerate(columns):
        if place in amounts:
            page.write_string(line + 1, place, header(style, name))
        else:
            page.merge_range(line, place, line + 1, place, header(style, name))
    page.merge_range(line, min(amounts), line, max(amounts), "补贴金额")
    return line + 2


def _write_column(page, line: int, place: int, values: list[str | None], type_: str, day) -> None:
    for step, value in enumerate(values):
        if value is None:
            continue
        number = _as_number(value) if type_ in NUMBERS else None
        if number is not None:
            page.write_number(line + step, place, number)
        elif type_ == "date" and day is not None and len(value) == 10 and value[4] == "-":
            try:
                page.write_datetime(line + step, place, dt.date.fromisoformat(value), day)
            except ValueError:
                page.write_string(line + step, place, value)
        else:
            page.write_string(line + step, place, value)


def _as_number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
