"""A second, small maker of extracts that shares nothing with `simulation`.

Lists of dicts under the senders' headings, moved from month to month by a die, written as workbooks and texts whose columns,
headings, words and scopes differ from file to file.
"""

import csv
import datetime as dt
import io
import random
from collections import defaultdict
from pathlib import Path

import openpyxl

from tests.place import AREA, AREA_NAME

TOWNSHIPS = {
    f"{AREA}202": ("吉尔孟乡", "吉尔孟"),
    f"{AREA}200": ("伊克乌兰乡", "伊克乌兰"),
    f"{AREA}100": ("沙柳河镇", "沙柳河"),
    f"{AREA}201": ("泉吉乡", "泉吉"),
    f"{AREA}101": ("哈尔盖镇", "哈尔盖"),
}
REGIONS = Path(__file__).parents[2] / "contracts" / "regions" / "6322.csv"
HEADINGS = {
    "身份证号": ["身份证号", "公民身份号码", "身份\n证号", "身份证号码"],
    "姓名": ["姓名", "人员姓名", "姓 名"],
    "户编号": ["户编号", "家庭编号"],
    "乡镇": ["乡镇", "乡(镇)", "乡(镇)"],
    "村(社区)": ["村(社区)", "村委会(社区)", "村名"],
    "状态": ["状态", "保障状态"],
    "银行账号": ["银行账号", "开户账号"],
    "行政区划代码": ["行政区划代码", "区划代码"],
}
WORDS = {
    "农村低保": ["农村低保", "农村低保A类", "农村低保"],
    "在保": ["在保", "正常"],
    "集中": ["集中", "集中供养"],
    "半护理": ["半护理", "半自理"],
    "1": ["1", "一级"],
    "3": ["3", "三级"],
}
TITLES = {
    "dibao_roll": "城乡低保花名册",
    "tekun_roll": "特困人员救助供养花名册",
    "temp_aid": "临时救助台账",
    "payment_ledger": "救助补贴资金发放台账",
    "care_facility": "养老机构月报",
}
OPTIONAL = {"dibao_roll": ["残疾等级", "停保原因", "备注"]}
STOPS = ["收入超标", "死亡", "迁出", "核查不符", "自愿退出", "合并", "其他", ""]
CAUSES = ["火灾", "交通事故", "意外伤害", "重病", "教育支出", "自然灾害", "其他"]


def villages() -> dict[str, str]:
    """Code to name of the county's villages and communities."""
    with REGIONS.open(encoding="utf-8") as file:
        return {
            row["code"]: row["name_zh"]
            for row in csv.DictReader(file)
            if len(row["code"]) == 12 and row["code"].startswith(AREA)
        }


def id_number(born: dt.date, order: int) -> str:
    """A valid number of a made-up person; an odd order is a man's."""
    body = f"{AREA}{born:%Y%m%d}{order:03d}"
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def month_after(month: str) -> str:
    """The month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def last_day(month: str) -> dt.date:
    """The month's last day."""
    return dt.date.fromisoformat(month_after(month) + "-01") - dt.timedelta(days=1)


