"""Recount of dibao, supported persons and the low-income register."""

import polars as pl

from minzheng.months import add_months
from simulation.recount.cells import PLACES, Needs, coded, count, households, observe, persons
from simulation.recount.known import Known, active, lowinc_now

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
                known,
                f"dibao_{word}_persons",
                "人",
                levels,
                people,
                needs,
                codes=CODES | {"category": ["DIS", "NDIS"]},
            )
        )
        found.append(
            observe(
                known,
                f"dibao_{word}_households",
                "户",
                levels,
                count(part, households(), levels),
                needs,
            )
        )
    herders = rows.filter((pl.col("residence") == "U") & (pl.col("hukou") == "农村"))
    found.append(
        observe(known, "herder_urban_dibao", "人", "ct", count(herders, persons(), "ct"), needs)
    )
    return found + [_new(known, rows), _gone(known, rows)] + _marked(known, rows)


def _marked(known: Known, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Those with a mark in the roll: a top-up, alone in the household, in grace, due for review."""

    def needing(*columns: str) -> Needs:
        return Needs(("dibao_roll",), columns=tuple(("dibao_roll", column) for column in columns))

    first = (pl.col("month") + "-01").str.to_date()
    topped = count(rows.filter(pl.col("top_up_amount") > 0), persons(), "ct")
    single = count(rows.filter(pl.col("single_person_case")), persons(), "ct")
    grace = count(rows.filter(pl.col("grace_until") >= pl.col("month")), households(), "ct")
    due = rows.filter(pl.col("review_due_on").is_between(first, pl.col("month_end")))
    done = due.filter(pl.col("reviewed_on").is_between(first, pl.col("month_end")))
    return [
        observe(known, "dibao_class_aid_persons", "人", "ct", topped, needing("top_up_amount")),
        observe(known, "dibao_single_person", "人", "ct", single, needing("single_person_case")),
        observe(known, "dibao_grace_households", "户", "ct", grace, needing("grace_until")),
        observe(
            known, "dibao_review_rate", "%", "ct", count(done, households(), "ct"), needing("review_due_on", "reviewed_on"),
            denominator=count(due, households(), "ct"), multiplier=100,
        ),
    ]  # fmt: skip


def _shifted(frame: pl.DataFrame) -> pl.DataFrame:
    """People with the month after the one they were seen in."""
    later = {month: add_months(month, 1) for month in frame["month"].unique()}
    return frame.select(
        "person", pl.col("month").replace_strict(later, return_dtype=pl.String)
    ).unique()


def _new(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    stopped = (
        known.rows("dibao_roll")
        .filter(pl.col("status") == "停保")
        .select("person", "month")
        .unique()
    )
    fresh = (
        rows.filter(pl.col("status") == "新增")
        .join(stopped, on=["person", "month"], how="anti")
        .join(_shifted(rows), on=["person", "month"], how="anti")
    )
    numerator = count(fresh, persons(), "ct", {"residence": ["residence"]})
    return observe(
        known,
        "dibao_new",
        "人",
        "ct",
        numerator,
        Needs(("dibao_roll",)),
        codes={"residence": ["U", "R"]},
    )


def _gone(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    stopped = known.rows("dibao_roll").filter(pl.col("status") == "停保")
    gone = stopped.join(
        rows.select("person", "month").unique(), on=["person", "month"], how="anti"
    ).join(_shifted(stopped), on=["person", "month"], how="anti")
    gone = gone.with_columns(
        residence=coded("scheme", RESIDENCE), why=coded("stop_reason", REASONS)
    )
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
        part = count(
            rows.filter(pl.col("area") == area),
            persons(),
            "ct",
            BOTH | {"category": ["form", "care"]},
        )
        found.append(observe(known, f"tekun_{word}_persons", "人", "ct", part, needs, codes=codes))
    central = rows.filter(pl.col("form") == "FORM_C")
    everyone = count(rows, persons(), "ct")
    found.append(
        observe(known, "tekun_central", "人", "ct", count(central, persons(), "ct"), needs)
    )
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
    minors = count(
        rows.filter(pl.col("age").is_in([16, 17])), persons(), "ct", {"sex": ["sex_code"]}
    )
    tiers = count(rows, persons(), "ct", by)
    found.append(
        observe(
            known,
            "tekun_care_tier_persons",
            "人",
            "ct",
            tiers,
            needs,
            codes={"category": list(CARE.values())},
        )
    )
    return [
        *found,
        observe(known, "tekun_minor_16_17", "人", "ct", minors, needs, codes={"sex": SEX}),
    ]


def lowinc(known: Known) -> list[pl.DataFrame]:
    """The low-income register, and everybody under monitoring in one class each."""
    rows, needs = lowinc_now(known), Needs(("lowinc_register",))
    edge, rigid = (
        rows.filter(pl.col("lowinc_class") == word) for word in ("低保边缘", "刚性支出困难")
    )
    found = [
        observe(
            known,
            "edge_persons",
            "人",
            "ct",
            count(edge, persons(), "ct", BOTH),
            needs,
            codes=CODES,
        ),
        observe(known, "edge_households", "户", "ct", count(edge, households(), "ct"), needs),
        observe(known, "rigid_households", "户", "ct", count(rigid, households(), "ct"), needs),
    ]
    columns = ["month", "county", "township", "person"]
    everyone = pl.concat(
        [
            active(known, "tekun_roll").select(*columns, code=pl.lit("TEKUN")),
            active(known, "dibao_roll").select(*columns, code=pl.lit("DIBAO")),
            rows.select(*columns, code=coded("lowinc_class", LOWINC)),
        ]
    ).with_columns(
        rank=pl.col("code").replace_strict(
            {code: number for number, code in enumerate(ORDER)}, return_dtype=pl.Int64
        )
    )
    parts = []
    for level, place in PLACES.items():
        first = everyone.sort("rank", maintain_order=True).unique(
            ["month", "person", *([place] if place else [])], keep="first", maintain_order=True
        )
        parts.append(count(first, persons(), level, {"category": ["code"]}))
    needs = Needs(("dibao_roll", "tekun_roll", "lowinc_register"))
    return [
        *found,
        observe(
            known,
            "lowinc_monitored",
            "人",
            "ct",
            pl.concat(parts),
            needs,
            codes={"category": ORDER},
        ),
    ]
