"""The plan of the report as data: chapters, words and marks (contracts/report/*.yaml)."""

from functools import cache
from typing import Literal

import yaml

from minzheng.contracts import CONTRACTS, Bilingual, Strict


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
    """`contracts/report/report.yaml`."""

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
    cut_off_day: int
    chapters: list[Chapter]
    township_table: list[str]
    trends: list[str]


class StatusWord(Bilingual):
    """A progress class: its word, its shape and its colours (`fill` for areas, `ink` for text)."""

    shape: Literal["diamond", "circle", "triangle", "square", "cross"]
    fill: str
    ink: str


class Words(Strict):
    """`contracts/report/words.yaml`."""

    statuses: dict[str, StatusWord]
    trends: dict[str, Bilingual]
    unjudged: Bilingual
    levels: dict[str, str]
    reasons: dict[str, str]
    withheld: str
    symbols: str

    def signs(self, withholds: bool) -> str:
        """What the signs in cells without a number mean, of those that occur."""
        return self.symbols.format(withheld=self.withheld if withholds else "")

    def status(self, code: str | None) -> str:
        """The Chinese word of a status code; 暂不评价 for None."""
        return self.unjudged.zh if code is None else self.statuses[code].zh


def _read(name: str) -> dict:
    return yaml.safe_load((CONTRACTS / "report" / name).read_text(encoding="utf-8"))


@cache
def report_plan() -> ReportPlan:
    """The chapters of the report."""
    return ReportPlan.model_validate(_read("report.yaml"))


@cache
def words() -> Words:
    """The words and marks."""
    return Words.model_validate(_read("words.yaml"))
