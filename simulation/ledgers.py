"""The ledgers of a month: payments made from the rolls, emergency aid, applications, ability assessments, care vouchers."""

import numpy as np
import polars as pl

from minzheng.months import month_start
from simulation import parameters
from simulation.cast import Cast, days, text
from simulation.rolls import Tables, persons, standard

FUNCTION_CODES = {
    "城市低保": "2081901", "农村低保": "2081902", "特困基本生活": "2082102", "特困照料护理": "2082102", "孤儿": "2081001",
    "事实无人抚养儿童": "2081001", "残疾人生活补贴": "2081107", "残疾人护理补贴": "2081107", "高龄补贴": "2081002",
    "养老服务补贴": "2081002", "护理补贴": "2081002", "综合补贴": "2081002", "临时救助": "2082001", "购买服务": "2081006",
    "福彩公益金项目": "2296002", "其他": "2089999",
}  # fmt: skip
PAYEE = ["region_code", "person_name", "person_id_no", "bank_account"]


def _due(
    rows: pl.DataFrame, scheme: str | pl.Expr, amount: str | pl.Expr, kind: str = "基本"
) -> pl.DataFrame:
    """The payments that rows call for: those with a positive amount."""
    value = pl.col(amount) if isinstance(amount, str) else amount
    word = pl.lit(scheme) if isinstance(scheme, str) else scheme
    return rows.select(
        *PAYEE,
        word.alias("scheme"),
        pl.lit(kind).alias("payment_kind"),
        value.round(2).alias("amount_due"),
    ).filter(pl.col("amount_due") > 0)


