"""How numbers and dates are printed: rounding half up on the decimal digits, Chinese official forms."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

POINTS = "个百分点"


def rounded(value: float, decimals: int) -> Decimal:
    """`value` rounded half up at `decimals` digits, as a clerk would on paper (2.675 gives 2.68); never minus zero."""
    result = Decimal(repr(float(value))).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )
    return abs(result) if result == 0 else result


def printed(value: float | Decimal, decimals: int) -> str:
    """`value` as printed in the report: fixed decimals, no grouping (GB/T 15835 lets whole texts do without)."""
    return f"{rounded(float(value), decimals):f}"


def date_zh(day: dt.date) -> str:
    """The date as official documents write it, without leading zeros: 2024年4月15日."""
    return f"{day.year}年{day.month}月{day.day}日"


def numeral_zh(number: int) -> str:
    """Chinese numeral of a heading, 1 to 99: 12 gives 十二."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")
