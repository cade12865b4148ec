"""The Ministry's monthly and quarterly form as a workbook, filled from observations (docs/sources.md 2.3).

上期 is the period before; 环比 is its growth in per cent, never on a year-to-date row across January, never across a change
of definition. A blank cell is missing or not collected, ＊ is withheld, — has no such item.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import Field

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import contract
from minzheng.contracts.regions import office
from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import add_months, month_zh
from minzheng.publish.cell import SIGNS, Cell
from minzheng.publish.cells import Published
from minzheng.publish.numbers import rounded

CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zones
MONTHS = {"month": 1, "quarter": 3}
COLUMNS = (
    ("指标名称", "甲", 38),
    ("单位", "丙", 12),
    ("代码", "乙", 16),
    ("数量", "1", 14),
    ("上期", "2", 14),
    ("环比(%)", "3", 10),
)
TEXTS = {state: SIGNS[state] for state in ("suppressed", "not_applicable")}


class FormRow(Strict):
    """One row: what it is called and which cell feeds it; without an indicator it stays blank.

    `township_kind`: last characters of the names of townships that it counts.
    """

    name: str
    unit: str = ""
    code: str = ""
    indicator: str | None = None
    breakdown: dict[str, str] = {}
    township_kind: str | None = None
    year_to_date: bool = False
    decimals: int = Field(default=0, ge=0, le=2)


class Form(Strict):
    """`contracts/forms/<form>.yaml`."""

    form: str
    title: str
    period: Literal["month", "quarter"]
    heading: dict[str, str]
    rows: list[FormRow]


@dataclass(frozen=True)
class Filled:
    """A row's three numbers as they stand in the form: a rounded number, a sign, or None for blank."""

    row: FormRow
    now: float | str | None
    before: float | str | None
    change: float | None
    lacks: str = ""


@cache
def form(name: str) -> Form:
    """The layout of a form, by its file's name; `WrongCall` for an unknown one."""
    path = contract(f"forms/{name}.yaml")
    if not path.is_file():
        raise WrongCall(f"no form {name}", f"没有报表 {name}")
    return Form.model_validate(read_yaml(path))


def forms_due(month: str) -> list[str]:
    """The forms of a month: the monthly one always, the quarterly one at a quarter's end."""
    return ["YZH01", "JZH01"] if int(month[5:]) % 3 == 0 else ["YZH01"]


def fill(published: Published, name: str) -> list[Filled]:
    """Every row of the form with 数量, 上期 and 环比."""
    layout = form(name)
    return [filled(published, row, MONTHS[layout.period]) for row in layout.rows]


def filled(published: Published, row: FormRow, step: int) -> Filled:
    """One row; counts of townships come from the published areas."""
    if row.township_kind:
        count = sum(
            published.names[code].endswith(tuple(row.township_kind)) for code in published.townships
        )
        return Filled(row, float(count), None, None)
    if row.indicator is None:
        return Filled(row, None, None, None)
    earlier = add_months(published.month, -step)
    now = published.cell(row.indicator, **row.breakdown)
    before = published.cell(row.indicator, month=earlier, **row.breakdown)
    return Filled(
        row,
        shown(now, row.decimals),
        shown(before, row.decimals),
        change(now, before, row),
        now.lacks,
    )


def shown(cell: Cell, decimals: int) -> float | str | None:
    """The cell as the form prints it."""
    if cell.state == "value":
        return float(rounded(cell.value, decimals))
    return TEXTS.get(cell.state)


def change(now: Cell, before: Cell, row: FormRow) -> float | None:
    """环比 in per cent to two decimals; None where it must not or cannot be told, or hangs on what is open."""
    across_january = now.reference.time_period[:4] != before.reference.time_period[:4]
    if now.state != "value" or before.state != "value" or (row.year_to_date and across_january):
        return None
    if now.break_since(before):
        return None
    growths = {_growth(*ends, row.decimals) for ends in product(now.ends, before.ends)}
    return growths.pop() if len(growths) == 1 else None


def _growth(now: Cell, before: Cell, decimals: int) -> float | None:
    base = rounded(before.value, decimals)
    return (
        float(rounded(float((rounded(now.value, decimals) / base - 1) * 100), 2)) if base else None
    )


def period_text(month: str, period: str) -> str:
    """The period as the form's head prints it: 2024年3月, 2024年1季度."""
    return month_zh(month) if period == "month" else f"{month[:4]}年{(int(month[5:]) + 2) // 3}季度"


def blanks(published: Published, name: str) -> dict[str, str]:
    """The rows that stay blank, by their names, and why in Chinese."""
    rows = [one.row for one in fill(published, name) if one.row.unit and one.now is None]
    return {row.name.strip("　"): _why_blank(published, row) for row in rows}


