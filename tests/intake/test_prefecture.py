"""Files in a prefecture's home: whose they are, what is owed by whom, and what goes back to which county."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minzheng.contracts.founding import found_contracts
from minzheng.contracts.paths import CONTRACTS, read_list
from tests.conftest import read_drawing
from tests.intake.sheets import rows_of
from tests.place import AREA, PREFECTURE

ROOT = Path(__file__).resolve().parents[2]

TAKEN = f"""
    file                     | title                       | dataset        | places                | says
    632221/低保.csv           | 2024年3月花名册               | dibao_roll     | 632221100             | 632221
    632221/核对.csv           | 2024年3月名册                | asset_hit      |                       | 632221
    a.csv                    | 海晏县2024年3月名册            | death_list     |                       | 632223
    {PREFECTURE}/cpi.csv      | 2024年3月                    | cpi_series     |                       | 632221,632222,632223,{AREA}
    b.csv                    | 2024年3月名册                | asset_hit      |                       | hold county_unnamed
    632223/c.csv             | 祁连县2024年3月花名册          | dibao_roll     | 632223100             | hold area_named_otherwise:祁连县 海晏县
    门源回族自治县/d.csv        | 2024年3月花名册               | dibao_roll     | 632222100             | hold area_named_otherwise:门源回族自治县 祁连县
    e.csv                    | 2024年3月花名册               | dibao_roll     | 632222100 632222101   | 632222
    区划/全州.csv             | 2024年3月人口                | population     | 632221100 632223100   | 632221,632223
    632222/f.csv             | 海晏县2024年3月名册            | asset_hit      |                       | hold area_named_otherwise:祁连县 海晏县
    632222/死亡.csv           | 2024年3月名册                | death_list     |                       | 632222
    {AREA}/死亡.csv           | 2024年3月名册                | death_list     |                       | {AREA}
    {AREA}/死亡2.csv          | 2024年3月名册                | death_list     |                       | {AREA}
"""
"""What a file is called and says, the townships of its rows, and the counties it is taken as, or why it waits for somebody."""

DRAWN = read_drawing(TAKEN)[1]
NAMES_OF = {row["code"]: row["name_zh"] for row in read_list(CONTRACTS / "regions" / "6322.csv")}
COUNTIES = ("632221", "632222", "632223", AREA)
WAITING = {"6322": f"{PREFECTURE}民政局", "632223100": "三角城镇", "632223": "海晏县民政局"}
SCRIPT = """
import datetime as dt, json
from minzheng.commands.run import run_home
from minzheng.custody.home import Home
from minzheng.custody.vault import keys_of
from minzheng.errors import WrongCall
from minzheng.intake import take_in
from minzheng.intake.completeness import missing
from minzheng.intake.report import status
from minzheng.intake.returns import owner_name, return_lists
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.register import build_register
home = Home.find().create()
with open_warehouse(home) as connection:
    take_in(home, connection, keys_of(home))
    build_register(connection, ["2024-03"])
    held = connection.execute("select dataset, township_code, rows_accepted, rows_quarantined from register.coverage "
                              "where rows_accepted + rows_quarantined > 0").fetchall()
    lists = [*return_lists(connection, "2024-03", dt.date(2024, 4, 20))]
try:
    run_home(home=home, first="2024-03", last="2024-03", landing=None, again=False)
except WrongCall as error:
    refused = error.status, str(error)
owed = {one.dataset: one.zh for one in missing(home, "2024-03", dt.date(2024, 4, 30))}
print(json.dumps({"files": status(home)["files"], "held": held, "lists": {code: owner_name(code) for code in lists},
                  "owed": owed, "refused": refused}, default=str))
"""


def file_of(name: str, title: str, places: list[str]) -> bytes:
    """Three rows in each place, or three without one; of the last asset hit the date is no date."""
    rows = []
    for at, place in enumerate(places or [""]):
        for row in rows_of(name, 1 if name in ("population", "cpi_series") else 3, first=5 * at):
            here = {"行政区划代码": f"{place}000", "乡镇代码": place, "年份": "2023"}
            here |= {"乡镇": NAMES_OF.get(place), "村(社区)": "不详"}
            rows.append(row | {head: cell for head, cell in here.items() if place and head in row})
    if name == "asset_hit":
        rows[-1]["核对日期"] = "三月"
    lines = [[title], [*rows[0]], *([*row.values()] for row in rows)]
    return "\n".join(",".join(str(cell or "") for cell in line) for line in lines).encode()


@pytest.fixture(scope="module")
def prefecture(tmp_path_factory) -> dict:
    """What the prefecture's home says of the drawn files."""
    folder = tmp_path_factory.mktemp("prefecture")
    found_contracts(folder / "home/contracts", "632200", None, None)
    for number, (file, title, name, places, _) in enumerate(DRAWN):
        path = folder / "home/landing" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file_of(name, title, (places or "").split()))
        os.utime(path, (1_712_000_000 + number, 1_712_000_000 + number))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ
        | {"MINZHENG_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        | {"MINZHENG_KEY_FILE": str(folder / "key.json")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("file", "title", "name", "places", "says"), DRAWN)
def test_a_file_speaks_for_the_county_that_its_rows_its_title_or_its_folder_name(
    prefecture, file, title, name, places, says
):
    (told,) = [one for one in prefecture["files"] if one["name"] == file]
    counties = ",".join(sorted({code[:6] for code in told["townships"]}))
    taken = counties if told["verdict"] != "hold" else f"hold {told['reasons'][0]}"
    assert taken == says


def test_what_is_held_what_is_owed_and_what_goes_back_stands_by_county(prefecture):
    held = {(name, code): counts for name, code, *counts in prefecture["held"]}
    assert held["asset_hit", "632221"] == [2, 1]
    assert {code for name, code in held if name == "cpi_series"} == set(COUNTIES)
    assert prefecture["owed"]["death_list"].endswith(":门源回族自治县")
    assert "cpi_series" not in prefecture["owed"]
    assert prefecture["lists"] == {"632221": "门源回族自治县民政局"} | WAITING


def test_the_same_bytes_of_two_counties_are_two_files(prefecture):
    told = {one["name"]: one["verdict"] for one in prefecture["files"] if "死亡" in one["name"]}
    assert told == {
        "632222/死亡.csv": "accept",
        f"{AREA}/死亡.csv": "accept",
        f"{AREA}/死亡2.csv": "duplicate",
    }


def test_a_home_of_several_counties_drafts_no_report_of_one_and_says_what_computes_its_figures(
    prefecture,
):
    status, why = prefecture["refused"]
    assert status == 2
    assert "minzheng counties --month" in why
