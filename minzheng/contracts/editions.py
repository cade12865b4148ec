"""The editions of a month as data: who reads it, what of the whole it holds, how its readers' figures are protected."""

from functools import cache
from typing import Literal

from pydantic import model_validator

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.indicators import Dimension, registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.errors import WrongCall

Product = Literal["report", "tables", "forms", "charts", "site", "sdmx", "datapackage", "snapshot"]
Level = Literal["county", "township", "village"]
CODE_LENGTH: dict[Level, int] = {"county": 6, "township": 9, "village": 12}


class Readers(Bilingual):
    """Who reads an edition, and the law that entitles them to it."""

    basis: str


class Protection(Strict):
    """How an edition's readers are kept from single persons: by which profile of `contracts/disclosure.yaml`.

    The county's totals of the indicators of the tier `always`, and of those in `also`, `but` those named, are shown
    whatever they are.
    """

    profile: str
    always: Literal["core"]
    also: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


class Disclosure(Strict):
    """Figures that a law asks to be made public, in the months from `valid_from` on."""

    title: Bilingual
    basis: Bilingual
    valid_from: str
    indicators: tuple[str, ...]


class Edition(Strict):
    """One edition; `name` is its key in `contracts/editions.yaml`, where each part is explained."""

    name: str
    title: Bilingual
    marking: Bilingual
    readers: Readers
    closed: bool = False
    areas: tuple[Level, ...]
    townships: tuple[str, ...] | None = None
    breakdowns: Literal["all", "forms"] | dict[str, tuple[Dimension, ...]]
    tables: tuple[str, ...]
    files: tuple[str, ...]
    products: tuple[Product, ...]
    protection: Protection | None = None
    disclosures: tuple[Disclosure, ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def _protected(self) -> tuple[str, ...]:
        return (*self.protection.also, *self.protection.but) if self.protection else ()

    @model_validator(mode="after")
    def _tells_of_its_files(self) -> "Edition":
        if unknown := set(self.files) - set(self.tables):
            raise ValueError(f"files that are no tables of it: {sorted(unknown)}")
        broken = self.breakdowns if isinstance(self.breakdowns, dict) else ()
        disclosed = set().union(*(one.indicators for one in self.disclosures))
        named = {*(self.townships or ()), *broken, *self._protected, *disclosed}
        if unknown := named - set(registry()):
            raise ValueError(f"unknown indicator {sorted(unknown)}")
        if hidden := sorted(code for code in disclosed if not self._always_shows(code)):
            raise ValueError(f"must be public and may be withheld: {hidden}")
        return self

    def _always_shows(self, code: str) -> bool:
        """Whether no protection may withhold the county's figure."""
        one, rule = registry()[code], self.protection
        return (
            rule is None
            or one.measure == "standard"
            or one.tier == rule.always
            or code in rule.also
        )


@cache
def editions() -> dict[str, Edition]:
    """All editions by name, the fullest first; a file with an unknown key does not load."""
    told = read_yaml(CONTRACTS / "editions.yaml")
    return {
        name: Edition.model_validate({"name": name, **content}) for name, content in told.items()
    }


def edition(name: str) -> Edition:
    """The edition of that name; `WrongCall` lists the names for an unknown one."""
    if name not in editions():
        known = "、".join(f"{one.name}（{one.title.zh}）" for one in editions().values())
        raise WrongCall(
            f"no edition {name!r}: {', '.join(editions())}", f"没有版别 {name}；可选：{known}"
        )
    return editions()[name]
