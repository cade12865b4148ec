"""Recount of standards in force, their growth and ratios, and of what prices set going."""

import datetime as dt
from collections.abc import Callable
from itertools import product

import polars as pl

from minzheng.contracts.regions import home_area
from minzheng.months import add_months, month_end
from simulation.recount.cells import KEY, Needs, blank_where_absent, cells_of, observe
from simulation.recount.known import COUNTIES, Known, Parameters, year_to_date
from simulation.recount.money import paid


def standards(known: Known) -> list[pl.DataFrame]:
    """Standards in force, their growth and their ratios; only band cells where a standard has bands."""
    parameters, months, found = Parameters(known), known.months, []

    def emit(
        indicator: str,
        unit: str,
        top: Callable,
        bottom: Callable | None = None,
        multiplier: float = 1,
    ) -> None:
        both = cells_of(
            months,
            [*COUNTIES],
            lambda m, a: top(m, a) if bottom is None or bottom(m, a) is not None else None,
        )
        under = None if bottom is None else cells_of(months, [*COUNTIES], bottom)
        cells = observe(
            known, indicator, unit, "k", both, Needs(), denominator=under, multiplier=multiplier
        )
        found.append(blank_where_absent(cells, both))

    def now(code: str) -> Callable[[str, str], float | None]:
        return lambda month, county: parameters.value(code, month, county)

    def year_ago(code: str) -> Callable[[str, str], float | None]:
        return lambda month, county: parameters.value(code, add_months(month, -12), county)

    def rise(code: str) -> Callable[[str, str], float | None]:
        def difference(month: str, county: str) -> float | None:
            new, old = now(code)(month, county), year_ago(code)(month, county)
            return None if new is None or old is None else new - old

        return difference

    for word, unit in (("urban", "元/人·月"), ("rural", "元/人·年")):
        emit(f"dibao_std_{word}", unit, now(f"dibao_std_{word}"))
        emit(
            f"dibao_std_growth_{word}",
            "%",
            rise(f"dibao_std_{word}"),
            year_ago(f"dibao_std_{word}"),
            100,
        )
    urban = now("dibao_std_urban")
    emit(
        "dibao_std_ratio_rural_urban",
        "%",
        now("dibao_std_rural"),
        lambda m, a: None if urban(m, a) is None else 12 * urban(m, a),
        100,
    )
    emit("tekun_basic_std", "元/人·月", now("tekun_basic_std"))
    emit("tekun_std_ratio", "倍", now("tekun_basic_std"), urban)
    emit("fact_orphan_std", "元/人·月", now("fact_orphan_std"))
    return [
        *found,
        *_banded(known, parameters),
        _orphans_growth(known, parameters),
        _adjustments(known, parameters),
    ]


def _orphans_growth(known: Known, parameters: Parameters) -> pl.DataFrame:
    """The growth of the orphans' standard over twelve months, by band."""
    bands = {"CARE_INST": "集中养育", "CARE_SOCIAL": "社会散居"}

    def standard(lag: int) -> pl.DataFrame:
        return pl.concat(
            cells_of(
                known.months,
                [*COUNTIES],
                lambda m, a, b=band: parameters.value("orphan_std", add_months(m, -lag), a, b),
                code,
            )
            for code, band in bands.items()
        )

    now, before = standard(0), standard(12)
    rise = now.join(before, on=KEY, suffix="_before").select(
        *KEY, value=pl.col("value") - pl.col("value_before")
    )
    cells = observe(
        known, "orphan_std_growth", "%", "k", rise, Needs(), denominator=before, multiplier=100,
        codes={"category": list(bands)}, total=False,
    )  # fmt: skip
    return blank_where_absent(cells, rise)


def _adjustments(known: Known, parameters: Parameters) -> pl.DataFrame:
    """Days of the plan so far on which a standard of the two disability subsidies followed an earlier one."""
    every = [
        row for row in parameters.rows if row["param_code"] in ("pwd_living_std", "pwd_care_std")
    ]

    def days(month: str, county: str) -> float | None:
        rows = [row for row in every if row["county"] == county]
        until, since = month_end(month), dt.date(2021 if month < "2026" else 2026, 1, 1)
        if not any(row["valid_from"] <= until for row in rows):
            return None
        follows = {
            row["valid_from"] for row, other in product(rows, rows)
            if other["valid_from"] < row["valid_from"]
            and (other["param_code"], other["band"]) == (row["param_code"], row["band"])
        }  # fmt: skip
        return float(sum(since <= day <= until for day in follows))

    values = cells_of(known.months, [*COUNTIES], days)
    return blank_where_absent(
        observe(known, "pwd_std_adjustments", "次", "k", values, Needs()), values
    )


