"""Recount of the indicators that stand on items of the comprehensive return, with its marks (_G14)."""

from collections.abc import Callable, Iterator
from itertools import product

import polars as pl

from simulation.recount.cells import KEY, TOTAL
from simulation.recount.deaths import died_in, on_aid
from simulation.recount.known import AREAS, WHOLES, Known, counties_at, towns_in, year_to_date
from simulation.recount.money import AID, paid
from simulation.recount.places import Population, units

Value = tuple[str, float | None]  # status A, E, L or M, and the number
Source = Callable[[str, str], Value]  # of a month and an area
Cell = Callable[
    [str, str], tuple
]  # numerator, denominator, value and status of a month and an area
Told = tuple[str, str, str, Cell]  # indicator, unit, levels of area
WORST = "MELA"
TOWNSHIPS_TOO = (
    "funeral_aid_persons", "marriage_township_offices", "minor_cases_closed", "placename_standard_rate", "publicity_handbooks",
    "volunteers",
)  # fmt: skip
RATES = [
    "boundary_safe_creation",
    "charity_disclosure_rate",
    "eco_burial_rate",
    "funeral_satisfaction",
    "marriage_appoint_rate",
    "marriage_archive_rate",
    "marriage_counsel_coverage",
    "minor_cases_closed",
    "new_estate_facility_rate",
    "ngo_annual_check_rate",
    "ngo_decoupled_rate",
    "ngo_online_rate",
    "placename_fixed_rate",
    "placename_standard_rate",
    "staff_appraisal_done",
    "training_pass_rate",
]
STOCKS = {
    "charity_orgs": "个", "elder_catalogue_items": "项", "marriage_township_offices": "个", "ngo_direct_registered": "个",
    "social_worker_certified": "人", "volunteers": "人",
}  # fmt: skip
FLOWS = {
    "afterlife_joint_cases": "件", "caregiver_contests": "次", "funeral_aid_persons": "人", "marriage_cross_cases": "对",
    "minor_coord_meetings": "次", "placename_approvals": "件", "publicity_handbooks": "册", "training_sessions": "人次",
    "vagrant_supervision": "次",
}  # fmt: skip


class Returns:
    """The rows of the return by month, place and item."""

    def __init__(self, known: Known):
        self.known = known
        self.rows = {
            (row["month"], row["township_code"], row["item_code"]): row
            for row in known.rows("comprehensive_return").to_dicts()
        }

    def item(self, code: str, *, flow: bool = False, bureau: bool = False) -> Source:
        """Where `area` gives the values of an item."""
        return lambda month, area: self.area(month, area, code, flow, bureau)

    def free(self, code: str, flow: bool = False) -> Source:
        """Where `either` gives the values of an item."""
        return lambda month, area: self.either(month, area, code, flow)

    def of(self, month: str, place: str, item: str, flow: bool) -> Value | None:
        """One place's value: None when it has no row or a blank."""
        if flow:
            return self._from_january(month, place, item)
        return self._one(month, place, item, "month_value")

    def _one(self, month: str, place: str, item: str, column: str) -> Value | None:
        row = self.rows.get((month, place, item))
        if row is None or row[f"{column}_mark"] == "blank":
            return None
        return {"none": ("L", None), "below": ("E", None)}.get(
            row[f"{column}_mark"], ("A", row[column])
        )

    def _from_january(self, month: str, place: str, item: str) -> Value | None:
        given = self._one(month, place, item, "year_to_date_value")
        if given is not None:
            return given
        parts = [
            self._one(earlier, place, item, "month_value")
            for earlier in year_to_date(self.known.months, month)
        ]
        return None if None in parts else _sum(parts)

    def either(self, month: str, area: str, item: str, flow: bool) -> Value:
        """As `area`, of an item that townships or the bureau may report: the townships count once one of them has."""
        if area not in WHOLES:
            return self.of(month, area, item, flow) or ("M", None)
        months = year_to_date(self.known.months, month) if flow else [month]
        parts = []
        for own in counties_at(area):
            towns = towns_in(own)
            have = {
                place
                for place in (own, *towns)
                if any((m, place, item) in self.rows for m in months)
            }
            told = (towns if have & set(towns) else []) + ([own] if own in have else [])
            parts += [self.of(month, place, item, flow) for place in told] or [None]
        return _sum(parts) if None not in parts else ("M", None)

    def area(self, month: str, area: str, item: str, flow: bool, bureau: bool) -> Value:
        """A township's value, or the county's: the townships and the bureau's own row, or the bureau's alone."""
        if area not in WHOLES:
            return self.of(month, area, item, flow) or ("M", None)
        own = [self.of(month, bureau_of, item, flow) for bureau_of in counties_at(area)]
        told = [self.of(month, town, item, flow) for town in ([] if bureau else towns_in(area))]
        parts = (own if bureau else [one for one in own if one]) + told
        return ("M", None) if None in parts else _sum(parts)


