"""A home of any area: no place in the code, its own contracts beside ours, and faults told in one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from minzheng.contracts.founding import found_contracts
from minzheng.contracts.paths import CONTRACTS, read_list
from minzheng.contracts.regions import short
from tests.place import AREA, AREA_SHORT, PREFECTURE

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
    assert told(literal, files) == {}


def test_the_tests_take_their_own_area_from_the_contracts():
    """`tests/place.py` reads its code and names; those of other places stand where a test is about them."""
    places = "|".join((AREA, AREA_SHORT, PREFECTURE[:2]))
    assert told(re.compile(places), sorted((ROOT / "tests").rglob("*.py"))) == {}


def told(literal: re.Pattern[str], files: list[Path]) -> dict[str, list[str]]:
    """What the pattern finds in each file that holds it."""
    found = {str(path): literal.findall(path.read_text(encoding="utf-8")) for path in files}
    return {name: words for name, words in found.items() if words}


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
        (("--region", "632223", "--name", "海虚县"), 2, "is 海晏县 in the list"),
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
    [("632200", "6322"), ("341000", "3410"), ("630000", "63"), (AREA, AREA)]
    + [
        (f"{AREA}100000", f"{AREA}100"),
        (f"{AREA}100200", f"{AREA}100200"),
        (f"{AREA}100", f"{AREA}100"),
    ],
)
def test_codes_are_shortened_to_their_level(code, shortened):
    assert short(code) == shortened


OWN_DATASET = """\
dataset: canteen_roll
title: {zh: 幸福食堂就餐老人名册, en: Person x month}
grain: person x month
key: [statistical_month, card]
frequency: monthly
kind: ledger
columns:
- {name: statistical_month, header: 统计月份, type: month, required: true, note: {zh: 所报的月份, en: Month}}
- {name: region_code, header: 行政区划代码, type: code12, required: true, note: {zh: 村(社区)代码, en: Village}}
- {name: card_number, header: 就餐卡号, type: text, required: true, note: {zh: 卡号, en: Card}}
- {name: meal, header: 餐别, type: code, codes: meal_kind, required: true, note: {zh: 餐别, en: Meal}}
"""
MISSING = """\
filling.yaml: columns has no example of canteen_roll.card_number, which must be filled in
codes.yaml: no list meal_kind, which datasets/canteen_roll.yaml names
datasets/canteen_roll.yaml: its key names card, which is no column
calendar.yaml: datasets has no line for canteen_roll
comprehensive_items.csv: no item foster_homes_v, which indicators/foster_homes.yaml counts
unresolved.yaml: says nothing of what a finding of Z01 could change
colour.yaml: nothing reads a file of this name
"""


def test_what_an_own_dataset_indicator_and_rule_still_lack_is_one_list(tmp_path):
    own = tmp_path / "home" / "contracts"
    files = {"datasets/canteen_roll.yaml": OWN_DATASET, "colour.yaml": "a: 1\n"}
    adopted = (CONTRACTS / "indicators/adoptions.yaml").read_text(encoding="utf-8")
    adopted = adopted.replace("code: adoptions\n", "code: foster_homes\n")
    files["indicators/foster_homes.yaml"] = adopted.replace("adoptions_v", "foster_homes_v")
    rules = yaml.safe_load((CONTRACTS / "rules/child.yaml").read_text(encoding="utf-8"))
    rule = rules["rules"][0] | {"id": "Z01"}
    files["rules/own.yaml"] = yaml.safe_dump(rules | {"scope": "own", "rules": [rule]})
    for name, text in files.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, encoding="utf-8")
    status, said, _ = called(tmp_path / "home", "check-contracts", "--home", str(tmp_path / "home"))
    assert (status, said) == (1, MISSING)
    (own / "colour.yaml").unlink()
    (own / "rules/own.yaml").unlink()
    (own / "datasets/canteen_roll.yaml").write_text(OWN_DATASET.replace("card]", "card_number]"))
    (own / "calendar.yaml").write_text("datasets: {canteen_roll: {from: townships}}\n")
    (own / "codes.yaml").write_text("meal_kind: {午餐: {}, 晚餐: {}}\n")
    (own / "filling.yaml").write_text("columns: {canteen_roll.card_number: {example: K001}}\n")
    items = (
        "item_code,item_name,unit,kind,indicator\nfoster_homes_v,寄养家庭数,件,flow,foster_homes\n"
    )
    (own / "comprehensive_items.csv").write_text(items, encoding="utf-8")
    status, said, fault = called(
        tmp_path / "home", "check-contracts", "--home", str(tmp_path / "home")
    )
    assert (status, said) == (0, "the contracts hold together 数据合同齐全\n"), fault


CHILDREN = """
import duckdb
from minzheng.indicators import models
from minzheng.warehouse.connection import create_tables
from minzheng.contracts.regions import townships
with duckdb.connect() as connection:
    create_tables(connection)
    town = next(iter(townships()))
    for number, word in enumerate(("孤儿", "事实无人抚养儿童", "艾滋病病毒感染儿童")):
        connection.execute("insert into register.child_roll by name select '2024-01' as month, ? as township_code, true as active, "
                           "? as child_class, '社会散居' as care_form, ? as person_key, 100 as monthly_amount", [town, word, f"k{number}"])
        connection.execute("insert into register.coverage by name select 'child_roll' as dataset, '2024-01' as month, ? as township_code, 1 as intake_no", [town])
    models.compute(connection, ["2024-01"])
    rows = connection.execute("select indicator_id, category, cast(obs_value as integer), cast(denominator as integer) from indicator.observation "
                              "where ref_area = ? and indicator_id in ('child_coverage', 'orphan_total', 'fact_orphan_total') "
                              "and category in ('_T', 'ORPHAN', 'FACT', 'HIV') and sex = '_T' order by all", [town])
    print(rows.fetchall())
"""


def test_a_class_of_children_of_ones_own_is_a_word_and_a_category(tmp_path):
    own = tmp_path / "home" / "contracts"
    (own / "indicators").mkdir(parents=True)
    (own / "codes.yaml").write_text(
        "child_class: {艾滋病病毒感染儿童: {synonyms: [艾滋病感染儿童]}}\n"
    )
    category = "breakdowns: {category: {codes: {HIV: 艾滋病病毒感染儿童}}}\n"
    (own / "indicators/child_coverage.yaml").write_text(category, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CHILDREN],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MINZHENG_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-1500:]
    coverage = [("FACT", 100, 1), ("HIV", 100, 1), ("ORPHAN", 100, 1), ("_T", 100, 3)]
    assert done.stdout.strip() == str(
        [("child_coverage", *cell) for cell in coverage]
        + [("fact_orphan_total", "_T", 1, None), ("orphan_total", "_T", 1, None)]
    )
