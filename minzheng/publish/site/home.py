"""The first page: how the plan stands, what changed, what is missing, how many leads are open."""

from collections import Counter
from typing import Any

from markupsafe import Markup

from minzheng.contracts.plans import time_gone
from minzheng.contracts.report import report_plan, words
from minzheng.contracts.search_words import search_text
from minzheng.progress.table import Verdict
from minzheng.publish.charts.model import goal_word, progress_chart, progress_headline
from minzheng.publish.language import Language
from minzheng.publish.numbers import printed, rounded
from minzheng.publish.overview import percent
from minzheng.publish.plan_line import of_few, pictured
from minzheng.publish.report.warnings import lists_text
from minzheng.publish.site.book import Book
from minzheng.publish.site.front import change_text, compared, still_open, tile_map, tiles
from minzheng.publish.site.leads import lead_townships, lead_trend, leads
from minzheng.publish.site.picture import progress_picture
from minzheng.publish.standing import filed, outcomes


def home(book: Book, say: Language) -> dict[str, Any]:
    """What the first page is told."""
    rows = [progress_row(book, say, row) for row in book.judged()]
    counts = Counter(row["status"] for row in rows)
    gone = time_gone(book.month)
    return {
        "headline": progress_headline(say, [row["status"] for row in rows]),
        "tiles": tiles(book, say),
        "map": tile_map(book, say),
        "picture": plan_picture(book, say),
        "open": still_open(book, say),
        "counts": [
            (code, counts[code]) for code in [*words().statuses, None] if counts[code] or code
        ],
        "rows": rows,
        "ended": [one for one in book.plans if one.last < book.month],
        "ended_rows": [progress_row(book, say, row) for row in book.judged(ended=True)],
        "time_gone": None if gone is None else percent(gone),
        "arrivals": arrivals(book),
        "moved": moved(book, say),
        "turned": turned(book, say),
        "leads": leads(book),
        "lead_levels": list(words().levels),
        "lead_townships": lead_townships(book),
        "lead_trend": lead_trend(book),
        "lead_notes": lists_text(book.published),
        "gaps": missing_figures(book, say),
        "failed": failed_rules(book),
        "revised": 0 if book.frames.revisions is None else book.frames.revisions.height,
    }


def plan_picture(book: Book, say: Language) -> Markup | None:
    """The plan's progress as the report's picture, each name a link; None where nothing is judged."""
    if not pictured(book.published.plan_lines):
        return None
    return progress_picture(
        progress_chart(book.published, say), lambda code: f"indicator/{code}.html"
    )


def progress_row(book: Book, say: Language, row: Verdict) -> dict[str, Any]:
    """A progress row as tables and indicator pages show it."""
    code, area = row.indicator_id, row.ref_area
    meta = book.indicators[code]
    month = book.judged_in(row.plan_id)
    now = book.at(code, area, month)
    decimals = now.decimals if now.state == "value" else meta["decimals"] or 0
    share, upper = row.completion, book.upper(row)
    return {
        "code": code,
        "find": search_text(code, meta["name_zh"]),
        "area": area,
        "name": say.t(meta["name_zh"], meta["name_en"] or code),
        "unit": meta["unit_measure"],
        "now": now,
        "few": of_few(book.published.cell(code, area, month), book.gap_units.get((code, area)))
        if say.chinese
        else "",
        "base": say.number(row.baseline_value, decimals),
        "base_period": row.baseline_period,
        "target": say.number(row.target_value, decimals)
        + (f"—{say.number(upper, decimals)}" if upper is not None else ""),
        "target_period": row.target_period,
        "target_source": row.target_source,
        "verified": row.target_verified,
        "share": share,
        "share_text": "" if share is None else f"{rounded(share * 100, 1)}%",
        "bar": None if share is None else f"{min(max(share, 0.0), 1.0) * 100:.1f}",
        "due": due(row),
        "status": row.status_path,
        "goal": book.goal(row),
        "goal_word": goal_word(say, book.goal(row)),
        "above": now.state == "value" and now.value > (upper or row.target_value or 0),
        "cagr": row.status_cagr,
        "projection": row.status_projection,
        "path": say.number(row.path_value, decimals),
        "projected": [
            say.number(one, decimals)
            for one in (row.projected_value, row.projected_low, row.projected_high)
        ],
        "flip_risk": row.flip_risk,
        "worsening": row.achieved_but_worsening,
        "gap": gap_text(book, say, row),
        "pace": pace_text(book, say, row),
        "met": book.met_at(code, row, now),
        "since": since_text(book, say, row),
        "stable": row.status_stable_since,
    }


