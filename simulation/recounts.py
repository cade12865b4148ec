"""What is wrong in a simulated county's own records, rule by rule, recounted in Polars: the truth that SQL is held against.

Each function takes the records (dataset to frame over all months, see `simulation.county`) and returns `month` and
`township` of every broken thing. Only rules that simulated life breaks are here; every other error rule must find nothing.
"""

import datetime as dt
from collections.abc import Callable
from itertools import chain, product

import polars as pl

from minzheng.months import month_end
from simulation.parameters import standards

Records = dict[str, pl.DataFrame]
PLACE = ["month", "township"]


def _dated(rows: pl.DataFrame) -> pl.DataFrame:
    ends = {month: month_end(month) for month in rows["month"].unique()}
    return rows.with_columns(end=pl.col("month").replace_strict(ends, return_dtype=pl.Date))


def _active(records: Records, name: str) -> pl.DataFrame:
    return _dated(records[name].filter(pl.col("status") != "停保"))


def _aged(rows: pl.DataFrame) -> pl.DataFrame:
    """Completed years at the month's end; nobody's without a number."""
    day = pl.col("birth_date").dt.month().cast(pl.Int32) * 100 + pl.col("birth_date").dt.day()
    end = pl.col("end").dt.month().cast(pl.Int32) * 100 + pl.col("end").dt.day()
    years = pl.col("end").dt.year() - pl.col("birth_date").dt.year() - (day > end).cast(pl.Int32)
    return rows.with_columns(age=pl.when(pl.col("person_id_no").is_not_null()).then(years))


def _low_income(records: Records) -> pl.DataFrame:
    rows = _dated(records["lowinc_register"])
    return rows.filter(
        pl.col("entered_on") <= pl.col("end"),
        pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("end")),
    )


def k08(records: Records) -> pl.DataFrame:
    """Households without exactly one head."""
    homes = _active(records, "dibao_roll").group_by(*PLACE, "household_no")
    heads = homes.agg(heads=(pl.col("relation_to_head") == "户主").sum())
    return heads.filter(pl.col("heads") != 1)


def d07(records: Records) -> pl.DataFrame:
    """Households with nothing, or with more than standard times size and top-up; the higher of the standards paid by and decided."""
    homes = _active(records, "dibao_roll").group_by(
        *PLACE, "end", "household_no", pl.col("scheme").str.slice(0, 4)
    )
    size = pl.max_horizontal(pl.col("household_size_covered").max(), pl.len())
    drawn = homes.agg(
        pl.col("monthly_amount").sum(), pl.col("top_up_amount").fill_null(0).sum(), size=size
    )
    schemes = {"城市低保": ("dibao_std_urban", 1), "农村低保": ("dibao_std_rural", 12)}
    limits = [
        (scheme, end, max(_standard(code, end), standards().known(code, end) or 0) / months)
        for (scheme, (code, months)), end in product(schemes.items(), drawn["end"].unique())
    ]
    limit = pl.DataFrame(limits, schema=["scheme", "end", "limit"], orient="row")
    most = pl.col("limit") * pl.col("size") + pl.col("top_up_amount") + 0.01 * pl.col("size")
    return drawn.join(limit, on=["scheme", "end"]).filter(
        (pl.col("monthly_amount") <= 0) | (pl.col("monthly_amount") > most + 1e-6)
    )


def _standard(code: str, end: dt.date) -> float:
    """The standard in force at a month's end, whenever it was decided."""
    items = (item for item in standards().standards if item.code == code)
    steps = chain.from_iterable(item.steps for item in items)
    return max(
        (step for step in steps if step.valid_from <= end), key=lambda step: step.valid_from
    ).value


def d18(records: Records) -> pl.DataFrame:
    """Exits without a reason."""
    return records["dibao_roll"].filter(pl.col("status") == "停保", pl.col("stop_reason").is_null())


def d23(records: Records) -> pl.DataFrame:
    """Single-person cases without an edge household, or without severe disability or illness."""
    cases = _active(records, "dibao_roll").filter("single_person_case").with_row_index("n")
    edge = _low_income(records).filter(pl.col("lowinc_class") == "低保边缘")
    cards = _dated(records["pwd_card"]).filter(
        pl.col("disability_level").is_in(["1", "2"]), pl.col("valid_until") >= pl.col("end")
    )
    person, home = ["month", "person_id_no"], ["month", "household_no"]
    grounded = {
        *cases.join(edge, on=person, how="semi")["n"],
        *cases.join(edge, on=home, how="semi")["n"],
    }
    severe = {*cases.join(cards, on=person, how="semi")["n"]}
    severe |= {
        *cases.filter(pl.col("disability_level").is_in(["1", "2"]) | pl.col("severe_illness"))["n"]
    }
    return cases.filter(~pl.col("n").is_in(list(grounded & severe)))


def p01(records: Records) -> pl.DataFrame:
    """Living subsidies of people neither on dibao nor of an edge household, or without a card valid at the month's end."""
    person = ["month", "person_id_no"]
    drawn = _active(records, "pwd_roll").filter(pl.col("living_amount") > 0)
    edge = _low_income(records).filter(pl.col("lowinc_class") == "低保边缘")
    entitled = pl.concat([_active(records, "dibao_roll").select(person), edge.select(person)])
    cards = _dated(records["pwd_card"]).filter(pl.col("valid_until") >= pl.col("end"))
    right = drawn.join(entitled, on=person, how="semi").join(cards, on=person, how="semi")
    return drawn.join(right, on="uid", how="anti")


