"""Recount of what stands on the death list: deaths of the month, those who were on aid, how soon deaths were shared."""

import polars as pl

from minzheng.months import add_months
from simulation.recount.cells import Needs, count, observe, persons
from simulation.recount.known import Known, active, counties_at


def died_in(known: Known, month: str, area: str) -> pl.DataFrame:
    """One row a person who died in the month, by the newest row of the area's lists up to it."""
    rows = known.rows("death_list").filter(
        pl.col("month") <= month, pl.col("county").is_in(counties_at(area))
    )
    rows = rows.sort("uid")
    newest = rows.unique("person", keep="last", maintain_order=True)
    return newest.filter(pl.col("died_on").dt.strftime("%Y-%m") == month)


def on_aid(known: Known, month: str, area: str) -> pl.DataFrame:
    """Those of `died_in` who were on dibao or supported in the month or the one before."""
    months = [month, add_months(month, -1)]
    rolls = [
        active(known, name).filter(pl.col("month").is_in(months)).select("person")
        for name in ("dibao_roll", "tekun_roll")
    ]
    return died_in(known, month, area).join(pl.concat(rolls).unique(), on="person", how="semi")


def deaths(known: Known) -> list[pl.DataFrame]:
    """How many deaths were shared within thirty days."""
    rows = known.rows("death_list")
    soon = rows.filter((pl.col("shared_on") - pl.col("died_on")).dt.total_days() <= 30)
    top, every = (count(part, persons(), "c") for part in (soon, rows))
    return [
        observe(
            known,
            "death_sync_rate",
            "%",
            "c",
            top,
            Needs(("death_list",)),
            denominator=every,
            multiplier=100,
        )
    ]
