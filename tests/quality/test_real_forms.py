"""The identities of the money and facility rules on the ministry's published forms; a deviation is an error of the source.

The forms stay where they are: MINZHENG_REALDATA names the folder that holds `cn_mca_reports`.
"""

import os
import re
from pathlib import Path

import pytest

FORMS = Path(os.environ.get("MINZHENG_REALDATA", "")) / "cn_mca_reports"
pytestmark = pytest.mark.skipif(
    not os.environ.get("MINZHENG_REALDATA") or not FORMS.is_dir(),
    reason="MINZHENG_REALDATA does not name the folder of the published forms",
)

FUJIAN_2019, DONGGUAN, FUJIAN_2021, BEIJING = (
    "fujian_2019-06_quarterly_partial.txt",
    "dongguan_2018-09_quarterly_partial.txt",
    "fujian_2021-06_quarterly_partial.txt",
    "beijing_2022-03_monthly_partial.txt",
)


def rows(name: str) -> list[tuple[str, list[float]]]:
    """Row names and the numbers behind them, in the order of the form."""
    found = []
    for line in (FORMS / name).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 1:
            told = re.match(r"\s*(.*?)(?:亿元|万[张人户次]|人次)*(-?[\d,]+(?:\.\d+)?)?$", line)
            cells = [told[1].strip(), told[2] or ""]
        numbers = [
            float(cell.replace(",", ""))
            for cell in cells[1:]
            if re.fullmatch(r"-?[\d,]+(\.\d+)?", cell)
        ]
        found.append((cells[0], numbers))
    return found


def amount(name: str, pattern: str, turn: int = 0, column: int = 0) -> float:
    """The number in the row whose name matches; `turn` picks among rows of the same name."""
    hits = [numbers for label, numbers in rows(name) if re.search(pattern, label) and numbers]
    return hits[turn][column]


@pytest.mark.parametrize("form", [FUJIAN_2019, DONGGUAN])
@pytest.mark.parametrize("column", [0, 1])
def test_dibao_money_is_benefit_plus_temporary_subsidy_in_town_and_country(form, column):
    for area in ("城市", "农村"):
        whole = amount(form, f"{area}低保累计支出", column=column)
        parts = amount(form, f"^I {area}低保金", column=column) + amount(
            form, f"II {area}低保临时补助", column=column
        )
        assert whole == pytest.approx(parts, abs=0.051)


@pytest.mark.parametrize("form", [FUJIAN_2019, DONGGUAN])
@pytest.mark.parametrize("column", [0, 1])
def test_dibao_is_town_and_country_and_not_more_than_all_aid(form, column):
    dibao = amount(form, r"\(1\)最低生活保障", column=column)
    towns = amount(form, "城市低保累计支出", column=column) + amount(
        form, "农村低保累计支出", column=column
    )
    assert dibao == pytest.approx(towns, abs=0.051)
    tekun = amount(form, r"\(2\)特困人员救助供养支出", column=column)
    assert dibao + tekun <= amount(form, "社会救助$", column=column)


def test_tekun_money_is_town_and_country():
    whole = amount(FUJIAN_2019, r"\(2\)特困人员救助供养支出")
    assert whole == pytest.approx(
        amount(FUJIAN_2019, "^A 城市特困") + amount(FUJIAN_2019, "^B 农村特困"), abs=0.051
    )


def test_township_units_add_up():
    kinds = [amount(FUJIAN_2019, pattern) for pattern in (r"^1\.镇", r"^2\.乡小计", r"^3\.街道")]
    assert sum(kinds) == amount(FUJIAN_2019, "乡镇级合计") == 1106


def test_facilities_by_kind_add_up():
    assert [
        amount(form, "提供住宿的民政机构$") - sum(amount(form, f"^{kind}$") for kind in kinds)
        for form, kinds in [
            (
                FUJIAN_2021,
                ("养老机构", "精神疾病服务机构", "儿童福利和救助保护机构", "其他提供住宿机构"),
            ),
            (
                BEIJING,
                ("养老机构", "精神疾病服务机构", "儿童福利和救助保护机构", "其他提供住宿机构"),
            ),
        ]
    ] == [0, 0]


def test_rounded_parts_may_miss_their_sum_by_half_a_unit_each_and_no_more():
    parts = [
        amount(FUJIAN_2021, f"{kind}床位$")
        for kind in ("养老机构", "精神疾病服务机构", "儿童福利和救助保护机构", "其他提供住宿机构")
    ]
    assert amount(FUJIAN_2021, "提供住宿的民政机构床位") == pytest.approx(
        sum(parts), abs=0.05 * (len(parts) + 1)
    )
    orphans = amount(FUJIAN_2021, "集中养育孤儿") + amount(FUJIAN_2021, "社会散居孤儿")
    assert amount(FUJIAN_2021, "^孤儿$") == pytest.approx(orphans, abs=0.15)


