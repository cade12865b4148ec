"""Is a month's return complete? Asked of the ledger alone, so that it can be answered while the warehouse is busy."""

import datetime as dt
from dataclasses import dataclass

from minzheng.contracts import dataset
from minzheng.home import Home


@dataclass(frozen=True)
class Missing:
    """A dataset that is due and not there: the places that owe it, and since when."""

    dataset: str
    places: list[str]
    due_on: dt.date

    @property
    def zh(self) -> str:
        """One line for the clerk who has to ring the township."""
        from minzheng.intake.places import townships

        named = "、".join(townships().get(code, "县级") for code in self.places)
        return f"{dataset(self.dataset).title.zh}(应于{self.due_on.month}月{self.due_on.day}日前报送):{named}"


def missing(home: Home, month: str, today: dt.date) -> list[Missing]:
    """What is due for the month by `today` (the calendar of contracts/calendar.yaml) and has no accepted file."""
    from minzheng.intake.report import status
    from quality.calendar import expected_files

    due = {(name, place): day for name, _, place, expected, day, _ in expected_files([month], {}) if expected}
    lacking = status(home, month)["months"][0]["missing"]
    found = {}
    for name, places in lacking.items():
        for place in places:
            day = due.get((name, place))
            if day and day <= today:
                found.setdefault((name, day), []).append(place)
    return [Missing(name, sorted(places), day) for (name, day), places in sorted(found.items())]
