"""The planners' site of a release: static pages that open from a file share, without network or server.

`site/` holds the Chinese pages, `site/en/` the same pages with English words, `site/data/` one CSV an indicator,
`site/figures/` its interactive chart, and `site/assets/` the style, the script and one copy of Plotly, which a page loads
only when its reader asks for it.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from minzheng.contracts.editions import Edition
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.publish.language import LANGUAGES, Language
from minzheng.publish.site.archive import Earlier
from minzheng.publish.site.assets import write_assets
from minzheng.publish.site.book import Book
from minzheng.publish.site.downloads import write_series
from minzheng.publish.site.pages import pages
from minzheng.publish.site.picture import figure_script

TEMPLATES = Path(__file__).parent / "templates"
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")


def write_site(
    folder: Path,
    month: str,
    frames: ReleaseFrames,
    edition: Edition,
    earlier: Sequence[Earlier] = (),
) -> None:
    """Write `folder/site` for an edition of `month`; the same frames and earlier releases give the same bytes.

    `frames` are those it shows, as `ReleaseFrames.shaped` gives them.
    """
    site = folder / "site"
    book = Book(frames, month, earlier, edition)
    environment = page_environment()
    for language in LANGUAGES:
        for page in pages(book, language):
            path = site / language.folder / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            context = {"book": book, "say": language, "page": page, **page.context()}
            path.write_text(
                environment.get_template(page.template).render(context),
                encoding="utf-8",
                newline="\n",
            )
        write_figures(book, language, site / language.folder / "figures")
    write_series(book, site / "data")
    write_assets(site / "assets")


def write_figures(book: Book, say: Language, folder: Path) -> None:
    """One script an indicator, which a page loads when its reader asks for the interactive chart."""
    folder.mkdir(parents=True, exist_ok=True)
    for code in book.listed():
        path = folder / f"{code}.js"
        path.write_text(figure_script(book, say, code), encoding="utf-8", newline="\n")


def page_environment() -> Environment:
    """Jinja with every value escaped: names of places and facilities are other people's text."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["quoted"], made.globals["dimensions"] = quoted, DIMENSIONS
    return made


def quoted(text: str) -> Markup:
    """The text with its Chinese words marked as such, for readers aloud of an English page."""
    return Markup(CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', str(escape(text))))


__all__ = ["Language", "write_site"]
