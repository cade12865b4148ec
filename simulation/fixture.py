"""What is planted when, and the frames of one month as the fixture of the rules: picking people, changing and adding rows, ending them."""

from collections import Counter

import numpy as np
import polars as pl

from simulation import parameters
from simulation.cast import Cast
from simulation.rolls import Tables, persons

Frames = dict[str, pl.DataFrame]
FROM_DEATHS = ("SW01", "SW02")
IDENTITY = [
    "person_name",
    "person_id_no",
    "sex",
    "birth_date",
    "bank_account",
    "region_code",
    "person",
    "township_name",
    "village_name",
]


def plan(cast: Cast) -> dict[int, Counter]:
    """How many cases of which rule are planted in which month."""
    found: dict[int, Counter] = {t: Counter() for t in range(cast.span)}
    for year in sorted({month[:4] for month in cast.months}):
        inside = [t for t, month in enumerate(cast.months) if month[:4] == year]
        for rule, count in parameters.planted_leads().items():
            for t in cast.random.choice(inside, count):
                found[int(t)][rule] += 1
    return found


def plant_deaths(cast: Cast, planned: dict[int, Counter]) -> None:
    """Old people who died the month before, are on the month's death list, and whose stop comes a month late."""
    cast.extra["listed_t"] = np.full(len(cast.household), -1)
    hundred = cast.group("elder") & (cast.birth < cast.end_of(0) - 36000)
    chosen = np.flatnonzero(hundred)[:2]
    cast.death_t[chosen], cast.stop_lag[chosen] = 10_000, 0
    free = np.flatnonzero(
        cast.group("elder")
        & ~hundred
        & (cast.h_start[cast.household] < 0)
        & (cast.death_t >= cast.span)
    )
    free = list(cast.random.permutation(free))
    for t, rules in planned.items():
        for _ in range(sum(rules[rule] for rule in FROM_DEATHS)):
            person = free.pop()
            cast.death_t[person], cast.stop_lag[person], cast.extra["listed_t"][person] = (
                t - 1,
                1,
                t,
            )
            cast.died_on[person] = cast.end_of(t - 1) - int(cast.random.integers(0, 20))


class Fixture:
    """The frames of one month, and the ways to change them."""

    def __init__(self, cast: Cast, tables: Tables, t: int, frames: Frames):
        self.cast, self.tables, self.t, self.frames, self.random = (
            cast,
            tables,
            t,
            frames,
            cast.random,
        )

    def pick(self, rows: pl.DataFrame, count: int) -> pl.DataFrame:
        """`count` different people of rows that have a number; fewer when there are fewer."""
        rows = rows.filter(pl.col("person_id_no").is_not_null()).unique(
            "person_id_no", keep="first", maintain_order=True
        )
        return (
            rows[self.random.choice(len(rows), min(count, len(rows)), replace=False)]
            if len(rows)
            else rows
        )

    def active(self, name: str) -> pl.DataFrame:
        """Rows of a roll that are not 停保."""
        return self.frames[name].filter(pl.col("status") != "停保")

    def people(self, *names: str) -> pl.Series:
        """The numbers of everybody active on the named rolls, or listed in a register that has no status."""
        lists = [
            self.active(name) if "status" in self.frames[name].columns else self.frames[name]
            for name in names
        ]
        return pl.concat([frame["person_id_no"] for frame in lists]).drop_nulls()

    def outside(self, rows: pl.DataFrame, *names: str) -> pl.DataFrame:
        """Rows of people who are not on the named lists."""
        return rows.filter(~pl.col("person_id_no").is_in(self.people(*names).implode()))

    def change(self, name: str, chosen: pl.DataFrame, **values: pl.Expr) -> None:
        """Set columns in the active rows of the chosen people."""
        hit = pl.col("person_id_no").is_in(chosen["person_id_no"].implode())
        if "status" in self.frames[name].columns:
            hit &= pl.col("status") != "停保"
        self.frames[name] = self.frames[name].with_columns(
            pl.when(hit).then(value).otherwise(column).alias(column)
            for column, value in values.items()
        )

    def add(
        self, name: str, chosen: pl.DataFrame, template: pl.DataFrame, **values: pl.Expr
    ) -> None:
        """Add rows for the chosen people: a template's row with their identity and the given values."""
        if not len(chosen) or not len(template):
            return
        rows = template[[0] * len(chosen)].with_columns(
            chosen[column] for column in IDENTITY if column in template.columns
        )
        rows = rows.with_columns(value.alias(column) for column, value in values.items())
        self.frames[name] = pl.concat(
            [
                self.frames[name],
                rows.select(self.frames[name].columns).cast(dict(self.frames[name].schema)),
            ]
        )

    def strangers(self) -> pl.DataFrame:
        """Grown people on no roll of low-income assistance, alive and not about to die."""
        cast, t = self.cast, self.t
        who = np.flatnonzero(
            cast.group("other")
            & cast.alive(t)
            & (cast.death_t > t + 1)
            & (cast.ages(np.arange(len(cast.birth)), t) > 20)
        )
        return self.outside(
            persons(cast, who, t),
            "dibao_roll",
            "tekun_roll",
            "child_roll",
            "lowinc_register",
            "pwd_roll",
            "pwd_card",
        )


def settle(name: str, before: pl.DataFrame | None, now: pl.DataFrame) -> pl.DataFrame:
    """End what was on the roll last month and has no row: 停保, 核查不符. Who is back without having been there is 恢复."""
    if before is None:
        return now
    key = ["person_id_no", "township_name"] + (["subsidy_kind"] if name == "elder_roll" else [])
    there = before.filter((pl.col("status") != "停保") & pl.col("person_id_no").is_not_null())
    ended = there.join(now, on=key, how="anti")
    zero = [
        pl.lit(0.0).alias(column)
        for column in (
            "monthly_amount",
            "top_up_amount",
            "living_amount",
            "care_amount",
            "basic_amount",
        )
        if column in now.columns
    ]
    reason = [pl.lit("核查不符").alias("stop_reason")] if "stop_reason" in now.columns else []
    ended = ended.with_columns(pl.lit("停保").alias("status"), *zero, *reason)
    kind = ["person_id_no"] + (["subsidy_kind"] if name == "elder_roll" else [])
    known = there.select(kind).unique().with_columns(known=pl.lit(True))
    now = now.join(known, on=kind, how="left", maintain_order="left")
    back = (
        (pl.col("status") == "在保")
        & pl.col("known").is_null()
        & pl.col("person_id_no").is_not_null()
    )
    now = now.with_columns(status=pl.when(back).then(pl.lit("恢复")).otherwise("status")).drop(
        "known"
    )
    return pl.concat([now, ended.select(now.columns)])
