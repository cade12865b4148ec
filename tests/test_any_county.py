"""A home of any area: no place in the code, its own contracts beside ours, and faults told in one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from minzheng.contracts.datasets import CONTRACTS
from minzheng.contracts.founding import found_contracts
from minzheng.contracts.paths import read_list
from minzheng.contracts.regions import short

ROOT = Path(__file__).resolve().parent.parent
CODE = ("minzheng", "simulation", "assets", "pipelines", "quality", "benchmarks", "sql")
HOME = yaml.safe_load((CONTRACTS / "county.yaml").read_text(encoding="utf-8"))


def test_no_county_or_township_stands_in_code():
    """Their codes and names, also in short: of every list that comes with us."""
    rows = [row for path in (CONTRACTS / "regions").glob("*.csv") for row in read_list(path)]
    places = [row for row in rows if row["level"] in ("prefecture", "county", "township")]
    names = {re.sub("(藏族自治州|回族自治县|县|镇|乡)$", "", row["name_zh"]) for row in places}
    codes = {row["code"] for row in places if row["level"] != "prefecture"}
    spelt = {word for words in HOME["spellings"].values() for word in words}
    literal = re.compile("|".join(sorted(codes | spelt | (names - {""}), key=len, reverse=True)))
    files = [
        path
        for folder in CODE
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".toml", ".html")
    ]
    assert len(files) > 600
    found = {path.name: literal.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name: words for name, words in found.items() if words} == {}


def called(home: Path, *words: str) -> tuple[int, str, str]:
    """The console script in a process of its own: exit status, what it says, its faults."""
    done = subprocess.run(
        [sys.executable, "-c", "from minzheng.cli import main; main()", *words],
        cwd=home.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        | {"MINZHENG_KEY_FILE": str(home.parent / "key.json")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_home_of_another_county_has_its_own_settings_and_contracts(tmp_path):
    home = tmp_path / "home"
    init = ("init", "--home", str(home), "--region", "632223", "--name", "海晏县")
    status, said, fault = called(home, *init)
    assert status == 0, fault
    assert "632223 海晏县" in said
    assert "[contacts.632223100]" in (home / "settings.toml").read_text(encoding="utf-8")
    owner = yaml.safe_load((home / "contracts/plans/145/plan.yaml").read_text(encoding="utf-8"))
    assert (owner["area"], owner["owner"], owner["reports_to"]) == (
        "632223",
        "海晏县民政局",
        "海晏县人民政府",
    )
    assert called(home, *init)[0] == 0
    (home / "contracts/county.yaml").write_text("region: '639999'\n", encoding="utf-8")
    (home / "landing/x.csv").write_text("不是表\n", encoding="utf-8")
    status, _, fault = called(home, "intake", "--home", str(home))
    assert status == 1
    assert fault.splitlines()[0].startswith("minzheng: region 639999 stands in no list of regions")


@pytest.mark.parametrize(
    ("words", "status", "fault"),
    [
        (("--region", "12"), 2, "six digits"),
        (("--region", "632223", "--name", "海北县"), 2, "is 海晏县 in the list"),
        (("--region", "639999"), 1, "stands in no list of regions"),
        (("--region", "639999", "--list", "part.csv"), 1, "stands in no list of regions"),
        (("--region", "639901", "--list", "part.csv"), 2, "lacks its townships or what it lies in"),
        (("--region", "639901", "--list", "other.csv"), 1, "is no list of regions"),
    ],
)
def test_what_makes_no_home_is_one_line_and_nothing_is_written(tmp_path, words, status, fault):
    (tmp_path / "part.csv").write_text(
        "区划代码,名称,级别,上级代码,城乡属性\n639901,大虚县,县,639900,\n", encoding="utf-8"
    )
    (tmp_path / "other.csv").write_text("姓名,年龄\n", encoding="utf-8")
    ended, _, said = called(tmp_path / "home", "init", "--home", str(tmp_path / "home"), *words)
    lines = [line for line in said.splitlines() if "new home is made" not in line]
    lines = [line for line in lines if "新建数据目录" not in line]
    assert (ended, len(lines)) == (status, 2), said
    assert fault in lines[0]
    assert not (tmp_path / "home").exists()


def test_a_home_of_another_area_is_not_written_over(tmp_path):
    found_contracts(tmp_path / "contracts", "632223", None, None)
    before = (tmp_path / "contracts/county.yaml").read_bytes()
    with pytest.raises(Exception, match="home of another area"):
        found_contracts(tmp_path / "contracts", "632221", None, None)
    assert (tmp_path / "contracts/county.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("code", "shortened"),
    [("632200", "6322"), ("341000", "3410"), ("630000", "63"), ("632224", "632224")]
    + [("632224100000", "632224100"), ("632224100200", "632224100200"), ("632224100", "632224100")],
)
def test_codes_are_shortened_to_their_level(code, shortened):
    assert short(code) == shortened
