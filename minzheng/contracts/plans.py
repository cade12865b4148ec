"""Plans as data: a folder a plan under `contracts/plans/`, read whole and refused in one line where it does not hold.

| file            | holds                                                                                     |
|-----------------|-------------------------------------------------------------------------------------------|
| `plan.yaml`     | id, title, period, county, office, the plan it follows                                    |
| `rows.yaml`     | its indicators: how binding, which way is better, base, targets with their history        |
| `tasks.yaml`    | systems to build and documents to issue, which no number measures                         |
| `text.txt`      | the plan's text                                                                           |
| `clauses.csv`   | the text cut into fragments, with what measures each                                      |
| `crosswalk.csv` | what became of the rows of the plan it follows                                            |

The first two must be there. A number appears only with its source; a row whose target nobody states has none and gets a
trend class at most. A target is never changed: an amendment is one more line, with who decided it, when, and the first
month it counts in.
"""

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.editions import CODE_LENGTH
from minzheng.contracts.faults import Place, first_fault, place
from minzheng.contracts.indicators import registry
from minzheng.contracts.paths import CONTRACTS, contract, contracts_in
from minzheng.contracts.regions import county
from minzheng.errors import Fault, MinzhengError
from minzheng.months import add_months, months_between

PLANS = CONTRACTS / "plans"

Nature = Literal["binding_national", "expected_national", "county_direction", "monitor"]
Direction = Literal["up", "down", "meet", "band", "neutral"]
Measure = Literal["stock", "flow", "ytd", "rate", "standard", "flag"]
ClauseKind = Literal["I", "S", "IS", "N", "H"]
Goal = Literal["path", "floor", "cap", "band"]
CrossingKind = Literal["continued", "redefined", "split", "merged", "dropped", "new"]
ADDS_UP = ("stock", "flow", "ytd")
BREAKING: tuple[CrossingKind, ...] = ("redefined", "split", "merged")
"""What became of a row whose figures do not compare with those of the plan before."""
NATURE_ZH = {
    "binding_national": "约束性",
    "expected_national": "预期性",
    "county_direction": "县级方向(无数值)",
    "monitor": "监测",
}
GOAL_ZH: dict[Goal, str] = {"path": "目标", "floor": "底线", "cap": "上限", "band": "区间"}
CROSSING_ZH = {
    "continued": "延续",
    "redefined": "口径调整",
    "split": "拆分",
    "merged": "合并",
    "dropped": "不再列入",
    "new": "新增",
}


def period_month(period: str) -> str:
    """The month a period ends in: a year ends in its December."""
    return f"{period}-12" if len(period) == 4 else period


class Dated(Strict):
    """A value at the end of a year (`2025`) or month (`2025-06`)."""

    period: str
    value: float

    @field_validator("period")
    @classmethod
    def _is_period(cls, period: str) -> str:
        if not re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2]))?", period):
            raise Fault(f"not a year or month: {period!r}", f"不是年份或月份：“{period}”")
        return period

    @property
    def month(self) -> str:
        """The month the period ends in."""
        return period_month(self.period)


class Baseline(Dated):
    """Where a row started, with its source."""

    source: str
    verified: bool


class Decision(Strict):
    """By which document a target was set, and its date."""

    document: str
    date: dt.date

    @property
    def zh(self) -> str:
        """As a report cites it: `刚政〔2023〕8号,2023年6月10日`."""
        return f"{self.document},{self.date.year}年{self.date.month}月{self.date.day}日"


class Target(Dated):
    """Where a row should be, and by whose decision from which month on.

    `upper` makes it a band. `each_township`: the same is due in every township. `townships`: shares that add up to the
    county's value but for `unallocated`. `milestones`: what is due at the end of years (or months) on the way.
    """

    source: str
    verified: bool
    upper: float | None = None
    each_township: bool = False
    townships: dict[str, float] = {}
    unallocated: float = 0
    milestones: list[Dated] = []
    decided: Decision | None = None
    valid_from: str | None = None

    def value_for(self, area: str, county_code: str) -> float | None:
        """What is due in an area; None where the plan says nothing about it."""
        if area == county_code or self.each_township:
            return self.value
        return self.townships.get(area)

    def stones_for(self, area: str, county_code: str) -> list[Dated]:
        """The milestones that bind an area: a township with a share of its own has none."""
        return self.milestones if area == county_code or self.each_township else []


