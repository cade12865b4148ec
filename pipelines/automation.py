"""What runs by itself: new files are taken in, stale months computed, returns asked after, failures told to a person.

Everything is decided by state, not by ticks: after days without power the first tick does all that is waiting, in order,
once. A run that fails is tried again, three times in all, only where trying again is safe: taking in (finished where it
stopped) and computing (replaces whole months).
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SCHEDULE_NAME_TAG, SENSOR_NAME_TAG

from assets.partitions import RANGE_END, RANGE_START, asked_tag, months_of
from assets.resources import GivenHome
from assets.scrubbing import StepFault
from minzheng.contracts.regions import counties
from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.custody.vault import keys_of
from minzheng.delivery.sending import waiting
from minzheng.errors import MinzhengError
from minzheng.intake.landing import arrivals, is_seen
from minzheng.intake.noted import noted_name
from minzheng.intake.report import status
from minzheng.months import add_months, contiguous, month_zh
from minzheng.operations.alerts import clear_alert, open_alerts, raise_alert
from minzheng.warehouse import stale
from pipelines.jobs import check_up, completeness, deliver, draft, month, receive, recompute
from simulation import simulated

TRIES = 3
GATHERS = "含多个县的数据目录不生成草稿"
RUNNING = dg.DefaultSensorStatus.RUNNING
BUSY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def waiting_files(
    landing: Path, received: set[tuple[str, int, int]], noted: Callable[[str], str]
) -> dict[str, str | None]:
    """Files nobody has taken in yet, with their content's hash; None for one that cannot be read now, which stops no other.

    They are called as the ledger notes their names.
    """

    found: dict[str, str | None] = {}
    for arrival in arrivals(landing):
        if is_seen(arrival, received, noted):
            continue
        name = noted(arrival.name)
        if arrival.path.is_symlink() or not arrival.path.is_file():
            found[name] = ""  # refused without being read
            continue
        try:
            with arrival.path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found[name] = None
    return found


def next_try(instance: dg.DagsterInstance, job: str, key: str) -> str | None:
    """The run key of the next attempt at `key`; None while one is under way or when TRIES were made."""
    runs = [
        run
        for run in instance.get_runs(dg.RunsFilter(job_name=job))
        if run.tags.get(RUN_KEY_TAG, "").startswith(key)
    ]
    if len(runs) >= TRIES or any(run.status in BUSY for run in runs):
        return None
    return f"{key}-{len(runs) + 1}"


@dg.sensor(job=receive, minimum_interval_seconds=60, default_status=RUNNING)
def landing_folder(context: dg.SensorEvaluationContext, home: GivenHome):
    """收件目录有未收的文件时收件:按文件内容判断,读不了的文件不妨碍其他文件;失败最多试三次。"""

    if not home.landing_folder.is_dir():
        told = f"收件目录不存在:{home.landing_folder}"
        raise_alert(
            home.home,
            "landing",
            "failed",
            told,
            f"the landing folder is missing: {home.landing_folder}",
        )
        return dg.SkipReason(told)
    clear_alert(home.home, "landing")
    with Ledger(home.home) as ledger:
        events = ledger.received().values()
        received = {
            (event.body["path"], event.body["size"], event.body["mtime_ns"]) for event in events
        }
        known = {(event.body["path"], event.sha256) for event in events}
    keys = cache(lambda: keys_of(home.home))  # asked for only when a name may hold an identity
    found = waiting_files(home.landing_folder, received, lambda name: noted_name(name, keys))
    files = {
        name: sha256
        for name, sha256 in found.items()
        if sha256 is not None and (name, sha256) not in known
    }
    if not files:
        return dg.SkipReason(
            "没有未收的文件" if len(found) == 0 else f"{len(found)}个文件暂时读不了或内容未变"
        )
    digest = hashlib.sha256(
        "".join(f"{name}\0{files[name]}\n" for name in sorted(files)).encode()
    ).hexdigest()
    key = next_try(context.instance, receive.name, digest)
    return dg.RunRequest(run_key=key) if key else dg.SkipReason("正在收件,或同样的文件已试过三次")


@dg.sensor(jobs=[recompute, draft], minimum_interval_seconds=60, default_status=RUNNING)
def stale_months(context: dg.SensorEvaluationContext, home: GivenHome):
    """补报或更正使某些月份的结果过时时重算,随后更新或撤下草稿:按状态判断,停机多久都能补上,按月份先后,不重不漏。"""

    if len(counties()) > 1:
        return dg.SkipReason(GATHERS)
    if not home.home.warehouse.is_file():
        return dg.SkipReason("数据仓库尚未建立")
    if context.instance.get_runs(dg.RunsFilter(statuses=BUSY), limit=1):
        return dg.SkipReason("有运行正在进行,等它结束")
    changed = str(home.home.warehouse.stat().st_mtime_ns)
    if context.cursor == changed:
        return dg.SkipReason("数据仓库没有变化")
    try:
        with home.warehouse(patience=0) as connection:
            waiting, marks = stale.waiting_months(connection), stale.fingerprints(connection)
            drafts = stale.waiting_drafts(connection) if not waiting else []
    except MinzhengError as error:
        return dg.SkipReason(error.zh)
    asked = [(recompute.name, batch) for batch in contiguous(waiting)] + [
        (draft.name, [month]) for month in drafts
    ]
    requests = [one for job, batch in asked if (one := _over(context.instance, job, batch, marks))]
    if not requests:
        context.update_cursor(str(home.home.warehouse.stat().st_mtime_ns))
        return dg.SkipReason("这些月份已试过三次,请看失败原因" if asked else "各月结果都是最新的")
    return requests


def _over(
    instance: dg.DagsterInstance, job: str, batch: Sequence[str], marks: dict[str, str]
) -> dg.RunRequest | None:
    """The run of a job over unbroken months, unless it was tried three times over the very files they have now."""
    named = job + "".join(
        f"{one}{marks[one]}" for one in batch
    )  # a sensor's run keys are its own, whatever the job
    attempt = next_try(instance, job, hashlib.sha256(named.encode()).hexdigest())
    tags = {RANGE_START: batch[0], RANGE_END: batch[-1], **asked_tag([])}
    return dg.RunRequest(run_key=attempt, job_name=job, tags=tags) if attempt else None


@dg.schedule(
    job=month,
    cron_schedule="0 8 16 * *",
    execution_timezone=SHANGHAI.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="每月16日8时(报送截止日15日之后)重算上月并生成草稿。",
)
def draft_after_cut_off(context: dg.ScheduleEvaluationContext, home: GivenHome):
    """Compute and draft the month before the tick's, when anything was reported for it."""

    last = add_months(f"{context.scheduled_execution_time.astimezone(SHANGHAI):%Y-%m}", -1)
    if len(counties()) > 1:
        return dg.SkipReason(GATHERS)
    if not status(home.home, last)["months"][0]["received"]:
        return dg.SkipReason(f"{month_zh(last)}没有可用的报送文件")
    return dg.RunRequest(run_key=last, partition_key=last)


