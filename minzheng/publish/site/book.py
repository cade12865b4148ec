"""What every page asks for: the release's readings by indicator and area, its progress rows, quality and revisions."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import polars as pl

from minzheng.contracts.editions import CODE_LENGTH, Disclosure, Edition, editions
from minzheng.contracts.indicators import DIMENSIONS, Indicator, registry
from minzheng.contracts.plans import Goal, Plan, plan, plan_ids
from minzheng.contracts.report import words
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.months import add_months
from minzheng.progress.clauses import clause_trace
from minzheng.progress.path import goal_of
from minzheng.progress.table import Verdict, progress_notes, verdicts
from minzheng.progress.tasks import task_table
from minzheng.publish.cell import Cell
from minzheng.publish.cells import TOTAL, Published
from minzheng.publish.charts.model import TrendChart
from minzheng.publish.language import Language
from minzheng.publish.numbers import rounded
from minzheng.publish.release.exchange import code_lists
from minzheng.publish.site.archive import Earlier


class Book:
    """The release of a month as its pages ask for it."""

    def __init__(
        self,
        frames: ReleaseFrames,
        month: str,
        earlier: Sequence[Earlier] = (),
        edition: Edition | None = None,
    ):
        self.frames, self.month, self.earlier = frames, month, list(earlier)
        self.edition = edition or next(iter(editions().values()))
        self.published = Published(frames, month)
        self.county, self.names = self.published.county, self.published.names
        self.townships, self.indicators = self.published.townships, self.published.indicators
        self.months, self.release = self.published.months, self.published.release or month
        self.trends: dict[tuple[Language, str], TrendChart] = {}

    @cached_property
    def unshown(self) -> set[str]:
        """Sections of the menu that the edition has nothing for."""
        lacking = {
            "report": "report" not in self.edition.products,
            "quality": "quality" not in self.edition.tables,
            "disclosures": not self.disclosures,
        }
        return {section for section, none in lacking.items() if none}

    @property
    def disclosures(self) -> list[Disclosure]:
        """What the edition must make public in the month."""
        return [one for one in self.edition.disclosures if one.valid_from <= self.month]

    @cached_property
    def parts(self) -> dict[str, list[tuple[tuple[str, ...], Cell]]]:
        """Per indicator the county's breakdown cells of the month, without the total."""
        kept = self.frames.observations.filter(
            pl.col("ref_area") == self.county,
            pl.col("time_period") == self.month,
            pl.any_horizontal(pl.col(name) != TOTAL for name in DIMENSIONS),
        )
        found: dict[str, list] = defaultdict(list)
        for code, *keys in kept.select("indicator_id", *DIMENSIONS).iter_rows():
            cell = self.published.cell(code, **dict(zip(DIMENSIONS, keys, strict=True)))
            found[code].append((tuple(keys), cell))
        return found

    def has(self, code: str, area: str) -> bool:
        """Whether the release holds any month of that total."""
        return (code, area) in self.published.totals

    def at(self, code: str, area: str | None = None, month: str | None = None) -> Cell:
        """The total of an indicator in an area (the county) and month (the release's)."""
        return self.published.cell(code, area, month)

    def before(self, code: str, area: str | None = None, months: int = 1) -> Cell:
        """The total so many months ago."""
        return self.at(code, area, add_months(self.month, -months))

    def villages(self, township: str) -> list[str]:
        """The villages of a township that the release has figures of."""
        return sorted(
            {
                area
                for _, area in self.published.totals
                if len(area) == CODE_LENGTH["village"] and area.startswith(township)
            }
        )

    def listed(self) -> list[str]:
        """The indicators that have a page: all that the release describes, in code order."""
        return sorted(self.indicators)

    def contract(self, code: str) -> Indicator | None:
        """The registry's entry."""
        return registry().get(code)

    @cached_property
    def gap_units(self) -> dict[tuple[str, str], str]:
        """The unit of each progress row's gap."""
        notes = [progress_notes(self.frames.observations, one, self.month) for one in self.plans]
        units: dict[tuple[str, str], str] = {}
        for frame in notes:
            units |= {(code, area): unit for code, area, unit, _ in frame.iter_rows()}
        return units

    @cached_property
    def plans(self) -> list[Plan]:
        """The plans that the release tells of, the oldest first."""
        told = set(self.frames.progress["plan_id"].drop_nulls())
        return [plan(one) for one in plan_ids() if one in told]

    def judged_in(self, plan_id: str) -> str:
        """The month that a plan's rows are judged by: the release's, or the plan's last once it has ended."""
        known = next((one for one in self.plans if one.plan == plan_id), None)
        return known.as_of(self.month) if known else self.month

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Every row of progress."""
        return verdicts(self.frames.progress)

    @cached_property
    def progress(self) -> dict[tuple[str, str], Verdict]:
        """Progress rows by indicator and area: of the month's plan; of one that has ended where the new one has no target."""
        found: dict[tuple[str, str], Verdict] = {}
        for one in sorted(self.verdicts, key=lambda one: self.judged_in(one.plan_id)):
            before = found.get((one.indicator_id, one.ref_area))
            if before is None or one.target_value is not None or before.target_value is None:
                found[one.indicator_id, one.ref_area] = one
        return found

    def goal(self, row: Verdict) -> Goal | None:
        """As what a row's target is judged."""
        direction = (self.indicators.get(row.indicator_id) or {}).get("direction")
        sign = -1 if direction == "down" else 1
        return goal_of(row.baseline_value, row.target_value, sign, self.upper(row))

    def upper(self, row: Verdict) -> float | None:
        """The upper edge of a row's band."""
        known = next((one for one in self.plans if one.plan == row.plan_id), None)
        planned = known.row(row.indicator_id) if known else None
        target = planned.target_in(self.judged_in(row.plan_id)) if planned else None
        return target.upper if target else None

    def judged(self, ended: bool = False) -> list[Verdict]:
        """The county's rows with a target of the month's plan (or of those that have ended), least complete first.

        Rows without completion by class, unjudged last.
        """
        order = {code: place for place, code in enumerate(reversed(words().statuses))}
        rows = [
            row
            for row in self.verdicts
            if row.ref_area == self.county
            and row.target_value is not None
            and (self.judged_in(row.plan_id) < self.month) == ended
        ]
        worst = len(order)

        def place(row: Verdict) -> tuple[int, bool, float, str]:
            status = order.get(row.status_path, worst)
            return (status, row.completion is None, row.completion or 0.0, row.indicator_id)

        return sorted(rows, key=place)

    def met_at(self, code: str, row: Verdict, one: Cell) -> bool | None:
        """Whether a cell meets the row's target, on printed numbers; None without a value or target."""
        if one.state != "value" or row.target_value is None:
            return None
        down = (self.indicators.get(code) or {}).get("direction") == "down"
        value, target = rounded(one.value, one.decimals), rounded(row.target_value, one.decimals)
        upper = self.upper(row)
        if upper is not None and value > rounded(upper, one.decimals):
            return False
        return value <= target if down else value >= target

    def since(self, code: str, row: Verdict) -> tuple[bool, str, bool] | None:
        """Whether the target is met now, the month since which that is so, and whether that is the first month on record.

        Months without a value neither end nor begin a run; None while the month it is judged by has no value.
        """
        until = self.judged_in(row.plan_id)
        met_in = [
            (one.month, self.met_at(code, row, one))
            for one in self.published.series(code, row.ref_area)
        ]
        known = [(month, met) for month, met in met_in if met is not None and month <= until]
        if not known or known[-1][0] != until:
            return None
        now, start = known[-1][1], len(known) - 1
        while start and known[start - 1][1] == now:
            start -= 1
        return now, known[start][0], start == 0

    def breaks(self, code: str, area: str) -> list[tuple[str, str]]:
        """Months in which the definition or the population source differs from the reading before: month, kind."""
        return self.published.breaks(code, area)

    @cached_property
    def quality(self) -> pl.DataFrame:
        """Quality rows of the release's month."""
        return self.frames.quality.filter(pl.col("time_period") == self.month)

    @cached_property
    def tasks(self) -> pl.DataFrame:
        """The plan's tasks with their states as the release tells them; one that tells of none has no reports."""
        told = self.frames.tasks
        return task_table(self.plans, (), self.month) if told is None or told.is_empty() else told

    @cached_property
    def traces(self) -> dict[str, list[dict]]:
        """The trace of each fragment of the plans' texts."""
        observations, progress = self.frames.observations, self.frames.progress
        found: dict[str, list[dict]] = defaultdict(list)
        for row in clause_trace(self.plans, observations, progress, self.tasks).iter_rows(
            named=True
        ):
            found[row["clause_id"]].append(row)
        return found

    @cached_property
    def code_names(self) -> dict[str, dict[str, str]]:
        """The code lists of the release: what each code is called."""
        return {
            name: {one["code"]: one["title"] for one in entries}
            for name, entries in code_lists(self.frames).items()
        }

    @cached_property
    def movement(self) -> dict[str, dict]:
        """The county's change of the month in parts, by indicator."""
        rows = [] if self.frames.movement is None else self.frames.movement.iter_rows(named=True)
        return {
            row["indicator_id"]: row
            for row in rows
            if (row["ref_area"], row["month"]) == (self.county, self.month)
        }

    @cached_property
    def revisions(self) -> dict[str, list[dict]]:
        """Revised cells by indicator."""
        found: dict[str, list[dict]] = defaultdict(list)
        if self.frames.revisions is not None:
            for row in self.frames.revisions.iter_rows(named=True):
                found[row["indicator_id"]].append(row)
        return found
