"""Observations as linked tables: the counts they show, and the sums that tie them together, month by month.

A count is the numerator or denominator of a cell, or what is left of a denominator. Three kinds of tie: county over
townships over villages; a total over the codes of a partition; sums across indicators and to the month before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from minzheng.contracts.indicators import DIMENSIONS
from minzheng.disclosure.rules import Rules, SumRule, Term, read_term


class Count(NamedTuple):
    """The name of a count: numerator (n), denominator (d) or rest (r) of one cell of one area and month."""

    indicator: str
    part: str
    area: str
    month: str
    dimension: str
    code: str

    def __str__(self) -> str:
        return "|".join(self)


class Tie(NamedTuple):
    """A sum of counts: exactly zero, or `at_most`; `approximate` ties are dropped where they are far off.

    `published`: the sum is known whatever it is.
    """

    terms: dict[Count, int]
    at_most: bool
    approximate: bool
    published: bool = False


@dataclass
class Tables:
    """One month's counts. `value`: None where withheld. `row`: the observation (row number) that shows each count.

    `given`: counts nobody can withhold (the cell does not apply, status L). `lacking`: cells that are missing (M, E
    without a value), which no sum reaches.
    """

    value: dict[Count, int | None] = field(default_factory=dict)
    row: dict[Count, int] = field(default_factory=dict)
    given: set[Count] = field(default_factory=set)
    lacking: set[Count] = field(default_factory=set)
    nothing: set[Count] = field(default_factory=set)
    areas: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def counted(observations: pl.DataFrame, registry: Mapping, rules: Rules) -> pl.DataFrame:
    """The observations that show counts of people, with row number, dimension and code of their cell.

    Columns added: `row`, `dimension`, `code`, `counts_n`, `counts_d` (whether that part is a count of people).
    An indicator that the registry does not know is taken for persons.
    """
    kinds = []
    for indicator in observations["indicator_id"].unique().sort().to_list():
        numerator, denominator = parts_counted(indicator, registry, rules)
        kinds.append((indicator, numerator, denominator))
    schema = {"indicator_id": pl.String, "counts_n": pl.Boolean, "counts_d": pl.Boolean}
    broken = pl.coalesce(
        *(pl.when(pl.col(d) != "_T").then(pl.lit(d)) for d in DIMENSIONS), pl.lit("_T")
    )
    code = pl.coalesce(
        *(pl.when(pl.col(d) != "_T").then(pl.col(d)) for d in DIMENSIONS), pl.lit("_T")
    )
    return (
        observations.with_row_index("row")
        .join(
            pl.DataFrame(kinds, schema=schema, orient="row"),
            on="indicator_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("counts_d") | _size_of_roll(rules))
        .filter(pl.col("counts_n") | pl.col("counts_d"))
        .with_columns(broken.alias("dimension"), code.alias("code"))
    )


def _size_of_roll(rules: Rules) -> pl.Expr:
    """Whether the denominator counts rows about people."""
    sizes = [
        (pl.col("indicator_id") == code) & pl.col("category").is_in(cells)
        for code, cells in rules.sizes.items()
    ]
    return pl.any_horizontal(*sizes, pl.lit(False))


def parts_counted(indicator: str, registry: Mapping, rules: Rules) -> tuple[bool, bool]:
    """Whether numerator and denominator of an indicator count people."""
    if indicator in rules.uncounted:
        return False, False
    numerator, denominator = (
        indicator not in rules.amounts,
        indicator not in rules.public_denominators,
    )
    if indicator not in registry:
        return numerator, denominator
    disclosure = registry[indicator].disclosure
    people = disclosure.kind in ("persons", "households") or (
        disclosure.kind == "rate" and disclosure.behind in ("persons", "households")
    )
    return people and numerator, people and denominator


def tables(month_rows: pl.DataFrame, rules: Rules) -> Tables:
    """The counts of one month's rows of `counted`."""
    found = Tables()
    columns = [
        "row", "indicator_id", "ref_area", "time_period", "dimension", "code", "numerator",
        "denominator",
    ]  # fmt: skip
    columns += ["obs_status", "conf_status", "counts_n", "counts_d"]
    parts = set(rules.parts)
    for (
        row,
        name,
        area,
        month,
        dimension,
        code,
        n,
        d,
        status,
        conf,
        has_n,
        has_d,
    ) in month_rows.select(columns).rows():
        if status == "L" and (n or d):
            status = "A"  # a share of nobody, but somebody stands in its other part
        shown = [("n", n)] * has_n + [("d", d)] * (
            has_d and (d is not None or conf == "C" or name in parts)
        )
        for part, value in shown:
            _place(found, Count(name, part, area, month, dimension, code), row, value, status, conf)
        if (
            name in parts
            and has_n
            and has_d
            and (conf == "C" or (n is not None and d is not None and n <= d))
        ):
            rest = Count(name, "r", area, month, dimension, code)
            found.value[rest] = None if conf == "C" else int(d - n)
            found.row[rest] = row
            if status == "L":
                found.given.add(rest)
    for area in sorted({count.area for count in found.value}):
        if area[:-3] and len(area) > 6:
            found.areas[area[:-3]].append(area)
    return found


