"""A prefecture's home: four counties' files in one warehouse, against the independent recount, cell by cell.

One cast lives in all four counties: people move between them, stand on rolls of two, and die where another county registers it.
Each county has its own standards; one file of prices speaks for all.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minzheng.contracts.founding import found_contracts

ROOT = Path(__file__).resolve().parents[2]
PREFECTURE, COUNTIES = "6399", ("639901", "639902", "639903", "639904")
AGREES = """
import sys
from pathlib import Path
import polars as pl
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import counties, county, townships
from simulation import parameters
from tests.indicator.test_recount import ABOUT_HANDLING, CELL, assert_agree, both_sides
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
print(whole.filter(pl.col("obs_value") < pl.col("obs_value_of_counties")).height, len(townships()))
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


def agrees(folder: Path, townships: int, *asked: str) -> int:
    """Hold the figures against the recount; how many counts of persons are less in the prefecture than in its counties together."""
    listed = four_counties(folder / "regions.csv", townships)
    found_contracts(folder / "home" / "contracts", "639900", None, listed)
    done = subprocess.run(
        [sys.executable, "-c", AGREES, str(folder), *asked],
        cwd=ROOT,
        env=os.environ | {"MINZHENG_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    twice, places = map(int, done.stdout.split()[-2:])
    assert places == 4 * townships
    return twice


def test_three_months_of_a_prefecture_agree_with_the_recount_persons_of_two_counties_counted_once(
    tmp_path,
):
    assert agrees(tmp_path, 2, "2023-12", "2024-02", "8", "6000") > 0


@pytest.mark.nightly
def test_two_years_of_a_prefecture_agree_with_the_recount(tmp_path):
    assert agrees(tmp_path, 4, "2023-01", "2024-12", "11", "24000") > 0
