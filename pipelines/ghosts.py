"""Runs whose machine died: they stay STARTED for ever, look alive, and may hold the warehouse's pool; here they end."""

import os
import re
from pathlib import Path

import dagster as dg

UNFINISHED = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
TOLD_ZH = "运行所在的进程已不在(机器断电或进程被杀),此处记为失败;数据按台账和仓库状态补算,可直接重新运行。"


def started_at(pid: int) -> float | None:
    """When the process began, in seconds since the epoch (Linux /proc); None when there is none, or only a zombie."""
    try:
        facts = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
        booted = int(
            re.search(r"^btime (\d+)", Path("/proc/stat").read_text(encoding="utf-8"), re.M)[1]
        )
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if facts[0] in "ZX" else booted + int(facts[19]) / os.sysconf("SC_CLK_TCK")


def alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a process that told the run's log its number still runs; a number given to a later process does not count."""
    for record in instance.get_records_for_run(run_id).records:
        entry = record.event_log_entry
        number = entry.dagster_event.pid if entry.dagster_event else None
        told = number or _stated_pid(entry)
        began = started_at(told) if told else None
        if began is not None and began <= entry.timestamp + 1:
            return True
    return False


def _stated_pid(entry: dg.EventLogEntry) -> int | None:
    data = entry.dagster_event.event_specific_data if entry.dagster_event else None
    told = getattr(data, "metadata", {}).get("pid") if data else None
    return int(told.value) if told else None


def reap(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs without a living process as failed and free what they hold; returns their ids."""
    ghosts = [
        run
        for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
        if not alive(instance, run.run_id)
    ]
    for run in ghosts:
        instance.report_run_failed(run, TOLD_ZH)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in ghosts]