def t05(records: Records) -> pl.DataFrame:
    """Persons in institutions that are not on the month's list, open and not over-full."""
    houses = _dated(records["care_facility"]).filter(
        pl.col("closed_on").is_null() | (pl.col("closed_on") > pl.col("end")),
        pl.col("resident_count") <= pl.col("bed_count"),
    )
    inside = _active(records, "tekun_roll").filter(pl.col("support_form") == "集中")
    return inside.join(houses, on=["month", "facility_code"], how="anti")


def e01(records: Records) -> pl.DataFrame:
    """Old-age allowances below seventy."""
    drawn = _aged(_active(records, "elder_roll").filter(pl.col("subsidy_kind") == "高龄补贴"))
    return drawn.filter(pl.col("age") < 70)


def e02(records: Records) -> pl.DataFrame:
    """Townships with somebody below every age band."""
    return e01(records).unique(PLACE)


def e04(records: Records) -> pl.DataFrame:
    """Service subsidies of people on no list, not assessed, or below sixty."""
    drawn = _aged(_active(records, "elder_roll").filter(pl.col("subsidy_kind") == "养老服务补贴"))
    person = ["month", "person_id_no"]
    lists = [_active(records, "dibao_roll"), _active(records, "tekun_roll"), _low_income(records)]
    listed = pl.concat([rows.select(person) for rows in lists]).unique()
    papers = records["elder_assess"].select(
        "person_id_no", "assessed_on", "valid_until", known="month"
    )
    assessed = drawn.join(papers, on="person_id_no").filter(
        pl.col("known") <= pl.col("month"),
        pl.col("assessed_on") <= pl.col("end"),
        pl.col("valid_until") >= pl.col("end"),
    )
    right = (
        drawn.filter(pl.col("age") >= 60)
        .join(listed, on=person, how="semi")
        .join(assessed, on=person, how="semi")
    )
    return drawn.join(right, on=["uid"], how="anti")


def a04(records: Records) -> pl.DataFrame:
    """Townships whose grants are not what was paid as temporary aid."""
    paid = records["payment_ledger"].filter(
        pl.col("scheme") == "临时救助", pl.col("paid_on").is_not_null()
    )
    both = [
        records["temp_aid"].group_by(PLACE).agg(fen=_fen("amount")),
        paid.group_by(PLACE).agg(fen=-_fen("amount_paid")),
    ]
    return pl.concat(both).group_by(PLACE).agg(pl.col("fen").sum()).filter(pl.col("fen").abs() > 1)


def b01(records: Records) -> pl.DataFrame:
    """Townships and schemes whose regular money due is not the roll's."""
    due = records["payment_ledger"].filter(pl.col("payment_kind").is_in(["基本", "分类施保"]))
    drawn = [
        (_active(records, "dibao_roll"), pl.col("scheme").str.slice(0, 4), "monthly_amount"),
        (_active(records, "tekun_roll"), pl.lit("特困基本生活"), "basic_amount"),
        (_active(records, "tekun_roll"), pl.lit("特困照料护理"), "care_amount"),
        (_active(records, "child_roll"), pl.col("child_class"), "monthly_amount"),
        (_active(records, "pwd_roll"), pl.lit("残疾人生活补贴"), "living_amount"),
        (_active(records, "pwd_roll"), pl.lit("残疾人护理补贴"), "care_amount"),
        (_active(records, "elder_roll"), pl.col("subsidy_kind"), "monthly_amount"),
    ]
    of_roll = [
        rows.with_columns(scheme=scheme).group_by(*PLACE, "scheme").agg(fen=_fen(amount))
        for rows, scheme, amount in drawn
    ]
    roll = pl.concat(of_roll).group_by(*PLACE, "scheme").agg(pl.col("fen").sum())
    owed = due.group_by(*PLACE, "scheme").agg(due=_fen("amount_due"))
    both = roll.join(owed, on=[*PLACE, "scheme"], how="left")
    return both.filter((pl.col("fen") - pl.col("due").fill_null(0)).abs() > 1)


def u01(records: Records) -> pl.DataFrame:
    """Months with more cremations than deaths, or more eco-burials than burials; the county's."""
    item = records["comprehensive_return"].with_columns(
        pl.col("month_value").cast(pl.Float64, strict=False)
    )
    value = {
        code: dict(
            item.filter(pl.col("item_code") == code)
            .group_by("month")
            .agg(pl.col("month_value").sum())
            .iter_rows()
        )
        for code in ("cremations_v", "eco_burial_rate_n", "eco_burial_rate_d")
    }
    month = pl.col("died_on").dt.strftime("%Y-%m")
    deaths = (
        records["death_list"]
        .filter(month == pl.col("month"))
        .group_by("month")
        .agg(pl.col("person_id_no").n_unique())
    )
    dead = dict(deaths.iter_rows())
    broken = [m for m, count in value["cremations_v"].items() if m in dead and count > dead[m]]
    broken += [
        m
        for m, count in value["eco_burial_rate_n"].items()
        if count > value["eco_burial_rate_d"].get(m, count)
    ]
    return pl.DataFrame(
        {"month": broken, "township": [None] * len(broken)}, schema=dict.fromkeys(PLACE, pl.String)
    )


def _fen(column: str) -> pl.Expr:
    return (pl.col(column).fill_null(0) * 100).round(0).cast(pl.Int64).sum()


RECOUNTS: dict[str, Callable[[Records], pl.DataFrame]] = {
    "A04": a04, "B01": b01, "D07": d07, "D18": d18, "D23": d23, "E01": e01, "E02": e02, "E04": e04, "K08": k08, "P01": p01, "T05": t05, "U01": u01,
}  # fmt: skip
