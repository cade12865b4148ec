"""送审单.docx and 核对清单.docx: what goes round the office with a month, beside the packages in the outbox."""

from collections.abc import Sequence

from minzheng.contracts.report import report_plan
from minzheng.delivery.checklist import checklist
from minzheng.delivery.package import Package, payload
from minzheng.delivery.recipients import EDITION_ZH
from minzheng.delivery.standing import standing
from minzheng.delivery.steps import course
from minzheng.months import month_zh
from minzheng.publish.report.blocks import (
    Heading,
    Note,
    Report,
    Title,
    said,
    text_table,
)
from minzheng.publish.report.docx import write_docx

SLIP, CHECKLIST = "送审单.docx", "核对清单.docx"
CHANNEL_ZH = {"oa": "办公系统（人工上传）", "mail": "电子邮件", "sftp": "SFTP 数据交换"}
PAYLOAD_NOTE = (
    "注：内容校验码由报送包内全部文件和收件地址算出，改动任何一个字节都会变，批准随之失效；"
    "批准人可用 minzheng approve 核对。密钥标识应与批准人本人留存的一致。"
)


def write_forms(packages: Sequence[Package]) -> None:
    """Write both into the shelf of a revision; `packages` are those of its recipients."""
    first = packages[0]
    write_docx(slip(packages), first.shelf / SLIP, {})
    write_docx(checklists(packages), first.shelf / CHECKLIST, {})


def _title(package: Package, what: str) -> Title:
    return Title((report_plan().office, f"{month_zh(package.month)}民政指标月报{what}"))


def slip(packages: Sequence[Package]) -> Report:
    """送审单: what, by whom, to whom, with what content, and room for three signatures."""
    first = packages[0]
    one, _, approval = standing(first)
    submitted = one.said.get("submitted", {})
    rows = [
        ("报告月份", month_zh(first.month)),
        ("版本", f"第{first.revision}版（{first.name}）"),
        ("填报人", submitted.get("prepared_by", "")),
        ("送审时间", submitted.get("at", "")[:16].replace("T", " ")),
        ("批准人", f"{approval.by}（密钥标识 {approval.key_id}）" if approval else ""),
        ("批准时间", approval.at[:16].replace("T", " ") if approval else ""),
        (
            "报送时间",
            f"不早于 {approval.not_before:%Y-%m-%d %H:%M}"
            if approval and approval.not_before
            else "批准后",
        ),
    ]
    sent_to = [
        (
            package.recipient.name,
            EDITION_ZH[package.recipient.edition],
            CHANNEL_ZH[package.recipient.channel],
            course().states[standing(package)[1]],
            payload(package)[:16],
        )
        for package in packages
    ]
    title = _title(first, "送审单")
    blocks = [
        title,
        text_table("项目 30 center | 内容 126 left", rows),
        Heading(1, "报送去向"),
        text_table(
            "收件单位 40 left | 版本 20 center | 方式 40 left | 状态 22 center | 内容校验码 34 center",
            sent_to,
        ),
        Note(PAYLOAD_NOTE),
        Heading(1, "签字"),
        *(said(f"{role}：　　　　　　　　　日期：") for role in ("填报人", "审核人", "负责人")),
    ]
    return Report("".join(title.lines), tuple(blocks))


def checklists(packages: Sequence[Package]) -> Report:
    """核对清单: one table a recipient; √ done, × not done, □ for a person."""
    title = _title(packages[0], "核对清单")
    drawn = "序号 12 center | 核对事项 66 left | 结果 12 center | 说明 66 left"
    blocks: list = [title]
    for package in packages:
        rows = [
            (str(at), item.zh, item.mark, item.why) for at, item in enumerate(checklist(package), 1)
        ]
        blocks += [Heading(1, package.recipient.name), text_table(drawn, rows)]
    blocks.append(Note("注：√为已完成，×为未完成（不能报送），□为需人工核对。"))
    return Report("".join(title.lines), tuple(blocks))