class PlanRow(Strict):
    """One indicator of a plan; `gap_unit` is what is missing when a rate falls short (人, 张, 个).

    `targets`: the first as the plan set it, each further one an amendment.
    """

    indicator: str
    nature: Nature
    direction: Direction
    measure: Measure
    unit: str = Field(min_length=1)
    gap_unit: str | None = None
    limit: float | None = None
    baseline: Baseline | None = None
    targets: list[Target] = []
    owner: str | None = None
    note: str | None = None

    @property
    def sign(self) -> int | None:
        """1: higher is better, -1: lower is better, None: neither. A band counts from its lower edge, the target."""
        band = 1 if self.targets else None
        return {"up": 1, "meet": 1, "down": -1, "band": band}.get(self.direction)

    @property
    def natural_limit(self) -> float | None:
        """What the value cannot pass: the limit stated, else 0 where fewer is better."""
        return 0.0 if self.limit is None and self.direction == "down" else self.limit

    @property
    def within_year(self) -> bool:
        """Whether only the same month of other years compares: counts that restart in January, flows with a season."""
        return self.measure in ("ytd", "flow")

    def target_in(self, month: str, known_on: dt.date | None = None) -> Target | None:
        """The target that counts in a month, as decided up to a day (all decisions, without one)."""
        found = None
        for line in self.targets:
            known = known_on is None or line.decided is None or line.decided.date <= known_on
            if known and (line.valid_from is None or line.valid_from <= month):
                found = line
        return found

    @model_validator(mode="after")
    def _holds_together(self) -> "PlanRow":
        if self.targets and self.direction == "neutral":
            raise Fault(
                f"{self.indicator}: a target needs a direction",
                f"{self.indicator}：有目标值的须写明方向（direction）",
            )
        for line in self.targets:
            self._check_target(line)
        for earlier, later in zip(self.targets, self.targets[1:], strict=False):
            self._check_amendment(earlier, later)
        return self

    def _check_target(self, target: Target) -> None:
        """A band's edges, milestones on the way to the target, shares that add up."""
        if target.upper is not None and (self.direction != "band" or target.upper <= target.value):
            raise Fault(
                f"{self.indicator}: an upper edge needs a band and lies above the target",
                f"{self.indicator}：上限（upper）只用于区间（band），且须高于目标值",
            )
        months = [stone.month for stone in target.milestones]
        if months != sorted(set(months)) or any(month >= target.month for month in months):
            raise Fault(
                f"{self.indicator}: milestones are not in order before the target",
                f"{self.indicator}：年度目标须按时间先后排列，且早于目标期",
            )
        sign = self.sign or 1
        if passing := [
            stone.period for stone in target.milestones if sign * (stone.value - target.value) > 0
        ]:
            raise Fault(
                f"{self.indicator}: the milestone of {passing[0]} passes the target of {target.value:g}",
                f"{self.indicator}：{passing[0]}的年度目标越过了目标值{target.value:g}",
            )
        self._check_townships(target)

    def _check_townships(self, target: Target) -> None:
        shares = target.townships
        if not shares:
            return
        if target.each_township or self.measure not in ADDS_UP:
            raise Fault(
                f"{self.indicator}: only counts and sums are shared out to townships",
                f"{self.indicator}：只有数量和金额可以分解到乡镇",
            )
        total, whole = sum(shares.values()), target.value
        missing = whole - total - target.unallocated
        if abs(missing) > 1e-9 * max(1.0, abs(whole)):
            raise Fault(
                f"{self.indicator}: townships add up to {total:g}, not to the county's {whole:g} "
                f"(unallocated would be {whole - total:g})",
                f"{self.indicator}：各乡镇合计{total:g}，与全县{whole:g}不符（未分解数 unallocated 应为{whole - total:g}）",
            )

    def _check_amendment(self, earlier: Target, later: Target) -> None:
        """An amendment says who decided it and since when it counts, and comes after what it amends."""
        if later.decided is None or later.valid_from is None:
            raise Fault(
                f"{self.indicator}: an amendment needs decided and valid_from",
                f"{self.indicator}：调整后的目标须写明决定文件（decided）和生效月份（valid_from）",
            )
        since = earlier.valid_from or later.valid_from
        decided = earlier.decided.date if earlier.decided else later.decided.date
        if later.decided.date < decided or later.valid_from < since:
            raise Fault(
                f"{self.indicator}: the amendment {later.decided.document} is dated before what it amends",
                f"{self.indicator}：调整文件{later.decided.document}的决定日期或生效月份早于所调整的目标",
            )


