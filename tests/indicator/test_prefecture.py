"""A prefecture's home: four counties' files in one warehouse, against the independent recount, cell by cell.

One cast lives in all four counties: people move between them, stand on rolls of two, and die where another county registers it.
Each county has its own standards; one file of prices speaks for all.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from minzheng.contracts.founding import found_contracts
from minzheng.contracts.indicators import registry
from minzheng.disclosure.frames import SCHEMAS
from minzheng.indicators.revisions import CELL
from minzheng.publish.aggregation import Prefecture, summed_up
from minzheng.publish.counties import AREA_OF

ROOT = Path(__file__).resolve().parents[2]
PREFECTURE, COUNTIES = "6399", ("639901", "639902", "639903", "639904")
AGREES = """
import json, sys
from pathlib import Path
import polars as pl
from click.testing import CliRunner
from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.warehouse.connection import open_warehouse
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import counties, county, townships
from simulation import parameters
from tests.indicator.test_recount import ABOUT_HANDLING, CELL, assert_agree, both_sides
TWO_ROLLS = "select count(*) from (select person_key from lead.lead where rule_id = 'CF02' group by month, person_key having count(distinct left(township_code, 6)) > 1)"
DEAD_ELSEWHERE = (
    "select count(*) from lead.lead as found where rule_id in ('SW01', 'SW02') and not exists ("
    "select 1 from register.death_list as death join register.coverage as sender "
    "on sender.dataset = 'death_list' and sender.month = death.month and sender.intake_no = death.intake_no "
    "where death.person_key = found.person_key and starts_with(found.township_code, sender.township_code))"
)
folder, first, last, seed, people = sys.argv[1:]
known = parameters.county()
small = known.model_copy(update={"population_2020": known.population_2020.model_copy(update={"value": int(people)})})
parameters.county = lambda: small
both = both_sides(Path(folder), first, last, int(seed))
assert_agree(*both)
found, truth = both[0], both[2]
untold = found.join(truth, on=CELL, how="anti", nulls_equal=True)
assert set(untold["indicator_id"]) <= ABOUT_HANDLING, untold
told = found.filter(pl.col("obs_status").is_in(["A", "E", "U"]))
of_whole = set(told.filter(ref_area=county())["indicator_id"])
alone = {code for code, each in registry().items() if "prefecture" not in each.levels}
assert not of_whole & alone and len(of_whole) > 100, (of_whole & alone, len(of_whole))
std = told.filter(pl.col("indicator_id") == "dibao_std_urban", time_period=last)
assert std["obs_value"].n_unique() == len(counties()) == std.height, std
persons = told.filter(pl.col("indicator_id").str.ends_with("_persons") | (pl.col("indicator_id") == "old_age_allowance"))
keys = [name for name in CELL if name != "ref_area"]
each = persons.filter(pl.col("ref_area").is_in([*counties()])).group_by(keys).agg(pl.col("obs_value").sum())
whole = persons.filter(ref_area=county()).join(each, on=keys, suffix="_of_counties")
twice = whole.filter(pl.col("obs_value") < pl.col("obs_value_of_counties")).height
home = Home(Path(folder) / "home")
with open_warehouse(home) as connection:
    [(rolls,)] = connection.execute(TWO_ROLLS).fetchall()
    [(deaths,)] = connection.execute(DEAD_ELSEWHERE).fetchall()
