"""The townships side by side, and the page of each."""

from itertools import chain
from typing import Any

import polars as pl

from minzheng.contracts.quality_rules import rules
from minzheng.publish.cells import TOTAL
from minzheng.publish.language import Language, site_words
from minzheng.publish.numbers import date_zh
from minzheng.publish.site.book import Book
from minzheng.publish.site.indicator import listed_row
from minzheng.publish.standing import ARRIVAL


def township_table(book: Book, say: Language) -> dict[str, Any]:
    """Plan indicators with a target by township, then what each township has reported."""
    return {
        "rows": compared(book, say, [book.county, *book.townships]),
        "arrivals": [(area, arrival_counts(book, area)) for area in book.townships],
    }


def compared(book: Book, say: Language, areas: list[str]) -> list[dict[str, Any]]:
    """The plan indicators that townships have, with the cell and class of each area in that order."""
    return [
        {
            **listed_row(book, say, row.indicator_id),
            "cells": [
                (area, book.at(row.indicator_id, area), judged_in(book, row.indicator_id, area))
                for area in areas
            ],
            "reported": book.published.reported(row.indicator_id),
        }
        for row in book.judged()
        if any(book.has(row.indicator_id, area) for area in book.townships)
    ]


def judged_in(book: Book, code: str, area: str) -> str | None:
    """The class of an indicator in an area."""
    row = book.progress.get((code, area))
    return row.status_path if row else None


def arrival_counts(book: Book, area: str) -> dict[str, int]:
    """How many of a township's files stand in which state."""
    due = book.quality.filter((pl.col("rule_id") == ARRIVAL) & (pl.col("township_code") == area))
    return dict(due.group_by("state").len().sort("state").iter_rows())


def township_page(book: Book, say: Language, area: str) -> dict[str, Any]:
    """What a township has to do, its plan figures beside the others', its villages, files and checks, every figure by subject."""
    subjects = {code: [] for code in site_words().subjects}
    others = [other for other in book.townships if other != area]
    for code in book.listed():
        if book.has(code, area):
            county = book.at(code)
            subjects.setdefault(book.indicators[code]["group"] or "", []).append(
                {**listed_row(book, say, code, area), "county": county}
            )
    return {
        "area": area,
        "areas": [area, book.county, *others],
        "plan": [
            row
            for row in compared(book, say, [area, book.county, *others])
            if book.has(row["code"], area)
        ],
        "subjects": [
            (say.term("subjects", group), rows) for group, rows in subjects.items() if rows
        ],
        "files": files(book, area),
        "tasks": tasks(book, say, area),
        "counts": arrival_counts(book, area),
        "passed": outcomes(book, area, "pass"),
        "villages": village_table(book, say, area),
    }


def files(book: Book, area: str) -> list[dict[str, Any]]:
    """The township's files of the month and how each arrived."""
    due = book.quality.filter(
        (pl.col("rule_id") == ARRIVAL) & (pl.col("township_code") == area)
    ).sort("dataset")
    return due.to_dicts()


def outcomes(book: Book, area: str, state: str) -> list[dict[str, Any]]:
    """The checks of the township that came out so, errors first."""
    found = book.quality.filter(
        pl.col("township_code") == area, pl.col("state") == state, pl.col("rule_id") != ARRIVAL
    )
    return list(found.sort("severity", "rule_id", "dataset").iter_rows(named=True))


def tasks(book: Book, say: Language, area: str) -> list[str]:
    """What the township has to do, in words it can act on: files to send, rows to correct, rows to verify."""
    return [
        *(missing_file(say, file) for file in files(book, area) if file["state"] == "missing"),
        *(rows_to_correct(say, *row) for row in set_aside(book, area)),
        *(rows_to_verify(say, row) for row in outcomes(book, area, "fail")),
    ]


def missing_file(say: Language, file: dict[str, Any]) -> str:
    """A file that has not come, and by when it was due."""
    name, due = say.dataset(file["dataset"]), file["due_on"]
    return say.t(
        f"补报《{name}》：{f'应于{date_zh(due)}前报送，' if due else ''}尚未收到。",
        f"Send “{name}”{f', due {due}' if due else ''}: not received.",
    )


def set_aside(book: Book, area: str) -> list[tuple[str, int]]:
    """Rows in quarantine of the township's files in force this month, by dataset."""
    if book.frames.files is None:
        return []
    own = book.frames.files.filter(
        pl.col("month") == book.month,
        pl.col("township_code") == area,
        pl.col("rows_quarantined") > 0,
    )
    return list(own.group_by("dataset").agg(pl.sum("rows_quarantined")).sort("dataset").iter_rows())


def rows_to_correct(say: Language, dataset: str, rows: int) -> str:
    """Rows that count nowhere until they are corrected."""
    name = say.dataset(dataset)
    return say.t(
        f"更正《{name}》：{rows}行有误，暂未计入；请按发回的退回清单逐行改正后重新报送。",
        f"Correct “{name}”: {rows} rows are wrong and count nowhere; mend them by the return list and send the file again.",
    )


def rows_to_verify(say: Language, row: dict[str, Any]) -> str:
    """Rows that break a rule, and what the rule asks."""
    rule = rules().get(row["rule_id"])
    name = "" if row["dataset"] == TOTAL else say.t(f"《{say.dataset(row['dataset'])}》", f"“{say.dataset(row['dataset'])}”, ")  # fmt: skip
    count = row["failed"]
    asks = f"要求：{rule.sentence}" if rule else ""
    return say.t(
        f"核实{name}{f'{count}行' if count else ''}“{row['title_zh']}”（{row['rule_id']}，{say.term('severities', row['severity'])}）。{asks}",
        f"Verify {name}{f'{count} rows ' if count else ''}under rule {row['rule_id']} ({say.term('severities', row['severity'])}).",
    )


def village_table(book: Book, say: Language, area: str) -> dict[str, Any]:
    """The villages' figures: one column an indicator that has any; `told` where there is a number among them."""
    villages = book.villages(area)
    codes = [code for code in book.listed() if any(book.has(code, village) for village in villages)]
    heads = [listed_row(book, say, code, area) for code in codes]
    rows = [
        (book.names.get(village, village), [book.at(code, village) for code in codes])
        for village in villages
    ]
    told = any(cell.state == "value" for cell in chain.from_iterable(cells for _, cells in rows))
    return {"heads": heads, "rows": rows, "told": told}
