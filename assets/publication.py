"""The publication layer (发布层): the draft release of a month, what planners and the prefecture will read."""

import datetime as dt
import shutil
from pathlib import Path

import dagster as dg

from assets.checks import failed_checks, titled
from assets.describe import PLANNER, markdown_table, month_pages
from assets.indicator import SPECS as INDICATORS
from assets.lead import LEAD
from assets.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from assets.plan import at_a_glance
from assets.resources import GivenHome
from minzheng.contracts.regions import county, townships
from minzheng.custody.ledger import SHANGHAI
from minzheng.errors import MinzhengError
from minzheng.intake.completeness import missing, owing
from minzheng.leads.rules import level_words
from minzheng.publish.overview import overview_text
from minzheng.publish.release.draft import blocking, write_drafts
from minzheng.publish.release.manifest import read_manifest
from minzheng.warehouse import stale
from quality.report import checks_with_report

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
def draft(context: dg.AssetExecutionContext, home: GivenHome):
    """月度发布草稿:指标、进展、质量、图表、网页和月报;批准前可重算,批准后冻结为一个版本。

    The draft release of the last month of the run; earlier months are drafted by a run of their own. A month that a
    blocking check stopped gets no draft: this asset turns red for it, and what an earlier run had drafted is taken away.
    """

    months = list(context.partition_keys)
    month = months[-1]
    lacking = missing(home.home, month, dt.datetime.now(SHANGHAI).date())
    with home.warehouse("草稿") as connection:
        if suites := blocking(connection, month):
            if (home.home.drafts / month).is_dir():
                shutil.rmtree(home.home.drafts / month)
                now = f"核验未通过({titled(suites)}),草稿已撤下;其余各行是撤下前的情况"
                context.log_event(
                    dg.AssetObservation(DRAFT, partition=month, metadata={"现在": now})
                )
            stale.mark_drafted(connection, month, taken_away=True)
            owed = owing(lacking)
            raise MinzhengError(
                f"no draft of {month}: blocking checks failed ({', '.join(suites)})",
                f"{month} 不生成草稿:核验未通过({titled(suites)})。谁还没报:{owed or '无'}",
            )
        stale.refuse_several_counties()
        stale.refuse_unreported(connection, [month])
        written = write_drafts(home.home, connection, month, checks_with_report)
        stale.mark_drafted(connection, month)
        failed = failed_checks(connection, month)
    facts = {
        **at_a_glance(month, lacking, failed),
        **_size(written, month),
        **_leads(written.folder, month),
    }
    if len(months) == 1:
        yield dg.MaterializeResult(metadata=facts)
    else:  # the others of a range got no draft, and must not look as if they had
        context.log_event(dg.AssetMaterialization(asset_key=DRAFT, partition=month, metadata=facts))


def _size(written, month: str) -> dict:
    """What the draft holds, how it differs from what was released, and where to read it."""
    import polars as pl

    changed = pl.read_csv(written.folder / "bureau" / "revisions.csv", infer_schema=False).height
    counted = read_manifest(written.folder / "bureau").content["counts"]
    return {
        "一览": overview_text(counted),
        "比已发布的改动了": f"{changed}个单元格",
        "改动说明": month_pages(month, "changes.html")["网页"],
        **month_pages(month),
        "草稿目录": dg.MetadataValue.path(str(written.folder)),
        "指标值个数": written.observations,
        "缺报的单元格": written.missing,
    }


def _leads(folder: Path, month: str) -> dict:
    """The month's leads by township and level, and how good the rules are, as the draft tells them."""
    import polars as pl

    levels = pl.read_parquet(folder / "bureau" / "data" / "lead_levels.parquet").filter(
        pl.col("month") == month
    )
    measures = pl.read_parquet(folder / "bureau" / "data" / "lead_measures.parquet")
    places = {county(): "全县", **townships()}
    by_place = [
        (
            places.get(code, code),
            level_words()[level],
            *numbers,
            "本月" if not age else f"早{age}个月",
        )
        for code, level, *numbers, age in levels.select(
            "township_code", "level", "leads", "unsure", "open_cases", "overdue", "list_age"
        ).iter_rows()
    ]
    good = [
        (rule if rule != "_T" else places.get(code, code), title or "", *numbers)
        for rule, code, title, *numbers in measures.select(
            "rule_id",
            "township_code",
            "title_zh",
            "confirmed",
            "refuted",
            "over_90",
            "due",
            "in_time",
        ).iter_rows()
    ]
    return {
        "分乡镇线索": dg.MetadataValue.md(
            markdown_table(
                ("乡镇", "级别", "件数", "其中可能不实", "未办结", "超期", "依据名单"), by_place
            )
        ),
        "规则质量": dg.MetadataValue.md(
            markdown_table(
                ("规则或乡镇", "名称", "属实", "不属实", "超过90天", "应办结", "按期办结"), good
            )
        ),
    }
