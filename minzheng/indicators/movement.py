"""Movement: why a headline figure is not what it was last month, in parts that add up to the change exactly.

change = value now - value of the month before as it was published
       = new - gone + moved in - moved out + denominator + definition + revision

For a rate each person's part is taken over the earlier denominator, and `denominator` is what the new denominator does to
the new numerator: n1/d1 - n0/d0 = (n1 - n0)/d0 + n1 * (1/d1 - 1/d0). Exact fractions are used until the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import duckdb
import polars as pl

from minzheng.contracts.indicators import DIMENSIONS, registry
from minzheng.errors import MinzhengError
from minzheng.indicators.models import gather_cases
from minzheng.months import add_months
from minzheng.warehouse.connection import model

FAMILIES = (
    ("dibao_urban_persons", "dibao_rural_persons"),
    ("tekun_urban_persons", "tekun_rural_persons"),
    ("orphan_total", "fact_orphan_total"),
    ("orphan_institution", "orphan_social"),
    ("elder_service_subsidy", "elder_care_subsidy"),
    ("edge_persons",),
    ("pwd_living_recipients",),
    ("pwd_care_recipients",),
    ("old_age_allowance",),
    ("dibao_coverage",),
    ("old_age_coverage",),
)
"""The headlines that are decomposed. Between the indicators of one line a person moves: a change of scheme, area, class,
form of care or subsidy is neither new nor gone. The two disability subsidies may be drawn together, so they are apart."""

PARTS = ("new", "gone", "moved_in", "moved_out", "denominator", "definition", "revision")
MOVEMENT = {
    "indicator_id": pl.String,
    "ref_area": pl.String,
    "month": pl.String,
    "previous_value": pl.Float64,
    **dict.fromkeys(PARTS, pl.Float64),
    "value": pl.Float64,
    "reason": pl.String,  # missing, where the parts are null
}
"""Why the headlines changed since the month before, by area: value = previous_value + the seven parts."""


@dataclass(frozen=True)
class Flows:
    """Persons who came and went between two months, in one area."""

    new: int = 0
    gone: int = 0
    moved_in: int = 0
    moved_out: int = 0


@dataclass(frozen=True)
class Figure:
    """A value as numerator and denominator (None for a count), with the definition it follows."""

    numerator: Fraction | int
    denominator: Fraction | int | None = None
    version: str | None = None

    def value(self, multiplier: Fraction) -> Fraction:
        """numerator / denominator * multiplier, exactly."""
        return (
            Fraction(self.numerator)
            / Fraction(1 if self.denominator is None else self.denominator)
            * multiplier
        )


def decompose(
    before: Figure,
    now: Figure,
    flows: Flows,
    *,
    published: Figure | None = None,
    multiplier: float = 1,
) -> dict[str, Fraction]:
    """The parts of `now` minus `published` (else `before`), signed, summing to the change exactly.

    `before` is the month before as known now; its difference from `published` is `definition` when the definition
    changed in between, else `revision`. ValueError when the flows do not lead from one numerator to the other.
    """
    step = flows.new - flows.gone + flows.moved_in - flows.moved_out
    if before.numerator + step != now.numerator:
        raise ValueError("the flows do not lead from the earlier numerator to the later one")
    times = Fraction(str(multiplier))
    each = times / Fraction(1 if before.denominator is None else before.denominator)
    published = published or before
    later = before.value(times) - published.value(times)
    redefined = published.version != before.version
    return {
        "new": flows.new * each,
        "gone": -flows.gone * each,
        "moved_in": flows.moved_in * each,
        "moved_out": -flows.moved_out * each,
        "denominator": now.value(times) - now.numerator * each,
        "definition": later if redefined else Fraction(0),
        "revision": Fraction(0) if redefined else later,
    }


def movement(
    connection: duckdb.DuckDBPyConnection,
    indicator_id: str,
    month: str,
    published: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per area: value before and now and the parts between; null parts where a month is missing.

    Both months must be computed (`indicator.observation`). `published` holds the observations as first released; without
    it there is no revision. Only indicators that count persons, or their rates, can be decomposed; `MinzhengError` else.
    Columns: `MOVEMENT`.
    """
    gather_cases(connection, [add_months(month, -1), month])
    return _movement(connection, indicator_id, month, published)


def movements(
    connection: duckdb.DuckDBPyConnection, month: str, published: pl.DataFrame | None = None
) -> pl.DataFrame:
    """`movement` of every headline of `FAMILIES`, in one frame."""
    gather_cases(connection, [add_months(month, -1), month])
    codes = chain.from_iterable(FAMILIES)
    return pl.concat([_movement(connection, code, month, published) for code in codes])


