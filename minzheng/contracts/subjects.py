"""The subjects indicators are grouped by."""

from functools import cache

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS


class Subject(Strict):
    """A group of the registry: the name of its asset and the title people read."""

    name: str
    title: str


@cache
def subjects() -> dict[str, Subject]:
    """Group code to subject, in the order of the report."""
    told = read_yaml(CONTRACTS / "subjects.yaml")
    return {group: Subject.model_validate(entry) for group, entry in told.items()}
