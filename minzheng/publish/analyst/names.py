"""Indicators and areas by code or name in either language; a wrong name gets near ones."""

import difflib
from collections.abc import Iterable

import polars as pl

from minzheng.errors import MinzhengError


class UnknownIndicator(MinzhengError):
    """No indicator of that code or name; the message offers near ones."""


class UnknownArea(MinzhengError):
    """No area of that code or name; the message offers near ones."""


def one_of(argument: str, value: object, allowed: Iterable[str]) -> str:
    """`value` where it is allowed; `MinzhengError` names what is, the nearest first."""
    allowed = list(allowed)
    if value in allowed:
        return value
    near = difflib.get_close_matches(str(value).casefold(), allowed, n=1, cutoff=0.4)
    hint, rat = (f"; did you mean {near[0]!r}?", f"；是否应为 {near[0]}？") if near else ("", "")
    raise MinzhengError(
        f"{argument} is {', '.join(allowed)}, not {value!r}{hint}",
        f"{argument} 只能是 {'、'.join(allowed)}，不是 {value}{rat}",
    )


KINDS = {UnknownIndicator: ("indicator", "指标"), UnknownArea: ("area", "地区")}


def resolve(
    name: str, table: pl.DataFrame, error: type[UnknownIndicator] | type[UnknownArea]
) -> str:
    """The first column of the row that has `name` in any column; near names in the error."""
    wanted = str(name).strip().casefold()
    known = {}
    for row in table.iter_rows():
        known |= {str(text).casefold(): (row[0], str(text)) for text in reversed(row) if text}
    if wanted in known:
        return known[wanted][0]
    near = [known[text] for text in difflib.get_close_matches(wanted, known, n=4, cutoff=0.5)]
    near += [
        found for text, found in known.items() if wanted and wanted in text and found not in near
    ]
    told = ", ".join(
        dict.fromkeys(text if text == code else f"{code} ({text})" for code, text in near[:5])
    )
    kind, kind_zh = KINDS[error]
    raise error(
        f"no {kind} {name!r}" + (f"; near: {told}" if told else ""),
        f"没有{kind_zh}“{name}”" + (f"；相近：{told}" if told else ""),
    )
