"""Every row, task and fragment has a verdict or a reason, and a count by other hands finds the same."""

import datetime as dt

import polars as pl
import pytest
import yaml

from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import Clause, plan, plan_of
from minzheng.months import add_months, months_between
from minzheng.progress.evaluation import evaluate
from minzheng.progress.tasks import TaskStand
from tests.place import AREA

HEAD = """
plan: "145"
title: {zh: 示例规划, en: Example plan}
short: {zh: 示例, en: example}
first: "2021-01"
last: "2025-12"
area: "{AREA}"
owner: 示例民政局
rows:
""".replace("{AREA}", AREA)
UP = """
- {indicator: nursing_bed_share, nature: binding_national, direction: up, measure: rate, unit: "%", gap_unit: 张, limit: 100,
   baseline: {period: "2020", value: 40, source: 示例, verified: true},
   targets: [{period: "2025", value: 55, source: 国家规划, verified: true}]}
"""
FLOOR = UP.replace("value: 40", "value: 60")
DOWN = """
- {indicator: missed_candidates, nature: county_direction, direction: down, measure: stock, unit: 人,
   baseline: {period: "2020", value: 9, source: 示例, verified: true},
   targets: [{period: "2025", value: 0, source: 县规划, verified: true}]}
"""
TREND = "- {indicator: edge_persons, nature: monitor, direction: up, measure: stock, unit: 人}"
NEUTRAL = (
    "- {indicator: dibao_coverage, nature: monitor, direction: neutral, measure: rate, unit: '%'}"
)
GROUPED = (
    "- {indicator: orphan_std, nature: monitor, direction: up, measure: standard, unit: 元/人·月}"
)


