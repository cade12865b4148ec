"""Is a month's return complete? Asked of the ledger alone, so that it can be answered while the warehouse is busy."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from minzheng.contracts.calendar import expected_files
from minzheng.contracts.datasets import dataset
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.intake.places import places_told, receive_places, sender_name, townships_at
from minzheng.intake.verdict import State

NAMED = 3


@dataclass(frozen=True)
class Missing:
    """A dataset that is due and not there: the places that owe it, and since when."""

    dataset: str
    places: list[str]
    due_on: dt.date

    @property
    def zh(self) -> str:
        """One line for the clerk who has to ring the township."""

        named = "、".join(map(sender_name, self.places))
        return f"{dataset(self.dataset).title.zh}(应于{self.due_on.month}月{self.due_on.day}日前报送):{named}"


def first_month(verdicts: Iterable[dict]) -> str | None:
    """The earliest month an accepted file is for; None while nothing was accepted. Nothing is owed for earlier months."""
    return min(
        (one["month"] for one in verdicts if one.get("month") and one["verdict"] in ACCEPTED),
        default=None,
    )


def first_month_reported(home: Home) -> str | None:
    """`first_month` of what the home has taken in."""
    with Ledger(home) as ledger:
        return first_month(ledger.verdicts().values())


def missing(home: Home, month: str, today: dt.date) -> list[Missing]:
    """What is due for the month by `today` (the calendar of contracts/calendar.yaml) and has no accepted file.

    Nothing is owed for a month before the first one that anybody reported to this home.
    """
    return missing_by_month(home, [month], today)[month]


def missing_by_month(home: Home, months: Iterable[str], today: dt.date) -> dict[str, list[Missing]]:
    """`missing` of several months from one reading of the ledger."""
    with Ledger(home) as ledger:
        verdicts = ledger.verdicts()
    receive_places(places_told(State.of(verdicts), verdicts))
    began = first_month(verdicts.values())
    return {
        month: [] if began is None or month < began else _missing(verdicts, month, today)
        for month in months
    }


def _missing(verdicts: dict[int, dict], month: str, today: dt.date) -> list[Missing]:
    came: set[tuple[str | None, str]] = set()
    for facts in verdicts.values():
        if facts.get("month") == month and facts["verdict"] in ACCEPTED:
            came.update((facts.get("dataset"), place) for place in facts["townships"])
    found: dict[tuple[str, dt.date], list[str]] = {}
    for name, _, place, expected, day, _ in expected_files({month: townships_at(month)}, {}):
        if expected and day <= today and (name, place) not in came:
            found.setdefault((name, day), []).append(place)
    return [Missing(name, sorted(places), day) for (name, day), places in sorted(found.items())]


def owing(lacking: list[Missing]) -> str:
    """Each place that owes something, whom to ring first before others; "" when nobody does.

    Up to `NAMED` kinds of data are named, more are counted.
    """

    owed: dict[str, list[str]] = {}
    for one in lacking:
        for place in one.places:
            owed.setdefault(place, []).append(dataset(one.dataset).title.zh)
    most_first = sorted(owed.items(), key=lambda entry: -len(entry[1]))
    return ";".join(
        f"{sender_name(code)}({'、'.join(kinds) if len(kinds) <= NAMED else f'{len(kinds)}类'})"
        for code, kinds in most_first
    )
