"""Recount of money paid, emergency aid, applications, and the indicators that count leads."""

from itertools import product

import polars as pl

from simulation.recount.cells import (
    KEY,
    PLACES,
    Needs,
    coded,
    count,
    median,
    money,
    observe,
    persons,
    within_year,
    without,
    year_sum,
)
from simulation.recount.known import COUNTIES, WHOLES, Known, Parameters

SCHEMES = {
    "城市低保": "P_DIBAO_U", "农村低保": "P_DIBAO_R", "特困基本生活": "P_TEKUN_BASIC", "特困照料护理": "P_TEKUN_CARE", "孤儿": "P_ORPHAN",
    "事实无人抚养儿童": "P_FACT_ORPHAN", "残疾人生活补贴": "P_PWD_LIVING", "残疾人护理补贴": "P_PWD_CARE", "高龄补贴": "P_OLD_AGE",
    "养老服务补贴": "P_ELDER_SERVICE", "护理补贴": "P_ELDER_CARE", "综合补贴": "P_ELDER_COMBINED",
}  # fmt: skip
AID = [
    "城市低保",
    "农村低保",
    "特困基本生活",
    "特困照料护理",
    "临时救助",
    "孤儿",
    "事实无人抚养儿童",
]
CAUSES = {
    "火灾": "CAUSE_FIRE", "交通事故": "CAUSE_TRAFFIC", "意外伤害": "CAUSE_INJURY", "重病": "CAUSE_ILLNESS", "教育支出": "CAUSE_EDU",
    "自然灾害": "CAUSE_DISASTER", "其他": "CAUSE_OTHER",
}  # fmt: skip
MATTERS = {
    "城市低保": "M_DIBAO_U", "农村低保": "M_DIBAO_R", "特困": "M_TEKUN", "临时救助": "M_TEMP", "低保边缘": "M_EDGE", "刚性支出困难": "M_RIGID",
}  # fmt: skip
LEDGER, YEAR = Needs(("payment_ledger",)), Needs(year=("payment_ledger",))
ROLL_LISTS = ("dibao_roll", "tekun_roll", "child_roll")


def paid(known: Known) -> pl.DataFrame:
    """Money paid (_G13)."""
    return known.rows("payment_ledger").filter(pl.col("paid_on").is_not_null())


def spending(known: Known, levels: str = "ct") -> list[pl.DataFrame]:
    """Benefit a head, and money from January."""
    rows, found = paid(known), []
    for word, scheme in (("urban", "城市低保"), ("rural", "农村低保")):
        own = rows.filter(pl.col("scheme") == scheme)
        month = own.filter(pl.col("payment_kind").is_in(["基本", "分类施保"]))
        roll = known.rows("dibao_roll").filter(
            (pl.col("status") != "停保") & (pl.col("scheme") == scheme)
        )
        needs = Needs(("payment_ledger", "dibao_roll"))
        heads = count(roll, persons(), "ct")
        found.append(
            observe(
                known,
                f"dibao_subsidy_{word}",
                "元/人·月",
                "ct",
                count(month, money("amount_paid"), "ct"),
                needs,
                denominator=heads,
            )
        )
        found.append(_from_january(known, f"dibao_spend_{word}_ytd", own))
    found.append(_from_january(known, "civil_spend_ytd", rows))
    found.append(
        _from_january(known, "temp_aid_spend_ytd", rows.filter(pl.col("scheme") == "临时救助"))
    )
    found.append(
        _from_january(known, "elder_purchase_spend", rows.filter(pl.col("scheme") == "购买服务"))
    )
    found.append(
        _from_january(known, "lottery_fund_used", rows.filter(pl.col("scheme") == "福彩公益金项目"))
    )
    found.append(_against_standard(known, rows))
    found.append(
        _from_january(
            known, "price_subsidy_paid", rows.filter(pl.col("payment_kind") == "价格临时补贴")
        )
    )
    return [*found, _on_time(known)]


def _from_january(known: Known, indicator: str, rows: pl.DataFrame) -> pl.DataFrame:
    numerator = year_sum(known.months, count(rows, money("amount_paid"), "ct"))
    return observe(known, indicator, "万元", "ct", numerator, YEAR, multiplier=0.0001)


