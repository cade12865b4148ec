"""Plan progress in words and tables: counts by class, what lags and by how much, the attachments of the report."""

from collections import Counter
from collections.abc import Sequence

from minzheng.contracts.plans import GOAL_ZH, Plan, amended_in, period_month, plan, plan_ids
from minzheng.contracts.report import report_plan, words
from minzheng.months import month_zh
from minzheng.publish.cell import BREAK, Reference
from minzheng.publish.cells import Published, closing_plans, plan_lines
from minzheng.publish.numbers import POINTS, printed
from minzheng.publish.plan_line import LAGGING, PlanLine, pictured
from minzheng.publish.report.blocks import Column, Paragraph, Table, columns, said
from minzheng.publish.report.sentences import Span, join, listing, unit_after

MOST_LAGGING = 8
NO_TARGET = "本期没有带目标值的规划指标。"


def progress_paragraphs(published: Published) -> list[Paragraph]:
    """How many stand where, what lags and by how much, where the three methods disagree, milestones, amendments."""
    lines = published.plan_lines
    told = standing(lines, bool(pictured(lines))) if lines else [said(NO_TARGET)]
    told += milestone_paragraphs(published) + amendment_paragraphs(published)
    for ended in closing_plans(published):
        told += closing_paragraphs(published, ended)
    return told


def standing(
    lines: Sequence[PlanLine], drawn: bool, behind_word: str = "滞后指标"
) -> list[Paragraph]:
    """Counts by class, those behind with their gaps, those that the methods judge differently."""
    paragraphs = [Paragraph(tuple(status_counts(lines, drawn)))]
    behind = [line for line in lines if line.verdict.status_path in LAGGING and line.gap_text]
    if behind:
        # Where no way can be told (the base already lay at the target) nothing says how far it is: last.
        by_way = sorted(
            behind, key=lambda line: (line.advance is None, line.advance or 0.0, line.indicator_id)
        )
        told = [gap_sentence(line) for line in by_way[:MOST_LAGGING]]
        head = (
            f"{behind_word}中，"
            if len(told) == len(behind)
            else f"{len(behind)}项{behind_word}中，进度最慢的{len(told)}项是："
        )
        paragraphs.append(Paragraph((Span(head), *join(told, "；"))))
    hanging = [
        line.name_zh for line in lines if line.cell.lacks and line.verdict.status_path is None
    ]
    if hanging:
        paragraphs.append(said(f"{listing(hanging)}有待更正的报送，更正后再作评价。"))
    apart = [line.name_zh for line in lines if disagree(line)]
    if apart:
        paragraphs.append(said(f"三种评价方法结论不一致的有{listing(apart)}，分项结论见指标表。"))
    return paragraphs


def status_counts(lines: Sequence[PlanLine], drawn: bool) -> list[Span]:
    """`列入监测的12项规划指标中，已达标3项（其中守住底线1项）、按进度3项…`."""
    counts = Counter(line.verdict.status_path for line in lines)
    kept = Counter(line.word for line in lines if line.goal in ("floor", "cap"))
    parts = []
    for code, word in words().statuses.items():
        special = [f"{name}{kept[name]}项" for name in words().goal_words(code) if kept[name]]
        told = f"（其中{'、'.join(special)}）" if special else ""
        parts += [f"{word.zh}{counts[code]}项{told}"] if counts[code] else []
    parts += [f"{words().unjudged.zh}{counts[None]}项"] if counts[None] else []
    seen = "（见图1）" if drawn else ""
    return [Span(f"列入监测的{len(lines)}项规划指标中，{'、'.join(parts)}{seen}。")]


def gap_sentence(line: PlanLine) -> list[Span]:
    """`护理型床位占比48.0%，距55.0%的目标还差7.0个百分点`; where less is better, `…54个，比0个的目标多54个`."""
    cell, unit = line.cell, unit_after(line.unit)
    star = "" if line.verdict.target_verified else "（待核实）"
    gap_unit = POINTS if unit == "%" else unit
    kind = GOAL_ZH.get(line.goal, "目标")
    goal = f"{line.target_text}{unit}的{kind}{star}"
    gap = Span(line.gap_text, (cell.reference,))
    level = [Span(line.name_zh), Span(cell.printed, (cell.reference,))]
    unit += line.of_few
    unit += f"（{cell.lacks}）" if cell.lacks else ""
    if not line.gap_text.strip("0."):
        return [*level, Span(f"{unit}，距{goal}已无差距")]
    if line.sign < 0:
        return [*level, Span(f"{unit}，比{goal}多"), gap, Span(gap_unit)]
    return [*level, Span(f"{unit}，距{goal}还差"), gap, Span(gap_unit)]


