"""All pages of a release in one language."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from minzheng.contracts.conventions import conventions
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.clause import clause_pages
from minzheng.publish.site.disclosures import disclosures
from minzheng.publish.site.downloads import further_tables
from minzheng.publish.site.home import changes, home
from minzheng.publish.site.indicator import indicator_page, indicator_table
from minzheng.publish.site.monthly import report_page
from minzheng.publish.site.origin import source_pages
from minzheng.publish.site.page import Page
from minzheng.publish.site.quality import quality_pages
from minzheng.publish.site.township import township_page, township_table


def methods() -> dict[str, Any]:
    """The page of signs, classes and conventions."""
    return {"conventions": conventions()}


def pages(book: Book, say: Language) -> Iterator[Page]:
    """Home, indicators, townships, clauses, quality, archive, methods."""
    page = partial(Page, language_folder=say.folder)
    t = say.t
    yield page("index.html", "home.html", "home", t("总览", "Overview"), partial(home, book, say))
    title = t("指标", "Indicators")
    yield page(
        "indicators.html",
        "indicators.html",
        "indicators",
        title,
        partial(indicator_table, book, say),
    )
    for code in book.listed():
        name = (
            book.indicators[code]["name_zh"]
            if say.chinese
            else book.indicators[code]["name_en"] or code
        )
        path = f"indicator/{code}.html"
        yield page(
            path, "indicator.html", "indicators", name, partial(indicator_page, book, say, code)
        )
    title = t("乡镇", "Townships")
    yield page(
        "townships.html", "townships.html", "townships", title, partial(township_table, book, say)
    )
    for area in book.townships:
        path = f"township/{area}.html"
        yield page(
            path,
            "township.html",
            "townships",
            book.names[area],
            partial(township_page, book, say, area),
        )
    yield from clause_pages(book, say)
    if "quality" not in book.unshown:
        yield from quality_pages(book, say)
    yield from source_pages(book, say)
    yield page(
        "changes.html", "changes.html", "home", t("修订", "Revisions"), partial(changes, book, say)
    )
    if "report" not in book.unshown:
        title = t("月度报告", "Monthly report")
        yield page("report.html", "report.html", "report", title, partial(report_page, book))
    if "disclosures" not in book.unshown:
        title = t("公开事项", "Made public by law")
        yield page(
            "disclosures.html",
            "disclosures.html",
            "disclosures",
            title,
            partial(disclosures, book, say),
        )
    title = t("历次发布", "Archive")
    yield page("archive.html", "archive.html", "archive", title, partial(further_tables, book))
    yield page("methods.html", "methods.html", "methods", t("说明", "About and methods"), methods)
