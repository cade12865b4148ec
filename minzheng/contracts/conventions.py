"""The conventions that indicators and lead rules take for granted: `contracts/conventions.yaml`, cited by id (`_G02`)."""

from functools import cache

from minzheng.contracts.datasets import Bilingual, Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS


class Convention(Strict):
    """One convention: what it is about, and what it says."""

    title: Bilingual
    text: Bilingual


@cache
def conventions() -> dict[str, Convention]:
    """Every convention by its id, in the order of the file."""
    entries = read_yaml(CONTRACTS / "conventions.yaml")
    return {name: Convention.model_validate(entry) for name, entry in entries.items()}
