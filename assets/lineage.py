"""Column lineage for the Dagster UI, parsed from the SQL models: which register columns a table's rows are made from."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path

import dagster as dg

from minzheng.contracts.datasets import register_columns
from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import SQL
from minzheng.custody.vault import write_synced

Source = tuple[str, str]
"""A register table and one of its columns."""

COVERAGE_COLUMNS = ("dataset", "month", "township_code", "absent_columns")


@cache
def _columns_of(table: str) -> frozenset[str]:
    return frozenset(
        COVERAGE_COLUMNS
        if table == "coverage"
        else (column.name for column in register_columns(table))
    )


@cache
def sources(path: Path) -> frozenset[Source]:
    """The (register table, column) pairs that a model reads; a column without a table counts where only one table has it."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    found = set()
    for statement in sqlglot.parse(path.read_text(encoding="utf-8"), read="duckdb"):
        for scope in traverse_scope(statement) if isinstance(statement, exp.Query) else ():
            tables = {
                alias: source.name
                for alias, source in scope.sources.items()
                if isinstance(source, exp.Table) and source.db == "register"
            }
            for column in scope.columns:
                named = [tables[column.table]] if column.table in tables else []
                guessed = (
                    [table for table in tables.values() if column.name in _columns_of(table)]
                    if not column.table
                    else []
                )
                found |= {
                    (table, column.name)
                    for table in named or guessed
                    if column.name in _columns_of(table)
                }
    return frozenset(found)


def _literals(path: Path) -> set[str]:
    return set(re.findall(r"'(\w+)'", path.read_text(encoding="utf-8")))


@cache
def indicator_sources(group: str) -> frozenset[Source]:
    """The register columns behind a subject's indicators: its models' own and those of the tables all models share."""
    codes = {code for code, one in registry().items() if one.group == group}
    inputs = chain.from_iterable(registry()[code].inputs for code in codes)
    datasets = {need.dataset for need in inputs}
    models = [
        *(SQL / "indicator" / "case").glob("*.sql"),
        *(SQL / "indicator" / "fact").glob("*.sql"),
    ]
    own = [path for path in models if _literals(path) & codes]
    shared = [*(SQL / "indicator" / "shared").glob("*.sql")]
    read = frozenset().union(*(sources(path) for path in own), *(sources(path) for path in shared))
    return frozenset(
        (table, column) for table, column in read if table in datasets or table == "coverage"
    )


def lead_sources() -> frozenset[Source]:
    """The register columns that the lead rules read."""
    return frozenset().union(*(sources(path) for path in (SQL / "lead").glob("*.sql")))


def remembered(folder: Path) -> dict[str, frozenset[Source]]:
    """Sources of the leads and of each subject; parsed once for a state of the SQL and kept in `folder`."""
    files = sorted([*(SQL / "indicator").rglob("*.sql"), *(SQL / "lead").glob("*.sql")])
    state = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    kept = folder / f"lineage-{state}.json"
    try:
        told = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or damaged: it can be parsed again
        groups = sorted({one.group for one in registry().values()})
        parsed = {"lead": lead_sources()} | {group: indicator_sources(group) for group in groups}
        told = {name: sorted(read) for name, read in parsed.items()}
        write_synced(kept, json.dumps(told).encode())
    return {
        name: frozenset((table, column) for table, column in read) for name, read in told.items()
    }


def lineage(outputs: Iterable[str], read: frozenset[Source]) -> dg.TableColumnLineage:
    """Every output column made from every column read: a model's rows depend on all it selects, joins and filters by."""
    deps = [
        dg.TableColumnDep(asset_key=dg.AssetKey(["register", table]), column_name=column)
        for table, column in sorted(read)
    ]
    return dg.TableColumnLineage({name: deps for name in outputs})


def register_lineage(name: str) -> dg.TableColumnLineage:
    """A register table takes each column from its raw table."""
    key = dg.AssetKey(["raw", name])
    deps = defaultdict(list)
    for column in register_columns(name):
        deps[column.name].append(dg.TableColumnDep(asset_key=key, column_name=column.name))
    return dg.TableColumnLineage(dict(deps))
