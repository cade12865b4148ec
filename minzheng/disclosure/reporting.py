"""What disclosure control cost: cells and persons withheld, beside what simple rules would have withheld."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from minzheng.disclosure.deciding import Decision
from minzheng.disclosure.linking import Count, Tables, Tie
from minzheng.disclosure.panel import Panel
from minzheng.disclosure.rules import Profile


@dataclass
class SuppressionReport:
    """Figures on one run; holds names of cells, never a withheld value.

    `shown`, `withheld`: observations with a value. `primary`: cells withheld as small (or earlier), `further`: for their
    sake, with `further_value`, the sum of the counts they show. `next_smallest`, `whole_row`: cells and counts that simple
    rules would withhold beyond the small ones. `unprotected`: counts that earlier releases give away. `solved`: systems
    of linked tables looked at. `proofs`: tables that look the same, as changes of counts, for the gate alone.
    """

    profile: Profile
    shown: int = 0
    withheld: int = 0
    primary: int = 0
    further: int = 0
    further_value: int = 0
    next_smallest: int = 0
    next_smallest_value: int = 0
    whole_row: int = 0
    whole_row_value: int = 0
    solved: int = 0
    unprotected: list[str] = field(default_factory=list)
    uniform: list[tuple] = field(default_factory=list)
    by_indicator: pl.DataFrame | None = None
    proofs: list[dict[Count, int]] = field(default_factory=list, repr=False)

    def add(self, decision: Decision, months: Panel) -> None:
        """Take in a decision."""
        further = decision.hidden - decision.primary
        self.primary, self.further, self.solved = (
            len(decision.primary),
            len(further),
            decision.solved,
        )
        self.further_value = value_of(further, months.row, months.truth)

    def count(self, observations: pl.DataFrame, counts: pl.DataFrame, hidden: pl.Series) -> None:
        """Count the observations withheld, in all and by indicator."""
        marked = observations.select(
            "indicator_id", has=pl.col("obs_value").is_not_null()
        ).with_columns(hidden)
        self.withheld = int(hidden.sum())
        self.shown = int((marked["has"] & ~marked["hidden"]).sum())
        people = marked.filter(
            pl.col("indicator_id").is_in(counts["indicator_id"].unique().to_list())
        )
        by = people.group_by("indicator_id").agg(
            pl.len().alias("cells"), pl.col("hidden").sum().alias("withheld")
        )
        self.by_indicator = by.sort("indicator_id")

    def sentence(self) -> str:
        """The note below a table, in Chinese."""
        return (
            f"为防止识别个人,1至{self.profile.threshold - 1}的数字及可据以推算的数字不予公布(记“＊”),"
            f"共隐去{self.withheld}个单元格,占有数单元格的{self.withheld / max(self.withheld + self.shown, 1):.1%}。"
        )


def value_of(rows: set[int], row: Mapping[Count, int], truth: Mapping[Count, int]) -> int:
    """The sum of the numerators, or of the denominators where those alone are counts, that the rows show."""
    shown: dict[int, int] = {}
    for count in sorted(row, key=lambda count: count.part == "n"):
        if row[count] in rows and count.part != "r":
            shown[row[count]] = truth[count]
    return sum(shown.values())


def lost_by_simple_rules(report: SuppressionReport, now: Tables, ties: list[Tie]) -> None:
    """Count what two customary rules would withhold: the next smallest cell of each sum, or the whole row."""
    small = {
        row for count, row in now.row.items() if 0 < now.value[count] < report.profile.threshold
    }
    taken = next_smallest(now, ties, small)
    report.next_smallest += len(taken)
    report.next_smallest_value += value_of(taken, now.row, now.value)
    rows = {(count.indicator, count.area) for count in now.value if now.row[count] in small}
    whole = {row for count, row in now.row.items() if (count.indicator, count.area) in rows} - small
    report.whole_row += len(whole)
    report.whole_row_value += value_of(whole, now.row, now.value)


def next_smallest(now: Tables, ties: list[Tie], small: set[int]) -> set[int]:
    """Rows beyond `small` withheld by hand: while a sum lacks one cell only, its smallest other goes."""
    hidden, changed = set(small), True
    sums = [list(tie.terms) for tie in ties if not tie.at_most]
    while changed:
        changed = False
        for cells in sums:
            if sum(now.row[count] in hidden for count in cells) == 1 and len(cells) > 1:
                others = [count for count in cells if now.row[count] not in hidden]
                hidden.add(now.row[min(others, key=lambda count: (now.value[count], count))])
                changed = True
    return hidden - small
