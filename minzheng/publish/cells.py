"""Published cells by name: a value, or why there is none. Missing, suppressed, not applicable and zero stay different."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from minzheng.contracts.plans import predecessors, redefinitions
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.months import add_months, months_between
from minzheng.publish.numbers import printed

if TYPE_CHECKING:
    from minzheng.publish.report.progress_text import PlanLine

TOTAL = "_T"
COUNTY_LENGTH = 6
TOWNSHIP_LENGTH = 9
LATEST_MONTHS = 60
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
            (
                "now",
                self.definition_version,
                self.note,
            ),
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


def full_width(text: str | None) -> str:
    """Brackets as Chinese text has them."""
    return (text or "").replace("(", "（").replace(")", "）")


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


def _with_plans(code: str, series: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """`breaks_in` a series, and the months from which a plan counts it otherwise than the plan before."""
    found = dict(breaks_in(series))
    inside = [
        month for month in redefinitions().get(code, ()) if series[0][0] < month <= series[-1][0]
    ]
    return sorted((dict.fromkeys(inside, "plan") | found).items())


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


@dataclass(frozen=True)
class Published:
    """The observations of an edition, asked by name; `marking` says whose it is, on everything drawn from it."""

    frames: ReleaseFrames
    month: str
    marking: str = ""
    _rows: Mapping = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kept = self.frames.observations.filter(
            pl.col("ref_area").str.len_chars() <= TOWNSHIP_LENGTH
        )
        columns = [
            "indicator_id",
            "ref_area",
            "time_period",
            "residence",
            "sex",
            "age_group",
            "category",
        ]
        columns += [
            "obs_value",
            "decimals",
            "unit_measure",
            "obs_status",
            "conf_status",
            "numerator",
            "denominator",
            "lower_bound",
            "upper_bound",
        ]
        columns += ["definition_version", "note"]
        object.__setattr__(
            self, "_rows", {row[:7]: row[7:] for row in kept.select(columns).iter_rows()}
        )

    @cached_property
    def withholds(self) -> bool:
        """Whether a figure of the release is withheld: only then are the signs for it explained."""
        return (self.frames.observations["conf_status"] == "C").any()

    @property
    def inside(self) -> bool:
        """Whether its readers are the bureau's own, who alone get the list of what came in: matters of the house are told them."""
        return self.frames.files is not None and not self.frames.files.is_empty()

    @cached_property
    def release(self) -> str:
        """The release's name, `2024-03-r1`; empty where the observations carry none or several."""
        names = self.frames.observations["release"].drop_nulls().unique().to_list()
        return names[0] if len(names) == 1 else ""

    @cached_property
    def county(self) -> str:
        """The 6-digit code of the county: the one the townships' codes begin with."""
        return self.townships[0][:COUNTY_LENGTH]

    @cached_property
    def names(self) -> dict[str, str]:
        """Area code to Chinese name, in code order."""
        return dict(self.frames.areas.select("code", "name_zh").iter_rows())

    @cached_property
    def townships(self) -> list[str]:
        """The 9-digit township codes in code order."""
        return [code for code in self.names if len(code) == TOWNSHIP_LENGTH]

    @cached_property
    def indicators(self) -> dict[str, dict]:
        """Indicator id to its names, unit, decimals, measure and definition."""
        rows = self.frames.indicators.iter_rows(named=True)
        return {row["indicator_id"]: {**row, "name_zh": full_width(row["name_zh"])} for row in rows}

    @cached_property
    def months(self) -> list[str]:
        """Every month from the release's first to its own, at most `LATEST_MONTHS`."""
        first = self.frames.observations["time_period"].min() or self.month
        return months_between(first, self.month)[-LATEST_MONTHS:]

    @cached_property
    def plan_lines(self) -> "list[PlanLine]":
        """`progress_text.plan_lines` of the month's plan, told once."""
        from minzheng.publish.report.progress_text import plan_lines

        return plan_lines(self)

    def cell(
        self, indicator_id: str, area: str | None = None, month: str | None = None, **breakdown: str
    ) -> Cell:
        """The cell of the indicator; the county and the release's month unless said otherwise."""
        area, month = area or self.county, month or self.month
        parts = tuple(
            breakdown.get(name, TOTAL) for name in ("residence", "sex", "age_group", "category")
        )
        told = ";".join(
            f"{name}={value}" for name, value in sorted(breakdown.items()) if value != TOTAL
        )
        reference = Reference(indicator_id, area, month, told)
        row = self._rows.get((indicator_id, area, month, *parts))
        if row is None:
            return Cell(reference, "absent")
        value, decimals, unit, obs_status, conf_status, part, whole, lower, upper, version, note = (
            row
        )
        state = cell_state(obs_status, conf_status, value)
        shown = value if state == "value" else None
        bounds = (lower, upper) if state in ("value", "not_applicable") else (None, None)
        begins = dict(self.breaks(indicator_id, area)).get(month, "")
        return Cell(
            reference,
            state,
            shown,
            decimals or 0,
            unit or "",
            obs_status or "",
            version or "",
            note or "",
            *bounds,
            begins,
            part if state == "value" else None,
            whole if state == "value" else None,
        )

    def running(self, indicator_id: str, area: str, month: str, **breakdown: str) -> Cell:
        """The cell of a series: before an indicator's own months that of the one it goes on from, by the crosswalk."""
        cell = self.cell(indicator_id, area, month, **breakdown)
        before = predecessors().get(indicator_id)
        return (
            self.cell(before, area, month, **breakdown)
            if before and cell.state == "absent"
            else cell
        )

    def series(self, indicator_id: str, area: str) -> tuple[Cell, ...]:
        """The months of a total up to the release's, at most sixty; each series is read once."""
        if (indicator_id, area) not in self._series:
            self._series[indicator_id, area] = tuple(
                self.running(indicator_id, area, month) for month in self.months
            )
        return self._series[indicator_id, area]

    @cached_property
    def _series(self) -> dict[tuple[str, str], tuple[Cell, ...]]:
        return {}

    def breaks(self, indicator_id: str, area: str | None = None) -> list[tuple[str, str]]:
        """`breaks_in` the months of a total."""
        return self._breaks.get((indicator_id, area or self.county), [])

    @cached_property
    def _breaks(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Indicator and area to the breaks in their total, of those that have any."""
        series = defaultdict(list)
        for (code, area, month, *parts), row in self._rows.items():
            if month >= self.months[0] and set(parts) == {TOTAL}:
                series[code, area].append((month, row[-2] or "", row[-1] or ""))
        breaks = {key: _with_plans(key[0], sorted(told)) for key, told in series.items()}
        return {key: found for key, found in breaks.items() if found}

    def year_ago(self, cell: Cell) -> Cell:
        """The same cell twelve months earlier."""
        return self._shifted(cell, -12)

    def month_ago(self, cell: Cell) -> Cell:
        """The same cell one month earlier."""
        return self._shifted(cell, -1)

    def _shifted(self, cell: Cell, months: int) -> Cell:
        reference = cell.reference
        parts = dict(part.split("=") for part in reference.breakdown.split(";") if part)
        month = add_months(reference.time_period, months)
        return self.cell(reference.indicator_id, reference.ref_area, month, **parts)

    def reported(self, indicator_id: str, month: str | None = None) -> tuple[int, int]:
        """How many townships have a cell that is not missing, and how many there are that have the cell at all."""
        states = [self.cell(indicator_id, area, month).state for area in self.townships]
        known = [state for state in states if state != "absent"]
        return sum(state != "missing" for state in known), len(known)
