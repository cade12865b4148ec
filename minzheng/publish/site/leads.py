"""What the first page tells of the leads: by level and rule, by township, over the months; counts only."""

from typing import Any

import polars as pl

from minzheng.contracts.report import words
from minzheng.publish.report.warnings import lead_rules
from minzheng.publish.site.book import Book

COUNTED = ("leads", "open_cases", "overdue")


def leads(book: Book) -> list[dict[str, Any]]:
    """Leads by level: the county's count where it is known, else the sum of the rules' that were judged; how many rules could not be judged and are in no count, and how many leads a list that is missing may have made."""
    rows = lead_rules(book.published)
    county = book.frames.lead_levels.filter(
        pl.col("month") == book.month, pl.col("township_code") == book.county
    )
    whole = {row["level"]: row for row in county.iter_rows(named=True)}
    found = []
    for level in words().levels:
        of = rows.filter(pl.col("level") == level).sort("rule_id")
        if of.height:
            told = whole.get(level, {}).get("leads")
            judged = of["leads"].drop_nulls()
            found.append(
                {
                    "level": level,
                    "leads": told if told is not None else judged.sum() if judged.len() else None,
                    "not_judged": whole.get(level, {}).get("not_judged") or 0,
                    "unsure": whole.get(level, {}).get("unsure") or 0,
                    "rules": by_rule(book, of),
                }
            )
    return found


def by_rule(book: Book, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """One line a rule: its title, counts, age of lists, how good it is; None where a part is unknown."""
    sums = [
        pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
        for name in COUNTED
    ]
    grouped = rows.group_by("rule_id", "kind", "title_zh").agg(*sums, pl.col("list_age").max())
    good = book.frames.lead_measures.filter(pl.col("rule_id") != "_T").select(
        "rule_id", "precision", "rate", "over_90"
    )
    joined = grouped.join(good, on="rule_id", how="left").sort("rule_id")
    return [row for row in joined.iter_rows(named=True) if any(row[name] != 0 for name in COUNTED)]


def lead_townships(book: Book) -> list[dict[str, Any]]:
    """One line a township: leads by level (None: not judged), and how its cases are answered."""
    rows = book.frames.lead_levels.filter(
        pl.col("month") == book.month, pl.col("township_code") != book.county
    )
    good = {row["township_code"]: row for row in book.frames.lead_measures.filter(pl.col("rule_id") == "_T").iter_rows(named=True)}  # fmt: skip
    return [
        {
            "label": book.published.names.get(code, code),
            "levels": level_counts(part),
            "overdue": None if part["overdue"].null_count() else part["overdue"].sum(),
            "unsure": None if part["unsure"].null_count() else part["unsure"].sum(),
            "list_age": part["list_age"].max(),
            "precision": good.get(code, {}).get("precision"),
            "rate": good.get(code, {}).get("rate"),
        }
        for (code,), part in sorted(rows.partition_by("township_code", as_dict=True).items())
    ]


def lead_trend(book: Book) -> list[dict[str, Any]]:
    """One line a month, newest first: leads of the county by level (None: not judged); `incomplete` where a list had not come."""
    rows = book.frames.lead_levels.filter(pl.col("township_code") == book.county)
    parts = sorted(rows.partition_by("month", as_dict=True).items(), reverse=True)
    return [
        {
            "label": month,
            "levels": level_counts(part),
            "incomplete": bool(part["not_judged"].fill_null(0).sum()),
        }
        for (month,), part in parts
    ]


def level_counts(rows: pl.DataFrame) -> list[int | None]:
    """The counts of the levels in their order; 0 for a level without a row."""
    counts = dict(rows.select("level", "leads").iter_rows())
    return [counts.get(level, 0) for level in words().levels]
