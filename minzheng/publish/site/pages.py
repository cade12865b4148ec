"""All pages of a release in one language."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from minzheng.contracts.conventions import conventions
from minzheng.contracts.search_words import search_text
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.clause import clause_pages
from minzheng.publish.site.compare import compare_page
from minzheng.publish.site.disclosures import disclosures
from minzheng.publish.site.downloads import further_tables
from minzheng.publish.site.home import changes, home
from minzheng.publish.site.indicator import indicator_page, indicator_table
from minzheng.publish.site.monthly import report_page
from minzheng.publish.site.origin import source_pages
from minzheng.publish.site.page import Page
from minzheng.publish.site.quality import quality_pages
from minzheng.publish.site.township import township_page, township_table
from minzheng.warehouse.lineage import models_of


def methods(book: Book, say: Language) -> dict[str, Any]:
    """The page of signs, classes and conventions, and of how each indicator is counted."""
    return {
        "conventions": conventions(),
        "counting": [counting(book, say, code) for code in book.listed() if book.contract(code)],
    }


def counting(book: Book, say: Language, code: str) -> dict[str, Any]:
    """How an indicator is counted, in the words of the registers' columns, and the models that do it."""
    contract, meta = book.contract(code), book.indicators[code]
    items = " ".join(dict.fromkeys(one.code for one in contract.items))
    rule = items or contract.numerator
    rule += f" ÷ ({contract.denominator})" if contract.denominator else ""
    return {
        "code": code,
        "find": search_text(code, meta["name_zh"]),
        "name": say.t(meta["name_zh"], meta["name_en"] or code),
        "basis": "；".join(
            filter(None, [contract.basis, *(one.basis for one in contract.versions)])
        ),
        "rule": rule + (f" × {contract.multiplier:g}" if contract.multiplier != 1 else ""),
        "models": models_of(code) if "sources" in book.edition.tables else (),
    }


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
    title = t("比较", "Compare")
    yield page(
        "compare.html", "compare.html", "indicators", title, partial(compare_page, book, say)
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
    yield page(
        "methods.html",
        "methods.html",
        "methods",
        t("说明", "About and methods"),
        partial(methods, book, say),
    )
