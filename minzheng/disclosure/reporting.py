"""What disclosure control cost: cells and persons withheld, beside what simple rules would have withheld."""

from dataclasses import dataclass, field

import polars as pl

from minzheng.disclosure.linking import Count, Tables, Tie
from minzheng.disclosure.rules import Profile


@dataclass
class SuppressionReport:
    """Figures on one run; holds names of cells, never a withheld value.

    `shown`, `withheld`: observations with a value. `primary`, `further`: counts withheld as small (or earlier), and for
    their sake. `further_value`: sum of the counts lost for the others' sake. `next_smallest`, `whole_row`: counts that
    simple rules would withhold beyond the small ones. `unprotected`: small counts that earlier releases give away.
    `solved`, `proved`: linked tables treated, and treated with a proof that no cheaper pattern is safe.
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
    proved: int = 0
    unprotected: list[str] = field(default_factory=list)
    uniform: list[tuple] = field(default_factory=list)
    by_indicator: pl.DataFrame | None = None

    def add(self, decision, now: Tables) -> None:
        """Take in one month's decision."""
        further = decision.hidden - decision.primary
        self.primary += len(decision.primary)
        self.further += len(further)
        self.further_value += sum(now.value[count] for count in further)
        self.solved += decision.solved
        self.proved += decision.proved
        self.unprotected += sorted(str(count) for count in decision.unprotected)

    def count(self, observations: pl.DataFrame, counts: pl.DataFrame, hidden: pl.Series) -> None:
        """Count the observations withheld, in all and by indicator."""
        marked = observations.select("indicator_id", has=pl.col("obs_value").is_not_null()).with_columns(hidden)
        self.withheld = int(hidden.sum())
        self.shown = int((marked["has"] & ~marked["hidden"]).sum())
        people = marked.filter(pl.col("indicator_id").is_in(counts["indicator_id"].unique().to_list()))
        by = people.group_by("indicator_id").agg(pl.len().alias("cells"), pl.col("hidden").sum().alias("withheld"))
        self.by_indicator = by.sort("indicator_id")

    def sentence(self) -> str:
        """The note below a table, in Chinese."""
        return (
            f"为防止识别个人,1至{self.profile.threshold - 1}的数字及可据以推算的数字不予公布(记“＊”),"
            f"共隐去{self.withheld}个单元格,占有数单元格的{self.withheld / max(self.withheld + self.shown, 1):.1%}。"
        )


def lost_by_simple_rules(report: SuppressionReport, now: Tables, ties: list[Tie], profile: Profile) -> None:
    """Count what two customary rules would withhold: the next smallest cell of each sum, or the whole row."""
    small = {c for c, value in now.value.items() if 0 < value < profile.threshold and c.part != "r"}
    taken = next_smallest(now, ties, small)
    report.next_smallest += len(taken)
    report.next_smallest_value += sum(now.value[count] for count in taken)
    rows = {(count.indicator, count.area) for count in small}
    whole = {c for c in now.value if (c.indicator, c.area) in rows and c.part != "r"} - small
    report.whole_row += len(whole)
    report.whole_row_value += sum(now.value[count] for count in whole)


def next_smallest(now: Tables, ties: list[Tie], small: set[Count]) -> set[Count]:
    """Cells beyond `small` withheld by hand: while a sum lacks one cell only, withhold its smallest other."""
    hidden, changed = set(small), True
    sums = [[c for c in tie.terms if c.part != "r"] for tie in ties if not tie.at_most]
    while changed:
        changed = False
        for cells in sums:
            if sum(count in hidden for count in cells) == 1 and len(cells) > 1:
                others = [count for count in cells if count not in hidden]
                hidden.add(min(others, key=lambda count: (now.value[count], count)))
                changed = True
    return hidden - small
