"""A fictitious county's frames for the pages: any number of months, every registered indicator, one township late."""

import math
from functools import cache

import polars as pl

from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import plans_for
from minzheng.disclosure.frames import FILES, MOVEMENT, ReleaseFrames
from minzheng.months import add_months, months_between
from minzheng.progress.targets import targets_table
from minzheng.progress.tasks import read_reports, task_table
from minzheng.publish.release.draft import indicator_names, progress
from minzheng.warehouse.lineage import sources
from tests.place import AREA, AREA_NAME

MONTH = "2024-03"
AREAS = {
    AREA: AREA_NAME,
    f"{AREA}100": "沙柳河镇",
    f"{AREA}101": "哈尔盖镇",
    f"{AREA}200": "伊克乌兰乡",
    f"{AREA}201": "泉吉乡",
    f"{AREA}202": "吉尔孟乡",
}
TOWNSHIPS = list(AREAS)[1:]
LATE = TOWNSHIPS[4]
LATE_DATASET = "elder_assess"
BEDS, NURSING_BEDS_NOW = 420.0, 200.0
FELL_BELOW = "2024-01"


def value_of(one, area, month, step):
    """A smooth made-up value: counts for counts, a share for rates, the nursing beds as the test needs them."""
    size = 1.0 if area == AREA else 0.12 + 0.04 * TOWNSHIPS.index(area)
    seed = sum(map(ord, one.code)) % 89 + 10
    if one.code in ("inst_beds", "nursing_beds", "nursing_bed_share"):
        nursing = 240.0 if month < FELL_BELOW else NURSING_BEDS_NOW
        share = {"inst_beds": BEDS, "nursing_beds": nursing}
        return share.get(one.code, nursing / BEDS * 100) * (
            1 if one.code.endswith("share") else size
        )
    if one.unit == "%":
        return min(
            100.0, 55 + seed / 3 + 2 * math.sin(seed + step / 5) + (0 if area == AREA else size)
        )
    if one.measure == "ytd":
        return float(round(seed * size * int(month[5:])))
    return float(round(seed * 7 * size + step * 0.4))


def row(one, area, month, value, status="A", conf="F", **breakdown):
    hidden = conf == "C" or status in "ML"
    behind = {}
    if one.code == "nursing_bed_share" and not hidden:
        nursing = 240.0 if month < FELL_BELOW else NURSING_BEDS_NOW
        behind = {"numerator": nursing, "denominator": BEDS}
    return {
        "indicator_id": one.code, "ref_area": area, "time_period": month, "freq": "M",
        "residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T",
        "numerator": behind.get("numerator"), "denominator": behind.get("denominator"),
        "obs_value": None if hidden else value, "decimals": one.decimals, "unit_measure": one.unit, "obs_status": status,
        "conf_status": conf, "lower_bound": None if hidden else value, "upper_bound": None if hidden else value,
        "definition_version": "1", "release": f"{MONTH}-r1", "note": "", **breakdown,
    }  # fmt: skip


def state(one, area, month):
    """Status and confidentiality: one late township, one estimate, one withheld cell, one without anybody, one zero."""
    late = one.code == "elder_assess_rate" and month == MONTH and area in (AREA, LATE)
    if late or (one.code == "marriages" and area == AREA and month == "2023-08"):
        return "M", "F"
    if one.code == "dibao_coverage":
        return "E", "F"
    if one.code == "orphan_total" and area == LATE:
        return "A", "C"
    if one.code == "vagrant_return_rate" and month == MONTH:
        return "L", "F"
    return "A", "F"


@cache
def observations(first, last=MONTH):
    rows = []
    for one in registry().values():
        for step, month in enumerate(months_between(first, last)):
            for area in AREAS if "township" in one.areas else [AREA]:
                rows.append(
                    row(
                        one, area, month, value_of(one, area, month, step), *state(one, area, month)
                    )
                )
    sexes = registry()["dibao_rural_persons"]
    for month in months_between(first, last):
        rows += [row(sexes, AREA, month, 41.0, sex="F"), row(sexes, AREA, month, 0.0, sex="M")]
    return pl.DataFrame(rows, infer_schema_length=None)


