"""Plan progress in words and tables: counts by class, what lags and by how much, the attachments of the report."""

from collections import Counter

from minzheng.contracts.report import report_plan, words
from minzheng.publish.cells import BREAK, Cell, Published, Reference
from minzheng.publish.numbers import POINTS, printed, rounded
from minzheng.publish.report.blocks import Column, Paragraph, Table
from minzheng.publish.report.sentences import Span, join, listing, unit_after

LAGGING = ("deterioration", "limited_progress", "moderate_progress")
MOST_LAGGING = 8
METHODS = (
    ("status_path", "线性路径"),
    ("status_cagr", "增速比"),
    ("status_projection", "趋势推算"),
)


def plan_rows(published: Published) -> list[dict]:
    """The county's plan indicators with a target: names, printed numbers and class; the least complete last."""
    rows = published.frames.progress.iter_rows(named=True)
    due = [
        row
        for row in rows
        if row["ref_area"] == published.county and row["target_value"] is not None
    ]
    order = {code: position for position, code in enumerate(words().statuses)}
    return sorted(
        (described(published, row) for row in due),
        key=lambda row: (
            row["advance"] is None,
            -(row["advance"] or 0),
            order.get(row["status_path"], len(order)),
            row["indicator_id"],
        ),
    )


def judged(published: Published) -> list[dict]:
    """The plan rows that a picture can show: with a way from base to target and a class."""
    return [
        row
        for row in published.plan_rows
        if row["advance"] is not None and row["status_path"] is not None
    ]


def described(published: Published, row: dict) -> dict:
    """A progress row with its indicator's name, unit and numbers as printed (None stays None)."""
    meta = published.indicators.get(row["indicator_id"], {})
    cell = published.cell(row["indicator_id"])
    decimals = meta.get("decimals") or cell.decimals
    unit = meta.get("unit_measure") or cell.unit
    shown = {
        f"{part}_text": None
        if row[f"{part}_value"] is None
        else printed(row[f"{part}_value"], decimals)
        for part in ("baseline", "target")
    }
    completion, way = row["completion"], advance(row, cell)
    return {
        **row,
        **shown,
        "name_zh": meta.get("name_zh") or row["indicator_id"],
        "unit": unit,
        "decimals": decimals,
        "direction": meta.get("direction") or "up",
        "cell": cell,
        "completion_text": "" if completion is None else f"{rounded(completion * 100, 1)}%",
        "advance": way,
        "advance_text": "" if way is None else f"{rounded(way * 100, 1)}%",
    }


def advance(row: dict, cell: Cell) -> float | None:
    """进度 = (value - base) / (target - base), a share (docs/sources.md 6.2).

    Where the base lay at or past the target there is no way to go: 1 while the target is met, else None; None too
    without base, target or value.
    """
    base, target = row["baseline_value"], row["target_value"]
    if cell.state != "value" or base is None or target is None:
        return None
    way = (cell.value - base) / (target - base) if target != base else None
    if row["status_path"] == "target_achieved":
        return max(1.0, way or 0.0)
    return None if way is not None and way >= 1 else way


def gap_text(row: dict) -> str:
    """What remains to the target in its unit, between printed numbers; 0 when it is met; empty without a value."""
    if row["cell"].state != "value" or row["target_value"] is None:
        return ""
    sign = -1 if row["direction"] == "down" else 1
    gap = sign * (
        rounded(row["target_value"], row["decimals"]) - rounded(row["cell"].value, row["decimals"])
    )
    return printed(max(gap, 0), row["decimals"])


def progress_paragraphs(published: Published) -> list[Paragraph]:
    """How many stand where, what lags and by how much, where the three methods disagree."""
    rows = published.plan_rows
    if not rows:
        return [Paragraph((Span("本期没有带目标值的规划指标。"),))]
    paragraphs = [Paragraph(tuple(status_counts(rows, bool(judged(published)))))]
    behind = [row for row in rows if row["status_path"] in LAGGING and gap_text(row)]
    if behind:
        # Where no way can be told (the base already lay at the target) nothing says how far it is: last.
        by_way = sorted(
            behind,
            key=lambda row: (row["advance"] is None, row["advance"] or 0.0, row["indicator_id"]),
        )
        told = [gap_sentence(row) for row in by_way[:MOST_LAGGING]]
        head = (
            "滞后指标中，"
            if len(told) == len(behind)
            else f"{len(behind)}项滞后指标中，进度最慢的{len(told)}项是："
        )
        paragraphs.append(Paragraph((Span(head), *join(told, "；"))))
    apart = [row["name_zh"] for row in rows if disagree(row)]
    if apart:
        paragraphs.append(
            Paragraph((Span(f"三种评价方法结论不一致的有{listing(apart)}，分项结论见指标表。"),))
        )
    return paragraphs


