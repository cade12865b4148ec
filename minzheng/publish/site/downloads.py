"""One CSV an indicator for download, with names beside codes; the whole table is the release's observations.csv."""

from pathlib import Path

import polars as pl

from minzheng.disclosure.frames import CELL, MAIN
from minzheng.publish.release.exchange import table_titles
from minzheng.publish.release.files import write_csv
from minzheng.publish.site.book import Book

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_series(book: Book, folder: Path) -> None:
    """`<indicator>.csv` for every indicator of the release: all its published cells, in the order of the contract."""
    folder.mkdir(parents=True, exist_ok=True)
    names = pl.DataFrame(
        {
            "ref_area": list(book.names),
            "area_name": [as_text(name) for name in book.names.values()],
        },
        schema={"ref_area": pl.String, "area_name": pl.String},
    )
    told = [
        "obs_value",
        "unit_measure",
        "obs_status",
        "conf_status",
        "numerator",
        "denominator",
        "lower_bound",
    ]
    told += ["upper_bound", "definition_version", "release", "note"]
    named = book.frames.observations.join(names, on="ref_area", how="left", maintain_order="left")
    chosen = named.select(*CELL[:2], "area_name", *CELL[2:], *told)
    for (code,), rows in chosen.partition_by(
        "indicator_id", as_dict=True, maintain_order=True
    ).items():
        write_csv(rows, folder / f"{code}.csv")


def as_text(name: str) -> str:
    """The name, kept from becoming a formula in a spreadsheet."""
    return f"'{name}" if name.startswith(FORMULA_STARTS) else name


FILES = (
    ("report", "report.docx", "月度报告（Word）", "monthly report (Word, Chinese)"),
    ("report", "report.pdf", "月度报告（PDF）", "monthly report (PDF, Chinese)"),
    ("tables", "tables.xlsx", "附表（Excel）", "tables (Excel)"),
    ("observations", "observations.csv", "全部指标数据（CSV）", "all figures (CSV)"),
    ("observations", "observations.parquet", "全部指标数据（Parquet）", "all figures (Parquet)"),
    ("progress", "progress.csv", "规划进展（CSV）", "progress (CSV)"),
    ("quality", "quality.csv", "数据质量（CSV）", "quality (CSV)"),
    ("revisions", "revisions.csv", "修订（CSV）", "revisions (CSV)"),
    ("sdmx", "observations.sdmx.csv", "SDMX-CSV 2.0", "SDMX-CSV 2.0"),
    (
        "datapackage",
        "datapackage.json",
        "数据包说明（Frictionless）",
        "data package (Frictionless)",
    ),
    (
        "snapshot",
        "snapshot.duckdb",
        "数据库快照（DuckDB，供 minzheng.open 读取）",
        "snapshot (DuckDB, what minzheng.open reads)",
    ),
)
"""The product or table that an edition must have for a file at its top, the file, what it is in Chinese and in English."""
MANIFEST = ("manifest.json", "文件清单和校验值", "manifest with hashes")


def further_tables(book: Book) -> dict[str, list[tuple[str, str, str]]]:
    """The edition's files at its top and its tables in `data/`: name, what it holds in Chinese and in English."""
    told, has = table_titles(), {*book.edition.products, *book.edition.files}
    tables = [name for name in book.edition.files if name not in MAIN]
    return {
        "files": [(name, zh, en) for part, name, zh, en in FILES if part in has] + [MANIFEST],
        "tables": [(name, told[name]["title"], told[name]["description"]) for name in tables],
    }
