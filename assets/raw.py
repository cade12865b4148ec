"""The raw layer (原始层): what the townships and partners sent, read once, kept for ever, with pseudonyms for identities."""

import dagster as dg

from assets.describe import CLERK, dataset_facts, dataset_group, table_schema
from assets.partitions import MONTHS, WAREHOUSE_POOL
from assets.resources import GivenHome
from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.custody.vault import keys_of
from minzheng.intake.receive import receive
from minzheng.operations.alerts import tell_faults
from minzheng.operations.invariants import clock_faults
from minzheng.operations.rebuild import bring_back_answers
from minzheng.warehouse.connection import LOADING

FILE = dg.AssetKey(["raw", "file"])


@dg.asset(
    key=FILE,
    group_name="raw/intake",
    owners=CLERK,
    kinds={"polars", "duckdb"},
    pool=WAREHOUSE_POOL,
    metadata={
        "单位": "个(文件)",
        "服务的规划条款": "全部",
        "dagster/column_schema": table_schema("raw.file"),
        "dagster/table_name": "raw.file",
    },
)
def raw_file(context: dg.AssetExecutionContext, home: GivenHome) -> dg.MaterializeResult:
    """收件台账:收件目录中每个文件一行,含核验结论。

    One row per file ever received. 文件先归档加密再读取;不可信的整件退回,问题行隔离,其余照常入库。
    """

    with home.warehouse("收件", mending=True, **LOADING) as connection:
        report = receive(home.home, connection, home.landing_folder)
        bring_back_answers(home.home, keys_of(home.home), connection)
        tables = report.tables(connection)
    tell_faults(home.home, "clock", "本机时钟有误", clock_faults(home.home))
    for name, month, counts in tables:
        facts = {
            "dagster/partition_row_count": counts.rows_accepted,
            "隔离行数": counts.rows_quarantined,
            "文件数": counts.files,
        }
        facts |= {"金额合计(元)": float(counts.amount)} if counts.amount is not None else {}
        context.log_event(
            dg.AssetMaterialization(asset_key=["raw", name], partition=month, metadata=facts)
        )
    return dg.MaterializeResult(
        metadata={
            **report.totals(),
            "说明": report.summary_zh,
            "结果": dg.MetadataValue.json(report.to_json()),
        }
    )


RAW_DATASETS = [
    dg.AssetSpec(
        ["raw", name],
        deps=[FILE],
        group_name=dataset_group("raw", name),
        owners=CLERK,
        kinds={"polars", "duckdb"},
        partitions_def=MONTHS,
        description=f"{dataset(name).title.zh}(原始行):各文件的已接收行,身份信息已换成代号。\n\nAccepted rows of every file, {dataset(name).grain}.",
        metadata={**dataset_facts(name), "dagster/table_name": f"raw.{name}"},
    )
    for name in dataset_names()
]
"""The 22 datasets as received; job 收件并核验 writes them, since a file, not a button, says which month it is for."""
