"""A made-up county for disclosure tests: people with attributes, counted into observations by plain Python.

Nothing of the indicator engine is used, so that the tables' sums hold because the people are the same, not by design.
"""

import random
from collections import defaultdict

import polars as pl

from tests.place import AREA

TOWNSHIPS = [f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202"]
AGES = ["Y0T17", "Y18T59", "Y_GE60"]
UNIT = {"dibao_subsidy_urban": 620.0}


def month_after(month):
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def person(rng, number, kind):
    """One person of a kind: dibao_urban, dibao_rural, tekun_urban, tekun_rural or orphan."""
    township = rng.choices(TOWNSHIPS, [8, 5, 3, 2, 1])[0]
    age = "Y0T17" if kind == "orphan" else rng.choices(AGES, [2, 4, 6])[0]
    return {
        "key": number,
        "kind": kind,
        "townships": [township] if rng.random() > 0.005 else [township, rng.choice(TOWNSHIPS)],
        "village": rng.choice([township + f"{200 + i}" for i in range(4)] + [None]),
        "sex": rng.choice(["F", "M"]) if rng.random() > 0.002 else None,
        "age": age,
        "disabled": rng.choices(["DIS", "NDIS"], [1, 4])[0],
        "form": rng.choices(["FORM_C", "FORM_D"], [1, 3])[0],
        "care": rng.choices(["CARE_SELF", "CARE_PARTIAL", "CARE_FULL"], [6, 2, 1])[0],
        "home": rng.choices(["CARE_INST", "CARE_SOCIAL"], [1, 2])[0],
    }


def people_by_month(months, seed, size=1.0):
    """Month -> people on the rolls, with some entering and leaving each month."""
    rng = random.Random(seed)
    start = {
        "dibao_urban": 90,
        "dibao_rural": 700,
        "tekun_urban": 12,
        "tekun_rural": 110,
        "orphan": 14,
    }
    people = [person(rng, i, kind) for kind, n in start.items() for i in range(round(n * size))]
    for i, one in enumerate(people):
        one["key"] = i
    found, number = {}, len(people)
    for month in months:
        found[month] = list(people)
        people = [one for one in people if rng.random() > 0.012]
        for kind, n in start.items():
            for _ in range(sum(rng.random() < 0.012 for _ in range(round(n * size)))):
                number += 1
                people.append(person(rng, number, kind))
    return found


class Counter:
    """Collects observations."""

    def __init__(self, month):
        self.month, self.rows = month, []

    def add(self, code, area, numerator, denominator=None, multiplier=1.0, **cell):
        value = numerator * multiplier if denominator is None else None
        if denominator:
            value = numerator / denominator * multiplier
        self.rows.append(
            {
                "indicator_id": code,
                "ref_area": area,
                "time_period": self.month,
                "freq": "M",
                **{d: cell.get(d, "_T") for d in ("residence", "sex", "age_group", "category")},
                "numerator": float(numerator),
                "denominator": None if denominator is None else float(denominator),
                "obs_value": value,
                "decimals": 0,
                "unit_measure": "人",
                "obs_status": "L" if denominator == 0 else "A",
                "conf_status": None,
                "lower_bound": value,
                "upper_bound": value,
                "definition_version": "2021",
                "note": "",
            }
        )


def inside(people, area):
    if len(area) == 6:
        return people
    if len(area) == 9:
        return [one for one in people if area in one["townships"]]
    return [one for one in people if one["village"] == area]


def roll(counter, code, people, areas, categories):
    """A roll with all its breakdowns."""
    for area in areas:
        here = inside(people, area)
        counter.add(code, area, len(here))
        if len(area) == 12:
            continue
        for sex in "FM":
            counter.add(code, area, sum(one["sex"] == sex for one in here), sex=sex)
        for age in AGES:
            counter.add(code, area, sum(one["age"] == age for one in here), age_group=age)
        for attribute, codes in categories.items():
            for category in codes:
                counter.add(
                    code, area, sum(one[attribute] == category for one in here), category=category
                )


def observations(first="2023-01", months=3, seed=1, size=1.0):
    """The observations of a county for some months."""
    period = [first]
    while len(period) < months:
        period.append(month_after(period[-1]))
    rolls, rows = people_by_month(period, seed, size), []
    for i, month in enumerate(period):
        counter = Counter(month)
        count_month(counter, rolls[month], rolls[period[i - 1]] if i else None)
        rows += counter.rows
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("conf_status").cast(pl.String)
    )


def count_month(counter, people, before):
    kinds = defaultdict(list)
    for one in people:
        kinds[one["kind"]].append(one)
    areas = [AREA, *TOWNSHIPS]
    villages = sorted({t + f"{200 + i}" for t in TOWNSHIPS for i in range(4)})
    disability = {"disabled": ["DIS", "NDIS"]}
    care = {"form": ["FORM_C", "FORM_D"], "care": ["CARE_SELF", "CARE_PARTIAL", "CARE_FULL"]}
    roll(counter, "dibao_urban_persons", kinds["dibao_urban"], areas, disability)
    roll(counter, "dibao_rural_persons", kinds["dibao_rural"], areas + villages, disability)
    roll(counter, "tekun_urban_persons", kinds["tekun_urban"], areas, care)
    roll(counter, "tekun_rural_persons", kinds["tekun_rural"], areas, care)
    for area in areas:
        count_rates(counter, kinds, area)
        if before is not None:
            count_flows(counter, people, before, area)


def count_rates(counter, kinds, area):
    urban, rural = inside(kinds["dibao_urban"], area), inside(kinds["dibao_rural"], area)
    residents = 40000 if len(area) == 6 else 8000
    counter.add("dibao_coverage", area, len(urban) + len(rural), residents, 100)
    counter.add("dibao_coverage", area, len(urban), residents / 4, 100, residence="U")
    counter.add("dibao_coverage", area, len(rural), residents * 3 / 4, 100, residence="R")
    counter.add("dibao_subsidy_urban", area, 620 * len(urban), len(urban))
    counter.add("dibao_spend_urban_ytd", area, 620 * len(urban), None, 0.0001)
    tekun = inside(kinds["tekun_urban"] + kinds["tekun_rural"], area)
    central = [one for one in tekun if one["form"] == "FORM_C"]
    counter.add("tekun_central", area, len(central))
    counter.add("tekun_central_rate", area, len(central), len(tekun), 100)
    orphans = inside(kinds["orphan"], area)
    counter.add("orphan_total", area, len(orphans))
    for sex in "FM":
        counter.add("orphan_total", area, sum(one["sex"] == sex for one in orphans), sex=sex)
    for code, name in (("CARE_INST", "orphan_institution"), ("CARE_SOCIAL", "orphan_social")):
        counter.add(
            "orphan_total", area, sum(one["home"] == code for one in orphans), category=code
        )
        counter.add(name, area, sum(one["home"] == code for one in orphans))
    counter.add("inst_beds", area, 3)


def count_flows(counter, people, before, area):
    def on(rolls):
        return {one["key"]: one for one in inside(rolls, area) if one["kind"].startswith("dibao")}

    now, then = on(people), on(before)
    for code, these in (("dibao_new", set(now) - set(then)), ("dibao_exit", set(then) - set(now))):
        kinds = [(now | then)[key]["kind"] for key in these]
        counter.add(code, area, len(these))
        counter.add(code, area, kinds.count("dibao_urban"), residence="U")
        counter.add(code, area, kinds.count("dibao_rural"), residence="R")
