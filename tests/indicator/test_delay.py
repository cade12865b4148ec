"""How long a month still moves: lists that a made-up county's townships complete one or two months later, as known then."""

import datetime as dt

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng import leads
from minzheng.contracts.regions import townships
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.vault import keys_of
from minzheng.indicators import models
from minzheng.indicators.vintages import (
    MIN_HISTORY,
    as_known,
    delay_triangle,
    history,
    usual_change,
    with_provisional,
)
from minzheng.intake import take_in
from minzheng.months import add_months, month_start, months_between
from minzheng.publish.release.draft import whole_frames
from minzheng.publish.release.manifest import write_manifest
from minzheng.publish.release.published import History
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
from simulation import MARKER, filing
from simulation.county import records
from simulation.mistakes import plant
from tests.indicator.conftest import TOTAL
from tests.place import AREA

FIRST, LAST, SEED = "2024-01", "2024-09", 5
MONTHS = months_between(FIRST, LAST)
AREAS = (AREA, *townships())
PERSONS = "dibao_rural_persons"


def told_by(month: str) -> dt.date:
    """The day on which a month is first told: the last of the next one."""
    return month_start(add_months(month, 2)) - dt.timedelta(1)


@pytest.fixture(scope="module")
def filings():
    """The lists of dibao of nine months as a county's townships send them, some late, some without their last rows at first."""
    rolls = records(FIRST, LAST, SEED, "county")["dibao_roll"]
    sent = [
        one
        for (month,), rows in rolls.group_by("month", maintain_order=True)
        for one in filing.plan("dibao_roll", month, rows, SEED, "county")
    ]
    return plant(sent, SEED, "late").filings


@pytest.fixture(scope="module")
def releases(filings, tmp_path_factory):
    """What each month's first release told of it and of the two months before, counted by the pipeline from the files."""
    folder = tmp_path_factory.mktemp("late")
    for one in filings:
        filing.write(folder / "landing", one, {})
    (folder / "landing" / "truth").mkdir()
    (folder / "landing" / "truth" / MARKER).touch()
    with open_warehouse(Home(folder / "home").create()) as connection:
        take_in(
            Home(folder / "home"), connection, Keys.create(folder / "key.json"), folder / "landing"
        )
        known = [as_known(connection, told_by(m), max(FIRST, add_months(m, -2)), m) for m in MONTHS]
    return [
        frame.with_columns(release=pl.lit(f"{month}-r1"), conf_status=pl.lit("F"))
        for month, frame in zip(MONTHS, known, strict=True)
    ]


@pytest.fixture(scope="module")
def counted(filings) -> dict[tuple[str, str, str], int]:
    """Area, month, month told: whom the lists at hand on that day name, counted by hand; without a list no county figure."""
    found = {}
    for told in MONTHS:
        for month in (m for m in MONTHS if add_months(told, -2) <= m <= told):
            at_hand = {}
            for one in sorted(filings, key=lambda f: f.received):
                if one.style.month == month and one.received.date() <= told_by(told):
                    at_hand |= dict.fromkeys(one.townships, one)
            people = {place: drawing(one, place) for place, one in at_hand.items()}
            found |= {(place, month, told): len(here) for place, here in people.items()}
            if len(people) == len(townships()):
                found[AREA, month, told] = len(set().union(*people.values()))
    return found


def drawing(one: filing.Filing, township: str) -> set:
    """Who draws rural dibao in a township by a list; a person without a number is one of their own."""
    rows = one.rows.filter(
        pl.col("township") == township, pl.col("scheme") == "农村低保", pl.col("status") != "停保"
    )
    return {number or uid for number, uid in rows.select("person_id_no", "uid").iter_rows()}


def moved(counted, area: str, lag: int, until: str = LAST) -> list[float]:
    """Final over told, less one, by hand, of the months told at least once more after `lag` months."""
    last = {
        m: max(t for a, month, t in counted if (a, month) == (area, m) and t <= until)
        for m in MONTHS
        if m < until
    }
    told = [(counted[area, m, last[m]], counted.get((area, m, add_months(m, lag)))) for m in last]
    return sorted(
        final / then - 1
        for (final, then), m in zip(told, last, strict=True)
        if then and add_months(m, lag) < last[m]
    )


