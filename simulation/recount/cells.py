"""Cells of an indicator: counting rows by area and one breakdown at a time, and giving each cell its value and status."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, product

import polars as pl

from minzheng.contracts.regions import county
from simulation.recount.known import COUNTIES, TOWNS, WHOLES, Known, villages, year_to_date

TOTAL = "_T"
DIMENSIONS = ("residence", "sex", "age_group", "category")
KEY = ["month", "ref_area", *DIMENSIONS]
Codes = dict[str, list[str]]
PLACES = {"k": "county", "t": "township"} | ({} if WHOLES == COUNTIES else {"p": None})
"""Kinds of area to the column that names one: each county, each township, and of several counties what holds them all."""
LEVELS = {"c": [level for level in "kp" if level in PLACES], "k": ["k"], "t": ["t"], "v": ["v"]}


@dataclass(frozen=True)
class Needs:
    """When a cell is missing: datasets of the month, datasets of every month from January, columns behind categories,
    columns behind every cell (in each of the months that are needed)."""

    month: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    column: tuple[str, str] | None = None
    columns: tuple[tuple[str, str], ...] = ()


def count(
    rows: pl.DataFrame, value: pl.Expr, levels: str, by: dict[str, list[str]] | None = None
) -> pl.DataFrame:
    """`value` by month, area and breakdown; `levels` of c (each county, and what holds several), k (each county alone), t(ownship),
    v(illage); `by` maps a dimension to columns of codes."""
    own = pl.col("county") if "county" in rows.columns else pl.col("township").str.slice(0, 6)
    places = {
        "p": pl.lit(county()),
        "k": own,
        "t": pl.col("township"),
        "v": pl.col("region_code") if "region_code" in rows.columns else pl.lit(None),
    }
    parts = []
    for level in chain.from_iterable(LEVELS.get(one, [one]) for one in levels):
        there = rows.with_columns(ref_area=places[level]).filter(pl.col("ref_area").is_not_null())
        if level == "v":
            there = there.filter(~pl.col("ref_area").str.ends_with("000"))
        parts.append(_grouped(there, value, {}))
        for dimension, columns in (by or {}).items() if level != "v" else ():
            parts += [
                _grouped(there.filter(pl.col(column).is_not_null()), value, {dimension: column})
                for column in columns
            ]
    return pl.concat(parts)


def _grouped(rows: pl.DataFrame, value: pl.Expr, by: dict[str, str]) -> pl.DataFrame:
    dimension, column = next(iter(by.items()), (None, None))
    found = rows.group_by("month", "ref_area", *([column] if column else [])).agg(
        value=value.cast(pl.Float64)
    )
    codes = [
        pl.col(column).alias(name) if name == dimension else pl.lit(TOTAL).alias(name)
        for name in DIMENSIONS
    ]
    return found.select("month", "ref_area", *codes, "value")


def grid(months: list[str], levels: str, codes: Codes, *, total: bool = True) -> pl.DataFrame:
    """Every cell an indicator has (_G08): the total, and each code of one dimension at a time; villages have the total only."""
    cells = [(TOTAL,) * 4] if total else []
    for dimension, words in codes.items():
        cells += [
            tuple(word if name == dimension else TOTAL for name in DIMENSIONS) for word in words
        ]
    areas = {"c": list(WHOLES), "k": list(COUNTIES), "t": list(TOWNS), "v": villages()}
    rows = []
    for month, level in product(months, levels):
        shown = product(areas[level], cells if level != "v" else cells[:1])
        rows += [(month, area, *cell) for area, cell in shown]
    return pl.DataFrame(rows, schema=KEY, orient="row")


def missing(known: Known, cells: pl.DataFrame, needs: Needs) -> pl.Series:
    """Which cells are M (_G09, _G10), with the cells whose file lacks the column behind a category."""
    memory: dict[tuple[str, str], bool] = {}

    def is_missing(month: str, area: str) -> bool:
        if (month, area) not in memory:
            year = year_to_date(known.months, month)
            read = [*product(needs.month, [month]), *product(needs.year, year)]
            covered = all(known.is_covered(name, earlier, area) for name, earlier in read)
            memory[month, area] = not covered or any(
                any(
                    known.lacks(name, earlier, area, column)
                    for earlier in (year if name in needs.year else [month])
                )
                for name, column in needs.columns
            )
        return memory[month, area]

    def lacking(month: str, area: str, category: str) -> bool:
        return (
            needs.column is not None
            and category != TOTAL
            and known.lacks(needs.column[0], month, area, needs.column[1])
        )

    rows = cells.select("month", "ref_area", "category").iter_rows()
    return pl.Series(
        [
            is_missing(month, area) or lacking(month, area, category)
            for month, area, category in rows
        ],
        dtype=pl.Boolean,
    )


def within_year(months: list[str]) -> pl.DataFrame:
    """Every loaded month `to` with every loaded `month` from its January on."""
    rows = [(m, e) for m, e in product(months, months) if e[:4] == m[:4] and e <= m]
    return pl.DataFrame(rows, schema={"to": pl.String, "month": pl.String}, orient="row")


def year_sum(months: list[str], values: pl.DataFrame) -> pl.DataFrame:
    """Running sums from January, for flows counted by month; a month without rows keeps the sum so far."""
    keys = ["to", "ref_area", *DIMENSIONS]
    return (
        within_year(months)
        .join(values, on="month")
        .group_by(keys)
        .agg(pl.col("value").sum())
        .rename({"to": "month"})
        .select(*KEY, "value")
    )


def observe(
    known: Known, indicator: str, unit: str, levels: str, numerator: pl.DataFrame, needs: Needs, *,
    denominator: pl.DataFrame | None = None, multiplier: float = 1, codes: Codes | None = None, total: bool = True,
    estimated: Callable[[str, str], bool] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The observations of one indicator: every cell of its grid with value, numerator, denominator and status (_G01, _G09)."""
    cells = grid(known.months, levels, codes or {}, total=total)
    cells = cells.join(
        numerator.rename({"value": "numerator"}), on=KEY, how="left", maintain_order="left"
    ).with_columns(pl.col("numerator").fill_null(0))
    if denominator is None:
        cells = cells.with_columns(denominator=pl.lit(None, dtype=pl.Float64))
    else:
        cells = cells.join(
            denominator.rename({"value": "denominator"}), on=KEY, how="left", maintain_order="left"
        )
        cells = cells.with_columns(pl.col("denominator").fill_null(0))
    gone = missing(known, cells, needs)
    late = pl.Series(
        [
            bool(estimated and estimated(month, area))
            for month, area in cells.select("month", "ref_area").iter_rows()
        ],
        dtype=pl.Boolean,
    )
    status = (
        pl.when(gone)
        .then(pl.lit("M"))
        .when(pl.col("denominator") == 0)
        .then(pl.lit("L"))
        .when(late)
        .then(pl.lit("E"))
        .otherwise(pl.lit("A"))
    )
    value = (
        pl.when(pl.col("denominator").is_null())
        .then(pl.col("numerator") * multiplier)
        .otherwise(pl.col("numerator") / pl.col("denominator") * multiplier)
    )
    cells = cells.with_columns(obs_status=status)
    bare = pl.col("obs_status") == "M"
    return cells.with_columns(
        obs_value=pl.when(bare | (pl.col("obs_status") == "L")).then(None).otherwise(value),
        numerator=pl.when(bare).then(None).otherwise("numerator"),
        denominator=pl.when(bare).then(None).otherwise("denominator"),
        indicator_id=pl.lit(indicator),
        unit_measure=pl.lit(unit),
    )


