"""Which headline figures of a month are incomplete, and on which datasets' open rows they hang."""

from collections.abc import Iterable
from itertools import chain

import duckdb

from minzheng.contracts.indicators import registry
from minzheng.contracts.report import report_plan


def behind(codes: Iterable[str]) -> set[str]:
    """The datasets whose open rows can move these indicators."""
    parts = chain.from_iterable(registry()[code].open_rows for code in codes)
    return set().union(*(part.datasets for part in parts))


def names_by_dataset(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, list[str]]:
    """Dataset to the names of the county's incomplete headlines that hang on it, as the month is computed now."""
    listed = dict.fromkeys(item.indicator for item in report_plan().items())
    rows = connection.execute(
        """select distinct indicator_id from indicator.observation where month = $month and obs_status = 'U'
           and length(ref_area) = 6 and residence = '_T' and sex = '_T' and age_group = '_T' and category = '_T'""",
        {"month": month},
    ).fetchall()
    names: dict[str, list[str]] = {}
    for code in [code for code in listed if (code,) in rows]:
        for name in sorted(behind([code])):
            names.setdefault(name, []).append(registry()[code].names.zh)
    return names
