"""How tables are shown in the Dagster UI: column schemas in Chinese and English, from the contracts and the table files."""

import re
from functools import cache
from pathlib import Path

import dagster as dg

from minzheng.contracts import register_columns

TABLES = Path(__file__).resolve().parent.parent / "sql" / "tables"
_COLUMN = re.compile(r"^    (\w+) ([a-z]+(?:\([\d, ]+\))?),?\s*(?:-- (.*))?$")


def dataset_schema(name: str) -> dg.TableSchema:
    """The columns of `raw.<name>` and `register.<name>`."""
    return dg.TableSchema(
        [
            dg.TableColumn(column.name, column.type.lower(), description=f"{column.note.zh} · {column.note.en}")
            for column in register_columns(name)
        ]
    )


@cache
def _table_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(TABLES.glob("*.sql")))


def table_schema(table: str) -> dg.TableSchema:
    """The columns of a table made in `sql/tables/`, with their comments."""
    body = _table_files().split(f"create table if not exists {table} (", 1)[1].split("\n);", 1)[0]
    found = (_COLUMN.match(line) for line in body.splitlines())
    return dg.TableSchema([dg.TableColumn(m[1], m[2], description=m[3] or None) for m in found if m])
