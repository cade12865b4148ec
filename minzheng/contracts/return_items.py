"""The items of the comprehensive return, as the registry lists them."""

from functools import cache
from typing import NamedTuple

from minzheng.contracts.paths import listed


class ReturnItem(NamedTuple):
    """One item: its code, unit, kind (`stock` or `flow`) and Chinese name."""

    code: str
    unit: str
    kind: str
    name: str


@cache
def return_items() -> tuple[ReturnItem, ...]:
    """Every item, in the order of the list."""
    return tuple(
        ReturnItem(row["item_code"], row["unit"], row["kind"], row["item_name"])
        for row in listed("comprehensive_items.csv")
    )
