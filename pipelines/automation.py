"""What runs by itself: a look at the landing folder, months that became stale, the draft after the cut-off day."""

import hashlib
from pathlib import Path

import dagster as dg

from minzheng.errors import MinzhengError
from pipelines.jobs import month, receive, recompute
from pipelines.resources import HomeResource
from pipelines.runs import RANGE_END, RANGE_START, contiguous


def landing_digest(folder: Path) -> str | None:
    """One hash of the contents of every file in the landing folder; None when it is empty."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("~$", ".~lock")))
    if not files:
        return None
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


@dg.sensor(job=receive, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def landing_folder(context: dg.SensorEvaluationContext, home: HomeResource):
    """收件目录有新内容时收件:按文件内容判断,同样的文件再放一次不会重复运行。"""
    if not home.landing_folder.is_dir():
        raise MinzhengError(
            f"the landing folder is missing: {home.landing_folder}", f"收件目录不存在:{home.landing_folder}"
        )
    digest = landing_digest(home.landing_folder)
    if digest is None:
        return dg.SkipReason("收件目录为空")
    if digest == context.cursor:
        return dg.SkipReason("收件目录没有新内容")
    context.update_cursor(digest)
    return dg.RunRequest(run_key=digest)


@dg.sensor(job=recompute, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def stale_months(context: dg.SensorEvaluationContext, home: HomeResource):
    """补报或更正使某些月份的结果过时时重算这些月份:按台账状态判断,停机多久都能补上,不重不漏。"""
    from minzheng import state

    if not home.home.warehouse.is_file():
        return dg.SkipReason("数据仓库尚未建立")
    try:
        with home.warehouse() as connection:
            stale, marks = state.stale_months(connection), state.fingerprints(connection)
    except MinzhengError as error:
        return dg.SkipReason(error.zh)
    if not stale:
        return dg.SkipReason("各月结果都是最新的")
    return [
        dg.RunRequest(
            run_key=hashlib.sha256("".join(marks[one] for one in batch).encode()).hexdigest(),
            tags={RANGE_START: batch[0], RANGE_END: batch[-1]},
        )
        for batch in contiguous(stale)
    ]


draft_after_cut_off = dg.build_schedule_from_partitioned_job(
    month,
    name="draft_after_cut_off",
    description="每月16日8时(报送截止日15日之后)重算上月并生成草稿。",
    day_of_month=16,
    hour_of_day=8,
)

SENSORS = [landing_folder, stale_months]
SCHEDULES = [draft_after_cut_off]
