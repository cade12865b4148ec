"""The lead desk (线索): who may have been missed, what money may have gone astray. Counts only leave this layer."""

import dagster as dg

from assets.describe import DESK, clauses, table_schema
from assets.lineage import lineage, remembered
from assets.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from assets.register import REGISTERS
from assets.resources import GivenHome
from minzheng import leads
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import townships
from minzheng.leads.rules import level_words

LEAD = dg.AssetKey(["lead", "lead"])
OVERDUE = dg.AssetCheckSpec(
    "overdue_red",
    asset=LEAD,
    blocking=False,
    description="红色线索是否超期未办结:截止日已过仍待核实或核实中的红色线索,按乡镇提醒。",
)


@dg.asset(
    key=LEAD,
    deps=list(REGISTERS.values()),
    group_name="lead",
    owners=DESK,
    kinds={"duckdb", "sql"},
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
    check_specs=[OVERDUE],
    metadata={
        "单位": "条(一规则一人一月)",
        "服务的规划条款": clauses([one for one in registry().values() if one.group == "SA"]),
        "dagster/column_schema": table_schema("lead.lead"),
        "dagster/table_name": "lead.lead",
    },
)
def lead(context: dg.AssetExecutionContext, home: GivenHome) -> dg.MaterializeResult:
    """核查线索:漏保、应享未享、错保、死亡、重复、超标准、应退未退,每条规则每人每月每乡镇一行。

    One row per rule, month, person (pseudonym) and township. 线索只提示核查,不作决定。
    """

    months = list(context.partition_keys)
    with home.warehouse("线索") as connection:
        leads.compute(connection, months)
        tables = {month: leads.counts(connection, month) for month in months}
    for month in months:
        context.add_asset_metadata(_shown(tables[month]), LEAD, partition_key=month)
    made = {
        "dagster/column_lineage": lineage(
            ("person_key", "township_code"), remembered(home.home.dagster)["lead"]
        )
    }
    context.add_asset_metadata(made, LEAD, partition_key=months[-1])
    return dg.MaterializeResult(check_results=[overdue_red(tables[months[-1]], months[-1])])


def _shown(counts) -> dict:
    """Leads of the month by level; nothing for a level whose rules could not be judged."""
    import polars as pl

    judged = counts.filter(pl.col("leads").is_not_null())
    levels = judged.group_by("level").agg(pl.col("leads").sum()).sort("level").iter_rows()
    shown = {f"{level_words()[level]}线索(条)": found for level, found in levels}
    age, unsure = counts["list_age"].max(), counts["unsure"].sum()
    if age is not None:
        shown["依据名单最早的早几个月"] = age
    return shown | {"因名单未报齐可能不实(条)": unsure}


def overdue_red(counts, month: str) -> dg.AssetCheckResult:
    """The check on `minzheng.leads.counts` of a month: a warning while red cases wait past their day."""
    import polars as pl

    late = counts.filter((pl.col("level") == "red") & (pl.col("overdue") > 0))
    places = dict(
        late.group_by("township_code")
        .agg(pl.col("overdue").sum())
        .sort("township_code")
        .iter_rows()
    )
    told = [f"{townships().get(code, code)}{found}条" for code, found in places.items()]
    return dg.AssetCheckResult(
        check_name=OVERDUE.name,
        asset_key=LEAD,
        passed=not places,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{month}:{len(places)}个乡镇有超期未办结的红色线索"
        if places
        else f"{month}:没有超期的红色线索",
        metadata={
            "月份": month,
            "超期乡镇数": len(places),
            "涉及乡镇": "、".join(told) or "无",
            "怎么办": "minzheng leads export 导出核查表,乡镇填写后 minzheng leads import 录入",
        },
    )
