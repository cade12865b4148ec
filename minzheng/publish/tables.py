"""tables.xlsx: one table a sheet, real numbers, a status beside each value, ready to print (publishing rules: one title in A1,
unit note in A2, header in row 4, frozen panes; missing is an empty cell with its status, never a dash in a number cell)."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from minzheng.months import month_start, month_zh
from minzheng.publish.cells import Cell, Published
from minzheng.publish.plan import report_plan, words
from minzheng.publish.progress_text import gap_text

CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zones; a fixed date keeps the bytes stable
STATUS_ZH = {"value": "", "missing": "缺报", "suppressed": "不予公布", "not_applicable": "不适用", "absent": ""}
LONG_SERIES_MONTHS = 13
HEADER_ROW = 3


def write_tables(published: Published, path: Path) -> None:
    """Write the workbook; the same frames give the same bytes."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm",
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": f"民政指标表（{month_zh(published.month)}）", "company": report_plan().office, "created": CREATED}
        )
        sheets = Sheets(book, published.month)
        cover(sheets, published)
        progress_sheet(sheets, published)
        township_sheet(sheets, published)
        series_sheet(sheets, published)
        definition_sheet(sheets, published)
        revision_sheet(sheets, published)


class Sheets:
    """Adds sheets that look and print alike."""

    def __init__(self, book, month: str):
        self.book, self.month = book, month
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        self.plain = book.add_format(base)
        self.wrapped = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format({**base, "font_name": "黑体", "font_size": 14})
        self.head = book.add_format(
            {**base, "bold": True, "align": "center", "text_wrap": True, "bottom": 1, "top": 1, "bg_color": "#F2F2F2"}
        )
        self.period = book.add_format({**base, "num_format": "yyyy-mm", "align": "center"})
        self.share = book.add_format({**base, "num_format": "0.0%"})
        self.numbers: dict[int, object] = {}
        self.base = base

    def number(self, decimals: int):
        """The format of a number with that many decimals, thousands grouped."""
        if decimals not in self.numbers:
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self.numbers[decimals] = self.book.add_format({**self.base, "num_format": pattern})
        return self.numbers[decimals]

    def sheet(
        self, name: str, title: str, note: str, head: Sequence[str], widths: Sequence[float], freeze_columns: int
    ):
        """A sheet with title, note, header, frozen panes and page set-up."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, note, self.plain)
        sheet.set_row(0, 24)
        sheet.set_row(HEADER_ROW, 30)
        for column, (text, width) in enumerate(zip(head, widths, strict=True)):
            sheet.write_string(HEADER_ROW, column, text, self.head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(HEADER_ROW + 1, freeze_columns)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_footer("&C— &P —")
        return sheet


def write_value(sheets: Sheets, sheet, row: int, column: int, cell: Cell) -> None:
    """The value at its printed digits as a number, or an empty cell."""
    if cell.state == "value":
        sheet.write_number(row, column, float(cell.printed), sheets.number(cell.decimals))


def status_text(cell: Cell) -> str:
    """Why there is no value, or E/P in words; empty for a normal one."""
    return {"E": "推算", "P": "初步数"}.get(cell.obs_status, "") if cell.state == "value" else STATUS_ZH[cell.state]


def cover(sheets: Sheets, published: Published) -> None:
    """说明: what is in the workbook, its source, its signs."""
    releases = published.frames.observations["release"].drop_nulls().unique().to_list()
    lines = [
        ("内容", f"{published.names[published.county]}民政统计指标和规划指标进展，{month_zh(published.month)}"),
        ("发布单位", report_plan().office),
        ("发布版本", "、".join(sorted(releases))),
        ("表1 规划进展", "规划指标的基数、当前值、目标、差距、完成率、进度和评价"),
        ("表2 分乡镇", "主要指标的县级和分乡镇数值；“已报”为已报送乡镇数/乡镇数"),
        ("表3 月度序列", f"县级合计指标最近{LONG_SERIES_MONTHS}个月的数值；全部数据见 observations.csv"),
        ("元数据", "指标代码、名称、单位和口径"),
        ("修订记录", "与上一版相比有变化的单元格"),
        (
            "符号",
            words().symbols.replace(
                "“缺报”为未报送；“＊”为涉及人数较少、或公布后可推算出较少人数，不予公布；“—”为无适用对象；", "数值为空的单元格在“状态”列说明原因；"
            ),
        ),
        ("舍入", "数值按指标规定的小数位数四舍五入；完成率和进度按未舍入数计算"),
    ]
    title = f"民政指标表（{month_zh(published.month)}）"
    sheet = sheets.sheet(
        "说明", title, "本表由系统生成，数字与同版 observations.csv 一致", ["项目", "说明"], [16, 96], 1
    )
    for position, (name, text) in enumerate(lines, HEADER_ROW + 1):
        sheet.write_string(position, 0, name, sheets.plain)
        sheet.write_string(position, 1, text, sheets.wrapped)


def progress_sheet(sheets: Sheets, published: Published) -> None:
    """表1 with a native bar chart of the way gone."""
    rows = published.plan_rows
    head = [
        "序号",
        "指标代码",
        "指标",
        "单位",
        "基期",
        "基数",
        "当前值",
        "状态",
        "目标期",
        "目标",
        "目标已核实",
        "差距",
        "完成率",
        "进度",
    ]
    head += ["评价（线性路径）", "评价（增速比）", "评价（趋势推算）"]
    widths = [5, 26, 30, 10, 9, 9, 10, 9, 9, 9, 8, 9, 9, 9, 16, 16, 16]
    note = f"{month_zh(published.month)}；单位见各行；进度=（当前值－基数）÷（目标值－基数）"
    sheet = sheets.sheet("表1 规划进展", f"规划指标进展表（{month_zh(published.month)}）", note, head, widths, 3)
    for number, row in enumerate(rows, 1):
        progress_line(sheets, sheet, HEADER_ROW + number, number, row)
    if rows:
        completion_chart(sheets, sheet, len(rows))


def progress_line(sheets: Sheets, sheet, at: int, number: int, row: dict) -> None:
    """One plan indicator."""
    sheet.write_number(at, 0, number, sheets.plain)
    texts = {
        1: row["indicator_id"],
        2: row["name_zh"],
        3: row["unit"],
        4: row["baseline_period"] or "",
        7: status_text(row["cell"]),
        8: row["target_period"] or "",
    }
    texts |= {10: "是" if row["target_verified"] else "待核实", 14: words().status(row["status_path"])}
    texts |= {15: words().status(row["status_cagr"]), 16: words().status(row["status_projection"])}
    for column, text in texts.items():
        sheet.write_string(at, column, text, sheets.plain)
    number_format = sheets.number(row["decimals"])
    for column, text in ((5, row["baseline_text"]), (9, row["target_text"]), (11, gap_text(row))):
        if text:
            sheet.write_number(at, column, float(text), number_format)
    write_value(sheets, sheet, at, 6, row["cell"])
    for column, share in ((12, row["completion"]), (13, row["advance"])):
        if share is not None:
            sheet.write_number(at, column, share, sheets.share)


def completion_chart(sheets: Sheets, sheet, count: int) -> None:
    """A native bar chart of 进度, with alternative text."""
    first, last = HEADER_ROW + 1, HEADER_ROW + count
    chart = sheets.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "进度",
            "categories": ["表1 规划进展", first, 2, last, 2],
            "values": ["表1 规划进展", first, 13, last, 13],
            "fill": {"color": "#0072B2"},
            "data_labels": {"value": True, "num_format": "0%"},
            "gap": 60,
        }
    )
    chart.set_title({"name": "规划指标进度", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#E3E3E3"}}})
    chart.set_size({"width": 900, "height": max(260, 60 + 26 * count)})
    sheet.insert_chart(last + 2, 1, chart, {"description": "条形图：各项规划指标的进度，数值见上表“进度”列"})


def township_sheet(sheets: Sheets, published: Published) -> None:
    """表2: county and townships, one value and one status column each."""
    areas = [published.county, *published.townships]
    names = ["全县", *(published.names[code] for code in published.townships)]
    head = ["指标代码", "指标", "单位", *(text for name in names for text in (name, "状态")), "已报乡镇"]
    widths = [28, 32, 11, *([10, 8] * len(areas)), 9]
    sheet = sheets.sheet(
        "表2 分乡镇", f"分乡镇指标表（{month_zh(published.month)}）", "单位见各行；乡镇按区划代码排列", head, widths, 2
    )
    listed = [code for code in report_plan().township_table if code in published.indicators]
    for at, code in enumerate(listed, HEADER_ROW + 1):
        meta = published.indicators[code]
        for column, text in enumerate((code, meta["name_zh"], meta["unit_measure"] or "")):
            sheet.write_string(at, column, text, sheets.plain)
        for position, area in enumerate(areas):
            cell = published.cell(code, area)
            write_value(sheets, sheet, at, 3 + 2 * position, cell)
            sheet.write_string(at, 4 + 2 * position, status_text(cell), sheets.plain)
        told, all_ = published.reported(code)
        sheet.write_string(at, 3 + 2 * len(areas), f"{told}/{all_}", sheets.plain)


def series_sheet(sheets: Sheets, published: Published) -> None:
    """表3: the county's totals, long; the whole of them is in observations.csv."""
    head = ["指标代码", "指标", "地区代码", "地区", "月份", "数值", "单位", "状态"]
    sheet = sheets.sheet(
        "表3 月度序列", "月度序列（长表）", "合计数；单位见各行", head, [28, 32, 12, 12, 10, 14, 11, 9], 2
    )
    months = sorted(set(published.frames.observations["time_period"]))
    months = [month for month in months if month <= published.month][-LONG_SERIES_MONTHS:]
    at, county = HEADER_ROW, published.names[published.county]
    for code in published.indicators:
        for month in months:
            cell = published.cell(code, month=month)
            if cell.state != "absent":
                at += 1
                series_line(sheets, sheet, at, cell, published.indicators[code]["name_zh"], county)
    sheet.autofilter(HEADER_ROW, 0, max(at, HEADER_ROW + 1), len(head) - 1)


