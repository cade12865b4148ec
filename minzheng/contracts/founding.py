"""The contracts of a new home: whose it is, its regions, and our plans as the plans of another area."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from minzheng.contracts.datasets import codes, dataset
from minzheng.contracts.paths import CONTRACTS, parse_yaml
from minzheng.contracts.regions import LEVELS, County, Region, around, short
from minzheng.errors import MinzhengError, WrongCall

_HEAD = """\
# 本数据目录的地区。本文件夹中的文件按同名文件覆盖程序自带的 contracts：YAML 逐项覆盖，其余整份替换，新文件即新增。
# Whose home this is. A YAML file in this folder is laid over ours of the same name, key by key.
"""


def found_contracts(own: Path, code: str, name: str | None, given: Path | None) -> None:
    """Write into `own` what makes a home that of the area `code`: `county.yaml`, its list of regions if `given`, its plans.

    `given`: a file of the dataset 行政区划, or a list as ours. Nothing is written over; a fault leaves nothing half written.
    Raises `WrongCall` for no code of a county or prefecture, another name than the list's, or an area without townships;
    `MinzhengError` for an area in no list and for a home of another area.
    """
    if not re.fullmatch("[0-9]{6}", code):
        raise WrongCall(
            f"--region {code}: six digits, a county's or a prefecture's", "地区代码应为六位数字"
        )
    area = short(code)
    rows = around(area, read_regions(given) if given else ())
    here = next(region for region in rows if region.code == area)
    if name and name != here.name:
        raise WrongCall(
            f"region {code} is {here.name} in the list, not {name}", f"{code} 在清单中是{here.name}"
        )
    levels = {region.level for region in rows}
    if not {"province", "county", "township"} <= levels or here.parent not in {
        r.code for r in rows
    }:
        raise WrongCall(
            f"the list of region {code} lacks its townships or what it lies in",
            f"{here.name}的清单中没有乡镇，或没有它的上级",
        )
    told = own / "county.yaml"
    if (
        told.is_file()
        and short(str(parse_yaml(told.read_text(encoding="utf-8"))["region"])) != area
    ):
        raise MinzhengError(
            f"{own.parent} is the home of another area: give this one its own",
            f"{own.parent} 是另一地区的数据目录：请另建",
        )
    for file, text in _files(code, here, rows, listed=given is not None).items():
        if not (own / file).exists():
            (own / file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (own / file).write_text(text, encoding="utf-8")


def _files(code: str, here: Region, rows: tuple[Region, ...], listed: bool) -> dict[str, str]:
    """The texts of a home's own contracts, by file."""
    names = {region.level: region.name for region in rows if len(region.code) <= 4}
    province = re.sub("(省|市|(?:壮族|回族|维吾尔)?自治区)$", "", names["province"])
    everyday = {
        region.code: [re.sub(r"^(..).*族自治州$", r"\1州", region.name)]
        for region in rows
        if region.level == "prefecture" and len(region.code) < len(here.code)
    }
    county = {"region": code, "spellings": everyday, "price_index": province}
    files = {"county.yaml": _HEAD + _yaml(county)}
    if province not in codes("cpi_place"):
        files["codes.yaml"] = _yaml({"cpi_place": {province: {"synonyms": [names["province"]]}}})
    if listed:
        files[f"regions/{here.code}.csv"] = _csv(rows)
    ours = County.model_validate(parse_yaml((CONTRACTS / "county.yaml").read_text("utf-8"))).region
    our_name = next(region.name for region in around(ours, ()) if region.code == ours)
    for folder in sorted((CONTRACTS / "plans").iterdir()):
        told = (folder / "plan.yaml").read_text(encoding="utf-8").replace(our_name, here.name)
        plan = parse_yaml(told.replace(ours, here.code))
        plan["title"]["en"] = f"{here.name}, {plan['short']['en']} civil-affairs plan"
        plan["sources"] = [one for one in plan["sources"] if not one.startswith("text.txt")]
        files[f"plans/{folder.name}/plan.yaml"] = _yaml(plan)
        for file in ("rows.yaml", "crosswalk.csv"):
            if (folder / file).is_file():
                files[f"plans/{folder.name}/{file}"] = (folder / file).read_text(encoding="utf-8")
    return files


def read_regions(path: Path) -> list[Region]:
    """The regions of a CSV: a list as ours, or a file of the dataset 行政区划 (UTF-8 or GB18030)."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    lines = text.splitlines()
    heads = {c.header: c.name for c in dataset("region").columns}
    ours = {"region_code": "code", "region_name": "name_zh", "region_kind": "kind"}
    at = next((n for n, line in enumerate(lines) if re.match('"?(code|区划代码)"?,', line)), None)
    if at is None:
        raise _no_list(path, "no line of heads that begins with 区划代码")
    rows = [
        {ours.get(heads.get(key, key), heads.get(key, key)): value for key, value in row.items()}
        for row in csv.DictReader(lines[at:])
    ]
    try:
        return [_region(row) for row in rows if row["code"]]
    except KeyError as missing:
        raise _no_list(path, f"no column {missing}") from None
    except IndexError:
        raise _no_list(path, "no code of 2, 4, 6, 9 or 12 digits in a row") from None


def _no_list(path: Path, why: str) -> MinzhengError:
    return MinzhengError(
        f"{path.name} is no list of regions: {why}", f"{path.name} 不是行政区划清单"
    )


def _region(row: dict[str, str]) -> Region:
    code = short(row["code"].strip())
    if len(code) not in LEVELS:
        raise IndexError(code)
    return Region(
        code=code,
        name=row["name_zh"].strip(),
        level=LEVELS[len(code)],
        parent=short(row["parent_code"].strip()),
        kind=row["kind"] or None,
    )


def _csv(rows: Iterable[Region]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["code", "name_zh", "level", "parent_code", "kind"])
    writer.writerows((one.code, one.name, one.level, one.parent, one.kind or "") for one in rows)
    return text.getvalue()


def _yaml(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
