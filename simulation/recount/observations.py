"""All observations in the schema of `observations`, from every part of the recount."""

import polars as pl

from simulation.recount import (
    assistance,
    deaths,
    money,
    people,
    places,
    quality,
    returns,
    services,
    standards,
)
from simulation.recount.known import Known
from simulation.recount.month import eligible

COLUMNS = ["indicator_id", "ref_area", "time_period", "freq", "residence", "sex", "age_group", "category", "numerator", "denominator",
           "obs_value", "unit_measure", "obs_status", "conf_status"]  # fmt: skip


def observations(known: Known, leads: pl.DataFrame) -> pl.DataFrame:
    """Every indicator, area, month and breakdown, in a fixed order; without the four that count the handling of leads."""
    parts = [
        *assistance.dibao(known), *assistance.tekun(known), *assistance.lowinc(known), *people.children(known),
        *people.disability(known, eligible(known)), *people.elders(known, leads), *people.vouchers(known), *money.spending(known), *money.emergency(known),
        *money.applications(known), *money.lead_counts(known, leads), *standards.standards(known), *places.population(known),
        *places.places(known), *services.institutions(known), *services.community(known), *standards.prices(known),
        *quality.quality(known), *returns.returns(known), *deaths.deaths(known),
    ]  # fmt: skip
    order = [name for name in COLUMNS if name not in ("time_period", "freq", "conf_status")]
    frame = pl.concat([part.select("month", *order) for part in parts]).rename(
        {"month": "time_period"}
    )
    frame = frame.with_columns(freq=pl.lit("M"), conf_status=pl.lit("F"))
    return frame.select(COLUMNS).sort(
        "indicator_id", "time_period", "ref_area", "residence", "sex", "age_group", "category"
    )