@dg.schedule(
    job=completeness,
    cron_schedule=["0 9 1 * *", "0 9 10-15 * *"],
    execution_timezone=SHANGHAI.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="每月1日提醒开始收上月报表,10日至15日每天9时核对上月报送是否齐全。",
)
def due_date(context: dg.ScheduleEvaluationContext, home: GivenHome):
    """Ask after last month's return, as of the day of the tick; nobody stands behind simulated files, so not after those."""

    if simulated(home.landing_folder):
        return dg.SkipReason("收件目录是模拟数据,不催报")
    day = context.scheduled_execution_time.astimezone(SHANGHAI).date()
    asked = {"month": add_months(f"{day:%Y-%m}", -1), "on": day.isoformat()}
    config = {"ops": {"publication__draft_return_complete": {"config": asked}}}
    return dg.RunRequest(run_key=day.isoformat(), run_config=config)


@dg.sensor(job=deliver, minimum_interval_seconds=300, default_status=RUNNING)
def waiting_deliveries(context: dg.SensorEvaluationContext, home: GivenHome):
    """已交发而未完成的报送到时继续:按记录判断,停机多久都能接上,按月份先后,不重不漏;结果不明的只提醒,不重发。"""
    if context.instance.get_runs(dg.RunsFilter(job_name=deliver.name, statuses=BUSY), limit=1):
        return dg.SkipReason("正在报送")
    due = waiting(home.home, dt.datetime.now(SHANGHAI))
    return dg.RunRequest() if due else dg.SkipReason("没有到时的报送")


