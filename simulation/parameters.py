"""The simulator's figures: data files under `contracts/simulation/`, each figure with its source; unknown keys are refused."""

import datetime as dt
from functools import cache
from itertools import chain
from typing import Any

from pydantic import Field

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import regions, townships


class Figure(Strict):
    """One figure and where it comes from."""

    value: float
    source: str


class Township(Strict):
    """Weight of a township in the county's population and the share of it that lives in town."""

    weight: int
    urban: float
    source: str


class County(Strict):
    """The shape of the county; `contracts/simulation/county.yaml` says each figure's source."""

    population_2020: Figure
    yearly_growth: Figure
    registered_to_resident: Figure
    share_0_17: Figure
    share_60_plus: Figure
    share_70_plus: Figure
    share_80_plus: Figure
    ageing_per_year: Figure
    household_urban: Figure
    household_rural: Figure
    coverage_urban: Figure
    coverage_rural: Figure
    dibao_monthly_exit: Figure
    dibao_monthly_entry: Figure
    return_share: Figure
    move_share: Figure
    rebuild_share: Figure
    edge_share: Figure
    rigid_share: Figure
    monitored_share: Figure
    rejected_share: Figure
    tekun_share: Figure
    child_share: Figure
    card_share: Figure
    disabled_in_dibao: Figure
    rural_hukou_in_town: Figure
    elsewhere_number: Figure
    yearly_death_60: Figure
    yearly_death_under_60: Figure
    late_stop_share: Figure
    unclaimed_share: Figure
    unpaid_share: Figure
    late_payment_share: Figure
    unwatched_exit_share: Figure
    overdue_review_share: Figure
    temp_aid_per_1000: Figure
    surveyed: dict[str, Township]
    scales: dict[str, int]

    def __getitem__(self, name: str) -> float:
        """The value of one figure, for example `county["return_share"]`."""
        return getattr(self, name).value

    @property
    def townships(self) -> dict[str, Township]:
        """The home's townships: as the file says where it speaks of them, else by their villages and communities."""
        return {code: self.surveyed.get(code) or _guessed(code) for code in townships()}


def _guessed(code: str) -> Township:
    """A township of as many people as it has villages, as urban as it has communities among them."""
    kinds = [one.kind for one in regions() if one.parent == code]
    urban = sum(kind == "居委会" for kind in kinds) / max(1, len(kinds))
    weight = 300 * max(1, len(kinds))
    return Township(weight=weight, urban=min(0.9, 0.1 + urban), source="assumed from its villages")


class Names(Strict):
    """Parts of names that say they are made up, and where id numbers from elsewhere come from."""

    marks: list[str]
    given: list[str]
    regions_elsewhere: list[str]


class Step(Strict):
    """One value of a standard with its validity."""

    value: float
    valid_from: dt.date = Field(alias="from")
    decided_on: dt.date = Field(alias="decided")
    source: str


class Standard(Strict):
    """A parameter with its band, unit and values in order of validity."""

    code: str
    band: str | None = None
    unit: str
    steps: list[Step]


class Standards(Strict):
    """All parameters."""

    standards: list[Standard]

    def known(self, code: str, day: dt.date, band: str | None = None) -> float | None:
        """The value that an office paying on `day` uses: in force and already decided; None when there is none."""
        items = (item for item in self.standards if (item.code, item.band) == (code, band))
        steps = chain.from_iterable(item.steps for item in items)
        usable = [step for step in steps if step.valid_from <= day and step.decided_on <= day]
        return max(usable, key=lambda step: step.valid_from).value if usable else None


class Item(Strict):
    """How an item of the comprehensive return moves; see `contracts/simulation/items.yaml`."""

    start: tuple[float, float]
    per_year: float = 0
    noise: float = 0
    below: str | None = None
    decimals: int = 0


class FaultLevel(Strict):
    """Faults a month: rows by kind, then whole files; a fraction is a chance."""

    rows: dict[str, float]
    missing_township: float
    late_file: float
    correction: float
    absent_column: float
    refused: float
    completed_later: float
    months_late: float


class Faults(Strict):
    """The levels of faults."""

    usual: FaultLevel
    nasty: FaultLevel
    late: FaultLevel


def _read(name: str) -> Any:
    return read_yaml(CONTRACTS / "simulation" / name)


@cache
def county() -> County:
    """The county's shape."""
    return County.model_validate(_read("county.yaml"))


@cache
def names() -> Names:
    """Parts of names."""
    return Names.model_validate(_read("names.yaml"))


@cache
def standards() -> Standards:
    """Standards and other parameters by validity."""
    return Standards.model_validate(_read("standards.yaml"))


@cache
def faults() -> Faults:
    """Faults by level."""
    return Faults.model_validate(_read("faults.yaml"))


@cache
def items() -> dict[str, Item]:
    """How each item of the comprehensive return moves."""
    return {code: Item.model_validate(item) for code, item in _read("items.yaml").items()}


@cache
def planted_leads() -> dict[str, int]:
    """Cases of each lead rule planted in a calendar year."""
    return {str(rule): int(count) for rule, count in _read("leads.yaml").items()}
