"""The pages of `docs/` that are made from the contracts, so that nothing is written twice.

Run `make pages` after a change of a contract; a test compares every page with what it is made from.
"""

from collections.abc import Iterable, Sequence

from minzheng.contracts.calendar import calendar
from minzheng.contracts.datasets import Dataset, dataset, dataset_names
from minzheng.contracts.filling import words
from minzheng.contracts.indicators import Indicator, registry
from minzheng.contracts.paths import ROOT
from minzheng.contracts.plans import NATURE_ZH, plan, plan_ids
from minzheng.contracts.quality_rules import Rule, rule_files
from minzheng.contracts.subjects import subjects
from minzheng.custody.settings import EACH, default_zh, named_fields, toml_value
from minzheng.intake.settings import reasons
from minzheng.intake.template import GUIDE_HEADS, STEPS, guide_rows
from minzheng.leads.rules import level_words
from minzheng.leads.rules import rules as lead_rules
from minzheng.publish.release.dictionary import data_dictionary

DOCS = ROOT / "docs"
MADE = "<!-- 由数据合同生成，请勿手改：改合同后运行 make pages。Made from the contracts by `make pages`. -->"
RHYTHM = {"townships": "各乡镇每月", "county": "县局每月", "change": "有变动时"}
AREAS = {"county": "县", "township": "乡镇", "village": "村(社区)"}
DIMENSIONS = {"residence": "城乡", "sex": "性别", "age_group": "年龄", "category": "分类"}
SEVERITY = {"error": "错误", "warn": "提示"}
WHERE = {
    "intake": "收件时逐行",
    "register": "台账",
    "cross_table": "表间",
    "indicator": "指标",
    "report": "报告",
    "not_evaluable": "暂不能校验",
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; a bar or line break inside a cell is kept from ending it."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    clean = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return [*lines, *(f"| {' | '.join(row)} |" for row in clean), ""]


def columns_page() -> str:
    """How each of the datasets is filled, column by column."""
    told = {
        level: [(reason.zh, reason.right) for reason in reasons().values() if reason.level == level]
        for level in ("file", "hold", "flag")
    }
    lines = ["# 填报说明：每种表、每一列怎么填", "", MADE, ""]
    lines += [
        "*English: how each column of the datasets is filled in, and what happens when it is not.*",
        "",
    ]
    lines += [
        "`minzheng template 城乡低保花名册 --to 低保.xlsx` 生成空白表样，`--all` 生成全部；也可用自己的表，只要表头写法与下列各列相同或相近。",
        "",
    ]
    lines += ["## 填写", "", *(f"{step}" + "\n" for step in STEPS)]
    lines += ["## 整个文件退回的情形", "", *table(("原因", "怎么改"), told["file"])]
    lines += ["## 待局里专人确认的情形", "", *table(("原因", "怎么办"), told["hold"])]
    lines += ["## 照收并提示的情形", "", *table(("提示", "怎么办"), told["flag"])]
    for name in dataset_names():
        lines += dataset_section(dataset(name))
    return "\n".join(lines)


def dataset_section(contract: Dataset) -> list[str]:
    """One dataset: when it is due, what may not occur twice, its columns, the words they take."""
    due = calendar().datasets[contract.dataset]
    day = "" if due.sender == "change" else f"，次月{due.due_day or calendar().due_day}日前"
    key = "、".join(contract.column(name).header for name in contract.key)
    lines = [f"## {contract.title.zh}（`{contract.dataset}`）", ""]
    owed = "可选：有这项业务的报送，没有的不报，不算缺报。" if contract.optional else ""
    lines += [f"{owed}{RHYTHM[due.sender]}报送{day}。同一{key}只能有一行。", ""]
    lines += table(GUIDE_HEADS, guide_rows(contract))
    lists = [
        (column.header, words(contract, column)) for column in contract.columns if column.codes
    ]
    if lists:
        lines += table(("列", "可填"), [(header, "、".join(found)) for header, found in lists])
    return lines


def catalogue_page() -> str:
    """Every indicator: what it says, from what, for where, and which target stands in a plan."""
    lines = ["# 指标目录", "", MADE, ""]
    lines += [
        f"*English: the {len(registry())} indicators by subject, with definition, sources and targets.*",
        "",
    ]
    heads = ("代码", "名称", "口径", "单位", "来源", "范围", "分组", "规划目标", "口径版本")
    for group, subject in subjects().items():
        own = [one for one in registry().values() if one.group == group]
        lines += [f"## {subject.title}（{len(own)}项）", "", *table(heads, map(indicator_row, own))]
    return "\n".join(lines)


def indicator_row(one: Indicator) -> tuple[str, ...]:
    """One line of the catalogue."""
    sources = [dataset(need.dataset).title.zh for need in one.inputs]
    sources += [f"综合月报表 {item.code}" for item in one.items]
    if one.unavailable:
        sources = [f"暂无来源：{one.unavailable.zh}"]
    versions = [f"{v.version}（{v.valid_from}起）{v.sentence.zh}" for v in one.versions]
    return (
        f"`{one.code}`",
        one.names.zh,
        one.definition.zh,
        one.unit,
        "、".join(dict.fromkeys(sources)) or "—",
        "、".join(AREAS[area] for area in one.areas),
        "、".join(DIMENSIONS[name] for name in one.breakdowns) or "—",
        "；".join(target_words(one.code)) or "—",
        "；".join(versions),
    )


def target_words(code: str) -> list[str]:
    """What each plan wants of an indicator: its nature, and each target with its year where a source states one."""
    found = []
    for plan_id in plan_ids():
        row = next((row for row in plan(plan_id).rows if row.indicator == code), None)
        if row is None:
            continue
        due = [
            f"，{one.period}年{one.value:g}" + ("" if one.verified else "（待核实）")
            for one in row.targets
        ]
        found.append(
            f"{plan_id}：{NATURE_ZH[row.nature]}{'，后改为'.join(due).replace('后改为，', '后改为')}"
        )
    return found


def rules_page() -> str:
    """Every quality rule: what it says, on what it looks, its thresholds with their reasons, what it cannot tell."""
    count = sum(len(file.rules) for file in rule_files())
    lines = ["# 校验规则", "", MADE, ""]
    lines += [
        f"*English: the {count} validation rules, with thresholds, their reasons and limits.*",
        "",
    ]
    lines += ["“停止”表示不通过时该月不更新；提示和其他错误照常计算并列出。", ""]
    heads = ("编号", "名称", "级别", "说明", "在哪里查", "查哪些表", "限值及理由", "查不了的")
    for file in rule_files():
        lines += [f"## {file.title}", "", *table(heads, map(rule_row, file.rules))]
    return "\n".join(lines)


def rule_row(rule: Rule) -> tuple[str, ...]:
    """One line of the rules."""
    known = [dataset(name).title.zh for name in rule.datasets if name in dataset_names()]
    limits = [f"{limit.value:g}：{limit.reason_zh}" for limit in rule.thresholds]
    return (
        rule.id,
        rule.title,
        SEVERITY[rule.outcome_severity] + ("，停止" if rule.blocking else ""),
        rule.sentence,
        WHERE[rule.where],
        "、".join(known) or "指标值",
        "；".join(limits) or "—",
        rule.limits_zh or "—",
    )


def lead_rules_page() -> str:
    """Every lead rule: what it looks for, how urgent, what to do, from which lists, on what basis."""
    lines = ["# 线索规则", "", MADE, ""]
    lines += [
        f"*English: the {len(lead_rules())} lead rules; a lead asks for a visit and decides nothing.*",
        "",
    ]
    lines += ["线索只请人核查，不作任何决定。红色最急。", ""]
    heads = (
        "编号",
        "级别",
        "类别",
        "名称",
        "怎么核查",
        "期限（天）",
        "用到的名单",
        "须在其中缺席的名单",
        "依据",
    )
    rows = (
        (
            rule.rule_id,
            level_words()[rule.level],
            rule.kind,
            rule.title.zh,
            rule.instruction.zh,
            str(rule.days_allowed),
            _titles(rule.datasets),
            _titles(rule.absent_from) or "—",
            "；".join(rule.basis),
        )
        for rule in lead_rules()
    )
    return "\n".join([*lines, *table(heads, rows)])


def _titles(names: Iterable[str]) -> str:
    return "、".join(dataset(name).title.zh for name in names)


def settings_page() -> str:
    """Every setting of a home: what it does, its unit, its default, an example."""
    lines = ["# 设置", "", MADE, ""]
    lines += ["*English: each setting of `settings.toml` in a home, with default and effect.*", ""]
    lines += [
        "写在数据目录的 `settings.toml`。`minzheng settings --write` 生成带说明的文件，`minzheng settings` 核对并列出当前的值。",
        "",
    ]
    lines += ["写错的项会指出文件、行号和可填的内容；没有的项会给出最接近的名称。", ""]
    heads = ("设置", "作用", "单位", "默认", "例")
    rows = []
    for name, field in named_fields():
        told = field.json_schema_extra
        example = field.default if told["example"] is None else told["example"]
        rows.append(
            (
                f"`{name.replace(EACH, '乡镇代码')}`",
                field.description,
                told["unit"] or "—",
                default_zh(field),
                f"`{toml_value(example)}`",
            )
        )
    return "\n".join([*lines, *table(heads, rows)])


PAGES = {
    "columns.zh-CN.md": columns_page,
    "data.md": data_dictionary,
    "indicators.zh-CN.md": catalogue_page,
    "lead_rules.zh-CN.md": lead_rules_page,
    "rules.zh-CN.md": rules_page,
    "settings.zh-CN.md": settings_page,
}
"""Each page of `docs/` that is made, by what makes it."""


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
