"""One published cell: a value, or why there is none. Missing, suppressed, not applicable and zero stay different."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from minzheng.contracts.plans import redefinitions
from minzheng.publish.numbers import printed

MARKS = {"E": "E", "P": "P"}
SIGNS = {"missing": "缺报", "suppressed": "＊", "not_applicable": "—", "absent": ""}
"""What stands in a cell without a number, in every product but the Ministry's form."""
LACKING = "不含"
"""A note that says what a figure lacks begins so (`sql/indicator/observation.sql`)."""
BREAK = "‡"
"""Stands behind the first cell of a new definition or population source: it does not compare with those before."""


@dataclass(frozen=True)
class Reference:
    """Where a number comes from: the key of its cell; `breakdown` is empty for the total."""

    indicator_id: str
    ref_area: str
    time_period: str
    breakdown: str = ""

    @property
    def path(self) -> str:
        """The reference as a stable text, for lineage pages: indicator/area/month[/breakdown]."""
        parts = [self.indicator_id, self.ref_area, self.time_period]
        return "/".join(parts + ([self.breakdown] if self.breakdown else []))


@dataclass(frozen=True)
class Cell:
    """One published cell. `state` is value, missing, suppressed, not_applicable or absent (no such row)."""

    reference: Reference
    state: str
    value: float | None = None
    decimals: int = 0
    unit: str = ""
    obs_status: str = ""
    definition_version: str = ""
    note: str = ""
    lower: float | None = None
    upper: float | None = None
    begins: str = ""  # the kind of change that this cell is the first after (`BREAK_ZH`)
    numerator: float | None = None
    denominator: float | None = None

    def break_since(self, before: "Cell") -> str:
        """The kind of change (`BREAK_ZH`) that forbids to compare with an earlier cell; empty where they compare."""
        told = (
            ("", before.definition_version, before.note),
            ("now", self.definition_version, self.note),
        )
        first, last = before.reference.time_period, self.reference.time_period
        changed = any(
            first < month <= last for month in redefinitions().get(self.reference.indicator_id, ())
        )
        return next((kind for _, kind in breaks_in(told)), "plan" if changed else "")

    @property
    def printed(self) -> str:
        """The value at its printed rounding; only for cells with a value."""
        return printed(self.value, self.decimals)

    @property
    def month(self) -> str:
        """The month it is of."""
        return self.reference.time_period

    @property
    def mark(self) -> str:
        """E estimated, P provisional, U incomplete; empty for any other."""
        return self.obs_status if self.obs_status in ("E", "P", "U") else ""

    @property
    def ends(self) -> "tuple[Cell, ...]":
        """The cell as it stands and with each end of its bounds as its value, without bounds; none where an end is unknown.

        What is told of all of them holds however the open rows are decided.
        """
        if self.obs_status == "U" and None in (self.lower, self.upper):
            return ()
        values = dict.fromkeys(
            value for value in (self.value, self.lower, self.upper) if value is not None
        )
        return tuple(
            replace(self, value=value, lower=None, upper=None, obs_status="A") for value in values
        )

    @property
    def span(self) -> str:
        """The bounds as printed, `256—332`; one number where both print alike; empty where nobody can tell."""
        if None in (self.lower, self.upper):
            return ""
        low, high = printed(self.lower, self.decimals), printed(self.upper, self.decimals)
        return low if low == high else f"{low}—{high}"

    @property
    def lacks(self) -> str:
        """What an incomplete cell lacks and may be: `不含1家待更正，可能为256—332`; empty for a complete one."""
        told = next((part for part in self.note.split(";") if part.startswith(LACKING)), "")
        if not told or self.state not in ("value", "not_applicable"):
            return ""
        return told.replace(",", "，") + (f"，可能为{self.span}" if self.span else "")

    @property
    def text(self) -> str:
        """The cell as a table prints it: value with E or P, 缺报, ＊, — or nothing; ‡ where a new definition begins.

        An incomplete one never stands there alone: `256（可能为256—332）`.
        """
        mark = MARKS.get(self.obs_status)
        shown = (
            self.printed + (f"({mark})" if mark else "")
            if self.state == "value"
            else SIGNS[self.state]
        )
        if self.lacks:
            shown += f"（可能为{self.span}）" if self.span else "（待更正）"
        return shown + (BREAK if self.begins else "")


BREAK_ZH = {"definition": "口径调整", "population": "人口口径变化", "plan": "规划口径调整"}


def breaks_in(series: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Months in which the definition or the population source differs from the one before: month, kind (`BREAK_ZH`).

    `series`: month, definition version and note of each month that has a cell.
    """
    version = source = ""
    for month, now, note in series:
        told = population_source(note) or source
        if version and now != version:
            yield month, "definition"
        elif source and told != source:
            yield month, "population"
        version, source = now, told


def population_source(note: str) -> str:
    """The population a note names, without its year: 人口口径:户籍人口."""
    head = note.partition("(")[0].partition("（")[0]
    return head if head.startswith("人口口径") else ""


def cell_state(obs_status: str | None, conf_status: str | None, value: float | None) -> str:
    """Why a cell shows what it shows; suppression is told first, so that it hides nothing else."""
    if conf_status == "C":
        return "suppressed"
    if obs_status == "M":
        return "missing"
    if obs_status == "L":
        return "not_applicable"
    return "missing" if value is None else "value"
