"""What the report and the pages say of the leads: by township, against the month before, how old the lists are, how good the rules."""

import polars as pl

from minzheng.leads.measures import WASTEFUL_BELOW, WASTEFUL_FROM
from minzheng.leads.rules import level_words
from minzheng.months import add_months
from minzheng.publish.cells import Published
from minzheng.publish.numbers import rounded
from minzheng.publish.report.sentences import listing


def warning_sentences(published: Published) -> list[str]:
    """The sentences after the counts; each only where there is something to say."""
    told = (
        lists_text(published),
        townships_text(published),
        change_text(published),
        rules_text(published),
    )
    return [text for text in told if text]


def lead_rules(published: Published) -> pl.DataFrame:
    """The month's leads by rule: the county's rows, or where there are none the townships'."""
    rows = published.frames.leads.filter(pl.col("month") == published.month)
    county = rows.filter(pl.col("township_code") == published.county)
    return rows if county.is_empty() else county


def lists_text(published: Published) -> str:
    """How old the lists are on which the counts rest, and how many leads a list that is missing may have made."""
    leads = lead_rules(published)
    old = leads.filter(pl.col("list_age") > 0)
    if leads["list_age"].null_count() == leads.height:
        return ""
    oldest = old["list_age"].max()
    text = (
        f"其中{old.height}条规则依据的名单不是本月的（最早的早{oldest}个月）"
        if old.height
        else "所依据的名单均为本月"
    )
    unsure, hidden = leads["unsure"].sum(), leads["unsure"].null_count()
    if unsure:
        return f"{text}；有{unsure}件因有关名单未报齐而产生，可能不实，报齐后自动复核。"
    return f"{text}；因有关名单未报齐可能不实的件数暂不能判断。" if hidden else f"{text}。"


def levels_of(published: Published, month: str) -> pl.DataFrame:
    """The rows of a month by level."""
    return published.frames.lead_levels.filter(pl.col("month") == month)


def townships_text(published: Published) -> str:
    """`分乡镇看，某镇橙色16件、黄色31件；…`: zero left out."""
    rows = levels_of(published, published.month).filter(pl.col("township_code") != published.county)
    parts = []
    for code in sorted(set(rows["township_code"])):
        counts = dict(
            rows.filter(pl.col("township_code") == code).select("level", "leads").iter_rows()
        )
        shown = [f"{zh}{'未能判断' if counts[level] is None else f'{counts[level]}件'}" for level, zh in level_words().items() if counts.get(level, 0) != 0]  # fmt: skip
        parts.append(f"{published.names.get(code, code)}{'、'.join(shown) or '没有'}")
    return f"分乡镇看，{'；'.join(parts)}。" if parts else ""


def change_text(published: Published) -> str:
    """`与上月相比，橙色增加1件、黄色减少8件。`, of levels told in both months; a rule that could not be judged forbids it."""
    now, before = (
        {row["level"]: row for row in levels_of(published, month).filter(pl.col("township_code") == published.county).iter_rows(named=True)}
        for month in (published.month, add_months(published.month, -1))
    )  # fmt: skip
    parts, unlike = [], []
    for level, zh in level_words().items():
        one, other = now.get(level), before.get(level)
        if one and one["not_judged"]:
            unlike.append(
                f"{zh}另有{one['not_judged']}条规则因名单未齐未能判断，件数未计入，不与上月比较"
            )
        elif (
            one and other and not other["not_judged"] and None not in (one["leads"], other["leads"])
        ):
            moved = one["leads"] - other["leads"]
            parts.append(
                f"{zh}{'持平' if moved == 0 else f'增加{moved}件' if moved > 0 else f'减少{-moved}件'}"
            )
    text = f"与上月相比，{'、'.join(parts)}。" if parts else ""
    return text + (f"{'；'.join(unlike)}。" if unlike else "")


def rules_text(published: Published) -> str:
    """How many answered leads were right, and the rules that cost visits and find little."""
    rules = published.frames.lead_measures.filter(pl.col("rule_id") != "_T")
    answered = rules.filter(pl.col("precision").is_not_null())
    if answered.is_empty():
        return "" if rules.is_empty() else "乡镇尚未答复核查结果。"
    right, wrong = answered["confirmed"].sum(), answered["refuted"].sum()
    text = f"已核查答复的线索中，属实{right}件、不属实{wrong}件，属实率{rounded(right * 100 / (right + wrong), 1)}%"
    wasteful = answered.filter(
        (pl.col("precision") < WASTEFUL_BELOW)
        & (pl.col("confirmed") + pl.col("refuted") >= WASTEFUL_FROM)
    )
    names = [
        f"{rule}（{title}）" for rule, title in wasteful.select("rule_id", "title_zh").iter_rows()
    ]
    return f"{text}；属实率低于20%、宜修订的规则：{listing(names)}。" if names else f"{text}。"
