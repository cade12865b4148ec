"""The publication layer (发布层): the draft release of a month, what planners and the prefecture will read."""

import shutil

import dagster as dg

from assets.indicator import SPECS as INDICATORS
from assets.lead import LEAD
from minzheng.errors import MinzhengError
from pipelines.describe import PLANNER, site_page
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

DRAFT = dg.AssetKey(["publication", "draft"])


@dg.asset(
    key=DRAFT,
    deps=[*(spec.key for spec in INDICATORS), LEAD],
    group_name="publication",
    owners=PLANNER,
    kinds={"duckdb", "plotly"},
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
    metadata={"单位": "份(一月一份)", "服务的规划条款": "全部"},
    output_required=False,
)
def draft(context: dg.AssetExecutionContext, home: HomeResource):
    """月度发布草稿:指标、进展、质量、图表、网页和月报;批准前可重算,批准后冻结为一个版本。

    The draft release of the last month of the run; earlier months are drafted by a run of their own. A month that a
    blocking check stopped gets no draft: this asset turns red for it, and what an earlier run had drafted is taken away.
    """
    from minzheng.draft import blocking, write_draft

    months = list(context.partition_keys)
    month = months[-1]
    with home.warehouse("草稿") as connection:
        refuse_stopped(home.home.drafts / month, month, blocking(connection, month))
        written = write_draft(home.home, connection, month)
    facts = {
        "草稿目录": dg.MetadataValue.path(str(written.folder)),
        "网页": site_page("index.html"),
        "指标值个数": written.observations,
        "未公开的单元格": written.suppressed,
        "缺报的单元格": written.missing,
    }
    if len(months) == 1:
        yield dg.MaterializeResult(metadata=facts)
    else:  # the others of a range got no draft, and must not look as if they had
        context.log_event(dg.AssetMaterialization(asset_key=DRAFT, partition=month, metadata=facts))


def refuse_stopped(folder, month: str, suites: list[str]) -> None:
    """Stop, and take an earlier draft away, when blocking suites failed: its figures no longer stand."""
    if not suites:
        return
    shutil.rmtree(folder, ignore_errors=True)
    named = "、".join(suites)
    raise MinzhengError(
        f"no draft of {month}: blocking checks failed ({', '.join(suites)})", f"{month} 不生成草稿:核验未通过({named})"
    )
