"""The page that compares: any two to five figures side by side."""

from typing import Any

from minzheng.publish.language import Language, site_words
from minzheng.publish.site.book import Book
from minzheng.publish.site.indicator import listed_row


def compare_page(book: Book, say: Language) -> dict[str, Any]:
    """What can be chosen: indicators by subject, and areas."""
    subjects: dict[str, list[dict[str, Any]]] = {code: [] for code in site_words().subjects}
    for code in book.listed():
        group = book.indicators[code]["group"] or ""
        subjects.setdefault(group, []).append(listed_row(book, say, code))
    return {
        "subjects": [
            (say.term("subjects", group), rows) for group, rows in subjects.items() if rows
        ],
        "areas": [book.county, *book.townships],
    }
