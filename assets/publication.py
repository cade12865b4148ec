"""The publication layer (发布层): the draft release of a month, what planners and the prefecture will read."""

import dagster as dg

from assets.indicator import SPECS as INDICATORS
from assets.lead import LEAD
from assets.raw import OWNERS
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

DRAFT = dg.AssetKey(["publication", "draft"])


@dg.asset(
    key=DRAFT,
    deps=[*(spec.key for spec in INDICATORS), LEAD],
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb", "plotly"},
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def draft(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult:
    """月度发布草稿:指标、进展、质量、图表、网页和月报;批准前可重算,批准后冻结为一个版本。

    The draft release of the last month of the run; earlier months are drafted when they are released.
    """
    from minzheng.draft import write_draft

    months = list(context.partition_keys)
    with home.warehouse() as connection:
        written = write_draft(home.home, connection, months[-1])
    context.add_asset_metadata(
        {
            "草稿目录": dg.MetadataValue.path(str(written.folder)),
            "网页": dg.MetadataValue.url((written.folder / "site" / "index.html").as_uri()),
            "指标值个数": written.observations,
            "未公开的单元格": written.suppressed,
            "缺报的单元格": written.missing,
        },
        asset_key=DRAFT,
        partition_key=months[-1],
    )
    return dg.MaterializeResult()
