"""The lead desk (线索): who may have been missed, what money may have gone astray. Counts only leave this layer."""

import dagster as dg

from assets.raw import OWNERS
from assets.register import REGISTERS
from pipelines.describe import table_schema
from pipelines.lineage import lineage, remembered
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

LEAD = dg.AssetKey(["lead", "lead"])


@dg.asset(
    key=LEAD,
    deps=list(REGISTERS.values()),
    group_name="lead",
    owners=OWNERS,
    kinds={"duckdb", "sql"},
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
    metadata={"dagster/column_schema": table_schema("lead.lead"), "dagster/table_name": "lead.lead"},
)
def lead(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult:
    """核查线索:漏保、应享未享、错保、死亡、重复、超标准、应退未退,每条规则每人每月每乡镇一行。

    One row per rule, month, person (pseudonym) and township. 线索只提示核查,不作决定。
    """
    from minzheng import leads

    months = list(context.partition_keys)
    with home.warehouse() as connection:
        leads.compute(connection, months)
        rows = connection.execute(
            "select month, count(*) from lead.lead where month in (select unnest($months)) group by month",
            {"months": months},
        ).fetchall()
    counts = dict(rows)
    for month in months:
        context.add_asset_metadata({"dagster/partition_row_count": counts.get(month, 0)}, LEAD, partition_key=month)
    made = lineage(("person_key", "township_code"), remembered(home.home.dagster)["lead"])
    return dg.MaterializeResult(metadata={"dagster/column_lineage": made})
