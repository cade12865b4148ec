"""The register layer (台账层): the rows in force for each month and township."""

import dagster as dg

from assets.describe import CLERK, dataset_facts, dataset_group, table_schema
from assets.lineage import register_lineage
from assets.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE, asked_of
from assets.resources import GivenHome
from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.operations import month_facts
from minzheng.warehouse import stale
from minzheng.warehouse.register import build_register

COVERAGE = dg.AssetKey(["register", "coverage"])
REGISTERS = {name: dg.AssetKey(["register", name]) for name in dataset_names()}

SPECS = [
    dg.AssetSpec(
        REGISTERS[name],
        deps=[["raw", name]],
        group_name=dataset_group("register", name),
        owners=CLERK,
        kinds={"duckdb", "sql"},
        description=f"{dataset(name).title.zh}(在效行):每月每乡镇以最后一次有效报送为准。\n\nRows in force, {dataset(name).grain}.",
        metadata={**dataset_facts(name), "dagster/table_name": f"register.{name}"},
    )
    for name in dataset_names()
] + [
    dg.AssetSpec(
        COVERAGE,
        deps=[["raw", "file"]],
        group_name="register/coverage",
        owners=CLERK,
        kinds={"duckdb", "sql"},
        description="报送覆盖表:哪个乡镇哪个月哪类数据由哪个文件说了算;没有一行即为未报。\n\nWhich file is in force for a dataset, month and township.",
        metadata={
            "单位": "行(一类数据一月一乡镇)",
            "服务的规划条款": "全部",
            "dagster/column_schema": table_schema("register.coverage"),
            "dagster/table_name": "register.coverage",
        },
    )
]


@dg.multi_asset(
    specs=SPECS,
    name="register",
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def register(context: dg.AssetExecutionContext, home: GivenHome):
    """Fill the register tables of the run's months."""

    months = list(context.partition_keys)
    with home.warehouse("台账") as connection:
        stale.refuse_several_counties()
        stale.refuse_unreported(connection, months)
        with stale.narrowed(connection, "register", months, asked_of(context.run)) as anew:
            build_register(connection, anew)
        facts = {name: month_facts.table_facts(connection, name, months) for name in REGISTERS}
        files = month_facts.arrivals(connection, months)
    for name, key in REGISTERS.items():
        for month in months:
            context.add_asset_metadata(
                _shown(facts[name][month]), asset_key=key, partition_key=month
            )
        made = {"dagster/column_lineage": register_lineage(name)}
        context.add_asset_metadata(made, asset_key=key, partition_key=months[-1])
        yield dg.MaterializeResult(asset_key=key)
    for month in months:
        told = {"在效文件数": files[month].in_force, "退回文件数": files[month].refused}
        context.add_asset_metadata(
            told | {"隔离行数": files[month].quarantined}, COVERAGE, partition_key=month
        )
    yield dg.MaterializeResult(asset_key=COVERAGE)


def _shown(facts) -> dict:
    """Labels for the UI."""
    shown = {"dagster/partition_row_count": facts.rows}
    shown |= {} if facts.persons is None else {"人数(人)": facts.persons}
    return shown | ({} if facts.yuan is None else {"金额(元)": facts.yuan})