class Task(Strict):
    """A system to build or a document to issue, and the office that answers for it.

    `system`: the name that clauses of the text call it by. `basis`: the article that asks for it, where no clause does.
    `indicators`: those that tell part of it; its office says whether it is done all the same.
    """

    id: str
    system: str
    kind: Literal["system", "document"]
    title: Bilingual
    asks: str
    clauses: list[str] = []
    basis: str | None = None
    indicators: list[str] = []
    office: str
    partners: list[str] = []

    @property
    def source(self) -> str:
        """The clauses or the article that ask for it."""
        return self.basis or " ".join(self.clauses)

    @property
    def asks_zh(self) -> str:
        """What it asks for, and the indicators to look at."""
        names = "、".join(registry()[code].names.zh for code in self.indicators)
        return self.asks + (f";可参看指标:{names}" if names else "")


class Clause(Strict):
    """One fragment of the plan's text, exactly as printed, misprints included.

    I is measured by indicators, S asks for a system or document, IS for both, N cannot be measured, H is a heading.
    """

    clause_id: str
    section: str
    sentence: int
    fragment: int
    text: str
    kind: ClauseKind
    indicators: tuple[str, ...]
    system: str | None
    note: str


class Crossing(Strict):
    """What became of a row of the plan before (`before`), or where one (`after`) comes from; `since`: a month."""

    before: str | None
    after: str | None
    kind: CrossingKind
    since: str | None
    reason: str

    @model_validator(mode="after")
    def _holds_together(self) -> "Crossing":
        needs = {"dropped": (True, False), "new": (False, True)}.get(self.kind, (True, True))
        if (bool(self.before), bool(self.after)) != needs:
            raise Fault(
                f"{self.before or self.after}: {self.kind} does not go with what is named",
                f"{self.before or self.after}：“{CROSSING_ZH[self.kind]}”与所列的前后指标不符",
            )
        if self.kind == "dropped" and not self.reason:
            raise Fault(
                f"{self.before}: dropped without a reason", f"{self.before}：不再列入的须写明原因"
            )
        return self


class Plan(Strict):
    """A plan: its period `first`..`last` (months), the county it is for, its rows, tasks and clauses.

    `short` is what people call it (“十四五”). `owner` evaluates it for `reports_to`. `follows` is the plan whose rows the crosswalk starts from.
    """

    plan: str
    title: Bilingual
    short: Bilingual
    first: str
    last: str
    area: str
    owner: str
    reports_to: str | None = None
    follows: str | None = None
    sources: list[str] = []
    rows: list[PlanRow] = Field(min_length=1)
    tasks: list[Task] = []
    text: str | None = None
    clauses: list[Clause] = []
    crosswalk: list[Crossing] = []

    @model_validator(mode="after")
    def _holds_together(self) -> "Plan":
        names = [row.indicator for row in self.rows]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise Fault(
                f"rows appear twice: {', '.join(doubled)}", f"指标重复：{'、'.join(doubled)}"
            )
        for row in self.rows:
            for target in row.targets:
                self._check_target(row.indicator, target)
        known = {clause.clause_id for clause in self.clauses}
        for task in self.tasks:
            if unknown := set(task.clauses) - known:
                raise Fault(
                    f"{task.id}: no clause {min(unknown)}", f"{task.id}：没有条款 {min(unknown)}"
                )
            if not task.source:
                raise Fault(
                    f"{task.id}: neither clauses nor a basis ask for it",
                    f"{task.id}：条款（clauses）和依据（basis）至少填写一项",
                )
        return self

    def _check_target(self, indicator: str, target: Target) -> None:
        if not self.first <= target.month <= self.last:
            raise Fault(
                f"{indicator}: target of {target.period} outside {self.first}..{self.last}",
                f"{indicator}：目标期{target.period}不在规划期{self.first}至{self.last}之内",
            )
        if target.valid_from and not self.first <= target.valid_from <= self.last:
            raise Fault(
                f"{indicator}: a target from {target.valid_from} on, outside {self.first}..{self.last}",
                f"{indicator}：目标生效月份{target.valid_from}不在规划期{self.first}至{self.last}之内",
            )
        if any(
            not (code.startswith(self.area) and len(code) == CODE_LENGTH["township"])
            for code in target.townships
        ):
            raise Fault(
                f"{indicator}: a township outside {self.area}",
                f"{indicator}：有不属于{self.area}的乡镇",
            )

    def row(self, indicator: str) -> PlanRow | None:
        """The row of an indicator, or None."""
        return next((row for row in self.rows if row.indicator == indicator), None)

    def as_of(self, month: str) -> str:
        """The month a plan is judged by when asked in `month`: its last one, once it has ended."""
        return min(month, self.last)

    @property
    def base_month(self) -> str:
        """The month before the plan."""
        return add_months(self.first, -1)


