"""Month arithmetic on `YYYY-MM` strings, the only form in which a month is written here."""

import calendar
import datetime as dt
import re
from collections.abc import Sequence

from minzheng.errors import WrongCall

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def check_month(text: str) -> str:
    """Return `text` when it is a month `YYYY-MM` of 1990-2099; `WrongCall` otherwise, also for what is no text."""
    if not _MONTH.fullmatch(str(text)) or not "1990" <= text[:4] <= "2099":
        raise WrongCall(
            f"not a month: {text!r}; write YYYY-MM, for example 2024-03",
            f"月份写法不对:{text};应写作 2024-03",
        )
    return text


def add_months(month: str, count: int) -> str:
    """The month `count` months after `month` (before, when negative)."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """All months from `first` to `last`, both included; empty when `last` is earlier."""
    count = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7]) + 1
    return [add_months(first, step) for step in range(count)]


def month_start(month: str) -> dt.date:
    """First calendar day of the month."""
    return dt.date(int(month[:4]), int(month[5:7]), 1)


def month_end(month: str) -> dt.date:
    """Last calendar day of the month."""
    year, number = int(month[:4]), int(month[5:7])
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def month_zh(month: str) -> str:
    """The month as Chinese documents write it: 2024年3月."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


def contiguous(months: Sequence[str]) -> list[list[str]]:
    """The months cut into unbroken ranges."""
    ranges: list[list[str]] = []
    for month in sorted(months):
        if ranges and add_months(ranges[-1][-1], 1) == month:
            ranges[-1].append(month)
        else:
            ranges.append([month])
    return ranges
