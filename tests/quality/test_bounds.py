"""Bounds: however the open rows of a month are decided, the value lies inside, and both ends are reached.

Every way of deciding the open rows is a month of its own, so that one computation judges all of them.
"""

from itertools import cycle, product

import duckdb
import pytest

from minzheng.contracts.regions import townships
from minzheng.indicators.models import compute, observations
from minzheng.months import add_months
from minzheng.warehouse.connection import create_tables
from tests.place import AREA

SHALIUHE, *OTHERS = townships()
OPEN_ROWS = 2
# What an open row of the dibao roll may turn out to be: nobody's, a new person, one who is known, an exit, a known exit's return.
DIBAO = {
    "rejected": None,
    "new": ("new-{n}", "新增", True),
    "stays": ("stays-{n}", "在保", True),
    "again": ("a", "在保", True),
    "exit": ("out-{n}", "停保", False),
    "back": ("gone-{n}", "在保", True),
}
TEKUN = {"rejected": None, "institution": "集中", "home": "分散"}
# Two are on the roll; two went off it whom an open row may bring back, and one whom no row brings back.
BASE = [
    ("a", "在保", True),
    ("b", "在保", True),
    ("gone-0", "停保", False),
    ("gone-1", "停保", False),
    ("c", "停保", False),
]


@pytest.fixture(scope="module")
def warehouse():
    connection = duckdb.connect()
    create_tables(connection)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def worlds(warehouse):
    """A month with open rows, then a month for every way of deciding them; and the observations of all."""
    month, made = "2010-01", []
    decisions = zip(
        product(DIBAO.values(), repeat=OPEN_ROWS),
        cycle(product(TEKUN.values(), repeat=OPEN_ROWS)),
        strict=False,
    )
    for dibao, tekun in [((), ()), *decisions]:
        month = add_months(month, 2)
        made.append(month)
        _draw(warehouse, month, len(made), dibao, tekun)
    warehouse.execute(
        "insert into register.population (month, year, township_code, population_source, population, intake_no, row_no)"
        " select '2009-12', 2009, unnest($places), '常住', 1000, 1, 1",
        {"places": [SHALIUHE, *OTHERS]},
    )
    compute(warehouse, made)
    return made, observations(warehouse, min(made), max(made))


def _draw(warehouse, month, intake_no, dibao, tekun):
    """The base with what its open rows are decided to be; with nothing decided they are open."""
    before = add_months(month, -1)
    active_before = [
        ("a",),
        ("b",),
        ("c",),
        *((f"{kind}-{n}",) for kind in ("gone", "out", "stays") for n in range(OPEN_ROWS)),
    ]
    roll = "insert into register.dibao_roll (month, township_code, person_key, household_key, scheme, status, active, intake_no)"
    warehouse.executemany(
        f"{roll} values ('{before}', '{SHALIUHE}', $1, 'h-' || $1, '城市低保', '在保', true, {intake_no})",
        active_before,
    )
    decided = [
        (key.format(n=n), status, active)
        for n, row in enumerate(dibao)
        if row
        for key, status, active in [row]
    ]
    values = f"values ('{month}', '{SHALIUHE}', $1, 'h-' || $1, '城市低保', $2, $3, {intake_no})"
    warehouse.executemany(f"{roll} {values}", BASE + decided)
    persons = [("t1", "集中"), ("t2", "分散"), ("t3", "分散")] + [
        (f"t-{n}", form) for n, form in enumerate(tekun) if form
    ]
    warehouse.executemany(
        "insert into register.tekun_roll (month, township_code, person_key, area, support_form, status, active, intake_no)"
        f" values ('{month}', '{SHALIUHE}', $1, '农村', $2, '在保', true, {intake_no})",
        persons,
    )
    for name, at in product(("dibao_roll", "tekun_roll"), (before, month)):
        for place in (SHALIUHE, *OTHERS):
            cover = (name, at, place, intake_no, None, "", 0, 0)
            warehouse.execute(
                "insert into register.coverage values (?, ?, ?, ?, ?, ?, ?, ?)", cover
            )
        for number in range(OPEN_ROWS if at == month and not dibao else 0):
            warehouse.execute(
                "insert into raw.quarantine (intake_no, dataset, month, township_code, sheet, row_no, rule_id)"
                f" values ({intake_no}, '{name}', '{month}', '{SHALIUHE}', '1', {100 + number}, 'K01')"
            )


@pytest.mark.parametrize(
    "indicator",
    [
        "dibao_urban_persons",
        "dibao_urban_households",
        "dibao_coverage",
        "dibao_new",
        "dibao_exit",
        "tekun_central",
        "tekun_rural_persons",
        "tekun_central_rate",
    ],
)
@pytest.mark.parametrize("area", [AREA, SHALIUHE])
def test_however_open_rows_are_decided_the_value_is_inside_and_both_ends_are_reached(
    worlds, indicator, area
):
    (base, *decided), cells = worlds
    own = [
        row
        for row in cells.iter_rows(named=True)
        if (row["indicator_id"], row["ref_area"]) == (indicator, area)
    ]
    totals = {
        row["time_period"]: row
        for row in own
        if {row[d] for d in ("residence", "sex", "age_group", "category")} == {"_T"}
    }
    low, high = totals[base]["lower_bound"], totals[base]["upper_bound"]
    values = [totals[month]["obs_value"] for month in decided]
    assert all(
        row["lower_bound"] == row["obs_value"] == row["upper_bound"]
        for month, row in totals.items()
        if month != base
    )
    assert low <= min(values) + 1e-9
    assert max(values) <= high + 1e-9
    assert (min(values), max(values)) == (pytest.approx(low), pytest.approx(high))
