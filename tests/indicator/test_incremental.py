"""Files arrive, months are computed: in steps or at once, in any order, and after a correction, the figures are the same."""

import random

import duckdb
import polars as pl
import pytest

from minzheng import leads
from minzheng.contracts.regions import townships
from minzheng.indicators import models
from minzheng.months import add_months, months_between
from minzheng.warehouse import stale
from minzheng.warehouse.connection import create_tables
from minzheng.warehouse.register import build_register, loaded_months
from tests.indicator.conftest import HARGAI, SHALIUHE, TOTAL
from tests.place import AREA

MONTHS = ("2023-12", "2024-01", "2024-02", "2024-03")
EVERYWHERE = tuple(townships())
CELL = ("indicator_id", "ref_area", "time_period", "residence", "sex", "age_group", "category")


class Office:
    """A warehouse that files arrive in, one after another; rows carry pseudonyms as the intake leaves them."""

    def __init__(self, *, with_leads: bool = True):
        self.with_leads = with_leads
        self.connection = duckdb.connect()
        create_tables(self.connection)
        self.number = 0

    def receives(
        self, name: str, month: str, rows: list[dict], places=EVERYWHERE, day: str = "2024-02-10"
    ) -> None:
        """A file that covers `places` with `rows` of `name`; a later one for the same place supersedes it."""
        self.number += 1
        marks = [
            self.number,
            name,
            month,
            ",".join(places),
            f"{day} 09:00:00",
            f"{name}{month}{places}{rows}",
            len(rows),
        ]
        self.connection.execute(
            "insert into raw.file (intake_no, dataset, month, township_codes, verdict, absent_columns, received_at, sha256,"
            " rows_accepted) values (?, ?, ?, ?, 'accept', '', ?, md5(?), ?)",
            marks,
        )
        for row_no, row in enumerate(rows):
            told = {"month": month, "intake_no": self.number, "row_no": row_no, **row}
            names, places_ = ", ".join(told), ", ".join("?" for _ in told)
            self.connection.execute(
                f"insert into raw.{name} ({names}) values ({places_})", list(told.values())
            )

    def computes(self, first: str, last: str) -> list[str]:
        """What a run for `first`..`last` does: the months asked for and the stale ones, and no other."""
        months = stale.months_to_run(self.connection, first, last)
        self._compute(months, months_between(first, last))
        stale.mark_computed(self.connection, months)
        return months

    def recounts(self) -> pl.DataFrame:
        """Everything anew, in one pass over all loaded months."""
        months = loaded_months(self.connection)
        self._compute(months, months)
        return self.told()

    def _compute(self, months, asked) -> None:
        with stale.narrowed(self.connection, "register", months, asked) as self.rebuilt:
            build_register(self.connection, self.rebuilt)
        if self.with_leads:
            leads.compute(self.connection, months)
        models.compute(self.connection, months)

    def told(self) -> pl.DataFrame:
        return models.observations(self.connection, "0000-00", "9999-99")


def person(key: str, township: str = SHALIUHE, village: str = "200", **more) -> dict:
    row = {
        "township_code": township, "region_code": f"{township}{village}", "person_key": key, "household_key": f"h{key}",
        "scheme": "农村低保", "status": "在保", "active": True, "sex": "F", "age": 30,
    }  # fmt: skip
    return row | more


def stopped(row: dict) -> dict:
    return row | {"status": "停保", "active": False, "stop_reason": "收入超标"}


def paid(key: str, amount: float, township: str = SHALIUHE) -> dict:
    return {
        "township_code": township, "person_key": key, "scheme": "农村低保", "payment_kind": "基本", "amount_due": 400,
        "amount_paid": amount, "paid_on": "2024-01-10", "due_on": "2024-03-31",
    }  # fmt: skip


def population(office: Office) -> None:
    rows = [
        {"township_code": code, "year": 2023, "population_source": "常住", "population": 1000, "urban_population": 400, "rural_population": 600}
        for code in EVERYWHERE
    ]  # fmt: skip
    office.receives("population", MONTHS[0], rows, (AREA,))


def changed(old: pl.DataFrame, new: pl.DataFrame) -> set[tuple]:
    """The cells in which two sets of observations differ in any way; a cell on one side only counts."""
    shown = [*CELL, "numerator", "denominator", "obs_value", "obs_status", "note"]
    either = pl.concat([old.select(shown), new.select(shown)]).is_unique()
    return set(pl.concat([old.select(CELL), new.select(CELL)]).filter(either).rows())


def cells(indicator: str, months, *areas: str, breakdowns=({},)) -> set[tuple]:
    return {
        (indicator, area, month, *(TOTAL | parts).values())
        for month in months
        for area in areas
        for parts in breakdowns
    }


OF_HER = ({}, {"sex": "F"}, {"age_group": "Y18T59"}, {"category": "NDIS"})
OF_LIST = ({}, {"category": "dibao_roll"})