def persons() -> pl.Expr:
    """Distinct people (_G05)."""
    return pl.col("person").n_unique()


def households() -> pl.Expr:
    """Distinct households (_G05)."""
    return pl.struct("township", "household_no").n_unique()


def money(column: str) -> pl.Expr:
    """A sum of yuan, exact to the cent."""
    return (pl.col(column) * 100).round(0).cast(pl.Int64).sum() / 100


def coded(column: str, words: dict[str | None, str]) -> pl.Expr:
    """A column's words as codes; words that have no code become null."""
    plain = {word: code for word, code in words.items() if word is not None}
    found = pl.col(column).replace_strict(plain, default=None, return_dtype=pl.String)
    return (
        pl.when(pl.col(column).is_null()).then(pl.lit(words[None])).otherwise(found)
        if None in words
        else found
    )


def cells_of(
    months: list[str],
    areas: list[str],
    value: Callable[[str, str], float | None],
    category: str = TOTAL,
    age: str = TOTAL,
) -> pl.DataFrame:
    """A value by month and area as `count` gives it; None becomes no row."""
    rows = [(m, a, TOTAL, TOTAL, age, category, value(m, a)) for m, a in product(months, areas)]
    frame = pl.DataFrame(
        rows, schema=[*KEY, "value"], orient="row", schema_overrides={"value": pl.Float64}
    )
    return frame.filter(pl.col("value").is_not_null())


def blank_where_absent(values: pl.DataFrame, numerator: pl.DataFrame) -> pl.DataFrame:
    """Turn cells without a value of their own into M (a standard not in force, no population)."""
    there = values.join(
        numerator.select(KEY).unique().with_columns(there=pl.lit(True)),
        on=KEY,
        how="left",
        maintain_order="left",
    )["there"].fill_null(False)
    return values.with_columns(
        obs_status=pl.when(there).then("obs_status").otherwise(pl.lit("M")),
        **{name: pl.when(there).then(name) for name in ("obs_value", "numerator", "denominator")},
    )


def median(
    known: Known, indicator: str, unit: str, rows: pl.DataFrame, value: pl.Expr, needs: Needs
) -> pl.DataFrame:
    """The median of a value over rows, by month and area: no numerator, no denominator, L without rows."""
    middle = count(rows, value.median(), "ct")
    cells = observe(
        known, indicator, unit, "ct", middle, needs, denominator=count(rows, pl.len(), "ct")
    )
    value = cells.join(middle, on=KEY, how="left", maintain_order="left")["value"]
    return cells.with_columns(
        obs_value=pl.when(pl.col("obs_status") == "A").then(value),
        numerator=pl.lit(None, dtype=pl.Float64),
        denominator=pl.lit(None, dtype=pl.Float64),
    )


def without(cells: pl.DataFrame, months: list[str]) -> pl.DataFrame:
    """The cells with those of some months missing (M), whatever was counted."""
    gone = pl.col("month").is_in(months)
    numbers = {
        name: pl.when(~gone).then(name) for name in ("obs_value", "numerator", "denominator")
    }
    return cells.with_columns(
        obs_status=pl.when(gone).then(pl.lit("M")).otherwise("obs_status"), **numbers
    )
