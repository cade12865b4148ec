"""The list of indicators and the page of each."""

from typing import Any

from markupsafe import Markup

from minzheng.contracts.datasets import dataset
from minzheng.contracts.indicators import DIMENSIONS, Indicator
from minzheng.contracts.search_words import search_text
from minzheng.publish.cell import Cell
from minzheng.publish.language import Language, site_words
from minzheng.publish.site.book import Book
from minzheng.publish.site.clause import fragments
from minzheng.publish.site.home import progress_row, trend_word
from minzheng.publish.site.origin import change_of, origin_of
from minzheng.publish.site.picture import picture, townships, trend


def indicator_table(book: Book, say: Language) -> dict[str, Any]:
    """All indicators by subject: value, month before, year before, class."""
    subjects = {code: [] for code in site_words().subjects}
    for code in book.listed():
        meta = book.indicators[code]
        subjects.setdefault(meta["group"] or "", []).append(listed_row(book, say, code))
    return {
        "subjects": [
            (say.term("subjects", group), rows) for group, rows in subjects.items() if rows
        ]
    }


def listed_row(book: Book, say: Language, code: str, area: str | None = None) -> dict[str, Any]:
    """One line of a list of indicators."""
    meta = book.indicators[code]
    judged = book.progress.get((code, area or book.county))
    return {
        "code": code,
        "find": search_text(code, meta["name_zh"]),
        "name": say.t(meta["name_zh"], meta["name_en"] or code),
        "unit": meta["unit_measure"],
        "now": book.at(code, area),
        "month_ago": None if meta["year_to_date"] else book.before(code, area, 1),
        "year_ago": book.before(code, area, 12),
        "judged": bool(judged and judged.target_value is not None),
        "status": judged.status_path if judged else None,
    }


def indicator_page(book: Book, say: Language, code: str) -> dict[str, Any]:
    """What the page of an indicator is told."""
    contract, row = book.contract(code), book.progress.get((code, book.county))
    areas = [area for area in [book.county, *book.townships] if book.has(code, area)]
    charts = (trend(book, say, code), townships(book, say, code))
    return {
        "code": code,
        "meta": book.indicators[code],
        "now": book.at(code),
        "reported": book.published.reported(code),
        "month_ago": None if book.indicators[code]["year_to_date"] else book.before(code),
        "year_ago": book.before(code, months=12),
        "row": progress_row(book, say, row) if row else None,
        "trend_word": trend_word(say, row.target_value, row.status_cagr) if row else "",
        "trend": charts[0],
        "pictures": [picture(chart) for chart in charts if chart],
        "areas": areas,
        "table": data_rows(book, say, code, areas),
        "breakdown": [(part_name(book, code, keys), one) for keys, one in book.parts.get(code, [])],
        "contract": contract,
        "clauses": [clause for clause in fragments(book) if code in clause.indicators],
        "breaks": list(book.breaks(code, book.county)),
        "notes": notes(book, code, areas),
        "revisions": book.revisions.get(code, []),
        "bounds": bounds(say, book.at(code)),
        "related": related(book, say, code),
        "change": change_of(book, say, code),
        "origin": origin_of(book, say, code),
        "sources": sources(contract, say),
    }


def data_rows(book: Book, say: Language, code: str, areas: list[str]) -> Markup:
    """The rows of the data table, newest month first; as text, for there are thousands of such cells."""
    rows, begins = [], {area: dict(book.breaks(code, area)) for area in areas}

    def cell(area: str, month: str) -> str:
        kind = begins[area].get(month)
        return say.cell(book.at(code, area, month)) + (say.first_cell(kind) if kind else "")

    for month in reversed(book.months):
        cells = "".join(f'<td class="n">{cell(area, month)}</td>' for area in areas)
        rows.append(f'<tr id="m{month}"><th scope="row">{month}</th>{cells}</tr>\n')
    return Markup("".join(rows))


def sources(contract: Indicator | None, say: Language) -> list[str]:
    """The files an indicator is counted from, by their titles."""
    names = dict.fromkeys(need.dataset for need in contract.inputs) if contract else {}
    return [say.word(dataset(name).title) for name in names]


def part_name(book: Book, code: str, keys: tuple[str, ...]) -> str:
    """The names of a breakdown's codes: 女，60周岁及以上."""
    contract, lists = book.contract(code), book.code_names
    names = []
    for dimension, key in zip(DIMENSIONS, keys, strict=True):
        if key != "_T":
            own = contract.breakdowns.get(dimension) if contract else None
            names.append(
                (own.codes.get(key) if own else None) or lists.get(dimension, {}).get(key, key)
            )
    return "，".join(names)


def notes(book: Book, code: str, areas: list[str]) -> list[str]:
    """The notes on the month's cells, each once: population source, partial inputs, changes of definition."""
    told = [book.at(code, area).note for area in areas]
    return list(dict.fromkeys(note for note in told if note))


def bounds(say: Language, now: Cell) -> tuple[str, str] | None:
    """Lowest and highest value if every open row were decided one way or the other; None where they say nothing."""
    if now.state != "value" or now.lower is None or now.upper is None:
        return None
    low, high = say.number(now.lower, now.decimals), say.number(now.upper, now.decimals)
    return None if low == high else (low, high)


def related(book: Book, say: Language, code: str) -> list[dict[str, str]]:
    """The other plan indicators of the same subject."""
    group = book.indicators[code]["group"]
    same = [
        other
        for other in book.listed()
        if other != code and group and book.indicators[other]["group"] == group
    ]
    judged = [
        other
        for other in same
        if (row := book.progress.get((other, book.county))) and row.target_value is not None
    ]
    return [
        {
            "code": other,
            "name": say.t(
                book.indicators[other]["name_zh"], book.indicators[other]["name_en"] or other
            ),
        }
        for other in judged
    ]
