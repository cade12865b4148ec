"""Any county by data: homes of other counties, in processes of their own, against the same independent recount."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minzheng.contracts.founding import found_contracts
from tests.place import PREFECTURE

ROOT = Path(__file__).resolve().parents[2]
AGREES = """
import sys
from pathlib import Path
from minzheng.contracts.plans import plan_for
from minzheng.contracts.regions import county, townships
from minzheng.contracts.report import report_plan
from tests.indicator.test_recount import assert_agree, both_sides
folder, first, last, seed = sys.argv[1:]
both = both_sides(Path(folder), first, last, int(seed))
assert_agree(*both)
areas = set(both[0]["ref_area"])
assert {county(), *townships()} <= areas, areas
assert all(area.startswith(county()) for area in areas), areas
assert plan_for(last).area == county()
print(county(), len(townships()), report_plan().office, report_plan().addressee)
"""


def large_county(path: Path) -> Path:
    """A made-up county of 25 townships, streets and farms: communities alone, villages alone, both, a farm's own unit, and none at all."""
    lines = [
        "区划代码,名称,级别,上级代码,城乡属性",
        "630000,虚构省,省,0,",
        "639900,虚构州,州,630000,",
    ]
    lines.append("639901,大虚县,县,639900,")
    for number in range(25):
        kind = ("街道", "镇", "乡", "农场")[number % 4]
        code = f"639901{(1, 100, 200, 400)[number % 4] + number:03d}"
        lines.append(f"{code}000,虚构{number + 1}号{kind},乡镇,639901,{kind}")
        communities, villages = ((3, 0), (2, 6), (0, 5), (0, 0))[number % 4]
        if number == 3:
            lines.append(f"{code}500,虚构分场,村社,{code},类似村委会")
        for unit in range(communities):
            lines.append(
                f"{code}{unit + 1:03d},虚构{number + 1}{unit + 1}社区居委会,村社,{code},居委会"
            )
        for unit in range(villages):
            lines.append(f"{code}{unit + 200},虚构{number + 1}{unit + 1}村委会,村社,{code},村委会")
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


COUNTIES = {
    "a county of the list": ("632223", None, f"632223 6 海晏县民政局 {PREFECTURE}民政局"),
    "a county of 25 townships": ("639901", large_county, "639901 25 大虚县民政局 虚构州民政局"),
}


def agrees(folder: Path, county: str, first: str, last: str) -> None:
    code, listed, told = COUNTIES[county]
    given = listed(folder / "regions.csv") if listed else None
    found_contracts(folder / "home" / "contracts", code, None, given)
    done = subprocess.run(
        [sys.executable, "-c", AGREES, str(folder), first, last, "7"],
        cwd=ROOT,
        env=os.environ | {"MINZHENG_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == told


@pytest.mark.parametrize(
    "county",
    [
        pytest.param("a county of the list", marks=pytest.mark.nightly),
        "a county of 25 townships",
    ],
)
def test_a_month_of_another_county_agrees_with_the_recount(tmp_path, county):
    agrees(tmp_path, county, "2024-02", "2024-02")


@pytest.mark.nightly
@pytest.mark.parametrize("county", COUNTIES)
def test_36_months_of_another_county_agree_with_the_recount(tmp_path, county):
    agrees(tmp_path, county, "2022-01", "2024-12")
