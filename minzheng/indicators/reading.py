"""How the contracts are read: as they stand, or otherwise in a parallel run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from minzheng.contracts.indicators import Version

POPULATION_SOURCES = ("常住", "普查", "户籍")
"""The sources of population figures, the preferred first (_G12)."""


@dataclass(frozen=True)
class Reading:
    """What a parallel run reads otherwise: definitions by indicator, parameters, the sources of population figures."""

    versions: Mapping[str, Version] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    population_sources: Sequence[str] = POPULATION_SOURCES

    @property
    def settings(self) -> dict[str, float]:
        """Every parameter that is set instead of read."""
        fixed: dict[str, float] = {}
        for version in self.versions.values():
            fixed |= version.sets
        return fixed | dict(self.parameters)


ORDINARY = Reading()
