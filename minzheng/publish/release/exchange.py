"""Machine-readable descriptions of the same numbers: Frictionless Data Package and SDMX-CSV 2.0, with code lists."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.editions import Edition
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.observations import observation_columns
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.report import words
from minzheng.disclosure.frames import KEYS, MAIN, SCHEMAS, ReleaseFrames
from minzheng.publish.release.files import write_csv, write_parquet

FIELD_TYPES = {
    pl.String: "string",
    pl.Float64: "number",
    pl.Int32: "integer",
    pl.Int64: "integer",
    pl.Boolean: "boolean",
    pl.Date: "date",
}
STRUCTURE_ID = "MINZHENG:DF_INDICATORS(1.0)"
SDMX_DIMENSIONS = ("freq", "indicator_id", "ref_area", *DIMENSIONS, "time_period")
SDMX_ATTRIBUTES = ("unit_measure", "decimals", "obs_status", "conf_status", "definition_version")


def field_titles() -> dict[str, dict[str, str]]:
    """What each published column means, in Chinese and English."""
    told = read_yaml(CONTRACTS / "report" / "columns.yaml")
    for name, one in observation_columns().items():
        if one.published:
            told[name] = {"title": one.title, "description": one.description}
    return told


def table_titles() -> dict[str, dict[str, str]]:
    """`contracts/report/tables.yaml`: what each published table holds, in Chinese and English."""
    return read_yaml(CONTRACTS / "report" / "tables.yaml")


def code_lists(frames: ReleaseFrames) -> dict[str, list[dict[str, str]]]:
    """The code lists of a release: statuses and breakdowns by their names, areas and indicators as published."""
    lists = read_yaml(CONTRACTS / "report" / "code_lists.yaml")
    told = {
        name: [{"code": str(code), "title": zh} for code, zh in codes.items()]
        for name, codes in lists.items()
    }
    reasons = words().reasons.items()
    told["reason"] = [{"code": code, "title": word.zh} for code, word in reasons]
    marks = frames.observations["conf_status"].unique()
    told["conf_status"] = [one for one in told["conf_status"] if one["code"] in marks]
    told["ref_area"] = [{"code": code, "title": name} for code, name in frames.areas.iter_rows()]
    names = frames.indicators.select("indicator_id", "name_zh")
    told["indicator_id"] = [{"code": code, "title": name} for code, name in names.iter_rows()]
    return told


def csv_path(name: str) -> str:
    """Where a release holds the CSV of a frame, relative to the release; its Parquet file lies beside it."""
    return f"{name}.csv" if name in MAIN else f"data/{name}.csv"


def write_frames(folder: Path, frames: ReleaseFrames, edition: Edition) -> None:
    """The edition's files as CSV and Parquet, but of the revisions only the CSV (contract of outputs)."""
    about = {"edition": edition.name, "marking": edition.marking.zh}
    for name in edition.files:
        path = folder / csv_path(name)
        path.parent.mkdir(exist_ok=True)
        write_csv(getattr(frames, name), path)
        if name != "revisions":
            write_parquet(getattr(frames, name), path.with_suffix(".parquet"), about)


def read_frame(folder: Path, name: str) -> pl.DataFrame:
    """A frame of an edition from its Parquet or, of the revisions, CSV file; empty where the edition does not hold it."""
    path = folder / csv_path(name)
    if path.with_suffix(".parquet").is_file():
        return pl.read_parquet(path.with_suffix(".parquet"))
    return (
        pl.read_csv(path, schema=SCHEMAS[name])
        if path.is_file()
        else pl.DataFrame(schema=SCHEMAS[name])
    )


def read_frames(folder: Path) -> ReleaseFrames:
    """All frames of an edition, as they were written."""
    return ReleaseFrames(**{name: read_frame(folder, name) for name in SCHEMAS})


def resource(folder: Path, name: str) -> dict[str, Any]:
    """One CSV of the package: path, hash, and the schema of its columns."""
    content, titles = (folder / csv_path(name)).read_bytes(), field_titles()
    fields = [
        {"name": column, "type": FIELD_TYPES[dtype], **titles[column]}
        for column, dtype in SCHEMAS[name].items()
    ]
    for field in fields:
        if field["name"] in KEYS[name]:
            field["constraints"] = {"required": True}
    return {
        "name": name,
        **table_titles()[name],
        "path": csv_path(name),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "schema": {"fields": fields, "primaryKey": list(KEYS[name]), "missingValues": [""]},
    }


def write_datapackage(
    folder: Path, frames: ReleaseFrames, edition: Edition, release: str, title: str
) -> None:
    """datapackage.json beside the CSV files it describes, which must be there already."""
    package = {
        "profile": "tabular-data-package",
        "name": f"minzheng-{release}",
        "title": title,
        "version": release,
        "edition": edition.name,
        "marking": edition.marking.zh,
        "resources": [resource(folder, name) for name in edition.files],
        "codeLists": code_lists(frames),
    }
    text = json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def sdmx_csv(frames: ReleaseFrames) -> pl.DataFrame:
    """The observations as SDMX-CSV 2.0: one row a cell, action I, upper-case component names.

    A withheld cell has CONF_STATUS C and no value; OBS_STATUS keeps its own letter.
    """
    head = [
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(STRUCTURE_ID).alias("STRUCTURE_ID"),
        pl.lit("I").alias("ACTION"),
    ]
    columns = [*SDMX_DIMENSIONS, "obs_value", *SDMX_ATTRIBUTES]
    return frames.observations.select(
        *head, *(pl.col(name).alias(name.upper()) for name in columns)
    )


def write_sdmx_csv(folder: Path, frames: ReleaseFrames) -> None:
    """observations.sdmx.csv, without a byte order mark as the standard's readers expect."""
    write_csv(sdmx_csv(frames), folder / "observations.sdmx.csv", bom=False)
