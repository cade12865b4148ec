"""The recipes of CONTRIBUTING.md, carried out to the letter in a copy of the house, and what comes of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.place import AREA, AREA_NAME

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("minzheng", "assets", "pipelines", "quality", "simulation", "contracts", "sql", "docs")


@pytest.fixture
def house(tmp_path):
    """A copy of the packages, contracts and models."""
    for name in HOUSE:
        ignored = shutil.ignore_patterns("__pycache__", "*.png")
        shutil.copytree(ROOT / name, tmp_path / "house" / name, ignore=ignored)
    return tmp_path / "house"


def run(house, code):
    """Code in the copied house; its last words."""
    environment = os.environ | {
        "PYTHONPATH": str(house), "MINZHENG_HOME": str(house.parent / "home"),
        "MINZHENG_KEY_FILE": str(house.parent / "key.json"),
    }  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=house.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert told.returncode == 0, told.stderr[-1500:]
    return told.stdout


INTAKE = """
import sys, pathlib
folder = pathlib.Path('home/landing/2024-03'); folder.mkdir(parents=True, exist_ok=True)
(folder / 'x.csv').write_text({text!r}, encoding='utf-8')
from minzheng.cli import main
sys.argv = ['minzheng', 'intake']
try: main()
except SystemExit as end: print('exit', end.code or 0)
import duckdb
with duckdb.connect('home/warehouse/minzheng.duckdb', read_only=True) as connection:
    print(connection.execute({query!r}).fetchall())
"""

EXTRACT = """\
dataset: canteen_roll
title: {zh: 幸福食堂就餐老人名册, en: Person x month}
grain: person x month
key: [statistical_month, card_number]
frequency: monthly
kind: ledger
columns:
- {name: statistical_month, header: 统计月份, type: month, required: true, note: {zh: 所报的月份, en: Month}}
- {name: region_code, header: 行政区划代码, type: code12, required: true, note: {zh: 村(社区)代码, en: Village}}
- {name: card_number, header: 就餐卡号, type: text, required: true, note: {zh: 卡号, en: Card}}
- {name: meals, header: 就餐次数, type: int, required: true, note: {zh: 本月次数, en: Meals}}
"""


def test_add_an_extract(house):
    (house / "contracts/datasets/canteen_roll.yaml").write_text(EXTRACT, encoding="utf-8")
    with (house / "contracts/calendar.yaml").open("a", encoding="utf-8") as calendar:
        calendar.write("  canteen_roll: {from: townships}\n")
    with (house / "contracts/filling.yaml").open("a", encoding="utf-8") as filling:
        filling.write("  canteen_roll.card_number: {example: K001}\n")
    text = f"{AREA_NAME}2024年3月幸福食堂就餐老人名册\n统计月份,行政区划代码,就餐卡号,就餐次数\n2024-03,{AREA}100001,K001,12\n"
    query = "select month, township_code, card_number, meals from raw.canteen_roll"
    assert f"[('2024-03', '{AREA}100', 'K001', 12)]" in run(
        house, INTAKE.format(text=text, query=query)
    )
    run(house, "import pipelines.definitions")
    run(
        house,
        "from minzheng.publish import handbook; assert '幸福食堂就餐老人名册' in handbook.columns_page()",
    )
    code = "import sys; sys.argv = ['minzheng', 'template', '幸福食堂就餐老人名册', '--to', 'x.xlsx']; from minzheng.cli import main; main()"
    run(house, code)
    assert (house.parent / "x.xlsx").is_file()


def test_add_a_word_and_a_header(house):
    for name, old, new in (
        (
            "codes.yaml",
            "城市低保: {synonyms: [城镇低保",
            "城市低保: {synonyms: [市区低保, 城镇低保",
        ),
        ("aliases.yaml", "月保障金额: [保障金额", "月保障金额: [本月应得, 保障金额"),
    ):
        path = house / "contracts" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    text = (
        f"{AREA_NAME}沙柳河镇2024年3月低保花名册\n统计月份,行政区划代码,乡镇,村(社区),户编号,姓名,身份证号,性别,出生日期,户口性质,救助类别,"
        f"保障人口数,本月应得,银行账号,起始年月,状态\n2024-03,{AREA}100001,沙柳河镇,城东社区,H1,虚构才让,{AREA}196207019015,男,"
        "1962-07-01,农村,市区低保,1,300.00,999900000000000901,2021-06,在保\n"
    )
    query = "select scheme, monthly_amount from raw.dibao_roll"
    assert "[('城市低保', Decimal('300.00'))]" in run(house, INTAKE.format(text=text, query=query))


def test_add_an_indicator_from_an_item_of_the_return(house):
    written = (house / "contracts/indicators/adoptions.yaml").read_text(encoding="utf-8")
    written = written.replace("code: adoptions\n", "code: foster_homes\n").replace(
        "adoptions_v", "foster_homes_v"
    )
    (house / "contracts/indicators/foster_homes.yaml").write_text(
        written.replace("收养登记件数", "寄养家庭数"), encoding="utf-8"
    )
    with (house / "contracts/comprehensive_items.csv").open("a", encoding="utf-8") as items:
        items.write("foster_homes_v,寄养家庭数,件,flow,foster_homes\n")
    code = f"""
