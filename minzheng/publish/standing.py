"""How a month stands, counted once: files due and come, rules by outcome, plan indicators, time gone.

Report, pages, manifest, control room and command line tell these counts and no others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from minzheng.contracts.calendar import expected_places
from minzheng.contracts.plans import time_gone
from minzheng.contracts.regions import townships

if TYPE_CHECKING:
    from minzheng.publish.cells import Published

ARRIVAL = "completeness"
IN_TIME = ("on_time", "after_due")
FAILED = ("error", "warn")


@dataclass(frozen=True)
class Filed:
    """Files of a month: how many the calendar expects, how many came, in time (up to the cut-off), late; what each place owes."""

    due: int
    came: int
    in_time: int
    late: int
    owed: dict[str, list[str]]

    def whole(self, townships: Iterable[str]) -> int:
        """How many of the townships owe nothing."""
        return sum(code not in self.owed for code in townships)


def filed(quality: pl.DataFrame) -> Filed:
    """The files of the month that `quality` (frame of a release) tells of; what nobody is asked for is not counted."""
    senders = {name: len(min(codes)) for name, codes in expected_places(townships()).items()}
    owes = pl.col("dataset").replace_strict(senders, default=None)
    due = quality.filter(
        pl.col("rule_id") == ARRIVAL, pl.col("township_code").str.len_chars() == owes
    )
    missing = due.filter(pl.col("state") == "missing").sort("township_code", "dataset")
    owed: dict[str, list[str]] = {}
    for area, name in missing.select("township_code", "dataset").iter_rows():
        owed.setdefault(area, []).append(name)
    return Filed(
        due.height,
        due.height - missing.height,
        due.filter(pl.col("state").is_in(IN_TIME)).height,
        due.filter(pl.col("state") == "late").height,
        owed,
    )


def outcomes(quality: pl.DataFrame) -> dict[str, str]:
    """Each rule with its worst outcome anywhere: `error` or `warn` where it failed, `pass`, `not_evaluated` nowhere checked."""
    rank = ["error", "warn", "pass", "not_evaluated"]
    failed = pl.when(pl.col("severity") == "error").then(pl.lit("error")).otherwise(pl.lit("warn"))
    outcome = pl.when(pl.col("state") == "fail").then(failed).otherwise("state")
    worst = (
        quality.filter(pl.col("rule_id") != ARRIVAL)
        .select("rule_id", outcome=outcome.cast(pl.Enum(rank)))
        .sort("outcome", "rule_id")
        .unique("rule_id", keep="first", maintain_order=True)
    )
    return dict(worst.cast({"outcome": pl.String}).iter_rows())


def counts(published: "Published") -> dict[str, int | float | None]:
    """The counts as a manifest keeps them, for whoever does not read the frames."""
    quality = published.frames.quality.filter(pl.col("time_period") == published.month)
    files, rules = filed(quality), list(outcomes(quality).values())
    return {
        "files_due": files.due,
        "files_came": files.came,
        "files_late": files.late,
        "rules_failed_error": rules.count("error"),
        "rules_failed_warn": rules.count("warn"),
        "plan_indicators": len(published.plan_lines),
        "time_gone": time_gone(published.month),
    }
