"""The report to the prefecture: from the frames of a release to typed blocks (contents: docs/sources.md 6.2)."""

import datetime as dt
from itertools import chain

from minzheng.contracts.calendar import report_date
from minzheng.contracts.report import Chapter, Item, Line, report_plan, words
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.months import month_zh
from minzheng.publish.cells import Published, closing_plans, plan_lines
from minzheng.publish.numbers import date_zh, numeral_zh
from minzheng.publish.plan_line import pictured
from minzheng.publish.report.assurance import early_warning, quality_statement, revision_notes
from minzheng.publish.report.blocks import (
    Addressee,
    Attachment,
    AttachmentList,
    Block,
    Figure,
    Heading,
    Imprint,
    Note,
    Paragraph,
    RedHead,
    Report,
    Signature,
    Title,
    said,
)
from minzheng.publish.report.filled import Filled
from minzheng.publish.report.front import headline_table, trend_figures
from minzheng.publish.report.progress_text import (
    progress_paragraphs,
    progress_table,
    township_table,
)
from minzheng.publish.report.sentences import Span, gathered, indicator_parts, join

TITLE_CHARACTERS = 18  # a line of 2号 characters in a 156 mm text block holds 20


def build_report(
    frames: ReleaseFrames, month: str, date: dt.date | None = None, own: Filled | None = None
) -> Report:
    """The report of `month`; the same frames and the same `own` words of the office give the same blocks."""
    return report_of(Published(frames, month), date, own)


def report_of(
    published: Published, date: dt.date | None = None, own: Filled | None = None
) -> Report:
    """`build_report` of an edition that is asked already."""
    plan, month, own = report_plan(), published.month, own or Filled()
    subject, day = plan.title.format(month=month_zh(month)), date_zh(date or report_date(month))
    blocks: list[Block] = [
        *(
            [RedHead(plan.office, own.document_number or "", own.issuer or "")]
            if own.red_head
            else []
        ),
        Title(title_lines(plan.office, subject)),
        Addressee(plan.addressee + "："),
        said(plan.opening.format(month=month_zh(month))),
        headline_table(published),
        Heading(1, f"一、{plan.situation}"),
    ]
    for position, chapter in enumerate(plan.chapters, 1):
        blocks += [
            Heading(2, f"（{numeral_zh(position)}）{chapter.heading}"),
            *chapter_paragraphs(published, chapter),
            *written(own.reasons.get(chapter.heading)),
        ]
    blocks += chain.from_iterable(map(written, own.paragraphs))
    blocks += [Heading(1, f"二、{plan.progress}"), *progress_paragraphs(published)]
    if pictured(published.plan_lines):
        blocks.append(
            Figure("progress", f"图1 规划指标进度（{month_zh(month)}）", progress_alt(published))
        )
    blocks += trend_figures(published)
    blocks += [Heading(1, f"三、{plan.assurance}"), *assurance(published)]
    blocks += [
        Heading(1, f"四、{plan.next}"),
        *next_steps(own, plan.next_note),
        said(plan.closing),
    ]
    ended = closing_plans(published)
    closing = [f"{one.short.zh}规划指标收官表（截至{month_zh(one.last)}）" for one in ended]
    names = (f"规划指标进展表（{month_zh(month)}）", *closing, f"分乡镇指标表（{month_zh(month)}）")
    tables = [published.plan_lines, *(plan_lines(published, one.plan) for one in ended)]
    blocks += [AttachmentList(names), Signature(plan.office, day), *contact(own)]
    for number, (name, lines) in enumerate(zip(names[:-1], tables, strict=True), 1):
        blocks += [Attachment(f"附件{number}", name), progress_table(lines), Note(progress_note())]
    blocks += [
        Attachment(f"附件{len(names)}", names[-1], landscape=True),
        township_table(published),
        Note("注：" + words().signs(published.withholds)),
        *([Imprint(own.copies_to or "", plan.office, day)] if own.imprint else []),
    ]
    return Report(plan.office + subject, tuple(blocks))


def written(text: str | None) -> list[Paragraph]:
    """What people wrote, a paragraph a line."""
    return [said(line.strip()) for line in (text or "").splitlines() if line.strip()]


def next_steps(own: Filled, note: str) -> list[Paragraph]:
    """What each section will do, or the open place."""
    if own.next_steps is None:
        return [Paragraph((Span(note),), open=True)]
    steps = (written(f"{section}：{text}") for section, text in own.next_steps.items())
    return list(chain.from_iterable(steps))


def contact(own: Filled) -> list[Paragraph]:
    """附注: whom to ask, in brackets below the date (GB/T 9704-2012, 7.3.7)."""
    told = [
        f"{zh}：{text}" for zh, text in (("联系人", own.contact), ("电话", own.telephone)) if text
    ]
    return [said(f"（{'；'.join(told)}）")] if told else []


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
    told = [item_parts(published, item) for item in line.items if known(published, item)]
    return join(gathered(told))


def known(published: Published, item: Item) -> bool:
    """Whether the release holds the item's cell at all."""
    return published.cell(item.indicator, **item.breakdown).state != "absent"


def item_parts(published: Published, item: Item) -> tuple[list[Span], list[Span]]:
    """Level and changes of one item."""
    meta = published.indicators.get(item.indicator, {})
    cell = published.cell(item.indicator, **item.breakdown)
    name = item.name or meta.get("name_zh") or item.indicator
    if cell.unit == "是/否" and cell.state == "value":
        return [Span(name), Span(item.flag[cell.value >= 1], (cell.reference,))], []
    return indicator_parts(published, cell, name, item.changes, bool(meta.get("year_to_date")))


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
    told = [f"{line.name_zh}进度{line.advance_text}" for line in pictured(published.plan_lines)]
    return "各项规划指标从基数到目标的进度：" + "，".join(told)


def progress_note() -> str:
    """How completion and status are computed."""
    return (
        "注：完成率=当前值÷目标值，越低越好的为目标值÷当前值；进度=（当前值－基数）÷（目标值－基数），基数已达目标的不计算。"
        "评价按实际变化与直线路径上应有变化之比：达到目标为已达标（基数已达目标的，保持住为守住底线或守住上限），95%及以上为按进度，60%至95%为略滞后，0至60%为明显滞后，"
        "0以下为倒退；缺少目标、基数或当前值的暂不评价。带*的目标值待核实。"
    )
