"""Institutions, community sites, the comprehensive return, and the reference tables: standards, prices, population, regions."""

import datetime as dt
from functools import cache
from itertools import chain, product

import numpy as np
import polars as pl

from minzheng.contracts.datasets import codes
from minzheng.contracts.paths import listed
from minzheng.contracts.regions import counties, home_area, regions, regions_of, townships
from minzheng.intake.settings import aliases
from minzheng.months import add_months, month_end, month_start
from simulation import identity, parameters
from simulation.cast import Cast, text

TOWNSHIP_ITEMS = (
    "onewindow_townships_n", "leftbehind_children_v", "distressed_children_v", "child_visit_rate_n", "child_visit_rate_d",
    "child_director_coverage_n", "minor_station_coverage_n", "elder_assoc_coverage_n", "village_council_coverage_n",
    "village_supervision_coverage_n", "social_station_coverage_n", "publicity_village_coverage_n",
)  # fmt: skip
KINDS = (
    "社会福利院",
    "特困供养机构",
    "特困供养机构",
    "其他养老机构",
    "其他养老机构",
    "其他养老机构",
)
SITE_KINDS = ("日间照料中心", "幸福食堂", "互助幸福院", "幸福食堂", "综合养老服务中心")


def _villages() -> list[str]:
    return list(regions_of("village")) or [f"{code}000" for code in townships()]


def facility_codes() -> list[str]:
    """The six institutions' unified social credit codes."""
    return [
        identity.credit_code(f"52{next(iter(counties()))}MJ{number * 104729 % 1000000:06d}A")
        for number in range(3, 9)
    ]