def disagree(line: PlanLine) -> bool:
    """Whether the methods that gave a verdict gave different ones."""
    return len(set(line.classes) - {None}) > 1


def milestone_paragraphs(published: Published) -> list[Paragraph]:
    """What was due by the end of this month on the way to the targets, and whether it was reached."""
    due = published.frames.targets.filter(due_kind="milestone", ref_area=published.county)
    reached, missed, unknown = [], [], []
    sides = {"reached": reached, "missed": missed, "no_value": unknown}
    for code, period, value, outcome in due.select(
        "indicator_id", "due_period", "due_value", "outcome"
    ).iter_rows():
        meta = published.indicators.get(code, {})
        if outcome in sides and period_month(period) == published.month:
            told = printed(value, meta.get("decimals") or 0) + unit_after(
                meta.get("unit_measure") or ""
            )
            sides[outcome].append(f"{meta.get('name_zh') or code}（{told}）")
    named = (("达到", reached), ("未达到", missed), ("缺数据不能判断", unknown))
    parts = [f"{word}{len(names)}项：{listing(names)}" for word, names in named if names]
    return [said(f"本期应达到的年度目标中，{'；'.join(parts)}。")] if parts else []


def amendment_paragraphs(published: Published) -> list[Paragraph]:
    """The amendments of targets that this report is the first to count."""
    told = []
    for plan_id in plan_ids():
        one = plan(plan_id)
        for row, before, now in amended_in(one, published.month):
            meta = published.indicators.get(row.indicator, {})
            values = [printed(line.value, meta.get("decimals") or 0) for line in (before, now)]
            old, new = (value + unit_after(row.unit) for value in values)
            name = meta.get("name_zh") or row.indicator
            told.append(
                f"{name}{one.short.zh}目标自{month_zh(now.valid_from)}起由{old}（{before.period}年）"
                f"调整为{new}（{now.period}年）（{now.decided.zh}）"
            )
    return [said(f"目标调整：{'；'.join(told)}。")] if told else []


def closing_paragraphs(published: Published, ended: Plan) -> list[Paragraph]:
    """Where a plan that has ended stands with what has come in by now; its final evaluation is not approved yet."""
    lines = plan_lines(published, ended.plan)
    if not lines:
        return []
    until = month_zh(ended.last)
    head = Span(
        f"{ended.short.zh}规划期已于{until}结束，总结评估尚未定稿，以下按{until}数据并计入其后补报的数据。"
    )
    counts, *rest = standing(lines, False, "未达到目标的指标")
    return [Paragraph((head, *counts.spans)), *rest]


def progress_table(lines: Sequence[PlanLine]) -> Table:
    """Attachment 1: base, now, change, target, completion, gap, class of every plan indicator."""
    drawn = columns(
        "序号 6 center | 指标 26 left | 单位 9 center | 基数 8.5 | 当前值 12.5 | 目标 8.5 | "
        "差距 8 | 完成率 8.5 | 进度 8.5 | 评价 10.5 center"
    )
    return Table(drawn, tuple(progress_row(number, line) for number, line in enumerate(lines, 1)))


def progress_row(number: int, line: PlanLine) -> tuple[Span, ...]:
    """One line of attachment 1."""
    reference: tuple[Reference, ...] = (line.cell.reference,)
    texts = [line.baseline_text or "", line.cell.text, line.target_text + line.star, line.gap_text]
    numbers = [Span(text, reference) for text in [*texts, line.completion_text, line.advance_text]]
    name = Span(line.name_zh + line.of_few)
    return (Span(str(number)), name, Span(line.unit), *numbers, Span(line.word))


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