def _place(
    now: Tables, count: Count, row: int, value: float | None, status: str, conf: str | None
) -> None:
    if value is None and conf != "C":
        (now.nothing if status == "L" else now.lacking).add(count)
        return
    now.value[count] = None if value is None else int(value)
    now.row[count] = row
    if status == "L":
        now.given.add(count)


def ties(
    now: Tables, before: Tables | None, rules: Rules, cumulative: frozenset[str]
) -> Iterator[Tie]:
    """Every tie among one month's counts and to the month before."""
    yield from _rests(now)
    yield from _areas(now)
    yield from _breakdowns(now, rules)
    for relation in rules.relations:
        yield from _across(now, before, relation)
    if before is not None:
        yield from _running_totals(now, before, cumulative)


def _tie(
    now: Tables, terms: dict[Count, int], at_most: bool = False, approximate: bool = False
) -> Iterator[Tie]:
    """The tie without terms that do not exist (-); nothing where a term is missing."""
    kept = {count: value for count, value in terms.items() if count not in now.nothing}
    if len(kept) > 1 and all(count in now.value for count in kept):
        yield Tie(kept, at_most, approximate)


def _rests(now: Tables) -> Iterator[Tie]:
    for count in now.value:
        if count.part == "r":
            yield from _tie(
                now, {count._replace(part="d"): 1, count._replace(part="n"): -1, count: -1}
            )


def _areas(now: Tables) -> Iterator[Tie]:
    for count in now.value:
        inside = [count._replace(area=area) for area in now.areas.get(count.area, ())]
        there = [
            part
            for part in inside
            if part in now.value or part in now.nothing or part in now.lacking
        ]
        if there:
            yield from _tie(
                now, {count: 1, **dict.fromkeys(there, -1)}, approximate=len(count.area) > 6
            )


def _breakdowns(now: Tables, rules: Rules) -> Iterator[Tie]:
    codes: dict[tuple, dict[str, list[Count]]] = defaultdict(lambda: defaultdict(list))
    for count in (*now.value, *now.lacking, *now.nothing):
        if count.dimension != "_T":
            codes[count[:4]][count.dimension].append(count)
    for key, dimensions in codes.items():
        total = Count(*key, "_T", "_T")
        for dimension, cells in dimensions.items():
            groups = [cells] if dimension in rules.partitions else _listed(cells, rules, key[0])
            for group in groups:
                yield from _tie(now, {total: 1, **dict.fromkeys(group, -1)})
            if not groups:
                for cell in cells:
                    yield from _tie(now, {cell: 1, total: -1}, at_most=True)


def _listed(cells: list[Count], rules: Rules, indicator: str) -> list[list[Count]]:
    place = {cell.code: cell for cell in cells}
    absent = set(rules.sparse) - set(place)
    lists = [
        [code for code in codes if code not in absent]
        for codes in rules.categories.get(indicator, [])
    ]
    return [
        [place[code] for code in codes] for codes in lists if all(code in place for code in codes)
    ]


def _across(now: Tables, before: Tables | None, relation: SumRule) -> Iterator[Tie]:
    terms = [(read_term(text), value) for text, value in relation.sum.items()]
    if before is None and any(term.before for term, _ in terms):
        return
    first = terms[0][0]
    unless = read_term(relation.unless) if relation.unless else None
    for count in list(now.value):
        if (count.indicator, count.part, count.dimension) != (
            first.indicator,
            first.part,
            first.dimension,
        ):
            continue
        if first.code not in ("*", count.code):
            continue
        summed, there = {}, True
        for term, value in terms:
            code = count.code if term.code == "*" else term.code
            month = next(iter(before.value)).month if term.before and before.value else count.month
            other = Count(term.indicator, term.part, count.area, month, term.dimension, code)
            there = there and (not term.before or other in before.value)
            summed[other] = value
        if unless and _cell(unless, count) in now.value:
            continue
        own = [other for other in summed if other.month == count.month]
        if there and all(other in now.value or other in now.nothing for other in own):
            kept = {other: value for other, value in summed.items() if other not in now.nothing}
            yield Tie(kept, relation.at_most, relation.approximate)


def _cell(term: Term, count: Count) -> Count:
    return Count(term.indicator, term.part, count.area, count.month, term.dimension, term.code)


def _running_totals(now: Tables, before: Tables, cumulative: frozenset[str]) -> Iterator[Tie]:
    """Year-to-date counts do not fall within a year."""
    if not before.value:
        return
    month = next(iter(before.value)).month
    for count in now.value:
        if count.indicator in cumulative and count.part != "r" and count.month[:4] == month[:4]:
            earlier = count._replace(month=month)
            if earlier in before.value:
                yield Tie({earlier: 1, count: -1}, True, True)
