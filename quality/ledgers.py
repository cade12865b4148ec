"""The ledgers beside the rules: stock and flow of every roll, roll against money, completeness and timeliness, also per indicator."""

import duckdb

from minzheng.contracts.calendar import expected_files
from minzheng.contracts.datasets import dataset
from minzheng.contracts.indicators import registry
from minzheng.warehouse.connection import model, replace_months, temporary_table
from minzheng.warehouse.places import months_in_work, townships_of


def write_ledgers(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the months in work in the ledgers; needs the temporary tables of `quality.outcomes.build_basis`."""
    for name in ("stock_flow", "stock_flow_gap", "money_reconciliation"):
        replace_months(connection, f"quality.{name}", model(f"quality/{name}"))
    expect_files(connection)
    replace_months(connection, "quality.completeness", model("quality/completeness"))
    _need_files(connection)
    replace_months(connection, "quality.indicator_input", model("quality/indicator_input"))


def _need_files(connection: duckdb.DuckDBPyConnection) -> None:
    needs = []
    for code, indicator in registry().items():
        needs += [
            (code, need.dataset, need.window, dataset(need.dataset).has_township)
            for need in indicator.inputs
            if need.window in ("month", "year_to_date") and not dataset(need.dataset).optional
        ]
    columns = dict.fromkeys(("indicator_id", "dataset", "time_window"), "varchar")
    temporary_table(connection, "indicator_need", columns | {"by_township": "boolean"}, needs)


def expect_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `expected_file` from the calendar for the months in work."""
    there = townships_of(connection, months_in_work(connection))
    stated = connection.execute(
        "select month, county_code, cast(value as integer) from in_force_standard where param_code = 'report_cutoff_day'"
    ).fetchall()
    columns = dict.fromkeys(("dataset", "month", "township_code"), "varchar")
    columns |= {"expected": "boolean", "due_on": "date", "cut_off_on": "date"}
    days = {(month, county): day for month, county, day in stated}
    temporary_table(connection, "expected_file", columns, expected_files(there, days))
