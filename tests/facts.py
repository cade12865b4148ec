"""Where each fact of the house stands, and how a second place for it looks; `tests.style` refuses that with file and line."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from minzheng.contracts.calendar import calendar
from minzheng.contracts.paths import ROOT
from minzheng.contracts.regions import region_names
from minzheng.contracts.report import colours, words
from minzheng.contracts.verdicts import ACCEPTED, VERDICTS

LOOKED_THROUGH = ("assets", "contracts", "minzheng", "pipelines", "quality", "sql")
"""The recount in `simulation` says everything again, on purpose."""
WRITTEN = {".css", ".html", ".js", ".py", ".sql", ".toml", ".yaml"}
CODE = WRITTEN - {".toml", ".yaml"}


class Fact(NamedTuple):
    """A fact, the file (or folder) where it stands, what a second place looks like, and in which kinds of files."""

    name: str
    place: str
    pattern: re.Pattern[str]
    suffixes: Iterable[str] = WRITTEN


def _quoted(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"""["'](?:{"|".join(map(re.escape, texts))})["']""")


def _chinese(entries: Iterable) -> list[str]:
    return [entry.zh for entry in entries]


def facts() -> list[Fact]:
    """The facts that stand once."""
    hexes = "|".join(value for name, value in colours() if name != "text")
    areas = "|".join(code for code in region_names() if len(code) == 6)
    accepted = ", ".join(f"'{verdict}'" for verdict in ACCEPTED)
    reasons = [one for one in _chinese(words().reasons.values()) if one != "口径调整"]
    return [
        Fact("the colours of the charts", "contracts/report/colours.yaml", re.compile(hexes, re.I)),
        Fact("the words of the classes", "contracts/report/words.yaml",
             _quoted(_chinese(words().statuses.values())), CODE),
        Fact("the words of the lead levels", "contracts/report/words.yaml",
             _quoted(_chinese(words().levels.values())), CODE),
        Fact("the reasons of revision", "contracts/report/words.yaml", re.compile("|".join(reasons))),
        Fact("the words of the verdicts", "minzheng/contracts/verdicts.py",
             _quoted({*VERDICTS.values()} - {"重复", "退回"}), CODE),
        Fact("the verdicts that accept", "minzheng/contracts/verdicts.py",
             re.compile(r'"accept",\s*"accept_partial"'), {".py"}),
        Fact("the verdicts that accept, whole as in minzheng/contracts/verdicts.py", "sql/register/none",
             re.compile(rf"\((?!{accepted}\))[^()]*'accept_partial'"), {".sql"}),
        Fact("the dimensions", "minzheng/contracts/indicators.py",
             re.compile(r"""["']residence["'],\s*["']sex["'],\s*["']age_group["']"""), CODE - {".sql"}),
        Fact("the days of the calendar", "contracts/calendar.yaml",
             re.compile(r"\b(?:cut_?off|due|report|delivery)_day(?:: int)?\s*[=:]\s*\d")),
        Fact("the thresholds of what is withheld", "contracts/disclosure.yaml",
             re.compile(r"\bthreshold\s*[=:]\s*\d|\d至\d人的"), CODE | {".toml"}),
        Fact("the lengths of areas' codes", "minzheng/contracts/editions.py",
             re.compile(r'\b[A-Z]+_LENGTH = (?:6|9|12)\b|"county": 6'), {".py"}),
        Fact("the first month", "contracts/calendar.yaml",
             re.compile(rf"""["']{calendar().first_month}["']"""), CODE),
        Fact("the zone", "minzheng/custody/ledger.py", re.compile(r"""["']Asia/Shanghai["']"""), {".py"}),
        Fact("the codes of regions", "contracts/regions", re.compile(rf"""["'](?:{areas})\d*["']"""), CODE),
    ]  # fmt: skip


def second_places(root: Path = ROOT) -> Iterator[str]:
    """A line for each second place of a fact below `root`: file, line, and where the fact stands."""
    files = [
        path
        for folder in LOOKED_THROUGH
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in WRITTEN
    ]
    for path in files:
        text, name = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
        for fact in facts():
            if name.startswith(fact.place) or path.suffix not in fact.suffixes:
                continue
            for match in fact.pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: {fact.name} stand in {fact.place}: read them there"
