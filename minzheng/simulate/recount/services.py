"""Recount of institutions, community sites, standards, prices, population, regions, and the quality of the data itself."""

from collections.abc import Callable

import polars as pl

from minzheng.contracts import dataset_names
from minzheng.months import add_months
from minzheng.simulate.cast import COUNTY_CODE
from minzheng.simulate.recount.cells import KEY, TOTAL, Needs, coded, count, observe, persons, year_sum
from minzheng.simulate.recount.known import TOWNS, Known, Parameters, villages

KINDS = {"社会福利院": "K_WELFARE", "特困供养机构": "K_TEKUN", "其他养老机构": "K_OTHER"}
EXPECTED = (
    "dibao_roll", "tekun_roll", "lowinc_register", "child_roll", "pwd_roll", "elder_roll", "temp_aid", "application", "payment_ledger",
    "elder_assess", "care_facility", "community_care", "comprehensive_return",
)  # fmt: skip
LISTED = (
    "dibao_roll", "tekun_roll", "lowinc_register", "child_roll", "pwd_roll", "elder_roll", "temp_aid", "application", "payment_ledger",
    "elder_assess", "care_facility", "community_care", "comprehensive_return", "pwd_card", "death_list", "medical_burden",
    "monitored_household", "asset_hit", "cpi_series",
)  # fmt: skip


def cells_of(
    months: list[str],
    areas: list[str],
    value: Callable[[str, str], float | None],
    category: str = TOTAL,
    age: str = TOTAL,
) -> pl.DataFrame:
    """A value by month and area as `count` gives it; None becomes no row."""
    rows = [(m, a, TOTAL, TOTAL, age, category, value(m, a)) for m in months for a in areas]
    frame = pl.DataFrame(rows, schema=[*KEY, "value"], orient="row", schema_overrides={"value": pl.Float64})
    return frame.filter(pl.col("value").is_not_null())


def _blank_where_absent(found: pl.DataFrame, numerator: pl.DataFrame) -> pl.DataFrame:
    """Turn cells without a value of their own into M (a standard not in force, no population)."""
    there = found.join(
        numerator.select(KEY).unique().with_columns(there=pl.lit(True)), on=KEY, how="left", maintain_order="left"
    )["there"].fill_null(False)
    return found.with_columns(
        obs_status=pl.when(there).then("obs_status").otherwise(pl.lit("M")),
        **{name: pl.when(there).then(name) for name in ("obs_value", "numerator", "denominator")},
    )


def standards(known: Known) -> list[pl.DataFrame]:
    """Standards in force, their growth and their ratios; only band cells where a standard has bands."""
    parameters, months, found = Parameters(known), known.months, []

    def emit(indicator: str, unit: str, top: Callable, bottom: Callable | None = None, multiplier: float = 1) -> None:
        both = cells_of(months, [COUNTY_CODE], lambda m, _: top(m) if bottom is None or bottom(m) is not None else None)
        under = None if bottom is None else cells_of(months, [COUNTY_CODE], lambda m, _: bottom(m))
        cells = observe(known, indicator, unit, "c", both, Needs(), denominator=under, multiplier=multiplier)
        found.append(_blank_where_absent(cells, both))

    def now(code: str) -> Callable[[str], float | None]:
        return lambda month: parameters.value(code, month)

    def year_ago(code: str) -> Callable[[str], float | None]:
        return lambda month: parameters.value(code, add_months(month, -12))

    def rise(code: str) -> Callable[[str], float | None]:
        def difference(month: str) -> float | None:
            new, old = now(code)(month), year_ago(code)(month)
            return None if new is None or old is None else new - old

        return difference

    for word, unit in (("urban", "元/人·月"), ("rural", "元/人·年")):
        emit(f"dibao_std_{word}", unit, now(f"dibao_std_{word}"))
        emit(f"dibao_std_growth_{word}", "%", rise(f"dibao_std_{word}"), year_ago(f"dibao_std_{word}"), 100)
    urban = now("dibao_std_urban")
    emit(
        "dibao_std_ratio_rural_urban",
        "%",
        now("dibao_std_rural"),
        lambda m: None if urban(m) is None else 12 * urban(m),
        100,
    )
    emit("tekun_basic_std", "元/人·月", now("tekun_basic_std"))
    emit("tekun_std_ratio", "倍", now("tekun_basic_std"), urban)
    emit("fact_orphan_std", "元/人·月", now("fact_orphan_std"))
    return found + _banded(known, parameters)


