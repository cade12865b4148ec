"""The plan of the report as data: chapters, words and marks (contracts/report/*.yaml)."""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Literal

from pydantic import field_validator

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import Goal
from minzheng.contracts.regions import county, office, superior


class Item(Strict):
    """One indicator in a line: its cell, its name where the registry's does not fit, comparisons."""

    indicator: str
    changes: list[Literal["mom", "yoy"]] = []
    breakdown: dict[str, str] = {}
    name: str | None = None
    flag: tuple[str, str] = ("否", "是")  # how a flag's 0 and 1 are said


class Line(Strict):
    """One numbered paragraph."""

    label: str
    items: list[Item]


class Chapter(Strict):
    """One subsection of the situation."""

    heading: str
    lines: list[Line]


class ReportPlan(Strict):
    """`contracts/report/report.yaml`; where it names none, the area's bureau writes to the bureau of what it lies in."""

    office: str
    addressee: str
    title: str
    opening: str
    situation: str
    progress: str
    assurance: str
    next: str
    next_note: str
    closing: str
    chapters: list[Chapter]
    township_table: list[str]
    trends: list[str]
    headline: list[str]
    report_trends: list[str]
    glance: dict[str, list[str]]

    def items(self) -> Iterator[Item]:
        """The figures of the chapters' sentences, in the report's order."""
        for line in chain.from_iterable(chapter.lines for chapter in self.chapters):
            yield from line.items


class Colours(Strict):
    """`contracts/report/colours.yaml`: what each colour is for, as `#RRGGBB`."""

    text: str
    mute: str
    line: str
    grid: str
    behind: str
    value: str
    good: str
    good_fill: str
    warn: str
    warn_fill: str
    bad: str
    bad_fill: str


class StatusWord(Bilingual):
    """A progress class: its word, its shape and its colours (`fill` for areas, `ink` for text)."""

    shape: Literal["diamond", "circle", "triangle", "square", "cross"]
    fill: str
    ink: str

    @field_validator("fill", "ink")
    @classmethod
    def _of_the_house(cls, name: str) -> str:
        """The colour that `colours.yaml` gives the name."""
        if name not in Colours.model_fields:
            raise ValueError(f"{name} is no colour of contracts/report/colours.yaml")
        return getattr(colours(), name)


class StateWord(Bilingual):
    """How an arrival or a check stands: word, symbol and tone."""

    symbol: str
    tone: Literal["good", "warn", "bad", "mute"]


class Words(Strict):
    """`contracts/report/words.yaml`."""

    statuses: dict[str, StatusWord]
    goals: dict[Goal, dict[str, Bilingual]]
    trends: dict[str, Bilingual]
    unjudged: Bilingual
    levels: dict[str, Bilingual]
    reasons: dict[str, Bilingual]
    states: dict[str, StateWord]
    withheld: str
    symbols: str

    def signs(self, withholds: bool) -> str:
        """What the signs in cells without a number mean, of those that occur."""
        return self.symbols.format(withheld=self.withheld if withholds else "")

    def reason(self, code: str | None) -> str:
        """The Chinese word of a class of revisions; the code itself where it is none."""
        return self.reasons[code].zh if code in self.reasons else code or ""

    def status(self, code: str | None) -> str:
        """The Chinese word of a status code; 暂不评价 for None."""
        return self.unjudged.zh if code is None else self.statuses[code].zh

    def verdict(self, code: str | None, goal: Goal | None) -> str:
        """The Chinese word of a status code, of something to keep whether it was kept: 守住底线, 跌破底线."""
        special = self.goals.get(goal, {}).get(code)
        return special.zh if special else self.status(code)

    def goal_words(self, code: str) -> list[str]:
        """What a status code is called for a floor and for a cap."""
        return [self.verdict(code, goal) for goal in ("floor", "cap") if code in self.goals[goal]]


@cache
def report_plan() -> ReportPlan:
    """The chapters of the report."""
    offices = {"office": office(county()), "addressee": office(superior())}
    return ReportPlan.model_validate(offices | read_yaml(CONTRACTS / "report" / "report.yaml"))


@cache
def colours() -> Colours:
    """The colours of every chart."""
    return Colours.model_validate(read_yaml(CONTRACTS / "report" / "colours.yaml"))


@cache
def words() -> Words:
    """The words and marks."""
    return Words.model_validate(read_yaml(CONTRACTS / "report" / "words.yaml"))
