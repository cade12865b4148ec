"""A second county, drawn by hand and independent of the simulator: one person a story, whose leads follow from the rule's words.

A story is `(rows, leads)` for a month with first day `f` and last day `e`: rows by register, in township `a` unless they say
`b`; leads by rule and township. What lies on a boundary is there twice, on either side of it.
"""

import datetime as dt
import random

from minzheng.months import add_months, month_end, month_start, months_between
from tests.place import AREA

MONTHS = months_between("2023-07", "2024-12")
TOWNSHIPS = (f"{AREA}100", f"{AREA}101", f"{AREA}200", f"{AREA}201", f"{AREA}202")
PARAMETERS = {
    "dibao_std_urban": 700, "dibao_std_rural": 6000, "medical_alert_multiple": 3, "asset_deposit_limit": 50000,
    "asset_hit_months": 6, "temp_aid_cap_multiple": 6,
}  # fmt: skip
FAR = dt.date(2030, 1, 1)
DAY = dt.timedelta(1)


def back(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or the last of that month."""
    month = add_months(f"{day:%Y-%m}", -months)
    return month_start(month).replace(day=min(day.day, month_end(month).day))


def card(**more):
    return "pwd_card", {"disability_level": "4", "valid_until": FAR} | more


def edge(**more):
    return "lowinc_register", {"lowinc_class": "低保边缘", "entered_on": dt.date(2020, 1, 1)} | more


def dibao(**more):
    return "dibao_roll", {"scheme": "农村低保", "status": "在保"} | more


def tekun(**more):
    return "tekun_roll", {"status": "新增"} | more


def pwd(**more):
    return "pwd_roll", {"status": "恢复"} | more


def elder(**more):
    return "elder_roll", {"subsidy_kind": "高龄补贴", "status": "在保", "age": 80} | more


def child():
    return "child_roll", {"child_class": "孤儿", "status": "在保"}


def paid(scheme="农村低保", **more):
    return "payment_ledger", {"scheme": scheme, "payment_kind": "基本", "amount_paid": 1, "paid_on": dt.date(2024, 1, 9)} | more  # fmt: skip


def hit(kind, value, day):
    return "asset_hit", {"hit_kind": kind, "hit_value": value, "checked_on": day}


def aid(day, **more):
    return "temp_aid", {"amount": 100, "cause": "重病", "granted_on": day} | more


def dead(day):
    return "death_list", {"died_on": day, "list_source": "公安"}


def refused(day):
    return "application", {"decision": "不予", "decided_on": day}


def listed(**more):
    return "monitored_household", {"risk_removed": False} | more


def ill(cost):
    return "medical_burden", {"own_payment_ytd": cost}


def in_b(row):
    return row[0], row[1] | {"town": "b"}


def stories(f: dt.date, e: dt.date):
    """Every story of a month that is about this month alone."""
    severe = card(disability_level="2")
    window = back(e, 6)
    return [
        ([card(disability_level="1", valid_until=e), edge(entered_on=e)], ["LB01a"]),
        ([card(disability_level="1", valid_until=e - DAY), edge()], []),
        ([card(disability_level="3"), edge()], []),
        ([severe, edge(entered_on=e + DAY)], []),
        ([severe, edge(left_on=e)], []),
        ([severe, edge(left_on=e + DAY)], ["LB01a"]),
        ([severe, edge(lowinc_class="刚性支出困难")], []),
        ([severe, edge(), in_b(tekun())], []),
        ([severe, edge(), dead(e)], []),
        ([severe, edge(), dead(e + DAY)], ["LB01a"]),
        ([listed()], ["LB02a"]),
        ([listed(risk_removed=True)], []),
        ([listed(), in_b(child())], []),
        ([listed(), in_b(edge(lowinc_class="刚性支出困难"))], []),
        ([listed(), in_b(edge(lowinc_class="防返贫监测"))], ["LB02a"]),
        ([ill(18000), refused(back(e, 12))], ["LB03a"]),
        ([ill(18000), refused(back(e, 12) + DAY)], []),
        ([ill(17999.99)], []),
        ([ill(20000), in_b(dibao())], []),
        ([dibao(), in_b(card(disability_level="3"))], ["YX01a"]),
        ([dibao(), card(injury_nursing_fee=True)], []),
        ([dibao(), card(), in_b(pwd(living_amount=50))], []),
        ([dibao(), card(), child()], []),
        ([card(disability_level="1", long_care_need=True)], ["YX02a"]),
        ([card(disability_level="1")], []),
        ([card(disability_level="3", long_care_need=True)], []),
        ([card(disability_level="1", long_care_need=True), in_b(pwd(care_amount=50))], []),
        ([dibao(monthly_amount=300)], ["YX03a"]),
        ([dibao(monthly_amount=300), in_b(paid())], []),
        ([dibao(monthly_amount=300), paid(amount_paid=0)], ["YX03a"]),
        ([tekun(basic_amount=900)], ["YX03a"]),
        ([tekun(basic_amount=900), paid("特困基本生活")], []),
        ([dead(f - DAY), paid("护理补贴")], ["SW01a"]),
        ([dead(f), paid("护理补贴")], []),
        ([dead(f - DAY), paid("护理补贴", payment_kind="补发")], []),
        ([dead(f - DAY), paid("护理补贴", paid_on=None)], []),
        ([dead(f - DAY), pwd()], ["SW02a"]),
        ([dead(f - DAY), pwd(status="停保")], []),
        ([dead(f), pwd()], []),
        ([dibao(), in_b(tekun())], ["CF01a"]),
        ([dibao(), tekun(status="停保", stop_reason="迁出")], []),
        ([elder(), in_b(elder())], ["CF02a", "CF02b"]),
        ([elder(), in_b(elder(subsidy_kind="护理补贴"))], []),
        ([tekun(), in_b(pwd(care_amount=1))], ["CF03b"]),
        ([tekun(), in_b(pwd(living_amount=1))], ["CF03b", "CB05b"]),
        ([child(), in_b(pwd(living_amount=1))], ["CF04b", "CB05b"]),
        ([child(), in_b(pwd(care_amount=1))], []),
        ([card(injury_nursing_fee=True), in_b(pwd(care_amount=1))], ["CF05b"]),
        ([hit("车辆", 1, e), dibao()], ["CB01a"]),
        ([hit("车辆", 1, window), dibao()], []),
        ([hit("车辆", 1, window + DAY), in_b(tekun())], ["CB01b"]),
        ([hit("工商登记", 1, f), dibao()], ["CB02a"]),
        ([hit("房产", 3, f), dibao()], ["CB03a"]),
        ([hit("房产", 2, f), dibao()], []),
        ([hit("存款", 50000.01, f), dibao()], ["CB04a"]),
        ([hit("存款", 50000, f), dibao()], []),
        ([hit("存款", 90000, f), child()], []),
        ([pwd(living_amount=1)], ["CB05a"]),
        ([pwd(living_amount=1), in_b(edge())], []),
        ([paid()], ["CB06a"]),
        ([paid("特困基本生活")], ["CB06a"]),
        ([paid("城市低保"), in_b(dibao())], []),
        ([elder(age=69)], ["CB07a"]),
        ([elder(age=70)], []),
        ([elder(age=70), dead(f - DAY)], ["CB07a", "SW02a"]),
        ([elder(age=100, alive_checked_on=f - DAY)], ["CB08a"]),
        ([elder(age=100)], ["CB08a"]),
        ([elder(age=100, alive_checked_on=e)], []),
        ([elder(age=99)], []),
        ([dibao(review_due_on=e - 31 * DAY)], ["YT01a"]),
        ([dibao(review_due_on=e - 30 * DAY)], []),
        ([dibao(review_due_on=e - 40 * DAY, reviewed_on=e - 41 * DAY)], ["YT01a"]),
        ([dibao(review_due_on=e - 40 * DAY, reviewed_on=e - 40 * DAY)], []),
        ([dibao(income_per_head_year=6000)], ["YT02a"]),
        ([dibao(income_per_head_year=5999.99)], []),
        ([dibao(scheme="城市低保", income_per_head_year=8400)], ["YT02a"]),
        ([dibao(scheme="城市低保", income_per_head_year=8399.99)], []),
        ([dibao(income_per_head_year=9000, single_person_case=True)], []),
        ([dibao(income_per_head_year=9000, grace_until=f"{e:%Y-%m}")], []),
        ([dibao(income_per_head_year=9000, grace_until=f"{f - DAY:%Y-%m}")], ["YT02a"]),
        ([dibao(income_per_head_year=9000, reviewed_on=back(f, 1))], []),
        ([dibao(income_per_head_year=9000, reviewed_on=back(f, 1) - DAY)], ["YT02a"]),
        ([aid(f, amount=4200.01)], ["CZ01a"]),
        ([aid(f, amount=4200)], []),
        ([aid(f, amount=9000, case_by_case=True)], []),
        ([aid(f), aid(f), aid(back(e, 12) + DAY)], ["CZ02a"]),
        ([aid(f), aid(f), aid(back(e, 12))], []),
        ([aid(f), aid(f), aid(f, cause="火灾")], []),
        ([dibao(monthly_amount=500.01), paid()], ["CZ03a"]),
        ([dibao(monthly_amount=500), paid()], []),
        ([dibao(monthly_amount=600, top_up_amount=100), paid()], []),
        ([dibao(scheme="城市低保", monthly_amount=700.01), paid()], ["CZ03a"]),
    ]


def leavers(month: str):
    """Stories of people who leave in a month: rows by month, and the months in which LB04 holds (24, the first included)."""
    window = months_between(month, min(add_months(month, 23), MONTHS[-1]))
    later = months_between(month, MONTHS[-1])
    gone = dibao(status="停保", stop_reason="收入超标")
    return [
        ({month: [gone]}, window),
        ({month: [dibao(status="停保")]}, window),
        ({month: [tekun(status="停保", stop_reason="自愿放弃")]}, window),
        ({month: [dibao(status="停保", stop_reason="死亡")]}, []),
        ({one: [gone, edge(lowinc_class="退出两年内")] if one == month else [edge(lowinc_class="退出两年内")] for one in later}, []),
        ({one: [gone] if one == month else [in_b(tekun())] for one in later}, window[:1]),
    ]  # fmt: skip


def plant(seed: int, times: int = 2):
    """(rows, leads): (dataset, month, person, township, columns) and (rule, month, person, township)."""
    dice, rows, leads = random.Random(seed), [], set()
    for month in MONTHS[2:]:
        for story in stories(month_start(month), month_end(month)):
            for _ in range(times):
                person, places = (
                    f"p{len(rows):06}",
                    dict(zip("ab", dice.sample(TOWNSHIPS, 2), strict=True)),
                )
                rows += [placed(row, month, person, places) for row in story[0]]
                leads |= {(lead[:4], month, person, places[lead[4]]) for lead in story[1]}
    for month in dice.sample(MONTHS, 6):
        for by_month, held in leavers(month):
            person, places = (
                f"q{len(rows):06}",
                dict(zip("ab", dice.sample(TOWNSHIPS, 2), strict=True)),
            )
            rows += [placed(row, one, person, places) for one, of in by_month.items() for row in of]
            leads |= {("LB04", one, person, places["a"]) for one in held}
    return rows, leads


def placed(row, month, person, places):
    name, columns = row
    own = {key: value for key, value in columns.items() if key != "town"}
    return name, month, person, places[columns.get("town", "a")], own
