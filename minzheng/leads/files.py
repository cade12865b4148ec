"""Files of the lead desk: restricted lists with identities from the vault, workbooks for townships, sealed copies."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import region_names, townships
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys, default_key_file
from minzheng.custody.vault import identities
from minzheng.leads.answers import notes_by_case
from minzheng.leads.desk import evidence_places, leads_of, list_ages, lists_zh, with_identities
from minzheng.leads.outcomes import last_entries
from minzheng.leads.workbook import Township, write_workbook

IDENTITY_COLUMNS = ("person_key", "person_id_no", "person_name")


def identified(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    kept: dict[Path, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """`leads_of` the month with id numbers and names from the sealed lists; `kept` as of `minzheng.custody.vault.identities`.

    A person without an id number keeps null; so does everyone in a home that has never sealed anything (no KEY file)
    on a machine without keys. A home with a KEY and a missing or wrong key file is a `MinzhengError`.
    """
    frame = leads_of(connection, month)
    if not default_key_file().is_file() and not (home.vault / "KEY").exists():
        return frame.with_columns(
            person_id_no=pl.lit(None, pl.String), person_name=pl.lit(None, pl.String)
        )
    return with_identities(frame, _identities(home, Keys.load(), connection, month, frame, kept))


def _identities(
    home: Home,
    keys: Keys,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    frame: pl.DataFrame,
    kept: dict[Path, pl.DataFrame] | None,
) -> pl.DataFrame:
    """Identities of the month's lists, then of earlier months for persons whom only those know."""

    empty = pl.DataFrame(schema=dict.fromkeys(IDENTITY_COLUMNS, pl.String))
    places = evidence_places(frame)
    months = {month for month, _ in _files(connection, frame).values()}
    wanted, found = set(frame["person_key"].to_list()), [empty]
    names = sorted(set(places["dataset"].to_list()))
    for each in sorted({month} | months, reverse=True):
        if not wanted:
            break
        part = identities(home, keys, connection, each, names, kept).select(IDENTITY_COLUMNS)
        part = part.filter(pl.col("person_key").is_in(list(wanted)))
        wanted -= set(part["person_key"].to_list())
        found.append(part)
    return pl.concat(found)


def township_workbooks(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    kept: dict[Path, pl.DataFrame] | None = None,
    *,
    named_for: str | None = None,
) -> dict[str, bytes]:
    """File name to workbook, one for each township that has leads or waiting cases.

    `named_for`: the code of the only township wanted, then for work in the field: with names, villages and the names of the files.
    """
    frame = identified(home, connection, month, kept)
    if named_for:
        frame = frame.filter(pl.col("township_code") == named_for)
        villages = _villages(connection, frame)
        frame = frame.with_columns(
            village=pl.Series(map(villages.get, frame["case_id"]), dtype=pl.String)
        )
    entries = last_entries(connection, set(frame["case_id"]))
    seen = {case_id: entry[0] for case_id, entry in entries.items()}
    notes = notes_by_case(home, Keys.load()) if seen else {}
    ages, names, files = list_ages(connection, month), townships(), _files(connection, frame)
    told_as = {number: "，".join(file if named_for else file[:1]) for number, file in files.items()}
    books = {}
    for (code,), part in sorted(
        frame.partition_by("township_code", as_dict=True, maintain_order=True).items()
    ):
        told = lists_zh(ages.filter(pl.col("township_code") == code), month)
        township = Township(code, names.get(code, code), told, named=named_for is not None)
        books[f"{township.name}{month}线索核查表.xlsx"] = write_workbook(
            part, township, month, seen, notes, told_as
        )
    return books


def _files(
    connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame
) -> dict[int, tuple[str, str]]:
    """Intake number to month and name of the files that the evidence names."""
    rows = connection.execute(
        "select intake_no, month, name from raw.file where list_contains($numbers, intake_no) and month is not null",
        {"numbers": evidence_places(frame)["intake_no"].unique().to_list()},
    ).fetchall()
    return {number: (month, name.rsplit("/", 1)[-1]) for number, month, name in rows}


def _villages(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> dict[str, str]:
    """Case id to the name of the village in a row of its evidence, where one has a village."""
    found, at = {}, ["intake_no", "sheet", "row_no"]
    for (name,), places in evidence_places(frame).partition_by("dataset", as_dict=True).items():
        if any(column.name == "region_code" for column in dataset(name).columns):
            numbers = places["intake_no"].unique().to_list()
            rows = connection.sql(
                f"select {', '.join(at)}, region_code from raw.{name} "
                "where list_contains($numbers, intake_no) and region_code is not null",
                params={"numbers": numbers},
            ).pl()
            found |= dict(places.join(rows, on=at).select("case_id", "region_code").iter_rows())
    return {case_id: region_names().get(code, code) for case_id, code in found.items()}


def seal_workbooks(
    home: Home,
    keys: Keys,
    connection: duckdb.DuckDBPyConnection,
    month: str,
    kept: dict[Path, pl.DataFrame] | None = None,
) -> list[Path]:
    """Write the workbooks encrypted under `restricted/<month>/`; open one with `keys.unseal(content, file name)`."""
    folder = home.restricted / month
    paths = []
    for name, content in township_workbooks(home, connection, month, kept).items():
        path = folder / f"{name}.sealed"
        write_private(
            path, lambda target, c=content, n=path.name: target.write_bytes(keys.seal(c, n))
        )
        paths.append(path)
    return paths


def write_private(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that only its owner reads, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