delivery_day = dg.ScheduleDefinition(
    name="delivery_day",
    job=deliver,
    cron_schedule="30 9 * * *",
    execution_timezone=SHANGHAI.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="每天9时30分继续未完成的报送,并核对上两个月是否按期送达。",
)


weekly_check_up = dg.ScheduleDefinition(
    name="weekly_check_up",
    job=check_up,
    cron_schedule="0 6 * * 1",
    execution_timezone=SHANGHAI.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="每周一6时体检。",
)


RENEWS = {
    month.name: (month.name, recompute.name, draft.name),
    draft.name: (draft.name, month.name),
}
"""Whose failures a job's success makes good, for the months it covers; any other job makes good its own."""


def reason(failures: Sequence[dg.DagsterEvent]) -> str | None:
    """A line of why: a step's own words, or nothing that may be told; None when a check stopped it, which the check tells itself."""
    errors = [event.step_failure_data.error for event in failures if event.step_failure_data.error]
    if any(error.cls_name == "DagsterAssetCheckFailedError" for error in errors):
        return None
    own = [
        error.message.partition(": ")[2].strip()
        for error in errors
        if error.cls_name == StepFault.__name__
    ]
    return f"{own[0]}\n" if own else ""


@dg.run_failure_sensor(
    default_status=RUNNING, monitor_all_code_locations=True, minimum_interval_seconds=30
)
def tell_failure(context: dg.RunFailureSensorContext, home: GivenHome):
    """自动运行失败时提醒数据员(状态文件、网站横幅和邮件):写明作业、月份和到哪里看,不含个人信息。手工运行的,结果就在操作人眼前。"""

    run = context.dagster_run
    why = reason(context.get_step_failure_events())
    if why is None or not {SENSOR_NAME_TAG, SCHEDULE_NAME_TAG} & set(run.tags):
        return  # whoever started it by hand was told; a month typed wrongly would stay open as an alert for ever
    ends = list(dict.fromkeys((*months_of(run)[:1], *months_of(run)[-1:])))
    names = f"{run.job_name}({'至'.join(ends)})" if ends else run.job_name
    chinese = f"运行失败:{names}\n{why}请在控制室“Runs”中打开 {run.run_id[:8]} 查看。"
    key = "-".join(("run", run.job_name, *ends))
    raise_alert(home.home, key, "failed", chinese, f"run failed: {names}, {run.run_id[:8]}", ends)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    default_status=RUNNING,
    monitor_all_code_locations=True,
    minimum_interval_seconds=30,
)
def tell_recovery(context: dg.RunStatusSensorContext, home: GivenHome):
    """同样的月份再次运行成功后,自动消除失败提醒。"""

    run = context.dagster_run
    done, jobs = set(months_of(run)), RENEWS.get(run.job_name, (run.job_name,))
    for alert in open_alerts(home.home):
        if (
            alert.key.split("-")[:1] == ["run"]
            and alert.key.split("-")[1] in jobs
            and done.issuperset(alert.covered)
        ):
            clear_alert(home.home, alert.key)


SENSORS = [landing_folder, stale_months, waiting_deliveries, tell_failure, tell_recovery]
SCHEDULES = [draft_after_cut_off, due_date, delivery_day, weekly_check_up]
