"""What taking a file would change: its rows against those in force of the same dataset, month and townships."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import polars as pl

from minzheng.contracts.datasets import KEY_NAME, dataset, register_columns
from minzheng.intake.settings import settings
from minzheng.warehouse.connection import insert, model

VILLAGE = "case when region_code not like '%000' then region_code end"  # …000 is the township, its village unknown
PROVENANCE = {"intake_no", "sheet", "row_no", "flags"}


@dataclass(frozen=True)
class Replacement:
    """Persons (or entries of a dataset that names none) that come, go and change, and why a person must confirm it."""

    numbers: tuple[int, ...]
    came: int
    gone: int
    changed: int
    persons: bool
    holds: tuple[str, ...]

    @property
    def diff(self) -> str:
        """As a flag of the file that was taken."""
        return f"diff:+{self.came} -{self.gone} ~{self.changed}"

    @property
    def reason(self) -> str:
        """As a reason of the file that is held."""
        code = "would_replace" if self.persons else "would_replace_rows"
        return f"{code}:{'、'.join(map(str, self.numbers))} {self.came} {self.gone} {self.changed}"


def compare(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    replaced: dict[str, int],
    rows: Iterable[pl.DataFrame],
) -> Replacement:
    """Compare the rows of a file with those of the files it would replace (`replaced`, by township).

    `rows` are frames as `raw.<name>` keeps them. One and the same person counts once a township, however many rows.
    """
    connection.execute(f"create or replace temp table incoming as select * from raw.{name} limit 0")
    for frame in rows:
        insert(connection, "incoming", frame)
    columns = [column.name for column in register_columns(name)]
    bound = {"townships": list(replaced), "numbers": list(replaced.values())}
    counted = connection.execute(_query(name, columns), bound).fetchall()
    connection.execute("drop table incoming")
    persons = "person_key" in columns
    holds = _holds(counted) if persons or dataset(name).has_township else ()
    came, gone, changed = (sum(line[place] for line in counted) for place in (1, 2, 3))
    return Replacement(tuple(sorted(set(replaced.values()))), came, gone, changed, persons, holds)


def _holds(counted: list[tuple[int, ...]]) -> tuple[str, ...]:
    """Why a person must confirm it, from the lines of the comparison; a list that only grows (regions) is not asked."""
    found = []
    if any(gone > settings().hold.share_gone * was for was, _, gone, *_ in counted):
        found.append("replaces_most")
    parts = [(*line[4:6],) for line in counted] + [(*line[6:8],) for line in counted]
    if any(now == 1 < before for now, before in parts):
        found.append("part_of_slot")
    return tuple(found)


def _query(name: str, columns: list[str]) -> str:
    """The model of the comparison for one dataset; the names come from the contracts, never from data."""
    contract = dataset(name)
    keys = [KEY_NAME.get(key, key) for key in contract.key]
    keys = [key for key in keys if key in columns] or ["month"]
    unit = f"hash({', '.join(keys)})"
    if "person_key" in columns:
        unit = f"case when person_key is null then {unit} else hash(person_key) end"
    filled = {
        "raw.dataset": f"raw.{name}",
        "unit_of_row": unit,
        "content_of_row": f"hash({', '.join(column for column in columns if column not in PROVENANCE)})",
        "village_of_row": VILLAGE if "region_code" in columns else "null",
        "scheme_of_row": "scheme" if "scheme" in columns else "null",
        "in_township": "rows.township_code = replaced.township"
        if contract.has_township
        else "true",
    }
    query = model("intake/replacement")
    for word, text in filled.items():
        query = query.replace(word, text)
    return query
