"""Headline figures of the report that are incomplete: a draft with one is released only when its approver names it."""

from collections.abc import Collection, Sequence
from itertools import chain

import duckdb

from minzheng.contracts.indicators import registry
from minzheng.contracts.report import report_plan
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.returns import open_items, owner_name
from minzheng.months import months_between
from minzheng.publish.cells import Published
from minzheng.warehouse.incomplete import behind


def open_headlines(published: Published) -> list[dict]:
    """The county's figures in the report's chapters with status U, in the report's order: what a manifest keeps of them.

    Keys: indicator_id, name, obs_value, lower_bound, upper_bound, lacks (Chinese).
    """
    headlines = {}
    for item in report_plan().items():
        cell = published.cell(item.indicator, **item.breakdown)
        if cell.obs_status == "U" and cell.state == "value":
            name = (
                item.name
                or published.indicators.get(item.indicator, {}).get("name_zh")
                or item.indicator
            )
            bounds = {"obs_value": cell.value, "lower_bound": cell.lower, "upper_bound": cell.upper}
            headline = {"indicator_id": item.indicator, "name": name, **bounds, "lacks": cell.lacks}
            headlines.setdefault(item.indicator, headline)
    return list(headlines.values())


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
