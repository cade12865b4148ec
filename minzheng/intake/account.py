"""The account in the warehouse: rows, persons and yuan of a file as loaded against its verdict."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import duckdb

from minzheng.contracts.datasets import register_columns
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.intake.settings import settings


def check_account(connection: duckdb.DuckDBPyConnection, batch) -> None:
    """Every file of the batch has as many rows, persons and yuan in its table as its verdict says; a defect stops the load."""
    for number, found, expected in unbalanced(connection, batch.files, batch.rows):
        raise AssertionError(
            f"file {number}: {found} rows, persons and yuan loaded instead of {expected}"
        )


def unbalanced(
    connection: duckdb.DuckDBPyConnection, files: Iterable[dict], names: Iterable[str]
) -> Iterator[tuple[int, list, list]]:
    """Accepted files of the datasets `names` whose rows, persons and yuan in the table differ from their verdict.

    Gives (intake number, what lies there, what the verdict says).
    """
    wanted = {facts["intake_no"]: facts for facts in files if facts["verdict"] in ACCEPTED}
    for name in names:
        numbers = [n for n, facts in wanted.items() if facts.get("dataset") == name]
        for number, *found in connection.execute(_counting(name), {"numbers": numbers}).fetchall():
            told = wanted[number]
            # verdicts of earlier versions did not count persons
            persons = told.get("persons_accepted", found[1])
            expected = [told["rows_accepted"], persons, Decimal(told["amount_accepted"] or 0)]
            if found != expected:
                yield number, found, expected


def _counting(name: str) -> str:
    """Rows, distinct persons (by a hash, which a million of take little memory) and yuan of each file.

    The names come from the contracts, never from data.
    """
    columns = {column.name for column in register_columns(name)}
    persons = (
        "count(distinct hash(person_key)) filter (where person_key is not null)"
        if "person_key" in columns
        else "0"
    )
    amounts = [
        f"coalesce({column}, 0)" for column in settings().amounts.get(name, []) if column in columns
    ]
    return f"""
        select file.intake_no, count(rows.intake_no), {persons},
            cast(coalesce(sum({" + ".join(amounts) or "0"}), 0) as decimal(18, 2))
        from unnest($numbers) as file(intake_no) left join raw.{name} as rows using (intake_no)
        group by file.intake_no
    """
