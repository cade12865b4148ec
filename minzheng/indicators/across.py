"""Persons of several counties counted once: the cases that each county's home counted, taken together.

The homes stand under one key, so that a person has one pseudonym in all of them. Each county's cases are gathered in a process
that serves its home (`python -m minzheng.indicators.across MONTH FILE`): by its own contracts, from its own register.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.custody.home import Home
from minzheng.custody.vault import check_key, keys_of
from minzheng.errors import MinzhengError
from minzheng.indicators.contract_tables import describe
from minzheng.indicators.models import gather_cases
from minzheng.indicators.movement import FAMILIES, flows
from minzheng.indicators.reading import ORDINARY
from minzheng.months import add_months
from minzheng.warehouse.connection import create_tables, model, open_warehouse, set_months

FLOWS = {"indicator_id": pl.String, "ref_area": pl.String, "time_period": pl.String}
FLOWS |= dict.fromkeys(("new", "gone", "moved_in", "moved_out"), pl.Int64)


def gather_from(homes: Mapping[str, Path], month: str, to: Path) -> list[Path]:
    """The cases of the month and the one before of every home, one Parquet file each in `to`.

    `MinzhengError` names the county whose home cannot be read: not there, under another key, in use.
    """
    return [_gathered(area, home, month, to / f"{area}.parquet") for area, home in homes.items()]


def _gathered(area: str, home: Path, month: str, file: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "minzheng.indicators.across", month, str(file)],
        env=os.environ | {"MINZHENG_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it stopped"])[-1]
        raise MinzhengError(f"the home of {area}: {why}", f"{area} 的数据目录读不出：{why}")
    return file


def export_cases(connection: duckdb.DuckDBPyConnection, months: Sequence[str], file: Path) -> None:
    """Write what counts in the months, by pseudonym: for the same keeper's eyes only."""
    gather_cases(connection, months)
    connection.sql("select * from indicator_case").pl().write_parquet(file)


def together(files: Sequence[Path], months: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A connection in memory with the cases of all files, and the areas and cells of this process's home."""
    connection = duckdb.connect()
    create_tables(connection)
    set_months(connection, months)
    describe(connection, list(registry().values()), ORDINARY)
    for name in ("10_area_of", "22_cell_number"):
        query = model(f"indicator/shared/{name}")
        connection.execute(f"create temp table {name.split('_', 1)[1]} as {query}")
    connection.execute(
        "create temp table indicator_case as select * from read_parquet($files)",
        {"files": [str(file) for file in files]},
    )
    return connection


def counted_once(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Numerators and denominators of every area of the indicators that count persons, each person once an area.

    Applications are left out: their numbers are of one county only.
    """
    persons = [
        code
        for code, each in registry().items()
        if each.disclosure.behind == "persons"
        and "application" not in {i.dataset for i in each.inputs}
    ]
    rows = connection.sql(model("indicator/counted")).pl().rename({"month": "time_period"})
    cell = ("indicator_id", "ref_area", "time_period", *DIMENSIONS)
    return rows.filter(pl.col("indicator_id").is_in(persons)).select(
        *cell, "numerator", "denominator"
    )


def moved(connection: duckdb.DuckDBPyConnection, month: str) -> pl.DataFrame:
    """Who is new, gone, moved in and out of every area, by headline: who moves between counties is neither new nor gone."""
    rows = []
    for code in chain.from_iterable(FAMILIES):
        rows += [
            (code, area, month, one.new, one.gone, one.moved_in, one.moved_out)
            for area, one in flows(connection, code, add_months(month, -1), month)
        ]
    return pl.DataFrame(rows, schema=FLOWS, orient="row")


def main(month: str, file: str) -> None:
    """Gather the cases of this process's home."""
    home = Home.find()
    if not home.made:
        raise MinzhengError(f"no home at {home.path}", f"{home.path} 不是数据目录")
    check_key(home, keys_of(home))
    with open_warehouse(home) as connection:
        export_cases(connection, [add_months(month, -1), month], Path(file))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except MinzhengError as error:
        sys.exit(str(error))
