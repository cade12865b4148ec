"""What people start that is no asset: releasing a month, asking whether a return is complete, the check-up."""

import datetime as dt

import dagster as dg
from pydantic import Field

from minzheng.completeness import first_month, missing, owing
from minzheng.errors import MinzhengError, WrongCall
from minzheng.ledger import SHANGHAI
from minzheng.months import add_months, check_month, month_zh
from pipelines.partitions import WAREHOUSE_POOL, months_of
from pipelines.resources import GivenHome
from pipelines.scrubbing import only_what_may_be_told


class Approval(dg.Config):
    """Who approves which month. Both must be written by hand: nothing is released by pressing a button alone."""

    month: str = Field(description="发布哪个月,写作 2024-03。该月须已生成草稿且核验通过。")
    approved_by: str = Field(description="批准人姓名,写入发布清单并长期保存。")

    def checked(self) -> tuple[str, str]:
        """Month and name; `WrongCall` for what is no month or no name."""
        if not self.approved_by.strip():
            raise WrongCall("approved_by needs a name", "需填写批准人姓名")
        return check_month(self.month), self.approved_by.strip()


@dg.op(pool=WAREHOUSE_POOL, description="把草稿冻结为该月的下一个版本。")
@only_what_may_be_told()
def freeze_draft(context: dg.OpExecutionContext, config: Approval, home: GivenHome) -> None:
    """Freeze the draft of a month as its next revision, written down before and after in the trail."""
    from assets.checks import titled
    from minzheng.draft import blocking, release
    from minzheng.duties.trail import note

    month, name = config.checked()
    with home.warehouse() as connection:
        stopped = blocking(connection, month)
    if stopped:
        raise MinzhengError(
            f"{month} was stopped by {', '.join(stopped)}", f"{month} 核验未通过({titled(stopped)}),不能发布"
        )
    note(home.home, "release", month=month, approved_by=name)
    with home.warehouse() as connection:
        folder, fault = release(home.home, connection, month, name, dt.datetime.now(SHANGHAI))
    told = {"版本": f"{month}-{folder.name}", "目录": dg.MetadataValue.path(str(folder))}
    context.add_output_metadata(told | {"公开版": fault.zh if fault else "已一并发布"})


class Question(dg.Config):
    """Which month is asked about, and as of which day."""

    month: str = Field(default="", description="问哪个月;不填为上月。")
    on: str = Field(default="", description="按哪一天判断是否到期,写作 2024-04-10;不填为今天。")

    def checked(self) -> tuple[str, dt.date]:
        """Month and day, last month and today where they are not told; `WrongCall` for what is neither."""
        try:
            today = dt.date.fromisoformat(self.on) if self.on else dt.datetime.now(SHANGHAI).date()
        except ValueError:
            raise WrongCall(
                f"not a day: {self.on!r}; write YYYY-MM-DD", f"日期写法不对:{self.on};应写作 2024-04-10"
            ) from None
        return check_month(self.month) if self.month else add_months(f"{today:%Y-%m}", -1), today


@dg.asset_check(
    asset=dg.AssetKey(["publication", "draft"]),
    description="某月报送是否齐全:按报送日历核对,到期未报的列出数据和乡镇,并提醒数据员。每月10日至15日每天由定时任务判断上月。",
)
@only_what_may_be_told()
def return_complete(context: dg.AssetCheckExecutionContext, config: Question, home: GivenHome) -> dg.AssetCheckResult:
    """Say what of the month's return is due and missing; open or close the alert about it."""
    from minzheng.alerts import clear_alert, raise_alert
    from minzheng.simulate import simulated

    month, today = config.checked()
    if months := months_of(context.run):
        month = months[-1]  # asked together with a draft
    began = first_month(home.home)
    if began is None or month < began:
        why = f"早于开始收件的月份({began})" if began else "还没有收到任何文件"
        return dg.AssetCheckResult(passed=True, description=f"{month_zh(month)}:{why},不核对", metadata={"月份": month})
    lacking = missing(home.home, month, today)
    lines = [one.zh for one in lacking]
    if lacking and not simulated(home.landing_folder):
        english = f"{month}: {len(lacking)} kinds of data are due and missing"
        chinese = "\n".join([f"{month_zh(month)}报送未齐", *lines])
        raise_alert(home.home, f"late-{month}", "late", chinese, english, [month])
    elif not lacking:
        clear_alert(home.home, f"late-{month}")
    return dg.AssetCheckResult(
        passed=not lacking,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{month_zh(month)}:{len(lacking)}类数据到期未报齐"
        if lacking
        else f"{month_zh(month)}:到期的都已报齐",
        metadata={
            "月份": month,
            "未报齐的数据类数": len(lacking),
            "谁还没报": owing(lacking) or "无",
            "未报": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines) or "无"),
        },
    )


@dg.op(description="送达尚未开放:说明怎么办,什么也不发出。")
@only_what_may_be_told()
def say_delivery_is_closed(home: GivenHome) -> None:
    """Fail with the way by hand: a green run could be taken for a delivery."""
    releases = home.home.published
    raise MinzhengError(
        f"delivery is not open yet, nothing was sent: hand over the release in {releases} yourself",
        f"送达尚未开放,什么也没有发出:请把 {releases} 中该月最新版本的整个目录按原办法报送",
    )


@dg.op(pool=WAREHOUSE_POOL, description="核对台账、档案库、数据仓库与已发布版本是否一致,只看不改。")
@only_what_may_be_told()
def look_for_faults(context: dg.OpExecutionContext, home: GivenHome) -> None:
    """Run the check-up; a fault opens an alert and fails the run."""
    from minzheng.alerts import clear_alert, raise_alert
    from minzheng.conservation import faults

    with home.warehouse() as connection:
        found = faults(home.home, connection)
    context.add_output_metadata(
        {"问题数": len(found), "问题": dg.MetadataValue.md("\n".join(f"- {zh}" for _, zh in found[:20]) or "无")}
    )
    if found:
        chinese = "体检发现问题\n" + "\n".join(zh for _, zh in found[:20])
        raise_alert(home.home, "check-up", "damaged", chinese, f"check-up: {len(found)} faults, first: {found[0][0]}")
        raise MinzhengError(
            f"check-up: {len(found)} faults, first: {found[0][0]}", f"体检发现{len(found)}个问题,首个:{found[0][1]}"
        )
    clear_alert(home.home, "check-up")


@dg.op(description="清理过时的运行记录:90天以前,且所涉各月都另有三次更新的成功运行的,才清理。")
@only_what_may_be_told()
def prune_history(context: dg.OpExecutionContext) -> None:
    """Prune the run history: a control room that is never restarted would keep every run."""
    from pipelines import history

    context.add_output_metadata({"清理的运行记录": history.prune(context.instance)})
