"""The leads of every rule of `contracts/leads`, each by its condition, from the good rows alone."""

from itertools import product

import polars as pl

from minzheng.months import add_months, month_start
from simulation.recount.known import COUNTIES, COUNTY_ONLY, Known, Parameters
from simulation.recount.month import Month, lists, minus_months

FIRST = {
    "LB01": "pwd_card", "LB02": "monitored_household", "LB03": "medical_burden", "LB04": "dibao_roll", "YX01": "pwd_card",
    "YX02": "pwd_card", "YX03": "dibao_roll", "SW01": "payment_ledger", "SW02": "dibao_roll", "CF01": "dibao_roll",
    "CF02": "dibao_roll", "CF03": "tekun_roll", "CF04": "child_roll", "CF05": "pwd_card", "CF06": "care_voucher", "CB01": "asset_hit", "CB02": "asset_hit",
    "CB03": "asset_hit", "CB04": "asset_hit", "CB05": "pwd_roll", "CB06": "payment_ledger", "CB07": "elder_roll",
    "CB08": "elder_roll", "YT01": "dibao_roll", "YT02": "dibao_roll", "CZ01": "temp_aid", "CZ02": "temp_aid", "CZ03": "dibao_roll",
}  # fmt: skip
ROLLS = "dibao_roll tekun_roll child_roll"
NEEDS = {
    "LB01": "pwd_card lowinc_register dibao_roll tekun_roll", "LB02": f"monitored_household {ROLLS} lowinc_register",
    "LB03": f"medical_burden {ROLLS} lowinc_register application", "LB04": "dibao_roll tekun_roll lowinc_register",
    "YX01": f"pwd_card pwd_roll {ROLLS}", "YX02": "pwd_card pwd_roll tekun_roll", "YX03": "dibao_roll tekun_roll payment_ledger",
    "SW01": "payment_ledger", "SW02": f"{ROLLS} pwd_roll elder_roll", "CF01": "dibao_roll tekun_roll",
    "CF02": f"{ROLLS} pwd_roll elder_roll", "CF03": "tekun_roll pwd_roll", "CF04": "child_roll pwd_roll", "CF05": "pwd_card pwd_roll", "CF06": "care_voucher elder_roll",
    "CB01": "asset_hit dibao_roll tekun_roll", "CB02": "asset_hit dibao_roll tekun_roll", "CB03": "asset_hit dibao_roll tekun_roll",
    "CB04": "asset_hit dibao_roll tekun_roll", "CB05": "pwd_roll dibao_roll lowinc_register",
    "CB06": "payment_ledger dibao_roll tekun_roll", "CB07": "elder_roll", "CB08": "elder_roll", "YT01": "dibao_roll",
    "YT02": "dibao_roll", "CZ01": "temp_aid", "CZ02": "temp_aid", "CZ03": "dibao_roll",
}  # fmt: skip


ABSENT = {
    "LB01": "dibao_roll tekun_roll", "LB02": f"{ROLLS} lowinc_register", "LB03": f"{ROLLS} lowinc_register application",
    "LB04": "dibao_roll tekun_roll lowinc_register", "YX01": "pwd_roll tekun_roll child_roll", "YX02": "pwd_roll tekun_roll",
    "YX03": "payment_ledger", "CB05": "dibao_roll lowinc_register", "CB06": "dibao_roll tekun_roll",
}  # fmt: skip
"""Lists in which somebody must be missing for a lead: where a township has not sent one, nobody there is judged."""


def lb01(m: Month) -> pl.DataFrame:
    """Severely disabled in an edge household, not on dibao."""
    cards = m.of("pwd_card").filter(
        pl.col("disability_level").is_in(["1", "2"]) & (pl.col("valid_until") >= m.last)
    )
    edge = m.of("lowinc_now").filter(pl.col("lowinc_class") == "低保边缘")
    return m.living(m.without(m.among(cards, edge), m.of("dibao_roll"), m.of("tekun_roll")))


def lb02(m: Month) -> pl.DataFrame:
    """Monitored, risk not removed, in no scheme."""
    return m.living(m.no_scheme(m.of("monitored_household").filter(~pl.col("risk_removed"))))