def series_line(sheets: Sheets, sheet, at: int, cell: Cell, name: str, area_name: str) -> None:
    """One month of one cell."""
    reference = cell.reference
    for column, text in (
        (0, reference.indicator_id),
        (1, name),
        (2, reference.ref_area),
        (3, area_name),
        (6, cell.unit),
    ):
        sheet.write_string(at, column, text, sheets.plain)
    sheet.write_datetime(at, 4, dt.datetime.combine(month_start(reference.time_period), dt.time()), sheets.period)
    write_value(sheets, sheet, at, 5, cell)
    sheet.write_string(at, 7, status_text(cell), sheets.plain)


def definition_sheet(sheets: Sheets, published: Published) -> None:
    """元数据: code, name, English name, unit, decimals, direction, definition."""
    head = ["指标代码", "指标", "英文名", "单位", "小数位数", "口径"]
    sheet = sheets.sheet("元数据", "指标口径", "定义以登记册为准", head, [28, 32, 40, 11, 8, 80], 2)
    for at, (code, meta) in enumerate(published.indicators.items(), HEADER_ROW + 1):
        texts = [code, meta["name_zh"], meta["name_en"], meta["unit_measure"], None, meta["definition_zh"]]
        for column, text in enumerate(texts):
            if column != 4:
                sheet.write_string(at, column, text or "", sheets.wrapped if column == 5 else sheets.plain)
        sheet.write_number(at, 4, meta["decimals"] or 0, sheets.plain)


def revision_sheet(sheets: Sheets, published: Published) -> None:
    """修订记录: cells that changed since the last release."""
    head = ["指标代码", "地区代码", "月份", "分组", "原值", "现值", "原状态", "现状态", "原因"]
    sheet = sheets.sheet(
        "修订记录", "修订记录", "与上一版发布相比；C 为不予公布", head, [28, 12, 10, 24, 14, 14, 8, 8, 12], 2
    )
    revisions = published.frames.revisions
    for at, row in enumerate(revisions.iter_rows(named=True) if revisions is not None else [], HEADER_ROW + 1):
        parts = [row[name] for name in ("residence", "sex", "age_group", "category") if row[name] != "_T"]
        texts = {0: row["indicator_id"], 1: row["ref_area"], 2: row["time_period"], 3: "、".join(parts) or "合计"}
        texts |= {
            6: row["old_status"] or "",
            7: row["new_status"] or "",
            8: words().reasons.get(row["reason"], row["reason"] or ""),
        }
        for column, text in texts.items():
            sheet.write_string(at, column, text, sheets.plain)
        for column, value in ((4, row["old_value"]), (5, row["new_value"])):
            if value is not None:
                sheet.write_number(at, column, value, sheets.plain)
