"""Ranges of numbers in the registers, as data: `quality/suites/<dataset>.yaml`, each limit with its reason."""

from functools import cache
from pathlib import Path
from typing import Literal

from minzheng.contracts.datasets import Strict, read_yaml

SUITES = Path(__file__).parent / "suites"


class Range(Strict):
    """The limits of one column; `max_column` names another column as the upper limit. A blank is never out of range."""

    column: str
    min: float | None = None
    max: float | None = None
    max_column: str | None = None
    severity: Literal["error", "warn"]
    title: str
    reason: str

    @property
    def condition(self) -> str:
        """The SQL condition under which a row is out of range; numbers and names come from the suite's own file."""
        sides = []
        if self.min is not None:
            sides.append(f'"{self.column}" < {self.min!r}')
        if self.max is not None:
            sides.append(f'"{self.column}" > {self.max!r}')
        if self.max_column is not None:
            sides.append(f'"{self.column}" > "{self.max_column}"')
        return " or ".join(sides)


class SuiteFile(Strict):
    """What a suite holds beyond what the contract already says."""

    dataset: str
    ranges: list[Range]


@cache
def suite_file(dataset: str) -> SuiteFile:
    """The suite's file, an empty one where there is none."""
    path = SUITES / f"{dataset}.yaml"
    if not path.is_file():
        return SuiteFile(dataset=dataset, ranges=[])
    return SuiteFile.model_validate(read_yaml(path))


def ranges_of(dataset: str) -> list[Range]:
    """The ranges of a register table."""
    return suite_file(dataset).ranges
