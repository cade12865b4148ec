"""Sentences: what they say for every state of a cell and of what it is compared with."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.publish.cell import Cell, Reference
from minzheng.publish.numbers import date_zh, numeral_zh, printed, rounded
from minzheng.publish.report.sentences import (
    Span,
    change,
    gathered,
    join,
    level,
    listing,
    number,
    plain,
)
from tests.place import AREA


def cell(value, unit="人", decimals=0, state="value", month="2024-03", status="A", version="1"):
    return Cell(
        Reference("x", AREA, month),
        state,
        value if state == "value" else None,
        decimals,
        unit,
        status,
        version,
    )


# now | before | against | measure | unit | decimals | what is said
COMPARISONS = [
    (512, 509, "mom", "stock", "人", 0, "比上月增加3人"),
    (509, 512, "mom", "stock", "人", 0, "比上月减少3人"),
    (512, 512, "mom", "stock", "人", 0, "与上月持平"),
    (512, 500, "yoy", "stock", "人", 0, "同比增长2.4%"),
    (488, 500, "yoy", "stock", "人", 0, "同比下降2.4%"),
    (100001, 100000, "yoy", "stock", "人", 0, "与上年同月基本持平"),
    (12, 10, "yoy", "stock", "人", 0, "比上年同月增加2人"),  # a small base: no percentage
    (3, 0, "yoy", "stock", "人", 0, "比上年同月增加3人"),  # no division by zero
    (52.24, 52.16, "mom", "rate", "%", 1, "与上月持平"),  # equal as printed: 52.2
    (52.26, 52.24, "mom", "rate", "%", 1, "比上月提高0.1个百分点"),  # 52.3 and 52.2 as printed
    (52.2, 53.1, "yoy", "rate", "%", 1, "比上年同月下降0.9个百分点"),
    (740, 720, "yoy", "standard", "元/人·月", 0, "比上年同月提高20元"),
    (6384, 6400, "yoy", "standard", "元/人·年", 0, "比上年同月降低16元"),
    (95.3, 90.0, "yoy", "ytd", "万元", 1, "同比增长5.9%"),
]


@pytest.mark.parametrize(
    ("now", "before", "against", "measure", "unit", "decimals", "said"), COMPARISONS
)
def test_a_comparison_says_direction_and_size(now, before, against, measure, unit, decimals, said):
    assert (
        plain(
            change(cell(now, unit, decimals), cell(before, unit, decimals), against, measure, False)
        )
        == said
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("missing", "上月缺报，不作比较"),
        ("suppressed", "上月数不予公布"),
        ("not_applicable", "上月无适用对象"),
        ("absent", ""),
    ],
)
def test_what_cannot_be_compared_is_said_and_never_computed(state, said):
    assert plain(change(cell(5), cell(None, state=state), "mom", "stock", False)) == said


def test_year_to_date_rows_are_never_compared_with_the_month_before():
    assert change(cell(5), cell(4), "mom", "ytd", True) == []
    assert change(cell(60), cell(50), "yoy", "ytd", True)


def test_a_change_of_definition_forbids_the_comparison():
    assert (
        plain(change(cell(5, version="2"), cell(4), "mom", "stock", False))
        == "口径有调整，与上月不可比"
    )
    sources = (
        replace(cell(5.1, "%", 2), note=f"人口口径:{name}")
        for name in ("常住人口(2024年)", "户籍人口(2023年)")
    )
    assert plain(change(*sources, "yoy", "rate", False)) == "人口口径有变化，与上年同月不可比"


@pytest.mark.parametrize(
    ("given_cell", "said"),
    [
        (cell(512), "人数512人"),
        (cell(0), "人数0人"),
        (cell(6.1549, "%", 2, status="E"), "人数6.15%（E）"),
        (cell(None, state="missing", status="M"), "人数缺报（已报4/5）"),
        (cell(None, state="suppressed"), "人数不予公布（＊）"),
        (cell(None, state="not_applicable", status="L"), "人数本期无适用对象，不计算"),
    ],
)
def test_zero_missing_withheld_and_not_applicable_are_told_apart(given_cell, said):
    assert plain(level(given_cell, "人数", reported=(4, 5))) == said


def test_a_number_carries_the_cell_it_comes_from():
    span = number(cell(512))
    assert span.text == "512"
    assert span.references[0].path == f"x/{AREA}/2024-03"


def test_sentences_are_joined_by_semicolons_and_end_in_one_stop():
    assert plain(join([level(cell(1), "甲"), level(cell(2), "乙")])) == "甲1人；乙2人。"
    assert join([]) == []


def test_long_lists_are_cut_and_counted():
    assert listing(["甲", "乙"]) == "甲、乙"
    assert listing(list("甲乙丙丁戊己庚")) == "甲、乙、丙、丁、戊、己等7项"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (2.675, 2, "2.68"),
        (0.5, 0, "1"),
        (-0.04, 1, "0.0"),
        (1e6, 0, "1000000"),
        (99.95, 1, "100.0"),
    ],
)
def test_numbers_are_rounded_half_up_as_on_paper(value, decimals, text):
    assert printed(value, decimals) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_rounding_moves_a_number_by_at_most_half_a_unit(value, decimals):
    assert abs(rounded(value, decimals) - Decimal(repr(value))) <= Decimal("0.5").scaleb(-decimals)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_difference_said_is_the_difference_of_the_printed_numbers(now, before):
    said = plain(change(cell(float(now)), cell(float(before)), "mom", "stock", False))
    expected = (
        "与上月持平"
        if now == before
        else f"比上月{'增加' if now > before else '减少'}{abs(now - before)}人"
    )
    assert said == expected


def test_dates_and_headings_follow_chinese_official_usage():
    import datetime as dt

    assert date_zh(dt.date(2024, 4, 5)) == "2024年4月5日"
    assert [numeral_zh(n) for n in (1, 10, 12, 20, 21)] == ["一", "十", "十二", "二十", "二十一"]


def test_what_did_not_move_or_did_not_come_is_said_once_and_every_change_by_itself():
    drawn = """
    孤儿数13人        | ，与上月持平
    散居孤儿数9人     | ，比上月增加1人
    事实孤儿数20人    | ，与上月持平
    困境儿童数7人     | ，比上月增加1人
    床位数320张       | ，与上月相比的增减待更正后才能确定
    1—3月支出         | 缺报（已报0/5）
    机构数5个         | ，与上月相比的增减待更正后才能确定
    1—3月临时救助     | 缺报（已报0/5）
    1—3月救助流浪人员 | 缺报（已报4/5）
    社会组织数37个    | ，与上月、上年同月均持平
    城乡社区数9个     | ，与上月、上年同月均持平
    """
    rows = [line.split("|") for line in drawn.strip().splitlines()]
    told = [([Span(head.strip())], [Span(tail.strip())]) for head, tail in rows]
    assert [plain(sentence) for sentence in gathered(told)] == [
        "孤儿数13人、事实孤儿数20人，均与上月持平",
        "散居孤儿数9人，比上月增加1人",
        "困境儿童数7人，比上月增加1人",
        "床位数320张、机构数5个，与上月相比的增减待更正后才能确定",
        "1—3月支出、1—3月临时救助均缺报（已报0/5）",
        "1—3月救助流浪人员缺报（已报4/5）",
        "社会组织数37个、城乡社区数9个，与上月、上年同月均持平",
    ]