def observed(row, values, **more):
    """Rows of the newest months up to 2025-12, one a value; None is a month that nobody reported."""
    code = row.split("indicator: ")[1].split(",")[0]
    months = months_between(add_months("2025-12", 1 - len(values)), "2025-12")
    drawn = [
        {"indicator_id": code, "ref_area": AREA, "time_period": month, "obs_value": value,
         "obs_status": "A" if value is not None else "M", "numerator": None, "denominator": None, **more}
        for month, value in zip(months, values, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(drawn, infer_schema_length=None).cast(
        {"obs_value": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64}
    )


CASES = [
    (UP, [54.0, 55.0], "path", "reached", "2025-12"),
    (UP, [54.0] + [55.0] * 12, "path", "reached", "2025-01"),
    (UP, [54.0] + [55.0] * 13, "path", "reached_early", "2024-12"),
    (UP, [55.0] * 6 + [54.0] + [56.0] * 6, "path", "reached", "2025-07"),
    (UP, [56.0, 54.9], "path", "not_reached", None),
    (FLOOR, [61.0, 55.0], "floor", "kept", "2025-11"),
    (FLOOR, [61.0, 54.9], "floor", "lost", None),
    (DOWN, [2.0, 0.0], "path", "reached", "2025-12"),
    (DOWN, [0.0, 1.0], "path", "not_reached", None),
    (TREND, [100.0] * 12 + [103.0], "trend", "improved", None),
    (TREND, [100.0] * 12 + [100.0], "trend", "steady", None),
    (TREND, [100.0] * 12 + [97.0], "trend", "worsened", None),
]


def judged(row, frame, stands=(), **more):
    one = plan_of(yaml.safe_load(HEAD + row))
    return evaluate(one, frame, stands, "2026-03", **more)


@pytest.mark.parametrize(("row", "values", "method", "verdict", "since"), CASES)
def test_a_row_is_judged_by_its_last_month(row, values, method, verdict, since):
    (item,) = judged(row, observed(row, values))
    assert (item.method, item.verdict, item.since, item.reason) == (method, verdict, since, None)
    assert (item.final_period, item.final_value) == ("2025-12", values[-1])


SILENT = [
    (UP, observed(UP, [50.0, None]), "2025年12月缺报;最近一次为2025年11月的50.00%"),
    (UP, observed(UP, [None], note="已报4/5"), "2025年12月缺报(已报4/5)"),
    (UP, observed(UP, [None], conf_status="C"), "涉及人数较少,不予公布"),
    (UP, observed(TREND, [1.0]), "规划期内没有此项数据"),
    (GROUPED, observed(TREND, [1.0]), "只按分组计算,没有全县合计数"),
    (NEUTRAL, observed(NEUTRAL, [6.0]), "监测指标,规划未设方向和目标值,只列数值"),
    (TREND, observed(TREND, [6.0]), "有观测值的时间不足一年,不能判断趋势"),
    (UP, observed(UP, [54.0], lower_bound=53.0, upper_bound=56.0), "待核定事项可能使其在53.00至56.00之间,跨过目标值,核定后才能评价"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "frame", "reason"), SILENT)
def test_what_cannot_be_judged_says_why(row, frame, reason):
    (item,) = judged(row, frame)
    assert (item.verdict, item.reason) == (None, reason)


def test_bounds_on_one_side_of_the_target_leave_the_verdict():
    (item,) = judged(UP, observed(UP, [57.0], lower_bound=55.0, upper_bound=58.0))
    assert item.verdict == "reached"


MID_TERM = [(46.0, "on_course"), (45.0, "behind"), (39.0, "receding"), (55.0, "reached_early")]


@pytest.mark.parametrize(("value", "verdict"), MID_TERM)
def test_a_mid_term_evaluation_judges_by_the_path(value, verdict):
    drawn = observed(UP, [value]).with_columns(time_period=pl.lit("2022-12"))
    one = plan_of(yaml.safe_load(HEAD + UP))
    (item,) = evaluate(one, drawn, (), "2022-12", mid_term=True)
    assert item.verdict == verdict


def stand(task, state):
    return TaskStand(
        task_id=task, plan_id="145", kind="system", title_zh=task, title_en=task, asks_zh="示例", office="甲", partners="",
        clauses="", state=state, date=None if state == "not_reported" else dt.date(2024, 5, 6), evidence=None,
        reported_by=None,
    )  # fmt: skip


CLAUSES = [
    ("I", ("nursing_bed_share",), None, "carried_out", None),
    ("I", ("edge_persons",), None, "not_carried_out", None),
    ("I", ("nursing_bed_share", "edge_persons"), None, "partly", None),
    ("IS", ("nursing_bed_share",), "DONE", "carried_out", None),
    ("IS", ("nursing_bed_share",), "SILENT", "partly", None),
    ("S", (), "UNDER_WAY", "partly", None),
    ("S", (), "SILENT", None, "衡量它的指标和任务都没有结论:SILENT:责任单位(甲)没有填报"),
    ("N", (), None, None, "不可计量的表述,不作评价"),
    ("H", (), None, None, "标题,不作评价"),
]


@pytest.mark.parametrize(("kind", "codes", "task", "verdict", "reason"), CLAUSES)
def test_a_fragment_is_judged_by_what_measures_it(kind, codes, task, verdict, reason):
    clause = Clause(
        clause_id="X-1", section="1", sentence=1, fragment=1, text="示例", kind=kind, indicators=codes,
        system=None, note="",
    )  # fmt: skip
    states = {"DONE": "done", "UNDER_WAY": "under_way", "SILENT": "not_reported"}
    tasks = [
        {"id": one, "system": one, "kind": "system", "title": {"zh": one, "en": one}, "asks": "示例", "office": "甲",
         "clauses": ["X-1"] if one == task else [], "basis": "示例"}
        for one in states
    ]  # fmt: skip
    content = yaml.safe_load(HEAD + UP + TREND) | {"clauses": [clause], "tasks": tasks}
    frame = pl.concat([observed(UP, [56.0]), observed(TREND, [100.0] * 12 + [90.0])])
    items = evaluate(
        plan_of(content), frame, [stand(one, state) for one, state in states.items()], "2025-12"
    )
    assert (items[-1].verdict, items[-1].reason) == (verdict, reason)


def test_all_rows_tasks_and_fragments_have_a_verdict_or_a_reason(evaluated):
    counts = {kind: len(evaluated.of(kind)) for kind in ("row", "task", "clause")}
    assert counts == {"row": 124, "task": 23, "clause": 248}
    assert [
        item.item_id for item in evaluated.items if (item.verdict is None) == (item.reason is None)
    ] == []
    told = {item.item_id: item.verdict for item in evaluated.of("task") if item.verdict}
    assert told == {"SYS-DOC-4": "done", "SYS-MONITOR": "under_way", "SYS-DOC-1": "not_started"}


def recounted(code, target, series):
    """The verdict of a target by hand: met at the end, since when, and where the first value lay."""
    down = registry()[code].direction == "down"
    met = [(value <= target) if down else (value >= target) for _, value in series]
    if met[0]:
        return "kept" if met[-1] else "lost"
    run = 0
    while run < len(met) and met[-1 - run]:
        run += 1
    return "not_reached" if not run else "reached_early" if run > 12 else "reached"


def test_a_count_by_other_hands_gives_the_same_verdicts(evaluated):
    frame = evaluated.published.frames.observations
    found = 0
    for row in plan("145").rows:
        if not row.targets or row.baseline or row.measure == "flow":
            continue
        series = frame.filter(
            pl.col("indicator_id") == row.indicator, pl.col("ref_area") == AREA, pl.col("sex") == "_T",
            pl.col("obs_value").is_not_null(),
        ).sort("time_period").select("time_period", "obs_value").rows()  # fmt: skip
        item = next(one for one in evaluated.items if one.item_id == row.indicator)
        if series and series[-1][0] == "2025-12":
            assert item.verdict == recounted(row.indicator, row.targets[0].value, series), (
                row.indicator
            )
            found += 1
    assert found >= 15