def test_one_row_of_an_old_file_changes_exactly_the_cells_that_read_it():
    office = Office()
    population(office)
    rolls = {
        month: [person("a"), person("b", HARGAI), person("c", scheme="城市低保")]
        for month in MONTHS
    }
    for month in MONTHS:
        office.receives("dibao_roll", month, rolls[month])
    assert office.computes(MONTHS[0], MONTHS[-1]) == list(MONTHS)
    before = office.told()
    corrected = [stopped(row) if row["person_key"] == "a" else row for row in rolls["2024-01"]]
    office.receives("dibao_roll", "2024-01", corrected, day="2024-05-02")
    assert office.computes(MONTHS[-1], MONTHS[-1]) == list(MONTHS[1:])
    assert office.rebuilt == ["2024-01", MONTHS[-1]], (
        "the register of a month in between is as it was"
    )
    after = office.told()
    january, village = ["2024-01"], f"{SHALIUHE}200"
    places = (AREA, SHALIUHE)
    expected = cells("dibao_rural_persons", january, *places, breakdowns=OF_HER)
    expected |= cells("dibao_rural_persons", january, village)
    expected |= cells("dibao_rural_households", january, *places, village)
    expected |= cells("dibao_coverage", january, *places, breakdowns=({}, {"residence": "R"}))
    expected |= cells(
        "dibao_exit", january, *places, breakdowns=({}, {"residence": "R"}, {"category": "INCOME"})
    )
    assert changed(before, after) == expected
    assert not changed(after, office.recounts()), "computing the months touched is a full recount"


def test_one_payment_changes_its_month_and_the_year_to_date_after_it():
    office = Office()
    for month in MONTHS:
        office.receives("dibao_roll", month, [person("a"), person("b", HARGAI)])
        office.receives("payment_ledger", month, [paid("a", 400), paid("b", 400, HARGAI)])
    office.computes(MONTHS[0], MONTHS[-1])
    before = office.told()
    office.receives("payment_ledger", "2024-01", [paid("a", 300), paid("b", 400, HARGAI)])
    office.computes(MONTHS[-1], MONTHS[-1])
    year, places = MONTHS[1:], (AREA, SHALIUHE)
    expected = cells("civil_spend_ytd", year, *places) | cells(
        "dibao_spend_rural_ytd", year, *places
    )
    expected |= cells("dibao_subsidy_rural", ["2024-01"], *places)
    expected |= cells(
        "payment_ontime_rate", ["2024-01"], *places, breakdowns=({}, {"category": "P_DIBAO_R"})
    )
    assert changed(before, office.told()) == expected
    assert not changed(office.told(), office.recounts())


def test_a_row_less_is_also_a_row_less_of_the_quality_of_the_list():
    office = Office()
    for month in MONTHS[:2]:
        office.receives("tekun_roll", month, [])
        office.receives("dibao_roll", month, [person("a"), person("b")])
    office.computes(*MONTHS[:2])
    before = office.told()
    office.receives("dibao_roll", MONTHS[0], [person("b")])
    office.computes(MONTHS[1], MONTHS[1])
    found = changed(before, office.told())
    assert {cell[2] for cell in found} == {MONTHS[0]}
    assert (
        cells(
            "dq_error_rows",
            MONTHS[:1],
            AREA,
            SHALIUHE,
            breakdowns=({}, {"category": "dibao_roll"}),
        )
        <= found
    )


def deliveries(chance: random.Random) -> list[tuple]:
    """Files of rolls and payments over four months; one township sends alone, and not everybody is on every list."""
    keys, found = "abcde"[: chance.randint(3, 5)], []
    for month in MONTHS:
        for places in ((SHALIUHE,), EVERYWHERE[1:]):
            here = some(chance, keys)
            rows = [person(key, places[0], status=chance.choice(["在保", "新增"])) for key in here]
            rows = [stopped(row) if chance.random() < 0.5 else row for row in rows]
            found.append(("dibao_roll", month, rows, places))
            money = [paid(key, chance.choice([0, 300, 400]), places[0]) for key in here]
            found.append(("payment_ledger", month, money, places))
    return found


def some(chance: random.Random, keys) -> list[str]:
    """Some of the keys, in any order."""
    return chance.sample(keys, chance.randint(0, len(keys)))


def seeds(many: int):
    """One seed by day, the others at night."""
    others = [pytest.param(seed, marks=pytest.mark.nightly) for seed in range(2, many + 1)]
    return pytest.mark.parametrize("seed", [1, *others])


@seeds(12)
def test_computing_as_files_arrive_is_a_full_recount(seed):
    """Half of the files are computed, then the others with two that are sent again: as if all had been counted at once."""
    chance = random.Random(seed)
    files = deliveries(chance)
    chance.shuffle(files)
    again = [
        (name, month, rows[1:], places) for name, month, rows, places in chance.sample(files, 2)
    ]
    office = Office()
    population(office)
    half = len(files) // 2
    for step, first in ((files[:half], MONTHS[0]), (files[half:], MONTHS[-1]), (again, MONTHS[-1])):
        for name, month, rows, places in step:
            office.receives(name, month, rows, places)
        office.computes(first, MONTHS[-1])
    assert not changed(office.told(), office.recounts())


