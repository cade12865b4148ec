"""How the house is told in the Dagster UI: groups, owners, table schemas in Chinese and English, from contracts and SQL."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import dagster as dg

from minzheng.contracts.datasets import KEY_NAME, dataset, read_yaml, register_columns
from minzheng.contracts.indicators import Indicator, registry
from minzheng.contracts.observations import stored_columns
from minzheng.contracts.paths import SQL
from minzheng.custody.home import Home
from minzheng.custody.settings import settings

TABLES = SQL / "tables"
_COLUMN = re.compile(r"^    (\w+) ([a-z]+(?:\([\d, ]+\))?),?\s*(?:-- (.*))?$")

CLERK, DESK, PLANNER = ["team:数据员"], ["team:救助核查"], ["team:规划统计"]
"""Who answers for an asset: roles of the bureau, not persons."""

KIND_ZH = {
    "roll": "名册",
    "ledger": "发放与办理台账",
    "facility": "机构设施",
    "aggregate": "汇总报表",
    "partner": "部门比对数据",
    "reference": "参数与基础数据",
}


def dataset_group(layer: str, name: str) -> str:
    """The group of a dataset's asset: the layer, then what kind of list it is."""
    return f"{layer}/{dataset(name).kind}"


def read_by(name: str) -> list[Indicator]:
    """The indicators that read a dataset."""
    return [one for one in registry().values() if any(need.dataset == name for need in one.inputs)]


def clauses(indicators: list[Indicator]) -> str:
    """The outline's clauses behind indicators, each once; a dash where none is."""
    return "、".join(sorted(set().union(*(one.clauses for one in indicators)))) or "—"


def dataset_facts(name: str) -> dict:
    """What the definition tab says of a dataset: unit of a row, senders' rhythm, clauses served, schema."""
    contract = dataset(name)
    rhythm = {"monthly": "按月", "yearly": "按年", "on change": "有变动时"}[contract.frequency]
    return {
        "类别": KIND_ZH[contract.kind],
        "单位": f"行({contract.grain})",
        "报送频率": rhythm,
        "服务的规划条款": clauses(read_by(name)),
        "用到它的指标数": len(read_by(name)),
        "dagster/column_schema": dataset_schema(name),
    }


def dataset_schema(name: str) -> dg.TableSchema:
    """The columns of `raw.<name>` and `register.<name>`; a pseudonym is called one, not what it stands in for."""
    found = []
    for column in register_columns(name):
        zh, en = column.note.zh, column.note.en
        if source := dataset(name).column(column.source or ""):
            zh = f"{source.header}：{zh}"
        if column.name in KEY_NAME.values():
            zh, en = f"代号，代替{source.header}", f"Pseudonym in place of: {en}"
        found.append(dg.TableColumn(column.name, column.type.lower(), description=f"{zh} · {en}"))
    return dg.TableSchema(found)


@cache
def _table_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(TABLES.glob("*.sql")))


@cache
def _chinese() -> dict[str, str]:
    return read_yaml(Path(__file__).with_name("columns.yaml"))


def observation_schema() -> dg.TableSchema:
    """The columns of the observations, in Chinese and English."""
    return dg.TableSchema(
        [
            dg.TableColumn(name, one.type, description=f"{one.title} · {one.description}")
            for name, one in stored_columns().items()
        ]
    )


def table_schema(table: str) -> dg.TableSchema:
    """The columns of a table made in `sql/tables/`, in Chinese (`columns.yaml`) and English (the table's comments)."""
    body = _table_files().split(f"create table if not exists {table} (", 1)[1].split("\n);", 1)[0]
    found = [m for m in map(_COLUMN.match, body.splitlines()) if m]
    return dg.TableSchema(
        [
            dg.TableColumn(
                m[1], m[2], description=f"{_chinese()[m[1]]} · {m[3] or m[1].replace('_', ' ')}"
            )
            for m in found
        ]
    )


def page_address(month: str, page: str) -> str:
    """Where a month's page is: as the settings say the pages are served, else beside the UI."""
    base = settings(Home.find()).site.url
    return f"{base.rstrip('/')}/{page}" if base else f"../../pages/{month}/site/{page}"


def month_pages(month: str, page: str = "index.html") -> dict[str, dg.MetadataValue]:
    """The link 网页 to a month's page."""
    return {"网页": dg.MetadataValue.md(f"[打开网页]({page_address(month, page)})")}


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence]) -> str:
    """A table in Markdown; None is an empty cell."""
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join(
        "| " + " | ".join("" if cell is None else str(cell) for cell in line) + " |"
        for line in lines
    )
