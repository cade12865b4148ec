"""The month as the unit of everything: one partition a month from the calendar's first, Beijing time."""

from collections.abc import Sequence

import dagster as dg

from minzheng.contracts.calendar import calendar
from minzheng.custody.ledger import SHANGHAI
from minzheng.months import months_between

MONTHS = dg.MonthlyPartitionsDefinition(
    start_date=calendar().first_month, fmt="%Y-%m", timezone=SHANGHAI.key, end_offset=1
)
"""The current month is included, for files that come early."""

WHOLE_RANGE = dg.BackfillPolicy.single_run()
"""Many months go through one run: the models are set-based, and a run a month would pay Dagster's cost each time."""

WAREHOUSE_POOL = "warehouse"
"""Every step that opens the warehouse takes this pool, so that DuckDB has one writer."""

THAT_EXIST = "view=partitions&status=FAILED,MATERIALIZED,MATERIALIZING"
"""A page's months that anybody reported, without the grey ones; the planner asks after these."""

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
"""Dagster's tags that say which month, or which range of months, a run is for."""


ASKED = "minzheng/asked"
"""The tag of a run that also computes months nobody asked for, since files reach them: those asked for, 2024-01..2024-03 or none."""


def asked_tag(months: Sequence[str]) -> dict[str, str]:
    """The tag that says which months were asked for: an unbroken range, or none."""
    return {ASKED: f"{months[0]}..{months[-1]}" if months else "none"}


def asked_of(run: dg.DagsterRun) -> tuple[str, ...]:
    """The months somebody asked for, to be done whatever is there already: all of the run's, unless it says otherwise."""
    if ASKED not in run.tags:
        return months_of(run)
    first, _, last = run.tags[ASKED].partition("..")
    return tuple(month for month in months_of(run) if first <= month <= last)


def months_of(run: dg.DagsterRun) -> tuple[str, ...]:
    """The months a run is for; none for a job without months."""
    if PARTITION in run.tags:
        return (run.tags[PARTITION],)
    if RANGE_START in run.tags:
        return tuple(months_between(run.tags[RANGE_START], run.tags[RANGE_END]))
    return ()
