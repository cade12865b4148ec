"""A fictitious county's frames: 15 months, five townships, one that has not reported, one withheld cell, estimates."""

import math
from dataclasses import replace

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.editions import editions
from minzheng.disclosure.frames import ReleaseFrames
from minzheng.months import months_between
from minzheng.publish.cells import Published
from minzheng.publish.release.folder import staged
from minzheng.publish.release.manifest import InputHash, Manifest
from minzheng.publish.release.writing import fill_edition, prepared
from tests.place import AREA, AREA_NAME

MONTH = "2024-03"
MONTHS = months_between("2023-01", MONTH)
AREAS = {
    AREA: AREA_NAME,
    f"{AREA}100": "沙柳河镇",
    f"{AREA}101": "哈尔盖镇",
    f"{AREA}200": "伊克乌兰乡",
    f"{AREA}201": "泉吉乡",
    f"{AREA}202": "吉尔孟乡",
}
TOWNSHIPS = list(AREAS)[1:]
# id | name | unit | decimals | direction | measure | county value | growth a month | townships
INDICATORS = """
lowinc_monitored | 低收入人口动态监测人数 | 人 | 0 | up | stock | 4120 | 9 | y
dibao_coverage | 低保覆盖率 | % | 2 | neutral | rate | 6.15 | 0.01 | y
price_link_triggered | 物价联动机制启动标志 | 是/否 | 0 | neutral | flag | 0 | 0 | n
civil_spend_ytd | 民政事业费累计支出 | 万元 | 1 | neutral | ytd | 810.4 | 3 | n
dibao_spend_urban_ytd | 城市低保累计支出 | 万元 | 1 | neutral | ytd | 95.3 | 0.4 | y
dibao_spend_rural_ytd | 农村低保累计支出 | 万元 | 1 | neutral | ytd | 230.8 | 0.7 | y
aid_fund_execution | 困难群众救助资金执行率 | % | 1 | up | rate | 24.3 | 0.2 | n
payment_ontime_rate | 救助资金按月足额发放率 | % | 1 | meet | rate | 98.7 | 0.1 | y
dibao_urban_persons | 城市低保人数 | 人 | 0 | neutral | stock | 512 | 1.2 | y
dibao_urban_households | 城市低保户数 | 户 | 0 | neutral | stock | 241 | 0.6 | y
dibao_std_urban | 城市低保标准 | 元/人·月 | 0 | up | standard | 740 | 0 | n
dibao_subsidy_urban | 城市低保月人均补助水平 | 元/人·月 | 1 | neutral | rate | 486.3 | 1 | y
dibao_rural_persons | 农村低保人数 | 人 | 0 | neutral | stock | 2140 | -3 | y
dibao_rural_households | 农村低保户数 | 户 | 0 | neutral | stock | 702 | -1 | y
dibao_std_rural | 农村低保标准 | 元/人·年 | 0 | up | standard | 6384 | 0 | n
dibao_subsidy_rural | 农村低保月人均补助水平 | 元/人·月 | 1 | neutral | rate | 318.2 | 0.8 | y
dibao_new | 当月新增低保人数 | 人 | 0 | neutral | flow | 17 | 0 | y
dibao_exit | 当月退出低保人数 | 人 | 0 | neutral | flow | 19 | 0 | y
verify_rate | 救助申请核对率 | % | 1 | up | rate | 96.4 | 0.2 | y
tekun_urban_persons | 城市特困人员救助供养人数 | 人 | 0 | neutral | stock | 21 | 0 | y
tekun_rural_persons | 农村特困人员救助供养人数 | 人 | 0 | neutral | stock | 133 | 0.3 | y
tekun_basic_std | 特困人员基本生活标准 | 元/人·月 | 0 | up | standard | 1110 | 0 | n
tekun_dependent_central_rate | 生活不能自理特困人员集中供养率 | % | 1 | up | rate | 52.2 | 0.3 | y
edge_persons | 低保边缘家庭人数 | 人 | 0 | up | stock | 318 | 2 | y
rigid_households | 刚性支出困难家庭户数 | 户 | 0 | up | stock | 44 | 0.4 | y
temp_aid_times | 临时救助人次 | 人次 | 0 | neutral | ytd | 61 | 0.2 | y
temp_aid_level | 临时救助平均水平 | 元/人次 | 1 | neutral | rate | 1834.4 | 4 | y
orphan_total | 孤儿数 | 人 | 0 | neutral | stock | 23 | 0 | y
fact_orphan_total | 事实无人抚养儿童数 | 人 | 0 | neutral | stock | 31 | 0.1 | y
child_director_coverage | 村(居)儿童主任配备率 | % | 1 | meet | rate | 97.5 | 0 | y
pwd_living_recipients | 享受困难残疾人生活补贴人数 | 人 | 0 | neutral | stock | 611 | 1 | y
pwd_living_coverage | 困难残疾人生活补贴覆盖率 | % | 1 | meet | rate | 97.1 | 0.1 | y
pwd_care_recipients | 享受重度残疾人护理补贴人数 | 人 | 0 | neutral | stock | 488 | 1 | y
pwd_care_coverage | 重度残疾人护理补贴覆盖率 | % | 1 | meet | rate | 95.6 | 0.2 | y
old_age_allowance | 享受高龄补贴老年人数 | 人 | 0 | neutral | stock | 1422 | 4 | y
elder_assess_rate | 老年人能力综合评估率 | % | 1 | up | rate | 63.1 | 0.9 | y
inst_count | 养老机构数 | 个 | 0 | neutral | stock | 3 | 0 | y
inst_beds | 养老机构床位数 | 张 | 0 | up | stock | 173 | 1 | y
nursing_beds | 护理型床位数 | 张 | 0 | up | stock | 83 | 0.8 | y
nursing_bed_share | 养老机构护理型床位占比 | % | 1 | up | rate | 48.0 | 0.3 | y
special_elder_visit_rate | 特殊困难老年人月探访率 | % | 1 | meet | rate | 91.4 | 0.6 | y
canteen_count | 幸福食堂数 | 个 | 0 | up | stock | 9 | 0.1 | y
rural_service_facility_coverage | 农村社区综合服务设施覆盖率 | % | 1 | up | rate | 83.9 | 0.2 | y
social_station_coverage | 乡镇社会工作站覆盖率 | % | 1 | up | rate | 100 | 0 | y
ngo_total | 社会组织数 | 个 | 0 | neutral | stock | 37 | 0.1 | n
marriages | 结婚登记对数 | 对 | 0 | neutral | ytd | 88 | 0.2 | n
divorces | 离婚登记对数 | 对 | 0 | neutral | ytd | 19 | 0 | n
vagrant_aid_times | 流浪乞讨人员救助人次 | 人次 | 0 | neutral | ytd | 2 | 0 | n
burial_facility_coverage | 县级公益性安葬(放)设施覆盖率 | % | 1 | meet | rate | 100 | 0 | n
dq_on_time | 报表按时报送率 | % | 1 | up | rate | 92.3 | 0 | y
"""
# indicator | base | target | completion | path | cagr | projection | verified
PLAN = """
nursing_bed_share | 31.0 | 55.0 | 0.708 | moderate_progress | moderate_progress | limited_progress | y
tekun_dependent_central_rate | 38.0 | 60.0 | 0.645 | moderate_progress | moderate_progress | moderate_progress | n
pwd_living_coverage | 88.0 | 100.0 | 0.758 | substantial_progress | substantial_progress | substantial_progress | y
pwd_care_coverage | 88.0 | 100.0 | 0.633 | limited_progress | limited_progress | limited_progress | y
special_elder_visit_rate | 60.0 | 100.0 | 0.785 | substantial_progress | substantial_progress | moderate_progress | n
rural_service_facility_coverage | 50.0 | 80.0 | 1.13 | target_achieved | target_achieved | target_achieved | y
burial_facility_coverage | 0.0 | 100.0 | 1.0 | target_achieved | target_achieved | target_achieved | y
elder_assess_rate | 70.0 | 90.0 | -0.345 | deterioration | deterioration | deterioration | n
payment_ontime_rate | | 100.0 | | | | | y
"""
SHARES = (0.36, 0.24, 0.16, 0.14, 0.10)


