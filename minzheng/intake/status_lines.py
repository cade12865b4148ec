"""The status as lines that a clerk reads."""

from minzheng.contracts.datasets import dataset
from minzheng.intake.places import townships
from minzheng.intake.report import printable
from minzheng.intake.settings import reason_zh
from minzheng.months import month_zh

VERDICT = {
    "accept": "接收",
    "accept_partial": "部分接收",
    "supersede": "更正替换",
    "reject_file": "退回",
    "duplicate": "重复",
    "hold": "待确认",
    "ignore": "不处理",
}


def lines(facts: dict) -> list[str]:
    """Files that need somebody, then each month: received, missing, late, quarantined."""
    shown = [
        _file_line(file)
        for file in facts["files"]
        if file["verdict"] in ("reject_file", "hold", "accept_partial")
    ]
    return [
        f"收到文件{len(facts['files'])}个",
        *shown,
        *(line for month in facts["months"] for line in _month_lines(month)),
    ]


def _file_line(file: dict) -> str:
    reasons = "；".join(reason_zh(reason) for reason in file["reasons"])
    counts = f"接收{file['rows_accepted']}行，隔离{file['rows_quarantined']}行"
    return f"{file['intake_no']:>6} {VERDICT[file['verdict']]} {printable(file['name'])}：{reasons}（{counts}）"


def _month_lines(month: dict) -> list[str]:
    head = f"{month_zh(month['month'])}：收到{len(month['received'])}种，未报{len(month['missing'])}种，隔离{month['open_quarantine']}行"
    head += (
        f"，已发布{month['releases'][-1]}"
        if month["releases"]
        else "，有草稿"
        if month["draft"]
        else ""
    )
    named = [head]
    for label, key in (("未报", "missing"), ("迟报", "late")):
        for name, codes in month[key].items():
            places = "、".join(townships().get(code, "县级") for code in codes)
            named.append(f"  {label} {dataset(name).title.zh}：{places}")
    return named
