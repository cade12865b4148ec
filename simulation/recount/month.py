"""A month's rows, and the questions that several lead rules and two coverage rates ask of them."""

import datetime as dt

import polars as pl

from minzheng.months import add_months, month_end, month_start
from simulation.recount.known import COUNTIES, Known, Parameters, active, lowinc_now

ROLLS = ("dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll")
SCHEMES = ["低保边缘", "刚性支出困难"]


def minus_months(day: dt.date, count: int) -> dt.date:
    """The same day `count` months earlier, or the last day of that month (_C2)."""
    target = add_months(f"{day:%Y-%m}", -count)
    return month_start(target).replace(day=min(day.day, month_end(target).day))


class Month:
    """The month's rows, and the questions that several rules ask."""

    def __init__(
        self, known: Known, parameters: Parameters, month: str, lists: dict[str, pl.DataFrame]
    ):
        self.known, self.month, self.parameters, self.county = known, month, parameters, COUNTIES[0]
        self.first, self.last = month_start(month), month_end(month)
        self.lists, self.kept = lists, {}
        self.dead = (
            lists["death_list"]
            .filter(pl.col("month") <= month)
            .sort("uid")
            .unique("person", keep="last", maintain_order=True)
        )

    def of(self, name: str) -> pl.DataFrame:
        """Rows of the month (active ones of a roll)."""
        if name not in self.kept:
            self.kept[name] = self.lists[name].filter(pl.col("month") == self.month)
        return self.kept[name]

    def value(self, code: str) -> float | None:
        """A parameter in force in the county that is judged."""
        return self.parameters.value(code, self.month, self.county)

    def without(self, rows: pl.DataFrame, *others: pl.DataFrame) -> pl.DataFrame:
        """Rows of people who are in none of the others."""
        for other in others:
            rows = rows.join(other.select("person").unique(), on="person", how="anti")
        return rows

    def among(self, rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
        """Rows of people who are in the other list."""
        return rows.join(other.select("person").unique(), on="person", how="semi")

    def no_scheme(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of people on no roll and in neither class of the register that is a scheme."""
        schemes = self.of("lowinc_now").filter(pl.col("lowinc_class").is_in(SCHEMES))
        return self.without(
            rows, self.of("dibao_roll"), self.of("tekun_roll"), self.of("child_roll"), schemes
        )

    def living(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of people not dead by the month's end."""
        return self.without(rows, self.dead.filter(pl.col("died_on") <= self.last))

    def dead_before(self) -> pl.DataFrame:
        """Deaths before the first day of the month."""
        return self.dead.filter(pl.col("died_on") < self.first)

    def card(self) -> pl.DataFrame:
        """One card a person: the latest `valid_until`, of equals the smaller number."""
        return (
            self.of("pwd_card")
            .sort(["valid_until", "card_no"], descending=[True, False])
            .unique("person", keep="first", maintain_order=True)
        )

    def eligible_living(self) -> pl.DataFrame:
        """Dibao rows of people entitled to the living subsidy."""
        card = self.card().filter(
            (pl.col("valid_until") >= self.last) & ~pl.col("injury_nursing_fee").fill_null(False)
        )
        return self.without(
            self.among(self.of("dibao_roll"), card), self.of("tekun_roll"), self.of("child_roll")
        )

    def eligible_care(self) -> pl.DataFrame:
        """Card rows of people entitled to the care subsidy."""
        card = self.card().filter(
            pl.col("disability_level").is_in(["1", "2"]) & (pl.col("valid_until") >= self.last) & pl.col("long_care_need")
            & ~pl.col("injury_nursing_fee").fill_null(False)
        )  # fmt: skip
        return self.without(card, self.of("tekun_roll"))

    def paid(self) -> pl.DataFrame:
        """Payments that were made, of an amount above zero."""
        return self.of("payment_ledger").filter(
            pl.col("paid_on").is_not_null() & (pl.col("amount_paid") > 0)
        )


def lists(known: Known) -> dict[str, pl.DataFrame]:
    """The good rows of every dataset, of a roll the active ones, and who stands in the low-income register."""
    found = {
        name: active(known, name) if name in ROLLS else known.rows(name) for name in known.records
    }
    return found | {"lowinc_now": lowinc_now(known)}


def eligible(known: Known) -> dict[str, pl.DataFrame]:
    """People entitled to the two disability subsidies, with the level on the card that decides."""
    held, parameters = lists(known), Parameters(known)
    parts: dict[str, list[pl.DataFrame]] = {"living": [], "care": []}
    for month in known.months:
        now = Month(known, parameters, month, held)
        levels = now.card().select("person", card_level="disability_level")
        for kind, rows in (("living", now.eligible_living()), ("care", now.eligible_care())):
            parts[kind].append(
                rows.select("month", "township", "region_code", "person").join(
                    levels, on="person", how="left"
                )
            )
    return {kind: pl.concat(frames) for kind, frames in parts.items()}
