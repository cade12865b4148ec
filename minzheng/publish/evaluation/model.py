"""What an evaluation is made of, and its words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import Plan
from minzheng.progress.evaluation import Evaluated, Method, Outcome
from minzheng.progress.table import schema_of
from minzheng.publish.cells import Published, full_width
from minzheng.publish.numbers import printed
from minzheng.publish.report.sentences import unit_after

EDITION = "bureau"
"""What an evaluation is made of: the figures as the bureau's edition shows them, withheld nowhere; who may read them may read it."""


class OpenField(Strict):
    """A section that the office writes: its heading and what it is asked for."""

    heading: str
    note: str


class Kinds(Strict):
    """A sentence for a final and one for a mid-term evaluation."""

    final: str
    mid_term: str

    def of(self, mid_term: bool) -> str:
        """The sentence of the kind."""
        return self.mid_term if mid_term else self.final


class EvaluationWords(Strict):
    """`contracts/report/evaluation.yaml`."""

    title: Kinds
    law: Kinds
    closing: str
    legend: str
    open: list[OpenField]
    verdicts: dict[Outcome, Bilingual]
    methods: dict[Method, Bilingual]
    none: Bilingual

    def verdict(self, code: Outcome | None) -> str:
        """The Chinese word of a verdict; 无结论 for None."""
        return self.none.zh if code is None else self.verdicts[code].zh


@cache
def evaluation_words() -> EvaluationWords:
    """The words of the evaluation."""
    return EvaluationWords.model_validate(read_yaml(CONTRACTS / "report" / "evaluation.yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustYear:
    """How far a year's data can be trusted: returns due, how they came, rows still in quarantine, cells revised."""

    year: str
    due: int
    in_time: int
    late: int
    missing: int
    quarantined: int
    revised: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A row, task or fragment of which a figure or the verdict differs from the evaluation frozen before."""

    item_kind: str
    item_id: str
    old_value: float | None
    new_value: float | None
    old_verdict: str | None
    new_verdict: str | None


TRUST = schema_of(TrustYear)
CHANGED = schema_of(Changed)


@dataclass(frozen=True)
class Evaluation:
    """A plan's evaluation: its items, the release frames behind them, how far to trust them, what is lacking.

    `successor`: the plan that follows, for the crosswalk. `changed`: against `previous`, the evaluation frozen before.
    """

    plan: Plan
    month: str
    mid_term: bool
    release: str
    items: tuple[Evaluated, ...]
    published: Published
    trust: tuple[TrustYear, ...]
    lacking: tuple[str, ...]
    successor: Plan | None = None
    previous: str | None = None
    changed: tuple[Changed, ...] = ()

    @property
    def title(self) -> str:
        """What others cite it by: “十四五”规划总结评估."""
        return f"{self.plan.short.zh}规划{'中期' if self.mid_term else '总结'}评估"

    @property
    def revision(self) -> int:
        """1 for the first, and so on."""
        return int(self.release.rpartition("-r")[2])

    def of(self, kind: str) -> list[Evaluated]:
        """The rows, tasks or clauses, in the plan's order."""
        return [item for item in self.items if item.item_kind == kind]

    def with_target(self) -> list[Evaluated]:
        """The rows whose target a source states."""
        return [item for item in self.of("row") if item.target_value is not None]


def figure_text(item: Evaluated, value: float | None, unit: bool = True) -> str:
    """A figure of an item as printed, with its unit; empty where there is none."""
    if value is None:
        return ""
    if item.unit_measure == "是/否":
        return "是" if value >= 1 else "否"
    return printed(value, item.decimals or 0) + (
        unit_after(item.unit_measure or "") if unit else ""
    )


def target_text(item: Evaluated, unit: bool = True) -> str:
    """The target as printed, a band with both edges, unverified ones with *."""
    if item.target_value is None:
        return ""
    low = figure_text(item, item.target_value, unit and item.target_upper is None)
    high = f"—{figure_text(item, item.target_upper, unit)}" if item.target_upper is not None else ""
    return low + high + ("" if item.target_verified else "*")


def chinese(text: str | None) -> str:
    """Brackets, commas, colons and semicolons as Chinese text has them, but in numbers and codes."""
    return re.sub(r"(?<![0-9A-Za-z])[,:;]|[,:;](?![0-9A-Za-z])", _full, full_width(text))


def _full(mark: re.Match[str]) -> str:
    return {",": "，", ":": "：", ";": "；"}[mark[0]]


def why(item: Evaluated) -> str:
    """The evidence of a verdict, or why there is none; breaks of definition are told with it."""
    parts = [item.reason, item.evidence if item.item_kind != "clause" else None, item.breaks]
    parts += [item.note] if item.item_kind == "clause" and item.verdict else []
    return chinese("；".join(part for part in parts if part))


def frame(rows: Iterable[object], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Typed rows as a table of their columns."""
    cells = [tuple(getattr(row, name) for name in schema) for row in rows]
    return pl.DataFrame(cells, schema=schema, orient="row")


def changes(before: Sequence[Evaluated], now: Sequence[Evaluated]) -> tuple[Changed, ...]:
    """What differs between two evaluations: items whose figure or verdict is another, in the order of the newer."""
    known = {(one.item_kind, one.item_id): one for one in before}
    found = []
    for one in now:
        old = known.get((one.item_kind, one.item_id))
        was = (old.final_value, old.verdict) if old else (None, None)
        if was != (one.final_value, one.verdict):
            found.append(
                Changed(
                    item_kind=one.item_kind,
                    item_id=one.item_id,
                    old_value=was[0],
                    new_value=one.final_value,
                    old_verdict=was[1],
                    new_verdict=one.verdict,
                )
            )
    return tuple(found)
