"""Comparing months: 同比, 环比, 完成率, 进度 and the path of a year, on plain numbers and on observations.

Formulas: docs/sources.md 6.2. 同比 = this month over the same month last year - 1; 环比 = this month over last
month - 1, never for year-to-date figures, which restart in January; of a percentage the change is told in points
(百分点). Nothing is compared across a changed definition or population source, from a missing value or from zero: `reason`
says why.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, Indicator, registry
from minzheng.months import add_months

Reason = Literal["missing", "zero_base", "definition", "population", "year_to_date", "flag"]
REASON_ZH = {
    "missing": "缺数据",
    "zero_base": "基数为零",
    "definition": "口径不一致",
    "population": "人口口径不一致",
    "year_to_date": "累计指标不作环比",
    "flag": "标志指标不作比较",
}


@dataclass(frozen=True)
class Change:
    """A change in percent (of a percentage: in points), or None with the reason."""

    value: float | None
    kind: Literal["percent", "points"] = "percent"
    reason: Reason | None = None


def change(
    value: float | None, base: float | None, *, unit: str = "", same_definition: bool = True
) -> Change:
    """`value` against `base`: (value / base - 1) * 100 percent; with unit %, value - base points.

    >>> change(672, 640).value
    5.0
    >>> change(43.0, 40.5, unit="%")
    Change(value=2.5, kind='points', reason=None)
    """
    kind = "points" if unit == "%" else "percent"
    if value is None or base is None:
        return Change(None, kind, "missing")
    if not same_definition:
        return Change(None, kind, "definition")
    if kind == "points":
        return Change(value - base, kind)
    if base == 0:
        return Change(None, kind, "zero_base")
    return Change((value - base) / abs(base) * 100, kind)


@dataclass(frozen=True)
class Completion:
    """How far a target is met: `percent` of it, or `points` still missing (0 when met)."""

    value: float | None
    kind: Literal["percent", "points"]
    reason: Reason | None = None


def completion(
    value: float | None, target: float | None, direction: str, *, unit: str = ""
) -> Completion:
    """完成率: value / target for up, target / value for down, in percent; a full-coverage rate (100 %) as gap in points.

    `direction` as in the registry: up, down, meet, band, neutral. A target of 0 with a value of 0 is met (100); a zero
    divisor otherwise gives no figure. No target gives no figure, never a made-up one.
    """
    kind = "points" if unit == "%" and target == 100 and direction in ("up", "meet") else "percent"
    if value is None or target is None:
        return Completion(None, kind, "missing")
    if kind == "points":
        return Completion(max(target - value, 0.0), kind)
    upper, lower = (target, value) if direction == "down" else (value, target)
    if lower == 0:
        met = direction == "down" or upper == 0
        return Completion(100.0, kind) if met else Completion(None, kind, "zero_base")
    return Completion(upper / lower * 100, kind)


def advance(value: float | None, base: float | None, target: float | None) -> float | None:
    """进度: the share of the way from base to target that is gone, in percent; None where there is no way to go."""
    if value is None or base is None or target is None or target == base:
        return None
    return (value - base) / (target - base) * 100


def elapsed(month: str, first: str, last: str) -> float:
    """The share of the plan's months that is over at the end of `month`, in percent, from 0 to 100."""
    done, whole = (_months(first, until) for until in (month, last))
    return min(max(done / whole, 0.0), 1.0) * 100


def path_of_year(target: float, month: str, last_year: dict[str, float] | None = None) -> float:
    """Where a year-to-date figure should stand at the end of `month` to reach `target` in December.

    With last year's year-to-date figures by month (same month and December, December not 0) the year is spread as last
    year was; otherwise evenly, target * month / 12.
    """
    same, december = f"{int(month[:4]) - 1}-{month[5:]}", f"{int(month[:4]) - 1}-12"
    if last_year and last_year.get(same) is not None and last_year.get(december):
        return target * last_year[same] / last_year[december]
    return target * int(month[5:]) / 12


def is_year_to_date(indicator: Indicator) -> bool:
    """Whether the figure adds up from January, so that only the same month of another year compares."""
    flows = any(item.kind == "flow" for item in indicator.items)
    return flows or any(part.window == "year_to_date" for part in indicator.inputs)


def compare(observations: pl.DataFrame) -> pl.DataFrame:
    """Each observation with 同比 and 环比 beside it.

    Adds `year_on_year`, `month_on_month` (percent or points), `change_kind`, `year_on_year_reason` and
    `month_on_month_reason` (null where there is a figure).
    """
    told = _told()
    rows = observations.join(told, on="indicator_id", how="left")
    for name, step in (("year_on_year", -12), ("month_on_month", -1)):
        rows = _against(rows, observations, name, step)
    return rows.drop("flag", "year_to_date")


def _told() -> pl.DataFrame:
    known = registry().values()
    return pl.DataFrame(
        {
            "indicator_id": [each.code for each in known],
            "flag": [each.measure == "flag" for each in known],
            "year_to_date": [is_year_to_date(each) for each in known],
            "change_kind": ["points" if each.unit == "%" else "percent" for each in known],
        }
    )


def _against(rows: pl.DataFrame, observations: pl.DataFrame, name: str, step: int) -> pl.DataFrame:
    """One more pair of columns: the change from the observation `step` months away, and why there is none."""
    keys = ["indicator_id", "ref_area", *DIMENSIONS]
    later = {month: add_months(month, -step) for month in observations["time_period"].unique()}
    base = observations.select(
        *keys,
        pl.col("time_period").replace_strict(later, return_dtype=pl.String),
        base="obs_value",
        base_version="definition_version",
        base_source=_source("note"),
    )
    joined = rows.join(base, on=[*keys, "time_period"], how="left")
    value, old = pl.col("obs_value"), pl.col("base")
    reason = (
        pl.when("flag")
        .then(pl.lit("flag"))
        .when((pl.lit(name == "month_on_month")) & pl.col("year_to_date"))
        .then(pl.lit("year_to_date"))
        .when(value.is_null() | old.is_null())
        .then(pl.lit("missing"))
        .when(pl.col("definition_version").ne_missing(pl.col("base_version")))
        .then(pl.lit("definition"))
        .when(_source("note") != pl.col("base_source"))
        .then(pl.lit("population"))
        .when((old == 0) & (pl.col("change_kind") == "percent"))
        .then(pl.lit("zero_base"))
    )
    changed = (
        pl.when(pl.col("change_kind") == "points")
        .then(value - old)
        .otherwise((value - old) / old.abs() * 100)
    )
    return joined.with_columns(
        pl.when(reason.is_null()).then(changed).alias(name), reason.alias(f"{name}_reason")
    ).drop("base", "base_version", "base_source")


def _source(note: str) -> pl.Expr:
    """The population that a note names, without its year; null where it names none."""
    return pl.col(note).str.extract("^人口口径:([^(;]*)")


def _months(first: str, until: str) -> int:
    return (int(until[:4]) - int(first[:4])) * 12 + int(until[5:]) - int(first[5:]) + 1
