"""The rules of the report (X01 to X08) as functions on plain frames; `quality.report` hands them what a release prints.

Each takes one frame of what was looked at and returns it with a column `broken`; nothing here knows a release.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

FOOTNOTE = "未作机械调整"
POINTS = "个百分点"


def month_on_month(changes: pl.DataFrame) -> pl.DataFrame:
    """X01. One row a printed change: `year_to_date`, `against` (`mom` or `yoy`). Broken: a running total against the month before.

    A year-to-date figure restarts in January and only grows inside a year, so its month-on-month change says nothing.
    """
    return changes.with_columns(broken=pl.col("year_to_date") & (pl.col("against") == "mom"))


def wording(changes: pl.DataFrame) -> pl.DataFrame:
    """X02. One row a printed change: `unit` of the figure, `base` it is compared with, `text` with the unit behind it.

    Broken: a percentage whose change is not told in percentage points, another figure whose change is, and a growth in
    per cent on a base of 0 (x/0 - 1 is no number: `-` or a difference is written).
    """
    rate, points = pl.col("unit") == "%", pl.col("text").str.ends_with(POINTS)
    growth = pl.col("text").str.contains("%", literal=True)
    return changes.with_columns(broken=(rate != points) | (growth & (pl.col("base") == 0)))


def differs_from_mart(numbers: pl.DataFrame) -> pl.DataFrame:
    """X03. One row a printed number: `text` and the `value` behind it. Broken: |printed - value| > 0.5 x 10^-d.

    d are the decimals of the printed text; a number printed where there is no value is broken.
    """
    digits = pl.col("text").str.extract(r"(-?\d+(?:\.\d+)?)")
    decimals = digits.str.extract(r"\.(\d+)").str.len_chars().fill_null(0)
    half = 0.5 * pl.lit(10.0).pow(-decimals.cast(pl.Float64)) * (1 + 1e-9) + 1e-9
    return numbers.with_columns(
        broken=((digits.cast(pl.Float64) - pl.col("value")).abs() > half).fill_null(True)
    )


def unexplained_sums(sums: pl.DataFrame, note: str) -> pl.DataFrame:
    """X04. One row a printed sum: `total` and `parts` (a list) as printed. Broken: they do not add up and no `note` says why.

    Parts rounded one by one may miss the rounded total by half a unit each; they are never forced, the note tells it.
    """
    told = FOOTNOTE in note
    broken = [
        not told and sum(map(Decimal, parts), Decimal(0)) != Decimal(total)
        for total, parts in sums.select("total", "parts").iter_rows()
    ]
    return sums.with_columns(broken=pl.Series(broken, dtype=pl.Boolean))


def small_counts(cells: pl.DataFrame, smallest: float) -> pl.DataFrame:
    """X05. One row a printed count of people in a township or village: `count`. Broken: 0 < count < `smallest`."""
    return cells.with_columns(
        broken=((pl.col("count") > 0) & (pl.col("count") < smallest)).fill_null(False)
    )


def recoverable(
    cells: Mapping[str, float | None], sums: Sequence[Mapping[str, int]], smallest: float
) -> pl.DataFrame:
    """X06. `cells`: name to printed count, None where withheld; `sums`: linear sums of cells that are zero (+1 total, -1 part).

    One row a withheld `cell` with what it is `found` to be. A sum with one unknown x gives it, x = -(sum of the known
    terms) / its sign; what is found so is known in the next sum, until no sum has a single unknown left (elimination by
    substitution). Broken: 0 < found < `smallest`; a larger count withheld for the sake of others singles out nobody.
    """
    known = {name: count for name, count in cells.items() if count is not None}
    waiting, found = list(sums), {}
    while True:
        left = [(terms, [name for name in terms if name not in known]) for terms in waiting]
        single = {unknown[0]: terms for terms, unknown in left if len(unknown) == 1}
        if not single:
            break
        for name, terms in single.items():
            rest = sum(sign * known[other] for other, sign in terms.items() if other != name)
            found[name] = -rest / terms[name]
        known |= found
        waiting = [terms for terms, unknown in left if len(unknown) > 1]
    hidden = sorted(name for name, count in cells.items() if count is None)
    frame = pl.DataFrame(
        {"cell": hidden, "found": [found.get(name) for name in hidden]},
        schema={"cell": pl.String, "found": pl.Float64},
    )
    return frame.with_columns(
        broken=((pl.col("found") > 0) & (pl.col("found") < smallest)).fill_null(False)
    )


def unexplained_revisions(
    changed: pl.DataFrame, printed: pl.DataFrame, key: Sequence[str]
) -> pl.DataFrame:
    """X07. One row a cell of an issued month that `changed`; `printed` are the printed revisions with their `reason`.

    Broken: the cell is not among them, or without a reason.
    """
    reasons = printed.select(*key, "reason").filter(pl.col("reason").fill_null("") != "")
    return changed.join(reasons, on=list(key), how="left", nulls_equal=True).with_columns(
        broken=pl.col("reason").is_null()
    )


def unsigned(names: Mapping[str, str | None]) -> pl.DataFrame:
    """X08. One row a `role` (preparer, reviewer, head) of who signs. Broken: nobody is named, or a blank."""
    broken = [not (name or "").strip() for name in names.values()]
    return pl.DataFrame(
        {"role": list(names), "broken": broken}, schema={"role": pl.String, "broken": pl.Boolean}
    )
