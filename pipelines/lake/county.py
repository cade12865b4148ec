"""A county's months, computed in a DuckDB of the task's own from what lies in the lake, and nowhere else."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from minzheng.contracts.regions import county, townships
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import create_tables
from minzheng.warehouse.lake import (
    INPUT,
    RESULT,
    Lake,
    definitions,
    refuse_strangers,
    write_results,
)
from pipelines.lake.task import Done, Task
from quality.gate import compute_months

BLOCK = 12
"""Months computed at once: what is counted of them must lie in memory or be spilled."""


def run(task: Task) -> Done:
    """Compute the task's months and replace them in the lake."""
    lake, months = Lake(Path(task.lake)), task.months
    with opened(task) as connection:
        lake.read(connection, "register", task.county, INPUT)
        refuse_strangers(connection, task.county, townships())
        lake.read(connection, "result", task.county, RESULT, before=months[0])
        for start in range(0, len(months), BLOCK):
            compute_months(connection, months[start : start + BLOCK])
        lake.replace(
            "result",
            task.county,
            months,
            lambda month, folder: write_results(connection, month, folder),
        )
    return Done(task.county, len(months))


@contextlib.contextmanager
def opened(task: Task) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse of the task's own: one thread, bounded memory, the rest on the worker's disk until the task ends."""
    refuse_foreign(task)
    with TemporaryDirectory(prefix="minzheng-") as folder:
        config = {"threads": 1, "memory_limit": task.memory, "temp_directory": folder}
        with duckdb.connect(f"{folder}/task.duckdb", config=config) as connection:
            connection.execute("set preserve_insertion_order = false")
            connection.execute("set enable_progress_bar = false")
            create_tables(connection)
            try:
                yield connection
            except duckdb.OutOfMemoryException:
                raise MinzhengError(
                    f"county {task.county} needs more than {task.memory} of memory: give its tasks more, `--memory`",
                    f"{task.county} 的计算超出内存上限 {task.memory}：请用 --memory 放宽",
                ) from None


def refuse_foreign(task: Task) -> None:
    """`MinzhengError` on a worker with other definitions than the driver's, or without the county's own contracts."""
    if definitions() != task.definitions:
        raise MinzhengError(
            f"a worker has definitions {definitions()}, the driver {task.definitions}: install one version everywhere",
            "工作节点与主节点的程序版本（口径）不同：请统一版本",
        )
    if county() != task.county:
        raise MinzhengError(
            f"{task.county} stands in no list of regions: its folder in the lake has no contracts of its own; export it again",
            f"行政区划清单中没有 {task.county}：其目录中缺少本县的合同文件，请重新导出",
        )