def _banded(known: Known, parameters: Parameters) -> list[pl.DataFrame]:
    lists = {
        "orphan_std": ("category", {"CARE_INST": "集中养育", "CARE_SOCIAL": "社会散居"}),
        "pwd_living_std": ("category", {"LV12": "1-2级", "LV34": "3-4级"}),
        "pwd_care_std": ("category", {"LV12": "1-2级"}),
        "tekun_care_std": ("category", {"CARE_SELF": "全自理", "CARE_PARTIAL": "半护理", "CARE_FULL": "全护理"}),
        "old_age_std": ("age_group", {"Y70T79": "70-79", "Y80T89": "80-89", "Y90T99": "90-99", "Y_GE100": "100+"}),
    }
    found = []
    for code, (dimension, bands) in lists.items():
        parts = [
            cells_of(
                known.months,
                [COUNTY_CODE],
                lambda m, _, c=code, b=band: parameters.value(c, m, b),
                **{("age" if dimension == "age_group" else dimension): word},
            )
            for word, band in bands.items()
        ]
        values = pl.concat(parts)
        cells = observe(known, code, "元/人·月", "c", values, Needs(), codes={dimension: list(bands)}, total=False)
        found.append(_blank_where_absent(cells, values))
    return found


class Population:
    """Population in force (_G12): the greatest year not after the month's, its first complete source."""

    def __init__(self, known: Known):
        rows = known.records.get("population")
        self.rows = (
            []
            if rows is None
            else rows.sort("uid").unique(["year", "township_code", "population_source"], keep="last").to_dicts()
        )

    def chosen(self, month: str) -> tuple[int, dict[str, dict]] | None:
        """The year and its rows by township, or None."""
        years = [row["year"] for row in self.rows if row["year"] <= int(month[:4])]
        for source in ("常住", "普查", "户籍") if years else ():
            rows = {
                row["township_code"]: row
                for row in self.rows
                if row["year"] == max(years) and row["population_source"] == source
            }
            if set(rows) >= set(TOWNS):
                return max(years), rows
        return None

    def value(self, month: str, area: str, column: str) -> float | None:
        """A column for an area; the county is the sum of the five."""
        found = self.chosen(month)
        return (
            None
            if found is None
            else float(sum(row[column] for code, row in found[1].items() if area in (COUNTY_CODE, code)))
        )

    def is_old(self, month: str) -> bool:
        """Whether the year is earlier than the month's: status E."""
        found = self.chosen(month)
        return found is not None and found[0] < int(month[:4])


def _people_of(known: Known, population: Population, column: str, areas: list[str]) -> pl.DataFrame:
    return cells_of(known.months, areas, lambda month, area: population.value(month, area, column))


def population(known: Known) -> list[pl.DataFrame]:
    """Population, its old, and dibao against it."""
    people, areas = Population(known), [COUNTY_CODE, *TOWNS]
    everyone = _people_of(known, people, "population", areas)
    found = []
    for indicator, column in (
        ("pop_resident", "population"),
        ("pop_60plus", "age_60_plus"),
        ("pop_80plus", "age_80_plus"),
    ):
        values = _people_of(known, people, column, areas)
        found.append(
            _blank_where_absent(observe(known, indicator, "人", "ct", values, Needs(), estimated=people.is_old), values)
        )
    old = _people_of(known, people, "age_60_plus", areas)
    share = observe(
        known,
        "pop_60plus_share",
        "%",
        "ct",
        old,
        Needs(),
        denominator=everyone,
        multiplier=100,
        estimated=people.is_old,
    )
    found.append(_blank_where_absent(share, old))
    rows = (
        known.rows("dibao_roll")
        .filter(pl.col("status") != "停保")
        .with_columns(code=coded("scheme", {"城市低保": "U", "农村低保": "R"}))
    )
    below = [everyone]
    for code, column in (("U", "urban_population"), ("R", "rural_population")):
        below.append(_people_of(known, people, column, areas).with_columns(residence=pl.lit(code)))
    under = pl.concat(below)
    cells = observe(
        known, "dibao_coverage", "%", "ct", count(rows, persons(), "ct", {"residence": ["code"]}), Needs(("dibao_roll",)), denominator=under,
        multiplier=100, codes={"residence": ["U", "R"]}, estimated=people.is_old,
    )  # fmt: skip
    return [*found, _blank_where_absent(cells, under)]


def units(area: str, kind: str | None = None) -> list[str]:
    """Villages and communities of an area (_G18)."""
    return [code for code in villages(kind) if area == COUNTY_CODE or code.startswith(area)]


def places(known: Known) -> list[pl.DataFrame]:
    """Numbers of villages and communities."""
    areas, found = [COUNTY_CODE, *TOWNS], []
    for indicator, kind in (("admin_villages", "村委会"), ("admin_communities", "居委会")):
        found.append(
            observe(
                known,
                indicator,
                "个",
                "ct",
                cells_of(known.months, areas, lambda _, a, k=kind: float(len(units(a, k)))),
                Needs(),
            )
        )
    return found


