"""The evaluation as typed blocks: the document in official form, with every row, task and fragment in its attachments."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

from minzheng.contracts.editions import edition
from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import CROSSING_ZH, GOAL_ZH, NATURE_ZH
from minzheng.contracts.report import words
from minzheng.months import month_zh
from minzheng.progress.clauses import KIND_ZH
from minzheng.progress.evaluation import MET, Evaluated
from minzheng.progress.tasks import STATE_ZH
from minzheng.publish.cells import Published, full_width
from minzheng.publish.charts.model import TrendChart, line_of, trend_chart
from minzheng.publish.evaluation.model import (
    EDITION,
    Evaluation,
    chinese,
    evaluation_words,
    figure_text,
    target_text,
    why,
)
from minzheng.publish.numbers import date_zh, numeral_zh, printed
from minzheng.publish.plan_line import of_few, pictured
from minzheng.publish.report.blocks import (
    Addressee,
    Attachment,
    AttachmentList,
    Block,
    Figure,
    Heading,
    Note,
    Paragraph,
    Report,
    Signature,
    Table,
    Title,
    said,
    text_table,
)
from minzheng.publish.report.building import title_lines
from minzheng.publish.report.sentences import Span, listing

UNMET = ("not_reached", "lost", "outside", "receding")
GROUPS = ("binding_national", "expected_national", "county_direction", "monitor")
Section = tuple[str, list[Block]]


def build_document(one: Evaluation, date: dt.date) -> Report:
    """The evaluation as a report; the same evaluation and date give the same blocks."""
    office, word = one.plan.owner, evaluation_words()
    subject = word.title.of(one.mid_term).format(plan=one.plan.title.zh)
    blocks: list[Block] = [Title(title_lines(office, subject))]
    if one.plan.reports_to:
        blocks.append(Addressee(one.plan.reports_to + "："))
    blocks += opening(one)
    sections: list[Section] = [
        ("总体评价", overall(one)),
        ("主要指标完成情况", indicators(one)),
        ("重点任务完成情况", tasks(one)),
        ("规划条款落实情况", clauses(one)),
        ("未完成事项和缺口分布", shortfalls(one)),
        ("规划目标的调整", amendments(one)),
        ("数据可信程度", reliability(one)),
        ("与下一规划的衔接", handover(one)),
        *((field.heading, [Paragraph((Span(field.note),), open=True)]) for field in word.open),
    ]
    for number, (heading, content) in enumerate(sections, 1):
        blocks += [Heading(1, f"{numeral_zh(number)}、{heading}"), *content]
    attached = attachments(one)
    names = tuple(name for name, _, _ in attached)
    blocks += [
        said(word.closing),
        AttachmentList(names),
        Signature(office, date_zh(date)),
    ]
    for number, (name, table, note) in enumerate(attached, 1):
        blocks += [Attachment(f"附件{number}", name, landscape=True), table, Note(note)]
    return Report(office + subject, tuple(blocks), edition(EDITION).marking.zh)


def opening(one: Evaluation) -> list[Block]:
    """What is evaluated, by what; that it is provisional while returns are lacking; what changed since the last one."""
    first, last, until = month_zh(one.plan.first), month_zh(one.plan.last), month_zh(one.month)
    title, law = one.plan.title.zh, evaluation_words().law.of(one.mid_term)
    blocks: list[Block] = [
        said(f"{title}的规划期为{first}至{last}，现将实施情况按{until}数据评估如下。{law}")
    ]
    if one.lacking:
        blocks.append(
            said(
                f"本报告为初步评估：{until}的{full_width(listing(one.lacking, 8))}尚未报送，补报后修订。"
            )
        )
    if one.previous:
        blocks.append(revision(one))
    return blocks


def revision(one: Evaluation) -> Paragraph:
    """What differs from the evaluation frozen before."""
    named = {(item.item_kind, item.item_id): item for item in one.items}
    rows = [named[change.item_kind, change.item_id] for change in one.changed]
    figures = [item for item in rows if item.item_kind == "row"]
    others, previous = len(rows) - len(figures), f"第{one.revision - 1}版"
    if not rows:
        return said(f"本版与{previous}相比，各项数据和结论没有变化。")
    names = listing([full_width(item.name_zh) for item in figures])
    told_rows = f"{len(figures)}项指标的数据或结论有变化：{names}" if figures else ""
    told_others = f"{others}项任务或条款的结论随之变化" if others else ""
    both = "；".join(part for part in (told_rows, told_others) if part)
    return said(f"本版与{previous}相比，{both}。其余不变。")


def counted(items: Iterable[Evaluated]) -> str:
    """How many items have which verdict: `提前完成3项、完成5项、未完成2项、无结论1项`."""
    counts = Counter(item.verdict for item in items)
    word = evaluation_words()
    parts = [f"{text.zh}{counts[code]}项" for code, text in word.verdicts.items() if counts[code]]
    return "、".join(parts + ([f"{word.none.zh}{counts[None]}项"] if counts[None] else []))


def bracketed(items: Sequence[Evaluated]) -> str:
    """`counted` in brackets; nothing for no items."""
    return f"（{counted(items)}）" if items else ""


def overall(one: Evaluation) -> list[Block]:
    """Rows, tasks and fragments by verdict, and the picture of the way gone."""
    rows, due = one.of("row"), one.with_target()
    others = [item for item in rows if item.target_value is None]
    met = [item for item in due if item.verdict in MET]
    unmet = [item for item in due if item.verdict not in MET]
    blocks: list[Block] = [
        said(
            f"规划共列入{len(rows)}项指标，其中{len(due)}项有出处明确的目标值。这{len(due)}项中，"
            f"{len(met)}项达到要求{bracketed(met)}，{len(unmet)}项没有达到或不能判断{bracketed(unmet)}。"
            f"其余{len(others)}项没有目标值，只判断趋势或只列数值{bracketed(others)}。"
        ),
        said(evaluation_words().legend),
    ]
    if one.of("task"):
        blocks.append(
            said(
                f"规划要求建立的制度、系统和文件{len(one.of('task'))}项：{counted(one.of('task'))}。"
            )
        )
    if one.of("clause"):
        blocks.append(
            said(f"规划文本逐句分为{len(one.of('clause'))}个片段：{counted(one.of('clause'))}。")
        )
    lines = pictured(one.published.plan_lines)
    if lines:
        alt = "，".join(f"{line.name_zh}进度{line.advance_text}" for line in lines)
        caption = f"图1 规划指标从基数到目标的进度（{month_zh(one.month)}）"
        blocks.append(Figure("progress", caption, f"各项规划指标的进度：{alt}"))
    return blocks


def indicators(one: Evaluation) -> list[Block]:
    """Each row with a target by its nature: a sentence and its picture; then the others by trend."""
    blocks: list[Block] = []
    charts = {chart.id: chart for chart in trend_charts(one)}
    figure = 2 if pictured(one.published.plan_lines) else 1
    groups = [
        (nature, [item for item in one.with_target() if item.nature == nature]) for nature in GROUPS
    ]
    filled = [(nature, items) for nature, items in groups if items]
    for number, (nature, items) in enumerate(filled, 1):
        name = NATURE_ZH[nature].partition("(")[0]
        blocks.append(
            Heading(2, f"（{numeral_zh(number)}）{name}指标{len(items)}项：{counted(items)}")
        )
        for place, item in enumerate(items, 1):
            blocks.append(said(f"{place}.{sentence(one, item)}"))
            chart = charts.get(f"trend-{item.item_id}")
            if chart:
                blocks.append(
                    Figure(
                        chart.id,
                        f"图{figure} {full_width(item.name_zh)}走势（{month_zh(one.month)}）",
                        f"{chart.subtitle}。{chart.alt}",
                    )
                )
                figure += 1
    others = [item for item in one.of("row") if item.target_value is None]
    blocks.append(Heading(2, f"（{numeral_zh(len(filled) + 1)}）没有目标值的指标{len(others)}项"))
    for verdict in ("improved", "steady", "worsened"):
        names = [full_width(item.name_zh) for item in others if item.verdict == verdict]
        if names:
            word = evaluation_words().verdict(verdict)
            told_names = "、".join(names) if verdict == "worsened" else listing(names, 8)
            blocks.append(said(f"趋势{word}的{len(names)}项：{told_names}。"))
    silent = [item for item in others if item.verdict is None]
    if silent:
        blocks.append(said(f"不作评价的{len(silent)}项。各项数值、结论和原因见附件1。"))
    return blocks


def trend_charts(one: Evaluation) -> list[TrendChart]:
    """The pictures of the rows with a target that have any value."""
    found = []
    for item in one.with_target():
        known = item.item_id in one.published.indicators
        if known and line_of(one.published.plan_lines, item.item_id):
            chart = trend_chart(one.published, item.item_id)
            if any(point.value is not None for point in chart.points):
                found.append(chart)
    return found


def sentence(one: Evaluation, item: Evaluated) -> str:
    """`养老机构护理型床位占比由2020年的48.0%到2025年12月的56.0%，目标55.0%，完成（自2025年3月起持续达到）。`

    Where it stands as printed at its base: `…2025年12月为56.0%，与2020年持平，…`.
    """
    name, word = full_width(item.name_zh), evaluation_words().verdict(item.verdict)
    kind = GOAL_ZH.get(item.method, "目标")
    goal = f"{kind}{target_text(item)}"
    if item.final_value is None:
        return f"{name}，{goal}，{word}：{chinese(item.reason)}。"
    cell = one.published.cell(item.item_id, month=item.final_period)
    now = f"{month_zh(item.final_period)}的{figure_text(item, item.final_value)}{of_few(cell, item.gap_unit)}"
    way = f"由{when(item.baseline_period)}的{figure_text(item, item.baseline_value)}到{now}"
    if item.baseline_value is None or item.baseline_period == item.final_period:
        way = f"{now.replace('的', '为', 1)}"
    elif figure_text(item, item.baseline_value) == figure_text(item, item.final_value):
        way = f"{now.replace('的', '为', 1)}，与{when(item.baseline_period)}持平"
    if item.verdict is None:
        return f"{name}{way}，{goal}，{word}：{chinese(item.reason)}。"
    since = (
        f"（自{month_zh(item.since)}起持续达到）"
        if item.since and item.since != item.final_period
        else ""
    )
    short = f"，{shortfall(item)}" if item.verdict not in MET and item.gap_value else ""
    changed = f"；{item.breaks}，前后不可直接比较" if item.breaks else ""
    return f"{name}{way}，{goal}，{word}{since}{short}{changed}。"


def shortfall(item: Evaluated) -> str:
    """`差12张`; where less is asked or a band has an upper edge, `比目标多3人`."""
    above = item.final_value > item.target_value
    return f"{'比目标多' if above else '差'}{gap(item)}"


def when(period: str) -> str:
    """A year or a month in Chinese."""
    return f"{period}年" if len(period) == 4 else month_zh(period)


def gap(item: Evaluated) -> str:
    """What is missing to the target, in people or beds where that can be told."""
    if not item.gap_value:
        return ""
    unit = item.gap_unit or ""
    whole = item.gap_value == int(item.gap_value)
    number = printed(item.gap_value, 0 if whole else item.decimals or 0)
    return number + ("个百分点" if unit == "%" else unit)


def tasks(one: Evaluation) -> list[Block]:
    """What the offices reported of the tasks."""
    found = one.of("task")
    if not found:
        return [said("规划没有列出需要建立的制度、系统和文件。")]
    blocks: list[Block] = [
        said(f"共{len(found)}项，按责任单位填报：{counted(found)}。逐项情况见附件2。")
    ]
    for verdict in ("done", "under_way", "not_started"):
        names = [
            f"{item.name_zh}（{chinese(item.evidence)}）"
            for item in found
            if item.verdict == verdict
        ]
        if names:
            blocks.append(said(f"{STATE_ZH[verdict]}的：{'；'.join(names)}。"))
    silent = [item.name_zh for item in found if item.verdict is None]
    if silent:
        blocks.append(said(f"没有填报、不能评价的{len(silent)}项：{'、'.join(silent)}。"))
    return blocks


def clauses(one: Evaluation) -> list[Block]:
    """How many fragments of the text were carried out, by what measures them."""
    found = one.of("clause")
    if not found:
        return [said("规划文本没有逐句分解。")]
    by_kind = [(kind, [item for item in found if item.nature == kind]) for kind in KIND_ZH]
    parts = [
        f"{KIND_ZH[kind]}{len(items)}个（{counted(items)}）" for kind, items in by_kind if items
    ]
    return [
        said(
            f"规划文本逐句分为{len(found)}个片段：{'；'.join(parts)}。"
            "由指标或任务衡量的，按其结论汇总：全部达到要求为已落实，全部未达到为未落实，其余为部分落实；"
            "标题和不可计量的表述不作评价。逐条情况见附件3。"
        )
    ]


def shortfalls(one: Evaluation) -> list[Block]:
    """What was not reached: how it moved year by year, and which townships hold the gap."""
    unmet = [item for item in one.with_target() if item.verdict in (*UNMET, "behind")]
    if not unmet:
        return [said("有目标值的指标没有未达到要求的。")]
    blocks: list[Block] = [
        said(f"未达到要求的{len(unmet)}项，历年年末数如下表，缺口分布逐项说明。")
    ]
    blocks += [
        yearly(one, unmet),
        Note(
            "注：“缺报”为当年12月没有报送，空白为没有该年的数据；其他指标的历年数据见本评估的数据文件。"
        ),
    ]
    for place, item in enumerate(unmet, 1):
        blocks.append(
            said(f"{place}.{full_width(item.name_zh)}：{by_township(one.published, item)}")
        )
    return blocks


def yearly(one: Evaluation, items: Sequence[Evaluated]) -> Table:
    """The values of each December (of the last month, of the last year) of the plan."""
    years = [str(year) for year in range(int(one.plan.first[:4]), int(one.month[:4]) + 1)]
    months = [min(f"{year}-12", one.month) for year in years]
    heads = [f"{month[:4]}年" if month.endswith("-12") else month for month in months]
    rows = (
        (
            full_width(item.name_zh),
            item.unit_measure or "",
            *(one.published.cell(item.item_id, month=month).text for month in months),
            target_text(item, unit=False),
        )
        for item in items
    )
    drawn = ["指标 34 left", "单位 12 center", *(f"{head} 10" for head in heads), "目标 12"]
    return text_table(" | ".join(drawn), rows)


def by_township(published: Published, item: Evaluated) -> str:
    """Which townships hold the gap, in its unit; else the value of each."""
    cells = [
        (published.names[area], published.cell(item.item_id, area, item.final_period))
        for area in published.townships
    ]
    known = [(name, cell) for name, cell in cells if cell.state == "value"]
    whole = f"全县{shortfall(item)}"
    if not known:
        return f"{whole}；没有分乡镇数据。"
    if (
        item.unit_measure == "%"
        and item.gap_unit != "%"
        and all(cell.numerator is not None for _, cell in known)
    ):
        missing = [
            (name, item.target_value / 100 * cell.denominator - cell.numerator)
            for name, cell in known
        ]
        short = sorted(
            ((name, lack) for name, lack in missing if lack > 0), key=lambda pair: -pair[1]
        )
        parts = [
            f"{name}{printed(lack, 0 if lack >= 1 else 1)}{item.gap_unit}" for name, lack in short
        ]
        return f"全县缺口{gap(item)}，主要在{'、'.join(parts)}（按目标水平推算，已抵消超过目标的乡镇）。"
    parts = [f"{name}{cell.printed}" for name, cell in known]
    return f"{whole}；各乡镇期末值：{'、'.join(parts)}（{item.unit_measure}）。"


def amendments(one: Evaluation) -> list[Block]:
    """Every amendment of a target: from what to what, by which document, since when."""
    names = {item.item_id: full_width(item.name_zh) for item in one.of("row")}
    told_lines = []
    for row in one.plan.rows:
        counting = [
            line for line in row.targets if (line.valid_from or one.plan.first) <= one.month
        ]
        for before, now in zip(counting, counting[1:], strict=False):
            told_lines.append(
                f"{names[row.indicator]}目标自{month_zh(now.valid_from)}起由{before.value:g}{row.unit}（{before.period}年）"
                f"调整为{now.value:g}{row.unit}（{now.period}年），依据{chinese(now.decided.zh)}"
            )
    if not told_lines:
        return [said("规划期内没有调整目标值。")]
    return [
        said(
            f"规划期内调整目标值{len(told_lines)}次：{'；'.join(told_lines)}。评价按调整后的目标，调整前各月按当时的目标。"
        )
    ]


def reliability(one: Evaluation) -> list[Block]:
    """Returns, quarantine and revisions year by year; what is still lacking."""
    drawn = (
        "年份 12 center | 应报（份） 14 | 按时（份） 14 | 迟报（份） 14 | 未报（份） 14 | "
        "未更正行 14 | 修订（个） 14"
    )
    counts = ("due", "in_time", "late", "missing", "quarantined", "revised")
    rows = [(year.year, *(str(getattr(year, name)) for name in counts)) for year in one.trust]
    due, missing = sum(year.due for year in one.trust), sum(year.missing for year in one.trust)
    whole = printed(100 * (due - missing) / due, 1) if due else "0.0"
    silent = [item for item in one.of("row") if item.final_value is None]
    text = f"规划期内应报台账{due}份，已报{due - missing}份（{whole}%）。"
    if silent:
        text += f"期末没有全县数据的指标{len(silent)}项，原因逐项列在附件1，不以部分乡镇合计或往年数代替。"
    return [
        said(text),
        text_table(drawn, rows),
        Note(
            "注：未更正行为报送文件中被隔离、尚未更正的行；修订为各次发布比上一次发布有变化的数据个数。"
        ),
    ]


def handover(one: Evaluation) -> list[Block]:
    """What becomes of the rows in the plan that follows."""
    after = one.successor
    if after is None:
        return [said("下一规划尚未列入本系统。")]
    counts = Counter(crossing.kind for crossing in after.crosswalk)
    parts = "、".join(
        f"{word}{counts[kind]}项" for kind, word in CROSSING_ZH.items() if counts[kind]
    )
    text = (
        f"{one.plan.short.zh}指标与{full_width(after.title.zh)}逐项对应：{parts}。逐项情况见附件4。"
    )
    tail = "延续的存量和比率指标，以本评估的期末值为下一规划的基数。" if not one.mid_term else ""
    return [said(text + tail)]


def attachments(one: Evaluation) -> list[tuple[str, Table, str]]:
    """The tables of all rows, tasks and fragments, and of the crosswalk: name, table, note."""
    star = "注：带*的目标值出处待核实。" + words().symbols
    found = [(f"规划指标评估表（{len(one.of('row'))}项）", row_table(one), star)]
    if one.of("task"):
        found.append(
            (
                f"规划任务评估表（{len(one.of('task'))}项）",
                task_table(one),
                "注：按责任单位填报，未填报的不作推测。",
            )
        )
    if one.of("clause"):
        note = (
            "注：衡量事项为附件1的指标和附件2的任务，超过4项的只列前4项，全部见本评估的数据文件。"
        )
        found.append((f"规划条款评估表（{len(one.of('clause'))}条）", clause_table(one), note))
    if one.successor:
        note = "注：原因不明的不作推测。"
        found.append((f"与{one.successor.short.zh}指标衔接表", crosswalk_table(one), note))
    return found


def row_table(one: Evaluation) -> Table:
    """Attachment 1: every indicator."""
    drawn = (
        "序号 5 center | 指标 24 left | 单位 9 center | 基期 8 center | 基数 8 | 目标 8 | "
        "期末值 10 | 评价方法 13 left | 结论 9 center | 差距 9 | 依据或原因 32 left"
    )
    word = evaluation_words()
    rows = [
        (
            str(number),
            full_width(item.name_zh),
            item.unit_measure or "",
            item.baseline_period or "",
            figure_text(item, item.baseline_value, unit=False),
            target_text(item, unit=False),
            final_text(one, item),
            word.methods[item.method].zh,
            word.verdict(item.verdict),
            gap(item) if item.verdict in (*UNMET, "behind") else "",
            why(item),
        )
        for number, item in enumerate(one.of("row"), 1)
    ]
    return text_table(drawn, rows)


def final_text(one: Evaluation, item: Evaluated) -> str:
    """The value judged by, with E or P, or the sign of why there is none."""
    if item.unit_measure == "是/否":
        return figure_text(item, item.final_value)
    return one.published.cell(item.item_id, month=item.final_period).text


def task_table(one: Evaluation) -> Table:
    """Attachment 2: every task."""
    drawn = (
        "序号 5 center | 任务 26 left | 要求 38 left | 结论 9 center | 依据或原因 32 left | "
        "对应条款 26 left"
    )
    word = evaluation_words()
    rows = [
        (
            str(number),
            item.name_zh,
            chinese(item.note),
            word.verdict(item.verdict),
            why(item),
            item.target_source or "",
        )
        for number, item in enumerate(one.of("task"), 1)
    ]
    return text_table(drawn, rows)


def clause_table(one: Evaluation) -> Table:
    """Attachment 3: every fragment of the text."""
    drawn = (
        "条款 19 left | 原文 42 left | 类别 10 center | 衡量事项 26 left | 结论 9 center | "
        "说明 28 left"
    )
    word = evaluation_words()
    rows = [
        (
            item.item_id,
            item.name_zh,
            KIND_ZH[item.nature],
            measures(one, item),
            word.verdict(item.verdict),
            why(item),
        )
        for item in one.of("clause")
    ]
    return text_table(drawn, rows)


def measures(one: Evaluation, item: Evaluated, most: int = 4) -> str:
    """The names of the indicators and tasks that measure a fragment; of more than `most` their number."""
    tasks = {other.item_id: full_width(other.name_zh) for other in one.of("task")}
    known = [
        tasks.get(code) or full_width(registry()[code].names.zh)
        for code in (item.evidence or "").split()
    ]
    return listing(known, most)


def crosswalk_table(one: Evaluation) -> Table:
    """Attachment 4: what becomes of each row."""
    names = {item.item_id: full_width(item.name_zh) for item in one.of("row")}
    infos = one.published.indicators
    drawn = (
        f"{one.plan.short.zh}指标 34 left | {one.successor.short.zh}指标 34 left | "
        f"衔接 10 center | 起始 10 center | 说明 42 left"
    )
    rows = [
        (
            names.get(crossing.before, crossing.before or ""),
            (infos.get(crossing.after) or {}).get("name_zh") or crossing.after or "",
            CROSSING_ZH[crossing.kind],
            crossing.since or one.successor.first if crossing.after else "",
            chinese(crossing.reason),
        )
        for crossing in one.successor.crosswalk
    ]
    return text_table(drawn, rows)
