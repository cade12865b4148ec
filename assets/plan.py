"""The plans' progress (规划进展): a page of the month that planners open first, one a plan, one an indicator."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import dagster as dg

from assets.checks import failed_checks
from assets.describe import PLANNER, markdown_table, month_pages
from assets.indicator import KEYS
from assets.partitions import MONTHS, THAT_EXIST, WAREHOUSE_POOL, WHOLE_RANGE, asked_of
from assets.resources import GivenHome
from minzheng.contracts.indicators import Indicator, registry
from minzheng.contracts.plans import Plan, PlanRow, plan, plan_ids
from minzheng.contracts.regions import county, townships
from minzheng.contracts.report import report_plan, words
from minzheng.contracts.search_words import synonyms
from minzheng.contracts.subjects import subjects
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.indicators import models
from minzheng.intake.completeness import Missing, missing_by_month, owing
from minzheng.months import add_months
from minzheng.progress.path import goal_of
from minzheng.progress.table import Verdict, progress_table, verdicts
from minzheng.publish.charts.sparkline import sparkline
from minzheng.publish.evaluation.frozen import bases_of, concerned
from minzheng.publish.numbers import printed
from minzheng.warehouse import stale

PROGRESS = dg.AssetKey(["plan", "progress"])
BEHIND = ("limited_progress", "deterioration")
YEAR = range(-11, 1)


def _plan_key(plan_id: str) -> dg.AssetKey:
    return dg.AssetKey(["plan", f"plan_{plan_id}"])


def page_indicators() -> list[Indicator]:
    """Every indicator of a plan, and those the first page names."""
    rows = chain.from_iterable(plan(plan_id).rows for plan_id in plan_ids())
    wanted = {row.indicator for row in rows}.union(*report_plan().glance.values())
    return [one for code, one in registry().items() if code in wanted]


def _spec(key: dg.AssetKey, deps: Iterable[dg.AssetKey], description: str, **facts) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=deps,
        group_name="plan",
        owners=PLANNER,
        kinds={"duckdb"},
        partitions_def=MONTHS,
        description=description,
        metadata=facts,
    )


def _indicator_spec(one: Indicator) -> dg.AssetSpec:
    called = "、".join(synonyms(one.code, one.names.zh)) or "无"
    return _spec(
        dg.AssetKey(["plan", one.code]),
        [PROGRESS],
        f"{one.names.zh}({one.unit}),{subjects()[one.group].title}。\n\n{one.definition.zh}\n\n也叫:{called}。",
        单位=one.unit,
        服务的规划条款="、".join(one.clauses) or "—",
    )


def _plan_spec(one: Plan) -> dg.AssetSpec:
    return _spec(
        _plan_key(one.plan),
        [PROGRESS],
        f"{one.title.zh}:{len(one.rows)}行,{one.first}至{one.last}。\n\n每行的数值、目标、进展类别、一年来的走势,以及未定的上下限。",
        单位="行(一项指标)",
        服务的规划条款="全部",
    )


PAGES = [*map(_plan_spec, map(plan, plan_ids())), *map(_indicator_spec, page_indicators())]
"""The pages of plans and indicators: the step `plan_progress` tells their months."""


@dg.multi_asset(
    specs=[
        _spec(
            PROGRESS,
            KEYS.values(),
            "各月情况与规划进展:覆盖面、补助水平、养老床位,规划各类多少项,哪个乡镇落后。\n\n绿色的月份已计算,红色的被核验停下(点红条里的运行号看原因),没有人报过的月份不列出。乡镇的进展只列在一次计算的最后一个月。",
            单位="页(一月一页)",
            服务的规划条款="全部",
        )
    ],
    name="plan_progress",
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def plan_progress(context: dg.AssetExecutionContext, home: GivenHome):
    """Judge the run's months by the plans they concern, and tell each page its months."""

    months, asked = list(context.partition_keys), asked_of(context.run)
    earlier = {month: _said_before(context.instance, month) for month in {*months} - {*asked}}
    wanted = {*asked, *(month for month, page in earlier.items() if not page)}
    with (
        home.warehouse("规划进展") as connection,
        stale.narrowed(connection, "pages", months, wanted) as anew,
    ):
        observed = models.totals(connection, months[-1])
        of_county = by_month(observed)
        lacking = missing_by_month(home.home, months, dt.datetime.now(SHANGHAI).date())
        for month in months:
            glance = at_a_glance(month, lacking[month], failed_checks(connection, month))
            first = earlier.get(month)
            if month in anew:
                areas = [county(), *townships()] if month == months[-1] else [county()]
                told = _judged(home.home, month, areas, of_county, observed)
                pages = {key.to_user_string(): (key, facts) for key, facts in told.pages()}
                marks = {name: repr(facts) for name, (_, facts) in pages.items()}
                whole = month in wanted or month == months[-1]
                for name in stale.changed(connection, month, marks, whole=whole):
                    key, facts = pages[name]
                    context.log_event(
                        dg.AssetMaterialization(asset_key=key, partition=month, metadata=facts)
                    )
                first = told.first_page()
            # Dagster tells every month of the run anew: one that is as it was must say what it said
            context.add_asset_metadata(glance | first | glance, PROGRESS, partition_key=month)
        yield dg.MaterializeResult(asset_key=PROGRESS)


