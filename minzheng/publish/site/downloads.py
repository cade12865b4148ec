"""One CSV an indicator for download, with names beside codes; the whole table is the release's observations.csv."""

from pathlib import Path

import polars as pl

from minzheng.disclosure.frames import CELL, MAIN, SCHEMAS
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


def further_tables() -> dict[str, list[tuple[str, str, str]]]:
    """The release's tables in `data/`: name, what it holds in Chinese and in English."""
    told = table_titles()
    return {
        "tables": [
            (name, told[name]["title"], told[name]["description"])
            for name in SCHEMAS
            if name not in MAIN
        ]
    }
