"""The registry: what its schema refuses, and that an indicator more touches no file but its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from minzheng.contracts.indicators import read_indicator, registry
from minzheng.contracts.paths import CONTRACTS
from minzheng.errors import MinzhengError
from tests.place import AREA

ROOT = Path(__file__).parents[2]


def given(**changes) -> str:
    told = yaml.safe_load(
        (CONTRACTS / "indicators" / "tekun_minor_16_17.yaml").read_text(encoding="utf-8")
    )
    return yaml.safe_dump(told | changes, allow_unicode=True)


def test_there_are_the_175_of_the_plan_each_under_its_own_name():
    assert len([each for each in registry().values() if not each.optional]) == 175
    assert all(code == each.code for code, each in registry().items())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"names": {"zh": "甲", "en": "A", "bo": "ཀ"}}, "names.bo: Extra inputs are not permitted"),
        (
            {"inputs": [{"dataset": "tekun_roll", "file": "x"}]},
            "inputs.1.file: Extra inputs are not permitted",
        ),
        (
            {"disclosure": {"kind": "persons", "threshold": 3}},
            "disclosure.threshold: Extra inputs are not permitted",
        ),
        ({"unit": None}, "unit: Input should be a valid string"),
        ({"direction": "sideways"}, "direction: Input should be"),
        ({"inputs": [{"dataset": "horse_roll"}]}, "unknown dataset"),
        ({"versions": []}, "versions: List should have at least 1 item"),
        ({"code": "another"}, "tekun_minor_16_17.yaml: holds another"),
    ],
)
def test_what_the_schema_does_not_know_or_lacks_is_refused_in_one_line(
    changes, complaint, tmp_path
):
    path = tmp_path / "tekun_minor_16_17.yaml"
    path.write_text(given(**changes), encoding="utf-8")
    with pytest.raises(MinzhengError, match=complaint) as raised:
        read_indicator(path)
    assert "\n" not in str(raised.value)


def test_definitions_follow_each_other_without_a_gap(tmp_path):
    told = yaml.safe_load(given())["versions"][0]
    gap = [
        told | {"valid_to": "2022-01"},
        told | {"version": "2023", "valid_from": "2023-01", "valid_to": None},
    ]
    path = tmp_path / "tekun_minor_16_17.yaml"
    path.write_text(given(versions=gap), encoding="utf-8")
    with pytest.raises(MinzhengError, match="version 2023 does not begin where"):
        read_indicator(path)


MODEL = """-- One row per supported person aged eighty and over.
select 'tekun_old_old' as indicator_id, roll.month, township_code, person_key as case_key, sex
from register.tekun_roll as roll
join work.month using (month)
where active and age >= 80
"""
USE = """
import json, duckdb
from minzheng.publish.release.draft import indicator_names
from minzheng.indicators.models import compute, observations
from minzheng.warehouse.lineage import models_of, sources
from minzheng.warehouse.connection import create_tables
connection = duckdb.connect()
create_tables(connection)
connection.execute("insert into register.tekun_roll (month, township_code, person_key, sex, age, active) values "
    "('2024-03', '{AREA}100', 'a', 'F', 80, true), ('2024-03', '{AREA}101', 'b', 'M', 91, true), ('2024-03', '{AREA}101', 'c', 'M', 79, true)")
connection.execute("insert into register.coverage (dataset, month, township_code, intake_no) values ('tekun_roll', '2024-03', '{AREA}', 1)")
compute(connection, ["2024-03"])
rows = observations(connection, "2024-03", "2024-03").to_dicts()
print(json.dumps({
    "cells": {r["ref_area"] + r["sex"]: r["obs_value"] for r in rows if r["indicator_id"] == "tekun_old_old"},
    "others": len({r["indicator_id"] for r in rows}),
    "models": models_of("tekun_old_old"),
    "named": "tekun_old_old" in indicator_names()["indicator_id"].to_list(),
    "read": sources().filter(indicator_id="tekun_old_old")["dataset"].to_list(),
}))
""".replace("{AREA}", AREA)


def test_an_indicator_more_is_two_files_of_its_own(tmp_path):
    for name in ("minzheng", "contracts", "sql", "quality"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    added = {
        tmp_path / "contracts" / "indicators" / "tekun_old_old.yaml": given(
            code="tekun_old_old",
            names={"zh": "八十岁以上特困人员数", "en": "Supported persons aged 80+"},
            clauses=[],
        ),
        tmp_path / "sql" / "indicator" / "case" / "tekun_old_old.sql": MODEL,
    }
    for path, text in added.items():
        path.write_text(text, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert {key: value for key, value in found["cells"].items() if value} == {
        f"{AREA}_T": 2, f"{AREA}F": 1, f"{AREA}M": 1, f"{AREA}100_T": 1, f"{AREA}100F": 1, f"{AREA}101_T": 1, f"{AREA}101M": 1,
    }  # fmt: skip
    assert found["others"] == 176
    assert found["models"] == ["indicator/case/tekun_old_old.sql"]
    assert found["named"]
    assert found["read"] == ["tekun_roll"]