def quantile(ordered: list[float], share: float) -> float:
    """The linear quantile: between the two ranks on either side."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def test_the_delay_triangle_is_what_a_count_by_hand_of_the_lists_says(releases, counted):
    triangle = delay_triangle(history(releases)).filter(
        pl.col("indicator_id") == PERSONS,
        pl.col("ref_area").is_in(AREAS),
        *[pl.col(n) == v for n, v in TOTAL.items()],
    )
    ours = {
        (area, month, told): (value, final, lag)
        for area, month, told, value, final, lag in triangle.select(
            "ref_area", "time_period", "vintage", "obs_value", "final", "lag"
        ).iter_rows()
    }
    by_hand = {
        (area, month, told): (
            value,
            counted[area, month, max(t for a, m, t in counted if (a, m) == (area, month))],
            months_between(month, told).index(told),
        )
        for (area, month, told), value in counted.items()
    }
    assert ours == by_hand
    grown = [
        final > value
        for (area, _, _), (value, final, lag) in ours.items()
        if area == AREA and lag == 0
    ]
    assert sum(grown) >= MIN_HISTORY, "the county's lists come late often enough to be told by"


def test_the_newest_month_is_provisional_with_the_interval_that_history_gives(releases, counted):
    newest = releases[-1]
    told = with_provisional(newest, releases[:-1], LAST)
    cells = {
        month: (status, value, note)
        for month, status, value, note in told.filter(
            pl.col("indicator_id") == PERSONS,
            pl.col("ref_area") == AREA,
            *[pl.col(n) == v for n, v in TOTAL.items()],
        )
        .select("time_period", "obs_status", "obs_value", "note")
        .iter_rows()
    }
    ratios = moved(counted, AREA, 0, MONTHS[-2])
    low, high = quantile(ratios, 0.1), quantile(ratios, 0.9)
    value = counted[AREA, LAST, LAST]
    assert high > 0.005
    assert cells[LAST][:2] == ("P", value)
    assert cells[LAST][2].endswith(
        f"终值约在{round(value * (1 + low))}至{round(value * (1 + high))}之间"
    )
    assert cells[MONTHS[-3]][0] == "A", "after two months the lists are complete"
    assert told.drop("obs_status", "note").equals(newest.drop("obs_status", "note"))
    early = releases[MIN_HISTORY - 1]
    assert with_provisional(early, releases[: MIN_HISTORY - 1], MONTHS[MIN_HISTORY - 1]).equals(
        early
    ), "too little history"


def test_a_township_is_judged_by_townships_and_the_county_by_the_county(releases, counted):
    usual = usual_change(delay_triangle(history(releases))).filter(
        pl.col("indicator_id") == PERSONS, pl.col("total"), pl.col("lag") == 0
    )
    spans = {
        level: (seen, low, high)
        for level, seen, low, high in usual.select("level", "seen", "low", "high").iter_rows()
    }
    county, towns = (
        moved(counted, AREA, 0),
        sorted(r for area in townships() for r in moved(counted, area, 0)),
    )
    for level, ratios in ((6, county), (9, towns)):
        seen, low, high = spans[level]
        assert seen >= MIN_HISTORY
        assert (low, high) == pytest.approx((quantile(ratios, 0.1), quantile(ratios, 0.9)))
    assert spans[6] != spans[9]


@pytest.mark.nightly
def test_the_draft_of_a_home_with_earlier_releases_tells_its_newest_month_as_provisional(
    filings, releases, counted, tmp_path, monkeypatch
):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home, landing = Home(tmp_path / "home").create(), tmp_path / "landing"
    for month, frame in zip(MONTHS[:-1], releases, strict=False):
        folder = home.published / month / "r1"
        folder.mkdir(parents=True)
        large = frame.filter(
            pl.col("indicator_id") == PERSONS,
            pl.col("ref_area") == AREA,
            *[pl.col(n) == v for n, v in TOTAL.items()],
        )
        large.write_parquet(folder / "observations.parquet")  # what no release withholds
        at = dt.datetime.combine(told_by(month), dt.time(18), dt.UTC).isoformat()
        content = {
            "release": f"{month}-r1",
            "approval": {"by": "示例批准人", "at": at},
            "inputs": [],
        }
        write_manifest(folder, content, Ed25519PrivateKey.generate())
    for one in filings:
        if one.received.date() <= told_by(LAST):
            filing.write(landing, one, {})
    (landing / "truth").mkdir()
    (landing / "truth" / MARKER).touch()
    with open_warehouse(home) as connection:
        take_in(home, connection, keys_of(home), landing)
        build_register(connection, MONTHS)
        leads.compute(connection, MONTHS)
        models.compute(connection, MONTHS)
        told = whole_frames(home, connection, LAST, History.of(home)).observations
    cells = told.filter(
        pl.col("indicator_id") == PERSONS,
        pl.col("ref_area") == AREA,
        *[pl.col(n) == v for n, v in TOTAL.items()],
    )
    newest = (
        cells.filter(pl.col("time_period") == LAST).select("obs_status", "obs_value", "note").row(0)
    )
    ratios = moved(counted, AREA, 0, MONTHS[-2])
    low, high = (round(newest[1] * (1 + quantile(ratios, share))) for share in (0.1, 0.9))
    assert newest[:2] == ("P", counted[AREA, LAST, LAST])
    assert newest[2].endswith(f"终值约在{low}至{high}之间")
    assert set(cells.filter(pl.col("time_period") < MONTHS[-2])["obs_status"]) <= {"A", "M"}
