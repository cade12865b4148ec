"""What the public and an attacker have of a public edition, for the tests of it."""

import sys
from pathlib import Path

import polars as pl

from minzheng.contracts.editions import edition
from minzheng.disclosure.showing import ORDER, fixed_rows, protected, within

sys.path.insert(0, str(Path(__file__).parent))
from linear_attack import counts, given_away  # noqa: E402

NUMBERS = ["numerator", "denominator", "obs_value", "lower_bound", "upper_bound"]
PUBLIC = edition("public")
THRESHOLD = 8


def kept(observations):
    """The cells of the edition, whole."""
    return within("observations", observations, PUBLIC).sort(ORDER)


def made(observations, previous=(), recall=None):
    """The edition of observations, protected against readers of `previous` ones."""
    return protected(kept(observations), PUBLIC.protection, previous, recall)[0]


def hide(observations, hidden):
    """Observations with the rows of a mask withheld."""
    numbers = [pl.when(hidden).then(None).otherwise(pl.col(name)).alias(name) for name in NUMBERS]
    return observations.with_columns(
        *numbers, conf_status=pl.when(hidden).then(pl.lit("C")).otherwise(pl.lit("F"))
    )


def unrounded(observations, released):
    """What the edition shows, as if it were not rounded: that tells more."""
    return hide(kept(observations), released["conf_status"] == "C")


def always_shown_alone(observations):
    """The edition with everything withheld that may be."""
    whole = kept(observations)
    rows = fixed_rows(whole, PUBLIC.protection)[0]["row"].implode()
    has = pl.any_horizontal(pl.col("numerator", "obs_value").is_not_null())
    return hide(whole.with_row_index("row"), has & ~pl.col("row").is_in(rows)).drop("row")


def recovered(observations, editions):
    """The withheld small counts that linear programs recover from all editions together."""
    last = observations.filter(pl.col("time_period") <= editions[-1]["time_period"].max())
    parts = [
        observations.filter(pl.col("time_period") <= one["time_period"].max()) for one in editions
    ]
    seen = [unrounded(part, one) for part, one in zip(parts, editions, strict=True)]
    return given_away(seen, counts(kept(last)), THRESHOLD, always_shown_alone(last))
