"""A county's months: every record of every dataset as it truly is, before anybody writes it into a file.

`Records` maps a dataset to one frame over all months, with the contract's columns in canonical values and `month`,
`township` (nine digits; null where rows name none) and `uid` (a number for the row).
"""

from collections.abc import Iterable

import numpy as np
import polars as pl

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.regions import county, home_area
from minzheng.months import months_between
from simulation import ledgers, parameters, partners, presence, rolls, services
from simulation.cast import Cast, build
from simulation.fixture import plan, plant_deaths, settle
from simulation.planting import Planting

Records = dict[str, pl.DataFrame]
ROLLS = ("dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll")


def prepare(first: str, last: str, seed: int, scale: str) -> tuple[Cast, rolls.Tables, dict]:
    """The people, who is where when, and the cases to plant."""
    factor = parameters.county().scales[scale]
    cast = build(
        months_between(first, last),
        factor,
        np.random.Generator(np.random.PCG64([seed, int(county())])),
    )
    planned = plan(cast)
    plant_deaths(cast, planned)
    tables = presence.tables(cast)
    tables |= rolls.poor_elders(cast, tables)
    tables["pwd"] = rolls.subsidised(cast, tables)
    return cast, tables, planned


def month_frames(
    cast: Cast, tables: rolls.Tables, t: int, rules: dict, before: Records, seed: int
) -> Records:
    """All datasets of month `t`; `before` holds the rolls of the month before."""
    frames: Records = {
        "dibao_roll": rolls.dibao(cast, tables, t),
        "tekun_roll": rolls.tekun(cast, tables, t, services.facility_codes()),
        "child_roll": rolls.child(cast, tables, t),
        "pwd_roll": rolls.pwd(cast, tables, t),
        "elder_roll": rolls.elder(cast, tables, t),
        "lowinc_register": rolls.lowinc(cast, tables, t),
        "temp_aid": ledgers.temp_aid(cast, t),
        "application": ledgers.applications(cast, tables, t),
        "elder_assess": ledgers.assessments(cast, tables, t),
        "pwd_card": partners.cards(cast, tables, t),
        "death_list": partners.deaths(cast, t),
        "medical_burden": partners.medical(cast, t),
        "monitored_household": partners.monitored(cast, tables, t),
        "asset_hit": partners.asset_hits(cast, tables, t),
        "community_care": services.community(cast, t),
        "comprehensive_return": services.comprehensive(cast, t, seed),
        "cpi_series": services.prices(cast, t),
    }
    fixture = Planting(cast, tables, t, frames)
    fixture.sow(rules, payments=False)
    for name in ROLLS:
        frames[name] = settle(name, before.get(name), frames[name])
    frames["care_facility"] = services.facilities(cast, t, frames["tekun_roll"])
    prices = (
        frames["cpi_series"].filter(pl.col("place") == home_area().price_index).row(0, named=True)
    )
    rise, food = (
        round(value - 100, 1) if value >= 50 else value
        for value in (prices["cpi_yoy"], prices["food_yoy"])
    )
    frames["payment_ledger"] = ledgers.payments(
        cast, t, frames, ledgers.triggered(rise, food, cast, t)
    )
    fixture.sow(rules, payments=True)
    at_times = {
        "care_voucher": ledgers.vouchers(cast, tables, t),
        "policy_param": services.policy(cast, t),
        "population": services.population(cast, t),
        "region": services.region_rows(t),
    }
    return frames | {name: frame for name, frame in at_times.items() if frame is not None}


def _finish(name: str, month: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The contract's columns and order, with month and township."""
    contract = dataset(name)
    if contract.column("statistical_month"):
        frame = frame.with_columns(statistical_month=pl.lit(month))
    frame = frame.with_columns(month=pl.lit(month), township=pl.lit(None, dtype=pl.String))
    place = (
        next((c for c in ("region_code", "township_code") if contract.column(c)), None)
        if contract.has_township
        else None
    )
    if place:
        frame = frame.with_columns(township=pl.col(place).str.slice(0, 9))
    marks = [column for column in frame.columns if column.endswith("_mark")]
    return frame.select(*(column.name for column in contract.columns), *marks, "month", "township")


def records(
    first: str,
    last: str,
    seed: int,
    scale: str,
    watch: Iterable | None = None,
    optional: Iterable[str] = (),
) -> Records:
    """Everything that is true of the county from `first` to `last`; `watch` wraps the months (a progress bar).

    `optional`: the optional datasets that the county has.
    """
    cast, tables, planned = prepare(first, last, seed, scale)
    always = [name for name in dataset_names() if not dataset(name).optional]
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in (*always, *optional)}
    before: Records = {}
    for t in watch or range(cast.span):
        frames = month_frames(cast, tables, t, planned[t], before, seed)
        before = {name: frames[name] for name in ROLLS}
        for name, frame in ((name, frames[name]) for name in parts if name in frames):
            parts[name].append(_finish(name, cast.months[t], frame))
    return {
        name: _numbered(number, frames)
        for number, (name, frames) in enumerate(parts.items())
        if frames
    }


def _numbered(number: int, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """One frame with a `uid` that no row of another dataset has."""
    frame = pl.concat(frames, how="vertical_relaxed")
    return frame.select(pl.int_range(len(frame)).alias("uid") + number * 1_000_000_000, pl.all())
