"""What each rule looks at, judges and finds in the clean county and with every plant, and where: `looked_at.csv`.

A change of a rule's SQL shows here even where no number of findings moves. `python -m tests.quality.fingerprints` writes the
file anew; read its difference before keeping it.
"""

import csv
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb

from minzheng.contracts.quality_rules import Rule, rules
from minzheng.warehouse.connection import create_tables, model, set_months
from quality import outcomes
from simulation.example import Plant, draw_county, plant, plants

MONTHS = ["2023-12", "2024-01", "2024-02"]
MONTH = MONTHS[-1]
JUDGED = [rule.id for rule in rules().values() if rule.model]
CLEAN = "clean county"
FILE = Path(__file__).with_name("looked_at.csv")
PLACES = ("month", "township_code", "dataset", "person_key", "intake_no", "sheet", "row_no")
Fingerprint = tuple[int, int, int, str]
"""Things looked at, judged, broken, and a digest of where the broken ones lie."""


def thresholds_of(rule: Rule) -> dict[str, float]:
    return {threshold.name: threshold.value for threshold in rule.thresholds}


def fingerprint(connection, text: str, thresholds: dict[str, float]) -> Fingerprint | None:
    """The fingerprint of a rule's text in the county as it is; None when the text does not even run."""
    query = f"select {', '.join(PLACES)}, broken from ({text}\n) as rule_rows"
    try:
        outcomes.run(connection, query, **thresholds)
        rows = connection.fetchall()
    except duckdb.Error:
        return None
    places = sorted("|".join(map(str, row[:-1])) for row in rows if row[-1])
    digest = (
        hashlib.md5("\n".join(places).encode(), usedforsecurity=False).hexdigest()[:8]
        if places
        else ""
    )
    return len(rows), sum(row[-1] is not None for row in rows), len(places), digest


def worlds(rule_id: str) -> list[Plant | None]:
    """The clean county, then the county with each plant of the rule."""
    return [None, *plants()[rule_id]]


def made(connection, rule: Rule, error: Plant | None) -> None:
    """Plant the error, if any, and make what the rule reads; to be rolled back."""
    if error:
        plant(connection, error)
    set_months(connection, [error.month if error else MONTH])
    outcomes.build_basis(connection, [rule])


@cache
def recorded() -> dict[tuple[str, str], Fingerprint]:
    """The file: rule and plant to fingerprint."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {
            (row["rule_id"], row["plant"]): (
                int(row["looked_at"]),
                int(row["judged"]),
                int(row["broken"]),
                row["places"],
            )
            for row in csv.DictReader(lines)
        }


def _all() -> Iterator[tuple]:
    connection = duckdb.connect()
    create_tables(connection)
    draw_county(connection, MONTHS)
    for rule_id in JUDGED:
        rule = rules()[rule_id]
        for error in worlds(rule_id):
            connection.begin()
            made(connection, rule, error)
            found = fingerprint(connection, model(rule.model), thresholds_of(rule))
            connection.rollback()
            yield rule_id, error.what if error else CLEAN, *found


def main() -> None:
    """Write the file."""
    with FILE.open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines, lineterminator="\n")
        out.writerow(("rule_id", "plant", "looked_at", "judged", "broken", "places"))
        out.writerows(_all())


if __name__ == "__main__":
    main()
