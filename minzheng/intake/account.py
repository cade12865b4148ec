"""The account in the warehouse: rows, persons and yuan of a file as loaded against its verdict; what a correction changed."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import duckdb

from minzheng.contracts.datasets import KEY_NAME, dataset, register_columns
from minzheng.intake.settings import settings
from minzheng.intake.verdict import ACCEPTED

PROVENANCE = {"intake_no", "sheet", "row_no", "flags"}


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


def correction(connection: duckdb.DuckDBPyConnection, facts: dict) -> str:
    """Rows added, gone and changed against the files that a correction replaces, township by township: `+1 -1 ~1`."""
    replaced = {"townships": list(facts["replaces"]), "numbers": list(facts["replaces"].values())}
    query = _comparing(facts["dataset"])
    ((new, gone, changed),) = connection.execute(
        query, replaced | {"number": facts["intake_no"]}
    ).fetchall()
    return f"+{new - changed} -{gone - changed} ~{changed}"


def _comparing(name: str) -> str:
    """Rows that came, rows that went, and how many of both have the same key, by hashes of key and content.

    Rows that are the same in both cancel out, as often as they stand there.
    """
    contract, columns = dataset(name), [column.name for column in register_columns(name)]
    keys = [KEY_NAME.get(key, key) for key in contract.key]
    keys = ", ".join(f'"{key}"' for key in keys if key in columns) or "0"
    content = ", ".join(f'"{column}"' for column in columns if column not in PROVENANCE)
    place = "rows.township_code = replaced.township" if contract.has_township else "true"
    return f"""
        with replaced as (select unnest($townships) as township, unnest($numbers) as former),
        net as (
            select hash({keys}) as key, sum(case when rows.intake_no = $number then 1 else -1 end) as count
            from raw.{name} as rows join replaced on {place} and rows.intake_no in ($number, replaced.former)
            group by key, hash({content})
        ),
        by_key as (
            select coalesce(sum(count) filter (where count > 0), 0) as new,
                coalesce(-sum(count) filter (where count < 0), 0) as gone
            from net group by key
        )
        select coalesce(sum(new), 0)::bigint, coalesce(sum(gone), 0)::bigint, coalesce(sum(least(new, gone)), 0)::bigint
        from by_key
    """