def lb03(m: Month) -> pl.DataFrame | None:
    """High own medical payments, in no scheme, not refused within twelve months."""
    multiple, standard = m.value("medical_alert_multiple"), m.value("dibao_std_rural")
    if multiple is None or standard is None:
        return None
    rows = m.of("medical_burden").filter(pl.col("own_payment_ytd") >= multiple * standard)
    refused = m.lists["application"].filter(
        (pl.col("month") <= m.month)
        & (pl.col("decision") == "不予")
        & (pl.col("decided_on") > minus_months(m.last, 12))
        & (pl.col("decided_on") <= m.last)
    )
    return m.living(m.without(m.no_scheme(rows), refused))


def lb04(m: Month) -> pl.DataFrame:
    """Stopped within 24 months for another reason than death or moving away, and not watched."""
    stops = m.lists["stops"].filter(
        (pl.col("month") <= m.month) & (pl.col("month") > add_months(m.month, -24))
    )
    stops = stops.filter(~pl.col("stop_reason").is_in(["死亡", "迁出"]).fill_null(False))
    latest = stops.sort("month", maintain_order=True).join(
        stops.group_by("person").agg(last=pl.col("month").max()), on="person"
    )
    rows = latest.filter(pl.col("month") == pl.col("last"))
    return m.living(m.without(rows, m.of("dibao_roll"), m.of("tekun_roll"), m.of("lowinc_now")))


def yx01(m: Month) -> pl.DataFrame:
    """Entitled to the living subsidy, not drawing it."""
    return m.living(
        m.without(m.eligible_living(), m.of("pwd_roll").filter(pl.col("living_amount") > 0))
    )


def yx02(m: Month) -> pl.DataFrame:
    """Entitled to the care subsidy, not drawing it."""
    return m.living(
        m.without(m.eligible_care(), m.of("pwd_roll").filter(pl.col("care_amount") > 0))
    )


def yx03(m: Month) -> pl.DataFrame:
    """On a roll and not paid."""
    paid = m.paid().filter(
        (pl.col("payment_kind") == "基本") & pl.col("person_id_no").is_not_null()
    )
    dibao = m.without(
        m.of("dibao_roll").filter(pl.col("monthly_amount") > 0),
        paid.filter(pl.col("scheme").is_in(["城市低保", "农村低保"])),
    )
    tekun = m.without(
        m.of("tekun_roll").filter(pl.col("basic_amount") > 0),
        paid.filter(pl.col("scheme") == "特困基本生活"),
    )
    return pl.concat([dibao.select("person", "township"), tekun.select("person", "township")])


def sw01(m: Month) -> pl.DataFrame:
    """Paid after the month of death."""
    kinds = pl.col("payment_kind").is_in(["基本", "分类施保", "价格临时补贴"])
    return m.among(m.paid().filter(kinds), m.dead_before())


def sw02(m: Month) -> pl.DataFrame:
    """On a roll after the month of death."""
    rolls = [
        m.of(f"{name}_roll").select("person", "township")
        for name in ("dibao", "tekun", "child", "pwd", "elder")
    ]
    return m.among(pl.concat(rolls), m.dead_before())


def cf01(m: Month) -> pl.DataFrame:
    """On dibao and supported at once."""
    return m.among(m.of("dibao_roll"), m.of("tekun_roll"))


def cf02(m: Month) -> pl.DataFrame:
    """On one roll in two townships."""
    parts = []
    for name in ("dibao_roll", "tekun_roll", "child_roll", "pwd_roll", "elder_roll"):
        key = ["person", "subsidy_kind"] if name == "elder_roll" else ["person"]
        rows = m.of(name).filter(pl.col("township").n_unique().over(key) >= 2)
        parts.append(rows.select("person", "township"))
    return pl.concat(parts)


def cf03(m: Month) -> pl.DataFrame:
    """Supported and drawing a disability subsidy."""
    return m.among(
        m.of("pwd_roll").filter((pl.col("living_amount") > 0) | (pl.col("care_amount") > 0)),
        m.of("tekun_roll"),
    )


def cf04(m: Month) -> pl.DataFrame:
    """A child on the child roll drawing the living subsidy."""
    return m.among(m.of("pwd_roll").filter(pl.col("living_amount") > 0), m.of("child_roll"))


