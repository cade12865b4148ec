"""What the report says about itself: early warnings by count, who has not reported, checks, definitions and revisions."""

from collections import Counter
from collections.abc import Callable

import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.report import words
from minzheng.leads.rules import level_words
from minzheng.months import add_months, month_zh
from minzheng.publish.cells import Published, full_width
from minzheng.publish.numbers import rounded
from minzheng.publish.report.blocks import Paragraph, said
from minzheng.publish.report.open_items import open_items_text
from minzheng.publish.report.sentences import listing
from minzheng.publish.report.warnings import lead_rules, levels_of, warning_sentences
from minzheng.publish.standing import Filed, filed, outcomes

Counts = dict[
    str, tuple[int, bool]
]  # leads, open_cases, overdue: the sum of what is known, and whether a rule could not be judged


def count_text(count: int, hidden: bool = False) -> str:
    """A count of cases as printed, with its unit; what could not be judged is told."""
    return f"{count}件" + ("（未能判断的未计入）" if hidden else "")


def early_warning(published: Published) -> list[Paragraph]:
    """Counts of leads by level and by kind, for the county; never a list."""
    leads = lead_rules(published)
    if leads.is_empty():
        return [said("本月未形成监测预警线索。")]
    levels, kinds = of_the_county(published, summed(leads, "level")), summed(leads, "kind")
    by_level = {zh: levels[code] for code, zh in level_words().items() if code in levels}
    text = (
        f"截至{month_zh(published.month)}末，监测预警线索中，{counts_text(by_level, level_text)}。"
    )
    some = {kind: counts for kind, counts in kinds.items() if counts["leads"] != (0, False)}
    text += (
        f"按类别分，{counts_text(some, lambda counts: count_text(*counts['leads']))}。"
        if some
        else ""
    )
    return [said("".join([text, *warning_sentences(published), "线索须经核查，不等于问题认定。"]))]


def of_the_county(published: Published, summed_rules: dict[str, Counts]) -> dict[str, Counts]:
    """The counts by level: the county's own where it is known, else what the rules that were judged add up to."""
    whole = {row["level"]: row for row in levels_of(published, published.month).filter(pl.col("township_code") == published.county).iter_rows(named=True)}  # fmt: skip
    return {
        level: {
            n: counts[n] if whole.get(level, {}).get(n) is None else (whole[level][n], False)
            for n in counts
        }
        for level, counts in summed_rules.items()
    }


def counts_text(groups: dict[str, Counts], printed: Callable[[Counts], str]) -> str:
    """`橙色30件、黄色26件，红色未能判断`: groups with a count, then those of which none is known."""
    hidden = [name for name, counts in groups.items() if counts["leads"] == (0, True)]
    shown = [name + printed(counts) for name, counts in groups.items() if name not in hidden]
    return "，".join(
        ["、".join(shown)] * bool(shown) + [f"{'、'.join(hidden)}未能判断"] * bool(hidden)
    )


def level_text(counts: Counts) -> str:
    """`16件（其中未办结11件，超期5件）`; parts that are not wholly known are left out.

    More cases may wait than there are leads: those whose list has not come wait on.
    """
    parts = (("未办结", counts["open_cases"]), ("超期", counts["overdue"]))
    told = [name + count_text(count) for name, (count, hidden) in parts if not hidden]
    whole = count_text(*counts["leads"])
    if not told or counts["leads"][1]:
        return whole
    among = "其中" if counts["open_cases"][0] <= counts["leads"][0] else "连同名单未报而续办的"
    return f"{whole}（{among}{'，'.join(told)}）"


def summed(leads: pl.DataFrame, by: str) -> dict[str, Counts]:
    """Leads, open and overdue summed over what is known, and whether a part is not."""
    names = ("leads", "open_cases", "overdue")
    hidden = (pl.col(names).null_count() > 0).name.suffix("_hidden")
    grouped = leads.group_by(by).agg(pl.col(names).sum(), hidden).sort(by)
    return {
        row[by]: {n: (row[n], row[f"{n}_hidden"]) for n in names}
        for row in grouped.iter_rows(named=True)
    }


