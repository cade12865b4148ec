"""A row of a plan as everything printed shows it: its target, how far it has come, what is missing, its class."""

from collections.abc import Sequence
from dataclasses import dataclass

from minzheng.contracts.plans import Goal
from minzheng.contracts.report import words
from minzheng.progress.path import goal_of
from minzheng.progress.table import Verdict
from minzheng.publish.cell import Cell
from minzheng.publish.numbers import printed, rounded

LAGGING = ("deterioration", "limited_progress", "moderate_progress")
FEW_UNITS = 10
"""A share of so few units (beds, villages, facilities) is told with the units themselves: one of them moves it by a tenth."""


@dataclass(frozen=True)
class PlanLine:
    """A plan row with a target in the county, as report, tables and pictures print it."""

    verdict: Verdict
    name_zh: str
    unit: str
    decimals: int
    direction: str
    cell: Cell
    upper: float | None = None
    gap_unit: str | None = None

    @property
    def indicator_id(self) -> str:
        """The indicator's code."""
        return self.verdict.indicator_id

    @property
    def sign(self) -> int:
        """-1 where lower is better; of a band, above its upper edge."""
        above = (
            self.upper is not None and self.cell.value is not None and self.cell.value > self.upper
        )
        return -1 if self.direction == "down" or above else 1

    @property
    def goal(self) -> Goal | None:
        """As what the target is judged: a way to go, a floor or a cap to keep, a band."""
        facts = self.verdict
        sign = -1 if self.direction == "down" else 1
        return goal_of(facts.baseline_value, facts.target_value, sign, self.upper)

    @property
    def edge(self) -> float:
        """The target, or the upper edge of a band for a value above it."""
        return self.upper if self.upper is not None and self.sign < 0 else self.verdict.target_value

    @property
    def baseline_text(self) -> str | None:
        """The base as printed; None where there is none."""
        return self._printed(self.verdict.baseline_value)

    @property
    def target_text(self) -> str:
        """The target as printed, a band as `1.3—1.5`."""
        edges = [self.verdict.target_value] + ([] if self.upper is None else [self.upper])
        return "—".join(printed(edge, self.decimals) for edge in edges)

    def _printed(self, value: float | None) -> str | None:
        return None if value is None else printed(value, self.decimals)

    @property
    def star(self) -> str:
        """What marks a target whose source is not verified."""
        return "" if self.verdict.target_verified else "*"

    @property
    def completion_text(self) -> str:
        """完成率 in per cent; empty where there is none, or where open rows could move it."""
        share = None if self.cell.obs_status == "U" else self.verdict.completion
        return "" if share is None else f"{rounded(share * 100, 1)}%"

    @property
    def advance(self) -> float | None:
        """进度 = (value - base) / (target - base), a share (docs/sources.md 6.2).

        Where the base lay at or past the target there is no way to go: 1 while the target is met, else None; None too
        without base, target or value.
        """
        return self._advance(self.cell.value) if self.cell.state == "value" else None

    def _advance(self, value: float) -> float | None:
        base, target = self.verdict.baseline_value, self.verdict.target_value
        if base is None or target is None:
            return None
        way = (value - base) / (target - base) if target != base else None
        if self.verdict.status_path == "target_achieved":
            return max(1.0, way or 0.0) if self.goal == "path" else 1.0
        return None if way is not None and way >= 1 else way

    @property
    def advance_text(self) -> str:
        """进度 in per cent, from the least to the most where rows are open; empty where there is none."""
        if self.advance is None:
            return ""
        ways = sorted({self._advance(cell.value) or 0.0 for cell in self.cell.ends})
        ends = dict.fromkeys(str(rounded(way * 100, 1)) for way in (*ways[:1], *ways[-1:]))
        return "—".join(ends) + "%" * bool(ends)

    @property
    def gap(self) -> float | None:
        """What remains to the target between printed numbers; 0 when it is met; None without a value."""
        return None if self.cell.state != "value" else self._gap(self.cell.value)

    def _gap(self, value: float) -> float:
        left = rounded(self.edge, self.decimals) - rounded(value, self.decimals)
        return float(max(self.sign * left, 0))

    @property
    def gap_text(self) -> str:
        """`gap` as printed, from the least to the most where rows are open; empty without a value or an end of its bounds."""
        if self.cell.state != "value":
            return ""
        gaps = sorted({self._gap(cell.value) for cell in self.cell.ends})
        return "—".join(printed(gap, self.decimals) for gap in (*gaps[:1], *gaps[1:][-1:]))

    @property
    def word(self) -> str:
        """The class in Chinese; a floor or cap is kept or lost."""
        return words().verdict(self.verdict.status_path, self.goal)

    @property
    def classes(self) -> tuple[str | None, ...]:
        """What the three methods say."""
        return (self.verdict.status_path, self.verdict.status_cagr, self.verdict.status_projection)

    @property
    def of_few(self) -> str:
        """`（2个中1个）` behind a share of few units; else empty."""
        return of_few(self.cell, self.gap_unit)


def of_few(cell: Cell, unit: str | None) -> str:
    """`（2个中1个）` for a share of at most `FEW_UNITS` whole units; else empty."""
    part, whole = cell.numerator, cell.denominator
    if cell.state != "value" or cell.unit != "%" or part is None or not whole or whole > FEW_UNITS:
        return ""
    if part != int(part) or whole != int(whole):
        return ""
    return f"（{int(whole)}{unit or ''}中{int(part)}{unit or ''}）"


def pictured(lines: Sequence[PlanLine]) -> list[PlanLine]:
    """The lines that a picture can show: with a way from base to target and a class."""
    return [
        line for line in lines if line.advance is not None and line.verdict.status_path is not None
    ]