def _sum(parts: list[Value]) -> Value:
    """Numbers add up; "-" adds nothing and is L only when all are; "…" adds nothing and turns the sum E."""
    numbers = [value for status, value in parts if status == "A"]
    if all(status == "L" for status, _ in parts):
        return ("L", None)
    total = round(sum(numbers), 6) if numbers else None
    return ("E" if any(status == "E" for status, _ in parts) else "A", total)


def _ratio(top: Value, bottom: Value, multiplier: float) -> tuple:
    status = min((top[0], bottom[0]), key=WORST.index)
    if status == "A" and bottom[1] == 0:
        status = "L"
    value = (
        top[1] / bottom[1] * multiplier
        if top[1] is not None and bottom[1] and status in "AE"
        else None
    )
    return (None, None, None, "M") if status == "M" else (top[1], bottom[1], value, status)


def _single(top: Value, multiplier: float) -> tuple:
    return (top[1], None, None if top[1] is None else top[1] * multiplier, top[0])


def _share(top: Source, bottom: Source, multiplier: float = 100) -> Cell:
    return lambda month, area: _ratio(top(month, area), bottom(month, area), multiplier)


def _alone(top: Source, multiplier: float = 1) -> Cell:
    return lambda month, area: _single(top(month, area), multiplier)


def returns(known: Known) -> list[pl.DataFrame]:
    """Every indicator of the comprehensive return."""
    book = Returns(known)
    told = (
        *_by_townships(book),
        *_by_the_bureau(book),
        *_by_either(book),
        *_per_unit(book),
        *_per_person(book),
        *_of_the_dead(book),
    )
    return [_observed(known, *one) for one in told]


def _observed(known: Known, indicator: str, unit: str, levels: str, cell: Cell) -> pl.DataFrame:
    """An indicator's cells of all months: of the county (c), or of the county and its townships (ct)."""
    areas = AREAS if levels == "ct" else WHOLES
    rows = [
        (m, a, TOTAL, TOTAL, TOTAL, TOTAL, *cell(m, a), indicator, unit)
        for m, a in product(known.months, areas)
    ]
    names = [
        *KEY,
        "numerator",
        "denominator",
        "obs_value",
        "obs_status",
        "indicator_id",
        "unit_measure",
    ]
    kinds = {name: pl.Float64 for name in ("numerator", "denominator", "obs_value")}
    return pl.DataFrame(rows, schema=names, orient="row", schema_overrides=kinds)


def _townships(_: str, area: str) -> Value:
    return ("A", float(len(towns_in(area))))


def _all_units(_: str, area: str) -> Value:
    """Villages and communities; a farm's own units are neither (_G18)."""
    return ("A", float(len(units(area, "村委会")) + len(units(area, "居委会"))))


def _by_townships(book: Returns) -> Iterator[Told]:
    """What every township reports."""
    yield (
        "child_director_coverage",
        "%",
        "ct",
        _share(book.item("child_director_coverage_n"), _all_units),
    )
    for name in ("minor_station_coverage", "social_station_coverage", "onewindow_townships"):
        yield name, "%", "ct", _share(book.item(f"{name}_n"), _townships)
    visited = _share(book.item("child_visit_rate_n"), book.item("child_visit_rate_d"))
    yield "child_visit_rate", "%", "ct", visited
    for name in ("distressed_children", "leftbehind_children"):
        yield name, "人", "ct", _alone(book.item(f"{name}_v"))


