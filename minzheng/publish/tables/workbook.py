"""tables.xlsx: one table a sheet, real numbers, a status beside each value, ready to print; missing is an empty cell with its
status, never a dash in a number cell."""

import datetime as dt
from itertools import chain
from pathlib import Path

from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.report import colours, report_plan, words
from minzheng.months import month_start, month_zh
from minzheng.publish.cell import BREAK
from minzheng.publish.cells import Published
from minzheng.publish.plan_line import PlanLine
from minzheng.publish.tables.sheets import (
    HEADER_ROW,
    Entry,
    Rounded,
    Share,
    Sheets,
    status_months,
    status_text,
)

CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zones; a fixed date keeps the bytes stable
SERIES_MONTHS = 13
PROGRESS = "表1 规划进展"
IN_STATUS = "“缺报”为未报送；"


def write_tables(published: Published, path: Path) -> None:
    """Write the workbook; the same frames give the same bytes."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        title = f"民政指标表（{month_zh(published.month)}）"
        about = {"title": title, "company": report_plan().office, "category": published.marking}
        book.set_properties({**about, "created": CREATED})
        sheets = Sheets(book, published.marking)
        cover(sheets, published)
        progress_sheet(sheets, published)
        township_sheet(sheets, published)
        series_sheet(sheets, published)
        definition_sheet(sheets, published)
        revision_sheet(sheets, published)


def cover(sheets: Sheets, published: Published) -> None:
    """说明: what is in the workbook, its source, its signs."""
    releases = published.frames.observations["release"].drop_nulls().unique().to_list()
    lines = [
        (
            "内容",
            f"{published.names[published.county]}民政统计指标和规划指标进展，{month_zh(published.month)}",
        ),
        ("发布单位", report_plan().office),
        ("发布版本", "、".join(sorted(releases))),
        (PROGRESS, "规划指标的基数、当前值、目标、差距、完成率、进度和评价"),
        ("表2 分乡镇", "主要指标的县级和分乡镇数值；“已报”为已报送乡镇数/乡镇数"),
        ("表3 月度序列", f"县级合计指标最近{SERIES_MONTHS}个月的数值；全部数据见 observations.csv"),
        ("元数据", "指标名称、单位、小数位数和口径"),
        ("修订记录", "与上一版相比有变化的单元格"),
        (
            "符号",
            words()
            .signs(published.withholds)
            .replace(IN_STATUS, "数值为空的单元格在“状态”列说明原因；"),
        ),
        (
            "断点",
            f"左侧有双竖线、数后有“{BREAK}”的单元格，是口径或人口口径调整后的第一个数，“状态”列写明；前后不可直接比较",
        ),
        ("舍入", "数值按指标规定的小数位数四舍五入；完成率和进度按未舍入数计算"),
    ]
    title = f"民政指标表（{month_zh(published.month)}）"
    note = "本表由系统生成，数字与同版 observations.csv 一致"
    sheet = sheets.sheet("说明", title, note, [("项目", 16), ("说明", 96)], 1)
    for at, line in enumerate(lines, HEADER_ROW + 1):
        sheets.row(sheet, at, line)


def progress_sheet(sheets: Sheets, published: Published) -> None:
    """表1 with a native bar chart of the way gone."""
    columns = [
        ("序号", 5), ("指标", 34), ("单位", 11), ("基期", 10), ("基数", 9), ("当前值", 9), ("状态", 10.5), ("目标期", 8), ("目标", 9),
        ("目标已核实", 9), ("差距", 9), ("完成率", 9), ("进度", 9), ("评价（线性路径）", 11), ("评价（增速比）", 11),
        ("评价（趋势推算）", 11), ("指标代码", 30),
    ]  # fmt: skip
    note = f"{month_zh(published.month)}；单位见各行；进度=（当前值－基数）÷（目标值－基数）"
    title = f"规划指标进展表（{month_zh(published.month)}）"
    sheet = sheets.sheet(PROGRESS, title, note, columns, 2)
    rows = published.plan_lines
    for number, row in enumerate(rows, 1):
        sheets.row(sheet, HEADER_ROW + number, progress_line(number, row))
    shown = sum(row.advance is not None for row in rows)
    if shown:
        completion_chart(sheets, sheet, shown, HEADER_ROW + len(rows) + 2)


def progress_line(number: int, row: PlanLine) -> list[Entry]:
    """One plan indicator."""

    def figure(text: str | None) -> Rounded | str | None:
        return (Rounded(text, row.decimals) if "—" not in text else text) if text else None

    def share(value: float | None) -> Share | None:
        return None if value is None else Share(value)

    facts = row.verdict
    return [
        number,
        row.name_zh + row.of_few,
        row.unit,
        facts.baseline_period or "",
        figure(row.baseline_text),
        row.cell,
        status_text(row.cell),
        facts.target_period or "",
        figure(row.target_text),
        "是" if facts.target_verified else "待核实",
        figure(row.gap_text),
        share(facts.completion),
        share(row.advance),
        row.word,
        *(words().status(one) for one in row.classes[1:]),
        row.indicator_id,
    ]


def completion_chart(sheets: Sheets, sheet, count: int, at: int) -> None:
    """A native bar chart of 进度 of the first `count` rows (the others have none), with alternative text."""
    first, last = HEADER_ROW + 1, HEADER_ROW + count
    chart = sheets.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "进度",
            "categories": [PROGRESS, first, 1, last, 1],
            "values": [PROGRESS, first, 12, last, 12],
            "fill": {"color": colours().value},
            "data_labels": {"value": True, "num_format": "0%"},
            "gap": 60,
        }
    )
    chart.set_title({"name": "规划指标进度", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    grid = {"visible": True, "line": {"color": colours().grid}}
    chart.set_x_axis({"num_format": "0%", "major_gridlines": grid, "label_position": "high"})
    chart.set_size({"width": 900, "height": max(260, 60 + 26 * count)})
    sheet.insert_chart(
        at, 1, chart, {"description": "条形图：各项规划指标的进度，数值见上表“进度”列"}
    )


def township_sheet(sheets: Sheets, published: Published) -> None:
    """表2: county and townships, one value and one status column each."""
    areas = [published.county, *published.townships]
    names = ["全县", *(published.names[code] for code in published.townships)]
    pairs = chain.from_iterable([(name, 10), ("状态", 10.5)] for name in names)
    columns = [("指标", 34), ("单位", 11), *pairs, ("已报乡镇", 8), ("指标代码", 30)]
    title = f"分乡镇指标表（{month_zh(published.month)}）"
    sheet = sheets.sheet("表2 分乡镇", title, "单位见各行；乡镇按区划代码排列", columns, 1)
    listed = [code for code in report_plan().township_table if code in published.indicators]
    for at, code in enumerate(listed, HEADER_ROW + 1):
        meta, cells = published.indicators[code], [published.cell(code, area) for area in areas]
        values = chain.from_iterable((cell, status_text(cell)) for cell in cells)
        reported = "/".join(str(count) for count in published.reported(code))
        sheets.row(
            sheet, at, [meta["name_zh"], meta["unit_measure"] or "", *values, reported, code]
        )


def series_sheet(sheets: Sheets, published: Published) -> None:
    """表3: a line an indicator, the county's totals month by month; the whole of them is in observations.csv."""
    months = published.months[-SERIES_MONTHS:]
    dates = [(dt.datetime.combine(month_start(month), dt.time()), 8.5) for month in months]
    columns = [("指标", 34), ("单位", 11), *dates, ("状态", 30), ("指标代码", 30)]
    title = f"月度序列（{month_zh(months[0])}—{month_zh(months[-1])}）"
    sheet = sheets.sheet(
        "表3 月度序列",
        title,
        f"全县合计数；单位见各行；空白的月份见“状态”列；“{BREAK}”和双竖线处口径有调整",
        columns,
        1,
    )
    at = HEADER_ROW
    for code, meta in published.indicators.items():
        cells = [published.cell(code, month=month) for month in months]
        if any(cell.state != "absent" for cell in cells):
            at += 1
            sheets.row(
                sheet,
                at,
                [meta["name_zh"], meta["unit_measure"] or "", *cells, status_months(cells), code],
            )
    sheet.autofilter(HEADER_ROW, 0, max(at, HEADER_ROW + 1), len(columns) - 1)