def drawn(text):
    return [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]


def county_value(line, month):
    steps = MONTHS.index(month) - len(MONTHS) + 1
    value = float(line[6]) + float(line[7]) * steps
    if line[5] == "ytd":
        value = value * int(month[5:]) / 3
    decimals = int(line[3])
    return float(round(value)) if decimals == 0 else value + math.sin(steps) / 1000


def observation(line, area, month, value, status="A", conf="F"):
    hidden = conf == "C" or status in "ML"
    return {
        "indicator_id": line[0], "ref_area": area, "time_period": month, "freq": "M",
        "residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T",
        "numerator": None if hidden else value, "denominator": None, "obs_value": None if hidden else value,
        "decimals": int(line[3]), "unit_measure": line[2], "obs_status": status, "conf_status": conf,
        "lower_bound": None if hidden else value, "upper_bound": None if hidden else value,
        "definition_version": "1", "note": None,
    }  # fmt: skip


def observations():
    rows = []
    for line in drawn(INDICATORS):
        for month in MONTHS:
            value = county_value(line, month)
            late = line[0] == "elder_assess_rate" and month == MONTH
            estimated = "E" if line[0] == "dibao_coverage" else "A"
            rows.append(observation(line, AREA, month, value, "M" if late else estimated))
            for position, code in enumerate(TOWNSHIPS if line[8] == "y" else []):
                rate = line[5] == "rate"
                part = (
                    value * (0.97 + position / 60)
                    if rate
                    else float(round(value * SHARES[position]))
                )
                if line[2] == "%":
                    part = min(part, 100.0)
                status = "M" if late and position == 4 else estimated
                conf = "C" if line[0] == "orphan_total" and position == 4 else "F"
                rows.append(observation(line, code, month, part, status, conf))
    for band, label in (("CARE_INST", 1800.0), ("CARE_SOCIAL", 1400.0)):
        line = ["orphan_std", "孤儿基本生活费标准", "元/人·月", "0"]
        rows += [observation(line, AREA, month, label) | {"category": band} for month in MONTHS]
    return pl.DataFrame(rows, infer_schema_length=None)


