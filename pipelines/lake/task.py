"""A task of the lake: one county's months, and what became of them. Nothing is imported here but the standard library."""

from typing import NamedTuple


class Task(NamedTuple):
    """One county's months of a run, and what its process may take."""

    lake: str
    county: str
    months: tuple[str, ...]
    memory: str
    definitions: str


class Done(NamedTuple):
    """What became of a county: months computed, leads that only the rows elsewhere decide, else the fault in both languages."""

    county: str
    months: int = 0
    leads: int = 0
    fault: tuple[str, str] | None = None