def institutions(known: Known) -> list[pl.DataFrame]:
    """Open institutions, their beds, people and training."""
    closed, last = pl.col("closed_on"), pl.col("month_end")
    everything = known.rows("care_facility").with_columns(kind=coded("facility_kind", KINDS))
    rows = everything.filter((pl.col("opened_on") <= last) & (closed.is_null() | (closed > last)))
    needs, by, codes, found = Needs(("care_facility",)), {"category": ["kind"]}, {"category": list(KINDS.values())}, []

    def total(column: str, split: bool = False) -> pl.DataFrame:
        return count(rows, pl.col(column).sum(), "ct", by if split else None)

    found.append(observe(known, "inst_count", "个", "ct", count(rows, pl.len(), "ct", by), needs, codes=codes))
    found.append(observe(known, "inst_beds", "张", "ct", total("bed_count", True), needs, codes=codes))
    found.append(observe(known, "nursing_beds", "张", "ct", total("nursing_bed_count", True), needs, codes=codes))
    for indicator, top, bottom in (
        ("nursing_bed_share", "nursing_bed_count", "bed_count"),
        ("bed_occupancy", "resident_count", "bed_count"),
        ("caregiver_cert_rate", "certified_caregiver_count", "caregiver_count"),
    ):
        found.append(observe(known, indicator, "%", "ct", total(top), needs, denominator=total(bottom), multiplier=100))
    found.append(observe(known, "inst_residents", "人", "ct", total("resident_count"), needs))
    found.append(observe(known, "caregivers", "人", "ct", total("caregiver_count"), needs))
    trained = year_sum(known.months, count(everything, pl.col("trained_person_times").sum(), "ct"))
    found.append(observe(known, "caregiver_trained", "人次", "ct", trained, Needs(year=("care_facility",))))
    return found + _beds(known, rows)


def _beds(known: Known, rows: pl.DataFrame) -> list[pl.DataFrame]:
    sites = known.rows("community_care").filter(pl.col("operating"))
    both = pl.concat(
        [
            rows.select("month", "township", beds="bed_count"),
            sites.select("month", "township", beds="community_bed_count"),
        ]
    )
    needs, people = Needs(("care_facility", "community_care")), Population(known)
    old = _people_of(known, people, "age_60_plus", [COUNTY_CODE])
    beds = count(both, pl.col("beds").sum(), "ct")
    rate = observe(
        known,
        "beds_per_1000_60plus",
        "张/千人",
        "c",
        beds.filter(pl.col("ref_area") == COUNTY_CODE),
        needs,
        denominator=old,
        multiplier=1000,
        estimated=people.is_old,
    )
    return [observe(known, "beds_total", "张", "ct", beds, needs), _blank_where_absent(rate, old)]


def community(known: Known) -> list[pl.DataFrame]:
    """Community sites: canteens, day care, home beds, visits, who is served."""
    every = known.rows("community_care")
    rows, now, year = every.filter(pl.col("operating")), Needs(("community_care",)), Needs(year=("community_care",))
    canteens = rows.filter(pl.col("site_kind") == "幸福食堂")
    day = rows.filter(pl.col("site_kind") == "日间照料中心")
    visited, listed = (
        count(every, pl.col(name).sum(), "ct") for name in ("special_elder_visited", "special_elder_listed")
    )
    return [
        observe(known, "home_care_beds", "张", "ct", count(rows, pl.col("home_bed_count").sum(), "ct"), now),
        observe(known, "canteen_count", "个", "ct", count(canteens, pl.len(), "ct"), now),
        observe(known, "daycare_count", "个", "ct", count(day, pl.len(), "ct"), now),
        observe(known, "canteen_meals", "人次", "ct", count(canteens, pl.col("meal_person_times").sum(), "ct"), now),
        observe(
            known,
            "home_retrofit_households",
            "户",
            "ct",
            year_sum(known.months, count(every, pl.col("retrofitted_households").sum(), "ct")),
            year,
        ),
        observe(
            known,
            "family_carer_trained",
            "人次",
            "ct",
            year_sum(known.months, count(every, pl.col("family_carer_trained").sum(), "ct")),
            year,
        ),
        observe(known, "special_elder_visit_rate", "%", "ct", visited, now, denominator=listed, multiplier=100),
        *_served(known, rows, canteens),
    ]


