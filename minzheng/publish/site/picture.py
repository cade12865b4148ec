"""Charts on a page: the report's drawings for a desk and for a phone, read month by month, and the JSON that Plotly plots."""

import json
import re
from itertools import chain

from markupsafe import Markup, escape

from minzheng.publish.charts.figures import spec
from minzheng.publish.charts.model import (
    LineChart,
    Series,
    TownshipsChart,
    TrendChart,
    townships_chart,
    trend_chart,
)
from minzheng.publish.charts.svg import PHONE, PRINT_WIDTH, WIDTH, Link, draw
from minzheng.publish.language import Language
from minzheng.publish.site.book import Book
from minzheng.publish.site.ranking import ranking

HEARD = re.compile(r'role="img"(.*?)>\n<title>(.*?)</title><desc>(.*?)</desc>', re.S)


def trend(book: Book, say: Language, code: str) -> TrendChart | None:
    """The county's chart of an indicator, made once for its page and its script; None without any value."""
    if all(cell.state != "value" for cell in book.published.series(code, book.county)):
        return None
    if (say, code) not in book.trends:
        book.trends[say, code] = trend_chart(book.published, code, say)
    return book.trends[say, code]


def townships(book: Book, say: Language, code: str) -> TownshipsChart | None:
    """The townships' chart of an indicator; None without any value."""
    series = (book.published.series(code, area) for area in book.townships)
    if all(cell.state != "value" for cell in chain.from_iterable(series)):
        return None
    return townships_chart(book.published, code, say)


def picture(chart: LineChart) -> Markup:
    """A chart with what each month says, for the pointer and the keys; drawn wide and for a phone, of which one is shown."""
    drawings = both(draw(chart, WIDTH), draw(chart, PHONE))
    lines = [chart.own] if isinstance(chart, TrendChart) else list(chart.panels)
    told = escape(dense([line(chart, one) for one in lines]))
    label = chart.say.t(
        f"{chart.title}：按左右方向键逐月读数",
        f"{chart.title}: left and right keys read the months",
    )
    return Markup(
        '<figure class="chart" data-first="{}" data-count="{}" data-told="{}" data-label="{}">{}'
        '<output class="reading"></output></figure>'
    ).format(chart.months[0], len(chart.months), told, label, drawings)


def progress_picture(chart, link: Link) -> Markup:
    """The chart of progress, whose names are links."""
    return Markup('<figure class="chart">{}</figure>').format(
        both(draw(chart, PRINT_WIDTH + 170, link), draw(chart, PHONE, link))
    )


def both(wide: str, narrow: str) -> Markup:
    """Two drawings of one chart; only the one that is shown is heard."""
    role = (
        "group" if "<a href" in wide else "img"
    )  # an image is one thing; one with links has parts
    return Markup("").join(
        Markup(HEARD.sub(f'class="{kind}" role="{role}" aria-label="\\2: \\3"\\1>', drawing))
        for kind, drawing in (("wide-only", wide), ("phone-only", narrow))
    )


def line(chart: LineChart, one: Series) -> list:
    """A series for the page: its name, the place of its first month, and each month in words."""
    return [
        one.name,
        chart.months.index(one.points[0].month),
        [chart.reading(point) for point in one.points],
    ]


def dense(facts: object) -> str:
    """JSON without blanks."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def figure_script(book: Book, say: Language, code: str) -> str:
    """An indicator for the interactive charts, as a script, since a page on a file share may load nothing else.

    `figure` is Plotly's JSON of the report's chart; `ranking` the townships in order.
    """
    meta, chart = book.indicators[code], trend(book, say, code)
    told = {
        "code": code,
        "name": say.t(meta["name_zh"], meta["name_en"] or code),
        "unit": say.unit(meta["unit_measure"]),
        "decimals": meta["decimals"] or 0,
        "figure": spec(chart) if chart else None,
        "ranking": ranking(book, say, code),
    }
    text = dense(told).replace("<", "\\u003c")
    return f"window.houseFigure({dense(code)}, {text});\n"
