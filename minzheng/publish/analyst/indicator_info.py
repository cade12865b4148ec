"""What an indicator is, in both languages, and what a release holds of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minzheng.contracts.editions import CODE_LENGTH, Level
from minzheng.contracts.indicators import registry


@dataclass(frozen=True)
class IndicatorInfo:
    """What an indicator is, in both languages, and which months and areas the release holds of it."""

    code: str
    name_zh: str
    name_en: str
    group: str
    unit: str
    decimals: int
    measure: str
    direction: str
    nature: str
    definition_zh: str
    definition_en: str
    numerator: str
    denominator: str | None
    breakdowns: Mapping[str, Mapping[str, str]]
    clauses: tuple[str, ...]
    versions: tuple[str, ...]
    baseline: float | None
    baseline_period: str | None
    target: float | None
    target_period: str | None
    target_source: str | None
    target_verified: bool | None
    first: str | None
    last: str | None
    levels: tuple[Level, ...]


def indicator_info(
    named: Mapping[str, Any], held: Mapping[str, Any], plan: Mapping[str, Any]
) -> IndicatorInfo:
    """The info from a release's `indicators` row, the months and code lengths `held`, its progress row (empty without one)."""
    known = registry().get(named["indicator_id"])
    lengths = held["lengths"] or []
    return IndicatorInfo(
        code=named["indicator_id"],
        name_zh=named["name_zh"],
        name_en=named["name_en"] or "",
        group=named["group"] or "",
        unit=named["unit_measure"] or "",
        decimals=named["decimals"] or 0,
        measure=named["measure"] or "",
        direction=named["direction"] or "",
        nature=named["nature"] or "",
        definition_zh=named["definition_zh"] or "",
        definition_en=known.definition.en if known else "",
        numerator=known.numerator if known else "",
        denominator=known.denominator if known else None,
        breakdowns={name: dict(part.codes) for name, part in known.breakdowns.items()}
        if known
        else {},
        clauses=tuple(known.clauses) if known else (),
        versions=tuple(version.version for version in known.versions) if known else (),
        baseline=plan.get("baseline_value"),
        baseline_period=plan.get("baseline_period"),
        target=plan.get("target_value"),
        target_period=plan.get("target_period"),
        target_source=plan.get("target_source"),
        target_verified=plan.get("target_verified"),
        first=held["first"],
        last=held["last"],
        levels=tuple(level for level, length in CODE_LENGTH.items() if length in lengths),
    )