import duckdb, datetime
from minzheng.warehouse.connection import create_tables
from minzheng.indicators import models
with duckdb.connect() as connection:
    create_tables(connection)
    connection.execute("insert into register.coverage values ('comprehensive_return','2024-01','{AREA}',1,'2024-02-05 09:00:00','',1,0)")
    connection.execute("insert into register.comprehensive_return by name select '2024-01' as month, '{AREA}' as township_code, 'foster_homes_v' as item_code, '件' as unit, 4 as month_value, 'number' as month_value_mark, 4 as year_to_date_value, 'number' as year_to_date_value_mark, 1 as intake_no, '' as sheet, 4 as row_no")
    models.compute(connection, ['2024-01'])
    print(connection.execute("select obs_value, obs_status from indicator.observation where indicator_id = 'foster_homes'").fetchall())
"""
    assert "[(4.0, 'A')]" in run(house, code)


def test_add_a_setting(house):
    path = house / "minzheng/custody/settings.py"
    text = path.read_text(encoding="utf-8")
    new = 'class Printing(Strict):\n    """Printing."""\n\n    copies: int = setting("份数。", "Copies.", 2, ge=1, le=9)\n\n\nTownshipCode = '
    text = text.replace("TownshipCode = ", new, 1)
    field = '    printing: Printing = Field(Printing(), description="打印")\n    contacts: dict['
    path.write_text(text.replace("    contacts: dict[", field, 1), encoding="utf-8")
    code = """
import pathlib
from minzheng.custody.home import Home
from minzheng.custody.settings import documented, settings
from minzheng.errors import MinzhengError
from minzheng.publish.handbook import settings_page
home = Home.find().create()
home.settings.write_text('[printing]\\ncopys = 3')
try: settings(home)
except MinzhengError as error: print(error)
print('份数' in documented(), 'printing.copies' in settings_page())
"""
    told = run(house, code)
    assert "did you mean printing.copies?" in told
    assert "True True" in told


def test_change_a_number_of_a_lead_rule(house):
    path = house / "contracts/leads/CB03.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{dwellings: 2}", "{dwellings: 5}"), encoding="utf-8")
    code = """
import duckdb
from minzheng.leads.matching import find
from minzheng.leads.rules import rule
with duckdb.connect() as connection:
    connection.execute("create schema lead")
    connection.execute("create table lead.lead (rule_id text, month text, person_key text, township_code text, evidence text)")
    connection.execute("create table aided as select '2024-01' as month, p as person_key, 't' as township_code, p as place from (values ('four'), ('six')) as v(p)")
    connection.execute("create table checked_asset as select *, 't' as county_code, '房产' as hit_kind, if(person_key = 'six', 6, 4) as hit_value from aided")
    find(connection, [rule('CB03')])
    print(rule('CB03').title.zh, connection.execute('select person_key from lead_found').fetchall())
