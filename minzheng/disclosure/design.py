"""The design of the published tables: which cells about people are not offered at all, before any cell is judged.

Townships of a few thousand residents have breakdowns full of ones and twos, villages hardly anything else. A release
therefore shows people by township in total and by sex, age and kind for the county; flows (new, exits) for the county only.
What is left is small enough to be solved in time, though not every tie between months is; the bureau's own view keeps everything. Facilities, standards, money
totals and returns are not about people and are not touched.
"""

from collections.abc import Mapping

import polars as pl

ABOUT_PEOPLE = ("persons", "households")
BREAKDOWNS = ("sex", "age_group", "category")
"""Residence is not among them: the urban and the rural indicator say it anyway, and must be judged together with it."""
TOWNSHIP_DIGITS, VILLAGE_DIGITS = 9, 12


def about_people(indicator) -> bool:
    """Whether people or households stand behind the indicator's cells."""
    return indicator.disclosure.kind in ABOUT_PEOPLE or indicator.disclosure.behind in ABOUT_PEOPLE


def not_offered(registry: Mapping) -> pl.Expr:
    """True for the cells that a release does not offer; over frames with the columns of the observations contract."""
    people = [code for code, indicator in registry.items() if about_people(indicator)]
    flows = [code for code in people if registry[code].measure == "flow"]
    digits = pl.col("ref_area").str.len_chars()
    broken = pl.any_horizontal(pl.col(name) != "_T" for name in BREAKDOWNS)
    fine = (digits >= TOWNSHIP_DIGITS) & (broken | pl.col("indicator_id").is_in(flows))
    return pl.col("indicator_id").is_in(people) & (fine | (digits == VILLAGE_DIGITS))