told = CliRunner().invoke(cli, ["counties", "--home", str(home.path), "--month", last, "--to", f"{folder}/out"])
assert told.exit_code == 0, told.output
assert sum(": 应报" in line.replace("：", ": ") for line in told.output.splitlines()) == len(counties())
print(json.dumps({"twice": twice, "rolls": rolls, "deaths": deaths, "townships": len(townships())}))
"""


def four_counties(path: Path, townships: int) -> Path:
    """A made-up prefecture of four counties, each of some townships with a community and two villages."""
    lines = [
        "区划代码,名称,级别,上级代码,城乡属性",
        "630000,虚构省,省,0,",
        "639900,虚构州,州,630000,",
    ]
    for code, name in zip(COUNTIES, "甲乙丙丁", strict=True):
        lines.append(f"{code},{name}虚县,县,639900,")
        for number in range(townships):
            town, kind = f"{code}{100 + number}", ("镇", "乡")[number % 2]
            lines.append(f"{town}000,{name}虚{number + 1}号{kind},乡镇,{code},{kind}")
            lines.append(f"{town}001,{name}虚{number + 1}号社区居委会,村社,{town},居委会")
            for unit in (200, 201):
                lines.append(f"{town}{unit},{name}虚{number + 1}{unit}村委会,村社,{town},村委会")
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


def agrees(folder: Path, townships: int, *asked: str) -> dict:
    """Hold the figures against the recount and run the command; what of persons and leads several counties decide together."""
    listed = four_counties(folder / "regions.csv", townships)
    found_contracts(folder / "home" / "contracts", "639900", None, listed)
    home = {"MINZHENG_HOME": str(folder / "home"), "MINZHENG_KEY_FILE": str(folder / "key.json")}
    done = subprocess.run(
        [sys.executable, "-c", AGREES, str(folder), *asked],
        cwd=ROOT,
        env=os.environ | home | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("townships") == 4 * townships
    return told


@pytest.fixture(scope="module")
def three_months(tmp_path_factory):
    """What several counties decide together in three months, and the folder that the command wrote for the last."""
    folder = tmp_path_factory.mktemp("prefecture")
    yield agrees(folder, 2, "2023-12", "2024-02", "8", "6000"), folder / "out"
    shutil.rmtree(folder)


def table(folder: Path, name: str) -> pl.DataFrame:
    texts = ("ref_area", "township_code", "definition_version", "reason")
    read = {column: pl.String for column in texts}
    return pl.read_csv(folder / f"{name}.csv", schema_overrides=read, infer_schema_length=None)


def test_three_months_of_a_prefecture_agree_with_the_recount_persons_of_two_counties_counted_once(
    three_months,
):
    assert three_months[0]["twice"] > 0


def test_the_rules_find_who_stands_on_rolls_of_two_counties_and_whose_death_another_county_tells(
    three_months,
):
    assert three_months[0]["rolls"] > 0
    assert three_months[0]["deaths"] > 0


def test_a_countys_folder_holds_its_own_rows_only_and_the_prefectures_all_of_them(three_months):
    out = three_months[1]
    assert {path.name for path in out.iterdir() if path.is_dir()} == set(COUNTIES)
    for name, column in AREA_OF.items():
        whole = table(out, name)
        for county in COUNTIES:
            own = table(out / county, name)
            assert own[column].str.starts_with(county).all()
            assert own.height == whole[column].str.starts_with(county).sum()
        above = whole.filter(~pl.col(column).str.slice(0, 6).is_in(COUNTIES))
        assert set(above[column]) <= {PREFECTURE}
        assert name in ("contradictions", "leads") or not whole.is_empty()


def test_counties_are_ranked_where_their_bounds_tell_an_order_and_standards_of_a_county_have_no_whole(
    three_months,
):
    out = three_months[1]
    ranked = table(out, "ranking")
    assert 0 < ranked["rank"].null_count() < ranked.height
    for (code,), cells in ranked.group_by("indicator_id"):
        down = registry()[code].direction == "down"
        for one in cells.filter(pl.col("rank").is_not_null()).iter_rows(named=True):
            better = [
                other["obs_value"] < one["obs_value"]
                if down
                else other["obs_value"] > one["obs_value"]
                for other in cells.iter_rows(named=True)
                if other["obs_value"] is not None
            ]
            assert one["rank"] == sum(better) + 1
    rows = table(out, "observations")
    assert rows.filter(indicator_id="dibao_std_urban", ref_area=PREFECTURE).is_empty()
    assert rows.filter(indicator_id="dibao_std_urban")["obs_value"].n_unique() > 1


def test_who_moves_between_counties_is_neither_new_nor_gone_in_the_prefecture(three_months):
    flows = table(three_months[1], "movement").filter(
        pl.col("indicator_id").is_in(["old_age_allowance", "edge_persons", "pwd_care_recipients"])
    )
    whole = flows.filter(ref_area=PREFECTURE)
    assert whole.height == 3
    assert (whole["moved_in"].abs() + whole["moved_out"].abs()).sum() == 0


def test_what_the_counties_figures_sum_up_to_is_what_their_files_together_tell_but_for_persons_of_several(
    three_months,
):
    rows = table(three_months[1], "observations").cast(SCHEMAS["observations"])
    of = Prefecture(PREFECTURE, "虚构州", dict.fromkeys(COUNTIES, ""), dict.fromkeys(COUNTIES, 2))
    gathered = summed_up(rows.filter(pl.col("ref_area").is_in(COUNTIES)), of)
    both = rows.filter(ref_area=PREFECTURE).join(gathered, on=CELL, suffix="_gathered")
    kinds = {code: each.disclosure.kind for code, each in registry().items()}
    both = both.with_columns(kind=pl.col("indicator_id").replace_strict(kinds))
    told = both.filter(pl.col("kind").is_in(["money", "facilities", "households"]))
    apart = (pl.col("obs_value") - pl.col("obs_value_gathered")).abs() > 1e-9
    missing = pl.col("obs_value").is_null() != pl.col("obs_value_gathered").is_null()
    assert told["obs_value"].drop_nulls().len() > 50
    assert told.filter(apart | missing).is_empty()
    persons = both.filter(kind="persons")
    assert persons.filter(missing).is_empty()
    assert persons.filter(pl.col("obs_value") > pl.col("obs_value_gathered") + 1e-9).is_empty()


@pytest.mark.nightly
def test_two_years_of_a_prefecture_agree_with_the_recount(tmp_path):
    assert min(agrees(tmp_path, 4, "2023-01", "2024-12", "11", "24000").values()) > 0
