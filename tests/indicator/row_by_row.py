"""A count of another county's rows one by one, in plain Python, by the contract's words; no SQL, no frames."""

from collections import defaultdict

from tests.indicator.another_county import TOWNSHIPS, AnotherCounty, last_day
from tests.place import AREA

STOPS = {
    "收入超标": "INCOME", "死亡": "DEATH", "迁出": "MOVE", "核查不符": "VERIFY", "自愿退出": "VOLUNTARY", "合并": "MERGE", "其他": "OTHER",
    "": "UNKNOWN",
}  # fmt: skip
CAUSES = {
    "火灾": "CAUSE_FIRE", "交通事故": "CAUSE_TRAFFIC", "意外伤害": "CAUSE_INJURY", "重病": "CAUSE_ILLNESS", "教育支出": "CAUSE_EDU",
    "自然灾害": "CAUSE_DISASTER", "其他": "CAUSE_OTHER",
}  # fmt: skip
CARE = {"全自理": "CARE_SELF", "半护理": "CARE_PARTIAL", "全护理": "CARE_FULL"}
KINDS = {"社会福利院": "K_WELFARE", "特困供养机构": "K_TEKUN", "其他养老机构": "K_OTHER"}
NOTHING = ("_T", "_T", "_T", "_T")


class Count:
    """Cells of the contract's words, counted one row at a time: (indicator, area, month, breakdown) to (status, numerator, denominator)."""

    def __init__(self, county: AnotherCounty):
        self.county, self.cells = county, {}
        for month in county.months:
            self.dibao(month)
            self.tekun(month)
            self.money(month)
            self.aid(month)
            self.homes(month)

    def has(self, dataset: str, month: str, area: str) -> bool:
        """Whether every township of the area has sent."""
        codes = TOWNSHIPS if area == AREA else [area[:9]]
        return all((dataset, month, code) in self.county.rows for code in codes)

    def rows(self, dataset: str, month: str) -> list[dict]:
        """The month's rows, whoever sent them."""
        return [
            row for code in TOWNSHIPS for row in self.county.rows.get((dataset, month, code), ())
        ]

    def year(self, month: str) -> list[str]:
        """January to the month."""
        return [f"{month[:4]}-{number:02d}" for number in range(1, int(month[5:]) + 1)]

    def areas(self, *, land: bool = False) -> list[str]:
        """County, townships and, where asked, villages."""
        return [AREA, *TOWNSHIPS, *(self.county.villages if land else ())]

    def inside(self, row: dict, area: str) -> bool:
        """Whether a row lies in the area; a township's code alone is no village."""
        return row["行政区划代码"].startswith(area)

    def breakdowns(self, row: dict, month: str, *more: str) -> list[tuple]:
        """The total, the sex, the age group and the categories a row counts in."""
        born, end = row["出生日期"], last_day(month)
        age = end.year - born.year - ((end.month, end.day) < (born.month, born.day))
        group = "Y0T17" if age < 18 else "Y18T59" if age < 60 else "Y_GE60"
        sex = "M" if int(row["身份证号"][16]) % 2 else "F"
        return [
            NOTHING,
            ("_T", sex, "_T", "_T"),
            ("_T", "_T", group, "_T"),
            *(("_T", "_T", "_T", code) for code in more),
        ]

    def put(
        self,
        indicator: str,
        area: str,
        month: str,
        key: tuple,
        top: float,
        under: float | None,
        missing: bool,
    ) -> None:
        """One cell: M without its files, L over nothing."""
        status = "M" if missing else "L" if under == 0 else "A"
        numbers = (None, None) if missing else (top, under)
        self.cells[indicator, area, month, *key] = (status, *numbers)

    def persons(
        self,
        indicator: str,
        month: str,
        dataset: str,
        rows: list[tuple[dict, list[tuple]]],
        codes: list[str],
        *,
        land=False,
    ) -> None:
        """Distinct people by area and breakdown."""
        every = [NOTHING, *(("_T", sex, "_T", "_T") for sex in "FM")]
        every += [("_T", "_T", age, "_T") for age in ("Y0T17", "Y18T59", "Y_GE60")] + [
            ("_T", "_T", "_T", code) for code in codes
        ]
        for area in self.areas(land=land):
            found = defaultdict(set)
            for row, keys in rows:
                if self.inside(row, area):
                    for key in keys:
                        found[key].add(row["身份证号"])
            for key in every if len(area) < 12 else [NOTHING]:
                lacks = (
                    key[3] != "_T"
                    and dataset == "dibao_roll"
                    and self.lacks(month, area, "残疾等级")
                )
                missing = lacks or not self.has(dataset, month, area)
                self.put(indicator, area, month, key, len(found[key]), None, missing)

    def lacks(self, month: str, area: str, heading: str) -> bool:
        """Whether a roll of the area came without an optional column."""
        codes = TOWNSHIPS if area == AREA else [area[:9]]
        return any(("dibao_roll", month, code, heading) in self.county.absent for code in codes)

    def dibao(self, month: str) -> None:
        """People and households on dibao, new and gone."""
        rows, before = (
            self.rows("dibao_roll", month),
            f"{int(month[:4]) - (month[5:] == '01')}-{(int(month[5:]) - 2) % 12 + 1:02d}",
        )
        active = [row for row in rows if row["状态"] != "停保"]
        for word, scheme, land in (("urban", "城市低保", False), ("rural", "农村低保", True)):
            own = [row for row in active if row["救助类别"] == scheme]
            told = [
                (row, self.breakdowns(row, month, "DIS" if row["残疾等级"] else "NDIS"))
                for row in own
            ]
            self.persons(
                f"dibao_{word}_persons", month, "dibao_roll", told, ["DIS", "NDIS"], land=land
            )
            for area in self.areas(land=land):
                homes = {
                    (row["行政区划代码"][:9], row["户编号"])
                    for row in own
                    if self.inside(row, area)
                }
                self.put(
                    f"dibao_{word}_households",
                    area,
                    month,
                    NOTHING,
                    len(homes),
                    None,
                    not self.has("dibao_roll", month, area),
                )
        last = self.rows("dibao_roll", before)
        now_on, once_on = (
            {row["身份证号"] for row in part if row["状态"] != "停保"} for part in (rows, last)
        )
        now_off, once_off = (
            {row["身份证号"] for row in part if row["状态"] == "停保"} for part in (rows, last)
        )
        new = [
            row
            for row in active
            if row["状态"] == "新增" and row["身份证号"] not in now_off | once_on
        ]
        gone = [
            row
            for row in rows
            if row["状态"] == "停保" and row["身份证号"] not in now_on | once_off
        ]
        for area in self.areas():
            for indicator, part in (("dibao_new", new), ("dibao_exit", gone)):
                here = [row for row in part if self.inside(row, area)]
                cells = {("_T",) * 4: here}
                for code, scheme in (("U", "城市低保"), ("R", "农村低保")):
                    cells[code, "_T", "_T", "_T"] = [
                        row for row in here if row["救助类别"] == scheme
                    ]
                if indicator == "dibao_exit":
                    for reason, code in STOPS.items():
                        cells["_T", "_T", "_T", code] = [
                            row for row in here if row["停保原因"] == reason
                        ]
                for key, found in cells.items():
                    lacks = key[3] != "_T" and self.lacks(month, area, "停保原因")
                    missing = lacks or not self.has("dibao_roll", month, area)
                    self.put(
                        indicator,
                        area,
                        month,
                        key,
                        len({row["身份证号"] for row in found}),
                        None,
                        missing,
                    )

    def tekun(self, month: str) -> None:
        """Supported persons by area, form and care, and the shares in institutions."""
        active = [row for row in self.rows("tekun_roll", month) if row["状态"] != "停保"]
        codes = ["FORM_C", "FORM_D", *CARE.values()]
        for word, kind in (("urban", "城市"), ("rural", "农村")):
            own = [row for row in active if row["城乡类别"] == kind]
            told = [
                (
                    row,
                    self.breakdowns(
                        row,
                        month,
                        "FORM_C" if row["供养方式"] == "集中" else "FORM_D",
                        CARE[row["自理能力"]],
                    ),
                )
                for row in own
            ]
            self.persons(f"tekun_{word}_persons", month, "tekun_roll", told, codes)
        for area in self.areas():
            here = [row for row in active if self.inside(row, area)]
            need = [row for row in here if row["自理能力"] != "全自理"]
            missing = not self.has("tekun_roll", month, area)
            parts = {
                ("tekun_central_rate", NOTHING): here,
                ("tekun_dependent_central_rate", NOTHING): need,
            }
            for grade in ("半护理", "全护理"):
                key = ("_T", "_T", "_T", CARE[grade])
                parts["tekun_dependent_central_rate", key] = [
                    row for row in need if row["自理能力"] == grade
                ]
            for (indicator, key), under in parts.items():
                top = {row["身份证号"] for row in under if row["供养方式"] == "集中"}
                self.put(
                    indicator,
                    area,
                    month,
                    key,
                    len(top),
                    len({row["身份证号"] for row in under}),
                    missing,
                )

    def money(self, month: str) -> None:
        """Money from January, benefits a head, who was paid in time."""
        for area in self.areas():
            year = [
                row
                for one in self.year(month)
                for row in self.rows("payment_ledger", one)
                if self.inside(row, area)
            ]
            whole = all(self.has("payment_ledger", one, area) for one in self.year(month))
            paid = [row for row in year if row["发放日期"]]
            own = {"civil_spend_ytd": paid}
            own |= {f"dibao_spend_{word}_ytd": [row for row in paid if row["发放项目"] == scheme] for word, scheme in
                    (("urban", "城市低保"), ("rural", "农村低保"))}  # fmt: skip
            for indicator, part in own.items():
                self.put(
                    indicator,
                    area,
                    month,
                    NOTHING,
                    sum(round(row["实发金额"] * 100) for row in part) / 100,
                    None,
                    not whole,
                )
            now = [row for row in self.rows("payment_ledger", month) if self.inside(row, area)]
            for word, scheme in (("urban", "城市低保"), ("rural", "农村低保")):
                benefit = [
                    row
                    for row in now
                    if row["发放日期"]
                    and row["发放项目"] == scheme
                    and row["资金类别"] in ("基本", "分类施保")
                ]
                heads = {row["身份证号"] for row in self.rows("dibao_roll", month)
                         if row["状态"] != "停保" and row["救助类别"] == scheme and self.inside(row, area)}  # fmt: skip
                missing = not (
                    self.has("payment_ledger", month, area) and self.has("dibao_roll", month, area)
                )
                top = sum(round(row["实发金额"] * 100) for row in benefit) / 100
                self.put(f"dibao_subsidy_{word}", area, month, NOTHING, top, len(heads), missing)

    def aid(self, month: str) -> None:
        """Emergency aid from January: times, and yuan a time."""
        for area in self.areas():
            rows = [
                row
                for one in self.year(month)
                for row in self.rows("temp_aid", one)
                if self.inside(row, area)
            ]
            missing = not all(self.has("temp_aid", one, area) for one in self.year(month))
            parts = {NOTHING: rows}
            parts |= {
                ("_T", "_T", "_T", code): [row for row in rows if row["困难原因"] == cause]
                for cause, code in CAUSES.items()
            }
            places = {("_T", "_T", "_T", code): [row for row in rows if row["本地户籍"] == word] for word, code in
                      (("是", "LOCAL"), ("否", "NONLOCAL"))}  # fmt: skip
            for key, part in (parts | places).items():
                times = sum(row["受益人次"] for row in part)
                self.put("temp_aid_times", area, month, key, times, None, missing)
                if key in parts:
                    yuan = sum(round(row["救助金额"] * 100) for row in part) / 100
                    self.put("temp_aid_level", area, month, key, yuan, times, missing)

    def homes(self, month: str) -> None:
        """Beds of the institutions open at the month's end."""
        end = last_day(month).isoformat()
        for area in self.areas():
            rows = [row for row in self.rows("care_facility", month) if self.inside(row, area)]
            open_now = [
                row
                for row in rows
                if row["开业日期"] <= end and not (row["停业日期"] and row["停业日期"] <= end)
            ]
            missing = not self.has("care_facility", month, area)
            kinds = {NOTHING: open_now}
            kinds |= {
                ("_T", "_T", "_T", code): [row for row in open_now if row["机构类别"] == kind]
                for kind, code in KINDS.items()
            }
            for key, part in kinds.items():
                self.put("inst_count", area, month, key, len(part), None, missing)
                self.put(
                    "inst_beds", area, month, key, sum(row["床位数"] for row in part), None, missing
                )
                self.put(
                    "nursing_beds",
                    area,
                    month,
                    key,
                    sum(row["护理型床位数"] for row in part),
                    None,
                    missing,
                )
            beds = sum(row["床位数"] for row in open_now)
            self.put(
                "nursing_bed_share",
                area,
                month,
                NOTHING,
                sum(row["护理型床位数"] for row in open_now),
                beds,
                missing,
            )
            self.put(
                "bed_occupancy",
                area,
                month,
                NOTHING,
                sum(row["在院人数"] for row in open_now),
                beds,
                missing,
            )
            trained = sum(
                row["本月培训人次"]
                for one in self.year(month)
                for row in self.rows("care_facility", one)
                if self.inside(row, area)
            )
            whole = all(self.has("care_facility", one, area) for one in self.year(month))
            self.put("caregiver_trained", area, month, NOTHING, trained, None, not whole)
