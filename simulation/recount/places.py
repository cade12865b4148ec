"""Recount of population, villages and communities, and the population in force that other parts divide by."""

import polars as pl

from simulation.recount.cells import (
    Needs,
    blank_where_absent,
    cells_of,
    coded,
    count,
    observe,
    persons,
)
from simulation.recount.known import AREAS, WHOLES, Known, counties_at, towns_in, villages


class Population:
    """Population in force (_G12): of what holds whole counties the greatest year not after the month's, its first complete source;
    of a township as of its county."""

    def __init__(self, known: Known):
        rows = known.records.get("population")
        self.rows = (
            []
            if rows is None
            else rows.sort("uid")
            .unique(["year", "township_code", "population_source"], keep="last")
            .to_dicts()
        )

    def chosen(self, month: str, area: str) -> tuple[int, dict[str, dict]] | None:
        """The year and its rows by township, or None."""
        towns = towns_in(area if area in WHOLES else counties_at(area)[0])
        own = [row for row in self.rows if row["township_code"] in towns]
        years = [row["year"] for row in own if row["year"] <= int(month[:4])]
        for source in ("常住", "普查", "户籍") if years else ():
            rows = {
                row["township_code"]: row
                for row in own
                if row["year"] == max(years) and row["population_source"] == source
            }
            if set(rows) >= set(towns):
                return max(years), rows
        return None

    def value(self, month: str, area: str, column: str) -> float | None:
        """A column for an area; what holds townships is their sum."""
        found = self.chosen(month, area)
        return (
            None
            if found is None
            else float(sum(row[column] for code, row in found[1].items() if code.startswith(area)))
        )

    def is_old(self, month: str, area: str) -> bool:
        """Whether the year is earlier than the month's: status E."""
        found = self.chosen(month, area)
        return found is not None and found[0] < int(month[:4])


def people_of(known: Known, population: Population, column: str, areas: list[str]) -> pl.DataFrame:
    """A column of the population in force by month and area, as `count` gives it."""
    return cells_of(known.months, areas, lambda month, area: population.value(month, area, column))


def population(known: Known) -> list[pl.DataFrame]:
    """Population, its old, and dibao against it."""
    people, areas = Population(known), [*AREAS]
    everyone = people_of(known, people, "population", areas)
    found = []
    for indicator, column in (
        ("pop_resident", "population"),
        ("pop_60plus", "age_60_plus"),
        ("pop_80plus", "age_80_plus"),
    ):
        values = people_of(known, people, column, areas)
        found.append(
            blank_where_absent(
                observe(known, indicator, "人", "ct", values, Needs(), estimated=people.is_old),
                values,
            )
        )
    old = people_of(known, people, "age_60_plus", areas)
    share = observe(
        known,
        "pop_60plus_share",
        "%",
        "ct",
        old,
        Needs(),
        denominator=everyone,
        multiplier=100,
        estimated=people.is_old,
    )
    found.append(blank_where_absent(share, old))
    rows = (
        known.rows("dibao_roll")
        .filter(pl.col("status") != "停保")
        .with_columns(code=coded("scheme", {"城市低保": "U", "农村低保": "R"}))
    )
    below = [everyone]
    for code, column in (("U", "urban_population"), ("R", "rural_population")):
        below.append(people_of(known, people, column, areas).with_columns(residence=pl.lit(code)))
    under = pl.concat(below)
    cells = observe(
        known, "dibao_coverage", "%", "ct", count(rows, persons(), "ct", {"residence": ["code"]}), Needs(("dibao_roll",)), denominator=under,
        multiplier=100, codes={"residence": ["U", "R"]}, estimated=people.is_old,
    )  # fmt: skip
    return [*found, blank_where_absent(cells, under)]


def units(area: str, kind: str | None = None) -> list[str]:
    """Villages and communities of an area (_G18)."""
    return [code for code in villages(kind) if code.startswith(area)]


def places(known: Known) -> list[pl.DataFrame]:
    """Numbers of villages and communities."""
    areas, found = [*AREAS], []
    for indicator, kind in (("admin_villages", "村委会"), ("admin_communities", "居委会")):
        found.append(
            observe(
                known,
                indicator,
                "个",
                "ct",
                cells_of(known.months, areas, lambda _, a, k=kind: float(len(units(a, k)))),
                Needs(),
            )
        )
    return found
