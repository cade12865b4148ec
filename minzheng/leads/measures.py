"""How good the rules are: precision from answers, ageing, closing in time. What they miss: `minzheng.leads.recapture`.

Functions from frames to frames. `cases`: rows of `lead.case` or of one month of `lead.case_month`.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from minzheng.leads.cases import outcome_codes, pending_states

RULE_AND_TOWNSHIP = ("rule_id", "township_code")
WASTEFUL_BELOW = 0.2
WASTEFUL_FROM = 10


def precision(cases: pl.DataFrame, by: Sequence[str] = RULE_AND_TOWNSHIP) -> pl.DataFrame:
    """Of the answered cases the share that was right: by, confirmed, refuted, precision (null when none is answered).

    A code without a verdict (核实中) counts on neither side.
    """
    verdict = {code: entry.confirmed for code, entry in outcome_codes().items()}
    judged = cases.with_columns(
        right=pl.col("outcome_code").replace_strict(verdict, default=None, return_dtype=pl.Boolean)
    )
    counted = judged.group_by(by).agg(
        confirmed=pl.col("right").fill_null(False).sum(),
        refuted=(~pl.col("right")).fill_null(False).sum(),
    )
    answered = pl.col("confirmed") + pl.col("refuted")
    return counted.with_columns(
        precision=pl.when(answered > 0).then(pl.col("confirmed") / answered)
    ).sort(by)  # fmt: skip


def wasteful_rules(cases: pl.DataFrame) -> pl.DataFrame:
    """Rules that cost visits and find little: at least 10 answers and a precision under 0.2, worst first."""
    rated = precision(cases, ["rule_id"])
    enough = (pl.col("confirmed") + pl.col("refuted")) >= WASTEFUL_FROM
    return rated.filter(enough & (pl.col("precision") < WASTEFUL_BELOW)).sort(
        "precision", "rule_id"
    )


def ageing(cases: pl.DataFrame, on: dt.date, by: Sequence[str] = RULE_AND_TOWNSHIP) -> pl.DataFrame:
    """Pending cases by age in days on a day: by, pending, up_to_30, up_to_90, over_90, oldest_days, overdue."""
    waiting = _pending(cases).with_columns(days=(pl.lit(on) - pl.col("opened_on")).dt.total_days())
    return (
        waiting.group_by(by)
        .agg(
            pending=pl.len(),
            up_to_30=(pl.col("days") <= 30).sum(),
            up_to_90=((pl.col("days") > 30) & (pl.col("days") <= 90)).sum(),
            over_90=(pl.col("days") > 90).sum(),
            oldest_days=pl.col("days").max(),
            overdue=(pl.col("due_on") < on).sum(),
        )
        .sort(by)
    )


def closing(
    cases: pl.DataFrame, on: dt.date, by: Sequence[str] = RULE_AND_TOWNSHIP
) -> pl.DataFrame:
    """Of the cases closed or past their due date on a day, the share closed in time: by, due, closed, in_time, rate.

    A case whose condition ended by itself, unanswered, before its due date asks nothing of anyone and is left out.
    """
    closed = pl.col("state") == "closed"
    pending = pl.col("state").is_in(pending_states())
    due = cases.filter(closed | (pending & (pl.col("due_on") < on)))
    return (
        due.group_by(by)
        .agg(
            due=pl.len(),
            closed=closed.sum(),
            in_time=(closed & (pl.col("decided_on") <= pl.col("due_on"))).fill_null(False).sum(),
        )
        .with_columns(rate=pl.col("in_time") / pl.col("due"))
        .sort(by)
    )


def measures(cases: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Precision, ageing and closing side by side, one row per rule and township that has had a case.

    Columns: rule_id, township_code, confirmed, refuted, precision, pending, over_90, oldest_days, overdue, due, in_time,
    rate. Null means nothing to judge by (no answers, nothing due, nothing pending), not zero.
    """
    by = list(RULE_AND_TOWNSHIP)
    waiting = ageing(cases, on).select(*by, "pending", "over_90", "oldest_days", "overdue")
    done = closing(cases, on).select(*by, "due", "in_time", "rate")
    counts = [
        pl.col(name).fill_null(0) for name in ("pending", "over_90", "overdue", "due", "in_time")
    ]
    return (
        precision(cases).join(waiting, on=by, how="left").join(done, on=by, how="left").with_columns(counts).sort(by)
    )  # fmt: skip


def _pending(cases: pl.DataFrame) -> pl.DataFrame:
    return cases.filter(pl.col("state").is_in(pending_states()))
