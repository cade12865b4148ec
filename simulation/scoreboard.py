"""How good the checks are: errors planted in clean months against what each rule found, as precision and recall."""

from collections.abc import Iterator, Sequence
from itertools import chain

import duckdb
import polars as pl

from minzheng.contracts.quality_rules import Rule, rules
from minzheng.warehouse.connection import create_tables, set_months
from quality import outcomes
from simulation.checked import simulated_scoreboard
from simulation.example import Plant, draw_county, plant, plants

MONTHS = ("2023-12", "2024-01", "2024-02")


def scoreboard(
    sizes: Sequence[int], seeds: Sequence[int] = (), first: str = "2024-01", last: str = "2024-03"
) -> pl.DataFrame:
    """One row per rule with plants: errors planted, found, missed, false alarms, precision and recall.

    Every plant is made alone in a clean county of each of the `sizes` (persons on dibao per township), beside the clean
    county itself, so that a finding without a planted error is a false alarm. With `seeds`, what the rules find in the
    months `first`..`last` of that many simulated counties is added (`simulation.checked`). Precision is null where nothing
    was found at all, recall where nothing was planted.
    """
    schema = {
        "rule_id": pl.String,
        "planted": pl.Int64,
        "found": pl.Int64,
        "false_alarms": pl.Int64,
    }
    rows = chain.from_iterable(map(_judge_size, sizes))
    parts = [pl.DataFrame(list(rows), schema=schema, orient="row")]
    if seeds:
        parts.append(simulated_scoreboard(seeds, first, last).cast(schema))
    totals = pl.concat(parts).group_by("rule_id").agg(pl.all().sum()).sort("rule_id")
    alarms, planted = pl.col("found") + pl.col("false_alarms"), pl.col("planted")
    return totals.with_columns(
        missed=planted - pl.col("found"),
        precision=pl.when(alarms > 0).then(pl.col("found") / alarms),
        recall=pl.when(planted > 0).then(pl.col("found") / planted),
        title_zh=pl.col("rule_id").replace_strict(
            {rule.id: rule.title for rule in rules().values()}
        ),
    )


def _judge_size(size: int) -> Iterator[tuple[str, int, int, int]]:
    connection = duckdb.connect()
    try:
        create_tables(connection)
        draw_county(connection, MONTHS, persons=size)
        yield from _clean(connection)
        for rule_id, errors in plants().items():
            for error in errors:
                yield _score(rule_id, error, _counted(connection, rules()[rule_id], error))
    finally:
        connection.close()


def _score(rule_id: str, error: Plant, found: int) -> tuple[str, int, int, int]:
    return rule_id, error.found, min(found, error.found), max(found - error.found, 0)


def _clean(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int, int]]:
    set_months(connection, MONTHS)
    outcomes.build_basis(connection)
    judged = [rules()[rule_id] for rule_id in plants()]
    outcomes.describe_rules(connection, judged)
    outcomes.judge(connection, judged)
    found = connection.execute(
        "select rule_id, sum(failed) from tally group by rule_id having sum(failed) > 0"
    ).fetchall()
    return [(rule_id, 0, 0, int(count)) for rule_id, count in found]


def _counted(connection: duckdb.DuckDBPyConnection, rule: Rule, error: Plant) -> int:
    """What the rule finds with the error planted; the county is rolled back to what it was."""
    connection.begin()
    try:
        plant(connection, error)
        set_months(connection, [error.month])
        outcomes.build_basis(connection, [rule])
        outcomes.describe_rules(connection, [rule])
        outcomes.judge(connection, [rule])
        return int(
            connection.execute("select coalesce(sum(failed), 0) from tally").fetchall()[0][0]
        )
    finally:
        connection.rollback()
