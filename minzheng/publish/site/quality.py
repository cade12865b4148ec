"""The quality pages: what arrived, which checks failed where, by rule, by township, by month."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import polars as pl

from minzheng.contracts.quality_rules import rules as all_rules
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.page import Page
from minzheng.publish.site.suites import suite_page
from minzheng.publish.site.township import files
from minzheng.publish.site.township import outcomes as outcomes_of
from minzheng.publish.standing import ARRIVAL, FAILED, outcomes


def quality_pages(book: Book, say: Language) -> Iterator[Page]:
    """Overview, by rule, what is checked, by township, by month."""
    title, colon = say.t("数据质量", "Data quality"), say.t("：", ": ")

    def page(name: str, template: str, build: Callable, about: str = "") -> Page:
        said = title + (colon + about if about else "")
        path, drawn = f"quality/{name}.html", f"{template}.html"
        return Page(path, drawn, "quality", said, build, say.folder)

    yield page("index", "quality", partial(overview, book))
    yield page("rules", "rules", partial(rules, book), say.t("按规则", "by rule"))
    yield page(
        "suites", "suites", partial(suite_page, book), say.t("检查项说明", "what is checked")
    )
    yield page("months", "months", partial(months, book, say), say.t("按月份", "by month"))
    for area in book.townships:
        yield page(area, "quality_township", partial(township, book, area), book.names[area])


def overview(book: Book) -> dict[str, Any]:
    """Dataset by township: how each file arrived; counts of rules by outcome."""
    due = book.quality.filter(pl.col("rule_id") == ARRIVAL)
    states = {
        (dataset, area): state
        for dataset, area, state in due.select("dataset", "township_code", "state").iter_rows()
    }
    areas = [
        area for area in [*book.townships, book.county] if any(where == area for _, where in states)
    ]
    datasets, judged = sorted({dataset for dataset, _ in states}), outcomes(book.quality)
    rows = [(name, [states.get((name, area)) for area in areas]) for name in datasets]
    return {
        "areas": areas,
        "rows": rows,
        "outcomes": counted(judged),
        "failing": failing(book, judged),
        "worst": worst(book),
    }


def counted(rules: dict[str, str]) -> dict[str, int]:
    """Rules by their worst outcome: failed anywhere, passed, nowhere checked."""
    counts = Counter("fail" if one in FAILED else one for one in rules.values())
    return {state: counts[state] for state in ("fail", "pass", "not_evaluated")}


def failing(book: Book, rules: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """The rules that failed anywhere, id and title, by severity."""
    titles = dict(book.quality.select("rule_id", "title_zh").iter_rows())
    return {
        severity: [(rule, titles[rule]) for rule, one in sorted(rules.items()) if one == severity]
        for severity in FAILED
    }


def worst(book: Book) -> list[tuple[str, int, int]]:
    """Townships by failed checks, errors and warnings apart, most errors first."""
    bad = book.quality.filter((pl.col("rule_id") != ARRIVAL) & (pl.col("state") == "fail"))
    counts = {
        (area, severity): count
        for area, severity, count in bad.group_by("township_code", "severity").len().iter_rows()
    }
    told = [
        (area, counts.get((area, "error"), 0), counts.get((area, "warn"), 0))
        for area in book.townships
    ]
    return sorted(told, key=lambda one: (-one[1], -one[2], one[0]))


def rules(book: Book) -> dict[str, Any]:
    """Rule by place: the outcome, errors first, failed before passed."""
    checks = book.quality.filter(pl.col("rule_id") != ARRIVAL)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in checks.sort("rule_id", "dataset", "township_code").iter_rows(named=True):
        entry = found.setdefault(
            (row["rule_id"], row["dataset"]),
            {
                "id": row["rule_id"],
                "title": row["title_zh"],
                "severity": row["severity"],
                "dataset": row["dataset"],
                "cells": {},
            },
        )
        entry["cells"][row["township_code"]] = row
    areas = [book.county, *book.townships]

    def place(entry: dict[str, Any]) -> tuple:
        bad = any(row["state"] == "fail" for row in entry["cells"].values())
        return (not bad, entry["severity"] != "error", entry["id"], entry["dataset"])

    return {
        "areas": areas,
        "rules": sorted(found.values(), key=place),
        "sentences": sentences(),
        "limits": limits(),
    }


def sentences() -> dict[str, str]:
    """What each rule demands, in one sentence."""

    return {rule.id: rule.sentence for rule in all_rules().values()}


def limits() -> dict[str, str]:
    """What the inputs cannot tell, of the rules where that is something."""

    return {rule.id: rule.limits_zh for rule in all_rules().values() if rule.limits_zh}


def months(book: Book, say: Language) -> dict[str, Any]:
    """The quality indicators month by month."""
    codes = [
        code
        for code in book.listed()
        if book.indicators[code]["group"] == "DQ" and book.has(code, book.county)
    ]
    heads = [
        (code, say.t(book.indicators[code]["name_zh"], book.indicators[code]["name_en"] or code))
        for code in codes
    ]
    units = [book.indicators[code]["unit_measure"] for code in codes]
    shown = list(reversed(book.months))
    return {
        "heads": heads,
        "units": units,
        "rows": [(month, [book.at(code, month=month) for code in codes]) for month in shown],
    }


def township(book: Book, area: str) -> dict[str, Any]:
    """A township's files and failed checks."""
    return {
        "area": area,
        "files": files(book, area),
        "failed": outcomes_of(book, area, "fail"),
        "sentences": sentences(),
    }
