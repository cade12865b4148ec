"""The register: for each dataset, month and township the rows of the file in force (_G02, _G19), and which file that is."""

import datetime as dt
from collections.abc import Sequence

import duckdb

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.warehouse.connection import model, replace_months, set_months, transaction


def loaded_months(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every month of which some file was accepted, in order."""
    rows = connection.execute(
        "select distinct month from raw.file where list_contains($accepted, verdict) and month is not null order by month",
        {"accepted": list(ACCEPTED)},
    ).fetchall()
    return [month for (month,) in rows]


def build_register(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], *, known_on: dt.date | None = None
) -> dict[str, int]:
    """Fill `register.<dataset>` and `register.coverage` for the months (they become `work.month`); returns rows per dataset.

    `known_on`: only files received by the end of that day count (Asia/Shanghai), for figures as they were known.
    """
    set_months(connection, months)
    until = dt.datetime.combine(known_on + dt.timedelta(days=1), dt.time()) if known_on else None
    replace_months(connection, "register.coverage", model("register/coverage"), {"known_on": until})
    written = {name: _build_dataset(connection, name) for name in dataset_names()}
    _count_coverage(connection)
    return written


def _build_dataset(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    shape = "rows_of_townships" if dataset(name).has_township else "rows_of_county"
    return replace_months(
        connection, f"register.{name}", _of(name, f"register/{shape}"), {"dataset": name}
    )


def _of(name: str, path: str) -> str:
    """A model written for `raw.dataset`, for the table of one dataset; names come from the contracts, never from data."""
    return model(path).replace("raw.dataset", f"raw.{dataset(name).dataset}")


def _count_coverage(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows accepted and quarantined of each file in force, by township."""
    with transaction(connection):
        for name in dataset_names():
            query = _of(name, "register/count_rows")
            if not dataset(name).has_township:
                query = query.replace("rows.township_code,", "null as township_code,", 1)
                query = query.replace(" rows.township_code,", "")
            connection.execute(
                f"""update register.coverage set rows_accepted = counted.rows_accepted from ({query}) as counted
                    where coverage.dataset = counted.dataset and coverage.month = counted.month
                      and coverage.township_code = coalesce(counted.township_code, coverage.township_code)
                      and coverage.intake_no = counted.intake_no""",
                {"dataset": name},
            )
        connection.execute(
            """update register.coverage set rows_quarantined = counted.broken from (
                   select held.intake_no, held.month, held.township_code, count(distinct (sheet, row_no)) as broken
                   from raw.quarantine
                   join register.coverage as held on held.month = quarantine.month and held.intake_no = quarantine.intake_no
                       and held.township_code = coalesce(quarantine.township_code, left(held.township_code, 6))
                   where held.month in (select month from work.month) group by all) as counted
               where coverage.month = counted.month and coverage.intake_no = counted.intake_no
                 and coverage.township_code = counted.township_code"""
        )
        connection.execute(
            """update register.coverage
               set rows_accepted = coalesce(rows_accepted, 0), rows_quarantined = coalesce(rows_quarantined, 0)
               where month in (select month from work.month)"""
        )
