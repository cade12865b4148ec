"""The cells of an edition by name, their series, and the rows of its plan."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from minzheng.contracts.editions import CODE_LENGTH
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.plans import Plan, plan, plan_ids, predecessors, redefinitions
from minzheng.contracts.report import report_plan, words
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.indicators.revisions import CELL
from minzheng.months import add_months, months_between
from minzheng.progress.table import Verdict, verdicts
from minzheng.publish.cell import Cell, Reference, breaks_in, cell_state
from minzheng.publish.plan_line import PlanLine

TOTAL = "_T"
LATEST_MONTHS = 60
READ = (
    "obs_value", "decimals", "unit_measure", "obs_status", "conf_status", "numerator",
    "denominator", "lower_bound", "upper_bound", "definition_version", "note",
)  # fmt: skip


def full_width(text: str | None) -> str:
    """Brackets as Chinese text has them."""
    return (text or "").replace("(", "（").replace(")", "）")


def _with_plans(code: str, series: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """`breaks_in` a series, and the months from which a plan counts it otherwise than the plan before."""
    found = dict(breaks_in(series))
    inside = [
        month for month in redefinitions().get(code, ()) if series[0][0] < month <= series[-1][0]
    ]
    return sorted((dict.fromkeys(inside, "plan") | found).items())


@dataclass(frozen=True)
class Published:
    """The observations of an edition, asked by name; `marking` says whose it is, on everything drawn from it."""

    frames: ReleaseFrames
    month: str
    marking: str = ""

    @cached_property
    def _rows(self) -> dict[tuple[str, ...], tuple]:
        rows = self.frames.observations.select(*CELL, *READ).iter_rows()
        return {row[: len(CELL)]: row[len(CELL) :] for row in rows}

    @cached_property
    def totals(self) -> set[tuple[str, str]]:
        """The indicators and areas of which there is the total of any month."""
        total = [pl.col(name) == TOTAL for name in DIMENSIONS]
        return {*self.frames.observations.filter(total).select(CELL[:2]).unique().iter_rows()}

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
        return self.townships[0][: CODE_LENGTH["county"]]

    @cached_property
    def names(self) -> dict[str, str]:
        """Area code to Chinese name, in code order."""
        return dict(self.frames.areas.select("code", "name_zh").iter_rows())

    @cached_property
    def townships(self) -> list[str]:
        """The 9-digit township codes in code order."""
        return [code for code in self.names if len(code) == CODE_LENGTH["township"]]

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
    def plan_lines(self) -> list[PlanLine]:
        """`plan_lines` of the month's plan."""
        return plan_lines(self)

    def cell(
        self, indicator_id: str, area: str | None = None, month: str | None = None, **breakdown: str
    ) -> Cell:
        """The cell of the indicator; the county and the release's month unless said otherwise."""
        area, month = area or self.county, month or self.month
        parts = tuple(breakdown.get(name, TOTAL) for name in DIMENSIONS)
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


def plan_lines(published: Published, of: str | None = None) -> list[PlanLine]:
    """The county's rows with a target of a plan, the least complete last; of the plan of the month unless named."""
    chosen = of or current_plan(published)
    due = [
        one
        for one in verdicts(published.frames.progress)
        if (one.ref_area, one.plan_id) == (published.county, chosen)
        and one.target_value is not None
    ]
    order = {code: position for position, code in enumerate(words().statuses)}

    def place(line: PlanLine) -> tuple[bool, float, int, str]:
        status = order.get(line.verdict.status_path, len(order))
        return (line.advance is None, -(line.advance or 0), status, line.indicator_id)

    return sorted((plan_line(published, one) for one in due), key=place)


def current_plan(published: Published) -> str | None:
    """The newest plan that the release tells of."""
    told = published.frames.progress["plan_id"].drop_nulls().unique()
    return max(told, key=_first_month, default=None)


def office(published: Published) -> str:
    """Whose figures these are: the office that answers for the month's plan, else the one that reports."""
    chosen = current_plan(published)
    return plan(chosen).owner if chosen in plan_ids() else report_plan().office


def closing_plans(published: Published) -> list[Plan]:
    """The plans that have ended and are told until their final evaluation is approved."""
    ids = sorted(set(published.frames.progress["plan_id"].drop_nulls()) & set(plan_ids()))
    return [plan(one) for one in ids if plan(one).last < published.month]


def _first_month(plan_id: str) -> tuple[str, str]:
    return (plan(plan_id).first if plan_id in plan_ids() else "", plan_id)


def plan_line(published: Published, verdict: Verdict) -> PlanLine:
    """A row of progress with its indicator's name, unit and the cell it is judged by."""
    code = verdict.indicator_id
    meta = published.indicators.get(code, {})
    known = plan(verdict.plan_id) if verdict.plan_id in plan_ids() else None
    month = known.as_of(published.month) if known else published.month
    row = known.row(code) if known else None
    target = row.target_in(month) if row else None
    cell = published.cell(code, month=month)
    return PlanLine(
        verdict,
        meta.get("name_zh") or code,
        meta.get("unit_measure") or cell.unit,
        meta.get("decimals") or cell.decimals,
        meta.get("direction") or "up",
        cell,
        target.upper if target else None,
        row.gap_unit if row else None,
    )
