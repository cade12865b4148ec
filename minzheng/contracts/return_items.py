"""The items of the comprehensive return, with unit and kind, as the registry lists them."""

import csv
from functools import cache

from minzheng.contracts.paths import CONTRACTS


@cache
def return_items() -> tuple[tuple[str, str, str], ...]:
    """Code, unit and kind (stock or flow) of every item."""
    with (CONTRACTS / "comprehensive_items.csv").open(encoding="utf-8-sig", newline="") as lines:
        return tuple((row["item_code"], row["unit"], row["kind"]) for row in csv.DictReader(lines))
