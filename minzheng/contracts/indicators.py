"""The indicator registry: one YAML file an indicator under `contracts/indicators/`, unknown keys refused.

A file tells what an indicator is (names, definition, unit), what it needs (datasets and windows, columns, parameters,
items), which cells it has (areas and code lists) and how its definition changed over time. What it counts is a model
in `sql/indicator/`.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from minzheng.contracts.datasets import Bilingual, Strict, dataset, dataset_names, read_yaml
from minzheng.contracts.faults import first_fault
from minzheng.contracts.paths import contracts_in
from minzheng.errors import Fault, MinzhengError

Month = str
Dimension = Literal["residence", "sex", "age_group", "category"]
DIMENSIONS: tuple[Dimension, ...] = ("residence", "sex", "age_group", "category")
Status = Literal["A", "P", "E", "M", "L"]


class ColumnNeed(Strict):
    """An optional column without which cells are missing (status M)."""

    dataset: str
    column: str


class Breakdown(Strict):
    """One dimension's code list, code to Chinese label; every code gives a cell (_G08), some in the county only.

    `unknown`: codes for a word outside its list, of their own so that the parts add up; a cell only where one came.
    """

    codes: dict[str, str]
    county_only: list[str] = []
    unknown: list[str] = []
    needs: ColumnNeed | None = None


class Input(Strict):
    """A dataset the indicator cannot do without, and when.

    `month` = covered in M; `year_to_date` = covered in each month January..M; `loaded` = a file of any month;
    `in_force` = a complete population for M (_G12); `read` = read but not required (absence is decided by the model).
    """

    dataset: str
    window: Literal["month", "year_to_date", "loaded", "in_force", "read"] = "month"


class Item(Strict):
    """An item of `comprehensive_return`: which part of the ratio it is, stock or flow, and who reports it (_G14)."""

    code: str
    part: Literal["numerator", "denominator"]
    kind: Literal["stock", "flow"]
    reporter: Literal["township", "bureau", "either"]


class Figure(Strict):
    """A baseline or target; `value` is None where no source states one, and then none is shown."""

    value: float | None = None
    text: str
    source: str | None = None
    verified: bool = False


class Disclosure(Strict):
    """How disclosure control treats the cells; `behind` says what is counted behind a rate or a mean."""

    kind: Literal["persons", "households", "money", "facilities", "rate", "standard", "none"]
    behind: Literal["persons", "households", "facilities"] | None = None


class OpenRows(Strict):
    """How open quarantined rows could move the value: which datasets, and what a row of which nothing is known could do.

    `adds`: each open row may count once. `either`: it may also take one away (anti-joins). `moves`: it may count once, or take
    one from one category into another, the total unmoved. `ratio`: it may enter the
    denominator alone or both. `numerator`, `denominator`: it may enter that part only. `takes`, `leaves`: it may take one from
    the numerator, or from the denominator. `unknown`: it carries an unknown amount.
    A row that can be read counts by what it says, in the indicator's own model, unless `by_count`. `retold`: the model is told
    with the open rows beside those in force, since one row decides what another counts.
    """

    datasets: list[str]
    effect: Literal[
        "adds", "either", "moves", "ratio", "numerator", "denominator", "takes", "leaves", "unknown"
    ]
    window: Literal["month", "year_to_date"] = "month"
    by_count: bool = False
    retold: bool = False

    @property
    def by_content(self) -> bool:
        """Whether a row that can be read counts by what it says."""
        return self.retold or not self.by_count and self.effect != "either"


class Version(Strict):
    """A definition in force in the months from `valid_from` up to, not including, `valid_to`.

    `counted_by`: the model of `sql/indicator/version/` that counts under this definition, instead of the usual one.
    `sets`: parameters that this definition fixes. Both hold in parallel runs; in ordinary runs `counted_by` holds in the
    version's months unless `pinned`: then the contract fixes the usual count for every month.
    """

    version: str
    valid_from: Month
    valid_to: Month | None = None
    sentence: Bilingual
    basis: str | None = None
    counted_by: str | None = None
    sets: dict[str, float] = {}
    pinned: bool = True


class Indicator(Strict):
    """One indicator."""

    code: str
    names: Bilingual
    definition: Bilingual
    group: Literal["CTX", "SA", "CH", "PWD", "EL", "GOV", "NGO", "AFF", "FIN", "ADM", "DQ"]
    tier: Literal["core", "extended"]
    mca_code: str | None = None
    unit: str
    measure: Literal["stock", "flow", "ytd", "rate", "standard", "flag"]
    multiplier: float = 1
    decimals: int = Field(ge=0, le=4)
    numerator: str
    denominator: str | None = None
    areas: list[Literal["county", "township", "village"]]
    total: bool = True
    breakdowns: dict[Dimension, Breakdown] = {}
    inputs: list[Input] = []
    columns: list[ColumnNeed] = []
    parameters: list[str] = []
    items: list[Item] = []
    empty: Literal["zero", "missing", "not_applicable"] = "zero"
    unavailable: Bilingual | None = None
    frequency: Literal["monthly", "quarterly", "annual", "on change"]
    direction: Literal["up", "down", "meet", "band", "neutral"]
    nature: Literal["binding_national", "expected_national", "county_direction", "monitor", "dq"]
    baseline: Figure
    target: Figure
    clauses: list[str] = []
    basis: str | None = None
    disclosure: Disclosure
    open_rows: list[OpenRows] = []
    contact: str
    versions: list[Version] = Field(min_length=1)

    @field_validator("versions")
    @classmethod
    def _follow_each_other(cls, versions: list[Version]) -> list[Version]:
        for earlier, later in zip(versions, versions[1:], strict=False):
            if earlier.valid_to != later.valid_from:
                raise Fault(
                    f"version {later.version} does not begin where {earlier.version} ends",
                    f"口径版本 {later.version} 没有从 {earlier.version} 的截止月份开始",
                )
        if versions[-1].valid_to is not None:
            raise Fault("the last version has an end", "最后一个口径版本不应有截止月份")
        return versions

    @model_validator(mode="after")
    def _known_datasets(self) -> "Indicator":
        named = {need.dataset for need in [*self.inputs, *self.columns]}
        named.update(*(each.datasets for each in self.open_rows))
        if unknown := named - set(dataset_names()):
            raise Fault(
                f"unknown dataset {sorted(unknown)}", f"没有台账 {'、'.join(sorted(unknown))}"
            )
        return self

    @property
    def levels(self) -> list[str]:
        """The levels of area that have the figure: what holds several counties too, unless each sets or starts it for itself.

        A standard, and the linkage to prices that its thresholds start, are a county's.
        """
        own = self.disclosure.kind == "standard" or "cpi_series" in {i.dataset for i in self.inputs}
        return [*self.areas] if own else ["prefecture", *self.areas]

    @property
    def year_to_date(self) -> bool:
        """Whether the figure adds up from January, so that only the same month of another year compares."""
        flows = any(item.kind == "flow" for item in self.items)
        return flows or any(part.window == "year_to_date" for part in self.inputs)

    @property
    def optional(self) -> frozenset[str]:
        """The optional datasets it cannot do without: a home that never had one does not know the indicator."""
        return frozenset(need.dataset for need in self.inputs if dataset(need.dataset).optional)

    def version_in(self, month: Month) -> Version | None:
        """The definition in force in a month, None before the first."""
        return next(
            (
                v
                for v in self.versions
                if v.valid_from <= month and (v.valid_to is None or month < v.valid_to)
            ),
            None,
        )

    def cells(self) -> list[dict[str, str]]:
        """The cells of an area: the total where there is one, then each code of each dimension (_G08)."""
        total = dict.fromkeys(DIMENSIONS, "_T")
        cells = [total] if self.total else []
        for name, part in self.breakdowns.items():
            cells += [total | {name: code} for code in part.codes]
        return cells


def read_indicator(path: Path) -> Indicator:
    """The indicator of a file that bears its code; `MinzhengError` names what is wrong with it in one line."""
    try:
        indicator = Indicator.model_validate(read_yaml(path))
    except ValidationError as error:
        fault = first_fault(error)
    else:
        if indicator.code == path.stem:
            return indicator
        fault = Fault(f"holds {indicator.code}", f"文件中的代码是 {indicator.code}")
    raise MinzhengError(f"{path.name}: {fault}", f"指标文件 {path.name} 有误：{fault.zh}")


@cache
def registry() -> dict[str, Indicator]:
    """All indicators by code, in the order of their codes; the file's name is the code."""
    return {path.stem: read_indicator(path) for path in contracts_in("indicators")}


def breaks(first: Month, last: Month) -> list[tuple[str, Month, Version]]:
    """Where definitions change from `first` to `last`: indicator, first month of the new definition, version."""
    changes = []
    for code, indicator in registry().items():
        later = (one for one in indicator.versions[1:] if first <= one.valid_from <= last)
        changes += [(code, version.valid_from, version) for version in later]
    return changes
