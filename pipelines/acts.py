"""What people start that is no asset: releasing a month, asking whether a return is complete, the check-up."""

import datetime as dt

import dagster as dg
from pydantic import Field

from assets.checks import titled
from assets.partitions import WAREHOUSE_POOL, months_of
from assets.resources import GivenHome
from assets.scrubbing import scrubbed_faults
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.trail import note
from minzheng.delivery.review import refuse_unapproved
from minzheng.delivery.schedule import tell_missed
from minzheng.delivery.sending import fill_outbox, order, rehearse, send_waiting
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.completeness import first_month_reported, missing, owing
from minzheng.months import add_months, check_month, month_zh
from minzheng.operations.alerts import clear_alert, raise_alert, tell_faults
from minzheng.operations.invariants import faults
from minzheng.publish.release.draft import blocking
from minzheng.publish.release.public import release
from quality.report import public_checks
from simulation import simulated


class Approval(dg.Config):
    """Who approves which month. Both must be written by hand: nothing is released by pressing a button alone."""

    month: str = Field(description="发布哪个月,写作 2024-03。该月须已生成草稿且核验通过。")
    approved_by: str = Field(description="批准人姓名,写入发布清单并长期保存。")
    accept_open: list[str] = Field(
        default=[], description="批准人逐项写明、按现数发布的尚不完整的主要指标代码。"
    )

    def checked(self) -> tuple[str, str]:
        """Month and name; `WrongCall` for what is no month or no name."""
        if not self.approved_by.strip():
            raise WrongCall("approved_by needs a name", "需填写批准人姓名")
        return check_month(self.month), self.approved_by.strip()


@dg.op(pool=WAREHOUSE_POOL, description="把草稿冻结为该月的下一个版本。")
@scrubbed_faults()
def freeze_draft(context: dg.OpExecutionContext, config: Approval, home: GivenHome) -> None:
    """Freeze the draft of a month as its next revision, written down before and after in the trail."""

    month, name = config.checked()
    with home.warehouse() as connection:
        stopped = blocking(connection, month)
    if stopped:
        raise MinzhengError(
            f"{month} was stopped by {', '.join(stopped)}",
            f"{month} 核验未通过({titled(stopped)}),不能发布",
        )
    refuse_unapproved(home.home, month, name)
    taken_on = config.accept_open
    note(home.home, "release", month=month, approved_by=name, accept_open=", ".join(taken_on))
    folder, fault = release(
        home.home, month, name, dt.datetime.now(SHANGHAI), public_checks, accept_open=taken_on
    )
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
                f"not a day: {self.on!r}; write YYYY-MM-DD",
                f"日期写法不对:{self.on};应写作 2024-04-10",
            ) from None
        return check_month(self.month) if self.month else add_months(f"{today:%Y-%m}", -1), today


@dg.asset_check(
    asset=dg.AssetKey(["publication", "draft"]),
    description="某月报送是否齐全:按报送日历核对,到期未报的列出数据和乡镇,并提醒数据员。每月10日至15日每天由定时任务判断上月。",
)
@scrubbed_faults()
def return_complete(
    context: dg.AssetCheckExecutionContext, config: Question, home: GivenHome
) -> dg.AssetCheckResult:
    """Say what of the month's return is due and missing; open or close the alert about it."""

    month, today = config.checked()
    if months := months_of(context.run):
        month = months[-1]  # asked together with a draft
    began = first_month_reported(home.home)
    if began is None or month < began:
        why = f"早于开始收件的月份({began})" if began else "还没有收到任何文件"
        return dg.AssetCheckResult(
            passed=True, description=f"{month_zh(month)}:{why},不核对", metadata={"月份": month}
        )
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


class Delivery(dg.Config):
    """Which month is sent; without one, what was ordered before and is due."""

    month: str = Field(
        default="", description="送达哪个月,写作 2024-03;不填则继续已交发而未完成的各月。"
    )
    really: bool = Field(default=False, description="真正发出;不选则只填发件箱并说明将发给谁。")


@dg.op(description="把某月报送包放入发件箱;选 really 则发给 delivery.toml 中的收件单位。")
@scrubbed_faults()
def send_month(context: dg.OpExecutionContext, config: Delivery, home: GivenHome) -> None:
    """Fill the outbox of a month and send it, or go on with what was ordered; what is not sent fails a month's run.

    What goes on by itself opens its own alerts, so that its runs do not fail.
    """
    if config.month:
        month = check_month(config.month)
        packages = fill_outbox(home.home, month)
        if config.really:
            note(home.home, "deliver", month=month)
        lines = order(packages) if config.really else rehearse(packages)
    else:
        lines = send_waiting(home.home)
        tell_missed(home.home, dt.datetime.now(SHANGHAI).date())
    told = "\n".join(f"- {line.zh}" for line in lines) or "没有待发的报送"
    context.add_output_metadata({"结果": dg.MetadataValue.md(told)})
    if config.month and (faults := [line for line in lines if line.fault]):
        raise MinzhengError(
            "; ".join(one.en for one in faults), "；".join(one.zh for one in faults)
        )


@dg.op(pool=WAREHOUSE_POOL, description="核对台账、档案库、数据仓库与已发布版本是否一致,只看不改。")
@scrubbed_faults()
def look_for_faults(context: dg.OpExecutionContext, home: GivenHome) -> None:
    """Run the check-up; a fault opens an alert and fails the run."""

    with home.warehouse() as connection:
        found = faults(home.home, connection)
    context.add_output_metadata(
        {
            "问题数": len(found),
            "问题": dg.MetadataValue.md("\n".join(f"- {zh}" for _, zh in found[:20]) or "无"),
        }
    )
    tell_faults(home.home, "check-up", "体检发现问题", found)
    if found:
        raise MinzhengError(
            f"check-up: {len(found)} faults, first: {found[0][0]}",
            f"体检发现{len(found)}个问题,首个:{found[0][1]}",
        )


@dg.op(description="清理过时的运行记录:90天以前,且所涉各月都另有三次更新的成功运行的,才清理。")
@scrubbed_faults()
def prune_history(context: dg.OpExecutionContext) -> None:
    """Prune the run history: a control room that is never restarted would keep every run."""

    # SQLAlchemy: no start of the code location should pay for it
    from pipelines.history import prune

    context.add_output_metadata({"清理的运行记录": prune(context.instance)})