def _movement(
    connection: duckdb.DuckDBPyConnection,
    indicator_id: str,
    month: str,
    published: pl.DataFrame | None,
) -> pl.DataFrame:
    """`movement`, with the cases of both months gathered."""
    previous = add_months(month, -1)
    came_and_went = flows(connection, indicator_id, previous, month)
    _refuse_uncounted(connection, indicator_id, month)
    known = _totals(connection, indicator_id, (previous, month))
    first = _published_totals(published, indicator_id, previous)
    each = registry()[indicator_id].multiplier
    rows = [
        (
            indicator_id,
            area,
            month,
            *_row(area, known.get((area, previous)), known.get((area, month)), flow, first, each),
        )
        for area, flow in came_and_went
    ]
    return pl.DataFrame(rows, schema=MOVEMENT, orient="row")


def flows(
    connection: duckdb.DuckDBPyConnection, indicator_id: str, previous: str, month: str
) -> list[tuple[str, Flows]]:
    """Who came and went in every area, with the cases of both months gathered."""
    siblings = next((list(family) for family in FAMILIES if indicator_id in family), [indicator_id])
    asked = {
        "indicator_id": indicator_id,
        "siblings": siblings,
        "previous": previous,
        "month": month,
    }
    rows = connection.execute(model("indicator/movement"), asked).fetchall()
    return [(area, Flows(*counts)) for area, _, _, *counts in rows]


def _refuse_uncounted(connection: duckdb.DuckDBPyConnection, indicator_id: str, month: str) -> None:
    """`MinzhengError` for an indicator above zero that is not made of cases."""
    counted = "select 1 from indicator_case where indicator_id = ? limit 1"
    if not connection.execute(counted, [indicator_id]).fetchall() and _needs_no_cases(
        connection, indicator_id, month
    ):
        raise MinzhengError(
            f"{indicator_id} counts no persons, so its change has no movement",
            f"指标{indicator_id}不按人计数,无法分解变动",
        )


def _needs_no_cases(connection: duckdb.DuckDBPyConnection, indicator_id: str, month: str) -> bool:
    """Whether the figure is above zero without any case: then it is not made of cases."""
    query = "select 1 from indicator.observation where indicator_id = ? and month = ? and numerator > 0 limit 1"
    return bool(connection.execute(query, [indicator_id, month]).fetchall())


def _totals(
    connection: duckdb.DuckDBPyConnection, indicator_id: str, months: tuple[str, str]
) -> dict:
    total = " and ".join(f"{name} = '_T'" for name in DIMENSIONS)
    rows = connection.execute(
        f"""select ref_area, month, numerator, denominator, obs_value, definition_version from indicator.observation
            where indicator_id = ? and month in (?, ?) and {total}""",
        [indicator_id, *months],
    ).fetchall()
    return {(area, month): _figure(*rest) for area, month, *rest in rows}


def _published_totals(
    published: pl.DataFrame | None, indicator_id: str, month: str
) -> Mapping[str, Figure | None]:
    if published is None:
        return {}
    total = [pl.col(name) == "_T" for name in DIMENSIONS]
    rows = published.filter(
        pl.col("indicator_id") == indicator_id, pl.col("time_period") == month, *total
    )
    names = ("ref_area", "numerator", "denominator", "obs_value", "definition_version")
    return {area: _figure(*rest) for area, *rest in rows.select(names).iter_rows()}


def _figure(
    numerator: float | None, denominator: float | None, value: float | None, version: str | None
) -> Figure | None:
    if value is None or numerator is None:
        return None
    return Figure(
        Fraction(numerator), None if denominator is None else Fraction(denominator), version
    )


def _row(
    area: str,
    before: Figure | None,
    now: Figure | None,
    flows: Flows,
    first: Mapping,
    multiplier: float,
) -> tuple:
    """One area's line from `previous_value` on; without both months, or what was published when asked, only values."""
    times = Fraction(str(multiplier))
    published = first.get(area, before) if first else before
    told = [None if figure is None else float(figure.value(times)) for figure in (published, now)]
    if before is None or now is None or published is None:
        return (told[0], *[None] * len(PARTS), told[1], "missing")
    parts = decompose(before, now, flows, published=published, multiplier=multiplier)
    return (told[0], *(float(parts[name]) for name in PARTS), told[1], None)