def quality(month=MONTH):
    rows = []
    for dataset in ("dibao_roll", "tekun_roll", "temp_aid", LATE_DATASET):
        for area in TOWNSHIPS:
            state_ = "missing" if (dataset, area) == (LATE_DATASET, LATE) else "on_time"
            rows.append([month, dataset, area, "completeness", "报送", "warn", None, None, state_])
            rows.append([month, dataset, area, "K01", "身份证号校验", "error", None, None, "pass"])
    rows.append(
        [month, "care_facility", TOWNSHIPS[0], "completeness", "报送", "warn", 1, 0, "on_time"]
    )
    rows.append([month, "care_facility", TOWNSHIPS[0], "F01", "床位数", "error", 3, 0, "pass"])
    rows.append(
        [month, "temp_aid", TOWNSHIPS[3], "F05", "临时救助金额", "error", None, None, "fail"]
    )
    names = [
        "time_period",
        "dataset",
        "township_code",
        "rule_id",
        "title_zh",
        "severity",
        "checked",
        "failed",
        "state",
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def leads(month=MONTH):
    names = [
        "month",
        "township_code",
        "rule_id",
        "kind",
        "level",
        "title_zh",
        "leads",
        "open_cases",
        "overdue",
        "list_age",
    ]
    rows = [
        [month, AREA, "CB06", "错保", "red", "死亡后仍在册或仍发放", None, None, None, 0],
        [
            month,
            AREA,
            "LB02",
            "漏保",
            "orange",
            "监测对象风险未消除且未享受任何救助",
            16,
            11,
            5,
            2,
        ],
        [month, AREA, "CB08", "错保", "yellow", "乡镇发放数与名册不符", 7, 7, 0, 0],
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def lead_levels(month=MONTH):
    """Two townships and the county; the month before for the trend."""
    names = [
        "month",
        "township_code",
        "level",
        "leads",
        "open_cases",
        "overdue",
        "unsure",
        "not_judged",
        "list_age",
    ]
    rows = [
        [month, AREA, "orange", 16, 11, 5, 6, 0, 2],
        [month, TOWNSHIPS[0], "orange", 9, 9, 5, 6, 0, 2],
        [month, TOWNSHIPS[1], "orange", None, None, None, None, 0, 0],
        [add_months(month, -1), AREA, "orange", 12, 11, 5, 0, 0, 0],
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def lead_measures(month=MONTH):
    """One rule that wastes time, one township."""
    names = [
        "month",
        "rule_id",
        "township_code",
        "title_zh",
        "confirmed",
        "refuted",
        "over_90",
        "due",
        "in_time",
        "precision",
        "rate",
    ]
    rows = [
        [month, "LB02", AREA, "监测对象风险未消除且未享受任何救助", 0, 12, 6, 12, 6, 0.0, 0.5],
        [month, "_T", TOWNSHIPS[0], None, 0, 12, 6, 12, 6, 0.0, 0.5],
    ]
    return pl.DataFrame(rows, schema=names, orient="row")  # fmt: skip


def revisions():
    blank = dict.fromkeys(("residence", "sex", "age_group", "category"), "_T")
    one = {
        "indicator_id": "inst_beds",
        "ref_area": AREA,
        "time_period": "2024-02",
        **blank,
        "old_value": 418.0,
    }
    return pl.DataFrame(
        [one | {"new_value": 420.0, "old_status": "A", "new_status": "A", "reason": "late"}]
    )


MOVED = "dibao_urban_persons"
UNPARTED = "tekun_urban_persons"


def movement(month=MONTH):
    """One headline taken apart, one that was missing the month before."""
    names = [
        "previous_value",
        "new",
        "gone",
        "moved_in",
        "moved_out",
        "denominator",
        "definition",
        "revision",
        "value",
    ]
    parts = dict(zip(names, [612.0, 21.0, -6.0, 0.0, -5.0, 0.0, 0.0, 6.0, 628.0], strict=True))
    where = {"ref_area": AREA, "month": month}
    rows = [
        {"indicator_id": MOVED, **where, **parts, "reason": None},
        {"indicator_id": UNPARTED, **where, **dict.fromkeys(names), "reason": "missing"},
    ]
    return pl.DataFrame(rows, schema=MOVEMENT)


def files(month=MONTH):
    """The files in force: institutions told with rows, assessments of persons without, one township late."""
    rows = [
        [
            dataset,
            month,
            area,
            10 + number,
            f"{dataset}_{area}.csv",
            "ab" * 32,
            None,
            count,
            None,
            None,
        ]
        for dataset, count in (("care_facility", 3), (LATE_DATASET, None))
        for number, area in enumerate(TOWNSHIPS)
        if (dataset, area) != (LATE_DATASET, LATE)
    ]
    return pl.DataFrame(rows, schema=FILES, orient="row")


REPORTED = f"""任务编号,状态,日期,依据,填报单位
SYS-DOC-4,已完成,2024-02-06,刚民〔2024〕3号,{AREA_NAME}民政局
SYS-MONITOR,推进中,2024-01-15,,{AREA_NAME}民政局
SYS-MONITOR,已完成,2024-04-01,低收入人口动态监测平台,{AREA_NAME}民政局
"""


def frames(first="2023-01", last=MONTH, names=None, change=None):
    """The county's frames; `names` replaces names of areas, `change` edits the observations."""
    figures = observations(first, last)
    figures = change(figures) if change else figures
    named = AREAS | (names or {})
    plans = plans_for(last)
    tasks = task_table(plans, read_reports(REPORTED), last)
    return ReleaseFrames(
        observations=figures,
        progress=progress(figures, tasks, plans, last),
        quality=quality(last),
        leads=leads(last),
        lead_levels=lead_levels(last),
        lead_measures=lead_measures(last),
        indicators=indicator_names(),
        areas=pl.DataFrame(sorted(named.items()), schema=["code", "name_zh"], orient="row"),
        revisions=revisions(),
        movement=movement(last),
        sources=sources(),
        files=files(last),
        tasks=tasks,
        targets=pl.concat([targets_table(figures, plan, last) for plan in plans]),
    ).shaped()


def first_of(months):
    """The first of so many months up to the release's."""
    return add_months(MONTH, 1 - months)
