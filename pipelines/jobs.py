"""The jobs people run. Each says what it changes and how to undo it; none changes a frozen release."""

import dagster as dg

ONE_PROCESS = dg.in_process_executor

receive = dg.define_asset_job(
    "receive",
    selection=dg.AssetSelection.keys(["raw", "file"]),
    executor_def=ONE_PROCESS,
    description="收件并核验:读取收件目录中的新文件,归档、核验、入库。不改动任何已发布数据;多收的文件重发更正件即可取代。",
)

month = dg.define_asset_job(
    "month",
    selection=dg.AssetSelection.groups("register", "lead", "indicator", "publication"),
    executor_def=ONE_PROCESS,
    description="重算某月并生成草稿:重建台账、核验、线索、指标与发布草稿。只替换所选月份的计算结果和草稿,已发布版本不变;再运行一次即得相同结果。",
)

recompute = dg.define_asset_job(
    "recompute",
    selection=dg.AssetSelection.groups("register", "lead", "indicator"),
    executor_def=ONE_PROCESS,
    description="补报重算:迟到或更正的文件到达后,重算受影响月份的台账、核验、线索和指标,不生成草稿。",
)

draft = dg.define_asset_job(
    "draft",
    selection=dg.AssetSelection.groups("publication"),
    executor_def=ONE_PROCESS,
    description="生成草稿:用现有指标重新生成所选月份的发布草稿。只替换草稿目录。",
)

JOBS = [receive, month, recompute, draft]
