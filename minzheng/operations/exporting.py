"""A county's register for a province: every month as Parquet in a lake, its pseudonyms made anew under the province's key.

A person has the same pseudonym in every county then, because it is made from the id number, which the sealed lists beside the
files tell. Whoever has no number there, and households, accounts, cards and the like, are known within the county only: theirs
are made from the county's pseudonym. No name, number, file name or word from a cell that was refused goes into the lake.
"""

import shutil
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset_names
from minzheng.contracts.regions import county
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.vault import identities
from minzheng.errors import MinzhengError
from minzheng.operations.rotation import CASE_ID, keyed_columns
from minzheng.warehouse.connection import insert, open_warehouse
from minzheng.warehouse.lake import (
    INPUT,
    About,
    Lake,
    definitions,
    link_contracts,
    write_about,
    write_table,
)
from minzheng.warehouse.stale import refuse_several_counties

KEPT_BACK = {
    "raw.file": "md5(name) as name",
    "raw.quarantine": "null::varchar as masked_value, null::varchar as sentence",
}
"""What stays in the county, by table: a hash tells equal names."""


def export(home: Home, keys: Keys, province: Keys, path: Path) -> list[str]:
    """Write the county's months into the lake at `path`, in the place of what it exported before; returns the months.

    `MinzhengError` when the lake has counties under another key, or the key is the county's own; `WrongCall` for several counties.
    """
    refuse_several_counties(
        (
            "is no county of a lake: export each county from its own home",
            "不能写入数据湖：数据湖按县存放，请从各县的数据目录导出",
        )
    )
    lake = Lake(path.absolute())
    if province.check_value == keys.check_value:
        raise MinzhengError(
            "the province's key is the county's own: whoever has the lake could then find its persons in the warehouse",
            "省级密钥与本县密钥相同：请使用省里发放的密钥",
        )
    _refuse_other_key(lake, province)
    with open_warehouse(home) as connection:
        keyed = [one for one in keyed_columns(connection) if f"{one[0]}.{one[1]}" in INPUT]
        months = _months(connection)
        _rename(connection, keyed, province, _numbers(home, keys, connection, months))

        def write(month: str, folder: Path) -> None:
            write_about(folder, About(county(), month, province.check_value, definitions()))
            for table in INPUT:
                asked = {"month": month}
                there = f"select 1 from {table} where month = $month limit 1"
                if connection.execute(there, asked).fetchall():
                    # the warehouse writes nowhere but into its home
                    own = home.work / f"{table}.parquet.tmp"
                    write_table(connection, _renamed(table, keyed), own, asked)
                    shutil.move(own, folder / f"{table}.parquet")

        months = sorted({*months, *lake.months("register", county())})
        lake.replace("register", county(), months, write)
        link_contracts(lake, county())
        lake.sweep("register", county())
    return months


def _refuse_other_key(lake: Lake, province: Keys) -> None:
    for other in lake.counties():
        for month in lake.months("register", other)[:1]:
            if other != county() and lake.about(other, month).key != province.check_value:
                raise MinzhengError(
                    f"county {other} lies in {lake.path} under key {lake.about(other, month).key}, not {province.check_value}: "
                    "a province has one key",
                    f"{lake.path} 中 {other} 使用的是另一把密钥：全省须使用同一把省级密钥",
                )


def _months(connection: duckdb.DuckDBPyConnection) -> list[str]:
    told = " union ".join(f"select month from {table}" for table in INPUT)
    rows = connection.execute(f"select month from ({told}) where month is not null order by 1")
    return [month for (month,) in rows.fetchall()]


def _numbers(
    home: Home, keys: Keys, connection: duckdb.DuckDBPyConnection, months: list[str]
) -> dict[str, str]:
    """The county's pseudonym of every person in force to the id number, from the sealed lists."""
    known: dict[str, str] = {}
    for month in months:
        named = identities(home, keys, connection, month, dataset_names())
        told = named.select("person_key", "person_id_no").drop_nulls().unique()
        known |= dict(told.iter_rows())
    return known


def _rename(
    connection: duckdb.DuckDBPyConnection,
    keyed: list[tuple[str, str, str, str]],
    province: Keys,
    numbers: dict[str, str],
) -> None:
    """The temporary table `renamed`: domain, the county's pseudonym, the province's."""
    connection.execute("create temp table renamed (domain varchar, was varchar, becomes varchar)")
    for domain in sorted({domain for *_, domain in keyed}):
        told = " union ".join(
            f'select "{column}" as was from {schema}."{table}"'
            for schema, table, column, of in keyed
            if of == domain
        )
        found = [
            was
            for (was,) in connection.execute(
                f"select was from ({told}) where was is not null"
            ).fetchall()
        ]
        known = numbers if domain == "person" else {}
        becomes = [
            province.pseudonym(domain, known.get(was) or f"{county()}/{was}") for was in found
        ]
        frame = pl.DataFrame(
            {"domain": domain, "was": found, "becomes": becomes},
            schema_overrides={"domain": pl.String, "was": pl.String, "becomes": pl.String},
        )
        insert(connection, "renamed", frame)


def _renamed(table: str, keyed: list[tuple[str, str, str, str]]) -> str:
    """A month's rows of a table under the province's pseudonyms."""
    columns = {
        column: domain for schema, name, column, domain in keyed if f"{schema}.{name}" == table
    }
    shown = [f"{column}_new.becomes as {column}" for column in columns]
    if table == "lead.outcome":
        shown.append(f"{CASE_ID.replace('person_key', 'person_key_new.becomes')} as case_id")
    shown += [KEPT_BACK[table]] if table in KEPT_BACK else []
    joins = "".join(
        f" left join renamed as {column}_new on {column}_new.domain = '{domain}' and {column}_new.was = rows.{column}"
        for column, domain in columns.items()
    )
    kept = f"rows.* replace ({', '.join(shown)})" if shown else "rows.*"
    return f"select {kept} from {table} as rows{joins} where rows.month = $month"
