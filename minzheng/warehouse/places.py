"""The townships of the months in work, by the dates of the region files in the register."""

from collections.abc import Sequence
from itertools import product

import duckdb

from minzheng.contracts.regions import counties, county, townships_at
from minzheng.months import months_between
from minzheng.warehouse.connection import temporary_table


def months_in_work(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The months that the next models compute."""
    rows = connection.execute("select month from work.month order by month").fetchall()
    return [month for (month,) in rows]


def townships_of(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Each month with the townships in force at its end, code to name."""
    told = connection.execute(
        """select if(region_level = '乡镇', left(region_code, 9), region_code), region_name, region_level,
                  cast(valid_from as varchar), cast(valid_to as varchar)
           from register.region where region_level in ('乡镇', '村社') and starts_with(region_code, $area)
           order by month, intake_no, row_no""",
        {"area": county()},
    ).fetchall()
    return {month: townships_at(month, told) for month in months}


def describe_places(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `place`: the home's counties and their townships, in each month of the years in work."""
    months = months_in_work(connection)
    if months:
        months = months_between(f"{months[0][:4]}-01", months[-1])
    rows = list(product(months, counties(), ["county"]))
    for month, there in townships_of(connection, months).items():
        rows += [(month, code, "township") for code in there]
    columns = dict.fromkeys(("month", "township_code", "area"), "varchar")
    temporary_table(connection, "place", columns, rows)