class AnotherCounty:
    """Rows by (dataset, month, township) as they stand after all files, and the files in the order of sending."""

    def __init__(self, months: list[str], seed: int):
        self.months, self.die, self.villages = months, random.Random(seed), villages()
        self.orders = iter(range(1, 100_000))
        self.rows: dict[tuple[str, str, str], list[dict]] = {}
        self.absent: set[tuple[str, str, str, str]] = set()  # dataset, month, township, heading
        people = [self.person() for _ in range(60)]
        for month in months:
            people = self.one_month(people, month)

    def person(self) -> dict:
        """Somebody new on a roll."""
        die, order = self.die, next(self.orders)
        born = dt.date(die.randint(1935, 2012), 1, 1) + dt.timedelta(days=die.randint(0, 364))
        village = die.choice(sorted(self.villages))
        return {
            "姓名": f"虚构{order}", "身份证号": id_number(born, order % 1000), "出生日期": born, "性别": "男" if order % 2 else "女",
            "village": village, "household": f"F{die.randint(1, 25):03d}", "scheme": die.choice(["城市低保", "农村低保", "农村低保"]),
            "disability": die.choice(["", "", "1", "3"]), "roll": die.choice(["dibao_roll"] * 3 + ["tekun_roll"]),
            "form": die.choice(["集中", "分散"]), "care": die.choice(["全自理", "半护理", "全护理"]), "fresh": True,
        }  # fmt: skip

    def one_month(self, people: list[dict], month: str) -> list[dict]:
        """Send the month's rows; returns who is on the rolls after it."""
        rows = defaultdict(list)
        for dataset in TITLES:
            for code in TOWNSHIPS:
                rows[dataset, code] = []
        kept = []
        for one in [*people, *(self.person() for _ in range(self.die.randint(0, 8)))]:
            fate = self.die.random()
            if fate < 0.05:
                self.put(rows, one, month, "停保", self.die.choice(STOPS))
                continue
            if fate < 0.08:  # to another township: stopped in one, new in the other
                self.put(rows, one, month, "停保", "迁出")
                one = one | {"village": self.die.choice(sorted(self.villages)), "fresh": True}
            self.put(
                rows,
                one,
                month,
                "新增" if one["fresh"] else self.die.choice(["在保", "在保", "恢复"]),
            )
            kept.append(one | {"fresh": False})
        for _ in range(self.die.randint(0, 6)):
            self.aid(rows, self.person(), month)
        self.homes(rows, month)
        for (dataset, code), found in rows.items():
            self.rows[dataset, month, code] = found
        return kept

    def place(self, village: str) -> dict:
        """The columns of a place."""
        return {
            "行政区划代码": village,
            "乡镇": TOWNSHIPS[village[:9]][0],
            "村(社区)": self.villages[village],
        }

    def put(self, rows: dict, one: dict, month: str, status: str, reason: str = "") -> None:
        """One line of a roll, and the payments that go with it."""
        amount, code = self.die.randint(20_000, 90_000) / 100, one["village"][:9]
        row = {"统计月份": month, **self.place(one["village"])}
        row |= {name: one[name] for name in ("姓名", "身份证号", "出生日期", "性别")}
        row |= {
            "户口性质": self.die.choice(["农村", "城镇"]),
            "银行账号": "9999" + one["身份证号"][-8:-1],
            "起始年月": "2020-01",
        }
        row |= {"状态": status, "停保原因": reason}
        if one["roll"] == "dibao_roll":
            row |= {
                "户编号": one["household"],
                "救助类别": one["scheme"],
                "保障人口数": 1,
                "月保障金额": amount,
            }
            row |= {"残疾等级": one["disability"], "备注": ""}
            scheme = one["scheme"]
        else:
            row |= {
                "城乡类别": one["scheme"][:2],
                "供养方式": one["form"],
                "自理能力": one["care"],
                "基本生活费": amount,
                "照料护理费": 0,
            }
            row |= {"供养机构代码": "J1" if one["form"] == "集中" else ""}
            scheme = "特困基本生活"
        rows[one["roll"], code].append(row)
        if status != "停保":
            for kind in ["基本"] + ["补发"] * (self.die.random() < 0.1):
                self.pay(rows, one, month, scheme, kind, amount)

    def pay(self, rows: dict, one: dict, month: str, scheme: str, kind: str, amount: float) -> None:
        """One payment, sometimes late, short or not made."""
        due = dt.date.fromisoformat(month + "-10")
        paid = self.die.choice([due, due, due, due + dt.timedelta(days=9), None])
        rows["payment_ledger", one["village"][:9]].append(
            {
                "统计月份": month, "发放编号": f"P{next(self.orders)}", "行政区划代码": one["village"], "发放项目": scheme, "资金类别": kind,
                "姓名": one["姓名"], "身份证号": one["身份证号"], "银行账号": "9999" + one["身份证号"][-8:-1], "应发金额": amount,
                "实发金额": amount if paid and self.die.random() < 0.95 else 0, "应发日期": due, "发放日期": paid, "功能科目": "2081902",
            }
        )  # fmt: skip

    def aid(self, rows: dict, one: dict, month: str) -> None:
        """One grant of emergency aid."""
        day = dt.date.fromisoformat(month + "-01")
        row = {"统计月份": month, **self.place(one["village"]), "救助编号": f"G{next(self.orders)}"}
        row |= {name: one[name] for name in ("姓名", "身份证号", "出生日期", "性别")}
        row |= {
            "申请日期": day,
            "发放日期": day + dt.timedelta(days=self.die.randint(0, 25)),
            "救助类型": "支出型",
        }
        row |= {
            "困难原因": self.die.choice(CAUSES),
            "受益人次": self.die.randint(1, 4),
            "救助金额": self.die.randint(50_000, 400_000) / 100,
        }
        rows["temp_aid", one["village"][:9]].append(
            row | {"本地户籍": self.die.choice(["是", "否"])}
        )

    def homes(self, rows: dict, month: str) -> None:
        """Three institutions, one that opens and one that closes."""
        spans = [(f"{AREA}100001", "社会福利院", "2010-05-01", ""), (f"{AREA}101206", "特困供养机构", "2024-02-15", ""),
                 (f"{AREA}200200", "其他养老机构", "2012-01-01", "2024-02-29")]  # fmt: skip
        for number, (village, kind, opened, closed) in enumerate(spans, 1):
            beds = 20 + 10 * number + self.die.randint(0, 3)
            rows["care_facility", village[:9]].append(
                {
                    "统计月份": month, "行政区划代码": village, "机构代码": f"J{number}", "机构名称": f"虚构{number}号院", "机构类别": kind,
                    "举办方式": "公办公营", "床位数": beds, "护理型床位数": beds // 2, "在院人数": beds - self.die.randint(0, 9), "其中特困": 3,
                    "其中失能": 2, "护理员数": 5, "持证护理员数": 3, "本月培训人次": self.die.randint(0, 6), "文娱设施达标": "是",
                    "开业日期": opened, "停业日期": closed,
                }
            )  # fmt: skip

    def send(self, folder: Path) -> None:
        """Write the files: a county's or townships', most whole, some not sent at all, some without an optional column."""
        for month in self.months:
            for dataset in TITLES:
                if self.die.random() < 0.5:
                    whole = {code: self.rows[dataset, month, code] for code in TOWNSHIPS}
                    self.write(folder, dataset, month, whole, AREA_NAME)
                    continue
                for code in self.die.sample(sorted(TOWNSHIPS), 5):
                    if self.die.random() < 0.05:
                        del self.rows[dataset, month, code]
                    else:
                        own = {code: self.rows[dataset, month, code]}
                        self.write(
                            folder,
                            dataset,
                            month,
                            own,
                            AREA_NAME + self.die.choice(TOWNSHIPS[code]),
                        )

    def correct(self, folder: Path, times: int) -> None:
        """Send some townships' files again, a row less each; the later file holds."""
        sent = [
            key for key, rows in self.rows.items() if len(rows) > 1 and key[0] != "care_facility"
        ]
        for dataset, month, code in self.die.sample(sent, times):
            self.absent -= {key for key in self.absent if key[:3] == (dataset, month, code)}
            rows = self.rows[dataset, month, code]
            rows.pop(self.die.randrange(len(rows)))
            self.write(folder, dataset, month, {code: rows}, AREA_NAME + TOWNSHIPS[code][0])

    def write(
        self, folder: Path, dataset: str, month: str, by_township: dict[str, list[dict]], place: str
    ) -> None:
        """One file: a title, headings in an order of its own, rows, a footer; a workbook or a text."""
        rows = [row for own in by_township.values() for row in own]
        self.die.shuffle(rows)
        names = sorted(
            {
                name
                for key, own in self.rows.items()
                if key[0] == dataset
                for row in own
                for name in row
            }
        )
        for name in OPTIONAL.get(dataset, ()):
            if name in names and self.die.random() < 0.15:
                names.remove(name)
                self.absent |= {(dataset, month, code, name) for code in by_township}
        self.die.shuffle(names)
        headings = [self.die.choice(HEADINGS.get(name, [name])) for name in names]
        title = f"{place}{month[:4]}年{int(month[5:])}月{TITLES[dataset]}"
        lines = [
            [title],
            headings,
            *([self.said(name, row.get(name)) for name in names] for row in rows),
            ["填报人:虚构甲"],
        ]
        folder = folder / month
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{next(self.orders)}"
        if self.die.random() < 0.4:
            book = openpyxl.Workbook()
            for line in lines:
                book.active.append(line)
            book.save(path.with_suffix(".xlsx"))
            return
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        path.with_suffix(".csv").write_bytes(
            text.getvalue().encode(self.die.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
        )

    def said(self, heading: str, value: object) -> str | float:
        """A value as a sender writes it."""
        if isinstance(value, dt.date):
            return self.die.choice(
                [
                    f"{value:%Y-%m-%d}",
                    f"{value:%Y%m%d}",
                    f"{value.year}年{value.month}月{value.day}日",
                ]
            )
        if isinstance(value, str) and heading != "发放项目":
            return self.die.choice(WORDS.get(value, [value]))
        return "" if value is None else value
