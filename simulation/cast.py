"""The people of the fictitious county who matter to a dataset: households in groups, members, births and deaths by month.

Months are counted from the first simulated one: `t` = 0 is the first, -1 the month before. `NEVER` stands for "not in sight".
"""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from minzheng.contracts.regions import county_of, regions
from minzheng.months import add_months, month_end, month_start
from simulation import identity, parameters

NEVER = 10_000
GROUPS = (
    "dibao",
    "edge",
    "rigid",
    "monitored",
    "rejected",
    "tekun",
    "child",
    "card",
    "elder",
    "other",
)


@dataclass
class Cast:
    """Who lives here. Arrays have one entry a household (`h_...`) or a person (the others)."""

    months: list[str]
    scale: int
    random: np.random.Generator
    h_group: np.ndarray
    h_township: np.ndarray
    h_region: np.ndarray
    h_urban: np.ndarray
    h_start: np.ndarray
    h_end: np.ndarray
    h_income_share: np.ndarray
    household: np.ndarray
    order: np.ndarray
    birth: np.ndarray
    birth_t: np.ndarray
    male: np.ndarray
    death_t: np.ndarray
    died_on: np.ndarray
    stop_lag: np.ndarray
    numbered_t: np.ndarray
    people: pl.DataFrame
    extra: dict = field(default_factory=dict)

    @property
    def span(self) -> int:
        """Number of simulated months."""
        return len(self.months)

    def end_of(self, t: int) -> np.datetime64:
        """Last calendar day of month `t`."""
        return np.datetime64(month_end(self.month(t)))

    def month(self, t: int) -> str:
        """Month `t` as YYYY-MM, before the first one too."""
        return add_months(self.months[0], t)

    def ages(self, who: np.ndarray, t: int) -> np.ndarray:
        """Completed years at the end of month `t`; somebody born on 29 February has the birthday on 1 March."""
        return ages_on(self.birth[who], self.end_of(t))

    def alive(self, t: int) -> np.ndarray:
        """Who has been born and has not died before month `t` begins."""
        return (self.birth_t <= t) & (self.death_t >= t)

    def group(self, name: str) -> np.ndarray:
        """Which people belong to a group of households."""
        return self.h_group[self.household] == GROUPS.index(name)


