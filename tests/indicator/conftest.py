"""What the indicator tests share: files said to be in force, and one cell of the result."""

import pytest

from minzheng.contracts.datasets import dataset
from minzheng.contracts.regions import townships
from minzheng.indicators.models import compute, observations
from tests.place import AREA

TOTAL = {"residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T"}
SHALIUHE, HARGAI, IKEWULAN, QUANJI, JIERMENG = townships()


@pytest.fixture
def in_force(warehouse):
    """`in_force("dibao_roll", "2024-03", ...)`: a file covers the county, or the townships given; columns may be absent."""

    def cover(
        name: str, *months: str, places=None, absent: str = "", intake_no: int = 1, received_at=None
    ) -> None:
        places = places or (list(townships()) if dataset(name).has_township else [AREA])
        for month in months:
            for place in places:
                row = (name, month, place, intake_no, received_at, absent, 0, 0)
                warehouse.execute(
                    "insert into register.coverage values (?, ?, ?, ?, ?, ?, ?, ?)", row
                )

    return cover


@pytest.fixture
def cells(warehouse):
    """`cells("2024-03", ...)` computes the months; the result finds cells: `found("dibao_new", area, sex="F")`."""

    def computed(*months: str):
        compute(warehouse, months)
        rows = observations(warehouse, min(months), max(months)).to_dicts()
        keys = ("indicator_id", "ref_area", "time_period", *TOTAL)
        by_key = {tuple(row[key] for key in keys): row for row in rows}
        assert len(by_key) == len(rows), "a cell appears twice"

        def find(indicator: str, area: str = AREA, month: str = months[-1], **broken: str) -> dict:
            return by_key[(indicator, area, month, *(TOTAL | broken).values())]

        return find

    return computed


def values(find, indicator: str, areas=(AREA,), **broken) -> list:
    """The values of an indicator in several areas."""
    return [find(indicator, area, **broken)["obs_value"] for area in areas]
