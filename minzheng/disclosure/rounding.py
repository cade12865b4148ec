"""Rounding of published counts to a base: conventional, each count to the nearest multiple by itself.

Not controlled: rounded parts may miss their rounded total by a few, and the note below the table says so. In return a
published count says no more than that the true one lies within half a base of it, whatever else is published.
"""

from collections.abc import Collection, Mapping

import polars as pl

from minzheng.disclosure.rules import Profile


def to_base(column: str, base: int) -> pl.Expr:
    """The nearest multiple of `base`; a half goes up, which whole numbers never reach for an odd base."""
    return ((pl.col(column) + base / 2) / base).floor() * base


def rounded(
    observations: pl.DataFrame, counts: pl.DataFrame, profile: Profile, registry: Mapping, exact: Collection[int] = ()
) -> pl.DataFrame:
    """Round the counts that `counts` marks; values are computed anew from what is shown, and bounds of them taken out.

    The rows `exact` stay as they are.
    """
    base = profile.rounding
    if base is None:
        return observations
    marks = counts.filter(~pl.col("row").is_in(list(exact))).select("row", "counts_n", "counts_d")
    scale = {code: float(indicator.multiplier) for code, indicator in registry.items()}
    shown = observations.with_row_index("row").join(marks, on="row", how="left", maintain_order="left")
    touched = pl.col("counts_n").fill_null(False) | pl.col("counts_d").fill_null(False)
    shown = shown.with_columns(
        pl.when(pl.col("counts_n")).then(to_base("numerator", base)).otherwise(pl.col("numerator")).alias("numerator"),
        pl.when(pl.col("counts_d"))
        .then(to_base("denominator", base))
        .otherwise(pl.col("denominator"))
        .alias("denominator"),
    )
    times = pl.col("indicator_id").replace_strict(scale, default=1.0, return_dtype=pl.Float64)
    ratio = (
        pl.when(pl.col("denominator").is_null())
        .then(pl.col("numerator"))
        .otherwise(
            pl.col("numerator") / pl.when(pl.col("denominator") == 0).then(None).otherwise(pl.col("denominator"))
        )
    )
    return shown.with_columns(
        pl.when(touched & pl.col("obs_value").is_not_null())
        .then(ratio * times)
        .otherwise(pl.col("obs_value"))
        .alias("obs_value"),
        *(pl.when(touched).then(None).otherwise(pl.col(c)).alias(c) for c in ("lower_bound", "upper_bound")),
    ).select(observations.columns)
