"""What an office that received the files could know: good rows, coverage, absent columns; and the marks derived from them."""

from dataclasses import dataclass

import polars as pl

from minzheng.contracts.regions import counties, county, regions, townships
from minzheng.months import month_end

TOWNS = tuple(sorted(townships()))
COUNTIES = tuple(counties())
WHOLES = tuple(dict.fromkeys((county(), *COUNTIES)))
"""What holds whole counties: the home's area, and each of its counties."""
AREAS = (*WHOLES, *TOWNS)
COUNTY_ONLY = ("death_list", "asset_hit", "cpi_series", "policy_param", "population", "region")


@dataclass
class Known:
    """`records`: dataset to its good rows over all months; `covered`: (dataset, month) to the covered township codes;
    `absent`: (dataset, month) to {township code: absent columns}; `files`: one row a dataset, month, covered place."""

    months: list[str]
    records: dict[str, pl.DataFrame]
    covered: dict[tuple[str, str], set[str]]
    absent: dict[tuple[str, str], dict[str, frozenset[str]]]
    files: pl.DataFrame

    def rows(self, dataset: str) -> pl.DataFrame:
        """Good rows of a dataset with `county`, `person`, `sex_code`, `age`, `age_code` (from the id number) and `month_end`."""
        return self.records[dataset]

    def is_covered(self, dataset: str, month: str, area: str) -> bool:
        """_G09: the township, or all of the area's; of a dataset without townships its counties."""
        have = self.covered.get((dataset, month), set())
        if dataset in COUNTY_ONLY:
            return have >= set(counties_at(area))
        if area in WHOLES:
            return have >= set(towns_in(area))
        return area[:9] in have

    def lacks(self, dataset: str, month: str, area: str, column: str) -> bool:
        """Whether a file of the area lacks an optional column."""
        places = self.absent.get((dataset, month), {})
        return any(
            column in columns
            for code, columns in places.items()
            if code.startswith(area) or code == area[:9]
        )


def towns_in(area: str) -> list[str]:
    """The townships of an area."""
    return [code for code in TOWNS if code.startswith(area)]


def counties_at(area: str) -> list[str]:
    """The counties that an area holds, or the one in which it lies."""
    return [code for code in COUNTIES if code.startswith(area) or area.startswith(code)]


def year_to_date(months: list[str], month: str) -> list[str]:
    """January..M of the same year, whether loaded or not."""
    return [f"{month[:4]}-{number:02d}" for number in range(1, int(month[5:7]) + 1)]


def villages(kind: str | None = None) -> list[str]:
    """Codes of villages (村委会), communities (居委会) or both."""
    return [one.code for one in regions() if one.level == "village" and kind in (None, one.kind)]


def with_identity(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `person` (the id number; a key of its own where there is none), `sex_code`, `age`, `age_code`, `month_end`."""
    ends = {month: month_end(month) for month in frame["month"].unique()}
    frame = frame.with_columns(month_end=pl.col("month").replace_strict(ends, return_dtype=pl.Date))
    number = pl.col("person_id_no")
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    here, then = pl.col("month_end"), born
    here_day, then_day = (
        day.dt.month().cast(pl.Int32) * 100 + day.dt.day() for day in (here, then)
    )
    before = here_day < then_day
    age = here.dt.year() - then.dt.year() - before.cast(pl.Int32)
    frame = frame.with_columns(
        person=pl.coalesce(number, pl.format("row {}", pl.col("uid"))),
        sex_code=pl.when(number.str.slice(16, 1).cast(pl.Int32, strict=False) % 2 == 1)
        .then(pl.lit("M"))
        .when(number.is_not_null())
        .then(pl.lit("F")),
        age=age,
    )
    return frame.with_columns(
        age_code=pl.when(pl.col("age") < 18)
        .then(pl.lit("Y0T17"))
        .when(pl.col("age") < 60)
        .then(pl.lit("Y18T59"))
        .when(pl.col("age") >= 60)
        .then(pl.lit("Y_GE60"))
    )


def active(known: Known, roll: str) -> pl.DataFrame:
    """Active rows (_G04)."""
    return known.rows(roll).filter(pl.col("status").is_in(["在保", "新增", "恢复"]))


def lowinc_now(known: Known) -> pl.DataFrame:
    """Rows of the register in which a person stands at the month's end (_G16)."""
    left = pl.col("left_on")
    return known.rows("lowinc_register").filter(
        (pl.col("entered_on") <= pl.col("month_end"))
        & (left.is_null() | (left > pl.col("month_end")))
    )


class Parameters:
    """Parameters in force (_G11): every row delivered for a county, the later file replacing the same code, band and validity."""

    def __init__(self, known: Known):
        rows = known.records.get("policy_param")
        key = ["county", "param_code", "band", "valid_from"]
        self.rows = (
            []
            if rows is None
            else rows.sort("uid").unique(key, keep="last", maintain_order=True).to_dicts()
        )

    def value(self, code: str, month: str, county: str, band: str | None = None) -> float | None:
        """The value in force in a county at the month's end, or None."""
        last = month_end(month)
        found = [
            row for row in self.rows
            if row["county"] == county and row["param_code"] == code and row["band"] == band and row["valid_from"] <= last
            and (row["valid_to"] is None or row["valid_to"] > last)
        ]  # fmt: skip
        return (
            max(found, key=lambda row: (row["valid_from"], row["decided_on"]))["value"]
            if found
            else None
        )
