"""All observations in the schema of `observations`, from every part of the recount."""

import polars as pl

from minzheng.simulate.recount import assistance, money, returns, services
from minzheng.simulate.recount.known import Known, Parameters, active, lowinc_now
from minzheng.simulate.recount.leads import Month

COLUMNS = ["indicator_id", "ref_area", "time_period", "freq", "residence", "sex", "age_group", "category", "numerator", "denominator",
           "obs_value", "unit_measure", "obs_status", "conf_status"]  # fmt: skip


def eligible(known: Known) -> dict[str, pl.DataFrame]:
    """People entitled to the two disability subsidies, with the level on the card that decides."""
    lists = {name: known.rows(name) for name in known.records}
    for name in ("dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll"):
        lists[name] = active(known, name)
    lists["lowinc_now"] = lowinc_now(known)
    parts: dict[str, list[pl.DataFrame]] = {"living": [], "care": []}
    for month in known.months:
        now = Month(known, Parameters(known), month, lists)
        levels = now.card().select("person", card_level="disability_level")
        for kind, rows in (("living", now.eligible_living()), ("care", now.eligible_care())):
            parts[kind].append(
                rows.select("month", "township", "region_code", "person").join(levels, on="person", how="left")
            )
    return {kind: pl.concat(frames) for kind, frames in parts.items()}


def observations(known: Known, leads: pl.DataFrame) -> pl.DataFrame:
    """Every pinned indicator, area, month and breakdown, in a fixed order."""
    parts = [
        *assistance.dibao(known), *assistance.tekun(known), *assistance.lowinc(known), *assistance.children(known),
        *assistance.disability(known, eligible(known)), *assistance.elders(known), *money.spending(known), *money.emergency(known),
        *money.applications(known), *money.lead_counts(known, leads), *services.standards(known), *services.population(known),
        *services.places(known), *services.institutions(known), *services.community(known), *services.prices(known),
        *services.quality(known), *returns.returns(known),
    ]  # fmt: skip
    order = [name for name in COLUMNS if name not in ("time_period", "freq", "conf_status")]
    frame = pl.concat([part.select("month", *order) for part in parts]).rename({"month": "time_period"})
    frame = frame.with_columns(freq=pl.lit("M"), conf_status=pl.lit("F"))
    return frame.select(COLUMNS).sort(
        "indicator_id", "time_period", "ref_area", "residence", "sex", "age_group", "category"
    )
