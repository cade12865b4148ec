"""The lake as files: a county-month takes the place of the old one whole, and what does not belong together is refused."""

import json

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.contracts.regions import county, townships
from minzheng.errors import MinzhengError
from minzheng.warehouse.lake import (
    ABOUT,
    About,
    Lake,
    definitions,
    refuse_mixed,
    refuse_strangers,
    write_about,
)
from pipelines.lake.cluster import tasks_of
from pipelines.lake.county import refuse_foreign
from pipelines.lake.task import Task
from tests.place import AREA

MONTHS = ["2024-01", "2024-02"]
HERE, THERE = AREA, "632223"


def written(text):
    """What writes `text` as each month's only file."""
    return lambda month, folder: (folder / "said").write_text(f"{text} {month}")


def said(lake):
    return {
        path.parent.name: path.read_text()
        for path in lake.folder("result", HERE).glob("month=*/said")
    }


def test_months_take_the_place_of_the_old_ones_and_others_stay(tmp_path):
    lake = Lake(tmp_path)
    lake.replace("result", HERE, MONTHS, written("old"))
    lake.replace("result", HERE, MONTHS[1:], written("new"))
    assert said(lake) == {"month=2024-01": "old 2024-01", "month=2024-02": "new 2024-02"}
    assert len(list(lake.folder("result", HERE).iterdir())) == 4, "a link and a folder a month"


def test_who_dies_over_the_second_month_changes_neither(tmp_path):
    lake = Lake(tmp_path)
    lake.replace("result", HERE, MONTHS, written("old"))

    def dies(month, folder):
        if month == MONTHS[1]:
            raise KeyboardInterrupt
        written("new")(month, folder)

    with pytest.raises(KeyboardInterrupt):
        lake.replace("result", HERE, MONTHS, dies)
    assert said(lake) == {f"month={month}": f"old {month}" for month in MONTHS}
    assert len(list(lake.folder("result", HERE).iterdir())) == 4


def test_two_who_write_at_once_leave_one_of_theirs_whole(tmp_path):
    lake = Lake(tmp_path)

    def meanwhile(month, folder):
        if month == MONTHS[0]:
            lake.replace("result", HERE, MONTHS, written("twin"))
        written("own")(month, folder)

    lake.replace("result", HERE, MONTHS, meanwhile)
    assert said(lake) == {f"month={month}": f"own {month}" for month in MONTHS}


def test_sweeping_takes_what_the_dead_have_left_and_nothing_else(tmp_path):
    lake = Lake(tmp_path)
    lake.replace("result", HERE, MONTHS, written("whole"))
    folder = lake.folder("result", HERE)
    (folder / ".month=2024-01.dead").mkdir()
    (folder / ".month=2024-01.dead.link").symlink_to(".month=2024-01.dead")
    lake.sweep("result", HERE)
    assert said(lake) == {f"month={month}": f"whole {month}" for month in MONTHS}
    assert len(list(folder.iterdir())) == 4


def test_the_county_with_most_to_read_comes_first(tmp_path):
    lake = Lake(tmp_path)
    for code, size in ((HERE, 1), (THERE, 20)):
        lake.replace("register", code, MONTHS, lambda _, folder, size=size: (folder / "a.parquet").write_bytes(b"x" * size))  # fmt: skip
    assert lake.counties() == [THERE, HERE]


@pytest.fixture
def poured(tmp_path):
    """`poured(county, key=..., definitions=..., told=...)`: a month's account; `told` is the county it names."""

    def pour(code, told=None, key="k1", made_by=None):
        about = About(told or code, MONTHS[0], key, made_by or definitions())
        Lake(tmp_path).replace(
            "register", code, MONTHS[:1], lambda _, folder: write_about(folder, about)
        )

    pour.lake = Lake(tmp_path)
    return pour


