"""Bounds drawn so wide that they tell nobody how many persons a finding is about."""

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.disclosure.linking import parts_counted
from minzheng.disclosure.rules import rules

HAIR = 1e-6
"""Persons: what rounding leaves of a rate turned back into persons is less."""


def widened(observations: pl.DataFrame, step: int) -> pl.DataFrame:
    """The observations with the bounds of counts of persons, and of rates of them, drawn so wide that they name no number of persons.

    The way down and the way up of a total are told in whole `step`s of persons; a way down that leaves fewer than a step
    leaves none. Every count of a breakdown gets the longest of its table's ways, so that no cell tells more than the others,
    and its rates get no bounds where any moves. True bounds lie inside the widened ones. Columns and order as given.
    """
    touched = [code for code in registry() if parts_counted(code, registry(), rules())[0]]
    times = {code: float(registry()[code].multiplier) for code in touched}
    rate, value = pl.col("denominator").is_not_null(), pl.col("obs_value")
    person = pl.col("indicator_id").replace_strict(times, default=None) / pl.col(
        "denominator"
    ).fill_null(1.0)
    whole = pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS)
    table = ["indicator_id", "ref_area", "time_period"]
    ways = observations.filter(
        pl.col("indicator_id").is_in(touched), pl.col("lower_bound").is_not_null()
    ).with_columns(
        person=person,
        down=_steps((value - pl.col("lower_bound")) / person, step),
        up=_steps((pl.col("upper_bound") - value) / person, step),
    )
    ways = ways.with_columns(
        pl.when(whole).then(name).otherwise(pl.col(name).max().over(table)).alias(name)
        for name in ("down", "up")
    )
    kept = pl.col("numerator") - pl.col("down")
    lower = (
        pl.when(pl.col("down") == 0)
        .then(value)
        .when(kept < step)
        .then(0.0)
        .otherwise(kept * pl.col("person"))
    )
    most = pl.col("person") * pl.col("denominator")
    higher = value + pl.col("up") * pl.col("person")
    capped = (
        pl.when(rate & (pl.col("upper_bound") <= most + HAIR))
        .then(pl.min_horizontal(higher, most))
        .otherwise(higher)
    )
    told = pl.when(whole | ~rate | (pl.col("down") == 0) & (pl.col("up") == 0))
    bounds = ways.select(
        *table,
        *DIMENSIONS,
        lower=told.then(lower),
        upper=told.then(pl.when(pl.col("up") == 0).then(value).otherwise(capped)),
        mine=pl.lit(True),
    )
    joined = observations.join(bounds, on=[*table, *DIMENSIONS], how="left", maintain_order="left")
    own = pl.when(pl.col("mine").fill_null(False))
    return joined.with_columns(
        own.then("lower").otherwise("lower_bound").alias("lower_bound"),
        own.then("upper").otherwise("upper_bound").alias("upper_bound"),
    ).select(observations.columns)


def _steps(way: pl.Expr, step: int) -> pl.Expr:
    """Persons of a way, up to the next whole step."""
    return ((way - HAIR) / step).ceil().clip(0) * step
