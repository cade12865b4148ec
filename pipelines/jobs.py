"""The jobs people run. Each says what it changes and how to undo it; none but `release` touches what is published."""

import dagster as dg

from pipelines.acts import (
    freeze_draft,
    look_for_faults,
    prune_history,
    return_complete,
    send_month,
)

ONE_PROCESS = dg.in_process_executor
ASKED = dg.AssetSelection.checks(return_complete)
COMPUTED = dg.AssetSelection.key_prefixes("register", "lead", "indicator", "plan")
PUBLISHED = dg.AssetSelection.key_prefixes("publication")

receive = dg.define_asset_job(
    "receive",
    selection=dg.AssetSelection.keys(["raw", "file"]),
    executor_def=ONE_PROCESS,
    description="收件并核验:读取收件目录中的新文件,归档、核验、入库。\n\n改什么:只增加台账、档案和原始行。怎么撤:不删除;请乡镇重发更正件,新件自动取代旧件。",
)

month = dg.define_asset_job(
    "month",
    selection=COMPUTED | PUBLISHED,
    executor_def=ONE_PROCESS,
    description="重算某月:重建台账、核验、线索、指标,再生成草稿。\n\n改什么:只替换所选月份的计算结果和草稿,已发布版本不变。怎么撤:结果由文件决定,再运行一次即得相同结果。核验未通过的月份停在核验,不出草稿。",
)

recompute = dg.define_asset_job(
    "recompute",
    selection=COMPUTED,
    executor_def=ONE_PROCESS,
    description="补报重算:迟到或更正的文件到达后,重算受影响的月份(可选一段月份),不生成草稿。\n\n改什么:只替换所选月份的计算结果。怎么撤:同“重算某月”。",
)

draft = dg.define_asset_job(
    "draft",
    selection=PUBLISHED,
    executor_def=ONE_PROCESS,
    description="生成草稿:用现有指标重新生成所选月份的发布草稿。\n\n改什么:只替换草稿目录。怎么撤:再生成一次即可;未批准的草稿不对外。",
)


@dg.job(
    executor_def=ONE_PROCESS,
    config={"ops": {"freeze_draft": {"config": {"month": "", "approved_by": ""}}}},
    description="发布:把某月草稿冻结为下一个版本,须写明月份和批准人。\n\n改什么:新增一个只读版本,最新版指向它;旧版本不动。怎么撤:已发布的不删除;更正后重算并再发布一版,差异自动列入修订说明。",
)
def release() -> None:
    """Freeze a month's draft."""
    freeze_draft()


completeness = dg.define_asset_job(
    "completeness",
    selection=ASKED,
    executor_def=ONE_PROCESS,
    description="到期核对:某月报送是否齐全,缺哪类、缺哪个乡镇(不填月份则为上月)。\n\n改什么:只更新提醒。怎么撤:报齐后再运行一次,提醒自动消除。",
)


@dg.job(
    executor_def=ONE_PROCESS,
    description="体检:每个文件归档且只有一个结论、台账与仓库行数一致、已发布版本未被改动。\n\n改什么:数据一概不改,只清理90天以前已被新运行替代的运行记录。怎么撤:无需撤。",
)
def check_up() -> None:
    """Look for faults, prune the run history."""
    look_for_faults()
    prune_history()


@dg.job(
    executor_def=ONE_PROCESS,
    description="送达:填写月份,把已发布的该月放入发件箱,并说明将发给谁;选 really 才真正发出,且只发经批准的内容。\n\n改什么:只写发件箱和报送记录,各步可查。怎么撤:未送达的可退回(minzheng approve --send-back);已送达的用 minzheng recall 撤回并通知收件单位。",
)
def deliver() -> None:
    """Fill the outbox, send what is approved."""
    send_month()


JOBS = [receive, month, recompute, draft, release, deliver, completeness, check_up]