def _by_the_bureau(book: Returns) -> Iterator[Told]:
    """What the bureau alone reports."""
    for name in ("burial_facility_coverage", "vagrant_return_rate"):
        yield (
            name,
            "%",
            "c",
            _share(book.item(f"{name}_n", bureau=True), book.item(f"{name}_d", bureau=True)),
        )
    yield "ngo_total", "个", "c", _alone(book.item("ngo_total_v", bureau=True))
    flows = {
        "marriages": "对",
        "divorces": "对",
        "vagrant_aid_times": "人次",
        "adoptions": "件",
        "cremations": "具",
    }
    for name, unit in flows.items():
        yield name, unit, "c", _alone(book.item(f"{name}_v", flow=True, bureau=True))
    for name in ("charity_donation", "lottery_sales"):
        yield name, "万元", "c", _alone(book.item(f"{name}_v", flow=True, bureau=True), 0.0001)
    granted = book.item("aid_fund_execution_d", flow=True, bureau=True)
    yield (
        "aid_fund_execution",
        "%",
        "c",
        _share(lambda month, area: _spent(book.known, month, area), granted),
    )


def _by_either(book: Returns) -> Iterator[Told]:
    """What townships or the bureau may report."""
    for name in RATES:
        levels = "ct" if name in TOWNSHIPS_TOO else "c"
        yield name, "%", levels, _share(book.free(f"{name}_n"), book.free(f"{name}_d"))
    for names, flow in ((STOCKS, False), (FLOWS, True)):
        for name, unit in names.items():
            yield (
                name,
                unit,
                "ct" if name in TOWNSHIPS_TOO else "c",
                _alone(book.free(f"{name}_v", flow)),
            )
    yield "ngo_purchase_spend", "万元", "c", _alone(book.free("ngo_purchase_spend_v", True), 0.0001)
    days = _share(book.free("ngo_reg_days_n", True), book.free("ngo_reg_days_d", True), 1)
    yield "ngo_reg_days", "天", "c", days


def _per_unit(book: Returns) -> Iterator[Told]:
    """Shares of all villages and communities."""
    for name in (
        "elder_assoc_coverage", "publicity_village_coverage", "village_council_coverage", "village_supervision_coverage",
    ):  # fmt: skip
        yield name, "%", "ct", _share(book.free(f"{name}_n"), _all_units)


def _per_person(book: Returns) -> Iterator[Told]:
    """Numbers per ten thousand residents or thousand elders."""
    people = Population(book.known)

    def living(column: str) -> Source:
        def found(month: str, area: str) -> Value:
            value = people.value(month, area, column)
            return (
                ("M", None)
                if value is None
                else ("E" if people.is_old(month, area) else "A", value)
            )

        return found

    name = "social_workers_per_1000_elders"
    yield name, "人/千人", "c", _share(book.free(f"{name}_n"), living("age_60_plus"), 1000)
    yield (
        "ngo_per_10k",
        "个/万人",
        "c",
        _share(book.item("ngo_total_v", bureau=True), living("population"), 10000),
    )


def _of_the_dead(book: Returns) -> Iterator[Told]:
    """Shares of those who died, and of those who died on aid."""

    def dead(names: tuple[str, ...], those: Callable[[Known, str, str], pl.DataFrame]) -> Source:
        def found(month: str, area: str) -> Value:
            there = all(book.known.is_covered(name, month, area) for name in names)
            return (
                ("A", float(those(book.known, month, area)["person"].n_unique()))
                if there
                else ("M", None)
            )

        return found

    yield (
        "cremation_rate",
        "%",
        "c",
        _share(book.free("cremation_rate_n"), dead(("death_list",), died_in)),
    )
    aided = dead(("death_list", "dibao_roll", "tekun_roll"), on_aid)
    yield "funeral_aid_coverage", "%", "c", _share(book.free("funeral_aid_coverage_n"), aided)


def _spent(known: Known, month: str, area: str) -> Value:
    year = year_to_date(known.months, month)
    if not all(known.is_covered("payment_ledger", earlier, area) for earlier in year):
        return ("M", None)
    rows = paid(known).filter(
        pl.col("month").is_in(year),
        pl.col("scheme").is_in(AID),
        pl.col("county").is_in(counties_at(area)),
    )
    return ("A", (rows["amount_paid"] * 100).round(0).cast(pl.Int64).sum() / 100)