def due(row: Verdict) -> str | None:
    """Where on the bar of completion the plan's path expects the value to stand, in per cent of the target."""
    if row.completion is None or row.path_value is None or not row.target_value:
        return None
    return f"{min(max(row.path_value / row.target_value, 0.0), 1.0) * 100:.1f}"


def gap_text(book: Book, say: Language, row: Verdict) -> str:
    """What is missing to the target, in people, beds or yuan where that can be told: `12张`."""
    code, area, gap = row.indicator_id, row.ref_area, row.gap_value
    now = book.at(code, area, book.judged_in(row.plan_id))
    if row.target_value is None or now.state != "value":
        return ""
    meta = book.indicators[code]
    unit = book.gap_units.get((code, area)) or meta["unit_measure"] or ""
    decimals = meta["decimals"] or 0
    if gap is None:
        sign = -1 if meta["direction"] == "down" else 1
        gap = max(0.0, sign * (row.target_value - now.value))
    if gap == 0:
        return "0"
    if gap == int(gap):
        decimals = 0
    text = printed(gap, decimals)
    if unit == "%":
        return say.t(f"{text}个百分点", f"{text} points")
    return say.with_unit(text, unit)


def trend_word(say: Language, target: float | None, trend: str | None) -> str:
    """Where no target is set, what the growth per year says; empty with a target or without a trend."""
    return say.word(words().trends[trend]) if target is None and trend else ""


def pace_text(book: Book, say: Language, row: Verdict) -> str:
    """How much a month would have to bring until the target's date."""
    pace = row.gap_per_month
    if not pace:
        return ""
    unit = book.gap_units.get((row.indicator_id, row.ref_area)) or ""
    text = printed(pace, 1 if pace >= 0.1 else 2)
    if unit == "%":
        return say.t(f"{text}个百分点", f"{text} points")
    return say.with_unit(text, unit)


def since_text(book: Book, say: Language, row: Verdict) -> str:
    """Since which month the target is met or missed."""
    since = book.since(row.indicator_id, row)
    if since is None:
        return ""
    met, month, from_start = since
    told = say.month(month)
    if from_start:
        return say.t(
            f"自有数据的{told}起一直{'达到' if met else '未达到'}目标",
            f"{'met' if met else 'not met'} ever since records begin in {told}",
        )
    return say.t(
        f"自{told}起{'达到' if met else '未达到'}目标",
        f"{'met' if met else 'not met'} since {told}",
    )


def arrivals(book: Book) -> dict[str, Any]:
    """Files due and arrived, and which datasets each township still owes."""
    files = filed(book.quality)
    return {**vars(files), "whole": files.whole(book.townships)}


def moved(book: Book, say: Language) -> list[dict[str, Any]]:
    """The report's figures that differ from last month or, for year-to-date rows, from last year."""
    found = []
    items = report_plan().items()
    for code in dict.fromkeys(item.indicator for item in items if not item.breakdown):
        meta = book.indicators.get(code)
        if meta is None:
            continue
        _, now, before = compared(book, code)
        if {now.state, before.state} == {"value"} and now.printed != before.printed:
            text = change_text(book, say, code)
            name = say.t(meta["name_zh"], meta["name_en"] or code)
            found.append({"code": code, "name": name, "now": book.at(code), "unit": meta["unit_measure"], "text": text})  # fmt: skip
    return found


def turned(book: Book, say: Language) -> list[dict[str, Any]]:
    """Plan indicators whose class is new this month."""
    return [
        progress_row(book, say, row)
        for row in book.judged()
        if row.status_path
        and row.status_stable_since == book.month
        and book.before(row.indicator_id).state == "value"
    ]


def missing_figures(book: Book, say: Language) -> list[dict[str, Any]]:
    """County figures that are missing this month: the reason their note gives, and how many townships have reported."""
    found = []
    for code in book.listed():
        one = book.at(code)
        if one.state == "missing":
            told, known = book.published.reported(code)
            meta = book.indicators[code]
            name = say.t(meta["name_zh"], meta["name_en"] or code)
            found.append(
                {"code": code, "name": name, "note": one.note, "told": told, "known": known}
            )
    return found


def failed_rules(book: Book) -> list[tuple[str, str]]:
    """Error rules that failed somewhere this month."""
    titles = dict(book.quality.select("rule_id", "title_zh").iter_rows())
    return [(rule, titles[rule]) for rule, one in outcomes(book.quality).items() if one == "error"]


def changes(book: Book, say: Language) -> dict[str, Any]:
    """The revisions page: every revised cell by indicator."""
    return {
        "revisions": [
            (code, book.indicators.get(code), rows) for code, rows in sorted(book.revisions.items())
        ]
    }
