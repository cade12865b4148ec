"""The register layer (台账层): the rows in force for each month and township."""

import dagster as dg

from assets.raw import OWNERS
from minzheng.contracts import dataset, dataset_names
from pipelines.describe import dataset_schema, table_schema
from pipelines.lineage import register_lineage
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

COVERAGE = dg.AssetKey(["register", "coverage"])
REGISTERS = {name: dg.AssetKey(["register", name]) for name in dataset_names()}

SPECS = [
    dg.AssetSpec(
        REGISTERS[name],
        deps=[["raw", name]],
        group_name="register",
        owners=OWNERS,
        kinds={"duckdb", "sql"},
        description=f"{dataset(name).title.zh}(在效行):每月每乡镇以最后一次有效报送为准。\n\nRows in force, {dataset(name).grain}.",
        metadata={"dagster/column_schema": dataset_schema(name), "dagster/table_name": f"register.{name}"},
    )
    for name in dataset_names()
] + [
    dg.AssetSpec(
        COVERAGE,
        deps=[["raw", "file"]],
        group_name="register",
        owners=OWNERS,
        kinds={"duckdb", "sql"},
        description="报送覆盖表:哪个乡镇哪个月哪类数据由哪个文件说了算;没有一行即为未报。\n\nWhich file is in force for a dataset, month and township.",
        metadata={
            "dagster/column_schema": table_schema("register.coverage"),
            "dagster/table_name": "register.coverage",
        },
    )
]


@dg.multi_asset(specs=SPECS, name="register", partitions_def=MONTHS, backfill_policy=WHOLE_RANGE, pool=WAREHOUSE_POOL)
def register(context: dg.AssetExecutionContext, home: HomeResource):
    """Fill the register tables of the run's months."""
    from minzheng.register import build_register

    months = list(context.partition_keys)
    with home.warehouse() as connection:
        build_register(connection, months)
        for name, key in [*REGISTERS.items(), ("coverage", COVERAGE)]:
            counts = dict(
                connection.execute(
                    f"select month, count(*) from register.{name} where month in (select unnest($months)) group by month",
                    {"months": months},
                ).fetchall()
            )
            for month in months:
                context.add_asset_metadata(
                    {"dagster/partition_row_count": counts.get(month, 0)}, asset_key=key, partition_key=month
                )
            made = register_lineage(name) if name in REGISTERS else None
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/column_lineage": made} if made else {})
