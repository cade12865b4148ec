"""Control totals: rows of sums compared with the rows they sum, reported, never used."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.intake.table import Table, Total
from minzheng.intake.types import typed

Sums = dict[str, Decimal]
NEAR = 200  # a total sums no more groups than this, or the whole sheet


@dataclass
class Subtotals:
    """The money of one sheet between its total rows: `groups[i]` stands before `totals[i]`, the last one below all of them."""

    groups: list[Sums] = field(default_factory=lambda: [{}])
    totals: list[Total] = field(default_factory=list)


def add_block(subtotals: Subtotals, contract: Dataset, table: Table, frame: pl.DataFrame) -> None:
    """Add a block of rows, good and bad alike."""
    names = [
        column.name
        for column in contract.columns
        if column.type == "yuan" and column.name in table.text
    ]
    start = 0
    for total in [*table.totals, None]:
        end = total.after if total else frame.height
        part, group = frame.slice(start, end - start), subtotals.groups[-1]
        for name in names:
            group[name] = group.get(name, Decimal(0)) + (part[name].sum() or 0)
        start = end
        if total:
            subtotals.totals.append(total)
            subtotals.groups.append({})


def compare(subtotals: Subtotals, contract: Dataset, sheet: str) -> list[dict]:
    """Of each sum in a total row: where it stands and whether it equals some run of groups right before or after it, or all."""
    found = []
    for name in sorted(set().union(*subtotals.groups)):
        sums = [group.get(name, Decimal(0)) for group in subtotals.groups]
        for place, total in enumerate(subtotals.totals):
            given = typed(
                contract.column(name),
                pl.Series([total.cells.get(name) or None], dtype=pl.String),
                None,
            ).value.item()
            if given is not None:
                agrees = given == sum(sums) or given in _runs(sums, place)
                found.append(
                    {"sheet": sheet, "row": total.row_no, "column": name, "agrees": agrees}
                )
    return found


def _runs(sums: list[Decimal], place: int) -> set[Decimal]:
    """The sums of the runs of groups that end before the total at `place`, or begin after it."""
    before = accumulate(reversed(sums[max(place + 1 - NEAR, 0) : place + 1]))
    return {*before, sum(sums[: place + 1]), *accumulate(sums[place + 1 : place + 1 + NEAR])}