def plan_of(content: Mapping[str, Any], name: str = "plan") -> Plan:
    """A plan from what its files hold; `MinzhengError` names what is wrong with it in one line."""
    try:
        return Plan.model_validate(content)
    except ValidationError as error:
        raise _refused(name, first_fault(error, lambda loc: _place(loc, content))) from None


def read_plan(folder: Path) -> Plan:
    """The plan of a folder; `MinzhengError` names the file and what is wrong with it in one line.

    Every row must measure a registered indicator by its unit; a crosswalk names every row of both plans.
    """
    if not (folder / "plan.yaml").is_file():
        raise MinzhengError(
            f"no plan {folder.name}: {folder.name}/plan.yaml is not there",
            f"没有规划 {folder.name}：缺少 {folder.name}/plan.yaml",
        )
    parts = {
        "rows": ("rows.yaml", read_yaml),
        "tasks": ("tasks.yaml", read_yaml),
        "text": ("text.txt", lambda path: path.read_text(encoding="utf-8")),
        "clauses": ("clauses.csv", _clauses),
        "crosswalk": ("crosswalk.csv", _crossings),
    }
    content = _part(folder / "plan.yaml", read_yaml)
    for part, (file, read) in parts.items():
        if (folder / file).is_file():
            content[part] = _part(folder / file, read)
    found = plan_of(content, folder.name)
    if found.plan != folder.name:
        fault = Fault(f"its plan.yaml is of {found.plan}", f"plan.yaml 写的是规划 {found.plan}")
        raise _refused(folder.name, fault)
    if fault := _unregistered(found) or _uncrossed(found, folder):
        raise _refused(folder.name, fault)
    return found


def _part(path: Path, read: Callable[[Path], Any]) -> Any:
    """What a file holds; a file that is no CSV of these columns or no UTF-8 is named."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return read(path)
    except ValidationError as error:
        raise _refused(name, first_fault(error)) from None
    except UnicodeDecodeError:
        raise _refused(name, Fault("not UTF-8", "不是 UTF-8 编码")) from None


def _refused(name: str, fault: Fault) -> MinzhengError:
    return MinzhengError(f"{name}: {fault}", f"规划文件 {name} 有误：{fault.zh}")


def _place(loc: Place, content: Any) -> str:
    """Where a fault lies: a row or task by its name, or by its number from 1 where it has none."""
    if len(loc) > 1 and loc[0] in ("rows", "tasks"):
        entry = content[loc[0]][loc[1]]
        named = entry.get("indicator") or entry.get("id") if isinstance(entry, dict) else None
        return place((loc[0], named or loc[1], *loc[2:]))
    return place(loc)


def _clauses(path: Path) -> list[Clause]:
    """The fragments of a CSV, in the order of the text; indicators are separated by spaces."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lists = [{"indicators": tuple((row.get("indicators") or "").split())} for row in rows]
    blanks = [{"system": row.get("system") or None} for row in rows]
    return [
        Clause.model_validate(row | named | blank, strict=False)
        for row, named, blank in zip(rows, lists, blanks, strict=True)
    ]


