"""Facts of a month for the control room: rows, persons, yuan, files refused, rows quarantined; exact, as the bureau's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from minzheng.contracts import register_columns

MONEY = {"payment_ledger": "amount_paid", "temp_aid": "amount"}
"""The column whose sum is the money that went out; a roll's amounts are what is due, which `quality.money_reconciliation` compares."""


@dataclass(frozen=True)
class TableFacts:
    """One register table in one month; None where the table knows no persons or no money."""

    rows: int
    persons: int | None
    yuan: float | None


def table_facts(connection: duckdb.DuckDBPyConnection, name: str, months: Sequence[str]) -> dict[str, TableFacts]:
    """The facts of `register.<name>` by month; a month without rows has zero rows."""
    columns = [column.name for column in register_columns(name)]
    persons = "count(distinct person_key)" if "person_key" in columns else "null"
    money = f"sum({MONEY[name]})" if name in MONEY else "null"
    found = connection.execute(
        f"select month, count(*), {persons}, {money} from register.{name} where month in (select unnest($months)) group by month",
        {"months": list(months)},
    ).fetchall()
    empty = TableFacts(0, 0 if persons != "null" else None, 0 if money != "null" else None)
    told = {
        month: TableFacts(rows, persons, None if yuan is None else float(yuan)) for month, rows, persons, yuan in found
    }
    return dict.fromkeys(months, empty) | told


@dataclass(frozen=True)
class Arrivals:
    """The files of a month: how many in force, how many refused, rows quarantined in those in force."""

    in_force: int
    refused: int
    quarantined: int


def arrivals(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> dict[str, Arrivals]:
    """The files of each month, by what the register's coverage and the intake say."""
    rows = connection.execute(
        """
        with asked as (select unnest($months) as month),
        force as (select distinct month, intake_no from register.coverage),
        counted as (
            select force.month, count(*) as files, sum(file.rows_quarantined) as quarantined
            from force join raw.file using (intake_no) group by force.month
        ),
        refused as (select month, count(*) as files from raw.file where verdict = 'reject_file' group by month)
        select asked.month, coalesce(counted.files, 0), coalesce(refused.files, 0), coalesce(counted.quarantined, 0)
        from asked left join counted using (month) left join refused using (month)
        """,
        {"months": list(months)},
    ).fetchall()
    return {month: Arrivals(*map(int, counts)) for month, *counts in rows}
