"""The indicator layer (指标层): every measurable clause as numbers, one asset a subject."""

import dagster as dg

from assets.lead import LEAD
from assets.raw import OWNERS
from assets.register import COVERAGE, REGISTERS
from minzheng.registry import groups, indicators
from pipelines.describe import table_schema
from pipelines.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE
from pipelines.resources import HomeResource

PROGRESS = dg.AssetKey(["indicator", "progress"])


def _key(group: str) -> dg.AssetKey:
    return dg.AssetKey(["indicator", group.lower()])


def _description(group: str, title: str) -> str:
    names = "、".join(indicator.name.zh for indicator in indicators().values() if indicator.group == group)
    return f"{title}指标。\n\n包括:{names}。"


def _deps(group: str) -> list[dg.AssetKey]:
    names = {name for one in indicators().values() if one.group == group for name in one.inputs.datasets}
    return sorted(REGISTERS[name] for name in names if name in REGISTERS) + [COVERAGE, LEAD]


SPECS = [
    dg.AssetSpec(
        _key(group),
        deps=_deps(group),
        group_name="indicator",
        owners=OWNERS,
        kinds={"duckdb", "sql"},
        description=_description(group, title),
        metadata={
            "dagster/column_schema": table_schema("indicator.observation"),
            "dagster/table_name": "indicator.observation",
        },
    )
    for group, title in groups().items()
]


@dg.multi_asset(
    specs=SPECS, name="indicator", partitions_def=MONTHS, backfill_policy=WHOLE_RANGE, pool=WAREHOUSE_POOL
)
def indicator(context: dg.AssetExecutionContext, home: HomeResource):
    """Compute all observations of the run's months; show each subject's county figures for each month."""
    from minzheng import indicators as engine

    months = context.partition_keys
    with home.warehouse() as connection:
        engine.compute(connection, months)
        figures = engine.county_figures(connection, months)
    for group in groups():
        for month in months:
            own = {name: value for (name, at), value in figures.get(group, {}).items() if at == month}
            context.add_asset_metadata(own, asset_key=_key(group), partition_key=month)
        yield dg.MaterializeResult(asset_key=_key(group))