def _crossings(path: Path) -> list[Crossing]:
    """The lines of a crosswalk; an empty cell is nothing."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [{name: value or None for name, value in row.items()} for row in rows]
    return [Crossing.model_validate(row | {"reason": row.get("reason") or ""}) for row in cells]


def _unregistered(plan: Plan) -> Fault | None:
    """The first row that the registry does not know as it is, and why; None where all are."""
    for row in plan.rows:
        registered = registry().get(row.indicator)
        if registered is None:
            return _no_indicator("", row.indicator)
        for name, name_zh in (("unit", "单位"), ("measure", "计量方式")):
            told, known = getattr(row, name), getattr(registered, name)
            if told != known:
                return Fault(
                    f"{row.indicator}: {name} {told}, but the indicator is in {known}",
                    f"{row.indicator}：{name_zh}（{name}）写的是 {told}，该指标为 {known}",
                )
    named = [(one.clause_id, one.indicators) for one in plan.clauses]
    for entry, codes in named + [(one.id, one.indicators) for one in plan.tasks]:
        if unknown := sorted(set(codes) - set(registry())):
            return _no_indicator(entry, unknown[0])
    return None


def _no_indicator(entry: str, code: str) -> Fault:
    return Fault(
        f"{entry}: no indicator {code}".removeprefix(": "),
        f"{entry}：没有指标 {code}".removeprefix("："),
    )


def _uncrossed(plan: Plan, folder: Path) -> Fault | None:
    """The first row that the crosswalk names and neither plan has, or that it forgets; None where it is whole."""
    if plan.follows is None:
        stray = Fault(
            "a crosswalk without a plan that it follows",
            "有衔接表（crosswalk.csv），但没有写明承接哪个规划（follows）",
        )
        return stray if plan.crosswalk else None
    earlier = read_plan(folder.parent / plan.follows)
    for side, plan_rows in (("before", earlier), ("after", plan)):
        named = {getattr(crossing, side) for crossing in plan.crosswalk} - {None}
        there = {row.indicator for row in plan_rows.rows}
        if unknown := sorted(named - there):
            return Fault(
                f"crosswalk: {unknown[0]} is no row of {plan_rows.plan}",
                f"衔接表（crosswalk.csv）：{unknown[0]} 不是规划 {plan_rows.plan} 的指标",
            )
        if forgotten := sorted(there - named):
            return Fault(
                f"crosswalk: {forgotten[0]} of {plan_rows.plan} is not in it",
                f"衔接表（crosswalk.csv）：缺少规划 {plan_rows.plan} 的指标 {forgotten[0]}",
            )
    return None


def folder_of(plan_id: str) -> Path:
    """The folder of a plan: the home's own, else ours."""
    return contract(f"plans/{plan_id}")


@cache
def plan(plan_id: str) -> Plan:
    """The plan of that id, for example 145; `MinzhengError` when there is none."""
    return read_plan(folder_of(plan_id))


@cache
def plan_ids() -> tuple[str, ...]:
    """The ids of the county's plans, in order of their periods."""
    found = [plan(folder.name) for folder in contracts_in("plans", "*")]
    return tuple(
        one.plan for one in sorted(found, key=lambda one: one.first) if one.area == county()
    )


def plan_for(month: str) -> Plan | None:
    """The plan whose period holds the month, None where there is none."""
    return next(
        (found for found in map(plan, plan_ids()) if found.first <= month <= found.last), None
    )


def plans_for(month: str, closed: Mapping[str, str] | None = None) -> tuple[Plan, ...]:
    """The plans that a month concerns, the oldest first: from its first month until its final evaluation is approved.

    `closed`: plan id to the month in which that happened; a plan still concerns that month. A plan that has ended and is
    not closed goes on being told, for its last returns come late.
    """
    until = dict(closed or {})
    begun = [found for found in map(plan, plan_ids()) if found.first <= month]
    return tuple(found for found in begun if month <= max(found.last, until.get(found.plan, month)))


def amended_in(plan: Plan, month: str) -> list[tuple[PlanRow, Target, Target]]:
    """The amendments that a month is the first to be told by: row, the target before, the target now.

    That is the month an amendment counts from; where it was decided later, each month up to that day's, told anew.
    """
    found = []
    for row in plan.rows:
        for before, now in zip(row.targets, row.targets[1:], strict=False):
            told_until = max(now.valid_from, _month_of(now.decided.date))
            if now.valid_from <= month <= told_until and row.target_in(month) is now:
                found.append((row, before, now))
    return found


def _month_of(day: dt.date) -> str:
    return f"{day.year}-{day.month:02d}"


@cache
def redefinitions() -> dict[str, tuple[str, ...]]:
    """By indicator the months from which a plan counts it otherwise than the plan before, as the crosswalks say."""
    found: dict[str, tuple[str, ...]] = {}
    for one in map(plan, plan_ids()):
        for crossing in one.crosswalk:
            if crossing.after and crossing.kind in BREAKING:
                months = (*found.get(crossing.after, ()), crossing.since or one.first)
                found[crossing.after] = tuple(dict.fromkeys(months))
    return found


@cache
def predecessors() -> dict[str, str]:
    """By indicator the one of the plan before that it goes on under another code, its definition being the same."""
    crossings = sum((plan(plan_id).crosswalk for plan_id in plan_ids()), [])
    return {
        one.after: one.before
        for one in crossings
        if one.kind == "continued" and one.before != one.after
    }


def time_gone(month: str) -> float | None:
    """The share of the months of the plan in force that has gone, `month` included; None outside of any plan.

    The one 时间进度 of charts, pages and report.
    """
    current = plan_for(month)
    if current is None:
        return None
    return len(months_between(current.first, month)) / len(
        months_between(current.first, current.last)
    )
