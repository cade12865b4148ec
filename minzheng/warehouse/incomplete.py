"""Which headline figures of a month are incomplete, and on which datasets' open rows they hang."""

from collections.abc import Iterable

import duckdb

from minzheng.contracts.indicators import registry
from minzheng.contracts.report import report_plan


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