def _said_before(instance: dg.DagsterInstance, month: str) -> dict:
    """What the first page says of a month so far; nothing where the history does not know."""
    page = dg.AssetRecordsFilter(PROGRESS, asset_partitions=[month])
    newest = instance.fetch_materializations(page, limit=1).records
    return dict(newest[0].asset_materialization.metadata) if newest else {}


def _judged(home: Home, month: str, areas: Sequence[str], of_county, observed) -> "PlanPages":
    """The pages of a month, with the verdicts of `areas` by the plans that concern it."""
    plans = concerned(home, month)
    bases = bases_of(home, plans)
    seen = observed.filter(observed["ref_area"].is_in(areas))
    tables = (progress_table(seen, one, month, bases.get(one.plan)) for one in plans)
    judged = list(chain.from_iterable(map(verdicts, tables)))
    return PlanPages(month, plans, judged, of_county, observed)


def by_month(observed) -> dict[str, dict[str, dict]]:
    """Indicator to month to the county's row."""
    found: dict[str, dict[str, dict]] = {}
    for row in observed.filter(observed["ref_area"] == county()).iter_rows(named=True):
        found.setdefault(row["indicator_id"], {})[row["time_period"]] = row
    return found


@dataclass(frozen=True)
class PlanPages:
    """What the pages say of one month; `cells` as of `by_month`, `observed` as of `models.totals`."""

    month: str
    plans: Sequence[Plan]
    judged: Sequence[Verdict]
    cells: Mapping[str, Mapping[str, dict]]
    observed: object

    def past(self, code: str) -> list[dict | None]:
        """The county's rows of an indicator in the year up to the month, the oldest first."""
        own = self.cells.get(code, {})
        return [own.get(add_months(self.month, back)) for back in YEAR]

    @cached_property
    def by_township(self) -> dict[str, list[tuple[str, str]]]:
        """Indicator to township and printed value of the month."""
        here = self.observed.filter(
            (self.observed["time_period"] == self.month)
            & self.observed["ref_area"].is_in(list(townships()))
        ).sort("ref_area")
        found: dict[str, list[tuple[str, str]]] = {}
        for code, area, value in here.select("indicator_id", "ref_area", "obs_value").iter_rows():
            told = "缺报" if value is None else printed(value, registry()[code].decimals)
            found.setdefault(code, []).append((townships()[area], told))
        return found

    @cached_property
    def of_county(self) -> dict[str, list[Verdict]]:
        """Indicator to the county's verdicts, a row and plan each."""
        found: dict[str, list[Verdict]] = {}
        for one in self.judged:
            if one.ref_area == county():
                found.setdefault(one.indicator_id, []).append(one)
        return found

    def _own(self, plan_id: str, area: str) -> list[Verdict]:
        return [one for one in self.judged if (one.plan_id, one.ref_area) == (plan_id, area)]

    def value(self, one: Indicator) -> str:
        """The county's value as printed, 缺报 without one."""
        row = self.cells.get(one.code, {}).get(self.month)
        known = row and row["obs_value"] is not None
        return f"{printed(row['obs_value'], one.decimals)}{one.unit}" if known else "缺报"

    def open(self, one: Indicator) -> str:
        """The bounds where rows are open; empty where nothing is."""
        row = self.cells.get(one.code, {}).get(self.month)
        if not row or row["obs_status"] != "U":
            return ""
        ends = (row["lower_bound"], row["upper_bound"])
        return "—".join("?" if end is None else printed(end, one.decimals) for end in ends)

    def trend(self, one: Indicator) -> str:
        """Since when it rose or fell, of the year up to the month."""
        seen = [
            row["obs_value"] for row in self.past(one.code) if row and row["obs_value"] is not None
        ]
        if len(seen) < 2:
            return ""
        moved = round(seen[-1] - seen[0], one.decimals)
        return (
            f"{'→' if not moved else '↑' if moved > 0 else '↓'}{printed(abs(moved), one.decimals)}"
        )

    def first_page(self) -> dict:
        """What a planner asks first, each figure with the way to its page."""
        shown: dict = {}
        for title, codes in report_plan().glance.items():
            links = [f"- {self._link(registry()[code])} {self._class_of(code)}" for code in codes]
            shown[title] = dg.MetadataValue.md("\n".join(links))
        for one in self.plans:
            page = f"[{one.title.zh}]({_plan_key(one.plan).path[-1]}?{THAT_EXIST}&partition={self.month})"
            counts = self._counts(self._own(one.plan, county()))
            shown[f"{one.short.zh}规划进展"] = dg.MetadataValue.md(f"{page}:{counts}")
        behind = self._behind()
        shown |= {"哪个乡镇落后": dg.MetadataValue.md(behind)} if behind else {}
        return shown | month_pages(self.month)

    def _link(self, one: Indicator) -> str:
        return f"[{one.names.zh} {self.value(one)}]({one.code}?{THAT_EXIST}&partition={self.month})"

    def _class_of(self, code: str) -> str:
        own = self.of_county.get(code, ())
        return "、".join(dict.fromkeys(f"{self._short(one)}{_class(one)}" for one in own))

    def _short(self, one: Verdict) -> str:
        return f"{plan(one.plan_id).short.zh}:" if len(self.plans) > 1 else ""

    @staticmethod
    def _counts(own: Sequence[Verdict]) -> str:
        counts = Counter(one.status_path for one in own if one.target_value is not None)
        told = [
            f"{words().status(code)}{counts[code]}项"
            for code in (*words().statuses, None)
            if counts[code]
        ]
        return "、".join(told) or "没有列出数值目标的行"

    def _behind(self) -> str:
        """The townships by how many of their rows with a target lag far behind, the worst first; empty where none is judged."""
        newest = self.plans[-1].plan if self.plans else ""
        rows = []
        for code, name in townships().items():
            own = [one for one in self._own(newest, code) if one.target_value is not None]
            late = [
                registry()[one.indicator_id].names.zh for one in own if one.status_path in BEHIND
            ]
            if own:
                rows.append((len(late), (name, f"{len(late)}项", "、".join(late[:3]) or "无")))
        table = [row for _, row in sorted(rows, key=lambda one: -one[0])]
        return markdown_table(("乡镇", "明显滞后或倒退", "其中"), table) if table else ""

    def pages(self) -> Iterator[tuple[dg.AssetKey, dict]]:
        """The pages of plans and indicators with what they say of the month."""
        for one in self.plans:
            yield _plan_key(one.plan), self._plan_page(one)
        for one in page_indicators():
            if self.month in self.cells.get(one.code, {}):
                yield dg.AssetKey(["plan", one.code]), self._indicator_page(one)

    def _plan_page(self, one: Plan) -> dict:
        own = self._own(one.plan, county())
        by_row = {verdict.indicator_id: verdict for verdict in own}
        shown: dict = {"合计": self._counts(own)}
        shown["进展图"] = self._picture("progress")
        for group, subject in subjects().items():
            rows = [row for row in one.rows if registry()[row.indicator].group == group]
            lines = [self._line(row, by_row.get(row.indicator)) for row in rows]
            for part, few in enumerate(_parted(lines), 1):
                title = subject.title + (f"({part})" if len(lines) > len(few) else "")
                shown[title] = dg.MetadataValue.md(markdown_table(HEADING, few))
        for code in report_plan().report_trends:
            shown[f"走势图:{registry()[code].names.zh}"] = self._picture(f"trend-{code}")
        return shown | month_pages(self.month)

    def _picture(self, name: str) -> dg.MetadataValue:
        """A picture of the month's draft, which is made after this step."""
        return dg.MetadataValue.md(f"![{name}](../../pages/{self.month}/charts/{name}.svg)")

    def _line(self, row: PlanRow, verdict: Verdict | None) -> tuple[str, ...]:
        one = registry()[row.indicator]
        due = verdict.target_value if verdict else None
        return (
            one.names.zh,
            self.value(one),
            "" if due is None else printed(due, one.decimals),
            _class(verdict) if verdict else "",
            self.trend(one),
            self.open(one),
        )

    def _indicator_page(self, one: Indicator) -> dict:
        row = self.cells[one.code][self.month]
        shown: dict = {"单位": one.unit, "全县": self.value(one), "一年来": self.trend(one) or "—"}
        if row["obs_value"] is not None:
            shown[f"{one.names.zh}({one.unit})"] = round(row["obs_value"], one.decimals)
        for verdict in self.of_county.get(one.code, ()):
            shown[f"{plan(verdict.plan_id).short.zh}进展"] = _against(one, verdict)
        shown["未定"] = self.open(one) or "无"
        values = [at and at["obs_value"] for at in self.past(one.code)]
        line = sparkline(values, one.names.zh)
        shown |= {"走势": dg.MetadataValue.md(line)} if line else {}
        told = self.by_township.get(one.code, [])
        shown |= (
            {"分乡镇": dg.MetadataValue.md(markdown_table(("乡镇", one.unit), told))}
            if told
            else {}
        )
        return shown | month_pages(self.month, f"indicator/{one.code}.html")


