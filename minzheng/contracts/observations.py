"""The columns of observations: `contracts/observations.yaml`."""

from functools import cache
from typing import Literal

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS


class ObservationColumn(Strict):
    """A column: its type, its title, what it means, where it is held; `stored_as`: its name in the warehouse where it differs."""

    type: Literal["varchar", "double", "integer"]
    title: str
    description: str
    stored: bool = True
    stored_as: str | None = None
    published: bool = True


@cache
def observation_columns() -> dict[str, ObservationColumn]:
    """Every column by its published name, in order."""
    entries = read_yaml(CONTRACTS / "observations.yaml")
    return {name: ObservationColumn.model_validate(entry) for name, entry in entries.items()}


def stored_columns() -> dict[str, ObservationColumn]:
    """The columns of `indicator.observation`, in order."""
    every = observation_columns().items()
    return {one.stored_as or name: one for name, one in every if one.stored}
