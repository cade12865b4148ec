"""What changed between two releases, cell by cell, and why as far as the cells tell."""

import polars as pl

from minzheng.publish.frames import BREAKDOWNS, CELL, shape


def changed_cells(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Cells of both or one of two observation frames whose value or status differs, for the months both hold.

    The reason class is what the cells tell: `definition` when the version changed, `late` when the old cell was missing
    or provisional, `boundary` when the cell exists on one side only, else `error`. Back-pay is for the caller to say.
    """
    months = set(old["time_period"]) & set(new["time_period"])
    names = [*CELL, "obs_value", "obs_status", "conf_status", "definition_version"]
    left, right = (frame.filter(pl.col("time_period").is_in(months)).select(names) for frame in (old, new))
    both = left.join(right, on=list(CELL), how="full", suffix="_new", coalesce=True)
    status, status_new = pl.col("obs_status"), pl.col("obs_status_new")
    one_sided = status.is_null() | status_new.is_null()
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in ("obs_value", "obs_status", "conf_status")]
    reason = (
        pl.when(one_sided)
        .then(pl.lit("boundary"))
        .when(pl.col("definition_version").ne_missing(pl.col("definition_version_new")))
        .then(pl.lit("definition"))
        .when(status.is_in(["M", "P"]))
        .then(pl.lit("late"))
        .otherwise(pl.lit("error"))
    )
    changed = both.filter(pl.any_horizontal(differs)).select(
        *CELL,
        pl.col("obs_value").alias("old_value"),
        pl.col("obs_value_new").alias("new_value"),
        told_status(status, pl.col("conf_status")).alias("old_status"),
        told_status(status_new, pl.col("conf_status_new")).alias("new_status"),
        reason.alias("reason"),
    )
    return shape("revisions", changed)


def told_status(obs_status: pl.Expr, conf_status: pl.Expr) -> pl.Expr:
    """The status as one letter: C for a withheld cell, else the observation status."""
    return pl.when(conf_status == "C").then(pl.lit("C")).otherwise(obs_status)


def told(changed: pl.DataFrame) -> list[str]:
    """One line a changed cell: where, what it was, what it is, why."""
    return [
        f"{row['indicator_id']} {row['ref_area']} {row['time_period']}{_breakdown(row)}: "
        f"{_side(row, 'old')} -> {_side(row, 'new')} ({row['reason']})"
        for row in changed.iter_rows(named=True)
    ]


def _breakdown(row: dict) -> str:
    parts = [f"{name}={row[name]}" for name in BREAKDOWNS if row[name] != "_T"]
    return "".join(f" {part}" for part in parts)


def _side(row: dict, side: str) -> str:
    value, status = row[f"{side}_value"], row[f"{side}_status"]
    return "none" if status is None else status if value is None else f"{value:.10g}"
