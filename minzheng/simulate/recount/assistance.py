"""Recount of low-income assistance, supported persons, children, disability and elders: rolls and registers."""

import polars as pl

from minzheng.months import add_months
from minzheng.simulate.recount.cells import Needs, coded, count, households, observe, persons
from minzheng.simulate.recount.known import Known, active, lowinc_now

SEX, AGES = ["F", "M"], ["Y0T17", "Y18T59", "Y_GE60"]
BOTH = {"sex": ["sex_code"], "age_group": ["age_code"]}
CODES = {"sex": SEX, "age_group": AGES}
DISABLED = {"1": "DIS", "2": "DIS", "3": "DIS", "4": "DIS", None: "NDIS"}
REASONS = {
    "收入超标": "INCOME", "死亡": "DEATH", "迁出": "MOVE", "核查不符": "VERIFY", "自愿退出": "VOLUNTARY", "合并": "MERGE", "其他": "OTHER", None: "UNKNOWN",
}  # fmt: skip
RESIDENCE = {"城市低保": "U", "农村低保": "R"}
FORMS, CARE = (
    {"集中": "FORM_C", "分散": "FORM_D"},
    {"全自理": "CARE_SELF", "半护理": "CARE_PARTIAL", "全护理": "CARE_FULL"},
)
TYPES = {"视力": "TY1", "听力": "TY2", "言语": "TY3", "肢体": "TY4", "智力": "TY5", "精神": "TY6", "多重": "TY7"}
LEVELS = {"1": "L1", "2": "L2", "3": "L3", "4": "L4"}
GRADES = {
    "能力完好": "GRADE_0", "轻度失能": "GRADE_1", "中度失能": "GRADE_2", "重度失能": "GRADE_3", "完全失能": "GRADE_4", None: "GRADE_U",
}  # fmt: skip
LOWINC = {
    "低保边缘": "EDGE",
    "刚性支出困难": "RIGID",
    "防返贫监测": "MONITORED",
    "申请未通过": "REJECTED",
    "退出两年内": "EXITED",
}
ORDER = ["TEKUN", "DIBAO", *LOWINC.values()]


def dibao(known: Known) -> list[pl.DataFrame]:
    """Persons and households on dibao, urban and rural, and those new and gone."""
    rows = active(known, "dibao_roll").with_columns(
        residence=coded("scheme", RESIDENCE), dis=coded("disability_level", DISABLED)
    )
    found = []
    needs = Needs(("dibao_roll",), column=("dibao_roll", "disability_level"))
    for word, code, levels in (("urban", "U", "ct"), ("rural", "R", "ctv")):
        part = rows.filter(pl.col("residence") == code)
        people = count(part, persons(), levels, BOTH | {"category": ["dis"]})
        found.append(
            observe(
                known, f"dibao_{word}_persons", "人", levels, people, needs, codes=CODES | {"category": ["DIS", "NDIS"]}
            )
        )
        found.append(observe(known, f"dibao_{word}_households", "户", levels, count(part, households(), levels), needs))
    herders = rows.filter((pl.col("residence") == "U") & (pl.col("hukou") == "农村"))
    found.append(observe(known, "herder_urban_dibao", "人", "ct", count(herders, persons(), "ct"), needs))
    return found + [_new(known, rows), _gone(known, rows)]


def _shifted(frame: pl.DataFrame) -> pl.DataFrame:
    """People with the month after the one they were seen in."""
    later = {month: add_months(month, 1) for month in frame["month"].unique()}
    return frame.select("person", pl.col("month").replace_strict(later, return_dtype=pl.String)).unique()