def _banded(known: Known, parameters: Parameters) -> list[pl.DataFrame]:
    lists = {
        "orphan_std": ("category", {"CARE_INST": "集中养育", "CARE_SOCIAL": "社会散居"}),
        "pwd_living_std": ("category", {"LV12": "1-2级", "LV34": "3-4级"}),
        "pwd_care_std": ("category", {"LV12": "1-2级"}),
        "tekun_care_std": (
            "category",
            {"CARE_SELF": "全自理", "CARE_PARTIAL": "半护理", "CARE_FULL": "全护理"},
        ),
        "elder_service_std": (
            "category",
            {
                "GRADE_0": "能力完好",
                "GRADE_1": "轻度失能",
                "GRADE_2": "中度失能",
                "GRADE_3": "重度失能",
                "GRADE_4": "完全失能",
            },
        ),
        "old_age_std": (
            "age_group",
            {"Y70T79": "70-79", "Y80T89": "80-89", "Y90T99": "90-99", "Y_GE100": "100+"},
        ),
    }
    found = []
    for code, (dimension, bands) in lists.items():
        parts = [
            cells_of(
                known.months,
                [*COUNTIES],
                lambda m, a, c=code, b=band: parameters.value(c, m, a, b),
                **{("age" if dimension == "age_group" else dimension): word},
            )
            for word, band in bands.items()
        ]
        values = pl.concat(parts)
        cells = observe(
            known,
            code,
            "元/人·月",
            "k",
            values,
            Needs(),
            codes={dimension: list(bands)},
            total=False,
        )
        found.append(blank_where_absent(cells, values))
    return found


def prices(known: Known) -> list[pl.DataFrame]:
    """Whether the price linkage starts, by the province's index of the month, and whether subsidies followed in time."""
    parameters = Parameters(known)
    indices = (
        known.rows("cpi_series").filter(pl.col("place") == home_area().price_index).sort("uid")
    )
    told = {(row["index_month"], row["county"]): row for row in indices.to_dicts()}

    def flag(month: str, county: str) -> float | None:
        limits = [
            parameters.value(code, month, county) for code in ("price_link_cpi", "price_link_food")
        ]
        if (month, county) not in told or None in limits:
            return None
        rises = [
            round(value - 100, 1) if value >= 50 else value
            for value in (told[month, county]["cpi_yoy"], told[month, county]["food_yoy"])
        ]
        return float(any(rise >= limit for rise, limit in zip(rises, limits, strict=True)))

    values = cells_of(known.months, [*COUNTIES], flag)
    started = blank_where_absent(
        observe(known, "price_link_triggered", "是/否", "k", values, Needs()), values
    )
    return [started, _in_time(known, told, flag)]


def _in_time(
    known: Known, rows: dict[tuple[str, str], dict], flag: Callable[[str, str], float | None]
) -> pl.DataFrame:
    """Of the index months since January that started the linkage, those with a subsidy paid in the month of publication."""
    subsidies = paid(known).filter(
        (pl.col("payment_kind") == "价格临时补贴") & (pl.col("amount_paid") > 0)
    )
    by_month = subsidies.group_by("month", "county").agg(
        pl.col("paid_on").dt.strftime("%Y-%m").unique()
    )
    paid_in = {(row["month"], row["county"]): set(row["paid_on"]) for row in by_month.to_dicts()}

    def started(month: str, county: str) -> list[str] | None:
        year = year_to_date(known.months, month)
        flags = {earlier: flag(earlier, county) for earlier in year}
        return None if None in flags.values() else [earlier for earlier, on in flags.items() if on]

    def prompt(month: str, county: str) -> float | None:
        when = set().union(
            *(
                paid_in.get((earlier, county), set())
                for earlier in year_to_date(known.months, month)
            )
        )
        index = started(month, county)
        return (
            None
            if index is None
            else float(sum(f"{rows[one, county]['published_on']:%Y-%m}" in when for one in index))
        )

    top = cells_of(known.months, [*COUNTIES], prompt)
    every = cells_of(
        known.months,
        [*COUNTIES],
        lambda m, a: None if started(m, a) is None else float(len(started(m, a))),
    )
    needs = Needs(year=("payment_ledger",))
    cells = observe(
        known, "price_subsidy_timely", "%", "k", top, needs, denominator=every, multiplier=100
    )
    return blank_where_absent(cells, top)
