"""Recount of institutions and community sites: beds, staff, canteens, who is served."""

import polars as pl

from simulation.recount.cells import (
    Needs,
    blank_where_absent,
    cells_of,
    coded,
    count,
    observe,
    year_sum,
)
from simulation.recount.known import AREAS, WHOLES, Known
from simulation.recount.places import Population, people_of, units

KINDS = {"社会福利院": "K_WELFARE", "特困供养机构": "K_TEKUN", "其他养老机构": "K_OTHER"}


def institutions(known: Known) -> list[pl.DataFrame]:
    """Open institutions, their beds, people and training."""
    closed, last = pl.col("closed_on"), pl.col("month_end")
    everything = known.rows("care_facility").with_columns(kind=coded("facility_kind", KINDS))
    rows = everything.filter((pl.col("opened_on") <= last) & (closed.is_null() | (closed > last)))
    needs, by, codes, found = (
        Needs(("care_facility",)),
        {"category": ["kind"]},
        {"category": list(KINDS.values())},
        [],
    )

    def total(column: str, split: bool = False) -> pl.DataFrame:
        return count(rows, pl.col(column).sum(), "ct", by if split else None)

    found.append(
        observe(
            known, "inst_count", "个", "ct", count(rows, pl.len(), "ct", by), needs, codes=codes
        )
    )
    found.append(
        observe(known, "inst_beds", "张", "ct", total("bed_count", True), needs, codes=codes)
    )
    found.append(
        observe(
            known, "nursing_beds", "张", "ct", total("nursing_bed_count", True), needs, codes=codes
        )
    )
    for indicator, top, bottom in (
        ("nursing_bed_share", "nursing_bed_count", "bed_count"),
        ("bed_occupancy", "resident_count", "bed_count"),
        ("caregiver_cert_rate", "certified_caregiver_count", "caregiver_count"),
    ):
        found.append(
            observe(
                known,
                indicator,
                "%",
                "ct",
                total(top),
                needs,
                denominator=total(bottom),
                multiplier=100,
            )
        )
    homes = rows.filter(pl.col("kind") == "K_TEKUN")
    equipped = count(homes.filter(pl.col("recreation_standard_met")), pl.len(), "ct")
    found.append(
        observe(
            known,
            "tekun_recreation_items",
            "%",
            "ct",
            equipped,
            needs,
            denominator=count(homes, pl.len(), "ct"),
            multiplier=100,
        )
    )
    found.append(observe(known, "inst_residents", "人", "ct", total("resident_count"), needs))
    found.append(observe(known, "caregivers", "人", "ct", total("caregiver_count"), needs))
    trained = year_sum(known.months, count(everything, pl.col("trained_person_times").sum(), "ct"))
    found.append(
        observe(known, "caregiver_trained", "人次", "ct", trained, Needs(year=("care_facility",)))
    )
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
    old = people_of(known, people, "age_60_plus", [*WHOLES])
    beds = count(both, pl.col("beds").sum(), "ct")
    rate = observe(
        known,
        "beds_per_1000_60plus",
        "张/千人",
        "c",
        beds.filter(pl.col("ref_area").is_in(WHOLES)),
        needs,
        denominator=old,
        multiplier=1000,
        estimated=people.is_old,
    )
    return [observe(known, "beds_total", "张", "ct", beds, needs), blank_where_absent(rate, old)]


def community(known: Known) -> list[pl.DataFrame]:
    """Community sites: canteens, day care, home beds, visits, who is served."""
    every = known.rows("community_care")
    rows, now, year = (
        every.filter(pl.col("operating")),
        Needs(("community_care",)),
        Needs(year=("community_care",)),
    )
    canteens = rows.filter(pl.col("site_kind") == "幸福食堂")
    day = rows.filter(pl.col("site_kind") == "日间照料中心")
    visited, listed = (
        count(every, pl.col(name).sum(), "ct")
        for name in ("special_elder_visited", "special_elder_listed")
    )
    return [
        observe(
            known,
            "home_care_beds",
            "张",
            "ct",
            count(rows, pl.col("home_bed_count").sum(), "ct"),
            now,
        ),
        observe(known, "canteen_count", "个", "ct", count(canteens, pl.len(), "ct"), now),
        observe(known, "daycare_count", "个", "ct", count(day, pl.len(), "ct"), now),
        observe(
            known,
            "canteen_meals",
            "人次",
            "ct",
            count(canteens, pl.col("meal_person_times").sum(), "ct"),
            now,
        ),
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
        observe(
            known,
            "special_elder_visit_rate",
            "%",
            "ct",
            visited,
            now,
            denominator=listed,
            multiplier=100,
        ),
        *_served(known, rows, canteens),
    ]


def _served(known: Known, rows: pl.DataFrame, canteens: pl.DataFrame) -> list[pl.DataFrame]:
    def listed(sites: pl.DataFrame) -> dict[str, set[str]]:
        found = sites.select("month", pl.col("served_region_codes").str.split("、")).explode(
            "served_region_codes"
        )
        return {
            month: set(part["served_region_codes"]) for (month,), part in found.group_by("month")
        }

    closed, last = pl.col("closed_on"), pl.col("month_end")
    houses = known.rows("care_facility").filter(
        (pl.col("opened_on") <= last) & (closed.is_null() | (closed > last))
    )
    own = {
        month: set(part["region_code"])
        for (month,), part in pl.concat(
            [rows.select("month", "region_code"), houses.select("month", "region_code")]
        ).group_by("month")
    }
    meals, near, areas = listed(canteens), listed(rows), [*AREAS]
    everyone = cells_of(known.months, areas, lambda _, a: float(len(units(a))))
    land = cells_of(known.months, areas, lambda _, a: float(len(units(a, "村委会"))))
    fed = cells_of(
        known.months, areas, lambda m, a: float(len(meals.get(m, set()) & set(units(a))))
    )
    helped = cells_of(
        known.months,
        areas,
        lambda m, a: float(len((near.get(m, set()) | own.get(m, set())) & set(units(a, "村委会")))),
    )
    reached = cells_of(
        known.months,
        areas,
        lambda m, a: float(len((near.get(m, set()) | own.get(m, set())) & set(units(a)))),
    )
    both = Needs(("community_care", "care_facility"))
    return [
        observe(
            known,
            "elder_facility_village_coverage",
            "%",
            "ct",
            reached,
            both,
            denominator=everyone,
            multiplier=100,
        ),
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
        observe(
            known,
            "rural_service_facility_coverage",
            "%",
            "ct",
            helped,
            both,
            denominator=land,
            multiplier=100,
        ),
    ]
