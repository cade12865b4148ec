"""Recount of children, people with disabilities and elders: rolls and who is entitled."""

import polars as pl

from simulation.recount.assistance import BOTH, CODES, SEX
from simulation.recount.cells import (
    Needs,
    blank_where_absent,
    coded,
    count,
    money,
    observe,
    persons,
    within_year,
)
from simulation.recount.known import AREAS, Known, active
from simulation.recount.places import Population, people_of

TYPES = {
    "视力": "TY1",
    "听力": "TY2",
    "言语": "TY3",
    "肢体": "TY4",
    "智力": "TY5",
    "精神": "TY6",
    "多重": "TY7",
}
LEVELS = {"1": "L1", "2": "L2", "3": "L3", "4": "L4"}
GRADES = {
    "能力完好": "GRADE_0", "轻度失能": "GRADE_1", "中度失能": "GRADE_2", "重度失能": "GRADE_3", "完全失能": "GRADE_4", None: "GRADE_U",
}  # fmt: skip


def children(known: Known) -> list[pl.DataFrame]:
    """Orphans and unattended children."""
    rows, needs = (
        active(known, "child_roll").with_columns(
            care=coded("care_form", {"集中养育": "CARE_INST", "社会散居": "CARE_SOCIAL"})
        ),
        Needs(("child_roll",)),
    )
    orphans, others = (
        rows.filter(pl.col("child_class") == word) for word in ("孤儿", "事实无人抚养儿童")
    )
    codes = {"sex": SEX, "category": ["CARE_INST", "CARE_SOCIAL"]}
    by = {"sex": ["sex_code"], "category": ["care"]}
    found = [
        observe(
            known,
            "orphan_total",
            "人",
            "ct",
            count(orphans, persons(), "ct", by),
            needs,
            codes=codes,
        ),
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
    return [*found, *_looked_after(known, rows)]


def _looked_after(known: Known, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Children with a payment, and orphans settled in the year they are eighteen."""
    rows = rows.with_columns(
        kind=coded("child_class", {"孤儿": "ORPHAN", "事实无人抚养儿童": "FACT"})
    )
    by = {"category": ["kind"]}
    covered = observe(
        known, "child_coverage", "%", "ct", count(rows.filter(pl.col("monthly_amount") > 0), persons(), "ct", by),
        Needs(("child_roll",)), denominator=count(rows, persons(), "ct", by), multiplier=100, codes={"category": ["ORPHAN", "FACT"]},
    )  # fmt: skip
    adult = known.rows("child_roll").filter(
        (pl.col("child_class") == "孤儿") & (pl.col("age") == 18)
    )
    adult = within_year(known.months).join(adult, on="month").drop("month").rename({"to": "month"})
    settled = adult.filter(pl.col("adult_settlement").is_in(["就业", "升学", "公租房", "其他"]))
    needs = Needs(year=("child_roll",), columns=(("child_roll", "adult_settlement"),))
    return [
        covered,
        observe(
            known, "orphan_adult_settled", "%", "ct", count(settled, persons(), "ct"), needs,
            denominator=count(adult, persons(), "ct"), multiplier=100,
        ),
    ]  # fmt: skip


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
        found.append(
            observe(
                known,
                f"pwd_{word}_recipients",
                "人",
                "ct",
                people,
                Needs(("pwd_roll",)),
                codes=codes,
            )
        )
        levels = list(LEVELS.values()) if word == "living" else ["L1", "L2"]
        entitled = count(
            eligible[word].with_columns(level=coded("card_level", LEVELS)),
            persons(),
            "ct",
            {"category": ["level"]},
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


def elders(known: Known, leads: pl.DataFrame) -> list[pl.DataFrame]:
    """Recipients of elder subsidies, and how many of the poor ones have a valid assessment."""
    rows = active(known, "elder_roll").with_columns(
        band=_band(), grade=coded("ability_grade", GRADES)
    )
    old = rows.filter(pl.col("subsidy_kind") == "高龄补贴")
    return [*_recipients(known, rows), *_reached(known, rows, old, leads), _assessed(known, rows)]


def vouchers(known: Known) -> list[pl.DataFrame]:
    """Elders with care vouchers and what became of their face value, from the first month of which a list came."""
    came = [month for name, month in known.covered if name == "care_voucher"]
    if not came:
        return []
    rows, needs = known.rows("care_voucher"), Needs(("care_voucher",))
    issued = count(rows.filter(pl.col("issued_amount") > 0), persons(), "ct")
    found = [observe(known, "care_voucher_persons", "人", "ct", issued, needs)]
    for word in ("issued", "used", "expired"):
        summed = count(rows, money(f"{word}_amount"), "ct")
        found.append(
            observe(known, f"care_voucher_{word}", "万元", "ct", summed, needs, multiplier=1e-4)
        )
    return [cells.filter(pl.col("month") >= min(came)) for cells in found]


def _band() -> pl.Expr:
    """The elders' own age groups."""
    groups, age = ((70, "Y_LT70"), (80, "Y70T79"), (90, "Y80T89"), (100, "Y90T99")), pl.col("age")
    return pl.coalesce(
        *(pl.when(age < end).then(pl.lit(code)) for end, code in groups),
        pl.when(age >= 100).then(pl.lit("Y_GE100")),
    )


def _recipients(known: Known, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Recipients of each subsidy."""
    needs = Needs(("elder_roll",), column=("elder_roll", "ability_grade"))
    bands = {"sex": SEX, "age_group": ["Y_LT70", "Y70T79", "Y80T89", "Y90T99", "Y_GE100"]}
    grades = {"sex": SEX, "category": list(GRADES.values())}
    found = []
    for kind, indicator, columns, codes in (
        ("高龄补贴", "old_age_allowance", {"sex": ["sex_code"], "age_group": ["band"]}, bands),
        (
            "养老服务补贴",
            "elder_service_subsidy",
            {"sex": ["sex_code"], "category": ["grade"]},
            grades,
        ),
        ("护理补贴", "elder_care_subsidy", {}, {}),
    ):
        counted = count(rows.filter(pl.col("subsidy_kind") == kind), persons(), "ct", columns)
        found.append(observe(known, indicator, "人", "ct", counted, needs, codes=codes))
    return found


def _assessed(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """Of those who draw for need, the share with an assessment made by then that is valid at the month's end."""
    poor = rows.filter(pl.col("subsidy_kind") != "高龄补贴")
    made = known.rows("elder_assess").sort("uid")
    valid = [poor.clear()]
    for month in known.months:
        these = poor.filter(pl.col("month") == month)
        seen = made.filter(pl.col("month") <= month).unique(
            ["person", "assessed_on"], keep="last", maintain_order=True
        )
        if len(these):
            last = these["month_end"][0]
            seen = seen.filter((pl.col("assessed_on") <= last) & (pl.col("valid_until") >= last))
            valid.append(these.join(seen.select("person").unique(), on="person", how="semi"))
    return observe(
        known, "elder_assess_rate", "%", "ct", count(pl.concat(valid), persons(), "ct"),
        Needs(("elder_roll", "elder_assess")), denominator=count(poor, persons(), "ct"), multiplier=100,
    )  # fmt: skip


def _reached(
    known: Known, rows: pl.DataFrame, old: pl.DataFrame, leads: pl.DataFrame
) -> list[pl.DataFrame]:
    """Recipients of the old-age allowance among those of seventy and over, and recipients no lead speaks against."""
    population, areas = Population(known), [*AREAS]
    seventy = people_of(known, population, "age_70_plus", areas)
    share = observe(
        known, "old_age_coverage", "%", "ct", count(old, persons(), "ct"), Needs(("elder_roll",)), denominator=seventy,
        multiplier=100, estimated=population.is_old,
    )  # fmt: skip
    wrong = leads.filter(pl.col("rule_id") == "CB07").select("person", "month").unique()
    right = rows.join(wrong, on=["person", "month"], how="anti")
    precise = observe(
        known, "elder_subsidy_precision", "%", "ct", count(right, persons(), "ct"), Needs(("elder_roll", "death_list")),
        denominator=count(rows, persons(), "ct"), multiplier=100,
    )  # fmt: skip
    return [blank_where_absent(share, seventy), precise]