def definition_sheet(sheets: Sheets, published: Published) -> None:
    """元数据: name, English name, unit, decimals, definition, code."""
    columns = [
        ("指标", 34),
        ("英文名", 40),
        ("单位", 11),
        ("小数位数", 6),
        ("口径", 64),
        ("指标代码", 30),
    ]
    sheet = sheets.sheet("元数据", "指标口径", "定义以登记册为准", columns, 1)
    for at, (code, meta) in enumerate(published.indicators.items(), HEADER_ROW + 1):
        texts = [meta[name] or "" for name in ("name_zh", "name_en", "unit_measure")]
        sheets.row(sheet, at, [*texts, meta["decimals"] or 0, meta["definition_zh"] or "", code])


def revision_sheet(sheets: Sheets, published: Published) -> None:
    """修订记录: cells that changed since the last release."""
    columns = [
        ("指标", 34), ("地区", 14), ("月份", 10), ("分组", 24), ("原值", 12), ("现值", 12), ("原状态", 9), ("现状态", 9),
        ("原因", 13), ("指标代码", 30), ("地区代码", 14),
    ]  # fmt: skip
    sheet = sheets.sheet(
        "修订记录",
        "修订记录",
        "与上一版发布相比" + "；C 为不予公布" * published.withholds,
        columns,
        1,
    )
    revisions = published.frames.revisions
    for at, row in enumerate(
        revisions.iter_rows(named=True) if revisions is not None else [], HEADER_ROW + 1
    ):
        code, area = row["indicator_id"], row["ref_area"]
        parts = [row[name] for name in DIMENSIONS if row[name] != "_T"]
        reason = words().reason(row["reason"])
        name = published.indicators.get(code, {}).get("name_zh", "")
        sheets.row(sheet, at, [
            name, published.names.get(area, ""), row["time_period"], "、".join(parts) or "合计", row["old_value"],
            row["new_value"], row["old_status"] or "", row["new_status"] or "", reason, code, area,
        ])  # fmt: skip
