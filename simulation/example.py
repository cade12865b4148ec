"""A fictitious county drawn by SQL: clean months of every register the rules read, of any size, and errors to plant in them.

The tests, `minzheng check-the-checks` and the benchmark share it. Nobody in it has a name or an id number; keys are words.
"""

from collections.abc import Sequence
from functools import cache

import duckdb

from minzheng.contracts.datasets import Strict, dataset, dataset_names, read_yaml
from minzheng.contracts.paths import CONTRACTS, SQL
from minzheng.contracts.regions import county
from minzheng.warehouse.connection import set_months
from minzheng.warehouse.places import describe_places
from quality import outcomes


class Plant(Strict):
    """An error to plant: what it is, the statements that make it out of the clean county, and what must be found."""

    what: str
    statements: list[str]
    found: int
    month: str = "2024-02"


@cache
def plants() -> dict[str, list[Plant]]:
    """The errors to plant, per rule: `contracts/plants.yaml`."""
    content = read_yaml(CONTRACTS / "plants.yaml")
    return {
        rule: [Plant.model_validate(plant) for plant in found] for rule, found in content.items()
    }


def draw_county(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], persons: int = 40
) -> None:
    """Fill the registers of an empty warehouse with clean `months`, `persons` on dibao in each township."""
    set_months(connection, months)
    describe_places(connection)
    paths = sorted((SQL / "quality" / "example").glob("*.sql"))
    for path in paths:
        if path.stem == "80_coverage":
            _count_rows(connection)
        for statement in path.read_text(encoding="utf-8").split(";\n"):
            outcomes.run(connection, statement, persons=persons, county=county())
    connection.execute(
        "insert into raw.file by name select distinct intake_no, dataset || intake_no || month as name,"
        " dataset || month as sha256, dataset, month, 'accept' as verdict, '' as reasons, 'control_total' as flags"
        " from register.coverage"
    )


def _count_rows(connection: duckdb.DuckDBPyConnection) -> None:
    parts = []
    for name in dataset_names():
        place = "township_code" if dataset(name).has_township else "$county"
        parts.append(
            f"select '{name}' as dataset, month, {place} as township_code, max(intake_no) as intake_no, count(*) as rows"
            f" from register.{name} group by all"
        )
    outcomes.run(
        connection,
        f"create or replace temp table example_rows as {' union all '.join(parts)}",
        county=county(),
    )


def plant(connection: duckdb.DuckDBPyConnection, error: Plant) -> None:
    """Make the error in the drawn county."""
    for statement in error.statements:
        connection.execute(statement)
