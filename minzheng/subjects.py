"""The subjects indicators are grouped by."""

from functools import cache

import yaml

from minzheng.contracts import CONTRACTS, Strict


class Subject(Strict):
    """A group of the registry: the name of its asset and the title people read."""

    name: str
    title: str


@cache
def subjects() -> dict[str, Subject]:
    """Group code to subject, in the order of the report."""
    told = yaml.safe_load((CONTRACTS / "subjects.yaml").read_text(encoding="utf-8"))
    return {group: Subject.model_validate(entry) for group, entry in told.items()}
