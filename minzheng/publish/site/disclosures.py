"""The page of what a law asks to be made public: each figure of the county as the edition shows it, parts included."""

from collections.abc import Iterator
from typing import Any

from minzheng.contracts.editions import Disclosure
from minzheng.publish.cell import Cell
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.indicator import part_name


def disclosures(book: Book, say: Language) -> dict[str, Any]:
    """What the page is told: each disclosure with its lines."""
    return {"disclosed": [(one, list(_lines(book, say, one))) for one in book.disclosures]}


def _lines(book: Book, say: Language, one: Disclosure) -> Iterator[tuple[str, str, Cell, str]]:
    """Code, name, figure and unit: the total where there is one, then the parts."""
    for code in one.indicators:
        meta, contract = book.indicators.get(code), book.contract(code)
        if meta is None:
            continue
        name, unit = say.t(meta["name_zh"], meta["name_en"] or code), meta["unit_measure"]
        if contract.total:
            yield code, name, book.at(code), unit
        for keys, figure in book.parts.get(code, []):
            part = part_name(book, code, keys)
            yield code, say.t(f"{name}（{part}）", f"{name} ({part})"), figure, unit