def ages_on(births: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Completed years on a day."""
    year = births.astype("datetime64[Y]").astype(int)
    in_year = (births.astype("datetime64[M]").astype(int) % 12) * 31 + (
        births - births.astype("datetime64[M]")
    ).astype(int)
    that = np.array([day])
    that_in_year = (that.astype("datetime64[M]").astype(int) % 12) * 31 + (
        that - that.astype("datetime64[M]")
    ).astype(int)
    return that.astype("datetime64[Y]").astype(int)[0] - year - (in_year > that_in_year[0])


def _places(random: np.random.Generator, urban: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A township and a village or community for each household; one in 250 has the village unknown (code ending 000)."""
    shape = parameters.county().townships
    codes = np.array(list(shape), dtype=object)
    in_town = np.array([place.weight * place.urban for place in shape.values()])
    outside = np.array([place.weight * (1 - place.urban) for place in shape.values()])
    pick = np.where(
        urban,
        random.choice(len(codes), len(urban), p=in_town / in_town.sum()),
        random.choice(len(codes), len(urban), p=outside / outside.sum()),
    )
    region = np.empty(len(urban), dtype=object)
    for number, code in enumerate(codes):
        below = [one for one in regions() if one.parent == code]
        every = [one.code for one in below] or [f"{code}000"]
        town = [one.code for one in below if one.kind == "居委会"] or every
        land = [one.code for one in below if one.kind == "村委会"] or every
        for here, choices in ((urban & (pick == number), town), (~urban & (pick == number), land)):
            region[here] = random.choice(np.array(choices, dtype=object), here.sum())
    unknown = random.random(len(urban)) < 0.004
    region[unknown] = codes[pick[unknown]] + "000"
    return codes[pick], region


def _group_sizes(span: int, scale: int) -> list[tuple[str, bool, int, int]]:
    """Households of each group: name, in town, there at the start, coming later."""
    county = parameters.county()
    residents = county["population_2020"] * scale
    weight = sum(place.weight for place in county.townships.values())
    in_town = sum(place.weight * place.urban for place in county.townships.values()) / weight
    sizes = []
    for urban, share, coverage, members in (
        (True, in_town, county["coverage_urban"], county["household_urban"]),
        (False, 1 - in_town, county["coverage_rural"], county["household_rural"]),
    ):
        homes = residents * share * coverage / members
        sizes.append(
            ("dibao", urban, round(homes), round(homes * county["dibao_monthly_entry"] * span))
        )
        for name in ("edge", "rigid", "monitored", "rejected"):
            homes = residents * share * county[f"{name}_share"] / members
            sizes.append((name, urban, round(homes), round(homes * 0.02 * span)))
        singles = {
            "tekun": county["tekun_share"],
            "child": county["child_share"],
            "card": county["card_share"],
        }
        for name, part in singles.items():
            sizes.append(
                (
                    name,
                    urban,
                    round(residents * share * part),
                    round(residents * share * part * 0.006 * span),
                )
            )
        old = residents * share * county["share_70_plus"] * 0.85
        sizes.append(("elder", urban, round(old), round(old * 0.0065 * span)))
        sizes.append(("other", urban, round(residents * share * 0.012 * (span / 12 + 1)), 0))
    return sizes


def _members(
    random: np.random.Generator, group: np.ndarray, urban: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The household and the place in it (0 = head) of every person; family groups only have more than one."""
    county = parameters.county()
    family = np.isin(
        group, [GROUPS.index(name) for name in ("dibao", "edge", "rigid", "monitored", "rejected")]
    )
    mean = np.where(urban, county["household_urban"], county["household_rural"])
    size = np.where(family, np.minimum(1 + random.poisson(mean - 1), 8), 1)
    household = np.repeat(np.arange(len(group)), size)
    return household, np.arange(len(household)) - np.repeat(np.cumsum(size) - size, size)


def _ages_at_start(
    random: np.random.Generator, group: np.ndarray, order: np.ndarray, start: np.ndarray, span: int
) -> np.ndarray:
    """Age in years at the first month's start; below zero = born later."""
    count = len(group)
    head = np.clip(random.normal(52, 16, count), 19, 93)
    spouse = np.clip(random.normal(48, 14, count), 19, 90)
    child = random.uniform(-min(span, 24) / 12, 21, count)
    parent = np.clip(random.normal(74, 9, count), 50, 101)
    others = np.where(random.random(count) < 0.8, child, parent)
    ages = np.select(
        [order == 0, (order == 1) & (random.random(count) < 0.6)], [head, spouse], others
    )
    minor = random.random(count) < 0.06
    tekun = np.where(
        minor, random.uniform(5, 17, count), np.clip(random.normal(72, 8, count), 60, 97)
    )
    oldest = np.minimum(70 + random.exponential(8, count), 99)
    comers = 70 - start / 12 - random.uniform(0, 1 / 12, count)
    elder = np.where(start >= 0, comers, oldest)
    index = {name: number for number, name in enumerate(GROUPS)}
    ages = np.where(group == index["tekun"], tekun, ages)
    ages = np.where(group == index["child"], random.uniform(0.3, 17.9, count), ages)
    ages = np.where(group == index["card"], random.uniform(8, 85, count), ages)
    ages = np.where(group == index["elder"], elder, ages)
    ages = np.where(group == index["other"], np.clip(random.normal(70, 15, count), 1, 98), ages)
    centenarians = np.flatnonzero((group == index["elder"]) & (start < 0))[
        :: max(1, int((group == index["elder"]).sum()) // 5)
    ]
    ages[centenarians] = random.uniform(99.2, 103, len(centenarians))
    return ages


def _deaths(
    random: np.random.Generator, ages: np.ndarray, birth_t: np.ndarray, span: int
) -> np.ndarray:
    """The month each person dies in, or NEVER: a flat rate below 60, then doubling every nine years."""
    county = parameters.county()
    death = np.full(len(ages), NEVER)
    for t in range(span):
        age = ages + t / 12
        yearly = np.where(
            age < 60,
            county["yearly_death_under_60"],
            np.minimum(county["yearly_death_60"] * np.exp2((age - 60) / 9), 0.35),
        )
        dies = (death == NEVER) & (birth_t < t) & (random.random(len(ages)) < yearly / 12)
        death[dies] = t
    return death


def _spells(
    random: np.random.Generator, sizes: list[tuple[str, bool, int, int]], span: int
) -> tuple[np.ndarray, ...]:
    """Group, residence, first and first-no-more month of every household; -1 = there before the first month."""
    county = parameters.county()
    hazard = {
        "dibao": county["dibao_monthly_exit"],
        "edge": 0.02,
        "rigid": 0.03,
        "monitored": 0.02,
        "rejected": 0.04,
    }
    parts = []
    for name, urban, there, coming in sizes:
        start = np.concatenate([np.full(there, -1), random.integers(0, span, coming)])
        rate = hazard.get(name)
        stay = random.geometric(rate, len(start)) if rate else np.full(len(start), NEVER)
        end = np.maximum(start, -1) + stay + (start < 0)
        parts.append(
            (np.full(len(start), GROUPS.index(name)), np.full(len(start), urban), start, end)
        )
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def build(months: list[str], scale: int, random: np.random.Generator) -> Cast:
    """Make everybody: households by group, members, identities, disabilities, deaths."""
    county, span = parameters.county(), len(months)
    h_group, h_urban, h_start, h_end = _spells(random, _group_sizes(span, scale), span)
    h_township, h_region = _places(random, h_urban)
    household, order = _members(random, h_group, h_urban)
    group, start = h_group[household], h_start[household]
    ages = _ages_at_start(random, group, order, start, span)
    origin = np.datetime64(month_start(months[0]))
    birth = origin - np.round(ages * 365.25).astype(int)
    birth = np.maximum(birth, np.datetime64("1918-01-01"))
    birth_t = np.maximum(
        birth.astype("datetime64[M]").astype(int) - origin.astype("datetime64[M]").astype(int), -1
    )
    death_t = _deaths(random, ages, birth_t, span)
    count = len(household)
    first_days = np.array(
        [month_start(add_months(months[0], t)) for t in range(span)], dtype="datetime64[D]"
    )
    died_on = first_days[np.minimum(death_t, span - 1)] + random.integers(0, 28, count)
    male = random.random(count) < 0.49
    late = random.random(count) < county["late_stop_share"]
    late_registered = (birth_t >= 0) & (random.random(count) < 0.5)
    people = _describe(random, household, birth, male, h_region, group, ages)
    return Cast(
        months, scale, random, h_group, h_township, h_region, h_urban, h_start, h_end,
        random.uniform(0.15, 0.9, len(h_group)), household, order, birth, birth_t, male, death_t, died_on,
        np.where(late, random.integers(1, 3, count), 0), np.where(late_registered, birth_t + 4, -1), people,
    )  # fmt: skip


def _describe(
    random: np.random.Generator, household: np.ndarray, birth: np.ndarray, male: np.ndarray, h_region: np.ndarray,
    group: np.ndarray, ages: np.ndarray,
) -> pl.DataFrame:  # fmt: skip
    """What the files say of each person: names, numbers, accounts, disability and its card, ability, long illness."""
    county, count = parameters.county(), len(household)
    elsewhere = random.random(count) < county["elsewhere_number"]
    issued = np.where(
        elsewhere,
        random.choice(parameters.names().regions_elsewhere, count),
        [county_of(code) for code in h_region[household]],
    )
    number = identity.id_numbers(random, issued, birth, male)
    family = np.isin(
        group, [GROUPS.index(name) for name in ("dibao", "edge", "rigid", "monitored", "rejected")]
    )
    chance = np.where(
        family, county["disabled_in_dibao"], np.where(group == GROUPS.index("card"), 1.0, 0.03)
    )
    disabled = (random.random(count) < chance) & (ages > 2)
    kinds = random.choice(
        ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"],
        count,
        p=[0.14, 0.14, 0.04, 0.42, 0.1, 0.12, 0.04],
    )
    levels = random.choice(["1", "2", "3", "4"], count, p=[0.13, 0.24, 0.33, 0.3])
    severe = np.isin(levels, ["1", "2"])
    grades = ["能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"]
    return pl.DataFrame(
        {
            "person_name": text(identity.fictitious_names(random, count)),
            "person_id_no": text(number),
            "sex": np.where(male, "M", "F"),
            "birth_date": days(birth),
            "bank_account": text(identity.account_numbers(100, count)),
            "disability_type": text(np.where(disabled, kinds, None)),
            "disability_level": text(np.where(disabled, levels, None)),
            "long_care_need": disabled & (random.random(count) < np.where(severe, 0.75, 0.08)),
            "injury_nursing_fee": disabled & (random.random(count) < 0.008),
            "claims": random.random(count) > county["unclaimed_share"],
            "severe_illness": random.random(count) < 0.06,
            "ability_grade": random.choice(grades, count, p=[0.45, 0.22, 0.15, 0.11, 0.07]),
        }
    )


def days(value: np.ndarray | list[dt.date]) -> pl.Series:
    """Dates as a Polars series; NaT becomes null."""
    return pl.Series(np.asarray(value, dtype="datetime64[D]")).cast(pl.Date)


def text(values: np.ndarray | list) -> pl.Series:
    """Words, with None for a blank, as a Polars series."""
    return pl.Series(np.asarray(values, dtype=object).tolist(), dtype=pl.String)
