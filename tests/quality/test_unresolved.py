"""Bounds of unresolved findings: however each is decided, the value lies inside, and both ends are reached.

As in `test_bounds`, every way of deciding them is a month of its own: one computation judges all of them.
"""

from collections import Counter, defaultdict
from itertools import product

import duckdb
import polars as pl
import pytest

from minzheng.disclosure.widening import widened
from minzheng.indicators import compute, observations
from minzheng.leads.rules import rules as lead_rules
from minzheng.months import add_months
from minzheng.registry import DIMENSIONS, county, registry, townships
from minzheng.unresolved import unresolved
from minzheng.warehouse import create_tables
from quality.rules import rules

SHALIUHE, HARGAI, *_ = townships()
COLUMNS = {
    "dibao_roll": ("township_code", "person_key", "household_key", "scheme", "status", "active"),
    "tekun_roll": ("township_code", "person_key", "area", "support_form", "status", "active"),
    "child_roll": ("township_code", "person_key", "child_class", "care_form", "monthly_amount", "status", "active"),
    "pwd_roll": ("township_code", "person_key", "disability_level", "living_amount", "care_amount", "status", "active"),
    "pwd_card": ("township_code", "person_key", "disability_level", "valid_until", "card_key"),
}
# Who is on which list whatever is decided.
FIXED = {
    "dibao_roll": [
        *((SHALIUHE, person, f"h-{person}", "城市低保", "在保", True) for person in ("m", "n", "o")),
        (SHALIUHE, "wife-s", "hd", "城市低保", "在保", True),
        (HARGAI, "wife-h", "hd", "城市低保", "在保", True),
        (HARGAI, "p", "h-p", "农村低保", "在保", True),
    ],
    "tekun_roll": [(SHALIUHE, "t1", "农村", "集中", "在保", True), (SHALIUHE, "t2", "农村", "分散", "在保", True)],
    "child_roll": [(SHALIUHE, "k1", "孤儿", "社会散居", 900, "在保", True)],
    "pwd_roll": [(SHALIUHE, "m", "2", 100, 0, "在保", True)],
    "pwd_card": [(SHALIUHE, who, "2", "2999-01-01", f"card-{who}") for who in ("a", "e", "m", "n")],
}
# The findings: what is on the lists for each decision; the first is how it stands while nothing is decided.
DIBAO_A = (SHALIUHE, "a", "ha", "城市低保", "在保", True)
DIBAO_B = (SHALIUHE, "b", "hb", "城市低保", "在保", True)
DIBAO_C = (SHALIUHE, "c", "hb", "城市低保", "在保", True)
TWICE = [(where, "d", "hd", "城市低保", "在保", True) for where in (SHALIUHE, HARGAI)]
ENTERED = [(SHALIUHE, "e", "he", scheme, "在保", True) for scheme in ("城市低保", "农村低保")]
CHOICES = {
    "a": [{"dibao_roll": [DIBAO_A]}, {}],
    "b": [{"dibao_roll": [DIBAO_B]}, {}],
    "c": [{"dibao_roll": [DIBAO_C]}, {}],
    "d": [{"dibao_roll": TWICE}, {"dibao_roll": TWICE[:1]}, {"dibao_roll": TWICE[1:]}],
    "e": [{}, {"dibao_roll": ENTERED[:1]}, {"dibao_roll": ENTERED[1:]}],
    "t3": [{"tekun_roll": [(SHALIUHE, "t3", "农村", "集中", "在保", True)]}, {}],
    "t4": [{"tekun_roll": [(SHALIUHE, "t4", "农村", form, "在保", True)]} for form in ("集中", "分散")],
    "t5": [{"tekun_roll": [(SHALIUHE, "t5", "农村", "分散", "在保", True)]}, {}],
    "k2": [
        {"child_roll": [(SHALIUHE, "k2", name, form, 900, "在保", True) for name, form in kinds]}
        for kinds in (
            [("孤儿", "社会散居"), ("事实无人抚养", "社会散居")],
            [("孤儿", "社会散居")],
            [("事实无人抚养", "社会散居")],
        )
    ],
    "paid": [{"pwd_roll": [(SHALIUHE, "a", "2", 100, 0, "在保", True)]}, {}],
    "unpaid": [{}, {"pwd_roll": [(SHALIUHE, "n", "2", 100, 0, "在保", True)]}],
}
LEADS = [
    ("YT02", "a", SHALIUHE), ("CB01", "b", SHALIUHE), ("SW02", "c", SHALIUHE), ("CF02", "d", SHALIUHE), ("CF02", "d", HARGAI),
    ("LB01", "e", SHALIUHE), ("CB03", "t5", SHALIUHE), ("YX01", "n", SHALIUHE), ("YT01", "m", SHALIUHE),
]  # fmt: skip
FINDINGS = [("T03", "t3"), ("T05", "t4"), ("C03", "k2"), ("P01", "a"), ("D10", "m")]
TOGETHER = [("a", "b", "c", "d", "e"), ("t3", "t4", "t5"), ("k2",), ("a", "e", "paid", "unpaid")]
"""Findings that some figure is moved by together: all their decisions are tried against each other."""