"""
    assert run(house, code) == "名下房产超过5套 [('six',)]\n"


def test_change_the_colour_of_charts(house):
    path = house / "contracts/report/colours.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("#0072B2", "#123456"), encoding="utf-8")
    code = """
from minzheng.publish.charts.figures import COLOURS
from minzheng.publish.site.assets import colours_css
print(COLOURS[0], colours_css())
"""
    assert run(house, code).count("#123456") == 2


def test_change_what_an_edition_holds(house):
    path = house / "contracts/editions.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("areas: [county, township, village]", "areas: [county]", 1), encoding="utf-8"
    )
    code = """
import polars as pl
from minzheng.contracts.editions import edition
from minzheng.disclosure.frames import SCHEMAS
from minzheng.disclosure.showing import shown_observations
places = [{'indicator_id': 'dibao_rural_persons', 'ref_area': place} for place in ('{AREA}', '{AREA}100', '{AREA}100001')]
whole = pl.DataFrame(places, schema=SCHEMAS['observations'])
print(shown_observations(whole, edition('bureau'))['ref_area'].to_list())
""".replace("{AREA}", AREA)
    assert run(house, code) == f"['{AREA}']\n"


def test_change_a_sentence_that_a_clerk_reads(house):
    path = house / "contracts/reasons.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("文件是空的", "文件没有内容"), encoding="utf-8")
    code = """
import pathlib, sys
from minzheng.cli import main
sys.stderr = sys.stdout
landing = pathlib.Path('home/landing/2024-03'); landing.mkdir(parents=True)
(landing / 'empty.csv').touch()
sys.argv = ['minzheng', 'intake']
try: main()
except SystemExit: pass
"""
    assert "退回 1 2024-03/empty.csv：文件没有内容" in run(house, code)


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_add_a_column_of_observations(house):
    replaced(
        house / "contracts/observations.yaml",
        "release: ",
        'area_digits: {type: integer, title: 区划位数, description: "Digits of the area\'s code"}\nrelease: ',
    )
    replaced(
        house / "sql/indicator/observation.sql",
        "    definition.version as definition_version,\n",
        "    definition.version as definition_version, length(valued.ref_area) as area_digits,\n",
    )
    code = f"""
import duckdb
from minzheng.warehouse.connection import create_tables
from minzheng.disclosure.frames import SCHEMAS
from minzheng.indicators import models
from minzheng.publish.release.dictionary import data_dictionary
with duckdb.connect() as connection:
    create_tables(connection)
    connection.execute("insert into register.coverage values ('comprehensive_return','2024-01','{AREA}',1,'2024-02-05 09:00:00','',1,0)")
    models.compute(connection, ['2024-01'])
    seen = models.observations(connection, '2024-01', '2024-01')
    print(sorted(set(seen['area_digits'])), 'area_digits' in SCHEMAS['observations'], '区划位数' in data_dictionary())
"""
    assert run(house, code) == "[6, 9, 12] True True\n"


def test_add_an_output_format(house):
    replaced(house / "minzheng/contracts/editions.py", '"snapshot"]', '"snapshot", "lines"]')
    replaced(house / "contracts/editions.yaml", "datapackage, snapshot]", "datapackage, lines]")
    replaced(
        house / "minzheng/publish/release/writing.py",
        '    if "snapshot" in edition.products:',
        '    if "lines" in edition.products:\n'
        '        text = "".join(f"{line}\\n" for line in frames.observations.rows())\n'
        '        (work / "lines.txt").write_text(text, encoding="utf-8")\n'
        '    if "snapshot" in edition.products:',
    )
    code = """