def test_an_earlier_month_is_computed_again_with_the_later_ones_of_every_county(poured):
    poured(HERE)
    poured(THERE)
    poured.lake.replace("result", HERE, ["2023-11", "2024-02", "2024-03"], written("old"))
    found = {task.county: task.months for task in tasks_of(poured.lake, ["2024-01"], "1GB")}
    assert found == dict.fromkeys([HERE, THERE], ("2024-01", "2024-02", "2024-03"))


def refused(lake):
    with pytest.raises(MinzhengError) as told:
        refuse_mixed(lake)
    return str(told.value)


def test_a_lake_whose_counties_belong_together_is_taken(poured):
    poured(HERE)
    poured(THERE)
    refuse_mixed(poured.lake)


def test_an_empty_folder_is_no_lake(poured):
    assert "is no lake" in refused(poured.lake)


def test_a_month_of_one_county_in_the_folder_of_another_is_refused(poured):
    poured(HERE)
    poured(THERE, told="632221")
    assert refused(poured.lake) == "the folder of county 632223 holds 2024-01 of county 632221"


def test_counties_under_two_keys_are_refused(poured):
    poured(THERE)
    poured(HERE, key="k2")
    assert refused(poured.lake).startswith(
        f"county {AREA} was exported under key k2, county 632223 under k1"
    )


def test_months_by_other_definitions_are_refused(poured):
    poured(HERE)
    poured(THERE, made_by="of-before")
    assert refused(poured.lake).startswith(
        "2024-01 of county 632223 was exported by definitions of-before"
    )


@pytest.mark.parametrize("content", [None, "{", json.dumps({"county": HERE})])
def test_a_month_without_a_readable_account_is_refused(poured, content):
    poured(HERE)
    path = poured.lake.folder("register", HERE) / f"month={MONTHS[0]}" / ABOUT
    path.unlink() if content is None else path.write_text(content)
    assert refused(poured.lake).endswith(f"export county {AREA} again")


def strangers(warehouse):
    with pytest.raises(MinzhengError) as told:
        refuse_strangers(warehouse, county(), townships())
    return str(told.value)


def test_rows_of_another_county_are_refused(warehouse, given):
    given("register.dibao_roll", "month | township_code\n2024-01 | 632223100")
    assert (
        strangers(warehouse)
        == f"the folder of county {AREA} holds rows of 632223: two counties under one code"
    )


def test_rows_of_a_township_in_no_list_are_refused_until_the_region_file_names_it(warehouse, given):
    given("register.coverage", f"dataset | month | township_code\ndibao_roll | 2024-01 | {AREA}999")
    assert strangers(warehouse) == f"{AREA}999 stands in no list of regions of county {AREA}"
    given("register.region", f"month | region_code\n2024-01 | {AREA}999")
    refuse_strangers(warehouse, county(), townships())


TASK = Task("lake", HERE, tuple(MONTHS), "1GB", definitions())


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (TASK._replace(definitions="of-before"), "install one version everywhere"),
        (TASK._replace(county=THERE), "632223 stands in no list of regions"),
    ],
)
def test_a_worker_with_other_definitions_or_no_list_of_the_county_computes_nothing(task, words):
    with pytest.raises(MinzhengError, match=words):
        refuse_foreign(task)
    refuse_foreign(TASK)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--engine spark", "--engine spark needs --master and --lake"),
        ("--lake .", "--engine spark needs --master and --lake"),
        (
            "--engine spark --lake empty --master local[2]",
            "empty is no lake: no county has exported",
        ),
        ("--engine spark --lake . --master yarn", "not a master: 'yarn'; write spark://host:port"),
    ],
)
def test_a_run_that_cannot_begin_says_why_and_makes_neither_home_nor_result(
    poured, monkeypatch, words, told
):
    poured(HERE)
    (poured.lake.path / "empty").mkdir()
    monkeypatch.chdir(poured.lake.path)
    done = CliRunner().invoke(cli, ["run", "--month", MONTHS[0], *words.split()])
    assert told in str(done.exception)
    assert sorted(path.name for path in poured.lake.path.iterdir()) == ["empty", "register"]