def _against_standard(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """Benefits paid over what everybody on dibao would get at the full standard."""
    codes, parameters = {"城市低保": "U", "农村低保": "R"}, Parameters(known)
    own = rows.filter(
        pl.col("scheme").is_in(list(codes)) & pl.col("payment_kind").is_in(["基本", "分类施保"])
    )
    own = own.with_columns(code=coded("scheme", codes))
    roll = (
        known.rows("dibao_roll")
        .filter(pl.col("status") != "停保")
        .with_columns(code=coded("scheme", codes))
    )
    full = {
        (m, c): [parameters.value(f"dibao_std_{word}", m, c) for word in ("urban", "rural")]
        for m, c in product(known.months, COUNTIES)
    }
    both = [(m, c, urban, rural) for (m, c), (urban, rural) in full.items() if urban and rural]
    prices = pl.DataFrame(
        [(m, c, "U", urban) for m, c, urban, _ in both]
        + [(m, c, "R", rural / 12) for m, c, _, rural in both],
        schema={
            "month": pl.String,
            "county": pl.String,
            "residence": pl.String,
            "price": pl.Float64,
        },
        orient="row",
    )
    heads = count(roll, persons(), "kt", {"residence": ["code"]}).filter(
        pl.col("residence") != "_T"
    )
    due = (
        heads.with_columns(county=pl.col("ref_area").str.slice(0, 6))
        .join(prices, on=["month", "county", "residence"])
        .with_columns(value=pl.col("value") * pl.col("price"))
        .drop("price", "county")
    )
    if WHOLES != COUNTIES:
        of_counties = due.filter(pl.col("ref_area").is_in(COUNTIES))
        held = of_counties.with_columns(ref_area=pl.lit(WHOLES[0]))
        due = pl.concat([due, held.group_by(KEY).agg(pl.col("value").sum())])
    whole = due.with_columns(residence=pl.lit("_T")).group_by(KEY).agg(pl.col("value").sum())
    cells = observe(
        known, "dibao_benefit_ratio", "%", "ct", count(own, money("amount_paid"), "ct", {"residence": ["code"]}),
        Needs(("payment_ledger", "dibao_roll")), denominator=pl.concat([due, whole]), multiplier=100, codes={"residence": ["U", "R"]},
    )  # fmt: skip
    return without(cells, [month for (month, _), both in full.items() if None in both])


def _on_time(known: Known) -> pl.DataFrame:
    rows = known.rows("payment_ledger").filter(
        pl.col("payment_kind").is_in(["基本", "分类施保"])
        & pl.col("person_id_no").is_not_null()
        & pl.col("scheme").is_in(list(SCHEMES))
    )
    parts = []
    for level, place in PLACES.items():
        pairs = rows.group_by("month", *([place] if place else []), "person", "scheme").agg(
            prompt=(pl.col("paid_on").is_not_null() & (pl.col("paid_on") <= pl.col("due_on"))).all()
            & (money("amount_paid") >= money("amount_due")),
        )
        pairs = pairs.with_columns(code=coded("scheme", SCHEMES))
        both = [
            count(chosen, pl.len(), level, {"category": ["code"]})
            for chosen in (pairs.filter(pl.col("prompt").fill_null(False)), pairs)
        ]
        parts.append(both)
    numerator, denominator = (pl.concat([part[side] for part in parts]) for side in (0, 1))
    return observe(
        known, "payment_ontime_rate", "%", "ct", numerator, LEDGER, denominator=denominator, multiplier=100, codes={"category": list(SCHEMES.values())},
    )  # fmt: skip


def emergency(known: Known) -> list[pl.DataFrame]:
    """Emergency aid from January, its mean, and how long it took."""
    rows = known.rows("temp_aid").with_columns(
        cause_code=coded("cause", CAUSES),
        local=pl.when("local_hukou").then(pl.lit("LOCAL")).otherwise(pl.lit("NONLOCAL")),
    )
    year, causes = Needs(year=("temp_aid",)), list(CAUSES.values())
    times = year_sum(
        known.months,
        count(rows, pl.col("person_times").sum(), "ct", {"category": ["cause_code", "local"]}),
    )
    amount = year_sum(
        known.months, count(rows, money("amount"), "ct", {"category": ["cause_code"]})
    )
    found = [
        observe(
            known,
            "temp_aid_times",
            "人次",
            "ct",
            times,
            year,
            codes={"category": [*causes, "LOCAL", "NONLOCAL"]},
        ),
        observe(
            known,
            "temp_aid_level",
            "元/人次",
            "ct",
            amount,
            year,
            denominator=times,
            codes={"category": causes},
        ),
    ]
    waited = (pl.col("granted_on") - pl.col("applied_on")).dt.total_days()
    return [*found, median(known, "temp_aid_days", "天", rows, waited, Needs(("temp_aid",)))]


def applications(known: Known) -> list[pl.DataFrame]:
    """How many applications were verified, came online, or from holders of a residence permit."""
    rows, now, year = (
        known.rows("application").with_columns(code=coded("matter", MATTERS)),
        Needs(("application",)),
        Needs(year=("application",)),
    )
    by, everything = {"category": ["code"]}, count(known.rows("application"), pl.len(), "ct")
    verified = count(rows.filter(pl.col("verify_reported_on").is_not_null()), pl.len(), "ct", by)
    online = count(rows.filter(pl.col("channel") == "网上"), pl.len(), "ct")
    asked, permit = (
        rows.filter(pl.col("verify_requested_on").is_not_null()),
        rows.filter(pl.col("residence_permit")),
    )
    codes = {"category": list(MATTERS.values())}
    decided = rows.filter(pl.col("decided_on").is_not_null())
    took = (pl.col("decided_on") - pl.col("applied_on")).dt.total_days()
    needs = Needs(("application",), columns=(("application", "decided_on"),))
    return [
        observe(
            known,
            "verify_rate",
            "%",
            "ct",
            verified,
            now,
            denominator=count(rows, pl.len(), "ct", by),
            multiplier=100,
            codes=codes,
        ),
        observe(
            known,
            "online_apply_share",
            "%",
            "ct",
            online,
            now,
            denominator=everything,
            multiplier=100,
        ),
        median(known, "apply_days", "天", decided, took, needs),
        observe(known, "verify_requests", "件", "ct", _distinct_from_january(known, asked), year),
        observe(
            known, "residence_permit_cases", "件", "ct", _distinct_from_january(known, permit), year
        ),
    ]


def _distinct_from_january(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    spread = within_year(known.months).join(rows, on="month").drop("month").rename({"to": "month"})
    return count(spread, pl.struct("county", "application_no").n_unique(), "ct")


def lead_counts(known: Known, leads: pl.DataFrame) -> list[pl.DataFrame]:
    """Persons with leads: missed, wrong, overlapping, paid after death."""
    parameters = Parameters(known)
    lists = {
        "missed_candidates": (
            ["LB01", "LB02", "LB03"],
            (
                "pwd_card",
                "lowinc_register",
                *ROLL_LISTS,
                "monitored_household",
                "medical_burden",
                "application",
            ),
        ),
        "wrong_suspects": (
            ["SW01", "SW02", "CF01", "CF02", "CB01", "CB02", "CB03", "CB04", "YT02"],
            (*ROLL_LISTS, "pwd_roll", "elder_roll", "payment_ledger", "death_list", "asset_hit"),
        ),
        "pwd_overlap_errors": (
            ["CF03", "CF04", "CF05"],
            ("pwd_roll", "tekun_roll", "child_roll", "pwd_card"),
        ),
    }
    asked = {"missed_candidates": ("medical_alert_multiple", "dibao_std_rural"),
             "wrong_suspects": ("asset_hit_months", "asset_deposit_limit", "dibao_std_urban", "dibao_std_rural")}  # fmt: skip
    found = []
    for indicator, (rules, names) in lists.items():
        rows = count(
            leads.filter(pl.col("rule_id").is_in(rules)), persons(), "ct", {"category": ["rule_id"]}
        )
        cells = observe(known, indicator, "人", "ct", rows, Needs(names), codes={"category": rules})
        blind = [
            m
            for m in known.months
            if any(
                parameters.value(code, m, county) is None
                for code, county in product(asked.get(indicator, ()), COUNTIES)
            )
        ]
        found.append(without(cells, blind))
    return [*found, _paid_after_death(known, leads)]


def _paid_after_death(known: Known, leads: pl.DataFrame) -> pl.DataFrame:
    dead = leads.filter(pl.col("rule_id") == "SW01").select("person", "month").unique()
    first = (pl.col("month") + "-01").str.to_date()
    deaths = (
        known.rows("death_list")
        .sort("uid")
        .unique(["person"], keep="last", maintain_order=True)
        .select("person", "died_on")
    )
    kinds = ["基本", "分类施保", "价格临时补贴"]
    rows = (
        paid(known)
        .filter((pl.col("amount_paid") > 0) & pl.col("payment_kind").is_in(kinds))
        .join(dead, on=["person", "month"], how="semi")
    )
    rows = (
        rows.join(deaths, on="person")
        .filter(pl.col("died_on") < first)
        .with_columns(code=coded("scheme", SCHEMES))
    )
    numerator = count(rows, persons(), "ct", {"category": ["code"]})
    needs = Needs(("payment_ledger", "death_list"))
    return observe(
        known,
        "death_paid_persons",
        "人",
        "ct",
        numerator,
        needs,
        codes={"category": list(SCHEMES.values())},
    )
