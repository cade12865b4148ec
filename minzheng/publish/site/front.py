"""What the first page shows before it tells: tiles of the headline figures, the townships on a map, what is open."""

from typing import Any

from markupsafe import Markup

from minzheng.contracts.report import report_plan, words
from minzheng.contracts.tiles import placed
from minzheng.publish.cell import Cell
from minzheng.publish.charts.sparkline import route
from minzheng.publish.headlines import open_headlines
from minzheng.publish.language import Language
from minzheng.publish.numbers import rounded
from minzheng.publish.report.sentences import change, plain
from minzheng.publish.site.book import Book
from minzheng.publish.site.picture import dense

SPARK = (120, 34, 4)  # width, height, margin


def tiles(book: Book, say: Language) -> list[dict[str, Any]]:
    """The report's headline figures that the release has: value, change, class, and the line of the last months."""
    return [
        tile(book, say, code) for code in report_plan().headline if book.at(code).state != "absent"
    ]


def tile(book: Book, say: Language, code: str) -> dict[str, Any]:
    """One headline figure."""
    meta, row = book.indicators[code], book.progress.get((code, book.county))
    judged = bool(row and row.target_value is not None)
    return {
        "code": code,
        "name": say.t(meta["name_zh"], meta["name_en"] or code),
        "now": book.at(code),
        "may_be": book.published.cell(code).lacks if say.chinese else "",
        "unit": meta["unit_measure"],
        "change": change_text(book, say, code),
        "status": say.status(row.status_path, book.goal(row)) if judged else "",
        "spark": spark(book, code),
    }


def change_text(book: Book, say: Language, code: str) -> str:
    """How an indicator differs from last month or, of the year to date, from last year, or why they do not compare."""
    against, now, before = compared(book, code)
    meta = book.indicators[code]
    if say.chinese:
        measure, yearly = meta["measure"] or "stock", bool(meta["year_to_date"])
        return plain(change(now, before, against, measure, yearly))
    if {now.state, before.state} != {"value"} or now.break_since(before):
        return ""
    return english_change(now, before, against)


def compared(book: Book, code: str) -> tuple[str, Cell, Cell]:
    """Against what an indicator is compared (`mom`, `yoy`), its cell and that of then."""
    against = "yoy" if book.indicators[code]["year_to_date"] else "mom"
    cell = book.published.cell(code)
    before = book.published.year_ago(cell) if against == "yoy" else book.published.month_ago(cell)
    return against, cell, before


def english_change(cell: Cell, before: Cell, against: str) -> str:
    """The same difference in English."""
    gap = rounded(cell.value, cell.decimals) - rounded(before.value, before.decimals)
    unit = " points" if cell.unit == "%" else ""
    then = "last month" if against == "mom" else "the month a year ago"
    if not gap:
        return f"unchanged on {then}"
    return f"{'+' if gap > 0 else '−'}{abs(gap):f}{unit} on {then}"


def spark(book: Book, code: str) -> Markup:
    """The line of the county's last months; its end open where the newest is incomplete; empty with less than two values."""
    cells = book.published.series(code, book.county)[-24:]
    values = [cell.value for cell in cells]
    if sum(value is not None for value in values) < 2:
        return Markup("")
    path, (x, y) = route(values, *SPARK)
    end = "open" if cells[-1].obs_status == "U" else "end"
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="xMinYMid" aria-hidden="true"><path d="{}"/><circle class="{}" cx="{}" cy="{}" r="3"/></svg>'
    ).format(*SPARK[:2], path, end, x, y)


def tile_map(book: Book, say: Language) -> dict[str, Any]:
    """The townships by position, and of each plan or headline indicator that they have: words, shade and class of every tile."""
    judged = [row.indicator_id for row in (*book.judged(), *book.judged(ended=True))]
    chosen = [
        code
        for code in dict.fromkeys([*judged, *report_plan().headline])
        if any(book.at(code, area).state == "value" for area in book.townships)
    ]
    known = {code: shaded(book, say, code) for code in chosen}
    return {
        "places": [(area, placed(book.townships)[area]) for area in book.townships],
        "names": [(code, one["name"]) for code, one in known.items()],
        "first": known[chosen[0]] if chosen else None,
        "figures": Markup(dense(known).replace("<", "\\u003c").replace("&", "\\u0026")),
    }


def shaded(book: Book, say: Language, code: str) -> dict[str, Any]:
    """An indicator on the map: a tile's words, its shade (five from the least to the greatest value) and its class."""
    meta = book.indicators[code]
    readings = [book.at(code, area) for area in book.townships]
    known = [one.value for one in readings if one.state == "value"]
    low, span = min(known), (max(known) - min(known)) or 1
    cells = []
    for area, one in zip(book.townships, readings, strict=True):
        row = book.progress.get((code, area))
        judged = row.status_path if row and row.target_value is not None else None
        if one.state == "value":
            shown = say.with_unit(say.number(one.value, one.decimals), meta["unit_measure"])
            shown += f"（{one.mark}）" if one.mark and say.chinese else one.mark
            shade = f"shade{min(4, int((one.value - low) / span * 5))}"
        else:
            shown, shade = say.sign(one.state), "none"
        word = words().verdict(judged, book.goal(row)) if judged else ""
        cells.append(
            [
                shown,
                shade,
                word if say.chinese or not judged else say.word(words().statuses[judged]),
            ]
        )
    return {"name": say.t(meta["name_zh"], meta["name_en"] or code), "cells": cells}


def still_open(book: Book, say: Language) -> list[dict[str, str]]:
    """Headline figures that rows in quarantine could still move: what each lacks."""
    return [
        {
            "code": one["indicator_id"],
            "name": one["name"] if say.chinese else book.indicators[one["indicator_id"]]["name_en"],
            "lacks": one["lacks"] if say.chinese else "",
        }
        for one in open_headlines(book.published)
    ]