def worlds() -> list[dict[str, int]]:
    """For each world the number of the decision by finding; the first world is that in which nothing is decided."""
    told = [{}]
    for names in TOGETHER:
        told += [dict(zip(names, way, strict=True)) for way in product(*(range(len(CHOICES[name])) for name in names))]
    return told


@pytest.fixture(scope="module")
def judged():
    """Months and totals: by indicator and area the cells of each world, the undecided one first."""
    connection = duckdb.connect()
    create_tables(connection)
    month, months = "2010-01", []
    for world in worlds():
        month = add_months(month, 1)
        months.append(month)
        draw(connection, month, world)
    population = [("2009-12", 2009, place, "常住", 1000, 1, 1) for place in townships()]
    connection.executemany(
        "insert into register.population (month, year, township_code, population_source, population, intake_no, row_no)"
        " values (?, ?, ?, ?, ?, ?, ?)", population,
    )  # fmt: skip
    open_in(connection, months[0])
    compute(connection, months)
    frame = observations(connection, months[0], months[-1])
    yield connection, months, cells(frame)
    connection.close()


def draw(connection, month, world):
    """The lists of a month as the findings are decided."""
    lists = defaultdict(list, {name: list(rows) for name, rows in FIXED.items()})
    for name, choices in CHOICES.items():
        for table, rows in choices[world.get(name, 0)].items():
            lists[table] += rows
    for name, columns in COLUMNS.items():
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"insert into register.{name} (month, intake_no, {', '.join(columns)}) values ('{month}', 1, {marks})",
            lists[name],
        )
    covered = [
        (name, month, place, 1, None, "", 0, 0) for name in (*COLUMNS, "lowinc_register") for place in townships()
    ]
    connection.executemany("insert into register.coverage values (?, ?, ?, ?, ?, ?, ?, ?)", covered)


def open_in(connection, month):
    connection.executemany(
        f"insert into lead.lead (rule_id, month, person_key, township_code) values (?, '{month}', ?, ?)", LEADS
    )
    connection.executemany(
        f"insert into quality.finding (rule_id, month, person_key, township_code) values (?, '{month}', ?, '{SHALIUHE}')",
        FINDINGS,
    )


def cells(frame):
    found = defaultdict(dict)
    for row in frame.iter_rows(named=True):
        if {row[name] for name in DIMENSIONS} == {"_T"}:
            found[row["indicator_id"], row["ref_area"]][row["time_period"]] = row
    return found


MOVED = [
    "dibao_urban_persons", "dibao_rural_persons", "dibao_urban_households", "dibao_coverage", "tekun_rural_persons", "tekun_central",
    "tekun_central_rate", "orphan_total", "fact_orphan_total", "child_coverage", "pwd_living_recipients", "pwd_living_coverage",
]  # fmt: skip


@pytest.mark.parametrize("indicator", MOVED)
@pytest.mark.parametrize("area", [county(), SHALIUHE, HARGAI])
def test_however_findings_are_decided_the_value_is_inside_and_both_ends_are_reached(judged, indicator, area):
    _, (base, *decided), found = judged
    own = found[indicator, area]
    low, high = own[base]["lower_bound"], own[base]["upper_bound"]
    values = [own[month]["obs_value"] for month in decided if own[month]["obs_value"] is not None]
    if not values:
        assert (low, high) == (None, None)
        return
    assert (low, high) == (pytest.approx(min(values)), pytest.approx(max(values)))
    assert low <= own[base]["obs_value"] <= high


def test_figures_that_nothing_moves_are_bounded_by_themselves(judged):
    _, months, found = judged
    for (indicator, area), own in found.items():
        for month, row in own.items():
            if month != months[0] or area[:9] not in (county(), SHALIUHE, HARGAI):
                assert row["lower_bound"] == row["obs_value"] == row["upper_bound"], (indicator, area, month)


