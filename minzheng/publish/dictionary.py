"""The data dictionary of a release as a page of the documentation: every table, every column.

Run `python -m minzheng.publish.dictionary` after a change of a table; a test compares the page.
"""

from pathlib import Path

from minzheng.publish.exchange import FIELD_TYPES, csv_path, field_titles, table_titles
from minzheng.publish.frames import KEYS, SCHEMAS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data.md"
HEAD = """# What a release holds, column by column

An edition holds those of the tables that `contracts/editions.yaml` names for it. Every table is a CSV (UTF-8 with a byte order mark, an empty field for null), a Parquet file beside it (but of the revisions)
and, in the bureau's edition, a table of `snapshot.duckdb`. `datapackage.json` says the same for machines, with code lists; `observations.sdmx.csv` holds
the observations as SDMX-CSV 2.0. Keys are marked *. A cell without a number keeps its reason: `obs_status` M (missing),
L (not applicable), `conf_status` C (withheld). Zero is zero.
"""


def data_dictionary() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *(table_section(name) for name in SCHEMAS)])


def table_section(name: str) -> str:
    """One table: its files, what a row is, its columns with type and meaning."""
    told, titles = table_titles()[name], field_titles()
    lines = [f"## {told['title']}: `{csv_path(name)}`", "", f"{told['description']}.", ""]
    lines += ["| column | type | 中文 | meaning |", "|---|---|---|---|"]
    for column, dtype in SCHEMAS[name].items():
        mark = "*" if column in KEYS[name] else ""
        title = titles[column]
        lines.append(f"| `{column}`{mark} | {FIELD_TYPES[dtype]} | {title['title']} | {title['description']} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(data_dictionary(), encoding="utf-8")