# What the published forms say against their own identities: errors of the source, never of the rules.
ERRORS_OF_THE_SOURCE = {
    (FUJIAN_2019, "乡镇级合计"): "the column of growth holds the count of the month before",
    (FUJIAN_2019, "1.镇"): "the column of growth holds the count of the month before",
    (FUJIAN_2019, "2.乡小计"): "the column of growth holds the count of the month before",
    (FUJIAN_2019, "其中:民族乡"): "the column of growth holds the count of the month before",
    (FUJIAN_2019, "3.街道"): "the column of growth holds the count of the month before",
    (
        DONGGUAN,
        "B 农村特困人员救助供养支出",
    ): "money with two decimals (879.70) in a form of one (rule B08)",
}


@pytest.mark.parametrize("form", [FUJIAN_2019, DONGGUAN])
def test_the_printed_growth_follows_from_the_two_columns_or_is_an_error_of_the_source(form):
    deviations = {
        (form, label)
        for label, numbers in rows(form)
        if label != "甲" and len(numbers) >= 3 and numbers[1] and abs(round(100 * (numbers[0] / numbers[1] - 1), 2) - numbers[2]) > 0.011
    }  # fmt: skip
    known = {at for at, why in ERRORS_OF_THE_SOURCE.items() if at[0] == form and "growth" in why}
    quarters_alone = {
        at for at in deviations if any(at == (form, name) for name in NO_GROWTH_PRINTED)
    }
    assert deviations - quarters_alone == known


# Rows whose third number is the month before, because growth is left blank where nothing moved: no deviation.
NO_GROWTH_PRINTED = ("II 城市低保临时补助", "II 农村低保临时补助")


@pytest.mark.parametrize("form", [FUJIAN_2019, DONGGUAN])
def test_money_has_one_decimal_or_is_an_error_of_the_source(form):
    deviations = set()
    for line in (FORMS / form).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        amounts = [cells[2], cells[3], *cells[5:6]] if len(cells) > 5 and cells[1] == "万元" else []
        if any(amount and not re.fullmatch(r"[\d,]+\.\d", amount) for amount in amounts):
            deviations.add((form, cells[0]))
    assert deviations == {
        at for at, why in ERRORS_OF_THE_SOURCE.items() if at[0] == form and "decimals" in why
    }


@pytest.mark.parametrize("form", [FUJIAN_2019, DONGGUAN])
def test_running_totals_do_not_fall_from_quarter_to_month_to_quarter(form):
    """M01 on the columns 上季度, 上月, 数量 of a year's form, wherever all three and the growth are printed."""
    told = [
        numbers
        for label, numbers in rows(form)
        if "." in str(numbers) and len(numbers) == 4 and label != "甲"
    ]
    assert len(told) >= 8
    assert [numbers for numbers in told if not numbers[1] <= numbers[3] <= numbers[0]] == []


def test_parts_of_expenditure_do_not_pass_the_whole():
    for column in (0, 1):
        welfare = sum(
            amount(FUJIAN_2019, pattern, column=column)
            for pattern in ("儿童福利$", "老年人福利$", "残疾人福利$")
        )
        assert welfare <= amount(FUJIAN_2019, r"1\.社会福利", column=column)
        whole = amount(DONGGUAN, "社会服务事业费累计支出", column=column)
        assert (
            sum(
                amount(DONGGUAN, f"^{part}", column=column)
                for part in (r"1\.抚恤", r"2\.退役", r"3\.社会福利", r"4\.社会救助")
            )
            <= whole
        )


def test_the_yearly_rural_standard_of_beijing_is_twelve_monthly_ones():
    """D11 and T06: one standard for town and country, printed once by the month and once by the year."""
    assert amount(BEIJING, "最低生活保障平均标准", 1) == 12 * amount(
        BEIJING, "最低生活保障平均标准", 0
    )


ZUNYI = "zunyi_2024-06_quarterly.txt"


def wrapped(label: str) -> float:
    """The number behind a label of the form of Zunyi, whose labels run over several lines before the unit."""
    text = (FORMS / ZUNYI).read_text(encoding="utf-8")
    return float(
        re.search(rf"{label}[^|]*\|+\s*(?:个|人|对|万元)\s*\|\s*([\d,.]+)", text)[1].replace(
            ",", ""
        )
    )


def test_the_form_of_zunyi_holds_its_identities_in_the_parts_it_prints():
    """F04: homes for elders are among the lodging institutions; B08: counts are whole. N01: the form prints no whole of organisations."""
    assert (wrapped("#养老机构"), wrapped("提供住宿的民政机构")) == (245, 258)
    counted = (
        "#镇",
        r"\n乡 ",
        "街道",
        "城乡特困人员救助供养人数",
        "享受困难残疾人生活补贴人数",
        "享受重度残疾人护理补贴人数",
        "结婚登记",
        "离婚登记",
    )
    assert all(wrapped(label).is_integer() for label in counted)
    assert wrapped("社会团体") + wrapped("民办非企业单位") == 2840
    assert "基金会" not in (FORMS / ZUNYI).read_text(encoding="utf-8")