def _why_blank(published: Published, row: FormRow) -> str:
    """Nothing is collected for it; some townships have not reported; or nothing was reported for its breakdown."""
    if row.indicator is None:
        return "没有可用的数据来源"
    cell = published.cell(row.indicator, **row.breakdown)
    owing = [
        published.names[code]
        for code in published.townships
        if published.cell(row.indicator, code, **row.breakdown).state == "missing"
    ]
    if cell.state == "missing" and 0 < len(owing) < len(published.townships):
        return f"{'、'.join(owing)}缺报"
    return "本期缺报" if cell.state == "missing" else "本期没有此项数据"


def write_form(
    published: Published, name: str, path: Path, signers: Mapping[str, str] | None = None
) -> None:
    """Write the form as a workbook with the same bytes for the same cells; a quarterly form only at a quarter's end.

    `signers`: who stands in which place of the foot (`SIGNERS`); room to sign where nobody does.
    """
    import xlsxwriter

    layout = form(name)
    if layout.period == "quarter" and int(published.month[5:]) % 3:
        raise MinzhengError(
            f"{published.month} does not end a quarter", f"{month_zh(published.month)}不是季末月份"
        )
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        about = {"title": f"{layout.form} {layout.title}", "category": published.marking}
        book.set_properties({**about, "created": CREATED})
        sheet = book.add_worksheet(layout.form)
        write_heading(book, sheet, layout, published)
        rows = fill(published, name)
        last = write_rows(book, sheet, rows)
        write_foot(book, sheet, last + 1, rows, published, signers or {})
        sheet.freeze_panes(HEAD_ROWS, 1)
        if published.marking:
            sheet.set_header(f"&R{published.marking}")
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD_ROWS - 2, HEAD_ROWS - 1)


HEAD_ROWS = 8
FACE = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}


def write_heading(book, sheet, layout: Form, published: Published) -> None:
    """Title, 表号 and authorities at the right, the unit and period at the left, column heads with their letters."""
    title = book.add_format(
        {"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"}
    )
    small, head = (
        book.add_format(FACE),
        book.add_format({**FACE, "border": 1, "align": "center", "bold": True}),
    )
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, layout.title, title)
    sheet.set_row(0, 30)
    right = {
        "表号": layout.form,
        **{key: value for key, value in layout.heading.items() if key != "编制单位"},
    }
    for position, (key, value) in enumerate(right.items(), 1):
        sheet.write_string(position, 3, f"{key}：{value}", small)
    left = (
        f"编制单位：{layout.heading.get('编制单位') or office(published.county)}",
        f"地区编码：{published.county}000000",
        f"报告期：{period_text(published.month, layout.period)}",
    )
    for position, text in enumerate(left, 1):
        sheet.write_string(position, 0, text, small)
    for column, (name, letter, width) in enumerate(COLUMNS):
        sheet.write_string(HEAD_ROWS - 2, column, name, head)
        sheet.write_string(HEAD_ROWS - 1, column, letter, head)
        sheet.set_column(column, column, width)


def write_rows(book, sheet, rows: list[Filled]) -> int:
    """The rows; numbers are numbers, blanks are blank, signs are text. Returns the last row written."""
    text = book.add_format({**FACE, "border": 1})
    sign = book.add_format({**FACE, "border": 1, "align": "right"})
    number = {
        n: book.add_format({**FACE, "border": 1, "num_format": "0" + ("." + "0" * n if n else "")})
        for n in range(3)
    }
    for at, row in enumerate(rows, HEAD_ROWS):
        for column, told in enumerate((row.row.name, row.row.unit, row.row.code)):
            sheet.write_string(at, column, told, text)
        for column, value in ((3, row.now), (4, row.before)):
            if isinstance(value, str):
                sheet.write_string(at, column, value, sign)
            elif value is None:
                sheet.write_blank(at, column, None, text)
            else:
                sheet.write_number(at, column, value, number[row.row.decimals])
        if row.change is None:
            sheet.write_blank(at, 5, None, text)
        else:
            sheet.write_number(at, 5, row.change, number[2])
    return HEAD_ROWS + len(rows) - 1


SIGNERS = ("单位负责人", "统计负责人", "填表人")
"""The places of a form's foot, by their words on the paper."""


def write_foot(
    book, sheet, at: int, rows: list[Filled], published: Published, signers: Mapping[str, str]
) -> None:
    """Signs, notes, the numbers that are not complete, and the places where people sign."""
    small = book.add_format({**FACE, "font_size": 9})
    withheld = "“＊”为涉及人数较少或可推算出较少人数、不予公布，" * published.withholds
    notes = (
        "".join(f"{role}：{signers.get(role, '').ljust(6, '　')}" for role in SIGNERS)
        + "报出日期：　　　年　　月　　日",
        "注：1.带*的为本年截至报告期的累计数，其他为期末数；累计数跨年不计算环比。",
        f"　　2.空白为未报或未收集，{withheld}“—”为无此项；口径调整的不计算环比。",
    )
    told = [f"{row.row.name.strip('　 ')}{row.lacks}" for row in rows if row.lacks]
    notes += (f"　　3.数量尚不完整的有：{'；'.join(told)}。",) if told else ()
    for position, note in enumerate(notes):
        sheet.write_string(at + position, 0, note, small)
