"""The due-date calendar: which dataset is expected from whom and when (`contracts/calendar.yaml`)."""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Literal

from pydantic import Field

from minzheng.contracts.datasets import Strict, dataset, dataset_names, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import counties, county_of
from minzheng.errors import MinzhengError
from minzheng.months import add_months, month_end, month_start


class Due(Strict):
    """Who sends a dataset, and its own due day where it differs from the calendar's."""

    sender: Literal["townships", "county", "change"] = Field(alias="from")
    due_day: int | None = None
    reason: str | None = None


class Calendar(Strict):
    """The month's calendar."""

    due_day: int
    cut_off_day: int
    first_month: str
    report_day: int
    delivery_day: int
    datasets: dict[str, Due]


@cache
def calendar() -> Calendar:
    """The calendar; `MinzhengError` when it and the contracts name different datasets."""
    found = Calendar.model_validate(read_yaml(CONTRACTS / "calendar.yaml"))
    if set(found.datasets) != set(dataset_names()):
        raise MinzhengError(
            "contracts/calendar.yaml and contracts/datasets name different datasets",
            "报送日历与数据集清单不一致",
        )
    return found


def expected_places(townships: Iterable[str]) -> dict[str, set[str]]:
    """Each dataset that is due every month, with the places that owe it; neither what comes on change nor an optional one.

    `townships`: those in force in the month (`regions.townships_at`).
    """
    places = {"townships": {*townships}, "county": {*counties()}}
    due = calendar().datasets.items()
    return {
        name: places[one.sender]
        for name, one in due
        if one.sender in places and not dataset(name).optional
    }


def day_after(month: str, day: int) -> dt.date:
    """That day of the following month, or its last day where it has fewer."""
    following = add_months(month, 1)
    return min(month_start(following) + dt.timedelta(days=day - 1), month_end(following))


def report_date(month: str) -> dt.date:
    """成文日期 where none is named: the cut-off day of the month's files."""
    return day_after(month, calendar().cut_off_day)


def expected_files(
    townships: dict[str, Iterable[str]], cut_off_days: dict[tuple[str, str], int]
) -> list[tuple]:
    """Dataset, month, place, expected, due day and cut-off of everything the calendar speaks of, for some months.

    `townships`: those in force, by month (`regions.townships_at`). `cut_off_days`: the cut-off day in force per month and county,
    where a parameter states one. A dataset that comes on change is listed for each county and not expected; an optional one is
    not listed.
    """
    rows = []
    for month, there in townships.items():
        cut_offs = {
            county: day_after(month, cut_off_days.get((month, county), calendar().cut_off_day))
            for county in counties()
        }
        for name, due in calendar().datasets.items():
            if dataset(name).optional:
                continue
            due_on = day_after(month, due.due_day or calendar().due_day)
            places = there if due.sender == "townships" else counties()
            rows += [
                (name, month, place, due.sender != "change", due_on, cut_offs[county_of(place)])
                for place in places
            ]
    return rows
