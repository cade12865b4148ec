"""What reference files tell the intake itself: places that a region file adds, the cut-off day of a parameter file."""

from minzheng.intake.places import county
from minzheng.intake.reading import Reading
from minzheng.intake.settings import settings


def stated_places(reading: Reading) -> list[list]:
    """The townships and villages of a region file: code, name, level, valid from, valid to."""
    if reading.dataset != "region":
        return []
    names = ("region_code", "region_name", "region_level", "valid_from", "valid_to")
    rows = [row for row in _rows(reading, names) if row[0] and row[0].startswith(county()[0])]
    return sorted((row for row in rows if len(row[0]) in (9, 12)), key=str)


def stated_params(reading: Reading) -> list[list]:
    """The rows of `report_cutoff_day`: valid from, valid to, decided on, value."""
    if reading.dataset != "policy_param":
        return []
    rows = _rows(reading, ("param_code", "valid_from", "valid_to", "decided_on", "value"))
    return [row[1:] for row in rows if row[0] == "report_cutoff_day" and row[1] and row[4]]


def stated_standards(reading: Reading) -> list[list]:
    """The rows of the standards that amounts are judged by: code, band, valid from, valid to, value."""
    if reading.dataset != "policy_param":
        return []
    entries = settings().amount_ranges
    wanted = {entry.standard for entry in entries}
    wanted.update(*(entry.standards.values() for entry in entries))
    rows = _rows(reading, ("param_code", "band", "valid_from", "valid_to", "value"))
    return sorted((row for row in rows if row[0] in wanted and row[2] and row[4]), key=str)


def _rows(reading: Reading, names: tuple[str, ...]) -> list[list]:
    """These columns as text, null where the file lacks one."""
    found = []
    for frame in reading.accepted_rows:
        columns = [
            frame[name].cast(str) if name in frame.columns else [None] * frame.height
            for name in names
        ]
        found += [list(row) for row in zip(*columns, strict=True)]
    return found
