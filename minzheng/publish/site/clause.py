"""From every sentence of the outline to what measures it and where that stands."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from minzheng.contracts.plans import Clause
from minzheng.progress.tasks import STATE_ZH, counts_zh
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.home import gap_text, trend_word
from minzheng.publish.site.page import Page

MEASURED = ("I", "IS")


def clause_pages(book: Book, say: Language) -> Iterator[Page]:
    """An overview with counts, and one page a section of the outline."""
    sections = by_section(book)
    title = say.t("规划条款", "Clauses of the outline")
    page = partial(Page, section="clauses", language_folder=say.folder)
    yield page(
        path="clauses/index.html",
        template="clauses.html",
        title=title,
        build=partial(overview, book, sections),
    )
    states = book.traces
    for name, found in sections.items():
        build = partial(section_page, book, say, name, found, states)
        yield page(
            path=f"clauses/{name}.html",
            template="clause.html",
            title=f"{title} {name}",
            build=build,
        )


def fragments(book: Book) -> list[Clause]:
    """The fragments of the texts of the plans that the release tells of."""
    return sum((one.clauses for one in book.plans), [])


def by_section(book: Book) -> dict[str, list[Clause]]:
    """The fragments by section, in the order of the text."""
    found: dict[str, list[Clause]] = {}
    for clause in fragments(book):
        found.setdefault(clause.section, []).append(clause)
    return found


def heading(clauses: list[Clause]) -> str:
    """The section's own heading, else its first words."""
    return next((clause.text for clause in clauses if clause.kind == "H"), clauses[0].text)


def overview(book: Book, sections: dict[str, list[Clause]]) -> dict[str, Any]:
    """Sections with their counts by kind; the tasks with their states and the sentences that ask for them."""
    kinds = ("I", "IS", "S", "N", "H")
    rows = [
        (
            name,
            heading(found),
            [sum(clause.kind == kind for clause in found) for kind in kinds],
            len(found),
        )
        for name, found in sections.items()
    ]
    section_of = {clause.clause_id: clause.section for clause in fragments(book)}
    sources = {}
    for plan in book.plans:
        sources |= {task.id: task.basis for task in plan.tasks}
    tasks = [
        task
        | {
            "state_zh": STATE_ZH[task["state"]],
            "asked_by": [
                (one, section_of[one]) for one in task["clauses"].split(",") if one in section_of
            ],
            "basis": sources.get(task["task_id"]),
        }
        for task in book.tasks.iter_rows(named=True)
    ]
    return {
        "sections": rows,
        "kinds": kinds,
        "total": len(section_of),
        "tasks": tasks,
        "counts": counts_zh(book.tasks),
        "plan": book.plans[-1] if book.plans else None,
    }


def section_page(
    book: Book,
    say: Language,
    name: str,
    clauses: list[Clause],
    states: dict[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    """The fragments of a section grouped by sentence, each with its indicators and tasks."""
    sentences: dict[int, list[dict[str, Any]]] = {}
    titles = {task["task_id"]: task for task in book.tasks.iter_rows(named=True)}
    for clause in clauses:
        items = [
            item_row(book, say, titles, row)
            for row in states.get(clause.clause_id, [])
            if row["item_kind"] != "none"
        ]
        sentences.setdefault(clause.sentence, []).append({"clause": clause, "items": items})
    return {"name": name, "heading": heading(clauses), "sentences": sentences}


def item_row(book: Book, say: Language, titles: dict, row: dict[str, Any]) -> dict[str, Any]:
    """One thing behind a fragment: an indicator with its value, or a task with its state and office."""
    if row["item_kind"] == "task":
        task = titles[row["item_id"]]
        return {
            "task": task,
            "name": say.t(task["title_zh"], task["title_en"]),
            "state": row["state"],
        }
    code = row["item_id"]
    meta = book.indicators.get(code)
    name = code if meta is None else say.t(meta["name_zh"], meta["name_en"] or code)
    now = book.at(code, month=row["time_period"] or book.month)
    grouped, judged = code in book.parts, book.progress.get((code, book.county))
    return {
        "task": None,
        "code": code,
        "known": meta is not None,
        "name": name,
        "now": now,
        "row": row,
        "meta": meta,
        "gap": gap_text(book, say, judged) if judged else "",
        "trend": trend_word(say, row["target_value"], row["status_cagr"]),
        "grouped": grouped,
    }