@seeds(6)
def test_files_that_do_not_compete_may_arrive_in_any_order(seed):
    chance = random.Random(seed)
    files, told = deliveries(chance), []
    for order in (files, chance.sample(files, len(files))):
        office = Office(with_leads=False)
        for name, month, rows, places in order:
            office.receives(name, month, rows, places)
        told.append(office.recounts())
    assert not changed(*told)


@seeds(6)
def test_a_count_falls_when_its_cases_go_and_is_zero_when_none_is_left(seed):
    chance = random.Random(seed)
    keys = chance.sample("abcdefgh", 5)
    left = some(chance, keys)
    found = []
    for here in (keys, left, []):
        office = Office(with_leads=False)
        office.receives(
            "dibao_roll",
            "2024-01",
            [person(key, village="201" if key > "d" else "200") for key in here],
        )
        told = office.recounts().filter(pl.col("indicator_id") == "dibao_rural_persons")
        value = {(area, sex): n for area, sex, n in told.filter(pl.col("age_group") == "_T", pl.col("category") == "_T").select("ref_area", "sex", "obs_value").iter_rows()}  # fmt: skip
        assert value[AREA, "_T"] == value[SHALIUHE, "F"] == len(here)
        assert value[AREA, "M"] == 0
        found.append(
            {area: n for (area, sex), n in value.items() if n and sex == "_T" and len(area) == 12}
        )
    assert found == [
        {code: n for code, n in counted(here).items() if n} for here in (keys, left, [])
    ]


def counted(keys) -> dict[str, int]:
    high = sum(key > "d" for key in keys)
    return {f"{SHALIUHE}200": len(keys) - high, f"{SHALIUHE}201": high}


@pytest.mark.parametrize("month", MONTHS)
def test_a_file_makes_its_month_and_later_ones_stale_and_no_earlier_one(month):
    office = Office()
    for one in MONTHS:
        office.receives("dibao_roll", one, [person("a")])
    stale.mark_computed(office.connection, MONTHS)
    assert stale.stale_months(office.connection) == []
    office.receives("dibao_roll", month, [])
    assert stale.stale_months(office.connection) == [one for one in MONTHS if one >= month]


def prices(month: str, cpi: float) -> dict:
    """A month's index, published ten days into the next."""
    return {"index_month": month, "place": "青海", "cpi_yoy": cpi, "food_yoy": 1, "published_on": f"{add_months(month, 1)}-10"}  # fmt: skip


def test_an_index_makes_no_month_stale_before_the_first_that_it_tells_of():
    office = Office(with_leads=False)
    limits = [{"param_code": f"price_link_{name}", "value": 3, "unit": "%", "valid_from": "2020-01-01"} for name in ("cpi", "food")]  # fmt: skip
    office.receives("policy_param", MONTHS[0], limits, (AREA,))
    for month in MONTHS:
        office.receives("cpi_series", month, [prices(month, 2)], (AREA,))
        assert stale.stale_months(office.connection) == [month]
        office.computes(month, month)
    quiet = office.told()
    office.receives("cpi_series", MONTHS[3], [prices(MONTHS[3], 2), prices(MONTHS[2], 4)], (AREA,))
    assert stale.stale_months(office.connection) == list(MONTHS[2:])
    office.computes(MONTHS[3], MONTHS[3])
    found = changed(quiet, office.told())
    assert cells("price_link_triggered", [MONTHS[2]], AREA) <= found
    assert {cell[2] for cell in found} <= set(MONTHS[2:])
    office.receives("cpi_series", MONTHS[3], [prices(MONTHS[3], 2)], (AREA,))
    assert stale.stale_months(office.connection) == list(MONTHS[2:]), "what is told no more"
    office.computes(MONTHS[3], MONTHS[3])
    assert not changed(office.told(), office.recounts())


def lists_to_write(office: Office) -> list[str]:
    """The months whose lists a run for the last month alone writes."""
    with stale.narrowed(office.connection, "lists", MONTHS, MONTHS[-1:]) as months:
        return months


def test_the_list_of_a_month_is_written_again_for_a_refused_file_and_by_other_contracts(
    monkeypatch,
):
    office = Office()
    for month in MONTHS:
        office.receives("dibao_roll", month, [person("a")])
    office.computes(MONTHS[0], MONTHS[-1])
    assert lists_to_write(office) == list(MONTHS)
    assert lists_to_write(office) == [MONTHS[-1]]
    office.connection.execute(
        "insert into indicator.observation (month, obs_status) values ('2024-01', 'U')"
    )
    assert lists_to_write(office) == ["2024-01", MONTHS[-1]], "it says which figures wait for it"
    refused = "insert into raw.file (intake_no, name, month, verdict) values (9, '2024-01.csv', ?, 'reject_file')"
    office.connection.execute(refused, ["2024-01"])
    assert lists_to_write(office) == ["2024-01", MONTHS[-1]]
    office.connection.execute(refused, [None])
    assert lists_to_write(office) == list(MONTHS), "whose list it is on, only its name says"
    monkeypatch.setattr(stale, "definitions", lambda *_: "another version's")
    assert lists_to_write(office) == list(MONTHS)
