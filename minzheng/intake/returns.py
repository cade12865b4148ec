"""What is to be mended: open items of a month, and per township a workbook that goes back to its clerk."""

import datetime as dt

import duckdb

from minzheng.contracts import dataset
from minzheng.warehouse import model


def open_items(connection: duckdb.DuckDBPyConnection, month: str, *, everything: bool = False) -> list[dict]:
    """The quarantined rows of a month, one entry per row, column and rule; of files in force only unless `everything`."""
    rows = connection.execute(model("register/open_quarantine"), {"month": month, "everything": everything}).fetchall()
    return [_item(row) for row in rows]


def _item(row: tuple) -> dict:
    intake_no, file, name, month, township, sheet, row_no, column, rule, masked, sentence, received_at = row
    contracted = dataset(name).column(column) if column else None
    return {
        "intake_no": intake_no,
        "file": file,
        "dataset": name,
        "month": month,
        "township": township,
        "sheet": sheet,
        "row": row_no,
        "column": contracted.header if contracted else None,
        "column_name": column,
        "rule": rule,
        "masked_value": masked,
        "sentence": sentence,
        "received_at": received_at.isoformat() if isinstance(received_at, dt.datetime) else None,
    }
