"""The report to the prefecture: from the frames of a release to typed blocks (contents: policy facts, section 6.2)."""

import datetime as dt

from minzheng.months import add_months, month_start, month_zh
from minzheng.publish.assurance import early_warning, quality_statement, revision_notes
from minzheng.publish.blocks import (
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
    Title,
)
from minzheng.publish.cells import Published
from minzheng.publish.frames import ReleaseFrames
from minzheng.publish.numbers import date_zh, numeral_zh
from minzheng.publish.plan import Chapter, Item, Line, report_plan, words
from minzheng.publish.progress_text import judged, progress_paragraphs, progress_table, township_table
from minzheng.publish.sentences import Span, indicator_sentence, join

TITLE_CHARACTERS = 18  # a line of 2号 characters in a 156 mm text block holds 20


def report_date(month: str) -> dt.date:
    """成文日期 when the release record names none: the cut-off day of the following month."""
    return month_start(add_months(month, 1)).replace(day=report_plan().cut_off_day)


def build_report(frames: ReleaseFrames, month: str, date: dt.date | None = None) -> Report:
    """The report of `month`; the same frames give the same blocks."""
    plan, published = report_plan(), Published(frames, month)
    subject = plan.title.format(month=month_zh(month))
    blocks: list[Block] = [
        Title(title_lines(plan.office, subject)),
        Addressee(plan.addressee + "："),
        Paragraph((Span(plan.opening.format(month=month_zh(month))),)),
        Heading(1, f"一、{plan.situation}"),
    ]
    for position, chapter in enumerate(plan.chapters, 1):
        blocks += [Heading(2, f"（{numeral_zh(position)}）{chapter.heading}"), *chapter_paragraphs(published, chapter)]
    blocks += [Heading(1, f"二、{plan.progress}"), *progress_paragraphs(published)]
    if judged(published):
        blocks.append(Figure("progress", f"图1 规划指标进度（{month_zh(month)}）", progress_alt(published)))
    blocks += [Heading(1, f"三、{plan.assurance}"), *assurance(published)]
    blocks += [
        Heading(1, f"四、{plan.next}"),
        Paragraph((Span(plan.next_note),), open=True),
        Paragraph((Span(plan.closing),)),
    ]
    names = (f"规划指标进展表（{month_zh(month)}）", f"分乡镇指标表（{month_zh(month)}）")
    blocks += [AttachmentList(names), Signature(plan.office, date_zh(date or report_date(month)))]
    blocks += [Attachment("附件1", names[0]), progress_table(published), Note(progress_note())]
    blocks += [
        Attachment("附件2", names[1], landscape=True),
        township_table(published),
        Note("注：" + words().signs(published.withholds)),
    ]
    return Report(plan.office + subject, tuple(blocks))


def title_lines(office: str, subject: str) -> tuple[str, ...]:
    """The title broken at sense units: the office, then the subject, which breaks before 民政 when it is long."""
    if len(subject) <= TITLE_CHARACTERS:
        return (office, subject)
    cut = subject.find("民政", 4)
    return (office, subject[:cut], subject[cut:]) if cut > 0 else (office, subject)


def chapter_paragraphs(published: Published, chapter: Chapter) -> list[Paragraph]:
    """One numbered paragraph a line; indicators that the release does not know are left out."""
    drawn = [(line.label, line_spans(published, line)) for line in chapter.lines]
    kept = [(label, spans) for label, spans in drawn if spans]
    return [
        Paragraph((Span(f"{number}.{label}。" if len(kept) > 1 else ""), *spans))
        for number, (label, spans) in enumerate(kept, 1)
    ]


def line_spans(published: Published, line: Line) -> list[Span]:
    """The sentences of a line, joined by semicolons."""
    return join([item_sentence(published, item) for item in line.items if known(published, item)])


def known(published: Published, item: Item) -> bool:
    """Whether the release holds the item's cell at all."""
    return published.cell(item.indicator, **item.breakdown).state != "absent"


def item_sentence(published: Published, item: Item) -> list[Span]:
    """Level and changes of one item."""
    meta = published.indicators.get(item.indicator, {})
    cell = published.cell(item.indicator, **item.breakdown)
    name = item.name or meta.get("name_zh") or item.indicator
    if cell.unit == "是/否" and cell.state == "value":
        return [Span(name), Span(item.flag[cell.value >= 1], (cell.reference,))]
    return indicator_sentence(published, cell, name, item.changes, bool(meta.get("year_to_date")))


def assurance(published: Published) -> list[Block]:
    """Early warnings, data quality, definitions and revisions."""
    parts = (
        ("监测预警", early_warning(published)),
        ("数据质量", quality_statement(published)),
        ("口径和修订", revision_notes(published)),
    )
    blocks: list[Block] = []
    for position, (heading, paragraphs) in enumerate(parts, 1):
        blocks += [Heading(2, f"（{numeral_zh(position)}）{heading}"), *paragraphs]
    return blocks


def progress_alt(published: Published) -> str:
    """What the progress picture says, in words."""
    told = [f"{row['name_zh']}进度{row['advance_text']}" for row in judged(published)]
    return "各项规划指标从基数到目标的进度：" + "，".join(told)


def progress_note() -> str:
    """How completion and status are computed."""
    return (
        "注：完成率=当前值÷目标值，越低越好的为目标值÷当前值；进度=（当前值－基数）÷（目标值－基数），基数已达目标的不计算。"
        "评价按实际变化与直线路径上应有变化之比：达到目标为已达标，95%及以上为按进度，60%至95%为略滞后，0至60%为明显滞后，"
        "0以下为倒退；缺少目标、基数或当前值的暂不评价。带*的目标值待核实。"
    )