def at_a_glance(month: str, lacking: list[Missing], failed: dict[str, str]) -> dict:
    """The month at a glance: is it complete, who is missing, what failed, where to run it again."""
    again = "../../locations/pipelines.definitions/jobs/month/playground/setup"
    month_tag = f"tags[0][key]=dagster/partition&tags[0][value]={month}"
    return {
        "报齐了吗": f"{len(lacking)}类数据到期未报齐" if lacking else "到期的都已报齐",
        "谁还没报": owing(lacking) or "无",
        "哪里没通过": dg.MetadataValue.md(
            "\n".join(f"- {level}:{told}" for level, told in failed.items()) or "各组核验全部通过"
        ),
        "再算一遍": dg.MetadataValue.md(f"[重算{month}(点开后按“启动运行”)]({again}?{month_tag})"),
    }


HEADING = ("指标", "数值", "目标", "进展", "一年来", "未定")
INLINE = 900
"""The UI shows Markdown inline under 1,000 characters only."""


def _parted(lines: Sequence[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """The lines of a table in parts that the UI shows without a click."""
    parts: list[list[tuple[str, ...]]] = [[]] if lines else []
    for line in lines:
        if len(markdown_table(HEADING, [*parts[-1], line])) > INLINE:
            parts.append([])
        parts[-1].append(line)
    return parts


def _class(verdict: Verdict) -> str:
    """The class in the report's words: towards the target, or without one the trend."""
    row = next(row for row in plan(verdict.plan_id).rows if row.indicator == verdict.indicator_id)
    if verdict.target_value is None:
        trend = words().trends.get(verdict.status_cagr)
        return trend.zh if trend else "只作监测"
    goal = goal_of(verdict.baseline_value, verdict.target_value, row.sign)
    return words().verdict(verdict.status_path, goal)


def _against(one: Indicator, verdict: Verdict) -> str:
    if verdict.target_value is None:
        return f"{_class(verdict)}(没有列出目标值)"
    return f"{_class(verdict)}(目标{printed(verdict.target_value, one.decimals)}{one.unit},{verdict.target_period})"