def test_a_case_that_is_closed_moves_nothing_any_more(judged):
    connection, months, found = judged
    before = found["dibao_urban_persons", SHALIUHE][months[0]]
    closed = ("x", "YT02", months[0], "a", SHALIUHE, "closed")
    connection.execute(
        "insert into lead.case_month (case_id, rule_id, month, person_key, township_code, state) values (?, ?, ?, ?, ?, ?)",
        closed,
    )
    try:
        compute(connection, months[:1])
        now = cells(observations(connection, months[0], months[0]))["dibao_urban_persons", SHALIUHE][months[0]]
    finally:
        connection.execute("delete from lead.case_month")
        compute(connection, months[:1])
    assert now["lower_bound"] == before["lower_bound"] + 1


def test_every_rule_says_what_its_finding_could_change_or_why_nothing():
    told = unresolved()
    assert set(told.effects) | set(told.nothing) == {rule.rule_id for rule in lead_rules()} | set(rules())
    assert all(one.strikes or one.enters or one.unsettles for one in told.effects.values())
    assert all(reason.endswith(".") for reason in [*told.nothing.values(), *(e.reason for e in told.effects.values())])


def cell(indicator="tekun_rural_persons", numerator=20.0, denominator=None, lower=20.0, upper=20.0, **parts):
    times = registry()[indicator].multiplier
    value = numerator * times if denominator is None else numerator / denominator * times
    place = {"indicator_id": indicator, "ref_area": SHALIUHE, "time_period": "2024-03"}
    numbers = {"numerator": numerator, "denominator": denominator, "obs_value": value}
    return place | dict.fromkeys(DIMENSIONS, "_T") | numbers | {"lower_bound": lower, "upper_bound": upper} | parts


def bounds_of(*rows, step=5):
    frame = pl.DataFrame(rows, schema_overrides={"denominator": pl.Float64})
    told = widened(frame, step)
    assert told.drop("lower_bound", "upper_bound").equals(frame.drop("lower_bound", "upper_bound"))
    return [tuple(row) for row in told.select("lower_bound", "upper_bound").iter_rows()]


@pytest.mark.parametrize("step", [5, 10])
def test_what_is_published_holds_the_true_bounds_and_names_no_number_of_persons(step):
    for persons in range(step, 60):
        struck = range(persons + 1)
        rows = [cell(numerator=float(persons), lower=float(persons - n), time_period=str(n)) for n in struck]
        lows = [low for low, _ in bounds_of(*rows, step=step)]
        assert all(low <= persons - n for n, low in zip(struck, lows, strict=True))
        alike = Counter(lows)
        assert alike.pop(float(persons)) == 1, "no finding, no room"
        assert min(alike.values()) >= step, (persons, alike)


def test_the_way_up_is_told_in_whole_steps_too():
    assert bounds_of(cell(upper=21.0), cell(upper=25.0, time_period="b"), cell(upper=26.0, time_period="c")) == [
        (20.0, 25.0), (20.0, 25.0), (20.0, 30.0),
    ]  # fmt: skip


def test_a_breakdown_tells_no_more_than_its_total():
    women, men = ({"sex": sex, "numerator": persons, "upper": persons} for sex, persons in (("F", 12.0), ("M", 8.0)))
    assert bounds_of(cell(lower=17.0), cell(**women, lower=9.0), cell(**men, lower=8.0)) == [(15, 20), (7, 12), (0, 8)]
    classes = {"indicator": "child_coverage", "numerator": 20.0, "denominator": 20.0, "upper": 100.0}
    told = bounds_of(cell(**classes, lower=100.0), cell(**classes, lower=95.0, category="ORPHAN"))
    assert told == [(100, 100), (None, None)], "one of two rows of a child: the total keeps the child"


def test_a_rate_is_widened_by_persons_and_never_past_all_of_them():
    share = {"indicator": "tekun_central_rate", "numerator": 19.0, "denominator": 20.0}
    assert bounds_of(cell(**share, lower=90.0, upper=100.0)) == [(pytest.approx(70.0), 100.0)]


def test_what_no_finding_can_move_is_published_as_it_is():
    assert bounds_of(cell("inst_count", lower=20.0, upper=21.0), cell(lower=None, upper=None)) == [
        (20, 21),
        (None, None),
    ]
