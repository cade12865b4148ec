"""From bytes to judged rows: what the reading child does with one file. Pure: no disk, no network, no keys.

A source is read sheet by sheet and block by block, so that its size costs little memory; `Gathering` keeps the account.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from minzheng.intake.delimited import read_text
from minzheng.intake.exposed import without_numbers
from minzheng.intake.gate import Source, open_file
from minzheng.intake.gathering import Gathering
from minzheng.intake.grid import Grid
from minzheng.intake.header import is_leads_workbook
from minzheng.intake.packed import Packed
from minzheng.intake.places import Place, county, receive_places
from minzheng.intake.reading import Reading
from minzheng.intake.row_kinds import looks_like_data
from minzheng.intake.settings import Refused
from minzheng.intake.standards import Standard, receive_standards
from minzheng.intake.table import Table, take_apart
from minzheng.intake.workbook import sheets_of_xls, sheets_of_xlsx

__all__ = ["Reading", "read_file"]


def read_file(
    name: str,
    content: bytes | Packed,
    folder: str | None,
    places: Iterable[Place] = (),
    standards: Iterable[Standard] = (),
) -> list[Reading]:
    """Read every source of a file. `folder` is the month its landing folder names, if any.

    `places`: what region files added; `standards`: what parameter files told.
    """
    receive_places(places)
    receive_standards(standards)
    readings: list[Reading] = []
    try:
        for source in open_file(name, content):
            readings.append(_read_source(source, name, folder))
    except Refused as refused:
        return [Reading(refused=refused.codes)]
    return readings


def _read_source(source: Source, name: str, folder: str | None) -> Reading:
    member = without_numbers(source.name)
    reading = Reading(member=member, flags=list(source.flags), refused=list(source.refused))
    if source.refused:
        return reading
    gathering = Gathering(folder, name, source.name, None)
    try:
        _gather(gathering, source)
        month = gathering.decide_month()
        if month != gathering.assumed:
            gathering = Gathering(folder, name, source.name, month)
            _gather(gathering, source)
        gathering.settle(reading, month)
    except Refused as refused:
        reading.refuse([*map(without_numbers, refused.codes)])
        reading.dataset, reading.month = gathering.dataset_and_month()
        reading.dataset = reading.dataset or refused.taken_for
        gathering.entitle(reading)
    return reading


def _gather(gathering: Gathering, source: Source) -> None:
    """Every block of every visible sheet."""
    for table in _tables(source, gathering):
        gathering.take(table)
    if gathering.contract is None:
        raise Refused("header_unrecognised")


def _tables(source: Source, gathering: Gathering) -> Iterator[Table]:
    """The tables of all visible sheets, in blocks of rows; what else is there is told in `gathering`."""
    for place, grids in enumerate(_sheets(source), start=1):
        header = None
        for grid in grids:
            if not grid.visible:
                if any(cell != "" for cell in chain.from_iterable(grid.rows)):
                    gathering.flags.append("hidden_sheet")
                break
            for table in take_apart(grid, header):
                header, table.place = table.header, place
                yield table
            if header is None:
                if is_leads_workbook(grid):
                    raise Refused("leads_workbook")
                gathering.unread += [grid.sheet] * any(
                    looks_like_data(row, county()[0]) for row in grid.rows
                )
                break


def _sheets(source: Source) -> Iterator[Iterator[Grid]]:
    if source.kind == "csv":
        return iter([read_text(source.content)])
    return (
        sheets_of_xlsx(source.content) if source.kind == "xlsx" else sheets_of_xls(source.content)
    )
