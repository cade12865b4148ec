"""The indicator layer (指标层): every measurable clause as numbers, one asset a subject."""

import dagster as dg

from assets.lead import LEAD
from assets.raw import OWNERS
from assets.register import COVERAGE, REGISTERS
from minzheng.registry import county, registry
from minzheng.subjects import subjects
from pipelines.describe import table_schema
from pipelines.lineage import lineage, remembered
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

OPEN_KINDS = ("facilities", "standard", "none")
"""Only figures that no person stands behind are shown before disclosure control; the draft shows the others, protected."""

KEYS = {group: dg.AssetKey(["indicator", subject.name]) for group, subject in subjects().items()}


def _description(group: str) -> str:
    own = [one for one in registry().values() if one.group == group]
    lines = "\n".join(
        f"- {one.names.zh}({one.unit}):{one.definition.zh}" + (f" 条款 {'、'.join(one.clauses)}" if one.clauses else "")
        for one in own
    )
    return f"{subjects()[group].title}:{len(own)} 项指标,县和乡镇,按月。\n\n{lines}"


def _deps(group: str) -> list[dg.AssetKey]:
    names = {need.dataset for one in registry().values() if one.group == group for need in one.inputs}
    return [*(REGISTERS[name] for name in sorted(names)), COVERAGE, LEAD]


SPECS = [
    dg.AssetSpec(
        KEYS[group],
        deps=_deps(group),
        group_name="indicator",
        owners=OWNERS,
        kinds={"duckdb", "sql"},
        description=_description(group),
        metadata={
            "dagster/column_schema": table_schema("indicator.observation"),
            "dagster/table_name": "indicator.observation",
        },
    )
    for group in subjects()
]


@dg.multi_asset(specs=SPECS, name="indicator", partitions_def=MONTHS, backfill_policy=WHOLE_RANGE, pool=WAREHOUSE_POOL)
def indicator(context: dg.AssetExecutionContext, home: HomeResource):
    """Compute all observations of the run's months; show each subject's county figures for each month."""
    from minzheng import indicators, state

    months = list(context.partition_keys)
    with home.warehouse() as connection:
        indicators.compute(connection, months)
        state.mark_computed(connection, months)
        figures = connection.execute(
            """
            select month, indicator_id, obs_value
            from indicator.observation
            where ref_area = $county and obs_value is not null and month in (select unnest($months))
              and residence = '_T' and sex = '_T' and age_group = '_T' and category = '_T'
            order by indicator_id
            """,
            {"county": county(), "months": list(months)},
        ).fetchall()
    read = remembered(home.home.dagster)
    for group, key in KEYS.items():
        for month in months:
            own = {
                f"{registry()[code].names.zh}({registry()[code].unit})": round(value, registry()[code].decimals)
                for at, code, value in figures
                if at == month
                and registry()[code].group == group
                and registry()[code].tier == "core"
                and registry()[code].disclosure.kind in OPEN_KINDS
            }
            context.add_asset_metadata(own, asset_key=key, partition_key=month)
        made = lineage(("numerator", "denominator", "obs_value", "obs_status"), read[group])
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/column_lineage": made})
