"""A fictitious county whose plan has ended: frames of its last month, the offices' reports, how the returns came."""

import contextlib
import shutil

import polars as pl
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts import paths, plans
from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.plans import plan
from minzheng.progress.tasks import read_reports, task_stands, task_table
from minzheng.publish.evaluation.gathering import assemble
from tests.place import AREA_NAME
from tests.site.county import TOWNSHIPS, frames

LAST = "2025-12"
REPORTED = f"""任务编号,状态,日期,依据,填报单位
SYS-DOC-4,已完成,2024-02-06,刚民〔2024〕3号,{AREA_NAME}民政局
SYS-MONITOR,推进中,2024-01-15,,{AREA_NAME}民政局
SYS-DOC-1,未启动,2025-01-15,,{AREA_NAME}民政局
SYS-DOC-2,已完成,2026-02-01,刚民〔2026〕1号,{AREA_NAME}民政局
"""
SIGNER = Ed25519PrivateKey.from_private_bytes(b"fictitious signing key, 32 bytes")


@contextlib.contextmanager
def targets_of(folder, patch, **more):
    """Plan 145 among a home's own contracts, where the rows named have further lines of targets; its folder."""
    there = folder / "contracts" / "plans" / "145"
    shutil.copytree(plans.PLANS / "145", there)
    rows = read_yaml(there / "rows.yaml")
    for row in rows:
        row["targets"] = row.get("targets", []) + more.get(row["indicator"], [])
    (there / "rows.yaml").write_text(yaml.safe_dump(rows, allow_unicode=True), "utf-8")
    read = (plans.plan, plans.plan_ids, plans.redefinitions, plans.predecessors)
    with patch.context() as own:
        own.setattr(paths, "OWN", folder / "contracts")
        for told in read:
            told.cache_clear()
        yield there
    for told in read:
        told.cache_clear()


def stands():
    """What the offices had reported; the last line is dated after the plan's end."""
    return task_stands(task_table([plan("145")], read_reports(REPORTED), LAST))


def arrivals(*lacking):
    """Two datasets a month of every township, all in time but the last month's of the places named."""
    rows = [
        (
            month,
            name,
            area,
            "missing"
            if month == LAST and area in lacking and name == "elder_assess"
            else "on_time",
            0,
        )
        for month in ("2024-12", "2025-11", LAST)
        for name in ("dibao_roll", "elder_assess")
        for area in TOWNSHIPS
    ]
    names = ["month", "dataset", "township_code", "state", "quarantined"]
    return pl.DataFrame(rows, schema=names, orient="row")


def evaluation(change=None, lacking=(), before=(), **more):
    """The evaluation of plan 145; `change` edits the observations."""
    drawn = frames("2024-07", LAST, change=change)
    return assemble(drawn, plan("145"), LAST, stands(), arrivals(*lacking), before=before, **more)


@pytest.fixture(scope="session")
def evaluated():
    return evaluation()
