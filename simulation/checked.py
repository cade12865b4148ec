"""The rules on simulated months: what they find against the truth that the simulator wrote beside the files.

Three kinds of truth. Rows the intake had to put aside (`truth/quarantine`), cases planted for lead rules that a rule of the
policy mirrors (`truth/leads`), and what is wrong in the records themselves, recounted in Polars and never by the rules' SQL.
An error rule that finds something nobody planted raises a false alarm, whatever it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from minzheng import leads
from minzheng.contracts.quality_rules import rules
from minzheng.contracts.regions import county
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.indicators import models
from minzheng.intake import take_in
from minzheng.months import months_between
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
from quality.gate import evaluate
from simulation import simulate
from simulation.county import records
from simulation.recounts import RECOUNTS

Found = Counter[tuple[str, str, str]]
"""Things by rule, month and township."""

SET_ASIDE = {
    "K01": "K01", "PLACEHOLDER": "K01", "K04": "K04", "K05": "K05", "TOWNSHIP": "K05", "K07": "K07", "F01": "F01", "F09": "F09",
}  # fmt: skip
"""The simulator's word for a bad row, and the rule that puts it aside; other words (a blank, a wrong type) are no rule's."""
MIRRORS = {
    "A02": ["CZ01"], "A03": ["CZ02"], "C07": ["CF04"], "D06": ["YT02"], "D12": ["CF01"], "D13": ["CF02"], "D14": ["SW01"],
    "D20": ["YT01"], "E03": ["CB08"], "L05": ["LB04"], "P04": ["CF05"], "P07": ["YX01", "YX02"], "T09": ["CF03"],
}  # fmt: skip
"""Rules whose condition contracts/leads states as well: a person of the month and township counts once."""


def simulated_scoreboard(seeds: Sequence[int], first: str, last: str) -> pl.DataFrame:
    """Per rule over the months `first`..`last` of one simulated county a seed: rule_id, planted, found, false_alarms.

    Every error rule that the registers can tell is there, and of the warnings those with a truth to compare with. The rules
    of the intake meet files with the usual mistakes; the others meet files without any, where all that is wrong was planted.
    """
    planted, found = Counter(), Counter()
    for seed in seeds:
        for faults in ("usual", "none"):
            with TemporaryDirectory() as folder:
                truth, told = _one_county(Path(folder), seed, faults, first, last)
            planted += Counter({(seed, *thing): count for thing, count in truth.items()})
            found += Counter({(seed, *thing): count for thing, count in told.items()})
    names = sorted({rule for _, rule, *_ in planted | found} | _error_rules())
    rows = [(rule, *_score(rule, planted, found)) for rule in names]
    return pl.DataFrame(rows, schema=["rule_id", "planted", "found", "false_alarms"], orient="row")


def _score(rule: str, planted: Counter, found: Counter) -> tuple[int, int, int]:
    cells = {cell for cell in planted | found if cell[1] == rule}
    hits = sum(min(planted[cell], found[cell]) for cell in cells)
    return sum(planted[cell] for cell in cells), hits, sum(found[cell] for cell in cells) - hits


def _error_rules() -> set[str]:
    elsewhere = ("report", "not_evaluable")
    return {
        rule.id
        for rule in rules().values()
        if rule.outcome_severity == "error" and rule.where not in elsewhere
    }


def _one_county(folder: Path, seed: int, faults: str, first: str, last: str) -> tuple[Found, Found]:
    """What was planted in a county's months, and what the rules found."""

    simulate(folder / "landing", first, last, seed, faults=faults, progress=False)
    truth = folder / "landing" / "truth"
    with _computed(folder, months_between(first, last)) as connection:
        if faults == "usual":
            return _set_aside(truth), _of_county(
                _only(set(SET_ASIDE.values()), _outcomes(connection))
            )
        told = records(first, last, seed, "county")
        recounted = Counter()
        for rule, recount in RECOUNTS.items():
            places = recount(told).select("month", pl.col("township").fill_null(county()))
            recounted += Counter((rule, *place) for place in places.iter_rows())
        judged = _judged(connection)
        planted = Counter(
            {
                cell: count
                for cell, count in (recounted + _mirrored(truth)).items()
                if cell in judged
            }
        )
        return planted, _persons(connection) + _only(
            _error_rules() - set(MIRRORS), _outcomes(connection)
        )


@contextmanager
def _computed(folder: Path, months: list[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a home that took the county's files in and computed them."""

    home = Home(folder / "home").create()
    with open_warehouse(home) as connection:
        take_in(home, connection, Keys.create(folder / "key.json"), folder / "landing")
        build_register(connection, months)
        leads.compute(connection, months)
        models.compute(connection, months)
        evaluate(connection, months)
        yield connection


def _of_county(things: Found) -> Found:
    """Counts by rule and month; a bad row may be of a place that nobody can read."""
    summed = Counter()
    for (rule, month, _), count in things.items():
        summed[rule, month, ""] += count
    return summed


def _only(names: set[str], things: Found) -> Found:
    return Counter({thing: count for thing, count in things.items() if thing[0] in names})


def _outcomes(connection: duckdb.DuckDBPyConnection) -> Found:
    query = "select rule_id, month, township_code, failed from quality.outcome where failed > 0"
    return Counter(
        {
            (rule, month, place): count
            for rule, month, place, count in connection.execute(query).fetchall()
        }
    )


def _judged(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    query = (
        "select rule_id, month, township_code from quality.outcome where state <> 'not_evaluated'"
    )
    return set(connection.execute(query).fetchall())


def _persons(connection: duckdb.DuckDBPyConnection) -> Found:
    """Persons found by the rules that mirror a lead."""
    query = (
        "select rule_id, month, township_code, count(distinct person_key) from quality.finding"
        " where list_contains($names, rule_id) group by all"
    )
    rows = connection.execute(query, {"names": list(MIRRORS)}).fetchall()
    return Counter({(rule, month, place): count for rule, month, place, count in rows})


def _set_aside(truth: Path) -> Found:
    """Rows of the files in force that a rule of the intake had to put aside."""
    files = pl.read_parquet(truth / "files.parquet").select("file", "month", "townships")
    rows = pl.read_parquet(truth / "quarantine.parquet").filter(
        "in_force", pl.col("rule").is_in(list(SET_ASIDE))
    )
    placed = (
        rows.join(files, on="file")
        .select(pl.col("rule").replace(SET_ASIDE), "month", "file", "sheet", "row")
        .unique()
    )
    return Counter((rule, month, "") for rule, month, *_ in placed.iter_rows())


def _mirrored(truth: Path) -> Found:
    """Persons planted for the lead rules that a rule mirrors."""
    leads = pl.read_parquet(truth / "leads.parquet")
    found = Counter()
    for rule, names in MIRRORS.items():
        own = leads.filter(pl.col("rule_id").is_in(names)).unique(
            ["month", "township_code", "person_id_no"]
        )
        found += Counter(
            (rule, *place) for place in own.select("month", "township_code").iter_rows()
        )
    return found
