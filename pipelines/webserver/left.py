"""What is left of a run: its steps by what the same steps took when they last succeeded, month for month."""

import time
from collections.abc import Mapping, Sequence

import dagster as dg
from dagster._core.execution.stats import RunStepKeyStatsSnapshot
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assets.partitions import months_of
from minzheng.waiting import spoken_zh
from pipelines.webserver.chinese import words

LOOKED_BACK = 20
"""Successful runs among which the last of each step is looked for."""
Stats = dict[str, RunStepKeyStatsSnapshot]


def route(prefix: str, instance: dg.DagsterInstance) -> Route:
    """`/left/<run>`: a line of Chinese, empty once the run is over or where there is none."""

    def answer(request: Request) -> Response:
        return PlainTextResponse(left_of(instance, request.path_params["run"], time.time()))

    return Route(f"{prefix}/left/{{run}}", answer)


def left_of(instance: dg.DagsterInstance, run_id: str, now: float) -> str:
    """What `time_left` says of a run at `now`; empty for a run that is over or unknown."""
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:
        return ""
    plan = instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
    expected = _expected(instance, max(len(months_of(run)), 1))
    return time_left(plan.step_keys_to_execute, _stats(instance, run), expected, now)


def time_left(keys: Sequence[str], stats: Stats, expected: Mapping[str, float], now: float) -> str:
    """`第3步（共5步）三 核查线索：已用1分05秒，还需约40秒`; `expected`: step to seconds."""
    rest = [key for key in keys if _seconds(stats.get(key)) is None]
    started = {key: stats[key].start_time for key in keys if key in stats and stats[key].start_time}
    at_work = next((key for key in rest if key in started), "")
    gone = max(now - min(started.values(), default=now), 0.0)  # a clock may have been set back
    number = min(len(keys) - len(rest) + 1, len(keys))
    at = (
        f"第{number}步（共{len(keys)}步）{words().steps.get(at_work, '')}"
        if started
        else "等候开始"
    )
    if not expected.keys() >= set(rest):
        return f"{at}：已用{spoken_zh(gone)}，有的步骤没有做完过，还需多久无法估计"
    done = min(max(now - started.get(at_work, now), 0.0), expected.get(at_work, 0.0))
    return f"{at}：已用{spoken_zh(gone)}，还需约{spoken_zh(sum(map(expected.get, rest)) - done)}"


def _expected(instance: dg.DagsterInstance, months: int) -> dict[str, float]:
    """Step to the seconds it should take over so many months."""
    succeeded = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    expected: dict[str, float] = {}
    for run in instance.get_runs(succeeded, limit=LOOKED_BACK):
        share = months / max(len(months_of(run)), 1)
        for key, one in _stats(instance, run).items():
            expected.setdefault(key, (_seconds(one) or 0.0) * share)
    return expected


def _stats(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Stats:
    return {one.step_key: one for one in instance.get_run_step_stats(run.run_id)}


def _seconds(one: RunStepKeyStatsSnapshot | None) -> float | None:
    """What a step took; None before it is over."""
    return one.end_time - one.start_time if one and one.start_time and one.end_time else None