def status_counts(rows: list[dict], pictured: bool) -> list[Span]:
    """`列入监测的12项规划指标中，已达标1项、按进度3项…`."""
    counts = Counter(row["status_path"] for row in rows)
    parts = [
        f"{word.zh}{counts[code]}项" for code, word in words().statuses.items() if counts[code]
    ]
    parts += [f"{words().unjudged.zh}{counts[None]}项"] if counts[None] else []
    seen = "（见图1）" if pictured else ""
    return [Span(f"列入监测的{len(rows)}项规划指标中，{'、'.join(parts)}{seen}。")]


def gap_sentence(row: dict) -> list[Span]:
    """`护理型床位占比48.0%，距55.0%的目标还差7.0个百分点`; where less is better, `…54个，比0个的目标多54个`."""
    cell, unit = row["cell"], unit_after(row["unit"])
    star = "" if row["target_verified"] else "（待核实）"
    gap_unit = POINTS if unit == "%" else unit
    goal = f"{row['target_text']}{unit}的目标{star}"
    gap = Span(gap_text(row), (cell.reference,))
    level = [Span(row["name_zh"]), Span(cell.printed, (cell.reference,))]
    if rounded(float(gap.text), row["decimals"]) == 0:
        return [*level, Span(f"{unit}，距{goal}已无差距")]
    if row["direction"] == "down":
        return [*level, Span(f"{unit}，比{goal}多"), gap, Span(gap_unit)]
    return [*level, Span(f"{unit}，距{goal}还差"), gap, Span(gap_unit)]


def disagree(row: dict) -> bool:
    """Whether the methods that gave a verdict gave different ones."""
    return len({row[name] for name, _ in METHODS} - {None}) > 1


def progress_table(published: Published) -> Table:
    """Attachment 1: base, now, change, target, completion, gap, class of every plan indicator."""
    columns = (
        Column("序号", 6, "center"),
        Column("指标", 31, "left"),
        Column("单位", 9, "center"),
        Column("基数", 8),
        Column("当前值", 8),
        Column("目标", 8.5),
        Column("差距", 8),
        Column("完成率", 8.5),
        Column("进度", 8.5),
        Column("评价", 10.5, "center"),
    )
    return Table(
        columns,
        tuple(progress_row(number, row) for number, row in enumerate(published.plan_rows, 1)),
    )


def progress_row(number: int, row: dict) -> tuple[Span, ...]:
    """One line of attachment 1."""
    reference: tuple[Reference, ...] = (row["cell"].reference,)
    star = "" if row["target_verified"] else "*"
    texts = [
        row["baseline_text"] or "",
        row["cell"].text,
        (row["target_text"] or "") + star,
        gap_text(row),
    ]
    numbers = [
        Span(text, reference) for text in [*texts, row["completion_text"], row["advance_text"]]
    ]
    return (
        Span(str(number)),
        Span(row["name_zh"]),
        Span(row["unit"]),
        *numbers,
        Span(words().status(row["status_path"])),
    )


def township_table(published: Published) -> Table:
    """Attachment 2: the county and each township in code order; a missing county cell says how many have reported."""
    names = published.names
    width = 56 / (len(published.townships) + 1)
    columns = (
        Column("指标", 32, "left"),
        Column("单位", 12, "center"),
        Column("全县", width),
        *(Column(names[code], width) for code in published.townships),
    )
    listed = [code for code in report_plan().township_table if code in published.indicators]
    return Table(columns, tuple(township_row(published, code) for code in listed))


def township_row(published: Published, indicator_id: str) -> tuple[Span, ...]:
    """One line of attachment 2."""
    meta = published.indicators[indicator_id]
    county = published.cell(indicator_id)
    told, all_ = published.reported(indicator_id)
    partial = f"已报{told}/{all_}" + (BREAK if county.begins else "")
    text = partial if county.state == "missing" and all_ else county.text
    cells = [published.cell(indicator_id, code) for code in published.townships]
    return (
        Span(meta["name_zh"]),
        Span(meta["unit_measure"] or ""),
        Span(text, (county.reference,)),
        *(Span(cell.text, (cell.reference,)) for cell in cells),
    )
