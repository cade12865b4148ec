"""The status as lines that a clerk reads."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from minzheng.contracts.datasets import dataset
from minzheng.contracts.verdicts import ACCEPTED, VERDICTS
from minzheng.intake.places import sender_name
from minzheng.intake.report import HOW_TO_CONFIRM, printable, taken_for
from minzheng.intake.settings import reason_zh
from minzheng.months import month_zh

if TYPE_CHECKING:
    import polars as pl

OWED = {"missing": "未报", "late": "迟报"}
TABLE = ("month", "state", "dataset", "name", "area", "area_name", "file", "reasons")
SHOWN = ("reject_file", "hold", "accept_partial", "supersede")


def lines(facts: dict) -> list[str]:
    """Files that need somebody, that replaced others or were replaced; then each month: received, missing, late, quarantined."""
    replaced = set().union(*(file["replaces"] for file in facts["files"]))
    shown = [
        _file_line(file)
        for file in facts["files"]
        if file["verdict"] in SHOWN or file["intake_no"] in replaced
    ]
    return [
        f"收到文件{len(facts['files'])}个",
        *shown,
        *chain.from_iterable(map(_month_lines, facts["months"])),
    ]


def table(facts: dict) -> "pl.DataFrame":
    """The status as a table of texts: every file with its verdict, and what is missing or late by dataset and sender."""
    rows = chain(map(_file_row, facts["files"]), chain.from_iterable(map(_owed, facts["months"])))
    import polars as pl  # who asks for no table must not wait for it

    return pl.DataFrame(list(rows), dict.fromkeys(TABLE, pl.String), orient="row")


def _file_row(file: dict) -> tuple[str | None, ...]:
    name, areas = file["dataset"], file["townships"] or []
    return (
        file["month"],
        VERDICTS[file["verdict"]],
        name,
        dataset(name).title.zh if name else None,
        " ".join(areas),
        "、".join(map(sender_name, areas)),
        printable(file["name"]),
        "；".join(map(reason_zh, file["reasons"])),
    )


def _owed(month: dict) -> Iterator[tuple[str | None, ...]]:
    for key, label in OWED.items():
        for name, codes in month[key].items():
            title = dataset(name).title.zh
            for code in codes:
                yield month["month"], label, name, title, code, sender_name(code), None, None


def _file_line(file: dict) -> str:
    reasons = "；".join(reason_zh(reason) for reason in file["reasons"])
    counts = f"接收{file['rows_accepted']}行，隔离{file['rows_quarantined']}行"
    if file["verdict"] == "reject_file":
        reasons += taken_for(file["dataset"])
    if file["verdict"] == "hold":
        reasons += f"；{HOW_TO_CONFIRM.format(file['intake_no'])}"
    told = [f"替换收件号{'、'.join(map(str, file['replaces']))}"] if file["replaces"] else []
    told += [reasons] if reasons else []
    line = f"{file['intake_no']:>6} {VERDICTS[file['verdict']]}{_force(file)} {printable(file['name'])}："
    return f"{line}{'；'.join(told)}（{counts}）"


def _force(file: dict) -> str:
    """Whether an accepted file is in force, wholly, in part, or was replaced."""
    if file["verdict"] not in ACCEPTED:
        return ""
    if not file["in_force"]:
        return "〔已被替换〕"
    return (
        "〔现行〕"
        if file["rows_in_force"] == file["rows_accepted"]
        else f"〔部分现行{file['rows_in_force']}行〕"
    )


def _month_lines(month: dict) -> list[str]:
    lacking, late = (sum(map(len, month[key].values())) for key in ("missing", "late"))
    head = f"{month_zh(month['month'])}：应报{month['due']}份，已报{month['due'] - lacking}份，其中迟报{late}份，隔离{month['open_quarantine']}行"
    head += (
        f"，已发布{month['releases'][-1]}"
        if month["releases"]
        else "，有草稿"
        if month["draft"]
        else ""
    )
    named = [head]
    for key, label in OWED.items():
        for name, codes in month[key].items():
            places = "、".join(map(sender_name, codes))
            named.append(f"  {label} {dataset(name).title.zh}：{places}")
    return named
