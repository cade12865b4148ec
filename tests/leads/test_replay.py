"""A simulated county arrives month by month, its corrections a month late: cases keep their identity and explain themselves."""

import shutil
from itertools import pairwise

import polars as pl
import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.intake import take_in
from minzheng.leads.cases import rebuild_cases
from minzheng.leads.matching import compute
from minzheng.leads.rules import rules
from minzheng.months import months_between
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register, loaded_months
from minzheng.warehouse.stale import mark_computed, stale_months
from simulation import simulate

WITHOUT_GROUND = """
select c.state, c.month
from lead.case_month as c
left join lead.lead as opening
    on opening.rule_id = c.rule_id and opening.person_key = c.person_key and opening.township_code = c.township_code
    and opening.month = c.opened_month
left join lead.lead as now
    on now.rule_id = c.rule_id and now.person_key = c.person_key and now.township_code = c.township_code
    and now.month = c.month
left join (
    select c.case_id, c.month, count(*) as times
    from lead.case_month as c
    join lead.evaluated as judged
        on judged.rule_id = c.rule_id and judged.township_code = c.township_code
        and judged.month > c.last_month and judged.month <= c.month and judged.complete
    group by c.case_id, c.month
) as absent on absent.case_id = c.case_id and absent.month = c.month
where coalesce(c.reason, '') <> 'withdrawn' and (
    opening.month is null
    or (c.state = 'disappeared' and (now.month is not null or absent.times is null))
    or (c.state in ('open', 'reopened', 'acknowledged') and absent.times is not null)
    or (c.state = 'reopened') <> (c.state = 'reopened' and c.opened_month > c.first_month)
)
"""
VANISHED_WITHOUT_GROUND = """
select before.case_id, before.month
from before
join lead.lead using (rule_id, person_key, township_code)
where lead.month <= before.month
    and not exists (
        select 1 from lead.case_month as now where now.case_id = before.case_id and now.month = before.month
    )
"""


def deliveries(landing):
    """The files of each delivery in order: the first month after the second, so that openings move; corrections a month late."""
    months = sorted(path.name for path in landing.iterdir() if path.name != "truth")
    files = {
        month: sorted(path for path in (landing / month).rglob("*") if path.is_file())
        for month in months
    }
    late = {month: [path for path in files[month] if "更正" in path.name] for month in months}
    first, second, *_ = months
    yield [path for path in files[second] if path not in late[second]]
    yield [path for path in files[first] if path not in late[first]]
    for before, month in pairwise(months):
        if month != second:
            yield [path for path in files[month] if path not in late[month]]
        yield late[before]
    yield late[months[-1]]  # may be nothing, as when no correction came in a month


def deliver(home, connection, keys, folder, landing, files):
    """Put the files into the folder where an office drops them, as old as they are, and take them in."""
    for path in files:
        target = folder / path.relative_to(landing)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    take_in(home, connection, keys, folder)


def replay(tmp_path, first, last, seed):
    """Replay the county, checking after each delivery; returns how many corrections came and which rules had planted cases."""
    landing, folder, corrections, identity = tmp_path / "landing", tmp_path / "dropped", 0, {}
    simulate(landing, first, last, seed, faults="usual", progress=False)
    folder.mkdir()
    keys, home = Keys.create(tmp_path / "key.json"), Home(tmp_path / "home").create()
    with open_warehouse(home) as connection:
        for files in deliveries(landing):
            connection.execute(
                "create or replace temp table before as select * from lead.case_month"
            )
            deliver(home, connection, keys, folder, landing, files)
            months = stale_months(
                connection
            )  # as a run does: a standard decided late reaches earlier months too
            build_register(connection, months)
            compute(connection, months)
            mark_computed(connection, months)
            assert connection.execute(WITHOUT_GROUND).fetchall() == []
            assert connection.execute(VANISHED_WITHOUT_GROUND).fetchall() == []
            for case_id, *who in connection.execute(
                "select distinct case_id, rule_id, person_key, township_code from lead.case_month"
            ).fetchall():
                assert identity.setdefault(tuple(who), case_id) == case_id
            corrections += sum("更正" in path.name for path in files)
        assert len(set(identity.values())) == len(identity) > 0
        assert_as_from_nothing(connection)
        judged = assert_as_planted(connection, keys, landing)
    return corrections, judged


def assert_as_from_nothing(connection):
    stepwise = connection.sql("select * from lead.case_month order by all").pl()
    connection.execute("delete from lead.case_month")
    rebuild_cases(connection, loaded_months(connection))
    assert stepwise.equals(connection.sql("select * from lead.case_month order by all").pl())


def assert_as_planted(connection, keys, landing):
    """Precision and recall of each rule against what was planted are 1; returns the rules that were put to the test.

    A person without an id number has a key of file and row, which the plan does not know: those are compared by number.
    """
    told = pl.read_parquet(landing / "truth" / "leads.parquet")
    person = told["person_id_no"].map_elements(
        lambda number: keys.pseudonym("person", number), return_dtype=pl.String
    )
    planted = told.select("rule_id", "month", "township_code", person_key=person)
    found = connection.sql("select rule_id, month, township_code, person_key from lead.lead").pl()
    named = planted.filter(pl.col("person_key").is_not_null())
    unknown = found.join(planted, on=planted.columns, how="anti")
    unnamed = planted.filter(pl.col("person_key").is_null())
    places = ["rule_id", "month", "township_code"]
    assert (
        unknown.group_by(places)
        .len()
        .sort(places)
        .equals(unnamed.group_by(places).len().sort(places))
    )
    missed = named.join(found, on=planted.columns, how="anti")
    assert missed.group_by("rule_id").len().rows() == []
    return set(planted["rule_id"])


def test_two_months_with_late_corrections_keep_the_identity_of_every_case(tmp_path):
    corrections, _ = replay(tmp_path, "2023-11", "2023-12", 31)
    assert corrections > 0


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [7, 2024, 4711])
def test_thirty_six_months_with_late_corrections_keep_the_identity_of_every_case(tmp_path, seed):
    assert len(months_between("2021-01", "2023-12")) == 36
    corrections, judged = replay(tmp_path, "2021-01", "2023-12", seed)
    assert corrections >= 12, "in a third of the months or more"
    assert judged == {rule.rule_id for rule in rules()}, "every rule has planted cases"
