"""Cases planted for the lead rules, so that every rule of `contracts/leads` has some in every calendar year.

Each planter changes the frames of one month; a row that was planted for one month ends by itself in the next (`settle`).
"""

from collections import Counter

import numpy as np
import polars as pl

from minzheng.contracts.regions import townships
from simulation.cast import text
from simulation.fixture import FROM_DEATHS, Fixture
from simulation.rolls import persons, rural_village, standard, village_names

ON_PAYMENTS = ("YX03", "CB06")


class Planting(Fixture):
    """One planter a rule, named after it."""

    def lb01(self, count: int) -> None:
        """Someone of an edge household gets a card of level 1."""
        edge = self.frames["lowinc_register"].filter(
            (pl.col("lowinc_class") == "低保边缘") & pl.col("left_on").is_null()
        )
        chosen = self.pick(
            self.outside(edge, "dibao_roll", "tekun_roll", "pwd_card"), count
        ).with_columns(bank_account=pl.lit(""))
        day = self.cast.end_of(self.t).astype(object)
        card = {
            "card_no": pl.col("person_id_no") + "41",
            "disability_type": pl.lit("肢体"),
            "disability_level": pl.lit("1"),
        }
        card |= {
            "long_care_need": pl.lit(False),
            "valid_until": pl.lit(day.replace(year=day.year + 3, day=28)),
        }
        self.add(
            "pwd_card", chosen, self.frames["pwd_card"], injury_nursing_fee=pl.lit(False), **card
        )

    def lb02(self, count: int) -> None:
        """A monitored household's risk is not removed after all."""
        rows = self.frames["monitored_household"].filter(pl.col("risk_removed"))
        scheme = self.frames["lowinc_register"].filter(
            pl.col("lowinc_class").is_in(["低保边缘", "刚性支出困难"])
        )
        rows = rows.filter(
            ~pl.col("person_id_no").is_in(scheme["person_id_no"].drop_nulls().implode())
        )
        chosen = self.pick(self.outside(rows, "dibao_roll", "tekun_roll", "child_roll"), count)
        self.change("monitored_household", chosen, risk_removed=pl.lit(False))

    def lb03(self, count: int) -> None:
        """A stranger has paid three and a half times the yearly rural standard."""
        value = 3.5 * standard(self.cast, self.t, "dibao_std_rural")
        known = self.frames["medical_burden"]
        template = persons(self.cast, np.array([0]), self.t).with_columns(
            own_payment_ytd=pl.lit(0.0), illness_class=pl.lit("重特大疾病")
        )
        chosen = self.pick(self.outside(self.strangers(), "medical_burden"), count)
        self.add(
            "medical_burden",
            chosen,
            template.select(known.columns),
            own_payment_ytd=pl.lit(round(value, 2)),
        )

    def lb04(self, count: int) -> None:
        """Leavers drop out of the low-income register; in a first month without leavers somebody is stopped."""
        kept = self.pick(
            self.frames["lowinc_register"].filter(pl.col("lowinc_class") == "退出两年内"), count
        )
        gone = pl.col("person_id_no").is_in(kept["person_id_no"].implode()).fill_null(False)
        self.frames["lowinc_register"] = self.frames["lowinc_register"].filter(~gone)
        if len(kept) == 0:
            rows = self.active("dibao_roll").filter(
                (pl.col("relation_to_head") != "户主") & ~pl.col("single_person_case")
            )
            stop = {
                "status": pl.lit("停保"),
                "stop_reason": pl.lit("核查不符"),
                "monthly_amount": pl.lit(0.0),
                "top_up_amount": pl.lit(0.0),
            }
            self.change("dibao_roll", self.pick(rows, count), **stop)

    def yx01(self, count: int) -> None:
        """The living subsidy of somebody entitled is not drawn."""
        rows = self.active("pwd_roll").filter(
            (pl.col("living_amount") > 0) & (pl.col("care_amount") > 0)
        )
        self.change("pwd_roll", self.pick(rows, count), living_amount=pl.lit(0.0))

    def yx02(self, count: int) -> None:
        """The care subsidy of somebody entitled is not drawn."""
        rows = self.active("pwd_roll").filter(
            (pl.col("living_amount") > 0) & (pl.col("care_amount") > 0)
        )
        self.change("pwd_roll", self.pick(rows, count), care_amount=pl.lit(0.0))

    def cf01(self, count: int) -> None:
        """Supported persons appear on the dibao roll too."""
        chosen = self.pick(self.outside(self.active("tekun_roll"), "dibao_roll"), count)
        self.add(
            "dibao_roll",
            chosen,
            self.alone(),
            household_no=pl.col("region_code").str.slice(0, 9)
            + "9"
            + pl.col("person").cast(pl.String).str.zfill(6),
        )

    def alone(self) -> pl.DataFrame:
        """A plain dibao row to copy: a head in good health, newly come."""
        rows = self.active("dibao_roll").filter(
            (pl.col("relation_to_head") == "户主")
            & (pl.col("top_up_amount") == 0)
            & ~pl.col("single_person_case")
        )
        month = self.cast.month(self.t)
        return rows[:1].with_columns(
            status=pl.lit("新增"),
            start_month=pl.lit(month),
            household_size_covered=pl.lit(1, dtype=pl.Int64),
        )

    def cf02(self, count: int) -> None:
        """Somebody's row appears in a second township as well: one case on the elder roll, the others on dibao."""
        for name, number in (("elder_roll", 1), ("dibao_roll", count - 1)):
            rows = self.active(name).filter(pl.col("status") == "在保")
            chosen = self.pick(rows, number)
            towns = sorted(townships())
            other = [
                towns[(towns.index(code[:9]) + 1) % len(towns)] for code in chosen["region_code"]
            ]
            region = text([rural_village(code) for code in other])
            copy = chosen.with_columns(
                region_code=region,
                status=pl.lit("新增"),
                start_month=pl.lit(self.cast.month(self.t)),
            )
            copy = copy.with_columns(
                township_name=pl.col("region_code").str.slice(0, 9).replace_strict(townships()),
                village_name=pl.col("region_code").replace_strict(village_names()),
            )
            if name == "dibao_roll":
                copy = copy.with_columns(
                    household_no=pl.col("region_code").str.slice(0, 9)
                    + "8"
                    + pl.col("person").cast(pl.String).str.zfill(6),
                    relation_to_head=pl.lit("户主"),
                    household_size_covered=pl.lit(1, dtype=pl.Int64),
                )
            self.frames[name] = pl.concat(
                [self.frames[name], copy.select(self.frames[name].columns)]
            )

    def on_pwd(self, chosen: pl.DataFrame, level: str = "3") -> None:
        """Put the chosen people on the disability roll with a living subsidy."""
        template = self.active("pwd_roll").filter(pl.col("living_amount") > 0)[:1]
        value = standard(self.cast, self.t, "pwd_living_std", "3-4级" if level in "34" else "1-2级")
        card = {
            "card_no": pl.col("person_id_no") + "4" + level,
            "disability_type": pl.lit("肢体"),
            "disability_level": pl.lit(level),
        }
        come = {"status": pl.lit("新增"), "start_month": pl.lit(self.cast.month(self.t))}
        self.add(
            "pwd_roll",
            chosen,
            template,
            living_amount=pl.lit(value),
            care_amount=pl.lit(0.0),
            **card,
            **come,
        )

    def cf03(self, count: int) -> None:
        """A supported person draws a disability subsidy."""
        self.on_pwd(self.pick(self.outside(self.active("tekun_roll"), "pwd_roll"), count))

    def cf04(self, count: int) -> None:
        """An orphan draws the living subsidy."""
        self.on_pwd(self.pick(self.outside(self.active("child_roll"), "pwd_roll"), count))

    def cf05(self, count: int) -> None:
        """A recipient's card says that a work-injury nursing fee is drawn."""
        rows = self.active("pwd_roll").filter(
            pl.col("person_id_no").is_in(self.people("pwd_card").implode())
        )
        self.change("pwd_card", self.pick(rows, count), injury_nursing_fee=pl.lit(True))

    def hit(self, count: int, kind: str, value: float) -> None:
        """A check of somebody on dibao finds `kind`."""
        day = self.cast.end_of(self.t).astype(object).replace(day=12)
        chosen = self.pick(self.outside(self.active("dibao_roll"), "asset_hit"), count).select(
            "person_id_no", "person", "region_code"
        )
        rows = chosen.with_columns(
            hit_kind=pl.lit(kind), hit_value=pl.lit(value), checked_on=pl.lit(day)
        )
        self.frames["asset_hit"] = pl.concat(
            [self.frames["asset_hit"], rows.select(self.frames["asset_hit"].columns)]
        )

    def cb01(self, count: int) -> None:
        """A vehicle."""
        self.hit(count, "车辆", 1.0)

    def cb02(self, count: int) -> None:
        """A registered business."""
        self.hit(count, "工商登记", 1.0)

    def cb03(self, count: int) -> None:
        """Three homes."""
        self.hit(count, "房产", 3.0)

    def cb04(self, count: int) -> None:
        """Deposits above the limit."""
        self.hit(count, "存款", standard(self.cast, self.t, "asset_deposit_limit") * 1.8)

    def cb05(self, count: int) -> None:
        """Card holders outside dibao and edge draw the living subsidy."""
        who = np.flatnonzero(
            self.cast.group("card") & self.cast.alive(self.t) & (self.cast.death_t > self.t + 1)
        )
        rows = persons(self.cast, who, self.t)
        self.on_pwd(
            self.pick(
                self.outside(
                    rows, "dibao_roll", "lowinc_register", "pwd_roll", "tekun_roll", "child_roll"
                ),
                count,
            )
        )

    def cb07(self, count: int) -> None:
        """The old-age allowance before 70."""
        young = self.active("dibao_roll").filter(
            pl.col("birth_date")
            .dt.year()
            .is_between(
                int(self.cast.month(self.t)[:4]) - 67, int(self.cast.month(self.t)[:4]) - 61
            )
        )
        value = standard(self.cast, self.t, "old_age_std", "70-79")
        rows = self.active("elder_roll").filter(pl.col("subsidy_kind") == "高龄补贴")[:1]
        come = {
            "status": pl.lit("新增"),
            "start_month": pl.lit(self.cast.month(self.t)),
            "monthly_amount": pl.lit(value),
        }
        self.add("elder_roll", self.pick(self.outside(young, "elder_roll"), count), rows, **come)

    def cb08(self, count: int) -> None:
        """Nobody looked whether a centenarian is alive."""
        rows = self.active("elder_roll").filter(pl.col("alive_checked_on").is_not_null())
        self.change(
            "elder_roll", self.pick(rows, count), alive_checked_on=pl.lit(None, dtype=pl.Date)
        )

    def yt01(self, count: int) -> None:
        """A review due fifty days ago did not take place."""
        due = (self.cast.end_of(self.t) - 50).astype(object)
        old = (self.cast.end_of(self.t) - 400).astype(object)
        self.change(
            "dibao_roll",
            self.pick(self.active("dibao_roll"), count),
            review_due_on=pl.lit(due),
            reviewed_on=pl.lit(old),
        )

    def yt02(self, count: int) -> None:
        """A household's income is above the standard and was not reviewed lately."""
        old = (self.cast.end_of(self.t) - 200).astype(object)
        rows = self.active("dibao_roll").filter(
            ~pl.col("single_person_case") & (pl.col("scheme") == "农村低保")
        )
        value = round(1.2 * standard(self.cast, self.t, "dibao_std_rural"), 2)
        self.change(
            "dibao_roll",
            self.pick(rows, count),
            income_per_head_year=pl.lit(value),
            reviewed_on=pl.lit(old),
        )

    def cz01(self, count: int) -> None:
        """A grant above the cap without a decision of its own."""
        value = round(6.5 * standard(self.cast, self.t, "dibao_std_urban"), 0)
        self.change(
            "temp_aid",
            self.pick(self.frames["temp_aid"].filter(~pl.col("case_by_case")), count),
            amount=pl.lit(value),
            case_by_case=pl.lit(False),
        )

    def cz02(self, count: int) -> None:
        """The same person and cause for the third time."""
        chosen = self.pick(self.frames["temp_aid"], count)
        for number in (1, 2):
            again = chosen.with_columns(
                grant_no=pl.col("grant_no") + f"-{number}",
                granted_on=pl.col("granted_on").dt.offset_by("1d"),
            )
            again = again.filter(pl.col("granted_on") <= self.cast.end_of(self.t).astype(object))
            again = (
                chosen.with_columns(grant_no=pl.col("grant_no") + f"-{number}")
                if len(again) < len(chosen)
                else again
            )
            self.frames["temp_aid"] = pl.concat([self.frames["temp_aid"], again])

    def cz03(self, count: int) -> None:
        """A share above the standard."""
        limit = standard(self.cast, self.t, "dibao_std_rural") / 12
        chosen = self.pick(self.active("dibao_roll").filter(pl.col("scheme") == "农村低保"), count)
        self.change(
            "dibao_roll",
            chosen,
            monthly_amount=(pl.col("top_up_amount") + round(limit + 60, 2)).round(2),
        )

    def yx03(self, count: int) -> None:
        """A payment bounced."""
        rows = self.frames["payment_ledger"].filter(
            (pl.col("payment_kind") == "基本")
            & pl.col("scheme").is_in(["农村低保", "特困基本生活"])
        )
        chosen = self.pick(rows, count)["payment_no"]
        hit = pl.col("payment_no").is_in(chosen.implode())
        self.frames["payment_ledger"] = self.frames["payment_ledger"].with_columns(
            amount_paid=pl.when(hit).then(0.0).otherwise("amount_paid"),
            paid_on=pl.when(hit).then(None).otherwise("paid_on"),
        )

    def cb06(self, count: int) -> None:
        """Strangers are paid dibao."""
        template = self.frames["payment_ledger"].filter(
            (pl.col("scheme") == "农村低保")
            & (pl.col("payment_kind") == "基本")
            & pl.col("paid_on").is_not_null()
        )[:1]
        number = pl.lit("FF" + self.cast.month(self.t).replace("-", "") + "9") + pl.col(
            "person_id_no"
        ).str.slice(10, 7)
        self.add("payment_ledger", self.pick(self.strangers(), count), template, payment_no=number)

    def sow(self, rules: Counter, *, payments: bool) -> None:
        """Plant the month's cases, those on payments apart: they come after the rolls have been paid."""
        for rule, count in sorted(rules.items()):
            if rule not in FROM_DEATHS and (rule in ON_PAYMENTS) == payments:
                getattr(self, rule.lower())(count)