def _new(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    stopped = known.rows("dibao_roll").filter(pl.col("status") == "停保").select("person", "month").unique()
    fresh = (
        rows.filter(pl.col("status") == "新增")
        .join(stopped, on=["person", "month"], how="anti")
        .join(_shifted(rows), on=["person", "month"], how="anti")
    )
    numerator = count(fresh, persons(), "ct", {"residence": ["residence"]})
    return observe(known, "dibao_new", "人", "ct", numerator, Needs(("dibao_roll",)), codes={"residence": ["U", "R"]})


def _gone(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    stopped = known.rows("dibao_roll").filter(pl.col("status") == "停保")
    gone = stopped.join(rows.select("person", "month").unique(), on=["person", "month"], how="anti").join(
        _shifted(stopped), on=["person", "month"], how="anti"
    )
    gone = gone.with_columns(residence=coded("scheme", RESIDENCE), why=coded("stop_reason", REASONS))
    numerator = count(gone, persons(), "ct", {"residence": ["residence"], "category": ["why"]})
    needs = Needs(("dibao_roll",), column=("dibao_roll", "stop_reason"))
    return observe(
        known,
        "dibao_exit",
        "人",
        "ct",
        numerator,
        needs,
        codes={"residence": ["U", "R"], "category": list(REASONS.values())},
    )


def tekun(known: Known) -> list[pl.DataFrame]:
    """Supported persons by area, form of support and need of care."""
    rows = active(known, "tekun_roll").with_columns(
        form=coded("support_form", FORMS), care=coded("self_care_grade", CARE)
    )
    needs, found = Needs(("tekun_roll",)), []
    codes = CODES | {"category": [*FORMS.values(), *CARE.values()]}
    for word, area in (("urban", "城市"), ("rural", "农村")):
        part = count(rows.filter(pl.col("area") == area), persons(), "ct", BOTH | {"category": ["form", "care"]})
        found.append(observe(known, f"tekun_{word}_persons", "人", "ct", part, needs, codes=codes))
    central = rows.filter(pl.col("form") == "FORM_C")
    everyone = count(rows, persons(), "ct")
    found.append(observe(known, "tekun_central", "人", "ct", count(central, persons(), "ct"), needs))
    found.append(
        observe(
            known,
            "tekun_central_rate",
            "%",
            "ct",
            count(central, persons(), "ct"),
            needs,
            denominator=everyone,
            multiplier=100,
        )
    )
    dependent = pl.col("self_care_grade").is_in(["半护理", "全护理"])
    by = {"category": ["care"]}
    found.append(
        observe(
            known,
            "tekun_dependent_central_rate",
            "%",
            "ct",
            count(central.filter(dependent), persons(), "ct", by),
            needs,
            denominator=count(rows.filter(dependent), persons(), "ct", by),
            multiplier=100,
            codes={"category": ["CARE_PARTIAL", "CARE_FULL"]},
        )  # fmt: skip
    )
    minors = count(rows.filter(pl.col("age").is_in([16, 17])), persons(), "ct", {"sex": ["sex_code"]})
    return [*found, observe(known, "tekun_minor_16_17", "人", "ct", minors, needs, codes={"sex": SEX})]


def lowinc(known: Known) -> list[pl.DataFrame]:
    """The low-income register, and everybody under monitoring in one class each."""
    rows, needs = lowinc_now(known), Needs(("lowinc_register",))
    edge, rigid = (rows.filter(pl.col("lowinc_class") == word) for word in ("低保边缘", "刚性支出困难"))
    found = [
        observe(known, "edge_persons", "人", "ct", count(edge, persons(), "ct", BOTH), needs, codes=CODES),
        observe(known, "edge_households", "户", "ct", count(edge, households(), "ct"), needs),
        observe(known, "rigid_households", "户", "ct", count(rigid, households(), "ct"), needs),
    ]
    columns = ["month", "township", "person"]
    everyone = pl.concat(
        [
            active(known, "tekun_roll").select(*columns, code=pl.lit("TEKUN")),
            active(known, "dibao_roll").select(*columns, code=pl.lit("DIBAO")),
            rows.select(*columns, code=coded("lowinc_class", LOWINC)),
        ]
    ).with_columns(
        rank=pl.col("code").replace_strict({code: number for number, code in enumerate(ORDER)}, return_dtype=pl.Int64)
    )
    parts = []
    for area, levels in ((["month", "person"], "c"), (["month", "person", "township"], "t")):
        first = everyone.sort("rank", maintain_order=True).unique(area, keep="first", maintain_order=True)
        parts.append(count(first, persons(), levels, {"category": ["code"]}))
    needs = Needs(("dibao_roll", "tekun_roll", "lowinc_register"))
    return [*found, observe(known, "lowinc_monitored", "人", "ct", pl.concat(parts), needs, codes={"category": ORDER})]


def children(known: Known) -> list[pl.DataFrame]:
    """Orphans and unattended children."""
    rows, needs = (
        active(known, "child_roll").with_columns(
            care=coded("care_form", {"集中养育": "CARE_INST", "社会散居": "CARE_SOCIAL"})
        ),
        Needs(("child_roll",)),
    )
    orphans, others = (rows.filter(pl.col("child_class") == word) for word in ("孤儿", "事实无人抚养儿童"))
    codes = {"sex": SEX, "category": ["CARE_INST", "CARE_SOCIAL"]}
    by = {"sex": ["sex_code"], "category": ["care"]}
    return [
        observe(known, "orphan_total", "人", "ct", count(orphans, persons(), "ct", by), needs, codes=codes),
        observe(
            known,
            "fact_orphan_total",
            "人",
            "ct",
            count(others, persons(), "ct", {"sex": ["sex_code"]}),
            needs,
            codes={"sex": SEX},
        ),
        observe(
            known,
            "orphan_institution",
            "人",
            "ct",
            count(orphans.filter(pl.col("care") == "CARE_INST"), persons(), "ct"),
            needs,
        ),
        observe(
            known,
            "orphan_social",
            "人",
            "ct",
            count(orphans.filter(pl.col("care") == "CARE_SOCIAL"), persons(), "ct"),
            needs,
        ),
    ]


def disability(known: Known, eligible: dict[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Recipients of the two disability subsidies, and how many of those entitled they are."""
    rows = active(known, "pwd_roll").with_columns(
        level=coded("disability_level", LEVELS), kind=coded("disability_type", TYPES)
    )
    found, codes = [], CODES | {"category": [*LEVELS.values(), *TYPES.values()]}
    needed = {
        "living": ("pwd_roll", "dibao_roll", "pwd_card", "tekun_roll", "child_roll"),
        "care": ("pwd_roll", "pwd_card", "tekun_roll"),
    }
    for word in ("living", "care"):
        drawn = rows.filter(pl.col(f"{word}_amount") > 0)
        people = count(drawn, persons(), "ct", BOTH | {"category": ["level", "kind"]})
        found.append(observe(known, f"pwd_{word}_recipients", "人", "ct", people, Needs(("pwd_roll",)), codes=codes))
        levels = list(LEVELS.values()) if word == "living" else ["L1", "L2"]
        entitled = count(
            eligible[word].with_columns(level=coded("card_level", LEVELS)), persons(), "ct", {"category": ["level"]}
        )
        found.append(
            observe(
                known,
                f"pwd_{word}_coverage",
                "%",
                "ct",
                count(drawn, persons(), "ct", {"category": ["level"]}),
                Needs(needed[word]),
                denominator=entitled,
                multiplier=100,
                codes={"category": levels},
            )  # fmt: skip
        )
    return found


def elders(known: Known) -> list[pl.DataFrame]:
    """Recipients of elder subsidies, and how many of the poor ones have a valid assessment."""
    age = pl.col("age")
    band = (
        pl.when(age < 70)
        .then(pl.lit("Y_LT70"))
        .when(age < 80)
        .then(pl.lit("Y70T79"))
        .when(age < 90)
        .then(pl.lit("Y80T89"))
    )
    band = band.when(age < 100).then(pl.lit("Y90T99")).when(age >= 100).then(pl.lit("Y_GE100"))
    rows = active(known, "elder_roll").with_columns(band=band, grade=coded("ability_grade", GRADES))
    old, service, care = (
        rows.filter(pl.col("subsidy_kind") == word) for word in ("高龄补贴", "养老服务补贴", "护理补贴")
    )
    needs = Needs(("elder_roll",), column=("elder_roll", "ability_grade"))
    bands = {"sex": SEX, "age_group": ["Y_LT70", "Y70T79", "Y80T89", "Y90T99", "Y_GE100"]}
    found = [
        observe(
            known,
            "old_age_allowance",
            "人",
            "ct",
            count(old, persons(), "ct", {"sex": ["sex_code"], "age_group": ["band"]}),
            needs,
            codes=bands,
        ),
        observe(
            known,
            "elder_service_subsidy",
            "人",
            "ct",
            count(service, persons(), "ct", {"sex": ["sex_code"], "category": ["grade"]}),
            needs,
            codes={"sex": SEX, "category": list(GRADES.values())},
        ),  # fmt: skip
        observe(known, "elder_care_subsidy", "人", "ct", count(care, persons(), "ct"), needs),
    ]
    poor = rows.filter(pl.col("subsidy_kind") != "高龄补贴")
    made = known.rows("elder_assess").sort("uid")
    valid = []
    for month in known.months:
        these = poor.filter(pl.col("month") == month)
        seen = made.filter(pl.col("month") <= month).unique(["person", "assessed_on"], keep="last", maintain_order=True)
        if len(these):
            last = these["month_end"][0]
            seen = seen.filter((pl.col("assessed_on") <= last) & (pl.col("valid_until") >= last))
            valid.append(these.join(seen.select("person").unique(), on="person", how="semi"))
    needs = Needs(("elder_roll", "elder_assess"))
    assessed = count(pl.concat(valid) if valid else poor.clear(), persons(), "ct")
    return [
        *found,
        observe(
            known,
            "elder_assess_rate",
            "%",
            "ct",
            assessed,
            needs,
            denominator=count(poor, persons(), "ct"),
            multiplier=100,
        ),
    ]
