"""Where townships stand on the map of tiles: `contracts/tiles.yaml`."""

from collections.abc import Sequence
from functools import cache

from pydantic import PositiveInt

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS


class Tile(Strict):
    """A place on the map: `row` from the north, `column` from the west."""

    row: PositiveInt
    column: PositiveInt


@cache
def tiles() -> dict[str, Tile]:
    """The places that the file names, by township code."""
    told = read_yaml(CONTRACTS / "tiles.yaml")
    return {code: Tile.model_validate(entry) for code, entry in told.items()}


def placed(townships: Sequence[str]) -> dict[str, Tile]:
    """A place for each township; one that the file does not name stands in a row of its own below."""
    known = {code: tiles()[code] for code in townships if code in tiles()}
    below = max((tile.row for tile in known.values()), default=0) + 1
    others = [code for code in townships if code not in known]
    return known | {
        code: Tile(row=below + at // 4, column=at % 4 + 1) for at, code in enumerate(others)
    }