def cf06(m: Month) -> pl.DataFrame:
    """A care voucher and a nursing subsidy of the elder roll."""
    nursed = m.of("elder_roll").filter(pl.col("subsidy_kind").is_in(["护理补贴", "综合补贴"]))
    return m.among(m.of("care_voucher").filter(pl.col("issued_amount") > 0), nursed)


def cf05(m: Month) -> pl.DataFrame:
    """A work-injury nursing fee and a disability subsidy."""
    return m.among(
        m.of("pwd_roll").filter((pl.col("living_amount") > 0) | (pl.col("care_amount") > 0)),
        m.of("pwd_card").filter(pl.col("injury_nursing_fee")),
    )


def _assets(m: Month, kind: str, test: pl.Expr) -> pl.DataFrame | None:
    window = m.value("asset_hit_months")
    if window is None:
        return None
    hits = m.lists["asset_hit"].filter(pl.col("month") <= m.month).sort("uid")
    hits = hits.unique(["person", "hit_kind", "checked_on"], keep="last", maintain_order=True)
    since = minus_months(m.last, int(window))
    hits = hits.filter(
        (pl.col("hit_kind") == kind)
        & test
        & (pl.col("checked_on") > since)
        & (pl.col("checked_on") <= m.last)
    )
    dibao, tekun = m.of("dibao_roll"), m.of("tekun_roll")
    places = pl.concat(
        [dibao.select("person", "township"), m.without(tekun, dibao).select("person", "township")]
    )
    return m.among(places, hits)


def cb01(m: Month) -> pl.DataFrame | None:
    """A vehicle."""
    return _assets(m, "车辆", pl.col("hit_value") >= 1)


def cb02(m: Month) -> pl.DataFrame | None:
    """A business."""
    return _assets(m, "工商登记", pl.col("hit_value") >= 1)


def cb03(m: Month) -> pl.DataFrame | None:
    """More than two homes."""
    return _assets(m, "房产", pl.col("hit_value") > 2)


def cb04(m: Month) -> pl.DataFrame | None:
    """Deposits above the limit."""
    limit = m.value("asset_deposit_limit")
    return None if limit is None else _assets(m, "存款", pl.col("hit_value") > limit)


def cb05(m: Month) -> pl.DataFrame:
    """The living subsidy outside dibao and edge."""
    edge = m.of("lowinc_now").filter(pl.col("lowinc_class") == "低保边缘")
    return m.without(m.of("pwd_roll").filter(pl.col("living_amount") > 0), m.of("dibao_roll"), edge)


def cb06(m: Month) -> pl.DataFrame:
    """Paid without being on the roll."""
    paid = m.paid().filter(
        (pl.col("payment_kind") == "基本") & pl.col("person_id_no").is_not_null()
    )
    dibao = m.without(
        paid.filter(pl.col("scheme").is_in(["城市低保", "农村低保"])), m.of("dibao_roll")
    )
    tekun = m.without(paid.filter(pl.col("scheme") == "特困基本生活"), m.of("tekun_roll"))
    return pl.concat([dibao, tekun])


def cb07(m: Month) -> pl.DataFrame:
    """The old-age allowance below 70 or after death."""
    rows = m.of("elder_roll").filter(pl.col("subsidy_kind") == "高龄补贴")
    return pl.concat([rows.filter(pl.col("age") < 70), m.among(rows, m.dead_before())])


def cb08(m: Month) -> pl.DataFrame:
    """A centenarian not looked up in the month; townships whose file lacks the column are not judged."""
    lacking = [
        t
        for t, columns in m.known.absent.get(("elder_roll", m.month), {}).items()
        if "alive_checked_on" in columns
    ]
    rows = m.of("elder_roll").filter(
        (pl.col("subsidy_kind") == "高龄补贴")
        & (pl.col("age") >= 100)
        & ~pl.col("township").is_in(lacking)
    )
    return rows.filter(
        pl.col("alive_checked_on").is_null()
        | ~pl.col("alive_checked_on").is_between(m.first, m.last)
    )


def yt01(m: Month) -> pl.DataFrame:
    """A review overdue by more than 30 days."""
    due, done = pl.col("review_due_on"), pl.col("reviewed_on")
    return m.of("dibao_roll").filter(
        due.is_not_null() & (due.dt.offset_by("30d") < m.last) & (done.is_null() | (done < due))
    )


