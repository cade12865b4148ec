"""The townships side by side, and the page of each."""

from typing import Any

import polars as pl

from minzheng.publish.language import Language, site_words
from minzheng.publish.report.assurance import ARRIVAL
from minzheng.publish.site.book import Book
from minzheng.publish.site.indicator import listed_row


def township_table(book: Book, say: Language) -> dict[str, Any]:
    """Plan indicators with a target by township, then what each township has reported."""
    rows = []
    for row in book.judged():
        code = row.indicator_id
        if any(book.has(code, area) for area in book.townships):
            cells = [
                (area, book.at(code, area), judged_in(book, code, area))
                for area in [book.county, *book.townships]
            ]
            rows.append(
                {
                    **listed_row(book, say, code),
                    "cells": cells,
                    "reported": book.published.reported(code),
                }
            )
    return {
        "rows": rows,
        "arrivals": [(area, arrival_counts(book, area)) for area in book.townships],
    }


def judged_in(book: Book, code: str, area: str) -> str | None:
    """The class of an indicator in an area."""
    row = book.progress.get((code, area))
    return row.status_path if row else None


def arrival_counts(book: Book, area: str) -> dict[str, int]:
    """How many of a township's files stand in which state."""
    due = book.quality.filter((pl.col("rule_id") == ARRIVAL) & (pl.col("township_code") == area))
    return dict(due.group_by("state").len().sort("state").iter_rows())


def township_page(book: Book, say: Language, area: str) -> dict[str, Any]:
    """A township's plan figures, its villages, files and checks, then every figure by subject."""
    subjects = {code: [] for code in site_words().subjects}
    plan = {row.indicator_id for row in book.judged()}
    for code in book.listed():
        if book.has(code, area):
            county = book.at(code)
            subjects.setdefault(book.indicators[code]["group"] or "", []).append(
                {**listed_row(book, say, code, area), "county": county}
            )
    return {
        "area": area,
        "plan": [row for rows in subjects.values() for row in rows if row["code"] in plan],
        "subjects": [
            (say.term("subjects", group), rows) for group, rows in subjects.items() if rows
        ],
        "files": files(book, area),
        "failed": failed(book, area),
        "villages": village_table(book, say, area),
    }


def files(book: Book, area: str) -> list[dict[str, Any]]:
    """The township's files of the month and how each arrived."""
    due = book.quality.filter(
        (pl.col("rule_id") == ARRIVAL) & (pl.col("township_code") == area)
    ).sort("dataset")
    return due.to_dicts()


def failed(book: Book, area: str) -> list[dict[str, Any]]:
    """The checks that failed in the township."""
    bad = book.quality.filter(
        (pl.col("township_code") == area)
        & (pl.col("state") == "fail")
        & (pl.col("rule_id") != ARRIVAL)
    )
    return list(bad.sort("severity", "rule_id", "dataset").iter_rows(named=True))


def village_table(book: Book, say: Language, area: str) -> dict[str, Any]:
    """The villages' figures: one column an indicator that has any; `told` where there is a number among them."""
    villages = book.villages(area)
    codes = [code for code in book.listed() if any(book.has(code, village) for village in villages)]
    heads = [listed_row(book, say, code, area) for code in codes]
    rows = [
        (book.names.get(village, village), [book.at(code, village) for code in codes])
        for village in villages
    ]
    told = any(cell.state == "value" for _, cells in rows for cell in cells)
    return {"heads": heads, "rows": rows, "told": told}
