"""The work of `benchmarks.whole`: monthly dibao rolls of fictitious people as CSV, and the twelve faults planted in them.

A file a month for the whole county, sixteen columns. A faulty row has one fault, so that whoever counts the rows that break a
rule, in whatever order, counts the same. `python -m benchmarks.work FOLDER ROWS_A_MONTH [MONTHS]`
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import county, regions, townships
from minzheng.months import add_months, months_between
from simulation.identity import id_numbers

LAST = "2024-12"
COLUMNS = {
    column.name: column.header for column in dataset("dibao_roll").columns if column.required
}
EVERY = 1000
"""Of so many rows one has a given fault, and another place each month."""


def planted(frame: pl.DataFrame, month: int) -> pl.DataFrame:
    """The roll with its faults: each rule's rows are those whose number, modulo `EVERY`, is the rule's place."""
    at = (pl.int_range(pl.len()) + 37 * month) % EVERY

    def where(place: int, name: str, value: pl.Expr) -> pl.Expr:
        return pl.when(at == place).then(value).otherwise(pl.col(name))

    number = pl.col("person_id_no")
    return (
        frame.with_columns(
            where(1, "person_id_no", number.str.head(17) + pl.when(number.str.ends_with("1")).then(pl.lit("2")).otherwise(pl.lit("1"))).alias("person_id_no")
        )
        .with_columns(where(2, "person_id_no", number.str.head(16)).alias("person_id_no"))
        .with_columns(
            where(3, "birth_date", pl.lit("1955-02-03")).alias("birth_date"),
            where(5, "region_code", pl.lit(f"{county()}999998")).alias("region_code"),
            where(6, "scheme", pl.lit("乡村低保金")).alias("scheme"),
            where(7, "status", pl.lit("享受中")).alias("status"),
            where(9, "start_month", pl.lit("起始不详")).alias("start_month"),
            where(11, "household_size_covered", pl.lit("两口")).alias("household_size_covered"),
        )
        .with_columns(
            where(4, "sex", pl.when(pl.col("sex") == "男").then(pl.lit("女")).otherwise(pl.lit("男"))).alias("sex"),
            where(8, "monthly_amount", pl.lit("约四百")).alias("monthly_amount"),
            where(10, "birth_date", pl.lit("1956-13-40")).alias("birth_date"),
            where(12, "scheme", pl.lit("")).alias("scheme"),
        )
    )  # fmt: skip


def people(count: int) -> pl.DataFrame:
    """The roll of every month: `count` persons, each another one, four a household."""
    random = np.random.default_rng(7)
    births = np.datetime64("1930-01-01") + random.integers(0, 365 * 90, count).astype("timedelta64[D]")  # fmt: skip
    male = random.random(count) < 0.5
    issued = (int(county()) + np.arange(count) % 800).astype(str)
    villages = [one for one in regions() if one.level == "village"]
    place = np.arange(count) // 4 % len(villages)
    told = {
        "region_code": np.array([one.code for one in villages])[place],
        "township_name": np.array([townships()[one.parent] for one in villages])[place],
        "village_name": np.array([one.name for one in villages])[place],
        "household_no": [f"H{number // 4:08d}" for number in range(count)],
        "person_name": [f"虚构{number % 9973:04d}" for number in range(count)],
        "person_id_no": id_numbers(random, issued, births, male),
        "sex": np.where(male, "男", "女"),
        "birth_date": births.astype(str),
        "hukou": "农村",
        "scheme": np.where(place % 3 == 0, "城市低保", "农村低保"),
        "household_size_covered": "4",
        "monthly_amount": np.char.mod("%.2f", random.integers(10_000, 90_000, count) / 100),
        "bank_account": [f"6228{number:015d}" for number in range(count)],
        "start_month": "2021-06",
        "status": np.where(np.arange(count) % 40 == 39, "停保", "在保"),
    }
    return pl.DataFrame({name: pl.Series(value) if not isinstance(value, str) else pl.Series([value]).new_from_index(0, count) for name, value in told.items()})  # fmt: skip


def make(folder: Path, rows: int, months: int = 36) -> list[Path]:
    """Write the files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    roll, paths = people(rows), []
    for number, month in enumerate(months_between(add_months(LAST, 1 - months), LAST)):
        frame = planted(roll, number).with_columns(statistical_month=pl.lit(month))
        path = folder / f"城乡低保花名册_{month}.csv"
        frame.select(pl.col(name).alias(header) for name, header in COLUMNS.items()).write_csv(path)
        paths.append(path)
    return paths


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:]))
