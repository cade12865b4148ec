"""The indicator layer (指标层): every measurable clause as numbers, one asset a subject."""

from itertools import chain

import dagster as dg

from assets.describe import PLANNER, clauses, markdown_table, month_pages, observation_schema
from assets.lead import LEAD
from assets.lineage import lineage, remembered
from assets.partitions import MONTHS, WAREHOUSE_POOL, WHOLE_RANGE, asked_of
from assets.register import COVERAGE, REGISTERS
from assets.resources import GivenHome
from minzheng.contracts.indicators import Indicator, registry
from minzheng.contracts.regions import county, townships
from minzheng.contracts.subjects import subjects
from minzheng.leads.restricted_lists import seal_lists, sealed
from minzheng.months import add_months
from minzheng.publish.charts.sparkline import sparkline
from minzheng.warehouse import stale
from quality.gate import compute_indicators

KEYS = {group: dg.AssetKey(["indicator", subject.name]) for group, subject in subjects().items()}


def _own(group: str) -> list[Indicator]:
    return [one for one in registry().values() if one.group == group]


def _description(group: str) -> str:
    own = _own(group)
    lines = "\n".join(
        f"- {one.names.zh}({one.unit}):{one.definition.zh}"
        + (f" 条款 {'、'.join(one.clauses)}" if one.clauses else "")
        for one in own
    )
    return f"{subjects()[group].title}:{len(own)} 项指标,县和乡镇,按月。\n\n{lines}"


def _deps(group: str) -> list[dg.AssetKey]:
    inputs = chain.from_iterable(one.inputs for one in registry().values() if one.group == group)
    names = {need.dataset for need in inputs}
    return [*(REGISTERS[name] for name in sorted(names)), COVERAGE, LEAD]


SPECS = [
    dg.AssetSpec(
        KEYS[group],
        deps=_deps(group),
        group_name=f"indicator/{subject.name}",
        owners=PLANNER,
        kinds={"duckdb", "sql"},
        description=_description(group),
        metadata={
            "单位": "、".join(sorted({one.unit for one in _own(group)})),
            "服务的规划条款": clauses(_own(group)),
            "指标数": len(_own(group)),
            "dagster/column_schema": observation_schema(),
            "dagster/table_name": "indicator.observation",
        },
    )
    for group, subject in subjects().items()
]


@dg.multi_asset(
    specs=SPECS,
    name="indicator",
    partitions_def=MONTHS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def indicator(context: dg.AssetExecutionContext, home: GivenHome):
    """Compute all observations of the run's months, judge the rules that read them, show each subject's county figures."""

    months = list(context.partition_keys)
    with home.warehouse("指标") as connection:
        compute_indicators(connection, months)
        _seal_lists(context, home, connection, months)
        stale.mark_computed(connection, months)
        figures = _core_figures(connection, months[-1])
    read = remembered(home.home.dagster)
    for group, key in KEYS.items():
        for month in months:
            context.add_asset_metadata(
                _shown(group, figures, month), asset_key=key, partition_key=month
            )
        made = lineage(("numerator", "denominator", "obs_value", "obs_status"), read[group])
        context.add_asset_metadata(
            {"dagster/column_lineage": made}, asset_key=key, partition_key=months[-1]
        )
        yield dg.MaterializeResult(asset_key=key)


def _seal_lists(context: dg.AssetExecutionContext, home: GivenHome, connection, months) -> None:
    """Seal the lists of leads and of rows to mend, which say what figures wait for a row; tell the desk how many lie there."""
    asked = {*asked_of(context.run), *(one for one in months if not sealed(home.home, one))}
    with stale.narrowed(connection, "lists", months, asked) as anew:
        seal_lists(home.home, connection, anew)
    for month in anew:
        told = {"密封清单数(受限目录)": len(sealed(home.home, month))}
        context.log_event(dg.AssetObservation(LEAD, partition=month, metadata=told))


Figures = dict[tuple[str, str], dict[str, tuple[float, float | None, float | None]]]
"""Indicator and area to month to value, lower and upper bound, of totals."""


def _core_figures(connection, last: str) -> Figures:
    """The core figures of the county and its townships, for every month up to `last`."""
    codes = [code for code, one in registry().items() if one.tier == "core"]
    rows = connection.execute(
        """
        select indicator_id, ref_area, month, obs_value, lower_bound, upper_bound
        from indicator.observation
        where length(ref_area) <= 9 and month <= $last and obs_value is not null
          and indicator_id in (select unnest($codes))
          and residence = '_T' and sex = '_T' and age_group = '_T' and category = '_T'
        order by indicator_id, month
        """,
        {"last": last, "codes": codes},
    ).fetchall()
    figures: Figures = {}
    for code, area, month, *values in rows:
        figures.setdefault((code, area), {})[month] = tuple(values)
    return figures


def _shown(group: str, figures: Figures, month: str) -> dict:
    """A subject's month for the UI: its headline figures (the UI plots them) with bounds, a line of the year, townships, a page."""
    whole = {one.code: figures.get((one.code, county()), {}) for one in _own(group)}
    own = [one for one in _own(group) if month in whole[one.code]]
    shown: dict = {}
    for one in own:
        value, low, high = (
            round(x, one.decimals) if x is not None else None for x in whole[one.code][month]
        )
        shown[f"{one.names.zh}({one.unit})"] = value
        if low is not None and high is not None and low != high:
            shown[f"{one.names.zh}的上下限"] = f"{low:g}–{high:g}"
    if own:
        first, past = own[0], [add_months(month, back) for back in range(-11, 1)]
        values = [whole[first.code].get(at, (None,))[0] for at in past]
        known = [value for value in values if value is not None]
        line = sparkline(values, first.names.zh)
        text = f"{first.names.zh},近12个月,最低{min(known):g}、最高{max(known):g}({first.unit})\n\n{line}"
        shown |= {"走势": dg.MetadataValue.md(text)} if line else {}
        shown |= _by_township(own, figures, month)
    return shown | month_pages(month, f"indicator/{own[0].code}.html" if own else "indicators.html")


def _by_township(own: list[Indicator], figures: Figures, month: str) -> dict:
    """The month's headline figures township by township, as a table; nothing where no township has one."""
    names = townships()
    rows = [
        (
            one.names.zh,
            one.unit,
            *(_rounded(one, figures.get((one.code, area), {}).get(month)) for area in names),
        )
        for one in own
    ]
    told = [row for row in rows if any(cell is not None for cell in row[2:])]
    table = markdown_table(("指标", "单位", *names.values()), told)
    return {"分乡镇": dg.MetadataValue.md(table)} if told else {}


def _rounded(one: Indicator, figure: tuple | None) -> str | None:
    return None if figure is None else f"{figure[0]:.{one.decimals}f}"