def quality_statement(published: Published) -> list[Paragraph]:
    """How much has arrived and from whom not, what the checks said, what open items could still change."""
    quality = published.frames.quality.filter(pl.col("time_period") == published.month)
    files = filed(quality)
    paragraphs = [said(arrival_text(published, files) if files.due else "本月没有报送情况记录。")]
    if files.owed:
        lacking = missing_text(published, files)
        paragraphs.append(
            said(f"未报送的有：{lacking}。相关县级指标记为缺报，不以部分乡镇合计代替。")
        )
    checks = outcomes(quality)
    paragraphs += [said(check_text(checks))] if checks and published.inside else []
    open_items = open_items_text(published)
    return paragraphs + ([said(open_items)] if open_items else [])


def arrival_text(published: Published, files: Filed) -> str:
    """`应报65份，已报63份（96.9%），其中按时60份；全部报齐的乡镇4个（已报4/5）`; in time is up to the cut-off."""
    townships = published.townships
    whole, share = files.whole(townships), rounded(files.came * 100 / files.due, 1)
    return f"应报{files.due}份，已报{files.came}份（{share}%），其中按时{files.in_time}份；全部报齐的乡镇{whole}个（已报{whole}/{len(townships)}）。"


def missing_text(published: Published, files: Filed) -> str:
    """Township by township in code order: `某乡（临时救助台账、…）`."""
    named = published.names
    return "；".join(
        f"{named.get(code, code)}（{listing([dataset_title(name) for name in names])}）"
        for code, names in files.owed.items()
    )


def dataset_title(name: str) -> str:
    """The dataset's Chinese title, or its name when there is no such contract."""

    return full_width(dataset(name).title.zh) if name in dataset_names() else name


def check_text(checks: dict[str, str]) -> str:
    """`共运行校验规则84条，通过80条，提示性问题3条，差错性问题1条…`: a rule fails when it fails anywhere."""
    counts = Counter(checks.values())
    text = f"共运行校验规则{len(checks)}条，通过{counts['pass']}条，提示性问题{counts['warn']}条，差错性问题{counts['error']}条"
    skipped = counts["not_evaluated"]
    return text + (f"，缺数据未能校验{skipped}条。" if skipped else "。")


def revision_notes(published: Published) -> list[Paragraph]:
    """What changed since the last release, which definitions changed, which figures are estimates, what the marks mean."""
    paragraphs = [said(revision_text(published))]
    changed = changed_definitions(published)
    if changed:
        paragraphs.append(
            said(f"本月起口径有调整的指标：{listing(changed)}，与以前各月不可直接比较。")
        )
    counted_on = [
        meta["name_zh"] for code, meta in published.indicators.items()
        if (published.month, "population") in published.breaks(code)
    ]  # fmt: skip
    if counted_on:
        paragraphs.append(
            said(f"本月起人口口径有变化的指标：{listing(counted_on)}，与以前各月不可直接比较。")
        )
    return [*paragraphs, said("符号说明：" + words().signs(published.withholds))]


def revision_text(published: Published) -> str:
    """Revised cells by reason class."""
    revisions = published.frames.revisions
    if revisions is None or revisions.is_empty():
        return "以前各期数据与上一版发布相比没有修订。"
    counts = Counter(revisions["reason"].fill_null("error"))
    parts = [f"{word.zh}{counts[code]}个" for code, word in words().reasons.items() if counts[code]]
    months = sorted(revisions["time_period"].unique())
    span = (
        month_zh(months[0])
        if len(months) == 1
        else f"{month_zh(months[0])}至{month_zh(months[-1])}"
    )
    return f"与上一版发布相比，{span}共修订单元格{revisions.height}个，其中{'、'.join(parts)}，明细见修订记录。"


def changed_definitions(published: Published) -> list[str]:
    """Names of indicators whose definition of this month differs from last month's."""
    rows = published.frames.observations.filter(pl.col("ref_area") == published.county)
    versions = rows.group_by("indicator_id", "time_period").agg(
        pl.col("definition_version").drop_nulls().max()
    )
    now = versions.filter(pl.col("time_period") == published.month)
    before = versions.filter(pl.col("time_period") == add_months(published.month, -1))
    both = now.join(before, on="indicator_id", suffix="_before").sort("indicator_id")
    changed = both.filter(pl.col("definition_version") != pl.col("definition_version_before"))[
        "indicator_id"
    ]
    return [
        published.indicators[code]["name_zh"] for code in changed if code in published.indicators
    ]
