"""What only the rows of several counties decide: their persons are judged once more, by the same rules, with all their rows.

A county stays judge in its own house: its parameters, its lists, its townships. Rows from elsewhere are guests in its register;
where they stand is told with their county before the sheet.
"""

import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from minzheng.contracts.datasets import dataset_names, register_columns
from minzheng.leads.matching import build_shared, find
from minzheng.leads.rules import rules
from minzheng.months import add_months
from minzheng.warehouse.connection import insert, model, set_months
from minzheng.warehouse.lake import Lake, write_table
from pipelines.lake.county import opened
from pipelines.lake.task import Done, Task

PERSONAL = tuple(
    f"register.{name}"
    for name in dataset_names()
    if any(column.name == "person_key" for column in register_columns(name))
)
"""The register's tables whose rows are about persons."""


def persons(task: Task) -> Iterator[pa.RecordBatch]:
    """Whom the county names in any month up to the task's last, once each: person_key, county."""
    lake, end = Lake(Path(task.lake)), add_months(task.months[-1], 1)
    lists = (lake.files("register", task.county, table, end) for table in PERSONAL)
    files = list(chain.from_iterable(lists))
    if files:
        with duckdb.connect(config={"threads": 1, "memory_limit": task.memory}) as connection:
            yield from (
                connection.sql(
                    "select distinct person_key, $county as county from read_parquet($files, hive_partitioning = false, union_by_name = true)"
                    " where person_key is not null",
                    params={"files": files, "county": task.county},
                )
                .to_arrow_table()
                .to_batches()
            )


def guests(task: Task, crossing: dict[str, list[str]]) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """The rows of the county's crossing persons for each other county of theirs: table and rows as Arrow bytes, by county."""
    pairs = []
    for person, counties in crossing.items():
        if task.county in counties:
            pairs += [(person, other) for other in counties if other != task.county]
    wanted = pl.DataFrame(pairs, schema={"person_key": pl.String, "other": pl.String}, orient="row")
    lake, end = Lake(Path(task.lake)), add_months(task.months[-1], 1)
    with duckdb.connect(config={"threads": 1, "memory_limit": task.memory}) as connection:
        connection.register("wanted", wanted.to_arrow())
        for table in PERSONAL:
            if files := lake.files("register", task.county, table, before=end):
                rows = connection.sql(
                    "select other, rows.* replace ($county || '/' || coalesce(sheet, '') as sheet)"
                    " from read_parquet($files, hive_partitioning = false) as rows join wanted using (person_key)",
                    params={"files": files, "county": task.county},
                ).pl()
                for (other,), part in rows.partition_by("other", as_dict=True, include_key=False).items():  # fmt: skip
                    sink = io.BytesIO()
                    part.write_ipc(sink)
                    yield other, (table, sink.getvalue())


def run(task: Task, rows: list[tuple[str, bytes]]) -> Done:
    """Judge the county's months with `rows` of elsewhere among its own; what that changes replaces `across` of these months."""
    lake = Lake(Path(task.lake))
    with opened(task) as connection:
        for table, content in rows:
            insert(connection, table, pl.read_ipc(content))
        persons = " union ".join(f"select person_key from {table}" for table in PERSONAL)
        connection.execute(f"create temp table crossing as {persons}")
        own = "where person_key in (select person_key from crossing)"
        lake.read(connection, "register", task.county, PERSONAL, which=own)
        lake.read(connection, "register", task.county, ["register.policy_param", "register.coverage"])  # fmt: skip
        lake.read(connection, "result", task.county, ["lead.evaluated", "lead.lead"])
        set_months(connection, task.months)
        build_shared(connection)
        find(connection, rules())
        connection.execute(f"create temp table across as {model('lead/across')}")

        def write(month: str, folder: Path) -> None:
            query = "select * from across where month = $month"
            write_table(connection, query, folder / "lead.lead.parquet", {"month": month})

        lake.replace("across", task.county, task.months, write)
        (leads,) = connection.execute("select count(*) from across").fetchall()[0]
    return Done(task.county, len(task.months), leads)