def facilities(cast: Cast, t: int, tekun: pl.DataFrame) -> pl.DataFrame:
    """`care_facility` of month `t`: six institutions, the last one opens in the fourth month and the fifth closes in the twentieth."""
    random, codes, villages = cast.random, facility_codes(), _villages()
    central = dict(
        tekun.filter(pl.col("status") != "停保").group_by("facility_code").len().iter_rows()
    )
    rows = []
    for number, (code, kind) in enumerate(zip(codes, KINDS, strict=True)):
        opened = dt.date(2010 + number, 5, 1) if number < 5 else month_start(cast.month(3))
        closed = month_start(cast.month(19)) if number == 4 else None
        if t < 2 and number == 5 or (closed and t > 20 and number == 4):
            continue
        beds, nursing = 40 + 12 * number, 22 + 7 * number + t // 12
        supported = central.get(code, 0)
        residents = min(beds, supported + int(random.integers(beds // 4, beds // 2)))
        caregivers = 4 + number
        rows.append(
            (villages[number * 7 % len(villages)], code, f"虚构{number + 1}号养老院", kind, ("公办公营", "公建民营", "民办")[number % 3], beds, nursing,
             residents, min(supported, residents), residents // 3, caregivers, caregivers * 2 // 3, int(random.integers(0, 6)),
             number % 2 == 0, opened, closed)
        )  # fmt: skip
    names = ["region_code", "facility_code", "facility_name", "facility_kind", "ownership", "bed_count", "nursing_bed_count",
             "resident_count", "tekun_resident_count", "dependent_resident_count", "caregiver_count", "certified_caregiver_count",
             "trained_person_times", "recreation_standard_met", "opened_on", "closed_on"]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"closed_on": pl.Date})


def community(cast: Cast, t: int) -> pl.DataFrame:
    """`community_care` of month `t`: 26 sites that come into operation one after another and serve up to four villages."""
    random, villages, rows = cast.random, _villages(), []
    for number in range(26):
        home = villages[number * 3 % len(villages)]
        near = [code for code in villages if code[:9] == home[:9]]
        served = sorted(
            {home, *(near[(number + step) % len(near)] for step in range(1 + number % 3))}
        )
        if number % 11 == 0:
            served.append(villages[(number + 20) % len(villages)])
        kind, listed = SITE_KINDS[number % 5], int(random.integers(0, 30))
        running = number < 14 + t // 2 and not (number % 9 == 0 and t % 12 == 7)
        meals = int(random.integers(200, 900)) if kind == "幸福食堂" and running else 0
        rows.append(
            (home, f"S{number + 1:04d}", f"虚构{number + 1}号{kind}", kind, running, int(random.integers(0, 6)) * 2, 8 if number % 3 == 0 else 0,
             int(random.integers(40, 350)) if running else 0, meals, "、".join(served), int(random.integers(0, 3)),
             int(random.integers(0, 4)), listed, listed - int(random.integers(0, min(listed, 3) + 1)))
        )  # fmt: skip
    names = ["region_code", "site_code", "site_name", "site_kind", "operating", "community_bed_count", "home_bed_count",
             "service_person_times", "meal_person_times", "served_region_codes", "retrofitted_households", "family_carer_trained",
             "special_elder_listed", "special_elder_visited"]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


@cache
def items() -> list[dict[str, str]]:
    """The item list of the comprehensive return."""
    return list(listed("comprehensive_items.csv"))


def _item_value(code: str, place: str, month: str, seed: int) -> float:
    """A value that depends on item, place and month only, so that running totals hold whichever month comes first; never below zero."""
    item = parameters.items()[code]
    once = np.random.default_rng([seed, *code.encode(), int(place)])
    scatter = np.random.default_rng([seed, *code.encode(), int(place), int(month.replace("-", ""))])
    years = int(month[:4]) - 2022 + (int(month[5:7]) - 1) / 12
    value = (
        once.uniform(*item.start) + item.per_year * years + scatter.uniform(-item.noise, item.noise)
    )
    value = max(0.0, round(value, item.decimals))
    if item.below == "villages":
        units = [one.code for one in regions() if one.kind in ("村委会", "居委会")]
        return max(0.0, sum(unit.startswith(place) for unit in units) - value)
    return max(0.0, _item_value(item.below, place, month, seed) - value) if item.below else value


def comprehensive(cast: Cast, t: int, seed: int) -> pl.DataFrame:
    """`comprehensive_return` of month `t`, with marks: `number`, `none` (-), `below` (…), `blank`; flows with and without a running total."""
    month, rows = cast.month(t), []
    year = [add_months(month, -back) for back in reversed(range(int(month[5:7])))]
    for item in items():
        local = item["item_code"] in TOWNSHIP_ITEMS
        for place in townships() if local else counties():
            value = _item_value(item["item_code"], place, month, seed)
            draw = np.random.default_rng(
                [seed + 1, *item["item_code"].encode(), int(place), int(month[5:7]) % 4]
            ).random()
            mark = "number"
            if (
                item["item_code"]
                in ("leftbehind_children_v", "distressed_children_v", "cremations_v", "adoptions_v")
                and draw < 0.12
            ):
                mark = "none" if draw < 0.08 else "blank"
            if item["item_code"] in ("charity_donation_v",) and draw < 0.15:
                mark = "below"
            flow = item["kind"] == "flow"
            total = (
                sum(_item_value(item["item_code"], place, earlier, seed) for earlier in year)
                if flow
                else None
            )
            kept = (
                flow
                and mark == "number"
                and item["item_code"] not in ("divorces_v", "lottery_sales_v")
            )
            rows.append((place, item["item_code"], item["item_name"], item["unit"], value if mark == "number" else None, mark,
                         round(total, 2) if kept else None, "number" if kept else ("blank" if mark in ("number", "blank") else mark) if flow else "blank"))  # fmt: skip
    names = ["township_code", "item_code", "item_name", "unit", "month_value", "month_value_mark", "year_to_date_value",
             "year_to_date_value_mark"]  # fmt: skip
    kinds = {"month_value": pl.Float64, "year_to_date_value": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row", schema_overrides=kinds)


def policy(cast: Cast, t: int) -> pl.DataFrame | None:
    """`policy_param` in the first month and when something was decided in `t`: every value decided by then, ends filled in."""
    last, first = month_end(cast.month(t)), month_start(cast.month(t))
    every = chain.from_iterable(
        product([one], one.steps) for one in parameters.standards().standards
    )
    steps = [(item, step) for item, step in every if step.decided_on <= last]
    if t > 0 and not any(step.decided_on >= first for _, step in steps):
        return None
    rows = []
    for item, step in steps:
        later = [
            other.valid_from
            for known, other in steps
            if known is item and other.valid_from > step.valid_from
        ]
        number = f"青民发〔虚构{step.decided_on.year}〕{step.decided_on.month}号"
        rows.append(
            (
                item.code,
                item.band,
                step.value,
                item.unit,
                step.valid_from,
                min(later) if later else None,
                step.decided_on,
                number,
            )
        )
    names = [
        "param_code",
        "band",
        "value",
        "unit",
        "valid_from",
        "valid_to",
        "decided_on",
        "document_no",
    ]
    return pl.DataFrame(
        rows, schema=names, orient="row", schema_overrides={"valid_to": pl.Date, "band": pl.String}
    )


def prices(cast: Cast, t: int) -> pl.DataFrame:
    """`cpi_series` of month `t` for three places, as an index (103.1) in even months and as a rise (3.1) in odd ones."""
    random = np.random.default_rng([17, int(cast.month(t).replace("-", ""))])
    rise, food = round(float(random.normal(1.6, 1.2)), 1), round(float(random.normal(3.0, 2.4)), 1)
    as_index = 100 if int(cast.month(t)[5:7]) % 2 == 0 else 0
    published = month_start(add_months(cast.month(t), 1)) + dt.timedelta(8)
    index = home_area().price_index
    further = [place for place in codes("cpi_place") if place not in (index, "全国")]
    rows = [
        (
            cast.month(t),
            place,
            round(rise + off + as_index, 1),
            round(food + off + as_index, 1),
            published,
        )
        for place, off in ((index, 0.0), ("全国", 0.3), (further[0], -0.2))
    ]
    return pl.DataFrame(
        rows, schema=["index_month", "place", "cpi_yoy", "food_yoy", "published_on"], orient="row"
    )


def population(cast: Cast, t: int) -> pl.DataFrame | None:
    """`population` in the first month (census, last year's residents and registered) and in January: of three years one
    brings both of the year, one the registered alone, one nothing (so that older years and other sources are used)."""
    county, month = parameters.county(), cast.month(t)
    year = int(month[:4])
    if t > 0 and month[5:7] != "01":
        return None
    wanted = [(year, "户籍"), (year, "常住")][: (0, 1, 2)[year % 3]] if month[5:7] == "01" else []
    if t == 0:
        wanted = [(2020, "普查"), (year - 1, "户籍"), (year - 1, "常住"), *wanted]
    if not wanted:
        return None
    weight, rows = sum(place.weight for place in county.townships.values()), []
    for of, source in dict.fromkeys(wanted):
        factor = county["registered_to_resident"] if source == "户籍" else 1.0
        for code, place in county.townships.items():
            people = round(
                county["population_2020"]
                * cast.scale
                * (1 + county["yearly_growth"]) ** (of - 2020)
                * factor
                * place.weight
                / weight
            )
            aged = 1 + (of - 2020) * county["ageing_per_year"] / county["share_60_plus"]
            shares = [
                county["share_0_17"],
                *(county[f"share_{age}_plus"] * aged for age in (60, 70, 80)),
            ]
            urban = round(people * place.urban)
            rows.append(
                (
                    of,
                    code,
                    source,
                    people,
                    urban,
                    people - urban,
                    *(round(people * share) for share in shares),
                )
            )
    names = ["year", "township_code", "population_source", "population", "urban_population", "rural_population", "age_0_17",
             "age_60_plus", "age_70_plus", "age_80_plus"]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def region_rows(t: int) -> pl.DataFrame | None:
    """`region`, once in the first month; a village founded in 2025 shows validity, one community has a former name."""
    if t > 0:
        return None
    words = {
        "province": "省",
        "prefecture": "州",
        "county": "县",
        "township": "乡镇",
        "village": "村社",
    }
    rows = [
        (
            one.code,
            one.name,
            words[one.level],
            one.parent or "0",
            one.kind,
            dt.date(2020, 1, 1),
        )
        for one in regions()
    ]
    names = [
        "region_code",
        "region_name",
        "region_level",
        "parent_code",
        "region_kind",
        "valid_from",
    ]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    spelt = aliases()["villages"]
    others = text([spelt[code][-1] if code in spelt else None for code in frame["region_code"]])
    return frame.with_columns(valid_to=pl.lit(None, dtype=pl.Date), aliases=others)