def called_for(rolls: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What the month's rolls and grants call for, by scheme and kind."""
    active = {
        name: frame.filter(pl.col("status") != "停保")
        for name, frame in rolls.items()
        if "status" in frame.columns
    }
    dibao, tekun, child, pwd, elder = (
        active[f"{name}_roll"] for name in ("dibao", "tekun", "child", "pwd", "elder")
    )
    scheme = pl.col("scheme").str.slice(0, 4)
    aid = rolls["temp_aid"]
    return pl.concat(
        [
            _due(dibao, scheme, pl.col("monthly_amount") - pl.col("top_up_amount")),
            _due(dibao, scheme, "top_up_amount", "分类施保"),
            _due(tekun, "特困基本生活", "basic_amount"),
            _due(tekun, "特困照料护理", "care_amount"),
            _due(child, pl.col("child_class"), "monthly_amount"),
            _due(pwd, "残疾人生活补贴", "living_amount"),
            _due(pwd, "残疾人护理补贴", "care_amount"),
            _due(elder, pl.col("subsidy_kind"), "monthly_amount"),
            _due(aid, "临时救助", "amount"),
        ]
    )


def _back_pay(cast: Cast, t: int, rolls: dict[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """The back-pay of a late decision: the month's share times the rise, for every month since it was valid (_G11)."""
    parts = []
    for code, scheme in (("dibao_std_urban", "城市低保"), ("dibao_std_rural", "农村低保")):
        steps = next(item.steps for item in parameters.standards().standards if item.code == code)
        for earlier, step in zip(steps, steps[1:], strict=False):
            start = month_start(cast.month(t))
            if step.decided_on.strftime("%Y-%m") != cast.month(t) or step.valid_from >= start:
                continue
            passed = (start.year - step.valid_from.year) * 12 + start.month - step.valid_from.month
            factor = passed * (1 - earlier.value / step.value)
            rows = rolls["dibao_roll"].filter(
                (pl.col("status") != "停保") & (pl.col("scheme") == scheme)
            )
            parts.append(_due(rows, scheme, pl.col("monthly_amount") * factor, "补发"))
    return parts


def _price_subsidy(rolls: dict[str, pl.DataFrame], triggered: bool) -> list[pl.DataFrame]:
    """The temporary price subsidy of a month whose index triggers it."""
    if not triggered:
        return []
    dibao = rolls["dibao_roll"].filter(pl.col("status") != "停保")
    return [_due(dibao, pl.col("scheme").str.slice(0, 4), pl.lit(20.0), "价格临时补贴")]


def _others(cast: Cast, t: int, rolls: dict[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Purchases and projects without a person, and a few refunds."""
    random, towns = cast.random, sorted(set(cast.h_township))
    bought = pl.DataFrame(
        {
            "region_code": [code + "000" for code in towns] + [towns[0] + "001"],
            "person_name": pl.Series([None] * (len(towns) + 1), dtype=pl.String),
            "person_id_no": pl.Series([None] * (len(towns) + 1), dtype=pl.String),
            "bank_account": ["999900000000000001"] * (len(towns) + 1),
            "scheme": ["购买服务"] * len(towns) + ["福彩公益金项目"],
            "payment_kind": ["基本"] * (len(towns) + 1),
            "amount_due": [float(value) for value in random.integers(3000, 9000, len(towns))]
            + [30000.0],
        }
    )
    active = rolls["dibao_roll"].filter(
        (pl.col("status") == "在保") & pl.col("person_id_no").is_not_null()
    )
    refunds = active[random.choice(len(active), 2, replace=False)]
    refunds = refunds.select(
        *PAYEE,
        "scheme",
        pl.lit("追回").alias("payment_kind"),
        (-pl.col("monthly_amount")).alias("amount_due"),
    )
    return [bought, refunds]


def payments(cast: Cast, t: int, rolls: dict[str, pl.DataFrame], triggered: bool) -> pl.DataFrame:
    """`payment_ledger` of month `t`: nearly all paid on time, some late, a few bounced or paid short."""
    county, random = parameters.county(), cast.random
    rows = pl.concat(
        [
            called_for(rolls),
            *_back_pay(cast, t, rolls),
            *_price_subsidy(rolls, triggered),
            *_others(cast, t, rolls),
        ]
    )
    count = len(rows)
    start = np.datetime64(month_start(cast.month(t)))
    paid_on = start + random.integers(9, 24, count)
    late = random.random(count) < county["late_payment_share"]
    paid_on = np.where(late, start + random.integers(25, 28, count), paid_on)
    unpaid = random.random(count) < county["unpaid_share"]
    short = random.random(count) < 0.001
    due = rows["amount_due"].to_numpy()
    paid = np.where(unpaid, 0.0, np.where(short & (due > 2), np.round(due / 2, 2), due))
    return rows.with_columns(
        amount_paid=pl.Series(paid),
        due_on=days(np.full(count, start + 24)),
        paid_on=days(np.where(unpaid, np.datetime64("NaT"), paid_on)),
        function_code=pl.col("scheme").replace_strict(FUNCTION_CODES),
        payment_no=pl.format(
            "FF{}{}",
            pl.lit(cast.month(t).replace("-", "")),
            pl.int_range(count).cast(pl.String).str.zfill(8),
        ),
    )


def temp_aid(cast: Cast, t: int) -> pl.DataFrame:
    """`temp_aid` of month `t`: grants to people of any group, a few without local hukou, a few above the cap by 一事一议."""
    county, random = parameters.county(), cast.random
    mean = county["population_2020"] * cast.scale * county["temp_aid_per_1000"] / 1000
    candidates = np.flatnonzero(
        cast.alive(t) & (cast.numbered_t <= t) & (cast.ages(np.arange(len(cast.birth)), t) >= 16)
    )
    who = random.choice(candidates, max(3, random.poisson(mean)), replace=False)
    count, urban = len(who), standard(cast, t, "dibao_std_urban")
    start, last = (
        np.datetime64(month_start(cast.month(t))),
        (cast.end_of(t) - np.datetime64(month_start(cast.month(t)))).astype(int),
    )
    granted = start + random.integers(2, last + 1, count)
    amount = np.round(random.choice([300, 500, 800, 1000, 1500, 2000, 3000], count)).astype(float)
    special = random.random(count) < 0.03
    causes = ["火灾", "交通事故", "意外伤害", "重病", "教育支出", "自然灾害", "其他"]
    return persons(cast, who, t).with_columns(
        grant_no=pl.Series(
            [f"LS{cast.month(t).replace('-', '')}{number:05d}" for number in range(count)]
        ),
        household_no=text(np.char.add("JT", np.char.zfill(cast.household[who].astype(str), 8))),
        applied_on=days(granted - random.integers(0, 25, count)),
        granted_on=days(granted),
        aid_kind=text(random.choice(["急难型", "支出型"], count)),
        cause=text(random.choice(causes, count, p=[0.03, 0.07, 0.12, 0.45, 0.15, 0.08, 0.1])),
        person_times=pl.Series(random.integers(1, 5, count)),
        amount=pl.Series(np.where(special, np.round(urban * 7), np.minimum(amount, urban * 5))),
        case_by_case=pl.Series(special),
        local_hukou=pl.Series(random.random(count) < 0.93),
        small_urgent=pl.Series(amount <= 500),
        remark=pl.lit(None, dtype=pl.String),
    )


def applications(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`application` of month `t`: those behind the month's new households, and others refused, withdrawn or still open."""
    random = cast.random
    heads = np.flatnonzero((cast.order == 0) & (cast.numbered_t <= t) & cast.alive(t))
    coming = heads[cast.h_start[cast.household[heads]] == t]
    coming = coming[
        ~cast.group("elder")[coming] & ~cast.group("other")[coming] & ~cast.group("card")[coming]
    ]
    trying = random.choice(
        heads[~cast.group("dibao")[heads]], min(len(heads) // 20, 12 * cast.scale), replace=False
    )
    who = np.concatenate([coming, np.setdiff1d(trying, coming)])
    count, accepted = len(who), np.arange(len(who)) < len(coming)
    urban = cast.h_urban[cast.household[who]]
    own = np.select(
        [cast.group(name)[who] for name in ("edge", "rigid", "tekun")],
        ["低保边缘", "刚性支出困难", "特困"],
        np.where(urban, "城市低保", "农村低保"),
    )
    matter = np.where(
        accepted,
        own,
        random.choice(
            ["城市低保", "农村低保", "特困", "临时救助", "低保边缘", "刚性支出困难"], count
        ),
    )
    applied = np.datetime64(month_start(cast.month(t))) + random.integers(0, 8, count)
    asked = np.where(random.random(count) < 0.95, applied + 1, np.datetime64("NaT"))
    reported = np.where(
        random.random(count) < 0.9, asked + random.integers(2, 8, count), np.datetime64("NaT")
    )
    decision = np.where(
        accepted, "同意", random.choice(["不予", "撤回", "在办"], count, p=[0.6, 0.1, 0.3])
    )
    done = np.isin(decision, ["同意", "不予"])
    result = np.where(
        np.isnat(reported),
        None,
        np.where(accepted, "符合", random.choice(["不符合", "需复核"], count)),
    )
    return persons(cast, who, t).with_columns(
        application_no=pl.Series(
            [f"SQ{cast.month(t).replace('-', '')}{number:05d}" for number in range(count)]
        ),
        matter=text(matter),
        channel=text(random.choice(["乡镇窗口", "网上", "村(社区)代办"], count, p=[0.5, 0.2, 0.3])),
        applied_on=days(applied),
        residence_permit=pl.Series(random.random(count) < 0.05),
        verify_requested_on=days(asked),
        verify_reported_on=days(reported),
        verify_result=text(result),
        decided_on=days(
            np.where(done, applied + random.integers(10, 20, count), np.datetime64("NaT"))
        ),
        decision=text(decision),
    )


def assessments(cast: Cast, tables: Tables, t: int) -> pl.DataFrame:
    """`elder_assess` of month `t`: people on the service, care or combined subsidy, once in twelve months, a few never."""
    drawn = tables["养老服务补贴"] | tables["护理补贴"] | tables["综合补贴"]
    who = np.flatnonzero(drawn[:, t + 1])
    cycle = (who // 2 * 7 + t) % 12 == 0
    first = t == 0
    who = who[(cycle | first) & (who % 23 != 0) & (cast.numbered_t[who] <= t)]
    start = np.datetime64(month_start(cast.month(t)))
    ahead = np.where((who // 2 * 7 + t) % 12 == 0, 0, (who // 2 * 7 + t) % 12)
    on = start + who % 26 - ahead * 30
    return persons(cast, who, t).with_columns(
        assessed_on=days(on),
        valid_until=days(on + 375),
        ability_grade=cast.people["ability_grade"][who],
        assessor=pl.lit("虚构评估所"),
        assessment_kind=pl.lit("复评" if first else "期满"),
    )


VOUCHER, VOUCHERS_FROM = 800.0, "2026-01"
"""Yuan a month, and the first month of the vouchers (docs/sources.md 9, unverified)."""


def vouchers(cast: Cast, tables: Tables, t: int) -> pl.DataFrame | None:
    """`care_voucher` of month `t`: elders of moderate and severe disability, and some who draw the nursing subsidy as well."""
    if cast.months[t] < VOUCHERS_FROM:
        return None
    able = cast.people["ability_grade"].is_in(["中度失能", "重度失能", "完全失能"]).to_numpy()
    number = np.arange(len(able))
    poor = tables["dibao"][:, t + 1] & (tables["ages"][:, t + 1] >= 60) & able
    who = np.flatnonzero(
        poor & ((number % 2 == 1) | (tables["护理补贴"][:, t + 1] & (number % 6 == 0)))
    )
    who = who[cast.numbered_t[who] <= t]
    used = np.round(VOUCHER * np.minimum((who * 37 + t * 11) % 120, 100) / 100, 2)
    return persons(cast, who, t).with_columns(
        ability_grade=cast.people["ability_grade"][who],
        issued_amount=pl.lit(VOUCHER),
        used_amount=pl.Series(used),
        expired_amount=pl.Series(VOUCHER - used),
        remark=pl.lit(None, dtype=pl.String),
    )


def triggered(cpi_yoy: float, food_yoy: float, cast: Cast, t: int) -> bool:
    """Whether the price linkage starts by the limits the office knows in month `t`."""
    return cpi_yoy >= standard(cast, t, "price_link_cpi") or food_yoy >= standard(
        cast, t, "price_link_food"
    )
