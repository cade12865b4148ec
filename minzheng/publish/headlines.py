"""Headline figures of the report that are incomplete: a draft with one is released only when its approver names it."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

import duckdb

from minzheng.contracts.indicators import registry
from minzheng.contracts.report import report_plan
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.returns import open_items, owner_name
from minzheng.months import months_between
from minzheng.publish.cells import Published


def open_headlines(published: Published) -> list[dict]:
    """The county's figures in the report's chapters with status U, in the report's order: what a manifest keeps of them.

    Keys: indicator_id, name, obs_value, lower_bound, upper_bound, lacks (Chinese).
    """
    items = [
        item for chapter in report_plan().chapters for line in chapter.lines for item in line.items
    ]
    found = {}
    for item in items:
        cell = published.cell(item.indicator, **item.breakdown)
        if cell.obs_status == "U" and cell.state == "value":
            name = (
                item.name
                or published.indicators.get(item.indicator, {}).get("name_zh")
                or item.indicator
            )
            bounds = {"obs_value": cell.value, "lower_bound": cell.lower, "upper_bound": cell.upper}
            told = {"indicator_id": item.indicator, "name": name, **bounds, "lacks": cell.lacks}
            found.setdefault(item.indicator, told)
    return list(found.values())


def refuse_unaccepted(headlines: Sequence[dict], accepted: Collection[str]) -> None:
    """Stop unless the approver named every open headline; `WrongCall` for a name that is none of them."""
    open_codes = [each["indicator_id"] for each in headlines]
    if strange := sorted(set(accepted) - set(open_codes)):
        raise WrongCall(
            f"{', '.join(strange)}: no incomplete headline figure of this draft",
            f"{'、'.join(strange)}不是本草稿中尚不完整的主要指标",
        )
    if left := [each for each in headlines if each["indicator_id"] not in accepted]:
        codes = " ".join(each["indicator_id"] for each in left)
        told = "；".join(f"{each['name']}（{each['lacks']}）" for each in left)
        raise MinzhengError(
            f"incomplete headline figures: have them corrected, or name them: --accept-open {codes}",
            f"有主要指标尚不完整：{told}。请催促更正后重新运行；确需发布的，由批准人逐项写明 --accept-open {codes}",
        )


def behind(codes: Iterable[str]) -> set[str]:
    """The datasets whose open rows can move these indicators."""
    parts = [part for code in codes for part in registry()[code].open_rows]
    return {name for part in parts for name in part.datasets}


def names_by_dataset(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, list[str]]:
    """Dataset to the names of the county's incomplete headlines that hang on it, as the month is computed now."""
    listed = [
        item.indicator
        for chapter in report_plan().chapters
        for line in chapter.lines
        for item in line.items
    ]
    rows = connection.execute(
        """select distinct indicator_id from indicator.observation where month = $month and obs_status = 'U'
           and length(ref_area) = 6 and residence = '_T' and sex = '_T' and age_group = '_T' and category = '_T'""",
        {"month": month},
    ).fetchall()
    found: dict[str, list[str]] = {}
    for code in [code for code in dict.fromkeys(listed) if (code,) in rows]:
        for name in sorted(behind([code])):
            found.setdefault(name, []).append(registry()[code].names.zh)
    return found


def calls(connection: duckdb.DuckDBPyConnection, month: str, headline: dict) -> list[str]:
    """Whom to call about a headline: township, file and row of each open row behind it, in Chinese."""

    parts = registry()[headline["indicator_id"]].open_rows
    yearly = any(part.window == "year_to_date" for part in parts)
    wanted = behind([headline["indicator_id"]])
    months = months_between(f"{month[:4]}-01", month) if yearly else [month]
    found = chain.from_iterable(open_items(connection, one) for one in months)
    items = [item for item in found if item["dataset"] in wanted]
    places = dict.fromkeys(
        (item["township"], item["file"], item["sheet"], item["row"]) for item in items
    )
    return [
        f"{owner_name(township)}：{file}{f'，工作表{sheet}' if sheet else ''}，第{row}行"
        for township, file, sheet, row in places
    ]