def _served(known: Known, rows: pl.DataFrame, canteens: pl.DataFrame) -> list[pl.DataFrame]:
    def listed(sites: pl.DataFrame) -> dict[str, set[str]]:
        found = sites.select("month", pl.col("served_region_codes").str.split("、")).explode("served_region_codes")
        return {month: set(part["served_region_codes"]) for (month,), part in found.group_by("month")}

    closed, last = pl.col("closed_on"), pl.col("month_end")
    houses = known.rows("care_facility").filter((pl.col("opened_on") <= last) & (closed.is_null() | (closed > last)))
    own = {
        month: set(part["region_code"])
        for (month,), part in pl.concat(
            [rows.select("month", "region_code"), houses.select("month", "region_code")]
        ).group_by("month")
    }
    meals, near, areas = listed(canteens), listed(rows), [COUNTY_CODE, *TOWNS]
    everyone = cells_of(known.months, areas, lambda _, a: float(len(units(a))))
    land = cells_of(known.months, areas, lambda _, a: float(len(units(a, "村委会"))))
    fed = cells_of(known.months, areas, lambda m, a: float(len(meals.get(m, set()) & set(units(a)))))
    helped = cells_of(
        known.months, areas, lambda m, a: float(len((near.get(m, set()) | own.get(m, set())) & set(units(a, "村委会"))))
    )
    both = Needs(("community_care", "care_facility"))
    return [
        observe(
            known,
            "canteen_village_coverage",
            "%",
            "ct",
            fed,
            Needs(("community_care",)),
            denominator=everyone,
            multiplier=100,
        ),
        observe(known, "rural_service_facility_coverage", "%", "ct", helped, both, denominator=land, multiplier=100),
    ]


def prices(known: Known) -> list[pl.DataFrame]:
    """Whether the price linkage starts, by the province's index of the month."""
    parameters = Parameters(known)
    rows = {
        row["month"]: row for row in known.rows("cpi_series").filter(pl.col("place") == "青海").sort("uid").to_dicts()
    }

    def flag(month: str, _: str) -> float | None:
        limits = [parameters.value(code, month) for code in ("price_link_cpi", "price_link_food")]
        if month not in rows or None in limits:
            return None
        rises = [
            round(value - 100, 1) if value >= 50 else value
            for value in (rows[month]["cpi_yoy"], rows[month]["food_yoy"])
        ]
        return float(any(rise >= limit for rise, limit in zip(rises, limits, strict=True)))

    values = cells_of(known.months, [COUNTY_CODE], flag)
    return [_blank_where_absent(observe(known, "price_link_triggered", "是/否", "c", values, Needs()), values)]


def quality(known: Known) -> list[pl.DataFrame]:
    """Rows in quarantine among the data rows of the files in force, and extracts that came in time."""
    files, areas = known.files, [COUNTY_CODE, *TOWNS]
    parts = []
    for column in ("bad", "rows"):
        for name in (TOTAL, *LISTED):
            these = files if name == TOTAL else files.filter(pl.col("dataset") == name)
            sums = {
                (row["month"], row["place"]): row["n"]
                for row in pl.concat(
                    [
                        these.group_by("month", pl.lit(COUNTY_CODE).alias("place")).agg(n=pl.col(column).sum()),
                        these.filter(pl.col("place").is_in(TOWNS))
                        .group_by("month", "place")
                        .agg(n=pl.col(column).sum()),
                    ]
                ).to_dicts()
            }
            parts.append(
                (
                    column,
                    cells_of(known.months, areas, lambda m, a, s=sums: float(s[m, a]) if (m, a) in s else None, name),
                )
            )
    bad, rows = (pl.concat([frame for kind, frame in parts if kind == column]) for column in ("bad", "rows"))
    cells = observe(
        known,
        "dq_error_rows",
        "%",
        "ct",
        bad,
        Needs(),
        denominator=rows,
        multiplier=100,
        codes={"category": list(LISTED)},
    )
    keep = ~(pl.col("ref_area").is_in(TOWNS) & pl.col("category").is_in(["death_list", "asset_hit", "cpi_series"]))
    found = [_blank_where_absent(cells, rows).filter(keep)]
    first = {(row["dataset"], row["month"], row["place"]): row["in_time"] for row in files.to_dicts()}
    names = [name for name in dataset_names() if name in EXPECTED]
    came = cells_of(
        known.months,
        areas,
        lambda m, a: float(sum(first.get((n, m, t), False) for n in names for t in TOWNS if a in (COUNTY_CODE, t))),
    )
    due = cells_of(known.months, areas, lambda _, a: float(len(names) * (5 if a == COUNTY_CODE else 1)))
    return [*found, observe(known, "dq_on_time", "%", "ct", came, Needs(), denominator=due, multiplier=100)]