import datetime as dt, pathlib, sys
from minzheng.contracts.editions import edition
from minzheng.disclosure.frames import SCHEMAS, ReleaseFrames
from minzheng.publish.cells import Published
from minzheng.publish.release.writing import write_products
import polars as pl
names = ('observations', 'progress', 'quality', 'leads', 'indicators', 'areas')
frames = ReleaseFrames(*(pl.DataFrame(schema=SCHEMAS[name]) for name in names))
row = {'indicator_id': 'orphan_total', 'ref_area': '{AREA}', 'time_period': '2024-01', 'obs_value': 3.0}
frames = ReleaseFrames(pl.DataFrame([row], schema=SCHEMAS['observations']), *(getattr(frames, name) for name in names[1:])).shaped()
bureau = edition('bureau')
assert 'lines' in bureau.products
work = pathlib.Path('work'); work.mkdir()
only = bureau.model_copy(update={'products': ('lines',), 'files': ()})
write_products(work, Published(frames, '2024-01'), '2024-01-r1', dt.date(2024, 2, 20), only)
print((work / 'lines.txt').read_text()[:40])
""".replace("{AREA}", AREA)
    assert run(house, code).startswith(f"('orphan_total', '{AREA}', '2024-01'")


PLAN = """\
plan: "165"
title: {zh: 示例规划, en: Example plan}
short: {zh: 示例, en: example}
first: "2031-01"
last: "2035-12"
area: "{AREA}"
owner: 示例民政局
reports_to: 示例县人民政府
sources: ["docs/sources.md 7"]
""".replace("{AREA}", AREA)
ROWS = """\
- indicator: nursing_bed_share
  nature: expected_national
  direction: up
  measure: rate
  unit: "%"
  baseline: {period: "2030", value: 60, source: 示例, verified: true}
  targets: [{period: "2035", value: 70, source: 示例, verified: true}]
"""


def test_add_a_plan(house):
    folder = house / "contracts/plans/165"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "rows.yaml").write_text(ROWS, encoding="utf-8")
    code = """
import polars as pl
from minzheng.contracts.plans import plan_ids, plans_for
from minzheng.disclosure.frames import SCHEMAS
from minzheng.progress.table import progress_table
row = {'indicator_id': 'nursing_bed_share', 'ref_area': '{AREA}', 'time_period': '2033-01', 'obs_value': 70.5, 'obs_status': 'A',
       'residence': '_T', 'sex': '_T', 'age_group': '_T', 'category': '_T', 'conf_status': 'F', 'decimals': 1}
seen = pl.DataFrame([row], schema=SCHEMAS['observations'])
(new,) = [one for one in plans_for('2033-01', {'145': '2027-01', '155': '2032-01'})]
table = progress_table(seen, new, '2033-01').filter(ref_area='{AREA}')
print(plan_ids(), table.select('plan_id', 'indicator_id', 'target_value', 'status_path').rows())
""".replace("{AREA}", AREA)
    assert run(house, code) == (
        "('145', '155', '165') [('165', 'nursing_bed_share', 70.0, 'target_achieved')]\n"
    )


def test_a_county_that_is_on_no_list_is_a_file_of_regions(house):
    places = "区划代码,名称,级别,上级代码,城乡属性\n639900,大虚州,地级,630000,\n639901,大虚县,县,639900,\n639901100,虚镇,乡镇,639901,\n639901100001,虚村,村,639901100,220\n"
    (house.parent / "places.csv").write_text(places, encoding="utf-8")
    code = """
import sys
from minzheng.cli import main
sys.argv = ['minzheng', 'init', '--region', '639901', '--list', 'places.csv']
try: main()
except SystemExit: pass
from minzheng.contracts.regions import county, townships
print(county(), townships())
"""
    assert run(house, code).endswith("639901 {'639901100': '虚镇'}\n")
