"""Another county's plan is data: in its home lie only a folder, a list of regions and a name of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.place import AREA_SHORT

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "plan_changting"
PLAN = "changting-145"

# Runs in the copy: made-up figures of the county and its townships through progress, pages and evaluation.
SCRIPT = """
import json, sys
from pathlib import Path
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from minzheng.contracts.editions import edition
from minzheng.contracts.indicators import registry
from minzheng.contracts.plans import plan, plan_ids, plans_for
from minzheng.contracts.regions import county, region_names, townships
from minzheng.months import months_between
from minzheng.progress.targets import targets_table
from minzheng.progress.tasks import read_reports, task_stands, task_table
from minzheng.publish.evaluation.gathering import assemble
from minzheng.publish.evaluation.writing import write_evaluation
from minzheng.progress.tasks import progress
from minzheng.publish.release.draft import indicator_names
from minzheng.disclosure.frames import SCHEMAS, ReleaseFrames
from minzheng.publish.site import write_site

to, last = Path(sys.argv[1]), "2025-12"
(one,) = plans_for(last)
rows = []
for place, area in enumerate([county(), *townships()]):
    for row in one.rows:
        for step, month in enumerate(months_between("2024-10", last)):
            part, whole = 40.0 + place + step, 80.0
            value = 100 * part / whole if row.unit == "%" else part
            rows.append({"indicator_id": row.indicator, "ref_area": area, "time_period": month, "freq": "M",
                         "residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T", "numerator": part,
                         "denominator": whole, "obs_value": value, "decimals": registry()[row.indicator].decimals,
                         "unit_measure": row.unit, "obs_status": "A", "conf_status": "F", "definition_version": "1",
                         "release": "draft", "note": ""})
figures = pl.DataFrame(rows)
reported = read_reports("任务编号,状态,日期,依据,填报单位\\nCT-SMART,已完成,2024-02-06,示例〔2024〕3号,示例科\\n")
tasks = task_table([one], reported, last)
names = pl.DataFrame(sorted(region_names().items()), schema=["code", "name_zh"], orient="row")
empty = {name: pl.DataFrame(schema=SCHEMAS[name]) for name in ("quality", "leads", "revisions")}
frames = ReleaseFrames(observations=figures, progress=progress(figures, tasks, [one], last), tasks=tasks, areas=names,
                       indicators=indicator_names().filter(pl.col("indicator_id").is_in(figures["indicator_id"].unique())),
                       targets=targets_table(figures, one, last), **empty).shaped()
to.mkdir()
write_site(to, last, frames, edition("bureau"))
due = [(last, "dibao_roll", area, "on_time", 0) for area in townships()]
arrivals = pl.DataFrame(due, schema=["month", "dataset", "township_code", "state", "quarantined"], orient="row")
found = assemble(frames, one, last, task_stands(tasks), arrivals)
write_evaluation(to / "evaluation", found, key=Ed25519PrivateKey.from_private_bytes(b"fictitious signing key, 32 bytes"))
print(json.dumps({"plans": plan_ids(), "items": len(found.items), "townships": len(townships()),
                  "open": [item.item_id for item in found.items if (item.verdict is None) == (item.reason is None)],
                  "beds": next(item.verdict for item in found.items if item.item_id == "nursing_bed_share")}))
"""


@pytest.fixture(scope="module")
def changting(tmp_path_factory):
    """A home with the example's files in their places, and what the script made of it."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(EXAMPLE / "regions", home / "contracts" / "regions")
    shutil.copyfile(EXAMPLE / "county.yaml", home / "contracts" / "county.yaml")
    shutil.copytree(EXAMPLE / PLAN, home / "contracts" / "plans" / PLAN)
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home / "made")],
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(home)}
        | {"MINZHENG_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return home, made.stdout


def test_the_foreign_plan_runs_through_progress_pages_and_evaluation_without_a_line_of_code(
    changting,
):
    said = changting[1]
    assert '"plans": ["changting-145"]' in said
    assert '"items": 19, "townships": 18, "open": [], "beds": "reached"' in said


def test_its_pages_and_its_evaluation_name_its_county(changting):
    made = changting[0] / "made"
    home = (made / "site" / "index.html").read_text(encoding="utf-8")
    assert "长汀县民政规划指标监测" in home
    assert "养老机构护理型床位占比" in home
    evaluation = (made / "evaluation" / "site" / "index.html").read_text(encoding="utf-8")
    for part in (
        "关于长汀县“十四五”民政事业发展专项规划实施情况的总结评估报告",
        "长汀县人民政府",
        "长汀县民政局",
        "汀州镇",
    ):
        assert part in evaluation, part
    assert AREA_SHORT not in evaluation