def progress():
    rows = []
    by_id = {line[0]: line for line in drawn(INDICATORS)}
    for line in drawn(PLAN):
        code, base, target, completion, path, cagr, projection, verified = line
        now = county_value(by_id[code], MONTH)
        rows.append({
            "indicator_id": code, "ref_area": AREA, "plan_id": "145", "nature": "expected_national",
            "baseline_period": "2020-12", "baseline_value": float(base) if base else None,
            "target_period": "2025-12", "target_value": float(target), "target_source": "规划",
            "target_verified": verified == "y", "path_value": None, "obs_value": now,
            "completion": float(completion) if completion else None,
            "status_path": path or None, "status_cagr": cagr or None, "status_projection": projection or None,
            "projected_value": now + 2, "projected_low": now - 1, "projected_high": now + 5,
        })  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def quality():
    rows = []
    for dataset in ("dibao_roll", "tekun_roll", "temp_aid", "elder_roll", "elder_assess"):
        for code in TOWNSHIPS:
            gone = dataset == "elder_assess" and code == TOWNSHIPS[4]
            late = gone or (dataset == "temp_aid" and code == TOWNSHIPS[3])
            state = "missing" if gone else "late" if late else "on_time"
            rows.append([MONTH, dataset, code, "completeness", "报送", "warn", 1, 0, state])
            rows.append([MONTH, dataset, code, "K01", "身份证号校验", "error", 100, 0, "pass"])
    rows.append([MONTH, "temp_aid", TOWNSHIPS[3], "F05", "临时救助金额", "warn", 12, 2, "fail"])
    names = [
        "time_period",
        "dataset",
        "township_code",
        "rule_id",
        "title_zh",
        "severity",
        "checked",
        "failed",
        "state",
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def leads():
    names = [
        "month",
        "township_code",
        "rule_id",
        "kind",
        "level",
        "title_zh",
        "leads",
        "open_cases",
        "overdue",
    ]
    rows = [
        [MONTH, code, rule, kind, level, title, count, max(count - 1, 0), count // 3]
        for code, count in zip(TOWNSHIPS, (6, 4, 3, 2, 1), strict=True)
        for rule, kind, level, title in (
            ("LB02", "漏保", "orange", "监测对象风险未消除且未享受任何救助"),
            ("SW01", "死亡", "red", "死亡次月后仍发放"),
        )
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def indicators():
    rows = [
        {"indicator_id": c, "group": "SA", "name_zh": name, "name_en": c.replace("_", " "), "unit_measure": unit,
         "decimals": int(decimals), "direction": direction, "measure": measure,
         "year_to_date": measure == "ytd" or c == "temp_aid_level", "nature": "monitor",
         "definition_zh": f"{name}，示例定义。"}
        for c, name, unit, decimals, direction, measure, *_ in drawn(INDICATORS)
    ]  # fmt: skip
    rows.append(rows[0] | {"indicator_id": "orphan_std", "name_zh": "孤儿基本生活费标准", "unit_measure": "元/人·月",
                           "measure": "standard"})  # fmt: skip
    return pl.DataFrame(rows)


@pytest.fixture(scope="session")
def frames():
    areas = pl.DataFrame({"code": list(AREAS), "name_zh": list(AREAS.values())})
    return ReleaseFrames(
        observations(), progress(), quality(), leads(), indicators(), areas
    ).shaped()


@pytest.fixture(scope="session")
def month():
    return MONTH


@pytest.fixture(scope="session")
def broken_frames(frames):
    """The frames with a new definition of beds from 2023-10, of urban dibao from the newest month, and of the
    elders assessed from the month that nobody has reported."""
    begins = {"inst_beds": "2023-10", "dibao_urban_persons": MONTH, "elder_assess_rate": MONTH}
    later = [
        (pl.col("indicator_id") == code) & (pl.col("time_period") >= first)
        for code, first in begins.items()
    ]
    version = pl.when(pl.any_horizontal(later)).then(pl.lit("2")).otherwise("definition_version")
    return replace(
        frames, observations=frames.observations.with_columns(definition_version=version)
    )


SIGNER = Ed25519PrivateKey.from_private_bytes(b"fictitious signing key, 32 bytes")


def write_release(
    folder, month: str, frames: ReleaseFrames, edition: str = "bureau", **more
) -> Manifest:
    """Write an edition of `month` into `folder`, replacing a draft there."""
    with staged(folder) as work:
        return fill_edition(work, month, frames, editions()[edition], **more)


@pytest.fixture(scope="session")
def signer():
    return SIGNER


@pytest.fixture(scope="session")
def release(frames, month, tmp_path_factory):
    """A draft release written once; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("home") / "drafts" / month / "bureau"
    write_release(
        folder,
        month,
        frames,
        key=SIGNER,
        inputs=[InputHash("dibao.csv", "ab" * 32, "dibao_roll", month)],
    )
    return folder


@pytest.fixture(scope="session")
def published(frames, month, release):
    return Published(prepared(frames, f"{month}-r1", None), month)