def yt02(m: Month) -> pl.DataFrame | None:
    """Income at or above the standard, not excused and not reviewed lately."""
    urban, rural = m.value("dibao_std_urban"), m.value("dibao_std_rural")
    limit = (
        pl.when(pl.col("scheme") == "城市低保")
        .then(pl.lit(12 * urban if urban else None))
        .otherwise(pl.lit(rural))
    )
    fresh = (
        pl.col("reviewed_on")
        .is_between(month_start(add_months(m.month, -1)), m.last)
        .fill_null(False)
    )
    grace = pl.col("grace_until").is_null() | (pl.col("grace_until") < m.month)
    return m.of("dibao_roll").filter(
        (pl.col("income_per_head_year") >= limit)
        & ~pl.col("single_person_case").fill_null(False)
        & grace
        & ~fresh
    )


def cz01(m: Month) -> pl.DataFrame | None:
    """A grant above the cap without a decision of its own."""
    multiple, standard = m.value("temp_aid_cap_multiple"), m.value("dibao_std_urban")
    if multiple is None or standard is None:
        return None
    return m.of("temp_aid").filter(
        (pl.col("amount") > multiple * standard) & ~pl.col("case_by_case").fill_null(False)
    )


def cz02(m: Month) -> pl.DataFrame:
    """The third grant for one cause within twelve months."""
    window = m.lists["temp_aid"].filter(
        (pl.col("month") <= m.month)
        & (pl.col("granted_on") > minus_months(m.last, 12))
        & (pl.col("granted_on") <= m.last)
    )
    often = window.group_by("person", "cause").len().filter(pl.col("len") >= 3)
    return (
        m.of("temp_aid")
        .filter(pl.col("person_id_no").is_not_null())
        .join(often, on=["person", "cause"], how="semi")
    )


def cz03(m: Month) -> pl.DataFrame:
    """A share above the monthly standard."""
    urban, rural = m.value("dibao_std_urban"), m.value("dibao_std_rural")
    limit = (
        pl.when(pl.col("scheme") == "城市低保")
        .then(pl.lit(urban))
        .otherwise(pl.lit(rural / 12 if rural else None))
    )
    return m.of("dibao_roll").filter(
        pl.col("monthly_amount") - pl.col("top_up_amount").fill_null(0) > limit + 0.005
    )


RULES = {
    name.upper(): rule
    for name, rule in list(globals().items())
    if name[:2] in ("lb", "yx", "sw", "cf", "cb", "yt", "cz") and callable(rule)
}


def _evaluated(known: Known, rule: str, month: str, county: str) -> bool:
    """_C3: every dataset but the parameters and deaths has an accepted file of the county and month."""
    return all(
        any(place.startswith(county) for place in known.covered.get((name, month), ()))
        for name in NEEDS[rule].split()
    )


def all_leads(known: Known) -> pl.DataFrame:
    """Rule, month, person_id_no (null where the person has none), person, township: one row a lead (_C1)."""
    parameters, found = Parameters(known), []
    stops = [
        known.rows(name)
        .filter(pl.col("status") == "停保")
        .select("person", "person_id_no", "month", "township", "stop_reason")
        for name in ("dibao_roll", "tekun_roll")
    ]
    held = lists(known) | {"stops": pl.concat(stops)}
    for month in known.months:
        now = Month(known, parameters, month, held)
        for county, (rule, condition) in product(COUNTIES, RULES.items()):
            now.county = county
            rows = condition(now) if _evaluated(known, rule, month, county) else None
            if rows is None:
                continue
            rows = (
                rows.filter(pl.col("township").str.starts_with(county))
                .select("person", "township")
                .unique()
                .with_columns(rule_id=pl.lit(rule), month=pl.lit(month))
            )
            if FIRST[rule] not in COUNTY_ONLY:
                rows = rows.filter(
                    pl.col("township").is_in(list(known.covered.get((FIRST[rule], month), set())))
                )
            for name in ABSENT.get(rule, "").split():
                rows = rows.filter(
                    pl.col("township").is_in(list(known.covered.get((name, month), set())))
                )
            found.append(rows)
    leads = pl.concat(found)
    number = pl.when(pl.col("person").str.starts_with("row ")).then(None).otherwise("person")
    return leads.with_columns(person_id_no=number).sort("rule_id", "month", "person", "township")
