"""Parallel runs: an indicator counted under two readings of its definition, side by side, with what the change does.

A reading may differ by the definition's version, a parameter (a standard, a multiple, an age), the source of population
figures, or the boundaries of townships. Nothing stored is touched; values are unsuppressed and for the bureau.
"""

import csv
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.indicators import Indicator, Version, registry
from minzheng.contracts.regions import townships
from minzheng.errors import MinzhengError, WrongCall
from minzheng.indicators.models import compute_apart
from minzheng.indicators.reading import POPULATION_SOURCES, Reading
from minzheng.indicators.revisions import CELL
from minzheng.warehouse.connection import create_tables, half_of_the_machine, insert, tables_of


def parallel(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    months: Sequence[str],
    old: Reading,
    new: Reading,
    moves: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Every cell of an indicator in `months` under `old` and `new`, with the difference; null where one has no value.

    `moves`: village codes to the codes they bear under the new boundaries (12 digits); they hold for `new` only.
    Columns: the cell, old_value, new_value, difference (new - old, in the indicator's unit), old_numerator, new_numerator,
    old_status, new_status, old_version, new_version, old_note, new_note. Reads the register, which must be built; sets
    `work.month`. `WrongCall` for a parameter that no indicator reads and no file states.
    """
    _refuse_unknown_parameters(connection, {**old.parameters, **new.parameters})
    before = compute_apart(connection, months, old)
    if moves:
        with duckdb.connect(config={"memory_limit": half_of_the_machine()}) as scratch:
            _rezone(connection, scratch, moves)
            after = compute_apart(scratch, months, new)
    else:
        after = compute_apart(connection, months, new)
    sides = [
        frame.filter(pl.col("indicator_id") == code).select(
            *CELL,
            pl.col("obs_value").alias(f"{side}_value"),
            pl.col("numerator").alias(f"{side}_numerator"),
            pl.col("obs_status").alias(f"{side}_status"),
            pl.col("definition_version").alias(f"{side}_version"),
            pl.col("note").alias(f"{side}_note"),
        )
        for side, frame in (("old", before), ("new", after))
    ]
    both = sides[0].join(sides[1], on=list(CELL), how="full", coalesce=True)
    parts = ("numerator", "status", "version", "note")
    pairs = chain.from_iterable((f"old_{part}", f"new_{part}") for part in parts)
    return (
        both.with_columns(difference=pl.col("new_value") - pl.col("old_value"))
        .select(*CELL, "old_value", "new_value", "difference", *pairs)
        .sort("time_period", "ref_area", *CELL[3:])
    )


def _refuse_unknown_parameters(
    connection: duckdb.DuckDBPyConnection, settings: Mapping[str, float]
) -> None:
    stated = {
        code
        for (code,) in connection.execute(
            "select distinct param_code from register.policy_param"
        ).fetchall()
    }
    for indicator in registry().values():
        stated.update(indicator.parameters, *(version.sets for version in indicator.versions))
    for name in settings:
        if name not in stated:
            raise WrongCall(
                f"no parameter {name!r}: there are {', '.join(sorted(stated))}",
                f"没有参数{name},现有{'、'.join(sorted(stated))}",
            )


def indicator_of(code: str) -> Indicator:
    """The indicator of a code; `WrongCall` for an unknown one."""
    try:
        return registry()[code]
    except KeyError:
        raise WrongCall(f"no indicator {code!r}", f"没有指标 {code}") from None


def version_of(code: str, name: str) -> Version:
    """A version of an indicator's definition by its name; `WrongCall` names those there are."""
    known = {version.version: version for version in indicator_of(code).versions}
    if name not in known:
        raise WrongCall(
            f"{code} has no definition {name!r}: there are {', '.join(known)}",
            f"指标{code}没有口径版本{name},现有{'、'.join(known)}",
        )
    return known[name]


def around(code: str, month: str) -> tuple[Version, Version]:
    """The definition before the one in force in a month, and that one; of an indicator with one definition, it twice."""
    versions = indicator_of(code).versions
    place = max((n for n, version in enumerate(versions) if version.valid_from <= month), default=0)
    other = place - 1 if place else min(1, len(versions) - 1)
    return versions[min(place, other)], versions[max(place, other)]


def reading(
    code: str,
    version: Version,
    settings: Mapping[str, float] | None = None,
    source: str | None = None,
) -> Reading:
    """The reading of an indicator under a version, with parameters set and the source of population figures chosen.

    The usual count is read where the version has no model of its own. `WrongCall` for an unknown source.
    """
    if source and source not in POPULATION_SOURCES:
        raise WrongCall(
            f"population source {source!r}: one of {', '.join(POPULATION_SOURCES)}",
            f"人口口径应为{'、'.join(POPULATION_SOURCES)}之一",
        )
    return Reading(
        {code: version}, dict(settings or {}), (source,) if source else POPULATION_SOURCES
    )


def read_moves(path: Path) -> dict[str, str]:
    """Village codes of old to new boundaries from a CSV file with the headings old_code and new_code.

    `MinzhengError` for another heading, a code that has not 12 digits, a township that is not the county's, or a code
    given twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["old_code", "new_code"]:
            raise MinzhengError(
                f"{path.name}: the headings must be old_code,new_code",
                f"{path.name}:表头应为 old_code,new_code",
            )
        rows = [(row["old_code"] or "", row["new_code"] or "") for row in reader]
    wrong = [
        code
        for code in chain.from_iterable(rows)
        if not (len(code) == 12 and code.isdigit() and code[:9] in townships())
    ]
    if wrong or len({old for old, _ in rows}) < len(rows):
        raise MinzhengError(
            f"{path.name}: give each village once, with 12-digit codes of the county's townships",
            f"{path.name}:每个村(社区)只写一行,代码为本县乡镇下的12位代码",
        )
    return dict(rows)


def _rezone(
    connection: duckdb.DuckDBPyConnection,
    scratch: duckdb.DuckDBPyConnection,
    moves: Mapping[str, str],
) -> None:
    """Copy the register and what hangs on it into another database, with rows of moved villages under their new codes.

    Populations are told by township, so they cannot be moved: rates over population keep the old denominators.
    """
    create_tables(scratch)
    for table in (
        *tables_of("register", "open"),
        "register.coverage",
        "raw.file",
        "raw.quarantine",
        "lead.lead",
        "lead.evaluated",
        "lead.case_month",
    ):
        rows = connection.sql(f"select * from {table}").pl()
        insert(scratch, table, rows)
    scratch.register(
        "move", pl.DataFrame({"old_code": list(moves), "new_code": list(moves.values())})
    )
    for name in dataset_names():
        if dataset(name).column("region_code"):
            township = ", township_code = left(new_code, 9)" if dataset(name).has_township else ""
            scratch.execute(
                f"update register.{name} set region_code = new_code{township} from move where region_code = old_code"
            )
    scratch.execute(
        """update register.community_care set served_region_codes = (
               select string_agg(coalesce(new_code, code), ',')
               from (select unnest(regexp_extract_all(served_region_codes, '[0-9]{12}')) as code) as served
               left join move on old_code = code
           ) where served_region_codes is not null"""
    )
    scratch.unregister("move")
